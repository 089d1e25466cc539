"""A drafted contract in the words of the Open Data Contract Standard, its evidence at the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meshkit.converting.native import native_to_odcs
from meshkit.model.table import Pointer

Comments = Mapping[Pointer, Sequence[str]]


def as_odcs(document: Mapping[str, Any], comments: Comments) -> tuple[dict[str, Any], dict[Pointer, tuple[str, ...]]]:
    """Return a native draft as a contract of the standard, and what is to be said at which of its values.

    All that speaks for a column's type and constraints stands above the property.
    """
    written = native_to_odcs(dict(document)).document
    moved: dict[Pointer, tuple[str, ...]] = {}
    for pointer, texts in comments.items():
        here, subject = _moved(pointer), _subject(pointer, document)
        moved[here] = (*moved.get(here, ()), *(f"{subject}{text}" for text in texts))
    return written, moved


def _moved(pointer: Pointer) -> Pointer:
    if pointer[:2] == ("schema", "fields") and len(pointer) > 2:
        return ("schema", 0, "properties", pointer[2])
    return ("schema", 0) if pointer[:1] == ("schema",) else pointer


def _subject(pointer: Pointer, document: Mapping[str, Any]) -> str:
    """Name what a comment was about, where it no longer stands beside it: `type: `, `not_null: `."""
    if len(pointer) < 4:
        return "primary key: " if pointer == ("schema", "primary_key") else ""
    if pointer[3] != "constraints" or len(pointer) < 5:
        return f"{pointer[3]}: "
    constraint = document["schema"]["fields"][pointer[2]]["constraints"][pointer[4]]
    return f"{constraint if isinstance(constraint, str) else next(iter(constraint))}: "
