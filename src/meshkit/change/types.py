"""Types of columns (T01 to T09, T11, C08): wider, narrower, or another thing altogether."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from meshkit.change.notes import Notes, Subject
from meshkit.errors import TypeNameError
from meshkit.model.change import Direction
from meshkit.model.table import Column
from meshkit.model.types import Family, LogicalType, parse_type

_T, _L, _B, _N = Direction.TIGHTENS, Direction.LOOSENS, Direction.BOTH, Direction.NONE

_INTEGER_BITS: Mapping[str, int] = {
    "tinyint": 8, "smallint": 16, "int": 32, "int32": 32, "integer": 32, "bigint": 64, "long": 64, "int64": 64,
}  # fmt: skip
_UNSTATED = {"int", "integer"}
"""Words that many use for any width: they rank as 32 bits, and may hold 64."""
_FLOAT_BITS: Mapping[str, int] = {"float": 32, "real": 32, "double": 64}
_MANTISSA = {32: 24, 64: 53}
_UUID_LENGTH = 36
_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}
_VECTOR = re.compile(r"^\s*(?:vector|[\w ]+)\s*[\[(]\s*(\d+)\s*[\])]\s*$", re.IGNORECASE)
_SECONDS_DIGITS = re.compile(r"time\w*(?:\s+\w+)*\s*\((\d)\)", re.IGNORECASE)


class TypeChange(NamedTuple):
    """What rule a pair of types falls under, and how."""

    id: str
    direction: Direction
    step: str = ""


def compare_column_types(notes: Notes, subject: Subject) -> None:
    """Note in what way the type of a column changed."""
    old, new = subject.old, subject.new
    found = judge_types(old.type, new.type)
    texts = (old.type, new.type)
    if found is None:
        found = _judge_physical(_stored(old), _stored(new))
        texts = (old.physical_type, new.physical_type)
    if found is None:
        return
    said = [t or "no declared type" for t in texts]
    notes.add(
        found.id,
        f"{subject.path}{found.step}",
        found.direction,
        f"the type of {subject.said} changed from {said[0]} to {said[1]}",
        old=(*old.pointer, "type"),
        new=(*new.pointer, "type"),
        subject=subject,
        hint="readers that write into a text of fixed width must widen it" if found.id == "T06" else "",
    )


def _stored(column: Column) -> str:
    """Return the type in the server's words, where these say more than the type itself."""
    return "" if _plain(column.physical_type) == _plain(column.type) else column.physical_type


def judge_types(old_text: str, new_text: str) -> TypeChange | None:
    """Return the rule that a change of types falls under; None where they are the same.

    Example:
        >>> judge_types("decimal(10,2)", "decimal(12,2)").id, judge_types("integer", "string").id
        ('T04', 'T08')
    """
    if _plain(old_text) == _plain(new_text):
        return None
    if not old_text or not new_text:
        return TypeChange("T08", _T if new_text else _L)
    try:
        old, new = parse_type(old_text), parse_type(new_text)
    except TypeNameError:
        return TypeChange("T08", _B)
    if old.family is new.family:
        return _same_family(old, new, _name(old_text), _name(new_text))
    if old.family.is_numeric and new.family.is_numeric:
        return _numbers(old, new, _name(old_text), _name(new_text))
    if old.family.is_temporal and new.family.is_temporal:
        return TypeChange("T09", _B)
    return TypeChange("T08", _B)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _name(text: str) -> str:
    found = re.match(r"\s*(\w+)", text)
    return found[1].lower() if found else ""


def _same_family(old: LogicalType, new: LogicalType, old_name: str, new_name: str) -> TypeChange | None:
    match old.family:
        case Family.INTEGER:
            return _by_size("T01", "T01", _INTEGER_BITS.get(old_name, 64), _INTEGER_BITS.get(new_name, 64))
        case Family.FLOAT:
            return _by_size("T02", "T03", _FLOAT_BITS.get(old_name, 64), _FLOAT_BITS.get(new_name, 64))
        case Family.DECIMAL:
            return _decimals(old, new)
        case Family.STRING:
            unbounded = 2**31
            if old.is_uuid is not new.is_uuid:
                return _uuids(old, new)
            return _by_size("T06", "T07", old.length or unbounded, new.length or unbounded)
        case Family.TIMESTAMP:
            return TypeChange("T09", _B) if old.zoned is not new.zoned else None
        case Family.ARRAY | Family.MAP | Family.OBJECT if old.inner != new.inner:
            return _nested(old, new)
    return None


