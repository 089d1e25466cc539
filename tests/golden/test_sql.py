"""The SQL of each kind of check in each dialect, as text. `make golden` writes it anew: read the diff before you commit it.

A golden proves text; what it means is proved in tests/engines and tests/truth. A refusal is a golden too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import meshkit
from meshkit.errors import MeshkitError
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.run.mesh_run import Target
from meshkit.run.plan import Planner
from meshkit.run.show import Words, native_name, show_sql
from meshkit.run.steps import Refused
from meshkit.run.steps import Target as TableTarget
from meshkit.sql.transpile.frame import Translation, transpile
from meshkit.sql.transpile.known import DIALECTS
from meshkit.sql.transpile.names import Stored

HERE = Path(__file__).parent / "sql"
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
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


STANDARD = """
apiVersion: v3.1.0
kind: DataContract
id: q
version: 1.0.0
status: active
name: q
domain: d
schema:
  - name: s
    physicalName: s.parquet
    properties:
      - {name: size, logicalType: integer, logicalTypeOptions: {exclusiveMinimum: 0, multipleOf: 5, format: i8}}
      - {name: price, logicalType: number, physicalType: "decimal(10,2)", logicalTypeOptions: {exclusiveMaximum: 10.5, multipleOf: 0.05}}
      - {name: share, logicalType: number, physicalType: double, logicalTypeOptions: {exclusiveMaximum: 1, multipleOf: 0.1}}
      - {name: mail, logicalType: string, logicalTypeOptions: {format: email}}
      - {name: key, logicalType: string, logicalTypeOptions: {format: uuid}}
      - {name: address, logicalType: string, logicalTypeOptions: {format: ipv6}}
      - name: "Odd \\"Name"
        logicalType: string
        quality:
          - {metric: missingValues, mustBe: 0, arguments: {missingValues: [n/a, none]}}
          - {metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b'c, 'back\\\\slash']}}
          - {metric: invalidValues, mustBe: 0, arguments: {pattern: '^[A-Z]\\d+$'}}
      - {name: shop, logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [S01, S02, S03, S04, S05, S06, S07, S08, S09, S10]}}]}
      - {name: born, logicalType: date, logicalTypeOptions: {minimum: "1900-01-01"}}
      - {name: loaded, logicalType: timestamp, physicalType: timestamp}
slaProperties:
  - {property: retention, value: 30, unit: d, element: s.loaded}
  - {property: frequency, value: 1, unit: d, element: s.loaded}
  - {property: latency, value: 1, unit: d, element: s.born}
"""


def written(folder: Path) -> meshkit.Mesh:
    (folder / "p.yaml").write_text(yaml.safe_dump(CONTRACT))
    (folder / "o.yaml").write_text(yaml.safe_dump(OTHER))
    (folder / "q.odcs.yaml").write_text(STANDARD)
    return meshkit.load(folder)


def compiled(folder: Path) -> dict[str, dict[str, str]]:
    """Return the text of each check in each dialect: check -> dialect -> text."""
    mesh = written(folder)
    found: dict[str, dict[str, str]] = {}
    targets = [mesh.target(mesh.product(name)) for name in ("d.p", "d.q", "d.o")]
    relations = [t.namespace.own(table) for t in targets for table in t.contract.tables]
    stored = {r.id: Stored(("shop", r.id.rpartition(".")[2]), _declared(r).columns) for r in relations}
    for name in ("d.p", "d.q"):
        product = mesh.product(name)
        checks = [c for c in product.checks if c.kind not in SCHEMA_KINDS | CLOCK_KINDS]
        target = mesh.target(product)
        for check in checks:
            shown = show_sql(target, [check], Words(), NOW)[check.id]
            texts = {dialect: _in_dialect(target, check, dialect, stored) for dialect in DIALECTS}
            short = check.id.removeprefix("d.p.t.").removeprefix("d.q.").replace('"', "")
            found[short] = {name: text + "\n" for name, text in {"duckdb": shown, **texts}.items()}
    return found


def _in_dialect(target: Target, check: Check, dialect: str, stored: Mapping[str, Stored]) -> str:
    table = next(t for t in target.contract.tables if t.name == check.table)
    own = target.namespace.own(table)
    planner = Planner(TableTarget(own, table.name, _declared(own), {}, {}), target.namespace, _declared, NOW)
    planned = planner.plan(check)
    assert not isinstance(planned, Refused), planned
    try:
        return _told(transpile(planner.alone(planned).tree, dialect, stored, pretty=True))
    except MeshkitError as error:
        return f"-- refused: {error}"


def _told(made: Translation) -> str:
    return "".join(f"-- {note}\n" for note in made.rewrites) + made.sql


def _declared(relation: Relation) -> SeenTable:
    return SeenTable(columns=tuple(SeenColumn(n, native_name(t)) for n, t in relation.types), format="table")


def kept() -> Mapping[str, Mapping[str, str]]:
    return {d.name: {p.stem: p.read_text() for p in d.glob("*.sql")} for d in HERE.iterdir()}


def test_the_sql_of_each_kind_is_the_one_that_was_read_and_agreed(tmp_path):
    found = compiled(tmp_path)
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        shutil.rmtree(HERE, ignore_errors=True)
        for check, texts in found.items():
            (HERE / check).mkdir(parents=True)
            for dialect, text in texts.items():
                (HERE / check / f"{dialect}.sql").write_text(text)
        pytest.skip("golden files were written anew")
    assert found == kept()
