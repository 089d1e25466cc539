"""Checks on the table as a whole: its columns, their types, and how many rows it has."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.table import Severity, Table
from meshkit.model.threshold import at_most, parse_range


def schema_checks(table: Table) -> Iterator[Draft]:
    """Assert that the declared columns are there, have the declared types, are all, and that there are rows."""
    none = at_most(0, "columns")
    stored = [c for c in table.columns if not c.is_measure]
    if stored:
        names = tuple(c.name for c in stored)
        pointer = table.columns[0].pointer[:-1]
        yield Draft(kind=Kind.COLUMNS, columns=names, threshold=none, pointer=pointer)
        typed = tuple(c.name for c in stored if c.type)
        if typed:
            yield Draft(kind=Kind.TYPES, columns=typed, threshold=none, pointer=pointer)
        yield Draft(kind=Kind.EXTRA_COLUMNS, threshold=none, severity=Severity.INFO, pointer=pointer)
    count = table.row_count
    if count is not None:
        yield Draft(
            kind=Kind.ROW_COUNT,
            threshold=parse_range(count.range, "rows"),
            severity=count.severity,
            description=count.description,
            pointer=count.pointer,
        )
