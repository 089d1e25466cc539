"""Words that no product has, read as the nearest ones that some have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

_LEAST_LETTERS = 4


class Vocabulary:
    """The words of an index.

    Args:
        counts: Word -> in how many products it is.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for word in counts:
            for pair in _pairs(word):
                self._by_pair[pair].add(word)

    def read(self, words: Sequence[str]) -> tuple[list[str], tuple[tuple[str, str], ...]]:
        """Return the words to search for, and those that were taken for others: (as written, as read)."""
        found, read_as = [], []
        for position, word in enumerate(words):
            is_begun = position == len(words) - 1 and self._begins(word)
            near = "" if word in self._counts or is_begun else self._nearest(word)
            found.append(near or word)
            if near:
                read_as.append((word, near))
        return found, tuple(read_as)

    def _begins(self, start: str) -> bool:
        return any(w.startswith(start) for w in self._by_pair.get(start[:2], ()) or ())

    def _nearest(self, word: str) -> str:
        """Return the known word with the fewest edits, of several the most frequent; empty where none is near."""
        if len(word) < _LEAST_LETTERS:
            return ""
        most = 1 if len(word) < 6 else 2
        candidates: set[str] = set()
        for pair in _pairs(word):
            candidates |= self._by_pair.get(pair, set())
        near = [(_edits(word, c, most), -self._counts[c], c) for c in candidates if abs(len(c) - len(word)) <= most]
        edits, _, best = min(near, default=(most + 1, 0, ""))
        return best if edits <= most else ""


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}


def _edits(one: str, other: str, most: int) -> int:
    """Return how many letters are to be put in, left out, replaced, or swapped with the next; above `most`, `most` + 1.

    Source: optimal string alignment distance.

    Example:
        >>> _edits("custmoer", "customer", 2), _edits("orders", "order", 2), _edits("sales", "events", 2)
        (1, 1, 3)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
