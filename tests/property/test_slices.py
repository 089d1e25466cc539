"""A slice counts what plain Python counts, whatever the table and whatever the plan."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit

SOME = settings(
    max_examples=examples(12, 40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SMALL = st.one_of(st.none(), st.integers(0, 3))
ROWS = st.lists(st.tuples(SMALL, SMALL, SMALL, SMALL), max_size=12)
CONTRACT = {
    "name": "p",
    "version": "1.0.0",
    "domain": "d",
    "description": "A product.",
    "sla": {"completeness": {"min_threshold": "50%"}},
    "schema": {
        "alias": "t",
        "location": "t.parquet",
        "primary_key": ["a", "b"],
        "fields": [
            {"name": "s", "type": "integer"},
            {
                "name": "a",
                "type": "integer",
                "constraints": [
                    "not_null",
                    "unique",
                    {"max": {"value": 1, "where": "b >= 1"}},
                    {"unique": {"where": "b >= 1", "threshold": 99}},
                    {"references": "known.a"},
                ],
            },
            {"name": "b", "type": "integer", "constraints": [{"in": [1, 2]}]},
            {"name": "c", "type": "integer"},
        ],
    },
}


@pytest.fixture(scope="module")
def mesh():
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "p.yaml").write_text(yaml.safe_dump(CONTRACT, sort_keys=False))
        yield meshkit.load(folder)


def duplicates(rows, mine, key):
    """Count the rows of mine beyond the first of each key, others being first, and those that share one."""
    bad = shared = 0
    for value in {key(r) for r in mine} - {None}:
        inside = sum(key(r) == value for r in mine)
        whole = sum(key(r) == value for r in rows)
        bad += inside if whole > inside else inside - 1
        shared += inside if whole > 1 else 0
    return bad, shared


def expected(rows):
    mine = [r for r in rows if r[0] == 1]
    counted = [r for r in rows if r[2] is not None and r[2] >= 1]
    mine_counted = [r for r in mine if r in counted]

    def pair(r):
        return None if None in r[1:3] else r[1:3]

    return {
        "a.not_null": (sum(r[1] is None for r in mine), len(mine)),
        "a.unique": (duplicates(rows, mine, lambda r: r[1])[0], len(mine)),
        "a.unique_2": (duplicates(counted, mine_counted, lambda r: r[1])[0], len(mine_counted)),
        "a.max": (sum(r[1] is not None and r[1] > 1 for r in mine_counted), len(mine_counted)),
        "a.references": (sum(r[1] not in (0, 2, None) for r in mine), len(mine)),
        "b.in": (sum(r[2] in (0, 3) for r in mine), len(mine)),
        "primary_key": (duplicates(rows, mine, pair)[0], len(mine)),
        "completeness": (sum(cell is None for r in mine for cell in r), 4 * len(mine)),
    }


@SOME
@given(ROWS, st.integers(1, 4))
def test_a_slice_counts_what_plain_python_counts(mesh, rows, group):
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    table = pa.table({n: pa.array(v, pa.int64()) for n, v in zip("sabc", columns, strict=True)})
    known = pa.table({"a": [0, 2]})
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "t.parquet"
        pq.write_table(table, stored, row_group_size=group)
        for data, trust in ((table, "exact"), (stored, "exact"), (stored, "never")):
            run = mesh.check(tables={"t": data, "known": known}, partition={"s": "1"}, trust_statistics=trust)
            found = {v.id.removeprefix("d.p.t."): v for v in run.verdicts}
            for name, numbers in expected(rows).items():
                assert (found[name].bad, found[name].total) == numbers, (name, trust)
            shared = duplicates(rows, [r for r in rows if r[0] == 1], lambda r: r[1])[1]
            assert not found["a.unique"].bad or f"{shared} rows share" in found["a.unique"].message
            assert found["row_count"].value == len(rows)
