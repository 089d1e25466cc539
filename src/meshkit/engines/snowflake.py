"""Snowflake, by its own connector: results arrive as Arrow. Tested against an emulator, not against Snowflake."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

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
)
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import CONNECT_SECONDS, login_of, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

_OPTIONS = (
    "account", "schema", "warehouse", "role", "authenticator", "token", "private_key_file", "private_key_file_pwd", "protocol",
    "region", "passcode",
)  # fmt: skip
SESSION: Mapping[str, str | int | bool] = {
    "TIMEZONE": "UTC",
    "QUERY_TAG": "meshkit",
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",  # what TIMESTAMP means in a cast
    "WEEK_START": 1,  # weeks begin on Monday
    "WEEK_OF_YEAR_POLICY": 0,  # and are counted as ISO 8601 does
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "ROWS_PER_RESULTSET": 0,  # no answer is cut
    "MULTI_STATEMENT_COUNT": 1,
    "ABORT_DETACHED_QUERY": True,  # a statement ends when nobody waits for it any more
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "ARROW",
}
"""What a session is told, so that it answers as DuckDB does."""
_WORDS = {
    "FLOAT": "DOUBLE", "TEXT": "VARCHAR", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME", "TIMESTAMP_NTZ": "TIMESTAMP",
    "TIMESTAMP_LTZ": "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE", "BINARY": "BLOB",
}  # fmt: skip
_COMPILE = re.compile(r"SQL compilation error:\s*(?:error line \d+ at position \d+\s*)?([^\n]+)", re.IGNORECASE)
_LATE = (630, 604)


def connect(address: Address, settings: Settings) -> Snowflake:
    """Connect; see `Opener`.

    `snowflake://user@account/database/schema?warehouse=W&role=R&authenticator=externalbrowser`; a password, a token or the path of a
    private key are given as options.
    """
    try:
        module = import_module("snowflake.connector")
    except ImportError:
        raise lacking("snowflake", "snowflake-connector-python") from None
    return Snowflake(module, address, settings)


class Snowflake(DbApiDriver):
    """A session of Snowflake. It has no read-only transactions: give the role no more than SELECT.

    Args:
        module: `snowflake.connector`.
        address: Where to.
        settings: Limits; the engine ends what takes too long, to the second.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "snowflake"
    capabilities = Capabilities(is_read_only=False, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, address: Address, settings: Settings) -> None:
        arguments = arguments_of(address, settings)
        self._place = (arguments["database"], arguments["schema"])
        try:
            connection = module.connect(**arguments)
        except (module.Error, OSError, ValueError) as error:
            raise _unreached(address, error) from None
        super().__init__(module, connection, settings)
        self.version = f"snowflake {self._rows('SELECT CURRENT_VERSION()')[0][0]}"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        database, schema, _ = placed(parts, self._place, ("database", "schema"))
        schemas = f"{_named(database)}.information_schema"
        where = f"UPPER(table_schema) = UPPER({literal(schema)})"
        order = f"ORDER BY CASE WHEN table_schema = {literal(schema)} THEN 0 ELSE 1 END, table_name"
        tables = self._rows(
            f"SELECT table_catalog, table_schema, table_name FROM {schemas}.tables WHERE {where} {order}"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT column_name, data_type, numeric_precision, numeric_scale FROM {schemas}.columns"
                f" WHERE table_schema = {literal(found[1])} AND table_name = {literal(found[2])} ORDER BY ordinal_position"
            )
            return [SeenColumn(str(name), word_of(kind, precision, scale)) for name, kind, precision, scale in rows]

        return found_table(tables, parts, look)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what the engine counted; None for a view; see `Driver.rows_of`."""
        database, schema, table = parts
        rows = self._rows(
            f"SELECT row_count FROM {_named(database)}.information_schema.tables"
            f" WHERE table_schema = {literal(schema)} AND table_name = {literal(table)}"
        )
        return int(rows[0][0]) if rows and rows[0][0] is not None else None

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        return "\n".join(str(row[0]) for row in self._rows(f"EXPLAIN USING TEXT {require_select(query)}"))

    def _arrow(self, cursor: Any) -> pa.Table:
        return cursor.fetch_arrow_all(force_return_table=True)

    def _stop(self, cursor: Any) -> None:
        other = self._connection.cursor()  # a session runs this beside what it stops
        other.execute(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(self._connection.session_id)})")
        other.close()

    def _reason(self, error: BaseException) -> Reason:
        return reason_of(error)


def arguments_of(address: Address, settings: Settings) -> dict[str, Any]:
    """Return what the connector's `connect` is given."""
    login = login_of(address, _OPTIONS)
    parts = urlsplit(address.url)
    database, _, schema = unquote(parts.path.removeprefix("/")).partition("/")
    options = dict(login.options)
    arguments: dict[str, Any] = {
        "account": options.pop("account", "") or parts.hostname or "",
        "user": login.user,
        "password": login.password,
        "database": database or login.database,
        "schema": options.pop("schema", "") or schema.strip("/"),
        "application": "meshkit",
        "login_timeout": CONNECT_SECONDS,
        "arrow_number_to_decimal": True,
        "session_parameters": {
            **SESSION,
            **(
                {"STATEMENT_TIMEOUT_IN_SECONDS": max(1, math.ceil(settings.timeout_seconds))}
                if settings.timeout_seconds
                else {}
            ),
        },
        **options,
    }
    if login.host and login.host != parts.hostname:
        arguments["host"] = login.host
    if login.port:
        arguments["port"] = login.port
    return {key: value for key, value in arguments.items() if value not in ("", None) or key in ("database", "schema")}


