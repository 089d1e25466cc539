"""What an engine returned as Arrow, in the words and values that DuckDB would give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from meshkit.engines.base import Rows

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # times without a zone are meant
_WORDS = {
    "null": "NULL",
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "halffloat": "FLOAT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "large_string": "VARCHAR",
    "string_view": "VARCHAR",
    "binary": "BLOB",
    "large_binary": "BLOB",
    "binary_view": "BLOB",
    "date32[day]": "DATE",
    "date64[ms]": "DATE",
}


def rows_of_arrow(table: pa.Table) -> Rows:
    """Return names, DuckDB's words for the types, and plain Python values; times with a zone in UTC."""
    columns = [_values(column) for column in table.columns]
    rows = list(zip(*columns, strict=True)) if columns else []
    return Rows(tuple(table.column_names), tuple(word_of(field.type) for field in table.schema), rows)


def word_of(kind: pa.DataType) -> str:
    """Return DuckDB's word for an Arrow type.

    Example:
        >>> import pyarrow
        >>> word_of(pyarrow.decimal128(12, 2)), word_of(pyarrow.list_(pyarrow.int64()))
        ('DECIMAL(12,2)', 'BIGINT[]')
    """
    text = str(kind)
    if text in _WORDS:
        return _WORDS[text]
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE" if kind.tz else "TIMESTAMP"
    if pa.types.is_time(kind):
        return "TIME"
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return "INTERVAL"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"{word_of(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{f.name}" {word_of(f.type)}' for f in kind) + ")"
    if pa.types.is_map(kind):
        return f"MAP({word_of(kind.key_type)}, {word_of(kind.item_type)})"
    if pa.types.is_dictionary(kind):
        return word_of(kind.value_type)
    return text.upper()


def _values(column: pa.ChunkedArray) -> Iterable[Any]:
    if pa.types.is_timestamp(column.type):
        zoned = column.type.tz is not None
        return [_moment(v, zoned=zoned) for v in _microseconds(column).to_pylist()]
    if pa.types.is_date32(column.type):
        return [_day(v) for v in column.cast(pa.int32()).to_pylist()]
    return list(column.to_pylist())


def _microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = column.cast(pa.timestamp(column.type.unit))
    return plain.cast(pa.timestamp("us"), safe=False).cast(pa.int64())


def _moment(microseconds: int | None, *, zoned: bool) -> datetime | None:
    """Return a time; what is beyond Python's years, as `infinity` is, becomes the last or first time there is."""
    if microseconds is None:
        return None
    try:
        found = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        found = datetime.max if microseconds > 0 else datetime.min  # noqa: DTZ901  # the zone follows
    return found.replace(tzinfo=UTC) if zoned else found


def _day(days: int | None) -> date | None:
    if days is None:
        return None
    try:
        return _EPOCH.date() + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
