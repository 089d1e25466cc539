"""Types in the words of a server, as far as they mean one of meshkit's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from meshkit.errors import TypeNameError
from meshkit.model.types import Family, parse_type

_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("character", "nchar", "nvarchar", "varchar2", "nvarchar2", "bpchar", "clob", "nclob", "ntext", "name"), "string"),
    **dict.fromkeys(("tinytext", "mediumtext", "longtext", "citext", "character varying", "utf8", "large_string"), "string"),
    **dict.fromkeys(("int2", "int4", "int8", "int16", "int128", "hugeint", "mediumint", "byteint", "short"), "integer"),
    **dict.fromkeys(("uint8", "uint16", "uint32", "uint64", "utinyint", "usmallint", "uinteger", "ubigint"), "integer"),
    **dict.fromkeys(("serial", "bigserial", "smallserial", "serial4", "serial8"), "integer"),
    **dict.fromkeys(("float4", "float8", "float32", "float64", "double precision", "binary_float", "binary_double"), "float"),
    **dict.fromkeys(("dec", "bignumeric", "bigdecimal", "money", "smallmoney"), "decimal"),
    **dict.fromkeys(("bit", "bool", "logical"), "boolean"),
    **dict.fromkeys(("date32", "date64"), "date"),
    **dict.fromkeys(("datetime2", "smalldatetime", "timestamp without time zone"), "timestamp"),
    **dict.fromkeys(("timestamp_s", "timestamp_ms", "timestamp_ns"), "timestamp"),
    **dict.fromkeys(("timestamp with time zone", "timestamp_ltz", "timestamp with local time zone", "datetimeoffset"), "timestamp_tz"),
    **dict.fromkeys(("time without time zone", "time with time zone", "timetz"), "time"),
    **dict.fromkeys(("uniqueidentifier", "guid"), "uuid"),
    **dict.fromkeys(("varbinary", "bytea", "raw", "longblob", "image"), "binary"),
    **dict.fromkeys(("jsonb", "variant", "super", "row"), "object"),
}  # fmt: skip
_NAME = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_ ]*?)\s*(?:[(\[<](.*)[)\]>])?\s*(?:\bunsigned\b)?\s*", re.DOTALL | re.IGNORECASE
)
_PRECISION = re.compile(r"\s*\(\d+\)\s*(?=with)", re.IGNORECASE)
_PLACES = re.compile(r"\s*(\d+)\s*(?:,\s*(\d+)\s*)?")


@lru_cache(maxsize=4096)
def physical_type(text: str) -> str:
    """Return meshkit's own type for a server's, or an empty text where it has none.

    Example:
        >>> physical_type("NUMBER(12,2)"), physical_type("varchar(18)"), physical_type("int8"), physical_type("geography")
        ('decimal(12,2)', 'string', 'integer', '')
    """
    if text.rstrip().endswith("[]"):
        return "array"
    found = _NAME.fullmatch(_PRECISION.sub(" ", text))
    if not found:
        return ""
    name = " ".join(found[1].lower().split())
    places = _PLACES.fullmatch(found[2] or "")
    if name in ("number", "decimal", "numeric", "dec") and places:
        return _valid(f"decimal({places[1]},{places[2] or 0})")
    return _valid(_ALIASES.get(name, name))


def _valid(text: str) -> str:
    try:
        return str(parse_type(text))
    except TypeNameError:
        return ""


@lru_cache(maxsize=4096)
def narrowed(logical: str, physical: str) -> str:
    """Return the type that values must have, where a contract states a logical one and a server's.

    Of a number, and among dates and times, the server's word says more; elsewhere the logical type holds.

    Example:
        >>> narrowed("number", "decimal(12,2)"), narrowed("date", "timestamp"), narrowed("string", "integer")
        ('decimal(12,2)', 'timestamp', 'string')
        >>> narrowed("", "integer"), narrowed("string", "uuid")
        ('integer', 'uuid')
    """
    if not logical or not physical:
        return logical or physical
    wide, narrow = parse_type(logical), parse_type(physical)
    if narrow.is_uuid and wide.family is Family.STRING:
        return physical
    if wide.zoned and narrow.family is Family.TIMESTAMP:
        return logical
    numbers = wide.family is Family.NUMBER and narrow.family.is_numeric
    times = wide.family.is_temporal and narrow.family.is_temporal
    return physical if numbers or times else logical
