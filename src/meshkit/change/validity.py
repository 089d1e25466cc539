"""Which values are valid, and which stand for none: lists (E01 to E03, V01, V02) and patterns (V01 to V03)."""

from __future__ import annotations

from collections.abc import Sequence

from meshkit.change.notes import Notes, Subject, by_presence
from meshkit.model.change import Direction, Effect
from meshkit.model.table import Constraint, Pointer

_BY_DIRECTION = {Direction.LOOSENS: "V01", Direction.TIGHTENS: "V02"}


def compare_validity(notes: Notes, subject: Subject, old: Constraint, new: Constraint) -> None:
    """Compare the arguments of `invalid` (a list of valid values, a pattern) and of `missing`."""
    places = (old.pointer, new.pointer)
    if old.values and new.values and old.values != new.values:
        compare_lists(notes, subject, (old.values, new.values), places)
    elif old.values != new.values:
        is_added = bool(new.values)
        notes.add("V02" if is_added else "E03", subject.path, by_presence(old.values, new.values),
                  f"the list of valid values of {subject.said} was {'added' if is_added else 'dropped'}",
                  old=places[0], new=places[1], subject=subject)  # fmt: skip
    if old.missing != new.missing:
        _missing(notes, subject, old, new)
    if old.pattern != new.pattern:
        direction = by_presence(old.pattern, new.pattern)
        is_replaced = direction is Direction.NONE
        what = "replaced" if is_replaced else "added" if new.pattern else "removed"
        notes.add(_BY_DIRECTION.get(direction, "V03"), subject.path, Direction.UNDETERMINED if is_replaced else direction,
                  f"the pattern of {subject.said} was {what}", old=places[0], new=places[1], subject=subject,
                  hint="record a decision: compatible if every value that the new one accepts met the old one"
                  if is_replaced else "")  # fmt: skip


def _missing(notes: Notes, subject: Subject, old: Constraint, new: Constraint) -> None:
    """Compare what stands for no value: more of it makes `missing` stricter, and `invalid` look at less."""
    added, taken = (
        [v for v in one if v not in other] for one, other in ((new.missing, old.missing), (old.missing, new.missing))
    )
    if not added and not taken:
        notes.add("D01", subject.path, Direction.NONE, f"what stands for no value in {subject.said} is listed in another order",
                  old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip
    more_is = Direction.TIGHTENS if old.kind == "missing" else Direction.LOOSENS
    for values, direction, words in ((added, more_is, "now"), (taken, more_is.opposite, "no longer")):
        if values:
            notes.add(_BY_DIRECTION[direction], subject.path, direction,
                      f"{_quoted(values)} {words} stands for no value in {subject.said}",
                      old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip


def compare_lists(
    notes: Notes, subject: Subject, values: tuple[Sequence[str], Sequence[str]], places: tuple[Pointer, Pointer]
) -> None:
    """Compare two lists of values that may stand in a column (E01, E02)."""
    old, new = values
    added, taken = [v for v in new if v not in old], [v for v in old if v not in new]
    if added:
        is_open = subject.old.open_enum
        notes.add(
            "E01",
            subject.path,
            Direction.LOOSENS,
            f"{_quoted(added)} may now stand in {subject.said}",
            old=places[0],
            new=places[1],
            subject=subject,
            consumer=Effect.ADDITIVE if is_open else None,
            hint="readers expect it, since open_enum is true; tell them all the same"
            if is_open
            else "readers that list the values miss it; open_enum: true announces that the list may grow",
        )
    if taken:
        notes.add("E02", subject.path, Direction.TIGHTENS, f"{_quoted(taken)} no longer stands in {subject.said}", old=places[0],
                  new=places[1], subject=subject, hint="a filter on it finds nothing from now on")  # fmt: skip
    if not added and not taken:
        notes.add("D01", subject.path, Direction.NONE, f"the values of {subject.said} are listed in another order",
                  old=places[0], new=places[1], subject=subject)  # fmt: skip


def _quoted(values: Sequence[str]) -> str:
    shown = ", ".join(f"'{v}'" for v in values[:5])
    return f"{shown} and {len(values) - 5} more" if len(values) > 5 else shown
