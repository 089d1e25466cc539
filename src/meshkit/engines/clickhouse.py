"""ClickHouse: a server by clickhouse-connect, or the same engine in this process by chdb."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from meshkit.engines.base import Settings
from meshkit.engines.chdb import Embedded
from meshkit.engines.clickhouse_arrow import cleared, is_unclear
from meshkit.engines.clickhouse_errors import code_of, reason_of
from meshkit.engines.clickhouse_server import OPTIONS, Server
from meshkit.engines.clickhouse_types import word_of
from meshkit.engines.dbapi import LOST, found_table, literal, placed, told
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import login_of, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError, InterruptedRunError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa


class Channel(Protocol):
    """What carries a query to the engine and its answer back."""

    can_cancel: bool

    def ask(self, query: str) -> pa.Table:
        """Run one query with the settings of `clickhouse_settings`."""

    def stop(self) -> None:
        """Stop the running one, from another thread."""

    def close(self) -> None:
        """Let go of the engine."""


def connect(address: Address, settings: Settings) -> ClickHouse:
    """Connect; see `Opener`.

    `clickhouse://user:password@host:8123/database`, `clickhouses://` for the same over TLS; `chdb:///folder` for tables of chdb in a
    folder, `chdb://` for memory.
    """
    if address.url.partition(":")[0] == "chdb":
        return _embedded(address, settings)
    try:
        module = import_module("clickhouse_connect")
        errors = import_module("clickhouse_connect.driver.exceptions").Error
    except ImportError:
        raise lacking("clickhouse", "clickhouse-connect") from None
    database = login_of(address, OPTIONS).database
    return ClickHouse(Server(module, errors, address, settings), (errors, OSError), database or "default", settings)


def driver_of(session: Any, settings: Settings) -> ClickHouse:
    """Return a driver over a `chdb.session.Session` that the caller gave. It keeps its settings, and is not closed."""
    return ClickHouse(Embedded(session, settings.timeout_seconds, is_own=False), (RuntimeError,), "", settings)


def _embedded(address: Address, settings: Settings) -> ClickHouse:
    try:
        module = import_module("chdb.session")
    except ImportError:
        raise lacking("clickhouse", "chdb") from None
    folder = address.url.partition("://")[2]
    try:
        session = module.Session(folder or None)
    except (RuntimeError, OSError):
        raise unreached(address, "chdb cannot open this folder", "no other process may have it open") from None
    return ClickHouse(Embedded(session, settings.timeout_seconds, is_own=True), (RuntimeError,), "", settings)


class ClickHouse:
    """A connection each of whose statements is read-only.

    Args:
        channel: To the engine.
        errors: What `channel` raises.
        database: Of tables whose name says none; empty = the session's own.
        settings: Limits; the engine ends what takes too long.
    """

    dialect = "clickhouse"

    def __init__(
        self, channel: Channel, errors: tuple[type[Exception], ...], database: str, settings: Settings
    ) -> None:
        self._channel = channel
        self._errors = errors
        self._seconds = settings.timeout_seconds
        self._is_cancelled = False
        is_server = channel.can_cancel
        self.capabilities = Capabilities(
            is_read_only=True, has_timeout=True, can_cancel=is_server, is_concurrent=is_server
        )
        row = self._ask(
            "SELECT version() AS version, currentDatabase() AS database, serverTimezone() AS zone"
        ).to_pylist()[0]
        self._zone = row["zone"]
        self.version = f"clickhouse {row['version']}"
        self._database = database or row["database"]

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        database, _ = placed(parts, (self._database,), ("database",))
        tables = self._rows(
            f"SELECT database, name FROM system.tables WHERE lower(database) = lower({_literal(database)}) AND NOT is_temporary"
            f" ORDER BY database = {_literal(database)} DESC, name"
        )

        def look(found: tuple[str, ...]) -> list[SeenColumn]:
            rows = self._rows(
                f"SELECT name, type FROM system.columns WHERE database = {_literal(found[0])} AND table = {_literal(found[1])}"
                " AND default_kind <> 'EPHEMERAL' ORDER BY position"
            )
            return [SeenColumn(name, word_of(kind, self._zone)) for name, kind in rows]

        return found_table(tables, parts, look)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what the engine counted; None for a view; see `Driver.rows_of`."""
        database, table = parts
        rows = self._rows(
            f"SELECT total_rows FROM system.tables WHERE database = {_literal(database)} AND name = {_literal(table)}"
        )
        return int(rows[0][0]) if rows and rows[0][0] is not None else None

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`. Where Arrow does not tell what a number stands for, the engine is asked."""
        table = self._ask(require_select(query))
        if not is_unclear(table):
            return table
        kinds = [kind for _, kind, *_ in self._rows(f"DESCRIBE (\n{query}\n)")]
        return cleared(table, kinds)

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        return "\n".join(str(row[0]) for row in self._rows(f"EXPLAIN {require_select(query)}"))

    def cancel(self) -> None:
        """Stop the running statement at a server; chdb cannot; see `Driver.cancel`."""
        if self._channel.can_cancel:
            self._is_cancelled = True
            self._channel.stop()

    def close(self) -> None:
        """Let go of the engine."""
        self._channel.close()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self._ask(query).to_pylist()]

    def _ask(self, query: str) -> pa.Table:
        self._is_cancelled = False
        try:
            return self._channel.ask(query)
        except self._errors as error:
            raise self._explained(str(error)) from None

    def _explained(self, text: str) -> EngineError:
        code = code_of(text)
        if self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        reason = reason_of(text) if code else LOST
        return told(reason, self._seconds)


def _literal(text: str) -> str:
    return literal(text.replace("\\", "\\\\"))
