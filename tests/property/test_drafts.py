"""A law: whatever the data, its draft lints without an error, and passes on that data."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit

TEXTS = ["a", "NO", "null", " ", "x,y", 'q"q', "007", "1", "-2.50", "1e3", "nan", "inf", "2026-01-01", "2026-02-30", "12:30", "24:00:00",
         "2026-01-01 10:00", "2026-01-01T10:00:00Z", "true", "infinity", "epoch", "é", "4111111111111111", "a@b.co", "+49 30 901820",
         "123456789012345678901234567890123456789", "5.", ".5", "+6", "0.1234567", "\\N"]  # fmt: skip
NAMES = st.sampled_from(["id", "order_id", "line_no", "email", "x: y", "#h", "q'q", "null", "1e3", "A", "a", "day"])
VALUES = {
    "text": st.sampled_from(TEXTS),
    "number": st.sampled_from(["1", "2.5", "-3", "1e3", "nan"]),
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(),
    "bool": st.booleans(),
    "day": st.dates(),
}
COLUMN = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.lists(st.one_of(st.none(), VALUES[kind]), min_size=6, max_size=6)
)
TABLES = st.tuples(st.dictionaries(NAMES, COLUMN, min_size=1, max_size=4), st.sampled_from([1, 1, 50]))


def holds(folder: Path, location: Path) -> None:
    (folder / "draft.yaml").write_text(meshkit.draft(location))
    mesh = meshkit.load(folder / "draft.yaml")
    assert [str(p) for p in mesh.lint()] == []
    assert {v.id: v.message for v in mesh.check().verdicts if v.outcome != "passed"} == {}


def plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@settings(max_examples=examples(8, 25), deadline=None)
@given(TABLES, st.sampled_from(["parquet", "csv", "jsonl"]))
def test_a_draft_holds_on_the_data_it_was_drafted_from(table, kind):
    columns, times = table
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] * times
    with tempfile.TemporaryDirectory() as name:
        location = Path(name) / f"t.{kind}"
        if kind == "parquet":
            pq.write_table(pa.table({n: pa.array(v * times) for n, v in columns.items()}), location)
        elif kind == "csv":
            with location.open("w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(["" if v is None else v for v in row.values()] for row in rows)
        else:
            location.write_text("\n".join(json.dumps({k: plain(v) for k, v in r.items()}, default=str) for r in rows))
        holds(Path(name), location)
