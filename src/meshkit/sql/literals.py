"""The texts of a contract as SQL that compares exactly with a column."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from sqlglot import exp

from meshkit.errors import QuantityError
from meshkit.model.literals import Literal, parse_literal
from meshkit.model.types import Family, LogicalType
from meshkit.model.units import parse_number

_EXACT = Context(prec=120)
_LARGEST_INTEGER = Decimal(2**127 - 1)
MAX_DIGITS = 38
_COMPARED = 8
"""Literals up to which comparing with each is as fast as a join."""
_SPELLED_OUT = 200
_SEPARATORS = "\x1f\x1e|;\t~"
_NANOSECONDS = 9
_EARLIEST_NANOSECOND = datetime(1677, 9, 21, 0, 12, 43, 145225, UTC)  # the ends of 64 bits, in whole microseconds
_LATEST_NANOSECOND = datetime(2262, 4, 11, 23, 47, 16, 854775, UTC)


def literal(value: Literal, column: LogicalType) -> exp.Expr:
    """Render a parsed value as a literal of the column's own kind."""
    match value:
        case bool():
            return exp.Boolean(this=value)
        case Decimal():
            return number(value, column)
        case datetime():
            return moment(value, zoned=column.zoned)
        case date():
            return _cast(value.isoformat(), exp.DType.DATE)
        case time():
            return _cast(value.isoformat(), exp.DType.TIME)
    return exp.Literal.string(str(value))


