"""The condition of a product, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from meshkit.model.condition import Condition, Kept, Knowledge, PromiseSeen, RunPoint
from meshkit.model.units import format_number, format_ratio
from meshkit.report.access import Paint, plain
from meshkit.report.order import one_line

_SHOWN = 10
_SAID = {
    Knowledge.NEVER_CHECKED: "never checked: no recorded run of this version speaks for it",
    Knowledge.STOPPED: "its contract has errors, so it cannot be checked: meshkit lint names them",
}


def condition_as_dict(found: Condition) -> dict[str, Any]:
    """Return the document that `--format json` writes."""
    return found.model_dump(mode="json")


def render_condition(found: Condition, paint: Paint = plain) -> str:
    """Render the condition of a product."""
    owner = f" · {one_line(found.owner)}" if found.owner else ""
    lines = [f"{paint(one_line(found.product), 'strong')} {one_line(found.version)} ({found.status}){owner}"]
    lines.append(_SAID.get(found.knowledge) or _outcome(found))
    if found.unanswered:
        lines.append(
            f"stale: {len(found.unanswered):,} of {found.checks:,} checks are new or changed since that run, and have no answer"
        )
    lines += [f"note: {one_line(n)}" for n in found.notes]
    if found.not_passed:
        lines += ["", "not passed", *_not_passed(found)]
    if found.promises:
        lines += ["", "promised and measured", *map(_promise, found.promises)]
    if found.trend:
        lines += ["", f"runs of the last {found.days} days, newest first", *map(_point, found.trend[:_SHOWN])]
    return "\n".join(lines) + "\n"


def _outcome(found: Condition) -> str:
    assert found.last is not None
    counts = ", ".join(f"{n:,} {outcome}" for outcome, n in found.counts.items()) or "no check has an answer"
    quality = "" if found.quality is None else f"; health {found.quality * 100:.0f} of 100"
    at = found.last.at.astimezone(UTC)
    return f"{found.outcome or 'unknown'}: {counts}{quality}; checked {at:%Y-%m-%d %H:%M} UTC, {found.last.hours:,.1f} hours ago"


def _not_passed(found: Condition) -> Iterator[str]:
    for one in found.not_passed:
        waived = f"; waived until {one.waived_until} by {one_line(one.waived_by)}" if one.waived_until else ""
        check = one_line(one.id.removeprefix(f"{found.product}."))
        yield f"  {one.outcome} {check} ({one.severity}): {one_line(one.message)}{waived} [{one_line(one.place)}]"


def _promise(one: PromiseSeen) -> str:
    measured = "" if one.measured is None else f", measured {_number(one)}"
    why = f": {one_line(one.why)}" if one.why and one.state is Kept.UNKNOWN else ""
    return f"  {one.state} {one.name}: promised {one.promised}{measured}{why}"


def _number(one: PromiseSeen) -> str:
    assert one.measured is not None
    return format_ratio(one.measured) if one.unit == "ratio" else f"{format_number(round(one.measured, 2))} {one.unit}"


def _point(point: RunPoint) -> str:
    counts = ", ".join(f"{n:,} {outcome}" for outcome, n in point.counts.items())
    rows = "" if point.rows is None else f", {point.rows:,} rows"
    ended = point.outcome or point.state
    return f"  {point.at.astimezone(UTC):%Y-%m-%d %H:%M} {ended}{f': {counts}' if counts else ''}{rows}"
