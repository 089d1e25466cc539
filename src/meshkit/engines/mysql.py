"""MySQL and MariaDB, by PyMySQL."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import CONNECT_SECONDS, Login, login_of, unreached
from meshkit.engines.mysql_types import array_of, json_columns, word_of
from meshkit.engines.one_select import require_select
from meshkit.engines.pick_table import pick
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only who runs statements pays for it
    from meshkit.later import Later

    pa = Later("pyarrow")

_OPTIONS = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key", "ssl_disabled", "ssl_verify_cert", "ssl_verify_identity")
_MODE = "ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_UNSIGNED_SUBTRACTION"
_MOST_WARNINGS = 65535
_CUT = re.compile(r"^(?:Truncated incorrect|Data truncated|Out of range|Row \d+ was cut|\d+ values? w)", re.IGNORECASE)
"""Warnings that a value was changed until it fitted. Others, such as `Incorrect datetime value`, come with NULL."""
_CANCELLED = (1317,)
_LATE = (1969, 3024)
_LOST = (2006, 2013, 2055, 1053, 1927, 1152, 1184, 4031)
_TRANSIENT = (1205, 1213, 1040, 1203)
_NOT_THERE = (1146, 1049, 1142, 1143, 1044)
_TOLD = (1054, 1064, 1052, 1055, 1056, 1066, 1111, 1128, 1140, 1142, 1143, 1146, 1222, 1235, 1241, 1242, 1248, 1267, 1271, 1305, 1370,
         1582, 1584, 1630, 1792, 3065, 4078)  # fmt: skip
"""Errors whose texts speak of the query alone, never of a row's value."""
_REFUSALS = {
    1045: ("the login is refused", "check user and password"),
    1044: ("the user may not use this database", "check the database, or grant SELECT on it"),
    1049: ("there is no such database", "check the database"),
    1040: ("it has no connection left", "lower --threads, or raise max_connections"),
    1129: ("it blocks this machine", "see FLUSH HOSTS"),
    1130: ("it lets nobody in from here", "grant the user this host"),
    1698: ("the login is refused", "the user logs in by another way than a password"),
    2005: ("the host is not known", "check the host"),
}


def connect(address: Address, settings: Settings) -> MySQL:
    """Connect; see `Opener`. `mysql://user:password@host:3306/database`; `?unix_socket=` and `?ssl_ca=` are understood."""
    try:
        driver = import_module("pymysql")
    except ImportError:
        raise lacking("mysql", "pymysql") from None
    return MySQL(driver, address, settings)


