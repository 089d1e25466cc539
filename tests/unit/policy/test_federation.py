"""What domains may make of policies of all, times of grace, policies that are taken on, and numbers in prose."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from tests.unit.policy.one_product import rules_of

from meshkit.loading.source import Source
from meshkit.model.governance import GovernanceForm
from meshkit.policy.binding import bind
from meshkit.policy.prose import Unreadable, params_of

RETENTION = {"name": "data_retention", "mandatory": True, "policy": "Kept:\n- Analytical data: 3 years\n"}


def governance(domain=None, **keys):
    policy = {**RETENTION, **keys}
    found = {"global_policies": [{k: v for k, v in policy.items() if v is not None}]}
    return found | ({"domain_policies": {"d": {"policies": [{"id": "data_retention", **domain}]}}} if domain else {})


def bound(form):
    source = Source("governance.yaml", yaml.safe_dump({"governance": form}, sort_keys=False))
    return bind(GovernanceForm.model_validate(form), source.place)


def test_a_domain_tightens_and_both_rules_hold(govern_one):
    tightened = governance({"params": {"analytical_days": "1 year"}})
    assert not bound(tightened)[1]
    assert "data_retention.analytical" in rules_of(govern_one({"retention_days": 366}, tightened))
    assert "data_retention.analytical" not in rules_of(govern_one({"retention_days": 365}, tightened))
    elsewhere = rules_of(govern_one({"retention_days": 366, "domain": "e"}, tightened), "e.p")
    assert "data_retention.analytical" not in elsewhere


def test_a_domain_states_a_number_that_nobody_else_states(govern_one):
    tightened = governance({"params": {"logs_days": 30}})
    logs = {"data_kind": "logs", "retention_days": 31}
    assert "data_retention.logs" in rules_of(govern_one(logs, tightened))
    assert "data_retention.logs" not in rules_of(govern_one({**logs, "retention_days": 30}, tightened))
    assert "data_retention.logs" not in rules_of(govern_one(logs, governance()))


def test_one_violation_is_told_once_with_the_graver_severity(govern_one):
    found = govern_one({"retention_days": 1096}, governance({"severity": "critical"}))
    assert [(v.rule, str(v.severity)) for v in found.violations] == [("data_retention.analytical", "critical")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"params": {"analytical_days": "4 years"}}, "analytical_days: 1460 for 1095"),
        ({"severity": "info"}, "severity: info"),
        ({"enforce": ["publish"]}, "enforce: publish"),
        ({"grace_until": "2030-01-01"}, "grace_until: 2030-01-01"),
        ({"mandatory": False}, "mandatory: false"),
    ],
)
def test_what_would_loosen_a_mandatory_policy_is_refused_with_both_places(change, said, govern_one):
    loosened = governance(change)
    (problem,) = bound(loosened)[1]
    assert (problem.code, problem.place.line) == ("MK421", 13)
    assert "(governance.yaml:3:5)" in problem.message
    assert problem.message.endswith(said)
    (violation,) = govern_one({"retention_days": 1096}, loosened).violations
    assert (str(violation.severity), violation.is_blocking) == ("error", True)


def test_a_policy_that_is_not_mandatory_may_be_loosened_for_the_domain_alone(govern_one):
    loosened = governance({"params": {"analytical_days": "4 years"}}, mandatory=False)
    assert not bound(loosened)[1]
    assert "data_retention.analytical" not in rules_of(govern_one({"retention_days": 1096}, loosened))
    assert "data_retention.analytical" in rules_of(govern_one({"retention_days": 1096, "domain": "e"}, loosened), "e.p")


def test_a_policy_that_nobody_has_cannot_be_tightened():
    form = governance() | {"domain_policies": {"d": {"policies": [{"id": "data_retenton"}]}}}
    (problem,) = bound(form)[1]
    assert (problem.code, problem.hint) == ("MK420", "did you mean 'data_retention'?")


def test_a_number_of_a_domain_that_cannot_be_read_changes_nothing():
    policies, (problem,) = bound(governance({"params": {"analytical_days": "a while"}}))
    assert (problem.code, len(policies[0].rules)) == ("MK426", len(bound(governance())[0][0].rules))


@pytest.mark.parametrize(
    ("today", "status"), [("2026-11-21", "grace"), ("2026-11-22", "grace"), ("2026-11-23", "non-compliant")]
)
def test_the_last_day_of_grace_still_only_warns(today, status, govern_one):
    found = govern_one({"retention_days": None}, governance(grace_until="2026-11-22"), now=today).products[0]
    assert (str(found.status), found.is_blocked) == (status, status == "non-compliant")
    assert (found.violations[0].grace_until == date(2026, 11, 22)) is (status == "grace")


OPT_IN = {"policies": [{"id": "tagged", "require": "len(tags) > 0", "opt_in": True, "message": "no tags"}]}


def test_a_product_takes_on_more_and_never_less(govern_one):
    assert rules_of(govern_one({}, OPT_IN)) == set()
    assert rules_of(govern_one({"policies": ["tagged"]}, OPT_IN)) == {"tagged"}
    binding = {"policies": [{**OPT_IN["policies"][0], "opt_in": False}]}
    for named in ([], ["tagged"], ["another"]):
        assert rules_of(govern_one({"policies": named}, binding)) == {"tagged"}


@pytest.mark.parametrize(
    ("policy", "prose", "params"),
    [
        ("data_retention", "- Analytical data: 3 years", {"analytical_days": 1095}),
        ("data_retention", "  - Operational data :  7 years ", {"operational_days": 2555}),
        ("data_retention", "- Logs: 12 months\n- Deleted data: <= 30 days in trash", {"logs_days": 360, "trash_days": 30}),
        ("data_retention", "- Logs: 365_days", {"logs_days": 365}),
        ("data_retention", "Logs are kept for a year", {}),
        ("data_retention", "- Backups: forever", {}),
        ("breaking_changes", "- 45-day deprecation notice", {"notice_days": 45}),
        ("breaking_changes", "- Major version increment", {}),
        ("data_classification", "- Public: all\n- Top Secret: few", {"known": ("public", "top secret")}),
        ("data_classification", "Be careful", {"known": ("public", "internal", "confidential", "restricted")}),
    ],
)  # fmt: skip
def test_numbers_are_read_from_lines_of_prose(policy, prose, params):
    assert params_of(policy, prose, {}) == params


@pytest.mark.parametrize(
    ("policy", "prose"),
    [
        ("data_retention", "- Logs: as long as needed"),
        ("quality_gates", "- Warning threshold: some"),
        ("breaking_changes", "- Timely deprecation notice"),
    ],
)
def test_a_line_whose_value_cannot_be_read_makes_a_policy_not_executable(policy, prose):
    with pytest.raises(Unreadable):
        params_of(policy, prose, {})
    section = "global_policies" if policy == "data_retention" else "automated_policies"
    key = "policy" if policy == "data_retention" else "check"
    (found,) = bound({section: [{"name": policy, key: prose}]})[0]
    assert found.why_not
    assert not found.rules


def test_params_win_over_the_prose_even_where_that_cannot_be_read():
    prose = {"data_retention": "- Logs: forever", "breaking_changes": "- Timely deprecation notice"}
    assert params_of("data_retention", prose["data_retention"], {"logs_days": "2 years"}) == {"logs_days": 730}
    assert params_of("breaking_changes", prose["breaking_changes"], {"notice_days": 10}) == {"notice_days": 10}


@pytest.mark.parametrize(("years", "is_violated"), [("3 years", True), ("4 years", False)])
def test_another_number_in_the_prose_is_another_verdict(years, is_violated, govern_one):
    form = governance(policy=f"- Analytical data: {years}\n")
    assert ("data_retention.analytical" in rules_of(govern_one({"retention_days": 1200}, form))) is is_violated


@pytest.mark.parametrize(("share", "is_violated"), [("99.5%", True), ("99.4%", False)])
def test_another_share_of_a_domain_is_another_verdict(share, is_violated, govern_one):
    form = {"domain_policies": {"d": {"data_quality": [{"completeness": f">= {share}"}]}}}
    change = {"sla": {"completeness": {"min_threshold": "99.4%"}}}
    assert ("data_quality.completeness" in rules_of(govern_one(change, form))) is is_violated


def test_prose_without_a_rule_is_told_and_is_never_met(govern_one):
    found = govern_one({}, {"global_policies": [{"name": "month_end_freeze", "policy": "Nothing is published."}]})
    assert [(p.id, p.why_not) for p in found.not_executable] == [
        ("month_end_freeze", "no rule stands beside its prose")
    ]
    assert found.products[0].evaluated == ()
