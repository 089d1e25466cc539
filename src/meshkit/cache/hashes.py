"""Sorted 64-bit hashes of a key, one file per data file: read as mapped memory, proved whole by their header."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from meshkit.cache.entries import KEEP_DAYS

Hashes = npt.NDArray[np.uint64]
_FOLDER = "keys"
_MAGIC = b"MKHASH01"
_HEADER = 8 + 3 * 8 + 24
_NO_HASHES: Hashes = np.empty(0, np.uint64)


class KeyHashes(NamedTuple):
    """The key of one data file.

    Attributes:
        rows: How many rows count, those without a whole key included.
        hashes: The hash of each whole key, sorted.
    """

    rows: int
    hashes: Hashes


class HashFiles:
    """A folder of hashes by name. What cannot be read or written is not remembered.

    Args:
        folder: The cache's folder; None = nothing is remembered.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / _FOLDER if folder else None

    def get(self, name: str) -> KeyHashes | None:
        """Return what is stored by a name (a hexadecimal digest); None if it is not there, or not whole."""
        if self._folder is None:
            return None
        path = self._folder / f"{name}.u64"
        try:
            with path.open("rb") as file:
                header = file.read(_HEADER)
                size = os.fstat(file.fileno()).st_size
                if len(header) != _HEADER or header[:8] != _MAGIC or header[32:] != _named(name):
                    return None
                count, rows, total = (int(n) for n in np.frombuffer(header, "<u8", 3, 8))
                if size != _HEADER + 8 * count or rows < count:
                    return None
                hashes = np.memmap(file, "<u8", "r", _HEADER, (count,)) if count else _NO_HASHES
        except (OSError, ValueError):
            return None
        if total != _checksum(hashes):
            return None
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > 86_400:
                os.utime(path)  # it was used
        return KeyHashes(rows, hashes)

    def put(self, name: str, key: KeyHashes) -> None:
        """Write hashes beside, then swap them in."""
        if self._folder is None:
            return
        numbers = np.array([len(key.hashes), key.rows, _checksum(key.hashes)], "<u8")
        staged = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, staged = tempfile.mkstemp(dir=self._folder, prefix=".staged-")
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + numbers.tobytes() + _named(name))
                file.write(np.ascontiguousarray(key.hashes, "<u8").data)
            Path(staged).replace(self._folder / f"{name}.u64")
        except OSError:
            with contextlib.suppress(OSError):
                Path(staged).unlink(missing_ok=True)

    def forget_old(self) -> None:
        """Remove what was not used for long, and what a run that was killed has left."""
        if self._folder is None:
            return
        oldest = time.time() - KEEP_DAYS * 86_400
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                is_ours = entry.name.endswith(".u64") or entry.name.startswith(".staged-")
                limit = oldest if entry.name.endswith(".u64") else time.time() - 86_400
                if is_ours and entry.stat().st_mtime < limit:
                    Path(entry.path).unlink(missing_ok=True)


def _named(name: str) -> bytes:
    return bytes.fromhex(name)[:24].ljust(24, b"\0")


def _checksum(hashes: Hashes) -> int:
    """Return the sum of some hashes: made at the speed of memory, and another one if one of them is damaged."""
    return int(hashes.sum(dtype=np.uint64))
