"""Snowflake's driver against fakesnow, an emulator on DuckDB: what it shows is our side, not Snowflake's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.registry import address, connect
from meshkit.errors import EngineError, SourceError

SETUP = [
    "CREATE DATABASE IF NOT EXISTS shop",
    "CREATE SCHEMA IF NOT EXISTS shop.odd",
    """CREATE OR REPLACE TABLE shop.odd.every_type (a INTEGER, b NUMBER(12,2), c NUMBER(38,10), d FLOAT, e VARCHAR, f BOOLEAN, g DATE,
       h TIMESTAMP_NTZ, i TIMESTAMP_TZ, j BINARY, k VARIANT)""",
    """INSERT INTO shop.odd.every_type SELECT 1, 1.5, 1234567890123456789012345678.0123456789, 'NaN'::FLOAT, 'Grüße', TRUE,
       '1925-03-04'::DATE, '1960-01-01 00:00:00.5'::TIMESTAMP_NTZ, '2020-01-01 00:00:00 +00:00'::TIMESTAMP_TZ, NULL, NULL""",
    'CREATE OR REPLACE TABLE shop.odd."Mixed Case" (id INTEGER, "select" INTEGER)',
]


@pytest.fixture(scope="session")
def prepared(snowflake_url: str) -> str:
    import snowflake.connector

    port = snowflake_url.partition("port=")[2].partition("&")[0]
    found = snowflake.connector.connect(
        user="fake", password="snow", account="fakesnow", host="127.0.0.1", port=int(port), protocol="http"
    )
    for statement in SETUP:
        found.cursor().execute(statement)
    found.close()
    return snowflake_url


@pytest.fixture
def driver(prepared: str) -> Iterator[Any]:
    found = connect(address(prepared), Settings(timeout_seconds=30))
    yield found
    found.close()


def rows(driver: Any, query: str) -> list[tuple[Any, ...]]:
    return rows_of_arrow(driver.execute(query)).rows


def test_types_are_in_duckdbs_words(driver):
    name, columns = driver.columns(("odd", "every_type"))
    assert name == ("SHOP", "ODD", "EVERY_TYPE")
    assert {c.name: c.type for c in columns} == {
        "A": "HUGEINT", "B": "DECIMAL(12,2)", "C": "DECIMAL(38,10)", "D": "DOUBLE", "E": "VARCHAR", "F": "BOOLEAN", "G": "DATE",
        "H": "TIMESTAMP", "I": "TIMESTAMP WITH TIME ZONE", "J": "BLOB", "K": "VARIANT",
    }  # fmt: skip


def test_values_arrive_as_they_are(driver):
    (row,) = rows(driver, "SELECT a, b, c, e, f, g, h, i, j FROM shop.odd.every_type")
    assert row == (
        1, Decimal("1.50"), Decimal("1234567890123456789012345678.0123456789"), "Grüße", True, date(1925, 3, 4),
        datetime(1960, 1, 1, 0, 0, 0, 500_000), datetime(2020, 1, 1, tzinfo=UTC), None,
    )  # fmt: skip


def test_an_answer_without_rows_has_its_columns(driver):
    table = driver.execute("SELECT a, e FROM shop.odd.every_type WHERE a > 5")
    assert (table.num_rows, [n.casefold() for n in table.column_names]) == (0, ["a", "e"])
    assert rows(driver, "SELECT COUNT(*), SUM(a) FROM shop.odd.every_type WHERE a > 5") == [(0, None)]


def test_odd_names_are_found_as_they_are(driver):
    name, columns = driver.columns(("odd", "mixed case"))
    assert name == ("SHOP", "ODD", "Mixed Case")
    assert [c.name for c in columns] == ["ID", "select"]


def test_a_missing_table_is_told(driver):
    with pytest.raises(SourceError, match=r"no table 'odd.every_typ'.*EVERY_TYPE") as caught:
        driver.columns(("odd", "every_typ"))
    assert caught.value.code == "MK302"


@pytest.mark.parametrize("query", ["INSERT INTO shop.odd.every_type (a) VALUES (2)", "DROP TABLE shop.odd.every_type"])
def test_what_is_no_query_is_refused(driver, query):
    with pytest.raises(EngineError, match="more than read"):
        driver.execute(query)


def test_an_error_says_why_without_values(driver):
    with pytest.raises(EngineError) as caught:
        driver.execute("SELECT * FROM shop.odd.nowhere")
    assert caught.value.code == "MK304"
    with pytest.raises(EngineError) as caught:
        driver.execute("SELECT 's3cret'::INTEGER")
    assert "s3cret" not in caught.value.render()
    assert rows(driver, "SELECT 1 AS one") == [(1,)]
