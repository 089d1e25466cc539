"""Ranges compared as predicates: who lets more through."""

from __future__ import annotations

import pytest

from meshkit.change.predicates import compare_bounds, compare_thresholds, read_threshold
from meshkit.model.schedule import Schedule, compare_schedules
from meshkit.model.types import parse_type


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("<= 10", "<= 20", "loosens"),
        ("<= 20", "<= 10", "tightens"),
        ("< 10", "<= 10", "loosens"),
        ("<= 10", "between 0 and 10", "tightens"),
        (">= 5", "<= 5", "both"),
        ("between 1 and 5", "between 2 and 6", "both"),
        ("between 1 and 5", "not between 1 and 5", "both"),
        ("5", "between 5 and 5", "none"),
        ("!= 5", ">= 5", "both"),
        ("!= 5", "> 5", "tightens"),
    ],
)
def test_numbers(old, new, direction):
    assert compare_thresholds(read_threshold(old, "number"), read_threshold(new, "number")) == direction


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("", "5", "loosens"),
        ("", "0%", "none"),
        ("", "3%", "loosens"),
        ("3%", "", "tightens"),
        ("3%", "2.5%", "tightens"),
        ("< 1", "<= 0", "none"),  # of rows there is nothing in between
        ("< 5%", "<= 5%", "loosens"),
        ("10", "3%", "undetermined"),
    ],
)
def test_rows_and_shares(old, new, direction):
    assert compare_thresholds(read_threshold(old), read_threshold(new)) == direction


@pytest.mark.parametrize(
    ("kind", "old", "new", "type_", "direction"),
    [
        ("min", "9", "10", "integer", "tightens"),  # as text, 10 is less than 9
        ("max", "9", "10", "integer", "loosens"),
        ("min", "1.0", "1.00", "decimal(5,2)", "none"),
        ("max", "2026-01-31", "2026-02-01", "date", "loosens"),
        ("min_length", "9", "10", "", "tightens"),
        ("min", "1", "x", "", "undetermined"),
    ],
)
def test_bounds(kind, old, new, type_, direction):
    assert compare_bounds(kind, old, new, parse_type(type_) if type_ else None) == direction


DAILY = frozenset(range(365))


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ((DAILY, (120,)), (DAILY, (60,)), "tightens"),
        ((DAILY, (120,)), (DAILY, (120, 720)), "tightens"),
        ((DAILY, (120, 720)), (DAILY, (720,)), "loosens"),
        ((DAILY, (120, 720)), (DAILY, (60, 780)), "both"),
        ((DAILY, (120,)), (frozenset({0, 7}), (120,)), "loosens"),
        ((frozenset({0}), (120,)), (frozenset({1}), (120,)), "both"),
        ((DAILY, (120,)), (DAILY, (120,)), "none"),
    ],
)
def test_schedules(old, new, direction):
    assert compare_schedules(Schedule(*old), Schedule(*new)) == direction
