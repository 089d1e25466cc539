"""Queries as authors write them, proved, bound and written anew: the answer must be the one the author meant."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from meshkit.model.relation import Relation
from meshkit.sql.bind import bind_query
from meshkit.sql.clock import set_clock
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_query

CASES = json.loads((Path(__file__).parent / "data" / "author_queries.json").read_text())
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
T = datetime


def _ago(hours: int) -> datetime:
    return NOW.replace(tzinfo=None) - timedelta(hours=hours)


ORDERS = [  # id, customer_id, email, amount, qty, status, order_date, updated_at, ship_ts, note, code
    (
        1,
        10,
        "ann@example.com",
        Decimal("10.50"),
        3,
        "PAID",
        date(2026, 1, 31),
        _ago(2),
        T(2026, 2, 1, 0, 30),
        "12",
        "A-001",
    ),
    (
        2,
        10,
        "bob@example.com",
        Decimal("20.00"),
        -7,
        "PAID",
        date(2026, 2, 28),
        _ago(30),
        T(2026, 2, 28, 23, 59),
        "abc",
        "A-002",
    ),
    (
        3,
        11,
        "bad-email",
        Decimal("30.25"),
        5,
        "OPEN",
        date(2026, 3, 1),
        T(2026, 3, 1, 10, 59),
        T(2026, 3, 1, 11, 1),
        " 7 ",
        "B-003",
    ),
    (4, 11, None, Decimal("40.75"), 0, "open", date(2026, 3, 29), T(2026, 3, 29, 1, 30), None, "", "b-004"),
    (
        5,
        12,
        "Eve@Example.COM",
        None,
        2,
        "VOID",
        date(2025, 12, 31),
        T(2025, 12, 31, 23),
        T(2026, 1, 1, 1),
        None,
        "B-005 ",
    ),
    (
        6,
        12,
        "fay@example.co.uk",
        Decimal("2.50"),
        8,
        "PAID",
        date(2024, 2, 29),
        T(2024, 2, 29, 12),
        T(2024, 3, 1, 12),
        "1.5",
        "C-006",
    ),
    (
        6,
        12,
        "fay@example.co.uk",
        Decimal("2.50"),
        8,
        "PAID",
        date(2024, 2, 29),
        T(2024, 2, 29, 13),
        T(2024, 3, 1, 12),
        "1.5",
        "C-006",
    ),
    (
        7,
        None,
        "zoë@example.com",
        Decimal("-3.50"),
        1,
        "VOID",
        date(2026, 4, 5),
        T(2026, 4, 5),
        None,
        "red,green,blue",
        "C_007",
    ),
    (
        8,
        13,
        "gus@example.com",
        Decimal("1000.00"),
        4,
        "",
        date(2026, 4, 6),
        T(2026, 4, 6, 6),
        T(2026, 4, 12, 6),
        "x'y",
        "D-008",
    ),
    (
        9,
        99,
        "hal@example.org",
        Decimal("12.34"),
        9,
        "PAID",
        date(2026, 6, 15),
        T(2026, 6, 15, 8),
        T(2026, 6, 16, 7),
        "2026-01-02",
        "D-009",
    ),
]
CUSTOMERS = [(10, "Ann", "DE"), (11, "Bob", "FR"), (12, "Cy", None), (13, "Di", "DE"), (14, "Ed", "FR")]


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        connection.execute(
            'CREATE TABLE "d.p.orders"(id INTEGER, customer_id INTEGER, email VARCHAR, amount DECIMAL(12,2), qty INTEGER, status VARCHAR,'
            " order_date DATE, updated_at TIMESTAMP, ship_ts TIMESTAMP, note VARCHAR, code VARCHAR)"
        )
        connection.executemany('INSERT INTO "d.p.orders" VALUES (?,?,?,?,?,?,?,?,?,?,?)', ORDERS)
        connection.execute('CREATE TABLE "d.p.customers"(id INTEGER, name VARCHAR, country VARCHAR)')
        connection.executemany('INSERT INTO "d.p.customers" VALUES (?,?,?)', CUSTOMERS)
        yield connection


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_the_answer_is_the_one_the_author_meant(database, case):
    tree = parse_query(case["sql"])
    set_clock(tree, NOW)
    query = render(bind_query(tree, lambda name, _: Relation(id=f"d.p.{name}")).tree)
    found = [[_plain(v) for v in row] for row in database.execute(query).fetchall()]
    assert found == [[_plain(v) for v in row] for row in case["expected"]]


def _plain(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return pytest.approx(float(value))
    return str(value)
