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
from meshkit.sql.profile import column_measures, pattern_measure, sampled
from meshkit.sql.statements import scan
from meshkit.sql.trees import Tree
from meshkit.sql.types import native_type

_SPREAD = 20
_COLUMNS = 25
"""Whose numbers are asked for in one statement."""
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

    The data is read once, of a large table only row groups that hold about twenty times the sample. What leaves the engine
    are counts.

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
    is_part = _sample(session, relation.id, candidates, rows)
    first = _counted(session, relation.id, {c: _measures(c) for c in candidates})
    profiles = {c: _profile(c, counts) for c, (_, counts) in first.items()}
    wanted = {c: _patterns(c, profile) for c, profile in profiles.items()}
    found = {}
    for candidate, (n, counts) in _counted(session, relation.id, {c: w for c, w in wanted.items() if w}).items():
        profile = profiles[candidate].model_copy(update={"patterns": {Pattern(p): k for p, k in counts.items()}})
        hit = suspect(profile, "filled rows of a sample" if is_part or n == rows else "filled rows")
        if hit is not None and hit.evidence != BY_NAME:
            found[candidate.called] = hit
    return Scanned(found, lacking)


def _sample(session: DuckDBSession, relation_id: str, candidates: Sequence[_Candidate], rows: int) -> bool:
    """Read the data, once, and keep a sample of it in the engine; tell whether it is of a part of the data."""
    spread = f"{relation_id} spread"
    is_part = session.spread(relation_id, rows * _SPREAD, spread)
    texts = {c.stored for c in candidates if c.is_json}
    session.keep(_kept(relation_id), render(sampled(spread, [c.stored for c in candidates], texts, rows)))
    return is_part


def _kept(relation_id: str) -> str:
    return f"{relation_id} sampled"


def _counted(
    session: DuckDBSession, relation_id: str, wanted: Mapping[_Candidate, Mapping[str, Tree]]
) -> Mapping[_Candidate, tuple[int, Mapping[str, int]]]:
    """Return, by column, the rows of the sample and the counts that are wanted; few at once, since each costs planning."""
    found: dict[_Candidate, tuple[int, Mapping[str, int]]] = {}
    items = list(wanted.items())
    for some in (items[i : i + _COLUMNS] for i in range(0, len(items), _COLUMNS)):
        trees = [tree for _, of in some for tree in of.values()]
        n, *counts = session.rows(render(scan(_kept(relation_id), "sampled", trees))).rows[0]
        numbers = iter(counts)
        found |= {candidate: (n, {role: int(next(numbers) or 0) for role in of}) for candidate, of in some}
    return found


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
    return {role: measure for role, measure in first.items() if role in _COUNTS}


def _patterns(candidate: _Candidate, profile: ColumnProfile) -> Mapping[str, Tree]:
    return {p: pattern_measure(candidate.stored, p) for p in patterns_to_count(profile)}


def _profile(candidate: _Candidate, counts: Mapping[str, int]) -> ColumnProfile:
    kind = str(candidate.type.family)
    return ColumnProfile(name=candidate.called, native=kind, type=kind, **counts)
