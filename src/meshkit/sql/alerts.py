"""The conditions of alerts: boolean expressions over metric names, with percent literals."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.names import did_you_mean
from meshkit.sql.guard import parse_condition
from meshkit.sql.trees import Tree

_PERCENT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*%(?=\s*(?:$|[)<>=!]|AND\b|OR\b))", re.IGNORECASE)


def parse_alert(text: str, metrics: Collection[str]) -> Tree:
    """Parse an alert's condition. `50%` means 0.5; every name must be one of `metrics`.

    Raises:
        SqlError: MK127, a name is no metric; else as `parse_condition`.

    Example:
        >>> parse_alert("row_count_change > 50%", ["row_count_change"]).sql()
        'row_count_change > (50 / 100.0)'
    """
    tree = read_alert(text)
    for column in tree.find_all(exp.Column):
        if column.table or column.name not in metrics:
            raise SqlError(f"'{column.sql()}' is no metric", did_you_mean(column.name, sorted(metrics)), code="MK127")
    return tree


def read_alert(text: str) -> Tree:
    """Parse an alert's condition, whatever its names mean.

    Raises:
        SqlError: As `parse_condition`.
    """
    return parse_condition(_PERCENT.sub(r"(\1 / 100.0)", text))


def least_age_hours(tree: Tree) -> float | None:
    """Return the age above which an alert of the form `age_hours > N` goes off; None for any other condition."""
    if (
        not isinstance(tree, (exp.GT, exp.GTE))
        or not isinstance(tree.this, exp.Column)
        or tree.this.name != "age_hours"
    ):
        return None
    bound = tree.expression
    return float(bound.name) if isinstance(bound, exp.Literal) and not bound.is_string else None
