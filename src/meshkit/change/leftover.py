"""What no other family looks at: words, tags, and keys without a rule of their own (D01), and enforcement (C06, C09)."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.change.notes import Notes
from meshkit.model.change import Direction
from meshkit.model.contract import Contract, Status

_WORDS: Mapping[str, str] = {
    "description": "the description",
    "tags": "the tags",
    "policies": "the policies that it takes on",
    "data_kind": "the kind of data",
    "cadence": "the cadence",
}
_ENFORCED = (Status.ACTIVE, Status.DEPRECATED, Status.BETA)
LIFE = frozenset({"version", "status", "changelog", "deprecation", "decisions", "form", "id"})
"""Keys that tell of the version or of its file and not of what it promises: they change without being a change."""


def compare_leftover(notes: Notes) -> None:
    """Compare a product's own name, whether it is enforced, and all words."""
    old, new = notes.old, notes.new
    if old.product_id != new.product_id:
        notes.add(
            "C06",
            "name",
            Direction.BOTH,
            f"product {old.product_id} was renamed to {new.product_id}",
            old=("name",),
            new=("name",),
        )
    _status(notes, old, new)
    for key, said in _WORDS.items():
        if getattr(old, key) != getattr(new, key):
            notes.add("D01", key, Direction.NONE, f"{said} changed", old=(key,), new=(key,))
    for one in notes.new.tables:
        before = next((t for t in old.tables if t.name == one.name), None)
        if before is not None and before.description != one.description:
            notes.add("D01", notes.table_path(one), Direction.NONE, f"the description of table {one.name} changed",
                      old=before.pointer, new=one.pointer)  # fmt: skip


def _status(notes: Notes, old: Contract, new: Contract) -> None:
    if old.status is new.status:
        return
    if Status.RETIRED in (old.status, new.status):
        is_end = new.status is Status.RETIRED
        notes.add("C06", "status", Direction.LOOSENS if is_end else Direction.TIGHTENS,
                  f"version {new.version} {'was' if is_end else 'is no longer'} retired", old=("status",), new=("status",))  # fmt: skip
    elif (old.status in _ENFORCED) is not (new.status in _ENFORCED):
        is_off = new.status not in _ENFORCED
        notes.add("C09", "status", Direction.LOOSENS if is_off else Direction.TIGHTENS,
                  f"the contract is {'no longer' if is_off else 'now'} enforced: {old.status} became {new.status}",
                  old=("status",), new=("status",))  # fmt: skip
