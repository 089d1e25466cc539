"""ClickHouse's error codes as reasons. A text is kept only where it speaks of the query alone."""

from __future__ import annotations

import re

from meshkit.engines.dbapi import OVERFLOW, PATTERN, VALUE, ZERO, Reason

_CODE = re.compile(r"Code: (\d+)\.\s*(?:DB::(?:Exception|NetException|ErrnoException): )?([^\n]*)")
_TAIL = re.compile(r"\s*\(([A-Z][A-Z0-9_]+)\)(?:\s*\(version [^)]*(?:\([^)]*\))?\))?\s*$")
_FROM = re.compile(r"Received from [^:\s]+:\d+\.\s*(?:DB::Exception: )?")
_TOLD = frozenset(
    (16, 34, 35, 42, 43, 44, 46, 47, 48, 60, 62, 63, 81, 115, 179, 184, 207, 215, 352, 386, 403, 493, 497, 516)
)
"""Codes whose texts speak of names, types and syntax: NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER, SYNTAX_ERROR, ..."""
CANCELLED = 394
LATE = (159, 160)
NOT_THERE = (60, 81)
_VALUES = frozenset((6, 26, 27, 38, 41, 69, 70, 72, 349, 376, 441, 457, 467, 691, 700))
_OVERFLOWS = frozenset((407, 321))
_TRANSIENT = frozenset((3, 202, 209, 210, 236, 279, 425, 999))


def code_of(text: str) -> int:
    """Return an error's code; 0 where it has none.

    Example:
        >>> code_of("Code: 60. DB::Exception: Unknown table expression identifier 'x'. (UNKNOWN_TABLE)")
        60
    """
    found = _CODE.search(text)
    return int(found[1]) if found else 0


def reason_of(text: str) -> Reason:
    """Return why a statement failed.

    Example:
        >>> reason_of("Code: 6. DB::Exception: Cannot parse string 'secret' as Int32 ... (CANNOT_PARSE_TEXT)").what
        'a value does not fit what the SQL does with it'
    """
    code = code_of(text)
    if code in LATE:
        return Reason("the engine ended it before its time", is_late=True)
    if code == CANCELLED:
        return Reason("someone stopped it at the engine")
    if code == 153:
        return ZERO
    if code == 427:
        return PATTERN
    if code in _OVERFLOWS:
        return OVERFLOW
    if code in _VALUES:
        return VALUE
    if code == 241:
        return Reason("out of memory at the engine", "narrow the check, or raise max_memory_usage there")
    if code == 164:
        return Reason("refused, since it does more than read", "let it be one SELECT")
    if code in _TOLD:
        return Reason(_said(text), "grant SELECT on it" if code == 497 else "")
    return Reason(f"the engine could not finish it (code {code})", is_transient=code in _TRANSIENT)


def _said(text: str) -> str:
    """Return the first sentence, without the scope, which quotes the whole query."""
    found = _CODE.search(text)
    said = _FROM.sub("", _TAIL.sub("", found[2] if found else ""))
    said = re.split(r" in scope |[.:] In scope |: (?:While|while) |\. Maybe you meant| In query ", said)[0]
    return said[:300].rstrip(" .:")
