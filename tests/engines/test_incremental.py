"""Incremental runs: what is read, what is kept, and that a damaged cache never changes a verdict."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import meshkit
from meshkit.report.json import report_schema
from meshkit.report.text import render_text

CONTRACT = """
name: orders
version: 1.0.0
domain: sales
status: active
owner: {{team: t, contact: t@example.com}}
description: Orders.
schema:
  location: orders
  type: {kind}
  fields:
    - name: id
      type: string
      constraints:
        - not_null
        - unique
    - name: customer
      type: integer
      constraints:
        - references: customers.id
    - name: amount
      type: integer
      constraints:
        - min: 0
inputs:
  customers: customers.parquet
sla:
  quality_checks:
    - name: per_row
      query: "SELECT SUM(amount) / COUNT(*) FROM orders"
      must_be_between: [0, 100]
{more}
"""
OFF = "the cache is off, so that nothing is kept (MESHKIT_CACHE)"


class Mesh:
    """A folder with three files of orders: 6 rows, ids a0 a1 | b0 b1 | c0 a1, so that one id stands there twice."""

    def __init__(self, root: Path, kind: str = "parquet", more: str = "") -> None:
        self.root, self.kind, self.ticks = root, kind, 0
        (root / "orders").mkdir(parents=True)
        (root / "orders.yaml").write_text(CONTRACT.format(kind=kind, more=more))
        self.customers([1, 2, 3])
        self.write("a", ["a0", "a1"], [1, 2], [5, 5])
        self.write("b", ["b0", "b1"], [3, 3], [-5, 5])
        self.write("c", ["c0", "a1"], [4, None], [7, 7])

    def write(self, name: str, ids: list, customers: list, amounts: list) -> None:
        table = pa.table({"id": pa.array(ids, pa.string()), "customer": pa.array(customers, pa.int64()),
                          "amount": pa.array(amounts, pa.int64())})  # fmt: skip
        path = self.root / "orders" / f"{name}.{self.kind}"
        if self.kind == "parquet":
            pq.write_table(table, path)
        elif self.kind == "json":
            path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
        else:
            lines = [",".join("" if v is None else str(v) for v in row.values()) for row in table.to_pylist()]
            path.write_text("id,customer,amount\n" + "\n".join(lines) + "\n")
        self.tick(path)

    def customers(self, ids: list[int]) -> None:
        pq.write_table(pa.table({"id": ids}), self.root / "customers.parquet")
        self.tick(self.root / "customers.parquet")

    def tick(self, path: Path) -> None:
        self.ticks += 1
        os.utime(path, ns=(0, 1_700_000_000_000_000_001 + self.ticks))

    def check(self, **options) -> meshkit.Run:
        return meshkit.load(self.root).check(incremental=True, **options)

    def table(self):
        (table,) = self.check().result.incremental.tables
        return table


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("MESHKIT_CACHE", str(folder))
    return folder


@pytest.fixture
def mesh(tmp_path, cache):
    return Mesh(tmp_path / "mesh")


def counts(run: meshkit.Run) -> dict[str, tuple]:
    return {v.id.removeprefix("sales.orders.orders."): (v.bad, v.total) for v in run.verdicts if v.bad is not None}


FIRST = {"id.not_null": (0, 6), "id.unique": (1, 6), "customer.references": (1, 6), "amount.min": (1, 6)}


def is_first(run: meshkit.Run) -> bool:
    """Whether the numbers are those of the three first files, counted by hand; (5+5-5+5+7+7)/6 = 4 per row."""
    return FIRST.items() <= counts(run).items() and run.verdict("sales.orders.orders.per_row").value == 4


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_only_new_files_are_read(tmp_path, cache, kind):
    mesh = Mesh(tmp_path / "mesh", kind)
    first = mesh.check()
    assert is_first(first)
    assert [(t.files, t.scanned, t.full) for t in first.result.incremental.tables] == [(3, 3, ())]
    mesh.write("d", ["d0", None, "d2"], [9, 1, 1], [-1, -1, None])
    second = mesh.check()
    assert [(t.files, t.scanned, t.full) for t in second.result.incremental.tables] == [(4, 1, ())]
    assert counts(second).items() >= {
        "id.not_null": (1, 9), "id.unique": (1, 9), "customer.references": (2, 9), "amount.min": (3, 9)
    }.items()  # fmt: skip
    (mesh.root / "orders" / f"c.{kind}").unlink()
    third = mesh.check()
    assert [(t.files, t.scanned, t.full) for t in third.result.incremental.tables] == [(3, 0, ())]
    assert counts(third).items() >= {"id.unique": (0, 7), "customer.references": (1, 7), "amount.min": (3, 7)}.items()


def test_unchanged_data_is_not_opened(mesh, monkeypatch):
    mesh.check()

    def refuse(*args, **kwargs):
        raise AssertionError("a database was opened")

    monkeypatch.setattr(duckdb, "connect", refuse)
    run = mesh.check()
    assert is_first(run)
    assert [(t.files, t.scanned) for t in run.result.incremental.tables] == [(3, 0)]


def test_a_duplicate_is_told_from_equal_hashes_of_kept_files(mesh):
    mesh.check()
    mesh.write("d", ["b1", "b1", "zz"], [1, 1, 1], [1, 1, 1])
    run = mesh.check()
    assert counts(run)["id.unique"] == (3, 9)
    assert "5 rows share a value" in run.verdict("sales.orders.orders.id.unique").message


def test_a_changed_referenced_table_reruns_the_reference(mesh):
    mesh.check()
    mesh.customers([1])
    run = mesh.check()
    assert counts(run)["customer.references"] == (4, 6)
    (table,) = run.result.incremental.tables
    assert [(c.id, c.reason) for c in table.full] == [
        ("sales.orders.orders.customer.references", "'customers' has changed, or is new")
    ]
    assert mesh.table().full == ()


def test_what_is_run_in_full_is_said_with_the_reason(tmp_path, cache):
    more = """
    - name: busy
      query: "SELECT COUNT(*) FROM (SELECT customer FROM orders GROUP BY customer HAVING COUNT(*) > 1)"
      threshold: 0
    - name: middle
      query: "SELECT AVG(amount) FROM orders"
      must_be_between: [0, 100]
    - name: broken
      query: "SELECT SUM(CAST(id AS INTEGER)) FROM orders"
      must_be_between: [0, 100]
