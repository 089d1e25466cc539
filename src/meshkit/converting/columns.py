"""Native fields to ODCS properties, and back."""

from __future__ import annotations

from typing import Any

from meshkit.converting.constraints import read_constraints, write_constraints
from meshkit.converting.document import (
    Value,
    custom_of,
    customs_of,
    mapping_of,
    mappings_of,
    put_custom,
    put_rest,
    text_of,
)
from meshkit.errors import TypeNameError
from meshkit.model.physical import narrowed, physical_type
from meshkit.model.types import Family, LogicalType, parse_type

LOGICAL: dict[Family, str] = {
    Family.STRING: "string", Family.INTEGER: "integer", Family.DECIMAL: "number", Family.FLOAT: "number",
    Family.NUMBER: "number", Family.BOOLEAN: "boolean", Family.DATE: "date", Family.TIMESTAMP: "timestamp",
    Family.TIME: "time", Family.OBJECT: "object", Family.ARRAY: "array",
}  # fmt: skip
"""Family -> logical type. Binary has none; a map needs its parts, which the native form does not name."""

_PII_WORDS = frozenset({"pii", "personal", "personal-data"})
_PII_KEYS = ("pii", "isPii", "is_pii")
_NATIVE = {"map": "map", "vector": "array"}


def write_field(field: dict[str, Any]) -> dict[str, Any]:
    """Return a native field as a property."""
    rest = dict(field)
    target: dict[str, Any] = {"name": text_of(rest, "name") or ""}
    _write_type(target, rest)
    for key in ("description", "tags"):
        if isinstance(rest.get(key), str if key == "description" else list):
            target[key] = rest.pop(key)
    constraints = rest.pop("constraints", None)
    if isinstance(constraints, list):
        write_constraints(target, constraints)
    elif constraints is not None:
        put_custom(target, "constraints", constraints)
    _write_flags(target, rest)
    put_rest(target, rest)
    if "customProperties" in target:
        target["customProperties"] = target.pop("customProperties")
    return target


def read_field(rest: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Take a property apart into a native field; what the field cannot say stays in `rest`."""
    field: dict[str, Any] = {"name": name or rest.get("physicalName") or rest.get("name") or ""}
    if field["name"] == rest.get("physicalName"):
        rest.pop("physicalName")
        rest.pop("name", None) if rest.get("name") == field["name"] else None
    else:
        rest.pop("name", None)
    _read_tags(rest, field)
    constraints = read_constraints(rest)
    declared = _read_type(rest)
    if declared:
        field["type"] = declared
    description = text_of(rest, "description")
    if description is not None:
        field["description"] = description
    field |= {k: v for k, v in customs_of(rest).items() if k != "constraints"}
    if constraints:
        field["constraints"] = constraints
    return field


def _write_type(target: dict[str, Any], rest: dict[str, Any]) -> None:
    text = rest.get("type")
    try:
        logical = parse_type(text) if isinstance(text, str) else None
    except TypeNameError:
        logical = None
    if logical is None:
        return
    if logical.family in LOGICAL:
        target["logicalType"] = LOGICAL[logical.family]
    if logical.family is Family.DECIMAL and logical.precision is not None:
        target["physicalType"] = str(logical)
    if logical.zoned:
        target["logicalTypeOptions"] = {"timezone": True}
    if logical.is_uuid:
        target["logicalTypeOptions"] = {"format": "uuid"}
    if _spelled(target) == text and not logical.is_uuid:
        del rest["type"]


def _spelled(target: dict[str, Any]) -> str:
    """Return the native type that a property is read as."""
    word = str(target.get("logicalType", ""))
    options = mapping_of(target, "logicalTypeOptions")
    if word == "timestamp" and options.get("timezone") is True:
        word = "timestamp_tz"
    if word == "string" and options.get("format") == "uuid":
        word = "uuid"
    physical = target.get("physicalType")
    try:
        return narrowed(_NATIVE.get(word, word), physical_type(physical) if isinstance(physical, str) else "")
    except TypeNameError:
        return ""


def _read_type(rest: dict[str, Any]) -> str:
    own = custom_of(rest, "type")
    found = _spelled(rest)
    text = own if isinstance(own, str) else found
    options = mapping_of(rest, "logicalTypeOptions")
    if options.get("timezone") is True and _parsed(text, "zoned"):
        del options["timezone"]
    if options.get("format") == "uuid" and _parsed(text, "is_uuid"):
        del options["format"]
    if text:
        rest.pop("logicalType", None)
        physical = rest.get("physicalType")
        if isinstance(physical, str) and physical_type(physical) in (text, found):
            del rest["physicalType"]
    return text


def _parsed(text: str, flag: str) -> bool:
    try:
        logical: LogicalType = parse_type(text)
    except TypeNameError:
        return False
    return bool(getattr(logical, flag))


def _write_flags(target: dict[str, Any], rest: dict[str, Any]) -> None:
    """Write whether a column is a key and personal. Tags may say PII where the field does not."""
    if isinstance(rest.get("is_primary_key"), bool) and rest.pop("is_primary_key"):
        target["primaryKey"] = True
    if isinstance(rest.get("classification"), str):
        target["classification"] = rest.pop("classification")
    tags = {str(t).casefold() for t in (*target.get("tags", []), target.get("classification", ""))}
    is_personal = rest.pop("is_pii") if isinstance(rest.get("is_pii"), bool) else False
    if is_personal or tags & _PII_WORDS:
        target.setdefault("customProperties", []).append({"property": "pii", "value": is_personal})


def _read_tags(rest: dict[str, Any], field: dict[str, Any]) -> None:
    tags = rest.pop("tags") if isinstance(rest.get("tags"), list) else []
    words = {str(t).casefold() for t in tags} | {str(rest.get("classification", "")).casefold()}
    is_personal = bool(words & _PII_WORDS)
    for item in mappings_of(rest, "customProperties"):
        if item.get("property") in _PII_KEYS:
            is_personal = item.get("value") in (True, "true", "yes")
            item.clear()
    if isinstance(rest.get("primaryKey"), bool) and rest.pop("primaryKey"):
        field["is_primary_key"] = True
    if isinstance(rest.get("classification"), str):
        field["classification"] = rest.pop("classification")
    if is_personal:
        field["is_pii"] = True
    if tags:
        field["tags"] = tags


def column_name(field: Value) -> str:
    """Return the folded name of a native field or a property, by which others name it."""
    found = field.get("physicalName") or field.get("name") if isinstance(field, dict) else ""
    return found.casefold() if isinstance(found, str) else ""
