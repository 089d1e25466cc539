"""A native product to a contract of the Open Data Contract Standard, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from meshkit.converting.columns import column_name, read_field, write_field
from meshkit.converting.document import (
    Converted,
    Loss,
    Value,
    copied,
    custom_of,
    customs_of,
    losses_in,
    mapping_of,
    mappings_of,
    put_custom,
    put_rest,
    text_of,
)
from meshkit.converting.people import read_access, read_owner, write_access, write_owner
from meshkit.converting.places import read_server, write_server
from meshkit.converting.rules import read_rules, write_query, write_row_count
from meshkit.converting.service import read_service, write_service
from meshkit.model.names import fold, is_identifier, is_semver

API_VERSION = "v3.2.0"
_STATUSES = ("draft", "active", "deprecated", "retired")
_OTHER_STATUSES = {"production": "active", "proposed": "draft", "development": "draft"}
_WHY: Mapping[str, str] = {
    "servers": "a native product has one location, which this server does not give",
    "quality": "a native check is a constraint, a row count, or one SELECT that returns a number",
    "relationships": "a native reference is of one column to one other, written table.column",
    "properties": "native columns have no parts",
    "items": "native columns have no parts",
    "map": "native columns have no parts",
    "logicalTypeOptions": "no native constraint says the same; a check in SQL could",
    "slaProperties": "the native form promises availability, freshness, completeness and retention",
    "members": "the native form names a team, not its members",
}
_OTHER = "the native form has no word for it"


def native_to_odcs(native: Mapping[str, Value]) -> Converted:
    """Write a native product as a contract of the standard. What the standard lacks becomes custom properties."""
    rest = copied(dict(native))
    odcs: dict[str, Any] = {"apiVersion": API_VERSION, "kind": "DataContract"}
    name, domain = rest.get("name"), rest.get("domain")
    odcs["id"] = f"{domain if isinstance(domain, str) else 'default'}.{name if isinstance(name, str) else 'unnamed'}"
    for key in ("name", "version", "status", "domain"):
        text = text_of(rest, key)
        if text is not None:
            odcs[key] = text
    own_status = _write_status(odcs)
    if isinstance(rest.get("tags"), list):
        odcs["tags"] = rest.pop("tags")
    description = text_of(rest, "description")
    if description is not None:
        odcs["description"] = {"purpose": description}
    _write_schema(odcs, rest)
    write_owner(odcs, rest)
    write_access(odcs, rest)
    promises = write_service(rest, odcs["schema"][0]["name"] if odcs.get("schema") else "")
    if promises:
        odcs["slaProperties"] = promises
    if own_status is not None:
        put_custom(odcs, "status", own_status)
    put_rest(odcs, {k: v for k, v in rest.items() if v != {} or k not in ("sla", "access", "schema")})
    return Converted(odcs)


def _write_status(odcs: dict[str, Any]) -> str | None:
    """Write the standard's word for a native status; return the native one where they are not the same."""
    status = odcs.get("status")
    if status is None or status in _STATUSES:
        return None
    odcs["status"] = "active"
    return None if status == "current" else str(status)


def _write_schema(odcs: dict[str, Any], rest: dict[str, Any]) -> None:
    schema = mapping_of(rest, "schema")
    fields = schema.get("fields")
    if not schema or not (fields or schema.get("location")) or not isinstance(fields or [], list):
        return
    if not all(isinstance(f, dict) for f in fields or []):
        return
    del rest["schema"]
    alias = text_of(schema, "alias")
    table: dict[str, Any] = {"name": alias or odcs.get("name") or "unnamed"}
    if alias and alias == odcs.get("name"):
        put_custom(table, "alias", alias)
    server = write_server(table, schema)
    if server is not None:
        odcs["servers"] = [server]
    properties = [write_field(f) for f in schema.pop("fields", None) or []]
    _write_keys(table, schema, properties)
    if properties:
        table["properties"] = properties
    _write_rules(table, schema, mapping_of(rest, "sla"))
    put_rest(table, schema)
    if "customProperties" in table:
        table["customProperties"] = table.pop("customProperties")
    odcs["schema"] = [table]


