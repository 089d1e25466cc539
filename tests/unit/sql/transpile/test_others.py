"""What is written for engines of which most are not run here: the text of rewrites and refusals, by their documentation."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import sqlglot
from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.relation import SeenColumn
from meshkit.sql.clock import set_clock
from meshkit.sql.transpile.frame import transpile
from meshkit.sql.transpile.names import Stored

_COLUMNS = {
    "id": "BIGINT", "s": "VARCHAR", "amount": "DECIMAL(12,2)", "f": "DOUBLE", "g": "DOUBLE", "flag": "BOOLEAN", "day": "DATE",
    "seen": "TIMESTAMP", "at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
_TABLES = {"t": Stored(("db", "T"), tuple(SeenColumn(n, k) for n, k in _COLUMNS.items()))}


def where(condition: str, dialect: str) -> str:
    return written(f"SELECT count(*) FROM t WHERE {condition}", dialect).partition(" WHERE ")[2]


def value(expression: str, dialect: str) -> str:
    return (
        written(f"SELECT {expression} AS v FROM t", dialect)
        .removeprefix("SELECT ")
        .rpartition(" AS ")[0]
        .partition(' AS "v"')[0]
    )


def written(query: str, dialect: str) -> str:
    tree = sqlglot.parse_one(re.sub(r"FROM t\b(?! AS)", "FROM t AS t", query), dialect="duckdb")
    assert isinstance(tree, exp.Query)
    set_clock(tree, datetime(2026, 11, 22, 6, tzinfo=UTC))
    return transpile(tree, dialect, _TABLES).sql


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("regexp_matches(s, '^a$')", """REGEXP_INSTR("t"."s", '^a$', 1, 1, 0, 'c') > 0"""),
        ("regexp_full_match(s, 'a+')", """REGEXP_LIKE("t"."s", '(a+)', 'c')"""),
        ("s = 'a\\b'", """"t"."s" = 'a\\\\b'"""),
        ("flag IS NOT TRUE", 'NOT COALESCE("t"."flag", FALSE)'),
        ("seen >= now()", """"t"."seen" >= CAST('2026-11-22 06:00:00' AS TIMESTAMP_NTZ)"""),
        ("day + 7 > day", 'CAST(DATEADD(DAY, 7, "t"."day") AS DATE) > "t"."day"'),
        ("greatest(id, 5) > 3", 'GREATEST_IGNORE_NULLS("t"."id", 5) > 3'),
        ("isnan(f)", """"t"."f" = CAST('NaN' AS DOUBLE)"""),
        ("s IN (SELECT unnest(['a', 'b']))", """"t"."s" IN ('a', 'b')"""),
        ("trim(s) = 'a'", """TRIM("t"."s", ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000') = 'a'"""),
        ("isodow(day) = 7", 'DAYOFWEEKISO(CAST("t"."day" AS TIMESTAMP_NTZ)) = 7'),
        ("date_diff('day', day, seen) > 1", 'DATEDIFF(DAY, CAST("t"."day" AS TIMESTAMP_NTZ), "t"."seen") > 1'),
    ],
)  # fmt: skip
def test_snowflake(condition, text):
    assert where(condition, "snowflake") == text


@pytest.mark.parametrize(
    "expression",
    [
        "TRY_CAST(s AS DATE)", "CAST(s AS INTEGER)", "CAST(f AS VARCHAR)", "CAST(seen AS VARCHAR)", "f / g", "id % id",
        "regexp_matches(s, '(?i)a')", "regexp_replace(s, 'a', 'b')", "regexp_extract(s, 'a|ab')", "substr(s, 0, 2)", "left(s, -1)",
        "any_undocumented(s)", "date_diff('decade', day, day)", "max(seen - seen)", "round(f, 2)", "concat_ws('-', s, s)",
        "last_value(id) OVER (ORDER BY id)", "row_number() OVER ()", "string_agg(s, ',')", "json_extract_string(s, '$.a')",
    ],
)  # fmt: skip
def test_snowflake_refuses_what_may_differ(expression):
    with pytest.raises(SqlError, match="MK210"):
        written(f"SELECT {expression} AS v FROM t", "snowflake")


@pytest.mark.parametrize(
    ("condition", "dialect", "text"),
    [
        ("regexp_matches(s, '^a\\.$')", "bigquery", r"REGEXP_CONTAINS(`t`.`s`, '^a\\.$')"),
        ("f > 5", "bigquery", "(IS_NAN(`t`.`f`) OR `t`.`f` > 5)"),
        ("f < 5", "bigquery", "`t`.`f` < 5"),
        ("seen > now()", "bigquery", "`t`.`seen` > DATETIME(CAST('2026-11-22 06:00:00+00' AS TIMESTAMP), 'UTC')"),
        ("at > now()", "trino", """"t"."at" > CAST('2026-11-22 06:00:00 UTC' AS TIMESTAMP(6) WITH TIME ZONE)"""),
        (
            "at > now() - INTERVAL '3 hours'",
            "trino",
            """"t"."at" > CAST('2026-11-22 03:00:00 UTC' AS TIMESTAMP(6) WITH TIME ZONE)""",
        ),
        (
            "at > TIMESTAMPTZ '2026-03-29 03:30:00+02'",
            "trino",
            """"t"."at" > CAST('2026-03-29 01:30:00 UTC' AS TIMESTAMP(6) WITH TIME ZONE)""",
        ),
        (
            "at > TIMESTAMPTZ '2026-03-29 03:30:00'",
            "snowflake",
            """"t"."at" > CAST('2026-03-29 03:30:00 +00:00' AS TIMESTAMP_TZ)""",
        ),
        ("regexp_matches(s, '\\d$')", "trino", r"""REGEXP_LIKE("t"."s", '[0-9]\z')"""),
        (
            "s = 'a'",
            "sqlserver",
            "([t].[s] + N'.') COLLATE Latin1_General_100_BIN2 = N'a.' COLLATE Latin1_General_100_BIN2",
        ),
        ("s IN ('a', 'b')", "sqlserver", "([t].[s] + N'.') COLLATE Latin1_General_100_BIN2 IN (N'a.', N'b.')"),
        ("length(s) < 2", "sqlserver", "(LEN(([t].[s] + N'.') COLLATE Latin1_General_100_CI_AS_SC) - 1) < 2"),
        ("day = '2026-01-02'", "sqlserver", "[t].[day] = CAST('2026-01-02' AS DATE)"),
        ("day = '2026-01-02'", "oracle", """"t"."day" = DATE '2026-01-02'"""),
        ("at > now()", "oracle", """"t"."at" > TIMESTAMP '2026-11-22 06:00:00 +00:00'"""),
        ("f = 0.5::DOUBLE AND s LIKE 'a%'", "trino", """"t"."f" = CAST(0.5 AS DOUBLE) AND "t"."s" LIKE 'a%'"""),
        ("id IN (SELECT unnest([1, 2]))", "oracle", '"t"."id" IN (1, 2)'),
    ],
)
def test_engines_by_their_documentation(condition, dialect, text):
    assert where(condition, dialect) == text


