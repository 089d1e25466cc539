"""Names in a tree to the relations they mean, and columns to the relation they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from meshkit.errors import SqlError
from meshkit.model.names import fold
from meshkit.model.relation import Relation

Resolve = Callable[[str, str], Relation]


class Bound(NamedTuple):
    """A query over relations instead of names.

    Attributes:
        tree: The query; each table is named by its relation's id.
        relations: What it reads, by id.
        columns: Relation id -> names of its columns that the query may read; unqualified ones count for every source.
        reads_all: Ids of relations of which it may read any column (`SELECT *`).
        is_plain: Whether it is one SELECT without sub-queries or CTEs, so that every column is of `relations`.
    """

    tree: exp.Query
    relations: Mapping[str, Relation]
    columns: Mapping[str, frozenset[str]]
    reads_all: frozenset[str]
    is_plain: bool


def bind_query(tree: exp.Query, resolve: Resolve) -> Bound:
    """Replace every table name of `tree` by its relation. CTEs keep their names; `tree` itself is changed.

    Raises:
        SqlError: A name is unknown or means several tables.
    """
    relations: dict[str, Relation] = {}
    columns: dict[str, set[str]] = {}
    reads_all: set[str] = set()
    _spell_ctes_alike(tree)
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise SqlError("the query's parts cannot be told apart", "simplify it", code="MK209") from error
    bound: dict[int, Relation] = {}
    for scope in scopes:
        sources = {}
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
                if id(source) not in bound:
                    bound[id(source)] = resolve(source.name, source.db)
                relation = bound[id(source)]
                relations[relation.id] = relation
                sources[fold(alias)] = relation.id
        _note_columns(scope, sources, columns, reads_all)
    for table in list(tree.find_all(exp.Table)):
        if id(table) in bound:
            _rename(table, bound[id(table)].id)
        elif isinstance(table.this, exp.Identifier) and not _is_cte(table):
            raise SqlError(
                f"table '{table.name}' stands where meshkit cannot follow it", "simplify the query", code="MK209"
            )
    return Bound(tree, relations, {k: frozenset(v) for k, v in columns.items()}, frozenset(reads_all), len(scopes) == 1)


def _note_columns(scope: Scope, sources: Mapping[str, str], columns: dict[str, set[str]], reads_all: set[str]) -> None:
    for column in scope.columns:
        owners = [sources[fold(column.table)]] if fold(column.table) in sources else []
        if not column.table:
            owners = list(sources.values())
        for owner in owners:
            columns.setdefault(owner, set()).add(fold(column.name))
    if scope.expression.find(exp.Star) and any(
        not isinstance(star.parent, exp.Count) for star in scope.expression.find_all(exp.Star)
    ):
        reads_all.update(sources.values())


def _visible_ctes(node: exp.Expr) -> Mapping[str, exp.CTE]:
    """Return the CTEs that are in sight of `node`, by folded name, the innermost first."""
    found: dict[str, exp.CTE] = {}
    here: exp.Expr | None = node
    while here is not None:
        with_ = here.args.get("with_")
        for cte in with_.expressions if with_ is not None else []:
            found.setdefault(fold(cte.alias), cte)
        here = here.parent
    return found


def _is_cte(table: exp.Table) -> bool:
    return fold(table.name) in _visible_ctes(table)


def _spell_ctes_alike(tree: exp.Query) -> None:
    """Write each use of a CTE as its definition does: names are the same in upper and lower case, sqlglot's are not."""
    for table in tree.find_all(exp.Table):
        cte = _visible_ctes(table).get(fold(table.name)) if not table.db else None
        if cte is not None and table.name != cte.alias:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=table.this.copy()))
            table.set("this", cte.args["alias"].this.copy())


def _rename(table: exp.Table, relation_id: str) -> None:
    if not table.alias:
        table.set("alias", exp.TableAlias(this=table.this.copy()))
    table.set("db", None)
    table.set("this", exp.to_identifier(relation_id, quoted=True))
