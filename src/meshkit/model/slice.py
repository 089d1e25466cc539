"""A slice: the rows that were just loaded, as a caller names them; and what of a run was judged on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from meshkit.errors import QuantityError, UsageError
from meshkit.model.base import Document
from meshkit.model.names import fold
from meshkit.model.units import parse_duration

LONGEST = timedelta(days=100 * 365)
"""Not every engine and type has times much before that."""
PartitionGiven = Mapping[str, Any] | Iterable[str] | str
"""How callers name partitions: column -> value, or texts such as `order_date=2026-11-22`."""


class Partition(NamedTuple):
    """A column and the text of the one value that it has in a slice."""

    column: str
    value: str

    def __str__(self) -> str:
        """Render as a condition, for people."""
        return f"{self.column} = '{self.value}'"


class Slice(Document):
    """Which rows a caller asks about.

    Attributes:
        partitions: What each of some columns is; all hold.
        window: How far back the time of a row may lie; None = as far as it likes.
        window_text: The window as the caller wrote it.
    """

    partitions: tuple[Partition, ...] = ()
    window: timedelta | None = None
    window_text: str = ""


class SliceReport(Document):
    """What a run judged on a slice.

    Attributes:
        asked: The slice that was asked for.
        until: The clock of the run, at which a window ends.
        words: The slice in words.
        tables: Ids of the tables of which row checks were limited to it.
        whole: Ids of the tables that were judged whole, with the reason.
    """

    asked: Slice
    until: datetime
    words: str
    tables: tuple[str, ...] = ()
    whole: tuple[tuple[str, str], ...] = ()

    @property
    def since(self) -> datetime | None:
        """The moment after which a window begins; None without one."""
        return None if self.asked.window is None else begin(self.until, self.asked.window)


def parse_slice(partition: PartitionGiven, window: timedelta | str | None) -> Slice | None:
    """Read what a caller names; None where no slice is asked for.

    Args:
        partition: Column -> value; or texts such as `order_date=2026-11-22`.
        window: A duration, or its text, such as `12h`.

    Raises:
        UsageError: A text is not COLUMN=VALUE, a value is None, a column is given twice, or the window is no duration.

    Example:
        >>> parse_slice(["day=2026-11-22"], None).partitions
        (Partition(column='day', value='2026-11-22'),)
    """
    partitions = _partitions(partition)
    if not partitions and window is None:
        return None
    text = "" if window is None else window if isinstance(window, str) else _plain(window)
    return Slice(partitions=partitions, window=None if window is None else _window(text), window_text=text.strip())


def _partitions(given: PartitionGiven) -> tuple[Partition, ...]:
    if isinstance(given, Mapping):
        missing = [name for name, value in given.items() if value is None]
        if missing:
            raise UsageError(f"partition '{missing[0]}' is None", "NULL is in no slice; give a value")
        found = [Partition(name, str(value)) for name, value in given.items()]
    else:
        found = [_partition(text) for text in ([given] if isinstance(given, str) else given)]
    by_name: dict[str, Partition] = {}
    for one in found:
        other = by_name.setdefault(fold(one.column), one)
        if other.value != one.value:
            raise UsageError(
                f"partition '{one.column}' is given twice, and a row has one value in it", "give one of them"
            )
    return tuple(by_name.values())


def _partition(text: str) -> Partition:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"partition '{text}' is not COLUMN=VALUE", "write it like order_date=2026-11-22")
    return Partition(name.strip(), value)


def _window(text: str) -> timedelta:
    try:
        window = parse_duration(text)
    except QuantityError as error:
        raise UsageError(f"window {error.what}", "write a number and a unit, like 1d, 12h, 30m or 2w") from error
    if not window:
        raise UsageError(f"window '{text}' holds no time", "write it like 1d, 12h, 30m or 2w")
    if window > LONGEST:
        raise UsageError(f"window '{text}' is longer than 100 years", "leave it out, and all rows are judged")
    return window


def _plain(window: timedelta) -> str:
    seconds = window.total_seconds()
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def begin(now: datetime, window: timedelta) -> datetime:
    """Return the moment after which a window up to `now` begins; no earlier than there are times."""
    first = datetime.min.replace(tzinfo=UTC)
    return now - window if now - first > window else first
