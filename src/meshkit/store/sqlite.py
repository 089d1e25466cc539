"""The store in a file of SQLite: write-ahead log, short transactions that wait for each other, no other library."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from meshkit.errors import StoreError
from meshkit.store.link import Row, Values
from meshkit.store.place import StorePlace, make_folder, refuse_links

PATIENCE_SECONDS = 5.0
"""How long a process waits for another one to end its transaction."""
HEAD = "0002"
"""The newest migration; `schema.sql` is a store of that version."""
_SCHEMA = Path(__file__).with_name("schema.sql")
_UPGRADES = Path(__file__).with_name("upgrades")
_STEPS = {"0001": "0002"}
"""A version -> the next one; `upgrades/` has the statements that lead there, as the migration of alembic does."""


class SqliteLink:
    """A store in a file. Threads may share it."""

    engine = "sqlite"

    def __init__(self, connection: sqlite3.Connection, shown: str) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.shown = shown

    def rows(self, query: str, values: Values | None = None) -> list[Row]:
        return self._connection.execute(query, dict(values or {})).fetchall()

    def pages(self, query: str, size: int) -> Iterator[list[Row]]:
        cursor = self._connection.execute(query)
        while page := cursor.fetchmany(size):
            yield page

    def execute(self, statement: str, values: Values | None = None) -> int:
        return self._connection.execute(statement, dict(values or {})).rowcount

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        self._connection.executemany(statement, (dict(row) for row in rows))

    def alone(self) -> None:
        """Every transaction that writes is alone here already: it began IMMEDIATE."""

    @contextmanager
    def reading(self) -> Iterator[SqliteLink]:
        with self._transaction("BEGIN"):
            yield self

    @contextmanager
    def writing(self, *, is_durable: bool = False) -> Iterator[SqliteLink]:
        if is_durable:
            self._connection.execute("PRAGMA synchronous=FULL")
        try:
            with self._transaction("BEGIN IMMEDIATE"):
                yield self
        finally:
            if is_durable:
                self._connection.execute("PRAGMA synchronous=NORMAL")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            try:
                self._connection.execute(begin)
                yield
                self._connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise told(error, self.shown) from error
                raise

    def problems(self) -> list[str]:
        try:
            found = [str(row[0]) for row in self._connection.execute("PRAGMA quick_check")]
            found += [f"a row of {row[0]} has no run" for row in self._connection.execute("PRAGMA foreign_key_check")]
            return [line for line in found if line != "ok"] + _differences(self._connection)
        except sqlite3.DatabaseError as error:
            return [str(error)]

    def close(self) -> None:
        self._connection.close()


def open_sqlite(place: StorePlace, *, create: bool) -> SqliteLink:
    """Open a store, and make it where there is none.

    Args:
        place: Its file.
        create: Whether it is to be written; else it is only read, and must be there.

    Raises:
        StoreError: MK410 to MK415, MK419.
    """
    path = place.path
    try:
        refuse_links(place)
        if not create and not (path.exists() and (path.is_dir() or path.stat().st_size)):
            what = f"there is no store at '{place.shown}'"
            raise StoreError(what, "meshkit check on a mesh folder makes one", code="MK419")
        if create:
            make_folder(place.path.parent)
        connection = _connect(path)
    except OSError as error:
        raise StoreError(*_unusable(place.shown, (error.strerror or "unknown error").lower())) from error
    except sqlite3.Error as error:
        raise told(error, place.shown) from error
    try:
        try:
            _prepare(connection, place.shown)
        except sqlite3.OperationalError as error:
            if create or not _is_shut(error, path):
                raise
            connection.close()
            connection = _connect(path, "?immutable=1")
            _prepare(connection, place.shown)
    except sqlite3.Error as error:
        connection.close()
        raise told(error, place.shown) from error
    except BaseException:
        connection.close()
        raise
    return SqliteLink(connection, place.shown)


def _connect(path: Path, options: str = "") -> sqlite3.Connection:
    target = f"{path.resolve().as_uri()}{options}" if options else path
    return sqlite3.connect(
        target, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False, uri=bool(options)
    )


def _is_shut(error: sqlite3.OperationalError, path: Path) -> bool:
    """Tell whether a whole store lies where nothing may be written, so that it can be read as it stands."""
    codes = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    wal = path.with_name(f"{path.name}-wal")
    return error.sqlite_errorcode & 0xFF in codes and not (wal.exists() and wal.stat().st_size)


def _prepare(connection: sqlite3.Connection, shown: str) -> None:
    """Set the connection up, and see to it that the store has the tables of this version."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    version = _version(connection)
    if version is None:
        _make_tables(connection, shown)
    elif version != HEAD:
        _upgrade(connection, shown)


