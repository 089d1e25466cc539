"""What readers have and a mesh does not serve any more, several tables, and waivers for one table: no gate overlooks them."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit
from meshkit.governing import govern
from meshkit.known import Known, record_compliance
from meshkit.model.check import Kind
from meshkit.model.run import Judgement, Outcome
from meshkit.policy.facts import ProductFacts, product_row

NOW = "2026-11-22"
GOVERNANCE = """\
governance:
  automated_policies:
    - {name: breaking_changes, enforcement: pre-publish, mandatory: true}
  policies:
    - {id: named, require: name IS NOT NULL}
"""
ORDERS = """\
name: orders
version: 1.2.0
domain: sales
description: All orders.
status: active
schema:
  location: orders.csv
  fields:
    - {name: id, type: integer, constraints: [unique]}
"""
OTHER = ORDERS.replace("orders", "other")
DEPRECATED = ORDERS.replace(
    "status: active", "status: deprecated\ndeprecation: {announced: 2026-01-01, until: 2026-09-01}"
)
RETIRED = DEPRECATED.replace("status: deprecated", "status: retired")


def write(folder: Path, **files: str) -> meshkit.Mesh:
    folder.mkdir(exist_ok=True)
    (folder / "governance.yaml").write_text(GOVERNANCE)
    for old in folder.glob("[ot]*.yaml"):
        old.unlink()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return meshkit.load(folder)


def broken_rules(mesh: meshkit.Mesh, base: meshkit.Mesh | None = None, **options) -> dict[str, list[str]]:
    report = meshkit.compliance_report(mesh, "pr", base=base, now=NOW, **options)
    return {p.id: [v.rule for v in p.violations] for p in report.products if p.is_blocked}


@pytest.mark.parametrize("has_other", [True, False])
@pytest.mark.parametrize(
    "after",
    [
        {},
        {"orders": ORDERS.replace("name: orders", "name: sold")},
        {"orders": ORDERS.replace("name: orders", "name: Orders")},
        {"orders": ORDERS.replace("status: active", "status: retired")},
        {"orders": ORDERS.replace("domain: sales", "domain: shop")},
    ],
    ids=["deleted", "renamed", "other case", "retired", "moved"],
)
def test_a_product_that_ends_without_notice_blocks(tmp_path, after, has_other):
    more = {"other": OTHER} if has_other else {}
    base = write(tmp_path / "old", orders=ORDERS, **more)
    mesh = write(tmp_path / "new", **after, **more)
    assert broken_rules(mesh, base) == {"sales.orders": ["breaking_changes.removal"]}


def test_a_deleted_version_blocks_while_another_one_stays(tmp_path):
    second = ORDERS.replace("1.2.0", "2.0.0")
    base = write(tmp_path / "old", orders=DEPRECATED, orders2=second)
    mesh = write(tmp_path / "new", orders2=second)
    expected = {"sales.orders@1.2.0": ["breaking_changes.removal"]}
    assert broken_rules(mesh, base) == broken_rules(mesh, base, products=["sales.orders"]) == expected


def test_what_promised_nothing_or_was_retired_may_go_and_others_are_not_asked(tmp_path):
    for gone in (ORDERS.replace("1.2.0", "0.9.0"), ORDERS.replace("active", "draft"), RETIRED):
        base = write(tmp_path / "old", orders=gone, other=OTHER)
        assert broken_rules(write(tmp_path / "new", other=OTHER), base) == {}
    base = write(tmp_path / "old", orders=ORDERS, other=OTHER)
    assert broken_rules(write(tmp_path / "new", other=OTHER), base, products=["sales.other"]) == {}


def test_published_products_end_by_deprecation_retirement_deletion(tmp_path, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE", raising=False)

    def publish(**files: str) -> int:
        mesh = write(tmp_path, **files)
        report = meshkit.compliance_report(mesh, "publish", now=NOW)
        record_compliance(mesh, report)
        return report.exit_code

    assert publish(orders=ORDERS, other=OTHER) == 0
    assert publish(other=OTHER) == 1
    assert publish(orders=DEPRECATED, other=OTHER) == 0
    assert publish(other=OTHER) == 1
    assert publish(orders=RETIRED, other=OTHER) == 0
    assert publish(other=OTHER) == 0


def test_products_of_other_meshes_in_a_shared_store_are_theirs(tmp_path):
    base = write(tmp_path / "old", orders=ORDERS, other=OTHER)
    mesh = write(tmp_path / "new", other=OTHER)
    assert broken_rules(mesh, known=Known(base=base, is_shared=True)) == {}
    assert broken_rules(mesh, known=Known(base=base)) == {"sales.orders": ["breaking_changes.removal"]}


def test_changes_since_a_contract_that_cannot_be_read_are_unknown_not_met(tmp_path):
    base = write(tmp_path / "old", orders=ORDERS.replace("unique", "uniqe"))
    report = meshkit.compliance_report(write(tmp_path / "new", orders=ORDERS), "pr", base=base, now=NOW)
    (product,) = report.products
    assert product.evaluated == ("named",)
    assert [rule for rule, _ in product.unknown] == ["breaking_changes"]


TABLES = """\
apiVersion: v3.0.2
kind: DataContract
id: p
name: orders
version: 1.0.0
domain: sales
status: active
schema:
  - {name: a, physicalName: o.csv, properties: [{name: Email, logicalType: string}]}
  - {name: b, physicalName: o.csv, properties: [{name: email, logicalType: string}]}
"""
COLUMNS = """\
governance:
  policies:
    - {id: described, over: column, require: description IS NOT NULL, message: "{table_name}"}
    - {id: certain, over: check, require: severity = 'critical', when: column_name IS NOT NULL, message: "{table_name}"}
"""


@pytest.mark.parametrize(
    ("subjects", "clear"),
    [
        (["sales.orders.a.email"], ["b"]),
        (["sales.orders.B.Email"], ["a"]),
        (["sales.orders.email"], []),
        (["sales.orders.email", "sales.orders.a.email", "sales.orders"], []),
    ],
)
@pytest.mark.parametrize("policy", ["described", "certain"])
def test_a_waiver_for_the_column_of_one_table_covers_no_other_table(tmp_path, subjects, clear, policy):
    (tmp_path / "governance.yaml").write_text(COLUMNS)
    (tmp_path / "p.odcs.yaml").write_text(TABLES.replace("logicalType: string", "logicalType: string, required: true"))
    entries = [
        f"  - {{policy: {policy}, subject: {s}, reason: r, approved_by: g@x.com, until: 2027-01-31}}\n"
        for s in subjects
    ]
    (tmp_path / "waivers.yaml").write_text("waivers:\n" + "".join(entries))
    found = govern(meshkit.load(tmp_path), "pr", now=NOW)
    mine = [v for v in found.violations if v.policy_name == policy and v.field]
    assert len(mine) >= 2
    assert sorted({v.message for v in mine if not v.waiver}) == clear


def test_of_several_tables_the_worst_measurement_counts(tmp_path):
    product = write(tmp_path, orders=ORDERS).products[0]
    check = product.checks[0]
    verdicts = [
        Judgement(check.model_copy(update={"kind": kind}), Outcome.PASSED, None, None, value)
        for kind, value in (
            (Kind.COMPLETENESS, 1.0),
            (Kind.COMPLETENESS, 0.5),
            (Kind.FRESHNESS, 1.0),
            (Kind.FRESHNESS, 90.0),
        )
    ]
    row = product_row(ProductFacts(product.id, product.contract, verdicts=verdicts))
    assert (row["measured_completeness"], row["measured_freshness_hours"]) == (0.5, 90.0)
