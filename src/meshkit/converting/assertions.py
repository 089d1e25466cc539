"""Native constraints taken apart, whichever way they are written, and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from meshkit.converting.document import Value, is_number
from meshkit.model.spelling import SYNONYMS, WITHOUT_ARGUMENT

_KINDS = {name: kind for kind, synonyms in SYNONYMS.items() for name in (kind, *synonyms)}
_OPTIONS = ("threshold", "severity", "where", "description", "dimension")
_THRESHOLD = re.compile(r"(0|[1-9]\d*)(\.\d+)?(%?)")


class Assertion(NamedTuple):
    """One constraint: its kind, its argument as written, and its options."""

    kind: str
    value: Value = None
    options: Mapping[str, Value] = {}

    @property
    def threshold(self) -> str:
        """The threshold as text; empty where none is given."""
        found = self.options.get("threshold")
        return "" if found is None else str(found)

    @property
    def values(self) -> tuple[str, ...]:
        """The argument as texts."""
        listed = self.value if isinstance(self.value, list) else [] if self.value is None else [self.value]
        return tuple(dict.fromkeys(str(v).lower() if isinstance(v, bool) else str(v) for v in listed))

    @property
    def meaning(self) -> tuple[object, ...]:
        """What two ways of writing the same constraint have in common."""
        severity = str(self.options.get("severity", "error")).lower()
        return (
            self.kind,
            self.values,
            self.threshold,
            {"warn": "warning"}.get(severity, severity),
            self.options.get("where", ""),
            self.options.get("description", ""),
            str(self.options.get("dimension", "")).lower(),
        )

    def item(self) -> Value:
        """Write it as an item of `constraints`, as short as it can be."""
        if not self.options:
            return self.kind if self.kind in WITHOUT_ARGUMENT else {self.kind: self.value}
        own = {} if self.kind in WITHOUT_ARGUMENT else {"value": self.value}
        return {self.kind: {**own, **self.options}}


def read_assertion(item: Value) -> Assertion | None:
    """Read an item of `constraints`; None where it is written in a way that only its own reader knows.

    Example:
        >>> read_assertion({"required": {"threshold": "3%"}})
        Assertion(kind='not_null', value=None, options={'threshold': '3%'})
    """
    if isinstance(item, str):
        name, argument = item, None
    elif isinstance(item, dict) and len(item) == 1:
        name, argument = next(iter(item.items()))
    else:
        return None
    kind = _KINDS.get(name)
    if kind is None or (kind not in WITHOUT_ARGUMENT and argument is None):
        return None
    if not isinstance(argument, dict):
        is_right = argument in (None, True) if kind in WITHOUT_ARGUMENT else _is_argument(kind, argument)
        return Assertion(kind, None if kind in WITHOUT_ARGUMENT else argument) if is_right else None
    return _long(kind, argument)


def _long(kind: str, argument: Mapping[str, Value]) -> Assertion | None:
    options = {k: v for k, v in argument.items() if k in _OPTIONS}
    values = [k for k in ("value", "values") if k in argument and k not in options]
    if len(options) + len(values) < len(argument) or any(not _is_option(k, v) for k, v in options.items()):
        return None
    if kind in WITHOUT_ARGUMENT:
        return None if values else Assertion(kind, None, options)
    if len(values) != 1 or not _is_argument(kind, argument[values[0]]):
        return None
    return Assertion(kind, argument[values[0]], options)


def _is_option(key: str, value: Value) -> bool:
    return isinstance(value, str) or (key == "threshold" and is_number(value))


def _is_argument(kind: str, value: Value) -> bool:
    if kind == "in":
        return isinstance(value, list) and bool(value) and all(_is_scalar(v) for v in value)
    if kind in ("min_length", "max_length"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if kind in ("pattern", "references"):
        return isinstance(value, str)
    return _is_scalar(value) and not isinstance(value, bool)


def _is_scalar(value: Value) -> bool:
    return isinstance(value, (str, int, Decimal))


def is_refused(item: Value) -> bool:
    """Tell whether an item asserts nothing: `not_null: false`."""
    return isinstance(item, dict) and len(item) == 1 and _is_off(*next(iter(item.items())))


def _is_off(name: str, argument: Value) -> bool:
    return argument is False and _KINDS.get(name) in WITHOUT_ARGUMENT


def as_number(value: Value) -> int | Decimal | None:
    """Return the number that a value is, or that its text reads as and renders to; else None."""
    if is_number(value):
        return value if isinstance(value, int) or (value.is_finite() and f"{value:f}" == str(value)) else None
    if not isinstance(value, str) or not re.fullmatch(r"-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?", value):
        return None
    number = Decimal(value) if "." in value else int(value)
    return number if str(number) == value else None


def rule_bounds(threshold: str) -> dict[str, Value] | None:
    """Return the operator and the unit of a rule for a threshold of rows or a share; None for other thresholds.

    Example:
        >>> rule_bounds("3%"), rule_bounds("10"), rule_bounds("< 5%")
        ({'mustBeLessOrEqualTo': 3, 'unit': 'percent'}, {'mustBeLessOrEqualTo': 10}, None)
    """
    found = _THRESHOLD.fullmatch(threshold or "0")
    if not found or (found[2] and not found[3]):
        return None
    number = as_number(found[1] + (found[2] or ""))
    if number is None:
        return None
    return {"mustBeLessOrEqualTo": number, **({"unit": "percent"} if found[3] else {})}


def in_order(assertions: Sequence[Value], kinds: Sequence[Value]) -> list[Value]:
    """Put items of `constraints` in the order of their kinds; those of one kind keep theirs.

    Example:
        >>> in_order(["not_null", {"min": 0}, "unique"], ["min", "not_null"])
        [{'min': 0}, 'not_null', 'unique']
    """
    left = list(assertions)
    found = list(_picked(left, kinds))
    return found + left


def _picked(left: list[Value], kinds: Sequence[Value]) -> Iterator[Value]:
    for kind in kinds:
        for position, item in enumerate(left):
            if kind_of(item) == kind:
                yield left.pop(position)
                break


def kind_of(item: Value) -> str:
    """Return the kind of an item, or an empty text."""
    name = item if isinstance(item, str) else next(iter(item), "") if isinstance(item, dict) else ""
    return _KINDS.get(str(name), "")
