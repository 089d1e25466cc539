"""Where data may lie, and what is said where it cannot be read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

FIELDS = [{"name": "a", "type": "integer", "constraints": ["unique"]}]


@pytest.mark.parametrize(
    "frame",
    [
        pa.table({"a": [1, 1]}),
        pa.table({"a": [1, 1]}).to_batches()[0],
        pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), pa.table({"a": [1, 1]}).to_batches()),
        pl.DataFrame({"a": [1, 1]}),
        pl.LazyFrame({"a": [1, 1]}),
        pd.DataFrame({"a": [1, 1]}),
    ],
    ids=["arrow", "batch", "reader", "polars", "lazy", "pandas"],
)
def test_frames_are_read(judged, frame):
    assert judged(frame, FIELDS)["a.unique"].bad == 1


def test_an_object_that_is_no_table_is_errored_with_its_type(judged):
    verdict = judged([1, 2], FIELDS)["a.unique"]
    assert verdict.outcome == "errored"
    assert "cannot be a list" in verdict.message


def test_a_table_of_a_duckdb_file_is_read_and_left_as_it_is(judged, tmp_path: Path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(
            "CREATE SCHEMA s; CREATE TABLE s.orders AS SELECT 1::INTEGER AS a; CREATE TABLE other AS SELECT 2 AS a"
        )
    before = path.read_bytes()
    assert judged(f"{path}#s.orders", FIELDS)["a.unique"].total == 1
    assert path.read_bytes() == before
    assert "s.orders" in judged(str(path), FIELDS)["a.unique"].message
    assert "no table 's.nope'" in judged(f"{path}#s.nope", FIELDS)["a.unique"].message


def test_hive_partitions_are_typed_columns(judged, tmp_path: Path):
    for day, rows in (("2026-01-01", 2), ("2026-01-02", 3)):
        folder = tmp_path / "t" / f"day={day}" / "code=007"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"a": list(range(rows))}), folder / "x.parquet")
    fields = [
        {"name": "a", "type": "integer"},
        {"name": "day", "type": "date"},
        {"name": "code", "type": "string", "constraints": [{"in": ["007"]}]},
    ]
    found = judged(str(tmp_path / "t"), fields, schema={"partitioned_by": ["day", "code"]})
    assert {k: str(v.outcome) for k, v in found.items()} == dict.fromkeys(found, "passed")
    assert found["row_count"].value == 5


def test_hive_partitions_of_csv_are_parsed_as_they_are_declared(judged, tmp_path: Path):
    for day, count in (("2026-01-01", 7), ("2026-01-02", 8)):
        folder = tmp_path / "t" / f"day={day}" / f"count={count}"
        folder.mkdir(parents=True)
        (folder / "x.csv").write_text("a\n1\n")
    fields = [
        {"name": "a", "type": "integer"},
        {"name": "day", "type": "date", "constraints": [{"max": "2026-01-01"}]},
        {"name": "count", "type": "integer", "constraints": [{"min": 7}]},
    ]
    found = judged(str(tmp_path / "t"), fields)
    assert (found["types"].outcome, found["day.max"].bad, found["count.min"].bad) == ("passed", 1, 0)


def test_a_folder_is_read_without_its_hidden_and_marker_files(judged, tmp_path: Path):
    folder = tmp_path / "t"
    (folder / "_temporary").mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), folder / "part-0.parquet")
    pq.write_table(pa.table({"a": [1]}), folder / "_temporary" / "part-1.parquet")
    (folder / "_SUCCESS").write_text("")
    assert judged(str(folder), FIELDS)["row_count"].value == 1


def test_a_file_name_with_glob_characters_means_that_file(judged, tmp_path: Path):
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "x[1].parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x1.parquet")
    assert judged(str(tmp_path / "x[1].parquet"), FIELDS)["row_count"].value == 2


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("gone.parquet", None, "is not there"),
        ("no*match.parquet", None, "no file matches"),
        ("x.parquet", b"this is no parquet", "cannot be read"),
        ("x.parquet", b"", "cannot be read"),
        ("x.unknown", b"x", "format"),
        ("x.duckdb", b"no database", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_errored_with_its_reason(judged, tmp_path: Path, name, write, said):
    if write is not None:
        (tmp_path / name).write_bytes(write)
    found = judged(str(tmp_path / name), FIELDS)
    assert {str(v.outcome) for v in found.values()} == {"errored"}
    assert said in found["row_count"].message


def test_a_csv_that_is_not_well_formed_names_its_line_and_no_value(judged, tmp_path: Path):
    (tmp_path / "x.csv").write_text('a,b\n1,"secret\n2,3\n')
    message = judged(str(tmp_path / "x.csv"), [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}])[
        "row_count"
    ].message
    assert "secret" not in message


def test_a_delta_table_is_refused_since_its_files_hold_deleted_rows(judged, tmp_path: Path):
    log = tmp_path / "t" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("{}")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t" / "x.parquet")
    assert "Delta table" in judged(str(tmp_path / "t"), FIELDS)["row_count"].message


def test_a_secret_in_a_location_stops_the_product_and_is_not_shown(mesh, contract):
    found = mesh(contract(FIELDS, schema={"location": "s3://user:hunter2@bucket/x.parquet"}))
    assert found.check().outcome == "errored"
    assert [p.code for p in found.problems] == ["MK160"]
    assert "hunter2" not in f"{found.problems[0].message} {found.problems[0].hint}"


def test_behind_a_server_only_files_below_the_mesh_are_read(mesh, contract, tmp_path: Path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "outside.parquet")
    (tmp_path / "mesh").mkdir()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "mesh" / "inside.parquet")
    (tmp_path / "mesh" / "link.parquet").symlink_to(tmp_path / "outside.parquet")
    for location, outcome in (
        ("inside.parquet", "passed"),
        ("../outside.parquet", "errored"),
        ("link.parquet", "errored"),
        ("s3://b/x.parquet", "errored"),
    ):
        run = mesh(contract(FIELDS, schema={"location": location})).check(confined=True)
        assert run.outcome == outcome, location
    assert "MK310" in run.verdicts[0].message


def test_the_engine_reads_nothing_but_the_listed_files(tmp_path: Path):
    """Even SQL that slipped past the guard finds a locked database."""
    from meshkit.engines.base import Settings
    from meshkit.engines.duckdb import DuckDB
    from meshkit.model.relation import Relation

    pq.write_table(pa.table({"a": [1]}), tmp_path / "mine.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    session = DuckDB().open([Relation(id="r", location=str(tmp_path / "mine.parquet"))], {}, Settings(threads=1))
    try:
        assert session.execute('SELECT count(*) AS n FROM "r"').to_pylist() == [{"n": 1}]
        for query in (
            f"SELECT * FROM '{tmp_path}/other.parquet'",
            "SELECT * FROM read_text('/etc/hostname')",
            f"SELECT * FROM glob('{tmp_path}/*')",
        ):
            with pytest.raises(Exception, match=r"MK30"):
                session.execute(query)
        assert "configuration" in session.try_out("SET enable_external_access=true")
    finally:
        session.close()


def test_temporary_files_are_gone_after_a_run(judged, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    judged(pa.table({"a": [Decimal(1)]}), [{"name": "a"}])
    assert list((tmp_path / "temp").iterdir()) == []


def test_a_quoted_name_of_a_csv_may_go_on_in_the_next_line(judged, tmp_path: Path):
    (tmp_path / "t.csv").write_text('a,"b\nc",d\n1,2,3\n')
    fields = [{"name": name, "type": "integer"} for name in ("a", "b\nc", "d")]
    assert judged(str(tmp_path / "t.csv"), fields)["types"].outcome == "passed"
