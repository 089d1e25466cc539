"""ODCS to the older Data Contract Specification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from meshkit.converting.dcs_fields import KEPT, TYPES
from meshkit.converting.document import (
    Converted,
    Value,
    copied,
    customs_of,
    is_number,
    losses_in,
    mapping_of,
    mappings_of,
    text_of,
)

VERSION = "1.2.1"
_CONFIG = "customProperties"
_WHY: Mapping[str, str] = {
    "relationships": "the specification refers from one field to one other",
    "roles": "the specification knows roles under servers alone",
    "logicalTypeOptions": "the specification has lengths, patterns, formats and numeric bounds",
    "slaProperties": "the specification has availability, retention, latency, freshness, frequency, support and backup",
}
_OTHER = "the older specification has no word for it"
_LEVELS: Mapping[str, tuple[str, str]] = {
    "availability": ("percentage", ""),
    "retention": ("period", "timestampField"),
    "latency": ("threshold", "sourceTimestampField"),
    "freshness": ("threshold", "timestampField"),
    "frequency": ("interval", ""),
    "support": ("time", ""),
    "backup": ("interval", ""),
}
_OPTIONS = ("minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_RULE_TYPES = ("text", "library", "sql", "custom")


def odcs_to_dcs(odcs: Mapping[str, Value]) -> Converted:
    """Write a contract of ODCS as one of the older specification, with what that cannot hold.

    Custom properties stand under `config` of models and fields, and at the root, whose keys the specification leaves open.
    """
    rest = copied(dict(odcs))
    dcs: dict[str, Any] = {"dataContractSpecification": VERSION, "id": str(rest.pop("id", ""))}
    for key in ("apiVersion", "kind"):
        rest.pop(key, None)
    kept = _kept(rest)
    dcs["info"] = _info(rest) | _taken(kept, "info")
    terms: dict[str, Value] = {
        k: t for k in ("usage", "limitations") if (t := text_of(mapping_of(rest, "description"), k)) is not None
    }
    policies = mapping_of(rest, "description").pop("authoritativeDefinitions", None) or []
    if policies:
        terms["policies"] = [{"name" if k == "type" else k: v for k, v in p.items() if k != "id"} for p in policies]
    terms |= _taken(kept, "terms")
    servers = {str(s.pop("server", i)): _server(s) for i, s in enumerate(mappings_of(rest, "servers"))}
    models = {str(o.pop("name", i)): _model(o) for i, o in enumerate(mappings_of(rest, "schema"))}
    levels = _levels(rest) | _taken(kept, "servicelevels")
    found = {
        "servers": servers,
        "terms": terms,
        "models": models,
        "servicelevels": levels,
        "tags": rest.pop("tags", None),
    }
    dcs |= {k: v for k, v in found.items() if v}
    links = _links(rest)
    if links:
        dcs["links"] = links
    dcs |= kept
    custom = _customs(rest)
    if custom:
        dcs[_CONFIG] = custom
    return Converted(dcs, tuple(losses_in(rest, _WHY, _OTHER)))


def _kept(rest: dict[str, Any]) -> dict[str, Value]:
    """Take out what an earlier conversion kept for the specification."""
    return customs_of(rest, KEPT)


def _customs(rest: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the custom properties out that nothing else took."""
    found = [p for p in mappings_of(rest, _CONFIG) if p]
    rest.pop(_CONFIG, None)
    return found


def _taken(kept: dict[str, Value], key: str) -> dict[str, Value]:
    """Take a mapping out of what was kept; anything else stays, to be written back as it was."""
    return kept.pop(key) if isinstance(kept.get(key), dict) else {}


