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
    return exp.func("COALESCE", exp.CountIf(this=condition), exp.Literal.number(0))


def count_rows() -> exp.Expr:
    """Count all rows."""
    return exp.Count(this=exp.Star(), big_int=True)


def count_values(operand: exp.Expr) -> exp.Expr:
    """Count the rows in which `operand` is not NULL."""
    return exp.Count(this=operand, big_int=True)


def both(*conditions: exp.Expr | None) -> exp.Expr:
    """Join conditions by AND, leaving out those that are None."""
    return exp.and_(*(c.copy() for c in conditions if c is not None))


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


def gaps(relation_id: str, alias: str, name: str) -> exp.Select:
    """Find the longest time between two loads: between one value of a column and the next.

    Shape: 1 row; gap (seconds, NULL where there are fewer than two values).
    """
    moments = exp.Select(expressions=[exp.alias_(exp.cast(column(name, alias), "TIMESTAMP", dialect="duckdb"), "t")])
    moments = moments.distinct().from_(table(relation_id, alias)).where(column(name, alias).is_(exp.null()).not_())
    before = exp.Window(this=exp.Lag(this=column("t")), order=exp.Order(expressions=[exp.Ordered(this=column("t"))]))
    gap = exp.Sub(this=column("t"), expression=before)
    steps = exp.Select(expressions=[exp.alias_(gap, "gap")]).from_(moments.subquery("m"))
    longest = exp.Anonymous(this="date_part", expressions=[exp.Literal.string("epoch"), exp.Max(this=column("gap"))])
    return exp.Select(expressions=[exp.alias_(longest, "gap")]).from_(steps.subquery("s"))


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


def scan(relation_id: str, alias: str, measures: Sequence[exp.Expr]) -> exp.Select:
    """Read several numbers in one pass over a relation.

    Shape: 1 row; `n` (all rows), then one column per measure: m0, m1, ...
    """
    named = [exp.alias_(m, f"m{i}") for i, m in enumerate(measures)]
    return exp.Select(expressions=[exp.alias_(count_rows(), "n"), *named]).from_(table(relation_id, alias))


def count_where(relation_id: str, alias: str, condition: exp.Expr) -> exp.Select:
    """Count the rows that meet a condition, which is pushed into what is read.

    Shape: 1 row; m0 (rows, >= 0).
    """
    return (
        exp.Select(expressions=[exp.alias_(count_rows(), "m0")])
        .from_(table(relation_id, alias))
        .where(condition.copy())
    )


def hashes(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, conditions: Sequence[exp.Expr]
) -> exp.Select:
    """Select the hash of each row's key, NULL where a member is NULL, and whether it meets some conditions.

    Shape: one row per row of the table that meets `where`; h (64 bits, unsigned), then c0, c1, ... (boolean or NULL).
    """
    filled = both(*(column(name, alias).is_(exp.null()).not_() for name in key))
    hashed = exp.Case(ifs=[exp.If(this=filled, true=_hash(alias, key))])
    named = [exp.alias_(c.copy(), f"c{i}") for i, c in enumerate(conditions)]
    query = exp.Select(expressions=[exp.alias_(hashed, "h"), *named]).from_(table(relation_id, alias))
    return query.where(where.copy()) if where is not None else query


def hashes_between(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, low: int, high: int
) -> exp.Select:
    """Select the hashes of keys that lie in a range, both ends included, as `hashes` does.

    Shape: one row per row whose key has no NULL and hashes into the range; h (64 bits, unsigned).
    """
    filled = (column(name, alias).is_(exp.null()).not_() for name in key)
    hashed = _hash(alias, key)
    within = exp.Between(this=hashed.copy(), low=exp.Literal.number(low), high=exp.Literal.number(high))
    query = exp.Select(expressions=[exp.alias_(hashed, "h")]).from_(table(relation_id, alias))
    return query.where(both(where, *filled, within))


def duplicates_among(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, candidates: Sequence[int]
) -> exp.Select:
    """Count duplicates by value, as `duplicates` does, among the rows whose key has one of some hashes.

    Shape: 1 row; bad, in_groups.
    """
    members = [exp.Literal.number(c) for c in candidates]
    within = exp.In(this=_hash(alias, key), expressions=members)
    whole = duplicates(relation_id, alias, key, both(where, within) if where is not None else within)
    whole.set("expressions", whole.expressions[:2])
    return whole


