"""Drafts that agree among themselves, and with the form they are written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meshkit.drafting.words import as_identifier
from meshkit.errors import MeshkitError
from meshkit.model.draft import DraftColumn, DraftContract, Proposal
from meshkit.model.literals import parse_literal
from meshkit.model.names import fold
from meshkit.model.types import Family, parse_type

_OF_TEXT = ("pattern", "min_length", "max_length")


def settle(drafts: Sequence[DraftContract]) -> list[DraftContract]:
    """Give each draft a name of its own, let references follow it, and keep only what the form can say.

    What is taken out is told in a note.
    """
    names: dict[str, str] = {}
    own: list[str] = []
    taken: set[str] = set()
    for draft in drafts:
        name = _free(as_identifier(draft.name), taken)
        taken.add(fold(name))
        own.append(name)
        names.setdefault(fold(draft.name), name)
    return [_settled(draft, name, names) for draft, name in zip(drafts, own, strict=True)]


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while fold(free) in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _settled(draft: DraftContract, name: str, names: Mapping[str, str]) -> DraftContract:
    columns = tuple(_settled_column(c, names) for c in draft.columns)
    known = {fold(c.name) for c in columns}
    if all(fold(k) in known for k in draft.primary_key):
        return draft.model_copy(update={"name": name, "columns": columns})
    note = "the declared key names columns that are not listed, so it is left out"
    return draft.model_copy(update={"name": name, "columns": columns, "primary_key": (), "notes": (*draft.notes, note)})


def _settled_column(column: DraftColumn, names: Mapping[str, str]) -> DraftColumn:
    kept, notes = [], list(column.notes)
    for proposal in column.proposals:
        if proposal.kind == "references":
            target = names.get(fold(proposal.values[0]), as_identifier(proposal.values[0]))
            kept.append(proposal.model_copy(update={"values": (target, *proposal.values[1:])}))
        elif _fits(proposal, column.type):
            kept.append(proposal)
        else:
            notes.append(f"{proposal.evidence}, not carried over: {proposal.kind} is not for its type")
    return column.model_copy(update={"proposals": tuple(kept), "notes": tuple(notes)})


def _fits(proposal: Proposal, type_name: str) -> bool:
    """Tell whether a constraint means anything for a column of that type."""
    family = parse_type(type_name).family if type_name else None
    if proposal.kind in _OF_TEXT:
        return family in (None, Family.STRING)
    if proposal.kind in ("min", "max") and family is not None and not (family.is_numeric or family.is_temporal):
        return False
    if family is None or proposal.kind not in ("min", "max", "in"):
        return True
    try:
        for text in proposal.values:
            parse_literal(text, parse_type(type_name))
    except MeshkitError:
        return False
    return True
