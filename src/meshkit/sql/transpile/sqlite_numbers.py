"""Numbers, casts and aggregates in SQLite's dialect. A decimal is held as a float, and is exact up to 15 digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared, sqlite_text, sqlite_time
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.names import STORED
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    floats_of,
    grouped,
    literal_integer,
    literal_text,
    number,
)

DIGITS = 15
EXACT = (Kind.INTEGER, Kind.DECIMAL)
_LOW, _HIGH = -(2**63), 2**63 - 1
_RANGES = {
    exp.DType.TINYINT: (-(2**7), 2**7 - 1), exp.DType.SMALLINT: (-(2**15), 2**15 - 1), exp.DType.INT: (-(2**31), 2**31 - 1),
    exp.DType.BIGINT: (_LOW, _HIGH), exp.DType.UTINYINT: (0, 2**8 - 1), exp.DType.USMALLINT: (0, 2**16 - 1),
    exp.DType.UINT: (0, 2**32 - 1), exp.DType.INT128: (_LOW, _HIGH),
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_MATH = {
    exp.Sqrt: "mk_sqrt", exp.Ln: "mk_ln", exp.Exp: "mk_exp", exp.Pow: "mk_pow",
}  # fmt: skip


def literal(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a literal; a number of more digits than are held exactly has no equal."""
    if isinstance(node, exp.Literal) and not node.is_string:
        digits = node.name.replace(".", "").strip("0")
        if "e" not in node.name.lower() and "." in node.name and len(digits) > DIGITS:
            context.refuse(node, f"{node.name}: decimals have at most {DIGITS} digits there")
        if node.name.isdigit() and int(node.name) > _HIGH:
            context.refuse(node, f"{node.name}: whole numbers have 64 bits there")
    return node


def places_of(node: exp.Expr) -> int:
    """Return how many decimal places an exact number has."""
    return decimal_size(node)[1] if kind_of(node) is Kind.DECIMAL else 0


def exactly(made: exp.Expr, node: exp.Expr) -> exp.Expr:
    """Round what was calculated with floats to the decimal that it stands for."""
    size = decimal_size(node) if kind_of(node) is Kind.DECIMAL else (38, 0)
    return call("ROUND" if size[0] <= DIGITS else "mk_exact", made, number(size[1]))


def calculated(node: exp.Expr, context: Context) -> exp.Expr:
    """Add, subtract and multiply numbers; days and times go by their own rules."""
    kinds = kind_of(node.this), kind_of(node.expression)
    if not isinstance(node, exp.Mul) and not all(k.is_number or k is Kind.NULL for k in kinds):
        return sqlite_time.added(node, kinds, context)
    shared.numbers_only(node, context)
    if Kind.DECIMAL in kinds and Kind.FLOAT not in kinds:
        context.note("decimals are held as floats: what is calculated is rounded to its decimal")
        return exactly(node.copy(), node)
    return _within_64_bits(node) if set(kinds) == {Kind.INTEGER} else node


def _within_64_bits(node: exp.Expr) -> exp.Expr:
    """Let whole numbers that outgrow 64 bits fail, as in DuckDB: SQLite goes on with floats. The outermost sum or product asks."""
    holder = node.parent
    while isinstance(holder, exp.Paren | exp.Neg):
        holder = holder.parent
    is_inner = isinstance(holder, exp.Add | exp.Sub | exp.Mul) and kind_of(holder) is Kind.INTEGER
    return call("mk_whole", node) if not is_inner and any(map(_may_be_large, node.find_all(exp.Column))) else node


def _may_be_large(column: exp.Expr) -> bool:
    """Tell whether a column holds whole numbers of any size: what is counted is small, and less one it is smaller still."""
    if kind_of(column) is not Kind.INTEGER or column.find_ancestor(exp.Count):
        return False
    is_moved = isinstance(column.parent, exp.Add | exp.Sub) and literal_integer(column.parent.expression) is not None
    return bool(column.meta.get(STORED)) or not is_moved


def _negated(node: exp.Expr, context: Context) -> exp.Expr:
    return shared.numbers_only(node, context)


def _division(node: exp.Expr, context: Context) -> exp.Expr:
    if shared.is_never_zero(node.expression):
        return shared.division(node, context)
    shared.numbers_only(node, context)
    context.note("x / 0 is inf or -inf, by mk_divide()")
    return call("mk_divide", node.this, node.expression)


def _whole_division(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, of=node)
    if not shared.is_never_zero(node.expression):
        context.note("x // 0 fails, by mk_whole_division()")
        return call("mk_whole_division", node.this, node.expression)
    return exp.Paren(this=exp.Div(this=grouped(node.this), expression=grouped(node.expression), typed=True, safe=False))


