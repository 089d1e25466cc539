"""Casts and exact numbers for SQLite, whose own read what they can of a text and pass over the rest; with DuckDB's meaning.

Decimals are held as floats: exact up to 15 digits. What needs more is an error, never a number that is a little off.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from meshkit.engines.sqlite_moments import written

_DIGITS = 15
_BLANKS = " \t\n\v\f\r"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?", re.ASCII)
_CODED = re.compile(r"0(?:[xX]([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|[bB]([01]+(?:_[01]+)*))")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_DAY = re.compile(
    r"\s*(\d{1,4})(?:-(\d{1,2})-|/(\d{1,2})/| (\d{1,2}) |\\(\d{1,2})\\)(\d{1,2})(?P<rest>.*)", re.ASCII | re.DOTALL
)
_CLOCK = re.compile(
    r"[ T]\s*([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d)(?:\.(\d+))?)?(Z| ?UTC|[+-]\d{2}(?::\d{2})?)?", re.ASCII
)
_FAR = re.compile(
    r"\s*(?:-?\d{5,}[-/ \\]\d|-\d+[-/ \\]\d|-?infinity\s*$|epoch\s*$)|.*\(BC\)", re.IGNORECASE | re.ASCII | re.DOTALL
)
_TRUE, _FALSE = frozenset(("true", "t", "1", "yes", "y")), frozenset(("false", "f", "0", "no", "n"))


class CastError(ValueError):
    """A value that cannot be cast."""


class UnheldError(ValueError):
    """A value that SQLite cannot hold, or not exactly."""


def exact(value: Any, places: Any) -> float:
    """Round a number to the decimal that it stands for.

    Raises:
        UnheldError: It has more digits than a float keeps.
    """
    number = float(value)
    if not abs(number) * 10.0**places < 10.0**_DIGITS:
        raise UnheldError("more than 15 digits")
    return float(round(number, places)) + 0.0


def _fits(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise CastError("out of range")
    return number


def _integer(value: Any, low: Any, high: Any) -> int:
    low, high = int(low), int(high)
    if isinstance(value, int):
        return _fits(value, low, high)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise CastError("no whole number")
        return _fits(round(value), low, high)  # half to even, as DuckDB casts floats
    text = str(value).strip(_BLANKS)
    coded = _CODED.fullmatch(text)
    if coded:
        return _fits(int(coded[1] or coded[2], 16 if coded[1] else 2), low, high)
    return _fits(int(_decimal(text).quantize(Decimal(1), ROUND_HALF_UP)), low, high)


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise CastError("no number")
    number = Decimal(text.replace("_", ""))
    if number.adjusted() > 400:
        raise CastError("out of range")
    return number


def _half_away(value: Any, places: Any) -> float:
    """Round a decimal of at most 15 digits, halves away from zero."""
    number = Decimal(repr(float(value)))
    return float(number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)) + 0.0


def _to_decimal(value: Any, digits: Any, places: Any) -> float:
    if isinstance(value, str):
        number = _decimal(value.strip(_BLANKS)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    else:
        scaled = float(value) * 10.0**places
        if not math.isfinite(scaled):
            raise CastError("no decimal")
        whole = math.floor(abs(scaled) + 0.5) if abs(scaled) < 2**52 else abs(scaled)
        number = Decimal(math.copysign(whole, scaled)).scaleb(-places)
    if abs(number) >= Decimal(10) ** (digits - places):
        raise CastError("out of range")
    return float(number) + 0.0


def _to_float(value: Any) -> float:
    if not isinstance(value, str):
        return float(value)
    text = value.strip(_BLANKS)
    if _INFINITE.fullmatch(text):
        if text.lower() == "nan":
            raise UnheldError("NaN cannot be held")
        return float(text)
    if not _NUMBER.fullmatch(text):
        raise CastError("no number")
    return float(text.replace("_", ""))


def _to_boolean(value: Any) -> int:
    if not isinstance(value, str):
        return int(value != 0)
    text = value.strip(_BLANKS).lower()
    if text not in _TRUE | _FALSE:
        raise CastError("neither true nor false")
    return int(text in _TRUE)


def _moment(value: str) -> dt.datetime:
    """Read a day with or without a time of day, as DuckDB does."""
    found = _DAY.fullmatch(value)
    if not found:
        if _FAR.match(value):
            raise UnheldError("a day that SQLite has no text for")
        raise CastError("no day")
    year, day = int(found[1]), int(found[6])
    month = int(found[2] or found[3] or found[4] or found[5])
    rest = found["rest"].rstrip(_BLANKS)
    try:
        moment = dt.datetime(year, month, day)  # noqa: DTZ001 SQLite's times have no zone
    except ValueError:
        if year == 0:
            raise UnheldError("a day that SQLite has no text for") from None
        raise CastError("no such day") from None
    if not rest:
        return moment
    clock = _CLOCK.fullmatch(rest)
    if not clock:
        raise CastError("no time of day")
    hour, minute, second = (int(clock[n] or 0) for n in (1, 2, 3))
    return moment.replace(hour=hour, minute=minute, second=second, microsecond=int(((clock[4] or "") + "000000")[:6]))


def _to_date(value: Any) -> str:
    return _moment(str(value)).date().isoformat()


def _to_timestamp(value: Any) -> str:
    return written(_moment(str(value)))


def _float_text(value: Any) -> str:
    return repr(float(value))


def _decimal_text(value: Any, places: Any) -> str:
    return f"{value + 0.0:.{places}f}"


def _divided(left: Any, right: Any) -> float:
    """Divide; by 0 it is inf or -inf, as in DuckDB. NaN cannot be held."""
    if right:
        return float(left) / float(right)
    if not left or math.isnan(left):
        raise UnheldError("NaN cannot be held")
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _whole_division(left: Any, right: Any) -> int:
    """Divide towards 0."""
    if not right:
        raise UnheldError("a division by 0")
    whole = abs(left) // abs(right)
    return int(whole if (left < 0) == (right < 0) else -whole)


def _remainder(left: Any, right: Any) -> float:
    return math.fmod(float(left), float(right))


def _away(value: float) -> float:
    """Round to a whole number, halves away from zero."""
    whole = float(math.trunc(value))
    return whole + math.copysign(1.0, value) if abs(value - whole) >= 0.5 else whole


def _round(value: Any, places: Any) -> float:
    """Round a float as DuckDB does."""
    number = float(value)
    if not math.isfinite(number):
        return number
    scaled = number * 10.0**places if places >= 0 else number / 10.0**-places
    if not math.isfinite(scaled):
        return number
    return float(_away(scaled) / 10.0**places if places >= 0 else _away(scaled) * 10.0**-places)


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


def _whole_number(value: Any) -> int:
    if not isinstance(value, int):
        raise UnheldError("more than 64 bits")
    return value


def _whole(function: Callable[[float], int]) -> Callable[[Any], float]:
    return lambda value: float(function(value)) if math.isfinite(value) else float(value)


def _calculated(function: Callable[..., float]) -> Callable[..., float]:
    def apply(*values: Any) -> float:
        found = function(*(float(v) for v in values))
        if math.isnan(found):
            raise UnheldError("NaN cannot be held")
        return found

    return apply


def _or_below(logarithm: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: logarithm(value) if value else -math.inf


def _split(value: Any, separator: Any) -> str:
    parts = value.split(separator) if separator else list(value) or [""]
    return json.dumps(parts, ensure_ascii=False)


def _split_part(value: Any, separator: Any, position: Any) -> str:
    parts = value.split(separator)
    place = int(position) - 1 if position > 0 else len(parts) + int(position)
    return str(parts[place]) if position and 0 <= place < len(parts) else ""


def _padded(value: Any, length: Any, fill: Any, is_left: Any) -> str:
    missing = int(length) - len(value)
    if missing <= 0:
        return str(value[: max(0, int(length))])
    more = str((fill * (missing // len(fill) + 1))[:missing])
    return f"{more}{value}" if is_left else f"{value}{more}"


def _like(value: Any, pattern: Any, escape: Any) -> int:
    out, rest = [], iter(pattern)
    for character in rest:
        if character == escape:
            out.append(re.escape(next(rest)))
        else:
            out.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    return int(re.fullmatch("".join(out), value, re.DOTALL) is not None)


def _json_text(value: Any, path: Any) -> str | None:
    """Return what stands at a path of a JSON document, as text; None for null, or where there is nothing."""
    at = json.loads(value, object_pairs_hook=_first_of_each)
    for name, place in re.findall(r'\.("[^"]*"|[^.\["]+)|\[(\d+)\]', path.removeprefix("$")):
        if place and isinstance(at, list) and int(place) < len(at):
            at = at[int(place)]
        elif name and isinstance(at, dict) and name.strip('"') in at:
            at = at[name.strip('"')]
        else:
            return None
    if at is None or isinstance(at, str):
        return at
    return json.dumps(at, ensure_ascii=False, separators=(",", ":"))


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs)) if len({k for k, _ in pairs}) < len(pairs) else dict(pairs)


def _ends_with(value: Any, end: Any) -> int:
    return int(value.endswith(end))


def _reversed(value: Any) -> str:
    return str(value[::-1])


def _repeated(value: Any, count: Any) -> str:
    return str(value * max(0, int(count)))


def tried(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a cast that gives NULL for what cannot be cast."""

    def apply(*values: Any) -> Any:
        try:
            return function(*values)
        except CastError:
            return None

    return apply


