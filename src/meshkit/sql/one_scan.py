"""Author queries that are no more than one number about the rows of one table, so that they can share its scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.model.names import fold
from meshkit.sql.builders import both, count_rows, counted
from meshkit.sql.measures import Measure
from meshkit.sql.trees import Tree

_FUSED = (
    exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.StddevSamp, exp.StddevPop,
    exp.Variance, exp.VariancePop,
)  # fmt: skip
"""Aggregates that pass over NULL, whatever the order of the rows."""
_KEPT_APART = (
    exp.Window, exp.Query, exp.Subquery, exp.Exists, exp.Distinct, exp.Filter, exp.Star, exp.Unnest, exp.Explode,
    exp.GenerateSeries, exp.Lambda,
)  # fmt: skip
"""What gives other rows than those it reads, or names of its own, which a column put in place of another could mean."""
_PARTS = {"expressions", "from_", "where", "with_"}
_NO_MATTER = {"kind", "hint", "operation_modifiers"}


class _Rows(NamedTuple):
    """Rows of the one table that a part of a query gives.

    Attributes:
        where: What they meet, in the table's own columns; None = all rows.
        outputs: Folded name -> expression over the table's own columns; None = the columns themselves.
    """

    where: Tree | None
    outputs: Mapping[str, Tree] | None


class _NotOneScanError(Exception):
    """The query is more than one number about one table."""


def one_scan(query: exp.Query, relation_id: str, names: frozenset[str]) -> Measure | None:
    """Return what a bound query asks of a scan over a relation; None where it is more than one pass can answer.

    CTEs and sub-queries that only choose rows and columns are followed. `SELECT COUNT(*) ... WHERE p` becomes a count.

    Args:
        query: The query, whose tables are named by relation.
        relation_id: The relation that is scanned.
        names: Folded names of the relation's columns.
    """
    try:
        return _measure(query, relation_id, names)
    except _NotOneScanError:
        return None


def _measure(query: exp.Query, relation_id: str, names: frozenset[str]) -> Measure:
    select, source, ctes = _parts(query, {})
    if len(select.expressions) != 1:
        raise _NotOneScanError
    rows = _rows(source, relation_id, names, ctes)
    known = _qualifiers(source, names)
    where = both(rows.where, _put(select.args["where"].this, rows, known)) if select.args.get("where") else rows.where
    asked = select.expressions[0].unalias()
    if isinstance(asked, exp.Count):
        condition = _count_condition(asked, rows, known)
        if condition is None and where is None:
            return Measure(count_rows(), (exp.true(),))
        return counted(both(where, condition))
    return Measure(_limited(asked, where, rows, known))


def _count_condition(count: exp.Count, rows: _Rows, known: frozenset[str]) -> Tree | None:
    """Return what a row must meet to be counted by COUNT(...); None = nothing."""
    if isinstance(count.this, exp.Star) or (isinstance(count.this, exp.Literal) and not count.expressions):
        return None
    if count.expressions or not isinstance(count.this, exp.Column):
        raise _NotOneScanError
    return _put(count.this, rows, known).is_(exp.null()).not_()


def _limited(asked: Tree, where: Tree | None, rows: _Rows, known: frozenset[str]) -> Tree:
    """Limit each aggregate of an expression to the rows that meet `where`."""
    tree = exp.Paren(this=asked.copy())  # a holder, so that the expression itself may be replaced
    aggregates = list(tree.find_all(exp.AggFunc))
    if not aggregates or any(not isinstance(a, _FUSED) or a.parent_select for a in aggregates):
        raise _NotOneScanError
    inside = {id(c) for a in aggregates for c in a.find_all(exp.Column)}
    if any(id(c) not in inside for c in tree.find_all(exp.Column)):
        raise _NotOneScanError
    for aggregate in aggregates:
        aggregate.replace(_limited_aggregate(aggregate, where, rows, known))
    limited: Tree = tree.this
    return limited


def _limited_aggregate(aggregate: exp.AggFunc, where: Tree | None, rows: _Rows, known: frozenset[str]) -> Tree:
    if isinstance(aggregate, exp.Count):
        condition = _count_condition(aggregate, rows, known)
        if where is None and condition is None:
            return count_rows()
        # COUNT, and not COUNT_IF: the number keeps its type within a larger expression.
        one = exp.If(this=both(where, condition), true=exp.Literal.number(1))
        return exp.Count(this=exp.Case(ifs=[one]), big_int=True)
    if aggregate.find(exp.AggFunc) is not aggregate or any(v for k, v in aggregate.args.items() if k != "this"):
        raise _NotOneScanError
    operand = _put(aggregate.this, rows, known)
    if isinstance(aggregate, exp.CountIf) and where is not None:
        raise _NotOneScanError  # over no rows it may be NULL, and over rows that do not count it is 0
    if where is not None:
        operand = exp.Case(ifs=[exp.If(this=where.copy(), true=operand)])
    return type(aggregate)(this=operand)


def _parts(query: exp.Expr, outer: Mapping[str, exp.Expr]) -> tuple[exp.Select, exp.Expr, Mapping[str, exp.Expr]]:
    """Take a SELECT apart: itself, what it reads, and the CTEs in sight."""
    if not isinstance(query, exp.Select) or any(v for k, v in query.args.items() if k not in _PARTS | _NO_MATTER):
        raise _NotOneScanError
    if query.args.get("hint") or not query.args.get("from_"):
        raise _NotOneScanError
    ctes = dict(outer)
    for cte in query.args["with_"].expressions if query.args.get("with_") else ():
        if cte.args["alias"].columns:
            raise _NotOneScanError
        ctes[fold(cte.alias)] = exp.Paren(this=cte.this.copy()).this  # seen with those before it, as SQL has it
    return query, query.args["from_"].this, ctes


def _rows(source: exp.Expr, relation_id: str, names: frozenset[str], ctes: Mapping[str, exp.Expr]) -> _Rows:
    """Follow what a SELECT reads down to the relation."""
    if any(v for k, v in source.args.items() if k not in ("this", "alias")):
        raise _NotOneScanError
    alias = source.args.get("alias")
    if alias is not None and alias.columns:
        raise _NotOneScanError
    if isinstance(source, exp.Table):
        if source.name == relation_id and fold(source.name) not in ctes:
            return _Rows(None, None)
        if fold(source.name) not in ctes:
            raise _NotOneScanError
        inner = ctes[fold(source.name)]
        ctes = {name: tree for name, tree in ctes.items() if name != fold(source.name)}
    elif isinstance(source, exp.Subquery):
        inner = source.this
    else:
        raise _NotOneScanError
    select, below, ctes = _parts(inner, ctes)
    rows = _rows(below, relation_id, names, ctes)
    known = _qualifiers(below, names)
    where = rows.where
    aliases = {fold(e.alias) for e in select.expressions if isinstance(e, exp.Alias)}
    if select.args.get("where"):
        condition = select.args["where"].this
        _refuse_names(condition, aliases)
        where = both(where, _put(condition, rows, known))
    return _Rows(where, _outputs(select, aliases, rows, known))


def _outputs(select: exp.Select, aliases: set[str], rows: _Rows, known: frozenset[str]) -> Mapping[str, Tree] | None:
    if (
        len(select.expressions) == 1
        and type(select.expressions[0]) is exp.Star
        and not select.expressions[0].args.get("except_")
    ):
        star = select.expressions[0]
        if any(star.args.values()):
            raise _NotOneScanError
        return rows.outputs
    outputs: dict[str, Tree] = {}
    for projection in select.expressions:
        tree = projection.unalias()
        name = fold(projection.alias_or_name)
        if not name or name in outputs or not (isinstance(projection, exp.Alias) or isinstance(tree, exp.Column)):
            raise _NotOneScanError
        if not isinstance(tree, exp.Column):
            _refuse_names(tree, aliases)
        outputs[name] = _put(tree, rows, known)
    return outputs


def _refuse_names(tree: Tree, aliases: Iterable[str]) -> None:
    """Refuse what names an alias of the same SELECT: whether it or a column is meant is the engine's to say."""
    taken = set(aliases)
    if any(fold(c.name) in taken for c in tree.find_all(exp.Column)):
        raise _NotOneScanError


def _qualifiers(source: exp.Expr, names: frozenset[str]) -> frozenset[str]:
    """Return by which names columns may be qualified; one that is also a column could mean a part of that."""
    name = fold(source.alias_or_name)
    return frozenset({name} if name and name not in names else ())


def _put(tree: Tree, rows: _Rows, known: frozenset[str]) -> Tree:
    """Write an expression in the relation's own columns."""
    if tree.find(exp.AggFunc, *_KEPT_APART) is not None:
        raise _NotOneScanError
    holder = exp.Paren(this=tree.copy())
    for column in list(holder.find_all(exp.Column)):
        if column.table and (fold(column.table) not in known or column.args.get("db")):
            raise _NotOneScanError
        column.replace(_meant(column, rows))
    written: Tree = holder.this
    return written


def _meant(column: exp.Column, rows: _Rows) -> Tree:
    if rows.outputs is None:
        return exp.Column(this=column.this.copy())
    meant = rows.outputs.get(fold(column.name))
    if meant is None:
        raise _NotOneScanError
    return meant.copy() if isinstance(meant, (exp.Column, exp.Literal)) else exp.Paren(this=meant.copy())