@pytest.mark.parametrize(
    ("query", "dialect"),
    [
        ("SELECT count(*) FROM t WHERE s = ''", "oracle"),
        ("SELECT count(*) FROM t WHERE s > 'a'", "oracle"),
        ("SELECT count(*) FROM t WHERE flag", "oracle"),
        ("SELECT id > 3 AS v FROM t", "oracle"),
        ("SELECT count(*) FROM t WHERE regexp_matches(s, '\\bx')", "oracle"),
        ("SELECT count(*) FROM t WHERE regexp_matches(s, 'x')", "sqlserver"),
        ("SELECT count(*) FROM t WHERE s LIKE 'x'", "sqlserver"),
        ("SELECT count(*) FROM t WHERE flag", "sqlserver"),
        ("SELECT s, count(*) FROM t GROUP BY s", "sqlserver"),
        ("SELECT count(DISTINCT s) FROM t", "sqlserver"),
        ("SELECT DISTINCT s FROM t", "sqlserver"),
        ("SELECT id FROM t ORDER BY s", "sqlserver"),
        ("SELECT max(s) FROM t", "sqlserver"),
        ("SELECT nullif(s, 'a') FROM t", "sqlserver"),
        ("SELECT CASE s WHEN 'a' THEN 1 END FROM t", "sqlserver"),
        ("SELECT count(*) OVER (PARTITION BY s) FROM t", "sqlserver"),
        ("SELECT sum(amount) * 1.5 FROM t", "sqlserver"),
        ("SELECT amount * 0.12345678901 FROM t", "snowflake"),
        ("SELECT amount * 0.12345678 FROM t", "bigquery"),
        ("SELECT count(*) FROM t WHERE day = '2026/1/2'", "oracle"),
        ("SELECT any_value(s) FROM t", "snowflake"),
        ("SELECT count(*) FROM t WHERE f = g", "bigquery"),
        ("SELECT min(f) FROM t", "bigquery"),
        ("SELECT count(*) FROM t WHERE s LIKE 'a\\b'", "bigquery"),
        ("SELECT median(f) FROM t", "trino"),
        ("SELECT upper(s) FROM t", "oracle"),
        ("SELECT CAST(f AS INTEGER) FROM t", "trino"),
        ("SELECT CAST(amount AS DECIMAL(12,1)) FROM t", "bigquery"),
        ("SELECT DISTINCT ON (id) id FROM t", "trino"),
        ("SELECT id FROM t GROUP BY ALL", "trino"),
    ],
)
def test_a_doubt_is_a_refusal(query, dialect):
    with pytest.raises(SqlError, match=r"MK210|MK209"):
        written(query, dialect)


@pytest.mark.parametrize(
    ("dialect", "most"),
    [("snowflake", 16_384), ("bigquery", 10_000), ("trino", 10_000), ("sqlserver", 2_000), ("oracle", 1_000)],
)
def test_long_lists_are_written_out_as_far_as_the_engine_takes_them(dialect, most):
    def listed(count: int) -> str:
        return f"id IN (SELECT unnest([{', '.join(map(str, range(count)))}]))"

    assert where(listed(most), dialect).count(",") == most - 1
    with pytest.raises(SqlError, match=f"more than {most:,} values"):
        where(listed(most + 1), dialect)


def test_a_query_without_a_table_reads_dual_on_oracle():
    assert written("SELECT (SELECT count(*) FROM t) AS n", "oracle").endswith("FROM DUAL")


def test_texts_are_grouped_exactly_on_sql_server():
    grouped = written("SELECT count(*) AS k FROM t GROUP BY s", "sqlserver")
    assert grouped.endswith("GROUP BY ([t].[s] + N'.') COLLATE Latin1_General_100_BIN2")


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "trino", "sqlserver", "oracle"])
@pytest.mark.parametrize(("join", "found"), [("SEMI", " EXISTS("), ("ANTI", "NOT EXISTS(")])
def test_lookups_are_exists(dialect, join, found):
    text = written(
        f"SELECT count(*) AS n FROM t AS a {join} JOIN t AS b ON a.id = b.id WHERE a.id > 1 OR a.id < 0", dialect
    )
    assert found in text
    assert "JOIN" not in text
    assert ") AND " in text  # the author's OR keeps its parentheses
