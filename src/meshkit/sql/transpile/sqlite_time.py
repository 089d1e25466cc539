"""Days and times in SQLite's dialect: ISO texts, read by functions that each connection is given. Times between are microseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    grouped,
    literal_integer,
    literal_text,
    moment_text,
    number,
    text,
)

_MICROS = {
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000,
    "day": 86_400_000_000, "week": 604_800_000_000, "month": 2_592_000_000_000, "quarter": 7_776_000_000_000,
    "year": 31_104_000_000_000,
}  # fmt: skip
_PARTS = {
    "week": "week", "weekofyear": "week", "isodow": "isodow", "doy": "doy", "dayofyear": "doy", "dow": "dow", "dayofweek": "dow",
    "weekday": "dow", "year": "year", "month": "month", "day": "day", "quarter": "quarter", "hour": "hour", "minute": "minute",
    "second": "second", "millisecond": "millisecond", "microsecond": "microsecond", "isoyear": "isoyear", "yearweek": "yearweek",
    "epoch": "epoch", "dayofmonth": "day",
}  # fmt: skip
_FORMAT = re.compile(r"(?:%[YymdHIMSfgpjaAbBuwVG%]|%-[ymdHIMSj]|[^%])*")
_OF_TIME_BETWEEN = {"day": (86_400_000_000, 0), "hour": (3_600_000_000, 24), "minute": (60_000_000, 60)}
_MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)


def unit_of(unit: exp.Expr | None, node: exp.Expr, context: Context) -> str:
    """Return the name of a unit of time."""
    name = "" if unit is None else unit.name.lower()
    known = name if name in _MICROS else name.removesuffix("s")
    if known not in _MICROS:
        context.refuse(node, f"in {name}")
    return known


def literal_moment(written: str, kind: Kind, node: exp.Expr, context: Context) -> exp.Expr:
    """Write a day or a time, without zeros at the end of its second."""
    found = moment_text(node, written.removesuffix(" +00:00"), kind, context).removesuffix("+00")
    return text(found.rstrip("0").rstrip(".") if "." in found else found)


def naive(value: exp.Expr) -> exp.Expr:
    """Write a day as its midnight; moments are texts in UTC already."""
    if kind_of(value) is not Kind.DATE:
        return value.copy()
    written = literal_text(value)
    if written is not None:
        return text(f"{written} 00:00:00")
    return exp.Paren(this=exp.DPipe(this=grouped(value), expression=text(" 00:00:00")))


def _length(interval: exp.Expr, node: exp.Expr, context: Context) -> tuple[exp.Expr, str]:
    """Return how many of a unit an interval is."""
    unit = unit_of(interval.args.get("unit"), node, context)
    held = interval.this
    written = literal_text(held)
    if written is not None and re.fullmatch(r"-?\d+", written):
        return number(written), unit
    found = literal_integer(held)
    if found is not None:
        return number(found), unit
    if held is None or kind_of(held) is not Kind.INTEGER:
        context.refuse(node, "of an interval of several parts or of fractions")
    return grouped(held), unit


def micros(value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    """Write a time between two moments as microseconds; a month has 30 days where DuckDB compares."""
    if not isinstance(value, exp.Interval):
        return value.copy()
    count, unit = _length(value, node, context)
    found = literal_integer(count)
    if found is None:
        return exp.Paren(this=exp.Mul(this=count, expression=number(_MICROS[unit])))
    return number(found * _MICROS[unit])


def _negated(count: exp.Expr) -> exp.Expr:
    found = literal_integer(count)
    return number(-found) if found is not None else exp.Neg(this=exp.Paren(this=count.copy()))


def added(node: exp.Expr, kinds: tuple[Kind, Kind], context: Context) -> exp.Expr:
    """Add and subtract days and times."""
    left, right = node.this, node.expression
    is_minus = isinstance(node, exp.Sub)
    if not is_minus and kinds[1].is_moment:
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if kinds[0].is_moment and isinstance(right, exp.Interval):
        count, unit = _length(right, node, context)
        return call("mk_add", naive(left), _negated(count) if is_minus else count, text(unit))
    if kinds == (Kind.DATE, Kind.INTEGER):
        context.note("a day is moved by mk_add_days()")
        return call("mk_add_days", left, _negated(right) if is_minus else right)
    if is_minus and kinds == (Kind.DATE, Kind.DATE):
        context.note("the days between two days are a difference of JULIANDAY()")
        between = exp.Sub(this=call("JULIANDAY", left), expression=call("JULIANDAY", right))
        return cast_as(between, "INTEGER", "BIGINT")
    if is_minus and all(k.is_moment for k in kinds):
        context.note("the time between two moments is in microseconds")
        return call("mk_micros", right, left)
    context.refuse(node, f"of {kinds[0]} and {kinds[1]}")


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    holder = node.parent
    while isinstance(holder, exp.Paren):
        holder = holder.parent
    allowed = (exp.Add, exp.Sub, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ, exp.Between)
    if not isinstance(holder, (*allowed, exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray)):
        context.refuse(node, "that stands by itself")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, *_MOMENTS, of=node)
    unit = unit_of(node.args.get("unit"), node, context)
    context.note("date_diff counts the boundaries of a unit, and whole weeks, by mk_date_diff()")
    return call("mk_date_diff", text(unit), node.expression, node.this)


def _truncated(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *_MOMENTS, of=node)
    return call("mk_date_trunc", text(unit_of(node.args.get("unit"), node, context)), node.this)


def _part(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = name.lower()
    name = name if name in _PARTS else name.removesuffix("s")
    if kind_of(value) is Kind.INTERVAL and not isinstance(value.unnest(), exp.Interval):
        return _of_time_between(name, value, node, context)
    context.require(value, *_MOMENTS, of=node)
    if name not in _PARTS:
        context.refuse(node, f"of {name}")
    return call("mk_date_part", text(_PARTS[name]), value)


def _of_time_between(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    if name == "epoch":
        return exp.Paren(this=exp.Div(this=grouped(value), expression=exp.Literal.number("1000000.0"), typed=True))
    if name not in _OF_TIME_BETWEEN:
        context.refuse(node, f"the {name} of the time between two moments")
    size, wrap = _OF_TIME_BETWEEN[name]
    whole = exp.Paren(this=exp.Div(this=grouped(value), expression=number(size), typed=True))
    return exp.Paren(this=exp.Mod(this=whole, expression=number(wrap))) if wrap else whole


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    return _part(node.this.name, node.expression, node, context)


def _own_part(name: str) -> Rule:
    return lambda node, context: _part(name, node.this, node, context)


def _named_part(node: exp.Expr, context: Context) -> exp.Expr:
    return _part(node.name, node.expressions[0], node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    name, value = node.expressions
    return _part(name.name, value, node, context)


def _formatted(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, of=node)
    written = literal_text(node.args["format"])
    if written is None or not _FORMAT.fullmatch(written):
        context.refuse(node, "with this format")
    return call("mk_strftime", node.this, text(written))


def _named(pattern: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, *_MOMENTS, of=node)
        return call("mk_strftime", node.this, text(pattern))

    return apply


def _last_day(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *_MOMENTS, of=node)
    return call("mk_last_day", node.this)


def _made(node: exp.Expr, context: Context) -> exp.Expr:
    parts = [node.args.get(p) for p in ("year", "month", "day")]
    for part in parts:
        if part is None:
            context.refuse(node, "of other parts")
        context.require(part, Kind.INTEGER, of=node)
    return call("mk_make_date", *(p for p in parts if p is not None))


def series(node: exp.Expr, made: exp.Expr, context: Context) -> exp.Expr:
    """Return a list of days, times or whole numbers, for range(...) in FROM."""
    start, end, step = made.args.get("start"), made.args.get("end"), made.args.get("step")
    is_open = number(1 if made.args.get("is_end_exclusive") else 0)
    kinds = {kind_of(p) for p in (start, end) if p is not None}
    if start is None or end is None:
        context.refuse(node, "without both ends")
    if kinds == {Kind.INTEGER}:
        return call("mk_numbers", start, end, step if step is not None else number(1), is_open)
    if kinds <= {Kind.DATE, Kind.TIMESTAMP} and isinstance(step, exp.Interval):
        count, unit = _length(step, node, context)
        return call("mk_moments", start, end, count, text(unit), is_open)
    context.refuse(node, "of these kinds")


RULES: Mapping[type[exp.Expr] | str, Rule] = {
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
    exp.Week: _own_part("week"),
    "yearweek": _named_part,
    "isoyear": _named_part,
    "date_part": _date_part,
    exp.TimeToStr: _formatted,
    exp.Dayname: _named("%A"),
    exp.Monthname: _named("%B"),
    exp.LastDay: _last_day,
    exp.DateFromParts: _made,
}
