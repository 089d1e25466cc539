"""A number that a scan brings back: its tree, and what it is made of, so that it may be proved or merged instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from meshkit.model.statistics import RowGroup, TableStatistics
from meshkit.sql.trees import Tree, names_in
from meshkit.sql.truths import cannot_fail, count_in


class Extreme(NamedTuple):
    """The least, or the greatest, value of a time column.

    Attributes:
        column: The column.
        until: For the greatest: later values are left out. None = the least is meant.
    """

    column: str
    until: date | datetime | None


class Measure(NamedTuple):
    """A number, or a time, about the rows of a table.

    Attributes:
        tree: The aggregate that gives it.
        counts: Conditions; the rows that meet each, added up, are the number. Empty = it is no count.
        extreme: What it is the least or greatest of; None = it is neither.
    """

    tree: Tree
    counts: tuple[Tree, ...] = ()
    extreme: Extreme | None = None

    @property
    def merge(self) -> str:
        """How values over parts of the rows make the value over all: `sum`, `min`, `max`; empty = they do not."""
        if self.extreme:
            return "max" if self.extreme.until else "min"
        return "sum" if self.counts else ""

    @property
    def condition(self) -> Tree | None:
        """The one condition whose rows it counts; None where there is none, or several."""
        return self.counts[0] if len(self.counts) == 1 else None


def prove(measure: Measure, statistics: TableStatistics) -> Any:
    """Return what a measure must be, where the statistics of a table prove it; else None.

    A time is a naive datetime in UTC, as a scan brings it back.
    """
    if measure.extreme is not None:
        return _prove_extreme(measure.extreme, statistics)
    if not measure.counts:
        return None
    found = [_prove_count(condition, statistics) for condition in measure.counts]
    return None if any(f is None for f in found) else sum(f or 0 for f in found)


def _prove_count(condition: Tree, statistics: TableStatistics) -> int | None:
    if not cannot_fail(condition):
        return None
    known = count_in(condition, statistics.whole)
    if known is not None:
        return known
    total = 0
    for group in statistics.groups:
        here = count_in(condition, group)
        if here is None:
            return None
        total += here
    return total


def _prove_extreme(extreme: Extreme, statistics: TableStatistics) -> datetime | None:
    facts = statistics.whole.facts(extreme.column)
    bound = facts.low if extreme.until is None else facts.high
    if not isinstance(bound, date):
        return None
    if extreme.until is not None and (type(bound) is not type(extreme.until) or not _is_at_most(bound, extreme.until)):
        return None
    if not isinstance(bound, datetime):
        return datetime.combine(bound, time())
    return bound.astimezone(UTC).replace(tzinfo=None) if bound.tzinfo else bound


def _is_at_most(bound: date, until: date) -> bool:
    if isinstance(bound, datetime) and isinstance(until, datetime) and bound.tzinfo is None:
        return bound <= until.astimezone(UTC).replace(tzinfo=None)
    return bound <= until


def surviving_share(condition: Tree, statistics: TableStatistics) -> float:
    """Return the share of rows that stand in row groups where a condition may be true: what pruning leaves to read."""
    if not cannot_fail(condition):
        return 1.0
    kept = sum(group.rows for group in statistics.groups if _survives(condition, group))
    return kept / statistics.whole.rows if statistics.whole.rows else 0.0


def _survives(condition: Tree, group: RowGroup) -> bool:
    return count_in(condition, group) != 0


def names_read(measures: Mapping[str, Measure] | Sequence[Measure]) -> frozenset[str]:
    """Return the folded names of all columns that some measures read."""
    found = measures.values() if isinstance(measures, Mapping) else measures
    return frozenset().union(*(names_in(m.tree) for m in found))
