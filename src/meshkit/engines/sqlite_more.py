"""Times, texts and aggregates of SQLite with DuckDB's meaning, by Python. Times are ISO texts in UTC."""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, wraps
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # times are in UTC without saying so
_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return NULL where any argument is."""

    @wraps(function)
    def guarded(*values: Any) -> Any:
        return None if None in values else function(*values)

    return guarded


def _moment(text: Any) -> dt.datetime:
    if not isinstance(text, str):
        raise TypeError("no time")
    return dt.datetime.fromisoformat(text)


def _shown(moment: dt.datetime) -> str:
    return moment.isoformat(sep=" ")


@_strict
def _ts(text: Any) -> str:
    return _shown(_moment(text))


@_strict
def _diff(unit: str, earlier: Any, later: Any) -> int:
    one, other = _moment(earlier), _moment(later)
    if unit in _MONTHS:
        months = [m.year * 12 + m.month - 1 for m in (one, other)]
        return months[1] // _MONTHS[unit] - months[0] // _MONTHS[unit]
    if unit == "week":
        return math.trunc((other.date() - one.date()).days / 7)
    counts = [math.floor((m - _EPOCH) / dt.timedelta(seconds=_SECONDS[unit])) for m in (one, other)]
    return counts[1] - counts[0]


@_strict
def _trunc(unit: str, text: Any) -> str:
    at = _moment(text)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "second":
            return _shown(at.replace(microsecond=0))
        case "minute":
            return _shown(at.replace(second=0, microsecond=0))
        case "hour":
            return _shown(at.replace(minute=0, second=0, microsecond=0))
        case "day":
            return _shown(day)
        case "week":
            return _shown(day - dt.timedelta(days=day.weekday()))
        case "month":
            return _shown(day.replace(day=1))
        case "quarter":
            return _shown(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1))
    return _shown(day.replace(month=1, day=1))


@_strict
def _part(name: str, text: Any) -> Any:
    at = _moment(text)
    found: dict[str, Callable[[], Any]] = {
        "year": lambda: at.year, "month": lambda: at.month, "day": lambda: at.day, "hour": lambda: at.hour,
        "minute": lambda: at.minute, "second": lambda: at.second, "quarter": lambda: (at.month - 1) // 3 + 1,
        "dow": lambda: at.isoweekday() % 7, "isodow": at.isoweekday, "doy": lambda: at.timetuple().tm_yday,
        "week": lambda: at.isocalendar().week, "isoyear": lambda: at.isocalendar().year,
        "epoch": lambda: (at - _EPOCH) / dt.timedelta(seconds=1),
    }  # fmt: skip
    return found[name]()


@_strict
def _seconds(earlier: Any, later: Any) -> float:
    return (_moment(later) - _moment(earlier)) / dt.timedelta(seconds=1)


@_strict
def _move(text: Any, count: int, unit: str) -> str:
    at = _moment(text)
    if unit in _MONTHS:
        months = at.year * 12 + at.month - 1 + int(count) * _MONTHS[unit]
        year, month = divmod(months, 12)
        last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
        return _shown(at.replace(year=year, month=month + 1, day=min(at.day, last)))
    seconds = {**_SECONDS, "week": 604_800}[unit]
    return _shown(at + dt.timedelta(seconds=int(count) * seconds))


@_strict
def _days(text: Any, count: int) -> str:
    return (dt.date.fromisoformat(text) + dt.timedelta(days=int(count))).isoformat()


@_strict
def _strftime(text: Any, form: str) -> str:
    at = _moment(text)
    parts = {"%Y": f"{at.year:04}", "%m": f"{at.month:02}", "%d": f"{at.day:02}", "%H": f"{at.hour:02}",
             "%M": f"{at.minute:02}", "%S": f"{at.second:02}"}  # fmt: skip
    return re.sub("%[YmdHMS]", lambda found: parts[found[0]], form)


@lru_cache(maxsize=256)
def _liked(pattern: str, escape: str, flags: int) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        character = pattern[at]
        if escape and character == escape and at + 1 < len(pattern):
            made, at = made + re.escape(pattern[at + 1]), at + 2
            continue
        made, at = made + {"%": ".*", "_": "."}.get(character, re.escape(character)), at + 1
    return re.compile(made, re.DOTALL | flags)


@_strict
def _like(text: Any, pattern: Any, escape: str) -> int:
    return int(_liked(pattern, escape, 0).fullmatch(text) is not None)


@_strict
def _ilike(text: Any, pattern: Any, escape: str) -> int:
    return int(_liked(pattern, escape, re.IGNORECASE).fullmatch(text) is not None)


def _greatest(*values: Any) -> Any:
    there = [v for v in values if v is not None]
    return max(there) if there else None


def _least(*values: Any) -> Any:
    there = [v for v in values if v is not None]
    return min(there) if there else None


@_strict
def _right(text: Any, count: int) -> str:
    return str(text[len(text) - count :] if count < len(text) else text)


@_strict
def _pad(text: Any, length: int, fill: str, is_left: int) -> str:
    if len(text) >= length:
        return str(text[:length])
    missing = (fill * length)[: length - len(text)]
    return str(missing + text if is_left else text + missing)


@_strict
def _trim(text: Any, characters: str, side: str) -> str:
    return str({"both": text.strip, "left": text.lstrip, "right": text.rstrip}[side](characters))


@_strict
def _split_part(text: Any, separator: str, position: int) -> str:
    parts = text.split(separator)
    return str(parts[position - 1]) if position <= len(parts) else ""


@_strict
def _split_length(text: Any, separator: str) -> int:
    return len(str(text).split(separator))


def _concat(*values: Any) -> str:
    return "".join(str(v) for v in values if v is not None)


@_strict
def _round(value: Any, places: int) -> Any:
    if isinstance(value, int):
        return value
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return float(exact)


@_strict
def _round_even(value: Any) -> int:
    return round(float(value))


@_strict
def _mod(value: Any, by: Any) -> Any:
    if isinstance(value, int) and isinstance(by, int):
        return (
            int(math.fmod(value, by))
            if abs(value) < 2**53 > abs(by)
            else abs(value) % abs(by) * (1 if value >= 0 else -1)
        )
    return float(Decimal(repr(value)) % Decimal(repr(by)))


class _Values:
    """The values of a group that are there."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self.share = 0.5

    def step(self, value: Any, share: Any = 0.5) -> None:
        """Take one value."""
        if value is not None:
            self.found.append(value)
            self.share = share


