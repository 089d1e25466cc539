"""Quantities written as text."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from meshkit.errors import QuantityError
from meshkit.model import units
from meshkit.model.threshold import parse_range, parse_row_threshold


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("99.5%", Decimal("0.995")), ("0%", Decimal(0)), ("100 %", Decimal(1)), (" 3% ", Decimal("0.03"))],
)
def test_percentages(text, ratio):
    assert units.parse_percentage(text) == ratio


@pytest.mark.parametrize("text", ["99.5", "101%", "-1%", "%", "a%", "1%%"])
def test_what_is_no_percentage(text):
    with pytest.raises(QuantityError):
        units.parse_percentage(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 hours", timedelta(hours=24)),
        ("90_days", timedelta(days=90)),
        ("10_minutes", timedelta(minutes=10)),
        ("1 hour", timedelta(hours=1)),
        ("15m", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        ("3 years", timedelta(days=1095)),
        ("30 Days", timedelta(days=30)),
    ],
)
def test_durations(text, expected):
    assert units.parse_duration(text) == expected


@pytest.mark.parametrize("text", ["24", "hours", "-1 day", "1 fortnight", "1e30 years", ""])
def test_what_is_no_duration(text):
    with pytest.raises(QuantityError):
        units.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("16Gi", 16 * 2**30), ("512MB", 512 * 10**6), ("1024", 1024), ("1.5k", 1500)]
)
def test_sizes(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1Gi", "0.3"])
def test_what_is_no_size(text):
    with pytest.raises(QuantityError):
        units.parse_size(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("<= 24 hours", ("<=", "24 hours")), (">= 99%", (">=", "99%")), ("=5", ("==", "5")), ("<> x", ("!=", "x"))],
)
def test_comparators(text, parts):
    assert tuple(units.parse_comparator(text)) == parts


@pytest.mark.parametrize("text", ["24 hours", "<=", "=> 5"])
def test_what_has_no_comparator(text):
    with pytest.raises(QuantityError):
        units.parse_comparator(text)


@pytest.mark.parametrize("text", ["1e999999", "nan", "inf", "", "1_0x", "9" * 500])
def test_what_is_no_number(text):
    with pytest.raises(QuantityError):
        units.parse_number(text)


@pytest.mark.parametrize(
    ("text", "met", "missed"),
    [
        (">= 5", [5, 6], [4]),
        ("< 5", [4], [5]),
        ("5", [5], [4, 6]),
        ("!= 5", [4, 6], [5]),
        ("between 1 and 3", [1, 2, 3], [0, 4]),
        ("not between 1 and 3", [0, 4], [1, 3]),
    ],
)
def test_ranges(text, met, missed):
    threshold = parse_range(text)
    assert [threshold.is_met(Decimal(v)) for v in met] == [True] * len(met)
    assert [threshold.is_met(Decimal(v)) for v in missed] == [False] * len(missed)
    assert parse_range(str(threshold)) == threshold


def test_nan_is_never_met_and_infinity_is_compared():
    assert not parse_range("!= 5").is_met(float("nan"))
    assert parse_range("> 5").is_met(float("inf"))
    assert not parse_range("< 5").is_met(float("inf"))


def test_a_share_is_compared_exactly():
    from fractions import Fraction

    third = parse_row_threshold("33.333333333333333333%")
    assert not third.is_met(Fraction(1, 3))
    assert parse_row_threshold("50%").is_met(Fraction(1, 2))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0, "0%"),
        (Decimal("0.0245"), "2.45%"),
        (Decimal("0.1488"), "14.9%"),
        (1, "100%"),
        (Decimal("0.9999999"), ">99.999%"),
        (Decimal("1e-9"), "<0.001%"),
    ],
)
def test_a_miss_is_never_rounded_to_nothing_or_to_all(ratio, text):
    assert units.format_ratio(ratio) == text
