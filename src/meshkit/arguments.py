"""What callers may write for a time or a table, and what it means."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from meshkit.errors import UsageError
from meshkit.model.names import did_you_mean, fold
from meshkit.model.namespace import Overrides
from meshkit.model.units import parse_time

T = TypeVar("T")


def location(table: Any) -> Any:
    """Return a path as text, and a frame as it is."""
    return os.fspath(table) if isinstance(table, (str, os.PathLike)) else table


def given(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what callers handed over for tables: folded name -> location or frame."""
    return {fold(name): location(table) for name, table in tables.items()}


def overrides(tables: Mapping[str, Any]) -> Overrides:
    """Return what is to be read in place of tables; relative paths start at the working folder."""
    locations = {fold(name): location(t) if isinstance(t, (str, os.PathLike)) else "" for name, t in tables.items()}
    return Overrides(locations, str(Path.cwd()) if locations else "")


def moment(now: datetime | str | None) -> datetime:
    """Return a clock's time, aware and in UTC; none = the present.

    Raises:
        UsageError: The text is no time.
    """
    if now is None:
        return datetime.now(UTC)
    read = parse_time(now) if isinstance(now, str) else now
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def one_of(choices: type[T], text: str, what: str) -> T:
    """Return the member of an enumeration that a caller named.

    Raises:
        UsageError: There is none of that name.
    """
    known = [str(choice) for choice in choices]  # type: ignore[attr-defined]  # every enumeration can be walked
    if text not in known:
        raise UsageError(f"unknown {what} '{text}'", did_you_mean(text, known) or f"known: {', '.join(known)}")
    return choices(text)  # type: ignore[call-arg]  # as above
