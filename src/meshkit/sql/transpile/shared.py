"""What every dialect has in common: parts that mean the same everywhere, and rewrites that several engines need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from sqlglot import exp

from meshkit.sql.transpile.kinds import NUMBERS, Kind, kind_of, kind_of_type
from meshkit.sql.transpile.rules import Context, Rule

STRUCTURE = frozenset(
    """
    Select From Where Group Having Order Ordered Limit Offset Distinct With CTE Subquery Table TableAlias Alias Column
    Identifier Literal Star Paren Null Boolean Join Union Window WindowSpec Case If And Or Not Is Exists
    Coalesce Nullif Count Neg DataType DataTypeParam Var
    """.split()
)
"""Classes that are written alike everywhere, whatever kind of value they hold."""


def comparison(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare two values of one kind; a text beside a number or a time is read as one, as DuckDB does."""
    left, right = settled(node.this, node.expression, node, context)
    node.set("this", left)
    node.set("expression", right)
    return node


def between(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare a value with both ends, as `comparison` does."""
    for end in ("low", "high"):
        left, right = settled(node.this, node.args[end], node, context)
        node.set("this", left)
        node.set(end, right)
    return node


def one_of(node: exp.Expr, context: Context) -> exp.Expr:
    """Compare a value with each of a list, as `comparison` does; or with what a sub-query selects."""
    if node.args.get("unnest") is not None or node.args.get("field") is not None:
        context.refuse(node, "of a list that is computed")
    query = node.args.get("query")
    if query is not None:
        chosen = query.this.selects if isinstance(query, exp.Subquery) else query.selects
        if len(chosen) != 1 or not comparable(kind_of(node.this), kind_of(chosen[0].unalias())):
            context.refuse(node, "of a sub-query that selects another kind of value")
        return node
    members = []
    for member in node.expressions:
        left, right = settled(node.this, member, node, context)
        if left is not node.this:
            context.refuse(node, "of members of several kinds")
        members.append(right)
    node.set("expressions", members)
    return node


def settled(left: exp.Expr, right: exp.Expr, node: exp.Expr, context: Context) -> tuple[exp.Expr, exp.Expr]:
    """Return two values that compare as in DuckDB, or refuse `node`.

    A text literal beside a number or a time becomes one. A date beside a timestamp becomes its midnight.
    """
    kinds = kind_of(left), kind_of(right)
    if comparable(*kinds):
        return left, right
    if _is_text_literal(right) and (kinds[0].is_moment or kinds[0].is_number):
        return left, read_as(right, left, node, context)
    if _is_text_literal(left) and (kinds[1].is_moment or kinds[1].is_number):
        return read_as(left, right, node, context), right
    if set(kinds) == {Kind.DATE, Kind.TIMESTAMP}:
        midnight = exp.DataType.build("TIMESTAMP", dialect="duckdb")
        return tuple(_typed_cast(v, midnight) if kind_of(v) is Kind.DATE else v for v in (left, right))  # type: ignore[return-value]
    context.refuse(node, f"between {kinds[0]} and {kinds[1]}")


def comparable(one: Kind, other: Kind) -> bool:
    """Tell whether values of two kinds are compared by value everywhere."""
    if Kind.UNKNOWN in (one, other):
        return False
    return one is other or Kind.NULL in (one, other) or (one in NUMBERS and other in NUMBERS)


def read_as(text: exp.Expr, like: exp.Expr, node: exp.Expr, context: Context) -> exp.Expr:
    """Read a text literal as what it is compared with."""
    like = like.unnest()
    assert isinstance(like.type, exp.DataType)
    if not kind_of(like).is_number:
        if not _MOMENTS[kind_of(like)].fullmatch(text.name):
            context.refuse(node, f"between a {kind_of(like)} and a text that is not written as one")
        return _typed_cast(text, like.type.copy())
    if not _NUMBER.fullmatch(text.name.strip()):
        context.refuse(node, "between a number and a text that is none")
    value = Decimal(text.name.strip())
    if not holds(like.type, value):
        context.refuse(
            node, f"between a number and a text that {like.type.sql('duckdb')} does not hold as it is written"
        )
    number = exp.Literal.number(format(abs(value), "f"))
    return exp.Neg(this=number) if value < 0 else number


_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_MOMENTS = {
    Kind.DATE: re.compile(_DAY),
    Kind.TIMESTAMP: re.compile(f"{_DAY}({_TIME})?"),
    Kind.ZONED: re.compile(f"{_DAY}({_TIME}([+-][0-9]{{2}}(:[0-9]{{2}})?|Z)?)?"),
}
_DIGITS = {exp.DType.TINYINT: 2, exp.DType.SMALLINT: 4, exp.DType.INT: 9, exp.DType.BIGINT: 18}
_UNSIGNED = (exp.DType.UTINYINT, exp.DType.USMALLINT, exp.DType.UINT, exp.DType.UBIGINT, exp.DType.UINT128)


def holds(kind: exp.DataType, value: Decimal) -> bool:
    """Tell whether a type surely holds a number without rounding it: DuckDB rounds a text to the type it is compared with."""
    if kind.this is exp.DType.DOUBLE:
        return True
    scale, digits = 0, _DIGITS.get(kind.this, 2)
    if kind.this is exp.DType.INT128:
        digits = 37
    elif kind_of_type(kind) is Kind.DECIMAL:
        precision, scale = (int(p.this.name) for p in kind.expressions) if len(kind.expressions) == 2 else (18, 0)
        digits = precision - scale
    elif kind_of_type(kind) is Kind.FLOAT:
        digits = 7  # a whole number that 24 bits hold
    elif kind.this in _UNSIGNED and value < 0:
        return False
    return value == round(value, scale) and abs(value) < 10**digits


def _typed_cast(value: exp.Expr, to: exp.DataType) -> exp.Expr:
    cast = exp.Cast(this=value.copy(), to=to)
    cast.type = to.copy()
    return cast


def _is_text_literal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def numbers_only(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep an operator or function over numbers; over times and texts it means something else on each engine."""
    for part in (node.this, node.args.get("expression")):
        if part is not None and not kind_of(part).is_number and kind_of(part) is not Kind.NULL:
            context.refuse(node, f"of {kind_of(part)}")
    return node


def as_float(value: exp.Expr) -> exp.Expr:
    """Write a value as a 64-bit float."""
    return _typed_cast(value, exp.DataType.build("DOUBLE", dialect="duckdb"))


def is_never_zero(divisor: exp.Expr) -> bool:
    """Tell whether a divisor is a number other than 0, or NULL in the place of 0."""
    bare = divisor.unnest()
    bare = bare.this if isinstance(bare, exp.Neg) else bare
    if isinstance(bare, exp.Cast):
        return is_never_zero(bare.this)
    if isinstance(bare, exp.Literal):
        return bool(bare.name.strip("0."))
    if isinstance(bare, exp.Nullif):
        zero = bare.expression.unnest()
        return isinstance(zero, exp.Literal) and not zero.name.strip("0.")
    return False


def division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide as floats, whatever the numbers are. By zero, DuckDB gives inf: the divisor must be proved to be another."""
    numbers_only(node, context)
    if not is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    context.note("x / y is a division of floats")
    return exp.Div(this=as_float(node.this), expression=as_float(node.expression), typed=True, safe=False)


def counted_if(node: exp.Expr, context: Context) -> exp.Expr:
    """Count the rows that meet a condition as COUNT(CASE WHEN ... THEN 1 END)."""
    context.note("COUNT_IF is written as COUNT(CASE WHEN ...)")
    one = exp.If(this=node.this.copy(), true=exp.Literal.number(1))
    return exp.Count(this=exp.Case(ifs=[one]), big_int=True)


def filtered(node: exp.Expr, context: Context) -> exp.Expr:
    """Write FILTER (WHERE ...) as an aggregate over a CASE, which passes over NULL."""
    aggregate: exp.Expr = node.this.copy()
    condition = node.expression.this.copy()
    if isinstance(aggregate, exp.Count) and isinstance(aggregate.this, (exp.Star, exp.Literal)):
        value: exp.Expr = exp.Literal.number(1)
    elif type(aggregate) in (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max) and not isinstance(
        aggregate.this, exp.Distinct
    ):
        value = aggregate.this
    else:
        context.refuse(node, "of this aggregate")
    context.note("FILTER is written as CASE inside the aggregate")
    aggregate.set("this", exp.Case(ifs=[exp.If(this=condition, true=value)]))
    return aggregate


COMPARED: Mapping[type[exp.Expr] | str, Rule] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), comparison),
    exp.Between: between,
    exp.In: one_of,
    **dict.fromkeys((exp.Mul, exp.Abs, exp.Sum, exp.Avg), numbers_only),
    exp.Div: division,
}
"""Rules that every dialect starts from."""
