"""A table to what its columns may hold that nobody marked: forms of personal data, counted in a sample of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from meshkit.drafting.pii import BY_NAME, patterns_to_count, suspect
from meshkit.engines.duckdb import DuckDBSession
from meshkit.model.profile import ColumnProfile, Pattern, Suspect
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.table import Column, Table
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.sql.dialects import render
from meshkit.sql.profile import column_measures, pattern_measure, sampled, scan_sample
from meshkit.sql.trees import Tree
from meshkit.sql.types import native_type

_SPREAD = 20
_COUNTS = ("filled", "about_distinct", "at_signs", "numerals", "lettered", "long_numbers")
_OF_TEXT = (Family.STRING, Family.INTEGER, Family.NUMBER)
_TEXT = LogicalType(family=Family.STRING)


class Scanned(NamedTuple):
    """What a scan of a table found.

    Attributes:
        suspects: Name of a column, as the contract calls it -> what its values look like.
        lacking: Names of columns that the data does not have.
    """

    suspects: Mapping[str, Suspect]
    lacking: tuple[str, ...] = ()


class _Candidate(NamedTuple):
    """A column to look at: as the data has it, as people call it, and as what its values are counted."""

    stored: str
    called: str
    type: LogicalType
    is_json: bool


def unmarked(table: Table) -> list[Column]:
    """Return the columns of a table that are not marked as personal data."""
    return [c for c in table.columns if not c.is_pii and not c.is_measure]


def scan_table(session: DuckDBSession, relation: Relation, table: Table, rows: int) -> Scanned:
    """Count, in a sample of a table, which of its unmarked columns hold values in the form of personal data.

    One statement; what it returns are counts. Of a large table row groups that hold about twenty times the sample are read.

    Raises:
        EngineError: It cannot be read.
    """
    columns = unmarked(table)
    if not columns:
        return Scanned({})
    seen = session.see(relation.id)
    lacking = tuple(c.called for c in columns if seen.column(c.name) is None)
    candidates = list(_candidates(columns, seen))
    if not candidates:
        return Scanned({}, lacking)
    name = f"{relation.id} spread"
    session.spread(relation.id, rows * _SPREAD, name)
    measures = [_measures(c) for c in candidates]
    sample = sampled(name, [c.stored for c in candidates], {c.stored for c in candidates if c.is_json}, rows)
    answer = session.rows(render(scan_sample(sample, [m for of in measures for m in of.values()])))
    n, *counts = answer.rows[0]
    numbers = iter(counts)
    called = "filled rows of a sample" if n == rows else "filled rows"
    found = {}
    for candidate, of in zip(candidates, measures, strict=True):
        hit = suspect(_profile(candidate, {role: int(next(numbers) or 0) for role in of}), called)
        if hit is not None and hit.evidence != BY_NAME:
            found[candidate.called] = hit
    return Scanned(found, lacking)


def _candidates(columns: Sequence[Column], seen: SeenTable) -> Iterator[_Candidate]:
    for column in columns:
        stored = seen.column(column.name)
        kind = _kind(column, stored, seen) if stored is not None else None
        if stored is not None and kind is not None:
            yield _Candidate(stored.name, column.called, kind, seen.format == "json" and stored.type == "JSON")


def _kind(column: Column, stored: SeenColumn, seen: SeenTable) -> LogicalType | None:
    """Return as what the values of a column are counted: text, or whole numbers; None = it is not looked at."""
    if seen.is_text:
        return _TEXT if not column.type or parse_type(column.type).family in _OF_TEXT else None
    native = native_type(stored.type)
    if native is None or native.is_uuid or native.family not in (Family.STRING, Family.INTEGER):
        return None
    return native


def _measures(candidate: _Candidate) -> Mapping[str, Tree]:
    first = column_measures(candidate.stored, candidate.type, is_comparable=True)
    counts = {role: measure for role, measure in first.items() if role in _COUNTS}
    return counts | {p: pattern_measure(candidate.stored, p) for p in _patterns(candidate)}


def _patterns(candidate: _Candidate) -> tuple[Pattern, ...]:
    """Return all forms that values of a type may have."""
    return patterns_to_count(_profile(candidate, dict.fromkeys(_COUNTS, 1)))


def _profile(candidate: _Candidate, counted: Mapping[str, int]) -> ColumnProfile:
    seen = ColumnProfile(
        name=candidate.called,
        native=str(candidate.type.family),
        type=str(candidate.type.family),
        **{role: counted[role] for role in _COUNTS if role in counted},
    )
    patterns = {p: counted[p] for p in patterns_to_count(seen) if p in counted}
    return seen.model_copy(update={"patterns": patterns})
