"""Statements over large tables take turns: each keeps all threads of the engine busy, and two would only be in each other's way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from meshkit.engines.base import Rows, Session

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_ROWS = 500_000
"""Rows from which on a statement takes its turn. Smaller ones keep one thread busy at most, and run side by side."""


class InTurn:
    """The part of a session that steps use, one statement at a time.

    What a step does between its statements, such as sorting hashes, runs beside the statements of others.

    Args:
        session: The open engine.
        turn: Shared by all that take turns.
    """

    def __init__(self, session: Session, turn: threading.Lock) -> None:
        self._session = session
        self._turn = turn
        self.key_bytes = session.key_bytes

    def rows(self, query: str, *, exact: bool = False) -> Rows:
        """Run one SELECT of few rows; see `Session.rows`."""
        with self._turn:
            return self._session.rows(query, exact=exact)

    def fold(self, query: str, take: Callable[[pa.RecordBatch], None], *, exact: bool = False) -> None:
        """Run one SELECT of many rows; see `Session.fold`."""
        with self._turn:
            self._session.fold(query, take, exact=exact)

    def __getattr__(self, name: str) -> Any:
        """Return anything else of the session, as it is."""
        return getattr(self._session, name)
