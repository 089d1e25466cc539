"""MySQL and MariaDB, by a private MariaDB server: what arrives, what is refused, and what stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any

import pymysql
import pytest
from servers import Server

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.driver import Driver
from meshkit.engines.registry import address, connect
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError, UsageError

SETUP = [
    "SET sql_mode = '', time_zone = '+00:00'",
    """CREATE TABLE every_type (
      a tinyint(1), b tinyint, c smallint unsigned, d mediumint unsigned, e int(9) unsigned zerofill, f bigint, g bigint unsigned,
      h decimal(38,10), i decimal(60,3), j float, k double, l char(4), m varchar(9), n longtext, o date, p datetime(6), q timestamp(6) NULL,
      r time, s year, t json, u blob, v enum('a','it''s'), w set('p','q'), x bit(1), y bit(5), z point, za uuid) CHARSET utf8mb4""",
    """INSERT INTO every_type VALUES (1, -7, 65535, 5, 5, -9223372036854775808, 18446744073709551615,
      -1234567890123456789012345678.0123456789, 1.5, 0.5, 1e300, 'ab', 'é', '😀', '1500-02-28', '1950-01-01 00:00:00.25',
      '2020-06-01 12:00:00', '23:59:59', 1999, '{"a":1}', x'00ff', 'it''s', 'p,q', b'1', b'101', NULL,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
    'CREATE TABLE `Mixed Case` (id int, `select` int, `quo``te` int, `quo"te` int)',
    "CREATE TABLE zero_days (day date, span time)",
    "INSERT INTO zero_days VALUES ('0000-00-00', '-12:00:00'), ('2020-01-01', '100:00:00')",
    "CREATE VIEW a_view AS SELECT a, h FROM every_type",
    "CREATE TABLE twice (id int)",
    "CREATE TABLE Twice (id int)",
    "CREATE TABLE texts (x varchar(9))",
    "INSERT INTO texts VALUES ('12'), ('secret')",
    "CREATE USER careful@'%' IDENTIFIED BY 's3cret-w0rd'",
    "CREATE USER careful@localhost IDENTIFIED BY 's3cret-w0rd'",
]


@pytest.fixture(scope="session")
def prepared(mariadb: Server) -> Server:
    connection = pymysql.connect(host="127.0.0.1", port=mariadb.port, user="owner", database="shop", autocommit=True)
    with connection, connection.cursor() as cursor:
        for statement in SETUP:
            cursor.execute(statement)
    return mariadb


@pytest.fixture
def driver(prepared: Server) -> Iterator[Driver]:
    found = connect(address(prepared.url), Settings())
    yield found
    found.close()


