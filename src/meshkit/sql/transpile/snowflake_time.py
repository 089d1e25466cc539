"""Days and times in Snowflake's dialect. Nothing depends on a session's parameters: not the week's start, zone or formats."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import OWN_TYPE, Kind, kind_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, cast_as, floats_of, literal_text, moment_text, number, text, typed

_UNITS = frozenset({"year", "quarter", "month", "day", "hour", "minute", "second"})
_UTC = " +00:00"
_PARTS = {
    "week": "WEEKISO", "weekofyear": "WEEKISO", "isodow": "DAYOFWEEKISO", "doy": "DAYOFYEAR", "dayofyear": "DAYOFYEAR",
    "year": "YEAR", "month": "MONTH", "day": "DAY", "quarter": "QUARTER", "hour": "HOUR", "minute": "MINUTE", "second": "SECOND",
    "isoyear": "YEAROFWEEKISO",
}  # fmt: skip
_FORMATS = {
    "%Y": ("YEAR", 4), "%m": ("MONTH", 2), "%d": ("DAY", 2), "%H": ("HOUR", 2), "%M": ("MINUTE", 2), "%S": ("SECOND", 2),
}  # fmt: skip


def whole(value: exp.Expr) -> exp.Expr:
    """Write a value as a whole number."""
    return cast_as(value, "NUMBER(38, 0)", "BIGINT")


def naive(value: exp.Expr, context: Context) -> exp.Expr:
    """Write a moment as a TIMESTAMP_NTZ in UTC, as which DuckDB reads one with a zone here."""
    if kind_of(value) is not Kind.ZONED:
        return value if kind_of(value) is Kind.TIMESTAMP else _ntz(value)
    context.note("times with a zone are compared and read in UTC")
    held = value.this
    if isinstance(value, exp.Cast) and isinstance(held, exp.Literal) and held.name.endswith(_UTC):
        return _ntz(text(held.name.removesuffix(_UTC)))
    return _ntz(call("CONVERT_TIMEZONE", text("UTC"), value))


def _ntz(value: exp.Expr) -> exp.Expr:
    return cast_as(value, "TIMESTAMP_NTZ", "TIMESTAMP")


def _tz(value: exp.Expr) -> exp.Expr:
    return cast_as(value, "TIMESTAMP_TZ", "TIMESTAMPTZ")


def cast(node: exp.Expr, source: Kind, to: Kind, context: Context) -> exp.Expr:
    """Cast to a day or a time."""
    value: exp.Expr = node.this
    if isinstance(value, exp.Literal) and value.is_string:
        return _literal(value, to, context)
    if source is Kind.NULL:
        return typed(value, "DATE") if to is Kind.DATE else (_ntz if to is Kind.TIMESTAMP else _tz)(value)
    if not source.is_moment:
        context.refuse(node, f"from {source} to {to}")
    if source is to:
        return value
    if to is Kind.DATE:
        return typed(naive(value, context), "DATE")
    if to is Kind.TIMESTAMP:
        return naive(value, context)
    return _tz(
        exp.DPipe(this=call("TO_CHAR", naive(value, context), text("YYYY-MM-DD HH24:MI:SS.FF6")), expression=text(_UTC))
    )


def _literal(value: exp.Expr, to: Kind, context: Context) -> exp.Expr:
    written = moment_text(value, value.name.removesuffix(" +00:00"), to, context)
    if to is Kind.DATE:
        return typed(text(written), "DATE")
    return _ntz(text(written)) if to is Kind.TIMESTAMP else _tz(text(written.removesuffix("+00") + _UTC))


def compared(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare; a moment with a zone beside one without is read in UTC."""
    kinds = {kind_of(node.this), kind_of(node.expression)}
    if Kind.ZONED in kinds and kinds & {Kind.TIMESTAMP, Kind.DATE}:
        node.set("this", naive(node.this, context))
        node.set("expression", naive(node.expression, context))
        return node
    return _literals_read(shared.comparison(node, context), context)


