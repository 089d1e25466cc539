"""What was read before, by the hash of the text. The folder may be deleted at any time; a cache that fails is not used."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from meshkit.version import __version__

_KEEP_DAYS = 90
_SCHEMA = """
CREATE TABLE IF NOT EXISTS parsed (
    key TEXT PRIMARY KEY,  -- of the text and of the code that read it
    head TEXT NOT NULL,    -- JSON: what an index needs, and the problems
    body TEXT NOT NULL,    -- JSON: the whole
    stored TEXT NOT NULL   -- the day
) WITHOUT ROWID
"""


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where caches are kept: MESHKIT_CACHE, else the system's place for them. None = off."""
    chosen = environment.get("MESHKIT_CACHE", "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA")
        return Path(base) / "meshkit" / "cache" if base else None
    home = environment.get("HOME")
    base = environment.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else None)
    return Path(base) / "meshkit" if base else None


def _code_fingerprint() -> bytes:
    """Tell this code from any other that could have filled the cache."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=16)
    here = Path(__file__).resolve().parent
    for folder in (here, here.parent / "model", *(Path(e) for e in os.scandir(here) if e.is_dir())):
        for entry in sorted(os.scandir(folder), key=lambda e: e.name):
            if entry.name.endswith(".py"):
                stat = entry.stat()
                digest.update(f"{entry.name}:{stat.st_size}:{stat.st_mtime_ns};".encode())
    return digest.digest()


class Cache:
    """Texts that were read before. Entries are JSON in one SQLite file, validated again when they come back."""

    def __init__(self, folder: Path | None) -> None:
        self._connection: sqlite3.Connection | None = None
        self._new: list[tuple[str, str, str]] = []
        if folder is None:
            return
        self._salt = _code_fingerprint()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(folder / "parsed.sqlite", timeout=2, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=OFF")
            self._connection.execute(_SCHEMA)
        except (OSError, sqlite3.Error):
            self._connection = None

    @property
    def is_open(self) -> bool:
        """Whether anything is remembered."""
        return self._connection is not None

    def key(self, text: bytes) -> str:
        """Return the key of a text."""
        return hashlib.blake2b(text, digest_size=16, key=self._salt if self._connection else b"").hexdigest()

    def get(self, key: str) -> tuple[str, str] | None:
        """Return the head and the body that were stored under `key`, or None."""
        if self._connection is None:
            return None
        try:
            with closing(self._connection.execute("SELECT head, body FROM parsed WHERE key = ?", (key,))) as cursor:
                row = cursor.fetchone()
        except sqlite3.Error:
            return None
        return (row[0], row[1]) if row else None

    def put(self, key: str, head: str, body: str) -> None:
        """Remember what was read until `close` writes it."""
        if self._connection is not None:
            self._new.append((key, head, body))

    def close(self) -> None:
        """Write what is new in one transaction, and forget what is old."""
        if self._connection is None:
            return
        try:
            if self._new:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT OR REPLACE INTO parsed VALUES (?, ?, ?, date('now'))", self._new)
                self._connection.execute("DELETE FROM parsed WHERE stored < date('now', ?)", (f"-{_KEEP_DAYS} days",))
                self._connection.execute("COMMIT")
        except sqlite3.Error:
            pass  # a cache that cannot be written costs time, never an answer
        finally:
            self._connection.close()
            self._connection = None
