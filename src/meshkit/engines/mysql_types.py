"""MySQL's types in DuckDB's words, and its rows as Arrow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from meshkit.engines import python_values

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")

_WORDS = {
    "tinyint": "TINYINT", "smallint": "SMALLINT", "mediumint": "INTEGER", "int": "INTEGER", "integer": "INTEGER", "bigint": "BIGINT",
    "tinyint unsigned": "UTINYINT", "smallint unsigned": "USMALLINT", "mediumint unsigned": "UINTEGER", "int unsigned": "UINTEGER",
    "bigint unsigned": "UBIGINT", "year": "SMALLINT", "float": "FLOAT", "double": "DOUBLE", "float unsigned": "FLOAT",
    "double unsigned": "DOUBLE", "real": "DOUBLE", "char": "VARCHAR", "varchar": "VARCHAR", "tinytext": "VARCHAR", "text": "VARCHAR",
    "mediumtext": "VARCHAR", "longtext": "VARCHAR", "binary": "BLOB", "varbinary": "BLOB", "tinyblob": "BLOB", "blob": "BLOB",
    "mediumblob": "BLOB", "longblob": "BLOB", "date": "DATE", "datetime": "TIMESTAMP", "timestamp": "TIMESTAMP WITH TIME ZONE",
    "time": "TIME", "json": "JSON", "uuid": "UUID",
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_JSON_CHECK = re.compile(r"^json_valid\(`((?:[^`]|``)+)`\)$", re.IGNORECASE)
_DECIMALS, _TIMESTAMP, _DATE, _TIME, _DATETIME, _NULL, _BIT = (0, 246), 7, (10, 14), 11, 12, 6, 16
_FLOATS = (4, 5)
_INTEGERS = (1, 2, 3, 8, 9, 13)
_DAY = timedelta(days=1)


def word_of(kind: str) -> str:
    """Return DuckDB's word for a column's type; the server's own where there is none.

    Args:
        kind: As `information_schema.columns.column_type` has it.

    Example:
        >>> word_of("tinyint(1)"), word_of("int(10) unsigned zerofill"), word_of("decimal(12,2)"), word_of("geometry")
        ('BOOLEAN', 'UINTEGER', 'DECIMAL(12,2)', 'GEOMETRY')
    """
    if kind.lower().startswith(("enum(", "set(")):
        name, _, labels = kind.partition("(")
        return f"{name.upper()}({labels}"
    kind = kind.lower().removesuffix(" zerofill").strip()
    if kind in ("tinyint(1)", "bit(1)"):
        return "BOOLEAN"
    sized = _DECIMAL.match(kind)
    if sized:
        return f"DECIMAL({sized[1]},{sized[2]})"
    bare = " ".join(re.sub(r"\([\d,]+\)", "", kind).split())
    return _WORDS.get(bare, kind.upper())


def json_columns(clauses: Iterable[str]) -> frozenset[str]:
    """Return the columns that a table's constraints hold to be JSON.

    Example:
        >>> sorted(json_columns(["json_valid(`doc`)", "`a` > 0"]))
        ['doc']
    """
    return frozenset(found[1].replace("``", "`") for clause in clauses if (found := _JSON_CHECK.match(clause.strip())))


def array_of(values: Sequence[Any], description: Sequence[Any]) -> pa.Array:
    """Return a column of an answer as Arrow.

    Args:
        values: As the driver gives them; dates that are none, such as 0000-00-00, come as texts, and stay so.
        description: What the driver says of it: the code of its type comes first.
    """
    code = description[0]
    there = [v for v in values if v is not None]
    if code in _DECIMALS:
        return python_values.decimals(values)
    if code == _TIME:
        return _times(values)
    if code == _BIT:
        return _bits(values, description[2])
    if any(isinstance(v, bytes) for v in there):
        return pa.array(values, pa.binary())
    if code in (*_DATE, _DATETIME, _TIMESTAMP) and any(isinstance(v, str) for v in there):
        return pa.array([None if v is None else str(v) for v in values], pa.string())
    if code in _INTEGERS and there:
        return python_values.array_of(values)
    return pa.array(values, _kind(code))


def _kind(code: int) -> pa.DataType:
    if code in _INTEGERS:
        return pa.int64()
    if code in _FLOATS:
        return pa.float64()
    if code in _DATE:
        return pa.date32()
    if code == _DATETIME:
        return pa.timestamp("us")
    if code == _TIMESTAMP:
        return pa.timestamp("us", "UTC")
    return pa.null() if code == _NULL else pa.string()


def _times(values: Sequence[Any]) -> pa.Array:
    """Return times of day; MySQL's TIME also holds spans, negative ones and longer than a day, which become spans."""
    there = [v for v in values if v is not None]
    if all(isinstance(v, timedelta) and timedelta() <= v < _DAY for v in there):
        midnight = datetime(1970, 1, 1)  # noqa: DTZ001  # a time of day has no zone
        return pa.array([None if v is None else (midnight + v).time() for v in values], pa.time64("us"))
    return pa.array(values, pa.duration("us"))


def _bits(values: Sequence[Any], length: Any) -> pa.Array:
    numbers = [None if v is None else int.from_bytes(v, "big") for v in values]
    return (
        pa.array([None if n is None else bool(n) for n in numbers], pa.bool_())
        if length == 1
        else pa.array(numbers, pa.uint64())
    )
