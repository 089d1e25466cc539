"""What the data's own schema says of the declared columns. Pure: schemas in, observations out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.names import fold
from meshkit.model.relation import SeenTable
from meshkit.model.run import Observation
from meshkit.model.table import Table
from meshkit.model.types import parse_type
from meshkit.sql.types import can_be_checked, part_mismatches, type_mismatch

PlaceOf = Callable[[str], Place]


class SchemaFindings(NamedTuple):
    """Observations by check id, and the columns whose own checks cannot mean anything.

    Attributes:
        observations: Check id -> observation.
        broken: Folded column -> id of the check that says why.
    """

    observations: dict[str, Observation]
    broken: dict[str, str]


def observe_schema(
    checks: Mapping[Kind, Check],
    table: Table,
    seen: SeenTable,
    unparsed: Mapping[str, int],
    rows: int,
    place_of: PlaceOf,
) -> SchemaFindings:
    """Compare declared columns with seen ones.

    Args:
        checks: The schema checks of the table, by kind.
        table: What is declared.
        seen: What is there.
        unparsed: For text formats and JSON: column, or part of one -> values that do not parse as its type.
        rows: For text formats: how many rows there are.
        place_of: Where a declared column's type stands, by the column's name.
    """
    findings = SchemaFindings({}, {})
    if Kind.COLUMNS in checks:
        _columns(checks[Kind.COLUMNS], table, seen, findings, place_of)
    if Kind.TYPES in checks:
        if seen.is_text:
            _text_types(checks[Kind.TYPES], unparsed, rows, findings, place_of)
        else:
            _types(checks[Kind.TYPES], table, seen, unparsed, findings, place_of)
    if Kind.EXTRA_COLUMNS in checks:
        extra = [c.name for c in seen.columns if table.column(c.name) is None]
        note = f"not in the contract: {_listed(extra)}" if extra else ""
        findings.observations[checks[Kind.EXTRA_COLUMNS].id] = Observation(
            bad=len(extra), total=len(seen.columns), note=note
        )
    return findings


def _columns(check: Check, table: Table, seen: SeenTable, findings: SchemaFindings, place_of: PlaceOf) -> None:
    notes = []
    first: Place | None = None
    for name in check.columns:
        column = seen.column(name)
        if column is not None and not column.lacking_files:
            continue
        first = first or place_of(name)
        findings.broken[fold(name)] = check.id
        if column is not None:
            notes.append(f"{name} is missing in {column.lacking_files} of {seen.files} files")
        else:
            near = seen.near(name)
            notes.append(f"{name} is missing" + (f" (is it '{near}'?)" if near and table.column(near) is None else ""))
    bad = len(notes)
    if not bad and seen.format != "json" and _is_reordered(check, seen):
        notes.append("all there, in another order")
    findings.observations[check.id] = Observation(
        bad=bad, total=len(check.columns), note=_listed(notes, "; "), place=first
    )


def _is_reordered(check: Check, seen: SeenTable) -> bool:
    declared = [fold(name) for name in check.columns]
    there = [fold(c.name) for c in seen.columns if fold(c.name) in set(declared)]
    return there != declared


def _types(
    check: Check,
    table: Table,
    seen: SeenTable,
    unparsed: Mapping[str, int],
    findings: SchemaFindings,
    place_of: PlaceOf,
) -> None:
    notes = []
    first: Place | None = None
    bad: set[str] = set()
    for name, count in unparsed.items():
        if count:
            notes.append(_unparsed(name, count))
            bad.add(name.partition(".")[0].partition("[")[0])
            findings.broken.setdefault(fold(name), check.id)
    for name in check.columns:
        column, declared = seen.column(name), table.column(name)
        if column is None or declared is None:
            continue
        logical = parse_type(declared.type)
        wrong = [(t, m) for t in (column.type, *column.other_types) if (m := type_mismatch(logical, t))]
        if not wrong and column.type != "JSON":
            for part, message in part_mismatches(declared, column.type):
                notes.append(f"{part} is {message}")
                findings.broken.setdefault(fold(part), check.id)
                bad.add(name)
                first = first or place_of(name)
        if not wrong:
            continue
        where = " in some files" if len(wrong) < 1 + len(column.other_types) else ""
        notes.append(f"{name} is {wrong[0][1]}{where}")
        bad.add(name)
        first = first or place_of(name)
        if not all(can_be_checked(logical, t) for t, _ in wrong):
            findings.broken.setdefault(fold(name), check.id)
    findings.observations[check.id] = Observation(
        bad=len(bad), total=len(check.columns), note=_listed(notes, "; "), place=first
    )


def _text_types(
    check: Check, unparsed: Mapping[str, int], rows: int, findings: SchemaFindings, place_of: PlaceOf
) -> None:
    wrong = {name: count for name, count in unparsed.items() if count}
    for name in wrong:
        findings.broken.setdefault(fold(name), check.id)
    notes = [_unparsed(name, count) for name, count in wrong.items()]
    first = place_of(next(iter(wrong))) if wrong else None
    findings.observations[check.id] = Observation(
        bad=sum(wrong.values()), total=rows * len(check.columns), note=_listed(notes, "; "), place=first, unit="cells"
    )


def _unparsed(name: str, count: int) -> str:
    return f"{name} has {count:,} that {'does' if count == 1 else 'do'} not parse"


def _listed(items: list[str], separator: str = ", ", most: int = 5) -> str:
    more = f"{separator}and {len(items) - most} more" if len(items) > most else ""
    return separator.join(items[:most]) + more