def rows(driver: Driver, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def test_types_are_in_duckdbs_words(driver):
    name, columns = driver.columns(("every_type",))
    assert name == ("shop", "every_type")
    assert {c.name: c.type for c in columns} == {
        "a": "BOOLEAN", "b": "TINYINT", "c": "USMALLINT", "d": "UINTEGER", "e": "UINTEGER", "f": "BIGINT", "g": "UBIGINT",
        "h": "DECIMAL(38,10)", "i": "DECIMAL(60,3)", "j": "FLOAT", "k": "DOUBLE", "l": "VARCHAR", "m": "VARCHAR", "n": "VARCHAR",
        "o": "DATE", "p": "TIMESTAMP", "q": "TIMESTAMP WITH TIME ZONE", "r": "TIME", "s": "SMALLINT", "t": "JSON", "u": "BLOB",
        "v": "ENUM('a','it''s')", "w": "SET('p','q')", "x": "BOOLEAN", "y": "BIT(5)", "z": "POINT", "za": "UUID",
    }  # fmt: skip


def test_values_arrive_right(driver):
    first, second = rows(driver, "SELECT * FROM every_type ORDER BY b IS NULL")
    assert first == (
        1, -7, 65535, 5, 5, -(2**63), 2**64 - 1, Decimal("-1234567890123456789012345678.0123456789"), Decimal("1.5"), 0.5, 1e300,
        "ab", "é", "😀", date(1500, 2, 28), datetime(1950, 1, 1, 0, 0, 0, 250000), datetime(2020, 6, 1, 12, tzinfo=UTC),
        time_of_day(23, 59, 59), 1999, '{"a":1}', b"\x00\xff", "it's", "p,q", True, 5, None, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    )  # fmt: skip
    assert second == (None,) * 27


def test_numbers_and_empty_answers(driver):
    assert rows(driver, "SELECT count(*), sum(b), avg(b), max(o), NULL FROM every_type WHERE b = -7") == [
        (1, Decimal(-7), Decimal("-7.0000"), date(1500, 2, 28), None)
    ]
    assert rows(driver, "SELECT h, o, m FROM every_type WHERE false") == []
    assert rows(driver, "SELECT 1/0") == [(None,)]


def test_days_that_are_none_and_spans_stay_what_they_are(driver):
    assert rows(driver, "SELECT day FROM zero_days ORDER BY 1") == [("0000-00-00",), ("2020-01-01",)]
    assert rows(driver, "SELECT span FROM zero_days ORDER BY day") == [(timedelta(hours=-12),), (timedelta(hours=100),)]


def test_literals_are_compared_exactly(driver):
    assert rows(driver, "SELECT 'a' = 'A', 'a' = 'a ', 'é' = 'e', 'a' = 'a'") == [(0, 0, 0, 1)]


def test_a_value_that_was_changed_until_it_fitted_is_no_answer(driver):
    for query in (
        "SELECT CAST(x AS SIGNED) FROM texts",
        "SELECT count(*) FROM texts WHERE x > 5",
        "SELECT sum(x) FROM texts",
    ):
        with pytest.raises(EngineError, match="MySQL changed it") as caught:
            driver.execute(query)
        assert "secret" not in str(caught.value)
    assert rows(driver, "SELECT CAST(x AS SIGNED) FROM texts WHERE x = '12'") == [(12,)]
    assert rows(driver, "SELECT CAST(x AS DATE) FROM texts WHERE x = 'secret'") == [(None,)]


def test_odd_names_are_found_as_they_are(driver):
    name, columns = driver.columns(("shop", "Mixed Case"))
    assert name == ("shop", "Mixed Case")
    assert [c.name for c in columns] == ["id", "select", "quo`te", 'quo"te']
    assert driver.columns(("MIXED case",))[0] == ("shop", "Mixed Case")
    assert driver.columns(("a_view",))[0] == ("shop", "a_view")
    assert driver.columns(("Twice",))[0] == ("shop", "Twice")
    with pytest.raises(SourceError, match="'Twice', 'twice'"):
        driver.columns(("TWICE",))


def test_a_missing_table_is_told_with_the_near_one(driver):
    with pytest.raises(SourceError, match="no table 'ever_type'; did you mean 'every_type'") as caught:
        driver.columns(("ever_type",))
    assert caught.value.code == "MK302"
    assert driver.rows_of(("shop", "every_type")) == 2
    assert driver.rows_of(("shop", "a_view")) is None


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO twice VALUES (1)",
        "CREATE TABLE more (id int)",
        "DROP TABLE twice",
        "SET GLOBAL max_connections = 100",
        "SELECT 1; DELETE FROM twice",
        "SELECT 1 INTO OUTFILE '/tmp/meshkit_outfile'",
        "SELECT 1 INTO/**/ DUMPFILE '/tmp/meshkit_outfile'",
        "/*! DELETE FROM twice */",
    ],
)
def test_nothing_can_be_written(driver, query):
    with pytest.raises(EngineError):
        driver.execute(query)
    assert rows(driver, "SELECT count(*) FROM twice") == [(0,)]


def test_the_server_refuses_writes_besides(driver):
    for query in ("CREATE TABLE more (id int)", "INSERT INTO twice VALUES (1)", "DROP TABLE twice"):
        with pytest.raises(EngineError, match="READ ONLY"):
            driver._look(query)


