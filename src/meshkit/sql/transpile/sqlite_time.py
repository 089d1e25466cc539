"""Days and times in SQLite's dialect: ISO texts in UTC, read by functions that the driver registers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, literal_text, moment_text, number, text

_UNITS = frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second"})
_PARTS = {
    "week": "week", "weekofyear": "week", "isodow": "isodow", "doy": "doy", "dayofyear": "doy", "dow": "dow", "dayofweek": "dow",
    "weekday": "dow", "year": "year", "month": "month", "day": "day", "quarter": "quarter", "hour": "hour", "minute": "minute",
    "second": "second", "isoyear": "isoyear", "epoch": "epoch",
}  # fmt: skip


def as_moment(value: exp.Expr) -> exp.Expr:
    """Write a day or a time as the one text that it has, so that texts compare as times do."""
    if isinstance(value, exp.Literal) or (
        isinstance(value, exp.Anonymous) and value.name in ("mk_ts", "mk_trunc", "mk_move")
    ):
        return value.copy()
    return call("mk_ts", value)


def as_day(value: exp.Expr) -> exp.Expr:
    """Write the day of a time."""
    return value.copy() if kind_of(value) is Kind.DATE else call("SUBSTR", value, number(1), number(10))


def written(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a literal that is cast to a day or a time as its text; anything else as it is."""
    kind = kind_of(node)
    if not isinstance(node, exp.Cast) or not kind.is_moment or literal_text(node.this) is None:
        return node
    found = text(moment_text(node, node.this.name.removesuffix(" +00:00"), kind, context).removesuffix("+00"))
    found.type = node.type
    return found


def compared(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare; where a time is among the sides, all are written as times."""
    names = [k for k in ("this", "expression", "low", "high") if isinstance(node.args.get(k), exp.Expr)]
    kinds = {kind_of(node.args[k]) for k in names}
    if not all(k.is_moment for k in kinds):
        node = shared.between(node, context) if isinstance(node, exp.Between) else shared.comparison(node, context)
        kinds = {kind_of(node.args[k]) for k in names}
    is_time = bool(kinds & {Kind.TIMESTAMP, Kind.ZONED})
    for name in names:
        part = written(node.args[name], context)
        node.set(name, _time(part) if is_time and kind_of(part).is_moment else part)
    return node


def _time(part: exp.Expr) -> exp.Expr:
    if isinstance(part, exp.Literal) and kind_of(part) is Kind.DATE:
        return text(f"{part.name} 00:00:00")
    return as_moment(part)


def _added(node: exp.Expr, context: Context) -> exp.Expr:
    kinds = kind_of(node.this), kind_of(node.expression)
    is_minus = isinstance(node, exp.Sub)
    if all(k.is_number or k is Kind.NULL for k in kinds):
        if Kind.DECIMAL in kinds and Kind.FLOAT not in kinds:
            from meshkit.sql.transpile.known_types import decimal_size

            return call("ROUND", node, number(decimal_size(node)[1]))
        return node
    left = written(node.this, context)
    if kinds == (Kind.DATE, Kind.INTEGER):
        count = exp.Neg(this=exp.Paren(this=node.expression.copy())) if is_minus else node.expression
        return call("mk_days", left, count)
    if kinds[0].is_moment and isinstance(node.expression, exp.Interval):
        return _moved(left, node.expression, node, context)
    if is_minus and kinds == (Kind.DATE, Kind.DATE):
        return call("mk_diff", text("day"), written(node.expression, context), left)
    if is_minus and set(kinds) <= {Kind.TIMESTAMP, Kind.ZONED}:
        context.note("the time between two moments is counted in seconds")
        return call("mk_seconds", written(node.expression, context), left)
    context.refuse(node, f"of {kinds[0]} and {kinds[1]}")


def _moved(moment: exp.Expr, interval: exp.Interval, node: exp.Expr, context: Context) -> exp.Expr:
    unit, count = interval.args.get("unit"), interval.this
    bare = count.this if isinstance(count, exp.Neg) else count
    name = unit.name.lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
    if not isinstance(bare, exp.Literal) or not re.fullmatch(r"-?\d+", bare.name) or name not in _UNITS:
        context.refuse(node, "of an interval of several units, or a computed one")
    amount = int(bare.name) * (-1 if isinstance(count, exp.Neg) else 1) * (-1 if isinstance(node, exp.Sub) else 1)
    return call("mk_move", moment, number(amount), text(name))


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Add | exp.Sub):
        context.refuse(node, "that stands by itself")
    return node


def _unit(node: exp.Expr, context: Context) -> str:
    unit = str(node.args["unit"].name).lower().rstrip("s")
    if unit not in _UNITS:
        context.refuse(node, f"of {unit}s")
    return unit


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    return call("mk_diff", text(_unit(node, context)), written(node.expression, context), written(node.this, context))


def _truncated(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    return call("mk_trunc", text(_unit(node, context)), written(node.this, context))


def _part(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = name.lower()
    if name == "epoch" and kind_of(value) is Kind.INTERVAL:
        return value.copy()  # counted in seconds already
    context.require(value, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    if name not in _PARTS:
        context.refuse(node, f"of {name}")
    return call("mk_part", text(_PARTS[name]), written(value, context))


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    return _part(node.this.name, node.expression, node, context)


def _own_part(name: str) -> Rule:
    return lambda node, context: _part(name, node.this, node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    name, value = node.expressions
    return _part(name.name, value, node, context)


def _formatted(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, of=node)
    form = literal_text(node.args["format"])
    if form is None or not re.fullmatch(r"(%[YmdHMS]|[-/: .,T])+", form):
        context.refuse(node, "with this format")
    return call("mk_strftime", written(node.this, context), text(form))


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Add: _added,
    exp.Sub: _added,
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
