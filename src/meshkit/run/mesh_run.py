"""All products of one run: which relations they read, one session over them, verdict by verdict."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.checks.compile import compile_checks
from meshkit.engines.base import Engine, Session, Settings
from meshkit.errors import MeshkitError, Place, UsageError
from meshkit.later import Later
from meshkit.model.base import Document
from meshkit.model.catalog import Catalog
from meshkit.model.check import Check, Kind
from meshkit.model.contract import Contract
from meshkit.model.names import did_you_mean
from meshkit.model.namespace import Namespace
from meshkit.model.plan import TablePlan
from meshkit.model.problem import Problem
from meshkit.model.relation import Relation
from meshkit.model.reuse import Reuse
from meshkit.model.run import Observation, Outcome, ProductRun, RunResult, Verdict, worst
from meshkit.model.slice import Slice, SliceReport
from meshkit.model.statistics import Trust
from meshkit.model.table import Pointer
from meshkit.run.diagnose import Diagnosis, Subject
from meshkit.run.execute import Runner
from meshkit.run.explain import table_plan
from meshkit.run.job import Answers, Job
from meshkit.run.judge import judge
from meshkit.run.lanes import Lanes
from meshkit.run.perform import Performed
from meshkit.run.slices import Slicer
from meshkit.sql.bind import bind_query
from meshkit.sql.filled import parse_filled
from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.run import memory as memories
    from meshkit.run.memory import Memory
else:  # only an incremental run remembers
    memories = Later("meshkit.run.memory")

AHEAD = 8
"""Products that are planned before the first of them is finished."""
MOST_LANES = 4
Progress = Callable[[str, int, int], None]
"""Called with the product at work, checks answered, and checks in all."""


class Target(NamedTuple):
    """A product to run.

    Attributes:
        contract: Its contract.
        file: The contract's file, to be shown.
        place: Where a pointer leads in it.
        namespace: What names in its SQL mean.
        is_stopped: Whether a problem in the contract keeps it from running.
        is_draft: Whether its checks only warn.
        masked: Folded names of columns with personal data.
    """

    contract: Contract
    file: str
    place: Callable[[Pointer], Place]
    namespace: Namespace
    is_stopped: bool
    is_draft: bool
    masked: frozenset[str]


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
        incremental: Whether to use what earlier runs have left, and to leave what this one finds.
        cache: The folder where that lies; None = nowhere.
    """

    now: datetime
    checks: tuple[str, ...] = ()
    samples: int = 0
    why: bool = False
    with_sql: bool = True
    settings: Settings = Settings()
    trust: Trust = Trust.EXACT
    slice: Slice | None = None
    incremental: bool = False
    cache: Path | None = None


class _Work(NamedTuple):
    target: Target
    jobs: list[Job]


def run_mesh(
    targets: Sequence[Target],
    problems: Sequence[Problem],
    catalog: Catalog,
    engine: Engine,
    overrides: Mapping[str, Any],
    options: Options,
    progress: Progress | None = None,
) -> RunResult:
    """Run the checks of all targets. Interrupted, it returns what was answered until then.

    Args:
        targets: The products to run.
        problems: What is wrong in the mesh, to be passed on.
        catalog: All contracts of the mesh.
        engine: Where to run.
        overrides: Folded table name -> location or frame that the caller put in its place.
        options: What to do.
        progress: Told how far it is.

    Raises:
        UsageError: A chosen check or a given table is not there, or the engine refuses its settings.
    """
    started = datetime.now(UTC)
    works = [_Work(t, _jobs(t, catalog)) for t in targets]
    works = _chosen(works, options.checks)
    relations = _relations(works)
    _require_used(overrides, works)
    frames = {name: frame for name, frame in overrides.items() if not isinstance(frame, str)}
    session = engine.open(relations, frames, options.settings)
    run = _Run(options, session, catalog, sum(len(j.chosen()) for w in works for j in w.jobs), progress)
    try:
        works, sliced = _sliced(works, catalog, options, run.runner)
        products = run.products(works)
    finally:
        run.lanes.close()
        if run.memory:
            run.memory.close()
        session.close()
    return RunResult(
        outcome=worst(p.outcome for p in products),
        problems=tuple(problems),
        started_at=started,
        finished_at=datetime.now(UTC),
        meshkit_version=__version__,
        interrupted=run.is_interrupted,
        products=tuple(products),
        slice=sliced,
        incremental=run.reuse,
    )


