"""A compliance report: what it says of products, domains and policies, and how it differs from one of before."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
import pyarrow as pa
import pytest

import meshkit
from meshkit.governing import Known
from meshkit.model.policy import Status
from meshkit.policy.evaluate import Waived
from meshkit.report.compliance_compare import compare_reports
from meshkit.report.compliance_json import compliance_as_dict, compliance_schema, render_compliance_json

NOW = "2026-11-22"
POLICIES = """\
governance:
  global_policies:
    - name: data_classification
      mandatory: true
      policy: |
        - Public: for all
        - Internal: for some
    - name: month_end_freeze
      policy: Nothing is published at the end of a month.
  policies:
    - id: described
      require: product.description LIKE 'The %'
      severity: warning
      message: "its description starts otherwise"
      remedy: start it with The
"""
PRODUCT = """\
name: {name}
version: 1.0.0
domain: {domain}
description: {description}
{more}
schema:
  location: t.parquet
  fields:
    - {{name: id, type: integer}}
"""
OWN = """\
    - id: owned
      require: product.owner_team IS NOT NULL
      message: nobody owns it
      grace_until: 2026-11-22
"""
BROKEN = """\
    - id: typo
      require: product.clasification = 'public'
"""


def product(name, domain="sales", more="classification: public", description="The product."):
    return PRODUCT.format(name=name, domain=domain, more=more, description=description)


@pytest.fixture
def report(mesh):
    """Report on products under the policies above, with more of the governors' own."""

    def make(*products, own="", at="pr", now=NOW, waivers=(), **options):
        loaded = mesh(*products, governance=POLICIES + own)
        return meshkit.compliance_report(loaded, at, now=now, known=Known(waivers=waivers), **options)

    return make


def test_a_product_is_compliant_waived_in_grace_blocked_or_only_warned_of_and_each_is_said(report):
    waiver = Waived(
        "data_classification", "sales.waived", None, date(2026, 12, 31), "ann until 2026-12-31: it is going away"
    )
    found = report(
        product("good", more="classification: public\nowner: {team: a}"),
        product("waived", more="owner: {team: a}"),
        product("grace"),
        product("blocked", more="owner: {team: a}"),
        product("warned", more="classification: public\nowner: {team: a}", description="A product."),
        own=OWN,
        waivers=[waiver],
    )
    assert {p.id: (str(p.status), p.is_blocked) for p in found.products} == {
        "sales.good": ("compliant", False),
        "sales.waived": ("compliant with waivers", False),
        "sales.grace": ("grace", False),
        "sales.blocked": ("non-compliant", True),
        "sales.warned": ("non-compliant", False),
    }
    assert (str(found.mesh.status), found.mesh.blocked, found.exit_code) == ("non-compliant", 1, 1)
    assert dict(found.mesh.counts) == {
        Status.COMPLIANT: 1, Status.WAIVED: 1, Status.GRACE: 1, Status.VIOLATED: 2, Status.UNKNOWN: 0,
    }  # fmt: skip
    by_id = {p.id: p for p in found.products}
    (waived,) = by_id["sales.waived"].violations
    assert (waived.waiver, waived.waived_until) == ("ann until 2026-12-31: it is going away", date(2026, 12, 31))
    (grace,) = by_id["sales.grace"].violations
    assert grace.grace_until == date(2026, 11, 22)


def test_grace_holds_through_its_last_day_and_blocks_on_the_next(report):
    assert report(product("p"), own=OWN, now="2026-11-22T23:59:59Z").exit_code == 0
    assert report(product("p"), own=OWN, now="2026-11-23T00:00:00Z").exit_code == 1


def test_a_domain_is_as_bad_as_its_worst_product_and_says_how_many_are_blocked(report):
    found = report(product("a"), product("b", more=""), product("c", "shop"))
    assert [(d.name, str(d.status), d.blocked, d.products) for d in found.domains] == [
        ("sales", "non-compliant", 1, 2),
        ("shop", "compliant", 0, 1),
    ]


