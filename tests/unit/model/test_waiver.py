"""Caps, days and subjects of waivers, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from meshkit.errors import Place, QuantityError
from meshkit.model.waiver import Subject, Waiver, day_of, parse_cap

PRODUCT = Subject(text="d.p", product="d.p")


def waiver(until="2026-12-04", cap=None, subject=PRODUCT):
    return Waiver(policy="q", subject=subject, reason="r", approved_by="a", until=date.fromisoformat(until),
                  cap=parse_cap(cap) if cap else None, place=Place("w.yaml", 1, 1))  # fmt: skip


def test_a_waiver_holds_through_its_last_day():
    assert not waiver().has_ended(date(2026, 12, 4))
    assert waiver().has_ended(date(2026, 12, 5))


def test_a_waiver_ends_soon_thirty_days_before_its_last_day_and_not_thirty_one():
    assert waiver().ends_soon(date(2026, 11, 4))
    assert not waiver().ends_soon(date(2026, 11, 3))
    assert not waiver().ends_soon(date(2026, 12, 5))


def test_the_day_is_that_of_utc():
    east = datetime(2026, 12, 5, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert day_of(east) == date(2026, 12, 4)
    assert day_of(datetime(2026, 12, 5, tzinfo=UTC)) == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("cap", "amount", "total", "is_allowed"),
    [
        (None, 10**9, None, True),
        (None, None, None, True),
        ("3", 3, 10, True),
        ("3", 4, 10, False),
        ("0", 0, 10, True),
        ("3", None, 10, False),
        ("33.3%", 333, 1000, True),
        ("33.3%", 334, 1000, False),
        ("33.333333333333333333%", 1, 3, False),
        ("0%", 0, 0, True),
        ("5%", 5, None, False),
        ("0.1", 0.1, None, True),
        ("0.1", Decimal("0.1000000000000000001"), None, False),
        ("7", float("inf"), None, False),
    ],
)
def test_a_cap_is_compared_exactly(cap, amount, total, is_allowed):
    assert waiver(cap=cap).allows(amount, total) is is_allowed


@pytest.mark.parametrize("text", ["-1", "many", "<= 3", "between 1 and 2", "101%", "", "NaN"])
def test_what_is_no_cap_is_refused(text):
    with pytest.raises(QuantityError):
        parse_cap(text)


@pytest.mark.parametrize(
    ("subject", "covered"),
    [
        (Subject(text="", domain="d"), {"product", "other version", "column", "other column", "other product"}),
        (Subject(text="", product="d.p"), {"product", "other version", "column", "other column"}),
        (Subject(text="", product="d.p", version="1.0.0"), {"product", "column", "other column"}),
        (Subject(text="", product="d.p", column="email"), {"column"}),
        (Subject(text="", product="d.p", table="t", column="email"), {"column"}),
        (Subject(text="", product="d.p", table="u", column="email"), set()),
    ],
)
def test_a_subject_covers_what_is_narrower_and_never_what_is_wider(subject, covered):
    asked = {
        "product": ("d.p", "d", "1.0.0"),
        "other version": ("d.p", "d", "2.0.0"),
        "column": ("d.p", "d", "1.0.0", "T", "Email"),
        "other column": ("d.p", "d", "1.0.0", "t", "phone"),
        "other product": ("d.q", "d", "1.0.0"),
        "other domain": ("e.p", "e", "1.0.0"),
    }
    assert {name for name, what in asked.items() if subject.covers(*what)} == covered
