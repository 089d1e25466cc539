"""JSON values by key, in one SQLite file. A store that fails remembers nothing; a value that is damaged is not there."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

KEEP_DAYS = 90
_FILE = "observations.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY,  -- a digest of what the value means and of the files it was read from
    value TEXT NOT NULL,   -- a checksum of key and JSON, then the JSON
    used TEXT NOT NULL     -- the day
) WITHOUT ROWID
"""
_CHECKSUM = 16
_AT_ONCE = 500


def digest(*parts: str) -> str:
    """Return a digest of some texts, in which it matters where one ends and the next begins."""
    whole = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


class Entries:
    """A store of JSON values, open until `close`. Threads may share it.

    Args:
        folder: Where it lies; None = it remembers nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._new: dict[str, str] = {}
        self._old_keys: set[str] = set()
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(folder / _FILE, timeout=2, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error):
            return
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_SCHEMA)
            self._today = str(connection.execute("SELECT date('now')").fetchone()[0])
            self._connection = connection
        except sqlite3.Error:
            connection.close()

    @property
    def is_open(self) -> bool:
        """Whether anything is remembered."""
        return self._connection is not None

    def get(self, key: str) -> Any:
        """Return the value of a key, or None."""
        return self.get_all([key]).get(key)

    def get_all(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the values of those keys that are there and whole."""
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            found = {key: self._new[key] for key in wanted if key in self._new}
            wanted = [key for key in wanted if key not in found]
            for start in range(0, len(wanted), _AT_ONCE):
                found |= self._read(wanted[start : start + _AT_ONCE])
        values = {key: _opened(key, text) for key, text in found.items()}
        return {key: value for key, value in values.items() if value is not None}

    def _read(self, keys: list[str]) -> dict[str, str]:
        if self._connection is None:
            return {}
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value, used FROM entries WHERE key IN ({marks})"  # noqa: S608  # question marks only
        try:
            rows = self._connection.execute(query, keys).fetchall()
        except sqlite3.Error:
            return {}
        self._old_keys |= {key for key, _, used in rows if used != self._today}
        return {key: value for key, value, _ in rows if isinstance(value, str)}

    def put(self, key: str, value: Any) -> None:
        """Remember a value until `close` writes it."""
        if self._connection is None:
            return
        text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        with self._lock:
            self._new[key] = digest(key, text)[:_CHECKSUM] + text

    def close(self) -> None:
        """Write what is new in one transaction, and forget what was not used for long."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._new or self._old_keys:
                connection.execute("BEGIN IMMEDIATE")
                rows = [(key, value) for key, value in self._new.items()]
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, date('now'))", rows)
                used = [(key,) for key in self._old_keys]
                connection.executemany("UPDATE entries SET used = date('now') WHERE key = ?", used)
                connection.execute("DELETE FROM entries WHERE used < date('now', ?)", (f"-{KEEP_DAYS} days",))
                connection.execute("COMMIT")
        except sqlite3.Error:
            pass  # a cache that cannot be written costs time, never an answer
        finally:
            connection.close()


def _opened(key: str, text: str) -> Any:
    """Return a stored value; None where it is not what was written under its key."""
    checksum, body = text[:_CHECKSUM], text[_CHECKSUM:]
    if digest(key, body)[:_CHECKSUM] != checksum:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