def _version(connection: sqlite3.Connection) -> str | None:
    """Return the version of the tables; None where there are none, empty where nothing was migrated yet."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return str(row[0]) if row else ""


def _make_tables(connection: sqlite3.Connection, shown: str) -> None:
    """Make the tables in one transaction, unless another process was quicker. What is not ours is left alone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not names:
            for statement in statements():
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if names and "alembic_version" not in names:
        raise _not_ours(shown)
    _use_log(connection)


def _upgrade(connection: sqlite3.Connection, shown: str) -> None:
    """Bring the tables up to date in one transaction, unless another process was quicker.

    Raises:
        StoreError: MK414, this meshkit does not know the version; MK410, the file may only be read.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = _version(connection)
        while version is not None and version != HEAD:
            version = _step(connection, version, shown)
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        what = f"the store '{shown}' is of an older meshkit, and may only be read"
        raise StoreError(what, "open it once where it may be written, as meshkit store info does") from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _step(connection: sqlite3.Connection, version: str, shown: str) -> str:
    """Take one step, and return the version that it leads to; what has no version yet must have no tables either."""
    if not version:
        if {row[0] for row in connection.execute("SELECT name FROM sqlite_master")} != {"alembic_version"}:
            raise _not_ours(shown)
        connection.execute("DROP TABLE alembic_version")
    elif version not in _STEPS:
        what = f"the store '{shown}' was made by a newer meshkit"
        raise StoreError(what, "use that one, or name another place with MESHKIT_STORE", code="MK414")
    following = _STEPS[version] if version else HEAD
    for statement in statements(_UPGRADES / f"{following}.sql" if version else _SCHEMA):
        connection.execute(statement)
    return following


def _not_ours(shown: str) -> StoreError:
    what = f"'{shown}' is an SQLite database, but no store of meshkit"
    return StoreError(what, "name another place with MESHKIT_STORE", code="MK412")


def _use_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, for which nobody else may be at the file for a moment."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def statements(file: Path = _SCHEMA) -> list[str]:
    """Return the statements of a file; of `schema.sql`, those that make an empty store."""
    text = file.read_text(encoding="utf-8")
    return [part.strip().removesuffix(";") for part in text.split(";\n\n")]


def _differences(connection: sqlite3.Connection) -> list[str]:
    """Compare the tables, indexes and triggers with those that meshkit makes."""
    empty = sqlite3.connect(":memory:")
    try:
        for statement in statements():
            empty.execute(statement)
        ours, found = _made(empty), _made(connection)
    finally:
        empty.close()
    return [
        f"{name} is {'missing' if name not in found else 'not known' if name not in ours else 'not as meshkit makes it'}"
        for name in sorted({n for n, text in ours.items() ^ found.items() if n and text is not None})
    ]


def _made(connection: sqlite3.Connection) -> dict[str, str]:
    query = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return {name: "".join(str(sql).split()) for name, sql in connection.execute(query)}


def told(error: sqlite3.Error, shown: str) -> StoreError:
    """Return what went wrong in words, with its code."""
    if isinstance(error, sqlite3.IntegrityError):
        return StoreError(
            f"the store '{shown}' refused a row: {error}", "it is there already, or lacks a part", code="MK417"
        )
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"the store '{shown}' is locked by another process", "run it again when that has ended", code="MK411"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _lacks(error):
        what = f"the store '{shown}' is damaged, or no store: {error}"
        return StoreError(what, "move the file away, and a new one is made", code="MK412")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        what = f"the store '{shown}' cannot be written: {error}"
        return StoreError(what, "make room on the disk, or name another place with MESHKIT_STORE", code="MK413")
    return StoreError(*_unusable(shown, str(error)))


def _lacks(error: sqlite3.Error) -> bool:
    return str(error).startswith(("no such table", "no such column", "malformed"))


def _unusable(shown: str, reason: Any) -> tuple[str, str]:
    hint = "mend the folder, name another place with MESHKIT_STORE, or set it to off"
    return f"the store '{shown}' cannot be used: {reason}", hint
