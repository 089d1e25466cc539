"""What an author's query returned, read as the one value that its check is about. Values are never shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from meshkit.model.check import Check
from meshkit.model.run import Observation


def read_answer(answer: Any, check: Check) -> Observation:
    """Read the one value of a query's answer, an Arrow table; anything else is no answer."""
    if answer.num_columns != 1:
        return _none(f"{answer.num_columns} columns; let it return one value")
    if answer.num_rows != 1:
        what = "no row" if answer.num_rows == 0 else "several rows"
        return _none(f"{what}; let it return one value")
    value = answer.column(0)[0].as_py()
    kind = str(answer.schema.types[0])
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
