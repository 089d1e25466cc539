"""Days and moments on ClickHouse. An interval between moments is a number of microseconds."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.clickhouse_casts import day_of, float_of, moment_of
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.parts import SECONDS, call, infix, number_of, text_of, unit_of
from meshkit.sql.transpile.rules import Context, Rule

MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)
_MILLION = 1000000
_ADD = {
    "year": ("addYears", 1), "quarter": ("addMonths", 3), "month": ("addMonths", 1), "week": ("addDays", 7), "day": ("addDays", 1),
    "hour": ("addHours", 1), "minute": ("addMinutes", 1), "second": ("addSeconds", 1),
}  # fmt: skip


def added(node: exp.Expr, context: Context) -> exp.Expr | None:
    """Add and subtract days, intervals and moments; None where both sides are numbers."""
    left, right = kind_of(node.this), kind_of(node.expression)
    is_sub = isinstance(node, exp.Sub)
    if (left.is_number and right.is_number) or Kind.NULL in (left, right):
        return None
    if left is Kind.DATE and right is Kind.INTEGER:
        days = infix(exp.Mul, call("toInt64", node.expression), -1) if is_sub else call("toInt64", node.expression)
        return call("addDays", day_of(node.this), days)
    if left is Kind.INTEGER and right is Kind.DATE and not is_sub:
        return call("addDays", day_of(node.expression), call("toInt64", node.this))
    if left is right is Kind.DATE and is_sub:
        return infix(exp.Sub, _days(node.this), _days(node.expression))
    if left in MOMENTS and right is Kind.INTERVAL:
        return shifted(node.this, node.expression, -1 if is_sub else 1, node, context)
    if left in MOMENTS and right in MOMENTS and is_sub:
        return infix(exp.Sub, micros(node.this), micros(node.expression))
    return context.refuse(node, f"of {left} and {right}")


def shifted(part: exp.Expr, interval: exp.Expr, sign: int, node: exp.Expr, context: Context) -> exp.Expr:
    """Add an interval to a moment."""
    bare = interval.unnest()
    if not isinstance(bare, exp.Interval):
        return call("addMicroseconds", moment_of(part), infix(exp.Mul, interval, sign))
    function, factor = _ADD[unit_of(bare, context)]
    count = _count(bare)
    if count is None and text_of(bare.this) is not None:
        context.refuse(node, "of an interval of this text")
    amount = count * factor * sign if count is not None else infix(exp.Mul, call("toInt64", bare.this), factor * sign)
    return call(function, moment_of(part), amount)


def _count(interval: exp.Interval) -> int | None:
    text = text_of(interval.this)
    if text is not None and text.strip().lstrip("-").isdigit():
        return int(text)
    return number_of(interval.this)


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep an interval that is added to a moment: that rule writes it. Any other is a number of microseconds."""
    holder = node.parent
    while isinstance(holder, exp.Paren):
        holder = holder.parent
    if isinstance(holder, exp.GenerateSeries):
        return node
    if isinstance(holder, (exp.Add, exp.Sub)) and kind_of(holder.this) in MOMENTS:
        return node
    assert isinstance(node, exp.Interval)
    unit, count = unit_of(node, context), _count(node)
    seconds = SECONDS.get(unit)
    if seconds is None or count is None:
        context.refuse(node, "of months, or that is computed")
    return call("toInt64", count * seconds * _MILLION)


def micros(part: exp.Expr) -> exp.Expr:
    """Write a moment as microseconds since 1970."""
    return call("toUnixTimestamp64Micro", moment_of(part))


def _days(part: exp.Expr) -> exp.Expr:
    return call("toInt64", call("toInt32", day_of(part)))


def _floored(number: exp.Expr, by: int) -> exp.Expr:
    return infix(exp.Sub, number, call("positiveModulo", number, by))


def _trunc(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *MOMENTS, of=node)
    unit = unit_of(node, context)
    context.note("date_trunc is written so that it holds before 1970, too")
    day = day_of(node.this)
    year = call("toYear", day)
    if unit == "day":
        return moment_of(day)
    if unit == "week":
        return moment_of(call("addDays", day, infix(exp.Sub, 1, call("toDayOfWeek", day))))
    if unit in ("year", "quarter", "month"):
        quarter = infix(exp.Sub, infix(exp.Mul, call("toQuarter", day), 3), 2)
        months: dict[str, exp.Expr | int] = {"year": 1, "quarter": quarter, "month": call("toMonth", day)}
        return moment_of(call("makeDate32", year, months[unit], 1))
    whole = _floored(micros(node.this), SECONDS[unit] * _MILLION)
    return call("fromUnixTimestamp64Micro", whole, "UTC")