"""
    mesh = Mesh(tmp_path / "mesh", more=more)
    run = mesh.check()
    assert is_first(run)
    reasons = {c.id.rpartition(".")[2]: c.reason for c in run.result.incremental.tables[0].full}
    assert reasons == {
        "busy": "its query is more than one pass over the table",
        "middle": "its aggregates do not add up exactly over files",
        "broken": "its statement over new files failed",
    }
    assert str(run.verdict("sales.orders.orders.broken").outcome) == "errored"
    assert counts(run)["amount.min"] == (1, 6)
    text = render_text(run.result)
    assert "incremental: sales.orders.orders: 3 of 3 files were read" in text
    assert "  in full: busy (its query is more than one pass over the table)" in text
    again = {c.id.rpartition(".")[2] for c in mesh.table().full}
    assert again == {"broken"}  # the other two are remembered as long as no file changes


def test_the_json_report_says_what_was_read(mesh):
    report = mesh.check().to_dict()
    jsonschema.validate(report, report_schema())
    assert report["incremental"] == {
        "tables": [{"product": "sales.orders", "table": "orders", "files": 3, "scanned": 3, "full": []}],
        "note": "",
    }
    assert meshkit.load(mesh.root).check().to_dict()["incremental"] is None


def test_json_files_are_read_as_a_whole(tmp_path, cache):
    mesh = Mesh(tmp_path / "mesh", "json")
    run = mesh.check()
    assert is_first(run)
    assert {c.reason for c in run.result.incremental.tables[0].full} == {"its files are read as a whole"}
    again = mesh.check()
    assert is_first(again)
    assert again.result.incremental.tables[0].full == ()


def test_files_that_differ_in_their_columns_are_run_in_full(mesh):
    mesh.check()
    pq.write_table(
        pa.table({"id": ["x"], "customer": pa.array([1], pa.int32()), "amount": [1]}), mesh.root / "orders/d.parquet"
    )
    run = mesh.check()
    assert counts(run)["amount.min"] == (1, 7)
    assert {c.reason for c in run.result.incremental.tables[0].full} == {"its files differ in their columns"}


def test_partitioned_folders(tmp_path, cache):
    mesh = Mesh(tmp_path / "mesh")
    for name in "abc":
        folder = mesh.root / "orders" / f"day=2026-01-0{ord(name) - 96}"
        folder.mkdir()
        (mesh.root / "orders" / f"{name}.parquet").rename(folder / "x.parquet")
    assert is_first(mesh.check())
    run = mesh.check()
    assert is_first(run)
    assert [(t.files, t.scanned) for t in run.result.incremental.tables] == [(3, 0)]


def test_frames_are_run_in_full(mesh):
    frame = pa.table({"id": ["x", "x"], "customer": [1, 9], "amount": [1, -1]})
    run = mesh.check(tables={"orders": frame})
    assert counts(run).items() >= {"id.unique": (1, 2), "customer.references": (1, 2), "amount.min": (1, 2)}.items()
    assert {c.reason for c in run.result.incremental.tables[0].full} == {
        "'sales.orders.orders' is not read from local files"
    }


def test_too_many_equal_keys_are_grouped(mesh):
    mesh.write("d", [f"k{i % 2500}" for i in range(5000)], [1] * 5000, [1] * 5000)
    for _ in range(2):
        run = mesh.check()
        assert counts(run)["id.unique"] == (2501, 5006)
        mesh.write("e", ["n"], [1], [1])
        run = mesh.check()
        assert counts(run)["id.unique"] == (2501, 5007)
        assert [c.reason for c in run.result.incremental.tables[0].full] == ["more than 2,000 keys have equal hashes"]
        (mesh.root / "orders/e.parquet").unlink()


def test_off_means_off(tmp_path, mesh, cache, monkeypatch):
    monkeypatch.setenv("MESHKIT_CACHE", "off")
    run = mesh.check()
    assert is_first(run)
    assert run.result.incremental.note == OFF
    assert {c.reason for c in run.result.incremental.tables[0].full} == {"nothing is kept"}
    assert not cache.exists()


def test_a_full_run_neither_reads_nor_writes_observations(mesh, cache):
    meshkit.load(mesh.root).check()
    assert not (cache / "observations.sqlite").exists()
    assert not (cache / "keys").exists()


def test_no_value_of_a_row_is_kept(mesh, cache):
    mesh.write("d", ["secret-name", "secret-name"], [1, 1], [1, 1])
    mesh.check()
    kept = b"".join(p.read_bytes() for p in cache.rglob("*") if p.is_file() and "parsed" not in p.name)
    assert len(kept) > 1000
    assert b"secret-name" not in kept


def damage_hashes(cache: Path) -> None:
    for path in (cache / "keys").iterdir():
        data = path.read_bytes()
        head = len(data) - 16  # two hashes
        path.write_bytes(data[:head] + bytes(b ^ 255 for b in data[head:]))


def cut_hashes(cache: Path) -> None:
    for path in (cache / "keys").iterdir():
        path.write_bytes(path.read_bytes()[:-8])


def swap_hashes(cache: Path) -> None:
    """Put the hashes of one file under the name of another."""
    first, second, *_ = sorted((cache / "keys").iterdir())
    first.write_bytes(second.read_bytes())


def empty_hashes(cache: Path) -> None:
    for path in (cache / "keys").iterdir():
        path.write_bytes(b"")


def damage_values(cache: Path) -> None:
    with sqlite3.connect(cache / "observations.sqlite") as database:
        database.execute('UPDATE entries SET value = replace(value, \'"i","\', \'"i","1\')')
    database.close()


def swap_values(cache: Path) -> None:
    """Put each value under the key of another."""
    with sqlite3.connect(cache / "observations.sqlite") as database:
        rows = database.execute("SELECT key, value FROM entries").fetchall()
        values = [value for _, value in rows]
        moved = [(value, key) for (key, _), value in zip(rows, values[1:] + values[:1], strict=True)]
        database.executemany("UPDATE entries SET value = ? WHERE key = ?", moved)
    database.close()


def foreign_database(cache: Path) -> None:
    for path in cache.glob("observations.sqlite*"):
        path.unlink()
    (cache / "observations.sqlite").write_text("this is no database, but somebody's notes " * 100)


def other_database(cache: Path) -> None:
    for path in cache.glob("observations.sqlite*"):
        path.unlink()
    with sqlite3.connect(cache / "observations.sqlite") as database:
        database.execute("CREATE TABLE entries (something BLOB)")
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        damage_hashes, cut_hashes, swap_hashes, empty_hashes, damage_values, swap_values, foreign_database, other_database
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_changed", [False, True])
def test_a_damaged_cache_never_changes_a_verdict(mesh, cache, damage, is_changed):
    mesh.check()
    damage(cache)
    if is_changed:
        mesh.write("d", ["b1"], [1], [1])
        assert counts(mesh.check()).items() >= {"id.unique": (2, 7), "customer.references": (1, 7)}.items()
    else:
        assert is_first(mesh.check())


def test_entries_that_were_not_used_for_long_are_forgotten(mesh, cache):
    mesh.check()
    with sqlite3.connect(cache / "observations.sqlite") as database:
        database.execute("UPDATE entries SET used = date('now', '-91 days')")
        old = {key for (key,) in database.execute("SELECT key FROM entries")}
    database.close()
    for path in (cache / "keys").iterdir():
        os.utime(path, (0, 0))
    (mesh.root / "orders/a.parquet").unlink()
    (mesh.root / "orders/b.parquet").unlink()
    (mesh.root / "orders/c.parquet").unlink()
    mesh.write("d", ["d"], [1], [1])
    mesh.check()
    with sqlite3.connect(cache / "observations.sqlite") as database:
        left = {key for (key,) in database.execute("SELECT key FROM entries")}
    database.close()
    assert len(old & left) < len(old)
    assert len(list((cache / "keys").iterdir())) == 1


def test_other_rows_with_the_same_footer_are_read(tmp_path, cache):
    """Size, footer and second are the same: only the nanosecond and the order of one column are not."""
    query = "SELECT COUNT(*) FROM orders WHERE amount = 5 AND customer = 3"
    mesh = Mesh(tmp_path / "mesh", more=f'    - {{name: pairs, query: "{query}", threshold: 0}}')
    path = mesh.root / "orders/z.parquet"
    for customers, pairs in (([1, 3, 2], 1), ([3, 1, 2], 2), ([3, 1, 3], 3)):
        table = pa.table({"id": ["x", "y", "z"], "customer": customers, "amount": [5, 1, 5]})
        pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)
        mesh.tick(path)
        run = mesh.check()
        assert run.result.incremental.tables[0].scanned in (1, 4)
        assert run.verdict("sales.orders.orders.pairs").value == pairs


def test_a_file_that_was_written_just_now_is_not_kept(mesh):
    mesh.check()
    path = mesh.root / "orders/a.parquet"
    os.utime(path)  # now, as far as the clock of the file system can tell
    future = path.stat().st_mtime_ns + 3_600_000_000_000
    os.utime(path, ns=(future, future))  # from here on, a change in the same moment would not show
    for _ in range(2):
        run = mesh.check()
        assert is_first(run)
        assert run.result.incremental.tables[0].scanned == 1
