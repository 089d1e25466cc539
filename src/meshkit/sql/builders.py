"""Checks as trees: for each kind, the condition of a bad row and the numbers that a scan has to bring back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from meshkit.model.check import Check, Kind
from meshkit.model.formats import TEXT_FORMATS, number_range
from meshkit.model.types import Family, LogicalType
from meshkit.sql import literals
from meshkit.sql.measures import Extreme, Measure

NULL = exp.null()
TRUE = exp.true()
Violation = Callable[[exp.Expr, Check, LogicalType], exp.Expr]


def column(name: str, table: str = "") -> exp.Column:
    """Name a column, quoted."""
    return exp.column(name, table=table or None, quoted=True)


def table(relation_id: str, alias: str = "") -> exp.Table:
    """Name a relation, quoted."""
    named = exp.to_identifier(alias, quoted=True) if alias else None
    return exp.Table(
        this=exp.to_identifier(relation_id, quoted=True),
        alias=exp.TableAlias(this=named) if named is not None else None,
    )


def as_text(operand: exp.Expr) -> exp.Expr:
    """Write a value as text."""
    return exp.cast(operand.copy(), "VARCHAR", dialect="duckdb")


def is_missing(operand: exp.Expr, holder: exp.Expr | None) -> exp.Expr:
    """Return the condition that a value is not there; a part of what is itself not there is not missing."""
    absent = operand.is_(exp.null())
    return absent if holder is None else both(holder.is_(exp.null()).not_(), absent)


def count_if(condition: exp.Expr) -> exp.Expr:
    """Count the rows that meet `condition`; 0 over an empty table, where a bare COUNT_IF may be NULL."""
    return or_zero(exp.CountIf(this=condition))


def or_zero(number: exp.Expr) -> exp.Expr:
    """Take 0 in the place of NULL."""
    return exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])


def count_rows() -> exp.Expr:
    """Count all rows."""
    return exp.Count(this=exp.Star(), big_int=True)


def count_values(operand: exp.Expr) -> exp.Expr:
    """Count the rows in which `operand` is not NULL."""
    return exp.Count(this=operand, big_int=True)


def both(*conditions: exp.Expr | None) -> exp.Expr:
    """Join copies of conditions by AND, leaving out those that are None."""
    kept = [c.copy() for c in conditions if c is not None]
    if len(kept) == 1:
        return kept[0]
    whole, *rest = (exp.Paren(this=c) if isinstance(c, exp.Connector) else c for c in kept)
    for condition in rest:
        whole = exp.And(this=whole, expression=condition)
    return whole


def _is_nan(operand: exp.Expr, native: LogicalType) -> exp.Expr | None:
    return exp.IsNan(this=operand.copy()) if native.family is Family.FLOAT else None


def _min(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    below = literals.below(operand, check.values[0], native)
    nan = _is_nan(operand, native)
    return exp.or_(nan, below) if nan is not None else below


def _max(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    above = literals.above(operand, check.values[0], native)
    nan = _is_nan(operand, native)
    return exp.or_(nan, above) if nan is not None else above


def _exclusive_min(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    return _or_nan(operand, native, literals.at_most(operand, check.values[0], native))


def _exclusive_max(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    return _or_nan(operand, native, literals.at_least(operand, check.values[0], native))


def _or_nan(operand: exp.Expr, native: LogicalType, condition: exp.Expr) -> exp.Expr:
    nan = _is_nan(operand, native)
    return exp.or_(nan, condition) if nan is not None else condition


def _multiple_of(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    return literals.not_multiple(operand, check.values[0], native)


def _format(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    name = check.values[0]
    ends = number_range(name)
    if ends is None:
        return exp.RegexpLike(this=operand, expression=exp.Literal.string(TEXT_FORMATS[name])).not_()
    low, high = literals.below(operand, ends[0], native), literals.above(operand.copy(), ends[1], native)
    return _or_nan(operand, native, exp.or_(low, high))


def _missing(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    nothing = operand.is_(exp.null())
    marks = literals.readable(check.missing, native)
    return exp.or_(nothing, exp.In(this=operand.copy(), expressions=marks)) if marks else nothing


def _invalid(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    wrong: list[exp.Expr] = []
    if check.values:
        known = literals.readable(check.values, native)
        wrong.append(literals.one_of(operand.copy(), known, native).not_() if known else exp.true())
    if check.pattern:
        text = (
            operand.copy() if native.family is Family.STRING else exp.cast(operand.copy(), "VARCHAR", dialect="duckdb")
        )
        wrong.append(exp.RegexpLike(this=text, expression=exp.Literal.string(check.pattern)).not_())
    return both(_missing(operand.copy(), check, native).not_(), exp.or_(*wrong))


def _in(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:
    members = literals.members(check.values, native)
    if not members:
        return operand.is_(exp.null()).not_()
    outside = literals.one_of(operand, members, native).not_()
    nan = _is_nan(operand, native)
    return exp.or_(nan, outside) if nan is not None else outside


def _pattern(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:  # one shape for all
    return exp.RegexpLike(this=operand, expression=exp.Literal.string(check.values[0])).not_()


def _min_length(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:  # one shape for all
    return exp.LT(this=exp.Length(this=operand), expression=exp.Literal.number(check.values[0]))


def _max_length(operand: exp.Expr, check: Check, native: LogicalType) -> exp.Expr:  # one shape for all
    return exp.GT(this=exp.Length(this=operand), expression=exp.Literal.number(check.values[0]))


VIOLATIONS: Mapping[Kind, Violation] = {
    Kind.MIN: _min,
    Kind.MAX: _max,
    Kind.IN: _in,
    Kind.PATTERN: _pattern,
    Kind.MIN_LENGTH: _min_length,
    Kind.MAX_LENGTH: _max_length,
    Kind.EXCLUSIVE_MIN: _exclusive_min,
    Kind.EXCLUSIVE_MAX: _exclusive_max,
    Kind.MULTIPLE_OF: _multiple_of,
    Kind.FORMAT: _format,
    Kind.MISSING: _missing,
    Kind.INVALID: _invalid,
}


def violation(check: Check, native: LogicalType, operand: exp.Expr) -> exp.Expr:
    """Return the condition that `operand` is bad, for a check of `ROW_KINDS` on values that are not nested.

    Over NULL it is NULL or false, except for `not_null` and `missing`; over NaN it is true for bounds and lists.

    Source: docs/semantics.md, Kinds.
    """
    return VIOLATIONS[check.kind](operand, check, native)


def row_measures(check: Check, condition: exp.Expr, where: exp.Expr | None) -> dict[str, Measure]:
    """Return what a scan must bring back for a row-level check: `bad`, and `total` where not all rows count.

    Shape: one row; bad (rows, >= 0), total (rows, >= bad).
    """
    if check.kind is Kind.NOT_NULL and where is None and not check.path:
        assert check.column is not None
        filled = count_values(column(check.column))
        return {"bad": Measure(exp.Sub(this=count_rows(), expression=filled), (condition,))}
    measures = {"bad": counted(both(where, condition))}
    if where is not None:
        measures["total"] = counted(where.copy())
    return measures


def counted(condition: exp.Expr) -> Measure:
    """Return the measure that counts the rows which meet a condition."""
    return Measure(count_if(condition), (condition,))


def completeness_measures(columns: Sequence[str]) -> dict[str, Measure]:
    """Return the number of NULL cells over `columns`.

    Shape: one row; bad (cells, >= 0); 0 over an empty table.
    """
    cells = exp.Mul(this=count_rows(), expression=exp.Literal.number(len(columns)))
    filled = _sum([count_values(column(name)) for name in columns])
    missing = tuple(column(name).is_(exp.null()) for name in columns)
    return {"bad": Measure(exp.Sub(this=cells, expression=exp.Paren(this=filled)), missing)}


def _sum(terms: Sequence[exp.Expr]) -> exp.Expr:
    """Add many terms as a balanced tree: a chain of a thousand columns is deeper than parsers go."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return exp.Add(this=_sum(terms[:half]), expression=exp.Paren(this=_sum(terms[half:])))


