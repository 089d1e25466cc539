"""All products of one run: which relations they read, one session over them, verdict by verdict."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.engines.base import Session
from meshkit.errors import MeshkitError
from meshkit.later import Later
from meshkit.model.catalog import Catalog
from meshkit.model.metric import AlertResult, Collect, Observed
from meshkit.model.plan import TablePlan
from meshkit.model.problem import Problem
from meshkit.model.relation import Relation, SeenTable
from meshkit.model.reuse import Reuse
from meshkit.model.run import Observation, Outcome, ProductRun, RunResult, Scope, Verdict, worst
from meshkit.model.slice import SliceReport
from meshkit.model.statistics import Trust
from meshkit.run.alerts import alert_results
from meshkit.run.asked import asked_of, with_metrics
from meshkit.run.diagnose import Diagnosis, Subject
from meshkit.run.execute import Runner
from meshkit.run.explain import table_plan
from meshkit.run.fetch import Budget, Fetched, Fetcher
from meshkit.run.job import Answers, Job
from meshkit.run.judge import judge
from meshkit.run.lanes import Lanes
from meshkit.run.observe import by_publication
from meshkit.run.observed import Clock, observed_of_product, observed_of_table
from meshkit.run.options import Options
from meshkit.run.perform import Performed
from meshkit.run.sessions import Engines, Sessions
from meshkit.run.slices import Slicer
from meshkit.run.work import Target, Work, chosen, jobs_of, relations_of, require_used
from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.run import memory as memories
    from meshkit.run.memory import Memory
else:  # only an incremental run remembers
    memories = Later("meshkit.run.memory")

AHEAD = 8  # products that are planned before the first of them is finished
MOST_LANES = 4
_INTERRUPTED = "MK306 interrupted before it had an answer"
Progress = Callable[[str, int, int], None]
"""Called with the product at work, checks answered, and checks in all."""


def run_mesh(
    targets: Sequence[Target],
    problems: Sequence[Problem],
    catalog: Catalog,
    engines: Engines,
    overrides: Mapping[str, Any],
    options: Options,
    progress: Progress | None = None,
) -> RunResult:
    """Run the checks of all targets. Interrupted, it returns what was answered until then.

    Args:
        targets: The products to run.
        problems: What is wrong in the mesh, to be passed on.
        catalog: All contracts of the mesh.
        engines: Where to run, by name; relations say which of them holds them.
        overrides: Folded table name -> location or frame that the caller put in its place.
        options: What to do.
        progress: Told how far it is.

    Raises:
        UsageError: A chosen check or a given table is not there, or the engine refuses its settings.
    """
    started = datetime.now(UTC)
    works = _works(targets, catalog, options)
    relations = relations_of(works)
    require_used(overrides, works)
    frames = {name: frame for name, frame in overrides.items() if not isinstance(frame, str)}
    sessions = Sessions(engines, relations, frames, options.settings)
    run = _Run(options, sessions, catalog, sum(len(j.chosen()) for w in works for j in w.jobs), progress)
    try:
        works, sliced = _sliced(works, catalog, options, run.runners)
        products = run.products(works)
    finally:
        run.lanes.close()
        if run.memory:
            run.memory.close()
        sessions.close()
    return RunResult(
        outcome=worst(p.outcome for p in products),
        problems=tuple(problems),
        started_at=started,
        finished_at=datetime.now(UTC),
        meshkit_version=__version__,
        interrupted=run.is_interrupted,
        clock=options.now,
        scope=Scope.OTHER if overrides else Scope.PARTIAL if options.checks or options.slice else Scope.FULL,
        products=tuple(products),
        slice=sliced,
        incremental=run.reuse,
    )


def explain_mesh(
    targets: Sequence[Target], catalog: Catalog, engines: Engines, overrides: Mapping[str, Any], options: Options
) -> tuple[TablePlan, ...]:
    """Plan the checks of all targets and run none; the arguments are those of `run_mesh`.

    Raises:
        UsageError: As `run_mesh` does.
    """
    works = _works(targets, catalog, options)
    relations = relations_of(works)
    require_used(overrides, works)
    frames = {name: frame for name, frame in overrides.items() if not isinstance(frame, str)}
    sessions = Sessions(engines, relations, frames, options.settings)
    lanes = Lanes(1, sessions.interrupt)
    try:
        runners = _runners(sessions, options, lanes)
        works, _ = _sliced(works, catalog, options, runners)
        plans = []
        for work in works:
            for job in work.jobs:
                answers = Answers()
                runners[_engine(job)].plan(job, answers)
                plans.append(table_plan(catalog.key(work.target.contract), job, answers))
        return tuple(plans)
    finally:
        lanes.close()
        sessions.close()


def _works(targets: Sequence[Target], catalog: Catalog, options: Options) -> list[Work]:
    """Return what is to be done: the chosen checks, or all of them and the metrics."""
    works = [Work(t, jobs_of(t, catalog)) for t in targets]
    return (
        chosen(works, options.checks) if options.checks else [with_metrics(w, catalog, options.collect) for w in works]
    )


def _runners(
    sessions: Sessions,
    options: Options,
    lanes: Lanes,
    tick: Callable[[int], None] = lambda _: None,
    memory: Memory | None = None,
) -> dict[str, Runner]:
    """Make a runner for each engine; only the embedded one remembers earlier runs."""
    return {
        name: Runner(
            sessions[name],
            sessions.relations[name],
            options.now,
            lanes,
            options.trust,
            tick,
            None if name else memory,
            name,
        )
        for name in sessions
    }


def _engine(job: Job) -> str:
    return job.namespace.own(job.table).engine


class _Part(NamedTuple):
    """A table of it."""

    job: Job
    answers: Answers
    started: Sequence[Future[Performed]] = ()
    fetched: Fetched | None = None


class _Begun(NamedTuple):
    """A product whose steps were started."""

    work: Work
    parts: list[_Part]


class _Run:
    """Keeps count over the products of a run, and the moment somebody stopped it."""

    def __init__(
        self,
        options: Options,
        sessions: Sessions,
        catalog: Catalog,
        total: int,
        progress: Progress | None,
    ) -> None:
        self.options = options
        self.catalog = catalog
        self.total = total
        self.progress = progress
        self.done = 0
        self.is_interrupted = False
        self.lanes = Lanes(_lanes(options.settings.threads), sessions.interrupt)
        self.memory: Memory | None = None
        if options.incremental:
            is_exact = options.trust is Trust.NEVER
            self.memory = memories.Memory(sessions[""], options.cache, options.now, is_exact=is_exact)
        self.runners = _runners(sessions, options, self.lanes, self.tick, self.memory)
        self.fetcher = self._fetcher(options.fetch, sessions) if options.fetch else None
        self._at_work = ""

    def _fetcher(self, budget: Budget, sessions: Sessions) -> Fetcher:
        options = self.options

        def embedded(session: Session, relations: Sequence[Relation]) -> Runner:
            return Runner(session, relations, options.now, self.lanes, options.trust, engine=None)

        return Fetcher(self.runners, sessions.open_again, embedded, budget)

    @property
    def reuse(self) -> Reuse | None:
        """What was reused; None where the run is not incremental."""
        return self.memory.report() if self.memory else None

    def tick(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self._at_work, self.done, self.total)

    def products(self, works: Sequence[Work]) -> list[ProductRun]:
        """Run products side by side: the next ones are begun while the steps of the first are at work."""
        waiting = deque(works)
        begun: deque[_Begun] = deque()
        ended = []
        while waiting or begun:
            while waiting and len(begun) < AHEAD:
                begun.append(self._begin(waiting.popleft()))
            ended.append(self._end(begun.popleft()))
        return ended

    def _begin(self, work: Work) -> _Begun:
        self._at_work = self.catalog.key(work.target.contract)
        self.tick(0)
        parts: list[_Part] = []
        for job in work.jobs if not work.target.is_stopped else []:
            answers = Answers()
            parts.append(_Part(job, answers))
            if not self.is_interrupted:
                try:
                    runner = self.runners[_engine(job)]
                    runner.plan(job, answers)
                    parts[-1] = _Part(job, answers, runner.start(answers))
                    if self.fetcher:
                        parts[-1] = parts[-1]._replace(fetched=self.fetcher.start(job, answers))
                except KeyboardInterrupt:
                    self._stop()
        return _Begun(work, parts)

    def _end(self, begun: _Begun) -> ProductRun:
        target = begun.work.target
        contract = target.contract
        self._at_work = self.catalog.key(contract)
        verdicts: list[Verdict] = []
        rows: int | None = None
        for job, answers, started, fetched in begun.parts:
            try:
                self.runners[_engine(job)].finish(job, answers, started)
                if self.fetcher and fetched:
                    self.fetcher.finish(fetched, answers)
            except (KeyboardInterrupt, CancelledError):
                self._stop()
            if self.memory and answers.memory:
                checks = [check.id for check in job.chosen()]
                self.memory.tables.append(answers.memory.report(self._at_work, job.table.name, checks))
            verdicts += self._judged(job, target, self.runners[_engine(job)].session, answers)
            rows = answers.rows if rows is None else rows
        metrics, alerts = self._measured(begun, verdicts)
        return ProductRun(
            id=contract.product_id,
            version=contract.version,
            domain=contract.domain,
            status=contract.status,
            owner=contract.owner.team,
            rows=rows,
            outcome=Outcome.ERRORED if target.is_stopped else worst(v.outcome for v in verdicts),
            verdicts=tuple(verdicts),
            file=target.file,
            metrics=metrics,
            alerts=alerts,
        )

    def _measured(
        self, begun: _Begun, verdicts: Sequence[Verdict]
    ) -> tuple[tuple[Observed, ...], tuple[AlertResult, ...]]:
        """Return the metrics of a product that was run, and the state of its alerts."""
        target, options = begun.work.target, self.options
        if not begun.parts or options.collect is Collect.NONE or options.checks:
            return (), ()
        asked = asked_of(target.contract, options.collect)
        clock = Clock(options.now, options.previous, self.is_interrupted)
        found: list[Observed] = []
        for part in begun.parts:
            found += observed_of_table(target, self._at_work, part.job, part.answers, asked, clock)
        found += observed_of_product(self._at_work, verdicts, asked, is_stopped=self.is_interrupted)
        return tuple(found), alert_results(target, found)

    def _stop(self) -> None:
        self.is_interrupted = True
        self.lanes.stop()

    def _judged(self, job: Job, target: Target, session: Session, answers: Answers) -> list[Verdict]:
        stopped = Observation(error=_INTERRUPTED if self.is_interrupted else "")
        verdicts = []
        for asked in job.chosen():
            sql = target.namespace.variables.hide(answers.sql_of(asked)) if self.options.with_sql else ""
            seen = answers.observations.get(asked.id, stopped)
            check, seen = by_publication(asked, seen, self.options.published, self.options.now)
            verdicts.append(judge(check, seen, is_draft=target.is_draft, sql=sql, within=job.slice.of(check)))
        if answers.planner and (self.options.why or self.options.samples) and not self.is_interrupted:
            missed = [v.check for v in verdicts if v.is_missed]
            diagnosis = Diagnosis(session, Subject(job.table, answers.planner, target.masked, missed))
            try:
                verdicts = [self._diagnosed(v, diagnosis) if v.is_missed else v for v in verdicts]
            except KeyboardInterrupt:
                self.is_interrupted = True
        return verdicts

    def _diagnosed(self, verdict: Verdict, diagnosis: Diagnosis) -> Verdict:
        """Add samples and causes. The verdict stands whether or not they are found, and what is not is said."""
        samples, why = None, list[str]()
        if self.options.samples:
            try:
                samples = diagnosis.samples(verdict, self.options.samples)
            except MeshkitError as error:
                why.append(f"its rows cannot be shown: {error.what}")
        if self.options.why:
            try:
                why += diagnosis.why(verdict)
            except MeshkitError as error:
                why.append(f"its cause cannot be looked for: {error.what}")
        return verdict.model_copy(update={"samples": samples, "why": tuple(why)})


def _lanes(threads: int | None) -> int:
    """Two lanes keep the engine's threads busy while one of them sorts or waits; one thread is asked for alone."""
    return max(1, min(MOST_LANES, threads or os.cpu_count() or 1))


def _sliced(
    works: list[Work], catalog: Catalog, options: Options, runners: Mapping[str, Runner]
) -> tuple[list[Work], SliceReport | None]:
    """Tell each job what the slice that is asked for is to its table, and say which tables it limits."""
    if options.slice is None:
        return works, None
    named = [(f"{catalog.key(w.target.contract)}.{j.table.name}", j) for w in works for j in w.jobs]

    def see(relation: Relation) -> SeenTable:
        return runners[relation.engine].see(relation)

    limited, report = Slicer(options.slice, see, options.now).limit(named)
    jobs = iter(limited)
    return [w._replace(jobs=[next(jobs) for _ in w.jobs]) for w in works], report
