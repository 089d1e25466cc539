"""What the tests of changes need: contracts made of mappings, and a base that has something for each rule."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from meshkit.change.compare import compare_contracts
from meshkit.loading.cron import year_of
from meshkit.loading.native import read_product
from meshkit.loading.source import Source
from meshkit.model.change import Change
from meshkit.model.contract import Contract

BASE: dict[str, Any] = {
    "name": "orders",
    "version": "1.0.0",
    "domain": "sales",
    "description": "All orders.",
    "classification": "internal",
    "owner": {"team": "shop", "contact": "shop@example.com", "slack": "#shop"},
    "schema": {
        "type": "parquet",
        "location": "data/orders/",
        "partitioned_by": ["day"],
        "primary_key": ["order_id"],
        "fields": [
            {"name": "order_id", "type": "string", "constraints": ["not_null", "unique"]},
            {"name": "customer_id", "type": "string", "constraints": ["not_null", {"references": "customers.id"}]},
            {"name": "day", "type": "date"},
            {"name": "paid_at", "type": "timestamp"},
            {"name": "amount", "type": "decimal(10,2)", "unit": "USD", "constraints": [{"min": 0}, {"max": 1000}]},
            {"name": "pieces", "type": "int"},
            {"name": "weight", "type": "float", "default": 1},
            {"name": "status", "type": "string", "constraints": [{"in": ["open", "paid", "sent"]}]},
            {"name": "kind", "type": "string", "open_enum": True, "constraints": [{"in": ["a", "b"]}]},
            {"name": "code", "type": "string(8)", "constraints": [{"pattern": "^[A-Z]+$"}, {"max_length": 8}]},
            {"name": "email", "type": "string", "is_pii": True, "mask": "partial"},
            {"name": "note", "type": "string", "constraints": [{"not_null": {"threshold": "5%", "where": "status = 'paid'"}}]},
            {"name": "scores", "type": "array<float>"},
            {"name": "labels", "type": "map<string,integer>"},
        ],
    },
    "inputs": {"customers": "crm.customers", "raw": "raw/orders.parquet"},
    "row_filter": "status <> 'test' AND pieces > 0",
    "access": {
        "discovery": "domain",
        "read": [{"role": "analyst"}, {"domain": "finance"}],
        "write": [{"domain": "sales"}],
        "purposes": ["reporting", "billing"],
        "unmask": [{"role": "support"}],
    },
    "sla": {
        "availability": "99.5%",
        "freshness": {"max_age_hours": 80, "update_schedule": "0 2 * * *", "column": "paid_at"},
        "completeness": {"min_threshold": "99%"},
        "quality_checks": [
            {"name": "no_debts", "query": "SELECT COUNT(*) FROM orders WHERE amount < 0", "must_be_less_than": 10, "severity": "error"},
            {"name": "enough", "query": "SELECT COUNT(*) FROM orders", "must_be": ">= 5"},
        ],
    },
    "observability": {
        "metrics": ["row_count", {"avg_amount": "avg(amount)"}],
        "alerts": [{"type": "freshness", "condition": "age_hours > 20", "severity": "error"}],
    },
    "retention_days": 365,
    "encryption_enabled": True,
    "privacy": {"lawful_basis": "contract", "erasure_key": "customer_id"},
    "ports": [{"name": "api", "type": "rest", "location": "/orders"}],
    "transformation": {"sql": "SELECT order_id, sum(amount) AS amount FROM raw WHERE amount > 0 GROUP BY order_id"},
}  # fmt: skip


@pytest.fixture
def base() -> dict[str, Any]:
    """A contract with something for each rule."""
    return copy.deepcopy(BASE)


@pytest.fixture
def read() -> Callable[[dict[str, Any]], Contract]:
    """Read a mapping as a contract; a mistake in it fails the test."""

    def run(document: dict[str, Any]) -> Contract:
        source = Source("contract.yaml", yaml.safe_dump(document, sort_keys=False))
        values, problems = source.values()
        loaded = read_product(values, source, problems)
        assert not [p for p in loaded.problems if p.severity == "error"], loaded.problems
        return loaded.contract

    return run


@pytest.fixture
def compared(read: Callable[[dict[str, Any]], Contract]) -> Callable[..., tuple[Change, ...]]:
    """Compare two documents."""
    return lambda old, new: compare_contracts(read(old), read(new), year_of)
