"""The types of Spark and Databricks in DuckDB's words."""

from __future__ import annotations

import re

from meshkit.engines.dbapi import words_for

_WORDS = {
    "tinyint": "TINYINT", "byte": "TINYINT", "smallint": "SMALLINT", "short": "SMALLINT", "int": "INTEGER", "integer": "INTEGER",
    "bigint": "BIGINT", "long": "BIGINT", "float": "FLOAT", "real": "FLOAT", "double": "DOUBLE", "boolean": "BOOLEAN",
    "string": "VARCHAR", "binary": "BLOB", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ltz": "TIMESTAMP WITH TIME ZONE", "timestamp_ntz": "TIMESTAMP", "void": "NULL",
}  # fmt: skip
_SIZED = re.compile(r"(decimal|numeric|dec|char|varchar|time)\s*\(([\d,\s]+)\)", re.IGNORECASE)


def word_of(kind: str) -> str:
    """Return DuckDB's word for a type; Spark's own where there is none, as for a string of a collation that folds.

    Args:
        kind: As `DataType.simpleString()` and `DESCRIBE` write it.

    Example:
        >>> word_of("struct<a:array<int>,b:decimal(12,2)>"), word_of("map<string,timestamp>"), word_of("variant")
        ('STRUCT("a" INTEGER[], "b" DECIMAL(12,2))', 'MAP(VARCHAR, TIMESTAMP WITH TIME ZONE)', 'VARIANT')
    """
    kind = kind.strip()
    sized = _SIZED.fullmatch(kind)
    if sized:
        name, numbers = sized[1].lower(), [int(n) for n in sized[2].split(",")]
        if name in ("char", "varchar"):
            return "VARCHAR"
        return "TIME" if name == "time" else f"DECIMAL({numbers[0]},{(*numbers, 0)[1]})"
    if kind.endswith(">") and "<" in kind:
        name, _, inner = kind.partition("<")
        return _nested(name.lower(), _parted(inner[:-1], ","), kind)
    if kind.lower() in ("string collate utf8_binary", "decimal"):
        return "VARCHAR" if kind.lower() != "decimal" else "DECIMAL(10,0)"
    return words_for(kind, _WORDS)


def _nested(name: str, inner: list[str], kind: str) -> str:
    if name == "array":
        return f"{word_of(inner[0])}[]"
    if name == "map":
        return f"MAP({word_of(inner[0])}, {word_of(inner[1])})"
    if name != "struct":
        return kind
    pairs = [_parted(part, ":") for part in inner]
    return "STRUCT(" + ", ".join(f"{_quoted(pair[0])} {word_of(':'.join(pair[1:]))}" for pair in pairs) + ")"


def _parted(text: str, at: str) -> list[str]:
    """Cut a text at a letter, where that stands in no bracket and no quoted name."""
    parts, depth, start, is_quoted = [], 0, 0, False
    for i, letter in enumerate(text):
        if letter == "`":
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif letter in "<(":
            depth += 1
        elif letter in ">)":
            depth -= 1
        elif letter == at and not depth:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def _quoted(name: str) -> str:
    plain = name[1:-1].replace("``", "`") if name.startswith("`") else name
    return '"' + plain.replace('"', '""') + '"'