def word_of(kind: str, precision: Any = None, scale: Any = None) -> str:
    """Return DuckDB's word for a type; Snowflake's own where there is none.

    Args:
        kind: As `information_schema.columns.data_type` has it.
        precision: Of a number.
        scale: Of a number; one of scale 0 is an integer.

    Example:
        >>> word_of("NUMBER", 38, 0), word_of("NUMBER", 12, 2), word_of("VARIANT")
        ('HUGEINT', 'DECIMAL(12,2)', 'VARIANT')
    """
    if kind.upper() in ("NUMBER", "DECIMAL", "NUMERIC") and precision is not None:
        if int(scale or 0):
            return f"DECIMAL({int(precision)},{int(scale)})"
        return "BIGINT" if int(precision) <= 18 else "HUGEINT"
    return _WORDS.get(kind.upper(), kind)


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed. A text is kept only where the compiler wrote it, who sees no row."""
    number, state = getattr(error, "errno", None) or 0, str(getattr(error, "sqlstate", None) or "")
    text = str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or "")
    if number in _LATE:
        return Reason("the engine ended it before its time", is_late=number == 630 or "timeout" in text)
    if state == "22012" or number == 100051:
        return ZERO
    if state == "22003":
        return OVERFLOW
    if number == 100048:
        return PATTERN
    if number in (250001, 250003, 390114, 390195) or isinstance(error, OSError):
        return LOST
    found = _COMPILE.search(text)
    if found:
        return Reason(found[1].strip().rstrip("."), "grant SELECT on it to the role" if number == 2003 else "")
    if state.startswith("22") or 100000 <= number < 101000:
        return VALUE
    return Reason(f"the engine could not finish it (error {number})")


def _unreached(address: Address, error: BaseException) -> EngineError:
    number = getattr(error, "errno", None) or 0
    if number in (250001, 390100, 390101, 390144, 394400):
        return unreached(address, "the login is refused, or nobody answers", "check account, user and password or key")
    if number in (251001, 251005, 251006):
        return unreached(
            address, "account, user or password is missing", "write snowflake://user@account/database/schema"
        )
    return unreached(address, f"the driver cannot connect (error {number})")


def _named(name: str) -> str:
    """Return a database's name as it stands in a statement; a plain one is folded as Snowflake folds it."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'
