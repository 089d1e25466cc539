"""A driver's errors as ours. Its text is kept only where it cannot hold a row's value."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from meshkit.engines.sources import redacted
from meshkit.errors import EngineError, SourceError

_CSV_FILE = re.compile(r"^\s*file = (.+?)\s*$", re.MULTILINE)
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")


def first_line(error: BaseException) -> str:
    """Return what an engine's message says first; what follows may quote SQL and values."""
    return str(error).partition("\n")[0].strip()


def explained(error: BaseException, location: str, *, is_remote: bool = False) -> EngineError:
    """Turn a driver's error into ours. Its text is kept only where it cannot hold a row's value.

    Args:
        error: The driver's error, or one of ours.
        location: Of what was read, where that is known.
        is_remote: Whether anything is read over a network, so that an error of reading may pass.
    """
    if isinstance(error, EngineError):
        return error
    told = _told(error, location)
    told.is_transient = is_remote and isinstance(error, duckdb.IOException)
    return told


def _told(error: BaseException, location: str) -> EngineError:
    name = Path(redacted(location)).name
    csv_line = _CSV_LINE.search(str(error))
    if csv_line:
        file = _CSV_FILE.search(str(error))
        name = Path(file[1]).name if file else name or "the file"
        if "unicode" in str(error).lower():
            return SourceError(f"'{name}' is not UTF-8, line {csv_line[1]}", "save it as UTF-8", code="MK303")
        what = f"'{name}' is not well-formed CSV, line {csv_line[1]}"
        return SourceError(what, "check its quotes and columns", code="MK303")
    if isinstance(error, duckdb.IOException):
        said = first_line(error).partition(": ")[2] or first_line(error)
        return SourceError(f"'{name}' cannot be read: {redacted(said)}" if name else redacted(said), code="MK303")
    if location:
        return SourceError(f"'{name}' cannot be read; is it what its ending says?", code="MK303")
    if isinstance(error, duckdb.OutOfRangeException):
        return EngineError(
            "a number grew beyond its type while it ran", "cast to BIGINT or DECIMAL before you calculate"
        )
    if isinstance(error, (duckdb.ConversionException, duckdb.InvalidInputException)):
        kind = type(error).__name__.removesuffix("Exception")
        return EngineError(
            f"{kind} error while it ran; a value does not fit what the SQL does with it",
            "guard it with TRY_CAST or nullif",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError("out of memory", "raise --memory, or narrow the check")
    return EngineError(first_line(error))
