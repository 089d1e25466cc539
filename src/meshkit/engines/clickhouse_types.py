"""ClickHouse's types in DuckDB's words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORDS = {
    "String": "VARCHAR", "FixedString": "VARCHAR", "Bool": "BOOLEAN", "UUID": "UUID", "Date": "DATE", "Date32": "DATE",
    "Int8": "TINYINT", "Int16": "SMALLINT", "Int32": "INTEGER", "Int64": "BIGINT", "Int128": "HUGEINT",
    "UInt8": "UTINYINT", "UInt16": "USMALLINT", "UInt32": "UINTEGER", "UInt64": "UBIGINT", "UInt128": "UHUGEINT",
    "Float32": "FLOAT", "Float64": "DOUBLE", "Nothing": "NULL",
}  # fmt: skip
_MOST_DIGITS = 38
_ENUM_LABEL = re.compile(r"'((?:[^'\\]|\\.|'')*)'\s*=\s*(-?\d+)")
_UTC = ("UTC", "Etc/UTC", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu")


def word_of(kind: str, server_zone: str = "UTC") -> str:
    """Return DuckDB's word for a type; ClickHouse's own where there is none.

    Every time of ClickHouse is an instant. One of the zone UTC is a TIMESTAMP WITH TIME ZONE; one that names no zone is a TIMESTAMP,
    its clock being that of UTC. A time of another zone keeps its own word, and so does one that names none on a server of another
    zone: ClickHouse cuts days of it in that zone, but reads texts beside it in the session's.

    Args:
        kind: As `system.columns.type` has it.
        server_zone: As `serverTimezone()` has it.

    Example:
        >>> word_of("LowCardinality(Nullable(String))"), word_of("Array(Tuple(a Int32, b Decimal(12, 2)))")
        ('VARCHAR', 'STRUCT("a" INTEGER, "b" DECIMAL(12,2))[]')
        >>> word_of("DateTime"), word_of("DateTime64(6, 'UTC')"), word_of("DateTime", "Asia/Tokyo")
        ('TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'DateTime')
    """
    name, arguments = taken_apart(kind)
    if name in ("Nullable", "LowCardinality"):
        return word_of(arguments[0], server_zone)
    if name == "SimpleAggregateFunction":
        return word_of(arguments[1], server_zone)
    if name == "Decimal" and len(arguments) == 2:
        return f"DECIMAL({arguments[0]},{arguments[1]})" if int(arguments[0]) <= _MOST_DIGITS else kind
    if name in ("DateTime", "DateTime64"):
        return _time(name, arguments, kind, server_zone)
    if name in ("Enum8", "Enum16"):
        return "ENUM(" + ", ".join(_quoted(label) for label in labels_of(kind).values()) + ")"
    if name == "Array":
        return f"{word_of(arguments[0], server_zone)}[]"
    if name == "Map":
        return f"MAP({word_of(arguments[0], server_zone)}, {word_of(arguments[1], server_zone)})"
    if name == "Tuple":
        return _struct(arguments, kind, server_zone)
    return _WORDS.get(name, kind)


def taken_apart(kind: str) -> tuple[str, list[str]]:
    """Return a type's name and its arguments.

    Example:
        >>> taken_apart("Map(String, Array(Int8))")
        ('Map', ['String', 'Array(Int8)'])
    """
    name, opening, rest = kind.strip().partition("(")
    if not opening:
        return name, []
    arguments, depth, start, quote, i = [], 0, 0, "", 0
    inner = rest[:-1]
    while i < len(inner):
        letter = inner[i]
        if quote:
            i += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'`\"":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and not depth:
            arguments.append(inner[start:i].strip())
            start = i + 1
        i += 1
    return name, [*arguments, inner[start:].strip()]


def labels_of(kind: str) -> Mapping[int, str]:
    """Return the labels of an enum by their numbers.

    Example:
        >>> labels_of("Enum8('a' = 1, 'b' = -2)")
        {1: 'a', -2: 'b'}
    """
    found = (_ENUM_LABEL.fullmatch(argument) for argument in taken_apart(kind)[1])
    return {int(label[2]): re.sub(r"\\(.)", r"\1", label[1].replace("''", "\\'")) for label in found if label}


def bare(kind: str) -> str:
    """Return a type without what only says how it is stored, and whether it may be NULL.

    Example:
        >>> bare("LowCardinality(Nullable(String))")
        'String'
    """
    name, arguments = taken_apart(kind)
    return bare(arguments[0]) if name in ("Nullable", "LowCardinality") else kind


def zone_of(kind: str) -> str:
    """Return the zone that a time's type names; empty where it names none."""
    arguments = taken_apart(bare(kind))[1]
    return arguments[-1].strip("'") if arguments and arguments[-1].startswith("'") else ""


def _time(name: str, arguments: list[str], kind: str, server_zone: str) -> str:
    zone = zone_of(kind)
    if zone:
        return "TIMESTAMP WITH TIME ZONE" if zone in _UTC else kind
    if server_zone not in _UTC:
        return kind
    return "TIMESTAMP_NS" if name == "DateTime64" and int(arguments[0]) > 6 else "TIMESTAMP"


def _struct(arguments: list[str], kind: str, server_zone: str) -> str:
    """Return a tuple with names as a struct; one without keeps its word, for DuckDB's structs have names."""
    parts = []
    for argument in arguments:
        found = re.match(r"(`(?:[^`\\]|\\.)+`|[A-Za-z_]\w*)\s+(.+)", argument, re.DOTALL)
        if not found:
            return kind
        name = re.sub(r"\\(.)", r"\1", found[1][1:-1]) if found[1].startswith("`") else found[1]
        parts.append('"' + name.replace('"', '""') + f'" {word_of(found[2], server_zone)}')
    return f"STRUCT({', '.join(parts)})"


def _quoted(label: str) -> str:
    return "'" + label.replace("'", "''") + "'"
