"""`doctor`: what of each engine is here and what is missing, and whether an engine answers as DuckDB does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from meshkit.engines import health
from meshkit.engines.base import Settings
from meshkit.engines.driver import Address
from meshkit.engines.registry import address, connect
from meshkit.errors import MeshkitError
from meshkit.loading.settings import MeshSettings, load_settings
from meshkit.loading.tree import shown
from meshkit.model.health import Health
from meshkit.model.placement import FILES
from meshkit.model.selftest import SelfTest, TestedCase
from meshkit.model.table import Severity
from meshkit.placing import SCHEMES, placed
from meshkit.run.selftest import ask
from meshkit.truth.cases import common_cases

Progress = Callable[[str, int, int], None]


def examine(
    urls: Sequence[str] = (), *, mesh: str | os.PathLike[str] | None = None, timeout_seconds: float = 10
) -> tuple[Health, ...]:
    """Return the state of each engine's driver, and of the engines at some addresses.

    Args:
        urls: Engines to be reached, as `--engine` takes them.
        mesh: A mesh folder: the engines and environments of its meshkit.yaml are reached too.
        timeout_seconds: How long each may take to answer.

    Raises:
        UsageError: An address names no engine that meshkit knows.
    """
    settings = Settings(timeout_seconds=timeout_seconds)
    named = _named(load_settings(Path(mesh), SCHEMES, shown), settings) if mesh is not None else ()
    return (*health.drivers(), *(health.reached(_address(url, mesh), settings) for url in urls), *named)


def _address(text: str, mesh: str | os.PathLike[str] | None) -> Address:
    """Return where an engine is: a URL, or one that meshkit.yaml names, with its secrets."""
    found = load_settings(Path(mesh), SCHEMES, shown) if mesh is not None else None
    if found is None or text not in found.engines:
        return address(text)
    return placed(found, None, text, os.environ).addresses[text]()


def _named(found: MeshSettings, settings: Settings) -> Iterator[Health]:
    """Reach what meshkit.yaml names: each engine by its name, each environment by what it chooses."""
    wrong = next((p for p in found.problems if p.severity is Severity.ERROR), None)
    if wrong is not None:
        yield Health(
            engine="", named=found.file, address=found.file, missing=str(wrong), way_out="meshkit lint says more"
        )
        return
    named: list[tuple[str, str | None, str | None]] = [(f"engine {name}", None, name) for name in found.engines]
    named += [(f"environment {name}", name, None) for name in found.environments]
    for called, env, engine in named:
        try:
            chosen = placed(found, env, engine, os.environ)
            where = chosen.placement.engine
            if where in ("", FILES):
                yield Health(engine=FILES, named=called, address=chosen.placement.database or "files")
                continue
            yield health.reached(chosen.addresses[where](), settings).model_copy(update={"named": called})
        except MeshkitError as error:
            yield Health(
                engine="", named=called, address=called, missing=f"{error.code} {error.what}", way_out=error.hint
            )


def selftest(
    url: str,
    *,
    mesh: str | os.PathLike[str] | None = None,
    timeout_seconds: float = 60,
    progress: Progress | None = None,
) -> SelfTest:
    """Ask an engine queries whose right answers are known, over rows that stand in the queries: nothing is made there.

    Args:
        url: The engine, as `--engine` takes it.
        mesh: A mesh folder: the engine may be one that its meshkit.yaml names.
        timeout_seconds: How long each query may take.
        progress: Called with the query at work, queries done and queries in all.

    Raises:
        UsageError: The address names no engine that meshkit knows.
        EngineError: MK301, MK311: the engine cannot be reached; MK314: a secret is not there.
    """
    where, cases = _address(url, mesh), common_cases()
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
