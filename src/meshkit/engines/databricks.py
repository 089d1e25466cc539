"""Databricks SQL, by its own connector: results arrive as Arrow. Not run on a real warehouse here."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from meshkit.engines.base import Settings
from meshkit.engines.dbapi import LOST, DbApiDriver, Reason, found_table, literal, placed
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import login_of, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.engines.spark_errors import reason_of
from meshkit.engines.spark_types import word_of
from meshkit.errors import EngineError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

_OPTIONS = ("http_path", "access_token", "token", "catalog", "schema", "auth_type", "oauth_client_id")
_FORM = "write databricks://host/catalog/schema?http_path=/sql/1.0/warehouses/ID, and give access_token as an option"


def connect(address: Address, settings: Settings) -> Databricks:
    """Connect; see `Opener`. `databricks://host/catalog/schema?http_path=...`; the token is given as an option, `access_token`."""
    try:
        module = import_module("databricks.sql")
    except ImportError:
        raise lacking("databricks", "databricks-sql-connector") from None
    return Databricks(module, address, settings)


class Databricks(DbApiDriver):
    """A session of a warehouse. A statement is sent as a sub-query, which cannot write.

    Args:
        module: `databricks.sql`.
        address: Where to.
        settings: Limits; the engine ends what takes too long, to the second.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "databricks"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, address: Address, settings: Settings) -> None:
        arguments = arguments_of(address, settings)
        self._place = (arguments["catalog"], arguments["schema"])
        if not arguments["server_hostname"] or not arguments["http_path"]:
            raise unreached(address, "host or http_path is missing", _FORM)
        try:
            connection = module.connect(**arguments)
        except (module.Error, OSError, ValueError):
            raise unreached(address, "nobody answers, or the login is refused", _FORM) from None
        super().__init__(module, connection, settings)
        try:
            version = self._rows("SELECT current_version().dbsql_version")[0][0]
        except EngineError as error:
            self.close()
            raise unreached(address, error.what) from None
        self.version = f"databricks {version or ''}".strip()

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns, from the information schema of its catalog; see `Driver.columns`."""
        catalog, schema, _ = placed(parts, self._place)
        inside = f"`{catalog.replace('`', '``')}`.information_schema"
        tables = self._rows(
            f"SELECT table_catalog, table_schema, table_name FROM {inside}.tables"
            f" WHERE table_schema = {_literal(schema.lower())} ORDER BY table_name"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT column_name, full_data_type FROM {inside}.columns WHERE table_schema = {_literal(found[1])}"
                f" AND table_name = {_literal(found[2])} ORDER BY ordinal_position"
            )
            return [SeenColumn(str(name), word_of(str(kind))) for name, kind in rows]

        return found_table(tables, parts, look)

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        return super().execute(f"SELECT * FROM (\n{require_select(query)}\n)")

    def _arrow(self, cursor: Any) -> pa.Table:
        return cursor.fetchall_arrow()

    def _reason(self, error: BaseException) -> Reason:
        if isinstance(error, OSError) or "INVALID_HANDLE" in str(error):
            return LOST
        if "Timeout" in type(error).__name__ or "timed out" in str(error):
            return Reason("the engine ended it before its time", is_late=True)
        return reason_of(str(error))


def arguments_of(address: Address, settings: Settings) -> dict[str, Any]:
    """Return what the connector's `connect` is given."""
    login = login_of(address, _OPTIONS)
    catalog, _, schema = unquote(urlsplit(address.url).path.removeprefix("/")).partition("/")
    options: dict[str, Any] = dict(login.options)
    session = {"TIMEZONE": "UTC", "ANSI_MODE": "true"}
    if settings.timeout_seconds:
        session["STATEMENT_TIMEOUT"] = str(max(1, math.ceil(settings.timeout_seconds)))
    token = options.pop("access_token", "") or options.pop("token", "") or login.password
    options.pop("token", None)
    return {
        "server_hostname": login.host,
        "http_path": options.pop("http_path", ""),
        **({"access_token": token} if token else {}),
        "catalog": options.pop("catalog", "") or catalog or "main",
        "schema": options.pop("schema", "") or schema.strip("/") or "default",
        "session_configuration": session,
        "user_agent_entry": "meshkit",
        **options,
    }


def _literal(text: str) -> str:
    return literal(text.replace("\\", "\\\\"))
