"""Logical types in the words of each dialect, in one table, for tables that are to be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import MeshkitError, UsageError
from meshkit.model.dialects import near_dialect
from meshkit.model.table import Column
from meshkit.model.types import Family, LogicalType, parse_type, split_inner

Note = Callable[[str], None]
"""Takes what a type cannot hold."""


class Words(NamedTuple):
    """One dialect's types. An empty text = the dialect has none, and text is written instead."""

    string: str
    sized: str
    integer: str
    decimal: str
    open_decimal: str
    number: str
    float_: str
    boolean: str
    date: str
    time: str
    timestamp: str
    timestamp_tz: str
    binary: str
    json: str
    nested: frozenset[Family] = frozenset()
    key: str = ""
    max_precision: int = 38
    max_scale: int = 38


_ALL = frozenset({Family.OBJECT, Family.ARRAY, Family.MAP})
WORDS: Mapping[str, Words] = {
    "bigquery": Words("STRING", "STRING({n})", "INT64", "NUMERIC({p},{s})", "BIGNUMERIC", "BIGNUMERIC", "FLOAT64", "BOOL",
                      "DATE", "TIME", "DATETIME", "TIMESTAMP", "BYTES", "JSON", frozenset({Family.OBJECT, Family.ARRAY})),
    "databricks": Words("STRING", "VARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "DOUBLE", "DOUBLE", "BOOLEAN",
                        "DATE", "", "TIMESTAMP_NTZ", "TIMESTAMP", "BINARY", "", _ALL),
    "duckdb": Words("VARCHAR", "VARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "DOUBLE", "DOUBLE", "BOOLEAN",
                    "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "BLOB", "JSON", _ALL),
    "mysql": Words("LONGTEXT", "VARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(65,30)", "DOUBLE", "DOUBLE", "BOOLEAN",
                   "DATE", "TIME(6)", "DATETIME(6)", "TIMESTAMP(6)", "LONGBLOB", "JSON", key="VARCHAR(255)", max_scale=30),
    "postgres": Words("TEXT", "VARCHAR({n})", "BIGINT", "NUMERIC({p},{s})", "NUMERIC", "NUMERIC", "DOUBLE PRECISION", "BOOLEAN",
                      "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "BYTEA", "JSONB", frozenset({Family.ARRAY})),
    "redshift": Words("VARCHAR(MAX)", "VARCHAR(MAX)", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "DOUBLE PRECISION",
                      "DOUBLE PRECISION", "BOOLEAN", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "VARBYTE", "SUPER", max_scale=37),
    "snowflake": Words("VARCHAR", "VARCHAR({n})", "BIGINT", "NUMBER({p},{s})", "NUMBER(38,9)", "DOUBLE", "DOUBLE", "BOOLEAN",
                       "DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_TZ", "BINARY", "VARIANT", max_scale=37),
    "spark": Words("STRING", "VARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "DOUBLE", "DOUBLE", "BOOLEAN",
                   "DATE", "", "TIMESTAMP_NTZ", "TIMESTAMP", "BINARY", "", _ALL),
    "sqlite": Words("TEXT", "TEXT", "INTEGER", "REAL", "REAL", "REAL", "REAL", "BOOLEAN",
                    "DATE", "", "", "", "BLOB", "", max_precision=15),
    "trino": Words("VARCHAR", "VARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "DOUBLE", "DOUBLE", "BOOLEAN",
                   "DATE", "TIME(6)", "TIMESTAMP(6)", "TIMESTAMP(6) WITH TIME ZONE", "VARBINARY", "JSON", _ALL),
    "tsql": Words("NVARCHAR(MAX)", "NVARCHAR({n})", "BIGINT", "DECIMAL({p},{s})", "DECIMAL(38,9)", "FLOAT", "FLOAT", "BIT",
                  "DATE", "TIME", "DATETIME2", "DATETIMEOFFSET", "VARBINARY(MAX)", "", key="NVARCHAR(450)"),
}  # fmt: skip
DIALECTS = tuple(WORDS)
_MAX_SIZED: Mapping[str, int] = {"mysql": 16383, "tsql": 4000}
_FIXED: Mapping[Family, str] = {
    Family.INTEGER: "integer", Family.NUMBER: "number", Family.FLOAT: "float_", Family.BOOLEAN: "boolean",
    Family.DATE: "date", Family.TIME: "time", Family.BINARY: "binary",
}  # fmt: skip


def words_of(dialect: str) -> Words:
    """Return a dialect's types.

    Raises:
        UsageError: A dialect in which no tables are written.
    """
    if dialect not in WORDS:
        raise UsageError(f"no tables are written for dialect '{dialect}'", near_dialect(dialect, WORDS))
    return WORDS[dialect]


def native_tree(column: Column, dialect: str, note: Note, *, is_key: bool = False) -> exp.DataType:
    """Return the type of a column that is to be made; what it cannot hold is noted.

    Args:
        column: The column, with its parts where it is nested.
        dialect: A name of `DIALECTS`.
        note: Takes each thing that the type cannot hold.
        is_key: Whether the column is part of a key, which some dialects allow for short texts only.
    """
    words = words_of(dialect)
    logical = column.logical
    if logical is None:
        note("no type is declared; it is written as text")
        return _built(words.string, dialect)
    if logical.family.is_nested:
        return _nested(column, logical, dialect, note)
    return _built(_scalar(logical, words, dialect, note, is_key=is_key), dialect)


def native_text(column: Column, dialect: str, note: Note) -> str:
    """Return the type of a column as text in its dialect."""
    return native_tree(column, dialect, note).sql(dialect)


def _built(text: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(text, dialect=dialect)


def _scalar(logical: LogicalType, words: Words, dialect: str, note: Note, *, is_key: bool) -> str:
    match logical.family:
        case Family.STRING:
            return _text(logical, words, dialect, note, is_key=is_key)
        case Family.DECIMAL:
            return _decimal(logical, words, dialect, note)
        case Family.TIMESTAMP:
            word = words.timestamp_tz if logical.zoned else words.timestamp
        case _:
            word = getattr(words, _FIXED[logical.family])
    if not word:
        note(f"{dialect} has no type for {logical}; it is written as text")
    if logical.family is Family.NUMBER and word == words.float_:
        note(f"a number of any kind is written as {word}, which keeps about 15 digits")
    return word or words.string


def _text(logical: LogicalType, words: Words, dialect: str, note: Note, *, is_key: bool) -> str:
    if logical.length is not None and logical.length <= _MAX_SIZED.get(dialect, logical.length):
        if "{n}" not in words.sized:
            note(f"the length of {logical} is not held")
        return words.sized.format(n=logical.length)
    if is_key and words.key:
        note(f"a key of {dialect} holds short texts only; it is written as {words.key}")
        return words.key
    return words.string


def _decimal(logical: LogicalType, words: Words, dialect: str, note: Note) -> str:
    if logical.precision is None:
        if any(c.isdigit() for c in words.open_decimal):
            note(f"a decimal without precision is written as {words.open_decimal}")
        return words.open_decimal
    precision, scale = logical.precision, logical.scale or 0
    if precision > words.max_precision or scale > words.max_scale or "{p}" not in words.decimal:
        note(f"{logical} does not fit a type of {dialect} exactly; it is written as {words.open_decimal}")
        return words.open_decimal
    if dialect == "bigquery" and (scale > 9 or precision - scale > 29):
        return f"BIGNUMERIC({precision},{scale})"
    return words.decimal.format(p=precision, s=scale)


def _nested(column: Column, logical: LogicalType, dialect: str, note: Note) -> exp.DataType:
    words = words_of(dialect)
    parts = _parts(column, logical)
    if not parts or logical.family not in words.nested or not _fits(logical, parts, dialect):
        word = words.json or words.string
        if parts:
            note(f"{dialect} cannot hold the parts of {logical.family} columns by type; it is written as {word}")
        elif not words.json:
            note(f"{dialect} has no type for {logical}; it is written as text")
        return _built(word, dialect)
    kinds = [native_tree(part, dialect, note) for part in parts]
    if logical.family is Family.OBJECT:
        named = [
            exp.ColumnDef(this=exp.to_identifier(p.name, quoted=True), kind=kind)
            for p, kind in zip(parts, kinds, strict=True)
        ]
        return exp.DataType(this=exp.DType.STRUCT, expressions=named, nested=True)
    kind = exp.DType.ARRAY if logical.family is Family.ARRAY else exp.DType.MAP
    return exp.DataType(this=kind, expressions=kinds, nested=True)


def _parts(column: Column, logical: LogicalType) -> list[Column]:
    """Return what a nested column holds: the fields of an object, the items of an array, a map's key and value."""
    if logical.family is Family.OBJECT:
        return list(column.fields)
    declared = [column.items] if logical.family is Family.ARRAY else [column.key, column.value]
    if all(p is not None for p in declared):
        return [p for p in declared if p is not None]
    texts = split_inner(logical.inner)
    if len(texts) != len(declared):
        return []
    try:
        for text in texts:
            parse_type(text)
    except MeshkitError:
        return []
    return [Column(name="", type=text) for text in texts]


def _fits(logical: LogicalType, parts: list[Column], dialect: str) -> bool:
    """Tell whether a dialect can hold these parts: some hold no arrays of arrays, or of texts without a type."""
    inner = [p.logical for p in parts]
    if any(t is None for t in inner):
        return False
    if logical.family is Family.ARRAY and dialect in ("postgres", "bigquery"):
        families = {t.family for t in inner if t is not None}
        return not families & ({Family.ARRAY} if dialect == "bigquery" else _ALL)
    return True
