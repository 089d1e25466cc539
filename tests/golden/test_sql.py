"""The SQL of each kind of check, as text. `make golden` writes it anew: read the diff before you commit it.

A golden proves text; what it means is proved in tests/engines.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import meshkit
from meshkit.model.check import SCHEMA_KINDS
from meshkit.run.show import show_sql

HERE = Path(__file__).parent / "sql"
FIELDS = [
    {"name": "id", "type": "integer", "constraints": ["unique", "not_null"]},
    {
        "name": "amount",
        "type": "decimal(12,2)",
        "constraints": [{"min": "0.005"}, {"max": {"value": 99, "where": "status = 'PAID'"}}],
    },
    {"name": "weight", "type": "double", "constraints": [{"min": 0}, {"in": [1, 2.5]}]},
    {
        "name": "status",
        "type": "string",
        "constraints": [{"in": ["PAID", "O'PEN"]}, {"pattern": "^[A-Z]+$"}, {"min_length": 2}, {"max_length": 9}],
    },
    {"name": "day", "type": "date", "constraints": [{"max": "2026-11-22"}, {"not_null": {"where": "id > 5"}}]},
    {"name": "at", "type": "timestamp_tz"},
    {"name": "order", "type": "string", "constraints": [{"references": "other.Mixed Case"}]},
]
CONTRACT = {
    "name": "p", "version": "1.0.0", "domain": "d", "description": "x",
    "schema": {"alias": "t", "location": "t.parquet", "fields": FIELDS, "primary_key": ["id", "day"]},
    "inputs": {"other": "d.o"},
    "sla": {
        "freshness": {"max_age_hours": 24, "column": "at"},
        "completeness": {"min_threshold": "99%", "columns": ["id", "status", "day"]},
        "quality_checks": [{"name": "joined", "query": "SELECT COUNT(*) FROM t JOIN other o ON o.k = t.id WHERE t.at > now()"}],
    },
}  # fmt: skip
OTHER = {
    "name": "o", "version": "1.0.0", "domain": "d", "description": "x",
    "schema": {"location": "o.parquet", "fields": [{"name": "k", "type": "integer"}, {"name": "Mixed Case", "type": "string"}]},
}  # fmt: skip


def compiled(folder: Path) -> dict[str, str]:
    (folder / "p.yaml").write_text(yaml.safe_dump(CONTRACT))
    (folder / "o.yaml").write_text(yaml.safe_dump(OTHER))
    mesh = meshkit.load(folder)
    product = mesh.product("d.p")
    checks = [c for c in product.checks if c.kind not in SCHEMA_KINDS]
    shown = show_sql(mesh.target(product), checks, datetime(2026, 11, 22, 6, tzinfo=UTC))
    return {c.removeprefix("d.p.t."): text + "\n" for c, text in shown.items()}


def test_the_sql_of_each_kind_is_the_one_that_was_read_and_agreed(tmp_path):
    found = compiled(tmp_path)
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        for old in HERE.glob("*.sql"):
            old.unlink()
        for name, text in found.items():
            (HERE / f"{name}.sql").write_text(text)
        pytest.skip("golden files were written anew")
    assert found == {p.stem: p.read_text() for p in HERE.glob("*.sql")}
