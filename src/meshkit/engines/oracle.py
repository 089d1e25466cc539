"""Oracle, by python-oracledb without Oracle's client libraries. Not run on a real database here."""

from __future__ import annotations

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
    placed,
    words_for,
)
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import CONNECT_SECONDS, login_of, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.model.relation import SeenColumn

_OPTIONS = ("service_name", "sid", "schema", "protocol", "wallet_location", "wallet_password", "config_dir")
_SESSION = (
    "ALTER SESSION SET TIME_ZONE = '+00:00' NLS_SORT = BINARY NLS_COMP = BINARY NLS_NUMERIC_CHARACTERS = '.,'"
    " NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF'"
    " NLS_TERRITORY = 'AMERICA' NLS_LANGUAGE = 'AMERICAN'"
)
_WORDS = {
    "varchar2": "VARCHAR", "nvarchar2": "VARCHAR", "char": "VARCHAR", "nchar": "VARCHAR", "clob": "VARCHAR", "nclob": "VARCHAR",
    "binary_float": "FLOAT", "binary_double": "DOUBLE", "float": "DOUBLE", "raw": "BLOB", "blob": "BLOB", "json": "JSON",
    "boolean": "BOOLEAN", "date": "TIMESTAMP",
}  # fmt: skip
_TOLD = frozenset(
    (
        904,
        905,
        906,
        907,
        909,
        918,
        920,
        923,
        932,
        933,
        934,
        936,
        937,
        938,
        939,
        942,
        947,
        979,
        1031,
        1789,
        1790,
        3050,
        3049,
    )
)
"""Errors whose texts speak of names and syntax: invalid identifier, no such table, not a GROUP BY expression, ..."""
_REFUSALS = {
    1017: ("the login is refused", "check user and password"),
    28000: ("the account is locked", ""),
    12514: ("there is no such service", "check what follows the host"),
    12505: ("there is no such SID", "check sid"),
}


def connect(address: Address, settings: Settings) -> Oracle:
    """Connect; see `Opener`. `oracle://user:password@host:1521/service`; `?sid=` in its place is understood."""
    try:
        module = import_module("oracledb")
    except ImportError:
        raise lacking("oracle", "oracledb") from None
    return Oracle(module, address, settings)


class Oracle(DbApiDriver):
    """A connection whose every transaction is read-only, and rolled back.

    Args:
        module: `oracledb`.
        address: Where to.
        settings: Limits; the driver breaks a call off that takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "oracle"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, address: Address, settings: Settings) -> None:
        arguments, schema = arguments_of(address)
        module.defaults.fetch_lobs = False  # long texts as texts
        module.defaults.fetch_decimals = True  # numbers as they are, not as floats
        try:
            connection = module.connect(**arguments)
        except (module.Error, OSError, ValueError, TypeError) as error:
            raise unreached(address, *_REFUSALS.get(_code(error), ("the driver cannot connect", ""))) from None
        super().__init__(module, connection, settings)
        if settings.timeout_seconds:
            connection.call_timeout = max(1, round(settings.timeout_seconds * 1000))
        try:
            cursor = connection.cursor()
            cursor.execute(_SESSION)
            cursor.close()
        except module.Error as error:
            self.close()
            raise unreached(address, reason_of(error).what) from None
        self._schema = schema or str(connection.username or "").upper()
        self.version = f"oracle {connection.version}"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        schema, _ = placed(parts, (self._schema,), ("schema",))
        tables = self._rows(
            "SELECT owner, object_name FROM all_objects WHERE UPPER(owner) = UPPER(:owner)"
            " AND object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') GROUP BY owner, object_name ORDER BY object_name",
            {"owner": schema},
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                "SELECT column_name, data_type, data_precision, data_scale FROM all_tab_columns"
                " WHERE owner = :owner AND table_name = :name ORDER BY column_id",
                {"owner": found[0], "name": found[1]},
            )
            return [SeenColumn(str(n), word_of(str(kind), precision, scale)) for n, kind, precision, scale in rows]

        return found_table(tables, parts, look)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what was counted when statistics were last gathered; see `Driver.rows_of`."""
        rows = self._rows(
            "SELECT num_rows FROM all_tables WHERE owner = :owner AND table_name = :name",
            {"owner": parts[0], "name": parts[1]},
        )
        return int(rows[0][0]) if rows and rows[0][0] is not None else None

    def explain(self, query: str) -> str:
        """Return the plan, by PLAN_TABLE, of which each session has its own; see `Driver.explain`."""
        text = require_select(query)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN PLAN FOR {text}")
                cursor.execute("SELECT plan_table_output FROM TABLE(DBMS_XPLAN.DISPLAY())")
                return "\n".join(str(row[0]) for row in cursor.fetchall())
        except self._module.Error as error:
            raise self._explained(error) from None
        finally:
            self._end(None)

    def _begin(self, cursor: Any) -> None:
        cursor.execute("SET TRANSACTION READ ONLY")

    def _end(self, cursor: Any) -> None:
        self._connection.rollback()

    def _stop(self, cursor: Any) -> None:
        self._connection.cancel()

    def _reason(self, error: BaseException) -> Reason:
        return reason_of(error)


