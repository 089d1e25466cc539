"""The assertions on a column as conditions that a table can hold, per dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import MeshkitError
from meshkit.model.exported import why_soft
from meshkit.model.literals import parse_literal
from meshkit.model.patterns import portable_pattern
from meshkit.model.table import Column, Constraint
from meshkit.model.types import Family, LogicalType
from meshkit.sql import literals
from meshkit.sql.builders import column as named

IN_KEYS = frozenset({"not_null", "unique", "references"})
"""Kinds that a table holds by other means than a CHECK."""

_NAN = frozenset({"duckdb", "postgres"})
_NO_ZONED_LITERALS = frozenset({"mysql", "tsql"})
_NO_MOMENTS = frozenset(
    {("sqlite", f) for f in (Family.DATE, Family.TIME, Family.TIMESTAMP)} | {("databricks", Family.TIME)}
)
_BOUNDS = {"min", "max", "exclusive_min", "exclusive_max"}


class Condition(NamedTuple):
    """What must be true, or NULL, of each row, and the kind of assertion that says so."""

    kind: str
    tree: exp.Expr


class _NotHeldError(Exception):
    """Carries why an assertion cannot be held; never leaves this file."""


Build = Callable[[exp.Expr, Constraint, LogicalType, str], exp.Expr]


def conditions(column: Column, dialect: str, note: Callable[[str, str], None]) -> list[Condition]:
    """Return the conditions of a column's constraints; those a CHECK of `dialect` cannot hold are noted by kind."""
    found: list[Condition] = []
    for constraint in column.constraints:
        if constraint.kind in IN_KEYS:
            continue
        reason = why_soft(constraint)
        if not reason:
            try:
                found.append(Condition(constraint.kind, _condition(column, constraint, dialect)))
                continue
            except _NotHeldError as error:
                reason = str(error)
            except MeshkitError as error:
                reason = error.what
        note(constraint.kind, reason)
    return found


def condition_text(condition: Condition, dialect: str) -> str:
    """Write a condition as text of its dialect."""
    return condition.tree.sql(dialect)


def _condition(column: Column, constraint: Constraint, dialect: str) -> exp.Expr:
    build = _BUILDERS.get(constraint.kind)
    if build is None:
        raise _NotHeldError("a table has no constraint for it")
    logical = column.logical
    if logical is None:
        raise _NotHeldError("the column has no declared type")
    is_zoned = logical.zoned and dialect in _NO_ZONED_LITERALS
    if logical.family.is_temporal and (is_zoned or (dialect, logical.family) in _NO_MOMENTS):
        raise _NotHeldError(f"{dialect} does not compare a {logical} with a fixed one as others do")
    return build(named(column.name), constraint, logical, dialect)


def _bound(operand: exp.Expr, constraint: Constraint, logical: LogicalType, dialect: str) -> exp.Expr:
    value = literals.literal(parse_literal(constraint.values[0], logical), logical)
    comparison = {"min": exp.GTE, "max": exp.LTE, "exclusive_min": exp.GT, "exclusive_max": exp.LT}[constraint.kind]
    inside = comparison(this=operand, expression=value)
    if logical.family is not Family.FLOAT or dialect not in _NAN:
        return inside
    nan = exp.Cast(this=exp.Literal.string("NaN"), to=exp.DataType(this=exp.DType.DOUBLE))
    return exp.and_(inside, exp.NEQ(this=operand.copy(), expression=nan))  # NaN is above all numbers there


def _in(operand: exp.Expr, constraint: Constraint, logical: LogicalType, dialect: str) -> exp.Expr:
    members = literals.members(constraint.values, logical)
    return exp.In(this=operand, expressions=members) if members else operand.is_(exp.null())


def _pattern(operand: exp.Expr, constraint: Constraint, logical: LogicalType, dialect: str) -> exp.Expr:
    text: str | None = constraint.values[0]
    if dialect == "postgres":
        text = portable_pattern(constraint.values[0])
        if text is None:
            raise _NotHeldError("the pattern may mean something else to postgres")
    elif dialect != "duckdb":
        raise _NotHeldError(f"{dialect} does not read patterns as RE2 does")
    assert text is not None
    return exp.RegexpLike(this=operand, expression=exp.Literal.string(text))


def _length(operand: exp.Expr, constraint: Constraint, logical: LogicalType, dialect: str) -> exp.Expr:
    if dialect == "tsql":
        raise _NotHeldError("LEN of tsql counts no trailing blanks")
    comparison = exp.GTE if constraint.kind == "min_length" else exp.LTE
    return comparison(this=exp.Length(this=operand), expression=exp.Literal.number(constraint.values[0]))


_BUILDERS: Mapping[str, Build] = {
    **dict.fromkeys(_BOUNDS, _bound),
    "in": _in,
    "pattern": _pattern,
    "min_length": _length,
    "max_length": _length,
}
