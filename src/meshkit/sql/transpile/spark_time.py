"""Days and moments on Spark."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.parts import SECONDS, call, infix, number_of, text_of, unit_of
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_casts import as_type, moment_of

_MOMENTS = (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)


def added(node: exp.Expr, context: Context) -> exp.Expr | None:
    """Add and subtract days, intervals and moments; None where both sides are numbers."""
    left, right = kind_of(node.this), kind_of(node.expression)
    is_sub = isinstance(node, exp.Sub)
    if (left.is_number and right.is_number) or Kind.NULL in (left, right):
        return None
    if left is Kind.DATE and right is Kind.INTEGER:
        context.note("days are added to a date by DATE_ADD")
        return call("date_sub" if is_sub else "date_add", node.this, as_type(node.expression, "INT"))
    if left is Kind.INTEGER and right is Kind.DATE and not is_sub:
        return call("date_add", node.expression, as_type(node.this, "INT"))
    if left is right is Kind.DATE and is_sub:
        context.note("a date less a date is a number of days: DATEDIFF")
        return as_type(call("datediff", node.this, node.expression), "BIGINT")
    if left in (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED) and right is Kind.INTERVAL:
        kept = node.this.copy() if left is Kind.ZONED else moment_of(node.this)
        return exp.Paren(this=type(node)(this=kept, expression=node.expression.copy()))
    if left in (Kind.TIMESTAMP, Kind.ZONED) and right in _MOMENTS and is_sub:
        return exp.Paren(this=exp.Sub(this=moment_of(node.this), expression=moment_of(node.expression)))
    if left is right is Kind.INTERVAL:
        return node
    return context.refuse(node, f"of {left} and {right}")


def _interval(node: exp.Expr, context: Context) -> exp.Expr:
    unit = unit_of(node, context)
    count, text = number_of(node.this), text_of(node.this)
    if count is None and text is not None and text.strip().lstrip("-").isdigit():
        count = int(text)
    if unit in ("year", "quarter", "month"):
        months = {"year": 12, "quarter": 3, "month": 1}[unit]
        return call("make_ym_interval", 0, count * months) if count is not None else call(
            "make_ym_interval", 0, infix(exp.Mul, as_type(node.this, "INT"), months))  # fmt: skip
    if text is not None and count is None:
        context.refuse(node, "of this text")
    if unit == "week":
        unit, factor = "day", 7
    else:
        factor = 1
    amount: exp.Expr | int = count * factor if count is not None else infix(exp.Mul, as_type(node.this, "INT"), factor)
    place = ("day", "hour", "minute", "second").index(unit)
    return call("make_dt_interval", *([0] * place), amount)


def _trunc(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, *_MOMENTS, of=node)
    unit = unit_of(node, context)
    made = call("date_trunc", unit.upper(), node.this if kind is Kind.ZONED else moment_of(node.this))
    return made if kind is Kind.ZONED else as_type(made, "TIMESTAMP_NTZ")


def _micros(part: exp.Expr) -> exp.Expr:
    return call("unix_micros", as_type(part, "TIMESTAMP_LTZ"))


def _epoch(part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(part, *_MOMENTS, Kind.INTERVAL, of=node)
    if kind is Kind.INTERVAL:
        return _interval_seconds(part)
    return infix(exp.Div, as_type(_micros(part), "DOUBLE"), as_type(exp.Literal.string("1e6"), "DOUBLE"))


def _interval_seconds(part: exp.Expr) -> exp.Expr:
    fields = [(u, s) for u, s in (("DAY", 86400), ("HOUR", 3600), ("MINUTE", 60), ("SECOND", 1))]
    terms = [
        infix(exp.Mul, as_type(exp.Extract(this=exp.Var(this=u), expression=part.copy()), "DECIMAL(20,6)"), s)
        for u, s in fields
    ]
    whole = terms[0]
    for term in terms[1:]:
        whole = infix(exp.Add, whole, term)
    return as_type(whole, "DOUBLE")


def _field(name: str, part: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    name = {"dayofweek": "dow", "weekday": "dow", "doy": "dayofyear", "weekofyear": "week", "dayofmonth": "day"}.get(
        name, name
    )
    name = name.removesuffix("s") if name not in _FIELDS else name
    if name == "epoch":
        return _epoch(part, node, context)
    context.require(part, *_MOMENTS, of=node)
    function = _FIELDS.get(name)
    if function is None:
        context.refuse(node, f"of {name}")
    made = call(function, moment_of(part))
    if name == "dow":
        return infix(exp.Sub, made, 1)
    return infix(exp.Add, made, 1) if name == "isodow" else made


_FIELDS = {
    "year": "year", "quarter": "quarter", "month": "month", "day": "day", "hour": "hour", "minute": "minute",
    "second": "second", "week": "weekofyear", "dayofyear": "dayofyear", "dow": "dayofweek", "isodow": "weekday",
}  # fmt: skip


def _part(name: str) -> Rule:
    return lambda node, context: _field(name, node.this, node, context)


def _extract(node: exp.Expr, context: Context) -> exp.Expr:
    return _field(node.name.lower(), node.expression, node, context)


def _date_part(node: exp.Expr, context: Context) -> exp.Expr:
    name = text_of(node.expressions[0])
    if name is None:
        context.refuse(node, "of a part that is computed")
    return _field(name.lower(), node.expressions[1], node, context)


def _isodow(node: exp.Expr, context: Context) -> exp.Expr:
    return _field("isodow", node.expressions[0], node, context)


def _epoch_rule(node: exp.Expr, context: Context) -> exp.Expr:
    return _epoch(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this, node, context)


def _epoch_in(per_micro: int) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        part = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
        context.require(part, *_MOMENTS, of=node)
        if isinstance(node, exp.UnixToTime) and node.args.get("scale") != exp.UnixToTime.MILLIS:
            context.refuse(node, "of this scale")
        made = _micros(part)
        return made if per_micro == 1 else _floored(made, per_micro)

    return rule


def _floored(number: exp.Expr, by: int) -> exp.Expr:
    return exp.Paren(
        this=exp.IntDiv(this=infix(exp.Sub, number, call("pmod", number, by)), expression=exp.Literal.number(by))
    )


def _ordinal(part: exp.Expr, unit: str) -> exp.Expr:
    """Number the years, months, weeks, ... so that their difference counts boundaries."""
    moment = moment_of(part)
    if unit in ("year", "quarter", "month"):
        year = as_type(call("year", moment), "BIGINT")
        if unit == "year":
            return year
        per = 4 if unit == "quarter" else 12
        return infix(exp.Add, infix(exp.Mul, year, per), call(unit, moment))
    if unit in ("day", "week"):
        return as_type(call("unix_date", as_type(part, "DATE")), "BIGINT")
    return _floored(_micros(moment), SECONDS[unit] * 1000000)


def _date_diff(node: exp.Expr, context: Context) -> exp.Expr:
    unit = unit_of(node, context)
    for end in (node.this, node.expression):
        context.require(end, *_MOMENTS, of=node)
    context.note(f"date_diff counts the boundaries of a {unit} between both sides")
    difference = infix(exp.Sub, _ordinal(node.this, unit), _ordinal(node.expression, unit))
    if unit == "week":
        return exp.Paren(
            this=exp.IntDiv(this=difference, expression=exp.Literal.number(7))
        )  # of whole weeks, not boundaries
    return difference


_FORMATS = {
    "Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "y": "yy", "b": "MMM", "B": "MMMM", "a": "EEE",
    "A": "EEEE", "j": "DDD", "p": "a", "I": "hh", "f": "SSSSSS", "F": "yyyy-MM-dd", "T": "HH:mm:ss", "%": "'%'",
}  # fmt: skip


def _written(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *_MOMENTS, of=node)
    pattern = text_of(node.args.get("format"))
    if pattern is None:
        context.refuse(node, "with a format that is computed")
    found, rest = "", iter(pattern)
    for character in rest:
        if character == "%":
            code = _FORMATS.get(next(rest, ""))
            if code is None:
                context.refuse(node, f"with the format '{pattern}'")
            found += code
        else:
            found += f"'{character}'" if character.isalpha() else "''" if character == "'" else character
    context.note("strftime is DATE_FORMAT with a pattern of its own")
    return call("date_format", moment_of(node.this), found.replace("''", "") if "%" not in pattern else found)


def _named(pattern: str) -> Rule:
    def rule(node: exp.Expr, context: Context) -> exp.Expr:
        context.require(node.this, *_MOMENTS, of=node)
        return call("date_format", moment_of(node.this), pattern)

    return rule


def _last_day(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, *_MOMENTS, of=node)
    return call("last_day", as_type(node.this, "DATE"))


def _make_date(node: exp.Expr, context: Context) -> exp.Expr:
    del context
    return call("make_date", *(node.args[k] for k in ("year", "month", "day")))


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Interval: _interval,
    exp.DateTrunc: _trunc,
    exp.TimestampTrunc: _trunc,
    exp.DateDiff: _date_diff,
    exp.Extract: _extract,
    "date_part": _date_part,
    "datepart": _date_part,
    "isodow": _isodow,
    "epoch": _epoch_rule,
    exp.TimeToUnix: _epoch_rule,
    "epoch_ms": _epoch_in(1000),
    "epoch_us": _epoch_in(1),
    exp.UnixToTime: _epoch_in(1000),
    exp.UnixMillis: _epoch_in(1000),
    exp.UnixMicros: _epoch_in(1),
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
    exp.Dayname: _named("EEEE"),
    exp.Monthname: _named("MMMM"),
    exp.LastDay: _last_day,
    exp.DateFromParts: _make_date,
}
