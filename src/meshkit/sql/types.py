"""Logical types and DuckDB's own, in one table: what a column is, and whether it is what was declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from meshkit.errors import EngineError
from meshkit.model.names import fold
from meshkit.model.table import Column
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.sql.nested import parts_of

NATIVE: Mapping[str, LogicalType] = {
    "VARCHAR": LogicalType(family=Family.STRING),
    "UUID": LogicalType(family=Family.STRING, is_uuid=True),
    **dict.fromkeys(
        (
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "HUGEINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
            "UBIGINT",
            "UHUGEINT",
        ),
        LogicalType(family=Family.INTEGER),
    ),
    "FLOAT": LogicalType(family=Family.FLOAT, length=32),  # bits
    "DOUBLE": LogicalType(family=Family.FLOAT, length=64),
    "BOOLEAN": LogicalType(family=Family.BOOLEAN),
    "DATE": LogicalType(family=Family.DATE),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "DATETIME"), LogicalType(family=Family.TIMESTAMP)),
    "TIMESTAMP_NS": LogicalType(family=Family.TIMESTAMP, precision=9),  # places of a second
    "TIMESTAMP WITH TIME ZONE": LogicalType(family=Family.TIMESTAMP, zoned=True),
    "TIMESTAMPTZ": LogicalType(family=Family.TIMESTAMP, zoned=True),
    **dict.fromkeys(("TIME", "TIME_NS", "TIME WITH TIME ZONE"), LogicalType(family=Family.TIME)),
    "BLOB": LogicalType(family=Family.BINARY),
    "JSON": LogicalType(family=Family.OBJECT),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@lru_cache(maxsize=4096)
def native_type(name: str) -> LogicalType | None:
    """Return what DuckDB's type `name` is, or None where contracts have no word for it (INTERVAL, BIT, ...).

    Example:
        >>> str(native_type("DECIMAL(12,2)")), str(native_type("BIGINT")), native_type("INTERVAL")
        ('decimal(12,2)', 'integer', None)
    """
    found = _DECIMAL.fullmatch(name)
    if found:
        return LogicalType(family=Family.DECIMAL, precision=int(found[1]), scale=int(found[2]))
    if name.endswith("]"):
        return LogicalType(family=Family.ARRAY)
    for prefix, family in (("STRUCT(", Family.OBJECT), ("MAP(", Family.MAP), ("ENUM(", Family.STRING)):
        if name.startswith(prefix):
            return LogicalType(family=family)
    return NATIVE.get(name)


def type_mismatch(declared: LogicalType, name: str) -> str:
    """Say in what way DuckDB's type `name` is not what was declared; an empty text when it is.

    Any width of integer is an integer; a decimal must have the same scale, and at most the declared precision.
    """
    native = native_type(name)
    if native is None:
        return f"{name}, declared {declared}"
    if declared.family is Family.NUMBER:
        return "" if native.family.is_numeric else f"{name}, declared {declared}"
    if declared.family is Family.INTEGER and native.family is Family.FLOAT:
        return f"{name}, declared {declared} (pandas writes integers with gaps so: write them as Int64)"
    if native.family is not declared.family or (native.is_uuid and not declared.is_uuid):
        return f"{name}, declared {declared}"
    if declared.family is Family.DECIMAL and declared.precision is not None:
        assert native.precision is not None
        assert native.scale is not None
        if native.scale != declared.scale or native.precision > declared.precision:
            return f"{name}, declared {declared}"
    if declared.family is Family.TIMESTAMP and declared.zoned and not native.zoned:
        return f"{name}, declared {declared}"
    return ""


def part_mismatches(column: Column, name: str, called: str = "") -> Iterator[tuple[str, str]]:
    """Yield in what way the parts of a nested column, of DuckDB's type `name`, are not what was declared."""
    called = called or column.name
    seen = parts_of(name)
    for step, part in column.parts:
        here = called + (step if step.startswith("[") else f".{step}")
        found = next((kind for s, kind in seen.items() if fold(s) == fold(step)), None)
        if found is None:
            yield here, "missing"
            continue
        wrong = type_mismatch(parse_type(part.type), found) if part.type else ""
        if wrong:
            yield here, wrong
        elif found != "JSON":
            yield from part_mismatches(part, found, here)


def can_be_checked(declared: LogicalType, name: str) -> bool:
    """Tell whether row checks on a column still mean what they say although its type is another one.

    So it is within one family, and for any number under a decimal, float or number; not for a DOUBLE under integer.
    """
    native = native_type(name)
    if native is None:
        return False
    if declared.family in (Family.DECIMAL, Family.FLOAT, Family.NUMBER):
        return native.family.is_numeric
    return native.family is declared.family


def holds_floats(name: str) -> bool:
    """Tell whether values of DuckDB's type `name` are or contain floating-point numbers, which may be NaN."""
    return "FLOAT" in name or "DOUBLE" in name


def require_comparable(ours: str, our_type: str, theirs: str, their_type: str) -> None:
    """Refuse two columns whose values cannot be compared.

    Raises:
        EngineError: MK309, their types differ.
    """
    left, right = native_type(our_type), native_type(their_type)
    if our_type == their_type:
        return
    if left is None or right is None or left.family is not right.family:
        exact = {"integer", "decimal"}
        if left is None or right is None or not {left.family, right.family} <= exact:
            raise EngineError(
                f"{ours} is {our_type}, but {theirs} is {their_type}: they cannot be compared",
                "give both one type",
                code="MK309",
            )
