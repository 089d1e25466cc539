"""Governance at size: the policies of a mesh of 10,000 products against one query by hand, and the gate of one product.

    python benchmarks/governance.py [--products 10000] [--json FILE]

Each figure is the median of 15 turns, one after the other. The query by hand stands below, over the same tables, and finds the same rows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from meshkit.errors import Place
from meshkit.model.contract import Contract
from meshkit.model.governance import GovernanceForm, PolicyForm
from meshkit.policy import evaluate
from meshkit.policy.binding import bind
from meshkit.policy.evaluate import Asked, Subject, Waived
from meshkit.policy.facts import ProductFacts, Upstream
from meshkit.policy.statement import together

GOALS = {"all": 1.5, "gate": 0.2}
FIELDS, TURNS = 30, 15
POLICIES: list[dict[str, Any]] = [
    {"id": "classified", "require": "classification IS NOT NULL", "message": "not classified"},
    {"id": "known_class", "when": "classification IS NOT NULL", "require": "classification IN ('public', 'internal', 'confidential', 'restricted')", "message": "Invalid classification {classification}"},
    {"id": "pii_encrypted", "when": "pii_columns > 0", "require": "encryption_enabled", "message": "personal data is not encrypted", "severity": "critical"},
    {"id": "pii_audited", "when": "pii_columns > 0", "require": "audit_logging_enabled", "message": "reads are not logged", "severity": "critical"},
    {"id": "pii_category", "over": "column", "when": "is_pii", "require": "pii_category IS NOT NULL", "message": "column {name} has no category"},
    {"id": "described", "over": "column", "require": "description IS NOT NULL", "message": "column {name} has no description", "severity": "warning"},
    {"id": "typed", "over": "column", "require": "type IS NOT NULL", "message": "column {name} has no type"},
    {"id": "keyed", "when": "has_schema", "require": "has_primary_key", "message": "no primary key", "severity": "warning"},
    {"id": "kept", "require": "retention_days <= params.days", "params": {"days": 1095}, "message": "kept {retention_days} days, not {params.days}"},
    {"id": "complete", "require": "completeness >= 0.99", "domains": ["d1", "d2"], "message": "promises {completeness}"},
    {"id": "fresh", "require": "freshness_hours <= 24", "domains": ["d3"], "message": "is {freshness_hours} hours old"},
    {"id": "owned", "require": "owner_team IS NOT NULL AND owner_contact IS NOT NULL", "message": "nobody answers for it"},
    {"id": "no_dead_inputs", "over": "dependency", "when": "is_product", "require": "upstream_status <> 'retired'", "message": "reads {upstream}"},
    {"id": "masked", "over": "column", "when": "is_pii AND product.classification = 'restricted'", "require": "mask IS NOT NULL", "message": "column {name} is not masked"},
]  # fmt: skip
BY_HAND = """
WITH found AS (
  SELECT 0 AS rule, no, NULL AS tab, NULL AS field, 'not classified' AS message FROM products WHERE classification IS NULL
  UNION ALL SELECT 1, no, NULL, NULL, 'Invalid classification ' || classification FROM products WHERE classification NOT IN ('public', 'internal', 'confidential', 'restricted')
  UNION ALL SELECT 2, no, NULL, NULL, 'personal data is not encrypted' FROM products WHERE pii_columns > 0 AND encryption_enabled IS NOT TRUE
  UNION ALL SELECT 3, no, NULL, NULL, 'reads are not logged' FROM products WHERE pii_columns > 0 AND audit_logging_enabled IS NOT TRUE
  UNION ALL SELECT 4, no, table_name, name, 'column ' || name || ' has no category' FROM columns WHERE is_pii AND pii_category IS NULL
  UNION ALL SELECT 5, no, table_name, name, 'column ' || name || ' has no description' FROM columns WHERE description IS NULL
  UNION ALL SELECT 6, no, table_name, name, 'column ' || name || ' has no type' FROM columns WHERE type IS NULL
  UNION ALL SELECT 7, no, NULL, NULL, 'no primary key' FROM products WHERE has_schema AND has_primary_key IS NOT TRUE
  UNION ALL SELECT 8, no, NULL, NULL, 'kept ' || coalesce(retention_days::VARCHAR, 'nothing') || ' days, not 1095' FROM products WHERE retention_days > 1095 OR retention_days IS NULL
  UNION ALL SELECT 9, no, NULL, NULL, 'promises ' || coalesce(completeness::VARCHAR, 'nothing') FROM products WHERE domain IN ('d1', 'd2') AND (completeness < 0.99 OR completeness IS NULL)
  UNION ALL SELECT 10, no, NULL, NULL, 'is ' || coalesce(freshness_hours::VARCHAR, 'nothing') || ' hours old' FROM products WHERE domain = 'd3' AND (freshness_hours > 24 OR freshness_hours IS NULL)
  UNION ALL SELECT 11, no, NULL, NULL, 'nobody answers for it' FROM products WHERE owner_team IS NULL OR owner_contact IS NULL
  UNION ALL SELECT 12, no, NULL, alias, 'reads ' || upstream FROM dependencies WHERE is_product AND (upstream_status = 'retired' OR upstream_status IS NULL)
  UNION ALL SELECT 13, c.no, c.table_name, c.name, 'column ' || c.name || ' is not masked' FROM columns c JOIN products p USING (no) WHERE is_pii AND p.classification = 'restricted' AND mask IS NULL
)
SELECT f.rule, f.no, f.tab, f.field, f.message, coalesce(c.position, p.position) AS waiver
FROM found f
LEFT JOIN waivers p ON p.rule = f.rule AND p.no = f.no AND p.field IS NULL
LEFT JOIN waivers c ON c.rule = f.rule AND c.no = f.no AND c.field = f.field
"""


def contract(i: int) -> Contract:
    """Make a product of 30 fields up; something in most of them misses something."""
    columns = [
        {
            "name": f"c{j}", "type": "" if (i + j) % 97 == 0 else "string", "description": "" if (i * 7 + j) % 11 == 0 else f"Column {j}.",
            "is_pii": j % 10 == 3, "pii_category": "email" if j % 10 == 3 and (i + j) % 5 else "", "mask": "hash" if i % 4 == 0 else "",
            "is_primary_key": j == 0 and i % 6 != 0, "pointer": ("schema", "fields", j),
        }
        for j in range(FIELDS)
    ]  # fmt: skip
    classes = ("public", "internal", "confidential", "restricted", "", "secret")
    return Contract.model_validate({
        "name": f"p{i}", "version": "1.0.0", "domain": f"d{i % 20}", "classification": classes[i % 6], "description": "Made up.",
        "tables": [{"name": f"p{i}", "names": (f"p{i}",), "columns": columns}], "retention_days": (i % 5) * 400 or None,
        "encryption_enabled": i % 3 == 0 or None, "audit_logging_enabled": i % 4 == 0 or None,
        "owner": {"team": "t" if i % 9 else "", "contact": "t@company.com" if i % 7 else ""},
        "sla": {"completeness": {"min_ratio": "0.985" if i % 2 else "0.995"}, "freshness": {"max_age_hours": 12 + i % 24}},
    })  # fmt: skip


def mesh(size: int) -> list[Subject]:
    """Make a mesh up: each product reads three others."""
    found = []
    for i in range(size):
        reads = [
            Upstream(f"i{k}", f"d{(i * k) % 20}.p{i * k % size}", f"d{k}", "retired" if (i + k) % 50 == 0 else "active")
            for k in (3, 5, 7)
        ]
        found.append(
            Subject(ProductFacts(f"d{i % 20}.p{i}", contract(i), upstream=reads), lambda pointer: Place("p.yaml", 1, 1))
        )
    return found


def waivers(size: int) -> list[Waived]:
    """Waive every twentieth product's description of one column, and whole domains' classification."""
    until = date(2027, 1, 1)
    return [
        *(Waived("described", f"d{i % 20}.p{i}", "c4", until, "until 2027") for i in range(0, size, 20)),
        *(Waived("classified", f"d{d}.*", None, until, "until 2027") for d in range(3)),
    ]


def in_turn(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return the median seconds of two kinds of work that are done in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for work, seconds in zip((one, other), taken, strict=True):
            begun = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - begun)
    return statistics.median(taken[0]), statistics.median(taken[1])


def all_products(size: int) -> dict[str, float]:
    """Compare what meshkit asks for all policies with the query by hand, over the same loaded tables."""
    policies, problems = bind(
        GovernanceForm(policies=[PolicyForm.model_validate(p) for p in POLICIES]),
        lambda *_, **__: Place("g.yaml", 1, 1),
    )
    assert not problems
    subjects, allowed = mesh(size), waivers(size)
    asked = Asked(evaluate.Enforcement.SCHEDULE, date(2026, 11, 22), allowed)
    begun = time.perf_counter()
    database = evaluate.load([s.facts for s in subjects], allowed, evaluate._compiled(policies, asked)[0])
    loaded = time.perf_counter() - begun

    def ours() -> Any:
        chosen, broken, left_out = evaluate._compiled(policies, asked)
        assert not broken
        assert not left_out
        return database.table(together(chosen, is_waived=True))

    found, wanted = ours(), database.table(BY_HAND)
    same = [sorted(map(str, t.to_pylist())) for t in (found, wanted)]
    assert same[0] == same[1], "the two do not find the same"
    seconds, by_hand = in_turn(ours, lambda: database.table(BY_HAND))
    database.close()
    figures = {"violations": found.num_rows, "load": loaded, "ours": seconds, "by_hand": by_hand}
    return figures | {"ratio": seconds / by_hand}


GATE = """
import time
from meshkit.engines.policy_database import prepare
from meshkit.governing import govern
from meshkit.mesh import load
prepare()
mesh = load("sample_data/retail")
mesh.governance, mesh.product("sales.sales_orders").contract
begun = time.perf_counter()
found = govern(mesh, "publish", products=["sales.sales_orders"]).products
print(time.perf_counter() - begun)
assert found[0].evaluated
"""


def gate(turns: int) -> dict[str, float]:
    """Time the gate of one product in processes of its own, and `meshkit --help`, in turn; the medians are compared."""
    root = Path(__file__).resolve().parents[1]
    ours, theirs = [], []
    for _ in range(turns):
        ran = subprocess.run([sys.executable, "-c", GATE], cwd=root, capture_output=True, text=True, check=True)
        ours.append(float(ran.stdout))
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "meshkit", "--help"], capture_output=True, check=True)
        theirs.append(time.perf_counter() - begun)
    gate_seconds, help_seconds = statistics.median(ours), statistics.median(theirs)
    return {"gate": gate_seconds, "help": help_seconds, "ratio": gate_seconds / help_seconds}


def main() -> None:
    """Print the figures beside their goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    one, every = gate(TURNS), all_products(given.products)
    print(
        f"{given.products:,} products x {FIELDS} fields x {len(POLICIES)} policies: {every['violations']:,} violations"
    )
    print(
        f"  meshkit {every['ours'] * 1000:.0f} ms, by hand {every['by_hand'] * 1000:.0f} ms: {every['ratio']:.2f} (goal {GOALS['all']})"
    )
    print(
        f"gate of one product {one['gate'] * 1000:.0f} ms, meshkit --help {one['help'] * 1000:.0f} ms: {one['ratio']:.2f} (goal {GOALS['gate']})"
    )
    if given.json:
        given.json.write_text(json.dumps({"all": every, "gate": one}, indent=2) + "\n")


if __name__ == "__main__":
    main()
