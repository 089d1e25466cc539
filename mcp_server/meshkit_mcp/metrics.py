"""What the server counts of itself, and its text for Prometheus. No name of a person or product, and so few series."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the histogram, in seconds."""
TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts calls by tool and outcome, their times, and what was refused before. One thread alone may use it.

    Args:
        tools: The tools that there are; calls of others count as `unknown`.
    """

    def __init__(self, tools: Collection[str]) -> None:
        self._tools = frozenset(tools)
        self._calls: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[str] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()
        self.in_flight = 0

    def refused(self, reason: str) -> None:
        """Count a request that got no answer: `reason` is one of our own few words."""
        self._refused[reason] += 1

    async def measure(self, ctx: ServerRequestContext[object, object], call_next: CallNext) -> HandlerResult:
        """Count one call of a tool; the middleware that stands before all others."""
        if ctx.method != "tools/call":
            return await call_next(ctx)
        named = (ctx.params or {}).get("name")
        tool = named if isinstance(named, str) and named in self._tools else "unknown"
        began, outcome = time.perf_counter(), "failed"
        try:
            result = await call_next(ctx)  # a tool's answer comes as it goes over the wire, the gate's own as a model
            is_refused = result.get("isError") if isinstance(result, dict) else getattr(result, "is_error", False)
            outcome = "refused" if is_refused else "answered"
            return result
        except anyio.get_cancelled_exc_class():
            outcome = "cancelled"
            raise
        finally:
            self._add(tool, outcome, time.perf_counter() - began)

    def render(self, sessions: int) -> str:
        """Return everything as Prometheus reads it."""
        return "\n".join(self._lines(sessions)) + "\n"

    def _add(self, tool: str, outcome: str, seconds: float) -> None:
        self._calls[tool, outcome] += 1
        counts = self._buckets.setdefault(tool, [0] * (len(BOUNDS) + 1))
        counts[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[tool] += seconds  # type: ignore[assignment]  # a Counter adds floats as well

    def _lines(self, sessions: int) -> Iterator[str]:
        yield from _head("meshkit_mcp_calls_total", "counter", "Calls of tools, by tool and outcome.")
        for (tool, outcome), count in sorted(self._calls.items()):
            yield f'meshkit_mcp_calls_total{{tool="{tool}",outcome="{outcome}"}} {count}'
        yield from _head("meshkit_mcp_call_seconds", "histogram", "How long calls took.")
        for tool, counts in sorted(self._buckets.items()):
            below = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                below += count
                yield f'meshkit_mcp_call_seconds_bucket{{tool="{tool}",le="{bound}"}} {below}'
            yield f'meshkit_mcp_call_seconds_sum{{tool="{tool}"}} {self._seconds[tool]:.6f}'
            yield f'meshkit_mcp_call_seconds_count{{tool="{tool}"}} {below}'
        yield from _head(
            "meshkit_mcp_refused_total", "counter", "Requests that were refused before any tool, by reason."
        )
        for reason, count in sorted(self._refused.items()):
            yield f'meshkit_mcp_refused_total{{reason="{reason}"}} {count}'
        yield from _head(
            "meshkit_mcp_requests_in_flight", "gauge", "Requests that are being answered, open streams among them."
        )
        yield f"meshkit_mcp_requests_in_flight {self.in_flight}"
        yield from _head("meshkit_mcp_sessions", "gauge", "Sessions of clients of the older protocol that are open.")
        yield f"meshkit_mcp_sessions {sessions}"


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"
