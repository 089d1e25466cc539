"""A table's record as a JSON Schema, draft 2020-12."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from meshkit.errors import MeshkitError
from meshkit.export.marker import MARKER
from meshkit.model.contract import Contract, Status
from meshkit.model.exported import NotHeld, why_soft
from meshkit.model.literals import parse_literal
from meshkit.model.names import fold
from meshkit.model.patterns import portable_pattern
from meshkit.model.table import Column, Constraint, Table
from meshkit.model.types import Family, LogicalType, parse_type, split_inner

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Json = dict[str, Any]
_NAIVE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?$"
_TIME = r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?$"
_SCALARS: Mapping[Family, Json] = {
    Family.STRING: {"type": "string"},
    Family.INTEGER: {"type": "integer"},
    Family.DECIMAL: {"type": "number"},
    Family.FLOAT: {"type": "number"},
    Family.NUMBER: {"type": "number"},
    Family.BOOLEAN: {"type": "boolean"},
    Family.DATE: {"type": "string", "format": "date"},
    Family.TIMESTAMP: {"type": "string", "pattern": _NAIVE},
    Family.TIME: {"type": "string", "pattern": _TIME},
    Family.BINARY: {"type": "string", "contentEncoding": "base64"},
    Family.OBJECT: {"type": "object"},
    Family.ARRAY: {"type": "array"},
    Family.MAP: {"type": "object"},
}
_BOUNDS = {"min": "minimum", "max": "maximum", "exclusive_min": "exclusiveMinimum", "exclusive_max": "exclusiveMaximum"}
_COUNTS = {
    "min_length": "minLength", "max_length": "maxLength", "min_items": "minItems", "max_items": "maxItems",
    "min_properties": "minProperties", "max_properties": "maxProperties",
}  # fmt: skip
_FORMATS = {"uuid", "email", "ipv4", "ipv6", "uri", "hostname"}


class _NotHeldError(Exception):
    """Carries why JSON Schema cannot hold a thing; never leaves this file."""


def json_schema(contract: Contract, table: Table) -> tuple[str, list[NotHeld]]:
    """Return the schema of one record of a table, as text, and what it cannot hold."""
    missing: list[NotHeld] = []
    schema: Json = {
        "$schema": DIALECT,
        "$comment": f"{MARKER} --to json-schema; {contract.product_id} {contract.version}",
        "title": table.name,
    }
    if (table.description or contract.description).strip():
        schema["description"] = (table.description or contract.description).strip()
    if contract.status is Status.DEPRECATED:
        schema["deprecated"] = True
    missing += [
        NotHeld(subject=f"{table.name}.{c.name}", reason="a measure is computed by readers")
        for c in table.columns
        if c.is_measure
    ]
    columns = [c for c in table.columns if not c.is_measure]
    schema |= _Writer(missing, table.name).object_of(columns, frozenset(fold(n) for n in table.primary_key))
    missing += [
        NotHeld(subject=f"{table.name}.{c.name or c.kind}", reason="one record cannot show it")
        for c in table.constraints
    ]
    if table.primary_key:
        reason = "one record cannot show that the key tells all records apart"
        missing.append(NotHeld(subject=f"{table.name}.primary_key", reason=reason))
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n", missing


class _Writer:
    """Writes the columns below one path, noting what is left out."""

    def __init__(self, missing: list[NotHeld], path: str) -> None:
        self.missing, self.path = missing, path

    def _note(self, step: str, reason: str) -> None:
        self.missing.append(NotHeld(subject=f"{self.path}.{step}", reason=reason))

    def object_of(self, columns: list[Column], key: frozenset[str] = frozenset()) -> Json:
        """Return an object with these columns as its properties."""
        properties: Json = {}
        required: list[str] = []
        for column in columns:
            must = fold(column.name) in key or _must_be_there(column)
            properties[column.name] = _Writer(self.missing, f"{self.path}.{column.name}").column(column, must=must)
            if must:
                required.append(column.name)
        schema: Json = {"type": "object", "properties": properties}
        return {**schema, "required": required} if required else schema

    def column(self, column: Column, *, must: bool) -> Json:
        """Return the schema of one column's value."""
        logical = column.logical
        schema = self._type(column, logical)
        if not must and "type" in schema:
            schema["type"] = [schema["type"], "null"]
        if column.description.strip():
            schema["description"] = column.description.strip()
        for constraint in column.constraints:
            if constraint.kind == "not_null" and must:
                continue
            reason = why_soft(constraint)
            if constraint.kind == "in" and column.open_enum and not reason:
                reason = "the list is open: readers must expect values that are not listed"
            if not reason:
                try:
                    _merge(schema, _keywords(constraint, logical, must=must))
                    continue
                except _NotHeldError as error:
                    reason = str(error)
                except MeshkitError as error:
                    reason = error.what
            self._note(constraint.kind, reason)
        return schema

    def _type(self, column: Column, logical: LogicalType | None) -> Json:
        if logical is None:
            return {}
        schema: Json = dict(_SCALARS[logical.family])
        match logical.family:
            case Family.STRING:
                if logical.length is not None:
                    schema["maxLength"] = logical.length
                if column.type.strip().lower() == "uuid":
                    schema["format"] = "uuid"
            case Family.DECIMAL if logical.precision is not None:
                limit = 10 ** (logical.precision - (logical.scale or 0))
                schema |= {"exclusiveMinimum": -limit, "exclusiveMaximum": limit}
                self._note("type", f"the number of places of {logical} is not held")
            case Family.TIMESTAMP if logical.zoned:
                schema = {"type": "string", "format": "date-time"}
            case Family.OBJECT if column.fields:
                schema = self.object_of(list(column.fields))
            case Family.ARRAY:
                schema |= self._items(column, logical)
            case Family.MAP:
                schema |= self._entries(column, logical)
        return schema

    def _items(self, column: Column, logical: LogicalType) -> Json:
        part = column.items or _inner(logical, 0, 1)
        if part is None:
            return {}
        return {"items": _Writer(self.missing, f"{self.path}[]").column(part, must=_must_be_there(part))}

    def _entries(self, column: Column, logical: LogicalType) -> Json:
        key, value = column.key or _inner(logical, 0, 2), column.value or _inner(logical, 1, 2)
        schema: Json = {}
        if value is not None:
            inner = _Writer(self.missing, f"{self.path}[value]")
            schema["additionalProperties"] = inner.column(value, must=_must_be_there(value))
        if key is not None:
            names = _Writer(self.missing, f"{self.path}[key]").column(key, must=True)
            if names.get("type") == "string":
                schema["propertyNames"] = names
            else:
                self._note("[key]", "the keys of a JSON object are texts")
        return schema


