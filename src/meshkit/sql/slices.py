"""Slices as trees: which rows were just loaded, what a scan of them brings back, and their keys against all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlglot import exp

from meshkit.model.slice import begin
from meshkit.model.types import Family, LogicalType
from meshkit.sql import literals
from meshkit.sql.builders import as_text, both, column, count_if, count_rows, latest, table
from meshkit.sql.measures import Measure
from meshkit.sql.nested import Reached
from meshkit.sql.trees import Tree

ROWS = count_rows()
"""The number of rows of the slice: what each scan brings back besides."""


class Part(NamedTuple):
    """A part of a column, reached in the rows that meet a condition."""

    reached: Reached
    where: Tree


def has_value(name: str, text: str, native: LogicalType) -> Tree | None:
    """Return the condition that a column is the value written as `text`; None where its type holds no such value.

    Raises:
        QuantityError: The text is no value of that type.
    """
    members = literals.members((text,), native)
    if not members:
        return None
    operand = as_text(column(name)) if native.is_uuid else column(name)
    return exp.EQ(this=operand, expression=members[0])


def within_window(name: str, native: LogicalType, window: timedelta, now: datetime) -> Tree:
    """Return the condition that a time is at most `now`, and less than `window` before it; a date, of the days after that."""
    since = begin(now, window)
    if native.family is Family.DATE:
        first: Tree = literals.literal(since.astimezone(UTC).date(), native)
    else:
        first = literals.moment(since, zoned=native.zoned)
    return both(exp.GT(this=column(name), expression=first), exp.LTE(this=column(name), expression=latest(native, now)))


def joined(*conditions: Tree | None) -> Tree | None:
    """Join conditions by AND, leaving out those that are None; None where all are."""
    kept = [c for c in conditions if c is not None]
    return both(*kept) if kept else None


def limited(measures: Mapping[str, Measure], within: Tree) -> dict[str, Measure]:
    """Return what measures are over the rows of a slice, for a scan that reads no others: `total` is always among them."""
    found = {role: m._replace(counts=tuple(both(within, c) for c in m.counts)) for role, m in measures.items()}
    found.setdefault("total", Measure(ROWS, (within,)))
    return found


def only(query: exp.Select, within: Tree) -> exp.Select:
    """Let a query over a table read the rows of a slice alone."""
    return query.where(within.copy())


def duplicates(relation_id: str, alias: str, key: Sequence[str], within: Tree, where: Tree | None) -> exp.Select:
    """Count rows of a slice beyond the first of each value of `key` in the whole table, where others come first.

    Only rows whose key is in the slice are grouped. A NULL in any member is no duplicate.

    Shape: 1 row; bad (rows, >= 0), in_groups (rows of the slice that share a key with another row), total (rows >= bad).
    """
    filled = [column(name, alias).is_(exp.null()).not_() for name in key]
    keys: list[Tree] = [exp.alias_(column(name, alias), f"k{i}") for i, name in enumerate(key)]
    whole = exp.Select(expressions=[*keys, exp.alias_(_flag(within), "inside")])
    whole = whole.from_(table(relation_id, alias)).where(both(where, *filled))
    ours = exp.Select(expressions=[k.copy() for k in keys]).from_(table(relation_id, alias))
    ours = ours.where(both(within, where, *filled))
    matches = both(*(exp.EQ(this=column(f"k{i}", "w"), expression=column(f"k{i}", "o")) for i in range(len(key))))
    rows = exp.Select(expressions=[column(f"k{i}", "w") for i in range(len(key))] + [column("inside", "w")])
    rows = rows.from_(whole.subquery("w")).join(ours.subquery("o"), on=matches, join_type="semi")
    total = exp.Select(expressions=[count_rows()]).from_(table(relation_id, alias)).where(both(within, where))
    return _beyond_the_first(rows, [f"k{i}" for i in range(len(key))], total)


def element_duplicates(relation_id: str, alias: str, ours: Part, others: Part) -> exp.Select:
    """Count elements of the rows of a slice as `duplicates` counts rows, against those of `others`, all other rows.

    Shape: 1 row; bad (elements, >= 0), in_groups, total (>= bad).
    """
    inside = _elements(ours, relation_id, alias, exp.true())
    union = exp.Union(this=inside, expression=_elements(others, relation_id, alias, exp.false()), distinct=False)
    filled = exp.Select(expressions=[exp.Star()]).from_(union.subquery("u"))
    filled = filled.where(column("v").is_(exp.null()).not_())
    total = exp.Select(expressions=[count_rows()]).from_(inside.copy().subquery("e"))
    return _beyond_the_first(filled, ["v"], total)


def outside(within: Tree) -> Tree:
    """Return the condition that a row is not in a slice; a row of which that cannot be told is not."""
    return _flag(within).not_()


def _elements(part: Part, relation_id: str, alias: str, flag: Tree) -> exp.Select:
    reached = part.reached
    named = [exp.alias_(reached.operand.copy(), "v", quoted=True), exp.alias_(flag, "inside")]
    if reached.rows is not None:
        return exp.Select(expressions=named).from_(reached.rows.subquery("r"))
    return exp.Select(expressions=named).from_(table(relation_id, alias)).where(part.where.copy())


def _beyond_the_first(rows: exp.Select, key: Sequence[str], total: exp.Select) -> exp.Select:
    """Count in groups of one key: where a row lies outside, all that are inside are bad; else all but one."""
    groups = exp.Select(expressions=[
        exp.alias_(count_rows(), "k"), exp.alias_(count_if(column("inside")), "i")
    ])  # fmt: skip
    groups = groups.from_(rows.subquery("r")).group_by(*(column(name) for name in key))
    groups = groups.having(exp.GT(this=count_rows(), expression=exp.Literal.number(1)))
    is_first_inside = exp.EQ(this=column("k"), expression=column("i"))
    first = exp.Case(ifs=[exp.If(this=is_first_inside, true=exp.Literal.number(1))], default=exp.Literal.number(0))
    surplus = exp.Sum(this=exp.Sub(this=column("i"), expression=first))
    named = (
        ("bad", _or_zero(surplus)),
        ("in_groups", _or_zero(exp.Sum(this=column("i")))),
        ("total", total.subquery()),
    )
    return exp.Select(expressions=[exp.alias_(tree, role) for role, tree in named]).from_(groups.subquery("g"))


def _flag(within: Tree) -> Tree:
    return exp.func("COALESCE", exp.Paren(this=within.copy()), exp.false())


def _or_zero(tree: Tree) -> Tree:
    return exp.func("COALESCE", tree, exp.Literal.number(0))
