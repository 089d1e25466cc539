"""Names of columns are compared as DuckDB compares them: A is a, and no other letter is its capital."""

from __future__ import annotations

import json
import sqlite3

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meshkit.model.names import fold

APART = [("üpper", "ÜPPER"), ("strasse", "straße"), ("k", "\u212a"), ("i", "İ"), ("ς", "σ"), ("s", "ſ")]
"""Pairs that Unicode folds to one name, and DuckDB does not: `SELECT "üpper" FROM (SELECT 1 AS "ÜPPER")` is an error."""


def as_parquet(folder, names):
    pq.write_table(pa.table({name: [place] for place, name in enumerate(names, 1)}), folder / "t.parquet")
    return str(folder / "t.parquet")


def as_csv(folder, names):
    lines = [",".join(names), ",".join(str(place) for place in range(1, len(names) + 1))]
    (folder / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(folder / "t.csv")


def as_json(folder, names):
    row = {name: place for place, name in enumerate(names, 1)}
    (folder / "t.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return str(folder / "t.jsonl")


def as_arrow(_, names):
    return pa.table({name: [place] for place, name in enumerate(names, 1)})


FORMS = pytest.mark.parametrize("form", [as_parquet, as_csv, as_json, as_arrow])


def field(name, **bounds):
    return {"name": name, "type": "integer", "constraints": [bounds] if bounds else []}


def asked(query):
    return {"sla": {"quality_checks": [{"name": "q", "query": query, "must_be": 0}]}}


@pytest.mark.parametrize("name", ["Order_ID", "A", "ÄB", ""])
def test_only_letters_of_ascii_are_folded(name):
    assert fold(name) == {"Order_ID": "order_id", "A": "a", "ÄB": "Äb", "": ""}[name]


@FORMS
@pytest.mark.parametrize(("declared", "stored"), APART)
def test_a_column_that_is_spelled_with_another_letter_is_missing(judged, tmp_path, form, declared, stored):
    found = judged(form(tmp_path, [stored]), [field(declared, min=0)])
    assert (found["columns"].outcome, found["columns"].value) == ("failed", 1)
    assert f"{declared} is missing" in found["columns"].message
    assert found["extra_columns"].value == 1
    assert found[f"{declared}.min"].outcome == "skipped"


@FORMS
def test_two_columns_that_differ_in_one_such_letter_are_two(judged, tmp_path, form):
    found = judged(form(tmp_path, ["ÜPPER", "üpper"]), [field("üpper", max=1), field("ÜPPER", max=1)])
    assert found["columns"].outcome == "passed"
    assert (found["ÜPPER.max"].value, found["üpper.max"].value) == (0, 1)


@FORMS
def test_capitals_of_ascii_are_still_the_same(judged, tmp_path, form):
    found = judged(form(tmp_path, ["KüRZEL"]), [field("kürzel", min=0)])
    assert (found["columns"].outcome, found["kürzel.min"].outcome) == ("passed", "passed")


def test_a_query_that_names_another_column_is_errored(judged):
    found = judged(as_arrow(None, ["ÜPPER"]), [field("ÜPPER")], **asked('SELECT count("üpper") FROM t'))
    assert found["q"].outcome == "errored"


def test_files_of_which_one_spells_a_column_with_another_letter_lack_it(judged, tmp_path):
    for file, name in (("a", "üpper"), ("b", "ÜPPER")):
        pq.write_table(pa.table({name: [1], "x": [1]}), tmp_path / f"{file}.parquet")
    found = judged(str(tmp_path / "*.parquet"), [field("üpper", min=0), field("x")])
    assert "missing in 1 of 2 files" in found["columns"].message


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Return the address of a database with a table of two columns that differ in one such letter."""
    statements = ["DROP TABLE IF EXISTS letters", 'CREATE TABLE letters ("ÜPPER" int, "üpper" int, "straße" int)',
                  "INSERT INTO letters VALUES (1, 2, 3)"]  # fmt: skip
    if request.param == "sqlite":
        file = sqlite3.connect(tmp_path / "x.db")
        for statement in statements:
            file.execute(statement)
        file.commit()
        file.close()
        yield f"sqlite:///{tmp_path}/x.db"
        return
    server = request.getfixturevalue("postgres")
    with adbc.connect(server.url, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield server.url
        cursor.execute("DROP TABLE letters")


def test_another_engine_is_asked_for_the_very_column_or_for_none(mesh, contract, place):
    fields = [field("üpper", max=1), field("ÜPPER", max=1), field("strasse", min=0), field("STRAßE", max=2)]
    sums = asked('SELECT sum("üpper") - 10 * sum("ÜPPER") + 8 FROM letters')
    loaded = mesh(contract(fields, schema={"alias": "letters", "location": "letters.parquet"}, **sums))
    run = loaded.check(engine=place)
    found = {v.id.removeprefix("d.p.letters.").removeprefix("d.p."): v for v in run.verdicts}
    assert "strasse is missing" in found["columns"].message
    assert {k: (found[k].outcome, found[k].value) for k in ("ÜPPER.max", "üpper.max", "STRAßE.max", "q")} == {
        "ÜPPER.max": ("passed", 0), "üpper.max": ("failed", 1), "STRAßE.max": ("failed", 1), "q": ("passed", 0),
    }  # fmt: skip
    assert found["strasse.min"].outcome == "skipped"
