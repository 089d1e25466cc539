"""JSON Schemas without what an assistant need not pay for: titles, definitions apart, defaults that are empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEFT_OUT = ("title", "$defs", "additionalProperties")


def terse(schema: Mapping[str, Any], *, is_answer: bool = False) -> dict[str, Any]:
    """Return a schema that accepts the same, in fewer words, and nothing besides at its root.

    Args:
        schema: As pydantic writes it.
        is_answer: Whether it is of an answer: what is required goes without saying there.
    """
    found: dict[str, Any] = _terse(schema, schema.get("$defs", {}), is_answer=is_answer)
    return {**found, "additionalProperties": False}


def _terse(value: Any, definitions: Mapping[str, Any], *, is_answer: bool) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "$ref" in value:
        named = definitions[str(value["$ref"]).rpartition("/")[2]]
        return _terse({k: v for k, v in named.items() if k != "description"}, definitions, is_answer=is_answer)
    if "anyOf" in value:
        kinds = [_terse(v, definitions, is_answer=is_answer) for v in value["anyOf"]]
        value = {**{k: v for k, v in value.items() if k != "anyOf"}, "type": [k["type"] for k in kinds]}
    kept = {k: v for k, v in value.items() if k not in _LEFT_OUT and not _is_empty(k, v)}
    if is_answer:
        kept.pop("required", None)
        kept.pop("default", None)
    if "properties" in kept:
        kept["properties"] = {
            name: _terse(v, definitions, is_answer=is_answer) for name, v in kept["properties"].items()
        }
    if "items" in kept:
        kept["items"] = _terse(kept["items"], definitions, is_answer=is_answer)
    return kept


def _is_empty(key: str, value: Any) -> bool:
    return key == "default" and value in ("", [], None)
