"""ClickHouse's driver for servers: the real client, and chdb behind a small server (`bridge.py`)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bridge import Bridge

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import Settings
from meshkit.engines.clickhouse_settings import ANSWERS
from meshkit.engines.registry import address, connect
from meshkit.errors import EngineError, InterruptedRunError, SourceError

SETUP = [
    "CREATE DATABASE IF NOT EXISTS net ENGINE = Atomic",
    "CREATE TABLE net.orders (id Int32, day Nullable(Date32), at DateTime64(6, 'UTC'), name String) ENGINE = Memory",
    "INSERT INTO net.orders VALUES (1, '1925-03-04', '1960-01-01 00:00:00.5', 'Grüße'), (2, NULL, '2020-01-01', 'b')",
]


@pytest.fixture(scope="module")
def bridge(chdb_session: Any) -> Iterator[Bridge]:
    for statement in SETUP:
        chdb_session.query(statement)
    server = Bridge(chdb_session)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def driver(bridge: Bridge) -> Iterator[Any]:
    found = connect(address(f"clickhouse://me:s3cret@127.0.0.1:{bridge.server_port}/net"), Settings(timeout_seconds=5))
    yield found
    found.close()


def test_tables_and_values_arrive(driver):
    name, columns = driver.columns(("Orders",))
    assert name == ("net", "orders")
    assert [c.type for c in columns] == ["INTEGER", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR"]
    assert driver.rows_of(name) == 2
    found = rows_of_arrow(driver.execute("SELECT id, day, at, name FROM net.orders ORDER BY id")).rows
    assert found == [
        (1, date(1925, 3, 4), datetime(1960, 1, 1, 0, 0, 0, 500_000, UTC), "Grüße"),
        (2, None, datetime(2020, 1, 1, tzinfo=UTC), "b"),
    ]
    with pytest.raises(SourceError, match="no table 'order'"):
        driver.columns(("order",))
    assert driver.explain("SELECT id FROM net.orders")


def test_each_statement_brings_its_settings(bridge, driver):
    bridge.settings.clear()
    driver.execute("SELECT 1 AS one")
    ((name, settings),) = bridge.settings.items()
    assert name.startswith("meshkit-")
    for key, value in {**ANSWERS, "readonly": 2, "max_execution_time": 5}.items():
        assert float(settings[key]) == value if isinstance(value, (int, float)) else settings[key] == value


def test_an_error_says_why_without_values(driver):
    with pytest.raises(EngineError, match="a value does not fit") as caught:
        driver.execute("SELECT CAST(name AS Int32) FROM net.orders")
    assert "Grüße" not in caught.value.render()
    with pytest.raises(EngineError, match="nosuch"):
        driver.execute("SELECT nosuch FROM net.orders")


def test_a_running_statement_is_killed_by_its_id(bridge, driver):
    def stop() -> None:
        assert bridge.waiting.wait(20)
        driver.cancel()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(InterruptedRunError):
        driver.execute("SELECT 1 /* wait */")
    thread.join()
    (killed,) = bridge.killed
    assert killed.startswith("KILL QUERY WHERE query_id = 'meshkit-")
    driver.cancel()
    assert bridge.killed == [killed]


def test_a_wrong_password_is_told_without_it(bridge):
    assert base64.b64encode(b"wrong").startswith(b"d3Jvbmc")
    with pytest.raises(EngineError, match="login is refused") as caught:
        connect(address(f"clickhouse://me:wrong@127.0.0.1:{bridge.server_port}/net"), Settings())
    assert caught.value.code == "MK311"
