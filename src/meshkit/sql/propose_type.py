"""Which type a contract may declare for a column so that its check is met: by the engine's types, or by a text's forms."""

from __future__ import annotations

from functools import lru_cache

from meshkit.model.profile import Form
from meshkit.model.types import parse_type
from meshkit.sql.types import native_type, type_mismatch

_NUMBERS = Form.INTEGER | Form.DECIMAL | Form.FLOAT | Form.NAN
_TEXTS = Form.DATE | Form.TIMESTAMP | Form.TIMESTAMP_TZ | Form.TIME | Form.TEXT
_PLACES = 6  # a text with more digits after the point was written from a floating-point number
_NARROW, _WIDE = 18, 38
_ALONE = {
    Form.BOOLEAN: "boolean",
    Form.DATE: "date",
    Form.TIMESTAMP: "timestamp",
    Form.DATE | Form.TIMESTAMP: "timestamp",
    Form.TIMESTAMP_TZ: "timestamp_tz",
    Form.TIME: "time",
    Form.TEXT: "string",
    Form.OBJECT: "object",
    Form.ARRAY: "array",
}


@lru_cache(maxsize=1024)
def type_of_natives(natives: tuple[str, ...]) -> str:
    """Return the narrowest type that all of a column's native types are; empty where a contract has no word for it.

    Example:
        >>> type_of_natives(("BIGINT", "INTEGER")), type_of_natives(("BIGINT", "DOUBLE")), type_of_natives(("INTERVAL",))
        ('integer', 'number', '')
    """
    first = native_type(natives[0])
    candidates = ([str(first)] if first else []) + ["number"]
    for candidate in candidates:
        if not any(type_mismatch(parse_type(candidate), native) for native in natives):
            return candidate
    return ""


def type_of_forms(forms: Form, whole: int, fraction: int, file_format: str) -> str:
    """Return the type that texts of these forms parse as; empty where no type takes them all.

    Numbers with a leading zero count as text, since 007 is not 7. A decimal is declared wide, since nothing says how
    large the next number will be.

    Example:
        >>> type_of_forms(Form.INTEGER | Form.DECIMAL, 4, 2, "csv"), type_of_forms(Form.INTEGER | Form.TEXT, 1, 0, "csv")
        ('decimal(18,2)', 'string')
    """
    if forms in _ALONE:
        return _ALONE[forms]
    if forms and not forms & ~_NUMBERS and forms != Form.NAN:
        return _number(forms, whole, fraction)
    if file_format == "csv":
        return "string" if forms else ""
    return "string" if forms and not forms & ~_TEXTS else ""


def _number(forms: Form, whole: int, fraction: int) -> str:
    if forms == Form.INTEGER:
        return "integer"
    if forms & (Form.FLOAT | Form.NAN) or fraction > _PLACES:
        return "float"
    return f"decimal({_NARROW if whole + fraction <= _NARROW else _WIDE},{fraction})"


def is_comparable(native: str) -> bool:
    """Tell whether values of a native type can be told apart and counted."""
    found = native_type(native)
    return native == "UUID" or (found is not None and not found.family.is_nested and found.family != "binary")