def scaled(value: exp.Expr, places: int) -> exp.Expr:
    """Write a decimal as whole units of its last place."""
    if kind_of(value) is Kind.INTEGER and not places:
        return value.copy()
    units = exp.Mul(this=grouped(value), expression=exp.Literal.number(f"{10**places}.0"))
    return cast_as(call("ROUND", units), "INTEGER", "BIGINT")


def unscaled(units: exp.Expr, places: int) -> exp.Expr:
    whole = exp.Div(this=grouped(units), expression=exp.Literal.number(f"{10**places}.0"), typed=True)
    return call("mk_exact", whole, number(places))


def _remainder(node: exp.Expr, context: Context) -> exp.Expr:
    kinds = kind_of(node.this), kind_of(node.expression)
    if not all(k.is_number for k in kinds):
        context.refuse(node, f"of {kinds[0]} and {kinds[1]}")
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    if Kind.FLOAT in kinds:
        return call("mk_remainder", node.this, node.expression)
    if kinds == (Kind.INTEGER, Kind.INTEGER):
        return exp.Paren(this=exp.Mod(this=grouped(node.this), expression=grouped(node.expression)))
    places = max(decimal_size(p)[1] if kind_of(p) is Kind.DECIMAL else 0 for p in (node.this, node.expression))
    if places > DIGITS:
        context.refuse(node, f"of more than {DIGITS} decimal places")
    context.note("a remainder of decimals is one of their last places")
    sides = [scaled(p, places) for p in (node.this, node.expression)]
    return unscaled(exp.Mod(this=sides[0], expression=sides[1]), places)


def _rounded(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, *EXACT, Kind.FLOAT, of=node)
    held = node.args.get("decimals")
    places = 0 if held is None else literal_integer(held)
    if places is None or (places < 0 and kind is not Kind.FLOAT) or node.args.get("truncate"):
        context.refuse(node, "to places that are computed or before the point")
    if kind is Kind.INTEGER:
        whole: exp.Expr = node.this.copy()
        return whole
    return call("mk_half_away" if kind is Kind.DECIMAL else "mk_round", node.this, number(places))


