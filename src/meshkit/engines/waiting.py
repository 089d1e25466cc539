"""Waiting on the main thread so that Ctrl-C is heard whoever handles it.

A library may put a handler of its own before Python's (polars does, and ADBC imports polars where it is installed). Such
a handler lets a wait without end go on, and Python hears of the signal only when the work is done. So the wait is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

T = TypeVar("T")
_SLICE_SECONDS = 0.2


def result_of(future: Future[T]) -> T:
    """Wait for some work, and return or raise what it does."""
    (done,) = as_completed([future])
    return done.result()


def as_completed(futures: Iterable[Future[T]], tell: Callable[[], None] | None = None) -> Iterator[Future[T]]:
    """Hand out each piece of work as soon as it is done.

    Args:
        futures: The work.
        tell: Called whenever a while has passed and nothing is done; what it raises ends the wait.
    """
    pending = set(futures)
    while pending:
        done, pending = wait(pending, _SLICE_SECONDS, FIRST_COMPLETED)
        if tell is not None and not done:
            tell()
        yield from done
