"""Checks on single columns and on the parts of nested ones, one for each constraint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshkit.checks.draft import NONE, Draft
from meshkit.model.check import Kind, part_name
from meshkit.model.table import Column, Constraint, Table
from meshkit.model.threshold import parse_row_threshold


def column_checks(table: Table) -> Iterator[Draft]:
    """Assert each constraint of each column, and of each part of a nested one."""
    for column in table.columns:
        if not column.is_measure:
            yield from _part(column, column, ())


def table_checks(table: Table) -> Iterator[Draft]:
    """Assert what is said of several columns together."""
    for constraint in table.constraints:
        yield _draft(constraint, columns=constraint.columns)


def _part(top: Column, part: Column, path: tuple[str, ...]) -> Iterator[Draft]:
    label = part_name(top.called, path) if top.label else ""
    for constraint in part.constraints:
        yield _draft(constraint, column=top.name, path=path, label=label)
    for step, inner in part.parts:
        yield from _part(top, inner, (*path, step))


def _draft(constraint: Constraint, **about: Any) -> Draft:
    return Draft(
        **about,
        kind=Kind(constraint.kind),
        name=constraint.name,
        values=constraint.values,
        missing=constraint.missing,
        pattern=constraint.pattern,
        threshold=parse_row_threshold(constraint.threshold) if constraint.threshold else NONE,
        severity=constraint.severity,
        where=constraint.where,
        description=constraint.description,
        dimension=constraint.dimension,
        pointer=constraint.pointer,
        refusal=constraint.refusal,
    )
