"""Who may see what (P01 to P07): classification, personal data, masks, filters, access and purposes.

The promise is to readers: less to see loosens it. More to see tightens it, and is for a person to approve.
"""

from __future__ import annotations

from meshkit.change.notes import Notes, Subject, by_presence
from meshkit.errors import SqlError
from meshkit.model.change import Direction, Effect
from meshkit.model.contract import Rule
from meshkit.model.table import Pointer
from meshkit.sql.canonical import conjuncts, same_condition

_LEVELS = ("public", "internal", "confidential", "restricted")
_MASKS = ("", "partial", "hash", "null")
_DISCOVERY = ("public", "domain", "private")
_APPROVE = "only governance may approve it: record a decision"
_STRICTER = "every grant is looked at again"


def compare_protection(notes: Notes, subject: Subject) -> None:
    """Compare how one column is classified and protected."""
    old, new = subject.old, subject.new
    places = (old.pointer, new.pointer)
    _classification(notes, subject.path, subject.said, (old.classification, new.classification), places, subject)
    if old.is_pii is not new.is_pii:
        said = f"{subject.said} {'became' if new.is_pii else 'is no longer'} personal data"
        notes.add("P03" if new.is_pii else "P04", subject.path, Direction.LOOSENS if new.is_pii else Direction.TIGHTENS,
                  said, old=places[0], new=places[1], subject=subject, hint=_STRICTER if new.is_pii else _APPROVE)  # fmt: skip
    elif old.pii_category != new.pii_category:
        notes.add("D01", subject.path, Direction.NONE, f"{subject.said} is personal data of another category", old=places[0],
                  new=places[1], subject=subject)  # fmt: skip
    if old.mask != new.mask:
        is_stricter = _rank(_MASKS, new.mask) > _rank(_MASKS, old.mask)
        _protection(notes, subject.path, f"the mask of {subject.said} changed from {old.mask or 'none'} to {new.mask or 'none'}",
                    is_stricter, places, subject)  # fmt: skip
    if old.encrypted is not new.encrypted:
        said = f"{subject.said} is {'now' if new.encrypted else 'no longer'} encrypted"
        _protection(notes, subject.path, said, new.encrypted, places, subject)


def compare_privacy(notes: Notes) -> None:
    """Compare what the contract says of access as a whole."""
    old, new = notes.old, notes.new
    _classification(
        notes, "classification", "the product", (old.classification, new.classification), (("classification",),) * 2
    )
    _row_filter(notes, old.row_filter, new.row_filter)
    for key, said in (("encryption_enabled", "encryption at rest"), ("audit_logging_enabled", "the log of reads")):
        before, after = bool(getattr(old, key)), bool(getattr(new, key))
        if before is not after:
            direction = Direction.NONE if after else Direction.TIGHTENS  # no reader sees that it is on
            notes.add("P05", key, direction, f"{said} is {'on now' if after else 'off now'}", old=(key,), new=(key,),
                      hint="" if after else _APPROVE)  # fmt: skip
    _rules(notes, "read", "P06", old.access.read, new.access.read)
    _rules(notes, "unmask", "P05", old.access.unmask, new.access.unmask)
    _writers(notes, old.access.write, new.access.write)
    _discovery(notes, old.access.discovery, new.access.discovery)
    _purposes(notes)


def _rank(order: tuple[str, ...], word: str) -> int:
    return order.index(word) if word in order else len(order)


def _classification(
    notes: Notes,
    path: str,
    said: str,
    words: tuple[str, str],
    places: tuple[Pointer, Pointer],
    subject: Subject | None = None,
) -> None:
    old, new = words
    if old == new:
        return
    is_raised = (_rank(_LEVELS, new) if new else -1) > (_rank(_LEVELS, old) if old else -1)
    notes.add("P01" if is_raised else "P02", path, Direction.LOOSENS if is_raised else Direction.TIGHTENS,
              f"the classification of {said} was {'raised' if is_raised else 'lowered'} from {old or 'none'} to {new or 'none'}",
              old=places[0], new=places[1], subject=subject, hint=_STRICTER if is_raised else _APPROVE)  # fmt: skip


def _protection(
    notes: Notes,
    path: str,
    said: str,
    is_stricter: bool,
    places: tuple[Pointer, Pointer],
    subject: Subject | None = None,
) -> None:
    notes.add("P05", path, Direction.LOOSENS if is_stricter else Direction.TIGHTENS, said, old=places[0], new=places[1],
              subject=subject, hint="readers see less" if is_stricter else _APPROVE)  # fmt: skip


