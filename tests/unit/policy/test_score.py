"""Scores worked out by hand from the formula of docs/scores.md."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pytest

import meshkit
from meshkit.governing import Known
from meshkit.model.run import Outcome
from meshkit.model.score import Badge, ProductScore, badge_of, group_score
from meshkit.policy.evaluate import Waived
from meshkit.policy.lints import LINTS, PATTERNS
from meshkit.policy.practices import PRACTICES
from meshkit.policy.score import FORMULA
from meshkit.report.score import badge_text

NOW = "2026-11-22"
BARE = [
    {"name": "id", "type": "integer", "description": "Number", "is_primary_key": True},
    {"name": "note", "type": "string"},
]
RICH = [{"name": "id", "type": "integer", "description": "Its number", "is_primary_key": True}]
FULL = {
    "owner": {"team": "shop", "contact": "shop@example.com"},
    "tags": ["core"],
    "retention_days": 30,
    "changelog": [{"version": "1.0.0", "date": "2026-11-01", "changes": ["First"]}],
    "access": {"discovery": "public", "read": [{"role": "analyst"}]},
    "sla": {
        "availability": "99%",
        "freshness": {"max_age_hours": 24, "column": "id"},
        "completeness": {"min_threshold": "99%"},
        "quality_checks": [
            {"name": "few", "query": "SELECT count(*) FROM t", "threshold": 9, "description": "Not many"}
        ],
    },
}
ORGANIZATION = json.dumps({"organization": {"domains": [{"name": "d", "bounded_context": "What is sold"}]}})


def points(score: ProductScore) -> dict[str, float | None]:
    return {p.name: None if p.points is None else round(p.points, 4) for p in score.parts}


def test_the_points_of_all_parts_make_a_hundred():
    assert sum(p.of for p in FORMULA) == 100


def test_a_bare_contract_without_a_run_or_policies(mesh, contract):
    one = meshkit.score(mesh(contract(BARE)), now=NOW).products[0]
    assert points(one) == {
        "promises": 0,
        "documentation": 5,  # one column of two; there is no quality check to describe
        "versioning": 5,  # semantic (1) and no changelog (1); nothing to compare with
        "checks": 7.5,  # (3 x 1/2 + key 1 + none of the author's) / 5
        "discoverability": 2.5,  # the description, of six
        "governance": None,
        "form": 3.3333,  # four of six: no bounded context, no owner; drift and requests are unknown
        "health": None,
    }
    assert one.of == 70
    assert one.score == pytest.approx(
        100 * float(Fraction(5 + 5) + Fraction(15, 2) + Fraction(5, 2) + Fraction(10, 3)) / 70
    )
    assert set(one.unknown) == {
        "documentation.checks", "versioning.rises", "governance", "form.unversioned_drift", "form.slow_access", "health",
    }  # fmt: skip
    assert one.badge is Badge.UNPROVEN


def test_a_full_contract_has_all_points_that_are_known(mesh, contract):
    one = meshkit.score(mesh(contract(RICH, **FULL), organization=ORGANIZATION), now=NOW).products[0]
    assert (one.score, one.of) == (100, 70)
    assert one.badge is Badge.UNPROVEN  # promises are no proof
    assert badge_text(one) == "d.p: 100.0/100 (unproven, 70 of 100 points known)"


def test_each_thing_that_is_missing_is_told_with_what_to_do(mesh, contract):
    one = meshkit.score(mesh(contract(BARE)), now=NOW).products[0]
    for item in (i for p in one.parts for i in p.items):
        assert bool(item.why) is (item.share is None or item.share < 1)
        assert bool(item.remedy) is (item.share is not None and item.share < 1)


def test_health_is_what_the_run_saw(mesh, contract):
    fields = [
        {
            "name": "id",
            "type": "integer",
            "constraints": ["not_null", "unique", {"min": {"value": 2, "severity": "warning"}}],
        }
    ]
    loaded = mesh(contract(fields))
    run = loaded.check(tables={"t": pa.table({"id": [1, 2, 2]})}, now=NOW)
    outcomes = {v.id.removeprefix("d.p.t."): (str(v.severity), v.outcome) for v in run.verdicts}
    grave = [o for s, o in outcomes.values() if s in ("error", "critical") and o is not Outcome.SKIPPED]
    warnings = [o for s, o in outcomes.values() if s == "warning" and o is not Outcome.SKIPPED]
    assert outcomes["id.unique"] == ("error", Outcome.FAILED)
    assert outcomes["id.min"] == ("warning", Outcome.WARNED)
    assert (grave.count(Outcome.PASSED), len(grave)) == (3, 4)  # columns, types, not_null; unique failed
    assert (warnings.count(Outcome.PASSED), len(warnings)) == (1, 2)  # row_count; min was not met
    one = meshkit.score(loaded, run=run, now=NOW).products[0]
    assert points(one)["health"] == 6  # 15 x (2 x 0 + 2 x 3/4 + 1 x 1/2) / 5
    assert one.badge is Badge.FAILING
    assert "form.unversioned_drift" not in one.unknown


def test_a_check_without_an_answer_is_not_met(mesh, contract):
    loaded = mesh(contract(RICH, sla={"quality_checks": [{"name": "broken", "query": "SELECT NULL", "threshold": 0}]}))
    run = loaded.check(tables={"t": pa.table({"id": [1]})}, now=NOW)
    assert run.verdict("d.p.t.broken").outcome is Outcome.ERRORED
    health = next(p for p in meshkit.score(loaded, run=run, now=NOW).products[0].parts if p.name == "health")
    shares = {i.name: i.share for i in health.items}
    assert shares["no_failures"] == 0
    assert shares["errors_met"] < 1


def test_each_policy_costs_what_its_gravest_violation_does(mesh, contract):
    def policy(name: str, severity: str, require: str = "false", **keys) -> dict:
        return {"id": name, "require": require, "severity": severity, "message": name, **keys}

    policies = [
        policy("a", "error"), policy("b", "warning"), policy("c", "info"), policy("d", "error", "true"),
        policy("e", "critical", grace_until="2026-12-01"), policy("f", "error"), policy("g", "error", opt_in=True),
        {"id": "h", "policy": "Prose alone"},
    ]  # fmt: skip
    loaded = mesh(contract(RICH), governance=json.dumps({"governance": {"policies": policies}}))
    known = Known(waivers=[Waived("f", "d.p", None, date(2026, 12, 1), "agreed")])
    found = meshkit.score(loaded, known=known, now=NOW)
    part = next(p for p in found.products[0].parts if p.name == "governance")
    assert {i.name: i.share for i in part.items} == {"a": 0, "b": 0.5, "c": 0.75, "d": 1, "e": 0.75, "f": 1}
    assert part.points == 10  # 15 x 4 / 6
    assert found.not_executable == ("h",)
    assert found.products[0].badge is Badge.FAILING  # `a` blocks it


def test_a_policy_that_only_a_run_can_judge_is_left_out_until_there_is_one(mesh, contract):
    gates = {"name": "quality_gates", "enforcement": "publish", "params": {"warning_threshold": "5%"}}
    loaded = mesh(contract(RICH), governance=json.dumps({"governance": {"automated_policies": [gates]}}))
    before = meshkit.score(loaded, now=NOW).products[0]
    assert points(before)["governance"] is None
    assert before.badge is Badge.UNPROVEN
    run = loaded.check(tables={"t": pa.table({"id": [1, 1]})}, now=NOW)
    assert points(meshkit.score(loaded, run=run, now=NOW).products[0])["governance"] == 0
    good = loaded.check(tables={"t": pa.table({"id": [1, 2]})}, now=NOW)
    assert points(meshkit.score(loaded, run=good, now=NOW).products[0])["governance"] == 15


def test_a_version_is_compared_with_what_readers_have(tmp_path, contract):
    def at(name: str, fields: list, version: str) -> meshkit.Mesh:
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.yaml").write_text(contract(fields, version=version))
        return meshkit.load(tmp_path / name)

    old = at("old", BARE, "1.0.0")
    for name, version, expected in (("minor", "1.1.0", 2.5), ("major", "2.0.0", 7.5)):  # a column is gone
        one = meshkit.score(at(name, RICH, version), base=old, now=NOW).products[0]
        assert points(one)["versioning"] == expected  # semantic 1, rises 0 or 2, no changelog: of 4
    assert "versioning.rises" in meshkit.score(old, now=NOW).products[0].unknown


def test_a_domain_is_the_mean_of_its_current_versions(mesh, contract):
    texts = [
        contract(RICH, **FULL),
        contract(BARE, version="0.9.0", status="deprecated"),
        contract(BARE, name="q"),
        contract(BARE, name="r", domain="e"),
        contract(BARE, name="s", domain="e", version="0.1.0", status="retired"),
    ]
    found = meshkit.score(mesh(*texts), now=NOW)
    scores = {p.product: p.score for p in found.products}
    assert set(scores) == {"d.p", "d.p@0.9.0", "d.q", "e.r"}
    assert {d.name: d.products for d in found.domains} == {"d": 2, "e": 1}
    assert found.domains[0].name == "d"  # the best first
    assert found.domains[0].score == pytest.approx((scores["d.p"] + scores["d.q"]) / 2)
    assert found.mesh.score == pytest.approx((scores["d.p"] + scores["d.q"] + scores["e.r"]) / 3)
    assert list(scores.values()) == sorted(scores.values(), reverse=True)


def test_a_contract_with_errors_scores_nothing_and_pulls_its_domain_down(mesh, contract):
    found = meshkit.score(
        mesh(contract(RICH, **FULL), contract([{"name": "x", "type": "nonsense"}], name="bad")), now=NOW
    )
    bad = found.products[-1]
    assert (bad.product, bad.score, bad.badge) == ("d.bad", 0, Badge.FAILING)
    assert "its contract has errors: MK" in bad.problem
    assert found.mesh.score == pytest.approx(found.products[0].score / 2)


def test_who_asks_for_one_product_sees_the_same_score_as_who_asks_for_all(mesh, contract):
    loaded = mesh(contract(RICH, **FULL), contract(BARE, name="q"), contract(BARE, name="r", domain="e"))
    whole = meshkit.score(loaded, now=NOW)
    one = meshkit.score(loaded, products=["q"], now=NOW)
    assert one.products == tuple(p for p in whole.products if p.product == "d.q")
    assert one.mesh == whole.mesh
    domain = meshkit.score(loaded, domain="e", now=NOW)
    assert [d.name for d in domain.domains] == ["e"]
    assert [p.product for p in domain.products] == ["e.r"]


@pytest.mark.parametrize(
    ("score", "badge"),
    [(100, "gold"), (90, "gold"), (89.99, "silver"), (75, "silver"), (50, "bronze"), (49.99, "no badge")],
)
def test_badges(score, badge):
    assert str(badge_of(score, is_proven=True)) == badge
    assert str(badge_of(score, is_proven=False)) == "unproven"


def test_a_domain_with_a_product_that_fails_is_bronze_at_most():
    good = [ProductScore(product=f"d.{i}", version="1.0.0", domain="d", has_run=True, parts=_full()) for i in range(9)]
    assert group_score("d", good).badge is Badge.GOLD
    failing = good[0].model_copy(update={"is_failing": True})
    assert group_score("d", [*good, failing]).badge is Badge.BRONZE
    unproven = good[0].model_copy(update={"has_run": False})
    assert group_score("d", [*good, unproven]).badge is Badge.UNPROVEN


def _full():
    from meshkit.model.score import ScoreItem, ScorePart

    return (ScorePart(name="promises", of=15, items=(ScoreItem(name="x", share=1.0),)),)


def test_practices_are_measured_as_they_say(mesh, contract):
    texts = [
        contract(RICH, **FULL),  # d.p
        contract(RICH, name="q", owner={"team": "shop"}, inputs={"x": "e.r"}),
        contract(RICH, name="r", domain="e", owner={"team": "crm"}, schema={"alias": "r", "location": "e/r.parquet"}),
        contract(RICH, name="s", domain="e", owner={"team": "shop"}, inputs={"y": "e/r.parquet"}),
    ]
    governance = {
        "domain_policies": {"d": {"data_quality": {"completeness": ">= 99%"}}},
        "global_policies": [{"name": "custom", "policy": "Prose"}, {"name": "data_classification", "mandatory": True}],
    }
    organization = json.dumps({"organization": {"domains": [{"name": "d", "bounded_context": "Sales"}, {"name": "e"}]}})
    loaded = mesh(*texts, organization=organization, governance=json.dumps({"governance": governance}))
    value = {p.id: p.value for p in meshkit.score(loaded, now=NOW).practices}
    assert value["S184"] == 1
    assert value["S185"] == 0.5
    assert value["S186"] == 1
    assert value["S187"] == 0.5  # q names e.r, s reads its file
    assert value["S188"] == 0.25  # shop owns three of four
    assert value["S189"] == 0.25  # all of d.p, nothing of the others
    assert value["S194"] == 0
    assert value["S198"] == 0.5
    assert value["S202"] == pytest.approx(2 / 3)  # classification and completeness, not the prose
    assert value["S203"] == 0.5  # of custom and data_classification
    assert value["S207"] == 0  # shop owns in both domains
    assert value["S210"] == 0.25


def test_a_domain_that_the_organisation_does_not_declare_does_not_follow_it(mesh, contract):
    loaded = mesh(contract(RICH), contract(RICH, name="q", domain="other"), organization=ORGANIZATION)
    value = {p.id: p.value for p in meshkit.score(loaded, now=NOW).practices}
    assert (value["S184"], value["S185"]) == (0.5, 0.5)


def test_every_best_practice_and_lint_is_named_on_the_page():
    assert [p.id for p in PRACTICES] == [f"S{n}" for n in range(184, 212)]
    assert set(PATTERNS) == set(LINTS)
    assert all(p.ask or p.measure.startswith("no measure") for p in PRACTICES)


def run_cli(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "meshkit", "score", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_writes_what_python_says(mesh, contract):
    loaded = mesh(contract(BARE), contract(RICH, name="q", **FULL))
    done = run_cli(loaded.root, "--format", "json", "--now", NOW)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    found = meshkit.score(loaded, now=NOW)
    assert [(p["id"], p["score"], p["of"]) for p in told["products"]] == [
        (p.product, round(p.score, 1), p.of) for p in found.products
    ]
    assert set(told) == {"mesh", "domains", "products", "practices", "not_executable"}
    assert told["mesh"] == {
        "name": "mesh", "score": round(found.mesh.score, 1), "badge": "unproven", "products": 2, "unproven": 2, "failing": 0,
    }  # fmt: skip
    health = next(p for p in told["products"][0]["parts"] if p["name"] == "health")
    assert health["points"] is None


def test_the_text_shows_each_part_of_one_product(mesh, contract):
    loaded = mesh(contract(BARE), contract(RICH, name="q"))
    text = run_cli(loaded.root, "--product", "p", "--now", NOW).stdout
    assert "promises            0.00 of 15" in text
    assert "availability (0%): wanted: sla.availability is promised; write sla.availability" in text
    assert "health           unknown of 15" in text
    assert "points of 70 that are known = 33.3 of 100" in text


@pytest.mark.parametrize(("option", "near"), [(("--product", "d.pp"), "d.p"), (("--domain", "dd"), "d")])
def test_what_is_not_known_is_refused_with_what_is_near(mesh, contract, option, near):
    done = run_cli(mesh(contract(BARE)).root, *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{near}'" in done.stderr


def test_the_sample_meshes_have_sensible_scores():
    retail = meshkit.load("sample_data/retail")
    now = "2026-11-22T06:00:00Z"
    run = retail.check(now=now)
    found = {p.product: p for p in meshkit.score(retail, run=run, now=now).products}
    failed = {p.id for p in run.products if p.outcome in (Outcome.FAILED, Outcome.ERRORED)}
    assert failed
    assert all(found[i].badge is Badge.FAILING for i in failed)
    clean = {i for i, p in found.items() if p.badge is not Badge.FAILING}
    assert clean
    assert max(found[i].score for i in failed) < max(found[i].score for i in clean)
    flights = meshkit.score(meshkit.load("sample_data/flights"), now=NOW)
    assert all(
        "shared_storage" in {i.name for p in one.parts for i in p.items if i.share == 0} for one in flights.products
    )
