"""What DuckDB refuses is refused for every engine, and what it does unasked is written out."""

from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.relation import SeenColumn
from meshkit.sql.transpile.frame import transpile
from meshkit.sql.transpile.names import Stored

_COLUMNS = {
    "id": "BIGINT", "s": "VARCHAR", "qty": "INTEGER", "amount": "DECIMAL(12,2)", "short": "FLOAT", "flag": "BOOLEAN",
    "odd": "COLLATED TEXT BY any_case",
}  # fmt: skip
_TABLES = {"t": Stored(("T",), tuple(SeenColumn(n, k) for n, k in _COLUMNS.items()))}


def written(query: str, dialect: str = "postgres") -> str:
    tree = sqlglot.parse_one(re.sub(r"FROM t\b(?! AS)", "FROM t AS t", query), dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return transpile(tree, dialect, _TABLES).sql


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "clickhouse", "spark", "snowflake", "sqlite"])
@pytest.mark.parametrize(
    "query",
    [
        "SELECT s, id FROM t GROUP BY s",
        "SELECT id, count(*) FROM t",
        "SELECT id FROM t HAVING id > 3",
        "SELECT s FROM t GROUP BY s ORDER BY id",
        "SELECT s, sum(sum(qty)) OVER (PARTITION BY qty) FROM t GROUP BY s",
        "SELECT s, (SELECT count(*) FROM t AS u WHERE u.id = t.id) FROM t GROUP BY s",
        "SELECT count(*) FROM t WHERE s",
        "SELECT count(*) FROM t WHERE flag AND s",
        "SELECT count(*) FROM t WHERE NOT s",
        "SELECT DISTINCT s FROM t ORDER BY id",
        "SELECT id FROM t UNION SELECT s FROM t",
        "SELECT id FROM t UNION ALL BY NAME SELECT qty FROM t",
        "SELECT short + 1 FROM t",
        "SELECT count(*) FROM t WHERE short = amount",
        "SELECT max(id, 2) FROM t",
        "SELECT DISTINCT odd FROM t",
        "SELECT count(DISTINCT odd) FROM t",
        "SELECT odd, count(*) FROM t GROUP BY odd",
    ],
)
def test_no_engine_is_asked_what_duckdb_would_refuse_or_reads_otherwise(query: str, dialect: str) -> None:
    with pytest.raises(SqlError) as caught:
        written(query, dialect)
    assert caught.value.code == "MK210"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("SELECT count(*) FROM t WHERE qty", 'WHERE (("t"."qty") <> 0)'),
        ("SELECT count(*) FROM t WHERE short > 0.1", '"t"."short" > CAST(0.1 AS REAL)'),
        ("SELECT count(*) FROM t WHERE short > 5", '"t"."short" > 5'),
        ("SELECT sum(short) FROM t", 'SUM(CAST("t"."short" AS DOUBLE PRECISION))'),
        ("SELECT CASE qty WHEN id THEN 1 END FROM t", 'CASE WHEN "t"."qty" = "t"."id" THEN 1 END'),
        ("SELECT CASE qty WHEN 3 THEN 1 END FROM t", 'CASE "t"."qty" WHEN 3 THEN 1 END'),
        ("SELECT id, s FROM t UNION ALL BY NAME SELECT s, id FROM t", 'UNION ALL SELECT "t"."id" AS "id", "t"."s" AS "s"'),
        ("SELECT id, qty FROM t ORDER BY ALL", 'ORDER BY "id", "qty"'),
        ("SELECT count(*) FROM t GROUP BY ()", 'SELECT COUNT(*) AS "_col_0" FROM "T" AS "t"'),
        ("SELECT CAST('-2.5' AS BIGINT)", "CAST(-2.5 AS BIGINT)"),
        ("SELECT count(*) FROM t WHERE amount < 1", """("t"."amount" < 1 OR "t"."amount" = CAST('NaN' AS NUMERIC))"""),
        ("SELECT count(*) FROM t WHERE NOT amount < 1", 'NOT "t"."amount" < 1'),
        ("SELECT 1e3", "CAST(1e3 AS DOUBLE PRECISION)"),
    ],
)  # fmt: skip
def test_what_duckdb_does_unasked_is_written_out(query: str, wanted: str) -> None:
    assert wanted in written(query)


def test_columns_of_an_outer_query_need_no_group() -> None:
    query = "SELECT (SELECT max(u.qty) + t.id FROM t AS u WHERE u.id = t.id) FROM t"
    assert '"t"."id"' in written(query)


def test_over_all_rows_gets_a_part_beside_other_windows_on_mariadb() -> None:
    assert "OVER (PARTITION BY RAND() * 0)" in written(
        "SELECT sum(id) OVER (), sum(id) OVER (PARTITION BY qty) FROM t", "mysql"
    )
    assert "OVER ()" in written("SELECT sum(id) OVER () FROM t", "mysql")


@pytest.mark.parametrize("dialect", ["postgres", "spark", "sqlite"])
def test_a_limit_is_of_what_qualify_keeps(dialect: str) -> None:
    found = written(
        "SELECT id FROM t QUALIFY row_number() OVER (PARTITION BY qty ORDER BY id) = 1 ORDER BY id LIMIT 3", dialect
    )
    assert found.index("_kept") < found.rindex("LIMIT 3")
    assert found.endswith("LIMIT 3")
