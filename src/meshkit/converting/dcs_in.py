"""The older Data Contract Specification to ODCS, with the way back from each pointer to where it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from meshkit.converting.dcs_fields import FieldWriter, Origins, keep, links, soda_rules
from meshkit.converting.document import Converted, Value, copied, is_empty, mapping_of, text_of
from meshkit.model.table import Pointer

ROOT_KEYS = frozenset(
    "dataContractSpecification id info servers terms models definitions servicelevels links tags quality examples".split()
)
INFO_KEYS = frozenset("title version status description owner contact links".split())
MODEL_KEYS = frozenset(
    "description type title fields primaryKey quality examples additionalFields config tags links".split()
)
_SERVER_KEYS = frozenset(
    "type description environment location endpointUrl format delimiter project dataset account host port database schema "
    "catalog path region stream serviceName".split()
)
_SERVER_TYPES = frozenset(
    "api athena azure bigquery clickhouse databricks duckdb gcs glue kafka kinesis local mysql oracle postgres postgresql pubsub "
    "redshift s3 sftp snowflake sqlserver trino impala custom".split()
)
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_MEASURED = ("availability", "retention", "latency", "freshness", "frequency")
"""Service levels that the standard has a word for."""
_INTERVALS = {"hourly": (1, "h"), "daily": (1, "d"), "weekly": (7, "d"), "monthly": (30, "d"), "yearly": (365, "d")}
_ELEMENTS = ("timestampField", "sourceTimestampField")
_VALUES = ("threshold", "period", "percentage", "interval", "time", "responseTime")


def dcs_to_odcs(dcs: Mapping[str, Value]) -> Converted:
    """Write a contract of the older specification as one of ODCS. Nothing is lost: the rest becomes custom properties."""
    rest = copied(dict(dcs))
    origins: Origins = {}
    rest.pop("dataContractSpecification", None)
    odcs: dict[str, Any] = {"apiVersion": "v3.2.0", "kind": "DataContract"}
    if rest.get("id") is not None:
        odcs["id"] = rest.pop("id")
    _info(odcs, rest, origins)
    if isinstance(rest.get("tags"), list):
        odcs["tags"] = rest.pop("tags")
    _terms(odcs, rest, origins)
    links(odcs, rest.pop("links", None))
    _servers(odcs, rest, origins)
    _models(odcs, rest, origins)
    _levels(odcs, rest, origins)
    for key, value in rest.items():
        if not is_empty(value):
            keep(odcs, key, value)
    if "customProperties" in odcs:
        odcs["customProperties"] = odcs.pop("customProperties")
    return Converted(odcs, (), origins)


def _info(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    info = mapping_of(rest, "info")
    for key, new in (("title", "name"), ("version", "version"), ("status", "status")):
        origins[new,] = ("info", key)
        if info.get(key) is not None:
            odcs[new] = info.pop(key)
    description = text_of(info, "description")
    origins["description", "purpose"] = ("info", "description")
    if description is not None:
        odcs["description"] = {"purpose": description}
    owner = text_of(info, "owner")
    if owner:
        odcs["team"] = {"name": owner}
        origins["team",] = ("info", "owner")
    contact = mapping_of(info, "contact")
    origins["support",] = ("info", "contact")
    name, url, mail = (text_of(contact, k) for k in ("name", "url", "email"))
    support: list[Value] = [{"channel": name or mail, "url": f"mailto:{mail}", "tool": "email"}] if mail else []
    support += [{"channel": name or url, **({"url": url} if url else {})}] if url or (name and not mail) else []
    if support:
        odcs["support"] = support
    links(odcs, info.pop("links", None))


def _terms(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    terms = mapping_of(rest, "terms")
    for key in ("usage", "limitations"):
        text = text_of(terms, key)
        if text is not None:
            odcs.setdefault("description", {})[key] = text
            origins["description", key] = ("terms", key)
    policies = terms.get("policies")
    if isinstance(policies, list) and all(_is_policy(p) for p in policies):
        entries = [
            {"url": p["url"], "type": p.get("name") or p.get("type") or "policy"}
            | ({"description": p["description"]} if p.get("description") else {})
            for p in terms.pop("policies")
        ]
        if entries:
            odcs.setdefault("description", {})["authoritativeDefinitions"] = entries


def _is_policy(policy: Value) -> bool:
    return (
        isinstance(policy, dict)
        and isinstance(policy.get("url"), str)
        and not set(policy) - {"name", "type", "url", "description"}
    )


def _servers(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    servers = rest.get("servers")
    if not isinstance(servers, dict):
        return
    del rest["servers"]
    origins["servers",] = ("servers",)
    odcs["servers"] = []
    for position, (name, server) in enumerate(servers.items()):
        here: Pointer = ("servers", position)
        origins[here] = origins[*here, "server"] = ("servers", name)
        target: dict[str, Any] = {"server": name}
        for key, value in server.items() if isinstance(server, dict) else ():
            if key == "type" and isinstance(value, str) and value.lower() not in _SERVER_TYPES:
                target["type"] = "custom"
                keep(target, "type", value)
            elif key in _SERVER_KEYS:
                target[key] = value.lower() if key == "type" and isinstance(value, str) else value
            elif key == "roles" and isinstance(value, list) and all(isinstance(r, dict) for r in value):
                target["roles"] = [{"role" if k == "name" else k: v for k, v in role.items()} for role in value]
            elif value is not None:
                keep(target, key, value)
        odcs["servers"].append(target)


def _models(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    models = rest.get("models")
    if not isinstance(models, dict):
        return
    del rest["models"]
    writer = FieldWriter(mapping_of(rest, "definitions"), origins)
    origins["schema",] = ("models",)
    odcs["schema"] = [_model(n, m, i, writer) for i, (n, m) in enumerate(models.items())]
    _old_rules(odcs, rest, origins)


def _model(name: str, model: Value, position: int, writer: FieldWriter) -> dict[str, Any]:
    here: Pointer = ("schema", position)
    origin: Pointer = ("models", name)
    writer.origins[here] = writer.origins[*here, "name"] = origin
    target: dict[str, Any] = {"name": name, "logicalType": "object"}
    values = dict(model) if isinstance(model, dict) else {}
    for key, new in (
        ("type", "physicalType"),
        ("title", "businessName"),
        ("description", "description"),
        ("tags", "tags"),
    ):
        if values.get(key) is not None:
            target[new] = values.pop(key)
            writer.origins[*here, new] = (*origin, key)
    links(target, values.pop("links", None))
    if isinstance(values.get("fields"), dict):
        target["properties"] = writer.properties(values.pop("fields"), (*here, "properties"), (*origin, "fields"))
    members = values.get("primaryKey")
    named = {p["name"]: p for p in target.get("properties", [])}
    if isinstance(members, list) and all(isinstance(n, str) and n in named for n in members):
        for place, column in enumerate(values.pop("primaryKey"), 1):
            named[column] |= {"primaryKey": True, "primaryKeyPosition": place}
    if values.get("quality") is not None:
        target["quality"] = writer.rules(values.pop("quality"), (*here, "quality"), (*origin, "quality"))
    for left, value in values.items():
        if value is not None:
            keep(target, left, value)
    return target


def _old_rules(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    """Write the deprecated `quality` at the root as rules of other engines, which are told and not run."""
    quality = rest.get("quality")
    if not isinstance(quality, dict) or not odcs["schema"]:
        return
    engine = str(quality.get("type") or "custom")
    for model, checks in soda_rules(quality).items():
        place = next((i for i, o in enumerate(odcs["schema"]) if o["name"] == model), 0)
        for check, origin in checks:
            rules = odcs["schema"][place].setdefault("quality", [])
            origins["schema", place, "quality", len(rules)] = origin
            body = check if isinstance(check, (str, dict)) else {"specification": check}
            word = {"SodaCL": "soda"}.get(engine, engine)
            rules.append({"name": f"{word}_{len(rules) + 1}", "type": "custom", "engine": word, "implementation": body})


def _levels(odcs: dict[str, Any], rest: dict[str, Any], origins: Origins) -> None:
    levels = rest.get("servicelevels")
    if not isinstance(levels, dict):
        return
    found: list[dict[str, Any]] = []
    for name in list(levels):
        level = levels[name]
        item = _level(name, dict(level)) if isinstance(level, dict) and name in _MEASURED else None
        if item is not None:
            here: Pointer = ("slaProperties", len(found))
            origins[here] = ("servicelevels", name)
            used = next((k for k in _VALUES if level.get(k) is not None), "")
            origins[*here, "value"] = ("servicelevels", name, used)
            element = next((k for k in _ELEMENTS if level.get(k) is not None), "")
            origins[*here, "element"] = ("servicelevels", name, element)
            found.append(item)
            del levels[name]
    if found:
        odcs["slaProperties"] = found


def _level(name: str, level: dict[str, Any]) -> dict[str, Any] | None:
    """Return a service level as a property of the service; None where nothing of it is a value."""
    key = next((k for k in _VALUES if level.get(k) is not None), "")
    item = {"property": name, **_value(level.get(key))} if key else {"property": name, "value": None}
    if name in ("frequency", "retention", "freshness", "latency") and item["value"] is None:
        return None
    if name == "frequency" and not item.get("unit") and not str(item["value"]).upper().startswith("P"):
        return None
    level.pop(key, None)
    element = next((k for k in _ELEMENTS if isinstance(level.get(k), str)), "")
    if element:
        item["element"] = level.pop(element)
    if isinstance(level.get("description"), str):
        item["description"] = level.pop("description")
    if isinstance(level.get("cron"), str):
        item |= {"scheduler": "cron", "schedule": level.pop("cron")}
    for rest_key, value in level.items():
        if value is not None:
            keep(item, rest_key, value)
    return item


def _value(value: Value) -> dict[str, Value]:
    """Return value and unit of a text such as 25h, 99.9%, daily or P1Y."""
    text = value if isinstance(value, str) else ""
    if text in _INTERVALS:
        return dict(zip(("value", "unit"), _INTERVALS[text], strict=True))
    if text.strip().endswith("%") and re.fullmatch(r"\d+(\.\d+)?", text.strip(" %")):
        return {"value": _number(text.strip(" %")), "unit": "percent"}
    found = _SPAN.fullmatch(text)
    return {"value": _number(found[1]), "unit": found[2]} if found else {"value": value}


def _number(text: str) -> int | Decimal:
    return Decimal(text) if "." in text else int(text)