def _epoch(part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(part, *MOMENTS, Kind.INTERVAL, of=node)
    return infix(exp.Div, float_of(part if kind is Kind.INTERVAL else micros(part)), _MILLION)


_FIELDS = {
    "year": "toYear", "quarter": "toQuarter", "month": "toMonth", "day": "toDayOfMonth", "hour": "toHour", "minute": "toMinute",
    "second": "toSecond", "week": "toISOWeek", "dayofyear": "toDayOfYear", "dow": "toDayOfWeek", "isodow": "toDayOfWeek",
}  # fmt: skip
_OTHER_NAMES = {"dayofweek": "dow", "weekday": "dow", "doy": "dayofyear", "weekofyear": "week", "dayofmonth": "day"}


def _field(name: str, part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = _OTHER_NAMES.get(name, name)
    name = name if name in _FIELDS else name.removesuffix("s")
    if name == "epoch":
        return _epoch(part, node, context)
    context.require(part, *MOMENTS, of=node)
    if name not in _FIELDS:
        context.refuse(node, f"of {name}")
    made = call(_FIELDS[name], moment_of(part) if name in SECONDS and name not in ("week", "day") else day_of(part))
    return infix(exp.Mod, made, 7) if name == "dow" else made


def _part(name: str) -> Rule:
    return lambda node, context: _field(name, node.this, node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    name = text_of(node.expressions[0])
    if name is None:
        context.refuse(node, "of a part that is computed")
    return _field(name.lower(), node.expressions[1], node, context)


def _epoch_rule(node: exp.Expr, context: Context) -> exp.Expr:
    return _epoch(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this, node, context)


def _epoch_ms(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    context.require(part, *MOMENTS, of=node)
    if isinstance(node, exp.UnixToTime) and node.args.get("scale") != exp.UnixToTime.MILLIS:
        context.refuse(node, "of this scale")
    return call("intDiv", _floored(micros(part), 1000), 1000)


def _ordinal(part: exp.Expr, unit: str) -> exp.Expr:
    if unit in ("year", "quarter", "month"):
        year = call("toInt64", call("toYear", day_of(part)))
        if unit == "year":
            return year
        per, function = (4, "toQuarter") if unit == "quarter" else (12, "toMonth")
        return infix(exp.Add, infix(exp.Mul, year, per), call(function, day_of(part)))
    if unit in ("day", "week"):
        return _days(part)
    by = SECONDS[unit] * _MILLION
    return call("intDiv", _floored(micros(part), by), by)


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = unit_of(node, context)
    for end in (node.this, node.expression):
        context.require(end, *MOMENTS, of=node)
    context.note(f"date_diff counts the boundaries of a {unit} between both sides")
    difference = infix(exp.Sub, _ordinal(node.this, unit), _ordinal(node.expression, unit))
    return call("intDiv", difference, 7) if unit == "week" else difference  # of whole weeks, not boundaries


_FORMATS = {c: f"%{c}" for c in "YmdHSybajpI%"} | {"M": "%i", "B": "%M", "A": "%W", "F": "%Y-%m-%d", "T": "%H:%i:%S"}


def _written(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *MOMENTS, of=node)
    pattern = text_of(node.args.get("format"))
    if pattern is None:
        context.refuse(node, "with a format that is computed")
    found, rest = "", iter(pattern)
    for character in rest:
        code = _FORMATS.get(next(rest, "")) if character == "%" else character
        if code is None:
            context.refuse(node, f"with the format '{pattern}'")
        found += code
    context.note("strftime is formatDateTime with codes of its own")
    return call("formatDateTime", moment_of(node.this), found)


def _named(code: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, *MOMENTS, of=node)
        return call("formatDateTime", moment_of(node.this), code)

    return rule


def _last_day(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *MOMENTS, of=node)
    day = day_of(node.this)
    first = call("makeDate32", call("toYear", day), call("toMonth", day), 1)
    return call("addDays", call("addMonths", first, 1), -1)


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Interval: _interval,
    exp.DateTrunc: _trunc,
    exp.TimestampTrunc: _trunc,
    exp.DateDiff: _date_diff,
    exp.Extract: lambda n, c: _field(n.name.lower(), n.expression, n, c),
    "date_part": _date_part,
    "datepart": _date_part,
    "isodow": lambda n, c: _field("isodow", n.expressions[0], n, c),
    "epoch": _epoch_rule,
    exp.TimeToUnix: _epoch_rule,
    exp.UnixToTime: _epoch_ms,
    "epoch_ms": _epoch_ms,
    exp.Year: _part("year"),
    exp.Quarter: _part("quarter"),
    exp.Month: _part("month"),
    exp.Day: _part("day"),
    exp.DayOfMonth: _part("day"),
    exp.DayOfWeek: _part("dow"),
    exp.DayOfWeekIso: _part("isodow"),
    exp.DayOfYear: _part("dayofyear"),
    exp.Week: _part("week"),
    exp.WeekOfYear: _part("week"),
    exp.Hour: _part("hour"),
    exp.Minute: _part("minute"),
    exp.Second: _part("second"),
    exp.TimeToStr: _written,
    exp.Dayname: _named("%W"),
    exp.Monthname: _named("%M"),
    exp.LastDay: _last_day,
}
