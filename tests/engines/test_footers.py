"""When a footer is proof, and when it is not."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import meshkit
from meshkit.run import arrange

Check = Callable[..., dict[str, tuple[Any, Any]]]


@pytest.fixture
def counted(mesh: Callable[..., meshkit.Mesh], contract: Callable[..., str], tmp_path: Path) -> Check:
    """Check files of the mesh's folder; (bad or value, total) by what follows `d.p.t.`, the same however planned."""
    (tmp_path / "mesh").mkdir(exist_ok=True)

    def run(fields: list[dict[str, Any]], trust: str = "exact", **keys: Any) -> dict[str, tuple[Any, Any]]:
        found = mesh(contract(fields, **keys)).check(trust_statistics=trust).verdicts
        return {
            v.id.removeprefix("d.p.t."): (v.value if v.bad is None else v.bad, v.total)
            for v in found
            if str(v.outcome) in ("passed", "failed", "warned")
        }

    return run


@pytest.fixture
def both(counted: Check) -> Check:
    """As `counted`, after a look that footers make no difference."""

    def run(fields: list[dict[str, Any]], **keys: Any) -> dict[str, tuple[Any, Any]]:
        found = counted(fields, **keys)
        assert counted(fields, "never", **keys) == found
        return found

    return run


@pytest.fixture
def how(
    mesh: Callable[..., meshkit.Mesh], contract: Callable[..., str], tmp_path: Path
) -> Callable[..., dict[str, str]]:
    """Tell how each check is answered."""
    (tmp_path / "mesh").mkdir(exist_ok=True)

    def run(fields: list[dict[str, Any]], **keys: Any) -> dict[str, str]:
        (plan,) = mesh(contract(fields, **keys)).explain()
        return {check.removeprefix("d.p.t."): str(step.how) for step in plan.steps for check in step.checks}

    return run


def lying(folder: Path, said: pa.Table, held: pa.Table, **options: Any) -> None:
    """Write a file that holds one table under the footer of another, whose pages lie at the same places."""
    bytes_of = []
    for table in (said, held):
        pq.write_table(table, folder / "t.parquet", compression="none", use_dictionary=False, **options)
        bytes_of.append((folder / "t.parquet").read_bytes())
    footers = [struct.unpack("<I", b[-8:-4])[0] + 8 for b in bytes_of]
    assert len(bytes_of[0]) - footers[0] == len(bytes_of[1]) - footers[1]
    (folder / "t.parquet").write_bytes(bytes_of[1][: -footers[1]] + bytes_of[0][-footers[0] :])


QUERIES = {
    "where": "SELECT COUNT(*) FROM t WHERE x < 0",
    "cte": "WITH c AS MATERIALIZED (SELECT * FROM t) SELECT COUNT(*) FROM c WHERE x < 0",
    "least": "SELECT MIN(x) FROM t",
    "first": "SELECT x FROM t ORDER BY x LIMIT 1",
    "join": "SELECT COUNT(*) FROM t JOIN u ON t.x = u.x",
    "scalar": "SELECT COUNT(*) FROM t WHERE x = (SELECT MIN(x) FROM u)",
}


def test_a_lying_footer_is_believed_by_exact_and_found_out_by_never(tmp_path: Path, counted: Check) -> None:
    """One row of 200,000 holds -5; the footer says that the least is 0."""
    said = list(range(200_000))
    held = [*said[:150_000], -5, *said[150_001:]]
    lying(tmp_path / "mesh", pa.table({"x": said}), pa.table({"x": held}), row_group_size=10_000)
    pq.write_table(pa.table({"x": [-5]}), tmp_path / "mesh" / "u.parquet")
    fields = [{"name": "x", "constraints": [{"min": 0}, {"in": [str(n) for n in range(-4, 3)]}]}]
    checks = [{"name": name, "query": query, "must_be": -1} for name, query in QUERIES.items()]
    keys = {"sla": {"quality_checks": checks}, "inputs": {"u": "u.parquet"}}
    assert counted(fields, "exact", **keys)["x.min"] == (0, 200_000)
    told = counted(fields, "never", **keys)
    assert told["x.min"] == (1, 200_000)
    assert told["x.in"] == (200_000 - 3, 200_000)
    assert {name: told[name][0] for name in QUERIES} == {
        "where": 1, "cte": 1, "least": -5, "first": -5, "join": 1, "scalar": 1,
    }  # fmt: skip


