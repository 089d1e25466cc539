"""Freshness: the age of the newest value up to now, and values that are later than now."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

NOW = "2026-11-22T06:00:00Z"


def of(judged, values, hours=24, kind="timestamp", **more):
    fields = [{"name": "at", "type": kind}]
    return judged(
        pa.table({"at": values}), fields, now=NOW, sla={"freshness": {"max_age_hours": hours, "column": "at"}}, **more
    )


def test_the_age_is_that_of_the_newest_value(judged):
    found = of(judged, [datetime(2026, 11, 20), datetime(2026, 11, 21, 18), None])
    assert (found["freshness"].outcome, found["freshness"].value, found["freshness"].unit) == ("passed", 12, "hours")


@pytest.mark.parametrize(("hours", "outcome"), [(12, "passed"), (11.99, "failed")])
def test_just_as_old_as_allowed_is_met(judged, hours, outcome):
    assert of(judged, [datetime(2026, 11, 21, 18)], hours)["freshness"].outcome == outcome


def test_values_after_now_are_left_out_and_counted(judged):
    found = of(judged, [datetime(2026, 11, 20, 6), datetime(2099, 1, 1)])
    assert found["freshness"].value == 48
    assert (found["not_future"].outcome, found["not_future"].severity, found["not_future"].bad) == (
        "warned",
        "warning",
        1,
    )


def test_only_values_after_now_are_no_value_at_all(judged):
    found = of(judged, [datetime(2099, 1, 1)])
    assert found["freshness"].outcome == "failed"
    assert "no value up to now" in found["freshness"].message


def test_an_empty_table_is_not_fresh(judged):
    assert of(judged, pa.array([], pa.timestamp("us")))["freshness"].outcome == "failed"


@pytest.mark.parametrize(("day", "age"), [(date(2026, 11, 22), 0), (date(2026, 11, 21), 6), (date(2026, 11, 20), 30)])
def test_a_date_counts_as_the_end_of_its_day_but_never_as_later_than_now(judged, day, age):
    assert of(judged, [day], kind="date")["freshness"].value == age


def test_a_date_is_in_the_future_from_tomorrow_on(judged):
    found = of(judged, [date(2026, 11, 22), date(2026, 11, 23)], kind="date")
    assert found["not_future"].bad == 1
    assert found["freshness"].value == 0


def test_naive_times_are_utc_and_aware_ones_are_converted(judged):
    zoned = pa.array([datetime(2026, 11, 22, 3, tzinfo=UTC)]).cast(pa.timestamp("us", "Asia/Tokyo"))
    assert of(judged, zoned)["freshness"].value == 3
    assert of(judged, [datetime(2026, 11, 22, 3)])["freshness"].value == 3


def test_without_a_column_it_is_skipped_and_says_what_to_add(judged):
    found = judged(pa.table({"a": [1]}), [{"name": "a"}], sla={"freshness": {"max_age_hours": 1}})
    assert found["freshness"].outcome == "skipped"
    assert "sla.freshness.column" in found["freshness"].message


def test_the_newest_file_counts_only_where_the_contract_says_so(judged, tmp_path: Path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    moment = datetime(2026, 11, 22, 4, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    found = judged(path, [{"name": "a"}], now=NOW, sla={"freshness": {"max_age_hours": 1, "source": "file"}})
    assert (found["freshness"].outcome, found["freshness"].value) == ("failed", 2)


def test_a_column_that_is_no_time_is_errored(judged):
    found = judged(
        pa.table({"at": ["2026"]}), [{"name": "at"}], sla={"freshness": {"max_age_hours": 1, "column": "at"}}
    )
    assert found["freshness"].outcome == "errored"


def test_the_clock_of_the_run_holds_in_author_sql(judged):
    checks = [
        {"name": "day", "query": "SELECT date_diff('day', DATE '2026-11-20', current_date) FROM t", "must_be": 2},
        {
            "name": "hour",
            "query": "SELECT date_diff('hour', TIMESTAMPTZ '2026-11-22 00:00:00+00', now()) FROM t",
            "must_be": 6,
        },
        {"name": "today", "query": "SELECT date_diff('day', DATE '2026-11-21', today()) FROM t", "must_be": 1},
    ]
    found = judged(pa.table({"a": [1]}), [{"name": "a"}], now=NOW, sla={"quality_checks": checks})
    assert [found[n].outcome for n in ("day", "hour", "today")] == ["passed", "passed", "passed"]
