"""Checks that an engine cannot answer alone: the columns that they need are brought into DuckDB, under a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from meshkit.engines.base import Session
from meshkit.errors import EngineError, MeshkitError
from meshkit.model.base import Document
from meshkit.model.check import Check, Kind
from meshkit.model.names import fold
from meshkit.model.relation import Relation
from meshkit.model.run import Observation
from meshkit.run.execute import Runner
from meshkit.run.job import Answers, Job
from meshkit.run.perform import Performed
from meshkit.run.plan import Planner
from meshkit.run.steps import Target
from meshkit.sql.statements import some_columns
from meshkit.sql.trees import names_in

if TYPE_CHECKING:
    import pyarrow as pa

MENDED = ("MK210", "MK312")
"""Codes of what fetching mends: no equal on the engine, a check over two engines."""
_PROBE = 1_000
Open = Callable[[Sequence[Relation], Mapping[str, Any]], Session]
"""Opens the embedded engine over relations, some of them given as frames."""


class Budget(Document):
    """How much one check's relation may bring.

    Attributes:
        rows: At most so many.
        bytes: At most so many, as Arrow holds them.
    """

    rows: int = Field(1_000_000, ge=1)
    bytes: int = Field(512 << 20, ge=1)


class Fetched(NamedTuple):
    """Checks of a job that run in DuckDB over what was brought.

    Attributes:
        job: The job, of which only these checks are wanted.
        answers: What comes of them.
        runner: What runs them.
        started: Their steps.
        note: What was brought, for people.
    """

    job: Job
    answers: Answers
    runner: Runner
    started: list[Future[Performed]]
    note: str


class Fetcher:
    """Brings columns from engines into DuckDB.

    Args:
        runners: By engine.
        open_: Opens the embedded engine.
        embedded: Makes a runner over a session that holds some relations.
        budget: How much may be brought.
    """

    def __init__(
        self,
        runners: Mapping[str, Runner],
        open_: Open,
        embedded: Callable[[Session, Sequence[Relation]], Runner],
        budget: Budget,
    ) -> None:
        self._runners = runners
        self._open = open_
        self._embedded = embedded
        self._budget = budget

    def start(self, job: Job, answers: Answers) -> Fetched | None:
        """Bring what the refused checks of a planned job need, and start them; None where there are none.

        What cannot be brought leaves the check errored, with the reason.
        """
        refused = [c for c in job.chosen() if _is_mended(answers.observations.get(c.id))]
        if not refused:
            return None
        own = job._replace(wanted=frozenset(c.id for c in refused), metrics=())
        try:
            needs = self._needs(own, refused)
            frames = {r.id: self._brought(r, names) for r, names in needs.values() if r.engine}
            relations = [_as_given(r) if r.id in frames else r for r, _ in needs.values()]
            session = self._open(relations, frames)
        except MeshkitError as error:
            why = Observation(error=f"{error.code} {error.what}; {error.hint}")
            answers.observations |= {c.id: why for c in refused}
            return None
        runner, found = self._embedded(session, relations), Answers()
        runner.plan(own, found)
        rows = sum(frame.num_rows for frame in frames.values())
        names = " and ".join(sorted({r.engine for r, _ in needs.values() if r.engine}))
        return Fetched(own, found, runner, runner.start(found), f"{rows:,} rows fetched from {names}")

    def finish(self, fetched: Fetched, answers: Answers) -> None:
        """Wait for the checks, and put what came of them among the answers of their job."""
        try:
            fetched.runner.finish(fetched.job, fetched.answers, fetched.started)
        finally:
            fetched.runner.session.close()
            for check in fetched.job.chosen():
                seen = fetched.answers.observations.get(check.id)
                if seen is not None:
                    note = "; ".join(text for text in (seen.note, fetched.note) if text)
                    answers.observations[check.id] = seen.model_copy(update={"note": note})
            answers.fetched.append(fetched.answers)

    def _needs(self, job: Job, checks: Sequence[Check]) -> dict[str, tuple[Relation, frozenset[str] | None]]:
        """Return what the checks read: each relation, and the folded names of its columns; None = all of them."""
        own = job.namespace.own(job.table)
        needs: dict[str, tuple[Relation, frozenset[str] | None]] = {own.id: (own, frozenset())}

        def need(relation: Relation, names: Iterable[str] | None) -> None:
            _, known = needs.get(relation.id, (relation, frozenset()))
            more = None if names is None or known is None else known | {fold(n) for n in names}
            needs[relation.id] = (relation, more)

        seen = self._runners[own.engine].see(own)
        planner = Planner(
            Target(own, job.table.name, seen, {}), job.namespace, self._see, self._runners[own.engine].now
        )
        sliced = names_in(job.slice.within) if job.slice.within is not None else frozenset()
        for check in checks:
            where = planner.where(check)
            need(own, {*check.own_columns, *(names_in(where) if where is not None else ()), *sliced})
            if check.kind is Kind.REFERENCES:
                need(*planner.reference(check))
            elif check.kind is Kind.SQL:
                bound = planner.bind(check)
                for relation in bound.relations.values():
                    names = bound.columns.get(relation.id, frozenset())
                    need(relation, None if relation.id in bound.reads_all else names)
        return needs

    def _see(self, relation: Relation) -> Any:
        return self._runners[relation.engine].see(relation)

    def _brought(self, relation: Relation, names: frozenset[str] | None) -> pa.Table:
        """Bring some columns of a relation.

        Raises:
            EngineError: MK313, that would be more than the budget allows.
        """
        runner = self._runners[relation.engine]
        columns = [c.name for c in runner.see(relation).columns if names is None or fold(c.name) in names]
        columns = columns or [runner.see(relation).columns[0].name]

        def some(rows: int) -> pa.Table:
            return runner.session.execute(runner.write(some_columns(relation.id, columns, rows)))

        probe = some(_PROBE)
        if probe.num_rows < _PROBE:
            return probe
        width = probe.nbytes / probe.num_rows
        found = some(min(self._budget.rows, int(self._budget.bytes / max(width, 1))) + 1)
        if found.num_rows > self._budget.rows or found.nbytes > self._budget.bytes:
            what = f"'{relation.id}' has more than the {self._budget.rows:,} rows, or {_size(self._budget.bytes)}, that may be fetched"
            raise EngineError(
                what, "raise --fetch-rows or --fetch-bytes, or write the check in the engine's words", code="MK313"
            )
        return found


def _is_mended(seen: Observation | None) -> bool:
    return seen is not None and seen.error.startswith(MENDED)


def _as_given(relation: Relation) -> Relation:
    return relation.model_copy(update={"is_given": True, "location": relation.id})


def _size(size: int) -> str:
    """Return a number of bytes, in MiB where it is a whole number of them."""
    return f"{size:,} bytes" if size % (1 << 20) else f"{size >> 20:,} MiB"