def test_nan_counts_wherever_it_meets_a_join_or_a_sort(tmp_path: Path, both: Check) -> None:
    values = [*map(float, range(100_000)), math.nan]
    pq.write_table(pa.table({"x": values}), tmp_path / "mesh" / "t.parquet", row_group_size=10_000)
    pq.write_table(pa.table({"x": [math.nan]}), tmp_path / "mesh" / "u.parquet")
    queries = {
        "join": "SELECT COUNT(*) FROM t JOIN u ON t.x = u.x",
        "last": "SELECT COUNT(*) FROM (SELECT x FROM t ORDER BY x DESC LIMIT 1) AS s WHERE isnan(x)",
        "where": "SELECT COUNT(*) FROM t WHERE x > 99999",
    }
    keys = {
        "sla": {"quality_checks": [{"name": n, "query": q} for n, q in queries.items()]},
        "inputs": {"u": "u.parquet"},
    }
    found = both([{"name": "x", "constraints": [{"min": 0}, {"max": 100_000}]}], **keys)
    assert [found[name][0] for name in ("join", "last", "where", "x.min", "x.max")] == [1, 1, 1, 1, 1]


def test_a_float_column_is_never_proved(tmp_path: Path, how: Callable[..., dict[str, str]]) -> None:
    pq.write_table(pa.table({"x": [1.0], "n": [1]}), tmp_path / "mesh" / "t.parquet")
    asked = [{"name": name, "constraints": ["not_null", {"min": 0}, {"max": 5}]} for name in "xn"]
    found = how(asked)
    assert {found[f"x.{kind}"] for kind in ("not_null", "min", "max")} == {"scan"}
    assert {found[f"n.{kind}"] for kind in ("not_null", "min", "max")} == {"footer"}


@pytest.mark.parametrize("writer", ["arrow", "duckdb"])
def test_a_cut_text_is_no_bound(tmp_path: Path, both: Check, how: Callable[..., dict[str, str]], writer: str) -> None:
    """Of 300 letters the footer keeps fewer, or none; what it keeps must prove nothing."""
    long = "a" * 300
    file = tmp_path / "mesh" / "t.parquet"
    table = pa.table({"x": [long + "b", long + "c"], "k": ["a", "b"]})
    if writer == "arrow":
        pq.write_table(table, file)
    else:
        with duckdb.connect() as database:
            database.register("held", table)
            database.execute(f"COPY (FROM held) TO '{file}' (FORMAT parquet)")
    fields = [{"name": "x", "constraints": [{"in": [long + "c", "a" * 256, "a" * 255 + "b"]}]}]
    assert both(fields)["x.in"] == (1, 2)
    assert how(fields)["x.in"] == "scan"


def test_statistics_that_are_missing_prove_nothing(tmp_path: Path, both: Check) -> None:
    file = tmp_path / "mesh" / "t.parquet"
    fields = [{"name": name, "constraints": ["not_null", {"min": 0}]} for name in "xy"]
    for told in (False, ["x"], True):
        pq.write_table(pa.table({"x": [None, -1, 5], "y": [None, None, -7]}), file, write_statistics=told)
        found = both(fields)
        assert [found[f"x.{k}"][0] for k in ("not_null", "min")] == [1, 1]
        assert [found[f"y.{k}"][0] for k in ("not_null", "min")] == [2, 1]


def test_a_part_of_a_column_is_not_the_column_of_its_name(tmp_path: Path, both: Check) -> None:
    table = pa.table({"x": [1, 2, 3], "s": [{"x": 100}, {"x": 200}, {"x": 300}], "f": [{"y": math.nan}] * 3})
    pq.write_table(table, tmp_path / "mesh" / "t.parquet")
    fields = [
        {
            "name": "x",
            "constraints": [{"min": {"value": 2, "where": "s.x > 5"}}, {"max": {"value": 2, "where": "f.y > 9"}}],
        }
    ]
    found = both(fields)
    assert found["x.min"] == (1, 3)
    assert found["x.max"] == (1, 3)  # NaN is above all numbers


