"""Checks on the primary key: its columns hold values, and together tell rows apart."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.table import Pointer, Table


def key_checks(table: Table) -> Iterator[Draft]:
    """Assert not-null for each key column, and uniqueness for all of them together."""
    for position, name in enumerate(table.primary_key):
        column = table.column(name)
        pointer = _place(table, position)
        label = column.label if column else ""
        yield Draft(
            kind=Kind.NOT_NULL, column=column.name if column else name, label=label, pointer=pointer, is_implied=True
        )
    if len(table.primary_key) == 1:
        column = table.column(table.primary_key[0])
        name = column.name if column else table.primary_key[0]
        label = column.label if column else ""
        yield Draft(kind=Kind.UNIQUE, column=name, label=label, pointer=_place(table, 0), is_implied=True)
    elif table.primary_key:
        yield Draft(kind=Kind.UNIQUE, name="primary_key", columns=table.primary_key, pointer=_place(table, None))


def _place(table: Table, position: int | None) -> Pointer:
    """Point at the table's list of key columns, or at the columns that call themselves members."""
    members = [c for c in table.columns if c.is_primary_key]
    if tuple(c.name for c in members) == table.primary_key:
        return (*members[position or 0].pointer, "is_primary_key")
    return (*table.pointer, "primary_key") if position is None else (*table.pointer, "primary_key", position)