def _write_keys(table: dict[str, Any], schema: dict[str, Any], properties: list[dict[str, Any]]) -> None:
    """Write key and partitions to the columns that they name; the lists are kept where the columns cannot tell them."""
    by_name = {column_name(p): p for p in properties}
    listed = _names(schema.pop("primary_key", None))
    flagged = [p for p in properties if p.get("primaryKey")]
    if listed:
        for p in flagged:
            del p["primaryKey"]
            put_custom(p, "is_primary_key", True)
        put_custom(table, "primary_key", listed)
    keys = [by_name[fold(n)] for n in listed if fold(n) in by_name] if listed else flagged
    for position, p in enumerate(keys, 1):
        p["primaryKey"] = True
        if len(keys) > 1:
            p["primaryKeyPosition"] = position
    parts = _names(schema.pop("partitioned_by", None))
    for position, name in enumerate(parts, 1):
        found = by_name.get(fold(name))
        if found is not None:
            found |= {"partitioned": True, "partitionKeyPosition": position}
    if parts and [p["name"] for p in _flagged(properties, "partitioned", "partitionKeyPosition")] != parts:
        put_custom(table, "partitioned_by", parts)


def _names(value: Value) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    return [v for v in listed if isinstance(v, str)] if isinstance(listed, list) else []


def _write_rules(table: dict[str, Any], schema: dict[str, Any], sla: dict[str, Any]) -> None:
    rules = []
    count = write_row_count(schema["row_count"]) if schema.get("row_count") is not None else None
    if count is not None:
        del schema["row_count"]
        rules.append(count)
    checks = sla.get("quality_checks")
    if isinstance(checks, list) and checks:
        written = [write_query(c) if isinstance(c, dict) else None for c in checks]
        if all(written):
            rules += [w for w in written if w]
            del sla["quality_checks"]
    if rules:
        table["quality"] = rules


def odcs_to_native(odcs: Mapping[str, Value]) -> Converted:
    """Write a contract of the standard as a native product, with what that cannot hold."""
    rest = copied(dict(odcs))
    customs = customs_of(rest)
    native: dict[str, Any] = {}
    _read_head(rest, native, customs)
    _read_description(rest, native)
    native |= read_owner(rest, customs.pop("owner", None))
    schema, checks, table = _read_schema(rest, native.get("name", ""))
    if schema:
        native["schema"] = schema
    native |= read_access(rest, customs.pop("access", None))
    service = read_service(rest, table)
    sla = {**service.pop("sla", {}), **(customs.pop("sla", None) or {})}
    if checks:
        sla["quality_checks"] = checks + sla.get("quality_checks", [])
    if sla:
        native["sla"] = sla
    native |= service
    native |= customs
    others = [
        Loss(
            ("schema", i), f"object '{o.get('name', '')}'", "a native product has one table; give each its own contract"
        )
        for i, o in enumerate(rest.get("schema") or [])
        if i and isinstance(o, dict)
    ]
    if others:
        rest["schema"] = rest["schema"][:1]
    renamed = _renamed(native)
    return Converted(_sorted(native), (*renamed, *others, *losses_in(rest, _WHY, _OTHER)))


def _renamed(native: dict[str, Any]) -> list[Loss]:
    """Make names that the native form admits, and a version of three numbers."""
    found = []
    schema = mapping_of(native, "schema")
    for holder, key, pointer in (
        (native, "name", ("name",)),
        (native, "domain", ("domain",)),
        (schema, "alias", ("schema", 0, "name")),
    ):
        text = holder.get(key)
        if isinstance(text, str) and not is_identifier(text):
            word = re.sub(r"\W+", "_", text.strip().lower()).strip("_") or "unnamed"
            holder[key] = word if word[0].isalpha() else f"contract_{word}"
            why = f"a native name has letters, digits, '_' and '-' alone; it is written {holder[key]}"
            found.append(Loss(pointer, f"{pointer[-1]}: {text}", why))
    version = native.get("version")
    if version is not None and not is_semver(version) and re.fullmatch(r"v?\d+(\.\d+)?", version):
        native["version"] = ".".join([*version.removeprefix("v").split("."), "0", "0"][:3])
        why = f"a native version has three numbers; it is written {native['version']}"
        found.append(Loss(("version",), f"version: {version}", why))
    return found