def test_names_that_differ_in_case_alone_are_not_mixed_up(tmp_path: Path, both: Check) -> None:
    """Of a, A and A_1, the engine calls the second one A_1."""
    pq.write_table(pa.table({"a": [1, 2], "A": [-5, 5], "A_1": [7, 8]}), tmp_path / "mesh" / "t.parquet")
    assert both([{"name": "A_1", "constraints": [{"min": 0}]}])["A_1.min"] == (1, 2)
    assert both([{"name": "a", "constraints": [{"min": 2}]}])["a.min"] == (1, 2)


def test_names_that_fold_alike_are_not_mixed_up(tmp_path: Path, both: Check) -> None:
    table = pa.table({"z": [1, 2], "strasse": [7, 8], "straße": [-5, 5]})
    pq.write_table(table, tmp_path / "mesh" / "t.parquet")
    assert both([{"name": "straße", "constraints": [{"min": 0}]}])["straße.min"] == (1, 2)


def test_the_name_of_a_folder_wins_over_what_its_files_hold(tmp_path: Path, both: Check) -> None:
    for day, held in ((1, 100), (2, 200)):
        folder = tmp_path / "mesh" / f"day={day}"
        folder.mkdir()
        pq.write_table(pa.table({"day": [held], "x": [1]}), folder / "f.parquet")
    found = both([{"name": "day", "constraints": [{"max": 1}]}], schema={"location": "day=*/*.parquet"})
    assert found["day.max"] == (1, 2)


def test_files_of_other_types_or_without_a_column(tmp_path: Path, both: Check) -> None:
    """In the second file y is missing, which reads as NULL; in the third x is a decimal."""
    parts = [{"x": [1], "y": [1]}, {"x": [-1]}, {"x": [Decimal("-0.4")], "y": [5]}]
    for number, part in enumerate(parts):
        pq.write_table(pa.table(part), tmp_path / "mesh" / f"{number}.parquet")
    queries = {"nulls": "SELECT COUNT(*) FROM t WHERE y IS NULL", "less": "SELECT COUNT(*) FROM t WHERE x < 0"}
    keys = {"sla": {"quality_checks": [{"name": n, "query": q} for n, q in queries.items()]}}
    found = both([], schema={"location": "*.parquet"}, **keys)
    assert found["nulls"] == (1, None)
    assert found["less"] == (2, None)


def test_a_condition_that_fails_is_not_proved_away(tmp_path: Path, both: Check) -> None:
    """No row has x > 100, but the cast of s fails: that is said, whatever the footer tells of x."""
    pq.write_table(pa.table({"x": [1, 2], "s": ["a", "5"]}), tmp_path / "mesh" / "t.parquet")
    where = "x > 100 AND CAST(s AS INTEGER) > 3"
    assert "x.min" not in both([{"name": "x", "constraints": [{"min": {"value": 2, "where": where}}]}])


def test_nanoseconds_compare_with_years_that_they_cannot_hold(tmp_path: Path, both: Check) -> None:
    pq.write_table(pa.table({"x": pa.array([1, 2_000, None], pa.timestamp("ns"))}), tmp_path / "mesh" / "t.parquet")
    bounds = [{"min": "0001-01-01 00:00:00"}, {"max": "9999-12-31 00:00:00"}, {"in": ["1600-01-01 00:00:00"]}]
    found = both([{"name": "x", "constraints": bounds}])
    assert [found[f"x.{k}"] for k in ("min", "max", "in")] == [(0, 3), (0, 3), (2, 3)]
    found = both([{"name": "x", "constraints": [{"min": "9999-12-31 00:00:00"}, {"max": "0001-01-01 00:00:00"}]}])
    assert [found[f"x.{k}"] for k in ("min", "max")] == [(2, 3), (2, 3)]


def test_a_key_among_rows_that_nan_chooses(tmp_path: Path, both: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrange, "LEAST_HASHED", 0)
    keys, chosen = [1, 1, *range(2, 5_000)], [math.nan, math.nan, *[1.0] * 4_998]
    pq.write_table(pa.table({"k": keys, "f": chosen}), tmp_path / "mesh" / "t.parquet")
    assert both([{"name": "k", "constraints": [{"unique": {"where": "f > 100"}}]}])["k.unique"] == (1, 2)
