"""How much memory each part of a run may take: one budget, shared out."""

from __future__ import annotations

import os
from typing import NamedTuple

from meshkit.errors import QuantityError
from meshkit.model.units import parse_size

_MEBIBYTE = 1 << 20
_LARGEST = 1 << 30


class Budget(NamedTuple):
    """Shares of the memory that a run may take.

    Attributes:
        fast_limit: For the database that most statements run in, as DuckDB reads it.
        exact_limit: For the one that never prunes by statistics.
        key_bytes: For the hashes of keys.
        text_bytes: For files of text formats that are read once and kept.
    """

    fast_limit: str
    exact_limit: str
    key_bytes: int
    text_bytes: int

    @classmethod
    def of(cls, memory: str | None) -> Budget:
        """Share out what was given; without it, a part of the machine's memory.

        Example:
            >>> Budget.of("1GiB")
            Budget(fast_limit='512MiB', exact_limit='256MiB', key_bytes=268435456, text_bytes=134217728)
        """
        try:
            size = parse_size(memory.strip().removesuffix("B")) if memory else 0
        except QuantityError:
            return cls(memory or "", memory or "", _LARGEST, 0)  # the engine says what is wrong with it
        size = size or _physical_memory()
        limits = [f"{max(size // part // _MEBIBYTE, 1)}MiB" for part in (2, 4)]
        return cls(limits[0], limits[1], min(size // 4, _LARGEST), min(size // 8, _LARGEST // 4))


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 * _LARGEST  # where the system does not tell
