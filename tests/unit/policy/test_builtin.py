"""Each built-in rule: one product that violates it, and one that keeps it."""

from __future__ import annotations

import re

import pytest
from tests.unit.policy.one_product import FIELDS, GOVERNANCE, PRODUCT, rules_of, text_of

from meshkit.model.policy import Over, PolicyRule
from meshkit.model.policy_rows import ROWS
from meshkit.model.run import Outcome
from meshkit.policy.builtin import ALERT, BUILT_IN, DOMAIN, METRIC
from meshkit.policy.statement import _trusted
from meshkit.sql.policies import Row, compile_expression


def fields(**change):
    """The two columns, the second changed; None takes a key out."""
    merged = {**FIELDS[1], **change}
    return {"schema": {**PRODUCT["schema"], "fields": [FIELDS[0], {k: v for k, v in merged.items() if v is not None}]}}


def sla(**change):
    return {"sla": {k: v for k, v in {**PRODUCT["sla"], **change}.items() if v is not None}}


NO_SCHEMA = {"schema": {"location": "t.parquet", "fields": []}, "sla": None, "privacy": None}
PLATFORM = (
    "platform:\n  storage:\n    - name: lake\n      type: s3\n      lifecycle_policies:\n        - expire: 365_days\n"
)
ROLES = {"discovery": "domain", "read": [{"role": "analyst"}], "write": [{"role": "engineer"}]}

# rule: what violates it, what keeps it
STATIC = {
    "data_classification.present": ({"classification": None}, {"classification": "public"}),
    "data_classification.known": ({"classification": "secret"}, {"classification": "RESTRICTED"}),
    "data_classification.roles": ({"access": {**ROLES, "read": [{"domain": "sales"}]}}, {}),
    "data_classification.discovery": ({"access": {**ROLES, "discovery": "public"}}, {"access": {**ROLES, "discovery": "private"}}),
    "pii_handling.encryption": ({"encryption_enabled": None, **fields(mask=None)}, {"encryption_enabled": None}),
    "pii_handling.audit": ({"audit_logging_enabled": False}, {}),
    "pii_handling.category": (fields(pii_category=None, is_pii=True), {}),
    "pii_handling.column": (fields(mask=None), fields(mask=None, encrypted=True)),
    "pii_handling.listed": (fields(pii_category=None, mask=None), {}),
    "pii_handling.suspected": (
        {**fields(name="home_phone", pii_category=None, mask=None), "privacy": None},
        {**fields(name="home_phone"), "privacy": {**PRODUCT["privacy"], "erasure_key": "id"}},
    ),
    "pii_handling.lawful_basis": ({"privacy": {**PRODUCT["privacy"], "lawful_basis": " "}}, {}),
    "pii_handling.purpose": ({"privacy": {**PRODUCT["privacy"], "purpose": ""}}, {}),
    "pii_handling.erasure": ({"privacy": {"lawful_basis": "contract", "purpose": "x"}}, {}),
    "data_retention.present": ({"retention_days": None}, {"retention_days": 1}),
    "data_retention.operational": ({"data_kind": "operational", "retention_days": 2556}, {"data_kind": "operational", "retention_days": 2555}),
    "data_retention.analytical": ({"retention_days": 1096}, {"retention_days": 1095}),
    "data_retention.logs": ({"data_kind": "logs", "retention_days": 366}, {"data_kind": "logs", "retention_days": 365}),
    "data_retention.trash": ({"trash_days": 31}, {"trash_days": 30}),
    "data_retention.trash_said": ({"trash_days": None}, {}),
    "schema_validation.schema": (NO_SCHEMA, {}),
    "schema_validation.primary_key": ({"schema": {**PRODUCT["schema"], "fields": [{**FIELDS[0], "constraints": ["unique"]}, FIELDS[1]]}}, {}),
    "schema_validation.description": (fields(description="  "), {}),
    "schema_validation.type": (fields(type=None), {}),
    "schema_validation.constraints": ({"schema": {**PRODUCT["schema"], "fields": [{**FIELDS[0], "constraints": []}, FIELDS[1]]}}, {}),
    "schema_validation.quality_checks": (sla(quality_checks=[]), {}),
    "schema_validation.completeness": (sla(completeness=None), {}),
    "schema_validation.freshness": (sla(freshness=None), {}),
    "data_quality.completeness": (sla(completeness={"min_threshold": "98.9%"}), sla(completeness={"min_threshold": "99%"})),
    "data_quality.freshness": (sla(freshness={"max_age_hours": 25}), sla(freshness={"max_age_hours": 24})),
    "access_control.sox_approval": ({"access": {**ROLES, "write": []}}, {}),
    "access_control.sox_duties": ({"access": {**ROLES, "unmask": [{"role": "engineer"}]}}, {"access": {**ROLES, "unmask": [{"role": "auditor"}]}}),
    "access_control.audit_all_access": ({"audit_logging_enabled": None}, {}),
    "observability.metric.row_count": ({"observability": {"metrics": ["null_rate"]}}, {}),
    "observability.metric.null_rate": ({"observability": {"metrics": ["row_count"]}}, {"observability": {"metrics": ["null_rate"]}}),
    "observability.alert.freshness_violation": ({"observability": {"alerts": [{"type": "volume", "condition": "row_count < 1"}]}}, {}),
}  # fmt: skip

