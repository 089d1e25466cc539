"""What the footers of a table's files say of it, as far as that is proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from meshkit.model.names import fold

Value = int | Decimal | str | bool | date | datetime


class Trust(StrEnum):
    """When a footer counts as proof; docs/decisions/0009 says why."""

    NEVER = "never"
    EXACT = "exact"


class ColumnFacts(NamedTuple):
    """What is known of one column in some rows.

    Attributes:
        nulls: How many are NULL; None = not known.
        low: The least value; None = not known, or there is none.
        high: The greatest value.
        is_coded: Whether the values are stored as positions in a dictionary, so that equality is cheap to ask.
    """

    nulls: int | None = None
    low: Value | None = None
    high: Value | None = None
    is_coded: bool = False


class RowGroup(NamedTuple):
    """Rows that are stored together, and what is known of their columns, by folded name."""

    rows: int
    columns: Mapping[str, ColumnFacts]

    def facts(self, name: str) -> ColumnFacts:
        """Return what is known of a column; nothing where it is not named."""
        return self.columns.get(fold(name), _NOTHING)


class TableStatistics(NamedTuple):
    """What is known of a table without reading it.

    Attributes:
        whole: All rows together.
        groups: The same per row group, in the files' order.
        files: How many files it has.
    """

    whole: RowGroup
    groups: tuple[RowGroup, ...]
    files: int


_NOTHING = ColumnFacts()


def together(groups: tuple[RowGroup, ...], names: frozenset[str]) -> RowGroup:
    """Return what is known of several row groups as one.

    Args:
        groups: The groups.
        names: Folded names of the columns to keep.
    """
    return RowGroup(
        sum(g.rows for g in groups), {name: _merged([(g.rows, g.facts(name)) for g in groups]) for name in names}
    )


def _merged(parts: list[tuple[int, ColumnFacts]]) -> ColumnFacts:
    facts = [f for rows, f in parts if rows]
    nulls = None if any(f.nulls is None for f in facts) else sum(f.nulls or 0 for f in facts)
    filled = [f for rows, f in parts if rows and f.nulls != rows]
    coded = bool(facts) and all(f.is_coded for f in facts)
    if not filled or any(f.low is None or f.high is None for f in filled):
        return ColumnFacts(nulls, None, None, coded)
    # One column has one type, so that its bounds can be compared with each other.
    low = min(f.low for f in filled)  # type: ignore[type-var]  # as above
    high = max(f.high for f in filled)  # type: ignore[type-var]  # as above
    return ColumnFacts(nulls, low, high, coded)