def _read_head(rest: dict[str, Any], native: dict[str, Any], customs: dict[str, Value]) -> None:
    for key in ("apiVersion", "kind"):
        rest.pop(key, None)
    name, domain = text_of(rest, "name"), text_of(rest, "domain")
    stated = rest.get("id")
    native["name"] = name or str(stated or "unnamed")
    if name is None or stated == f"{domain or 'default'}.{name}":
        rest.pop("id", None)
    version = rest.pop("version", None)
    if version is not None:
        native["version"] = str(version)
    if domain is not None:
        native["domain"] = domain
    status = text_of(rest, "status")
    own = customs.pop("status", None)
    if own is not None or status is not None:
        folded = (status or "").casefold()
        native["status"] = own or _OTHER_STATUSES.get(folded, folded if folded in _STATUSES else "active")
    tags = rest.pop("tags", None)
    if tags:
        native["tags"] = tags


def _read_description(rest: dict[str, Any], native: dict[str, Any]) -> None:
    parts = mapping_of(rest, "description")
    purpose, usage, limits = (text_of(parts, k) for k in ("purpose", "usage", "limitations"))
    if usage is None and limits is None:
        found = purpose
    else:
        words = [purpose, usage and f"Usage: {usage}", limits and f"Limitations: {limits}"]
        found = "\n".join(w.strip() for w in words if w)
    if found is not None:
        native["description"] = found


def _read_schema(rest: dict[str, Any], name: str) -> tuple[dict[str, Any], list[dict[str, Any]], str]:
    """Take the first object out: the native schema, its checks in SQL, and the name of the table."""
    objects = mappings_of(rest, "schema")
    if not objects:
        return {}, [], ""
    table = objects[0]
    own = {k: custom_of(table, k) for k in ("primary_key", "partitioned_by", "alias")}
    server = next((s for s in mappings_of(rest, "servers") if read_server(copied(s), copied(table), len(objects))), {})
    schema = read_server(server, table, len(objects)) if server else {}
    called = str(table.pop("name", None) or name)
    if called != name or own["alias"]:
        schema["alias"] = called
    properties = mappings_of(table, "properties")
    if own["partitioned_by"] or any(p.get("partitioned") for p in properties):
        parts = _flagged(properties, "partitioned", "partitionKeyPosition")
        schema["partitioned_by"] = own["partitioned_by"] or [p.get("physicalName") or p.get("name") for p in parts]
    _read_keys(schema, properties, own["primary_key"])
    count, checks = read_rules(table, called)
    if count:
        schema["row_count"] = count
    for p in properties:
        for key in ("partitioned", "partitionKeyPosition", "primaryKeyPosition"):
            p.pop(key, None)
    fields = [read_field(p) for p in properties]
    schema |= customs_of(table)
    if fields:
        schema["fields"] = fields
    return schema, checks, called


def _read_keys(schema: dict[str, Any], properties: list[dict[str, Any]], listed: Value) -> None:
    """Say the key by the columns' own flags where they stand in its order, else by a list."""
    keys = _flagged(properties, "primaryKey", "primaryKeyPosition")
    if not listed and keys == [p for p in properties if p.get("primaryKey")]:
        return
    schema["primary_key"] = listed or [p.get("physicalName") or p.get("name") for p in keys]
    for p in properties:
        p.pop("primaryKey", None)


def _flagged(properties: list[dict[str, Any]], flag: str, position: str) -> list[dict[str, Any]]:
    found = [p for p in properties if p.get(flag)]
    places = [p.get(position) for p in found]
    order = [v if isinstance(v, int) and v >= 0 else len(properties) for v in places]
    return [found[i] for i in sorted(range(len(found)), key=lambda i: order[i])]


def _sorted(native: dict[str, Any]) -> dict[str, Any]:
    """Put what the native form says first before what it says later."""
    first = (
        "name",
        "version",
        "domain",
        "status",
        "data_kind",
        "cadence",
        "classification",
        "owner",
        "description",
        "tags",
    )
    middle = ("schema", "inputs", "access", "row_filter", "sla")
    order = {key: i for i, key in enumerate((*first, *middle))}
    known = sorted((k for k in native if k in order), key=lambda k: order[k])
    return {k: native[k] for k in (*known, *(k for k in native if k not in order)) if native[k] is not None}