# rule: verdicts that violate it, verdicts that keep it
RUNS = {
    "quality_gates.run": (None, {}),
    "quality_gates.failed": ({"known": {"outcome": Outcome.FAILED, "bad": 1}}, {"soft": {"outcome": Outcome.WARNED}}),
    "quality_gates.errored": ({"known": {"outcome": Outcome.ERRORED, "bad": None, "total": None}}, {}),
    "quality_gates.warnings": ({"soft": {"outcome": Outcome.WARNED, "bad": 1}}, {"soft": {"outcome": Outcome.WAIVED, "bad": 1}}),
    "data_quality.accuracy": ({"known": {"bad": 6, "total": 1000}}, {"known": {"bad": 5, "total": 1000}}),
    "data_quality.completeness_measured": ({".completeness": {"value": 0.989}}, {".completeness": {"value": 0.99}}),
    "data_quality.freshness_measured": ({".freshness": {"value": 24.5}}, {".freshness": {"value": 24.0}}),
}  # fmt: skip


@pytest.mark.parametrize("rule", STATIC)
def test_a_contract_that_violates_and_one_that_keeps_it(rule, govern_one):
    violating, keeping = STATIC[rule]
    assert rule in rules_of(govern_one(violating))
    assert rule not in rules_of(govern_one(keeping))


@pytest.mark.parametrize("rule", RUNS)
def test_a_run_that_violates_and_one_that_keeps_it(rule, govern_one):
    violating, keeping = RUNS[rule]
    assert rule in rules_of(govern_one(run=violating))
    assert rule not in rules_of(govern_one(run=keeping))


def test_the_product_of_these_tests_keeps_every_policy(govern_one):
    (found,) = govern_one(run={}).products
    assert (found.violations, str(found.status)) == ((), "compliant")


def test_the_platform_of_the_reference_deletes_after_a_year_what_may_be_kept_for_three(govern_one):
    found = govern_one(platform=PLATFORM)
    (said,) = [v for v in found.violations if v.rule == "data_retention.lifecycle_analytical"]
    assert (str(said.severity), said.message) == (
        "warning", "The platform deletes objects after 365.0 days, before their time is over",
    )  # fmt: skip
    assert not said.is_blocking
    longer = PLATFORM.replace("365_days", "1095_days")
    assert "data_retention.lifecycle_analytical" not in rules_of(govern_one(platform=longer))
    assert "data_retention.lifecycle_operational" in rules_of(govern_one({"data_kind": "operational"}, platform=longer))
    logs = {"data_kind": "logs", "retention_days": 366}
    assert "data_retention.lifecycle_logs" in rules_of(govern_one(logs, platform=PLATFORM))
    assert "data_retention.lifecycle_logs" not in rules_of(
        govern_one({**logs, "retention_days": 365}, platform=PLATFORM)
    )


def test_a_promise_of_the_service_may_not_outlast_the_retention(govern_one):
    odcs = (
        "apiVersion: v3.2.0\nkind: DataContract\nid: c\nname: p\ndomain: d\nversion: 1.0.0\nstatus: active\n"
        "schema: [{name: t, properties: [{name: a, logicalType: string}]}]\n"
        "slaProperties: [{property: retention, value: KEPT, unit: d}]\n"
        "customProperties: [{property: meshkit.retention_days, value: 30}]\n"
    )
    for kept, is_violated in (("31", True), ("30", False)):
        found = govern_one({"name": "other"}, also=(odcs.replace("KEPT", kept),))
        assert ("data_retention.sla" in rules_of(found, "d.p")) is is_violated


OLD = {
    "status": "deprecated",
    "deprecation": {"announced": "2026-10-23", "until": "2026-11-22", "migration_guide": "move.md"},
}
TEXT_ID = {"schema": {**PRODUCT["schema"], "fields": [{**FIELDS[0], "type": "string"}, FIELDS[1]]}}


