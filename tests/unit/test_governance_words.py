"""The words of the governance file decide: the same product, another number in the file, another verdict."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime

import pyarrow as pa
import pytest
import yaml
from tests.unit.trips import CONTRACT, NOW, POLICIES, engine, rewritten, spec, told

import meshkit
from meshkit import GovernanceEngine

__all__ = ["engine"]


def verdict(policies, product, at="pr", run=None):
    return sorted(v.rule for v in GovernanceEngine(policies, now=NOW).validate_data_product(product, at=at, run=run))


def test_three_years_in_the_file_decide_how_long_analytical_data_is_kept():
    kept = spec(data_kind="analytical", retention_days=1095)
    assert verdict(rewritten(), kept) == []
    assert verdict(rewritten(("3 years", "2 years")), kept) == ["data_retention.analytical"]
    assert verdict(rewritten(("3 years", "2 years")), kept | {"retention_days": 730}) == []


def test_thirty_days_in_the_file_decide_how_long_deleted_rows_are_kept():
    assert verdict(rewritten(("30 days in trash", "29 days in trash")), spec()) == ["data_retention.trash"]


def test_the_share_in_the_file_decides_which_completeness_a_domain_may_promise():
    promised = spec(domain="sales")
    assert verdict(rewritten(), promised) == []
    assert verdict(rewritten((">= 99%", ">= 99.6%")), promised) == ["data_quality.completeness"]
    assert verdict(rewritten(("<= 24 hours", "<= 23 hours")), promised) == ["data_quality.freshness"]


@pytest.fixture
def orders(tmp_path):
    """Check a product of domain sales over 200 rows of which one is not accurate, so that accuracy is exactly 99.5%."""
    made = spec(domain="sales")
    made["sla"]["freshness"] = {"max_age_hours": 24, "column": "at"}
    made["schema"]["fields"][1] |= {
        "constraints": [{"min": {"value": 0, "threshold": 1, "dimension": "accuracy"}}],
    }
    made["schema"]["fields"].append({"name": "at", "type": "timestamp", "description": "When."})
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    product = meshkit.load(tmp_path / "trips.yaml").product("trips")
    table = {"id": [str(i) for i in range(200)], "km": [-1] + [1] * 199, "at": [datetime(2026, 11, 21, 12)] * 200}
    return product, product.check(tables={"trips": pa.table(table)}, now=NOW)


def test_the_accuracy_in_the_file_decides_over_what_a_run_measured(orders):
    assert verdict(rewritten(), orders[0], "publish", orders[1]) == []
    stricter = rewritten((">= 99.5%", ">= 99.6%"))
    assert verdict(stricter, orders[0], "publish", orders[1]) == ["data_quality.accuracy"]


def test_the_warning_threshold_in_the_file_decides_over_the_share_of_missed_warnings(tmp_path):
    """Of two warning checks one is missed: 50%."""
    made = spec()
    made["sla"]["freshness"] = {"max_age_hours": 24, "source": "file"}
    made["schema"]["fields"][1]["constraints"] = [{"min": {"value": 0, "severity": "warning"}}]
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    product = meshkit.load(tmp_path / "trips.yaml").product("trips")
    run = product.check(tables={"trips": pa.table({"id": ["a"], "km": [-1]})}, now=NOW)
    warnings = [v.outcome for v in run.verdicts if v.severity == "warning"]
    assert sorted(map(str, warnings)) == ["passed", "warned"], [v.id for v in run.verdicts]
    assert verdict(rewritten(), product, "publish", run) == ["quality_gates.warnings"]
    assert verdict(rewritten(("<= 5%", "<= 50%")), product, "publish", run) == []
    assert verdict(rewritten(("<= 5%", "<= 49%")), product, "publish", run) == ["quality_gates.warnings"]


def changed_mesh(tmp_path, announced, **keys):
    """Return a mesh whose product lost a column: version 1 is served until 2026-12-31, announced on a day."""
    old = spec()
    new = spec(
        version="2.0.0",
        changelog=[{"version": "2.0.0", "date": "2026-11-22", "changes": ["km is gone"], "breaking": True}],
    )
    new["schema"]["fields"] = [deepcopy(old["schema"]["fields"][0])]
    for side in (old, new):
        side["sla"]["freshness"] = {"max_age_hours": 24, "source": "file"}
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "v1.yaml").write_text(yaml.safe_dump(old))
    ending = {
        "announced": announced,
        "until": "2026-12-31",
        "replacement": "ops.trips@2.0.0",
        "migration_guide": "read id",
    }
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "v1.yaml").write_text(yaml.safe_dump(old | {"status": "deprecated", "deprecation": ending | keys}))
    (folder / "v2.yaml").write_text(yaml.safe_dump(new))
    return meshkit.load(tmp_path / "old"), tmp_path / "new"


@pytest.mark.parametrize(
    ("announced", "file", "expected"),
    [
        ("2026-12-01", "30-day", []),
        ("2026-12-02", "30-day", ["breaking_changes.notice"]),
        ("2026-12-02", "29-day", []),
        ("2026-12-01", "31-day", ["breaking_changes.notice"]),
    ],
)
def test_the_days_of_notice_in_the_file_decide_over_the_days_that_were_given(tmp_path, announced, file, expected):
    """From 2026-12-01 until 2026-12-31 are 30 days."""
    base, folder = changed_mesh(tmp_path, announced)
    (folder / "governance.yaml").write_text(POLICIES.read_text().replace("30-day", file))
    found = meshkit.govern(meshkit.load(folder), "pr", products=["ops.trips@2.0.0"], base=base, now=NOW)
    assert [v.rule for v in found.violations if v.policy_name == "breaking_changes"] == expected


def test_a_breaking_change_needs_a_migration_guide(tmp_path):
    base, folder = changed_mesh(tmp_path, "2026-11-01", migration_guide="")
    (folder / "governance.yaml").write_text(POLICIES.read_text())
    found = meshkit.govern(meshkit.load(folder), "pr", products=["ops.trips@2.0.0"], base=base, now=NOW)
    assert "breaking_changes.guide" in {v.rule for v in found.violations}


def test_what_the_platform_deletes_before_its_time_is_warned_of(tmp_path):
    """The platform expires objects after 365 days, analytical data is kept for 3 years."""
    (tmp_path / "governance.yaml").write_text(POLICIES.read_text())
    (tmp_path / "platform.yaml").write_text(
        "platform:\n  storage:\n    - name: lake\n      type: s3\n      lifecycle_policies:\n        - expire: 365_days\n"
    )
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(spec(data_kind="analytical", retention_days=1095)))
    found = meshkit.govern(meshkit.load(tmp_path), "pr", now=NOW)
    assert told(v for v in found.violations if v.policy_name == "data_retention") == [
        ("data_retention.lifecycle_analytical", "warning")
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("7 years", "seven years"), ("<= 5%", "a few"), ("30-day deprecation", "Timely deprecation")],
)
def test_a_number_that_cannot_be_read_makes_its_policy_not_executable_and_never_met(text, number):
    engine = GovernanceEngine(rewritten((text, number)), now=NOW)
    (unreadable,) = [p for p in engine.policies if p.why_not]
    report = engine.generate_compliance_report(spec(), at="publish")
    assert unreadable.id not in report["policies_evaluated"]
    assert [n["policy"] for n in report["not_executable"]] == [unreadable.id]


def test_a_domain_cannot_loosen_a_mandatory_policy():
    policies = rewritten()
    policies["governance"]["domain_policies"]["sales"]["policies"] = [{"id": "data_retention", "mandatory": False}]
    with pytest.raises(meshkit.ContractError, match="loosen the mandatory policy data_retention"):
        GovernanceEngine(policies, now=NOW)


def test_a_query_without_its_star_and_a_schedule_without_its_fifth_field_are_refused(engine, tmp_path):
    made = spec()
    made["sla"]["freshness"]["update_schedule"] = "0 2 * * "
    (found,) = engine.validate_data_product(made)
    assert found.rule == "MK116"
    made["sla"]["freshness"].pop("update_schedule")
    made["sla"]["quality_checks"][0]["query"] = "SELECT COUNT() FROM trips"
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    assert [p.check for p in meshkit.load(tmp_path / "trips.yaml").lint()] == ["ops.trips.trips.some"]


def test_an_alert_that_comes_after_the_promise_is_broken_is_told_of(tmp_path):
    problems = meshkit.load(CONTRACT).lint()
    assert [p.code for p in problems if "26" in p.message] == ["MK128"]
