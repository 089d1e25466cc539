"""PostgreSQL, by a private server: what arrives, what is refused, and what stops."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pytest
from servers import Server

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.driver import Driver
from meshkit.engines.registry import address, connect
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError

SETUP = [
    "DROP SCHEMA IF EXISTS odd CASCADE",
    "CREATE SCHEMA odd",
    "CREATE DOMAIN odd.money2 AS numeric(12,2)",
    "CREATE DOMAIN odd.price AS odd.money2 CHECK (VALUE >= 0)",
    "CREATE TYPE odd.mood AS ENUM ('sad', 'it''s ok')",
    "CREATE TYPE odd.place AS (x int, y int)",
    """CREATE TABLE odd.every_type (
      a smallint, b int, c bigint, d real, e double precision, f numeric(38,10), g numeric, h numeric(50,3), i text, j varchar(9),
      k char(5), l boolean, m date, n timestamp, o timestamptz, p time, q uuid, r json, s jsonb, t bytea, u int[], v odd.price,
      w odd.mood, x odd.place, y inet, z interval)""",
    'CREATE TABLE odd."Mixed Case" (id int, "select" int, "quo""te" int, "dot.ted" int)',
    'CREATE TABLE odd."we\'ird" (id int)',
    "CREATE TABLE odd.twice (id int)",
    'CREATE TABLE odd."Twice" (id int)',
    "CREATE VIEW odd.a_view AS SELECT b, f FROM odd.every_type",
    "CREATE MATERIALIZED VIEW odd.a_matview AS SELECT 1::bigint AS one",
    "CREATE TABLE odd.parted (id int, day date) PARTITION BY RANGE (day)",
    "CREATE TABLE odd.parted_1 PARTITION OF odd.parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
    "INSERT INTO odd.parted SELECT g, '2020-06-01' FROM generate_series(1, 50) g",
    "ANALYZE odd.parted",
    "CREATE TABLE odd.counted AS SELECT g AS id FROM generate_series(1, 1000) g",
    "ANALYZE odd.counted",
    "CREATE COLLATION odd.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    "CREATE TABLE odd.blind (name text COLLATE odd.ci)",
]


@pytest.fixture(scope="session")
def prepared(postgres: Server) -> Server:
    connection = adbc.connect(postgres.url, autocommit=True)
    cursor = connection.cursor()
    for statement in SETUP:
        cursor.execute(statement)
    for statement in ("CREATE ROLE careful LOGIN PASSWORD 's3cret-w0rd'", "CREATE TABLE public.receipts (id int)"):
        cursor.execute(statement)
    cursor.close()
    connection.close()
    return postgres


@pytest.fixture
def driver(prepared: Server) -> Iterator[Driver]:
    found = connect(address(prepared.url), Settings())
    yield found
    found.close()


def rows(driver: Driver, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def test_types_are_in_duckdbs_words(driver):
    name, columns = driver.columns(("odd", "every_type"))
    assert name == ("odd", "every_type")
    assert {c.name: c.type for c in columns} == {
        "a": "SMALLINT", "b": "INTEGER", "c": "BIGINT", "d": "FLOAT", "e": "DOUBLE", "f": "DECIMAL(38,10)", "g": "DECIMAL(76,38)",
        "h": "DECIMAL(50,3)", "i": "VARCHAR", "j": "VARCHAR", "k": "VARCHAR", "l": "BOOLEAN", "m": "DATE", "n": "TIMESTAMP",
        "o": "TIMESTAMP WITH TIME ZONE", "p": "TIME", "q": "UUID", "r": "JSON", "s": "JSON", "t": "BLOB", "u": "INTEGER[]",
        "v": "DECIMAL(12,2)", "w": "ENUM('sad', 'it''s ok')", "x": "ODD.PLACE", "y": "INET", "z": "INTERVAL",
    }  # fmt: skip


def test_a_collation_that_takes_unlike_texts_for_equal_is_named_in_the_type(driver):
    _, (column,) = driver.columns(("odd", "blind"))
    assert column.type == "COLLATED TEXT BY CI"


@pytest.mark.parametrize("name", ["a_view", "a_matview", "parted"])
def test_views_and_partitioned_tables_are_tables(driver, name):
    assert driver.columns(("odd", name))[1]


def test_odd_names_are_found_as_they_are(driver):
    name, columns = driver.columns(("odd", "Mixed Case"))
    assert name == ("odd", "Mixed Case")
    assert [c.name for c in columns] == ["id", "select", 'quo"te', "dot.ted"]
    assert driver.columns(("odd", "we'ird"))[0] == ("odd", "we'ird")
    assert driver.rows_of(("odd", "we'ird")) is None


def test_a_name_in_another_case_is_found_if_it_is_one_alone(driver):
    assert driver.columns(("ODD", "mixed case"))[0] == ("odd", "Mixed Case")
    assert driver.columns(("odd", "Twice"))[0] == ("odd", "Twice")
    with pytest.raises(SourceError, match="'Twice', 'twice'") as caught:
        driver.columns(("odd", "TWICE"))
    assert caught.value.code == "MK302"


def test_a_bare_name_is_sought_on_the_search_path(driver):
    assert driver.columns(("receipts",))[0] == ("public", "receipts")
    assert driver.columns(("shop", "odd", "twice"))[0] == ("odd", "twice")
    with pytest.raises(SourceError, match="another database"):
        driver.columns(("other", "odd", "twice"))


def test_a_missing_table_is_told_with_the_near_one(driver):
    with pytest.raises(SourceError, match="no table 'receipt'; did you mean 'receipts'") as caught:
        driver.columns(("receipt",))
    assert caught.value.code == "MK302"


def test_rows_are_known_about_after_analyze(driver):
    assert driver.rows_of(("odd", "counted")) == 1000
    assert driver.rows_of(("odd", "parted")) == 50
    assert driver.rows_of(("odd", "every_type")) is None
    assert driver.rows_of(("odd", "a_view")) is None


def test_values_arrive_right(driver):
    query = """SELECT 12345678901234567890123456.0123456789::numeric(38,10) AS dec, NULL::numeric AS none, 9223372036854775807 AS big,
      'NaN'::float8 AS nan, '-Infinity'::float8 AS inf, DATE '1960-02-29' AS day, TIMESTAMP '1950-01-01 00:00:00.25' AS moment,
      TIMESTAMPTZ '2020-06-01 00:00:00+02' AS zoned, 'é😀''\\' AS text, true AS yes, '{1.50,NULL}'::numeric[] AS list,
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS id, '{"a": 1}'::jsonb AS doc, 4294967295::oid AS oid"""
    found = rows_of_arrow(driver.execute(query))
    value = dict(zip(found.names, found.rows[0], strict=True))
    assert math.isnan(value.pop("nan"))
    assert value == {
        "dec": Decimal("12345678901234567890123456.0123456789"), "none": None, "big": 2**63 - 1, "inf": -math.inf,
        "day": date(1960, 2, 29), "moment": datetime(1950, 1, 1, 0, 0, 0, 250000), "zoned": datetime(2020, 5, 31, 22, tzinfo=UTC),
        "text": "é😀'\\", "yes": True, "list": [Decimal("1.50"), None], "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "doc": '{"a": 1}', "oid": 4294967295,
    }  # fmt: skip
    types = dict(zip(found.names, found.types, strict=True))
    assert types["dec"] == "DECIMAL(38,10)"
    assert types["zoned"] == "TIMESTAMP WITH TIME ZONE"


def test_numbers_of_numeric_keep_every_digit_or_are_floats(driver):
    assert rows(driver, "SELECT x FROM (VALUES (1.5), (-20.25), (NULL), (0.001)) t(x)") == [
        (Decimal("1.5"),), (Decimal("-20.25"),), (None,), (Decimal("0.001"),)
    ]  # fmt: skip
    assert rows(driver, "SELECT 1e40::numeric") == [(1e40,)]
    assert rows(driver, "SELECT 99999999999999999999999999999999999999::numeric") == [(Decimal("9" * 38),)]
    (numbers,) = rows(driver, "SELECT 'Infinity'::numeric, 'NaN'::numeric")
    assert numbers[0] == math.inf
    assert math.isnan(numbers[1])
    assert rows(driver, "SELECT 1.5::numeric WHERE false") == []


def test_infinite_times_are_at_the_end_of_time(driver):
    query = "SELECT x::{0} FROM (VALUES ('infinity'), ('-infinity'), ('2000-01-01'), (NULL)) t(x)"
    assert rows(driver, query.format("timestamp")) == [
        (datetime.max,), (datetime.min,), (datetime(2000, 1, 1),), (None,)  # noqa: DTZ901
    ]  # fmt: skip
    assert rows(driver, query.format("date")) == [(date.max,), (date.min,), (date(2000, 1, 1),), (None,)]


def test_what_the_driver_reads_as_something_else_is_refused(driver):
    with pytest.raises(EngineError, match="money cannot be read"):
        driver.execute("SELECT 12.5::numeric::money")
    with pytest.raises(EngineError, match="cast it to text"):
        driver.execute("SELECT row(1, 2)")


def test_the_day_is_utcs_whatever_the_servers_zone_is(driver):
    assert rows(driver, "SELECT date_trunc('day', TIMESTAMPTZ '2020-06-01 20:00:00+00')::date") == [(date(2020, 6, 1),)]


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO odd.twice VALUES (1)",
        "CREATE TABLE odd.more (id int)",
        "WITH gone AS (DELETE FROM odd.twice RETURNING id) SELECT * FROM gone",
        "SELECT nextval('odd.no_sequence')",
        "COPY (SELECT 1) TO '/tmp/meshkit_copy'",
        "SELECT 1; DELETE FROM odd.twice",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT * FROM odd.twice FOR UPDATE",
    ],
)
def test_nothing_can_be_written(driver, query):
    with pytest.raises(EngineError):
        driver.execute(query)
    assert rows(driver, "SELECT count(*) FROM odd.twice") == [(0,)]


def test_a_setting_does_not_outlive_its_statement(driver):
    driver.execute("SELECT set_config('default_transaction_read_only', 'off', false)")
    assert rows(driver, "SELECT current_setting('default_transaction_read_only')") == [("on",)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT ('secret' || i)::int FROM generate_series(1, 3) i", "a value does not fit"),
        ("SELECT 1 / (i - 3) FROM generate_series(1, 5) i", "division by zero"),
        ("SELECT 2147483647 + i FROM generate_series(1, 3) i", "grew beyond its type"),
        ("SELECT * FROM odd.nothing", 'relation "odd.nothing" does not exist'),
        ("SELECT nope FROM odd.twice", 'column "nope" does not exist'),
        ("SELECT 'a' ~ '('", "no regular expression"),
    ],
)
def test_errors_tell_the_reason_and_no_value(driver, query, told):
    with pytest.raises(EngineError, match=told) as caught:
        driver.execute(query)
    assert caught.value.code == "MK304"
    assert "secret" not in str(caught.value)
    assert rows(driver, "SELECT 1") == [(1,)]


def test_the_server_ends_what_takes_too_long(prepared):
    driver = connect(address(prepared.url), Settings(timeout_seconds=0.2))
    started = time.monotonic()
    with pytest.raises(StatementTimeoutError, match=r"no answer within 0\.2 s"):
        driver.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - started < 10
    assert rows(driver, "SELECT 1") == [(1,)]
    driver.close()


def test_cancel_reaches_the_server_from_another_thread(driver, prepared):
    timer = threading.Timer(0.3, driver.cancel)
    timer.start()
    with pytest.raises(InterruptedRunError):
        driver.execute("SELECT pg_sleep(30)")
    timer.join()
    driver.cancel()  # nothing runs
    assert rows(driver, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3%' AND state = 'active' AND pid <> pg_backend_pid()") == [(0,)]  # fmt: skip


def test_the_server_looks_whether_meshkit_is_still_there(driver):
    if int(driver.version.removeprefix("postgres ").partition(".")[0]) < 14:
        pytest.skip("PostgreSQL 14 has it")
    assert rows(driver, "SELECT current_setting('client_connection_check_interval')") == [("5s",)]


def test_the_plan_is_told(driver):
    assert "Scan" in driver.explain("SELECT * FROM odd.counted")


def test_who_meshkit_is_stands_at_the_server(driver):
    assert rows(driver, "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()") == [("meshkit",)]
    assert driver.version.startswith("postgres 1")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("careful:wr0ng-secret@127.0.0.1:{port}/shop", "the login is refused"),
        ("nobody:wr0ng-secret@127.0.0.1:{port}/shop", "no such user"),
        ("owner:wr0ng-secret@127.0.0.1:{port}/nothing", "no such database"),
        ("owner:wr0ng-secret@127.0.0.1:1/shop", "nothing listens there"),
        ("owner:wr0ng-sec/r@et@127.0.0.1:{port}/shop", "is not reached"),
        ("owner:wr0ng-sec?ret@127.0.0.1:{port}/shop", "is not reached"),
    ],
)
def test_who_is_not_let_in_is_told_why_without_secrets(prepared, place, told):
    where = address("postgresql://" + place.format(port=prepared.port))
    with pytest.raises(EngineError, match=told) as caught:
        connect(where, Settings())
    assert caught.value.code == "MK311"
    assert caught.value.__cause__ is None
    for text in (str(caught.value), repr(where), repr(caught.value)):
        assert "wr0ng" not in text
        assert "ret" not in text.replace("not reached", "")


def test_options_join_the_url(prepared):
    options = {"user": "careful", "password": "s3cret-w0rd"}
    where = address(f"postgres://127.0.0.1:{prepared.port}/shop?user=owner&sslmode=disable", options)
    driver = connect(where, Settings())
    assert rows(driver, "SELECT current_user::text") == [("careful",)]
    with pytest.raises(EngineError, match="permission denied"):
        driver.execute("SELECT * FROM odd.twice")
    with pytest.raises(SourceError, match="no column that this user may read"):
        driver.columns(("public", "receipts"))
    driver.close()
    assert "s3cret" not in repr(where)


def test_a_lost_connection_is_opened_again(prepared):
    session = TableSession(
        lambda: connect(address(prepared.url), Settings()), {"d.p.t": ("odd", "counted")}, Settings()
    )
    (pid,) = session.rows("SELECT pg_backend_pid()").rows[0]
    other = connect(address(prepared.url), Settings())
    other.execute(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(EngineError, match="connection was lost") as caught:
        session.rows("SELECT count(*) FROM odd.counted")
    assert caught.value.is_transient
    assert session.rows("SELECT count(*) FROM odd.counted").rows == [(1000,)]
    assert session.stored("d.p.t").parts == ("odd", "counted")
    assert session.see("d.p.t").rows == 1000
    other.close()
    session.close()
