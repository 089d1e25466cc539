"""Checks on what the SLA promises: completeness and freshness."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.contract import Contract, Freshness
from meshkit.model.table import Severity, Table
from meshkit.model.threshold import at_least, at_most


def sla_checks(contract: Contract, table: Table) -> Iterator[Draft]:
    """Assert the share of cells that hold a value, the age of the newest row, and that no row is from the future."""
    completeness = contract.sla.completeness
    if completeness and completeness.min_ratio and table.columns:
        yield Draft(
            kind=Kind.COMPLETENESS,
            columns=completeness.columns or tuple(c.name for c in table.columns),
            threshold=at_least(Decimal(completeness.min_ratio), "ratio"),
            severity=completeness.severity,
            pointer=(*completeness.pointer, "min_threshold"),
        )
    if contract.sla.freshness:
        yield from _freshness(contract.sla.freshness)


def _freshness(freshness: Freshness) -> Iterator[Draft]:
    if freshness.max_age_hours is not None:
        pointer = (*freshness.pointer, "max_age_hours")
        skip = ""
        if not freshness.column and freshness.source != "file":
            skip = (
                "no column holds the time of a row; name it in sla.freshness.column, or set sla.freshness.source: file"
            )
        yield Draft(
            kind=Kind.FRESHNESS,
            column=freshness.column or None,
            threshold=at_most(Decimal(str(freshness.max_age_hours)), "hours"),
            severity=freshness.severity,
            pointer=pointer,
            skip=skip,
        )
    if freshness.column:
        yield Draft(
            kind=Kind.NOT_FUTURE,
            column=freshness.column,
            threshold=at_most(0),
            severity=Severity.WARNING,
            pointer=(*freshness.pointer, "column"),
        )