def between(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare with both ends."""
    kinds = [kind_of(p) for p in (node.this, node.args["low"], node.args["high"])]
    if Kind.ZONED in kinds and len(set(kinds)) > 1:
        context.refuse(node, "of times with a zone and others")
    return _literals_read(shared.between(node, context), context)


def _literals_read(node: exp.Expr, context: Context) -> exp.Expr:
    """Write the casts that a comparison added."""
    for part in list(node.args.values()):
        if isinstance(part, exp.Cast) and part.to.this is not exp.DType.USERDEFINED:
            kind = kind_of(part)
            if kind.is_moment and literal_text(part.this) is None:
                part.replace(_ntz(part.this) if kind is Kind.TIMESTAMP else part.copy())
            elif kind.is_moment:
                part.replace(_literal(part.this, kind, context))
    return node


def added(node: exp.Expr, context: Context) -> exp.Expr:
    """Add and subtract numbers; a date and days; a moment and an interval; two dates."""
    left, right = node.this, node.expression
    kinds = kind_of(left), kind_of(right)
    is_minus = isinstance(node, exp.Sub)
    if all(k.is_number or k is Kind.NULL for k in kinds):
        return node
    if kinds == (Kind.DATE, Kind.INTEGER):
        context.note("a date and days: DATEADD")
        days = exp.Neg(this=exp.Paren(this=right.copy())) if is_minus else right
        return typed(call("DATEADD", exp.var("DAY"), days, left), "DATE")
    if kinds[0].is_moment and isinstance(right, exp.Interval):
        return _moved(left, right, node, context)
    if is_minus and kinds == (Kind.DATE, Kind.DATE):
        context.note("days between two dates: DATEDIFF")
        return call("DATEDIFF", exp.var("DAY"), right, left)
    if is_minus and set(kinds) <= {Kind.TIMESTAMP, Kind.ZONED}:
        context.note("the time between two moments is counted in seconds")
        passed = call("DATEDIFF", exp.var("MICROSECOND"), naive(right, context), naive(left, context))
        return exp.Div(this=floats_of(passed), expression=number(1_000_000), typed=True, safe=False)
    context.refuse(node, f"of {kinds[0]} and {kinds[1]}")


def _moved(moment: exp.Expr, interval: exp.Interval, node: exp.Expr, context: Context) -> exp.Expr:
    unit = interval.args.get("unit")
    count = interval.this
    bare = count.this if isinstance(count, exp.Neg) else count
    name = unit.name.lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
    if not isinstance(bare, exp.Literal) or not bare.name.lstrip("-").isdigit() or name not in _UNITS | {"week"}:
        context.refuse(node, "of an interval of several units, or a computed one")
    amount = int(bare.name) * (-1 if isinstance(count, exp.Neg) else 1) * (-1 if isinstance(node, exp.Sub) else 1)
    if name == "week":
        name, amount = "day", 7 * amount
    context.note("a moment and an interval: DATEADD")
    moved = call("DATEADD", exp.var(name.upper()), number(amount), naive(moment, context))
    moved.type = exp.DataType.build("TIMESTAMP", dialect="duckdb")  # in UTC, where months are counted
    moved.meta[OWN_TYPE] = True
    return moved


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Add | exp.Sub):
        context.refuse(node, "that stands by itself")
    return node


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    for part in (node.this, node.expression):
        context.require(part, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    later, earlier = (naive(p, context) for p in (node.this, node.expression))
    if unit in _UNITS:
        return call("DATEDIFF", exp.var(unit.upper()), earlier, later)
    if unit != "week":
        context.refuse(node, f"in {unit}s")
    context.note("date_diff counts seven days each from day to day")
    passed = call("DATEDIFF", exp.var("DAY"), earlier, later)
    full = exp.Sub(this=passed, expression=call("MOD", passed, number(7)))
    divided = exp.Div(this=exp.Paren(this=full), expression=number(7), typed=True, safe=False)
    return whole(divided)


def _truncated(node: exp.Expr, context: Context) -> exp.Expr:
    unit = node.args["unit"].name.lower().rstrip("s")
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, of=node)
    moment = naive(node.this, context)
    if unit in _UNITS:
        return call("DATE_TRUNC", text(unit.upper()), moment)
    if unit != "week":
        context.refuse(node, f"to {unit}s")
    context.note("a week begins on Monday, whatever WEEK_START is")
    back = exp.Sub(this=number(1), expression=call("DAYOFWEEKISO", moment))
    return call("DATEADD", exp.var("DAY"), back, call("DATE_TRUNC", text("DAY"), moment))


def _part(name: str, value: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    if name == "epoch" and kind_of(value) is Kind.INTERVAL:
        seconds = value.copy()  # counted in seconds already
        seconds.type = exp.DataType.build("DOUBLE")
        return seconds
    context.require(value, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED, of=node)
    moment = naive(value, context)
    if name in ("dow", "dayofweek", "weekday"):
        return call("MOD", call("DAYOFWEEKISO", moment), number(7))
    if name == "epoch":
        return epoch(moment)
    if name not in _PARTS:
        context.refuse(node, f"of {name}")
    return call(_PARTS[name], moment)


def epoch(moment: exp.Expr) -> exp.Expr:
    """Write the seconds since 1970, with a fraction."""
    count = floats_of(call("DATE_PART", exp.var("EPOCH_MICROSECOND"), moment))
    return exp.Div(this=count, expression=exp.Literal.number("1000000"), typed=True, safe=False)


def _extracted(node: exp.Expr, context: Context) -> exp.Expr:
    return _part(node.this.name.lower(), node.expression, node, context)


def _own_part(name: str) -> Rule:
    return lambda node, context: _part(name, node.this, node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    """Read a part by name; the seconds of the difference of two times, for the gaps between loads."""
    name, value = node.expressions
    return _part(name.name.lower(), value, node, context)


def _formatted(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a moment's parts one by one, with leading zeros: formats are the session's and the engine's own."""
    context.require(node.this, Kind.DATE, Kind.TIMESTAMP, of=node)
    written = literal_text(node.args["format"])
    pieces = re.findall(r"%[YmdHMS]|[-/: .,T]+", written or "")
    if not pieces or "".join(pieces) != written:
        context.refuse(node, "with this format")
    moment = naive(node.this, context)
    whole_: exp.Expr | None = None
    for piece in pieces:
        made: exp.Expr = text(piece)
        if piece in _FORMATS:
            name, width = _FORMATS[piece]
            made = call("LPAD", exp.cast(call(name, moment), "VARCHAR"), number(width), text("0"))
        whole_ = made if whole_ is None else exp.DPipe(this=whole_, expression=made)
    assert whole_ is not None
    context.note("strftime is written part by part")
    return exp.Paren(this=whole_)


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), compared),
    exp.Between: between,
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
