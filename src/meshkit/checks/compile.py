"""All checks of a contract, each once, under a stable id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from meshkit.checks.column import column_checks
from meshkit.checks.draft import Draft
from meshkit.checks.key import key_checks
from meshkit.checks.schema import schema_checks
from meshkit.checks.sla import sla_checks
from meshkit.checks.sql import sql_checks
from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.contract import Contract
from meshkit.model.table import Pointer, Table

_OF_THE_TABLE = {Kind.FRESHNESS, Kind.NOT_FUTURE}
"""Promises of the whole table, whichever column holds the time: their ids stay when that column changes."""


def compile_checks(contract: Contract, key: str, place: Callable[[Pointer], Place]) -> tuple[Check, ...]:
    """Return every assertion of `contract` as a check.

    What is declared twice (a key column that is also `not_null`) is one check: the one written out wins over the one
    that is implied. The same kind with other arguments on the same column is a check of its own, numbered from 2.

    Args:
        contract: The contract.
        key: The product's id in check ids: `domain.name`, with `@version` where it is not the current one.
        place: Where in the contract's file a pointer leads.
    """
    checks: list[Check] = []
    taken: set[str] = set()
    for table in contract.tables:
        for draft in _once(_drafts(contract, table)):
            column = "" if draft.kind in _OF_THE_TABLE else draft.column or ""
            base = ".".join(part for part in (key, table.name, column, draft.name or str(draft.kind)) if part)
            check_id, number = base, 2
            while check_id in taken:
                check_id, number = f"{base}_{number}", number + 1
            taken.add(check_id)
            fields = draft.model_dump(exclude={"name", "is_implied", "threshold"})
            checks.append(
                Check(
                    **fields,
                    id=check_id,
                    product=key,
                    table=table.name,
                    threshold=draft.threshold,
                    place=place(draft.pointer),
                )
            )
    return tuple(checks)


def _drafts(contract: Contract, table: Table) -> Iterator[Draft]:
    yield from schema_checks(table)
    yield from key_checks(table)
    yield from column_checks(table)
    if table is contract.tables[0]:
        yield from sla_checks(contract, table)
        yield from sql_checks(contract)


def _once(drafts: Iterator[Draft]) -> list[Draft]:
    kept: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        same = (draft.kind, draft.name, draft.column, draft.columns, draft.values, draft.where, draft.query)
        if same not in kept or (kept[same].is_implied and not draft.is_implied):
            kept[same] = draft
    return list(kept.values())
