"""What bad rows have in common, in a sentence. Pure: counts in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from meshkit.model.check import Check, Kind
from meshkit.model.units import format_ratio

MOST_NAMED = 3
LEAST_BAD = 5
"""Of fewer rows, whatever they share is chance."""
LEAST_GROUP = 10
"""A column whose values hold fewer rows each, on average, is a kind of key and explains nothing."""
LEAST_GAIN = Fraction(3, 10)
"""How much larger a group's share of bad rows must be than its share of all rows."""

Sizes = Mapping[str | None, int]
"""Value, as text -> rows."""


class Grouping(NamedTuple):
    """How bad rows and all rows spread over the values of one column, or over the days of a time.

    `column` is empty for days that stand in columns year, month and day.
    """

    column: str
    is_day: bool
    bad: Sizes
    everything: Sizes


def best_group(groupings: Sequence[Grouping], least_share: Fraction) -> str:
    """Name the few values of one column that hold most bad rows but not most rows; empty when none stands out.

    Args:
        groupings: One per column.
        least_share: What the commonest bad values hold already; a group must hold more.
    """
    best, words = LEAST_GAIN, ""
    for column, is_day, bad, everything in groupings:
        n_bad, n_all = sum(bad.values()), sum(everything.values())
        if is_day or n_bad < LEAST_BAD or len(everything) < 2 or n_all < LEAST_GROUP * len(everything):
            continue
        ranked = sorted(((v, n) for v, n in bad.items() if v is not None), key=lambda item: (-item[1], item[0]))
        held = base = 0
        for used, (value, count) in enumerate(ranked[:MOST_NAMED], 1):
            held += count
            base += everything.get(value, 0)
            share = Fraction(held, n_bad)
            gain = share - Fraction(base, n_all) - Fraction(used - 1, 20)
            if gain > best and share > least_share and used < len(everything):
                best = gain
                words = f"{_share(held, n_bad)} are in {column} {_listed([v for v, _ in ranked[:used]])}"
    return words


def worst_day(groupings: Sequence[Grouping]) -> str:
    """Name the day with most bad rows, if they are at least twice as dense there as overall; else empty."""
    for column, is_day, bad, everything in groupings:
        days = {d: n for d, n in bad.items() if d is not None}
        if not is_day or len(everything) < 2 or not days:
            continue
        day, count = max(days.items(), key=lambda item: (item[1], item[0]))
        overall = Fraction(sum(bad.values()), sum(everything.values()))
        if count >= LEAST_BAD and Fraction(count, everything[day]) >= 2 * overall:
            return f"worst day {day}: {count:,} of {everything[day]:,}" + (f" by {column}" if column else "")
    return ""


def together(total: int, others: Sequence[tuple[Check, int]]) -> list[str]:
    """Name other checks that nearly all of the bad rows miss too, the most telling first."""
    found = []
    for other, count in others:
        if not total or count * 10 < total * 9:
            continue
        if other.kind is Kind.NOT_NULL:
            words = f"{other.column} is missing " + ("too" if total == 1 else f"in {_share(count, total)}")
        else:
            name = f"{other.column}.{other.kind}"
            words = f"it misses {name} too" if total == 1 else f"{_share(count, total)} miss {name} too"
        found.append((-count, words))
    return [words for _, words in sorted(found)[:MOST_NAMED]]


def commonest(values: Sequence[tuple[object, int]], total: int) -> str:
    """Name the commonest bad values; empty when there are many and none comes twice."""
    if not values or (values[0][1] == 1 and total > MOST_NAMED):
        return ""
    if total == 1:
        return f"value: {short(values[0][0])}"
    if values[0][1] == 1:
        return "values: " + ", ".join(short(v) for v, _ in values)
    return "commonest: " + ", ".join(f"{short(v)} ({n:,})" for v, n in values)


def short(value: object) -> str:
    """Show a value in a sentence, cut to 40 characters."""
    text = "NULL" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _share(part: int, whole: int) -> str:
    return f"all {whole:,}" if part == whole else format_ratio(part / whole)


def _listed(values: Sequence[str]) -> str:
    shown = [short(v) for v in values]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
