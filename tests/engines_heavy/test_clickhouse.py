"""ClickHouse, by chdb in this process: what arrives, what is refused, and what stops."""

from __future__ import annotations

import math
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.clickhouse import ClickHouse, driver_of
from meshkit.engines.registry import address, connect
from meshkit.errors import EngineError, SourceError, StatementTimeoutError

SETUP = [
    "CREATE DATABASE IF NOT EXISTS odd ENGINE = Atomic",
    """CREATE TABLE odd.every_type (
      a Int8, b Nullable(Int32), c UInt64, d Float32, e Nullable(Float64), f Decimal(38, 10), g Decimal(50, 3), h String,
      i LowCardinality(Nullable(String)), j FixedString(2), k Bool, l Date, m Nullable(Date32), n DateTime, o DateTime64(6),
      p DateTime64(6, 'UTC'), q DateTime('Europe/Berlin'), r UUID, s Enum8('it\\'s' = 1, 'b' = 2), t Array(Nullable(Int32)),
      u Tuple(x Int32, `odd name` String), v Map(String, Int32), w Int128, x IPv4) ENGINE = MergeTree ORDER BY a""",
    """INSERT INTO odd.every_type VALUES (1, NULL, 18446744073709551615, 1.5, nan, '1234567890123456789012345678.0123456789', 1.5,
      'Grüße', 'lc', 'de', true, '2020-01-01', '1925-03-04', '2020-01-01 03:04:05', '1960-01-01 00:00:00.5',
      '1960-01-01 00:00:00.5', '2020-01-01 00:00:00', '61f0c404-5cb3-11e7-907b-a6006ad3dba0', 'it\\'s', [1, NULL], (1, 'z'),
      map('k', 1), -170141183460469231731687303715884105728, '1.2.3.4')""",
    "CREATE TABLE odd.`Mixed Case` (id Int32, `select` Int32, `quo``te` Int32) ENGINE = Memory",
    "CREATE TABLE odd.`we'ird` (id Int32) ENGINE = Memory",
    "CREATE TABLE odd.twice (id Int32) ENGINE = Memory",
    "CREATE TABLE odd.Twice (id Int32) ENGINE = Memory",
    "CREATE VIEW odd.a_view AS SELECT b, f FROM odd.every_type",
    "CREATE TABLE odd.counted (id Int64) ENGINE = MergeTree ORDER BY id",
    "INSERT INTO odd.counted SELECT number FROM numbers(1000)",
]


@pytest.fixture(scope="session")
def prepared(chdb_session: Any) -> Any:
    for statement in SETUP:
        chdb_session.query(statement)
    return chdb_session


@pytest.fixture
def driver(prepared: Any) -> ClickHouse:
    return driver_of(prepared, Settings())


def rows(driver: ClickHouse, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def test_types_are_in_duckdbs_words(driver):
    name, columns = driver.columns(("odd", "every_type"))
    assert name == ("odd", "every_type")
    assert {c.name: c.type for c in columns} == {
        "a": "TINYINT", "b": "INTEGER", "c": "UBIGINT", "d": "FLOAT", "e": "DOUBLE", "f": "DECIMAL(38,10)", "g": "Decimal(50, 3)",
        "h": "VARCHAR", "i": "VARCHAR", "j": "VARCHAR", "k": "BOOLEAN", "l": "DATE", "m": "DATE", "n": "TIMESTAMP",
        "o": "TIMESTAMP", "p": "TIMESTAMP WITH TIME ZONE", "q": "DateTime('Europe/Berlin')", "r": "UUID",
        "s": "ENUM('it''s', 'b')", "t": "INTEGER[]", "u": 'STRUCT("x" INTEGER, "odd name" VARCHAR)', "v": "MAP(VARCHAR, INTEGER)",
        "w": "HUGEINT", "x": "IPv4",
    }  # fmt: skip


def test_values_arrive_as_they_are(driver):
    (row,) = rows(driver, "SELECT a, b, c, d, f, h, i, j, k, l, m, r, s, t, u, v, w FROM odd.every_type")
    assert row == (
        1, None, 18446744073709551615, 1.5, Decimal("1234567890123456789012345678.0123456789"), "Grüße", "lc", "de", True,
        date(2020, 1, 1), date(1925, 3, 4), "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "it's", [1, None],
        {"x": 1, "odd name": "z"}, [("k", 1)], float(-(2**127)),
    )  # fmt: skip
    ((nan,),) = rows(driver, "SELECT e FROM odd.every_type")
    assert math.isnan(nan)


def test_times_are_in_utc(driver):
    ((plain, fine, zoned),) = rows(driver, "SELECT n, o, p FROM odd.every_type")
    assert plain == datetime(2020, 1, 1, 3, 4, 5)
    assert fine == datetime(1960, 1, 1, 0, 0, 0, 500_000)
    assert zoned == datetime(1960, 1, 1, 0, 0, 0, 500_000, UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT sum(a), min(h), max(h), avg(a), count(*), count(DISTINCT a) FROM odd.every_type WHERE a > 5",
            (None,) * 4 + (0, 0),
        ),
        ("SELECT count(*) FROM (SELECT 1 AS i) x LEFT JOIN (SELECT 2 AS j) y ON x.i = y.j WHERE y.j IS NULL", (1,)),
        ("SELECT CAST(b AS Int64) FROM odd.every_type", (None,)),
        ("SELECT count(*) FROM (SELECT 1 UNION SELECT 1)", (1,)),
        ("SELECT count(*) FROM (SELECT 1 UNION ALL SELECT 1)", (2,)),
        ("SELECT count(*) FROM ((SELECT 1 UNION ALL SELECT 1) EXCEPT SELECT 2)", (1,)),
        ("SELECT id + 1 AS id FROM odd.counted WHERE id = 999", (1000,)),
        ("SELECT NULL IN (NULL)", (None,)),
        ("SELECT greatest(1, NULL)", (1,)),
        ("SELECT CASE WHEN a = 1 THEN 0 ELSE intDiv(1, a - 1) END FROM odd.every_type", (0,)),
    ],
    ids=["empty", "left join", "cast null", "union", "union all", "except", "alias", "null in", "greatest", "case"],
)
def test_it_answers_as_duckdb_does(driver, query, expected):
    assert rows(driver, query) == [expected]


