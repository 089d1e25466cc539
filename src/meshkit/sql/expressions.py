"""An author's expression in the words of another dialect."""

from __future__ import annotations

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError


def written_in(text: str, dialect: str) -> str:
    """Write a boolean expression in `dialect`; an empty text where it is none or cannot be said there.

    Example:
        >>> written_in("a IS NOT NULL", "postgres"), written_in("a; b", "duckdb")
        ('NOT a IS NULL', '')
    """
    try:
        tree = parse_one(text, read="duckdb", error_level=ErrorLevel.RAISE)
        if not isinstance(tree, exp.Condition) or tree.find(exp.Query, exp.DDL, exp.DML):
            return ""
        return tree.sql(dialect, comments=False, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError):
        return ""
