"""Numbers per file of a table, in one statement over some of its files, and numbers made of such parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from meshkit.sql.builders import both, column, count_rows, table
from meshkit.sql.trees import Tree

FILE = "meshkit: file"
"""The column that holds the path of a row's file, in a relation that is a part of another."""


class Sum(NamedTuple):
    """An expression over sums and counts.

    Attributes:
        tree: The whole.
        parts: Its aggregates.
    """

    tree: Tree
    parts: tuple[Tree, ...]


def scan_by_file(part_id: str, alias: str, measures: Sequence[Tree]) -> exp.Select:
    """Read several numbers per file in one pass.

    Shape: at most one row per file; f (its path), n (its rows), then m0, m1, ...
    """
    named = [exp.alias_(m.copy(), f"m{i}") for i, m in enumerate(measures)]
    query = exp.Select(expressions=[exp.alias_(column(FILE), "f"), exp.alias_(count_rows(), "n"), *named])
    return query.from_(table(part_id, alias)).group_by(exp.Literal.number(1))


def hashes_by_file(
    part_id: str, alias: str, key: Sequence[str], where: Tree | None, paths: Sequence[str]
) -> exp.Select:
    """Select the file and the hash of each row's key, NULL where a member is NULL.

    Shape: one row per row that meets `where`; f (position in `paths`, from 1), h (64 bits, unsigned).
    """
    hashed = exp.Case(ifs=[exp.If(this=_filled(alias, key), true=_hash(alias, key))])
    query = exp.Select(expressions=[exp.alias_(_position(paths), "f"), exp.alias_(hashed, "h")])
    query = query.from_(table(part_id, alias))
    return query.where(where.copy()) if where is not None else query


def values_by_file(
    part_id: str, alias: str, key: Sequence[str], where: Tree | None, hashes: Sequence[int]
) -> exp.Select:
    """Count the rows of each file whose key has one of some hashes, value by value; values are told by their digest.

    Shape: one row per file, hash and value; f (path), h, d (SHA-256 of the key's members, each with its length), k (rows).
    """
    texts: list[Tree] = []
    for name in key:
        text = exp.cast(column(name, alias), "VARCHAR", dialect="duckdb")
        texts += [exp.Length(this=text), exp.Literal.string(":"), text.copy()]
    digest = exp.Anonymous(this="sha256", expressions=[exp.Anonymous(this="concat", expressions=texts)])
    within = exp.In(this=_hash(alias, key), expressions=[exp.Literal.number(h) for h in hashes])
    named = {"f": column(FILE), "h": _hash(alias, key), "d": digest, "k": count_rows()}
    query = exp.Select(expressions=[exp.alias_(tree, name) for name, tree in named.items()])
    query = query.from_(table(part_id, alias)).where(both(where, _filled(alias, key), within))
    return query.group_by(*(exp.Literal.number(i) for i in (1, 2, 3)))


def orphans_by_file(
    part_id: str,
    alias: str,
    keys: Sequence[str],
    target_id: str,
    target_keys: Sequence[str],
    where: Tree | None,
) -> exp.Select:
    """Count the rows of each file whose `keys` are all not NULL and not found in the target.

    Shape: at most one row per file; f (its path), bad (rows, > 0).
    """
    members = [exp.alias_(column(k, alias), f"k{i}") for i, k in enumerate(keys)]
    ours = exp.Select(expressions=[exp.alias_(column(FILE), "f"), *members]).from_(table(part_id, alias))
    ours = ours.where(both(where, _filled(alias, keys)))
    theirs = exp.Select(expressions=[exp.alias_(column(k), f"r{i}") for i, k in enumerate(target_keys)])
    theirs = theirs.from_(table(target_id))
    matches = both(*(exp.EQ(this=column(f"k{i}", "o"), expression=column(f"r{i}", "t")) for i in range(len(keys))))
    counted = [exp.alias_(column("f", "o"), "f"), exp.alias_(count_rows(), "bad")]
    query = exp.Select(expressions=counted).from_(ours.subquery("o"))
    return query.join(theirs.subquery("t"), on=matches, join_type="anti").group_by(column("f", "o"))


def as_sums(tree: Tree) -> Sum | None:
    """Take an expression over aggregates apart, if each of them is a sum or a count, which add up over files."""
    holder = exp.Paren(this=tree.copy())
    parts = [a for a in holder.find_all(exp.AggFunc) if not isinstance(a.parent, exp.AggFunc)]
    if not parts or any(not isinstance(p, (exp.Sum, exp.Count, exp.CountIf)) for p in parts):
        return None
    if any(isinstance(node, exp.Distinct) for part in parts for node in part.walk()):
        return None
    return Sum(tree, tuple(part.copy() for part in parts))


def put_sums(whole: Sum, values: Sequence[tuple[str | None, str]]) -> exp.Select:
    """Select the value of an expression whose aggregates are known: text of each, NULL being None, and its type.

    Shape: 1 row; value.
    """
    holder = exp.Paren(this=whole.tree.copy())
    known: Mapping[Tree, tuple[str | None, str]] = dict(zip(whole.parts, values, strict=True))
    for aggregate in [a for a in holder.find_all(exp.AggFunc) if not isinstance(a.parent, exp.AggFunc)]:
        text, kind = known[aggregate]
        value = exp.null() if text is None else exp.Literal.string(text)
        aggregate.replace(exp.Cast(this=value, to=exp.DataType.build(kind, dialect="duckdb")))
    return exp.Select(expressions=[exp.alias_(holder.this, "value")])


def greatest(name: str) -> exp.Expr:
    """Return the greatest value of a time column, as a timestamp in UTC."""
    return exp.Cast(this=exp.Max(this=column(name)), to=exp.DataType(this=exp.DType.TIMESTAMP))


def _position(paths: Sequence[str]) -> exp.Expr:
    """Return which of some paths a row's file is. It is constant over a batch, so that it costs nothing per row."""
    known = exp.Array(expressions=[exp.Literal.string(p) for p in paths])
    return exp.Anonymous(this="list_position", expressions=[known, column(FILE)])


def _hash(alias: str, key: Sequence[str]) -> exp.Expr:
    return exp.Anonymous(this="hash", expressions=[column(name, alias) for name in key])


def _filled(alias: str, key: Sequence[str]) -> exp.Expr:
    return both(*(column(name, alias).is_(exp.null()).not_() for name in key))
