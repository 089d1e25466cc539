"""What is written for MySQL and MariaDB: the text of rewrites and refusals. That it runs is shown by `tests/truth`."""

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
    "id": "BIGINT", "s": "VARCHAR", "u": "VARCHAR", "amount": "DECIMAL(12,2)", "f": "DOUBLE", "flag": "BOOLEAN", "day": "DATE",
    "seen": "TIMESTAMP",
}  # fmt: skip
_TABLES = {"t": Stored(("db", "T"), tuple(SeenColumn(n, k) for n, k in _COLUMNS.items()))}
_UTF8 = "CAST(`t`.`s` AS CHAR CHARACTER SET utf8mb4)"
_BYTES = f"CAST({_UTF8} AS BINARY)"
_MAX = f"CAST(MAX({_BYTES}) AS CHAR CHARACTER SET utf8mb4)"


def written(query: str) -> str:
    tree = sqlglot.parse_one(re.sub(r"FROM t\b(?! AS)", "FROM t AS t", query), dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return transpile(tree, "mysql", _TABLES).sql


def where(condition: str) -> str:
    return written(f"SELECT count(*) FROM t WHERE {condition}").partition(" WHERE ")[2]


def value(expression: str) -> str:
    return written(f"SELECT {expression} AS v FROM t").removeprefix("SELECT ").rpartition(" AS `v`")[0]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("s = 'a'", f"{_BYTES} = 'a'"),
        ("s IN ('a', 'b ')", f"{_BYTES} IN ('a', 'b ')"),
        ("s IS DISTINCT FROM 'a'", f"NOT {_BYTES} <=> 'a'"),
        ("s LIKE 'a|%'", f"{_UTF8} COLLATE utf8mb4_bin LIKE 'a|%' ESCAPE '!'"),
        ("regexp_matches(s, '^\\d.$')", f"REGEXP_INSTR({_UTF8} COLLATE utf8mb4_bin, '^[0-9][^\\n]\\\\z') > 0"),
        ("contains(s, 'x')", f"LOCATE('x', {_UTF8} COLLATE utf8mb4_bin) > 0"),
        ("starts_with(s, 'xy')", "CAST(CAST(LEFT(`t`.`s`, 2) AS CHAR CHARACTER SET utf8mb4) AS BINARY) = 'xy'"),
        ("day >= '2026-01-31'", "`t`.`day` >= CAST('2026-01-31' AS DATE)"),
        ("seen > day", "`t`.`seen` > `t`.`day`"),
        ("isnan(f)", "CASE WHEN `t`.`f` IS NULL THEN NULL ELSE FALSE END"),
    ],
)
def test_conditions(condition, text):
    assert where(condition) == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("s || u", f"CONCAT({_UTF8}, CAST(`t`.`u` AS CHAR CHARACTER SET utf8mb4))"),
        ("nullif(s, '')", f"CASE WHEN {_BYTES} = CAST(CAST('' AS CHAR CHARACTER SET utf8mb4) AS BINARY) THEN NULL ELSE `t`.`s` END"),
        ("max(s)", _MAX),
        ("count(DISTINCT s)", f"COUNT(DISTINCT {_BYTES})"),
        ("greatest(amount, 5)", "GREATEST(COALESCE(`t`.`amount`, 5), COALESCE(5, `t`.`amount`))"),
        ("id // 2", "(`t`.`id` DIV 2)"),
        ("amount / 2", "(CAST(`t`.`amount` AS DOUBLE) / CAST(2 AS DOUBLE))"),
        ("stddev(amount)", "STDDEV_SAMP(CAST(`t`.`amount` AS DOUBLE))"),
        ("day + 7", "DATE_ADD(`t`.`day`, INTERVAL (7) DAY)"),
        ("day - DATE '2026-01-01'", "DATEDIFF(`t`.`day`, CAST('2026-01-01' AS DATE))"),
        ("date_diff('week', day, DATE '2026-01-01')", "(DATEDIFF(CAST('2026-01-01' AS DATE), `t`.`day`) DIV 7)"),
        ("date_trunc('month', seen)", "CAST(CAST(DATE_FORMAT(`t`.`seen`, '%Y-%m-01') AS DATE) AS DATETIME(6))"),
        ("strftime(seen, '%H:%M')", "DATE_FORMAT(`t`.`seen`, '%H:%i')"),
        ("CAST(id AS HUGEINT)", "CAST(`t`.`id` AS DECIMAL(38, 0))"),
        ("split_part(s, ',', 1)", None),
    ],
)  # fmt: skip
def test_values(expression, text):
    assert value(expression) == text if text else value(expression).startswith("CASE WHEN ")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT median(amount) FROM t",
        "SELECT string_agg(s, ',' ORDER BY s) FROM t",
        "SELECT TRY_CAST(s AS INTEGER) FROM t",
        "SELECT CAST(s AS INTEGER) FROM t",
        "SELECT amount / id FROM t",
        "SELECT s FROM t UNION SELECT u FROM t",
        "SELECT a.id FROM t AS a FULL JOIN t AS b ON a.id = b.id",
        "SELECT s LIKE u FROM t",
        "SELECT regexp_matches(s, u) FROM t",
        "SELECT DISTINCT s, count(*) OVER () FROM t",
        "SELECT s FROM t GROUP BY s HAVING EXISTS (SELECT 1 FROM t AS b WHERE b.u = t.s)",
        "SELECT sum(id) OVER (ORDER BY day RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) FROM t",
        "SELECT greatest(s, id) FROM t",
        "SELECT seen - INTERVAL (id) DAY FROM t",
    ],
)
def test_a_doubt_is_a_refusal(query):
    with pytest.raises(SqlError) as caught:
        written(query)
    assert caught.value.code == "MK210"


