"""One query with DuckDB's meaning, to the text of another dialect that means the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import did_you_mean, fold
from meshkit.sql.dialects import render
from meshkit.sql.transpile.binding import bound
from meshkit.sql.transpile.implicit import written_out
from meshkit.sql.transpile.kinds import with_type
from meshkit.sql.transpile.known import DIALECTS
from meshkit.sql.transpile.names import Stored, qualified, stored_names
from meshkit.sql.transpile.outputs import first_of_each, qualified_before_limits
from meshkit.sql.transpile.rules import Context, rewritten
from meshkit.sql.trees import Tree

_KEEPS_ORDER = ("postgres", "clickhouse", "mysql", "spark", "databricks")
"""Dialects that have DISTINCT ON, or see to its order themselves."""


class Translation(NamedTuple):
    """A query in another dialect.

    Attributes:
        sql: Its text.
        rewrites: What was written in another way than DuckDB has it, and why.
    """

    sql: str
    rewrites: tuple[str, ...]


def as_it_stands(tree: Tree, dialect: str, tables: Mapping[str, Stored], *, pretty: bool = False) -> str:
    """Write a query that is in the words of the dialect already: only its tables get their names.

    Raises:
        SqlError: MK209, it cannot be written.
    """
    query = tree.copy()
    if dialect == "sqlite":
        _require_names(query, tables)
    for select in query.find_all(exp.Select):
        if not isinstance(select.parent, (exp.In, exp.Exists)):
            select.set("expressions", [_named(e, i) for i, e in enumerate(select.expressions)])
    stored_names(query, tables)
    return render(query, DIALECTS[dialect].writes, pretty=pretty)


def _require_names(query: Tree, tables: Mapping[str, Stored]) -> None:
    """Refuse a quoted name that nothing has: SQLite would read it as a text, and count what nobody meant.

    Raises:
        SqlError: MK206.
    """
    columns = [c.name for stored in tables.values() for c in stored.columns]
    aliases = [a.alias for a in query.find_all(exp.Alias)]
    made = [c.name for a in query.find_all(exp.TableAlias) for c in a.args.get("columns") or ()]
    known = {fold(name) for name in (*columns, *aliases, *made, "rowid", "oid", "_rowid_")}
    for column in query.find_all(exp.Column):
        if not column.table and column.this.args.get("quoted") and fold(column.name) not in known:
            raise SqlError(f"no column '{column.name}'", did_you_mean(column.name, columns), code="MK206")


def _named(value: exp.Expr, position: int) -> exp.Expr:
    """Name a value: some engines take no sub-query whose columns have no names."""
    is_named = value.alias_or_name or isinstance(value, (exp.Star, exp.Alias))
    return value if is_named else exp.alias_(value, f"_col_{position}")


def transpile(tree: Tree, dialect: str, tables: Mapping[str, Stored], *, pretty: bool = False) -> Translation:
    """Write a query whose tables are named by relation in another dialect, so that it gives the answer DuckDB would.

    Every part must be known to mean the same there, or have a rule that rewrites it; anything else is refused.

    Args:
        tree: The query, as `bind_query` or `statements` gives it. It is not changed.
        dialect: A key of `known.DIALECTS`.
        tables: Relation id -> the table that holds it.
        pretty: Whether to break lines.

    Raises:
        SqlError: MK210 a part has no equal in the dialect, MK206 a name means nothing, MK209 it cannot be written.
    """
    target = DIALECTS[dialect]
    context = Context(dialect)
    try:
        if not isinstance(tree, exp.Query):
            raise SqlError("not a query", code="MK201")
        query = qualified(tree, tables)
        bound(query, context)
        written_out(query, context)
        for node in reversed(list(query.walk(bfs=False))):  # parts before the whole
            new = rewritten(node, target, context)
            if new is not node:
                with_type(new, node)
                if node is query:
                    assert isinstance(new, exp.Query)
                    query = new
                else:
                    node.replace(new)
        query = target.finish(query, context)
        if target.writes not in _KEEPS_ORDER:
            query = qualified_before_limits(first_of_each(query, context), context)
        stored_names(query, tables)
    except RecursionError as error:
        raise SqlError("nested too deeply", code="MK209") from error
    return Translation(render(query, target.writes, pretty=pretty), tuple(context.notes))
