"""Which version of a file is there: told by its size and times where that is safe, else by what is in it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_COARSE_NS = 2_100_000_000
_FINE_NS = 25_000_000
_PARQUET_END = 8


class Stat(NamedTuple):
    """What the file system tells of a file; another version of it has another one."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Fingerprint(NamedTuple):
    """One version of a file.

    Attributes:
        path: Where it lies.
        stat: What the file system tells.
        identity: A text that no other content at this path has.
        is_settled: Whether a later change must show in `stat`: the file was not written just now.
    """

    path: str
    stat: Stat
    identity: str
    is_settled: bool

    @property
    def is_still_there(self) -> bool:
        """Whether the file is as it was."""
        return stat_of(self.path) == self.stat


def stat_of(path: str) -> Stat | None:
    """Return what the file system tells of a file; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # thousands of files: a Path for each costs more than the call
    except OSError:
        return None
    return Stat(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def fingerprint(path: str, file_format: str, known: Sequence[object] | None) -> Fingerprint | None:
    """Return a file's fingerprint; None where it cannot be read.

    Args:
        path: The file.
        file_format: `parquet`, `csv` or `json`.
        known: What `remembered` gave for this path before; then an unchanged file is not opened.
    """
    taken = time.time_ns()
    stat = stat_of(path)
    if stat is None:
        return None
    is_settled = taken - stat.mtime_ns > (_COARSE_NS if stat.mtime_ns % 1_000_000 == 0 else _FINE_NS)
    if known and list(known[:-1]) == list(stat) and isinstance(known[-1], str):
        return Fingerprint(path, stat, known[-1], is_settled)
    try:
        identity = _footer(path, stat) if file_format == "parquet" else _whole(path)
    except OSError:
        return None
    return Fingerprint(path, stat, identity, is_settled)


def remembered(found: Fingerprint) -> list[object]:
    """Return what to keep of a fingerprint, to be given as `known`; only of one that is settled."""
    return [*found.stat, found.identity]


def _footer(path: str, stat: Stat) -> str:
    """Name a parquet file by its footer. Other rows may have the same footer, so its size and time count too."""
    with Path(path).open("rb") as file:
        file.seek(max(0, stat.size - _PARQUET_END))
        end = file.read(_PARQUET_END)
        length = int.from_bytes(end[:4], "little") + _PARQUET_END
        if end[4:] not in (b"PAR1", b"PARE") or length > stat.size:
            return _whole(path)
        file.seek(stat.size - length)
        footer = hashlib.blake2b(file.read(length), digest_size=20).hexdigest()
    return f"footer {stat.size} {stat.mtime_ns} {footer}"


def _whole(path: str) -> str:
    with Path(path).open("rb") as file:
        return "whole " + hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
