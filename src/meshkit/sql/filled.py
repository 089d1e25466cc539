"""Author SQL with variables: parsed first, filled after, so that no value can change what the query is."""

from __future__ import annotations

import re

from sqlglot import exp

from meshkit.model.variables import Variables, has_variables
from meshkit.sql.guard import parse_query

_SPOKEN = {"sqlserver": "tsql"}
"""Engines whose language has another name."""
_MARK = "mkvariable{}x"
_MARKED = re.compile(r"mkvariable(\d+)x")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def parse_filled(text: str, dialect: str, variables: Variables) -> exp.Query:
    """Parse a query and put the values of its variables in: into texts, into names, or as values of their own.

    Raises:
        ContractError: MK143, a variable has no value.
        SqlError: As `parse_query`.

    Example:
        >>> query = "SELECT count(*) FROM t WHERE region = 'x-${REGION}' AND n > ${LEAST:-5}"
        >>> parse_filled(query, "duckdb", Variables({"REGION": "' OR '"})).sql("duckdb")
        "SELECT COUNT(*) FROM t WHERE region = 'x-'' OR ''' AND n > 5"
    """
    dialect = _SPOKEN.get(dialect, dialect)
    if not has_variables(text):
        return parse_query(text, dialect)
    values: list[str] = []

    def mark(value: str) -> str:
        values.append(value)
        return _MARK.format(len(values) - 1)

    tree = parse_query(variables.put_by(text, mark), dialect)
    for node in list(tree.find_all(exp.Column, exp.Literal, exp.Identifier)):
        _fill(node, values)
    return tree


def _fill(node: exp.Expr, values: list[str]) -> None:
    alone = _MARKED.fullmatch(node.name)
    if isinstance(node, exp.Column) and alone and not node.table:
        value = values[int(alone[1])]
        node.replace(exp.Literal.number(value) if _NUMBER.fullmatch(value) else exp.Literal.string(value))
    elif isinstance(node, (exp.Literal, exp.Identifier)) and _MARKED.search(node.name):
        node.set("this", _MARKED.sub(lambda found: values[int(found[1])], node.name))
        if isinstance(node, exp.Identifier):
            node.set("quoted", True)
