"""What is declared of a column's values besides (V04, T10), and its words."""

from __future__ import annotations

from meshkit.change.notes import Notes, Subject
from meshkit.model.change import Direction, Effect

_ATTRIBUTES = {"unit": "unit", "time_format": "time format"}
_TEXTS = ("description", "label", "id")


def compare_attributes(notes: Notes, subject: Subject) -> None:
    """Compare unit, time format, default, openness and description of one column."""
    old, new = subject.old, subject.new
    for key, said in _ATTRIBUTES.items():
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            direction = Direction.BOTH if before and after else Direction.TIGHTENS if after else Direction.LOOSENS
            change = (
                f"from {before} to {after}"
                if before and after
                else f"to {after}"
                if after
                else f"from {before} to none"
            )
            notes.add("T10", subject.path, direction, f"the {said} of {subject.said} changed {change}",
                      old=(*old.pointer, key), new=(*new.pointer, key), subject=subject)  # fmt: skip
    if old.default != new.default:
        notes.add("V04", subject.path, Direction.NONE, f"the default of {subject.said} changed", old=(*old.pointer, "default"),
                  new=(*new.pointer, "default"), subject=subject, hint="tell readers: it may mean something else now")  # fmt: skip
    if old.open_enum is not new.open_enum:
        direction = Direction.LOOSENS if new.open_enum else Direction.TIGHTENS
        notes.add("E01", subject.path, direction, f"the list of {subject.said} {'may now grow' if new.open_enum else 'is closed now'}",
                  old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip
    if old.is_measure is not new.is_measure:
        notes.add("T08", subject.path, Direction.BOTH, f"{subject.said} is {'now' if new.is_measure else 'no longer'} a measure",
                  old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip
    if any(getattr(old, k) != getattr(new, k) for k in _TEXTS):
        notes.add("D01", subject.path, Direction.NONE, f"the description of {subject.said} changed", old=old.pointer,
                  new=new.pointer, subject=subject, consumer=Effect.PATCH)  # fmt: skip
