"""SQL Server and Azure SQL, by pymssql. Not run on a real server here: written from the driver's documentation."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

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
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError
from meshkit.model.relation import SeenColumn

_OPTIONS = ("schema", "tds_version", "encryption")
_SESSION = (
    "SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; SET CONCAT_NULL_YIELDS_NULL ON;"
    " SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF; SET XACT_ABORT ON; SET TEXTSIZE 2147483647; SET ROWCOUNT 0;"
    " SET DATEFIRST 1; SET DATEFORMAT ymd; SET LANGUAGE us_english; SET DATEFIRST 1; SET IMPLICIT_TRANSACTIONS OFF"
)
_WORDS = {
    "bit": "BOOLEAN", "tinyint": "UTINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "real": "FLOAT",
    "float": "DOUBLE", "money": "DECIMAL(19,4)", "smallmoney": "DECIMAL(10,4)", "char": "VARCHAR", "varchar": "VARCHAR",
    "nchar": "VARCHAR", "nvarchar": "VARCHAR", "text": "VARCHAR", "ntext": "VARCHAR", "date": "DATE", "time": "TIME",
    "datetime": "TIMESTAMP", "datetime2": "TIMESTAMP", "smalldatetime": "TIMESTAMP", "datetimeoffset": "TIMESTAMP WITH TIME ZONE",
    "uniqueidentifier": "UUID", "binary": "BLOB", "varbinary": "BLOB", "image": "BLOB",
}  # fmt: skip
_TOLD = frozenset((102, 105, 107, 116, 120, 130, 142, 145, 147, 156, 174, 195, 201, 205, 206, 207, 208, 209,
                   229, 230, 262, 319, 402, 421, 4104,
                   4145, 8117, 8120, 8121, 8127, 8155, 8156))  # fmt: skip
"""Errors whose texts speak of names and syntax: invalid object name, invalid column name, permission denied, ..."""


def connect(address: Address, settings: Settings) -> SqlServer:
    """Connect; see `Opener`. `mssql://user:password@host:1433/database`; `?schema=` names the schema of bare names."""
    try:
        module = import_module("pymssql")
    except ImportError:
        raise lacking("sqlserver", "pymssql") from None
    return SqlServer(module, address, settings)


class SqlServer(DbApiDriver):
    """A connection whose every transaction is rolled back.

    The driver offers no way to stop a statement from another thread; its time, in whole seconds, ends it.

    Args:
        module: `pymssql`.
        address: Where to.
        settings: Limits.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "sqlserver"
    capabilities = Capabilities(is_read_only=False, has_timeout=True, can_cancel=False, is_concurrent=True)

    def __init__(self, module: Any, address: Address, settings: Settings) -> None:
        arguments, schema = arguments_of(address, settings)
        try:
            connection = module.connect(**arguments)
        except (module.Error, OSError, ValueError) as error:
            is_login = _number(error) in (18456, 18452, 4060)
            raise unreached(address, "the login is refused" if is_login else "the driver cannot connect") from None
        super().__init__(module, connection, settings)
        self._place = (str(arguments["database"]), schema or "dbo")
        try:
            version = self._rows("SELECT CAST(SERVERPROPERTY('ProductVersion') AS varchar(128))")[0][0]
        except EngineError as error:
            self.close()
            raise unreached(address, error.what) from None
        self.version = f"sqlserver {version}"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`. A collation that folds texts is named in the type."""
        database, schema, _ = placed(parts, self._place, ("database", "schema"))
        inside = f"{_quoted(database)}.INFORMATION_SCHEMA"
        tables = self._rows(
            f"SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME FROM {inside}.TABLES"
            f" WHERE TABLE_SCHEMA = N{literal(schema)} ORDER BY TABLE_NAME"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT COLUMN_NAME, DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE FROM {inside}.COLUMNS"
                f" WHERE TABLE_SCHEMA = N{literal(found[1])} AND TABLE_NAME = N{literal(found[2])} ORDER BY ORDINAL_POSITION"
            )
            return [SeenColumn(str(n), word_of(str(kind), precision, scale)) for n, kind, precision, scale in rows]

        return found_table(tables, parts, look)

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        text = require_select(query)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SET SHOWPLAN_TEXT ON")
                try:
                    cursor.execute(text)
                    lines = [str(row[0]) for row in cursor.fetchall()]
                    while cursor.nextset():
                        lines += [str(row[0]) for row in cursor.fetchall()]
                    return "\n".join(lines)
                finally:
                    cursor.execute("SET SHOWPLAN_TEXT OFF")
        except self._module.Error as error:
            raise self._explained(error) from None

    def cancel(self) -> None:
        """Do nothing: the driver cannot; see `Driver.cancel`."""

    def _begin(self, cursor: Any) -> None:
        cursor.execute(f"{_SESSION}; BEGIN TRANSACTION")

    def _end(self, cursor: Any) -> None:
        cursor.execute("IF @@TRANCOUNT > 0 ROLLBACK")

    def _reason(self, error: BaseException) -> Reason:
        return reason_of(error)


def arguments_of(address: Address, settings: Settings) -> tuple[dict[str, Any], str]:
    """Return what the driver's `connect` is given, and the schema of tables whose name says none."""
    login = login_of(address, _OPTIONS)
    options = dict(login.options)
    schema = options.pop("schema", "")
    arguments = {
        "server": login.host or "localhost",
        "port": str(login.port or 1433),
        "user": login.user or None,
        "password": login.password or None,
        "database": login.database or "master",
        "timeout": max(1, math.ceil(settings.timeout_seconds)) if settings.timeout_seconds else 0,
        "login_timeout": CONNECT_SECONDS,
        "charset": "UTF-8",
        "appname": "meshkit",
        "use_datetime2": True,
        "autocommit": True,  # transactions are begun and ended by name
        **options,
    }
    return arguments, schema


def word_of(kind: str, precision: Any = None, scale: Any = None) -> str:
    """Return DuckDB's word for a type; SQL Server's own where there is none.

    Example:
        >>> word_of("decimal", 12, 2), word_of("nvarchar"), word_of("geography")
        ('DECIMAL(12,2)', 'VARCHAR', 'GEOGRAPHY')
    """
    if kind.lower() in ("decimal", "numeric") and precision is not None:
        return f"DECIMAL({int(precision)},{int(scale or 0)})"
    return words_for(kind, _WORDS)


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed; a text is kept only where it speaks of the query alone."""
    number, text = _number(error), _text(error)
    if number in (20003,):
        return Reason("the engine ended it before its time", is_late=True)
    if number in (20002, 20004, 20006, 20009, 20047, 10054) or (not number and isinstance(error, OSError)):
        return LOST
    if number == 8134:
        return ZERO
    if number in (220, 232, 8115, 8114, 517, 535):
        return OVERFLOW if number != 8114 else VALUE
    if number in (241, 242, 244, 245, 248, 295, 9807):
        return VALUE
    if number in _TOLD and text:
        return Reason(
            text.partition("\n")[0].partition("DB-Lib")[0].rstrip("."), "grant SELECT on it" if number == 229 else ""
        )
    return Reason(f"the engine could not finish it (error {number})", is_transient=number == 1205)


def _number(error: BaseException) -> int:
    first = error.args[0] if error.args else 0
    if isinstance(first, tuple) and first:
        first = first[0]
    return first if isinstance(first, int) else 0


def _text(error: BaseException) -> str:
    said = error.args[0] if error.args and isinstance(error.args[0], tuple) else error.args
    text = said[1] if len(said) > 1 else ""
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"
