"""Whose sessions of the older protocol are open: how many in all, and how many of each caller."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass
class _Open:
    owner: str
    used_at: float
    requests: int


class Sessions:
    """A ledger beside the SDK's own, which tells neither their number nor bounds one caller's.

    Args:
        idle_seconds: A session without a request for so long has ended; as the SDK is told.
    """

    def __init__(self, idle_seconds: float) -> None:
        self._idle = idle_seconds
        self._open: dict[str, _Open] = {}

    def of(self, owner: str, now: float) -> int:
        """Count the open sessions of a caller."""
        return self._count(now)[owner]

    def total(self, now: float) -> int:
        """Count the open sessions of all callers."""
        return self._count(now).total()

    def begin(self, session: str, owner: str, now: float) -> None:
        """Note that a request of a session has begun; another caller's has no part in it."""
        found = self._open.get(session)
        if found is not None and found.owner == owner:
            found.requests, found.used_at = found.requests + 1, now

    def end(self, session: str, owner: str, now: float) -> None:
        """Note that a request of a session has ended."""
        found = self._open.get(session)
        if found is not None and found.owner == owner:
            found.requests, found.used_at = found.requests - 1, now

    def opened(self, session: str, owner: str, now: float) -> None:
        """Note a new session; the request that opened it is under way."""
        self._open[session] = _Open(owner, now, 1)

    def closed(self, session: str) -> None:
        """Forget a session that its client has ended."""
        self._open.pop(session, None)

    def _count(self, now: float) -> Counter[str]:
        ended = [s for s, found in self._open.items() if not found.requests and now - found.used_at > self._idle]
        for session in ended:
            del self._open[session]
        return Counter(found.owner for found in self._open.values())