def _hash(alias: str, key: Sequence[str]) -> exp.Expr:
    return exp.Anonymous(this="hash", expressions=[column(name, alias) for name in key])


def duplicates(relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None) -> exp.Select:
    """Count rows beyond the first of each value of `key`. A NULL in any member is no duplicate.

    Shape: 1 row; bad (rows beyond the first, >= 0), in_groups (all rows of duplicate groups), total (rows >= bad).

    Source: ODCS v3.2, Data Quality > Metrics > duplicateValues; the standard leaves the count open, so both are given.
    """
    groups = duplicate_keys(relation_id, alias, key, where, counted=True)
    one = exp.Literal.number(1)
    surplus = exp.func("COALESCE", exp.Sum(this=exp.Sub(this=column("k"), expression=one)), exp.Literal.number(0))
    members = exp.func("COALESCE", exp.Sum(this=column("k")), exp.Literal.number(0))
    return exp.Select(
        expressions=[
            exp.alias_(surplus, "bad"),
            exp.alias_(members, "in_groups"),
            exp.alias_(_total(relation_id, alias, where), "total"),
        ]
    ).from_(groups.subquery("g"))


def duplicate_keys(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, *, counted: bool = False
) -> exp.Select:
    """Select each value of `key` that stands in more than one row; with `counted`, only how often, as `k`."""
    filled = [column(name, alias).is_(exp.null()).not_() for name in key]
    chosen: list[exp.Expr] = [exp.alias_(count_rows(), "k")] if counted else [column(name, alias) for name in key]
    query = exp.Select(expressions=chosen).from_(table(relation_id, alias)).where(both(where, *filled))
    query = query.group_by(*(column(name, alias) for name in key))
    return query.having(exp.GT(this=count_rows(), expression=exp.Literal.number(1)))


def orphans(
    relation_id: str,
    alias: str,
    keys: Sequence[str],
    target_id: str,
    target_keys: Sequence[str],
    where: exp.Expr | None,
) -> exp.Select:
    """Count rows whose `keys` are all not NULL and not found in the target.

    Shape: 1 row; bad (rows, >= 0), total (rows, >= bad).
    """
    ours = exp.Select(expressions=[exp.alias_(column(k, alias), f"k{i}") for i, k in enumerate(keys)])
    ours = ours.from_(table(relation_id, alias)).where(
        both(where, *(column(k, alias).is_(exp.null()).not_() for k in keys))
    )
    theirs = exp.Select(expressions=[exp.alias_(column(k), f"r{i}") for i, k in enumerate(target_keys)])
    theirs = theirs.from_(table(target_id))
    matches = both(*(exp.EQ(this=column(f"k{i}", "o"), expression=column(f"r{i}", "t")) for i in range(len(keys))))
    bad = (
        exp.Select(expressions=[count_rows()])
        .from_(ours.subquery("o"))
        .join(theirs.subquery("t"), on=matches, join_type="anti")
    )
    return exp.Select(
        expressions=[exp.alias_(bad.subquery(), "bad"), exp.alias_(_total(relation_id, alias, where), "total")]
    )


def answer(query: exp.Query) -> exp.Select:
    """Ask an author's query for its answer; two rows are enough to tell that it gives too many.

    Shape: what the query gives, at most 2 rows.
    """
    return exp.Select(expressions=[exp.Star()]).from_(query.copy().subquery("answer")).limit(2)


def _total(relation_id: str, alias: str, where: exp.Expr | None) -> exp.Expr:
    query = exp.Select(expressions=[count_rows()]).from_(table(relation_id, alias))
    return (query.where(where.copy()) if where is not None else query).subquery()


def pattern_probe(pattern: str) -> exp.Select:
    """Try a pattern on nothing, to learn whether the engine can read it."""
    return exp.Select(expressions=[exp.RegexpLike(this=exp.Literal.string(""), expression=exp.Literal.string(pattern))])
