"""What a mesh may make of policies that it extends: it adds and tightens; what would loosen is told with both places, and has no effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.policy.one_product import rules_of, text_of

import meshkit
from meshkit.governing import agreed, govern
from meshkit.policies import explain_policy

RETENTION = {"name": "data_retention", "policy": "- Analytical data: 3 years\n"}
COLUMNS = {"id": "narrow", "require": "product.columns <= params.most", "params": {"most": 5}, "message": "too wide"}


@pytest.fixture
def extending(tmp_path, monkeypatch):
    """Make a mesh of one product whose governor and whose own file say what they are given."""
    monkeypatch.chdir(tmp_path)

    def make(governor: Any, own: Any = None, change: Any = None, second: Any = None) -> meshkit.Mesh:
        files = {"gov/policy.yaml": {"governance": governor}, "mesh/meshkit.yaml": {"extends": ["../gov"]}}
        if second is not None:
            files["more/policy.yaml"] = {"governance": second}
            files["mesh/meshkit.yaml"]["extends"].append("../more")
        if own is not None:
            files["mesh/policy.yaml"] = {"governance": own}
        for name, values in files.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(yaml.safe_dump(values, sort_keys=False))
        Path("mesh/p.yaml").write_text(text_of(change))
        return meshkit.load("mesh")

    return make


def found(mesh: meshkit.Mesh) -> set[str]:
    return rules_of(govern(mesh, now="2026-11-22"))


def refused(mesh: meshkit.Mesh) -> list[str]:
    """Return what lint and the gate refuse; both must."""
    told = [p for p in mesh.problems if p.code == "MK175"] + list(agreed(mesh).problems)
    linted = [p for p in mesh.lint() if p.code in ("MK175", "MK421")]
    assert sorted(map(str, told)) == sorted(map(str, linted))
    return [str(p) for p in linted]


def globals_(*policies: Any, **keys: Any) -> dict[str, Any]:
    return {"global_policies": list(policies), **keys}


def test_the_governors_policy_holds_where_the_mesh_says_nothing(extending):
    assert "data_retention.analytical" in found(extending(globals_(RETENTION), None, {"retention_days": 1096}))
    assert "data_retention.analytical" not in found(extending(globals_(RETENTION), {}, {"retention_days": 1095}))


def test_a_mesh_tightens_a_number_and_states_one_that_the_governor_does_not(extending):
    own = globals_({"name": "data_retention", "params": {"analytical_days": 365, "logs_days": 30}})
    mesh = extending(globals_(RETENTION), own, {"retention_days": 366})
    assert refused(mesh) == []
    assert "data_retention.analytical" in found(mesh)
    assert "data_retention.analytical" not in found(extending(globals_(RETENTION), own, {"retention_days": 365}))
    logs = {"data_kind": "logs", "retention_days": 31}
    assert "data_retention.logs" in found(extending(globals_(RETENTION), own, logs))


def test_an_automated_policy_of_the_mesh_tightens_a_global_one_of_the_governor_and_the_other_way_round(extending):
    strict = {"name": "data_retention", "params": {"analytical_days": 365}}
    loose = {"name": "data_retention", "params": {"analytical_days": 500}}
    for governor, own in (
        ({"global_policies": [loose]}, {"automated_policies": [strict]}),
        ({"automated_policies": [loose]}, {"global_policies": [strict]}),
    ):
        mesh = extending(governor, own, {"retention_days": 400})
        assert refused(mesh) == []
        assert "data_retention.analytical" in found(mesh)
    for governor, own in (
        ({"global_policies": [strict]}, {"automated_policies": [loose]}),
        ({"automated_policies": [strict]}, {"global_policies": [loose]}),
    ):
        mesh = extending(governor, own, {"retention_days": 400})
        (said,) = refused(mesh)
        assert said.startswith("mesh/policy.yaml:3:5: MK175")
        assert "(gov/policy.yaml:3:5)" in said
        assert "data_retention.analytical" in found(mesh)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"policy": "- Analytical data: 4 years\n"}, "analytical_days: 1460 for 1095"),
        ({"params": {"analytical_days": 1096}}, "analytical_days: 1096 for 1095"),
        ({"grace_until": "2030-01-01"}, "grace_until: 2030-01-01"),
        ({"mandatory": False}, "mandatory: false"),
    ],
)
def test_what_would_loosen_is_refused_with_both_places_and_has_no_effect(extending, own, said):
    governor = globals_({**RETENTION, "mandatory": True})
    mesh = extending(governor, globals_({"name": "data_retention", **own}), {"retention_days": 1096})
    (problem,) = refused(mesh)
    assert problem.startswith("mesh/policy.yaml:3:5: MK175")
    assert "gov/policy.yaml:3:5" in problem
    assert said in problem
    (violation,) = [v for v in govern(mesh, now="2026-11-22").violations if v.rule == "data_retention.analytical"]
    assert violation.grace_until is None


def test_a_number_of_a_policy_that_is_not_mandatory_is_not_loosened_either(extending):
    own = globals_({"name": "data_retention", "params": {"analytical_days": 2000}})
    mesh = extending(globals_(RETENTION), own, {"retention_days": 1096})
    assert len(refused(mesh)) == 1
    assert "data_retention.analytical" in found(mesh)


def test_no_domain_of_the_mesh_loosens_what_is_extended_though_one_of_the_governor_may(extending):
    domain = {"d": {"policies": [{"id": "data_retention", "params": {"analytical_days": 2000}}]}}
    mesh = extending(globals_(RETENTION), {"domain_policies": domain}, {"retention_days": 1500})
    (problem,) = refused(mesh)
    assert "domain 'd' would loosen the extended policy data_retention (gov/policy.yaml:3:5)" in problem
    assert "data_retention.analytical" in found(mesh)
    Path("mesh/policy.yaml").unlink()
    by_governor = extending(globals_(RETENTION, domain_policies=domain), None, {"retention_days": 1500})
    assert refused(by_governor) == []
    assert "data_retention.analytical" not in found(by_governor)


def test_what_an_entry_leaves_out_changes_nothing(extending):
    governor = globals_({**RETENTION, "mandatory": True, "grace_until": "2027-01-31"})
    mesh = extending(governor, globals_({"name": "data_retention"}), {"retention_days": 1096})
    assert refused(mesh) == []
    (policy,) = [p for p in agreed(mesh).policies if p.id == "data_retention"]
    assert policy.mandatory
    (violation,) = [v for v in govern(mesh, now="2026-11-22").violations if v.rule == "data_retention.analytical"]
    assert str(violation.grace_until) == "2027-01-31"


def test_a_mesh_shortens_a_time_of_grace_and_makes_a_policy_mandatory(extending):
    governor = globals_({**RETENTION, "grace_until": "2027-01-31"})
    own = globals_({"name": "data_retention", "grace_until": "2026-10-31", "mandatory": True})
    mesh = extending(governor, own, {"retention_days": 1096})
    assert refused(mesh) == []
    (violation,) = [v for v in govern(mesh, now="2026-11-22").violations if v.rule == "data_retention.analytical"]
    assert violation.grace_until is None
    assert [p.mandatory for p in agreed(mesh).policies if p.id == "data_retention"] == [True]


def test_classifications_may_be_fewer_and_not_more(extending):
    governor = globals_({"name": "data_classification", "policy": "- Public: a\n- Internal: b\n- Confidential: c\n"})
    fewer = globals_({"name": "data_classification", "policy": "- Public: a\n- Internal: b\n"})
    mesh = extending(governor, fewer)  # the product is confidential
    assert refused(mesh) == []
    assert "data_classification.known" in found(mesh)
    more = globals_({"name": "data_classification", "policy": "- Public: a\n- Secret: b\n"})
    assert len(refused(extending(governor, more))) == 1


def test_a_policy_of_the_governors_own_is_tightened_by_its_number_and_both_hold(extending):
    mesh = extending({"policies": [COLUMNS]}, globals_({"name": "narrow", "params": {"most": 1}}))
    assert refused(mesh) == []
    assert [p.code for p in mesh.lint()] == []
    assert "narrow" in found(mesh)  # it has two columns
    looser = extending(
        {"policies": [{**COLUMNS, "params": {"most": 1}}]}, globals_({"name": "narrow", "params": {"most": 9}})
    )
    assert "narrow" in found(looser)


def test_nothing_stands_in_the_place_of_an_extended_policy(extending):
    mesh = extending({"policies": [{**COLUMNS, "params": {"most": 1}}]}, {"policies": [{**COLUMNS, "require": "true"}]})
    (problem,) = refused(mesh)
    assert "policy 'narrow' is extended (gov/policy.yaml:3:5)" in problem
    assert "narrow" in found(mesh)


def test_a_mesh_adds_policies_of_its_own(extending):
    mesh = extending(globals_(RETENTION), {"policies": [{**COLUMNS, "params": {"most": 1}}]}, {"retention_days": 1096})
    assert refused(mesh) == []
    assert found(mesh) >= {"narrow", "data_retention.analytical"}


def test_of_two_governors_the_first_stands_above_the_second(extending):
    second = globals_({"name": "data_retention", "params": {"analytical_days": 2000}})
    mesh = extending(globals_(RETENTION), None, {"retention_days": 1096}, second)
    (problem,) = refused(mesh)
    assert problem.startswith("more/policy.yaml:3:5: MK175")
    assert "data_retention.analytical" in found(mesh)


@pytest.mark.parametrize(
    ("governor", "own", "effective", "is_refused"),
    [
        (">= 99%", ">= 99.5%", ">= 99.5%", False),
        (">= 99%", ">= 98%", ">= 99%", True),
        (">= 99%", "> 99%", "> 99%", False),
        ("> 99%", ">= 99%", "> 99%", True),
        (">= 99%", "<= 99.9%", ">= 99%", True),
        (">= 99%", ">= 99%", ">= 99%", False),
        (None, ">= 50%", ">= 50%", False),
    ],
)
def test_of_two_demands_of_a_domain_the_stricter_holds(extending, governor, own, effective, is_refused):
    def demand(text):
        return {"domain_policies": {"d": {"data_quality": {"completeness": text} if text else {}}}}

    mesh = extending(demand(governor), demand(own))
    assert mesh.governance.domain_policies["d"].data_quality.completeness == effective
    assert len([p for p in mesh.problems if p.code == "MK175"]) == is_refused
    for problem in mesh.problems:
        assert str(problem.place) == "mesh/policy.yaml:5:9"
        assert "(gov/policy.yaml:5:9)" in problem.message


def test_an_age_may_be_less_and_not_more(extending):
    def demand(text):
        return {"domain_policies": {"d": {"data_quality": {"freshness": text}}}}

    assert [p.code for p in extending(demand("<= 24 hours"), demand("<= 2 hours")).problems] == []
    assert [p.code for p in extending(demand("<= 24 hours"), demand("<= 2 days")).problems] == ["MK175"]


def test_access_is_guarded_by_what_both_say(extending):
    def guard(**keys):
        return {"domain_policies": {"d": {"access_control": keys}}}

    mesh = extending(
        guard(pii_fields=["email"], sox_compliance=True, default_access="internal"),
        guard(pii_fields=["phone"], audit_all_access=True, default_access="confidential"),
    )
    access = mesh.governance.domain_policies["d"].access_control
    assert (access.pii_fields, access.sox_compliance, access.audit_all_access) == (["email", "phone"], True, True)
    assert (access.default_access, list(mesh.problems)) == ("confidential", [])
    looser = extending(
        guard(sox_compliance=True, default_access="internal"), guard(sox_compliance=False, default_access="public")
    )
    assert [p.code for p in looser.problems] == ["MK175", "MK175"]
    assert looser.governance.domain_policies["d"].access_control.sox_compliance is True
    shorter = extending(guard(max_days=90, auto_approve_days=30), guard(max_days=60, auto_approve_days=40))
    assert [p.code for p in shorter.problems] == ["MK175"]
    access = shorter.governance.domain_policies["d"].access_control
    assert (access.max_days, access.auto_approve_days) == (60, 30)


def test_what_must_be_observed_is_joined(extending):
    mesh = extending(
        {"observability_requirements": {"metrics": ["rows"], "alerts": ["late"]}},
        {"observability_requirements": {"metrics": ["rows", "nulls"]}},
    )
    asked = mesh.governance.observability_requirements
    assert (asked.metrics, asked.alerts) == (["rows", "nulls"], ["late"])


def test_numbers_are_explained_with_the_place_of_each(extending):
    own = globals_({"name": "data_retention", "params": {"analytical_days": 365}})
    (explained,) = explain_policy(extending(globals_(RETENTION), own), "data_retention")
    places = {
        (n.value, n.place.file)
        for r in explained.rules
        if r.rule.id == "data_retention.analytical"
        for n in r.numbers
        if n.name == "analytical_days"
    }
    assert places == {("1095", "gov/policy.yaml"), ("365", "mesh/policy.yaml")}


def test_a_product_opts_out_of_nothing(extending):
    mesh = extending(globals_(RETENTION), {"policies": []}, {"retention_days": 1096, "policies": []})
    assert "data_retention.analytical" in found(mesh)