def changed(govern_one, version, old, **more):
    """Govern a version whose id became a text; the old one is served on with `old`, or not at all."""
    served = (text_of(old),) if old is not None else ()
    return rules_of(govern_one({**TEXT_ID, "version": version}, base=more.get("base", {}), also=served), "d.p")


def test_a_breaking_change_needs_a_major_version_notice_guide_and_told_readers(govern_one):
    everything = {"breaking_changes.version", "breaking_changes.notice", "breaking_changes.guide"}
    assert everything <= changed(govern_one, "1.1.0", None)
    assert not {r for r in changed(govern_one, "2.0.0", OLD) if r.startswith("breaking_changes")}


@pytest.mark.parametrize(("until", "is_refused"), [("2026-11-21", True), ("2026-11-22", False)])
def test_29_days_of_notice_are_refused_and_30_accepted(until, is_refused, govern_one):
    old = {**OLD, "deprecation": {**OLD["deprecation"], "until": until}}
    assert ("breaking_changes.notice" in changed(govern_one, "2.0.0", old)) is is_refused


def test_a_blank_guide_is_no_guide(govern_one):
    old = {**OLD, "deprecation": {**OLD["deprecation"], "migration_guide": " "}}
    assert "breaking_changes.guide" in changed(govern_one, "2.0.0", old)


def test_readers_must_be_told(govern_one):
    reader = {"name": "reader", "inputs": {"o": "d.p"}, "sla": {"quality_checks": [{"name": "n", "query": "SELECT COUNT(*) FROM o WHERE o.id < 0"}]}}  # fmt: skip

    def rules(told):
        old = {**OLD, "deprecation": {**OLD["deprecation"], "notified": told}}
        also = (text_of(old), text_of(reader))
        return rules_of(govern_one({**TEXT_ID, "version": "2.0.0"}, base={}, also=also))

    assert "breaking_changes.notified" in rules([])
    assert "breaking_changes.notified" not in rules(["d.reader"])


def test_what_is_not_breaking_needs_nothing(govern_one):
    found = govern_one({"description": "Orders of customers.", "version": "1.0.1"}, base={})
    assert not {r for r in rules_of(found) if r.startswith("breaking_changes")}


EVERY = [r for rules in BUILT_IN.values() for r in rules] + [*DOMAIN.values(), METRIC, ALERT]


@pytest.mark.parametrize("rule", EVERY, ids=lambda r: r.id)
def test_the_governors_compiler_reads_our_own_expressions_as_they_are_meant(rule: PolicyRule):
    names = set(re.findall(r"params\.(\w+)", f"{rule.when} {rule.require} {rule.message}"))
    params = {n: (("a",) if n in ("known", "names") else 1) for n in names}
    rule = rule.model_copy(update={"require": rule.require.replace("{op}", ">="), "params": params})
    row = Row(tuple(ROWS[rule.over]), tuple(ROWS[Over.PRODUCT]), params)
    said = [compile_expression(_as_a_governor_writes(t, rule), row) for t in (rule.when, rule.require) if t]
    _, _, _, used = _trusted(rule)
    over_product = {n.replace("own.", "product.") for n in used} if rule.over is Over.PRODUCT else set(used)
    assert {n for e in said for n in e.columns} == over_product


def _as_a_governor_writes(text: str, rule: PolicyRule) -> str:
    return text if rule.over is Over.PRODUCT else text.replace("own.", "")


def test_every_built_in_rule_is_tested_here():
    here = set(STATIC) | set(RUNS)
    more = {f"breaking_changes.{k}" for k in ("version", "notice", "guide", "notified", "removal")} | {
        "data_retention.sla"
    }
    more |= {f"data_retention.lifecycle_{k}" for k in ("operational", "analytical", "logs")}
    known = {r.id for r in EVERY if r not in (METRIC, ALERT)}
    assert known - here - more == set()


def test_a_run_is_needed_by_the_rules_whose_rows_say_so(govern_one):
    found = govern_one(at="pr").products[0]
    wanted = {"quality_gates.run", "quality_gates.failed", "quality_gates.errored", "quality_gates.warnings"}
    wanted |= {"data_quality.accuracy", "data_quality.completeness_measured", "data_quality.freshness_measured"}
    assert {r for r, _ in found.unknown} == wanted
    assert not found.is_blocked


def test_a_column_is_shown_with_the_place_of_its_key(govern_one):
    (found,) = [v for v in govern_one(fields(description=" ")).violations if v.rule == "schema_validation.description"]
    assert (found.field, found.place.line) == ("customer_email", 21)


def test_the_governance_of_these_tests_names_every_policy():
    named = {p["name"] for s in ("global_policies", "automated_policies") for p in GOVERNANCE[s]}
    assert named == set(BUILT_IN)