_CASTS: dict[str, tuple[int, Callable[..., Any]]] = {
    "mk_to_integer": (3, _integer),
    "mk_to_decimal": (3, _to_decimal),
    "mk_to_float": (1, _to_float),
    "mk_to_boolean": (1, _to_boolean),
    "mk_to_date": (1, _to_date),
    "mk_to_timestamp": (1, _to_timestamp),
}
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    **_CASTS,
    **{name.replace("mk_", "mk_try_"): (count, tried(function)) for name, (count, function) in _CASTS.items()},
    "mk_exact": (2, exact),
    "mk_half_away": (2, _half_away),
    "mk_float_text": (1, _float_text),
    "mk_decimal_text": (2, _decimal_text),
    "mk_divide": (2, _divided),
    "mk_whole_division": (2, _whole_division),
    "mk_remainder": (2, _remainder),
    "mk_round": (2, _round),
    "mk_sign": (1, _sign),
    "mk_floor": (1, _whole(math.floor)),
    "mk_ceil": (1, _whole(math.ceil)),
    "mk_trunc": (1, _whole(math.trunc)),
    "mk_whole": (1, _whole_number),
    "mk_log2": (1, _calculated(_or_below(math.log2))),
    "mk_log10": (1, _calculated(_or_below(math.log10))),
    "mk_sqrt": (1, _calculated(math.sqrt)),
    "mk_ln": (1, _calculated(_or_below(math.log))),
    "mk_exp": (1, _calculated(math.exp)),
    "mk_pow": (2, _calculated(math.pow)),
    "mk_split": (2, _split),
    "mk_split_part": (3, _split_part),
    "mk_pad": (4, _padded),
    "mk_like": (3, _like),
    "mk_json_text": (2, _json_text),
    "mk_ends_with": (2, _ends_with),
    "mk_reverse": (1, _reversed),
    "mk_repeat": (2, _repeated),
}
"""Name -> how many arguments, and what it does; NULL where any of them is NULL.

`mk_to_integer(value, low, high)` and `mk_to_decimal(value, digits, places)` raise where the value does not fit; `mk_try_...` give
NULL then. Lists are JSON: `mk_split(text, separator)`.
"""
