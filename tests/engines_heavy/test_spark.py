"""Spark 4, in a session of another zone and without ANSI: what arrives, what is refused, and what stops."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.registry import address, connect
from meshkit.engines.spark import Spark, driver_of
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError

EVERY_TYPE = """
  SELECT 1Y AS a, CAST(NULL AS int) AS b, 5L AS c, CAST(1.5 AS float) AS d, double('nan') AS e,
    CAST('1234567890123456789012345678.0123456789' AS decimal(38,10)) AS f, 'Grüße' AS g, true AS h, DATE'1925-03-04' AS i,
    TIMESTAMP'1960-01-01 00:00:00.5 UTC' AS j, TIMESTAMP_NTZ'2020-01-01 03:04:05' AS k, array(1, NULL) AS l,
    named_struct('x', 1, 'odd name', 'z') AS m, map('k', 1) AS n, X'FF' AS o, 'ab' COLLATE UTF8_LCASE AS p
"""
SLOW = "SELECT count(*) FROM range(1, 10000000000) a WHERE sha2(CAST(a.id AS string), 256) = 'x'"


@pytest.fixture(scope="session")
def prepared(spark_session: Any) -> Any:
    spark_session.sql(EVERY_TYPE).createOrReplaceTempView("every_type")
    spark_session.sql("SELECT 1 AS id, 2 AS `select`, 3 AS `quo``te`, 4 AS `dot.ted`").createOrReplaceTempView(
        "`Mixed Case`"
    )
    spark_session.sql("CREATE DATABASE IF NOT EXISTS odd")
    spark_session.sql("CREATE TABLE IF NOT EXISTS odd.orders USING parquet AS SELECT id FROM range(1000)")
    return spark_session


@pytest.fixture
def driver(prepared: Any) -> Spark:
    return driver_of(prepared, Settings())


def rows(driver: Spark, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def test_types_are_in_duckdbs_words(driver):
    name, columns = driver.columns(("every_type",))
    assert name == ("every_type",)
    assert {c.name: c.type for c in columns} == {
        "a": "TINYINT", "b": "INTEGER", "c": "BIGINT", "d": "FLOAT", "e": "DOUBLE", "f": "DECIMAL(38,10)", "g": "VARCHAR",
        "h": "BOOLEAN", "i": "DATE", "j": "TIMESTAMP WITH TIME ZONE", "k": "TIMESTAMP", "l": "INTEGER[]",
        "m": 'STRUCT("x" INTEGER, "odd name" VARCHAR)', "n": "MAP(VARCHAR, INTEGER)", "o": "BLOB",
        "p": "STRING COLLATE UTF8_LCASE",
    }  # fmt: skip


def test_values_arrive_as_they_are_and_times_in_utc(driver):
    ((nan, *row),) = rows(driver, "SELECT e, a, b, c, d, f, g, h, i, j, k, l, m, n, o FROM every_type")
    assert math.isnan(nan)
    assert row == [
        1, None, 5, 1.5, Decimal("1234567890123456789012345678.0123456789"), "Grüße", True, date(1925, 3, 4),
        datetime(1960, 1, 1, 0, 0, 0, 500_000, UTC), datetime(2020, 1, 1, 3, 4, 5), [1, None], {"x": 1, "odd name": "z"},
        [("k", 1)], b"\xff",
    ]  # fmt: skip
    assert rows(driver, "SELECT hour(j), CAST(CAST('2020-01-01' AS timestamp) AS string) FROM every_type") == [
        (0, "2020-01-01 00:00:00")
    ]


def test_the_callers_session_stays_as_it_is(prepared, driver):
    driver.execute("SELECT 1")
    assert prepared.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    assert prepared.conf.get("spark.sql.ansi.enabled") == "false"
    driver.close()
    assert prepared.sql("SELECT 1 AS one").collect()[0].one == 1


def test_odd_names_and_tables_of_the_catalogue_are_found(driver):
    name, columns = driver.columns(("mixed case",))
    assert name[-1].casefold() == "mixed case"
    assert [c.name for c in columns] == ["id", "select", "quo`te", "dot.ted"]
    name, columns = driver.columns(("ODD", "Orders"))
    assert [n.casefold() for n in name] == ["spark_catalog", "odd", "orders"]
    assert rows(driver, "SELECT count(*) FROM " + ".".join(name)) == [(1000,)]
    assert driver.columns(("spark_catalog", "odd", "orders"))[1][0].type == "BIGINT"


@pytest.mark.parametrize("name", [("odd", "order"), ("nosuch", "orders"), ("nosuch", "odd", "orders"), ("nowhere",)])
def test_a_missing_table_is_told(driver, name):
    with pytest.raises(SourceError, match=f"no table '{'.'.join(name)}'") as caught:
        driver.columns(name)
    assert caught.value.code == "MK302"
    if name == ("odd", "order"):
        assert "orders" in caught.value.hint


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO odd.orders VALUES (1)",
        "WITH x AS (SELECT 1L AS id) INSERT INTO odd.orders SELECT * FROM x",
        "DROP TABLE odd.orders",
        "SELECT 1) ; DROP TABLE odd.orders; SELECT (1",
    ],
)
def test_nothing_is_written(driver, query):
    with pytest.raises(EngineError):
        driver.execute(query)
    with pytest.raises(EngineError):
        driver.explain(query)
    assert rows(driver, "SELECT count(*) FROM odd.orders") == [(1000,)]


def test_an_answer_keeps_its_order(driver):
    assert rows(driver, "SELECT id FROM odd.orders ORDER BY id DESC LIMIT 3") == [(999,), (998,), (997,)]
    assert rows(driver, "SELECT 1 AS a, 2 AS a -- the end") == [(1, 2)]
    assert [r for (r,) in rows(driver, "SELECT id FROM odd.orders ORDER BY id DESC")] == list(range(999, -1, -1))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nosuch FROM every_type", "nosuch"),
        ("SELECT nosuch(1)", "nosuch"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT 1 / (id - id) FROM odd.orders", "division by zero"),
        ("SELECT CAST('s3cret' AS int)", "a value does not fit"),
        ("SELECT CAST(g AS int) FROM every_type", "a value does not fit"),
        ("SELECT 2147483647 + a FROM every_type", "grew beyond its type"),
        ("SELECT raise_error('s3cret')", "could not finish it"),
    ],
)
def test_an_error_says_why_without_values(driver, query, said, capfd):
    with pytest.raises(EngineError, match=said) as caught:
        driver.execute(query)
    text = caught.value.render() + "".join(capfd.readouterr())
    assert "s3cret" not in text and "Grüße" not in text


def test_a_statement_ends_when_its_time_is_over(prepared):
    driver = driver_of(prepared, Settings(timeout_seconds=1))
    started = time.monotonic()
    with pytest.raises(StatementTimeoutError, match="1 s"):
        driver.execute(SLOW)
    assert time.monotonic() - started < 15
    assert rows(driver, "SELECT 1") == [(1,)]


def test_a_running_statement_is_cancelled_from_another_thread(driver):
    timer = threading.Timer(1.5, driver.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(InterruptedRunError):
        driver.execute(SLOW)
    assert time.monotonic() - started < 15
    driver.cancel()
    assert rows(driver, "SELECT 1") == [(1,)]


def test_statements_run_side_by_side_and_one_is_stopped_alone(prepared):
    first, second = driver_of(prepared, Settings()), driver_of(prepared, Settings())
    timer = threading.Timer(1.5, first.cancel)
    timer.start()
    found: list[Any] = []
    other = threading.Thread(
        target=lambda: found.extend(
            rows(second, "SELECT count(*) FROM range(30000000) WHERE sha2(CAST(id AS string), 256) <> 'x'")
        )
    )
    other.start()
    with pytest.raises(InterruptedRunError):
        first.execute(SLOW)
    other.join(60)
    assert found == [(30_000_000,)]


def test_a_plan_is_told_without_running(driver):
    assert "Filter" in driver.explain("SELECT id FROM odd.orders WHERE id > 3")


@pytest.mark.parametrize("kind", ["parquet", "csv", "json"])
def test_files_are_read_where_they_lie(prepared, driver, tmp_path, kind):
    location = str(tmp_path / kind)
    prepared.range(10).write.format(kind).option("header", "true").save(location)
    name = driver.register("sales.orders.lines", location, kind)
    assert driver.columns(name)[1][0].type in ("BIGINT", "INTEGER")
    assert rows(driver, f"SELECT count(*), max(id) FROM `{name[0]}`") == [(10, 9)]
    assert not prepared.catalog.tableExists(name[0])
    with pytest.raises(SourceError) as caught:
        driver.register("sales.orders.gone", str(tmp_path / "gone"), kind)
    assert caught.value.code == "MK302"


def test_a_session_reads_tables_through_it(prepared):
    session = TableSession(lambda: driver_of(prepared, Settings()), {"o": ("odd", "orders")}, Settings())
    try:
        assert session.see("o").columns[0].type == "BIGINT"
        assert session.rows("SELECT count(*) AS n FROM odd.orders").rows == [(1000,)]
    finally:
        session.close()


@pytest.fixture(scope="module")
def connected(spark_connect_url: str) -> Iterator[Any]:
    found = connect(address(spark_connect_url), Settings(timeout_seconds=20))
    yield found
    found.close()


def test_spark_connect_answers_the_same(connected):
    name, columns = connected.columns(("orders",))
    assert name == ("spark_catalog", "default", "orders")
    assert [c.type for c in columns] == ["INTEGER", "DATE"]
    assert rows(connected, "SELECT id, day FROM orders") == [(1, date(1950, 2, 3))]
    assert rows(connected, "SELECT hour(TIMESTAMP'2020-01-01 00:00:00')") == [(0,)]
    assert connected.explain("SELECT id FROM orders")
    with pytest.raises(SourceError, match=r"no table 'order'.*orders"):
        connected.columns(("order",))
    with pytest.raises(EngineError, match="a value does not fit") as caught:
        connected.execute("SELECT CAST('s3cret' AS int)")
    assert "s3cret" not in caught.value.render()
    with pytest.raises(EngineError):
        connected.execute("WITH x AS (SELECT 1) INSERT INTO orders SELECT 1, DATE'2020-01-01'")
    assert rows(connected, "SELECT count(*) FROM orders") == [(1,)]


def test_spark_connect_is_cancelled(connected):
    timer = threading.Timer(1.5, connected.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(InterruptedRunError):
        connected.execute(SLOW)
    assert time.monotonic() - started < 15
    assert rows(connected, "SELECT 1") == [(1,)]


def test_a_server_of_spark_connect_that_is_not_there_is_told_without_the_token():
    with pytest.raises(EngineError) as caught:
        connect(address("sc://127.0.0.1:9/;token=s3cret"), Settings())
    assert caught.value.code == "MK311"
    assert "s3cret" not in caught.value.render()
