"""Where a run reads the tables of a mesh: what `--engine` and `--env` mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.engines.base import Engine
from meshkit.engines.duckdb import DuckDB
from meshkit.later import Later
from meshkit.model.placement import Placement

if TYPE_CHECKING:
    from meshkit.engines import placed, registry
else:  # files need neither
    placed, registry = Later("meshkit.engines.placed"), Later("meshkit.engines.registry")

EMBEDDED = "duckdb"


class Placed(NamedTuple):
    """Where the tables of contracts are, and what opens the engines that hold them.

    Attributes:
        placement: Which engine, and what tables are called there.
        engines: By the name that relations have; an empty name = the embedded one.
    """

    placement: Placement
    engines: Mapping[str, Engine]


def place(engine: Any = None) -> Placed:
    """Return where tables are read.

    Args:
        engine: A URL, the name of an engine, or `duckdb`; None = where contracts say.

    Raises:
        UsageError: There is no such engine.
    """
    engines: dict[str, Engine] = {"": DuckDB()}
    if engine is None or engine == EMBEDDED:
        return Placed(Placement(), engines)
    where = registry.address(engine)
    engines[where.engine] = placed.PlacedEngine(where.engine, lambda: where)
    return Placed(Placement(engine=where.engine), engines)
