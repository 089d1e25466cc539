"""Queries in ClickHouse's dialect: the text of rewrites, and what is refused. Each text was run on ClickHouse beside DuckDB."""

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


def clickhouse(expression: str) -> str:
    text = transpile(parse_query(f"SELECT {expression} AS x FROM t"), "clickhouse", TABLES).sql
    return text.removeprefix("SELECT ").removesuffix(' AS "x" FROM "lake"."t" AS "t0"').replace('"t0".', "")


@pytest.mark.parametrize(
    ("duckdb", "written"),
    [
        ("max(dt)", 'maxOrNull("dt")'),
        ("sum(i)", 'sumOrNull(toInt128("i"))'),
        ("count(DISTINCT s)", 'uniqExact("s")'),
        ("i + n", '(toInt128("i") + "n")'),
        ("m * 1.5", "(toDecimal128(\"m\", 2) * toDecimal128('1.5', 1))"),
        ("m / n", '(toFloat64("m") / toFloat64("n"))'),
        ("length(s)", 'toInt64(lengthUTF8("s"))'),
        ("regexp_matches(s, 'a.b')", "CAST(match(\"s\", '(?-s)a.b'), 'Nullable(Bool)')"),
        ("dt + 7", 'addDays(toDate32("dt"), toInt64(7))'),
        ("d > 1", 'CAST(("d" > 1 OR (isNaN("d") AND NOT isNaN(1))), \'Nullable(Bool)\')'),
        ("b IS TRUE", "CAST(coalesce(\"b\", FALSE), 'Nullable(Bool)')"),
        ("last_value(s) OVER (ORDER BY n)", 'last_value_respect_nulls("s") OVER (ORDER BY "n")'),
    ],
)
def test_writes_what_clickhouse_has_otherwise(duckdb: str, written: str) -> None:
    assert clickhouse(duckdb) == written


@pytest.mark.parametrize(
    ("duckdb", "why"),
    [
        ("CAST(s AS INTEGER)", "use TRY_CAST"),
        ("string_agg(s, ',')", "without ORDER BY"),
        ("ts - ts", "as a value of an answer"),
        ("arg_max(s, d)", "may be NaN"),
        ("skewness(d)", "has no equal"),
    ],
)
def test_refuses_what_has_no_equal(duckdb: str, why: str) -> None:
    with pytest.raises(SqlError, match=why) as caught:
        clickhouse(duckdb)
    assert caught.value.code == "MK210"


def test_an_outer_join_says_that_what_it_does_not_find_is_null() -> None:
    query = "SELECT count(*) FROM t AS a LEFT JOIN t AS o ON a.i = o.n WHERE o.n IS NULL"
    assert transpile(parse_query(query), "clickhouse", TABLES).sql.endswith("SETTINGS join_use_nulls = 1")


def test_floats_are_sorted_with_nan_last() -> None:
    assert (
        'ORDER BY isNaN("t0"."d"), "t0"."d"'
        in transpile(parse_query("SELECT n FROM t ORDER BY d"), "clickhouse", TABLES).sql
    )


def test_a_count_that_refers_to_the_outer_query_is_0_where_it_finds_nothing() -> None:
    query = "SELECT (SELECT count(*) FROM t AS o WHERE o.n = a.i) AS k FROM t AS a"
    assert transpile(parse_query(query), "clickhouse", TABLES).sql.startswith("SELECT coalesce((SELECT count()")


def test_null_in_a_list_makes_what_is_not_found_unknown() -> None:
    sql = transpile(parse_query("SELECT count(*) FROM t WHERE i NOT IN (1, NULL)"), "clickhouse", TABLES).sql
    assert 'NOT ("t0"."i" IN (1) OR NULL)' in sql
