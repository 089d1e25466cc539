"""Remote locations: DuckDB's extensions for them, and credentials from the environment, never from a contract."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from meshkit.engines.sources import Source
from meshkit.errors import SourceError


def open_remote(database: duckdb.DuckDBPyConnection, source: Source, environment: Mapping[str, str]) -> Source:
    """Load what a remote source needs, and expand its glob to the files that are there now.

    Raises:
        SourceError: MK307 the extension is not on this machine, MK302 nothing matches.
    """
    _load(database, source.extension)
    scheme = source.files[0].partition("://")[0].lower()
    secret = _secret(scheme, environment)
    if secret:
        database.execute(f"CREATE OR REPLACE SECRET meshkit_{scheme} ({secret})")
    if "*" not in source.files[0]:
        return source
    files = [r[0] for r in database.execute("SELECT file FROM glob(?) ORDER BY file", [source.files[0]]).fetchall()]
    if not files:
        raise SourceError("no remote file matches the location", "check it, and the credentials in the environment")
    return source._replace(files=tuple(files))


def _load(database: duckdb.DuckDBPyConnection, name: str) -> None:
    try:
        database.execute(f"LOAD {name}")
    except duckdb.Error as error:
        hint = f"install it once with: duckdb.sql('INSTALL {name}'), or copy the data and use --table NAME=LOCATION"
        what = f"remote locations need DuckDB's extension '{name}', which is not installed here"
        raise SourceError(what, hint, code="MK307") from error


def _secret(scheme: str, environment: Mapping[str, str]) -> str:
    """Return the body of CREATE SECRET for a scheme; empty where the environment holds none, for public data."""
    if scheme in ("s3", "s3a", "r2"):
        kind, names = (
            "s3",
            {"KEY_ID": "AWS_ACCESS_KEY_ID", "SECRET": "AWS_SECRET_ACCESS_KEY", "SESSION_TOKEN": "AWS_SESSION_TOKEN"},
        )
        names["REGION"] = "AWS_REGION" if "AWS_REGION" in environment else "AWS_DEFAULT_REGION"
    elif scheme in ("gs", "gcs"):
        kind, names = "gcs", {"KEY_ID": "GCS_ACCESS_KEY_ID", "SECRET": "GCS_SECRET_ACCESS_KEY"}
    elif scheme in ("az", "azure", "abfss"):
        kind, names = "azure", {"CONNECTION_STRING": "AZURE_STORAGE_CONNECTION_STRING"}
    else:
        return ""
    parts = [f"{option} {_text(environment[name])}" for option, name in names.items() if environment.get(name)]
    endpoint = environment.get("AWS_ENDPOINT_URL", "") if kind == "s3" else ""
    if endpoint:
        parts += [f"ENDPOINT {_text(endpoint.partition('://')[2].rstrip('/'))}", "URL_STYLE 'path'"]
        parts.append(f"USE_SSL {'false' if endpoint.startswith('http://') else 'true'}")
    return f"TYPE {kind}, {', '.join(parts)}" if parts else ""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
