"""Fields and rules of the older Data Contract Specification to properties and rules of ODCS, with the way back to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meshkit.converting.document import Value, is_number, mapping_of
from meshkit.model.table import Pointer

Origins = dict[Pointer, Pointer]
KEPT = "dcs."
"""Custom properties of this prefix keep what ODCS has no word for."""

TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "text", "varchar"), "string"),
    **dict.fromkeys(("int", "integer", "long", "bigint"), "integer"),
    **dict.fromkeys(("number", "decimal", "numeric", "float", "double"), "number"),
    **dict.fromkeys(("timestamp", "timestamp_tz", "timestamp_ntz"), "timestamp"),
    **dict.fromkeys(("object", "record", "struct", "variant", "json"), "object"),
    "boolean": "boolean", "date": "date", "time": "time", "array": "array", "map": "map",
}  # fmt: skip
PLAIN = {
    "string": "string", "integer": "integer", "number": "number", "timestamp": "timestamp", "object": "object",
    "boolean": "boolean", "date": "date", "time": "time", "array": "array", "map": "map",
}  # fmt: skip
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "integer": _BOUNDS,
    "number": _BOUNDS,
}
FIELD_KEYS = frozenset(
    "type title description required unique primary primaryKey references enum minLength maxLength format precision scale "
    "pattern minimum exclusiveMinimum maximum exclusiveMaximum example examples pii classification tags links $ref quality "
    "lineage config fields items keys values name domain".split()
)
_SAME = ("description", "required", "unique", "classification", "tags", "examples")
_RULE_KEYS = frozenset(
    "name description type metric rule arguments query engine implementation dimension severity unit method businessImpact "
    "schedule scheduler tags mustBe mustNotBe mustBeGreaterThan mustBeGreaterOrEqualTo mustBeLessThan mustBeLessOrEqualTo "
    "mustBeBetween mustNotBeBetween id".split()
)
_OLD_RULE_KEYS = {
    "mustBeGreaterThanOrEqualTo": "mustBeGreaterOrEqualTo",
    "mustBeLessThanOrEqualTo": "mustBeLessOrEqualTo",
}
_FALSE_TYPES = ("decimal", "numeric", "float", "double", "variant", "json", "bytes")


def keep(target: dict[str, Any], key: str, value: Value) -> None:
    """Keep what ODCS has no word for as a custom property."""
    target.setdefault("customProperties", []).append({"property": KEPT + key, "value": value})


def links(target: dict[str, Any], found: Value) -> None:
    """Write a mapping of links as authoritative definitions."""
    if isinstance(found, dict) and all(isinstance(url, str) for url in found.values()):
        entries = [{"url": url, "type": name} for name, url in found.items()]
        target.setdefault("authoritativeDefinitions", []).extend(entries)
    elif found is not None:
        keep(target, "links", found)


class FieldWriter:
    """Writes fields as properties.

    Args:
        definitions: What `$ref` leads to.
        origins: Where each pointer of the new document came from; it grows.
    """

    def __init__(self, definitions: Mapping[str, Value], origins: Origins) -> None:
        self.definitions = definitions
        self.origins = origins
        self._open: list[str] = []

    def property(self, name: str, field: Value, here: Pointer, origin: Pointer) -> dict[str, Any]:
        """Return a field as a property; `here` is where it will stand."""
        self.origins[here] = origin
        self.origins[*here, "name"] = origin
        target: dict[str, Any] = {"name": name} if name else {}
        if not isinstance(field, dict):
            if field is not None:
                keep(target, "field", field)
            return target
        values, places, reference = self._resolved(field, origin)
        for key, place in places.items():
            self.origins[*here, key] = place
        self._type(target, values, here, places)
        for key in _SAME:
            if values.get(key) is not None:
                target[key] = values.pop(key)
        self._assertions(target, values, here, places)
        self._more(target, values)
        if reference:
            self._open.append(reference)
        self._parts(target, values, here, places)
        if reference:
            self._open.pop()
        for key, value in values.items():
            if value is not None:
                keep(target, key, value)
        return target

    def _resolved(self, field: dict[str, Any], origin: Pointer) -> tuple[dict[str, Any], dict[str, Pointer], str]:
        """Merge the definition that a field refers to below the field's own keys."""
        values = dict(field)
        places = {key: (*origin, key) for key in values}
        name = str(values.pop("$ref", "")).removeprefix("#/definitions/")
        definition = self.definitions.get(name)
        if not isinstance(definition, dict) or name in self._open:
            if name:
                values["$ref"] = field["$ref"]
            return values, places, ""
        inherited = {k: v for k, v in definition.items() if k not in values and k not in ("name", "domain")}
        if isinstance(inherited.get("$ref"), str):
            self._open.append(name)
            inherited, deeper, _ = self._resolved(inherited, ("definitions", name))
            self._open.pop()
        else:
            deeper = {key: ("definitions", name, key) for key in inherited}
        return {**inherited, **values}, {**deeper, **places}, name

    def _type(
        self, target: dict[str, Any], values: dict[str, Any], here: Pointer, places: Mapping[str, Pointer]
    ) -> None:
        text = values.get("type")
        word = text.lower() if isinstance(text, str) else ""
        logical = TYPES.get(word, "")
        if logical == "map" and not (values.get("keys") and values.get("values")):
            logical = ""
        precision, scale = values.get("precision"), values.get("scale")
        if logical:
            target["logicalType"] = logical
            self.origins[*here, "logicalType"] = places.get("type", here)
        if word in ("decimal", "numeric", "number") and is_number(precision):
            target["physicalType"] = f"decimal({precision},{scale if is_number(scale) else 0})"
            values.pop("precision")
            values.pop("scale", None)
        elif word in _FALSE_TYPES or (word == "map" and not logical):
            target["physicalType"] = word
        if word == "timestamp_tz":
            target["logicalTypeOptions"] = {"timezone": True}
        self.origins[*here, "physicalType"] = places.get("precision", places.get("type", here))
        if text is not None and PLAIN.get(logical) == text:
            del values["type"]

    def _assertions(
        self, target: dict[str, Any], values: dict[str, Any], here: Pointer, places: Mapping[str, Pointer]
    ) -> None:
        for key in ("primaryKey", "primary"):
            if isinstance(values.get(key), bool) and values.pop(key):
                target["primaryKey"] = True
                self.origins[*here, "primaryKey"] = places[key]
        if isinstance(values.get("references"), str):
            target["relationships"] = [{"to": values.pop("references")}]
            self.origins[*here, "relationships"] = places["references"]
            self.origins[*here, "relationships", 0] = places["references"]
            self.origins[*here, "relationships", 0, "to"] = places["references"]
        if isinstance(values.get("enum"), list):
            target["enum"] = [{"value": v} for v in values.pop("enum")]
        for key in _OPTIONS.get(target.get("logicalType", ""), ()):
            if values.get(key) is not None:
                target.setdefault("logicalTypeOptions", {})[key] = values.pop(key)
                self.origins[*here, "logicalTypeOptions", key] = places[key]
                self.origins.setdefault((*here, "logicalTypeOptions"), places[key])
        rules = values.pop("quality", None)
        if rules is not None:
            target["quality"] = self.rules(rules, (*here, "quality"), places["quality"])

    def rules(self, rules: Value, here: Pointer, origin: Pointer) -> list[Value]:
        """Return a list of rules; one that is no mapping is left for the reader to tell."""
        self.origins[here] = origin
        found = []
        for position, rule in enumerate(rules if isinstance(rules, list) else [rules]):
            place = (*origin, position) if isinstance(rules, list) else origin
            self.origins[*here, position] = place
            found.append(self._rule(rule, (*here, position), place) if isinstance(rule, dict) else rule)
        return found

    def _rule(self, rule: dict[str, Any], here: Pointer, origin: Pointer) -> dict[str, Any]:
        target: dict[str, Any] = {}
        for key, value in rule.items():
            new = _OLD_RULE_KEYS.get(key, key)
            if new in _RULE_KEYS:
                target[new] = value
                self.origins[*here, new] = (*origin, key)
            elif value is not None:
                keep(target, key, value)
        if target.get("engine") is not None and not isinstance(target.get("implementation"), (str, dict)):
            target["implementation"] = (
                {"specification": target["implementation"]} if target.get("implementation") else {}
            )
        return target

    def _more(self, target: dict[str, Any], values: dict[str, Any]) -> None:
        if isinstance(values.get("title"), str):
            target["businessName"] = values.pop("title")
        if values.get("example") is not None:
            target.setdefault("examples", []).append(values.pop("example"))
        if isinstance(values.get("pii"), bool):
            target.setdefault("customProperties", []).append({"property": "pii", "value": values.pop("pii")})
        links(target, values.pop("links", None))

    def _parts(
        self, target: dict[str, Any], values: dict[str, Any], here: Pointer, places: Mapping[str, Pointer]
    ) -> None:
        if isinstance(values.get("fields"), dict):
            target["properties"] = self.properties(values.pop("fields"), (*here, "properties"), places["fields"])
        if isinstance(values.get("items"), dict):
            target["items"] = self.property("", values.pop("items"), (*here, "items"), places["items"])
        if target.get("logicalType") == "map":
            ends = (("key", "keys"), ("value", "values"))
            target["map"] = {
                new: self.property("", values.pop(old), (*here, "map", new), places[old]) for new, old in ends
            }

    def properties(self, fields: Mapping[str, Value], here: Pointer, origin: Pointer) -> list[dict[str, Any]]:
        """Return all fields of a mapping as properties."""
        self.origins[here] = origin
        return [self.property(n, f, (*here, i), (*origin, n)) for i, (n, f) in enumerate(fields.items())]


def soda_rules(quality: Value) -> dict[str, list[tuple[Value, Pointer]]]:
    """Return the checks of the deprecated `quality` at the root: model (empty = the first) -> each check and its place."""
    body = mapping_of(quality, "specification") if isinstance(quality, dict) else {}
    found: dict[str, list[tuple[Value, Pointer]]] = {}
    for key, checks in body.items():
        model = key.removeprefix("checks for ").strip()
        listed = checks if isinstance(checks, list) else [checks]
        step: Pointer = ("quality", "specification", key)
        found[model] = [(c, (*step, i) if isinstance(checks, list) else step) for i, c in enumerate(listed)]
    text = quality.get("specification") if isinstance(quality, dict) else None
    if isinstance(text, str):
        found[""] = [(text, ("quality", "specification"))]
    return found
