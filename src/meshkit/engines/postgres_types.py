"""PostgreSQL's types in DuckDB's words, and what its driver leaves unreadable made readable."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshkit.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa, pc = Later("pyarrow"), Later("pyarrow.compute")

TABLES = """
SELECT n.nspname::text AS s, c.relname::text AS t
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND {schema}
ORDER BY coalesce(array_position(current_schemas(false), n.nspname), 10000), n.nspname, c.relname
"""
"""Tables, views, materialised views, foreign and partitioned tables, in the order of the search path."""

COLUMNS = """
WITH RECURSIVE col AS (
  SELECT a.attnum, a.attname, a.atttypid AS typ, a.atttypmod AS mod, a.attcollation AS coll
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = {schema} AND c.relname = {table} AND a.attnum > 0 AND NOT a.attisdropped
    AND (has_table_privilege(c.oid, 'SELECT') OR has_column_privilege(c.oid, a.attnum, 'SELECT'))
), base AS (
  SELECT attnum, attname, typ, mod, coll FROM col
  UNION ALL
  SELECT b.attnum, b.attname, t.typbasetype, t.typtypmod, b.coll
  FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typ WHERE t.typtype = 'd'
)
SELECT b.attname::text AS name,
  CASE WHEN k.collisdeterministic IS FALSE THEN 'collated ' ELSE '' END || format_type(b.typ, b.mod)
    || CASE WHEN k.collisdeterministic IS FALSE THEN ' by ' || k.collname ELSE '' END AS kind,
  t.typtype::text AS class,
  ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typ LEFT JOIN pg_catalog.pg_collation k ON k.oid = b.coll
WHERE t.typtype <> 'd'
ORDER BY b.attnum
"""
"""The columns that the user may read, each with the type below its domains; a collation for which unlike texts are equal is
named with it, since no check would mean the same under it."""

UNLIMITED = "DECIMAL(76,38)"
"""Of `numeric` without a precision: wider than any that a contract can declare, so that none is said to be kept."""

_WORDS = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "oid": "UINTEGER", "real": "FLOAT",
    "double precision": "DOUBLE", "numeric": UNLIMITED, "boolean": "BOOLEAN", "text": "VARCHAR", "character varying": "VARCHAR",
    "name": "VARCHAR", "date": "DATE", "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE", "time without time zone": "TIME",
    "time with time zone": "TIME WITH TIME ZONE", "interval": "INTERVAL", "uuid": "UUID", "json": "JSON", "jsonb": "JSON",
    "bytea": "BLOB", "character": "VARCHAR", "bpchar": "VARCHAR",
}  # fmt: skip
_NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")
_MOST_DIGITS = 38
_WIDEST = 76
_INFINITE_TIME = (-(2**63) + 946_684_799_999_999, -(2**63) + 946_684_800_000_000, 2**63 - 1)
_INFINITE_DAY = (-(2**31) + 10_956, -(2**31) + 10_957, 2**31 - 1)
# NOTE: what the driver makes of infinity and -infinity, and the end of time (test_infinite_times_are_at_the_end_of_time).


def word_of(kind: str, type_class: str = "b", labels: Sequence[str] = ()) -> str:
    """Return DuckDB's word for a type; the server's own where there is none.

    Args:
        kind: As `format_type` writes it.
        type_class: `typtype`: b = base, e = enum, c = composite, r = range ...
        labels: Of an enum, in their order.

    Example:
        >>> word_of("numeric(12,2)"), word_of("character varying(20)[]"), word_of("numeric(5,-2)"), word_of("inet")
        ('DECIMAL(12,2)', 'VARCHAR[]', 'DECIMAL(7,0)', 'INET')
    """
    if kind.endswith("[]"):
        return f"{word_of(kind[:-2])}[]"
    if type_class == "e":
        return "ENUM(" + ", ".join("'" + label.replace("'", "''") + "'" for label in labels) + ")"
    if type_class != "b":
        return kind.upper()
    sized = _NUMERIC.fullmatch(kind)
    if sized:
        precision, scale = int(sized[1]), int(sized[2])
        precision, scale = (precision - scale, 0) if scale < 0 else (max(precision, scale), scale)
        return f"DECIMAL({precision},{scale})" if precision <= _WIDEST else f"NUMERIC({precision},{scale})"
    bare = re.sub(r"\(\d+\)", "", kind)
    return _WORDS.get(bare, kind.upper())


def readable(table: pa.Table) -> pa.Table:
    """Turn what Arrow has no type for into what it has: NUMERIC and UUID, which arrive as texts and bytes, and infinite times.

    Raises:
        EngineError: A type whose values the driver gives as something else.
    """
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
        array = column.combine_chunks()
        array = array if isinstance(array, pa.Array) else pa.concat_arrays(array.chunks)
        columns.append(_readable(array, kind))
    return pa.Table.from_arrays(columns, names=table.column_names)


def _readable(array: pa.Array, kind: str = "") -> pa.Array:
    if kind == "money":  # arrives as a number of the currency's smallest unit
        raise EngineError("a value of type money cannot be read", "cast it to numeric")
    if kind == "oid":
        return array.view(pa.uint32())
    if isinstance(array.type, pa.BaseExtensionType):
        return _peeled(array)
    if pa.types.is_list(array.type):
        return pa.ListArray.from_arrays(array.offsets, _readable(array.values), mask=array.is_null())
    if pa.types.is_timestamp(array.type):
        return _with_infinite(array, pa.int64(), _INFINITE_TIME)
    if pa.types.is_date32(array.type):
        return _with_infinite(array, pa.int32(), _INFINITE_DAY)
    return array


def _peeled(array: pa.Array) -> pa.Array:
    name = getattr(array.type, "type_name", "")
    if name == "numeric":
        return _numbers(array.storage)
    if name == "uuid" or array.type.extension_name == "arrow.uuid":
        return pa.array(
            [None if v is None else str(uuid.UUID(bytes=v)) for v in array.storage.to_pylist()], pa.string()
        )
    return array.storage


def _with_infinite(array: pa.Array, plain: pa.DataType, infinite: tuple[int, int, int]) -> pa.Array:
    """Put `infinity` at the end of time: the driver adds the years from 1970 to 2000 to it, and goes over."""
    later, earlier, end = (pa.scalar(v, plain) for v in infinite)
    numbers = array.view(plain)
    is_later, is_earlier = pc.equal(numbers, later), pc.equal(numbers, earlier)
    if not pc.any(pc.or_(is_later, is_earlier)).as_py():
        return array
    numbers = pc.if_else(is_later, end, pc.if_else(is_earlier, pc.negate(end), numbers))
    return numbers.cast(plain).view(array.type)


def _numbers(texts: pa.Array) -> pa.Array:
    """Return texts of numbers as decimals of the least scale that holds all; as floats where 38 digits do not, or one is NaN."""
    digits = pc.replace_substring_regex(texts, r"^-?0*", "")
    point = pc.find_substring(digits, ".")
    length = pc.utf8_length(digits)
    is_whole = pc.less(point, 0)
    scale = pc.max(pc.if_else(is_whole, 0, pc.subtract(pc.subtract(length, point), 1))).as_py() or 0
    whole = pc.max(pc.if_else(is_whole, length, point)).as_py() or 0
    is_finite = pc.all(pc.match_substring_regex(texts, r"^-?[0-9.]+$"), min_count=0).as_py()
    if is_finite and scale + whole <= _MOST_DIGITS:
        return texts.cast(pa.decimal128(_MOST_DIGITS, scale))
    return texts.cast(pa.float64())
