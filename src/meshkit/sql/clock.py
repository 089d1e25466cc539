"""The clock in author SQL: `now()` and its kin become the time of the run."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlglot import exp

from meshkit.model.types import Family, LogicalType
from meshkit.sql import literals

_DATE = {"today", "current_date"}
_ZONED = {"now", "get_current_timestamp", "current_timestamp"}
_NAIVE = {"current_localtimestamp", "localtimestamp"}


def set_clock(tree: exp.Expr, now: datetime) -> None:
    """Replace every reading of the clock in `tree` by `now`, so that `--now` holds in author SQL too."""
    clocks = (exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.CurrentDatetime, exp.Anonymous)
    for node in list(tree.find_all(*clocks)):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        if name in _DATE:
            node.replace(literals.literal(now.astimezone(UTC).date(), LogicalType(family=Family.DATE)))
        elif name in _ZONED:
            node.replace(literals.moment(now, zoned=True))
        elif name in _NAIVE or isinstance(node, exp.CurrentDatetime):
            node.replace(literals.moment(now, zoned=False))
