"""DuckDB's own reading of a query: it agrees with the guard on what is honest, and refuses what is not by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meshkit.engines.duckdb_parser import DuckdbParser
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_query

DATA = Path(__file__).parents[1] / "data" / "guard"
HONEST = json.loads((DATA / "honest.json").read_text(encoding="utf-8"))
TABLES = {"orders", "t", "u", "v", "a", "b", "d.p.t"}


@pytest.fixture(scope="module")
def parser():
    with DuckdbParser() as opened:
        yield opened


def test_honest_queries_are_read_as_one_select_over_bound_tables(parser):
    texts = [render(parse_query(sql)) for sql in [*HONEST["everywhere"], *HONEST["duckdb"]]]
    assert [
        (text, error) for text, error in zip(texts, parser.second_reading(texts, TABLES), strict=True) if error
    ] == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "INSERT INTO t VALUES (1)",
        "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
        "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x",
        "SELECT * FROM 'f.csv'",
        'WITH "f.csv" AS (SELECT * FROM "f.csv") SELECT * FROM "f.csv"',
        'SELECT * FROM (WITH "f.csv" AS (SELECT 1) SELECT * FROM "f.csv") x, "f.csv" y',
        "SELECT * FROM other",
        "SELECT * FROM main.t",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM (SHOW TABLES)",
        "SELECT * FROM (DESCRIBE t)",
        "SELECT * FROM (SUMMARIZE t)",
        "SELECT getenv('HOME')",
        "SELECT 1 WHERE (SELECT getvariable('x')) = 1",
        "SELECT current_setting('threads')",
        "SELECT nextval('s')",
        "SELECT random()",
        "SELECT uuid()",
        "SELECT version()",
        "SELECT current_user",
        "SELECT main.lower('x')",
        "SELECT not_known(1)",
        "SELECT * FROM t TABLESAMPLE 10%",
        "SELECT $1",
        "SELECT ?",
        "SELECT nope(",
        "PIVOT t ON a USING sum(b)",
        "SELECT * FROM (PIVOT t ON a USING sum(b))",
        "",
    ],
)
def test_what_is_no_plain_select_over_bound_tables_is_refused(parser, sql):
    (error,) = parser.second_reading([sql], TABLES)
    assert error is not None
    assert error.code == "MK209"


def test_a_cte_is_seen_by_what_follows_it(parser):
    sql = 'WITH a1 AS (SELECT * FROM "d.p.t"), b1 AS (SELECT * FROM a1) SELECT count(*) FROM b1, (SELECT now() AS n FROM a1) q'
    assert parser.second_reading([sql], {"d.p.t"}) == [None]
    (error,) = parser.second_reading(["WITH b1 AS (SELECT * FROM a1), a1 AS (SELECT 1) SELECT * FROM b1"], {"d.p.t"})
    assert error is not None
