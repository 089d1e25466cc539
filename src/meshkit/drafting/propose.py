"""A profile to a contract that is proposed: what the data supports, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from meshkit.drafting.candidates import ENOUGH, has_few_members
from meshkit.drafting.pii import suspect
from meshkit.drafting.words import key_rank, names_a_key
from meshkit.model.draft import DraftColumn, DraftContract, Proposal
from meshkit.model.names import fold
from meshkit.model.profile import ColumnProfile, TableProfile
from meshkit.model.types import Family, parse_type
from meshkit.model.units import format_ratio

_MOST_NULLS = Decimal("0.1")
_NEAR_ZERO = Decimal("0.1")
_WARNING = "warning"


def propose_contract(
    profile: TableProfile, name: str, location: str, *, shown: str, declared_format: str = ""
) -> DraftContract:
    """Propose a contract for a table.

    Args:
        profile: What was measured.
        name: The product's name.
        location: Where the data is, from the contract's folder.
        shown: How the source is named to people.
        declared_format: The format that the caller named, where the location's ending does not tell it.
    """
    taken: set[str] = set()
    columns, left_out = [], []
    key = _single_key(profile, name)
    for column in profile.columns:
        reason = _why_left_out(column, profile, taken)
        if reason:
            left_out.append(reason)
            continue
        taken.add(fold(column.name))
        columns.append(_column(column, profile.rows, key))
    pair = profile.pair if not key else ()
    return DraftContract(
        name=name,
        about=f"Drafted from {shown}; say here what it is.",
        location=location,
        format=declared_format,
        notes=(_size(profile), *left_out),
        primary_key=pair,
        key_evidence=f"together they tell all {_rows(profile.rows)} apart (counted); no column does alone"
        if pair
        else "",
        is_empty=not profile.rows,
        columns=tuple(columns),
    )


def _size(profile: TableProfile) -> str:
    of_files = f" in {profile.files:,} files" if profile.files > 1 else ""
    return f"{_rows(profile.rows)} and {len(profile.columns):,} columns seen{of_files}"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _why_left_out(column: ColumnProfile, profile: TableProfile, taken: set[str]) -> str:
    if column.lacking_files:
        files = f"{column.lacking_files:,} of {profile.files:,} files"
        return f"column {column.name!r} is missing in {files}, so it is left out"
    if not column.name.strip():
        return f"column {column.name!r} has no name that a contract can hold, so it is left out"
    if fold(column.name) in taken:
        return f"column {column.name!r} differs from another only in upper and lower case, so it is left out"
    return ""


def _single_key(profile: TableProfile, table: str) -> str:
    """Return the column that is proposed as the key: unique and filled in all rows, counted; the likeliest by its name."""
    unique = [c.name for c in profile.columns if profile.rows > 1 and c.distinct == profile.rows == c.filled]
    return min(unique, key=lambda n: key_rank(n, table), default="")


def _column(column: ColumnProfile, rows: int, key: str) -> DraftColumn:
    category, evidence = suspect(column) or ("", "")
    is_key = column.name == key
    return DraftColumn(
        name=column.name,
        type=column.type,
        type_evidence=column.note or f"{_native(column, is_hidden=bool(category))} in the data",
        notes=tuple(_notes(column, rows, is_hidden=bool(category), is_key=is_key)),
        proposals=tuple(_proposals(column, rows, is_hidden=bool(category), is_key=is_key)),
        key_evidence=f"unique and never NULL over all {_rows(rows)} (counted)" if is_key else "",
        pii_category=category,
        pii_evidence=f"suspected {evidence}; confirm it" if category else "",
    )


def _notes(column: ColumnProfile, rows: int, *, is_hidden: bool, is_key: bool) -> Iterator[str]:
    nulls = rows - column.filled
    if rows and nulls == rows:
        yield f"no value in any of {_rows(rows)}"
        return
    if nulls:
        yield f"{nulls:,} of {_rows(rows)} are NULL ({format_ratio(Decimal(nulls) / rows)})"
    if column.nans:
        yield f"{column.nans:,} of {_rows(rows)} are NaN"
    if column.distinct is not None and not is_key:
        if column.distinct == rows == column.filled and rows > 1:
            yield f"unique over all {_rows(rows)} (counted)"
        else:
            yield f"{column.distinct:,} distinct values (counted)"
    if column.least and not is_hidden:
        yield f"range seen: {column.least} to {column.most} in {_rows(column.filled - column.nans)}; not promised"
    if column.longest:
        yield f"longest text seen: {column.longest:,} character{'s' if column.longest > 1 else ''}"


def _proposals(column: ColumnProfile, rows: int, *, is_hidden: bool, is_key: bool) -> Iterator[Proposal]:
    nulls = rows - column.filled
    if rows and not nulls and not is_key:
        yield Proposal(kind="not_null", evidence=f"no NULL in {_rows(rows)}")
    elif rows >= ENOUGH and 0 < nulls <= _MOST_NULLS * rows:
        share = (Decimal(nulls) * 100 / rows).to_integral_value(ROUND_CEILING)
        evidence = f"{nulls:,} of {_rows(rows)} are NULL, rounded up"
        yield Proposal(kind="not_null", threshold=f"{share}%", severity=_WARNING, evidence=evidence)
    if is_hidden or is_key:
        return
    if has_few_members(column):
        least = min(count for _, count in column.members)
        evidence = (
            f"{len(column.members)} values in all {_rows(column.filled)} that are filled, each in {least:,} or more"
        )
        values = tuple(sorted(text for text, _ in column.members))
        yield Proposal(kind="in", values=values, severity=_WARNING, evidence=evidence)
    if _is_never_negative(column):
        evidence = f"none of {_rows(column.filled)} is below 0"
        yield Proposal(kind="min", values=("0",), severity=_WARNING, evidence=evidence)


def _is_never_negative(column: ColumnProfile) -> bool:
    """Tell whether 0 may be the end of a number's range: many values, none below, and the least not far above.

    Years and pressures are never negative either, but nothing in them speaks of 0.
    """
    if not column.type or not column.least or column.nans or column.filled < ENOUGH or names_a_key(column.name):
        return False
    if parse_type(column.type).family not in _MEASURED:
        return False
    return 0 <= Decimal(column.least) <= Decimal(column.most) * _NEAR_ZERO


_MEASURED = (Family.INTEGER, Family.DECIMAL, Family.FLOAT, Family.NUMBER)


def _native(column: ColumnProfile, *, is_hidden: bool) -> str:
    """Name a native type; that of a suspect without its arguments, which may list values."""
    text = column.native.partition("(")[0] if is_hidden else column.native
    return text if len(text) <= 60 else text[:57] + "..."
