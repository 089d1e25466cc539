"""How often somebody may ask: token buckets by name, in bounded memory, with the clock as an argument."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from typing import NamedTuple

MOST_NAMES = 10_000


class Rate(NamedTuple):
    """So many a minute, and so many at once before that counts."""

    per_minute: float
    burst: float

    @classmethod
    def of(cls, per_minute: float) -> Rate:
        """Return a rate with a sixth of a minute's worth as the burst, ten at least."""
        return cls(per_minute, max(per_minute / 6, 10.0))


class Buckets:
    """One bucket for each name; the one that was used longest ago is forgotten where there are too many.

    Forgetting fills a bucket again: whoever comes under ever new names gains nothing beyond a new name's own burst.

    Args:
        rate: How often each may ask.
        most: How many names are remembered.
    """

    def __init__(self, rate: Rate, most: int = MOST_NAMES) -> None:
        self._rate, self._most = rate, most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, name: str, now: float) -> float:
        """Return how long this name has to wait before it may ask; 0 = it may now. Takes nothing."""
        left = self._refilled(name, now)
        return 0.0 if left >= 1 else (1 - left) * 60 / self._rate.per_minute

    def take(self, name: str, now: float) -> float:
        """Ask once: 0 where it may, else how many seconds it has to wait, and nothing is taken."""
        wait = self.wait_seconds(name, now)
        if not wait:
            self._left[name] = (self._refilled(name, now) - 1, now)
            self._left.move_to_end(name)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return wait

    def __len__(self) -> int:
        """Count the names that are remembered."""
        return len(self._left)

    def _refilled(self, name: str, now: float) -> float:
        left, when = self._left.get(name, (self._rate.burst, now))
        return min(self._rate.burst, left + max(now - when, 0.0) * self._rate.per_minute / 60)


def neighbourhood(address: str) -> str:
    """Return the name under which an address is counted: itself; of IPv6 its /64, which one machine has all of.

    Example:
        >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8::1:2:3:4")
        ('192.0.2.7', '2001:db8::/64')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(found), 64), strict=False))
