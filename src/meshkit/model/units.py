"""Quantities written as text: percentages, durations, sizes and comparators, one small parser each."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from meshkit.errors import QuantityError

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_PERCENTAGE = re.compile(rf"\s*({_NUMBER})\s*%\s*")
_DURATION = re.compile(rf"\s*({_NUMBER})[\s_]*([A-Za-z]+)\s*")
_SIZE = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z]*)\s*")
_COMPARATOR = re.compile(r"\s*(<=|>=|==|!=|<>|=|<|>)\s*([^\s<>=!].*?)\s*", re.DOTALL)

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}
_DURATION_ALIASES = {
    "s": "second", "sec": "second", "secs": "second",
    "m": "minute", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour",
    "d": "day", "w": "week", "mo": "month", "y": "year", "yr": "year", "yrs": "year",
}  # fmt: skip
_BYTES = {
    "": 1, "b": 1,
    "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "p": 10**15,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "pb": 10**15,
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40, "pi": 2**50,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "pib": 2**50,
}  # fmt: skip


_ISO_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_ISO_SECONDS = (31536000, 2592000, 604800, 86400, 3600, 60, 1)
MAX_DIGITS = 400


class Comparator(NamedTuple):
    """An operator (`<`, `<=`, `>`, `>=`, `==`, `!=`) and the text of what is compared with."""

    operator: str
    operand: str


def parse_number(text: str) -> Decimal:
    """Read a finite number exactly as it is written.

    Raises:
        QuantityError: The text is no number, or NaN, or infinite.

    Example:
        >>> parse_number("0.300000000000000001")
        Decimal('0.300000000000000001')
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise QuantityError(f"{text!r} is not a number") from None
    if not number.is_finite():
        raise QuantityError(f"{text!r} is not a finite number")
    if len(text) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise QuantityError(f"a number of more than {MAX_DIGITS} digits")
    return number


def parse_percentage(text: str) -> Decimal:
    """Read `99.5%` as the ratio 0.995.

    Raises:
        QuantityError: No percent sign, or outside 0% to 100%.

    Example:
        >>> parse_percentage("99.5%")
        Decimal('0.995')
    """
    found = _PERCENTAGE.fullmatch(text)
    if not found:
        raise QuantityError(f"{text!r} is not a percentage", "write it like 99.5%")
    ratio = Decimal(found[1]) / 100
    if not 0 <= ratio <= 1:
        raise QuantityError(f"{text!r} is outside 0% to 100%")
    return ratio


def parse_duration(text: str) -> timedelta:
    """Read `24 hours`, `90_days` or `15m`. A month is 30 days and a year 365.

    Raises:
        QuantityError: No number with a unit of time, negative, or too long to be held.

    Example:
        >>> parse_duration("90_days").days, parse_duration("7 years").days
        (90, 2555)
    """
    found = _DURATION.fullmatch(text)
    unit = found[2].lower() if found else ""
    unit = _DURATION_ALIASES.get(unit, unit.removesuffix("s"))
    if not found or unit not in _SECONDS:
        raise QuantityError(f"{text!r} is not a duration", "write a number and a unit, like 24 hours or 90_days")
    seconds = Decimal(found[1]) * _SECONDS[unit]
    if seconds < 0:
        raise QuantityError(f"{text!r} is a negative duration")
    try:
        return timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise QuantityError(f"{text!r} is too long") from None


def parse_iso_duration(text: str) -> timedelta:
    """Read `P1Y`, `PT25H` or `P3DT12H`. A month is 30 days and a year 365.

    Raises:
        QuantityError: No duration of ISO 8601, or too long to be held.

    Example:
        >>> parse_iso_duration("P1Y").days, parse_iso_duration("PT25H").total_seconds()
        (365, 90000.0)
    """
    found = _ISO_DURATION.fullmatch(text.strip().upper())
    if not found or not any(found.groups()):
        raise QuantityError(f"{text!r} is not a duration", "write it like P1Y, P30D or PT25H")
    seconds = sum(Decimal(n) * s for n, s in zip(found.groups(), _ISO_SECONDS, strict=True) if n)
    try:
        return timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise QuantityError(f"{text!r} is too long") from None


def parse_size(text: str) -> int:
    """Read `16Gi`, `512MB` or `1024` as bytes.

    Raises:
        QuantityError: No number with a unit of size, negative, or not a whole number of bytes.

    Example:
        >>> parse_size("16Gi") == 16 * 2**30
        True
    """
    found = _SIZE.fullmatch(text)
    if not found or found[2].lower() not in _BYTES:
        raise QuantityError(f"{text!r} is not a size", "write a number and a unit, like 16Gi or 512MB")
    size = Decimal(found[1]) * _BYTES[found[2].lower()]
    if size < 0 or size != int(size):
        raise QuantityError(f"{text!r} is not a whole number of bytes, 0 or more", "like 16Gi or 512MB")
    return int(size)


def parse_cpu(text: str) -> Decimal:
    """Read `4` or `500m` as a number of cores.

    Raises:
        QuantityError: Neither a positive number nor thousandths of a core.

    Example:
        >>> parse_cpu("500m")
        Decimal('0.5')
    """
    cores = parse_number(text[:-1]) / 1000 if text.endswith("m") else parse_number(text)
    if cores <= 0:
        raise QuantityError(f"{text!r} is not a positive number of cores")
    return cores


def parse_time(text: str) -> datetime:
    """Read `2026-11-22`, `2026-11-22T06:00` or `2026-11-22T06:00:00+01:00` as an aware time; without a zone it is UTC.

    Raises:
        QuantityError: No ISO 8601 date or time.

    Example:
        >>> parse_time("2026-11-22T06:00").isoformat()
        '2026-11-22T06:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise QuantityError(f"{text!r} is not a time", "write it like 2026-11-22 or 2026-11-22T06:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_comparator(text: str) -> Comparator:
    """Read `<= 24 hours` as its operator and the text behind it. `=` reads as `==`, `<>` as `!=`.

    Raises:
        QuantityError: No operator, or nothing behind it.

    Example:
        >>> parse_comparator(">= 99%")
        Comparator(operator='>=', operand='99%')
    """
    found = _COMPARATOR.fullmatch(text)
    if not found:
        raise QuantityError(f"{text!r} has no comparator", "start with one of < <= > >= == !=")
    return Comparator({"=": "==", "<>": "!="}.get(found[1], found[1]), found[2])


def format_number(number: Decimal | float) -> str:
    """Render a number for people: thousands apart, no exponent, no needless zeros.

    Example:
        >>> format_number(Decimal("336776")), format_number(Decimal("0.500"))
        ('336,776', '0.5')
    """
    if isinstance(number, float):
        if number != number or number in (float("inf"), float("-inf")):
            return str(number)
        number = Decimal(repr(number))
    if abs(number) >= Decimal(10) ** 30:
        return str(number)
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_ratio(ratio: Decimal | float) -> str:
    """Render a ratio as a percentage of three significant digits, never rounding a miss to 0% or 100%.

    Example:
        >>> format_ratio(Decimal(8255) / 336776), format_ratio(Decimal("0.0000001")), format_ratio(Decimal("0.99999"))
        ('2.45%', '<0.001%', '99.999%')
    """
    percent = Decimal(str(ratio)) * 100
    if 0 < percent < Decimal("0.001"):
        return "<0.001%"
    if Decimal("99.999") < percent < 100:
        return ">99.999%"
    needs_three = Decimal("99.9") <= percent < 100 or 0 < percent < 1
    places = 3 if needs_three else 2 if percent < 10 else 1
    text = f"{percent:.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
