"""The condition of a product by its recorded runs. Expected values are worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_cli

import meshkit
from meshkit.errors import UsageError

CONTRACT = """
name: orders
version: 1.0.0
domain: sales
description: Orders.
owner: {team: shop}
schema:
  location: orders.csv
  alias: orders
  fields:
    - {name: order_id, type: integer, constraints: [unique]}
    - {name: amount, type: integer, constraints: [{max: 30}]}
    - {name: at, type: timestamp}
sla:
  availability: 99%
  freshness: {max_age_hours: 24, column: at}
"""
WAIVER = """
waivers:
  - {check: sales.orders.orders.amount.max, subject: sales.orders, reason: known, approved_by: olga, until: 2026-12-01}
"""
NOW = "2026-11-22T06:00:00Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mesh of one product whose data is six hours old, and of which one amount of three is too high."""
    monkeypatch.delenv("MESHKIT_STORE")
    found = tmp_path / "mesh"
    found.mkdir()
    (found / "orders.yaml").write_text(CONTRACT)
    (found / "orders.csv").write_text(
        "order_id,amount,at\n1,10,2026-11-22 00:00:00\n2,20,2026-11-21 00:00:00\n3,31,2026-11-21 00:00:00\n"
    )
    return found


def change(folder: Path, old: str, new: str, file: str = "orders.yaml") -> None:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def check(folder: Path, **options):
    return meshkit.load(folder).check(now=NOW, **options)


def look(folder: Path, now: str = NOW, **asked) -> meshkit.Condition:
    return meshkit.condition(meshkit.load(folder), "sales.orders", now=now, **asked)


def test_without_a_run_it_was_never_checked_and_no_promise_is_known(folder):
    found = look(folder)
    assert (str(found.knowledge), found.outcome, found.last, found.counts) == ("never checked", None, None, {})
    assert found.notes == ("nothing was ever recorded",)
    assert {p.name: str(p.state) for p in found.promises} == {"availability": "unknown", "freshness": "unknown"}


def test_the_last_run_says_what_is_not_passed_with_its_place(folder):
    run = check(folder)
    found = look(folder)
    assert (str(found.knowledge), found.outcome, found.last.run_id) == ("checked", "failed", run.result.run_id)
    assert found.counts == {"failed": 1, "passed": 7}  # columns, types, extra, rows, unique, freshness, not_future
    (missed,) = found.not_passed
    assert (missed.id, missed.bad, missed.total) == ("sales.orders.orders.amount.max", 1, 3)
    assert (missed.message, missed.place) == ("1 of 3 rows (33.3%), allowed 0", f"{folder}/orders.yaml:12:52")
    kept = {p.name: (p.promised, p.measured, str(p.state)) for p in found.promises}
    assert kept == {"availability": (">= 99%", 1.0, "kept"), "freshness": ("<= 24 hours", 6.0, "kept")}
    # no failures (2 of 5, none), errors met (2 of 5): all but amount.max of columns, types, unique, max, freshness;
    # warnings met (1 of 5): row_count and not_future
    assert found.quality == pytest.approx((2 * 0 + 2 * 4 / 5 + 1) / 5)


def test_data_that_was_fresh_is_too_old_later(folder):
    change(folder, "31,", "30,", "orders.csv")
    run = check(folder)
    started = run.result.started_at
    late = started.replace(year=started.year + 1)
    found = look(folder, now=late.isoformat())
    (missed,) = found.not_passed
    assert (missed.kind, str(missed.outcome)) == ("freshness", "failed")
    assert "hours by now, as far as is known; in that run 6 hours" in missed.message
    assert found.outcome == "failed"


def test_a_check_that_was_changed_since_has_no_answer(folder):
    check(folder)
    change(folder, "max: 30", "max: 40")
    found = look(folder)
    assert (str(found.knowledge), found.unanswered) == ("stale", ("sales.orders.orders.amount.max",))
    assert (found.outcome, found.checks, sum(found.counts.values())) == ("passed", 8, 7)


def test_another_version_was_checked_and_this_one_was_not(folder):
    check(folder)
    change(folder, "version: 1.0.0", "version: 1.1.0")
    found = look(folder)
    assert str(found.knowledge) == "never checked"
    assert found.notes[0].startswith("only version 1.0.0 was checked")


def test_a_waiver_that_holds_covers_and_one_that_ended_does_not(folder):
    check(folder)
    (folder / "waivers.yaml").write_text(WAIVER)
    found = look(folder)
    (missed,) = found.not_passed
    assert (str(missed.outcome), str(missed.waived_until), missed.waived_by) == ("waived", "2026-12-01", "olga")
    assert found.outcome == "passed"
    assert look(folder, now="2026-12-02T00:00:00Z").not_passed[0].waived_until is None


def test_a_contract_with_errors_is_stopped(folder):
    check(folder)
    change(folder, "type: timestamp", "type: timestmp")
    found = look(folder)
    assert (str(found.knowledge), found.outcome, found.not_passed) == ("stopped", None, ())


def test_the_trend_counts_the_outcomes_of_each_run_newest_first(folder):
    check(folder)
    change(folder, "31,", "30,", "orders.csv")
    check(folder)
    check(folder, checks=["amount.max"])  # a part of the checks is no point of the trend
    found = look(folder, now="2030-01-01T00:00:00Z", days=3650)
    assert [(p.outcome, p.counts, p.rows, p.freshness_hours) for p in found.trend] == [
        ("passed", {"passed": 8}, 3, 6.0),
        ("failed", {"failed": 1, "passed": 7}, 3, 6.0),
    ]
    assert look(folder, now="2099-01-01T00:00:00Z").trend == ()


def test_a_store_that_is_off_or_damaged_is_a_note(folder, monkeypatch):
    check(folder)
    (folder / ".meshkit" / "store.db").write_bytes(b"no database" * 100)
    found = look(folder)
    assert (str(found.knowledge), "cannot be read" in found.notes[0]) == ("never checked", True)
    monkeypatch.setenv("MESHKIT_STORE", "off")
    assert look(folder).notes == ("nothing was ever recorded",)


def test_a_product_that_may_not_be_shown_is_unknown(folder):
    with pytest.raises(UsageError, match=r"unknown product 'sales\.orders'"):
        look(folder, visible=lambda _: False)


def test_the_command_writes_text_and_json(folder):
    check(folder)
    text = run_cli("health", "orders", folder, "--now", NOW)
    assert text.returncode == 0
    assert "failed: 1 failed, 7 passed; health 52 of 100" in text.stdout
    assert "kept freshness: promised <= 24 hours, measured 6 hours" in text.stdout
    document = json.loads(run_cli("health", "orders", folder, "--now", NOW, "--format", "json").stdout)
    assert (document["knowledge"], document["not_passed"][0]["bad"]) == ("checked", 1)
    assert run_cli("health", "nothing", folder).returncode == 2
