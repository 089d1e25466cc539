"""Days and times for SQLite, which has none: ISO texts, `2026-01-31` and `2026-01-31 10:59:00.5`, with DuckDB's meaning.

A day before year 1 or after 9999 has no such text: an error says so, where SQLite would give NULL.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 SQLite's times have no zone
_MICRO = dt.timedelta(microseconds=1)
_MICROS = {
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000,
    "day": 86_400_000_000, "week": 604_800_000_000,
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MOST_MEMBERS = 1_000_000
_DAYS_NAMED = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS_NAMED = "January February March April May June July August September October November December".split()


def read(value: Any) -> dt.datetime:
    """Return the moment that a text is."""
    if not isinstance(value, str):
        raise TypeError("no day or time")
    return dt.datetime.fromisoformat(value)


def written(moment: dt.datetime) -> str:
    """Write a moment as DuckDB does: a fraction of a second only where there is one, without zeros at its end."""
    text = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return text.rstrip("0").rstrip(".")


def _in_utc(value: Any) -> str:
    """Write a moment that says its zone as the one in UTC."""
    moment = read(value)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return written(moment.astimezone(dt.UTC))


def micros(moment: dt.datetime) -> int:
    """Return the microseconds since 1970."""
    return (moment - _EPOCH) // _MICRO


def _days_added(day: Any, count: Any) -> str:
    return (read(day) + dt.timedelta(days=int(count))).date().isoformat()


def _added(value: Any, count: Any, unit: Any) -> str:
    moment = read(value)
    if unit in _MICROS:
        return written(moment + dt.timedelta(microseconds=int(count) * _MICROS[unit]))
    months = moment.year * 12 + moment.month - 1 + int(count) * _MONTHS[unit]
    year, month = divmod(months, 12)
    return written(moment.replace(year=year, month=month + 1, day=min(moment.day, _last(year, month + 1))))


def _last(year: int, month: int) -> int:
    return 31 if month == 12 else (dt.date(year, month + 1, 1) - dt.timedelta(days=1)).day


def _difference(unit: Any, earlier: Any, later: Any) -> int:
    one, other = read(earlier), read(later)
    if unit in _MONTHS:
        ordinals = [m.year * 12 + m.month - 1 for m in (one, other)]
        return ordinals[1] // _MONTHS[unit] - ordinals[0] // _MONTHS[unit]
    if unit == "week":  # from day to day, and only whole ones
        days = (other.date() - one.date()).days
        return days // 7 if days >= 0 else -(-days // 7)
    return micros(other) // _MICROS[unit] - micros(one) // _MICROS[unit]


def _between(earlier: Any, later: Any) -> int:
    return micros(read(later)) - micros(read(earlier))


def _truncated(unit: Any, value: Any) -> str:
    moment = read(value)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in _MONTHS:
        month = (moment.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1
        return written(midnight.replace(month=month, day=1))
    if unit == "week":
        return written(midnight - dt.timedelta(days=midnight.weekday()))
    return written(_EPOCH + _MICRO * (micros(moment) // _MICROS[unit] * _MICROS[unit]))


_PARTS: dict[str, Callable[[dt.datetime], int | float]] = {
    "year": lambda m: m.year,
    "month": lambda m: m.month,
    "day": lambda m: m.day,
    "quarter": lambda m: (m.month + 2) // 3,
    "hour": lambda m: m.hour,
    "minute": lambda m: m.minute,
    "second": lambda m: m.second,
    "millisecond": lambda m: m.second * 1_000 + m.microsecond // 1_000,
    "microsecond": lambda m: m.second * 1_000_000 + m.microsecond,
    "dow": lambda m: m.isoweekday() % 7,
    "isodow": lambda m: m.isoweekday(),
    "doy": lambda m: m.timetuple().tm_yday,
    "week": lambda m: m.isocalendar().week,
    "isoyear": lambda m: m.isocalendar().year,
    "yearweek": lambda m: m.isocalendar().year * 100 + m.isocalendar().week,
    "epoch": lambda m: micros(m) / 1_000_000,
    "epoch_ms": lambda m: micros(m) // 1_000,
}


def _part(name: Any, value: Any) -> int | float:
    return _PARTS[name](read(value))


_FORMATS: dict[str, Callable[[dt.datetime], str]] = {
    "Y": lambda m: f"{m.year:04}",
    "y": lambda m: f"{m.year % 100:02}",
    "m": lambda m: f"{m.month:02}",
    "d": lambda m: f"{m.day:02}",
    "H": lambda m: f"{m.hour:02}",
    "I": lambda m: f"{(m.hour + 11) % 12 + 1:02}",
    "M": lambda m: f"{m.minute:02}",
    "S": lambda m: f"{m.second:02}",
    "f": lambda m: f"{m.microsecond:06}",
    "g": lambda m: f"{m.microsecond // 1_000:03}",
    "p": lambda m: "AM" if m.hour < 12 else "PM",
    "j": lambda m: f"{m.timetuple().tm_yday:03}",
    "a": lambda m: _DAYS_NAMED[m.weekday()][:3],
    "A": lambda m: _DAYS_NAMED[m.weekday()],
    "b": lambda m: _MONTHS_NAMED[m.month - 1][:3],
    "B": lambda m: _MONTHS_NAMED[m.month - 1],
    "u": lambda m: str(m.isoweekday()),
    "w": lambda m: str(m.isoweekday() % 7),
    "V": lambda m: f"{m.isocalendar().week:02}",
    "G": lambda m: f"{m.isocalendar().year:04}",
    "%": lambda _: "%",
}


def _formatted(value: Any, pattern: Any) -> str:
    moment = read(value)

    def one(found: re.Match[str]) -> str:
        text = _FORMATS[found[2]](moment)
        return (text.lstrip("0") or "0") if found[1] else text

    return re.sub(r"%(-?)(.)", one, pattern, flags=re.DOTALL)


def _last_day(value: Any) -> str:
    day = read(value).date()
    return day.replace(day=_last(day.year, day.month)).isoformat()


def _made(year: Any, month: Any, day: Any) -> str:
    return dt.date(int(year), int(month), int(day)).isoformat()


def _series(start: Any, end: Any, count: Any, unit: Any, is_open: Any) -> str:
    """List moments from `start` up to `end`, as JSON; `is_open` leaves the end itself out."""
    found: list[str] = []
    last = written(read(end))
    step = int(count)
    if not step:
        raise ValueError("a step of nothing")
    first, at = written(read(start)), written(read(start))
    while (at < last if step > 0 else at > last) or (at == last and not is_open):
        found.append(at)
        if len(found) > _MOST_MEMBERS:
            raise ValueError("too many members")
        at = _added(first, step * len(found), unit)
    return json.dumps(found)


def _numbers(start: Any, end: Any, step: Any, is_open: Any) -> str:
    """List whole numbers from `start` up to `end`, as JSON."""
    step = int(step)
    found = range(int(start), int(end) + (0 if is_open else (1 if step > 0 else -1)), step)
    if len(found) > _MOST_MEMBERS:
        raise ValueError("too many members")
    return json.dumps(list(found))


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "mk_utc": (1, _in_utc),
    "mk_add_days": (2, _days_added),
    "mk_add": (3, _added),
    "mk_date_diff": (3, _difference),
    "mk_micros": (2, _between),
    "mk_date_trunc": (2, _truncated),
    "mk_date_part": (2, _part),
    "mk_strftime": (2, _formatted),
    "mk_last_day": (1, _last_day),
    "mk_make_date": (3, _made),
    "mk_moments": (5, _series),
    "mk_numbers": (4, _numbers),
}
"""Name -> how many arguments, and what it does; NULL where any of them is NULL.

`mk_add(moment, count, unit)` keeps to the last day of a shorter month; `mk_date_diff(unit, earlier, later)` counts the boundaries
of a unit, but of weeks those that have passed in whole; `mk_micros(earlier, later)` is the time between two moments.
"""
