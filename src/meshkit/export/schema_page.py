"""The page of a product's tables and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meshkit.export.escape import code, inline, paragraphs, shown_location, table
from meshkit.model.contract import Contract
from meshkit.model.names import fold
from meshkit.model.table import Column, Constraint, Severity, Table

_HEAD = ["column", "type", "key", "constraints", "personal data", "classification", "unit", "description"]
_WORDS: Mapping[str, str] = {
    "not_null": "not null",
    "unique": "unique",
    "min": "at least {}",
    "max": "at most {}",
    "exclusive_min": "more than {}",
    "exclusive_max": "less than {}",
    "min_length": "at least {} characters",
    "max_length": "at most {} characters",
}


def schema_page(contract: Contract) -> list[str]:
    """Return the lines of the page, one table of columns for each table."""
    lines = [f"# Columns of {inline(contract.name)} {inline(contract.version)}", ""]
    if not contract.tables:
        return [*lines, "The contract describes no table."]
    for one in contract.tables:
        lines += [f"## {inline(one.name)}", ""]
        if one.description.strip():
            lines += [*paragraphs(one.description), ""]
        lines += [f"- {fact}" for fact in _facts(one)] + ["", *table(_HEAD, list(_rows(one))), ""]
    return lines


def _facts(one: Table) -> Iterator[str]:
    if one.location:
        yield f"location: {code(shown_location(one.location))}{f' ({inline(one.format)})' if one.format else ''}"
    if one.primary_key:
        yield f"primary key: {', '.join(code(k) for k in one.primary_key)}"
    if one.partitioned_by:
        yield f"partitioned by: {', '.join(code(k) for k in one.partitioned_by)}"
    for constraint in one.constraints:
        about = ", ".join(code(c) for c in constraint.columns)
        yield f"{_constraint(constraint)}{f': {about}' if about else ''}"


def _rows(one: Table) -> Iterator[list[str]]:
    key = {fold(k) for k in one.primary_key}
    for column in one.columns:
        yield _row(column, column.name, is_key=fold(column.name) in key)
        yield from _parts(column, column.name)


def _parts(column: Column, path: str) -> Iterator[list[str]]:
    for step, part in column.parts:
        inner = f"{path}{step}" if step.startswith("[") else f"{path}.{step}"
        yield _row(part, inner, is_key=False)
        yield from _parts(part, inner)


def _row(column: Column, path: str, *, is_key: bool) -> list[str]:
    personal = ""
    if column.is_pii:
        personal = ", ".join(
            ["yes", *(inline(t) for t in (column.pii_category, column.mask and f"masked: {column.mask}") if t)]
        )
    return [
        code(path),
        inline(column.type or column.physical_type),
        "primary" if is_key else "",
        "; ".join(_constraint(c) for c in column.constraints),
        personal,
        inline(column.classification),
        inline(column.unit),
        inline(column.description),
    ]


def _constraint(constraint: Constraint) -> str:
    """Say what is asserted, and how strictly."""
    values = [code(v) for v in constraint.values]
    if constraint.kind == "in":
        said = "one of " + ", ".join(values)
    elif constraint.kind == "references" and values:
        said = f"found in {code('.'.join([constraint.values[0], ','.join(constraint.values[1:])]))}"
    elif constraint.kind in _WORDS:
        said = _WORDS[constraint.kind].format(*(inline(v) for v in constraint.values))
    else:
        said = " ".join([inline((constraint.name or constraint.kind).replace("_", " ")), *values])
    notes = [f"threshold {inline(constraint.threshold)}" if constraint.threshold else "",
             f"where {code(constraint.where)}" if constraint.where else "",
             str(constraint.severity) if constraint.severity is not Severity.ERROR else ""]  # fmt: skip
    shown = ", ".join(n for n in notes if n)
    return f"{said} ({shown})" if shown else said
