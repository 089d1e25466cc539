"""PostgreSQL, by its ADBC driver: results arrive as Arrow."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import CONNECT_SECONDS, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.pick_table import pick
from meshkit.engines.postgres_types import COLUMNS, TABLES, readable, word_of
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError
from meshkit.model.names import fold
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

_MODULE = "adbc_driver_postgresql.dbapi"
_SETTINGS = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET standard_conforming_strings = on;"
    " SET bytea_output = 'hex'; SET default_transaction_read_only = on"
)
_ABANDONED = "SET client_connection_check_interval = '5s'"
"""The server ends the statement of a process that was killed. PostgreSQL 14 has it, on most systems."""
_VERSION = "SELECT split_part(current_setting('server_version'), ' ', 1) AS v"
_TOLD = frozenset(("0A", "25", "42", "53", "54", "55", "57", "58"))
"""Classes of SQLSTATE whose texts speak of the query and the server, never of a row's value."""
_LOST = frozenset(("08", "57"))
_TRANSIENT = frozenset(("40001", "40P01", "53300", "55P03"))
_CANCELLED = "57014"
_SAID = re.compile(r"(?:\[libpq\]|Failed to)[^\n]*?:  ([^\n]*)")
_REFUSALS = (
    ("password authentication failed", "the login is refused", "check user and password"),
    ("no password supplied", "it wants a password", "give it in the URL, by PGPASSWORD or in ~/.pgpass"),
    ("pg_hba.conf", "the server lets no such user in from here", "see its pg_hba.conf"),
    ("role ", "there is no such user", "check the user"),
    ("database ", "there is no such database, or it lets nobody in", "check the database"),
    ("could not translate host name", "the host is not known", "check the host"),
    ("Connection refused", "nothing listens there", "is it up, and is the port right?"),
    ("No such file or directory", "nothing listens at that socket", "is it up? give a host for TCP"),
    ("timeout expired", f"no answer within {CONNECT_SECONDS} s", "is it up, and may this machine reach it?"),
    ("too many clients", "it has no connection left", "lower --threads, or raise max_connections"),
    ("starting up", "it is starting", "try again"),
    ("certificate", "its certificate is not trusted", "set sslrootcert or sslmode"),
    ("SSL", "TLS is not agreed on", "set sslmode"),
    ("invalid URI", "the URL cannot be read", "in a password, write @ as %40, / as %2F, ? as %3F and # as %23"),
    ("invalid port", "the URL cannot be read", "in a password, write @ as %40, / as %2F, ? as %3F and # as %23"),
    ("invalid integer", "the URL cannot be read", "in a password, write @ as %40, / as %2F, ? as %3F and # as %23"),
)


def connect(address: Address, settings: Settings) -> Postgres:
    """Connect; see `Opener`. The URL and the options are libpq's; what they lack is taken from libpq's own variables."""
    try:
        driver = import_module(_MODULE)
    except ImportError:
        raise lacking("postgres", "adbc-driver-postgresql") from None
    return Postgres(driver, address, settings)


