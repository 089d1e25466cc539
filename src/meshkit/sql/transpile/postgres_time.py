"""Days and times in PostgreSQL's dialect; the session's zone is UTC, as the driver sets it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, literal_text, moment_text, number, text, typed

_UNITS = frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second"})
_PARTS = {
    "week": "WEEK", "weekofyear": "WEEK", "isodow": "ISODOW", "doy": "DOY", "dayofyear": "DOY", "dow": "DOW",
    "dayofweek": "DOW", "weekday": "DOW", "year": "YEAR", "month": "MONTH", "day": "DAY", "quarter": "QUARTER",
    "hour": "HOUR", "minute": "MINUTE", "isoyear": "ISOYEAR",
}  # fmt: skip
_FORMATS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%M": "MI", "%S": "SS"}
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def naive(value: exp.Expr) -> exp.Expr:
    """Write a moment as a TIMESTAMP in UTC."""
    return value.copy() if kind_of(value) is Kind.TIMESTAMP else typed(value, "TIMESTAMP")


def cast(node: exp.Expr, source: Kind, to: Kind, context: Context) -> exp.Expr:
    """Cast to a day or a time."""
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        written = moment_text(node, node.this.name.removesuffix(" +00:00"), to, context)
        return typed(text(written), {Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP"}.get(to, "TIMESTAMPTZ"))
    if not source.is_moment and source is not Kind.NULL:
        context.refuse(node, f"from {source} to {to}")
    return node


def added(node: exp.Expr, context: Context) -> exp.Expr:
    """Add and subtract numbers; a date and days; a moment and an interval; two dates; two moments."""
    kinds = kind_of(node.this), kind_of(node.expression)
    is_minus = isinstance(node, exp.Sub)
    if all(k.is_number or k is Kind.NULL for k in kinds):
        return node
    if kinds == (Kind.DATE, Kind.INTEGER):
        node.set("expression", typed(node.expression, "INTEGER"))
        return node
    if kinds[0].is_moment and isinstance(node.expression, exp.Interval):
        if kinds[0] is Kind.ZONED:
            return exp.AtTimeZone(
                this=exp.Paren(this=type(node)(this=naive(node.this), expression=node.expression.copy())),
                zone=text("UTC"),
            )
        return node
    if is_minus and kinds == (Kind.DATE, Kind.DATE):
        return node
    if is_minus and set(kinds) <= {Kind.TIMESTAMP, Kind.ZONED}:
        return exp.Sub(this=naive(node.this), expression=naive(node.expression))
    context.refuse(node, f"of {kinds[0]} and {kinds[1]}")


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Add | exp.Sub | exp.Anonymous | exp.Table | exp.GenerateSeries):
        context.refuse(node, "that stands by itself")
    amount = node.this.this if isinstance(node.this, exp.Neg) else node.this
    if not isinstance(amount, exp.Literal):
        context.refuse(node, "that is computed")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the boundaries of a unit; of weeks, those that have passed in whole."""
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    later, earlier = naive(node.this), naive(node.expression)
    if unit in _MONTHS:
        context.note(f"date_diff counts the boundaries of a {unit}")
        return exp.Paren(this=exp.Sub(this=_months(later, unit), expression=exp.Paren(this=_months(earlier, unit))))
    if unit not in _SECONDS:
        context.refuse(node, f"in {unit}s")
    whole = "day" if unit == "week" else unit
    context.note(
        "date_diff counts seven days each from day to day"
        if unit == "week"
        else f"date_diff counts the boundaries of a {unit}: both sides are truncated first"
    )
    ends = [_epoch(call("DATE_TRUNC", text(whole), part)) for part in (later, earlier)]
    difference = exp.Div(
        this=exp.Paren(this=exp.Sub(this=ends[0], expression=ends[1])), expression=number(_SECONDS[unit]), typed=True
    )
    return typed(call("TRUNC", difference), "BIGINT")


def _months(value: exp.Expr, unit: str) -> exp.Expr:
    year = typed(_extract("YEAR", value), "BIGINT")
    if unit == "year":
        return year
    part = typed(_extract(unit.upper(), value), "BIGINT")
    return exp.Add(this=exp.Mul(this=year, expression=number(12 // _MONTHS[unit])), expression=part)


def _extract(name: str, value: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var(name), expression=value.copy())


def _epoch(value: exp.Expr) -> exp.Expr:
    return _extract("EPOCH", value)


def _truncated(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    kind = context.require(node.this, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    if unit not in _UNITS:
        context.refuse(node, f"to {unit}s")
    found: exp.Expr = call("DATE_TRUNC", text(unit), naive(node.this))
    return exp.AtTimeZone(this=found, zone=text("UTC")) if kind is Kind.ZONED else found


def _part(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = name.lower()
    if name == "epoch":
        context.require(value, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, Kind.INTERVAL, of=node)
        return typed(_epoch(value), "DOUBLE")
    context.require(value, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    if name == "second":
        return typed(_extract("SECOND", call("DATE_TRUNC", text("second"), naive(value))), "BIGINT")
    if name not in _PARTS:
        context.refuse(node, f"of {name}")
    return typed(_extract(_PARTS[name], naive(value)), "BIGINT")


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    return _part(node.this.name, node.expression, node, context)


def _own_part(name: str) -> Rule:
    return lambda node, context: _part(name, node.this, node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    name, value = node.expressions
    return _part(name.name, value, node, context)


def _formatted(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, of=node)
    written = literal_text(node.args["format"])
    pieces = re.findall(r"%[YmdHMS]|[-/: .,T]+", written or "")
    if not pieces or "".join(pieces) != written:
        context.refuse(node, "with this format")
    context.note("strftime is written as TO_CHAR")
    return call("TO_CHAR", naive(node.this), text("".join(_FORMATS.get(p, f'"{p}"') for p in pieces)))


def compared(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare; days and times of all kinds compare in UTC."""
    kinds = kind_of(node.this), kind_of(node.expression)
    return node if all(k.is_moment for k in kinds) else shared.comparison(node, context)


def between(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare with both ends."""
    kinds = [kind_of(p) for p in (node.this, node.args["low"], node.args["high"])]
    return node if all(k.is_moment for k in kinds) else shared.between(node, context)


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Add: added,
    exp.Sub: added,
    exp.Interval: _interval,
    exp.DateDiff: _date_diff,
    **dict.fromkeys((exp.TimestampTrunc, exp.DateTrunc), _truncated),
    exp.Extract: _extracted,
    exp.TimeToUnix: _own_part("epoch"),
    exp.Year: _own_part("year"),
    exp.Quarter: _own_part("quarter"),
    exp.Month: _own_part("month"),
    exp.Day: _own_part("day"),
    exp.DayOfMonth: _own_part("day"),
    exp.Hour: _own_part("hour"),
    exp.Minute: _own_part("minute"),
    exp.Second: _own_part("second"),
    exp.DayOfWeek: _own_part("dow"),
    exp.DayOfWeekIso: _own_part("isodow"),
    exp.DayOfYear: _own_part("doy"),
    exp.WeekOfYear: _own_part("week"),
    "date_part": _date_part,
    exp.TimeToStr: _formatted,
}
