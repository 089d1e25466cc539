"""Ranges as predicates: whether one lets through what the other does not, found by probing at their bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from meshkit.errors import MeshkitError
from meshkit.model.change import Direction
from meshkit.model.literals import parse_literal
from meshkit.model.threshold import Threshold, Unit, parse_range, parse_row_threshold
from meshkit.model.types import LogicalType

_NEVER_NEGATIVE: frozenset[Unit] = frozenset({"rows", "ratio", "cells", "columns"})


def read_threshold(text: str, unit: Unit = "rows") -> Threshold | None:
    """Read the threshold of a constraint (`3%`, `10`, `< 5%`; empty = none is allowed) or a range; None if unreadable."""
    try:
        if unit == "number":
            return parse_range(text)
        if text[:1] not in "<>=!bn" or not text:
            return parse_row_threshold(text or "0")
        if "%" in text:
            found = parse_range(text.replace("%", ""), "ratio")
            return found.model_copy(
                update={k: v / 100 for k in ("low", "high") if (v := getattr(found, k)) is not None}
            )
        return parse_range(text, "rows")
    except MeshkitError:
        return None


def compare_thresholds(old: Threshold | None, new: Threshold | None) -> Direction:
    """Tell whether a new threshold lets more through (loosens), less (tightens), or both."""
    if old is None or new is None:
        return Direction.UNDETERMINED
    if old.unit != new.unit:
        if not (_is_none_allowed(old) or _is_none_allowed(new)):
            return Direction.UNDETERMINED
        unit = new.unit if _is_none_allowed(old) else old.unit
        old, new = (t.model_copy(update={"unit": unit}) for t in (old, new))
    return _compare(_probes(old, new), old.is_met, new.is_met)


def _is_none_allowed(threshold: Threshold) -> bool:
    """Tell whether nothing may be bad: 0 rows and 0% are the same promise."""
    return threshold.high == 0 and not threshold.outside and threshold.unit in ("rows", "ratio")


def _compare(probes: Iterable[Any], old: Callable[[Any], bool], new: Callable[[Any], bool]) -> Direction:
    verdicts = {(old(p), new(p)) for p in probes}
    lets_more, lets_less = (False, True) in verdicts, (True, False) in verdicts
    if lets_more:
        return Direction.BOTH if lets_less else Direction.LOOSENS
    return Direction.TIGHTENS if lets_less else Direction.NONE


def _probes(old: Threshold, new: Threshold) -> list[Fraction]:
    """Return the bounds of both, a point between any two neighbours, and one beyond each end."""
    bounds = sorted({Fraction(b) for t in (old, new) for b in (t.low, t.high) if b is not None})
    if not bounds:
        return [Fraction(0)]
    between = [(a + b) / 2 for a, b in pairwise(bounds)]
    points = [bounds[0] - 1, *bounds, *between, bounds[-1] + 1]
    if old.unit == "rows":
        near = [b + step for b in bounds for step in (-1, 0, 1)]
        points = [p for p in near if p.denominator == 1] or points
    if old.unit in _NEVER_NEGATIVE:
        points = [p for p in points if p >= 0] or [Fraction(0)]
    return points


def compare_bounds(kind: str, old: str, new: str, logical: LogicalType | None) -> Direction:
    """Compare two lower or upper bounds (`min`, `max`, `min_length`, ...) as values of the column's type."""
    one, other = (_value(t, logical) for t in (old, new))
    try:
        is_less, is_more = bool(other < one), bool(other > one)
    except TypeError:
        return Direction.UNDETERMINED
    if not (is_less or is_more):
        return Direction.NONE
    return Direction.LOOSENS if is_less is ("max" not in kind) else Direction.TIGHTENS


def _value(text: str, logical: LogicalType | None) -> Any:
    """Return the value that a bound's text means; a plain number where the type does not say."""
    readers: list[Callable[[], str | Decimal | bool | date | datetime | time]] = [lambda: Decimal(text)]
    if logical is not None:
        readers.insert(0, lambda: parse_literal(text, logical))
    for read in readers:
        try:
            return read()
        except (MeshkitError, ArithmeticError):
            continue
    return text