def test_texts_are_grouped_by_their_bytes():
    assert written("SELECT s, count(*) AS n FROM t GROUP BY ALL") == (
        f"SELECT {_MAX} AS `s`, COUNT(*) AS `n` FROM `db`.`T` AS `t` GROUP BY {_BYTES}"
    )
    assert written("SELECT DISTINCT s FROM t") == f"SELECT {_MAX} AS `s` FROM `db`.`T` AS `t` GROUP BY {_BYTES}"


def test_null_is_placed_and_outputs_in_orders_are_written_out():
    assert written("SELECT count(*) AS n FROM t GROUP BY id ORDER BY n").endswith(
        "ORDER BY CASE WHEN NOT COUNT(*) IS NULL THEN 0 ELSE 1 END ASC, COUNT(*) ASC"
    )
    assert written("SELECT id FROM t ORDER BY id DESC OFFSET 3").endswith(
        "ORDER BY `t`.`id` DESC LIMIT 18446744073709551615 OFFSET 3"
    )


def test_qualify_is_where():
    assert written("SELECT id FROM t QUALIFY row_number() OVER (ORDER BY id DESC) = 1 ORDER BY id DESC") == (
        "SELECT `id` FROM (SELECT `t`.`id` AS `id`, (ROW_NUMBER() OVER (ORDER BY `t`.`id` DESC) = 1) AS `_kept`, `t`.`id` AS `_order_0`"
        " FROM `db`.`T` AS `t`) AS `_q` WHERE `_kept` ORDER BY `_order_0` DESC"
    )


def test_a_sub_query_about_an_outer_text_is_not_cached():
    about_text = written("SELECT a.id FROM t AS a ANTI JOIN t AS b ON a.s = b.s")
    assert "NOT EXISTS(" in about_text and about_text.endswith("AND RAND() >= 0)")
    assert "RAND" not in written("SELECT a.id FROM t AS a ANTI JOIN t AS b ON a.id = b.id")


def test_letters_newer_than_unicode_5_2_are_an_error_of_the_engine():
    assert "THEN CAST(9223372036854775807 + CHAR_LENGTH(`t`.`s`) AS CHAR CHARACTER SET utf8mb4)" in value("upper(s)")


def test_long_lists_are_written_out():
    members = ",".join(str(i) for i in range(1000))
    found = where(f"id IN (SELECT unnest(CAST(string_split('{members}', ',') AS BIGINT[])))")
    assert found == f"`t`.`id` IN ({members.replace(',', ', ')})"
