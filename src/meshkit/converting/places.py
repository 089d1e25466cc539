"""Where the data lies: a native location to an ODCS server, and back."""

from __future__ import annotations

import re
from typing import Any

from meshkit.converting.document import custom_of, put_custom, text_of

_SCHEMES = {"s3": "s3", "s3a": "s3", "az": "azure", "abfss": "azure"}
_ENDINGS = {
    "parquet": "parquet",
    "pq": "parquet",
    "csv": "csv",
    "tsv": "csv",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
}
_FILES = ("parquet", "csv", "json", "delta", "iceberg")
_IN_DATABASE = re.compile(r"([^#]+\.(?:duckdb|db|ddb))#(\w+)\.(\w+)")
SERVER = "data"


def write_server(target: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    """Take location and type out of a native schema and return the server that says the same, if there is one.

    Args:
        target: The object of the schema; a table of a database takes its physical name from the location.
        schema: The native schema, to be taken apart.
    """
    location = text_of(schema, "location")
    if not location:
        return None
    kind = text_of(schema, "type")
    server: dict[str, Any] = {"server": SERVER, **_server(target, location, kind)}
    if _location_of(server, target) != location:
        target.pop("physicalName", None)
        server = {"server": SERVER, "type": "custom", "location": location, **({"format": kind} if kind else {})}
    if _kind_of(server) != kind or server["type"] == "custom":
        put_custom(server, "type", kind)
    return server


def _server(target: dict[str, Any], location: str, kind: str | None) -> dict[str, Any]:
    table = _IN_DATABASE.fullmatch(location)
    if table and kind in (None, "table"):
        target["physicalName"] = table[3]
        return {"type": "duckdb", "database": table[1], "schema": table[2]}
    scheme, found, _ = location.partition("://")
    ending = location.rpartition(".")[2].lower()
    form = kind or _ENDINGS.get(ending, "")
    if kind in (*_FILES, None) and "#" not in location and "{model}" not in location:
        if found and scheme in _SCHEMES:
            return {"type": _SCHEMES[scheme], "location": location, "format": form or "unknown"}
        if not found:
            return {"type": "local", "path": location, "format": form or "unknown"}
    return {"type": "custom", "location": location, **({"format": form} if form else {})}


def _location_of(server: dict[str, Any], table: dict[str, Any]) -> str:
    if server.get("type") == "duckdb":
        return f"{server.get('database')}#{server.get('schema') or 'main'}.{table.get('physicalName') or table.get('name')}"
    return str(server.get("path" if server.get("type") == "local" else "location") or "")


def _kind_of(server: dict[str, Any]) -> str | None:
    """Return the native type of what a server holds."""
    kind = "table" if server.get("type") == "duckdb" else server.get("format")
    return kind.lower() if isinstance(kind, str) and kind.lower() in (*_FILES, "table", "kafka") else None


def read_server(server: dict[str, Any], table: dict[str, Any], tables: int) -> dict[str, Any]:
    """Take a server apart into the location and type of a native schema; what they cannot say stays."""
    kind = server.get("type")
    if kind not in ("local", "s3", "gcs", "azure", "duckdb", "custom"):
        return {}
    location = _location_of(server, table)
    if kind == "duckdb":
        table.pop("physicalName", None)
    elif not location or (tables > 1 and "{model}" not in location):
        return {}
    found = {"location": location}
    if kind != "custom":
        found["location"] = location.replace("{model}", str(table.get("physicalName") or table.get("name")))
    own = custom_of(server, "type", default="")
    form = _kind_of(server) if own == "" else own
    if form:
        found["type"] = form
    for key in ("server", "type", "path", "location", "database", "schema", "format"):
        if key in ("type", "server") or kind != "duckdb" or key in ("database", "schema"):
            server.pop(key, None)
    return found
