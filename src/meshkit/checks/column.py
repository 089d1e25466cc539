"""Checks on single columns, one for each constraint."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.table import Table
from meshkit.model.threshold import at_most, parse_row_threshold


def column_checks(table: Table) -> Iterator[Draft]:
    """Assert each constraint of each column."""
    for column in table.columns:
        for constraint in column.constraints:
            yield Draft(
                kind=Kind(constraint.kind),
                column=column.name,
                values=constraint.values,
                threshold=parse_row_threshold(constraint.threshold) if constraint.threshold else at_most(0),
                severity=constraint.severity,
                where=constraint.where,
                description=constraint.description,
                dimension=constraint.dimension,
                pointer=constraint.pointer,
                refusal=constraint.refusal,
            )
