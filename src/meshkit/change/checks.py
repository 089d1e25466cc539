"""Checks that their author wrote in SQL (Q01 to Q05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meshkit.change.notes import Notes
from meshkit.change.predicates import compare_thresholds, read_threshold
from meshkit.change.strictness import compare_severity
from meshkit.model.change import Direction
from meshkit.model.contract import QualityCheck
from meshkit.model.table import Constraint
from meshkit.sql.canonical import same_query


def compare_checks(notes: Notes) -> None:
    """Compare the quality checks, by table, column and name; one that only got another name is the same."""
    old = {_key(c): c for c in notes.old.quality_checks}
    new = {_key(c): c for c in notes.new.quality_checks}
    gone = [c for k, c in old.items() if k not in new]
    for key, check in new.items():
        before = old.get(key) or _renamed(check, gone)
        path = f"sla.quality_checks.{check.name}"
        if before is None:
            notes.add("Q05", path, Direction.TIGHTENS, f"check {check.name} was added", new=check.pointer)
            continue
        if before in gone:
            gone.remove(before)
            notes.add(
                "D01",
                path,
                Direction.NONE,
                f"check {before.name} was renamed to {check.name}",
                old=before.pointer,
                new=check.pointer,
            )
        _compare(notes, path, before, check)
    for check in gone:
        path = f"sla.quality_checks.{check.name}"
        notes.add("Q01", path, Direction.LOOSENS, f"check {check.name} was removed", old=check.pointer)


def _key(check: QualityCheck) -> tuple[str, str, str]:
    return (check.table, check.column, check.name)


def _renamed(check: QualityCheck, gone: Sequence[QualityCheck]) -> QualityCheck | None:
    return next((c for c in gone if check.query and _same_sql(c, check) and c.threshold == check.threshold), None)


def _same_sql(old: QualityCheck, new: QualityCheck) -> bool:
    return old.dialect == new.dialect and same_query(old.query, new.query, new.dialect)


def _same_overrides(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    return old.keys() == new.keys() and all(same_query(old[d], new[d], d) for d in old)


def _compare(notes: Notes, path: str, old: QualityCheck, new: QualityCheck) -> None:
    said = f"check {new.name}"
    places = (old.pointer, new.pointer)
    if old.query != new.query or old.dialect != new.dialect:
        is_same = _same_sql(old, new)
        notes.add("Q04", path, Direction.NONE if is_same else Direction.UNDETERMINED,
                  f"the query of {said} is written in another way" if is_same else f"the query of {said} changed",
                  old=(*old.pointer, "query"), new=(*new.pointer, "query"),
                  hint="" if is_same else "record a decision: no program can tell whether it asserts less")  # fmt: skip
    if not _same_overrides(dict(old.overrides), dict(new.overrides)):
        notes.add("Q04", path, Direction.UNDETERMINED, f"what {said} asks an engine in its own words changed",
                  old=(*old.pointer, "sql"), new=(*new.pointer, "sql"),
                  hint="record a decision: no program can tell whether it asserts less")  # fmt: skip
    if old.threshold != new.threshold:
        direction = compare_thresholds(read_threshold(old.threshold, "number"), read_threshold(new.threshold, "number"))
        notes.add("Q02", path, direction, f"the threshold of {said} changed from {old.threshold} to {new.threshold}",
                  old=places[0], new=places[1])  # fmt: skip
    if (old.answer, old.is_denied) != (new.answer, new.is_denied):
        notes.add("Q02", path, Direction.UNDETERMINED, f"{said} must give another answer", old=places[0], new=places[1])
    one, other = Constraint(kind="sql", pointer=old.pointer), Constraint(kind="sql", pointer=new.pointer)
    compare_severity(notes, path, said, (old.severity, new.severity), (one, other))
    if bool(old.skip) is not bool(new.skip):
        direction = Direction.LOOSENS if new.skip else Direction.TIGHTENS
        notes.add(
            "C09", path, direction, f"{said} is {'no longer' if new.skip else 'now'} run", old=places[0], new=places[1]
        )
    if (old.description, old.dimension) != (new.description, new.dimension):
        notes.add("D01", path, Direction.NONE, f"the words of {said} changed", old=places[0], new=places[1])
