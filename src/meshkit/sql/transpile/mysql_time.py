"""Days and times in the dialect of MySQL and MariaDB; the session's zone is UTC, as the driver sets it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, cast_as, floats_of, literal_text, moment_text, number, text, typed

_PARTS = {
    "doy": "DAYOFYEAR", "dayofyear": "DAYOFYEAR", "year": "YEAR", "month": "MONTH", "day": "DAYOFMONTH",
    "quarter": "QUARTER", "hour": "HOUR", "minute": "MINUTE", "second": "SECOND",
}  # fmt: skip
_FORMATS = {"%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%M": "%i", "%S": "%s"}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_CLOCK = {"hour": "%Y-%m-%d %H:00:00", "minute": "%Y-%m-%d %H:%i:00", "second": "%Y-%m-%d %H:%i:%s"}
_STARTS = {"year": "%Y-01-01", "month": "%Y-%m-01", "day": "%Y-%m-%d"}
_UNITS = frozenset({"year", "quarter", "month", "week", "day", *_CLOCK})


def stamp(value: exp.Expr) -> exp.Cast:
    """Write a moment as a DATETIME with microseconds, in UTC."""
    return cast_as(value, "DATETIME(6)", "TIMESTAMP")


def _naive(value: exp.Expr) -> exp.Expr:
    return value.copy() if kind_of(value) in (Kind.TIMESTAMP, Kind.ZONED) else stamp(value)


def cast(node: exp.Expr, source: Kind, to: Kind, context: Context) -> exp.Expr:
    """Cast to a day or a time."""
    value = node.this
    if isinstance(value, exp.Literal) and value.is_string:
        return _literal(value, to, context)
    if not source.is_moment and source is not Kind.NULL:
        context.refuse(node, f"from {source} to {to}")
    if source is to:
        return value  # type: ignore[no-any-return]
    return typed(value, "DATE") if to is Kind.DATE else stamp(value)


def _literal(value: exp.Expr, to: Kind, context: Context) -> exp.Expr:
    written = moment_text(value, value.name.removesuffix(" +00:00"), to, context).removesuffix("+00")
    return typed(text(written), "DATE") if to is Kind.DATE else stamp(text(written))


def literals_read(node: exp.Expr, context: Context) -> exp.Expr:
    """Write the casts to days and times that a comparison added."""
    for part in [*node.args.values(), *node.expressions]:
        if isinstance(part, exp.Cast) and part.to.this is not exp.DType.USERDEFINED and kind_of(part).is_moment:
            kind = kind_of(part)
            if literal_text(part.this) is not None:
                part.replace(_literal(part.this, kind, context))
            elif kind is not Kind.DATE:
                part.replace(stamp(part.this))
    return node


def compared(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare; days and times of all kinds compare in UTC."""
    kinds = kind_of(node.this), kind_of(node.expression)
    return node if all(k.is_moment for k in kinds) else literals_read(shared.comparison(node, context), context)


