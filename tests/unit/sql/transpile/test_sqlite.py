"""What is written for SQLite, reviewed by hand, and what its functions give; the answers themselves are held against in truth/."""

from __future__ import annotations

import sqlite3

import pytest

from meshkit.engines.sqlite_functions import register
from meshkit.errors import SqlError
from meshkit.model.relation import SeenColumn
from meshkit.sql.guard import parse_query
from meshkit.sql.transpile.frame import transpile
from meshkit.sql.transpile.names import Stored

TYPES = {
    "id": "BIGINT",
    "s": "VARCHAR",
    "d": "DECIMAL(9,2)",
    "big": "DECIMAL(38,10)",
    "f": "DOUBLE",
    "day": "DATE",
    "ts": "TIMESTAMP",
    "tz": "TIMESTAMP WITH TIME ZONE",
    "w": "DECIMAL(18,2)",
    "flag": "BOOLEAN",
}
MIXED = (SeenColumn("mixed", "BIGINT", other_types=("VARCHAR",)), SeenColumn("any_", "ANY"))
TABLES = {"x": Stored(("x",), (*(SeenColumn(n, t) for n, t in TYPES.items()), *MIXED))}


def written(expression: str) -> str:
    sql = transpile(parse_query(f"SELECT {expression} AS v FROM x"), "sqlite", TABLES).sql
    return sql.removeprefix("SELECT ").removesuffix(' AS "v" FROM "x" AS "t0"').replace('"t0".', "")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("s = 'a'", "\"s\" COLLATE BINARY = 'a'"),
        ("s LIKE 'a*%_'", "((\"s\" COLLATE BINARY) GLOB 'a[*]*?')"),
        ("s NOT LIKE 'a%'", "NOT ((\"s\" COLLATE BINARY) GLOB 'a*')"),
        ("d + 1", 'ROUND(ROUND("d", 2) + 1, 2)'),
        ("sum(d)", 'MK_EXACT(SUM(CAST(ROUND(ROUND("d", 2) * 100.0) AS INTEGER)) / 100.0, 2)'),
        ("day - DATE '2026-01-01'", "CAST(JULIANDAY(\"day\") - JULIANDAY('2026-01-01') AS INTEGER)"),
        ("greatest(id, 5)", 'MAX(COALESCE("id", 5), COALESCE(5, "id"))'),
        ("isnan(f)", '("f" <> "f")'),
        ("regexp_matches(s, '[(?]\\(?(?i:a)')", "MK_REGEXP('[(?]\\(?(?i:a)', \"s\" COLLATE BINARY)"),
        ("s < '5'", "((\"s\" COLLATE BINARY) || '') < '5'"),
        ("CAST(day AS VARCHAR) = '5'", "(\"day\" || '') = '5'"),
        ("w > 0", 'MK_EXACT("w", 2) > 0'),
        ("id * 2 - 1", 'MK_WHOLE("id" * 2 - 1)'),
        ("id // id", 'MK_WHOLE_DIVISION("id", "id")'),
        ("1 / id", 'MK_DIVIDE(1, "id")'),
        ("tz > TIMESTAMPTZ '2026-01-01 02:00:00+02'", "MK_UTC(\"tz\") > '2026-01-01 00:00:00'"),
        ("flag = 1", '"flag" = 1'),
        ("big IS NULL", '"big" IS NULL'),
        ("mixed IS NULL", '"mixed" IS NULL'),
        ("mixed", '"mixed"'),
        ("day >= '2026-01-02'", "\"day\" >= '2026-01-02'"),
        ("s IN (SELECT unnest(['a', 'b']))", "\"s\" COLLATE BINARY IN ('a', 'b')"),
        ("count(DISTINCT (id, day))", 'COUNT(DISTINCT JSON_ARRAY("id", "day"))'),
        ("regexp_matches(s, 'a', 'i')", "MK_REGEXP('(?i)a', \"s\" COLLATE BINARY)"),
    ],
)
def test_parts_are_written_so_that_they_mean_the_same(expression, expected):
    assert written(expression) == expected


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT big > 0 FROM x", "at most 15 are exact"),
        ("SELECT id = '1.5' FROM x", "more decimal places"),
        ("SELECT s, count(*) FROM x", "not grouped by"),
        ("SELECT id FROM x EXCEPT ALL SELECT 1", "ALL"),
        ("SELECT (SELECT s FROM x GROUP BY s)", "several rows"),
        ("SELECT id FROM x WHERE s", "no condition"),
        ("SELECT coalesce(day, ts) FROM x", "date and timestamp"),
        ("SELECT median(id) OVER () FROM x", "with OVER"),
        ("SELECT id % 0 FROM x", "may be 0"),
        ("SELECT levenshtein(s, 'a') FROM x", "no equal on sqlite"),
        ("SELECT mixed > 0 FROM x", "values of other types than its own, VARCHAR"),
        ("SELECT sum(mixed) FROM x", "values of other types"),
        ("SELECT count(DISTINCT mixed) FROM x", "values of other types"),
        ("SELECT max(m) FROM (SELECT mixed AS m FROM x) y", "values of other types"),
        ("SELECT DISTINCT mixed FROM x", "values of other types"),
        ("SELECT any_ = 'a' FROM x", "unknown"),
        ("SELECT sum(big) FROM x", "at most 15 are exact"),
        ("SELECT (id, s) = (1, 'a') FROM x", "TUPLE"),
        ("SELECT count(*) FROM x WHERE (id, f) IN (SELECT id, d FROM x)", "several kinds"),
        ("SELECT flag = 2 FROM x", "between boolean and integer"),
        ("SELECT ts - day FROM x", "as an output"),
        ("SELECT max(ts - day) FROM x", "as an output"),
        ("SELECT 1 FROM x HAVING count(*) = 0", "without an aggregate"),
        ("SELECT count(*) FROM x WHERE regexp_matches(s, '(?=a)')", "in its pattern"),
        ("SELECT count(*) FROM x WHERE regexp_matches(s, '\\pL')", "in its pattern"),
        ("SELECT id FROM x WHERE s = 12", "between text and integer"),
    ],
)
def test_what_has_no_equal_is_refused_with_the_reason(query, reason):
    with pytest.raises(SqlError, match=reason) as caught:
        transpile(parse_query(query), "sqlite", TABLES)
    assert caught.value.code == "MK210"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("mk_add('2026-01-31', 1, 'month')", "2026-02-28 00:00:00"),
        ("mk_add('2024-02-29 10:00:00.25', -1, 'year')", "2023-02-28 10:00:00.25"),
        ("mk_date_diff('hour', '1969-12-31 23:59:59', '1970-01-01 00:00:01')", 1),
        ("mk_date_diff('week', '2026-04-13', '2026-04-06')", -1),
        ("mk_date_trunc('week', '2026-04-05')", "2026-03-30 00:00:00"),
        ("mk_try_to_integer('2.5', -128, 127)", 3),
        ("mk_try_to_integer('128', -128, 127)", None),
        ("mk_to_integer(2.5, -128, 127)", 2),
        ("mk_try_to_date('2026-02-30')", None),
        ("mk_try_to_date('2026-1-2 3:4')", "2026-01-02"),
        ("mk_half_away(-2.345, 2)", -2.35),
        ("mk_divide(-1, 0)", float("-inf")),
        ("mk_whole_division(-7, 2)", -3),
        ("mk_ln(0)", float("-inf")),
        ("mk_utc('2026-03-29 03:30:00.5+02:00')", "2026-03-29 01:30:00.5"),
        ("mk_ends_with('a', 'ab')", 0),
        ("mk_split_part('a,b', ',', -1)", "b"),
        ("mk_json_text('{\"a\": [1, true]}', '$.a[1]')", "true"),
        ("mk_add_days(NULL, 1)", None),
    ],
)
def test_functions_give_what_duckdb_gives(call, expected):
    connection = sqlite3.connect(":memory:")
    register(connection)
    assert connection.execute(f"SELECT {call}").fetchone() == (expected,)