def explain_mesh(
    targets: Sequence[Target], catalog: Catalog, engine: Engine, overrides: Mapping[str, Any], options: Options
) -> tuple[TablePlan, ...]:
    """Plan the checks of all targets and run none; the arguments are those of `run_mesh`.

    Raises:
        UsageError: As `run_mesh` does.
    """
    works = _chosen([_Work(t, _jobs(t, catalog)) for t in targets], options.checks)
    relations = _relations(works)
    _require_used(overrides, works)
    frames = {name: frame for name, frame in overrides.items() if not isinstance(frame, str)}
    session = engine.open(relations, frames, options.settings)
    lanes = Lanes(1, session.interrupt)
    try:
        runner = Runner(session, options.now, lanes, options.trust)
        works, _ = _sliced(works, catalog, options, runner)
        plans = []
        for work in works:
            for job in work.jobs:
                answers = Answers()
                runner.plan(job, answers)
                plans.append(table_plan(catalog.key(work.target.contract), job, answers))
        return tuple(plans)
    finally:
        lanes.close()
        session.close()


class _Begun(NamedTuple):
    """A product whose steps were started."""

    work: _Work
    parts: list[tuple[Job, Answers, list[Future[Performed]]]]


class _Run:
    """Keeps count over the products of a run, and the moment somebody stopped it."""

    def __init__(
        self, options: Options, session: Session, catalog: Catalog, total: int, progress: Progress | None
    ) -> None:
        self.options = options
        self.session = session
        self.catalog = catalog
        self.total = total
        self.progress = progress
        self.done = 0
        self.is_interrupted = False
        self.lanes = Lanes(_lanes(options.settings.threads), session.interrupt)
        self.memory: Memory | None = None
        if options.incremental:
            self.memory = memories.Memory(session, options.cache, options.now, is_exact=options.trust is Trust.NEVER)
        self.runner = Runner(session, options.now, self.lanes, options.trust, self.tick, self.memory)
        self._at_work = ""

    @property
    def reuse(self) -> Reuse | None:
        """What was reused; None where the run is not incremental."""
        return self.memory.report() if self.memory else None

    def tick(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(self._at_work, self.done, self.total)

    def products(self, works: Sequence[_Work]) -> list[ProductRun]:
        """Run products side by side: the next ones are begun while the steps of the first are at work."""
        waiting = deque(works)
        begun: deque[_Begun] = deque()
        ended = []
        while waiting or begun:
            while waiting and len(begun) < AHEAD:
                begun.append(self._begin(waiting.popleft()))
            ended.append(self._end(begun.popleft()))
        return ended

    def _begin(self, work: _Work) -> _Begun:
        self._at_work = self.catalog.key(work.target.contract)
        self.tick(0)
        parts: list[tuple[Job, Answers, list[Future[Performed]]]] = []
        for job in work.jobs if not work.target.is_stopped else []:
            answers = Answers()
            parts.append((job, answers, []))
            if not self.is_interrupted:
                try:
                    self.runner.plan(job, answers)
                    parts[-1] = (job, answers, self.runner.start(answers))
                except KeyboardInterrupt:
                    self._stop()
        return _Begun(work, parts)

    def _end(self, begun: _Begun) -> ProductRun:
        target = begun.work.target
        contract = target.contract
        self._at_work = self.catalog.key(contract)
        verdicts: list[Verdict] = []
        rows: int | None = None
        for job, answers, started in begun.parts:
            try:
                self.runner.finish(job, answers, started)
            except (KeyboardInterrupt, CancelledError):
                self._stop()
            if self.memory and answers.memory:
                checks = [check.id for check in job.chosen()]
                self.memory.tables.append(answers.memory.report(self._at_work, job.table.name, checks))
            verdicts += self._judged(job, target, self.session, answers)
            rows = answers.rows if rows is None else rows
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
        )

    def _stop(self) -> None:
        self.is_interrupted = True
        self.lanes.stop()

    def _judged(self, job: Job, target: Target, session: Session, answers: Answers) -> list[Verdict]:
        stopped = (
            Observation(error="MK306 interrupted before it had an answer") if self.is_interrupted else Observation()
        )
        verdicts = []
        for check in job.chosen():
            sql = target.namespace.variables.hide(answers.sql_of(check)) if self.options.with_sql else ""
            seen = answers.observations.get(check.id, stopped)
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
        update: dict[str, Any] = {}
        if self.options.samples:
            update["samples"] = diagnosis.samples(verdict, self.options.samples)
        if self.options.why:
            update["why"] = diagnosis.why(verdict)
        return verdict.model_copy(update=update)


