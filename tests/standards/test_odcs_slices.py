"""Slices of ODCS contracts: parts of nested columns, the contract's own names, several tables, promises of freshness."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from meshkit.errors import UsageError


def counts(verdict):
    return str(verdict.outcome), verdict.bad, verdict.total


@pytest.fixture
def sliced(mesh, odcs):
    """Check a table with a slice; verdicts by what follows `d.p.t.`."""

    def run(table, properties, options, **keys):
        run = mesh(odcs(properties, **keys)).check(tables={"t": table}, **options)
        return {v.id.removeprefix("d.p.t."): v for v in run.verdicts}

    return run


TAGS = pa.table({"day": ["a", "b", "b", None], "tags": [["x", "y"], ["x", "z", "z"], None, ["q", "z", None]]})


@pytest.mark.parametrize(
    ("day", "outside", "repeated"),
    [
        ("b", 2, 3),  # of x, z, z two are not x or y; x is in the first row too, z in the last, which has no day
        ("a", 0, 1),  # x; y is nowhere else
    ],
)
def test_parts_of_arrays_count_the_elements_of_the_slice(sliced, day, outside, repeated):
    item = {"logicalType": "string", "unique": True, "logicalTypeOptions": {"pattern": "^[xy]$"}}
    properties = [{"name": "day", "logicalType": "string"}, {"name": "tags", "logicalType": "array", "items": item}]
    found = sliced(TAGS, properties, {"partition": {"day": day}})
    total = {"a": 2, "b": 3}[day]
    assert (found["tags[].pattern"].bad, found["tags[].pattern"].total) == (outside, total)
    assert (found["tags[].unique"].bad, found["tags[].unique"].total) == (repeated, total)
    assert found["tags[].unique"].is_sliced


def test_parts_of_objects_count_the_rows_of_the_slice(sliced):
    people = pa.array([{"zip": "1"}, {"zip": "1"}, {"zip": None}, {"zip": "2"}, {"zip": "2"}])
    table = pa.table({"day": ["a", "b", "b", "b", "b"], "x": people})
    zip_ = {"name": "zip", "logicalType": "string", "required": True, "unique": True}
    properties = [
        {"name": "day", "logicalType": "string"},
        {"name": "x", "logicalType": "object", "properties": [zip_]},
    ]
    found = sliced(table, properties, {"partition": {"day": "b"}})
    assert counts(found["x.zip.not_null"]) == ("failed", 1, 4)
    assert counts(found["x.zip.unique"]) == ("failed", 2, 4)  # 1 beside the first row; one of the two 2


def test_a_column_goes_by_the_name_of_its_contract(sliced):
    properties = [
        {"name": "day", "physicalName": "DT", "logicalType": "string"},
        {"name": "x", "logicalType": "integer", "required": True},
    ]
    table = pa.table({"DT": ["a", "b", "b"], "x": [None, 1, None]})
    for name in ("day", "dt"):
        assert counts(sliced(table, properties, {"partition": {name: "b"}})["x.not_null"]) == ("failed", 1, 2)


def test_a_window_goes_by_the_element_of_a_promise_and_other_tables_are_judged_whole(mesh, odcs):
    at = {"name": "at", "logicalType": "timestamp"}
    x = {"name": "x", "logicalType": "integer", "required": True}
    text = odcs(
        schema=[{"name": "t", "properties": [at, x]}, {"name": "u", "properties": [at, x]}],
        slaProperties=[{"property": "freshness", "value": 4, "unit": "d", "element": "t.at"}],
    )
    rows = pa.table({"at": [datetime(2026, 11, 20), datetime(2026, 11, 22)], "x": [None, 1]})
    run = mesh(text).check(tables={"t": rows, "u": rows}, window="1d", now="2026-11-22T06:00:00Z")
    assert counts(run.verdict("d.p.t.x.not_null")) == ("passed", 0, 1)
    assert counts(run.verdict("d.p.u.x.not_null")) == ("failed", 1, 2)
    assert run.to_dict()["slice"]["whole"] == [
        {"table": "d.p.u", "reason": "its contract names no sla.freshness.column"}
    ]


def test_a_uuid_is_compared_as_text(sliced, tmp_path):
    value, stored = "6ba7b810-9dad-11d1-80b4-00c04fd430c8", str(tmp_path / "t.parquet")
    rows = f"SELECT * FROM (VALUES ('{value}'::UUID, 1), (NULL, NULL)) AS t(k, x)"
    duckdb.sql(f"COPY ({rows}) TO '{stored}'")
    properties = [{"name": "k"}, {"name": "x", "logicalType": "integer", "required": True}]
    assert counts(sliced(stored, properties, {"partition": {"k": value}})["x.not_null"]) == ("passed", 0, 1)
    assert counts(sliced(stored, properties, {"partition": {"k": "no uuid"}})["x.not_null"]) == ("passed", 0, 0)


def test_a_nested_column_is_no_partition(sliced):
    properties = [{"name": "tags", "logicalType": "array", "items": {"logicalType": "string"}}]
    with pytest.raises(UsageError, match="'x' is no value of column 'tags'"):
        sliced(TAGS.select(["tags"]), properties, {"partition": {"tags": "x"}})
