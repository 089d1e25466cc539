"""Promises of the service that data or the clock can answer (A01 to A04), and words for what is promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, time
from decimal import Decimal
from typing import Any

from meshkit.change.notes import Notes, by_presence
from meshkit.change.strictness import compare_severity
from meshkit.errors import MeshkitError
from meshkit.model.change import Direction
from meshkit.model.contract import Promise
from meshkit.model.table import Constraint, Pointer, Severity
from meshkit.model.units import parse_time

_RULES: Mapping[str, str] = {
    "freshness": "A01",
    "frequency": "A02",
    "time_of_availability": "A02",
    "general_availability": "A03",
    "end_of_support": "A03",
    "end_of_life": "A03",
    "retention": "A04",
}
_MORE_IS_BETTER = {"retention", "end_of_support", "end_of_life"}
_BY_CLOCK = {"general_availability", "end_of_support", "end_of_life"}


def compare_promises(notes: Notes) -> None:
    """Compare equal promises, then those of one kind on one column, then those of one kind, each in their order."""
    old, new = list(notes.old.promises), list(notes.new.promises)
    for keys in (("kind", "table", "column", "limit"), ("kind", "table", "column"), ("kind",)):
        for promise in list(new):
            before = next((p for p in old if all(getattr(p, k) == getattr(promise, k) for k in keys)), None)
            if before is not None:
                old.remove(before)
                new.remove(promise)
                _compare(notes, before, promise)
    for promise in new:
        _presence(notes, promise, is_added=True)
    for promise in old:
        _presence(notes, promise, is_added=False)


def _presence(notes: Notes, promise: Promise, *, is_added: bool) -> None:
    kind = promise.kind
    direction = Direction.TIGHTENS if is_added else Direction.LOOSENS
    places = (None, promise.pointer) if is_added else (promise.pointer, None)
    said = f"{kind} was {'added' if is_added else 'removed'}"
    notes.add(_RULES.get(kind, "A03"), f"sla.{kind}", direction, said, old=places[0], new=places[1])


def _compare(notes: Notes, old: Promise, new: Promise) -> None:
    kind, path, places = new.kind, f"sla.{new.kind}", (old.pointer, new.pointer)
    id_ = _RULES.get(kind, "A03")
    if old.limit != new.limit:
        direction = _direction(kind, old.limit, new.limit)
        rule = "D01" if direction is Direction.NONE else id_
        notes.add(rule, path, direction, _limits(kind, old.limit, new.limit), old=places[0], new=places[1])
    if (old.table, old.column) != (new.table, new.column) and kind not in _BY_CLOCK:
        direction = by_presence(old.column, new.column)
        if direction is Direction.NONE:
            direction = Direction.UNDETERMINED
        notes.add(id_, path, direction, f"{kind} is measured by another column", old=places[0], new=places[1])
    service_severity(notes, path, kind, (old.severity, new.severity), new.pointer)
    if old.description != new.description:
        notes.add("D01", path, Direction.NONE, f"the words of {kind} changed", old=places[0], new=places[1])


def _limits(kind: str, old: str, new: str) -> str:
    if kind in _BY_CLOCK or kind == "time_of_availability":
        return moved(kind, old, new)
    return moved(kind, *(f"{_plain(limit)} hours" for limit in (old, new)))


def _plain(limit: str) -> str:
    return f"{Decimal(limit):f}".rstrip("0").rstrip(".") if "." in limit else limit


def _direction(kind: str, old: str, new: str) -> Direction:
    try:
        one, other = (_reader(kind)(limit) for limit in (old, new))
    except (MeshkitError, ArithmeticError, ValueError):
        return Direction.UNDETERMINED
    more_is = Direction.TIGHTENS if kind in _MORE_IS_BETTER else Direction.LOOSENS
    return by_size(one, other, more_is=more_is)


def _reader(kind: str) -> Callable[[str], Any]:
    """Return what reads the limit of a promise: hours, a moment, or minutes of the day in UTC."""
    if kind in _BY_CLOCK:
        return parse_time
    return _minutes if kind == "time_of_availability" else Decimal


def _minutes(text: str) -> float:
    """Return the minutes from midnight in UTC; below 0 or beyond the day where the offset leads there."""
    clock = time.fromisoformat(text)
    offset = (clock if clock.tzinfo else clock.replace(tzinfo=UTC)).utcoffset()
    assert offset is not None
    return clock.hour * 60 + clock.minute + clock.second / 60 - offset.total_seconds() / 60


def by_size(old: Any, new: Any, *, more_is: Direction) -> Direction:
    """Return the direction of a number that is promised, present on one side or on both."""
    if old is None or new is None:
        return by_presence(old is not None, new is not None)
    if old == new:
        return Direction.NONE
    return more_is if new > old else more_is.opposite


def service_severity(
    notes: Notes, path: str, said: str, severities: tuple[Severity, Severity], pointer: Pointer
) -> None:
    """Compare how much it matters when a promise of the service is not kept."""
    holder = Constraint(kind=said, pointer=pointer)
    compare_severity(notes, path, said, severities, (holder, holder))


def moved(said: str, old: object, new: object) -> str:
    """Return the words for a value that was added, removed or changed; None where it is not there."""
    if old is None:
        return f"{said} was added: {new}"
    return f"{said} was removed: it was {old}" if new is None else f"{said} changed from {old} to {new}"
