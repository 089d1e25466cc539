"""Gates judge what the store has: the last run of a version, and what readers have. Expected values are worked out by hand."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_cli

import meshkit
from meshkit.known import Known

GOVERNANCE = """
governance:
  automated_policies:
    - name: quality_gates
      enforcement: pre-publish
      check: |
        - No critical failures
        - Warning threshold: <= 5%
    - name: breaking_changes
      enforcement: pre-publish
      check: |
        - Major version increment
        - 30-day deprecation notice
"""
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
"""
NOW = "2026-11-22T06:00:00Z"


@pytest.fixture
def mesh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mesh of one product, without a defect, that is recorded in its own store."""
    monkeypatch.delenv("MESHKIT_STORE")
    folder = tmp_path / "mesh"
    folder.mkdir()
    (folder / "orders.yaml").write_text(CONTRACT)
    (folder / "governance_policy.yaml").write_text(GOVERNANCE)
    (folder / "orders.csv").write_text("order_id,amount\n1,10\n2,20\n3,30\n")
    return folder


def change(mesh: Path, old: str, new: str, file: str = "orders.yaml") -> None:
    path = mesh / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def violated(mesh: Path, at: str = "publish", now: str = NOW, **options) -> set[str]:
    found = meshkit.govern(meshkit.load(mesh), at, now=now, **options)
    return {v.rule for p in found.products for v in p.violations if not v.waiver}


def check(mesh: Path, **options):
    return meshkit.load(mesh).check(now=NOW, **options)


def test_a_gate_asks_for_a_run_and_takes_the_recorded_one(mesh):
    assert violated(mesh) == {"quality_gates.run"}
    check(mesh)
    assert violated(mesh) == set()


def test_a_recorded_failure_blocks_until_a_later_run_passes(mesh):
    change(mesh, "3,30", "3,31", "orders.csv")
    check(mesh)
    assert violated(mesh) == {"quality_gates.failed"}
    change(mesh, "3,31", "3,29", "orders.csv")
    assert violated(mesh) == {"quality_gates.failed"}
    check(mesh)
    assert violated(mesh) == set()


def test_a_run_of_another_contract_counts_for_nothing(mesh):
    check(mesh)
    change(mesh, "max: 30", "max: 300")  # the same version, and another assertion
    assert violated(mesh) == {"quality_gates.run"}
    change(mesh, "max: 300", "max: 30")
    change(mesh, "description: Orders.", "description: All orders.")  # no assertion
    assert violated(mesh) == set()
    change(mesh, "1.0.0", "1.0.1")
    assert violated(mesh) == {"quality_gates.run"}


def test_a_check_that_was_added_since_has_no_answer(mesh):
    check(mesh)
    change(mesh, "[unique]", "[unique, not_null]")
    assert violated(mesh) == {"quality_gates.run"}


@pytest.mark.parametrize(
    "options", [{"checks": ["orders.unique"]}, {"tables": {"orders": "other.csv"}}, {"record": False}]
)
def test_runs_of_a_part_of_other_tables_or_unrecorded_ones_do_not_count(mesh, options):
    (mesh / "other.csv").write_text("order_id,amount\n1,10\n")
    if "tables" in options:
        options = {"tables": {"orders": str(mesh / "other.csv")}}
    if "checks" in options:
        options = {"checks": ["sales.orders.orders.order_id.unique"]}
    check(mesh, **options)
    assert violated(mesh) == {"quality_gates.run"}


def test_a_run_from_the_future_counts_for_nothing(mesh):
    check(mesh)
    with meshkit_store(mesh) as store:
        for table in ("runs", "product_runs"):
            store.execute(f"UPDATE {table} SET started = '2999-01-01T00:00:00.000000Z'")
    assert violated(mesh) == {"quality_gates.run"}


def test_runs_count_only_in_their_environment(mesh):
    (mesh / "meshkit.yaml").write_text("environments: {dev: {}, prod: {}}\n")
    check(mesh, env="dev")
    assert violated(mesh) == {"quality_gates.run"}
    assert violated(mesh, env="prod") == {"quality_gates.run"}
    assert violated(mesh, env="dev") == set()


def test_a_waiver_that_has_ended_since_the_run_covers_nothing(mesh):
    change(mesh, "3,30", "3,31", "orders.csv")
    (mesh / "waivers.yaml").write_text(
        "waivers:\n  - {check: sales.orders.orders.amount.max, subject: sales.orders, reason: known, "
        "approved_by: boss@company.com, until: 2026-11-22}\n"
    )
    assert "waived" in {v.outcome for v in check(mesh).result.products[0].verdicts}
    assert violated(mesh) == set()
    assert violated(mesh, now="2026-11-23T06:00:00Z") == {"quality_gates.failed"}


def test_a_waiver_that_was_granted_after_the_run_covers_it(mesh):
    change(mesh, "3,30", "3,31", "orders.csv")
    check(mesh)
    assert violated(mesh) == {"quality_gates.failed"}
    (mesh / "waivers.yaml").write_text(
        "waivers:\n  - {check: sales.orders.orders.amount.max, subject: sales.orders, reason: known, "
        "approved_by: boss@company.com, until: 2026-11-30, cap: 1}\n"
    )
    assert violated(mesh) == set()
    change(mesh, "cap: 1", "cap: 0", "waivers.yaml")
    assert violated(mesh) == {"quality_gates.failed"}


def test_what_was_fresh_at_the_run_grows_older(mesh):
    change(mesh, "order_id,amount\n1,10\n", "order_id,amount,at\n1,10,2026-11-22 05:00:00\n", "orders.csv")
    change(mesh, "2,20\n3,30\n", "2,20,2026-11-22 04:00:00\n3,30,2026-11-22 03:00:00\n", "orders.csv")
    change(mesh, "    - {name: amount", "    - {name: at, type: timestamp}\n    - {name: amount")
    (mesh / "orders.yaml").write_text(
        (mesh / "orders.yaml").read_text() + "sla: {freshness: {max_age_hours: 3, column: at}}\n"
    )
    assert check(mesh).result.outcome == "passed"  # an hour old at six
    assert violated(mesh, now="2026-11-22T08:00:00Z") == set()  # three hours, as far as anybody knows
    assert violated(mesh, now="2026-11-22T08:01:00Z") == {"quality_gates.failed"}


def test_what_passes_at_publish_is_what_later_versions_are_judged_against(mesh):
    check(mesh)
    first = run_cli("govern", mesh, "--at", "publish", "--now", NOW)
    assert first.returncode == 0, first.stdout + first.stderr
    change(mesh, "name: amount", "name: sum")
    change(mesh, "order_id,amount", "order_id,sum", "orders.csv")
    check(mesh)
    found = meshkit.govern(meshkit.load(mesh), "publish", now=NOW)
    assert {v.rule for p in found.products for v in p.violations} == {
        "breaking_changes.version", "breaking_changes.notice", "breaking_changes.guide",
    }  # fmt: skip
    second = run_cli("govern", mesh, "--at", "publish", "--now", NOW)
    assert second.returncode == 1
    assert "compared with 1.0.0" in second.stdout or "since 1.0.0" in second.stdout
    assert _versions(mesh) == [("sales.orders", "1.0.0")]  # what was blocked is not published


def test_a_first_publication_breaks_nothing_and_says_that_nothing_was_compared(mesh):
    only = (
        GOVERNANCE[: GOVERNANCE.index("    - name: quality_gates")]
        + GOVERNANCE[GOVERNANCE.index("    - name: breaking") :]
    )
    (mesh / "governance_policy.yaml").write_text(only)
    assert run_cli("govern", mesh, "--at", "pr", "--no-record").returncode == 3  # nobody knows
    assert run_cli("govern", mesh, "--at", "publish", MESHKIT_STORE="off").returncode == 3
    ran = run_cli("govern", mesh, "--at", "publish")
    assert ran.returncode == 0, ran.stdout
    assert "no version is published yet" in ran.stdout
    change(mesh, "name: amount", "name: sum")
    ran = run_cli("govern", mesh, "--at", "publish")
    assert (ran.returncode, "breaking_changes.version" in ran.stdout) == (1, True)


def publish(mesh: Path):
    return run_cli("govern", mesh, "--at", "publish", "--now", NOW)


def test_a_published_product_is_not_deleted_or_renamed_unnoticed(mesh):
    (mesh / "other.yaml").write_text(
        CONTRACT.replace("name: orders", "name: other", 1).replace("alias: orders", "alias: other")
    )
    check(mesh)
    assert publish(mesh).returncode == 0
    text = (mesh / "orders.yaml").read_text()
    (mesh / "orders.yaml").unlink()
    ran = publish(mesh)
    assert (ran.returncode, "breaking_changes.removal" in ran.stdout) == (1, True), ran.stdout
    (mesh / "orders.yaml").write_text(text.replace("name: orders", "name: bookings", 1))
    check(mesh)
    ran = publish(mesh)
    assert "sales.orders" in ran.stdout
    assert ran.returncode != 0
    (mesh / "orders.yaml").write_text(text)
    for status in ("deprecated", "retired"):
        ending = f"domain: sales\nstatus: {status}\ndeprecation: {{announced: 2026-09-01, until: 2026-11-01}}"
        (mesh / "orders.yaml").write_text(text.replace("domain: sales", ending))
        check(mesh)
        ran = publish(mesh)
        assert ran.returncode == 0, ran.stdout
    (mesh / "orders.yaml").unlink()
    ran = publish(mesh)
    assert ran.returncode == 0, ran.stdout  # it was deprecated, retired, and now it is gone


def test_a_version_that_stays_beside_keeps_what_readers_have(mesh):
    check(mesh)
    assert run_cli("govern", mesh, "--at", "publish", "--now", NOW).returncode == 0
    (mesh / "orders_v2.yaml").write_text((mesh / "orders.yaml").read_text().replace("1.0.0", "2.0.0"))
    change(mesh, "domain: sales", "domain: sales\nstatus: deprecated")
    check(mesh)
    later = run_cli(
        "govern", mesh, "--at", "publish", "--product", "sales.orders@2.0.0", "--now", "2026-11-22T07:00:00Z"
    )
    assert later.returncode == 0, later.stdout
    with meshkit_store(mesh) as store:
        times = dict(store.execute("SELECT version, since FROM versions WHERE published_at LIKE '%T07%'"))
    assert {v: t[:16] for v, t in times.items()} == {"1.0.0": "2026-11-22T06:00", "2.0.0": "2026-11-22T07:00"}
    change(mesh, "name: amount", "name: sum")  # the old version breaks its readers
    assert "breaking_changes.version" in violated(mesh, now="2026-11-22T08:00:00Z")


OVER_RUNS = """  policies:
    - id: checked_daily
      over: run
      require: age_hours <= 24 AND outcome = 'passed'
      severity: error