class MySQL:
    """A connection whose every transaction is read-only, and rolled back.

    Args:
        driver: The module of the driver.
        address: Where to.
        settings: Limits; the server ends what takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "mysql"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, driver: Any, address: Address, settings: Settings) -> None:
        self._driver = driver
        self._login = _arguments(login_of(address, _OPTIONS))
        self._seconds = settings.timeout_seconds
        self._turn = threading.Lock()
        self._is_running = False
        self._is_cancelled = False
        try:
            self._connection = driver.connect(**self._login)
            (version,) = self._ask("SELECT version()")[0]
            self._is_mariadb = "mariadb" in version.lower()
            self.version = f"{'mariadb' if self._is_mariadb else 'mysql'} {version.partition('-')[0]}"
            self._settle()
        except (driver.MySQLError, OSError, RuntimeError, ValueError) as error:  # e.g. no file of certificates
            raise _unreached(address, error) from None

    def _settle(self) -> None:
        collation = "utf8mb4_nopad_bin" if self._is_mariadb else "utf8mb4_0900_bin"
        try:
            self._ask(f"SET NAMES utf8mb4 COLLATE {collation}")
        except self._driver.MySQLError:  # before MySQL 8.0
            self._ask("SET NAMES utf8mb4 COLLATE utf8mb4_bin")
        self._ask(
            f"SET time_zone = '+00:00', lc_messages = 'en_US', sql_mode = '{_MODE}', max_error_count = {_MOST_WARNINGS}"
        )
        self._ask("SET SESSION group_concat_max_len = 1073741824")
        self._ask(
            "SET SESSION TRANSACTION READ ONLY"
        )  # also for statements that end a transaction, such as CREATE TABLE
        if self._seconds and self._is_mariadb:
            self._ask(f"SET max_statement_time = {max(0.001, self._seconds):.3f}")
        elif self._seconds:
            self._ask(f"SET max_execution_time = {max(1, round(self._seconds * 1000))}")

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        called = ".".join(parts)
        database = parts[-2] if len(parts) > 1 else self._login["database"]
        if len(parts) > 2 or not database:
            raise SourceError(
                f"'{called}' names no database of MySQL", "name it as database.table, or the database in the URL"
            )
        known = self._rows(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE LOWER(table_schema) = LOWER(%s)"
            " AND table_type IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') ORDER BY table_schema <> %s, table_name",
            (database, database),
        )
        found = pick(parts[-1], [(str(s), str(t)) for s, t in known], called)
        rows = self._rows(
            "SELECT column_name, column_type FROM information_schema.columns"
            " WHERE BINARY table_schema = %s AND BINARY table_name = %s ORDER BY ordinal_position",
            found,
        )
        if not rows:
            raise SourceError(f"table '{called}' has no column that this user may read", "grant SELECT on it")
        texts = self._json_columns(found)
        return found, tuple(SeenColumn(n, "JSON" if n in texts else word_of(_text(t))) for n, t in rows)

    def _json_columns(self, table: tuple[str, str]) -> frozenset[str]:
        """Return the columns that MariaDB holds as texts that must be JSON: it has no type of its own for it."""
        if not self._is_mariadb:
            return frozenset()
        query = (
            "SELECT check_clause FROM information_schema.check_constraints"
            " WHERE BINARY constraint_schema = %s AND BINARY table_name = %s"
        )
        return json_columns(_text(clause) for (clause,) in self._rows(query, table))

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what the storage engine supposes; see `Driver.rows_of`."""
        query = (
            "SELECT table_rows FROM information_schema.tables WHERE BINARY table_schema = %s AND BINARY table_name = %s"
        )
        rows = self._rows(query, parts)
        return int(rows[0][0]) if rows and rows[0][0] is not None else None

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        names, codes, rows = self._look(require_select(query, has_files=True))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        arrays = [array_of(values, code) for values, code in zip(columns, codes, strict=True)]
        return pa.Table.from_arrays(arrays, names=names)

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        _, _, rows = self._look(f"EXPLAIN FORMAT=JSON {require_select(query, has_files=True)}")
        return str(rows[0][0])

    def cancel(self) -> None:
        """Stop the running statement, by a connection of its own; see `Driver.cancel`."""
        with self._turn:
            if not self._is_running:
                return
            self._is_cancelled = True
            with contextlib.suppress(self._driver.MySQLError, OSError):  # it has ended meanwhile, or the server is gone
                other = self._driver.connect(**self._login)
                with other, other.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self._connection.thread_id()}")

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(self._driver.MySQLError, OSError):  # it may be lost already
            self._connection.close()

    def _ask(self, query: str, values: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return self._look(query, values)[2]

    def _look(self, query: str, values: Any = None) -> tuple[list[str], list[Any], list[tuple[Any, ...]]]:
        """Run a SELECT in a transaction of its own that cannot write, and is rolled back."""
        started = time.monotonic()
        try:
            self._ask("START TRANSACTION READ ONLY")
            try:
                return self._select(query, values)
            finally:
                self._ask("ROLLBACK")
        except (self._driver.MySQLError, OSError) as error:
            raise self._explained(error, time.monotonic() - started) from None

    def _select(self, query: str, values: Any) -> tuple[list[str], list[Any], list[tuple[Any, ...]]]:
        with self._turn:
            self._is_running, self._is_cancelled = True, False
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, values)
                rows = list(cursor.fetchall())
                if self._is_cancelled:  # some functions, such as SLEEP, return when they are told to stop
                    raise InterruptedRunError("interrupted before it had an answer")
                self._no_value_was_cut(cursor.warning_count)
                return [d[0] for d in cursor.description or ()], [d[1:] for d in cursor.description or ()], rows
        finally:
            with self._turn:
                self._is_running = False

    def _no_value_was_cut(self, warnings: int) -> None:
        """Refuse an answer for which a value was changed until it fitted: MySQL reads 'abc' as the number 0, and only warns."""
        if not warnings:
            return
        told = self._ask("SHOW WARNINGS")
        if warnings > len(told) or any(_CUT.match(str(message)) for _, _, message in told):
            raise EngineError(
                "a value does not fit what the SQL does with it, and MySQL changed it", "guard it with CASE or nullif"
            )

    def _explained(self, error: Exception, seconds: float) -> EngineError:
        """Turn the driver's error into ours. Its text is kept only where it cannot hold a row's value."""
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if code in _CANCELLED and self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        if code in _LATE or code in _CANCELLED:
            is_ours = self._seconds and seconds >= self._seconds * 0.9
            what = f"no answer within {self._seconds:g} s" if is_ours else "the server ended it before its time"
            return StatementTimeoutError(what, "raise --timeout, or narrow the check")
        if code in _LOST or isinstance(error, (OSError, self._driver.err.InterfaceError)):
            told = EngineError("the connection was lost", "try again")
            told.is_transient = True
            return told
        told = EngineError(*_told(code, str(error.args[1]) if len(error.args) > 1 else ""))
        told.is_transient = code in _TRANSIENT
        return told


def _told(code: int, text: str) -> tuple[str, str]:
    if code in (1690, 1264):
        return "a number grew beyond its type while it ran", "cast to DECIMAL before you calculate"
    if code == 1365:
        return "division by zero while it ran", "divide by nullif(..., 0)"
    if code == 1139:
        return "a pattern is no regular expression of the server", "see its documentation on patterns"
    if code in _TOLD:
        return text.partition("\n")[0], "grant SELECT on it" if code in (1142, 1143) else ""
    return f"the server could not finish it (error {code})", ""


def _arguments(login: Login) -> dict[str, Any]:
    more: dict[str, Any] = dict(login.options)
    for key in ("ssl_disabled", "ssl_verify_cert", "ssl_verify_identity"):
        if key in more:
            more[key] = more[key].lower() in ("1", "true", "yes", "on")
    return {
        "host": login.host or "localhost",
        "port": login.port or 3306,
        "user": login.user or None,
        "password": login.password,
        "database": login.database or None,
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": CONNECT_SECONDS,
        "program_name": "meshkit",
        "local_infile": False,
        **more,
    }


def _unreached(address: Address, error: Exception) -> EngineError:
    code = error.args[0] if error.args else 0
    if code in _REFUSALS:
        return unreached(address, *_REFUSALS[code])
    text = str(error)
    for sign, reason in (
        ("Connection refused", "nothing listens there"),
        ("timed out", f"no answer within {CONNECT_SECONDS} s"),
        ("Name or service not known", "the host is not known"),
        ("getaddrinfo", "the host is not known"),
        ("No such file", "nothing listens at that socket"),
        ("SSL", "TLS is not agreed on"),
        ("cryptography", "its login wants TLS, or: pip install cryptography"),
    ):
        if sign in text:
            return unreached(address, reason)
    return unreached(
        address, f"the driver cannot connect (error {code})" if isinstance(code, int) else "the driver cannot connect"
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
