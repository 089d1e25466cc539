"""Literals: what the text of a constraint's argument means for a column of a given type."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar

from meshkit.errors import QuantityError
from meshkit.model.types import Family, LogicalType
from meshkit.model.units import parse_number

T = TypeVar("T")
Literal = str | Decimal | bool | date | datetime | time

_UNSUPPORTED_IN_RE2 = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?>": "an atomic group",
}
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]")


def parse_literal(text: str, logical: LogicalType) -> Literal:
    """Read `text` as a value of type `logical`, exactly.

    Times without a zone are UTC where the type is zoned.

    Raises:
        QuantityError: The text is no value of that type.

    Example:
        >>> from meshkit.model.types import parse_type
        >>> parse_literal("1e3", parse_type("integer"))
        Decimal('1E+3')
    """
    match logical.family:
        case Family.STRING:
            return text
        case Family.BOOLEAN:
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            raise QuantityError(f"'{text}' is not true or false")
        case Family.DATE:
            return _parsed(date.fromisoformat, text, "a date", "2024-01-15")
        case Family.TIME:
            return _parsed(time.fromisoformat, text, "a time", "12:30:00")
        case Family.TIMESTAMP:
            moment = _parsed(datetime.fromisoformat, text, "a timestamp", "2024-01-15 12:30:00")
            if logical.zoned:
                return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
        case Family.INTEGER | Family.DECIMAL | Family.FLOAT | Family.NUMBER:
            return parse_number(text)
    raise QuantityError(f"a column of type {logical} has no literals to compare with")


def _parsed(parse: Callable[[str], T], text: str, kind: str, example: str) -> T:
    try:
        return parse(text.strip())
    except ValueError:
        raise QuantityError(f"'{text}' is not {kind}", f"write it like {example}") from None


def re2_problem(pattern: str) -> str:
    r"""Say what in `pattern` RE2 does not have (look-around, back-references); an empty text when nothing.

    Source: the RE2 syntax page; RE2 keeps to what runs in linear time.

    Example:
        >>> re2_problem(r"^(?!x)"), re2_problem(r"(a)\1"), re2_problem(r"[(?=]\(?=")
        ('look-ahead', 'a back-reference', '')
    """
    bare = _CLASS.sub("[]", re.sub(r"\\[^1-9]", "", pattern))
    for opening, name in _UNSUPPORTED_IN_RE2.items():
        if opening in bare:
            return name
    return "a back-reference" if re.search(r"\\[1-9]|\(\?P=", bare) else ""
