"""Policies and one product in memory: what is violated, and what blocks."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from tests.unit.trips import CONTRACT, NOW, POLICIES, engine, of, personal, rewritten, spec, told

import meshkit
from meshkit import GovernanceEngine, PolicyViolationSeverity

__all__ = ["engine"]


def test_a_product_that_says_all_that_is_asked_violates_nothing(engine):
    assert engine.validate_data_product(spec()) == []
    assert engine.validate_data_product(personal()) == []
    assert engine.enforce_policies(spec(), "pr")


def test_the_severities_are_info_warning_error_and_critical():
    assert [s.name for s in PolicyViolationSeverity] == ["INFO", "WARNING", "ERROR", "CRITICAL"]


def test_a_missing_classification_is_one_violation_and_not_two(engine):
    (found,) = engine.validate_data_product(spec(classification=None))
    assert (found.policy_name, found.severity) == ("data_classification", PolicyViolationSeverity.ERROR)
    assert found.message == "Data classification not specified"
    assert found.field is None
    assert "public, internal, confidential, restricted" in found.remedy
    assert [str(e) for e in found.enforcement] == ["pr", "publish", "schedule"]


@pytest.mark.parametrize("written", ["Internal", "internal", "INTERNAL", "Public", "Restricted"])
def test_a_classification_is_read_in_any_case_as_the_file_writes_it_with_a_capital(engine, written):
    assert of(engine.validate_data_product(spec(classification=written)), "data_classification") == []


def test_a_classification_that_the_file_does_not_list_is_invalid(engine):
    (found,) = engine.validate_data_product(spec(classification="secret"))
    assert found.message.startswith("Invalid classification")
    assert found.severity == PolicyViolationSeverity.ERROR


def test_a_classification_that_governors_add_to_the_file_becomes_valid():
    policies = rewritten(("- Public: Freely", "- Secret: Sealed\n        - Public: Freely"))
    assert (
        of(
            GovernanceEngine(policies, now=NOW).validate_data_product(spec(classification="secret")),
            "data_classification",
        )
        == []
    )


def test_personal_data_without_encryption_is_critical(engine):
    made = personal(encryption_enabled=None)
    made["schema"]["fields"][-1].pop("encrypted")
    found = [v for v in engine.validate_data_product(made) if v.severity == PolicyViolationSeverity.CRITICAL]
    assert told(found) == [("pii_handling.encryption", "critical")]


def test_personal_data_without_audit_logging_is_critical(engine):
    assert told(engine.validate_data_product(personal(audit_logging_enabled=False))) == [
        ("pii_handling.audit", "critical")
    ]


def test_a_flag_for_the_whole_product_does_not_stand_for_a_column_that_is_neither_encrypted_nor_masked(engine):
    made = personal()
    made["schema"]["fields"][-1].pop("encrypted")
    (found,) = engine.validate_data_product(made)
    assert (found.rule, found.field) == ("pii_handling.column", "email")


def test_a_personal_column_without_category_is_an_error_that_names_it(engine):
    made = personal()
    made["schema"]["fields"][-1].pop("pii_category")
    (found,) = engine.validate_data_product(made)
    assert (found.rule, found.severity, found.field) == (
        "pii_handling.category",
        PolicyViolationSeverity.ERROR,
        "email",
    )


def test_personal_data_that_the_domains_policy_lists_is_found_though_nobody_marked_it(engine):
    made = spec(domain="sales")
    made["schema"]["fields"][1] |= {"name": "customer_email", "type": "string"}
    made["sla"]["freshness"].pop("column")
    assert [(v.rule, v.field) for v in of(engine.validate_data_product(made), "pii_handling")] == [
        ("pii_handling.listed", "customer_email")
    ]
    made["domain"] = "ops"
    found = of(engine.validate_data_product(made), "pii_handling")
    assert told(found) == [("pii_handling.suspected", "warning")], "elsewhere its name is only suspicious"


def test_without_a_schema_that_alone_is_told_of_it(engine):
    found = of(engine.validate_data_product(spec(schema=None, sla=None)), "schema_validation")
    assert [(v.message, v.severity) for v in found] == [("Schema not defined", PolicyViolationSeverity.ERROR)]


def test_a_key_is_missing_only_where_nothing_tells_rows_apart(engine):
    made = spec()
    assert of(engine.validate_data_product(made), "schema_validation") == [], "unique and not_null are one"
    made["schema"]["fields"][0]["constraints"] = ["not_null"]
    assert told(engine.validate_data_product(made)) == [("schema_validation.primary_key", "warning")]
    made["schema"]["fields"][0]["is_primary_key"] = True
    assert engine.validate_data_product(made) == []


@pytest.mark.parametrize("text", [None, "", "   "])
def test_a_column_without_a_description_or_with_a_blank_one_is_warned_of(engine, text):
    made = spec()
    made["schema"]["fields"][1]["description"] = text
    found = of(engine.validate_data_product(made), "schema_validation")
    assert [(v.rule, v.field) for v in found] == [("schema_validation.description", "km")]


def test_a_product_without_quality_checks_is_warned_of(engine):
    made = spec()
    made["sla"].pop("quality_checks")
    assert told(engine.validate_data_product(made)) == [("schema_validation.quality_checks", "warning")]


def test_completeness_and_freshness_are_missed_by_what_the_sla_says_and_not_by_the_name_of_a_check(engine):
    made = spec()
    assert engine.validate_data_product(made) == []
    made["sla"].pop("completeness")
    made["sla"].pop("freshness")
    assert told(engine.validate_data_product(made)) == [
        ("schema_validation.completeness", "warning"),
        ("schema_validation.freshness", "warning"),
    ]


def test_a_missing_retention_is_an_error(engine):
    (found,) = engine.validate_data_product(spec(retention_days=None))
    assert (found.rule, found.severity) == ("data_retention.present", PolicyViolationSeverity.ERROR)


@pytest.mark.parametrize(("kind", "most"), [("operational", 2555), ("analytical", 1095), ("logs", 365)])
def test_each_kind_of_data_is_kept_for_the_time_that_the_file_says_at_most(engine, kind, most):
    """7 years, 3 years and 1 year of 365 days."""
    assert engine.validate_data_product(spec(data_kind=kind, retention_days=most)) == []
    (found,) = engine.validate_data_product(spec(data_kind=kind, retention_days=most + 1))
    assert found.rule == f"data_retention.{kind}"
    assert str(most) in found.message


def test_the_example_contract_is_blocked_until_it_says_its_classification_and_retention(engine):
    found = engine.validate_data_product(CONTRACT)
    assert {v.message for v in found if v.is_blocking} == {
        "Data classification not specified",
        "Retention period not specified",
    }
    assert not engine.enforce_policies(CONTRACT, "pr")
    assert [str(v.place) for v in found if v.is_blocking] == [f"{CONTRACT.resolve().relative_to(Path.cwd())}:2:1"] * 2
    assert not [v for v in found if "completeness" in v.message or "freshness" in v.message]
    document = yaml.safe_load(CONTRACT.read_text())
    assert engine.enforce_policies(document | {"classification": "internal", "retention_days": 1095}, "pr")
    for missing in ("classification", "retention_days"):
        said = {"classification": "internal", "retention_days": 1095} | {missing: None}
        assert not engine.enforce_policies(document | {k: v for k, v in said.items() if v}, "pr")


def test_only_errors_and_critical_ones_block(engine):
    made = spec()
    made["schema"]["fields"][0]["constraints"] = ["not_null"]
    made["trash_days"] = None
    found = engine.validate_data_product({k: v for k, v in made.items() if v is not None})
    assert told(found) == [("schema_validation.primary_key", "warning"), ("data_retention.trash_said", "info")]
    assert engine.enforce_policies({k: v for k, v in made.items() if v is not None}, "pr")
    assert not engine.enforce_policies(spec(retention_days=None), "pr")
    assert not engine.enforce_policies(personal(audit_logging_enabled=False), "pr")


def test_at_publish_a_product_without_a_run_is_blocked_by_the_quality_gate_and_not_at_a_pull_request(engine):
    assert not engine.enforce_policies(spec())
    assert told(of(engine.validate_data_product(spec(), at="publish"), "quality_gates")) == [
        ("quality_gates.run", "error")
    ]
    assert engine.enforce_policies(spec(), "pr")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"name": "trips"},
        spec(schema={"fields": [{"type": "string"}]}),
        spec(schema={"fields": [{"name": "a", "is_pii": "maybe"}, "b", 3, None]}),
        spec(schema=[1]),
        spec(schema=None, sla={"quality_checks": [{"query": "SELECT 1"}, {"name": "x"}, 7]}),
        spec(owner=3, tags=None, observability=[]),
        spec(classification=7),
        spec(retention_days=3.5, ttl=float("nan")),
        spec(changelog=[{"date": datetime(2026, 1, 1, tzinfo=UTC)}], tags={"a", "b"}),
    ],
    ids=lambda broken: ",".join(broken),
)
def test_a_malformed_product_gives_violations_and_no_exception(engine, broken):
    found = engine.validate_data_product(deepcopy(broken))
    assert found
    assert all(v.message and v.place for v in found)
    assert not engine.enforce_policies(broken, "pr")
    json.dumps(engine.generate_compliance_report(broken))


def test_a_column_without_a_name_and_an_unknown_key_are_one_violation_each_with_place_and_remedy(engine):
    made = spec(retention_day=365)
    made["schema"]["fields"].append({"type": "string", "description": "?"})
    found = engine.validate_data_product(made)
    assert [(v.policy_name, v.rule, v.message, v.remedy) for v in found] == [
        ("contract", "MK104", "key 'name' is missing", "name the column"),
        ("contract", "MK102", "unknown key 'retention_day'", "did you mean 'retention_days'?"),
    ]
    assert all(v.place.file == "<data product>" for v in found)


def test_a_value_that_cannot_be_read_is_told_once_and_not_as_missing_besides(engine):
    (found,) = engine.validate_data_product(spec(retention_days="a year"))
    assert found.rule == "MK103"
    assert "retention_days" in found.message


def test_a_value_that_no_file_could_hold_is_refused(engine):
    with pytest.raises(meshkit.ContractError, match="is of type object"):
        engine.validate_data_product(spec(tags=[object()]))
    with pytest.raises(meshkit.UsageError):
        engine.validate_data_product(7)


def test_a_report_comes_from_a_real_evaluation(engine):
    report = engine.generate_compliance_report(CONTRACT)
    assert report["product_id"] == "sales.sales_orders_analytical"
    assert report["compliance_status"] == "non-compliant"
    assert report["blocked"] is True
    assert report["last_checked"] == "2026-11-22T00:00:00+00:00"
    assert report["policies_evaluated"] == [
        "data_classification", "pii_handling", "data_retention", "schema_validation", "data_quality", "observability",
    ], "breaking_changes is not: there is nothing to compare with"  # fmt: skip
    assert {v["rule"] for v in report["violations"] if v["blocking"]} == {
        "data_classification.present",
        "data_retention.present",
    }
    assert {u["rule"].partition(".")[0] for u in report["unknown"]} == {"quality_gates", "data_quality"}
    json.dumps(report)


def test_a_report_without_a_given_clock_says_when_it_was_made():
    before = datetime.now(UTC)
    made = GovernanceEngine(POLICIES).generate_compliance_report(spec())["last_checked"]
    assert before <= datetime.fromisoformat(made) <= datetime.now(UTC)


def test_what_cannot_be_told_yet_is_unknown_and_never_compliant(engine):
    assert engine.generate_compliance_report(spec())["compliance_status"] == "unknown"


def test_with_a_run_that_met_all_checks_a_product_is_compliant(engine, tmp_path):
    made = spec()
    made["sla"]["freshness"] = {"max_age_hours": 24, "source": "file"}
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    product = meshkit.load(tmp_path / "trips.yaml").product("trips")
    run = product.check(tables={"trips": pa.table({"id": ["a", "b"], "km": [1, 2]})}, now=NOW)
    assert run.outcome in ("passed", "warned"), run
    report = engine.generate_compliance_report(product, at="publish", run=run)
    assert (report["compliance_status"], report["unknown"], report["violations"]) == ("compliant", [], [])
    assert engine.enforce_policies(product, run=run)
    bad = product.check(tables={"trips": pa.table({"id": ["a", "a"], "km": [1, 2]})}, now=NOW)
    assert not engine.enforce_policies(product, run=bad)
    assert told(engine.validate_data_product(product, at="publish", run=bad)) == [("quality_gates.failed", "error")]


def test_the_same_product_is_judged_alike_from_a_file_a_mapping_a_product_and_a_contract(engine, tmp_path):
    made = spec(retention_days=9_999)
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    product = meshkit.load(tmp_path / "trips.yaml").product("trips")
    judged = [told(engine.validate_data_product(s)) for s in (tmp_path / "trips.yaml", made, product, product.contract)]
    assert judged == [[("data_retention.analytical", "error")]] * 4


def test_policies_are_taken_from_a_file_a_mapping_or_a_mesh(tmp_path):
    (tmp_path / "governance.yaml").write_text(POLICIES.read_text())
    whole = yaml.safe_load(POLICIES.read_text())
    for policies in (POLICIES, str(POLICIES), whole, whole["governance"], tmp_path, meshkit.load(tmp_path)):
        found = GovernanceEngine(policies, now=NOW).validate_data_product(spec(classification=None))
        assert told(found) == [("data_classification.present", "error")]


def test_policies_that_are_not_there_or_cannot_be_read_are_refused_at_once(tmp_path):
    with pytest.raises(meshkit.ContractError):
        GovernanceEngine(tmp_path / "nothing.yaml")
    with pytest.raises(meshkit.ContractError, match="no policies"):
        GovernanceEngine(meshkit.load(tmp_path))
    with pytest.raises(meshkit.ContractError, match="global_polices"):
        GovernanceEngine({"global_polices": []})
    with pytest.raises(meshkit.UsageError):
        GovernanceEngine(7)


def test_every_policy_of_the_file_is_known_by_its_name_and_executable(engine):
    assert [(p.id, p.why_not) for p in engine.policies if not p.domain] == [
        (name, "")
        for name in ("data_classification", "pii_handling", "data_retention", "schema_validation", "quality_gates",
                     "breaking_changes", "observability")
    ]  # fmt: skip


def test_a_run_that_never_looked_at_a_product_is_no_run_of_it(engine, tmp_path):
    made = spec()
    made["observability"]["alerts"][0]["condition"] = "nonsense > 3"  # an error, which keeps it from being checked
    (tmp_path / "trips.yaml").write_text(yaml.safe_dump(made))
    product = meshkit.load(tmp_path / "trips.yaml").product("trips")
    run = product.check(now=NOW)
    assert run.verdicts == ()
    assert told(of(engine.validate_data_product(product, at="publish", run=run), "quality_gates")) == [
        ("quality_gates.run", "error")
    ]
