"""`doctor`: what of each engine is here and what is missing, and whether an engine answers as DuckDB does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meshkit.engines import health
from meshkit.engines.base import Settings
from meshkit.engines.registry import address, connect
from meshkit.model.health import Health
from meshkit.model.selftest import SelfTest, TestedCase
from meshkit.run.selftest import CASES

Progress = Callable[[str, int, int], None]


def examine(urls: Sequence[str] = (), *, timeout_seconds: float = 10) -> tuple[Health, ...]:
    """Return the state of each engine's driver, and of the engines at some addresses.

    Args:
        urls: Engines to be reached, as `--engine` takes them.
        timeout_seconds: How long each may take to answer.

    Raises:
        UsageError: An address names no engine that meshkit knows.
    """
    settings = Settings(timeout_seconds=timeout_seconds)
    return (*health.drivers(), *(health.reached(address(url), settings) for url in urls))


def selftest(url: str, *, timeout_seconds: float = 60, progress: Progress | None = None) -> SelfTest:
    """Ask an engine queries whose right answers are known, over values within the queries: nothing is made there.

    Raises:
        UsageError: The address names no engine that meshkit knows.
        EngineError: MK301, MK311: the engine cannot be reached.
    """
    where = address(url)
    driver = connect(where, Settings(timeout_seconds=timeout_seconds))
    found: list[TestedCase] = []
    try:
        for done, case in enumerate(CASES):
            if progress:
                progress(case.id, done, len(CASES))
            found.append(_tested(case, driver))
        return SelfTest(engine=where.engine, address=where.shown, version=driver.version, cases=tuple(found))
    finally:
        driver.close()