def test_a_policy_without_a_rule_is_not_executable_and_never_counts_as_met(report):
    found = report(product("p"))
    states = {p.id: str(p.status) for p in found.policies}
    assert states["month_end_freeze"] == "not executable"
    assert states["data_classification"] == states["described"] == "compliant"
    assert "month_end_freeze" not in found.products[0].evaluated
    assert found.products[0].evaluated == ("data_classification", "described")


def test_a_product_whose_contract_has_errors_is_in_the_report_as_not_evaluable(report):
    found = report(product("good"), product("bad", more="classification: public\nretention_dayz: 3"))
    (bad,) = [p for p in found.products if p.id == "sales.bad"]
    assert (bad.is_evaluable, str(bad.status), bad.evaluated, bad.violations) == (False, "unknown", (), ())
    assert [(p.code, p.place.line) for p in bad.problems] == [("MK102", 6)]
    assert (found.exit_code, str(found.mesh.status)) == (2, "unknown")


def test_asked_for_a_sound_product_another_ones_errors_do_not_matter(report):
    found = report(product("good"), product("bad", more="retention_dayz: 3"), products=["sales.good"])
    assert ([p.id for p in found.products], found.exit_code) == (["sales.good"], 0)


def test_a_rule_that_cannot_be_evaluated_is_told_and_makes_its_product_unknown(report):
    found = report(product("p"), own=BROKEN)
    (broken,) = found.broken
    assert (broken.rule, found.exit_code) == ("typo", 3)
    assert "clasification" in broken.reason
    assert (str(found.products[0].status), [rule for rule, _ in found.products[0].unknown]) == ("unknown", ["typo"])


def test_a_mesh_without_policies_is_not_compliant_but_unknown(mesh):
    found = meshkit.compliance_report(mesh(product("p")), "pr", now=NOW)
    assert (found.exit_code, str(found.mesh.status)) == (3, "unknown")


def test_a_governance_file_with_an_error_is_bad_input(mesh):
    found = meshkit.compliance_report(mesh(product("p"), governance=POLICIES + "  global_polices: []\n"), "pr", now=NOW)
    assert found.exit_code == 2
    assert [p.code for p in found.problems] == ["MK102"]


GATES = """\
governance:
  automated_policies:
    - name: quality_gates
      enforcement: pre-publish
      check: |
        - Warning threshold: <= 5%
"""
CLAIMING = """\
classification: public
encryption_enabled: true
sla:
  availability: 99%
  completeness: {min_threshold: 75%}
"""


def test_what_needs_a_run_is_unknown_at_a_pull_request_with_the_reason_and_does_not_block(mesh):
    found = meshkit.compliance_report(mesh(product("p"), governance=GATES), "pr", now=NOW)
    (one,) = found.products
    assert {reason for _, reason in one.unknown} == {"it needs a run of this version"}
    assert (str(one.status), found.exit_code) == ("unknown", 0)
    assert meshkit.compliance_report(mesh(product("p"), governance=GATES), "publish", now=NOW).exit_code == 1


@pytest.mark.parametrize(("filled", "standing", "seen"), [(3, "verified", "75%"), (2, "refuted", "50%")])
def test_what_an_owner_claims_is_declared_until_a_run_has_measured_it(mesh, filled, standing, seen):
    loaded = mesh(product("p", more=CLAIMING), governance=GATES)
    declared = {c.key: str(c.standing) for c in meshkit.compliance_report(loaded, "pr", now=NOW).products[0].claims}
    assert declared == dict.fromkeys(("encryption_enabled", "sla.availability", "sla.completeness"), "declared")
    run = loaded.check(tables={"t": pa.table({"id": [1] * filled + [None] * (4 - filled)})}, now=NOW)
    known = Known(availability={"sales.p": 0.98})
    claims = meshkit.compliance_report(loaded, "publish", run=run, now=NOW, known=known).products[0].claims
    assert {c.key: (str(c.standing), c.seen) for c in claims} == {
        "encryption_enabled": ("declared", ""),
        "sla.availability": ("refuted", "98%"),
        "sla.completeness": (standing, seen),
    }


