"""SQLite: a file opened read-only, by the driver that comes with Python."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import unreached
from meshkit.engines.pick_table import pick
from meshkit.engines.python_values import table_of
from meshkit.engines.sqlite_functions import register
from meshkit.engines.sqlite_types import held_as, looks, word_of
from meshkit.errors import EngineError, InterruptedRunError, SourceError, UsageError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

_READS = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))
_LOOKS = frozenset((sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_UPDATE))
"""What asking for a table's columns needs besides: SQLite notes the table of the PRAGMA itself, in memory."""
_OUTSIDE = frozenset("load_extension readfile writefile edit fts3_tokenizer writable_schema lsdir fsdir".split())
_BUSY_SECONDS = 5.0
_TRANSIENT = re.compile("database (?:table )?is locked|disk I/O error")


def connect(address: Address, settings: Settings) -> SQLite:
    """Open a file; see `Opener`. `sqlite://` is a database in memory, for tests."""
    return SQLite(address, settings)


class SQLite:
    """A connection that reads one file.

    Args:
        address: `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite://` for one in memory.
        settings: Limits; `roots` hold for the file.

    Raises:
        EngineError: MK311 it is not there, or no database; MK310 outside the folders that may be read.
    """

    dialect = "sqlite"
    version = f"sqlite {sqlite3.sqlite_version}"

    def __init__(self, address: Address, settings: Settings) -> None:
        self._path = _path_of(address, settings)
        self.capabilities = Capabilities(is_read_only=True, can_cancel=True, is_concurrent=self._path is not None)
        self._is_looking = False
        self._is_cancelled = threading.Event()
        self._is_running = False
        try:
            self.connection = self._open()
            self.connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except sqlite3.Error as error:
            reason = "it is no SQLite database" if "not a database" in str(error) else "it cannot be opened"
            raise unreached(
                address, reason, "sqlite:///file.db is relative, sqlite:////folder/file.db absolute"
            ) from None

    def _open(self) -> sqlite3.Connection:
        location = f"file:{quote(str(self._path))}?mode=ro" if self._path else ":memory:"
        connection = sqlite3.connect(
            location, uri=True, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
        )
        register(connection)
        connection.execute(
            "SELECT value FROM json_each('[]')"
        ).fetchall()  # what reads lists is set up once, before the lock
        connection.set_authorizer(self._allowed)
        return connection

    def _allowed(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Allow reading alone: a second lock behind the read-only file. Called for each part of a statement."""
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_DENY if (second or "").lower() in _OUTSIDE else sqlite3.SQLITE_OK
        is_look = self._is_looking and action in _LOOKS
        return sqlite3.SQLITE_OK if action in _READS or is_look else sqlite3.SQLITE_DENY

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`.

        SQLite lets a column hold values of other kinds than it declares. They are looked for, all in one reading of the table:
        what is found stands in `other_types`, and the column's checks are not run over it.
        """
        schema, name = ("main", *parts)[-2:]
        if schema.lower() != "main":
            raise SourceError(f"SQLite has no schema '{schema}'", "name the table alone")
        known = [r[0] for r in self._select("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        table = pick(name, [(n,) for n in known if not n.startswith("sqlite_")])[0]
        self._is_looking = True
        try:
            rows = self._select("SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1", table)
            strict = self._select("SELECT strict FROM pragma_table_list(?) WHERE schema = 'main'", table)
        finally:
            self._is_looking = False
        columns = tuple(SeenColumn(n, word_of(declared)) for n, declared in rows)
        if not strict or not strict[0][0]:
            columns = self._with_others(table, columns)
        return (table,), columns

    def _with_others(self, table: str, columns: tuple[SeenColumn, ...]) -> tuple[SeenColumn, ...]:
        found = []
        for start in range(0, len(columns), 200):  # a statement has at most 2,000 columns
            part = columns[start : start + 200]
            query = f"SELECT {', '.join(looks(_quoted(c.name), c.type) for c in part)} FROM {_quoted(table)}"
            row = self._select(query)[0]
            for column, bits in zip(part, row, strict=True):
                held, others = held_as(column.type, bits)
                found.append(column._replace(type=held, other_types=others))
        return tuple(found)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return None: SQLite counts only by reading."""
        return None

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        names, rows = self._run(query, ())
        return table_of(names, rows)

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        _, rows = self._run(f"EXPLAIN QUERY PLAN {query}", ())
        return "\n".join(str(r[-1]) for r in rows)

    def cancel(self) -> None:
        """Stop the running statement; see `Driver.cancel`."""
        if self._is_running:
            self._is_cancelled.set()
            self.connection.interrupt()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._run(query, values)[1]

    def _run(self, query: str, values: Sequence[Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
        self._is_cancelled.clear()
        self._is_running = True
        try:
            cursor = self.connection.execute(query, values)
            return [d[0] for d in cursor.description or ()], cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
            if self._is_cancelled.is_set():
                raise InterruptedRunError("interrupted before it had an answer") from None
            raise _explained(error) from error
        finally:
            self._is_running = False


def _path_of(address: Address, settings: Settings) -> Path | None:
    """Return the file, or None for a database in memory."""
    _, _, rest = address.url.partition("://")
    place, _, query = rest.partition("?")
    if query or address.options:
        raise UsageError("engine 'sqlite' has no options", "write sqlite:///file.db")
    if place in ("", "/", "/:memory:"):
        return None
    if not place.startswith("/"):
        raise UsageError(
            "the URL of engine 'sqlite' cannot be read", "write sqlite:///relative.db or sqlite:////absolute.db"
        )
    path = Path(unquote(place.removeprefix("/"))).resolve()
    if settings.roots and not any(path.is_relative_to(Path(r).resolve()) for r in settings.roots):
        raise SourceError(f"'{path.name}' is outside the folders that may be read here", code="MK310")
    if not path.is_file():
        raise unreached(
            address, "there is no such file", "sqlite:///file.db is relative, sqlite:////folder/file.db absolute"
        )
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _explained(error: Exception) -> EngineError:
    """Turn the driver's error into ours. SQLite's texts name tables, columns and functions, and quote no values."""
    said = str(error).partition("\n")[0]
    if said.startswith("user-defined "):
        what = (
            "a function refused its arguments while it ran: SQLite cannot hold what it would give, or it cannot be cast"
        )
        return EngineError(what, "guard it with CASE, TRY_CAST or nullif; is each pattern one of RE2?")
    if isinstance(error, sqlite3.ProgrammingError) or "authoriz" in said or "readonly" in said:
        return EngineError(f"refused, since it does more than read: {said}", "let it be one SELECT")
    if isinstance(error, (OverflowError, UnicodeError)):
        return EngineError("a value that Python cannot hold", "let the query return counts")
    if "integer overflow" in said:
        return EngineError("a number grew beyond its type while it ran", "cast to REAL before you calculate")
    if "malformed JSON" in said or "JSON" in said:
        return EngineError("a text is no JSON", "guard it with json_valid")
    told = EngineError(said)
    told.is_transient = bool(_TRANSIENT.search(said))
    return told
