"""Servers of the standard that are engines: where each is, as a URL without credentials, and how its tables are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from meshkit.loading.odcs.form import ServerForm
from meshkit.model.server import Server


class _Form(NamedTuple):
    """How the keys of a server make a URL.

    Attributes:
        scheme: What the URL starts with.
        host: The key that its host stands in.
        path: Keys that follow the host.
        prefix: Keys that name where tables are, the outermost first.
        query: Option -> the key that gives it.
    """

    scheme: str
    host: str = "host"
    path: tuple[str, ...] = ("database",)
    prefix: tuple[str, ...] = ("schema_",)
    query: Mapping[str, str] = {}


_POSTGRES = _Form("postgresql")
_SQLSERVER = _Form("mssql")
_CATALOG = ("catalog", "schema_")
_FORMS: Mapping[str, _Form] = {
    "postgres": _POSTGRES,
    "postgresql": _POSTGRES,
    "cloudsql": _POSTGRES,
    "redshift": _Form("redshift"),
    "snowflake": _Form(
        "snowflake", "account", ("database", "schema_"), ("database", "schema_"), {"warehouse": "warehouse"}
    ),
    "bigquery": _Form("bigquery", "project", ("dataset",), ("project", "dataset")),
    "databricks": _Form("databricks", path=(), prefix=_CATALOG, query={"catalog": "catalog", "schema": "schema_"}),
    "clickhouse": _Form("clickhouse", prefix=("database",)),
    "mysql": _Form("mysql", prefix=("database",)),
    "sqlserver": _SQLSERVER,
    "mssql": _SQLSERVER,
    "synapse": _SQLSERVER,
    "trino": _Form("trino", path=_CATALOG, prefix=_CATALOG),
    "athena": _Form(
        "athena", "regionName", _CATALOG, _CATALOG, {"s3_staging_dir": "stagingDir", "work_group": "workgroup"}
    ),
    "oracle": _Form("oracle", path=(), query={"service_name": "serviceName"}),
}
"""Type of server -> its form. Source: ODCS v3.2, Infrastructure & Servers."""

_KEPT = "${}:-"
"""The signs of a variable, which is replaced when a connection is opened."""


def is_engine(server: ServerForm) -> bool:
    """Tell whether a server is an engine that statements can be sent to, and says where it is."""
    form = _FORMS.get(server.type or "")
    return form is not None and bool(server.server) and bool(_host(server, form))


def server_of(server: ServerForm | None) -> Server | None:
    """Return where a server is, without credentials; None where it is none that statements can be sent to."""
    if server is None or not is_engine(server):
        return None
    form = _FORMS[server.type or ""]
    host = _host(server, form).rpartition("@")[2]
    port = f":{server.port}" if server.port and form.host == "host" else ""
    path = "".join(f"/{quote(text, safe=_KEPT)}" for key in form.path if (text := getattr(server, key)))
    query = urlencode(
        [(option, text) for option, key in form.query.items() if (text := getattr(server, key))], safe=_KEPT
    )
    return Server(
        name=server.server or "",
        type=server.type or "",
        url=f"{form.scheme}://{host}{port}{path}{'?' if query else ''}{query}",
        schema_parts=tuple(text for key in form.prefix if (text := getattr(server, key))),
    )


def _host(server: ServerForm, form: _Form) -> str:
    """Return the host; athena's region stands in one of two keys, and has a default."""
    found = getattr(server, form.host) or ""
    return found or (server.region or "default" if form.host == "regionName" else "")
