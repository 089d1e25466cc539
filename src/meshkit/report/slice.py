"""What of a run was judged on a slice, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from meshkit.model.run import RunResult
from meshkit.report.order import one_line

_MOST_NAMED = 5


def slice_lines(result: RunResult, paint: Callable[[str, str], str] = lambda text, _: text) -> Iterator[str]:
    """Yield what the slice is and how many checks were judged on it; then the tables that were judged whole."""
    found = result.slice
    if found is None:
        return
    sliced = [v for v in result.verdicts if v.is_sliced]
    is_empty = bool(sliced) and all(v.total == 0 for v in sliced)
    counts = f"{_count(len(sliced), 'check')} of {_count(len(found.tables), 'table')} judged on it"
    others = len(result.verdicts) - len(sliced)
    rest = f", {others:,} on the whole" if others else ""
    empty = "; no row was found in it" if is_empty else ""
    yield f"{paint('slice', 'name')} {one_line(found.words)}: {counts}{rest}{empty}"
    by_reason: dict[str, list[str]] = {}
    for table, reason in found.whole:
        by_reason.setdefault(reason, []).append(table)
    for reason, tables in by_reason.items():
        more = f" and {len(tables) - _MOST_NAMED:,} more" if len(tables) > _MOST_NAMED else ""
        yield f"  judged whole: {one_line(', '.join(tables[:_MOST_NAMED]))}{more}; {one_line(reason)}"


def slice_as_dict(result: RunResult) -> dict[str, Any]:
    """Return what was judged on the slice of a run, which has one, as values that JSON can hold."""
    found = result.slice
    assert found is not None
    return {
        "partitions": [{"column": p.column, "value": p.value} for p in found.asked.partitions],
        "window": found.asked.window_text or None,
        "since": found.since.isoformat() if found.since else None,
        "until": found.until.isoformat() if found.since else None,
        "checks": sum(v.is_sliced for v in result.verdicts),
        "tables": list(found.tables),
        "whole": [{"table": table, "reason": reason} for table, reason in found.whole],
    }


def slice_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `slice_as_dict` returns."""
    moment = {"type": ["string", "null"], "format": "date-time"}
    return _closed(
        {
            "partitions": {
                "type": "array",
                "items": _closed({"column": {"type": "string"}, "value": {"type": "string"}}),
                "description": "What each of some columns is in the slice, as it was asked for; all hold.",
            },
            "window": {"type": ["string", "null"], "description": "The window as it was asked for, such as '1d'."},
            "since": {**moment, "description": "The window begins after this; null without a window."},
            "until": {**moment, "description": "The window ends with this, the clock of the run."},
            "checks": {"type": "integer", "minimum": 0, "description": "Checks that were judged on the slice."},
            "tables": {"type": "array", "items": {"type": "string"}, "description": "Tables that have the slice."},
            "whole": {
                "type": "array",
                "items": _closed({"table": {"type": "string"}, "reason": {"type": "string"}}),
                "description": "Tables that were judged whole, and why.",
            },
        }
    )


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