def _lanes(threads: int | None) -> int:
    """Two lanes keep the engine's threads busy while one of them sorts or waits; one thread is asked for alone."""
    return max(1, min(MOST_LANES, threads or os.cpu_count() or 1))


def checks_of(target: Target, catalog: Catalog) -> tuple[Check, ...]:
    """Return all checks of a product."""
    return compile_checks(target.contract, catalog.key(target.contract), target.place)


def _jobs(target: Target, catalog: Catalog) -> list[Job]:
    if target.is_stopped:
        return []
    by_table: dict[str, list[Check]] = {t.name: [] for t in target.contract.tables}
    for check in checks_of(target, catalog):
        by_table[check.table].append(check)
    return [Job(t, by_table[t.name], target.namespace, target.place) for t in target.contract.tables]


def _sliced(
    works: list[_Work], catalog: Catalog, options: Options, runner: Runner
) -> tuple[list[_Work], SliceReport | None]:
    """Tell each job what the slice that is asked for is to its table, and say which tables it limits."""
    if options.slice is None:
        return works, None
    named = [(f"{catalog.key(w.target.contract)}.{j.table.name}", j) for w in works for j in w.jobs]
    limited, report = Slicer(options.slice, runner.see, options.now).limit(named)
    jobs = iter(limited)
    return [w._replace(jobs=[next(jobs) for _ in w.jobs]) for w in works], report


def _chosen(works: list[_Work], wanted: Sequence[str]) -> list[_Work]:
    """Keep the checks whose id is, or ends with, one of `wanted`."""
    if not wanted:
        return works
    known = [c.id for w in works for j in w.jobs for c in j.checks]
    chosen: set[str] = set()
    for name in wanted:
        found = [i for i in known if i == name] or [i for i in known if i.endswith(f".{name}")]
        if not found:
            ends = [".".join(i.split(".")[2:]) for i in known]
            raise UsageError(f"unknown check '{name}'", did_you_mean(name, [*known, *ends]))
        chosen |= set(found)
    kept = [w._replace(jobs=[j._replace(wanted=frozenset(chosen)) for j in w.jobs]) for w in works]
    return [w._replace(jobs=[j for j in w.jobs if j.chosen()]) for w in kept if any(j.chosen() for j in w.jobs)]


def _require_used(overrides: Mapping[str, Any], works: Sequence[_Work]) -> None:
    used = {name for w in works for j in w.jobs for name in j.namespace.used}
    known = dict.fromkeys(name for w in works for name in w.target.namespace.known())
    for name in overrides:
        if name not in used and works:
            raise UsageError(f"no check reads a table '{name}'", did_you_mean(name, [k for k in known if k != name]))


def _relations(works: Sequence[_Work]) -> list[Relation]:
    """Return everything that the checks read, each once. Names that mean nothing are reported by their checks."""
    found: dict[str, Relation] = {}
    for work in works:
        for job in work.jobs:
            own = job.namespace.own(job.table)
            found[own.id] = own
            for check in job.chosen():
                if not check.refusal and not check.skip:
                    found |= _read_by(check, job.namespace)
    return list(found.values())


def _read_by(check: Check, namespace: Namespace) -> dict[str, Relation]:
    try:
        if check.kind is Kind.SQL:
            query = parse_filled(check.query, check.dialect, namespace.variables)
            return dict(bind_query(query, namespace.resolve).relations)
        if check.kind is Kind.REFERENCES:
            relation, _ = namespace.reference(check.values)
            return {relation.id: relation}
    except MeshkitError:
        return {}
    return {}
