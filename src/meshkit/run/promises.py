"""Promises of service that the clock, or the times in a column, can answer. Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from meshkit.model.check import Check, Kind
from meshkit.model.run import Observation
from meshkit.model.types import Family, LogicalType
from meshkit.model.units import parse_time
from meshkit.sql.builders import age_hours

_WORDS = {
    Kind.GENERAL_AVAILABILITY: "available from",
    Kind.END_OF_SUPPORT: "supported until",
    Kind.END_OF_LIFE: "alive until",
}


def by_the_clock(check: Check, now: datetime) -> Observation:
    """Answer a check of `CLOCK_KINDS`: the hours since availability began, or until support or life ends."""
    moment = parse_time(check.values[0])
    passed = (now - moment).total_seconds() / 3600
    hours = passed if check.kind is Kind.GENERAL_AVAILABILITY else -passed
    return Observation(value=hours, note=f"{_WORDS[check.kind]} {moment:%Y-%m-%d}")


def measured(check: Check, numbers: Mapping[str, Any], native: LogicalType | None, now: datetime) -> Observation:
    """Turn what a statement brought back into hours: the oldest row's age, the longest gap, the lag at a time of day."""
    if check.kind is Kind.FREQUENCY:
        if numbers["gap"] is None:
            return Observation(skip=f"{check.column} has fewer than two values, so there is no gap between loads")
        return Observation(value=Decimal(str(numbers["gap"])) / 3600, note="the longest gap between two loads")
    role = "oldest" if check.kind is Kind.RETENTION else "newest"
    moment = numbers[role]
    if moment is None or native is None:
        if check.kind is Kind.RETENTION:
            return Observation(value=0.0, note=f"{check.column} has no value")
        return Observation(note=f"{check.column} has no value up to now")
    if check.kind is Kind.RETENTION:
        return Observation(value=age_hours(moment, native, now), note="the age of the oldest row")
    deadline = last_deadline(check.values[0], now)
    newest = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if native.family is Family.DATE:
        newest += timedelta(days=1)
    lag = max(0.0, (deadline - newest).total_seconds() / 3600)
    return Observation(value=lag, note=f"behind at {deadline:%Y-%m-%d %H:%M} UTC")


def last_deadline(text: str, now: datetime) -> datetime:
    """Return the last moment up to `now` at which it was the time of day `text`; without an offset it is UTC.

    Example:
        >>> last_deadline("09:00-08:00", datetime(2026, 1, 2, 16, 30, tzinfo=UTC)).isoformat()
        '2026-01-01T17:00:00+00:00'
    """
    of_day = time.fromisoformat(text)
    zone = of_day.tzinfo or UTC
    here = now.astimezone(zone)
    deadline = datetime.combine(here.date(), of_day.replace(tzinfo=None), zone)
    if deadline > now:
        deadline -= timedelta(days=1)
    return deadline.astimezone(UTC)
