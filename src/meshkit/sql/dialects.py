"""Trees to text."""

from __future__ import annotations

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from meshkit.errors import SqlError


def render(tree: exp.Expr, dialect: str = "duckdb", *, pretty: bool = False) -> str:
    """Write a tree as text, without the comments its author left.

    Raises:
        SqlError: MK209, the dialect has no way to say it.
    """
    try:
        return tree.sql(dialect, comments=False, pretty=pretty, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError) as error:
        raise SqlError("the query cannot be written in the engine's dialect", "simplify it", code="MK209") from error
