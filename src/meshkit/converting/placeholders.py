"""Placeholders in queries: the names of the table and the column that a rule is about."""

from __future__ import annotations

import re
from typing import NamedTuple

_PLACEHOLDER = re.compile(r"""(["'`]?)\$?\{(\w+)\}(["'`]?)(\.?)""")
_OBJECT = {"object", "table", "model", "schema"}
_PROPERTY = {"property", "column", "field"}
_QUALIFIERS = {"schema", "database", "catalog", "dataset", "project"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Subject(NamedTuple):
    """What the rules of one list are about: a table, or one of its columns; by their names in the data."""

    table: str
    column: str = ""
    dialect: str = "duckdb"


_BACKTICKS = {"bigquery", "clickhouse", "databricks", "hive", "mysql", "spark"}


def _quoted(name: str, dialect: str) -> str:
    """Quote a name as a dialect does: where double quotes make a text, it would never be that column."""
    opening, closing = ("[", "]") if dialect == "tsql" else ("`", "`") if dialect in _BACKTICKS else ('"', '"')
    return opening + name.replace(closing, closing * 2) + closing


def substitute(query: str, subject: Subject) -> str:
    """Put the names of the table and the column into a query, for every placeholder that is seen in practice.

    A qualifier (`{schema}.`, `{catalog}.`) is left out: names are bound to relations, wherever those are. What is no
    placeholder of the standard, such as `${REGION}`, is a variable and stays.

    Example:
        >>> substitute("SELECT count(*) FROM {schema}.${table} WHERE {column} < ${LIMIT}", Subject("orders", "total"))
        'SELECT count(*) FROM orders WHERE total < ${LIMIT}'
    """

    def put(found: re.Match[str]) -> str:
        before, name, after, dot = found.groups()
        if name in _QUALIFIERS and dot:
            return ""
        value = subject.table if name in _OBJECT else subject.column if name in _PROPERTY else ""
        if not value:
            return found[0]
        if not (before and before == after) and not _PLAIN_NAME.fullmatch(value):
            value = _quoted(value, subject.dialect)
        return f"{before}{value}{after}{dot}"

    return _PLACEHOLDER.sub(put, query)