def between(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare with both ends."""
    kinds = [kind_of(p) for p in (node.this, node.args["low"], node.args["high"])]
    return node if all(k.is_moment for k in kinds) else literals_read(shared.between(node, context), context)


def _shifted(moment: exp.Expr, count: exp.Expr, unit: str) -> exp.Expr:
    return call("DATE_ADD", moment, exp.Interval(this=count.copy(), unit=exp.var(unit.upper())))


def added(node: exp.Expr, context: Context) -> exp.Expr:
    """Add and subtract numbers; a date and days; a moment and an interval; two dates; two moments."""
    left, right = node.this, node.expression
    kinds = kind_of(left), kind_of(right)
    is_minus = isinstance(node, exp.Sub)
    if all(k.is_number or k is Kind.NULL for k in kinds):
        return node
    if kinds == (Kind.DATE, Kind.INTEGER):
        context.note("a date and days: DATE_ADD")
        days = exp.Paren(this=right.copy())
        return _shifted(left, exp.Paren(this=exp.Neg(this=days)) if is_minus else days, "day")
    if kinds[0].is_moment and isinstance(right, exp.Interval):
        return _moved(left, right, node, context)
    if is_minus and kinds == (Kind.DATE, Kind.DATE):
        context.note("days between two dates: DATEDIFF")
        return call("DATEDIFF", left, right)
    if is_minus and set(kinds) <= {Kind.TIMESTAMP, Kind.ZONED}:
        context.note("the time between two moments is counted in seconds")
        return _seconds(right, left)
    context.refuse(node, f"of {kinds[0]} and {kinds[1]}")


def _seconds(earlier: exp.Expr, later: exp.Expr) -> exp.Expr:
    passed = call("TIMESTAMPDIFF", exp.var("MICROSECOND"), _naive(earlier), _naive(later))
    return exp.Div(this=floats_of(passed), expression=floats_of(number(1_000_000)), typed=True, safe=False)


def _moved(moment: exp.Expr, interval: exp.Interval, node: exp.Expr, context: Context) -> exp.Expr:
    unit, count = interval.args.get("unit"), interval.this
    bare = count.this if isinstance(count, exp.Neg) else count
    name = unit.name.lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
    if not isinstance(bare, exp.Literal) or not bare.name.lstrip("-").isdigit() or name not in _UNITS:
        context.refuse(node, "of an interval of several units, or a computed one")
    amount = int(bare.name) * (-1 if isinstance(count, exp.Neg) else 1) * (-1 if isinstance(node, exp.Sub) else 1)
    context.note("a moment and an interval: DATE_ADD")
    moved = _shifted(_naive(moment), number(amount), name)
    moved.type = exp.DataType.build("TIMESTAMP", dialect="duckdb")
    return moved


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Add | exp.Sub):
        context.refuse(node, "that stands by itself")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the boundaries of a unit; of weeks, those that have passed in whole."""
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    later, earlier = node.this, node.expression
    if unit in _MONTHS:
        context.note(f"date_diff counts the boundaries of a {unit}")
        return exp.Paren(this=exp.Sub(this=_months(later, unit), expression=exp.Paren(this=_months(earlier, unit))))
    if unit == "day":
        return call("DATEDIFF", later, earlier)
    if unit == "week":
        context.note("date_diff counts seven days each from day to day")
        return exp.Paren(this=exp.IntDiv(this=call("DATEDIFF", later, earlier), expression=number(7)))
    if unit not in _CLOCK:
        context.refuse(node, f"in {unit}s")
    context.note(f"date_diff counts the boundaries of a {unit}: both sides are truncated first")
    return call("TIMESTAMPDIFF", exp.var(unit.upper()), _start(earlier, unit), _start(later, unit))


def _months(value: exp.Expr, unit: str) -> exp.Expr:
    year = call("YEAR", value)
    if unit == "year":
        return year
    return exp.Add(
        this=exp.Mul(this=year, expression=number(12 // _MONTHS[unit])), expression=call(unit.upper(), value)
    )


def _start(value: exp.Expr, unit: str) -> exp.Expr:
    """Write where a unit began: a date, or a DATETIME for units of the clock."""
    if unit in _CLOCK:
        return stamp(call("DATE_FORMAT", _naive(value), text(_CLOCK[unit])))
    if unit == "week":
        day = typed(value, "DATE")
        return call("DATE_SUB", day, exp.Interval(this=call("WEEKDAY", day), unit=exp.var("DAY")))
    if unit == "quarter":
        months = exp.Mul(
            this=exp.Paren(this=exp.Sub(this=call("QUARTER", value), expression=number(1))), expression=number(3)
        )
        return _shifted(_start(value, "year"), exp.Paren(this=months), "month")
    return typed(call("DATE_FORMAT", value, text(_STARTS[unit])), "DATE")


def _truncated(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    if unit not in _UNITS:
        context.refuse(node, f"to {unit}s")
    context.note("date_trunc is written by DATE_FORMAT and DATE_SUB")
    found = _start(node.this, unit)
    return found if unit in _CLOCK else stamp(found)


def _part(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = name.lower()
    if name == "epoch" and kind_of(value) is Kind.INTERVAL:
        seconds = value.copy()  # counted in seconds already
        seconds.type = exp.DataType.build("DOUBLE")
        return exp.Paren(this=seconds)
    context.require(value, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    if name == "epoch":
        context.note("epoch() counts microseconds from 1970 on")
        return exp.Paren(this=_seconds(stamp(text("1970-01-01 00:00:00")), value))
    if name in ("dow", "dayofweek", "weekday"):
        return exp.Paren(this=exp.Sub(this=call("DAYOFWEEK", value), expression=number(1)))
    if name == "isodow":
        return exp.Paren(this=exp.Add(this=call("WEEKDAY", value), expression=number(1)))
    if name in ("week", "weekofyear"):
        return call("WEEK", value, number(3))
    if name == "isoyear":
        return exp.Paren(this=exp.IntDiv(this=call("YEARWEEK", value, number(3)), expression=number(100)))
    if name not in _PARTS:
        context.refuse(node, f"of {name}")
    return call(_PARTS[name], _naive(value))


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
    context.note("strftime is written as DATE_FORMAT")
    return call("DATE_FORMAT", _naive(node.this), text("".join(_FORMATS.get(p, p) for p in pieces)))


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
