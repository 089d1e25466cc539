"""A schedule over one year: on which days something happens, and at which minutes of such a day."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from meshkit.model.change import Direction


class Schedule(NamedTuple):
    """When something happens in a year.

    Attributes:
        days: The days of the year, counted from 0.
        minutes: The minutes of each such day, rising.
    """

    days: frozenset[int]
    minutes: tuple[int, ...]


def compare_schedules(old: Schedule, new: Schedule) -> Direction:
    """Tell whether updates come later or more rarely (loosens), earlier or more often (tightens), or both.

    Day by day, the n-th update of the day is compared with the n-th one before: nobody who waits for it may wait longer.

    Example:
        >>> daily = frozenset(range(365))
        >>> compare_schedules(Schedule(daily, (120,)), Schedule(daily, (180,)))
        <Direction.LOOSENS: 'loosens'>
    """
    is_later = bool(old.days - new.days) or (bool(old.days & new.days) and _lags(old.minutes, new.minutes))
    is_earlier = bool(new.days - old.days) or (bool(old.days & new.days) and _lags(new.minutes, old.minutes))
    if is_later:
        return Direction.BOTH if is_earlier else Direction.LOOSENS
    return Direction.TIGHTENS if is_earlier else Direction.NONE


def _lags(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Tell whether at some minute fewer updates of the `second` have come than of the `first`."""
    return any(bisect_right(second, minute) < count for count, minute in enumerate(first, start=1))