def test_a_date_beyond_its_type_is_an_error(driver):
    with pytest.raises(EngineError, match="beyond its type"):
        driver.execute("SELECT toDate(toDateTime64('2290-01-01 00:00:00', 0, 'UTC'))")


def test_times_without_a_zone_are_refused_on_a_server_of_another_zone():
    from meshkit.engines.clickhouse_types import word_of

    assert word_of("Nullable(DateTime)", "Asia/Tokyo") == "DateTime"
    assert word_of("DateTime64(3, 'UTC')", "Asia/Tokyo") == "TIMESTAMP WITH TIME ZONE"


def test_odd_names_are_found_as_they_are(driver):
    name, columns = driver.columns(("odd", "Mixed Case"))
    assert name == ("odd", "Mixed Case")
    assert [c.name for c in columns] == ["id", "select", "quo`te"]
    assert driver.columns(("odd", "we'ird"))[0] == ("odd", "we'ird")
    assert driver.columns(("ODD", "mixed case"))[0] == ("odd", "Mixed Case")
    assert driver.columns(("odd", "Twice"))[0] == ("odd", "Twice")
    with pytest.raises(SourceError, match="'Twice', 'twice'"):
        driver.columns(("odd", "TWICE"))


def test_a_missing_table_is_told_with_the_near_one(driver):
    with pytest.raises(SourceError, match=r"no table 'odd.every_typ'.*every_type") as caught:
        driver.columns(("odd", "every_typ"))
    assert caught.value.code == "MK302"
    with pytest.raises(SourceError):
        driver.columns(("a", "b", "c"))


def test_rows_are_told_without_reading(driver):
    assert driver.rows_of(("odd", "counted")) == 1000
    assert driver.rows_of(("odd", "a_view")) is None


@pytest.mark.parametrize(
    "query",
    ["INSERT INTO odd.counted SELECT 1", "DROP TABLE odd.counted", "SET join_use_nulls = 0", "TRUNCATE odd.counted"],
)
def test_nothing_is_written(driver, query):
    with pytest.raises(EngineError, match="more than read"):
        driver.execute(query)
    with pytest.raises(EngineError):
        driver._ask(query)
    assert rows(driver, "SELECT count(*) FROM odd.counted") == [(1000,)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nosuch FROM odd.counted", "nosuch"),
        ("SELECT nosuch(1)", "nosuch"),
        ("SELECT intDiv(1, id) FROM odd.counted", "division by zero"),
        ("SELECT CAST('s3cret' AS Int32)", "a value does not fit"),
        ("SELECT CAST(h AS Int32) FROM odd.every_type", "a value does not fit"),
        ("SELECT match(h, '(') FROM odd.every_type", "no regular expression"),
        ("SELECT throwIf(id = 999, 's3cret') FROM odd.counted", "could not finish it"),
        ("SELECT toDecimal32(1000000, 2) * toDecimal32(100000, 2)", "grew beyond its type"),
    ],
)
def test_an_error_says_why_without_values(driver, query, said):
    with pytest.raises(EngineError, match=said) as caught:
        driver.execute(query)
    text = caught.value.render()
    assert caught.value.code == "MK304"
    assert "s3cret" not in text and "Grüße" not in text and "SETTINGS" not in text and "scope" not in text


def test_an_answer_after_one_that_failed_midway_is_whole(driver):
    for _ in range(3):
        with pytest.raises(EngineError):
            driver.execute("SELECT number, throwIf(number = 9000000, 'late') FROM numbers(10000000)")
        assert rows(driver, "SELECT 42 AS x, 'y' AS y") == [(42, "y")]


def test_a_statement_ends_when_its_time_is_over(prepared):
    driver = driver_of(prepared, Settings(timeout_seconds=0.5))
    started = time.monotonic()
    with pytest.raises(StatementTimeoutError, match=r"0\.5 s"):
        driver.execute("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    assert time.monotonic() - started < 10
    assert not driver.capabilities.can_cancel
    assert rows(driver, "SELECT 1") == [(1,)]


def test_a_plan_is_told_without_running(driver):
    assert "odd.counted" in driver.explain("SELECT id FROM odd.counted WHERE id > 3")


def test_the_callers_session_keeps_its_settings(prepared, driver):
    driver.execute("SELECT 1")
    assert prepared.query("SELECT getSetting('join_use_nulls'), getSetting('readonly')", "CSV").bytes() == b"false,0\n"
    driver.close()
    assert prepared.query("SELECT 1", "CSV").bytes() == b"1\n"


def test_a_server_that_is_not_there_is_told_without_the_password():
    with pytest.raises(EngineError, match="nothing listens there") as caught:
        connect(address("clickhouse://me:s3cret@127.0.0.1:9/shop"), Settings())
    assert caught.value.code == "MK311"
    assert "s3cret" not in caught.value.render()
