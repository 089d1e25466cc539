"""All checks of a contract, each once, under a stable id."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from meshkit.checks.column import column_checks, table_checks
from meshkit.checks.draft import Draft
from meshkit.checks.key import key_checks
from meshkit.checks.schema import schema_checks
from meshkit.checks.sla import promise_checks, sla_checks
from meshkit.checks.sql import sql_checks
from meshkit.errors import Place
from meshkit.model.check import Check, Kind, part_name
from meshkit.model.contract import Contract
from meshkit.model.table import Pointer, Table

_OF_THE_TABLE = {Kind.FRESHNESS, Kind.NOT_FUTURE, Kind.RETENTION, Kind.FREQUENCY, Kind.TIME_OF_AVAILABILITY}
"""Promises of the whole table, whichever column holds the time: their ids stay when that column changes."""
_SHARED = tuple(f.name for f in dataclasses.fields(Draft) if f.name not in ("name", "is_implied"))
_IN_PROSE = {Kind.TEXT, Kind.CUSTOM}


def compile_checks(
    contract: Contract, key: str, place: Callable[[Pointer], Place], wanted: Callable[[Draft], bool] = lambda _: True
) -> tuple[Check, ...]:
    """Return every assertion of `contract` as a check.

    What is declared twice (a key column that is also `not_null`) is one check: the one written out wins over the one
    that is implied. The same kind with other arguments on the same column is a check of its own, numbered from 2.

    Args:
        contract: The contract.
        key: The product's id in check ids: `domain.name`, with `@version` where it is not the current one.
        place: Where in the contract's file a pointer leads.
        wanted: Which checks to return; the others count only for the numbers in ids.
    """
    checks: list[Check] = []
    taken: set[str] = set()
    for table in contract.tables:
        for draft in _once(_drafts(contract, table)):
            column = "" if draft.kind in _OF_THE_TABLE else draft.label or part_name(draft.column or "", draft.path)
            base = ".".join(part for part in (key, table.name, column, draft.name or str(draft.kind)) if part)
            check_id, number = base, 2
            while check_id in taken:
                check_id, number = f"{base}_{number}", number + 1
            taken.add(check_id)
            if not wanted(draft):
                continue
            fields = {name: getattr(draft, name) for name in _SHARED}
            checks.append(
                Check(
                    **fields,
                    id=check_id,
                    product=key,
                    table=table.name,
                    place=place(draft.pointer),
                )
            )
    return tuple(checks)


def _drafts(contract: Contract, table: Table) -> Iterator[Draft]:
    yield from schema_checks(table)
    yield from key_checks(table)
    yield from column_checks(table)
    yield from table_checks(table)
    if table is contract.tables[0]:
        yield from sla_checks(contract, table)
    yield from promise_checks(contract, table)
    yield from sql_checks(contract, table)


def _once(drafts: Iterator[Draft]) -> list[Draft]:
    """Keep each assertion once. What is implied gives way to the same written out, whatever its threshold."""
    everything = list(drafts)
    written = {_subject(d) for d in everything if not d.is_implied}
    kept: dict[object, Draft] = {}
    for draft in everything:
        if not (draft.is_implied and _subject(draft) in written):
            kept.setdefault((_subject(draft), draft.name, draft.threshold, draft.answer, draft.is_denied), draft)
    return list(kept.values())


def _subject(draft: Draft) -> tuple[object, ...]:
    about = (draft.column, draft.path, draft.columns, draft.values, draft.missing, draft.pattern, draft.where)
    return (draft.kind, *about, draft.query or (draft.name if draft.kind in _IN_PROSE else ""))
