"""Queries in the words of another engine that run on DuckDB: only what means the same on both."""

from __future__ import annotations

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.sql.transpile.rules import called
from meshkit.sql.transpile.shared import STRUCTURE

_ALIKE = STRUCTURE | frozenset(
    "EQ NEQ GT GTE LT LTE Between In Add Sub Mul Sum Min Max Abs Tuple Union Except Intersect CountIf Filter".split()
)
_BLIND_TO_CASE = frozenset({"mysql", "tsql", "sqlserver"})
"""Engines that usually take 'a' and 'A' for the same text, which DuckDB does not."""
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)


def require_alike(tree: exp.Expr, dialect: str, own: str = "duckdb") -> None:
    """Refuse a query in another engine's words unless every part of it means the same here.

    Raises:
        SqlError: MK210, with the part that may not.
    """
    for node in tree.walk():
        if type(node).__name__ not in _ALIKE or isinstance(node, exp.Anonymous):
            _refuse(called(node), dialect, own)
        if dialect in _BLIND_TO_CASE and isinstance(node, _COMPARISONS) and _names_a_text(node):
            _refuse("a comparison of texts", dialect, own)


def _names_a_text(node: exp.Expr) -> bool:
    return any(isinstance(part, exp.Literal) and part.is_string for part in node.iter_expressions())


def _refuse(part: str, dialect: str, own: str) -> None:
    what = f"the query is in the words of {dialect}, where {part} may mean something else than on {own}"
    raise SqlError(what, f"write sql.{own} for this check", code="MK210")
