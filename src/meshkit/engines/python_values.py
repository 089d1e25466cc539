"""Rows of plain Python values as Arrow, for drivers that know no Arrow: each column of the kind that its values are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")

_LARGEST = 2**63 - 1
_MOST_DIGITS = 38
_EXACT_FLOAT = 2**53


def table_of(
    names: Sequence[str], rows: Sequence[Sequence[Any]], kinds: Sequence[pa.DataType | None] | None = None
) -> pa.Table:
    """Return rows as a table.

    Args:
        names: Of the columns; they may repeat.
        rows: Their values.
        kinds: Of columns whose kind is known beforehand; None = as the values are.
    """
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [array_of(column, kinds[i] if kinds else None) for i, column in enumerate(columns)]
    return pa.Table.from_arrays(arrays, names=list(names))


def array_of(values: Sequence[Any], kind: pa.DataType | None = None) -> pa.Array:
    """Return values as an array. Numbers of several kinds become the one that holds all; anything else mixed becomes text."""
    if kind is not None:
        return pa.array(values, kind)
    found = {type(v) for v in values if v is not None}
    if found == {int}:
        return _integers(values)
    if found == {int, float}:
        return _mixed_numbers(values)
    if Decimal in found:
        return decimals(values)
    if len(found) > 1:
        return pa.array([v if v is None or isinstance(v, str) else _as_text(v) for v in values], pa.string())
    return pa.array(values)


def _integers(values: Sequence[Any]) -> pa.Array:
    there = [v for v in values if v is not None]
    if max(there) > _LARGEST:
        return pa.array(values, pa.uint64()) if min(there) >= 0 else decimals([v and Decimal(v) for v in values])
    return pa.array(values, pa.int64())


def _mixed_numbers(values: Sequence[Any]) -> pa.Array:
    """Whole numbers beside floats: as floats, unless one of them would change by it."""
    if any(isinstance(v, int) and abs(v) > _EXACT_FLOAT for v in values):
        return pa.array([None if v is None else str(v) for v in values], pa.string())
    return pa.array([None if v is None else float(v) for v in values], pa.float64())


def decimals(values: Sequence[Any]) -> pa.Array:
    """Return decimals of the least scale that holds all; floats where 38 digits do not, or one is no finite number."""
    there = [Decimal(v) for v in values if v is not None]
    if all(v.is_finite() for v in there):
        scale = max((max(0, -int(v.as_tuple().exponent)) for v in there), default=0)
        whole = max((v.adjusted() + 1 for v in there if v), default=0)
        if scale + max(whole, 0) <= _MOST_DIGITS:
            return pa.array([None if v is None else Decimal(v) for v in values], pa.decimal128(_MOST_DIGITS, scale))
    return pa.array([None if v is None else float(v) for v in values], pa.float64())


def _as_text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
