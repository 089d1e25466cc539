"""What is asserted of a column: nullability (N), keys (K), lists (E), bounds (V), and how strictly (Q02 to Q04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from meshkit.change.notes import Notes, Subject
from meshkit.change.predicates import compare_bounds
from meshkit.change.strictness import compare_strictness
from meshkit.change.validity import compare_lists, compare_validity
from meshkit.errors import MeshkitError
from meshkit.model.change import Direction
from meshkit.model.table import Column, Constraint, Pointer
from meshkit.model.types import LogicalType

_PRESENCE = {"not_null": ("N02", "N01"), "unique": ("K02", "K01"), "references": ("K03", "K03"), "in": ("V02", "E03")}
"""Kind -> the rule when it is added, and when it is removed; V02 and V01 for all others."""
_SAID = {"not_null": "not null", "in": "list of values", "references": "reference", "unique": "uniqueness"}


def is_required(column: Column) -> bool:
    """Tell whether a column may hold no NULL at all."""
    plain = (c for c in column.constraints if c.kind == "not_null" and not c.where)
    return column.is_primary_key or any(c.threshold in ("", "0", "0%") for c in plain)


def compare_constraints(notes: Notes, subject: Subject) -> None:
    """Compare what is asserted of one column."""
    old, new = (_by_kind([c for c in s.constraints if not _is_implied(c, s)]) for s in (subject.old, subject.new))
    for kind in [*new, *(k for k in old if k not in new)]:
        _compare_kind(notes, subject, kind, old.get(kind, []), new.get(kind, []))


def _is_implied(constraint: Constraint, column: Column) -> bool:
    """Tell whether the type asserts the same: ODCS says of a text that its format is uuid, native contracts say uuid."""
    return constraint.kind == "format" and constraint.values == ("uuid",) and column.type == "uuid"


def _by_kind(constraints: Sequence[Constraint]) -> dict[str, list[Constraint]]:
    found: dict[str, list[Constraint]] = defaultdict(list)
    for constraint in constraints:
        found[constraint.kind].append(constraint)
    return found


def bare(constraint: Constraint) -> Constraint:
    """Return a constraint without where it is written."""
    return constraint.model_copy(update={"pointer": (), "refusal": ""})


def _compare_kind(
    notes: Notes, subject: Subject, kind: str, old: Sequence[Constraint], new: Sequence[Constraint]
) -> None:
    """Pair the assertions of one kind: equal ones first, then those of one name, then in their order."""
    olds, news = list(old), list(new)
    for constraint in new:
        same = next((o for o in olds if bare(o) == bare(constraint)), None)
        if same is not None:
            olds.remove(same)
            news.remove(constraint)
    for constraint in list(news):
        named = next((o for o in olds if o.name and o.name == constraint.name), None)
        if named is not None:
            olds.remove(named)
            news.remove(constraint)
            _compare_pair(notes, subject, named, constraint)
    for one, other in zip(olds, news, strict=False):
        _compare_pair(notes, subject, one, other)
    for constraint in olds[len(news) :]:
        _presence(notes, subject, constraint, is_added=False)
    for constraint in news[len(olds) :]:
        _presence(notes, subject, constraint, is_added=True)


def _presence(notes: Notes, subject: Subject, constraint: Constraint, *, is_added: bool) -> None:
    kind = constraint.kind
    rules = _PRESENCE.get(kind, ("V02", "V01"))
    said = _SAID.get(kind, kind)
    if kind == "not_null":
        summary = f"{subject.said} became {'not null' if is_added else 'nullable'}"
    else:
        summary = f"{said} of {subject.said} was {'added' if is_added else 'removed'}"
    direction = Direction.TIGHTENS if is_added else Direction.LOOSENS
    if kind == "not_null" and subject.new.is_primary_key and subject.old.is_primary_key:
        direction = Direction.NONE  # the key asserts it either way
    notes.add(
        rules[0] if is_added else rules[1],
        subject.path,
        direction,
        summary,
        old=subject.old.pointer if is_added else constraint.pointer,
        new=constraint.pointer if is_added else subject.new.pointer,
        subject=subject,
        hint="the data of every writer must meet it first" if is_added else "",
    )


def _compare_pair(notes: Notes, subject: Subject, old: Constraint, new: Constraint) -> None:
    if old.kind in ("invalid", "missing"):
        compare_validity(notes, subject, old, new)
    elif old.values != new.values:
        _compare_values(notes, subject, old, new)
    compare_strictness(notes, subject.path, f"{old.kind} of {subject.said}", (old, new), subject)


def _compare_values(notes: Notes, subject: Subject, old: Constraint, new: Constraint) -> None:
    places = (old.pointer, new.pointer)
    if old.kind == "in":
        compare_lists(notes, subject, (old.values, new.values), places)
    elif old.kind == "references":
        _note(
            notes,
            "K03",
            subject,
            Direction.BOTH,
            f"reference of {subject.said} changed from {_dotted(old)} to {_dotted(new)}",
            places,
        )
    elif old.kind == "pattern":
        _note(notes, "V03", subject, Direction.UNDETERMINED, f"the pattern of {subject.said} was replaced", places,
              hint="record a decision: compatible if every value that the new one accepts met the old one")  # fmt: skip
    else:
        direction = _bounds(old, new, _types(subject))
        id_ = {Direction.LOOSENS: "V01", Direction.TIGHTENS: "V02"}.get(direction, "V03")
        said = f"{old.kind} of {subject.said} changed from {', '.join(old.values)} to {', '.join(new.values)}"
        _note(notes, id_, subject, direction, said, places)


def _types(subject: Subject) -> list[LogicalType]:
    """Return the types that the column has on the two sides; a type that is missing or unknown says nothing."""
    found = []
    for column in (subject.old, subject.new):
        with suppress(MeshkitError):
            found += [column.logical] if column.logical else []
    return found


def _bounds(old: Constraint, new: Constraint, types: Sequence[LogicalType]) -> Direction:
    """Compare two bounds as values of either type: 9 is below 10 as a number, and above it as a text."""
    is_bound = old.kind.startswith(("min", "max", "exclusive_min", "exclusive_max"))
    if not is_bound or len(old.values) != 1 or len(new.values) != 1:
        return Direction.UNDETERMINED
    is_size = old.kind.removeprefix("exclusive_") not in ("min", "max")
    read_as: Sequence[LogicalType | None] = [] if is_size else types
    found = {compare_bounds(old.kind, old.values[0], new.values[0], t) for t in read_as or [None]}
    return found.pop() if len(found) == 1 else Direction.UNDETERMINED


def _note(
    notes: Notes,
    id_: str,
    subject: Subject,
    direction: Direction,
    said: str,
    places: tuple[Pointer, Pointer],
    hint: str = "",
) -> None:
    notes.add(id_, subject.path, direction, said, old=places[0], new=places[1], subject=subject, hint=hint)


def _dotted(constraint: Constraint) -> str:
    return ".".join(constraint.values)
