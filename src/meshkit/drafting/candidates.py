"""What is worth a second, exact look: columns that may be keys, and columns that may be lists of a few values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from meshkit.drafting.pii import category_by_name
from meshkit.drafting.words import key_rank, names_a_key, names_a_part_of_a_key
from meshkit.model.profile import ColumnProfile, TableProfile
from meshkit.model.types import Family, parse_type

ENOUGH = 100
"""So many rows must speak for a proposal that nothing else, such as a column's name, speaks for."""
MOST_MEMBERS = 20
ROWS_PER_MEMBER = 10
_LONGEST_KEY = 64
_LONGEST_MEMBER = 60
_MOST_PAIRS = 6
_FEW_ROWS_FOR_A_PAIR = 10
_KEYS_AT_ONCE = 4
_MOST_KEYS = 8
_SLACK = 2  # how far off the estimate of distinct values may be


def key_candidates(profile: TableProfile, table: str) -> list[list[str]]:
    """Return columns that may be the key alone, the likeliest first, in batches to count at once.

    The likeliest comes alone: where it is the key, the others need not be counted.
    """
    chosen = [c for c in profile.columns if _may_be_key(c, profile.rows)]
    ranked = sorted(chosen, key=lambda c: key_rank(c.name, table))[:_MOST_KEYS]
    names = [c.name for c in ranked]
    return [names[:1], *(names[i : i + _KEYS_AT_ONCE] for i in range(1, len(names), _KEYS_AT_ONCE))] if names else []


def pair_candidates(profile: TableProfile) -> list[tuple[str, str]]:
    """Return pairs of columns that may tell rows apart together: both named like a part of a key, both always filled."""
    if profile.rows < _FEW_ROWS_FOR_A_PAIR:
        return []
    parts = [
        c
        for c in profile.columns
        if c.filled == profile.rows
        and _family(c) in (Family.STRING, Family.INTEGER, Family.DATE, Family.TIMESTAMP)
        and names_a_part_of_a_key(c.name)
        and (c.about_distinct or 0) > 1
    ]
    pairs = [
        (a.name, b.name)
        for a, b in combinations(parts, 2)
        if (a.about_distinct or 0) * (b.about_distinct or 0) * _SLACK >= profile.rows
    ]
    return pairs[:_MOST_PAIRS]


def member_candidates(profile: TableProfile) -> list[str]:
    """Return columns of text that may hold a few values only."""
    return [
        c.name
        for c in profile.columns
        if _family(c) is Family.STRING
        and c.filled >= ENOUGH
        and 1 < (c.about_distinct or 0) <= MOST_MEMBERS * _SLACK
        and c.longest <= _LONGEST_MEMBER
        and not category_by_name(c.name, c.type)
    ]


def has_few_members(column: ColumnProfile) -> bool:
    """Tell whether a column's values, counted, are few enough in enough rows to be proposed as a list.

    Not one of them may look like an address or a number of a person: a list shows its values.
    """
    members: Sequence[tuple[str, int]] = column.members
    return (
        1 < len(members) <= MOST_MEMBERS
        and column.filled >= max(ENOUGH, ROWS_PER_MEMBER * len(members))
        and not (column.at_signs or column.numerals or column.lettered)
        and all(text.isprintable() for text, _ in members)
    )


def _may_be_key(column: ColumnProfile, rows: int) -> bool:
    is_full = rows > 1 and column.filled == rows and (column.about_distinct or 0) * _SLACK >= rows
    if not is_full or column.longest > _LONGEST_KEY or column.lacking_files:
        return False
    if column.native != "UUID" and _family(column) not in (Family.STRING, Family.INTEGER):
        return False
    return names_a_key(column.name) or (rows >= ENOUGH and not category_by_name(column.name, column.type))


def _family(column: ColumnProfile) -> Family | None:
    return parse_type(column.type).family if column.type else None
