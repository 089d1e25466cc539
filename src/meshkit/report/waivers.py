"""Waivers in reports: that of a verdict, and those that end soon or have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from meshkit.model.run import RunResult
from meshkit.model.waiver import Waiver
from meshkit.report.order import one_line

_MOST_NAMED = 5


def waiver_lines(result: RunResult, paint: Callable[[str, str], str] = lambda text, _: text) -> Iterator[str]:
    """Yield which waivers end within 30 days, and which have ended: the last days, what for, by whom, and where they stand."""
    found = result.waivers
    if found is None:
        return
    yield from _listed(found.soon, ("ends within 30 days", "end within 30 days"), paint)
    yield from _listed(found.ended, ("has ended and counts for nothing", "have ended and count for nothing"), paint)


def _listed(waivers: Sequence[Waiver], words: tuple[str, str], paint: Callable[[str, str], str]) -> Iterator[str]:
    if not waivers:
        return
    said = f"1 waiver {words[0]}:" if len(waivers) == 1 else f"{len(waivers):,} waivers {words[1]}:"
    yield paint(said, "waived")
    for waiver in waivers[:_MOST_NAMED]:
        yield f"  {waiver_line(waiver)}  {paint(one_line(str(waiver.place)), 'place')}"
    if len(waivers) > _MOST_NAMED:
        yield f"  and {len(waivers) - _MOST_NAMED:,} more"


def waiver_line(waiver: Waiver) -> str:
    """Say what a waiver is for, in a line."""
    subject = f" for {waiver.subject.text}" if waiver.policy else ""
    return one_line(f"{waiver.until}  {waiver.of}{subject}, approved by {waiver.approved_by}")


def waiver_as_dict(waiver: Waiver) -> dict[str, Any]:
    """Return a waiver as values that JSON can hold."""
    place = waiver.place
    return {
        "policy": waiver.policy or None,
        "check": waiver.check or None,
        "subject": waiver.subject.text,
        "reason": waiver.reason,
        "approved_by": waiver.approved_by,
        "until": waiver.until.isoformat(),
        "cap": waiver.cap_text or None,
        "place": {"file": place.file, "line": place.line, "column": place.column},
    }


def waivers_as_dict(result: RunResult) -> dict[str, Any] | None:
    """Return what a run says of its mesh's waivers; None where it has none."""
    found = result.waivers
    if found is None:
        return None
    return {
        "today": found.today.isoformat(),
        "soon": [waiver_as_dict(w) for w in found.soon],
        "ended": [waiver_as_dict(w) for w in found.ended],
    }


def waiver_schema(place: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what `waiver_as_dict` returns, given that of a place."""
    text = {"type": "string"}
    either = {"type": ["string", "null"], "description": "One of policy and check; the other is null."}
    return _closed(
        "Waiver",
        {
            "policy": either,
            "check": either,
            "subject": text,
            "reason": text,
            "approved_by": text,
            "until": {"type": "string", "format": "date", "description": "The last day, in UTC, on which it holds."},
            "cap": {"type": ["string", "null"], "description": "Rows, or a percentage; above it, it does not hold."},
            "place": place,
        },
    )


def waivers_schema(place: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what `waivers_as_dict` returns where there are waivers."""
    waivers = {"type": "array", "items": waiver_schema(place)}
    return _closed(
        "Waivers",
        {
            "today": {"type": "string", "format": "date", "description": "The day of the run, in UTC."},
            "soon": {**waivers, "description": "Those that end within 30 days, the next one first."},
            "ended": {**waivers, "description": "Those that count for nothing any more, the last one first."},
        },
    )


def _closed(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