def test_two_reports_differ_by_what_is_new_gone_and_still_there(report):
    before = report(product("a", more=""), product("b", more=""), product("c"))
    after = report(product("a"), product("b", more=""), product("c", more=""))
    found = compare_reports(after, render_compliance_json(before), "old.json").comparison
    assert [(d.product, d.rule, d.was, str(d.now)) for d in found.new] == [
        ("sales.c", "data_classification.present", None, "non-compliant")
    ]
    assert [(d.product, str(d.was), d.now) for d in found.gone] == [("sales.a", "non-compliant", None)]
    assert [(d.product, str(d.was), str(d.now)) for d in found.still] == [("sales.b", "non-compliant", "non-compliant")]
    assert str(found.was) == "non-compliant"


def test_a_violation_that_a_waiver_covers_now_is_still_there_in_another_state(report):
    before = report(product("a", more=""))
    waiver = Waived("data_classification", "sales.a", None, date(2026, 12, 31), "ann: soon")
    after = report(product("a", more=""), waivers=[waiver])
    found = compare_reports(after, render_compliance_json(before), "old.json").comparison
    assert [(str(d.was), str(d.now)) for d in found.still] == [("non-compliant", "compliant with waivers")]
    assert not found.new
    assert not found.gone


def test_a_number_in_a_message_makes_no_new_violation(report):
    own = "    - {id: kept, require: product.retention_days < 10, message: 'kept {product.retention_days} days'}\n"
    before = report(product("a", more="classification: public\nretention_days: 20"), own=own)
    after = report(product("a", more="classification: public\nretention_days: 30"), own=own)
    found = compare_reports(after, render_compliance_json(before), "old.json").comparison
    assert [d.message for d in found.still] == ["kept 30 days"]
    assert not found.new
    assert not found.gone


def test_products_that_were_not_asked_for_are_left_out_of_a_comparison(report):
    files = (product("a", more=""), product("b", more=""))
    whole, part = report(*files), report(*files, products=["sales.a"])
    for before, after in ((whole, part), (part, whole)):
        found = compare_reports(after, render_compliance_json(before), "old.json").comparison
        assert [d.product for d in found.still] == ["sales.a"]
        assert not found.new
        assert not found.gone


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"at": "pr"}', "[" * 100_000])
def test_what_is_no_report_is_refused_with_a_way_out(report, text):
    with pytest.raises(meshkit.UsageError, match="is no compliance report"):
        compare_reports(report(product("a")), text, "old.json")


def test_reports_of_different_points_are_not_compared(report):
    before = render_compliance_json(report(product("a"), at="schedule"))
    with pytest.raises(meshkit.UsageError, match="made at schedule"):
        compare_reports(report(product("a")), before, "old.json")


def test_the_json_report_holds_to_its_schema_whatever_it_tells(report):
    waiver = Waived("data_classification", "sales.b", None, date(2026, 12, 31), "ann: soon")
    found = report(
        product("a"), product("b", more=""), product("c", more="retention_dayz: 3"), product("d", description="A product."),
        own=OWN + BROKEN, waivers=[waiver],
    )  # fmt: skip
    found = compare_reports(found, render_compliance_json(report(product("a", more=""))), "old.json")
    checker = jsonschema.Draft202012Validator(compliance_schema(), format_checker=jsonschema.FormatChecker())
    said = json.loads(render_compliance_json(found))
    assert list(checker.iter_errors(said)) == []
    assert said == compliance_as_dict(found)
    by_id = {p["id"]: p for p in said["products"]}
    assert by_id["sales.b"]["violations"][0]["waiver"] == {"said": "ann: soon", "until": "2026-12-31"}
    assert by_id["sales.c"]["evaluable"] is False
    assert said["broken"][0]["rule"] == "typo"