"""


def test_a_policy_over_runs_sees_the_last_one_that_counts_and_a_missing_one_is_a_violation(mesh):
    (mesh / "governance_policy.yaml").write_text(GOVERNANCE + OVER_RUNS)
    assert violated(mesh) == {"quality_gates.run", "checked_daily"}
    run = check(mesh)
    started = run.result.started_at

    def at(hours: float) -> str:
        return (started + timedelta(hours=hours)).isoformat()

    assert violated(mesh, now=at(23)) == set()
    assert violated(mesh, now=at(25)) == {"checked_daily"}
    assert violated(mesh, now=at(1), known=Known(), run=run) == set()
    change(mesh, "3,30", "3,31", "orders.csv")
    check(mesh)
    assert violated(mesh, now=at(1)) == {"checked_daily", "quality_gates.failed"}


def test_a_draft_is_published_to_nobody(mesh):
    change(mesh, "domain: sales", "domain: sales\nstatus: draft")
    check(mesh)
    assert run_cli("govern", mesh, "--at", "publish", "--now", NOW).returncode == 0
    assert _versions(mesh) == []


SHARE = """  policies:
    - id: most_have_runs
      sql: >-
        SELECT p.id AS product, 'too few have runs' AS message FROM products p
        WHERE (SELECT avg(has_run::INT) FROM products) < 1
      severity: error
