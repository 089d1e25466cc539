"""`doctor`: what of each engine is here and what is missing, and whether an engine answers as DuckDB does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from meshkit.engines import health
from meshkit.engines.base import Settings
from meshkit.engines.registry import address, connect
from meshkit.model.health import Health
from meshkit.model.selftest import SelfTest, TestedCase
from meshkit.run.selftest import ask
from meshkit.truth.cases import common_cases

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
    """Ask an engine queries whose right answers are known, over rows that stand in the queries: nothing is made there.

    Args:
        url: The engine, as `--engine` takes it.
        timeout_seconds: How long each query may take.
        progress: Called with the query at work, queries done and queries in all.

    Raises:
        UsageError: The address names no engine that meshkit knows.
        EngineError: MK301, MK311: the engine cannot be reached.
    """
    where, cases = address(url), common_cases()
    driver = connect(where, Settings(timeout_seconds=timeout_seconds))
    found: list[TestedCase] = []
    try:
        for tested in ask(driver, cases, datetime.now(UTC)):
            found.append(tested)
            if progress:
                progress(tested.id, len(found), len(cases))
    finally:
        driver.close()
    return SelfTest(engine=where.engine, address=where.shown, version=driver.version, cases=tuple(found))