def arguments_of(address: Address) -> tuple[dict[str, Any], str]:
    """Return what the driver's `connect` is given, and the schema of tables whose name says none."""
    login = login_of(address, _OPTIONS)
    options = dict(login.options)
    schema = options.pop("schema", "")
    arguments: dict[str, Any] = {
        "user": login.user or None,
        "password": login.password or None,
        "host": login.host or "localhost",
        "port": login.port or 1521,
        "tcp_connect_timeout": CONNECT_SECONDS,
        "program": "meshkit",
        **options,
    }
    if "sid" not in options:
        arguments.setdefault("service_name", login.database or None)
    return {key: value for key, value in arguments.items() if value is not None}, schema


def word_of(kind: str, precision: Any = None, scale: Any = None) -> str:
    """Return DuckDB's word for a type; Oracle's own where there is none. Its DATE holds a time of day.

    Example:
        >>> word_of("NUMBER", 10, 0), word_of("NUMBER", 12, 2), word_of("NUMBER"), word_of("TIMESTAMP(6) WITH TIME ZONE")
        ('BIGINT', 'DECIMAL(12,2)', 'NUMBER', 'TIMESTAMP WITH TIME ZONE')
    """
    kind = kind.lower()
    if kind == "number" and scale is not None:
        digits, places = int(precision if precision is not None else 38), int(scale)
        if places <= 0:
            return "BIGINT" if digits - places <= 18 else "HUGEINT"
        return f"DECIMAL({max(digits, places)},{places})" if max(digits, places) <= 38 else kind.upper()
    if kind.startswith("timestamp"):
        return "TIMESTAMP WITH TIME ZONE" if "time zone" in kind else "TIMESTAMP"
    return words_for(kind, _WORDS)


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed; a text is kept only where it speaks of the query alone."""
    said = error.args[0] if error.args else None
    full, code = str(getattr(said, "full_code", "") or ""), _code(error)
    if full in ("DPY-4024", "DPI-1067") or code in (3136, 40):
        return Reason("the engine ended it before its time", is_late=True)
    if full in ("DPY-4011", "DPY-1001", "DPI-1010", "DPI-1080") or code in (28, 1012, 3113, 3114, 12537, 12541):
        return LOST
    if code == 1476:
        return ZERO
    if code in (1426, 1438, 1455):
        return OVERFLOW
    if 12725 <= code <= 12733:
        return PATTERN
    if code in (1722, 1830, 1839, 1840, 1841, 1843, 1847, 1858, 1861, 6502, 43907):
        return VALUE
    if code in _TOLD:
        return Reason(str(getattr(said, "message", "")).partition("\n")[0].partition(": ")[2] or full)
    return Reason(f"the engine could not finish it ({full or 'unknown'})", is_transient=code in (54, 60, 8177))


def _code(error: BaseException) -> int:
    said = error.args[0] if error.args else None
    return int(getattr(said, "code", 0) or 0)