class _StddevSamp(_Values):
    def finalize(self) -> Any:
        return statistics.stdev(self.found) if len(self.found) > 1 else None


class _StddevPop(_Values):
    def finalize(self) -> Any:
        return statistics.pstdev(self.found) if self.found else None


class _VarSamp(_Values):
    def finalize(self) -> Any:
        return statistics.variance(self.found) if len(self.found) > 1 else None


class _VarPop(_Values):
    def finalize(self) -> Any:
        return statistics.pvariance(self.found) if self.found else None


class _QuantileCont(_Values):
    def finalize(self) -> Any:
        if not self.found:
            return None
        ordered = sorted(self.found)
        at = self.share * (len(ordered) - 1)
        low = math.floor(at)
        high = min(low + 1, len(ordered) - 1)
        return float(ordered[low] + (ordered[high] - ordered[low]) * (at - low))


class _QuantileDisc(_Values):
    def finalize(self) -> Any:
        if not self.found:
            return None
        ordered = sorted(self.found)
        return ordered[max(0, math.ceil(self.share * len(ordered)) - 1)]


class _Mode(_Values):
    def finalize(self) -> Any:
        return Counter(self.found).most_common(1)[0][0] if self.found else None


class _AnyValue(_Values):
    def finalize(self) -> Any:
        return self.found[0] if self.found else None


class _Arg:
    """The value beside the greatest, or least, of another."""

    def __init__(self) -> None:
        self.best: tuple[Any, Any] | None = None

    def step(self, value: Any, by: Any) -> None:
        """Take one row."""
        if value is not None and by is not None and (self.best is None or self.beats(by, self.best[1])):
            self.best = (value, by)

    def beats(self, by: Any, best: Any) -> bool:
        """Tell whether one is further out than the best."""
        raise NotImplementedError

    def finalize(self) -> Any:
        """Return the value."""
        return self.best[0] if self.best else None


class _ArgMax(_Arg):
    def beats(self, by: Any, best: Any) -> bool:
        return bool(by > best)


class _ArgMin(_Arg):
    def beats(self, by: Any, best: Any) -> bool:
        return bool(by < best)


SCALARS: dict[str, tuple[int, Callable[..., Any]]] = {
    "mk_ts": (1, _ts), "mk_diff": (3, _diff), "mk_trunc": (2, _trunc), "mk_part": (2, _part), "mk_seconds": (2, _seconds),
    "mk_move": (3, _move), "mk_days": (2, _days), "mk_strftime": (2, _strftime), "mk_like": (3, _like), "mk_ilike": (3, _ilike),
    "mk_greatest": (-1, _greatest), "mk_least": (-1, _least), "mk_right": (2, _right), "mk_pad": (4, _pad), "mk_trim": (3, _trim),
    "mk_split_part": (3, _split_part), "mk_split_length": (2, _split_length), "mk_concat": (-1, _concat), "mk_round": (2, _round),
    "mk_round_even": (1, _round_even), "mk_mod": (2, _mod),
}  # fmt: skip
AGGREGATES: dict[str, tuple[int, type[Any]]] = {
    "mk_stddev_samp": (1, _StddevSamp), "mk_stddev_pop": (1, _StddevPop), "mk_var_samp": (1, _VarSamp), "mk_var_pop": (1, _VarPop),
    "mk_quantile_cont": (2, _QuantileCont), "mk_quantile_disc": (2, _QuantileDisc), "mk_mode": (1, _Mode),
    "mk_any_value": (1, _AnyValue), "mk_arg_max": (2, _ArgMax), "mk_arg_min": (2, _ArgMin),
}  # fmt: skip
