"""What of each engine is here: its driver, in which version, and what it needs besides."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import duckdb

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address
from meshkit.engines.registry import ENGINES, Entry, connect
from meshkit.errors import MeshkitError
from meshkit.model.health import Health


def drivers() -> Iterator[Health]:
    """Yield which engines can be used here, and what would mend those that cannot."""
    yield Health(
        engine="duckdb", driver=f"duckdb {duckdb.__version__}", verified="the checks of meshkit run on both lines"
    )
    for entry in ENGINES.values():
        yield _driver(entry)


def _driver(entry: Entry) -> Health:
    found = [f"{package} {number}" for package in entry.packages if (number := _version(package))]
    state = Health(engine=entry.name, driver=", ".join(found) or "built in", verified=entry.verified)
    if entry.packages and not found:
        way_out = f"run: pip install 'meshkit[{entry.extra}]'"
        return state.model_copy(update={"driver": "", "missing": "its driver is not installed", "way_out": way_out})
    if entry.name == "spark" and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return state.model_copy(
            update={"missing": "Java 17 or later is not found", "way_out": "install a JRE, or set JAVA_HOME"}
        )
    return state


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def reached(where: Address, settings: Settings) -> Health:
    """Return whether an engine can be reached, and its version."""
    entry = ENGINES[where.engine]
    state = _driver(entry).model_copy(update={"address": where.shown})
    if state.missing:
        return state
    try:
        driver = connect(where, settings)
    except MeshkitError as error:
        return state.model_copy(update={"missing": f"{error.code} {error.what}", "way_out": error.hint})
    try:
        return state.model_copy(update={"version": driver.version})
    finally:
        driver.close()
