"""What ClickHouse writes as Arrow, where its type says more than Arrow's: times and enums arrive as numbers, wide numbers as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from meshkit.engines.clickhouse_types import bare, labels_of, taken_apart, zone_of
from meshkit.engines.python_values import decimals

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")


def is_unclear(table: pa.Table) -> bool:
    """Tell whether a column may stand for something else than its Arrow type says."""
    kinds = pa.types
    return any(
        kinds.is_uint32(t) or kinds.is_int8(t) or kinds.is_int16(t) or kinds.is_timestamp(t) or kinds.is_fixed_size_binary(t)
        or kinds.is_decimal256(t) or isinstance(t, pa.BaseExtensionType)
        for t in table.schema.types
    )  # fmt: skip


def cleared(table: pa.Table, kinds: Sequence[str]) -> pa.Table:
    """Return an answer with each column as what it stands for.

    Args:
        table: As the engine wrote it.
        kinds: Of its columns, in ClickHouse's words.
    """
    columns = [_column(column, bare(kind)) for column, kind in zip(table.columns, kinds, strict=True)]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _column(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray | pa.Array:
    name, _ = taken_apart(kind)
    if name == "DateTime":
        return _in_utc(column.cast(pa.int64()).cast(pa.timestamp("s", "UTC")), kind)
    if name == "DateTime64":
        return _in_utc(column, kind)
    if name in ("Enum8", "Enum16"):
        labels = labels_of(kind)
        return pa.array([None if v is None else labels[v] for v in column.to_pylist()], pa.string())
    if name == "UUID":
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    if name in ("Int128", "UInt128", "Int256", "UInt256"):
        is_signed = name.startswith("I")
        whole = [None if v is None else int.from_bytes(v, "little", signed=is_signed) for v in column.to_pylist()]
        is_small = all(v is None or -(2**63) <= v < 2**63 for v in whole)
        return pa.array(whole, pa.int64()) if is_small else decimals([None if v is None else Decimal(v) for v in whole])
    if pa.types.is_decimal256(column.type):
        return decimals([None if v is None else Decimal(v) for v in column.to_pylist()])
    return column


def _in_utc(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """Return instants in UTC; without a zone where their type names none, as it is said of their column."""
    unit = column.type.unit
    zoned = column.cast(pa.timestamp(unit, "UTC"))
    return zoned if zone_of(kind) else zoned.cast(pa.timestamp(unit))
