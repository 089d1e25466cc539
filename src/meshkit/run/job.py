"""One table's checks as a run holds them: what is asked, and what has come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.errors import Place
from meshkit.model.check import Check, part_name
from meshkit.model.names import fold
from meshkit.model.namespace import Namespace
from meshkit.model.run import Observation
from meshkit.model.table import Column, Pointer, Table
from meshkit.run.perform import Performed
from meshkit.run.plan import Planner
from meshkit.run.steps import Ask, Key, Own, Step, TableSlice

if TYPE_CHECKING:
    from meshkit.run.incremental import TableMemory


class Job(NamedTuple):
    """One table's checks, and what is needed to answer them.

    Attributes:
        checks: All checks of the table: the others depend on those of its schema.
        wanted: Ids of those that are to be answered; None = all.
        slice: What the slice that was asked for is to the table.
        metrics: What is measured of the table beside them.
    """

    table: Table
    checks: Sequence[Check]
    namespace: Namespace
    place: Callable[[Pointer], Place]
    wanted: frozenset[str] | None = None
    slice: TableSlice = TableSlice()
    metrics: Sequence[Check] = ()

    def chosen(self) -> list[Check]:
        """Return the checks that are to be answered."""
        return [c for c in self.checks if self.wanted is None or c.id in self.wanted]


class Answers:
    """What came of a job, filled as answers come in, so that an interrupted run keeps what it had.

    Attributes:
        observations: Check id -> observation.
        numbers: Check id -> the numbers that its statement brought back, by role.
        planned: Check id -> what was planned for it; `sql_of` makes the query that answers it alone.
        planner: What planned them; None where the table could not be opened.
        steps: What was decided, the heaviest step first.
        performed: What was run of it, in the order in which it ended.
        rows: How many rows the table has, once that is known.
        row_groups: Into how many groups its files store them, where footers tell.
        memory: What is remembered of the table, in an incremental run.
        tasks: What is answered with its help.
        fetched: Answers of checks that ran in DuckDB, over what was brought from an engine.
    """

    def __init__(self) -> None:
        self.observations: dict[str, Observation] = {}
        self.numbers: dict[str, Mapping[str, Any]] = {}
        self.planned: dict[str, Ask | Key | Own] = {}
        self.planner: Planner | None = None
        self.steps: list[Step] = []
        self.performed: list[Performed] = []
        self.rows: int | None = None
        self.row_groups: int | None = None
        self.memory: TableMemory | None = None
        self.tasks: list[Callable[[], Performed]] = []
        self.fetched: list[Answers] = []

    def sql_of(self, check: Check) -> str:
        """Return the query that answers a check alone; empty where it needs or has none."""
        for other in self.fetched:
            if check.id in other.planned:
                return other.sql_of(check)
        planned = self.planned.get(check.id)
        return self.planner.text_alone(planned) if planned and self.planner else ""


def walk(column: Column, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Column]]:
    """Yield every part of a nested column with the steps that lead to it."""
    for step, part in column.parts:
        yield (*path, step), part
        yield from walk(part, (*path, step))


def declared_parts(table: Table) -> dict[str, tuple[str, str]]:
    """Return the declared types of the parts of nested columns: folded name -> type, format of dates and times."""
    parts = ((part_name(c.name, path), part) for c in table.columns for path, part in walk(c))
    return {fold(name): (part.type, part.time_format) for name, part in parts if part.type}