class Postgres:
    """A connection whose every transaction is read-only, and rolled back.

    Args:
        driver: The module of the driver.
        address: Where to.
        settings: Limits; the server ends what takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "postgres"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, driver: Any, address: Address, settings: Settings) -> None:
        self._driver = driver
        self._seconds = settings.timeout_seconds
        self._turn = threading.Lock()
        self._cursor: Any = None
        self._is_cancelled = False
        try:
            self._connection = driver.connect(_uri(address), autocommit=True)
        except driver.Error as error:
            raise _unreached(address, str(error)) from None
        try:
            self._command(_SETTINGS)
            with contextlib.suppress(driver.Error):
                self._command(_ABANDONED)
            if self._seconds:
                self._command(f"SET statement_timeout = {max(1, round(self._seconds * 1000))}")
            self.version = f"postgres {self._select(_VERSION).column(0)[0].as_py()}"
        except driver.Error as error:
            self._connection.close()
            raise _unreached(address, str(error)) from None

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`. Without a schema, the search path is gone through."""
        called = ".".join(parts)
        if len(parts) > 2:
            database = self._look("SELECT current_database()::text AS d").column(0)[0].as_py()
            if len(parts) > 3 or fold(parts[0]) != fold(database):
                raise SourceError(
                    f"'{called}' is of another database", "name it as schema.table, and the database in the URL"
                )
        schema = parts[-2] if len(parts) > 1 else None
        known = [(r["s"], r["t"]) for r in self._look(TABLES.format(schema=_in(schema))).to_pylist()]
        found = pick(parts[-1], known, called)
        rows = self._look(COLUMNS.format(schema=_literal(found[0]), table=_literal(found[1]))).to_pylist()
        if not rows:
            raise SourceError(f"table '{called}' has no column that this user may read", "grant SELECT on it")
        columns = (SeenColumn(r["name"], word_of(r["kind"], r["class"], r["labels"] or ())) for r in rows)
        return found, tuple(columns)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what the last ANALYZE or VACUUM counted; see `Driver.rows_of`."""
        schema, table = parts
        query = (
            "SELECT sum(greatest(c.reltuples, 0))::int8 AS n, bool_or(c.reltuples < 0) AS unknown FROM pg_catalog.pg_class c"
            f" WHERE c.relkind IN ('r', 'm') AND c.oid IN (SELECT {_literal(_quoted(schema, table))}::regclass UNION ALL"
            f" SELECT relid FROM pg_catalog.pg_partition_tree({_literal(_quoted(schema, table))}::regclass))"
        )
        row = self._look(query).to_pylist()[0]
        return None if row["n"] is None or row["unknown"] else int(row["n"])

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        return readable(self._look(require_select(query)))

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        plan = self._look(f"EXPLAIN {require_select(query)}", is_copied=False)
        return "\n".join(str(line) for line in plan.column(0).to_pylist())

    def cancel(self) -> None:
        """Stop the running statement at the server; see `Driver.cancel`."""
        with self._turn:
            if self._cursor is not None:
                self._is_cancelled = True
                with contextlib.suppress(self._driver.Error):  # it has ended meanwhile
                    self._cursor.adbc_cancel()

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(self._driver.Error):  # it may be lost already
            self._connection.close()

    def _look(self, query: str, *, is_copied: bool = True) -> pa.Table:
        """Run a query in a transaction of its own that cannot write, and is rolled back; by COPY, where it is a SELECT."""
        started = time.monotonic()
        try:
            self._command("BEGIN TRANSACTION READ ONLY")
            try:
                return self._select(query, is_copied=is_copied)
            finally:
                self._roll_back()
        except (self._driver.Error, OSError) as error:
            raise self._explained(error, time.monotonic() - started) from None

    def _roll_back(self) -> None:
        try:
            self._command("ROLLBACK")
        except self._driver.Error as error:
            if error.sqlstate != _CANCELLED:  # what was meant for the query may reach this instead
                raise
            self._command("ROLLBACK")

    def _command(self, text: str) -> None:
        cursor = self._connection.cursor()
        try:
            cursor.executescript(text) if ";" in text else cursor.execute(text)
        finally:
            cursor.close()

    def _select(self, query: str, *, is_copied: bool = True) -> pa.Table:
        cursor = self._connection.cursor()
        if not is_copied:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": False})
        with self._turn:
            self._cursor, self._is_cancelled = cursor, False
        try:
            cursor.execute(query)
            return cursor.fetch_arrow_table()
        finally:
            with self._turn:
                self._cursor = None
            cursor.close()

    def _explained(self, error: Exception, seconds: float) -> EngineError:
        """Turn the driver's error into ours. Its text is kept only where it cannot hold a row's value."""
        state = str(getattr(error, "sqlstate", None) or "")
        if state == _CANCELLED:
            return self._stopped(seconds)
        said = _SAID.search(str(error))
        text = said[1].strip() if said else ""
        is_lost = state[:2] in _LOST or (not state and _is_lost(str(error)))
        told = EngineError("the connection was lost", "try again") if is_lost else EngineError(*_told(state, text))
        told.is_transient = is_lost or state in _TRANSIENT
        return told

    def _stopped(self, seconds: float) -> EngineError:
        if self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        if self._seconds and seconds >= self._seconds * 0.9:
            return StatementTimeoutError(
                f"no answer within {self._seconds:g} s", "raise --timeout, or narrow the check"
            )
        return StatementTimeoutError(
            "the server ended it before its time", "see statement_timeout of the server and the user"
        )


def _told(state: str, text: str) -> tuple[str, str]:
    match state:
        case "22012":
            return "division by zero while it ran", "divide by nullif(..., 0)"
        case "22003":
            return "a number grew beyond its type while it ran", "cast to numeric before you calculate"
        case "2201B":
            return "a pattern is no regular expression of PostgreSQL", "see its documentation on patterns"
        case "42501":
            return text or "the user may not read it", "grant SELECT on it to the user"
        case "25006":
            return text or "it would write", "meshkit only reads"
    if state[:2] == "22":
        return "a value does not fit what the SQL does with it", "guard it with CASE or nullif"
    if state[:2] in _TOLD and text:
        return text, ""
    if not state:
        return "the driver cannot read a type of the answer", "cast it to text or a number"
    return f"the server could not finish it (SQLSTATE {state})", ""


def _is_lost(text: str) -> bool:
    signs = (
        "server closed the connection",
        "no connection to the server",
        "terminating connection",
        "could not receive",
    )
    return any(sign in text for sign in signs)


def _uri(address: Address) -> str:
    """Return libpq's URI: as it was given, how long to wait, as whom, and, with precedence, what is given besides."""
    _, _, rest = address.url.partition("://")
    query = rest.partition("?")[2]
    own = {"application_name": "meshkit", "connect_timeout": str(CONNECT_SECONDS)}
    given = {**{k: v for k, v in own.items() if f"{k}=" not in query}, **address.options}
    return f"postgresql://{rest}{'&' if '?' in rest else '?'}{urlencode(given, quote_via=quote)}"


def _unreached(address: Address, text: str) -> EngineError:
    for sign, reason, hint in _REFUSALS:
        if sign in text:
            return unreached(address, reason, hint)
    return unreached(address, "the driver cannot connect")


def _in(schema: str | None) -> str:
    if schema is None:
        return "n.nspname = ANY (current_schemas(false))"
    return f"(n.nspname = {_literal(schema)} OR lower(n.nspname) = lower({_literal(schema)}))"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(*parts: str) -> str:
    return ".".join('"' + p.replace('"', '""') + '"' for p in parts)