def _row_filter(notes: Notes, old: str, new: str) -> None:
    if old == new:
        return
    direction = by_presence(old, new).opposite  # a filter takes rows away
    if old and new:
        try:
            before, after = conjuncts(old), conjuncts(new)
            direction = (
                Direction.LOOSENS
                if before < after
                else Direction.TIGHTENS
                if after < before
                else Direction.UNDETERMINED
            )
        except SqlError:
            direction = Direction.UNDETERMINED
        if same_condition(old, new):
            direction = Direction.NONE
    hint = {Direction.LOOSENS: "readers see fewer rows", Direction.NONE: ""}.get(direction, _APPROVE)
    said = "the row filter is written in another way" if direction is Direction.NONE else "the row filter changed"
    notes.add("P05", "row_filter", direction, said, old=("row_filter",), new=("row_filter",), hint=hint)


def _rules(notes: Notes, key: str, id_: str, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> None:
    verb = {"read": "read", "unmask": "see personal data clear"}[key]
    for n, rule in enumerate(old):
        if rule not in new:
            notes.add(id_, f"access.{key}", Direction.LOOSENS, f"{_said(rule)} may no longer {verb}", old=("access", key, n),
                      new=("access", key))  # fmt: skip
    for n, rule in enumerate(new):
        if rule not in old:
            notes.add(id_, f"access.{key}", Direction.TIGHTENS, f"{_said(rule)} may now {verb}", old=("access", key),
                      new=("access", key, n), hint=_APPROVE if key == "unmask" else "")  # fmt: skip


def _writers(notes: Notes, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> None:
    """Compare who may publish: a matter of writers, which no reader sees."""
    for rule in (*new, *(r for r in old if r not in new)):
        if rule in old and rule in new:
            continue
        is_added = rule in new
        said = f"{_said(rule)} may {'now' if is_added else 'no longer'} write"
        notes.add("P06", "access.write", Direction.LOOSENS if is_added else Direction.TIGHTENS, said, old=("access", "write"),
                  new=("access", "write"), consumer=Effect.PATCH, producer=Effect.ADDITIVE if is_added else Effect.BREAKING)  # fmt: skip


def _discovery(notes: Notes, old: str, new: str) -> None:
    if old == new:
        return
    is_narrower = _rank(_DISCOVERY, new or "public") > _rank(_DISCOVERY, old or "public")
    notes.add("P07", "access.discovery", Direction.LOOSENS if is_narrower else Direction.TIGHTENS,
              f"discovery {'narrowed' if is_narrower else 'widened'} from {old or 'none'} to {new or 'none'}",
              old=("access", "discovery"), new=("access", "discovery"), consumer=Effect.ADDITIVE,
              hint="who has access keeps it; tell them" if is_narrower else "")  # fmt: skip


def _purposes(notes: Notes) -> None:
    old, new = notes.old.access.purposes, notes.new.access.purposes
    pointer = ("access", "purposes")
    taken, added = [p for p in old if p not in new], [p for p in new if p not in old]
    if taken and not new:
        said = f"its use is no longer limited to {', '.join(old)}"
        notes.add("P07", "access.purposes", Direction.TIGHTENS, said, old=pointer, new=("access",))
    elif taken or (added and not old):
        said = (
            f"it may no longer be used for {', '.join(taken)}" if old else f"its use is now limited to {', '.join(new)}"
        )
        notes.add("P07", "access.purposes", Direction.LOOSENS, said, old=pointer, new=pointer)
    if added and old:
        said = f"it may now be used for {', '.join(added)}"
        notes.add("P07", "access.purposes", Direction.TIGHTENS, said, old=pointer, new=pointer)
    before, after = notes.old.privacy, notes.new.privacy
    if before != after:
        notes.add("P07", "privacy", Direction.UNDETERMINED, "why personal data is held, or how a person is erased, changed",
                  old=("privacy",), new=("privacy",), hint=_APPROVE)  # fmt: skip


def _said(rule: Rule) -> str:
    parts = [f"role {rule.role}" if rule.role else "", f"domain {rule.domain}" if rule.domain else ""]
    return " of ".join(p for p in parts if p)
