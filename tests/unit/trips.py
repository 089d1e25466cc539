"""A product in memory that every policy of a governance file is content with, and that file with other words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from meshkit import GovernanceEngine

DATA = Path(__file__).parents[1] / "data" / "governance"
CONTRACT, POLICIES = DATA / "data_product.yaml", DATA / "governance_policy.yaml"
NOW = "2026-11-22"


def spec(**keys):
    """Return a product of domain `ops` that every policy of the file is content with, with some keys changed; None = left out."""
    document = {
        "name": "trips",
        "version": "1.0.0",
        "domain": "ops",
        "description": "All trips.",
        "owner": {"team": "ops", "contact": "ops@example.com"},
        "classification": "internal",
        "retention_days": 365,
        "trash_days": 30,
        "schema": {
            "location": "trips.parquet",
            "fields": [
                {"name": "id", "type": "string", "description": "Its id.", "constraints": ["unique", "not_null"]},
                {"name": "km", "type": "integer", "description": "Its length."},
            ],
        },
        "sla": {
            "freshness": {"max_age_hours": 24, "column": "km"},
            "completeness": {"min_threshold": "99.5%"},
            "quality_checks": [{"name": "some", "query": "SELECT count(*) FROM trips", "must_be_greater_than": 0}],
        },
        "observability": {
            "metrics": ["row_count", "null_rate", "distinct_count", "value_distribution"],
            "alerts": [
                {"type": "freshness", "condition": "age_hours > 24"},
                {"type": "quality", "condition": "quality_check_failed"},
                {"type": "schema_drift", "condition": "schema_drift"},
                {"type": "volume", "condition": "row_count_change > 50%"},
            ],
        },
    }
    document.update(keys)
    return {k: v for k, v in document.items() if v is not None}


def personal(**keys):
    """Return a product with an e-mail address, everything that the policies ask for said, with some keys changed."""
    said = {
        "encryption_enabled": True,
        "audit_logging_enabled": True,
        "privacy": {"lawful_basis": "consent", "purpose": "billing", "erasure_key": "id"},
    }
    made = spec(**(said | keys))
    column = {"name": "email", "type": "string", "description": "Of the rider.", "is_pii": True}
    made["schema"]["fields"].append(column | {"pii_category": "email", "encrypted": True})
    return made


def rewritten(*changes):
    """Return the governance file with some of its text replaced."""
    text = POLICIES.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def engine():
    return GovernanceEngine(POLICIES, now=NOW)


def of(violations, policy):
    return [v for v in violations if v.policy_name == policy]


def told(violations):
    return [(v.rule, str(v.severity)) for v in violations]
