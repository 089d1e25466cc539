"""Servers of the standard: what each type must say, which one is read, and where a table lies on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from meshkit.loading.odcs.engines import is_engine
from meshkit.loading.odcs.form import ServerForm
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odcs.own import own
from meshkit.model.names import did_you_mean
from meshkit.model.secret import is_reference, is_secret_name, shows_password_in_location
from meshkit.model.server import variable_name
from meshkit.model.table import Pointer

_HPDS = "host port database schema"
NEEDED: Mapping[str, str] = {
    "api": "location", "athena": "schema", "azure": "location format", "bigquery": "project dataset",
    "clickhouse": "host port database", "databricks": "catalog schema", "denodo": "host port", "dremio": "host port",
    "duckdb": "database", "exasol": "host port", "glue": "account database", "cloudsql": _HPDS, "db2": "host port database",
    "hive": "host database", "impala": "host database", "informix": "host database", "zen": "host database",
    "btrieve": "host database", "ingres": "database host", "vectorwise": "database host", "kafka": "host", "kinesis": "",
    "local": "path format", "mysql": "host port database", "oracle": "host port serviceName", "poet": "database",
    "fastobjects": "database", "versant": "database", "postgres": _HPDS, "postgresql": _HPDS, "hana": "host",
    "iceberg": "catalog catalogUrl", "presto": "host", "pubsub": "project", "redshift": "database schema", "s3": "location",
    "gcs": "location", "sftp": "location", "snowflake": "account database schema", "sqlserver": "host database schema",
    "mssql": "host database schema", "synapse": "host port database", "teradata": "host", "trino": "host port catalog schema",
    "vertica": "host port database schema", "custom": "",
}  # fmt: skip
"""Type of server -> the keys that it must have. Source: ODCS v3.2, Infrastructure & Servers."""

DIALECTS: Mapping[str, str] = {
    "athena": "trino", "bigquery": "bigquery", "clickhouse": "clickhouse", "databricks": "databricks", "hive": "spark",
    "impala": "spark", "mysql": "mysql", "oracle": "oracle", "postgres": "postgres", "postgresql": "postgres",
    "cloudsql": "postgres", "presto": "trino", "redshift": "redshift", "snowflake": "snowflake", "sqlserver": "sqlserver",
    "mssql": "sqlserver", "synapse": "sqlserver", "teradata": "teradata", "trino": "trino", "exasol": "exasol", "dremio": "dremio",
}  # fmt: skip
_ENCODINGS = {"utf-8": "", "utf8": "", "us-ascii": "", "ascii": "", "utf-16": "utf-16", "utf16": "utf-16",
              **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1"), "latin-1")}  # fmt: skip
_DELIMITERS = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "new_line": ""}
_FILES = ("local", "s3", "gcs", "azure")
_FORMATS = ("parquet", "csv", "json", "delta", "iceberg", "")


class Located(NamedTuple):
    """Where a table is: a location and its format, or why it cannot be read."""

    location: str = ""
    format: str = ""
    delimiter: str = ""
    encoding: str = ""
    unreadable: str = ""


def check_servers(servers: Sequence[ServerForm], notes: Notes) -> None:
    """Note every server that does not say what its type must say."""
    for position, server in enumerate(servers):
        pointer = ("servers", position)
        kind = server.type or ""
        if kind and kind not in NEEDED:
            hint = did_you_mean(kind, NEEDED) or "a type of one's own is written as custom"
            notes.note("MK110", f"type: '{kind}' is no type of server", hint, (*pointer, "type"), warning=notes.is_open)
        for key in NEEDED.get(kind, "").split():
            if getattr(server, "schema_" if key == "schema" else key) is None:
                hint = f"a server of type {kind} needs it"
                notes.note(
                    "MK104", f"key '{key}' is missing", hint, (*pointer, key), of_value=False, warning=notes.is_open
                )


def check_secrets(servers: Sequence[ServerForm], notes: Notes) -> None:
    """Note every secret that stands in a server. Its value is not shown."""
    for position, server in enumerate(servers):
        here: Pointer = ("servers", position)
        for key, text in server.model_dump(exclude={"customProperties", "roles", "description"}).items():
            if isinstance(text, str) and (shows_password_in_location(text) or _is_login(key, text)):
                _secret("a password", server, (*here, key.rstrip("_")), notes)
        for index, item in enumerate(server.customProperties):
            if is_secret_name(item.property or "") and item.value and not is_reference(str(item.value)):
                _secret(f"'{item.property}'", server, (*here, "customProperties", index, "value"), notes)
    for position, finding in enumerate(notes.findings):  # standards have no key for a password
        root, name = finding.pointer[:1], finding.pointer[-1:]
        if root == ("servers",) and finding.problem.code == "MK102" and is_secret_name(str(name[0])):
            secret = notes.source.problem(
                "MK160", f"'{name[0]}' stands in a server in the clear", _WAY_OUT, finding.pointer
            )
            notes.findings[position] = finding._replace(problem=secret)


_WAY_OUT = (
    "take it out, and change it if others have seen it; credentials come from the environment or from meshkit.yaml"
)


def _is_login(key: str, text: str) -> bool:
    """Tell whether a host is written behind a user and a password."""
    return key in ("host", "account") and ":" in text.rpartition("@")[0]


def _secret(what: str, server: ServerForm, pointer: Pointer, notes: Notes) -> None:
    notes.note("MK160", f"{what} of server '{server.server}' stands in the clear", _WAY_OUT, pointer)


def chosen(servers: Sequence[ServerForm]) -> ServerForm | None:
    """Return the server that is read: the first of files, else the first that is an engine, else the first."""
    readable = [s for s in servers if s.type in (*_FILES, "duckdb")]
    engines = [s for s in servers if is_engine(s)]
    return next(iter(readable or engines or servers), None)


def locate(server: ServerForm | None, table: str, tables: int) -> Located:
    """Return where the table of that name lies on a server that holds `tables` of them."""
    if server is None:
        return Located()
    native = own(server.customProperties, "type", "")
    if native != "" and server.type == "custom" and tables == 1:
        return Located(server.location or "", native or "")
    if native is None and server.type != "duckdb":
        server = server.model_copy(update={"format": ""})
    if server.type == "duckdb":
        return Located(f"{server.database}#{server.schema_ or 'main'}.{table}", "table" if native is not None else "")
    if is_engine(server):
        name = variable_name(server.server or "")
        return Located(
            unreadable=f"server '{server.server}' is of type {server.type}, and neither an engine nor credentials are given for it; "
            f"name an engine '{server.server}' in meshkit.yaml, give --engine, or set MESHKIT_{name}_USER and MESHKIT_{name}_PASSWORD"
        )
    if server.type not in _FILES:
        return Located(
            unreadable=f"server '{server.server}' is of type {server.type}, which this version does not connect to"
        )
    location = (server.path if server.type == "local" else server.location) or ""
    kind = (server.format or "").lower()
    if kind not in _FORMATS:
        return Located(unreadable=f"server '{server.server}' holds {kind}, which this version does not read")
    if tables > 1 and "{model}" not in location:
        return Located(
            unreadable=f"server '{server.server}' has one location for {tables} objects; write {{model}} into it, where the name stands"
        )
    encoding = _ENCODINGS.get((server.encoding or "utf-8").lower())
    if encoding is None and kind != "parquet":
        return Located(
            unreadable=f"server '{server.server}' holds texts in {server.encoding}, which this version does not read"
        )
    delimiter = server.delimiter or "" if kind == "csv" else ""
    return Located(location.replace("{model}", table), kind, _DELIMITERS.get(delimiter, delimiter), encoding or "")
