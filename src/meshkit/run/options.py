"""What a run is asked to do."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from meshkit.engines.base import Settings
from meshkit.model.base import Document
from meshkit.model.metric import Collect
from meshkit.model.slice import Slice
from meshkit.model.statistics import Trust
from meshkit.run.fetch import Budget


class Options(Document):
    """What a run is asked to do.

    Attributes:
        now: The clock, aware.
        checks: Ids of the checks to run; empty = all.
        samples: Bad rows to show per missed check.
        why: Whether to look for causes.
        with_sql: Whether to keep each check's SQL.
        settings: The engine's limits.
        trust: When the footer of a file counts as proof.
        slice: The rows to which row checks are limited; None = all rows.
        fetch: How much may be brought into DuckDB for checks that their engine cannot answer alone; None = nothing.
        incremental: Whether to use what earlier runs have left, and to leave what this one finds.
        cache: The folder where that lies; None = nowhere.
        collect: Which metrics to measure; with `checks`, none are.
        previous: Id of a metric -> its value in an earlier run.
        published: Key of a product -> when it was last published, for freshness without a column.
    """

    now: datetime
    checks: tuple[str, ...] = ()
    samples: int = 0
    why: bool = False
    with_sql: bool = True
    settings: Settings = Settings()
    trust: Trust = Trust.EXACT
    slice: Slice | None = None
    fetch: Budget | None = None
    incremental: bool = False
    cache: Path | None = None
    collect: Collect = Collect.DECLARED
    previous: Mapping[str, float] = {}
    published: Mapping[str, datetime] = {}
