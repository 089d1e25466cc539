"""Whole statements: one pass over a table, the duplicates of a key, what a reference does not find, hashes of keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from meshkit.sql.builders import both, column, count_rows, or_zero, table


def select(
    expressions: Sequence[exp.Expr],
    source: exp.Expr,
    where: exp.Expr | None = None,
    group: Sequence[exp.Expr] = (),
    having: exp.Expr | None = None,
) -> exp.Select:
    """Put a SELECT together from parts that belong to nothing else yet: nothing is copied."""
    query = exp.Select(expressions=list(expressions), from_=exp.From(this=source))
    if where is not None:
        query.set("where", exp.Where(this=where))
    if group:
        query.set("group", exp.Group(expressions=list(group)))
    if having is not None:
        query.set("having", exp.Having(this=having))
    return query


def named(value: exp.Expr, name: str) -> exp.Alias:
    """Give a value a name."""
    return exp.Alias(this=value, alias=exp.Identifier(this=name, quoted=False))


def within(query: exp.Query, name: str = "") -> exp.Subquery:
    """Put a query in parentheses, under a name."""
    alias = exp.TableAlias(this=exp.Identifier(this=name, quoted=False)) if name else None
    return exp.Subquery(this=query, alias=alias)


def without(query: exp.Expr, name: str) -> exp.Expr:
    """Return a query without one of the values that it selects."""
    lean = query.copy()
    lean.set("expressions", [e for e in lean.expressions if e.alias_or_name != name])
    return lean


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


def scan(relation_id: str, alias: str, measures: Sequence[exp.Expr]) -> exp.Select:
    """Read several numbers in one pass over a relation.

    Shape: 1 row; `n` (all rows), then one column per measure: m0, m1, ...
    """
    numbers = [named(m.copy(), f"m{i}") for i, m in enumerate(measures)]
    return select([named(count_rows(), "n"), *numbers], table(relation_id, alias))


def count_where(relation_id: str, alias: str, condition: exp.Expr) -> exp.Select:
    """Count the rows that meet a condition, which is pushed into what is read.

    Shape: 1 row; m0 (rows, >= 0).
    """
    return select([named(count_rows(), "m0")], table(relation_id, alias), condition.copy())


def hashes(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, conditions: Sequence[exp.Expr]
) -> exp.Select:
    """Select the hash of each row's key, NULL where a member is NULL, and whether it meets some conditions.

    Shape: one row per row of the table that meets `where`; h (64 bits, unsigned), then c0, c1, ... (boolean or NULL).
    """
    filled = both(*(column(name, alias).is_(exp.null()).not_() for name in key))
    hashed = exp.Case(ifs=[exp.If(this=filled, true=_hash(alias, key))])
    met = [named(c.copy(), f"c{i}") for i, c in enumerate(conditions)]
    return select([named(hashed, "h"), *met], table(relation_id, alias), where.copy() if where is not None else None)


def hashes_between(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, low: int, high: int
) -> exp.Select:
    """Select the hashes of keys that lie in a range, both ends included, as `hashes` does.

    Shape: one row per row whose key has no NULL and hashes into the range; h (64 bits, unsigned).
    """
    filled = (column(name, alias).is_(exp.null()).not_() for name in key)
    hashed = _hash(alias, key)
    between = exp.Between(this=hashed.copy(), low=exp.Literal.number(low), high=exp.Literal.number(high))
    return select([named(hashed, "h")], table(relation_id, alias), both(where, *filled, between))


def duplicates_among(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, candidates: Sequence[int]
) -> exp.Select:
    """Count duplicates by value, as `duplicates` does, among the rows whose key has one of some hashes.

    Shape: 1 row; bad, in_groups.
    """
    members = [exp.Literal.number(c) for c in candidates]
    among = exp.In(this=_hash(alias, key), expressions=members)
    whole = duplicates(relation_id, alias, key, both(where, among))
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
    surplus = or_zero(exp.Sum(this=exp.Sub(this=column("k"), expression=one)))
    members = or_zero(exp.Sum(this=column("k")))
    total = named(_total(relation_id, alias, where), "total")
    return select([named(surplus, "bad"), named(members, "in_groups"), total], within(groups, "g"))


def duplicate_keys(
    relation_id: str, alias: str, key: Sequence[str], where: exp.Expr | None, *, counted: bool = False
) -> exp.Select:
    """Select each value of `key` that stands in more than one row; with `counted`, only how often, as `k`."""
    filled = [column(name, alias).is_(exp.null()).not_() for name in key]
    chosen: list[exp.Expr] = [named(count_rows(), "k")] if counted else [column(name, alias) for name in key]
    several = exp.GT(this=count_rows(), expression=exp.Literal.number(1))
    group = [column(name, alias) for name in key]
    return select(chosen, table(relation_id, alias), both(where, *filled), group, several)


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
    filled = both(where, *(column(k, alias).is_(exp.null()).not_() for k in keys))
    ours = select([named(column(k, alias), f"k{i}") for i, k in enumerate(keys)], table(relation_id, alias), filled)
    theirs = select([named(column(k), f"r{i}") for i, k in enumerate(target_keys)], table(target_id))
    matches = both(*(exp.EQ(this=column(f"k{i}", "o"), expression=column(f"r{i}", "t")) for i in range(len(keys))))
    bad = select([count_rows()], within(ours, "o"))
    bad.set("joins", [exp.Join(this=within(theirs, "t"), kind="ANTI", on=matches)])
    total = named(_total(relation_id, alias, where), "total")
    return exp.Select(expressions=[named(within(bad), "bad"), total])


def some_columns(relation_id: str, names: Sequence[str], rows: int) -> exp.Select:
    """Select some columns of a relation, as they are.

    Shape: at most `rows` rows; the columns in the order that is given.
    """
    chosen = [exp.alias_(column(name), name, quoted=True) for name in names]
    return exp.Select(expressions=chosen).from_(table(relation_id)).limit(rows)


def answer(query: exp.Query) -> exp.Select:
    """Ask an author's query for its answer; two rows are enough to tell that it gives too many.

    Shape: what the query gives, at most 2 rows.
    """
    return exp.Select(expressions=[exp.Star()]).from_(query.copy().subquery("answer")).limit(2)


def _total(relation_id: str, alias: str, where: exp.Expr | None) -> exp.Expr:
    return within(select([count_rows()], table(relation_id, alias), where.copy() if where is not None else None))


def pattern_probe(pattern: str) -> exp.Select:
    """Try a pattern on nothing, to learn whether the engine can read it."""
    return exp.Select(expressions=[exp.RegexpLike(this=exp.Literal.string(""), expression=exp.Literal.string(pattern))])
