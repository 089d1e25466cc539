"""Cron expressions: whether one is right, the longest time between two firings, and when it fires in a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from cronsim import CronSim, CronSimError

from meshkit.errors import ContractError
from meshkit.model.schedule import Schedule

_START = datetime(2024, 1, 1, tzinfo=UTC)
_YEAR = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS_OBSERVED = 8 * 366  # long enough for a 29th of February to come twice


@lru_cache(maxsize=1024)
def longest_gap(expression: str) -> timedelta:
    """Return the longest time between two firings of a five-field cron expression, in UTC.

    Raises:
        ContractError: MK116, the expression cannot be read or never fires.

    Example:
        >>> longest_gap("0 2 * * *")
        datetime.timedelta(days=1)
        >>> longest_gap("0 9-17 * * 1-5")  # from Friday 17:00 to Monday 9:00
        datetime.timedelta(days=2, seconds=57600)
    """
    fields = expression.split()
    if len(fields) != 5:
        hint = 'write five fields in quotes, like "0 2 * * *": minute, hour, day, month, weekday'
        raise ContractError(f"'{expression}' has {len(fields)} fields, not five", hint, code="MK116")
    try:
        clock = CronSim(expression, _START)
    except CronSimError as error:
        raise ContractError(f"'{expression}' is not a cron expression: {str(error).lower()}", code="MK116") from None
    dates = (_START + timedelta(days=n) for n in range(2 if fields[2:] == ["*"] * 3 else _DAYS_OBSERVED))
    days = [d for d in dates if d.month in clock.months and clock.match_day(d)]
    if len(days) < 2:
        raise ContractError(f"'{expression}' hardly ever fires", code="MK116")
    minutes = sorted(h * 60 + m for h in clock.hours for m in clock.minutes)
    within_a_day = max((b - a for a, b in pairwise(minutes)), default=0)
    between_days = max((b - a).days for a, b in pairwise(days)) * 24 * 60 - (minutes[-1] - minutes[0])
    return timedelta(minutes=max(within_a_day, between_days))


@lru_cache(maxsize=1024)
def year_of(expression: str) -> Schedule | None:
    """Return when a cron expression fires in a common year; None where it cannot be read.

    Example:
        >>> year_of("30 2 * * 1").minutes, len(year_of("30 2 * * 1").days)
        ((150,), 52)
    """
    try:
        clock = CronSim(expression, _YEAR)
    except CronSimError:
        return None
    dates = ((n, _YEAR + timedelta(days=n)) for n in range(365))
    days = frozenset(n for n, d in dates if d.month in clock.months and clock.match_day(d))
    return Schedule(days, tuple(sorted(h * 60 + m for h in clock.hours for m in clock.minutes)))