@pytest.mark.parametrize(
    "call",
    [
        "mk_whole(9e18)",
        "mk_whole_division(1, 0)",
        "mk_utc('2026-01-01 00:00:00')",
        "mk_utc(5)",
        "mk_divide(0, 0)",
        "mk_to_integer('x', 0, 9)",
        "mk_exact(1e14, 2)",
        "mk_add_days('9999-12-31', 1)",
    ],
)
def test_what_cannot_be_held_is_an_error_and_never_another_value(call):
    connection = sqlite3.connect(":memory:")
    register(connection)
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute(f"SELECT {call}").fetchone()


def test_order_by_all_is_by_every_output():
    sql = transpile(parse_query("SELECT id, s FROM x ORDER BY ALL DESC"), "sqlite", TABLES).sql
    assert sql.partition(" ORDER BY ")[2] == '"id" DESC, "s" DESC'
    with pytest.raises(SqlError, match="several outputs of one name") as caught:
        transpile(parse_query("SELECT id, id FROM x ORDER BY ALL"), "sqlite", TABLES)
    assert caught.value.code == "MK206"


@pytest.mark.parametrize("dialect", ["postgres", "sqlite", "clickhouse", "spark"])
@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM (SELECT generate_series(1, 3) FROM x) y",  # of PostgreSQL's, three rows for each
        "SELECT len(range(3)) FROM x",
        "SELECT unnest(range(3)) FROM x",
    ],
)
def test_a_series_as_a_value_is_refused(dialect, query):
    with pytest.raises(SqlError, match="but in FROM"):
        transpile(parse_query(query), dialect, TABLES)