def test_a_time_of_a_day_is_utcs_whatever_the_servers_zone_is(driver):
    assert rows(driver, "SELECT q FROM every_type WHERE q = TIMESTAMP '2020-06-01 12:00:00'") == [
        (datetime(2020, 6, 1, 12, tzinfo=UTC),)
    ]


def test_the_server_ends_what_takes_too_long(prepared):
    driver = connect(address(prepared.url), Settings(timeout_seconds=0.3))
    started = time.monotonic()
    with pytest.raises(StatementTimeoutError, match=r"no answer within 0\.3 s"):
        driver.execute("SELECT sleep(30)")
    assert time.monotonic() - started < 10
    assert rows(driver, "SELECT 1") == [(1,)]
    driver.close()


def test_cancel_reaches_the_server_from_another_thread(driver):
    timer = threading.Timer(0.3, driver.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(InterruptedRunError):
        driver.execute("SELECT sleep(30)")
    assert time.monotonic() - started < 10
    timer.join()
    driver.cancel()  # nothing runs
    assert rows(driver, "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT sleep(3%'") == [
        (0,)
    ]


def test_the_plan_is_told(driver):
    assert "every_type" in driver.explain("SELECT * FROM every_type")
    assert driver.version.startswith("mariadb 1")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("careful:wr0ng-secret@127.0.0.1:{port}/shop", "the login is refused"),
        ("owner:@127.0.0.1:{port}/nothing", "no such database"),
        ("owner:wr0ng-secret@127.0.0.1:1/shop", "nothing listens there"),
        ("owner:wr0ng-sec/ret@127.0.0.1:{port}/shop", "cannot be read"),
        ("owner:wr0ng-sec?ret@127.0.0.1:{port}/shop", "cannot be read"),
    ],
)
def test_who_is_not_let_in_is_told_why_without_secrets(prepared, place, told):
    where = address("mysql://" + place.format(port=prepared.port))
    with pytest.raises((EngineError, UsageError), match=told) as caught:
        connect(where, Settings())
    assert caught.value.code == ("MK001" if told == "cannot be read" else "MK311")
    for text in (str(caught.value), repr(where), repr(caught.value)):
        assert "wr0ng" not in text
        assert "ret" not in text


def test_options_join_the_url(prepared):
    where = address("mysql://careful@x", {"password": "s3cret-w0rd", "unix_socket": prepared.socket})
    driver = connect(where, Settings())
    assert rows(driver, "SELECT substring_index(current_user(), '@', 1)") == [("careful",)]
    with pytest.raises(SourceError, match="names no database"):
        driver.columns(("twice",))
    with pytest.raises(SourceError, match="no table"):
        driver.columns(("shop", "twice"))
    driver.close()
    bare = connect(address("mysql", {"unix_socket": prepared.socket, "user": "owner"}), Settings())
    assert rows(bare, "SELECT database()") == [(None,)]
    bare.close()
    with pytest.raises(UsageError, match="no option 'sll_ca'; did you mean 'ssl_ca'"):
        connect(address(prepared.url + "?sll_ca=x"), Settings())


def test_a_lost_connection_is_opened_again(prepared):
    session = TableSession(lambda: connect(address(prepared.url), Settings()), {"d.p.t": ("every_type",)}, Settings())
    (number,) = session.rows("SELECT connection_id()").rows[0]
    other = pymysql.connect(host="127.0.0.1", port=prepared.port, user="owner")
    with other, other.cursor() as cursor:
        cursor.execute(f"KILL CONNECTION {number}")
    with pytest.raises(EngineError, match="connection was lost") as caught:
        session.rows("SELECT 1")
    assert caught.value.is_transient
    assert session.rows("SELECT count(*) FROM every_type").rows == [(2,)]
    assert session.see("d.p.t").format == "table"
    session.close()
