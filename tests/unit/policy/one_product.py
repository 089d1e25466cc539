"""A product that keeps every built-in policy, the governance that it keeps, and what a run of it says."""

from __future__ import annotations

from typing import Any

import yaml

import meshkit
from meshkit.model.run import Outcome, Verdict
from meshkit.policy.evaluate import Evaluation

FIELDS = [
    {"name": "id", "type": "integer", "description": "The order.", "constraints": ["not_null", "unique"]},
    {
        "name": "customer_email",
        "type": "string",
        "description": "Whom to write to.",
        "pii_category": "email",
        "mask": "hash",
    },
]
PRODUCT: dict[str, Any] = {
    "name": "p",
    "version": "1.0.0",
    "domain": "d",
    "description": "Orders.",
    "classification": "confidential",
    "owner": {"team": "t", "contact": "t@company.com"},
    "schema": {"alias": "t", "location": "t.parquet", "fields": FIELDS},
    "access": {"discovery": "domain", "read": [{"role": "analyst"}], "write": [{"role": "engineer"}]},
    "sla": {
        "freshness": {"max_age_hours": 24, "column": "id"},
        "completeness": {"min_threshold": "99.5%"},
        "quality_checks": [
            {"name": "known", "query": "SELECT COUNT(*) FROM t WHERE id < 0", "dimension": "accuracy"},
            {"name": "soft", "query": "SELECT COUNT(*) FROM t WHERE id > 9", "severity": "warning"},
        ],
    },
    "observability": {
        "metrics": ["row_count", "null_percentage_by_column"],
        "alerts": [{"type": "freshness", "condition": "age_hours > 24"}],
    },
    "encryption_enabled": True,
    "audit_logging_enabled": True,
    "privacy": {"lawful_basis": "contract", "purpose": "delivery", "erasure_key": "customer_email"},
    "retention_days": 1000,
    "trash_days": 30,
}
GOVERNANCE: dict[str, Any] = {
    "global_policies": [
        {"name": "data_classification", "mandatory": True, "policy": "- Public: all\n- Internal: employees\n- Confidential: roles\n- Restricted: approval\n"},
        {"name": "pii_handling", "mandatory": True},
        {"name": "data_retention", "mandatory": True, "policy": "- Operational data: 7 years\n- Analytical data: 3 years\n- Logs: 1 year\n- Deleted data: 30 days in trash\n"},
    ],
    "domain_policies": {
        "d": {
            "data_quality": [{"completeness": ">= 99%"}, {"accuracy": ">= 99.5%"}, {"freshness": "<= 24 hours"}],
            "access_control": [{"pii_fields": ["customer_email"]}, {"sox_compliance": True}, {"audit_all_access": True}],
        }
    },
    "automated_policies": [
        {"name": "schema_validation", "enforcement": "pre-publish"},
        {"name": "quality_gates", "enforcement": "pre-publish", "check": "- No critical failures\n- Warning threshold: <= 5%\n"},
        {"name": "breaking_changes", "enforcement": "pre-publish", "check": "- Major version increment\n- 30-day deprecation notice\n"},
    ],
    "observability_requirements": {"metrics": ["row_count", "null_rate"], "alerts": ["freshness_violation"]},
}  # fmt: skip


def text_of(change: dict[str, Any] | None = None) -> str:
    """Return the product's text with some keys replaced; None takes a key out."""
    merged = {**PRODUCT, **(change or {})}
    return yaml.safe_dump({k: v for k, v in merged.items() if v is not None}, sort_keys=False)


def verdicts_of(product: meshkit.Product, outcomes: dict[str, Any]) -> list[Verdict]:
    """Return passed verdicts for all checks of a product; `outcomes` changes those whose id ends so."""
    found = []
    for check in product.checks:
        seen = next((o for end, o in outcomes.items() if check.id.endswith(end)), {})
        value = {"completeness": 1.0, "freshness": 1.0}.get(str(check.kind))
        given = {"outcome": Outcome.PASSED, "bad": 0, "total": 100, "value": value} | seen
        found.append(Verdict(check=check, unit="rows", place=meshkit.Place("p.yaml", 1, 1), **given))
    return found


def rules_of(found: Evaluation, product: str = "d.p") -> set[str]:
    """Return the ids of the rules that a product violates."""
    (judged,) = [p for p in found.products if p.product == product]
    return {v.rule for v in judged.violations}
