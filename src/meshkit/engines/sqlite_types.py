"""Declared types of SQLite's columns in DuckDB's words, and whether what a column holds is of them."""

from __future__ import annotations

import re

ANY = "ANY"
"""Of columns that declare nothing, such as computed ones of a view: no check can know what their values mean."""

_SIZED = re.compile(r"(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_EXACT = {
    "BOOLEAN": "BOOLEAN", "BOOL": "BOOLEAN", "DATE": "DATE", "DATETIME": "TIMESTAMP", "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "TIME": "TIME", "UUID": "UUID", "JSON": "JSON", "NUMERIC": "DOUBLE",
    "DECIMAL": "DOUBLE", "NUMBER": "DOUBLE", "ANY": ANY, "": ANY,
}  # fmt: skip
_STORED = {
    "BIGINT": ("integer",), "DOUBLE": ("real", "integer"), "BOOLEAN": ("integer",), "VARCHAR": ("text",), "BLOB": ("blob",),
    "DATE": ("text",), "TIMESTAMP": ("text",), "TIME": ("text",), "UUID": ("text",), "JSON": ("text",),
}  # fmt: skip
_FRACTION = "(substr({0}, %d) = '' OR (substr({0}, %d, 1) = '.' AND substr({0}, %d) GLOB '[0-9]*' AND substr({0}, %d) NOT GLOB '*[^0-9]*'))"
_WELL_FORMED = {
    "BOOLEAN": "{0} IN (0, 1)",
    "DATE": "{0} IS date({0}, '+0 days')",
    "TIMESTAMP": "substr({0}, 1, 19) IS datetime(substr({0}, 1, 19), '+0 days') AND " + _FRACTION % (20, 20, 21, 21),
    "TIME": "substr({0}, 1, 8) IS time(substr({0}, 1, 8)) AND " + _FRACTION % (9, 9, 10, 10),
}
"""The one way in which a value can be written so that equal texts are equal values, and the lesser text the lesser value."""
_CLASSES = {"integer": "BIGINT", "real": "DOUBLE", "text": "VARCHAR", "blob": "BLOB"}
_FLOATS = frozenset(("DOUBLE", "BIGINT"))
_BITS = {name: 1 << position for position, name in enumerate(_CLASSES)}


def word_of(declared: str) -> str:
    """Return DuckDB's word for a declared type; what is not known goes by SQLite's rules of affinity.

    Example:
        >>> word_of("varchar(20)"), word_of("DECIMAL(12,2)"), word_of("int unsigned"), word_of("money")
        ('VARCHAR', 'DECIMAL(12,2)', 'BIGINT', 'MONEY')

    Source: SQLite, Datatypes In SQLite, 3.1.
    """
    name = " ".join(declared.upper().split())
    if name in _EXACT:
        return _EXACT[name]
    sized = _SIZED.fullmatch(name)
    if sized:
        return f"DECIMAL({sized[1]},{sized[2] or 0})"
    bare = re.sub(r"\s*\(.*?\)\s*", " ", name).strip()
    if bare in _EXACT:
        return _EXACT[bare]
    if "INT" in bare:
        return "BIGINT"
    if any(word in bare for word in ("CHAR", "CLOB", "TEXT", "STRING")):
        return "VARCHAR"
    if "BLOB" in bare:
        return "BLOB"
    if any(word in bare for word in ("REAL", "FLOA", "DOUB")):
        return "DOUBLE"
    return name


def looks(column: str, word: str) -> str:
    """Return the expression of which storage classes a column holds that its type does not, as bits.

    Args:
        column: Its quoted name.
        word: Its type in DuckDB's words.
    """
    allowed = ("integer", "real") if word.startswith("DECIMAL") else _STORED.get(word)
    if allowed is None:
        return "0"
    well_formed = _of_decimals(word) if word.startswith("DECIMAL") else _WELL_FORMED.get(word)
    bits = []
    for name, bit in _BITS.items():
        wrong = f"typeof({column}) = '{name}'"
        if name in allowed:
            if well_formed is None:
                continue
            wrong = f"{wrong} AND NOT ({well_formed.format(column)})"
        bits.append(f"coalesce(max({wrong}), 0) * {bit}")
    return " + ".join(bits)


def _of_decimals(word: str) -> str:
    """Return the condition that a number is a decimal of the stated size, but for what floats are off by."""
    digits, places = (int(n) for n in word.removeprefix("DECIMAL(").removesuffix(")").split(","))
    near = f"abs({{0}} - round({{0}}, {places})) <= abs({{0}}) * 1e-14"
    return f"abs({{0}}) < 1e{digits - places} AND {near}"


def mixed(bits: int) -> tuple[str, ...]:
    """Return the words of the other kinds of values that `looks` found."""
    return tuple(_CLASSES[name] for name, bit in _BITS.items() if bits & bit)


def held_as(word: str, bits: int) -> tuple[str, tuple[str, ...]]:
    """Return the type of a column, and the words of the other kinds of values that it holds.

    What holds numbers that its type does not, such as 2.5 among whole numbers, or a decimal of more places than declared, is a
    column of floats: no number of it may be rounded.
    """
    others = mixed(bits)
    if _FLOATS & set(others) and (word.startswith("DECIMAL") or word == "BIGINT"):
        return "DOUBLE", tuple(o for o in others if o not in _FLOATS)
    return word, others
