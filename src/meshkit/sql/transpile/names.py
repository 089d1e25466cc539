"""Names in a query: each column to the one it means, in the engine's own spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from meshkit.errors import SqlError
from meshkit.model.names import did_you_mean, fold
from meshkit.model.relation import SeenColumn
from meshkit.sql.transpile.known_types import settle_types
from meshkit.sql.transpile.outcomes import OUTCOMES

_BY_NAME = frozenset({"unnest", "string_split", "len", "struct_extract"})


class Stored(NamedTuple):
    """A table as an engine holds it.

    Attributes:
        parts: Its name, from the outermost part to the table: ('analytics', 'public', 'orders').
        columns: Its columns, their types in DuckDB's words.
    """

    parts: tuple[str, ...]
    columns: tuple[SeenColumn, ...]


def qualified(tree: exp.Query, tables: Mapping[str, Stored]) -> exp.Query:
    """Return a copy in which every column names its table and every part knows its type, as DuckDB would have it.

    Stars, USING and names of outputs that stand in for expressions are written out. Tables keep the ids of their relations.

    Raises:
        SqlError: MK206 a name means nothing or several things, MK209 the parts cannot be told apart.
    """
    query = tree.copy()
    _know_functions(query)
    _turn_likes(query)
    _name_outputs(query)
    stand_ins = {f"t{i}": relation_id for i, relation_id in enumerate(tables)}
    called = {relation_id: name for name, relation_id in stand_ins.items()}
    for table in query.find_all(exp.Table):
        if table.name in called:
            table.set("this", exp.to_identifier(called[table.name]))
    schema = MappingSchema(
        {name: _types(tables[relation_id]) for name, relation_id in stand_ins.items()}, dialect="duckdb"
    )
    try:
        query = qualify(query, schema=schema, dialect="duckdb", quote_identifiers=True)
        _order_by_all(query)
        query = annotate_types(query, schema=schema, dialect="duckdb", expression_metadata=OUTCOMES)
        settle_types(query)
        _mark_stored(query, {name: tables[relation_id] for name, relation_id in stand_ins.items()})
    except SqlglotError as error:
        raise SqlError(f"names of the query cannot be told apart: {_first_line(error)}", code="MK206") from error
    for table in query.find_all(exp.Table):
        if table.name in stand_ins and not table.db:
            table.set("this", exp.to_identifier(stand_ins[table.name], quoted=True))
    return query


def _know_functions(query: exp.Query) -> None:
    """Read functions that built-in checks call by their bare names as they are read in the SQL of authors: one rule for both."""
    for function in list(query.find_all(exp.Anonymous)):
        name = function.name.lower()
        if name in _BY_NAME:
            function.replace(exp.func(name, *function.expressions, dialect="duckdb"))


def _name_outputs(query: exp.Query) -> None:
    """Name what has no name of its own: `CAST(x AS DATE)` is not called `x`, which ORDER BY x would then mean."""
    for select in list(query.find_all(exp.Select)):
        for place, selected in enumerate(select.expressions):
            if (
                isinstance(selected, (exp.Cast, exp.Subquery, exp.Paren, exp.Neg, exp.Literal, exp.Bracket))
                and selected.output_name
            ):
                selected.replace(exp.alias_(selected.copy(), f"_col_{place}", quoted=True))


def _turn_likes(query: exp.Query) -> None:
    """Write NOT around LIKE, so that no rule has to know of its other form."""
    for like in list(query.find_all(exp.Like, exp.ILike)):
        if like.args.get("negate"):
            like.set("negate", None)
            whole = like.parent if isinstance(like.parent, exp.Escape) else like
            whole.replace(exp.Not(this=whole.copy()))


def _order_by_all(query: exp.Query) -> None:
    """Write the names of all outputs for ORDER BY ALL, which other engines read as a column, if at all."""
    for order in query.find_all(exp.Order):
        ordered = order.expressions[0]
        select = order.parent
        if (
            not isinstance(ordered.this, exp.Var)
            or ordered.this.name.upper() != "ALL"
            or not isinstance(select, exp.Query)
        ):
            continue
        names = [chosen.alias_or_name for chosen in select.selects]
        if len(set(names)) < len(names):
            raise SqlError("ORDER BY ALL has several outputs of one name", "name them apart", code="MK206")
        written = []
        for name in names:
            one = ordered.copy()
            one.set("this", exp.column(exp.to_identifier(name, quoted=True)))
            written.append(one)
        order.set("expressions", written)


STORED = "stored"
"""In the meta of a column that a table holds; what a query has computed lacks it."""


OTHERS = "others"
"""In the meta of a column that a table holds: the types of its values that are of another one than the column's."""


def _mark_stored(query: exp.Query, tables: Mapping[str, Stored]) -> None:
    others = {name: {fold(c.name): c.other_types for c in t.columns if c.other_types} for name, t in tables.items()}
    for scope in traverse_scope(query):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                column.meta[STORED] = True
                column.meta[OTHERS] = others.get(source.name, {}).get(fold(column.name), ())


def _types(table: Stored) -> dict[str, str]:
    twice = [name for name, count in Counter(fold(c.name) for c in table.columns).items() if count > 1]
    if twice:
        raise SqlError(f"columns that differ in upper and lower case only: {twice[0]}", code="MK206")
    return {fold(c.name): _known(c.type) for c in table.columns}


@lru_cache(maxsize=4096)
def _known(type_: str) -> str:
    try:
        exp.DataType.build(type_, dialect="duckdb")
    except SqlglotError:
        return "UNKNOWN"
    return type_


def stored_names(query: exp.Expr, tables: Mapping[str, Stored]) -> None:
    """Write tables and their columns as the engine spells them, in place.

    Raises:
        SqlError: MK206, a table has no such column.
    """
    spelled = {r: {fold(c.name): c.name for c in t.columns} for r, t in tables.items()}
    for scope in traverse_scope(query):
        for alias, source in scope.sources.items():
            names = spelled.get(source.name) if isinstance(source, exp.Table) else None
            for column in scope.columns if names else ():
                if column.table == alias and names is not None:
                    column.set("this", exp.to_identifier(_spelled(column, names), quoted=True))
    for table in query.find_all(exp.Table):
        if table.name in tables and not table.db:
            *outer, own = (exp.to_identifier(part, quoted=True) for part in tables[table.name].parts)
            table.set("this", own)
            table.set("db", outer[-1] if outer else None)
            table.set("catalog", outer[-2] if len(outer) > 1 else None)


def _spelled(column: exp.Column, names: Mapping[str, str]) -> str:
    """Return a column's name as its table has it; own words of an engine may name what is not there."""
    name = names.get(fold(column.name))
    if name is None:
        hint = did_you_mean(column.name, list(names.values()))
        raise SqlError(f"unknown column '{column.table}.{column.name[:60]}'", hint, code="MK206")
    return name


def _first_line(error: SqlglotError) -> str:
    return str(error).partition("\n")[0][:200]
