"""SQLite: what arrives, what is refused, and what stops."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.driver import Driver
from meshkit.engines.registry import address, connect
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError, UsageError

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Driver]:
    def make(*statements: str, settings: Settings = Settings()) -> Driver:  # noqa: B008  # it is frozen
        connection = sqlite3.connect(tmp_path / "shop.db")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return connect(address(f"sqlite:///{tmp_path}/shop.db"), settings)

    return make


def rows(driver: Driver, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def types(driver: Driver, table: str) -> dict[str, tuple[str, ...]]:
    return {c.name: (c.type, *c.other_types) for c in driver.columns((table,))[1]}


def test_declared_types_are_in_duckdbs_words(opened):
    driver = opened(
        """CREATE TABLE t (a INTEGER PRIMARY KEY, b int unsigned, c VARCHAR(20), d REAL, e "DECIMAL(12,2)", f NUMERIC, g DATE,
        h DATETIME, i BLOB, j BOOLEAN, k, l money, m JSON, n "double precision", o TIMESTAMP, p TIME)"""
    )
    assert types(driver, "t") == {
        "a": ("BIGINT",), "b": ("BIGINT",), "c": ("VARCHAR",), "d": ("DOUBLE",), "e": ("DECIMAL(12,2)",), "f": ("DOUBLE",),
        "g": ("DATE",), "h": ("TIMESTAMP",), "i": ("BLOB",), "j": ("BOOLEAN",), "k": ("ANY",), "l": ("MONEY",), "m": ("JSON",),
        "n": ("DOUBLE",), "o": ("TIMESTAMP",), "p": ("TIME",),
    }  # fmt: skip


def test_values_of_other_kinds_than_declared_are_told(opened):
    driver = opened(
        "CREATE TABLE t (a INTEGER, b TEXT, c DATE, d TIMESTAMP, e BOOLEAN, f REAL, g DECIMAL(9,2), h BLOB)",
        "INSERT INTO t VALUES (1, 'x', '1960-02-29', '2020-01-01 10:00:00', 1, 1, 1.5, x'00')",
        "INSERT INTO t VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "CREATE TABLE u AS SELECT * FROM t WHERE false",
        "INSERT INTO t VALUES ('secret', x'00', '2020-02-30', 1577836800, 2, 'x', 'y', 'z')",
    )
    assert types(driver, "t") == {
        "a": ("BIGINT", "VARCHAR"), "b": ("VARCHAR", "BLOB"), "c": ("DATE", "VARCHAR"), "d": ("TIMESTAMP", "BIGINT"),
        "e": ("BOOLEAN", "BIGINT"), "f": ("DOUBLE", "VARCHAR"), "g": ("DECIMAL(9,2)", "VARCHAR"), "h": ("BLOB", "VARCHAR"),
    }  # fmt: skip
    driver.close()
    driver = opened("DELETE FROM t WHERE e = 2")
    assert all(len(found) == 1 for found in types(driver, "t").values())


@pytest.mark.parametrize(
    ("declared", "text", "is_kept"),
    [
        ("DATE", "1960-02-29", True),
        ("DATE", "1961-02-29", False),
        ("DATE", "2020-1-5", False),
        ("DATE", "2020-01-05 00:00:00", False),
        ("TIMESTAMP", "1960-02-29 23:59:59", True),
        ("TIMESTAMP", "2020-01-05 10:00:00.123456", True),
        ("TIMESTAMP", "2020-01-05T10:00:00", False),
        ("TIMESTAMP", "2020-01-05", False),
        ("TIMESTAMP", "2020-01-05 10:00:00+02:00", False),
        ("TIMESTAMP", "2020-01-05 10:00:00.", False),
        ("TIMESTAMP", "2020-02-30 10:00:00", False),
        ("TIMESTAMP", "2020-01-05 24:00:00", False),
        ("TIME", "23:59:59.5", True),
        ("TIME", "9:00:00", False),
        ("TIME", "10:00", False),
    ],
)
def test_days_and_times_are_kept_where_their_texts_compare_as_they_do(opened, declared, text, is_kept):
    driver = opened(f"CREATE TABLE t (a {declared})", f"INSERT INTO t VALUES ('{text}')")
    assert types(driver, "t") == {"a": (declared,) if is_kept else (declared, "VARCHAR")}


@pytest.mark.parametrize(
    ("declared", "value", "kept"),
    [
        ("DECIMAL(9,2)", "1.5", "DECIMAL(9,2)"),
        ("DECIMAL(9,2)", "0.1 + 0.2", "DECIMAL(9,2)"),
        ("DECIMAL(9,2)", "-7", "DECIMAL(9,2)"),
        ("DECIMAL(9,2)", "1.505", "DOUBLE"),
        ("DECIMAL(9,2)", "9999999.99", "DECIMAL(9,2)"),
        ("DECIMAL(9,2)", "10000000", "DOUBLE"),
        ("INTEGER", "2.5", "DOUBLE"),
        ("INTEGER", "9e300", "DOUBLE"),
        ("INTEGER", "2.0", "BIGINT"),
    ],
)
def test_a_number_that_its_column_does_not_declare_makes_it_one_of_floats(opened, declared, value, kept):
    driver = opened(f"CREATE TABLE t (a {declared})", "INSERT INTO t VALUES (1)", f"INSERT INTO t VALUES ({value})")
    assert types(driver, "t") == {"a": (kept,)}


def test_a_strict_table_keeps_its_types_itself(opened):
    driver = opened("CREATE TABLE t (a INT, b ANY) STRICT", "INSERT INTO t VALUES (1, 'x')")
    assert types(driver, "t") == {"a": ("BIGINT",), "b": ("ANY",)}


def test_odd_names_are_found_as_they_are(opened):
    driver = opened('CREATE TABLE "Mixed ""Case" ("select" INT, "a ""b" INT)', "CREATE VIEW v AS SELECT 1 AS one")
    name, columns = driver.columns(('mixed "case',))
    assert name == ('Mixed "Case',)
    assert [c.name for c in columns] == ["select", 'a "b']
    assert driver.columns(("main", "v"))[0] == ("v",)
    with pytest.raises(SourceError, match="no schema 'temp'"):
        driver.columns(("temp", "v"))


def test_a_missing_table_is_told_with_the_near_one(opened):
    with pytest.raises(SourceError, match="no table 'order'; did you mean 'orders'") as caught:
        opened("CREATE TABLE orders (a INT)").columns(("order",))
    assert caught.value.code == "MK302"


def test_values_arrive_right(opened):
    driver = opened()
    found = rows_of_arrow(
        driver.execute("SELECT 9223372036854775807, 1.5, 'é😀''', x'00ff', NULL, 9e999, -9e999, 1 = 1")
    )
    assert found.rows == [(2**63 - 1, 1.5, "é😀'", b"\x00\xff", None, math.inf, -math.inf, 1)]
    assert found.types == ("BIGINT", "DOUBLE", "VARCHAR", "BLOB", "NULL", "DOUBLE", "DOUBLE", "BIGINT")
    assert rows(driver, "SELECT 1 UNION ALL SELECT 2.5 UNION ALL SELECT NULL ORDER BY 1") == [(None,), (1.0,), (2.5,)]
    assert rows(driver, "SELECT 9007199254740993 UNION ALL SELECT 0.5 ORDER BY 1") == [("0.5",), ("9007199254740993",)]
    assert rows(driver, "SELECT 1 WHERE false") == []


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE more (a INT)",
        "CREATE TEMP TABLE more (a INT)",
        "ATTACH 'other.db' AS other",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_table_info('t')",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM t",
        "BEGIN IMMEDIATE",
        "VACUUM INTO 'copy.db'",
        "SELECT fts3_tokenizer('simple')",
    ],
)
def test_nothing_but_reading_is_allowed(opened, tmp_path, monkeypatch, query):
    monkeypatch.chdir(tmp_path)
    driver = opened("CREATE TABLE t (a INT)")
    with pytest.raises(EngineError, match=r"refused|authorized|prohibited|no such function") as caught:
        driver.execute(query)
    assert caught.value.code == "MK304"
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".db"] == ["shop.db"]
    assert rows(driver, "SELECT count(*) FROM t") == [(0,)]


def test_the_time_is_watched_by_the_session(opened):
    driver = opened()
    session = TableSession(lambda: driver, {}, Settings(timeout_seconds=0.2))
    with pytest.raises(StatementTimeoutError, match=r"no answer within 0\.2 s"):
        session.rows(ENDLESS)
    assert session.rows("SELECT 1").rows == [(1,)]
    session.close()


def test_cancel_stops_a_statement_from_another_thread(opened):
    driver = opened()
    timer = threading.Timer(0.2, driver.cancel)
    timer.start()
    with pytest.raises(InterruptedRunError):
        driver.execute(ENDLESS)
    timer.join()
    driver.cancel()  # nothing runs
    assert rows(driver, "SELECT 1") == [(1,)]


def test_a_file_that_is_not_there_or_no_database_is_not_reached(tmp_path):
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    for name, told in (("nothing.db", "there is no such file"), ("text.db", "no SQLite database")):
        with pytest.raises(EngineError, match=told) as caught:
            connect(address(f"sqlite:///{tmp_path}/{name}"), Settings())
        assert caught.value.code == "MK311"
    assert not (tmp_path / "nothing.db").exists()


def test_only_files_in_the_folders_that_may_be_read_are_opened(opened, tmp_path):
    opened(settings=Settings(roots=(str(tmp_path),)))
    with pytest.raises(SourceError, match="outside the folders") as caught:
        opened(settings=Settings(roots=(str(tmp_path / "mesh"),)))
    assert caught.value.code == "MK310"


def test_urls_are_those_of_the_field(opened, tmp_path, monkeypatch):
    opened("CREATE TABLE t (a INT)")
    monkeypatch.chdir(tmp_path)
    assert connect(address("sqlite:///shop.db"), Settings()).columns(("t",))
    assert rows(connect(address("sqlite://"), Settings()), "SELECT 1") == [(1,)]
    for url in ("sqlite://shop.db", "sqlite:///shop.db?mode=rw"):
        with pytest.raises(UsageError):
            connect(address(url), Settings())


def test_functions_have_duckdbs_meaning(opened):
    driver = opened()
    assert rows(
        driver, "SELECT mk_regexp('b.d', 'abcd'), 'abcd' REGEXP '^b', mk_regexp(NULL, 'a'), mk_regexp('a', NULL)"
    ) == [(1, 0, None, None)]
    assert rows(
        driver, "SELECT mk_regexp_full('b.d', 'abcd'), mk_regexp_full('b.d', 'bcd'), mk_regexp_full('a|ab', 'ab')"
    ) == [(0, 1, 1)]
    assert rows(
        driver, "SELECT mk_regexp_extract('a-12-34', '(\\d+)-(\\d+)', 2), mk_regexp_extract('a', '\\d', 0)"
    ) == [("34", "")]
    assert rows(
        driver, r"SELECT mk_regexp_replace('a1b2', '(\d)', '<\1>', 0), mk_regexp_replace('a1b2', '(\d)', '<\1>', 1)"
    ) == [("a<1>b2", "a<1>b<2>")]
    assert rows(driver, "SELECT mk_upper('straße É'), mk_lower('ÀÉ Σ'), md5('a')") == [
        ("STRAẞE É", "àé σ", "0cc175b9c0f1b6a831c399e269772661")
    ]


def test_a_function_that_fails_tells_no_value(opened):
    for query in (
        "SELECT mk_regexp('(secret', 'x')",
        "SELECT mk_regexp('a', 5)",
        "SELECT mk_regexp('(?=a)', 'secret')",
    ):
        with pytest.raises(EngineError, match="a function refused its arguments") as caught:
            opened().execute(query)
        assert "secret" not in str(caught.value)


def test_errors_tell_the_reason(opened):
    driver = opened("CREATE TABLE t (a INT)")
    with pytest.raises(EngineError, match="no such column: nope"):
        driver.execute("SELECT nope FROM t")
    with pytest.raises(EngineError, match="grew beyond its type"):
        driver.execute("SELECT sum(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)")
    assert driver.explain("SELECT * FROM t") == "SCAN t"