def latest(native: LogicalType, now: datetime) -> exp.Expr:
    """Render the latest time that is not in the future: `now`, or today for dates."""
    if native.family is Family.DATE:
        return literals.literal(now.astimezone(UTC).date(), native)
    return literals.moment(now, zoned=native.zoned)


def newest_measure(name: str, native: LogicalType, now: datetime) -> dict[str, Measure]:
    """Return the newest time of a column, values after `now` left out; NULL when there is none.

    Shape: one row; newest (timestamp in UTC; midnight of its day for a date).
    """
    known = exp.LTE(this=column(name), expression=latest(native, now))
    newest = exp.Max(this=exp.Case(ifs=[exp.If(this=known, true=column(name))]))
    until = now.astimezone(UTC).date() if native.family is Family.DATE else now
    tree = exp.Cast(this=newest, to=exp.DataType(this=exp.DType.TIMESTAMP))
    return {"newest": Measure(tree, extreme=Extreme(name, until))}


def oldest_measure(name: str) -> dict[str, Measure]:
    """Return the oldest time of a column; NULL when there is none.

    Shape: one row; oldest (timestamp in UTC; midnight of its day for a date).
    """
    tree = exp.Cast(this=exp.Min(this=column(name)), to=exp.DataType(this=exp.DType.TIMESTAMP))
    return {"oldest": Measure(tree, extreme=Extreme(name, None))}


def future(name: str, native: LogicalType, now: datetime) -> exp.Expr:
    """Return the condition that a row's time is after `now`; for a date, after today."""
    return exp.GT(this=column(name), expression=latest(native, now))


def age_hours(newest: datetime, native: LogicalType, now: datetime) -> float:
    """Return how old the newest value is. A date counts as the end of its day, but never as later than now.

    Example:
        >>> noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
        >>> age_hours(datetime(2026, 1, 1), LogicalType(family=Family.DATE), noon)
        12.0
    """
    moment = newest.replace(tzinfo=UTC) if newest.tzinfo is None else newest
    if native.family is Family.DATE:
        moment = min(now, moment + timedelta(days=1))
    return (now - moment).total_seconds() / 3600