def _info(rest: dict[str, Any]) -> dict[str, Any]:
    info: dict[str, Any] = {"title": text_of(rest, "name") or "", "version": str(rest.pop("version", ""))}
    status = text_of(rest, "status")
    purpose = text_of(mapping_of(rest, "description"), "purpose")
    team = rest.get("team")
    owner = text_of(team, "name") if isinstance(team, dict) else None
    info |= {k: v for k, v in {"status": status, "description": purpose, "owner": owner}.items() if v is not None}
    contact: dict[str, Any] = {}
    for item in mappings_of(rest, "support"):
        url, channel = item.get("url"), item.get("channel")
        is_mail = isinstance(url, str) and url.startswith("mailto:")
        key = "email" if is_mail else "url"
        if (
            isinstance(url, str)
            and isinstance(channel, str)
            and key not in contact
            and contact.get("name", channel) == channel
        ):
            contact |= {"name": channel, key: url.removeprefix("mailto:")}
            for taken in ("url", "channel", "tool") if item.get("tool") == "email" else ("url", "channel"):
                item.pop(taken, None)
    if contact:
        info["contact"] = {k: v for k, v in contact.items() if k != "name" or v != contact.get("email")}
    return info


def _links(rest: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in mappings_of(rest, "authoritativeDefinitions"):
        kind, url = item.get("type"), item.get("url")
        if isinstance(kind, str) and isinstance(url, str) and kind not in found:
            found[re.sub(r"[^A-Za-z0-9_-]+", "-", kind)] = url
            item.pop("type")
            item.pop("url")
    return found


def _server(rest: dict[str, Any]) -> dict[str, Any]:
    roles = mappings_of(rest, "roles")
    own = _kept(rest)
    found = {k: rest.pop(k) for k in list(rest) if k not in ("id", "roles", _CONFIG)}
    if roles:
        found["roles"] = [{"name" if k == "role" else k: role.pop(k) for k in list(role)} for role in roles]
    custom = _customs(rest)
    return found | own | ({_CONFIG: custom} if custom else {})


def _model(rest: dict[str, Any]) -> dict[str, Any]:
    own = _kept(rest)
    kind = rest.get("physicalType")
    found: dict[str, Any] = {"type": rest.pop("physicalType")} if kind in ("table", "view", "object") else {}
    if rest.get("logicalType") == "object":
        del rest["logicalType"]
    for key, new in (("businessName", "title"), ("description", "description"), ("tags", "tags")):
        if rest.get(key) is not None:
            found[new] = rest.pop(key)
    properties = mappings_of(rest, "properties")
    keys = [(p.get("primaryKeyPosition", 99), p.get("name")) for p in properties if p.get("primaryKey")]
    if len(keys) > 1:
        found["primaryKey"] = [name for _, name in sorted(keys, key=lambda k: k[0] if isinstance(k[0], int) else 99)]
        for p in properties:
            p.pop("primaryKey", None)
    for p in properties:
        p.pop("primaryKeyPosition", None)
    found["fields"] = {str(p.pop("name", i)): _field(p) for i, p in enumerate(properties)}
    _rules(rest, found)
    _config(rest, found, own)
    return found


def _field(rest: dict[str, Any]) -> dict[str, Any]:
    own = _kept(rest)
    found: dict[str, Any] = {}
    _type(rest, found, own)
    for key, new in (("businessName", "title"), *((k, k) for k in ("description", "required", "unique", "primaryKey"))):
        if rest.get(key) is not None:
            found[new] = rest.pop(key)
    for item in mappings_of(rest, "relationships")[:1]:
        if isinstance(item.get("to"), str):
            found["references"] = item.pop("to")
            item.pop("type", None)
    values = mappings_of(rest, "enum")
    if values and all(isinstance(v.get("value"), str) for v in values):
        found["enum"] = [v.pop("value") for v in values]
    options = mapping_of(rest, "logicalTypeOptions")
    found |= {k: options.pop(k) for k in _OPTIONS if k in options and ("imum" not in k or is_number(options[k]))}
    for key in ("examples", "classification", "tags"):
        if rest.get(key) is not None:
            found[key] = rest.pop(key)
    for item in mappings_of(rest, _CONFIG):
        if item.get("property") == "pii":
            found["pii"] = item.get("value")
            item.clear()
    _parts(rest, found)
    _rules(rest, found)
    _config(rest, found, own)
    return found


def _type(rest: dict[str, Any], found: dict[str, Any], own: dict[str, Value]) -> None:
    logical = rest.pop("logicalType", None)
    kind = own.pop("type", None) or logical
    options = mapping_of(rest, "logicalTypeOptions")
    if logical == "timestamp" and options.pop("timezone", None):
        kind = "timestamp_tz"
    physical = rest.get("physicalType")
    places = (
        str(physical).lower().removeprefix("decimal(").removesuffix(")").split(",") if isinstance(physical, str) else []
    )
    if logical == "number" and len(places) == 2 and all(p.strip().isdigit() for p in places):
        kind = "decimal" if kind == "number" else kind
        found |= {"precision": int(places[0]), "scale": int(places[1])}
        del rest["physicalType"]
    elif isinstance(physical, str) and physical == kind:
        del rest["physicalType"]
    if kind == "vector":
        rest["logicalType"] = kind
        kind = "array"
    if kind in (*TYPES, "bytes"):
        found["type"] = kind


def _parts(rest: dict[str, Any], found: dict[str, Any]) -> None:
    properties = mappings_of(rest, "properties")
    if properties:
        found["fields"] = {str(p.pop("name", i)): _field(p) for i, p in enumerate(properties)}
    if isinstance(rest.get("items"), dict):
        found["items"] = _field(rest["items"])
    parts = mapping_of(rest, "map")
    for key, new in (("key", "keys"), ("value", "values")):
        if isinstance(parts.get(key), dict):
            found[new] = _field(parts[key])


def _rules(rest: dict[str, Any], found: dict[str, Any]) -> None:
    """Take all rules out: the specification has the same kinds, and leaves their keys open."""
    rules = rest.pop("quality", None)
    if isinstance(rules, list) and rules:
        found["quality"] = [_rule(r) for r in rules]


def _rule(rule: Value) -> Value:
    if not isinstance(rule, dict) or rule.get("type") in _RULE_TYPES:
        return rule
    kind = "library" if rule.get("metric") or rule.get("rule") else "sql" if rule.get("query") else "text"
    return {"type": kind, **rule}


def _config(rest: dict[str, Any], found: dict[str, Any], own: dict[str, Value]) -> None:
    links = _links(rest)
    if links:
        found["links"] = links
    custom = _customs(rest)
    simple = {
        p["property"]: p.get("value")
        for p in custom
        if set(p) <= {"property", "value"} and isinstance(p.get("property"), str)
    }
    config = {**_taken(own, "config"), **simple}
    left = [p for p in custom if not isinstance(p.get("property"), str) or p["property"] not in simple]
    if config:
        found["config"] = config
    if left:
        rest[_CONFIG] = left
    found |= own


def _levels(rest: dict[str, Any]) -> dict[str, Any]:
    levels: dict[str, Any] = {}
    for item in mappings_of(rest, "slaProperties"):
        name = str(item.get("property", "")).lower()
        own = _kept(item)
        if name not in _LEVELS or name in levels:
            continue
        key, element = _LEVELS[name]
        level: dict[str, Any] = {}
        if isinstance(item.get("description"), str):
            level["description"] = item.pop("description")
        level[key] = _text(item.pop("value", None), item.pop("unit", None))
        if element and isinstance(item.get("element"), str):
            level[element] = item.pop("element")
        if item.get("scheduler") == "cron":
            item.pop("scheduler")
            level["cron"] = item.pop("schedule", None)
        item.pop("property")
        levels[name] = {k: v for k, v in (level | own).items() if v is not None}
        custom = _customs(item)
        if custom:
            levels[name][_CONFIG] = custom
    return levels


def _text(value: Value, unit: Value) -> Value:
    if value is None or isinstance(value, bool):
        return None
    if unit in ("percent", "%"):
        return f"{value}%"
    return f"{value}{unit or ''}" if is_number(value) else value
