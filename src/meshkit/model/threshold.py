"""A threshold: what a check's value must be, as a range with each end open or closed, in a unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from meshkit.errors import QuantityError
from meshkit.model.base import Document
from meshkit.model.units import format_number, parse_comparator, parse_number, parse_percentage

Unit = Literal["rows", "ratio", "cells", "hours", "columns", "number"]

COMPARATORS: Mapping[str, str] = {
    "must_be": "==",
    "must_not_be": "!=",
    "must_be_less_than": "<",
    "must_be_less_or_equal_to": "<=",
    "must_be_greater_than": ">",
    "must_be_greater_or_equal_to": ">=",
    "must_be_between": "between",
    "must_not_be_between": "not between",
}


class Threshold(Document):
    """The range in which a value is met; `outside` turns it round (`must_not_be`, `must_not_be_between`)."""

    unit: Unit
    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False
    outside: bool = False

    def is_met(self, value: Fraction | Decimal | float) -> bool:
        """Tell whether `value`, in this threshold's unit, is met. Compared exactly; NaN is never met."""
        if isinstance(value, float) and not math.isfinite(value):
            return not math.isnan(value) and self._is_inside(value) is not self.outside
        return self._is_inside(Fraction(value)) is not self.outside

    def _is_inside(self, value: Fraction | float) -> bool:
        low = None if self.low is None else Fraction(self.low)
        high = None if self.high is None else Fraction(self.high)
        too_low = low is not None and (value < low or (self.low_open and value == low))
        too_high = high is not None and (value > high or (self.high_open and value == high))
        return not (too_low or too_high)

    def __str__(self) -> str:
        """Render as the comparator an author would write: `<= 3%`, `between 400 and 600`."""
        if self.low is not None and self.low == self.high:
            return f"{'!=' if self.outside else '=='} {self._text(self.low)}"
        if self.low is not None and self.high is not None:
            return f"{'not ' if self.outside else ''}between {self._text(self.low)} and {self._text(self.high)}"
        if self.low is not None:
            return f"{'>' if self.low_open else '>='} {self._text(self.low)}"
        if self.high is not None:
            return f"{'<' if self.high_open else '<='} {self._text(self.high)}"
        return "any"

    def _text(self, bound: Decimal) -> str:
        return f"{format_number(bound * 100)}%" if self.unit == "ratio" else format_number(bound).replace(",", "")


def at_most(value: Decimal | int, unit: Unit = "rows") -> Threshold:
    """Return the threshold `<= value`."""
    return Threshold(unit=unit, high=Decimal(value))


def at_least(value: Decimal | int, unit: Unit = "rows") -> Threshold:
    """Return the threshold `>= value`."""
    return Threshold(unit=unit, low=Decimal(value))


@lru_cache(maxsize=4096)
def parse_row_threshold(text: str) -> Threshold:
    """Read the `threshold` of a row-level check: an integer counts bad rows, a percentage compares bad/total.

    A range, as `parse_range` reads it, is read too: of rows, or with percent signs of shares.

    Raises:
        QuantityError: Neither, or a negative number of rows.

    Example:
        >>> str(parse_row_threshold("3%")), str(parse_row_threshold("10")), str(parse_row_threshold("between 1% and 5%"))
        ('<= 3%', '<= 10', 'between 1% and 5%')
    """
    if text.lstrip()[:1] in ("<", ">", "=", "!") or "between" in text:
        return _share(parse_range(text.replace("%", ""))) if "%" in text else parse_range(text, "rows")
    if "%" in text:
        return at_most(parse_percentage(text), "ratio")
    rows = parse_number(text)
    if rows < 0 or rows != rows.to_integral_value():
        raise QuantityError(f"{text!r} is neither a whole number of rows, 0 or more, nor a percentage")
    return at_most(rows)


def _share(percent: Threshold) -> Threshold:
    ends = {end: None if (v := getattr(percent, end)) is None else v / 100 for end in ("low", "high")}
    return percent.model_copy(update={"unit": "ratio", **ends})


@lru_cache(maxsize=4096)
def parse_range(text: str, unit: Unit = "number") -> Threshold:
    """Read `>= 5`, `5`, `between 400 and 600` or `not between 1 and 2` as a threshold in `unit`.

    Raises:
        QuantityError: No comparator with a number, or a range whose ends are swapped.

    Example:
        >>> parse_range("between 400 and 600").is_met(Decimal(600))
        True
    """
    folded = " ".join(text.split())
    for prefix, outside in (("not between ", True), ("between ", False)):
        if folded.startswith(prefix):
            low, found, high = folded.removeprefix(prefix).partition(" and ")
            if not found:
                raise QuantityError(f"{text!r} needs two numbers", "write it like between 400 and 600")
            ends = parse_number(low), parse_number(high)
            if ends[0] > ends[1]:
                raise QuantityError(f"{text!r} has its ends swapped")
            return Threshold(unit=unit, low=ends[0], high=ends[1], outside=outside)
    operator, operand = ("==", folded) if folded[:1] not in "<>=!" or not folded else parse_comparator(folded)
    value = parse_number(operand)
    match operator:
        case "<" | "<=":
            return Threshold(unit=unit, high=value, high_open=operator == "<")
        case ">" | ">=":
            return Threshold(unit=unit, low=value, low_open=operator == ">")
        case _:
            return Threshold(unit=unit, low=value, high=value, outside=operator == "!=")
