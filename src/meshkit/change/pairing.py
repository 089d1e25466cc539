"""Which old column is which new one: by name, by `renamed_from`, by a stable id, and last by a guess."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from meshkit.model.names import fold
from meshkit.model.table import Column

LEAST_SIMILARITY = 0.6
"""Of two names, between 0 and 1, for a rename to be guessed. The types must be equal too."""


MOST_GUESSED = 100_000
"""Pairs of columns that may be looked at for a guess; where there are more, none is made."""


class Pair(NamedTuple):
    """An old column and the new one that it became; `evidence` says why, where the names differ."""

    old: Column
    new: Column
    evidence: str = ""


class Pairing(NamedTuple):
    """All columns of both sides, each once: pairs in the new order, what is gone, and what is new."""

    pairs: list[Pair]
    removed: list[Column]
    added: list[Column]


def pair_columns(old: Sequence[Column], new: Sequence[Column]) -> Pairing:
    """Pair the columns of two tables, or the parts of two objects."""
    gone = {fold(c.name): c for c in old}
    found: dict[str, Pair] = {}
    left = list(new)
    for column in list(left):
        same = gone.pop(fold(column.name), None)
        if same is not None:
            found[column.name] = Pair(same, column)
            left.remove(column)
    for column in list(left):
        pair = _told(column, gone)
        if pair is not None:
            found[column.name] = pair
            gone.pop(fold(pair.old.name))
            left.remove(column)
    for pair in _guessed(list(gone.values()), left):
        found[pair.new.name] = pair
        gone.pop(fold(pair.old.name))
        left.remove(pair.new)
    return Pairing([found[c.name] for c in new if c.name in found], list(gone.values()), left)


def _told(column: Column, gone: dict[str, Column]) -> Pair | None:
    """Return the pair that the contract itself tells."""
    earlier = gone.get(fold(column.renamed_from)) if column.renamed_from else None
    if earlier is not None:
        return Pair(earlier, column, "renamed_from says so")
    back = next((c for c in gone.values() if fold(c.renamed_from) == fold(column.name)), None)
    if back is not None:
        return Pair(back, column, "renamed_from said so, the other way round")
    same_id = next((c for c in gone.values() if column.id and c.id == column.id), None)
    return Pair(same_id, column, f"both have the id '{column.id}'") if same_id is not None else None


def _names(one: Column, other: Column) -> list[str]:
    """Return both names, in the same order whichever side is the old one."""
    return sorted((fold(one.name), fold(other.name)))


def _likeness(one: Column, other: Column) -> float:
    """Return how alike two names are; difflib alone would answer by the order of its arguments."""
    first, second = _names(one, other)
    return difflib.SequenceMatcher(None, first, second).ratio()


def _guessed(gone: Sequence[Column], left: Sequence[Column]) -> list[Pair]:
    """Return the likeliest pairs among what is left, best first, each column once; the same from either side."""
    if len(gone) * len(left) > MOST_GUESSED:
        return []
    candidates = sorted(
        (
            (_likeness(o, n), i, j)
            for i, o in enumerate(gone)
            for j, n in enumerate(left)
            if o.type == n.type and o.physical_type == n.physical_type
        ),
        key=lambda c: (-c[0], abs(c[1] - c[2]), c[1] + c[2], _names(gone[c[1]], left[c[2]])),
    )
    pairs: list[Pair] = []
    used: set[tuple[str, int]] = set()
    for likeness, i, j in candidates:
        if likeness >= LEAST_SIMILARITY and not used & {("old", i), ("new", j)}:
            used |= {("old", i), ("new", j)}
            pairs.append(Pair(gone[i], left[j], "a guess, by its name and type; renamed_from would say it for sure"))
    return pairs
