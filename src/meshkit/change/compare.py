"""Two contracts to the changes between them."""

from __future__ import annotations

from collections.abc import Callable

from meshkit.change.checks import compare_checks
from meshkit.change.leftover import LIFE, compare_leftover
from meshkit.change.notes import Notes, Schedules
from meshkit.change.ports import compare_ports
from meshkit.change.privacy import compare_privacy
from meshkit.change.sla import compare_sla
from meshkit.change.tables import compare_tables
from meshkit.change.transformation import compare_transformation
from meshkit.model.base import Document
from meshkit.model.change import Change, Direction
from meshkit.model.contract import Contract
from meshkit.model.table import Column

_FAMILIES: tuple[Callable[[Notes], None], ...] = (
    compare_leftover,
    compare_tables,
    compare_ports,
    compare_checks,
    compare_sla,
    compare_privacy,
    compare_transformation,
)


def compare_contracts(old: Contract, new: Contract, schedules: Schedules = lambda _: None) -> tuple[Change, ...]:
    """Return what differs between two contracts, in the order of the families.

    Args:
        old: What was promised.
        new: What is promised now.
        schedules: Reads cron expressions; without it, two that differ are undetermined.
    """
    notes = Notes(old, new, schedules)
    for family in _FAMILIES:
        family(notes)
    if not notes.changes and _content(old) != _content(new):
        notes.add("D01", "contract", Direction.NONE, "a key without a rule of its own changed")
    return tuple(notes.changes)


def _content(contract: Contract) -> object:
    """Return all that a contract says besides where it says it, and at what point of its life it is."""
    return _without_pointers(contract.model_copy(update=dict.fromkeys(LIFE)))


def _without_pointers(value: object) -> object:
    if isinstance(value, Document):
        skipped = ("pointer", "refusal", "renamed_from", "folder", "names")
        if isinstance(value, Column) and value.physical_type == value.type:
            value = value.model_copy(update={"physical_type": ""})  # it says no more
        return {k: _without_pointers(v) for k, v in value if k not in skipped}
    return [_without_pointers(v) for v in value] if isinstance(value, tuple) else value
