"""Checks that authors wrote in SQL, and rules that are for people or for other engines."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.contract import Contract, QualityCheck
from meshkit.model.table import Table
from meshkit.model.threshold import parse_range


def sql_checks(contract: Contract, table: Table) -> Iterator[Draft]:
    """Assert that each query's one value is what it must be; a check that names no table is about the first."""
    for check in contract.quality_checks:
        if (check.table or contract.tables[0].name) == table.name:
            yield _draft(check, table)


def _draft(check: QualityCheck, table: Table) -> Draft:
    column = table.column(check.column) if check.column else None
    return Draft(
        kind=Kind(check.kind),
        name=check.name,
        column=check.column or None,
        label=column.label if column else "",
        query=check.query,
        dialect=check.dialect,
        overrides=check.overrides,
        threshold=parse_range(check.threshold),
        answer=check.answer,
        is_denied=check.is_denied,
        severity=check.severity,
        description=check.description,
        dimension=check.dimension,
        pointer=(*check.pointer, "name"),
        refusal=check.refusal,
        skip=check.skip,
    )