def _to_whole(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        kind = context.require(node.this, *EXACT, Kind.FLOAT, of=node)
        if node.args.get("decimals") is not None or node.args.get("to") is not None:
            context.refuse(node, "to places")
        return node.this.copy() if kind is Kind.INTEGER else call(name, node.this)

    return apply


def _of_numbers(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        shared.numbers_only(node, context)
        parts = [node.this, *([node.expression] if node.args.get("expression") is not None else [])]
        return call(name, *parts)

    return apply


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    """Take the least or the greatest of those that are there: MIN and MAX of several give NULL where one is."""
    parts = [node.this, *node.expressions]
    kinds = {kind_of(p) for p in parts} - {Kind.NULL}
    if Kind.UNKNOWN in kinds or (len(kinds) > 1 and not all(k.is_number for k in kinds)):
        context.refuse(node, "of values of several kinds")
    context.note("GREATEST and LEAST pass over NULL")
    if len(parts) == 1:
        only: exp.Expr = parts[0].copy()
        return only
    filled = [call("COALESCE", p, *(o for o in parts if o is not p)) for p in parts]
    return call("MAX" if isinstance(node, exp.Greatest) else "MIN", *filled)


def _logarithm(node: exp.Expr, context: Context) -> exp.Expr:
    base = literal_integer(node.this) if node.args.get("expression") is not None else 10
    value = node.args.get("expression") or node.this
    if base not in (2, 10):
        context.refuse(node, "to a base other than 2 and 10")
    context.require(value, *EXACT, Kind.FLOAT, of=node)
    return call(f"mk_log{base}", value)


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    context.note("NaN cannot be held: nothing is NaN")
    return exp.Paren(this=exp.NEQ(this=grouped(node.this), expression=grouped(node.this)))


def _is_infinite(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    return exp.Paren(this=exp.EQ(this=call("ABS", node.this), expression=exp.Literal.number("9e999")))


def cast(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast, as DuckDB reads and rounds."""
    assert isinstance(node, exp.Cast)
    value, is_try = node.this, isinstance(node, exp.TryCast)
    source, to = kind_of(value), kind_of(node)
    written = literal_text(value)
    if written is not None:
        _refuse_unheld(written, to, node, context)
    if written is not None and not is_try:
        if to.is_moment:
            return sqlite_time.literal_moment(written, to, node, context)
        if to in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT) and _NUMBER.fullmatch(written):
            value = number(written.lstrip("+").removesuffix("."))
            for part in value.walk():
                part.type = exp.DataType.build("DECIMAL(15,15)" if "." in written else "BIGINT", dialect="duckdb")
            places = len(written.partition(".")[2])
            if to is Kind.FLOAT or (to is Kind.INTEGER and not places):
                return value
            if to is Kind.DECIMAL and places <= decimal_size(node)[1]:
                return value
            value = node.this
    if source is Kind.NULL:
        return exp.null()
    made = _CASTS.get(to, _no_cast)(value, source, node, "mk_try_to_" if is_try else "mk_to_", context)
    if made is None:
        context.refuse(node, f"from {source} to {to}")
    if isinstance(made, exp.Anonymous) and made.name.startswith("mk_"):
        context.note("a cast reads and rounds as DuckDB's does, by a function")
    return made


def _refuse_unheld(written: str, to: Kind, node: exp.Expr, context: Context) -> None:
    """Refuse a text that is a number which cannot be held."""
    if to is Kind.FLOAT and written.strip().lower().lstrip("+-") == "nan":
        context.refuse(node, "from 'nan', which cannot be held")
    digits = written.strip().lstrip("+-").replace(".", "", 1).strip("0")
    if to is Kind.DECIMAL and digits.isdigit() and len(digits) > DIGITS:
        context.refuse(node, f"of more than {DIGITS} digits")


Made = exp.Expr | None
_Caster = Callable[[exp.Expr, Kind, exp.Cast, str, Context], Made]


def _no_cast(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    return None


def _to_text(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    if node.to.this not in (exp.DType.VARCHAR, exp.DType.TEXT):
        return None
    return sqlite_text.as_text(value, node, context)


def _to_integer(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    to = node.to.this
    if to not in _RANGES:
        return None
    low, high = _RANGES[to]
    if source is Kind.INTEGER:
        held = value.type.this if isinstance(value.type, exp.DataType) else exp.DType.BIGINT
        own_low, own_high = _RANGES.get(held, (_LOW, _HIGH))
        if low <= own_low and own_high <= high:
            return value.copy()
    elif source is Kind.BOOLEAN:
        return cast_as(value, "INTEGER", "BIGINT")
    elif source is Kind.DECIMAL:
        value = call("mk_half_away", value, number(0))
    elif source not in (Kind.FLOAT, Kind.TEXT) or (to is exp.DType.INT128 and source is Kind.TEXT):
        return None
    return call(f"{name}integer", value, number(low), number(high))


def _to_decimal(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    digits, places = decimal_size(node)
    if source is Kind.DECIMAL:
        own_digits, own_places = decimal_size(value)
        if own_places <= places and own_digits - own_places <= digits - places:
            return value.copy()
        value = call("mk_half_away", value, number(min(places, own_places)))
    elif source not in (Kind.INTEGER, Kind.FLOAT, Kind.TEXT):
        return None
    if places > DIGITS:
        return None
    return call(f"{name}decimal", value, number(digits), number(places))


def _to_float(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    if node.to.this is not exp.DType.DOUBLE:
        return None
    if source.is_number or source is Kind.BOOLEAN:
        return floats_of(value)
    return call(f"{name}float", value) if source is Kind.TEXT else None


def _to_boolean(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    if source is Kind.BOOLEAN:
        return value.copy()
    if source.is_number:
        return exp.Paren(this=exp.NEQ(this=grouped(value), expression=number(0)))
    return call(f"{name}boolean", value) if source is Kind.TEXT else None


def _to_date(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    if source is Kind.DATE:
        return value.copy()
    if source in (Kind.TIMESTAMP, Kind.ZONED):
        return call("SUBSTR", value, number(1), number(10))
    return call(f"{name}date", value) if source is Kind.TEXT else None


def _to_moment(value: exp.Expr, source: Kind, node: exp.Cast, name: str, context: Context) -> Made:
    if node.to.this not in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPTZ):
        return None
    if source.is_moment:
        return sqlite_time.naive(value)
    is_read = source is Kind.TEXT and kind_of(node) is Kind.TIMESTAMP
    return call(f"{name}timestamp", value) if is_read else None


_CASTS: Mapping[Kind, _Caster] = {
    Kind.TEXT: _to_text,
    Kind.INTEGER: _to_integer,
    Kind.DECIMAL: _to_decimal,
    Kind.FLOAT: _to_float,
    Kind.BOOLEAN: _to_boolean,
    Kind.DATE: _to_date,
    Kind.TIMESTAMP: _to_moment,
    Kind.ZONED: _to_moment,
}


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Literal: literal,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), calculated),
    exp.Neg: _negated,
    exp.Abs: shared.numbers_only,
    exp.Div: _division,
    exp.IntDiv: _whole_division,
    exp.Mod: _remainder,
    exp.Round: _rounded,
    exp.Floor: _to_whole("mk_floor"),
    exp.Ceil: _to_whole("mk_ceil"),
    exp.Trunc: _to_whole("mk_trunc"),
    exp.Log: _logarithm,
    exp.Sign: _of_numbers("mk_sign"),
    **{kind: _of_numbers(name) for kind, name in _MATH.items()},
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.IsNan: _is_nan,
    exp.IsInf: _is_infinite,
    exp.Cast: cast,
    exp.TryCast: cast,
}
