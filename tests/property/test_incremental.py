"""An incremental run gives the verdicts of a full run, whatever happened to the files in between."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit

CONTRACT = """
name: orders
version: 1.0.0
domain: sales
status: active
owner: {team: t, contact: t@example.com}
description: Orders.
schema:
  location: orders
  type: FORMAT
  fields:
    - name: id
      type: integer
      constraints:
        - unique
        - not_null
    - name: customer
      type: integer
      constraints:
        - references: customers.id
        - unique: {where: "amount > 1"}
        - not_null: {where: "amount > 1"}
    - name: amount
      type: decimal(12,2)
      constraints:
        - min: 0
        - in: [0, 1, 2.5]
    - name: at
      type: timestamp
      constraints:
        - not_null: {threshold: 20%}
    - name: name
      type: string
      constraints:
        - unique
        - max_length: 2
        - pattern: "[ab]*"
  primary_key: [customer, name]
inputs:
  customers: customers.parquet
sla:
  freshness: {max_age_hours: 24, column: at}
  completeness: {min_threshold: 90%}
  quality_checks:
    - name: late
      query: "SELECT COUNT(*) FROM orders WHERE amount > 2"
      threshold: 0
    - name: share
      query: "SELECT SUM(amount) / SUM(id) + COUNT(name) FROM orders"
      must_be_between: [0, 10]
    - name: twice
      query: "SELECT COUNT(*) FROM (SELECT customer FROM orders GROUP BY customer HAVING COUNT(*) > 1)"
      threshold: 0
    - name: future
      query: "SELECT COUNT(*) FROM orders WHERE at > now()"
      threshold: 0
"""

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.int64()),
        ("amount", pa.decimal128(12, 2)),
        ("at", pa.timestamp("us")),
        ("name", pa.string()),
    ]
)
ROW = st.tuples(
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 4)),
    st.one_of(st.none(), st.sampled_from([Decimal("-1.00"), Decimal("0.00"), Decimal("1.00"), Decimal("2.50")])),
    st.one_of(st.none(), st.integers(1, 6).map(lambda day: datetime(2026, 1, day, 12))),
    st.one_of(st.none(), st.sampled_from(["a", "b", "ab", "abc", "c"])),
)
ROWS = st.lists(ROW, max_size=6)
CLOCKS = st.integers(1, 8).map(lambda day: f"2026-01-{day:02}T15:00:00Z")
STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 3), ROWS),
    st.tuples(st.just("write"), st.integers(0, 3), ROWS),
    st.tuples(st.just("shuffle"), st.integers(0, 3), st.just([])),
    st.tuples(st.just("remove"), st.integers(0, 3), st.just([])),
    st.tuples(st.just("customers"), st.integers(0, 4), st.just([])),
    st.tuples(st.just("nothing"), st.just(0), st.just([])),
)


class Folder:
    """A mesh whose files change; all were written in the same second, at another nanosecond."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root, self.kind, self.ticks = root, kind, 0
        self.tables: dict[int, pa.Table] = {}
        (root / "orders").mkdir(parents=True)
        (root / "orders.yaml").write_text(CONTRACT.replace("FORMAT", kind))
        self.write(9, [(1, 1, Decimal("1.00"), datetime(2026, 1, 1), "a")])
        self.customers(3)

    def write(self, number: int, rows: list[tuple]) -> None:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
        self._put(number, pa.table([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA))

    def shuffle(self, number: int) -> None:
        """Write the rows of a file anew, so that size and footer stay and rows do not: each customer moves by a row."""
        table = self.tables.get(number)
        if table is not None and table.num_rows > 1:
            moved = table["customer"].to_pylist()
            moved = pa.array(moved[1:] + moved[:1], pa.int64())
            self._put(number, table.set_column(1, "customer", moved))

    def remove(self, number: int) -> None:
        if self.tables.pop(number, None) is not None:
            self._path(number).unlink()

    def customers(self, count: int) -> None:
        pq.write_table(pa.table({"id": pa.array(range(count), pa.int64())}), self.root / "customers.parquet")
        self._tick(self.root / "customers.parquet")

    def _put(self, number: int, table: pa.Table) -> None:
        self.tables[number] = table
        if self.kind == "parquet":
            pq.write_table(table, self._path(number), compression="none", use_dictionary=False)
        else:
            pa_csv.write_csv(table, self._path(number))
        self._tick(self._path(number))

    def _path(self, number: int) -> Path:
        return self.root / "orders" / f"part-{number}.{self.kind}"

    def _tick(self, path: Path) -> None:
        self.ticks += 1
        os.utime(path, ns=(0, 1_700_000_000_000_000_001 + self.ticks))


def verdicts(run: meshkit.Run) -> dict[str, tuple]:
    return {v.id: (str(v.outcome), v.bad, v.total, v.value, v.message) for v in run.verdicts}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@settings(max_examples=examples(5, 20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(STEP, CLOCKS), min_size=2, max_size=7))
def test_incremental_equals_full(tmp_path, monkeypatch, kind, steps):
    root = tmp_path / "mesh"
    shutil.rmtree(root, ignore_errors=True)
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    monkeypatch.setenv("MESHKIT_CACHE", str(tmp_path / "cache"))
    folder = Folder(root, kind)
    mesh = meshkit.load(root)
    first = mesh.check(incremental=True, now="2026-01-03T15:00:00Z")
    assert not mesh.problems
    assert "errored" not in {str(v.outcome) for v in first.verdicts}
    for (what, number, rows), now in steps:
        match what:
            case "write":
                folder.write(number, rows)
            case "nothing":
                pass
            case _:
                getattr(folder, what)(number)
        run = mesh.check(incremental=True, now=now)
        full = mesh.check(now=now)
        assert verdicts(run) == verdicts(full)
        assert run.products[0].rows == full.products[0].rows
