"""The rows that truth is told by: small tables with what checks trip over. The clock is an argument."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

_D = Decimal
_DAY = dt.date
_AT = dt.datetime


class Held(NamedTuple):
    """A table of the suite.

    Attributes:
        name: What queries call it.
        stored: What it is called where it is kept, which is awkward on purpose.
        columns: Name -> type in DuckDB's words.
        rows: Its rows, in the order of the columns.
    """

    name: str
    stored: str
    columns: dict[str, str]
    rows: list[tuple[object, ...]]


def orders(now: dt.datetime) -> Held:
    """Return orders; `now` is naive, in UTC. The rows are the project's shared facts: see NOTICE."""

    def ago(hours: int) -> dt.datetime:
        return (now - dt.timedelta(hours=hours)).replace(microsecond=0)

    columns = {
        "id": "INTEGER", "customer_id": "INTEGER", "email": "VARCHAR", "amount": "DECIMAL(12,2)", "qty": "INTEGER",
        "status": "VARCHAR", "order_date": "DATE", "updated_at": "TIMESTAMP", "ship_ts": "TIMESTAMP", "note": "VARCHAR",
        "code": "VARCHAR",
    }  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (1, 10, "ann@example.com", _D("10.50"), 3, "PAID", _DAY(2026, 1, 31), ago(2), _AT(2026, 2, 1, 0, 30), "12", "A-001"),
        (2, 10, "bob@example.com", _D("20.00"), -7, "PAID", _DAY(2026, 2, 28), ago(30), _AT(2026, 2, 28, 23, 59), "abc", "A-002"),
        (3, 11, "bad-email", _D("30.25"), 5, "OPEN", _DAY(2026, 3, 1), _AT(2026, 3, 1, 10, 59), _AT(2026, 3, 1, 11, 1), " 7 ", "B-003"),
        (4, 11, None, _D("40.75"), 0, "open", _DAY(2026, 3, 29), _AT(2026, 3, 29, 1, 30), None, "", "b-004"),
        (5, 12, "Eve@Example.COM", None, 2, "VOID", _DAY(2025, 12, 31), _AT(2025, 12, 31, 23, 0), _AT(2026, 1, 1, 1, 0), None, "B-005 "),
        (6, 12, "fay@example.co.uk", _D("2.50"), 8, "PAID", _DAY(2024, 2, 29), _AT(2024, 2, 29, 12, 0), _AT(2024, 3, 1, 12, 0), "1.5", "C-006"),
        (6, 12, "fay@example.co.uk", _D("2.50"), 8, "PAID", _DAY(2024, 2, 29), _AT(2024, 2, 29, 13, 0), _AT(2024, 3, 1, 12, 0), "1.5", "C-006"),
        (7, None, "zo\u00eb@example.com", _D("-3.50"), 1, "VOID", _DAY(2026, 4, 5), _AT(2026, 4, 5, 0, 0), None, "red,green,blue", "C_007"),
        (8, 13, "gus@example.com", _D("1000.00"), 4, "", _DAY(2026, 4, 6), _AT(2026, 4, 6, 6, 0), _AT(2026, 4, 12, 6, 0), "x'y", "D-008"),
        (9, 99, "hal@example.org", _D("12.34"), 9, "PAID", _DAY(2026, 6, 15), _AT(2026, 6, 15, 8, 0), _AT(2026, 6, 16, 7, 0), "2026-01-02", "D-009"),
    ]  # fmt: skip
    return Held("orders", "orders", columns, rows)


CUSTOMERS = Held(
    "customers",
    "Customers of 2026",
    {"id": "INTEGER", "name": "VARCHAR", "country": "VARCHAR"},
    [(10, "Ann", "DE"), (11, "Bob", "FR"), (12, "Cy", None), (13, "Di", "DE"), (14, "Ed", "FR")],
)


def _utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


ODD = Held(
    "odd",
    'The "Odd" Table',
    {
        "id": "INTEGER", "Mixed Case": "VARCHAR", "order": "INTEGER", "UPPER": "VARCHAR", 'quo"te': "VARCHAR",
        "price": "DECIMAL(38,10)", "ratio": "DOUBLE", "day": "DATE", "seen": "TIMESTAMP",
        "seen_z": "TIMESTAMP WITH TIME ZONE", "flag": "BOOLEAN", "big": "BIGINT",
    },
    [
        (1, "Stra\u00dfe", 10, "abc", "it's", _D("0.0000000001"), 0.5, _DAY(1969, 12, 31), _AT(1969, 12, 31, 23, 59, 59), _utc(2026, 3, 29, 1, 30), True, 9007199254740993),
        (2, "abc", 20, "ABC", 'say "hi"', _D("1234567890123456789012345678.0123456789"), float("nan"), _DAY(1901, 2, 28), _AT(1969, 7, 20, 20, 17, 40, 123456), _utc(1969, 7, 20, 20, 17, 40), False, -9007199254740993),
        (3, "ABC ", -5, "abc ", "a\\b", _D("-2.5"), -1.5, _DAY(2000, 2, 29), _AT(2000, 2, 29), _utc(2000, 2, 29), None, 0),
        (4, "", None, "\u00c4\u00d6", "%_", _D(0), 0.0, _DAY(2026, 12, 31), _AT(2026, 12, 31, 23, 59, 59, 999999), _utc(2026, 12, 31, 23, 59, 59), True, None),
        (5, None, 30, None, None, None, None, None, None, None, None, None),
        (6, "abc", 20, "zebra", "tab\there", _D("2.5"), 2.5, _DAY(1970, 1, 1), _AT(1970, 1, 1), _utc(1970, 1, 1), False, 1),
        (7, "\u65e5\u672c", 0, "\u00e9mile", "two\nlines", _D("100.5"), float("inf"), _DAY(2024, 12, 30), _AT(2024, 12, 30, 10), _utc(2024, 12, 30, 10), True, 7),
    ],
)  # fmt: skip

_PLAIN = {
    "id": "INTEGER", "txt": "VARCHAR", "num": "DECIMAL(10,2)", "day": "DATE", "seen": "TIMESTAMP", "flag": "BOOLEAN",
}  # fmt: skip
NOTHING = Held("nothing", "nothing", _PLAIN, [])
BLANKS = Held("blanks", "select", _PLAIN, [(None,) * len(_PLAIN)] * 3)


def tables(now: dt.datetime) -> dict[str, Held]:
    """Return all tables by the name that queries call them by."""
    return {t.name: t for t in (orders(now), CUSTOMERS, ODD, NOTHING, BLANKS)}


def relation_id(name: str) -> str:
    """Return the id that meshkit has for a table: no query can call anything so."""
    return f"truth.suite.{name}"