"""


def test_a_policy_over_all_products_knows_the_runs_of_those_that_were_not_asked_for(mesh):
    (mesh / "governance_policy.yaml").write_text(GOVERNANCE + SHARE)
    (mesh / "more.yaml").write_text(CONTRACT.replace("name: orders", "name: more", 1))
    check(mesh)
    assert violated(mesh, products=["sales.orders"]) == set()
    check(mesh)
    change(mesh, "max: 30", "max: 31", "more.yaml")  # its run is of another contract now
    assert violated(mesh, products=["sales.orders"]) == {"most_have_runs"}


def test_an_evaluation_is_recorded_with_the_status_of_each_product(mesh):
    ran = run_cli("govern", mesh, "--at", "publish", "--now", NOW)
    assert ran.returncode == 1
    with meshkit_store(mesh) as store:
        run = store.execute("SELECT id, state, outcome FROM runs WHERE kind = 'govern'").fetchall()
        assert [row[1:] for row in run] == [("ended", "non-compliant")]
        assert store.execute("SELECT product, version, outcome FROM product_runs").fetchall() == [
            ("sales.orders", "1.0.0", "non-compliant")
        ]
        rows = store.execute("SELECT policy, severity, outcome, place FROM evaluations").fetchall()
        assert rows == [("quality_gates", "error", "non-compliant", "orders.yaml:2:1")]
        (payload,) = store.execute("SELECT payload FROM audit WHERE action = 'govern'").fetchone()
    assert json.loads(payload)["policies"] == ["breaking_changes", "quality_gates"]


def test_no_record_writes_nothing(mesh):
    assert run_cli("govern", mesh, "--at", "publish", "--run", "--no-record", "--now", NOW).returncode == 0
    assert not (mesh / ".meshkit").exists()


def test_a_store_that_cannot_be_read_is_told_and_proves_nothing(mesh, caplog):
    check(mesh)
    (mesh / ".meshkit" / "store.db").write_bytes(b"no database" * 500)
    ran = run_cli("govern", mesh, "--at", "publish", "--no-record", "--now", NOW)
    assert ran.returncode == 1
    assert "quality_gates.run" in ran.stdout
    assert "MK412" in caplog.text


def test_availability_is_the_share_of_runs_that_reached_the_data(mesh):
    (mesh / "orders.yaml").write_text((mesh / "orders.yaml").read_text() + "sla: {availability: 99%}\n")
    for _ in range(3):
        check(mesh)
    (mesh / "orders.csv").rename(mesh / "gone.csv")
    check(mesh)
    (mesh / "gone.csv").rename(mesh / "orders.csv")
    check(mesh)
    report = json.loads(run_cli("govern", mesh, "--format", "json", "--no-record").stdout)
    (claim,) = [c for c in report["products"][0]["claims"] if c["key"] == "sla.availability"]
    assert (claim["standing"], claim["seen"]) == ("refuted", "80%")  # four of five


def meshkit_store(mesh: Path) -> sqlite3.Connection:
    return sqlite3.connect(mesh / ".meshkit" / "store.db")


def _versions(mesh: Path) -> list[tuple[str, str]]:
    with meshkit_store(mesh) as store:
        return store.execute("SELECT DISTINCT product, version FROM versions").fetchall()
