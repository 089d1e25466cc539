"""No engine gives another answer than DuckDB's: each case of the suite, on the engines that the fast suite has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from tests.truth import run_truth
from tests.truth.run_truth import OUTCOMES, Told
from tests.truth.servers import MissingError

from meshkit.truth.cases import Case


@pytest.mark.parametrize("name", ["duckdb", "sqlite", "postgres"])
def test_every_answer_is_the_right_one_or_refused(name):
    try:
        told = run_truth.tell(name, run_truth.cases(), dt.datetime.now(dt.UTC))
    except MissingError as missing:
        pytest.skip(f"{name} is not here: {missing}")
    bad = [f"{t.case.id}: {t.outcome}: {t.detail}" for t in told if t.outcome in ("WRONG", "engine error")]
    assert not bad, "\n".join(bad)
    assert run_truth.falls_short(name, told) == ""


def test_cases_are_many_and_of_all_families():
    found = run_truth.cases()
    assert len({(c.id, c.only) for c in found}) == len(found) >= 58 + 60
    assert {"basic", "agg", "string", "regex", "time", "stats", "rel", "cast", "nested", "names", "nan", "null", "set",
            "query", "window", "empty", "json"} <= {c.group for c in found}  # fmt: skip


def told(*outcomes: str) -> list[Told]:
    case = Case("a", "basic", "SELECT 1", "", [[1]])
    return [Told(case, outcome) for outcome in outcomes]


def test_one_wrong_answer_or_error_is_too_much():
    assert run_truth.falls_short("postgres", told(*["same answer"] * 99, "WRONG")) == "1 WRONG, 0 errors"
    assert run_truth.falls_short("postgres", told(*["same answer"] * 99, "engine error")) == "0 WRONG, 1 errors"


@pytest.mark.parametrize(
    ("name", "refused", "is_short"),
    [("spark", 1, False), ("spark", 2, True), ("sqlite", 2, False), ("sqlite", 3, True)],
)
def test_too_many_refusals_fall_short(name, refused, is_short):
    found = told(*["same answer"] * (10 - refused), *["refused"] * refused)
    assert bool(run_truth.falls_short(name, found)) is is_short


def test_the_table_names_what_is_missing():
    table = run_truth.table_of({"duckdb": told("same answer", "refused")}, {"spark": "pip install pyspark"})
    assert table.splitlines()[2:] == [
        "| duckdb | 2 | 1 | 0 | 0 | 1 |",
        "| spark | not here: pip install pyspark | | | | |",
    ]
    assert set(OUTCOMES) == {"same answer", "WRONG", "engine error", "refused"}


def test_the_table_is_written_between_its_markers(tmp_path: Path):
    page = tmp_path / "truth.md"
    page.write_text("before\n<!-- truth: begin -->\nold\n<!-- truth: end -->\nafter\n")
    run_truth.write_docs("new", page)
    assert page.read_text() == "before\n<!-- truth: begin -->\nnew\n<!-- truth: end -->\nafter\n"
