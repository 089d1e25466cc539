"""Work that runs side by side, in a few threads, and can be stopped as one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

T = TypeVar("T")


class Lanes:
    """A few threads. The engine has threads of its own for each statement; the lanes keep them all busy.

    Args:
        count: How many.
        interrupt: Stops what is running.
    """

    def __init__(self, count: int, interrupt: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="meshkit-lane")
        self._interrupt = interrupt
        self._open: set[Future[object]] = set()

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Start some work as soon as a lane is free."""
        future = self._pool.submit(work)
        self._open.add(future)  # type: ignore[arg-type]  # a set of futures of anything
        future.add_done_callback(self._open.discard)
        return future

    def stop(self) -> None:
        """Give up what has not begun, interrupt what has, and wait until it has ended."""
        for future in tuple(self._open):
            future.cancel()
        for future in tuple(self._open):
            while not future.done():
                self._interrupt()
                with contextlib.suppress(FutureTimeoutError):
                    future.exception(0.05)

    def close(self) -> None:
        """Let the threads go; whatever is still at work is stopped, since nobody waits for it."""
        self.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
