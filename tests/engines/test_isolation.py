"""Statements that fail, or are stopped: the others keep their answers, at a known price."""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import meshkit
from meshkit.cli.main import command_line
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB, DuckDBSession
from meshkit.errors import InterruptedRunError, StatementTimeoutError
from meshkit.model.relation import Relation
from meshkit.run import arrange


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the statements that are run."""
    found: list[str] = []
    for name in ("rows", "fold"):
        own = getattr(DuckDBSession, name)

        def noted(self: DuckDBSession, query: str, *more: Any, _own: Any = own, **options: Any) -> Any:
            found.append(query)
            return _own(self, query, *more, **options)

        monkeypatch.setattr(DuckDBSession, name, noted)
    yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mesh").mkdir()
    return tmp_path / "mesh"


def outcomes(run: meshkit.Run) -> dict[str, tuple[str, Any]]:
    return {v.id.removeprefix("d.p.t."): (str(v.outcome), v.value) for v in run.verdicts}


def queries(**named: str) -> dict[str, Any]:
    return {"quality_checks": [{"name": name, "query": query} for name, query in named.items()]}


@pytest.mark.parametrize("culprits", [[5], [0, 31], [16, 17]])
def test_what_fails_is_found_by_halving(
    folder: Path, mesh: Any, contract: Any, asked: list[str], culprits: list[int]
) -> None:
    """Of 33 numbers in one scan (32 checks, and the count of rows), each culprit costs at most its own statement and
    one more for each time that the rest is halved, of which each half is one."""
    pq.write_table(pa.table({"x": [1, 2, 3], "s": ["a", "5", "6"]}), folder / "t.parquet")
    named = {f"q{n}": f"SELECT COUNT(*) FROM t WHERE x > {n % 3} AND length(s) < 2" for n in range(32)}
    named |= {f"q{n}": "SELECT SUM(CAST(s AS INTEGER)) FROM t" for n in culprits}
    found = outcomes(mesh(contract(sla=queries(**named))).check(trust_statistics="never"))
    for number in range(32):
        wanted = ("errored", None) if number in culprits else ("failed", 3 - number % 3)
        assert found[f"q{number}"] == wanted
    assert found["row_count"] == ("passed", 3)
    most = 1 + len(culprits) * (2 * math.ceil(math.log2(33)) + 1)
    assert len(asked) <= most


def test_an_overflow_spoils_no_other_check(folder: Path, mesh: Any, contract: Any) -> None:
    pq.write_table(pa.table({"x": [2**62, 2**62]}), folder / "t.parquet")
    named = {"big": "SELECT MAX(x * 4) FROM t", "fine": "SELECT COUNT(*) FROM t WHERE x + 0 > 5"}
    run = mesh(contract([{"name": "x", "constraints": ["not_null"]}], sla=queries(**named))).check()
    found = outcomes(run)
    assert found["big"][0] == "errored"
    assert found["fine"] == ("failed", 2)
    assert found["x.not_null"] == ("passed", 0)
    assert str(2**62) not in "".join(v.message for v in run.verdicts)


def test_statements_over_a_table_without_footers(folder: Path, mesh: Any, contract: Any, asked: list[str]) -> None:
    """One scan, two keys, one reference, one query that no scan can answer."""
    with duckdb.connect(str(folder / "file.duckdb")) as database:
        database.execute("CREATE TABLE t AS SELECT i AS x, i % 10 AS y, 'a' || i AS s FROM range(100) AS r(i)")
        database.execute("CREATE TABLE u AS SELECT i AS id FROM range(50) AS r(i)")
    fields = [
        {"name": "x", "constraints": ["not_null", "unique", {"min": 5}, {"max": 50}, {"references": "u.id"}]},
        {"name": "y", "constraints": ["not_null", {"in": ["1", "2"]}]},
        {"name": "s", "constraints": ["unique", {"pattern": "^a"}, {"max_length": 2}]},
    ]
    sla = queries(
        above="SELECT COUNT(*) FROM t WHERE x > 90",
        cte="WITH c AS (SELECT y FROM t) SELECT COUNT(*) FROM c WHERE y = 3",
        days="SELECT COUNT(DISTINCT y) FROM t",
    )
    inputs = {"u": "file.duckdb#main.u"}
    text = contract(fields, schema={"location": "file.duckdb#main.t"}, inputs=inputs, sla=sla)
    found = outcomes(mesh(text).check())
    assert len(asked) == 1 + 2 + 1 + 1
    assert {name: value for name, (_, value) in found.items() if "." in name or name in ("above", "cte", "days")} == {
        "x.not_null": 0, "x.unique": 0, "x.min": 5, "x.max": 49, "x.references": 50, "y.not_null": 0, "y.in": 80,
        "s.unique": 0, "s.pattern": 0, "s.max_length": 90, "above": 9, "cte": 10, "days": 10,
    }  # fmt: skip


SLOW = "SELECT COUNT(*) FROM t AS a, t AS b, t AS c WHERE (a.x * 7 + b.x * 13 + c.x) % 1000003 = 5"


def test_a_statement_that_takes_too_long_is_given_up_alone(folder: Path, mesh: Any, contract: Any) -> None:
    pq.write_table(pa.table({"x": list(range(20_000))}), folder / "t.parquet")
    named = {"slow": SLOW, "fast": "SELECT COUNT(*) FROM t WHERE x % 2 = 0"}
    started = time.monotonic()
    found = outcomes(mesh(contract(sla=queries(**named))).check(timeout_seconds=1))
    assert time.monotonic() - started < 20
    assert found["slow"] == ("errored", None)
    assert found["fast"] == ("failed", 10_000)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_person_can_stop_it_while_lanes_are_at_work(
    folder: Path, mesh: Any, contract: Any, asked: list[str], goes_on: bool
) -> None:
    """What has its answer keeps it; no statement is taken apart because it was stopped.

    With `goes_on`, waits are taken up again after a signal, as under the handlers of some libraries.
    """
    pq.write_table(pa.table({"x": list(range(20_000))}), folder / "t.parquet")
    named = {f"slow{n}": SLOW for n in range(6)}
    main = threading.main_thread().ident or 0
    before = threading.active_count()

    def stop() -> None:
        while not any(" a," in query or "AS a" in query for query in tuple(asked)):
            time.sleep(0.01)
        time.sleep(0.3)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=stop, daemon=True).start()
    started = time.monotonic()
    earlier = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # where tests run in the background it is ignored
    signal.siginterrupt(signal.SIGINT, not goes_on)
    try:
        text = contract([{"name": "x", "constraints": [{"min": 0}]}], sla=queries(**named))
        run = mesh(text).check(timeout_seconds=60)
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert time.monotonic() - started < 20
    assert run.result.interrupted
    assert {v.outcome for v in run.verdicts if "slow" in v.id} == {"errored"}
    assert all(v.message.startswith("MK306 ") for v in run.verdicts if "slow" in v.id)
    assert len([query for query in asked if "AS a" in query]) <= 6
    assert threading.active_count() <= before


def test_a_stopped_scan_is_not_taken_apart(
    monkeypatch: pytest.MonkeyPatch, folder: Path, mesh: Any, contract: Any
) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), folder / "t.parquet")
    asked: list[str] = []

    def stopped(self: DuckDBSession, query: str, **options: Any) -> Any:
        asked.append(query)
        raise InterruptedRunError("interrupted before it had an answer")

    monkeypatch.setattr(DuckDBSession, "rows", stopped)
    fields = [{"name": "x", "constraints": [{"min": 0}, {"max": 9}, "not_null"]}]
    found = mesh(contract(fields)).check(trust_statistics="never").verdicts
    assert len(asked) == 1
    assert {v.outcome for v in found if "x." in v.id} == {"errored"}


def test_statistics_that_take_too_long_are_done_without(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), folder / "t.parquet")

    def late(*_: Any) -> None:
        raise StatementTimeoutError("no answer within 0.001 s")

    monkeypatch.setattr("meshkit.engines.duckdb.read_footers", late)
    session = DuckDB().open([Relation(id="t", location=str(folder / "t.parquet"))], {}, Settings())
    try:
        assert session.statistics("t", ["x"]) is None
    finally:
        session.close()


def test_a_key_over_no_rows_by_sorted_hashes(
    monkeypatch: pytest.MonkeyPatch, folder: Path, mesh: Any, contract: Any
) -> None:
    """A condition shares the scan of the hashes, which brings back nothing at all."""
    monkeypatch.setattr(arrange, "LEAST_HASHED", 0)
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), folder / "t.parquet", write_statistics=False)
    fields = [{"name": "x", "constraints": ["unique", {"min": 1}, {"max": 5}]}]
    named = queries(even="SELECT COUNT(*) FROM t WHERE x % 2 = 0")
    found = outcomes(mesh(contract(fields, sla=named)).check())
    assert [found[name] for name in ("x.unique", "x.min", "x.max", "even")] == [("passed", 0)] * 4


def test_explain_shows_each_decision(folder: Path, contract: Any) -> None:
    pq.write_table(pa.table({"x": [1, 2, 3], "s": ["a", "b", "c"]}), folder / "t.parquet", row_group_size=2)
    fields = [
        {"name": "x", "constraints": ["not_null", "unique", {"min": 0}]},
        {"name": "s", "constraints": [{"pattern": "a"}]},
    ]
    (folder / "p.yaml").write_text(contract(fields, sla=queries(days="SELECT COUNT(DISTINCT s) FROM t")))
    text = CliRunner().invoke(command_line(), ["check", str(folder / "p.yaml"), "--explain"])
    assert text.exit_code == 0
    lines = text.output.splitlines()
    assert lines[0] == "d.p.t · 3 rows, 1 file, 2 row groups"
    assert lines[-1] == "  = 3 statements for 8 checks"
    decided = json.loads(
        CliRunner().invoke(command_line(), ["check", str(folder / "p.yaml"), "--explain", "--format", "json"]).output
    )
    (table,) = decided["tables"]
    steps = {step["how"]: step for step in table["steps"]}
    prefix = "d.p.t."
    assert {how: sorted(c.removeprefix(prefix) for c in step["checks"]) for how, step in steps.items()} == {
        "schema": ["columns", "extra_columns", "types"] if "d.p.t.types" in steps["schema"]["checks"] else ["columns", "extra_columns"],
        "footer": ["row_count", "x.min", "x.not_null"],
        "keys": ["x.unique"], "query": ["days"], "scan": ["s.pattern"],
    }  # fmt: skip
    assert (table["rows"], table["files"], table["row_groups"], table["statements"]) == (3, 1, 2, 3)
    assert steps["footer"]["sql"] == ""
    assert "regexp_matches" in steps["scan"]["sql"].lower()
    assert table["refused"] == []
