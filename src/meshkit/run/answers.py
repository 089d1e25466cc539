"""What an author's query returned, read as the one value that its check is about. Values are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from meshkit.model.check import Check
from meshkit.model.run import Observation


class Answer(NamedTuple):
    """What a query returned: the types of its columns in the engine's words, and at most two rows."""

    types: Sequence[str]
    rows: Sequence[tuple[Any, ...]]


def read_answer(answer: Answer, check: Check) -> Observation:
    """Read the one value of a query's answer; anything else is no answer."""
    if len(answer.types) != 1:
        return _none(f"{len(answer.types)} columns; let it return one value")
    if len(answer.rows) != 1:
        what = "several rows" if answer.rows else "no row"
        return _none(f"{what}; let it return one value")
    value, kind = answer.rows[0][0], answer.types[0]
    if value is None:
        return _none("NULL; let it return one value, with coalesce if need be")
    if check.answer is not None:
        if type(value) is not type(check.answer):
            wanted = "a boolean" if isinstance(check.answer, bool) else "a text"
            return _none(f"{kind}, but it must be {wanted}")
        return Observation(answer=value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return _none(f"{kind}, not a number; let it return one number")
    if value != value:
        return _none("NaN; let it return one number, with nullif if need be")
    return Observation(value=Decimal(value) if isinstance(value, int) else value)


def _none(what: str) -> Observation:
    return Observation(error=f"MK208 the query returns {what}")