def number(value: Decimal, column: LogicalType) -> exp.Expr:
    """Render a number: as it is where values are exact, else as the float of the column's width nearest to it."""
    text = f"{value:f}"
    bare = exp.Literal.number(text.lstrip("-"))
    signed: exp.Expr = exp.Neg(this=bare) if text.startswith("-") else bare
    if column.family is not Family.FLOAT:
        return signed
    return exp.Cast(
        this=exp.Literal.string(text),
        to=exp.DataType(this=exp.DType.FLOAT if column.length == 32 else exp.DType.DOUBLE),
    )


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _naive(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def moment(value: datetime, *, zoned: bool) -> exp.Expr:
    """Render a point in time; aware ones in UTC."""
    text = _naive(value).isoformat(sep=" ")
    return _cast(text + "+00", exp.DType.TIMESTAMPTZ) if zoned else _cast(text, exp.DType.TIMESTAMP)


def members(texts: tuple[str, ...], column: LogicalType) -> list[exp.Expr]:
    """Render the list of an `in`: values that the column's type cannot hold are left out, since nothing equals them."""
    values = [parse_literal(text, column) for text in texts]
    return [literal(v, column) for v in values if _holds(column, v)]


def one_of(operand: exp.Expr, members: list[exp.Expr], column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is one of some literals.

    A long list is joined, since DuckDB compares a row with each literal of a list in turn; and a very long one is written
    as one text, since it takes seconds to read 200,000 literals.
    """
    if len(members) <= _COMPARED:
        return exp.In(this=operand, expressions=members)
    listed = _as_text(members, column) if len(members) > _SPELLED_OUT else None
    unnested = exp.Anonymous(this="unnest", expressions=[listed or exp.Array(expressions=members)])
    return exp.In(this=operand, query=exp.Select(expressions=[unnested]).subquery())


def _as_text(members: list[exp.Expr], column: LogicalType) -> exp.Expr | None:
    """Write a list of texts, or of integers, as one text to be split; None for others."""
    if column.family is Family.STRING and all(isinstance(m, exp.Literal) and m.is_string for m in members):
        texts = [m.name for m in members]
        separator = next((s for s in _SEPARATORS if not any(s in t for t in texts)), None)
        return None if separator is None else _split(texts, separator)
    numbers = [_whole(m) for m in members]
    if column.family is not Family.INTEGER or any(n is None for n in numbers):
        return None
    return exp.Cast(this=_split([str(n) for n in numbers], ","), to=exp.DataType.build("HUGEINT[]", dialect="duckdb"))


def _split(texts: list[str], separator: str) -> exp.Expr:
    arguments = [exp.Literal.string(separator.join(texts)), exp.Literal.string(separator)]
    return exp.Anonymous(this="string_split", expressions=arguments)


def _whole(member: exp.Expr) -> int | None:
    bare = member.this if isinstance(member, exp.Neg) else member
    if not isinstance(bare, exp.Literal) or bare.is_string or not bare.name.isdigit():
        return None
    return -int(bare.name) if isinstance(member, exp.Neg) else int(bare.name)


def below(operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is less than `text`."""
    return _beyond(exp.LT, operand, text, column)


def above(operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is greater than `text`."""
    return _beyond(exp.GT, operand, text, column)


def at_most(operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is less than or equal to `text`."""
    return exp.and_(operand.copy().is_(exp.null()).not_(), above(operand, text, column).not_())


def at_least(operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is greater than or equal to `text`."""
    return exp.and_(operand.copy().is_(exp.null()).not_(), below(operand, text, column).not_())


def readable(texts: tuple[str, ...], column: LogicalType) -> list[exp.Expr]:
    """Render those of `texts` that the column's type can hold: no value equals the others."""
    found: list[exp.Expr] = []
    for text in texts:
        try:
            found += members((text,), column)
        except QuantityError:
            continue
    return found


def not_multiple(operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Return the condition that `operand` is no multiple of `text`.

    Exact numbers have a remainder or none. A float is a multiple when it is one up to a billionth of the divisor and the
    error of the float itself: 0.3 is a multiple of 0.1.
    """
    divisor = parse_number(text)
    if column.family is Family.FLOAT:
        return _far_from_multiple(operand, number(divisor, LogicalType(family=Family.FLOAT, length=64)))
    places = max(0, -int(divisor.normalize().as_tuple().exponent))
    if column.family is Family.DECIMAL:
        kind = f"DECIMAL({MAX_DIGITS},{max(column.scale or 0, places)})"
        by: exp.Expr = exp.cast(exp.Literal.string(f"{divisor:f}"), kind, dialect="duckdb")
        return _has_remainder(exp.cast(operand.copy(), kind, dialect="duckdb"), by)
    units: exp.Expr = exp.cast(operand.copy(), "HUGEINT", dialect="duckdb")
    units = exp.Mul(this=units, expression=exp.Literal.number(10**places)) if places else units
    return _has_remainder(exp.Paren(this=units), exp.Literal.number(int(divisor.scaleb(places))))


def _has_remainder(value: exp.Expr, by: exp.Expr) -> exp.Expr:
    return exp.NEQ(this=exp.Mod(this=value, expression=by), expression=exp.Literal.number(0))


def _far_from_multiple(operand: exp.Expr, by: exp.Expr) -> exp.Expr:
    quotient = exp.Paren(this=exp.Div(this=operand.copy(), expression=by))
    off = exp.Abs(this=exp.Sub(this=quotient, expression=exp.Round(this=quotient.copy())))
    error = exp.Mul(this=exp.Abs(this=quotient.copy()), expression=_float("4.5e-16"))
    allowed = exp.Paren(this=exp.Add(this=_float("1e-9"), expression=error))
    endless = exp.GT(this=exp.Abs(this=quotient.copy()), expression=_float("1e299"))
    # Infinity less infinity is NaN here, and NULL elsewhere: what is as good as endless is said by itself.
    return exp.or_(exp.IsNan(this=operand.copy()), endless, exp.GT(this=off, expression=allowed))


def _float(text: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), "DOUBLE", dialect="duckdb")


def _beyond(comparison: type[exp.LT | exp.GT], operand: exp.Expr, text: str, column: LogicalType) -> exp.Expr:
    """Compare on the column's own scale: `x < 0.5` over integers is `x < 1`, and nothing is ever cast to a float."""
    value = parse_literal(text, column)
    if isinstance(value, Decimal) and column.family in (Family.INTEGER, Family.DECIMAL):
        rounding = ROUND_CEILING if comparison is exp.LT else ROUND_FLOOR
        value = value.quantize(_step(column), rounding=rounding, context=_EXACT)
        if abs(value) > _largest(column):
            return _always(operand, is_true=(value > 0) is (comparison is exp.LT))
    if not _holds(column, value):
        assert isinstance(value, datetime)
        return _always(operand, is_true=(_aware(value) > _LATEST_NANOSECOND) is (comparison is exp.LT))
    return comparison(this=operand, expression=literal(value, column))


def _always(operand: exp.Expr, *, is_true: bool) -> exp.Expr:
    return operand.is_(exp.null()).not_() if is_true else exp.false()


def _step(column: LogicalType) -> Decimal:
    return Decimal(1).scaleb(-(column.scale or 0))


def _largest(column: LogicalType) -> Decimal:
    if column.family is Family.INTEGER:
        return _LARGEST_INTEGER
    return Decimal(10) ** ((column.precision or MAX_DIGITS) - (column.scale or 0)) - _step(column)


def _holds(column: LogicalType, value: Literal) -> bool:
    """Tell whether a column's type can hold a value; integers and decimals are told of numbers, nanoseconds of times."""
    if isinstance(value, datetime) and column.precision == _NANOSECONDS:
        return _EARLIEST_NANOSECOND <= _aware(value) <= _LATEST_NANOSECOND
    if not isinstance(value, Decimal) or column.family not in (Family.INTEGER, Family.DECIMAL):
        return True
    return abs(value) <= _largest(column) and value == value.quantize(_step(column), context=_EXACT)


def _cast(text: str, to: exp.DType) -> exp.Expr:
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType(this=to))