def _uuids(old: LogicalType, new: LogicalType) -> TypeChange:
    """Judge a text that becomes a UUID, or the other way round: a UUID is a text of a set form."""
    text = old if new.is_uuid else new
    if text.length is not None and text.length < _UUID_LENGTH:
        return TypeChange("T08", _B)  # neither holds the other
    return TypeChange("V02", _T) if new.is_uuid else TypeChange("V01", _L)


def _by_size(wider: str, narrower: str, old: int, new: int) -> TypeChange | None:
    if old == new:
        return None
    return TypeChange(wider, _L) if new > old else TypeChange(narrower, _T)


def _decimals(old: LogicalType, new: LogicalType) -> TypeChange | None:
    if (old.precision, old.scale) == (new.precision, new.scale):
        return None
    if old.precision is None or new.precision is None:
        return TypeChange("T04", _L) if new.precision is None else TypeChange("T05", _T)
    if old.scale != new.scale:
        return TypeChange("T05", _B)
    return TypeChange("T04", _L) if new.precision > old.precision else TypeChange("T05", _T)


def _numbers(old: LogicalType, new: LogicalType, old_name: str, new_name: str) -> TypeChange:
    """Judge two numeric families: `a` to `b` is wider where `b` holds every `a`; the way back is its mirror."""
    if _holds(new, new_name, old, old_name):
        return TypeChange("T02", _L)
    if _holds(old, old_name, new, new_name):
        return TypeChange("T05" if old.family is Family.DECIMAL else "T03", _T)
    return TypeChange("T03", _B)


def _holds(outer: LogicalType, outer_name: str, inner: LogicalType, inner_name: str) -> bool:
    """Tell whether a type holds every value of another family's type without losing a digit."""
    if outer.family is Family.NUMBER:
        return True
    if inner.family is not Family.INTEGER:
        return False
    bits = 64 if inner_name in _UNSTATED else _INTEGER_BITS.get(inner_name, 64)
    if outer.family is Family.FLOAT:
        return bits <= _MANTISSA[_FLOAT_BITS.get(outer_name, 64)]
    if outer.precision is None:
        return True
    return outer.precision - (outer.scale or 0) >= _DIGITS[32 if inner_name in _UNSTATED else bits]


def _nested(old: LogicalType, new: LogicalType) -> TypeChange:
    """Judge what an array or a map holds, as the text between its brackets."""
    if not old.inner or not new.inner:
        return TypeChange("C08", _T if new.inner else _L)
    if old.family is Family.ARRAY:
        if _is_vector(old.inner) or _is_vector(new.inner):
            return TypeChange("T11", _B)
        return _step(judge_types(old.inner, new.inner), "[]")
    if old.family is Family.MAP:
        old_key, _, old_value = old.inner.partition(",")
        new_key, _, new_value = new.inner.partition(",")
        if _plain(old_key) != _plain(new_key):
            return TypeChange("C08", _B)
        return _step(judge_types(old_value.strip(), new_value.strip()), "[value]")
    return TypeChange("C08", _B)


def _is_vector(inner: str) -> bool:
    return _name(inner) in _FLOAT_BITS


def _step(found: TypeChange | None, step: str) -> TypeChange:
    return found._replace(step=step + found.step) if found else TypeChange("C08", _N)


def _judge_physical(old: str, new: str) -> TypeChange | None:
    """Judge the type in the server's words, where the logical one says nothing of it."""
    if _plain(old) == _plain(new):
        return None
    sizes = [_VECTOR.match(t) for t in (old, new)]
    names = [_name(t) for t in (old, new)]
    if sizes[0] and sizes[1] and all("vector" in n or n in _FLOAT_BITS for n in names):
        return TypeChange("T11", _B)
    digits = [_SECONDS_DIGITS.search(t) for t in (old, new)]
    if digits[0] and digits[1]:
        return TypeChange("T09", _L if digits[1][1] < digits[0][1] else _T)
    try:
        return judge_types(old, new) if old and new else TypeChange("T08", _N)
    except KeyError:
        return TypeChange("T08", _B)
