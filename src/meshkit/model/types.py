"""Logical types: what a contract says of a column, without any engine's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from meshkit.errors import TypeNameError
from meshkit.model.base import Document
from meshkit.model.names import did_you_mean


class Family(StrEnum):
    """The kinds of value that need different SQL."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    BINARY = "binary"
    OBJECT = "object"
    ARRAY = "array"
    MAP = "map"

    @property
    def is_numeric(self) -> bool:
        """Whether values are numbers, exact or not."""
        return self in (Family.INTEGER, Family.DECIMAL, Family.FLOAT, Family.NUMBER)

    @property
    def is_temporal(self) -> bool:
        """Whether values are dates or times."""
        return self in (Family.DATE, Family.TIMESTAMP, Family.TIME)

    @property
    def is_nested(self) -> bool:
        """Whether values hold other values."""
        return self in (Family.OBJECT, Family.ARRAY, Family.MAP)


class LogicalType(Document):
    """A family with what narrows it; a number that is absent is not asserted."""

    family: Family
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    zoned: bool = False
    inner: str = ""
    is_uuid: bool = False

    def __str__(self) -> str:
        """Render in the words of the native form: `decimal(12,2)`."""
        if self.is_uuid:
            return "uuid"
        if self.family is Family.DECIMAL and self.precision is not None:
            return f"decimal({self.precision},{self.scale})"
        if self.family is Family.STRING and self.length is not None:
            return f"string({self.length})"
        if self.family is Family.TIMESTAMP and self.zoned:
            return "timestamp_tz"
        return f"{self.family}<{self.inner}>" if self.inner else str(self.family)


TYPE_NAMES: Mapping[str, Family] = {
    "string": Family.STRING, "text": Family.STRING, "varchar": Family.STRING, "char": Family.STRING,
    "str": Family.STRING, "uuid": Family.STRING,
    "integer": Family.INTEGER, "int": Family.INTEGER, "bigint": Family.INTEGER, "smallint": Family.INTEGER,
    "tinyint": Family.INTEGER, "long": Family.INTEGER, "int32": Family.INTEGER, "int64": Family.INTEGER,
    "decimal": Family.DECIMAL, "numeric": Family.DECIMAL,
    "float": Family.FLOAT, "double": Family.FLOAT, "real": Family.FLOAT,
    "number": Family.NUMBER,
    "boolean": Family.BOOLEAN, "bool": Family.BOOLEAN,
    "date": Family.DATE,
    "timestamp": Family.TIMESTAMP, "datetime": Family.TIMESTAMP, "timestamp_ntz": Family.TIMESTAMP,
    "timestamp_tz": Family.TIMESTAMP, "timestamptz": Family.TIMESTAMP,
    "time": Family.TIME,
    "binary": Family.BINARY, "bytes": Family.BINARY, "blob": Family.BINARY,
    "object": Family.OBJECT, "struct": Family.OBJECT, "record": Family.OBJECT, "json": Family.OBJECT,
    "array": Family.ARRAY, "list": Family.ARRAY,
    "map": Family.MAP,
}  # fmt: skip
_ZONED = {"timestamp_tz", "timestamptz"}
_TYPE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)|<\s*(.+?)\s*>)?\s*", re.DOTALL)
MAX_PRECISION = 38


@lru_cache(maxsize=1024)
def parse_type(text: str) -> LogicalType:
    """Read a declared type such as `decimal(12,2)`, `string` or `array<integer>`.

    Raises:
        TypeNameError: An unknown name, or arguments that the type does not take.

    Example:
        >>> parse_type("decimal(12, 2)").scale
        2
    """
    found = _TYPE.fullmatch(text)
    name = found[1].lower() if found else text
    family = TYPE_NAMES.get(name)
    if not found or family is None:
        raise TypeNameError(f"unknown type {text!r}", did_you_mean(name, TYPE_NAMES) or "known: string, integer, "
                            "decimal(p,s), float, boolean, date, timestamp, time, binary, object, array, map")  # fmt: skip
    first, second, inner = found[2], found[3], found[4] or ""
    if inner and not family.is_nested:
        raise TypeNameError(f"type {text!r} takes no inner type")
    if family is Family.DECIMAL and first is not None:
        precision, scale = int(first), int(second or 0)
        if not (1 <= precision <= MAX_PRECISION and scale <= precision):
            raise TypeNameError(f"type {text!r} is out of range", f"1 <= p <= {MAX_PRECISION} and 0 <= s <= p")
        return LogicalType(family=family, precision=precision, scale=scale)
    if first is not None and (family is not Family.STRING or second is not None or int(first) == 0):
        raise TypeNameError(f"type {text!r} takes no such arguments", "only decimal(p,s) and string(n) do")
    return LogicalType(family=family, length=int(first) if first else None, zoned=name in _ZONED, inner=inner,
                       is_uuid=name == "uuid")  # fmt: skip


def split_inner(inner: str) -> list[str]:
    """Split what stands between `<` and `>` at its own commas.

    Example:
        >>> split_inner("string, map<string, integer>"), split_inner("decimal(12,2)")
        (['string', 'map<string, integer>'], ['decimal(12,2)'])
    """
    found: list[str] = [""]
    depth = 0
    for character in inner:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return [text.strip() for text in found] if inner.strip() else []
