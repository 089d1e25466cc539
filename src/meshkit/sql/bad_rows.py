"""The rows behind a missed check: which they are, what they have in common, and which other checks they miss."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from meshkit.sql.builders import both, column, count_if, count_rows, table
from meshkit.sql.statements import duplicate_keys
from meshkit.sql.trees import Tree

MASK = "***"
_PLAIN_COUNT = {"kind", "expressions", "from_", "joins", "where", "hint", "distinct", "operation_modifiers"}


def rows_where(relation_id: str, alias: str, condition: Tree) -> exp.Select:
    """Select whole rows of a relation that meet `condition`."""
    return _rows(alias).from_(table(relation_id, alias)).where(condition.copy())


def rows_in_groups(relation_id: str, alias: str, key: Sequence[str], where: Tree | None) -> exp.Select:
    """Select whole rows whose key stands in more than one row."""
    keys = duplicate_keys(relation_id, "d", key, where)
    ours: Tree = column(key[0], alias) if len(key) == 1 else exp.Tuple(expressions=[column(k, alias) for k in key])
    return _rows(alias).from_(table(relation_id, alias)).where(both(where, exp.In(this=ours, query=keys.subquery())))


def rows_not_found(
    relation_id: str, alias: str, keys: Sequence[str], target_id: str, target_keys: Sequence[str], where: Tree | None
) -> exp.Select:
    """Select whole rows whose keys are not NULL and not found in the target."""
    matches = (
        exp.EQ(this=column(t, "found in"), expression=column(k, alias)) for k, t in zip(keys, target_keys, strict=True)
    )
    there = exp.Select(expressions=[exp.Literal.number(1)]).from_(table(target_id, "found in")).where(both(*matches))
    filled = (column(k, alias).is_(exp.null()).not_() for k in keys)
    missing = exp.Exists(this=there).not_()
    return _rows(alias).from_(table(relation_id, alias)).where(both(where, *filled, missing))


def rows_counted(query: exp.Query, relation_id: str) -> exp.Select | None:
    """Select the rows that a bound `SELECT COUNT(*) FROM relation ... WHERE ...` counts; None for any other query."""
    if (
        not isinstance(query, exp.Select)
        or any(v for k, v in query.args.items() if k not in _PLAIN_COUNT)
        or len(query.expressions) != 1
    ):
        return None
    counted = query.expressions[0].unalias()
    if not (isinstance(counted, exp.Count) and isinstance(counted.this, exp.Star)) or query.args.get("distinct"):
        return None
    sources = (
        [query.args["from_"].this, *(j.this for j in query.args.get("joins") or [])] if query.args.get("from_") else []
    )
    ours = next((s for s in sources if isinstance(s, exp.Table) and s.name == relation_id), None)
    if ours is None:
        return None
    whole = query.copy()
    whole.set("expressions", _rows(ours.alias).expressions)
    return whole


def any_missing(columns: Sequence[str]) -> Tree:
    """Return the condition that at least one of `columns` is NULL."""
    return exp.or_(*(column(name).is_(exp.null()) for name in columns))


def sample(rows: exp.Select, columns: Sequence[str], masked: frozenset[str], count: int) -> exp.Select:
    """Select some columns of the first few rows, in their order; the engine itself masks personal data, so that it never leaves it."""
    chosen = []
    for name in columns:
        value: Tree = column(name)
        if name.casefold() in masked:
            hidden = exp.Literal.string(MASK)
            value = exp.Case(ifs=[exp.If(this=column(name).is_(exp.null()).not_(), true=hidden)])
        chosen.append(exp.alias_(value, name, quoted=True))
    query = exp.Select(expressions=chosen).from_(rows.subquery("bad"))
    order = [exp.Ordered(this=column(name), nulls_first=True) for name in columns if name.casefold() not in masked]
    return (query.order_by(*order) if order else query).limit(count)


def commonest(rows: exp.Select, name: str, count: int) -> exp.Select:
    """Select the commonest values of a column among bad rows.

    Shape: at most `count` rows x 2 columns: value, n (rows, > 0), the commonest first.
    """
    query = exp.Select(expressions=[exp.alias_(column(name), "value"), exp.alias_(count_rows(), "n")])
    query = query.from_(rows.subquery("bad")).group_by(column(name))
    return query.order_by(
        exp.Ordered(this=column("n"), desc=True), exp.Ordered(this=column("value"), nulls_first=True)
    ).limit(count)


def by_day(name: str) -> Tree:
    """Return the day of a time column."""
    return exp.cast(column(name), "DATE", dialect="duckdb")


def day_of_parts(year: str, month: str, day: str) -> Tree:
    """Return the day that stands in three integer columns; NULL where they name none."""
    parts = [exp.cast(column(name), "VARCHAR", dialect="duckdb") for name in (year, month, day)]
    text = exp.func("CONCAT_WS", exp.Literal.string("-"), *parts, dialect="duckdb")
    return exp.TryCast(this=text, to=exp.DataType.build("DATE"))


def spread(rows: exp.Select, groupings: Sequence[Tree]) -> exp.Select:
    """Count how many values each grouping has among bad rows, about.

    Shape: 1 row; n (rows), then g0, g1, ... (distinct values, approximate).
    """
    counts = [exp.alias_(exp.ApproxDistinct(this=g.copy()), f"g{i}") for i, g in enumerate(groupings)]
    return exp.Select(expressions=[exp.alias_(count_rows(), "n"), *counts]).from_(rows.subquery("bad"))


def group_sizes(source: exp.Select, groupings: Sequence[Tree]) -> exp.Select:
    """Count rows per value of each grouping, each for itself, in one scan.

    Shape: one row per grouping and value; which (position), value (text), n (rows).
    """
    names = [f"g{i}" for i in range(len(groupings))]
    texts = [exp.cast(g.copy(), "VARCHAR", dialect="duckdb") for g in groupings]
    inner = [exp.alias_(text, name) for text, name in zip(texts, names, strict=True)]
    part = exp.Select(expressions=inner).from_(source.copy().subquery("source"))
    own = [exp.EQ(this=exp.Grouping(expressions=[column(n)]), expression=exp.Literal.number(0)) for n in names]
    which = exp.Case(ifs=[exp.If(this=c.copy(), true=exp.Literal.number(i)) for i, c in enumerate(own)])
    value = exp.Case(ifs=[exp.If(this=c.copy(), true=column(n)) for c, n in zip(own, names, strict=True)])
    query = exp.Select(
        expressions=[exp.alias_(which, "which"), exp.alias_(value, "value"), exp.alias_(count_rows(), "n")]
    )
    sets = exp.GroupingSets(expressions=[exp.Tuple(expressions=[column(n)]) for n in names])
    query = query.from_(part.subquery("part"))
    query.set("group", exp.Group(grouping_sets=[sets]))
    return query


def overlap(rows: exp.Select, conditions: Sequence[Tree]) -> exp.Select:
    """Count how many bad rows meet each of `conditions` too.

    Shape: 1 row; n (rows), then o0, o1, ... (rows, <= n).
    """
    counts = [exp.alias_(count_if(c.copy()), f"o{i}") for i, c in enumerate(conditions)]
    return exp.Select(expressions=[exp.alias_(count_rows(), "n"), *counts]).from_(rows.subquery("bad"))


def all_rows(relation_id: str, alias: str) -> exp.Select:
    """Select whole rows of a relation."""
    return _rows(alias).from_(table(relation_id, alias))


def _rows(alias: str) -> exp.Select:
    return exp.Select(expressions=[exp.Column(this=exp.Star(), table=exp.to_identifier(alias, quoted=True))])
