"""Author SQL: what is refused, with its reason, and what honest authors write."""

from __future__ import annotations

import pytest

import meshkit
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_condition, parse_query, parse_scalar

HOSTILE = [
    ("", "MK201"),
    (";", "MK201"),
    ("SELECT 1; SELECT 2", "MK201"),
    ("SELECT 1;;DROP TABLE t", "MK201"),
    ("INSERT INTO t VALUES (1)", "MK201"),
    ("UPDATE t SET a = 1", "MK201"),
    ("DELETE FROM t", "MK201"),
    ("DROP TABLE t", "MK201"),
    ("CREATE TABLE x AS SELECT 1", "MK201"),
    ("ATTACH 'x.db'", "MK201"),
    ("DETACH t", "MK201"),
    ("COPY t TO 'x.csv'", "MK201"),
    ("PRAGMA database_list", "MK201"),
    ("SET threads = 1", "MK201"),
    ("CALL pragma_version()", "MK201"),
    ("EXPLAIN SELECT 1", "MK201"),
    ("DESCRIBE t", "MK201"),
    ("SHOW TABLES", "MK201"),
    ("INSTALL httpfs", "MK201"),
    ("LOAD httpfs", "MK201"),
    ("EXPORT DATABASE 'x'", "MK201"),
    ("PIVOT t ON a USING sum(b)", "MK201"),
    ("WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x", "MK202"),
    ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "MK202"),
    ("SELECT 1 INTO t", "MK202"),
    ("SELECT * FROM t FOR UPDATE", "MK202"),
    ("SELECT * FROM read_csv('/etc/passwd')", "MK203"),
    ("SELECT * FROM read_text('/etc/passwd')", "MK203"),
    ("SELECT * FROM read_parquet('x')", "MK203"),
    ("SELECT * FROM glob('/*')", "MK203"),
    ("SELECT * FROM duckdb_secrets()", "MK203"),
    ("SELECT * FROM duckdb_settings()", "MK203"),
    ("SELECT * FROM query('SELECT 1')", "MK203"),
    ("SELECT * FROM sqlite_scan('a', 'b')", "MK203"),
    ("SELECT * FROM parquet_metadata('x')", "MK203"),
    ("SELECT read_text('/etc/passwd')", "MK203"),
    ("SELECT getenv('HOME')", "MK203"),
    ("SELECT current_setting('threads')", "MK203"),
    ("SELECT getvariable('x')", "MK203"),
    ("SELECT nextval('s')", "MK203"),
    ("SELECT random()", "MK203"),
    ("SELECT uuid()", "MK203"),
    ("SELECT version()", "MK203"),
    ("SELECT current_user", "MK203"),
    ("SELECT pg_read_file('x')", "MK203"),
    ("SELECT count(*) FROM t WHERE a = (SELECT read_text('x'))", "MK203"),
    ("SELECT COLUMNS('a.*') FROM t", "MK203"),
    ("SELECT * FROM t TABLESAMPLE 1%", "MK209"),
    ("SELECT $1", "MK209"),
    ("SELECT ?", "MK209"),
    ("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a", "MK209"),
    ("SELECT * FROM a.b.c", "MK209"),
    ("SELECT * FROM (DESCRIBE t)", "MK209"),
    ("SELECT * FROM (SUMMARIZE t)", "MK209"),
    ("SELECT repeat('x', 2000000000)", "MK209"),
    ("SELECT repeat('x', a) FROM t", "MK209"),
    ("SELECT lpad('x', 2000000000, 'y')", "MK209"),
    ("SELECT " + "(" * 300 + "1" + ")" * 300, "MK209"),
    ("SELECT '" + "x" * 200_000 + "'", "MK209"),
    ("SELECT 'abc", "MK207"),
    ("SELECT /* never closed", "MK207"),
    ("SELECT FROM WHERE", "MK207"),
    ("SELECT COUNT() FROM t", "MK207"),
]


@pytest.mark.parametrize(("query", "code"), HOSTILE)
def test_anything_but_one_plain_select_is_refused(query, code):
    with pytest.raises(meshkit.SqlError) as refused:
        parse_query(query)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM orders WHERE total_amount < 0",
        "select count(*) from orders;",
        "FROM orders SELECT count(*)",
        "WITH a AS (SELECT * FROM orders) SELECT count(*) FROM a WHERE replace(s, 'DROP', '') = 'x'",
        "SELECT count(*) FROM a UNION ALL SELECT count(*) FROM b",
        "SELECT count(*) -- a comment; with a semicolon\nFROM orders /* DROP TABLE x; */",
        "SELECT sum(x) FILTER (WHERE y > 0) / nullif(count(DISTINCT z), 0) FROM t",
        "SELECT max(n) FROM (SELECT count(*) AS n FROM t GROUP BY k HAVING count(*) > 1)",
        "SELECT count(*) FROM t QUALIFY row_number() OVER (PARTITION BY k ORDER BY d DESC) > 1",
        "SELECT count(*) FROM range(10) r LEFT JOIN t ON t.k = r.range WHERE t.k IS NULL",
        "SELECT count(*) FROM t WHERE regexp_matches(e, '^[^@]+@[^@]+$') AND lower(e) LIKE '%x%'",
        "SELECT count(*) FROM t WHERE d BETWEEN DATE '2024-01-01' AND current_date - INTERVAL 1 DAY",
        "SELECT count(*) FROM t WHERE list_contains(l, 1) OR j->>'a' = 'b' OR s.x > 1",
    ],
)
def test_what_honest_authors_write_passes(query):
    assert render(parse_query(query))


@pytest.mark.parametrize(
    "text",
    [
        "a = 1) OR (1 = 1",
        "1 = 1 GROUP BY 1",
        "a = (SELECT 1)",
        "a IN (SELECT 1)",
        "a = 1 UNION SELECT 1",
        "sum(a) > 1",
        "",
        "a = 1; DROP TABLE t",
    ],
)
def test_a_condition_cannot_break_out_of_its_place(text):
    with pytest.raises(meshkit.SqlError):
        parse_condition(text)


def test_a_condition_ends_at_its_comment():
    assert render(parse_condition("a = 1 -- AND nothing else")) == "a = 1"


@pytest.mark.parametrize("text", ["a, b", "a FROM t", "(SELECT 1)", "a WHERE b"])
def test_a_scalar_is_one_expression(text):
    with pytest.raises(meshkit.SqlError):
        parse_scalar(text)
    assert render(parse_scalar("avg(total_amount)")) == "AVG(total_amount)"
