"""What both engines offer to the store: queries with `:name` in them, and short transactions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

Row = tuple[Any, ...]
Values = Mapping[str, Any]
_CONTROLS = {code: 0xFFFD for code in (*range(32), 127) if chr(code) not in "\t\n\r"}


class Work(Protocol):
    """An open transaction, or a look at the store."""

    def rows(self, query: str, values: Values | None = None) -> list[Row]:
        """Return the rows of a query."""

    def pages(self, query: str, size: int) -> Iterator[list[Row]]:
        """Walk the rows of a query that may have many, so many at once."""

    def execute(self, statement: str, values: Values | None = None) -> int:
        """Run a statement, and return how many rows it touched."""

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run a statement once per row."""

    def alone(self) -> None:
        """Wait until no other transaction is between here and its end."""


class Link(Protocol):
    """An open store."""

    engine: str
    shown: str

    def reading(self) -> AbstractContextManager[Work]:
        """Look at the store as it is at one moment."""

    def writing(self, *, is_durable: bool = False) -> AbstractContextManager[Work]:
        """Write all or nothing; durable = it is on the disk when this ends, even if the power fails."""

    def problems(self) -> list[str]:
        """Say what the engine itself finds wrong in its files."""

    def close(self) -> None:
        """Close it."""


def stamp(moment: datetime) -> str:
    """Write a time so that texts are in the order of times.

    Example:
        >>> stamp(datetime(2026, 11, 22, 6, tzinfo=UTC))
        '2026-11-22T06:00:00.000000Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def moment(text: str) -> datetime:
    """Read a time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def finite(value: Decimal | float | None) -> float | None:
    """Return a number that both engines hold; infinity and NaN are none."""
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None


def cleaned(values: Values) -> dict[str, Any]:
    """Return the values of a row with every text as `clean` leaves it."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def clean(text: str) -> str:
    """Replace what a database cannot hold, or a terminal would obey: control characters, and halves of surrogate pairs."""
    if text.isprintable():  # nearly all are
        return text
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")
