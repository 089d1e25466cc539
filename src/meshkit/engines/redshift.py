"""Amazon Redshift, by its own connector. Not run on a real cluster here: written from the connector's documentation."""

from __future__ import annotations

import contextlib
import math
from importlib import import_module
from typing import Any

from meshkit.engines.base import Settings
from meshkit.engines.dbapi import (
    LOST,
    OVERFLOW,
    PATTERN,
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
from meshkit.model.relation import SeenColumn

_OPTIONS = ("iam", "cluster_identifier", "region", "db_user", "access_key_id", "secret_access_key", "session_token", "profile",
            "sslmode", "is_serverless", "serverless_work_group")  # fmt: skip
_WORDS = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "real": "FLOAT", "double precision": "DOUBLE",
    "boolean": "BOOLEAN", "character": "VARCHAR", "character varying": "VARCHAR", "char": "VARCHAR", "varchar": "VARCHAR",
    "text": "VARCHAR", "date": "DATE", "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE", "time without time zone": "TIME",
    "time with time zone": "TIME WITH TIME ZONE", "binary varying": "BLOB", "varbyte": "BLOB",
}  # fmt: skip
_TOLD = ("0A", "42", "53", "54", "55")
"""Classes of SQLSTATE whose texts speak of the query and the server, never of a row's value."""


def connect(address: Address, settings: Settings) -> Redshift:
    """Connect; see `Opener`. `redshift://user:password@host:5439/database`; with `?iam=true` the login is that of AWS."""
    try:
        module = import_module("redshift_connector")
    except ImportError:
        raise lacking("redshift", "redshift-connector") from None
    return Redshift(module, address, settings)


class Redshift(DbApiDriver):
    """A connection whose every transaction is read-only, and rolled back.

    Args:
        module: `redshift_connector`.
        address: Where to.
        settings: Limits; the server ends what takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "redshift"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, address: Address, settings: Settings) -> None:
        self._arguments = arguments_of(address, settings.timeout_seconds)
        try:
            connection = module.connect(**self._arguments)
        except (module.Error, OSError, ValueError) as error:
            raise unreached(address, _refusal(error)) from None
        connection.autocommit = True  # transactions are begun and ended by name
        super().__init__(module, connection, settings)
        try:
            cursor = connection.cursor()
            cursor.execute("SET timezone TO 'UTC'")
            if self._seconds:
                cursor.execute(f"SET statement_timeout TO {max(1, round(self._seconds * 1000))}")
            cursor.execute("SELECT pg_backend_pid()")
            self._pid = int(cursor.fetchone()[0])
            cursor.close()
        except module.Error as error:
            self.close()
            raise unreached(address, _refusal(error)) from None
        self.version = "redshift"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns, those of external tables and late-binding views too; see `Driver.columns`."""
        database, schema, _ = placed(parts, (self._arguments.get("database", ""), "public"), ("database", "schema"))
        where = f"table_catalog = {literal(database)} AND LOWER(table_schema) = LOWER({literal(schema)})"
        tables = self._rows(
            f"SELECT table_catalog, table_schema, table_name FROM svv_tables WHERE {where} ORDER BY table_name"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT column_name, data_type, numeric_precision, numeric_scale FROM svv_columns WHERE {where}"
                f" AND table_schema = {literal(found[1])} AND table_name = {literal(found[2])} ORDER BY ordinal_position"
            )
            return [
                SeenColumn(str(name), word_of(str(kind), precision, scale)) for name, kind, precision, scale in rows
            ]

        return found_table(tables, parts, look)

    def _begin(self, cursor: Any) -> None:
        cursor.execute("BEGIN READ ONLY")

    def _end(self, cursor: Any) -> None:
        cursor.execute("ROLLBACK")

    def _stop(self, cursor: Any) -> None:
        other = self._module.connect(**self._arguments)
        with contextlib.closing(other):
            other.cursor().execute(f"SELECT pg_cancel_backend({self._pid})")

    def _reason(self, error: BaseException) -> Reason:
        return reason_of(error)


def arguments_of(address: Address, seconds: float | None = None) -> dict[str, Any]:
    """Return what the connector's `connect` is given."""
    login = login_of(address, _OPTIONS)
    options: dict[str, Any] = dict(login.options)
    for key in ("iam", "is_serverless"):
        if key in options:
            options[key] = options[key].lower() in ("1", "true", "yes", "on")
    arguments = {
        "host": login.host,
        "port": login.port or 5439,
        "user": login.user,
        "password": login.password,
        "database": login.database or "dev",
        "application_name": "meshkit",
        "timeout": math.ceil(seconds) + CONNECT_SECONDS if seconds else None,  # of each wait, not of the login alone
        **options,
    }
    return {key: value for key, value in arguments.items() if value not in ("", None)}


def word_of(kind: str, precision: Any = None, scale: Any = None) -> str:
    """Return DuckDB's word for a type; Redshift's own where there is none.

    Example:
        >>> word_of("numeric", 12, 2), word_of("character varying"), word_of("super")
        ('DECIMAL(12,2)', 'VARCHAR', 'SUPER')
    """
    if kind.lower() in ("numeric", "decimal") and precision is not None:
        return f"DECIMAL({int(precision)},{int(scale or 0)})"
    return words_for(kind.partition("(")[0], _WORDS)


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed; a text is kept only where it speaks of the query alone."""
    said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    state, text = str(said.get("C", "")), str(said.get("M", ""))
    if state == "57014":
        return Reason("the engine ended it before its time", is_late=True)
    if state == "22012" or "Divide by zero" in text:
        return ZERO
    if state == "22003":
        return OVERFLOW
    if state == "2201B":
        return PATTERN
    if state[:2] in ("08", "57") or (not state and isinstance(error, OSError)):
        return LOST
    if state[:2] == "22":
        return VALUE
    if state[:2] in _TOLD and text:
        return Reason(text.partition("\n")[0], "grant SELECT on it" if state == "42501" else "")
    return Reason(f"the engine could not finish it (SQLSTATE {state or 'unknown'})")


def _refusal(error: BaseException) -> str:
    said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    if str(said.get("C", "")).startswith("28"):
        return "the login is refused"
    return "there is no such database" if said.get("C") == "3D000" else "the driver cannot connect"
