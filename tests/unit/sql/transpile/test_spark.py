"""Queries in Spark's dialect: the text of rewrites, and what is refused. Each text was run on Spark 4 beside DuckDB."""

from __future__ import annotations

import pytest

from meshkit.errors import SqlError
from meshkit.model.relation import SeenColumn
from meshkit.sql.guard import parse_query
from meshkit.sql.transpile.frame import transpile
from meshkit.sql.transpile.names import Stored

COLUMNS = {
    "i": "BIGINT",
    "n": "INTEGER",
    "m": "DECIMAL(12,2)",
    "d": "DOUBLE",
    "s": "VARCHAR",
    "b": "BOOLEAN",
    "dt": "DATE",
    "ts": "TIMESTAMP",
}
TABLES = {"t": Stored(("lake", "t"), tuple(SeenColumn(name, kind) for name, kind in COLUMNS.items()))}


def spark(expression: str) -> str:
    text = transpile(parse_query(f"SELECT {expression} AS x FROM t"), "spark", TABLES).sql
    return text.removeprefix("SELECT ").removesuffix(" AS `x` FROM `lake`.`t` AS `t0`").replace("`t0`.", "")


@pytest.mark.parametrize(
    ("duckdb", "written"),
    [
        ("CAST(m AS INTEGER)", "CAST(ROUND(`m`) AS INT)"),
        ("CAST(d AS INTEGER)", "CAST(RINT(`d`) AS INT)"),
        ("sum(i)", "SUM(CAST(`i` AS DECIMAL(38, 0)))"),
        ("sum(n)", "SUM(`n`)"),
        ("avg(m)", "(CAST(SUM(`m`) AS DOUBLE) / NULLIF(COUNT(`m`), 0))"),
        ("dt + 7", "DATE_ADD(`dt`, CAST(7 AS INT))"),
        ("dt - DATE '2026-01-01'", "CAST(DATEDIFF(`dt`, CAST('2026-01-01' AS DATE)) AS BIGINT)"),
        ("date_trunc('week', ts)", "CAST(DATE_TRUNC('WEEK', `ts`) AS TIMESTAMP_NTZ)"),
        ("s LIKE 'a\\b'", "`s` LIKE 'a\\\\\\\\b'"),
        ("s LIKE 'a!_' ESCAPE '!'", "`s` LIKE 'a\\\\_'"),
        ("concat(s, '-')", "CONCAT(COALESCE(`s`, ''), '-')"),
        ("regexp_matches(s, '^\\d+$')", "REGEXP_LIKE(`s`, '^[0-9]+\\\\z')"),
        ("string_split(s, '.')", "SPLIT(`s`, '\\\\Q.\\\\E')"),
        ("round(d, 2)", "(ROUND((`d` * CAST('1e2' AS DOUBLE))) / CAST('1e2' AS DOUBLE))"),
        ("n / 2", "(CAST(`n` AS DOUBLE) / CAST(2 AS DOUBLE))"),
    ],
)
def test_writes_what_spark_has_otherwise(duckdb: str, written: str) -> None:
    assert spark(duckdb) == written


@pytest.mark.parametrize(
    ("duckdb", "why"),
    [
        ("d / d", "by a float that may be 0"),
        ("CAST(s AS INTEGER)", "use TRY_CAST"),
        ("CAST(d AS VARCHAR)", "of a float to text"),
        ("string_agg(s, ',')", "without ORDER BY"),
        ("regexp_replace(s, 'x*', '-', 'g')", "matches nothing at all"),
        ("m * m * m * m", "digits"),
        ("skewness(d)", "has no equal"),
    ],
)
def test_refuses_what_has_no_equal(duckdb: str, why: str) -> None:
    with pytest.raises(SqlError, match=why) as caught:
        spark(duckdb)
    assert caught.value.code == "MK210"


def test_in_of_a_query_is_unknown_where_it_holds_null() -> None:
    """Spark takes unknown for false there, unless the condition stands alone in WHERE."""
    kept = transpile(parse_query("SELECT count(*) FROM t WHERE i IN (SELECT n FROM t)"), "spark", TABLES).sql
    shown = transpile(parse_query("SELECT i IN (SELECT n FROM t) FROM t"), "spark", TABLES).sql
    assert "CASE" not in kept
    assert "IS NULL) > 0 THEN NULL ELSE FALSE END" in shown


def test_databricks_is_written_like_spark() -> None:
    query = "SELECT count(*) FROM t WHERE dt < DATE '2026-01-01' AND regexp_matches(s, '[a-z]')"
    assert transpile(parse_query(query), "databricks", TABLES) == transpile(parse_query(query), "spark", TABLES)
