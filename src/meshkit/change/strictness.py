"""How strictly an assertion holds: its threshold (Q02), its severity (Q03), the rows it looks at (Q04)."""

from __future__ import annotations

from meshkit.change.notes import Notes, Subject
from meshkit.change.predicates import compare_thresholds, read_threshold
from meshkit.model.change import Direction
from meshkit.model.table import Constraint, Severity
from meshkit.sql.canonical import same_condition


def compare_strictness(
    notes: Notes, path: str, said: str, pair: tuple[Constraint, Constraint], subject: Subject | None = None
) -> None:
    """Compare the threshold, severity, rows and words of an assertion that is on both sides."""
    old, new = pair
    if old.threshold != new.threshold:
        direction = compare_thresholds(read_threshold(old.threshold), read_threshold(new.threshold))
        notes.add("Q02", path, direction, f"the threshold of {said} changed from {old.threshold or 0} to {new.threshold or 0}",
                  old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip
    compare_severity(notes, path, said, (old.severity, new.severity), pair, subject)
    if old.where != new.where:
        is_same = bool(old.where and new.where) and same_condition(old.where, new.where)
        direction = Direction.NONE if is_same else Direction.UNDETERMINED
        if not old.where or not new.where:
            direction = Direction.LOOSENS if new.where else Direction.TIGHTENS
        notes.add("Q04", path, direction, f"{said} looks at other rows" if not is_same else f"where of {said} is written in another way",
                  old=old.pointer, new=new.pointer, subject=subject)  # fmt: skip
    texts = ("description", "dimension", "name")
    if any(getattr(old, k) != getattr(new, k) for k in texts) or old.columns != new.columns:
        notes.add("D01", path, Direction.NONE, f"the words of {said} changed", old=old.pointer, new=new.pointer)


def compare_severity(
    notes: Notes,
    path: str,
    said: str,
    severities: tuple[Severity, Severity],
    pair: tuple[Constraint, Constraint],
    subject: Subject | None = None,
) -> None:
    """Compare how much it matters when an assertion is missed."""
    old, new = severities
    if old is new:
        return
    direction = Direction.TIGHTENS if new.rank > old.rank else Direction.LOOSENS
    notes.add("Q03", path, direction, f"the severity of {said} changed from {old} to {new}",
              old=(*pair[0].pointer, "severity"), new=(*pair[1].pointer, "severity"), subject=subject)  # fmt: skip
