"""Trino, by its own client. Not run on a real server here: written from the client's documentation."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from meshkit.engines.base import Settings
from meshkit.engines.dbapi import (
    LOST,
    OVERFLOW,
    VALUE,
    ZERO,
    DbApiDriver,
    Reason,
    found_table,
    literal,
    placed,
    words_for,
)
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import CONNECT_SECONDS, login_of, unreached
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError, UsageError
from meshkit.model.relation import SeenColumn

_OPTIONS = ("schema", "token", "http_scheme", "verify", "role")
_WORDS = {
    "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "real": "FLOAT",
    "double": "DOUBLE", "varchar": "VARCHAR", "char": "VARCHAR", "varbinary": "BLOB", "date": "DATE", "json": "JSON", "uuid": "UUID",
    "time": "TIME", "timestamp": "TIMESTAMP", "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
    "time with time zone": "TIME WITH TIME ZONE",
}  # fmt: skip
_TOLD = frozenset((
    "SYNTAX_ERROR", "COLUMN_NOT_FOUND", "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "FUNCTION_NOT_FOUND",
    "TYPE_MISMATCH", "AMBIGUOUS_NAME", "MISSING_COLUMN_NAME", "EXPRESSION_NOT_AGGREGATE", "EXPRESSION_NOT_SCALAR",
    "NOT_SUPPORTED", "PERMISSION_DENIED", "MISSING_GROUP_BY", "NESTED_AGGREGATION", "TYPE_NOT_FOUND", "MISSING_CATALOG_NAME",
    "MISSING_SCHEMA_NAME", "INVALID_COLUMN_REFERENCE", "FUNCTION_NOT_AGGREGATE",
))  # fmt: skip
_LATE = ("EXCEEDED_TIME_LIMIT", "EXCEEDED_CPU_LIMIT")
_OVERFLOWS = ("NUMERIC_VALUE_OUT_OF_RANGE", "DECIMAL_OVERFLOW")
_PRECISION = re.compile(r"\(\d+\)")


def connect(address: Address, settings: Settings) -> Trino:
    """Connect; see `Opener`. `trino://user:password@host:8080/catalog/schema`; a password or `token` needs TLS, and asks for it."""
    if address.url.startswith("athena"):
        raise UsageError(
            "engine 'athena' has no driver yet", "use a Trino server over the same tables, or DuckDB over their files"
        )
    try:
        module, auth = import_module("trino.dbapi"), import_module("trino.auth")
    except ImportError:
        raise lacking("trino", "trino") from None
    return Trino(module, auth, address, settings)


class Trino(DbApiDriver):
    """A session of Trino: a statement that begins as a query cannot write.

    Args:
        module: `trino.dbapi`.
        auth: `trino.auth`.
        address: Where to.
        settings: Limits; the engine ends what takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "trino"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, auth: Any, address: Address, settings: Settings) -> None:
        arguments = arguments_of(auth, address, settings)
        self._place = (arguments["catalog"] or "", arguments["schema"] or "")
        super().__init__(module, module.connect(**arguments), settings)
        try:
            version = self._rows("SELECT version()")[0][0]  # the first statement reaches the server
        except EngineError as error:
            raise unreached(address, error.what, "check host, user and password") from None
        self.version = f"trino {version}"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        catalog, schema, _ = placed(parts, self._place)
        inside = f'"{catalog.replace(chr(34), chr(34) * 2)}".information_schema'
        tables = self._rows(
            f"SELECT table_catalog, table_schema, table_name FROM {inside}.tables"
            f" WHERE table_schema = {literal(schema.lower())} ORDER BY table_name"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT column_name, data_type FROM {inside}.columns WHERE table_schema = {literal(found[1])}"
                f" AND table_name = {literal(found[2])} ORDER BY ordinal_position"
            )
            return [SeenColumn(str(name), word_of(kind)) for name, kind in rows]

        return found_table(tables, parts, look)

    def _reason(self, error: BaseException) -> Reason:
        return reason_of(error)


def arguments_of(auth: Any, address: Address, settings: Settings) -> dict[str, Any]:
    """Return what the client's `connect` is given."""
    login = login_of(address, _OPTIONS)
    catalog, _, schema = unquote(urlsplit(address.url).path.removeprefix("/")).partition("/")
    options = dict(login.options)
    token = options.pop("token", "")
    is_secure = bool(login.password or token) or options.get("http_scheme") == "https" or login.port == 443
    own = (
        {"query_max_run_time": f"{max(1, round(settings.timeout_seconds * 1000))}ms"}
        if settings.timeout_seconds
        else {}
    )
    known = auth.JWTAuthentication(token) if token else None
    if login.password:
        known = auth.BasicAuthentication(login.user, login.password)
    arguments = {
        "host": login.host or "localhost",
        "port": login.port or (443 if is_secure else 8080),
        "user": login.user or "meshkit",
        "auth": known,
        "http_scheme": "https" if is_secure else "http",
        "catalog": catalog or login.database or None,
        "schema": options.get("schema") or schema.strip("/") or None,
        "source": "meshkit",
        "timezone": "UTC",
        "session_properties": own,
        "request_timeout": max(CONNECT_SECONDS, settings.timeout_seconds or 60),
    }
    if "verify" in options:
        arguments["verify"] = options["verify"].lower() in ("1", "true", "yes", "on")
    if "role" in options:
        arguments["roles"] = options["role"]
    return arguments


def word_of(kind: str) -> str:
    """Return DuckDB's word for a type; Trino's own where there is none.

    Args:
        kind: As `information_schema.columns.data_type` has it.

    Example:
        >>> word_of("timestamp(3) with time zone"), word_of("array(decimal(12,2))"), word_of("row(a integer)"), word_of("hyperloglog")
        ('TIMESTAMP WITH TIME ZONE', 'DECIMAL(12,2)[]', 'ROW(A INTEGER)', 'HYPERLOGLOG')
    """
    kind = kind.strip().lower()
    sized = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    if sized:
        return f"DECIMAL({sized[1]},{sized[2]})"
    if kind.startswith("array(") and kind.endswith(")"):
        return f"{word_of(kind[6:-1])}[]"
    return words_for(kind if kind.startswith(("row(", "map(")) else _PRECISION.sub("", kind), _WORDS)


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed; a text is kept only where it speaks of the query alone."""
    name, text = str(getattr(error, "error_name", "") or ""), str(getattr(error, "message", "") or "")
    if name in _LATE:
        return Reason("the engine ended it before its time", is_late=True)
    if name == "DIVISION_BY_ZERO":
        return ZERO
    if name in _OVERFLOWS:
        return OVERFLOW
    if name in ("INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT"):
        return VALUE
    if name in _TOLD and text:
        return Reason(text.partition("\n")[0].rstrip("."))
    if not name:
        return Reason("nobody answers, or the login is refused", "see that the server is up", is_transient=True)
    return Reason(f"the engine could not finish it ({name})") if name != "SERVER_SHUTTING_DOWN" else LOST