def _inner(logical: LogicalType, position: int, count: int) -> Column | None:
    """Return a part that stands in the type itself, such as the items of `array<integer>`."""
    texts = split_inner(logical.inner)
    if len(texts) != count:
        return None
    try:
        parse_type(texts[position])
    except MeshkitError:
        return None
    return Column(name="", type=texts[position])


def _must_be_there(column: Column) -> bool:
    return any(c.kind == "not_null" and not why_soft(c) for c in column.constraints)


def _merge(schema: Json, keywords: Json) -> None:
    """Add keywords; one that stands there already is kept too, since all must hold."""
    if keywords.keys() & schema.keys():
        schema.setdefault("allOf", []).append(keywords)
    else:
        schema |= keywords


def _keywords(constraint: Constraint, logical: LogicalType | None, *, must: bool) -> Json:
    kind, values = constraint.kind, constraint.values
    if kind in _BOUNDS:
        if logical is None or not logical.family.is_numeric:
            raise _NotHeldError("JSON Schema compares numbers only")
        return {_BOUNDS[kind]: _number(values[0])}
    if kind == "in":
        return {"enum": [*(_member(v, logical) for v in values), *([] if must else [None])]}
    if kind in _COUNTS:
        return {_COUNTS[kind]: int(values[0])}
    if kind == "pattern":
        pattern = portable_pattern(values[0])
        if pattern is None:
            raise _NotHeldError("the pattern may mean something else to readers of JSON Schema")
        return {"pattern": pattern}
    if kind == "format" and values and values[0] in _FORMATS:
        return {"format": values[0]}
    if kind == "unique_items":
        return {"uniqueItems": True}
    raise _NotHeldError(_WHY.get(kind, "JSON Schema has no keyword for it"))


_WHY: Mapping[str, str] = {
    "unique": "one record cannot show it",
    "references": "one record cannot show it",
    "multiple_of": "readers of JSON Schema divide floating-point numbers, which refuses some good values",
}


def _member(text: str, logical: LogicalType | None) -> Any:
    if logical is None or logical.family is Family.STRING:
        return text
    value = parse_literal(text, logical)
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return _number(text)
    if logical.family is Family.DATE:
        return value.isoformat() if not isinstance(value, str) else value
    raise _NotHeldError("one moment has many spellings in JSON")


def _number(text: str) -> int | float:
    """Return a number as JSON writes it; one that a reader's floating-point number would change is refused."""
    value = Decimal(text)
    if value == value.to_integral_value():
        return int(value)
    if Decimal(repr(float(value))) != value:
        raise _NotHeldError("the number has more digits than readers of JSON keep")
    return float(value)
