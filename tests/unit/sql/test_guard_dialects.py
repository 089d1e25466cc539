"""The guard in every dialect: what hostile authors write is refused, what honest authors write passes and reads back the same."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import sqlglot

import meshkit
from meshkit.model.relation import Relation
from meshkit.sql.bind import bind_query
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_condition, parse_query, parse_scalar
from meshkit.sql.guarding.rules import RULES

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that it only knows as commands

DATA = Path(__file__).parents[2] / "data" / "guard"
HONEST = json.loads((DATA / "honest.json").read_text(encoding="utf-8"))
HOSTILE = json.loads((DATA / "hostile.json").read_text(encoding="utf-8"))
DIALECTS = sorted(RULES)


def cases(table):
    return [(dialect, sql) for dialect in DIALECTS for sql in [*table["everywhere"], *table[dialect]]]


@pytest.mark.parametrize(("dialect", "sql"), cases(HOSTILE))
def test_hostile_sql_is_refused_in_the_dialect_that_would_run_it(dialect, sql):
    with pytest.raises(meshkit.SqlError) as refused:
        parse_query(sql, dialect)
    assert refused.value.code in {"MK201", "MK202", "MK203", "MK207", "MK209"}


@pytest.mark.parametrize(("dialect", "sql"), cases(HONEST))
def test_honest_sql_passes_and_what_is_written_reads_back_as_the_same_tree(dialect, sql):
    tree = parse_query(sql, dialect)
    written = render(tree, dialect)
    again = sqlglot.parse_one(written, read=dialect)
    if dialect == "duckdb":  # DuckDB's own parser reads it again: tests/engines/test_duckdb_parser.py
        assert render(again, dialect) == written
    else:
        assert again == tree


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_is_measured_by_at_least_fifteen_honest_queries(dialect):
    assert len(HONEST["everywhere"]) + len(HONEST[dialect]) >= 15


@pytest.mark.parametrize(
    "table",
    ["information_schema.tables", "pg_catalog.pg_class", "mysql.user", "performance_schema.threads", "sys.tables",
     "sqlite_master", "pragma_database_list", "system.users", "pg_authid", "parquet.`/etc/passwd`", "dual"],
)  # fmt: skip
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "shape",
    ["SELECT * FROM {}", "WITH x AS (SELECT * FROM {}) SELECT * FROM x", "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM {})",
     "WITH zz AS (SELECT 1 AS a) SELECT * FROM (WITH dual AS (SELECT 1 AS b) SELECT * FROM dual) q, {} z"],
)  # fmt: skip
def test_a_table_of_the_engine_itself_is_never_bound(table, dialect, shape):
    def resolve(name, qualifier):
        if (name, qualifier) == ("t", ""):
            return Relation(id="d.p.t")
        raise meshkit.SqlError("unknown table", code="MK204")

    sql = shape.format(table if dialect in ("spark", "databricks", "mysql") else table.replace("`", '"'))
    with pytest.raises(meshkit.SqlError):
        bind_query(parse_query(sql, dialect), resolve)


def test_the_comment_that_mysql_runs_is_refused_and_one_that_it_does_not_is_dropped():
    with pytest.raises(meshkit.SqlError):
        parse_query("SELECT 1 /*!80000 , SLEEP(5) */", "mysql")
    assert render(parse_query("SELECT 1 /* , SLEEP(5) */", "mysql"), "mysql") == "SELECT 1"


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("oracle", "SELECT 1 /* a /* b */ FROM t -- */"),
        ("trino", "SELECT 1 /* /* */ , 2 /* */ */"),
        ("postgres", "SELECT 1 -- x\r, 2"),
        ("spark", "SELECT 'a''b'"),
        ("postgres", "SELECT 'a\\'' || b || '\\''"),
        ("mysql", "SELECT 1 {{ x }}"),
    ],
)
def test_text_that_two_readers_end_in_different_places_is_refused(dialect, sql):
    with pytest.raises(meshkit.SqlError):
        parse_query(sql, dialect)


@pytest.mark.parametrize(
    ("dialect", "sql", "written"),
    [
        ("mysql", r"SELECT 'a\'; DROP TABLE t; --'", "SELECT 'a''; DROP TABLE t; --'"),
        ("bigquery", r"SELECT r'\d;'", r"SELECT '\\d;'"),
        ("postgres", "SELECT $$it's; x$$", "SELECT 'it''s; x'"),
        ("oracle", "SELECT q'[it's]' FROM t", "SELECT 'it''s' FROM t"),
        ("tsql", "SELECT [a;b] FROM t", "SELECT [a;b] FROM t"),
        ("snowflake", "SELECT 1 // ; DROP TABLE t", "SELECT 1"),
        ("mysql", "SELECT 1--1", "SELECT 1 - -1"),
    ],
)
def test_texts_are_written_anew_in_one_plain_form(dialect, sql, written):
    assert render(parse_query(sql, dialect), dialect) == written


@pytest.mark.parametrize("dialect", ["spark", "databricks", "tsql"])
@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM (WITH c AS (SELECT 1 AS b) SELECT * FROM c) q, c z",
     "SELECT * FROM (WITH c AS (SELECT * FROM c) SELECT * FROM c) q",
     "SELECT * FROM (WITH c AS (SELECT 1 AS a) SELECT * FROM c) q, (WITH c AS (SELECT 2 AS a) SELECT * FROM c) r"],
)  # fmt: skip
def test_a_cte_that_would_be_written_further_out_may_not_hide_a_table(dialect, sql):
    with pytest.raises(meshkit.SqlError):
        parse_query(sql, dialect)
    honest = parse_query(
        "SELECT * FROM (WITH c AS (SELECT a FROM t), d AS (SELECT a FROM c) SELECT * FROM d) q", dialect
    )
    assert {t.name for t in honest.find_all(sqlglot.exp.Table)} == {"t", "c", "d"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_conditions_and_scalars_are_guarded_alike(dialect):
    assert render(parse_condition("a = 1 AND b IS NULL", dialect), dialect) == "a = 1 AND b IS NULL"
    assert render(parse_scalar("AVG(a)", dialect), dialect) == "AVG(a)" if dialect != "clickhouse" else True
    for text in ("a = 1) OR (1 = 1", "a IN (SELECT 1)", "sleep(1) = 0", "a = 1; DROP TABLE t", "EXISTS (SELECT 1)"):
        with pytest.raises(meshkit.SqlError):
            parse_condition(text, dialect)
    for text in ("a, b", "(SELECT 1)", "a FROM t", "sleep(1)"):
        with pytest.raises(meshkit.SqlError):
            parse_scalar(text, dialect)


def test_sql_of_a_dialect_without_rules_is_refused():
    with pytest.raises(meshkit.SqlError, match="did you mean 'mysql'"):
        parse_query("SELECT 1", "mysqll")


TOO_LARGE = [
    ("postgres", "SELECT format('%1000000000s', 'a')"),
    ("postgres", "SELECT format('%-1001s', 'a')"),
    ("postgres", "SELECT format('%2$*1$s', 9, 'a')"),
    ("postgres", "SELECT format('%*s', a, 'a') FROM t"),
    ("postgres", "SELECT format(a, 'a') FROM t"),
    ("postgres", "SELECT repeat('a', 10001)"),
    ("postgres", "SELECT repeat(repeat('a', 101), 100)"),
    ("postgres", "SELECT rpad('a', 1000000000)"),
    ("postgres", "SELECT lpad('a', 5 * 1000000)"),
    ("postgres", "SELECT count(*) FROM generate_series(1, 1000000000000) g"),
    ("postgres", "SELECT count(*) FROM generate_series(1, 1000000 * 1000000) g"),
    ("postgres", "SELECT count(*) FROM generate_series(1, power(10, 12)) g"),
    ("postgres", "SELECT count(*) FROM generate_series(1, 10, 0) g"),
    ("postgres", "SELECT count(*) FROM generate_series(1, 10, 0.000001) g"),
    ("postgres", "SELECT count(*) FROM generate_series('2020-01-01'::timestamp, now(), '1 microsecond'::interval) g"),
    ("postgres", "SELECT count(*) FROM generate_series('0001-01-01'::date, '9999-01-01'::date, interval '1 minute') g"),
    ("sqlite", "SELECT printf('%1000000000d', 1)"),
    ("sqlite", "SELECT format('%*d', 1000000000, 1)"),
    ("duckdb", "SELECT format('{:>1000000000}', 'a')"),
    ("duckdb", "SELECT format('{:{}}', 'a', 1000000000)"),
    ("duckdb", "SELECT count(*) FROM range(1000002)"),
    ("spark", "SELECT format_string('%1000000000s', 'a')"),
    ("spark", "SELECT explode(sequence(1, 1000000000))"),
    ("clickhouse", "SELECT leftPad('a', 1000000000)"),
    ("clickhouse", "SELECT toFixedString('a', 1000000000)"),
    ("bigquery", "SELECT format('%1000000000d', 1)"),
]
AS_LARGE_AS_NEEDED = [
    ("postgres", "SELECT format('%1000s of 2024: %s, 100%% %2$10s', 'a', 'b')"),
    ("postgres", "SELECT repeat('ab', 10000), repeat(repeat('a', 100), 100), lpad('a', 10000)"),
    ("postgres", "SELECT count(*) FROM generate_series(1, 1000000) g"),
    ("postgres", "SELECT count(*) FROM generate_series(5, -5, -1) g"),
    ("postgres", "SELECT count(*) FROM generate_series((SELECT min(id) FROM t), (SELECT max(id) FROM t)) g"),
    ("postgres", "SELECT count(*) FROM generate_series('2020-01-01'::date, CURRENT_DATE, '1 day'::interval) g"),
    ("postgres", "SELECT count(*) FROM generate_series('2020-01-01'::date, now(), interval '6 hours') g"),
    ("sqlite", "SELECT printf('%05d', 1), format('%.2f', 1.5)"),
    ("duckdb", "SELECT count(*) FROM range(1000000)"),
    ("duckdb", "SELECT format('{:>10} {} {0:,}', 'a', 1)"),
    ("duckdb", "SELECT count(*) FROM range(DATE '2020-01-01', DATE '2030-01-01', INTERVAL 1 DAY)"),
    ("spark", "SELECT explode(sequence(to_date('2020-01-01'), to_date('2021-01-01'), INTERVAL 1 MONTH))"),
]


@pytest.mark.parametrize(("dialect", "sql"), TOO_LARGE)
def test_what_makes_more_than_a_query_needs_or_a_computed_amount_is_refused(dialect, sql):
    with pytest.raises(meshkit.SqlError) as refused:
        parse_query(sql, dialect)
    assert refused.value.code == "MK209"
    assert refused.value.hint.startswith(("write", "take"))


@pytest.mark.parametrize(("dialect", "sql"), AS_LARGE_AS_NEEDED)
def test_what_honest_authors_repeat_pad_and_format_passes(dialect, sql):
    assert parse_query(sql, dialect)
