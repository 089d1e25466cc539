"""Rows within a query: tables that exist nowhere, so that an engine can be asked without anything being made there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from meshkit.model.names import fold
from meshkit.sql.trees import Tree


class Inline(NamedTuple):
    """A table written out.

    Attributes:
        columns: Name -> type in DuckDB's words.
        rows: Plain Python values in the order of the columns; at least one row, or none for an empty table.
    """

    columns: Mapping[str, str]
    rows: Sequence[Sequence[object]]


def with_rows(query: exp.Query, tables: Mapping[str, Inline]) -> exp.Query:
    """Return a copy of a query in which some tables are CTEs that hold their rows, each value with its type.

    Columns that the query does not name are left out: an engine may not be able to hold what is in them.

    Args:
        query: It may have CTEs of its own, which come after.
        tables: Name in the query -> what it holds.
    """
    whole = query.copy()
    read = {fold(t.name) for t in whole.find_all(exp.Table)}
    made = [
        exp.CTE(this=_union(_needed(table, whole)), alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
        for name, table in tables.items()
        if fold(name) in read
    ]
    own = whole.args.get("with_")
    whole.set("with_", exp.With(expressions=[*made, *(own.expressions if own else [])]))
    return whole


def _needed(table: Inline, query: exp.Query) -> Inline:
    """Return a table with the columns that a query may read."""
    stars = (star for star in query.find_all(exp.Star) if not isinstance(star.parent, exp.Count))
    sources = {fold(source.alias_or_name) for source in query.find_all(exp.Table)}
    rows = (column for column in query.find_all(exp.Column) if fold(column.name) in sources)
    named = {fold(part.name) for part in query.find_all(exp.Identifier)}
    kept = [index for index, name in enumerate(table.columns) if fold(name) in named] or [0]
    if any(stars) or any(rows):
        return table
    columns = list(table.columns.items())
    return Inline(dict(columns[i] for i in kept), [[row[i] for i in kept] for row in table.rows])


def _union(table: Inline) -> Tree:
    rows = table.rows or [[None] * len(table.columns)]
    selects: list[exp.Query] = [_row(table.columns, row) for row in rows]
    if not table.rows:
        never = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))
        selects = [_row(table.columns, rows[0]).where(never)]
    while len(selects) > 1:  # balanced, so that many rows are not nested deeply
        selects = [
            exp.Union(this=a, expression=b, distinct=False) if b is not None else a
            for a, b in zip(selects[::2], [*selects[1::2], None], strict=False)
        ]
    return selects[0]


def _row(columns: Mapping[str, str], row: Sequence[object]) -> exp.Select:
    values = [
        exp.alias_(_value(value, kind), name, quoted=True)
        for (name, kind), value in zip(columns.items(), row, strict=True)
    ]
    return exp.Select(expressions=values)


def _value(value: object, kind: str) -> Tree:
    if value is None:
        return exp.cast(exp.null(), kind, dialect="duckdb")
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.cast(exp.Literal.string(_text(value)), kind, dialect="duckdb")


def _text(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, datetime):
        naive = (value - (value.utcoffset() or timedelta())).replace(tzinfo=None)
        return naive.isoformat(sep=" ") + ("+00" if value.tzinfo else "")
    if isinstance(value, Decimal):
        return f"{value:f}"  # an exponent is no decimal on most engines
    return value.isoformat() if isinstance(value, date) else str(value)
