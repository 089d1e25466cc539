"""Statements to observations: the one effect of a run. One check that cannot run never hides the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from meshkit.engines.base import Session
from meshkit.engines.waiting import as_completed
from meshkit.errors import EngineError, MeshkitError, Place, SqlError
from meshkit.later import Later
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check, Kind, part_name
from meshkit.model.relation import Relation, SeenTable
from meshkit.model.run import Observation
from meshkit.model.statistics import Trust
from meshkit.model.table import Table
from meshkit.model.variables import Variables
from meshkit.run import promises
from meshkit.run.answers import read_answer
from meshkit.run.arrange import MOST_NUMBERS, Means, arrange
from meshkit.run.job import Answers, Job, declared_parts, walk
from meshkit.run.lanes import Lanes
from meshkit.run.observe import observe
from meshkit.run.perform import Found, Performed, Performer
from meshkit.run.plan import Planner
from meshkit.run.reading import read_again
from meshkit.run.schema import SchemaFindings, observe_schema
from meshkit.run.seen import declared_of
from meshkit.run.steps import Ask, How, Key, Own, Refused, Step, Target
from meshkit.run.turns import LEAST_ROWS, InTurn
from meshkit.run.writer import DUCKDB, Writer
from meshkit.sql import nested
from meshkit.sql.builders import NULL, both, count_if
from meshkit.sql.dialects import render
from meshkit.sql.statements import pattern_probe, scan
from meshkit.sql.text_view import from_json, text_view, unparsed_measures

if TYPE_CHECKING:
    from meshkit.run import incremental
    from meshkit.run.memory import Memory
else:  # only an incremental run remembers
    incremental = Later("meshkit.run.incremental")

MOST_EXACT = 300_000
"""Rows up to which distinct values and quartiles of a metric are exact in DuckDB."""
Tick = Callable[[int], None]


def spans(relation: Relation, engine: str) -> EngineError:
    """Return the error that a check reads what another engine holds."""
    there, here = relation.engine or DUCKDB, engine or DUCKDB
    what = f"'{relation.id}' is on engine '{there}', and this check runs on '{here}'"
    return EngineError(what, "run with --fetch to bring the columns it needs into DuckDB", code="MK312")


class Runner:
    """Runs jobs over one session: `prepare` decides and starts, `finish` waits for what was started.

    Args:
        session: The open engine.
        relations: All that its statements may read.
        now: The clock of the run, aware.
        lanes: Where steps run side by side.
        trust: When a footer counts as proof.
        tick: Called with the number of checks that were answered.
        memory: What earlier runs have left; None = the run is not incremental.
        engine: The name of the engine, as relations have it; empty = DuckDB; None = all are in it.
    """

    def __init__(
        self,
        session: Session,
        relations: Iterable[Relation],
        now: datetime,
        lanes: Lanes,
        trust: Trust = Trust.EXACT,
        tick: Tick = lambda _: None,
        memory: Memory | None = None,
        engine: str | None = "",
    ) -> None:
        self.engine = engine
        self.memory = memory
        self.session = session
        self.now = now
        self.lanes = lanes
        self.trust = trust
        self.tick = tick
        self.write = Writer(session.dialect, (r.id for r in relations), session.stored)
        self._seen: dict[str, SeenTable] = {}
        self._turn = threading.Lock()

    def plan(self, job: Job, answers: Answers) -> None:
        """Look at the table, and decide how each of its checks is answered."""
        chosen = job.chosen()
        live = [c for c in chosen if not c.refusal and not c.skip]
        answers.observations |= {c.id: promises.by_the_clock(c, self.now) for c in live if c.kind in CLOCK_KINDS}
        live = [c for c in live if c.kind not in CLOCK_KINDS]
        self.tick(len(chosen) - len(live))
        try:
            self._plan_all(job.namespace.own(job.table), job, live, answers)
        finally:
            _hide_values(answers, job.namespace.variables)

    def start(self, answers: Answers) -> list[Future[Performed]]:
        """Start the steps of a plan."""
        planner, is_exact = answers.planner, self.trust is Trust.NEVER
        if planner is None:
            return []
        is_large = self.session.dialect == DUCKDB and (planner.target.seen.rows or 0) >= LEAST_ROWS
        session = cast(Session, InTurn(self.session, self._turn)) if is_large else self.session
        return [
            self.lanes.start(partial(Performer(session, planner, is_exact=is_exact).perform, step))
            for step in answers.steps
        ] + [self.lanes.start(task) for task in answers.tasks]

    def finish(self, job: Job, answers: Answers, started: Iterable[Future[Performed]]) -> None:
        """Wait for steps and read their numbers."""
        try:
            lacking = []  # the number of all rows, which a scan brings
            for future in as_completed(started, lambda: self.tick(0)):
                performed = future.result()
                if performed.step.lacks_total:
                    lacking.append(performed)
                else:
                    self._take(performed, answers)
            for performed in lacking:
                self._take(self._with_total(performed, answers), answers)
            if answers.memory and answers.rows is None:
                answers.rows = answers.memory.rows
        finally:
            _hide_values(answers, job.namespace.variables)

    def _with_total(self, performed: Performed, answers: Answers) -> Performed:
        """Put the number of all rows in, from the scan; where that failed, they are counted."""
        assert answers.planner is not None
        found = {}
        for check_id, one in performed.found.items():
            if one.error is None and answers.rows is None:
                try:
                    relation, alias = answers.planner.target.relation.id, answers.planner.target.alias
                    answers.rows = int(self._row(self.write(scan(relation, alias, [])))["n"])
                except MeshkitError as error:
                    one = Found(error=error)
            found[check_id] = one if one.error else one._replace(numbers={**one.numbers, "total": answers.rows})
        return performed._replace(found=found)

    def _plan_all(self, relation: Relation, job: Job, live: Sequence[Check], answers: Answers) -> None:
        try:
            seen = self.see(relation)
            findings = self._look_at_schema(relation, job, seen)
        except EngineError as error:
            self._run_without_table(relation, job, live, error, answers)
            return
        answers.observations |= findings.observations
        self.tick(sum(c.kind in SCHEMA_KINDS for c in live))
        target = Target(relation, job.table.name, seen, findings.broken, declared_parts(job.table), job.slice.within)
        planner = Planner(target, job.namespace, self.see, self.now, self.write)
        planner.counts_exactly = self._counts_exactly(relation, seen) if job.metrics else True
        planned = self._planned(
            [*(c for c in live if c.kind not in SCHEMA_KINDS), *(m for m in job.metrics if not m.refusal)],
            planner,
            answers,
        )
        answers.planner = planner
        if self.memory:
            planned = self._remembered(planned, planner, answers)
            if not planned:
                return
        means = self._means(relation, seen, planned)
        planner.target = target._replace(seen=seen.model_copy(update={"rows": means.rows}))
        if means.statistics:
            answers.rows, answers.row_groups = means.statistics.whole.rows, len(means.statistics.groups)
        answers.steps = arrange(planned, planner, means)

    def _counts_exactly(self, relation: Relation, seen: SeenTable) -> bool:
        """Tell whether distinct values and quartiles are had exactly; estimates need less time and memory."""
        rows = seen.rows
        if rows is None and seen.format == "parquet":
            known = self.session.statistics(relation.id, frozenset())
            rows = known.whole.rows if known else MOST_EXACT + 1
        return self.session.dialect != DUCKDB or rows is None or rows <= MOST_EXACT

    def _remembered(
        self, planned: Sequence[Ask | Key | Own], planner: Planner, answers: Answers
    ) -> list[Ask | Key | Own]:
        """Answer what earlier runs have left; return what must run in full."""
        assert self.memory is not None
        relation = planner.target.relation

        def means(own: Planner, asked: Sequence[Ask | Key | Own]) -> Means:
            return self._means(relation, own.target.seen, asked)

        answers.memory = incremental.TableMemory(self.memory, planner, declared_of(relation), means)
        ready, answers.tasks, full = answers.memory.split(planned)
        for performed in ready:
            self._take(performed, answers)
        return full

    def _means(self, relation: Relation, seen: SeenTable, planned: Sequence[Ask | Key | Own]) -> Means:
        reads = frozenset().union(*(p.reads for p in planned if isinstance(p, Ask)))
        statistics = self.session.statistics(relation.id, reads) if self.trust is Trust.EXACT else None
        rows = statistics.whole.rows if statistics else seen.rows
        means = Means(statistics, rows, self.session.can_hash, self.session.key_bytes)
        return (
            means
            if self.session.dialect == DUCKDB
            else means._replace(chunk=MOST_NUMBERS, floats_apart=False, counts_once=True)
        )

    def see(self, relation: Relation) -> SeenTable:
        """Look at a relation once. A text format becomes a view that parses it into the declared types.

        Raises:
            EngineError: It could not be opened.
        """
        if self.engine is not None and relation.engine != self.engine:
            raise spans(relation, self.engine)
        if relation.id not in self._seen:
            known = self.memory.seen(relation) if self.memory else None
            seen = known or self.session.see(relation.id)
            if seen.is_text and relation.types:
                names = [c.name for c in seen.columns]
                self.session.define(
                    relation.id, render(text_view(relation.text_id, names, declared_of(relation), seen.format))
                )
                if known is None:
                    seen = seen.model_copy(update={"columns": self.session.describe(relation.id)})
            if self.memory and known is None:
                self.memory.keep_seen(relation, seen)
            self._seen[relation.id] = seen
        return self._seen[relation.id]

    def _look_at_schema(self, relation: Relation, job: Job, seen: SeenTable) -> SchemaFindings:
        by_kind = {c.kind: c for c in job.checks if c.kind in SCHEMA_KINDS}
        unparsed = self._unparsed_parts(relation, job.table, seen) if Kind.TYPES in by_kind else {}
        rows = 0
        if seen.is_text and Kind.TYPES in by_kind:
            measures = unparsed_measures([c.name for c in seen.columns], declared_of(relation), seen.format)
            kept = (
                incremental.text_numbers(self.memory, relation, job.table.name, seen, measures) if self.memory else None
            )
            if kept is None:
                row = self._row(self.write(scan(relation.text_id, job.table.name, list(measures.values()))))
                kept = int(row["n"]), {name: int(row[f"m{i}"]) for i, name in enumerate(measures)}
            rows, unparsed = kept[0], unparsed | kept[1]

        def place_of(name: str) -> Place:
            column = job.table.column(name)
            return job.place((*column.pointer, "type") if column else job.table.pointer)

        return observe_schema(by_kind, job.table, seen, unparsed, rows, place_of)

    def _unparsed_parts(self, relation: Relation, table: Table, seen: SeenTable) -> dict[str, int]:
        """Count, for each typed part of a JSON column, the values that are not of its type."""
        found: dict[str, int] = {}
        for column in table.columns:
            there = seen.column(column.name)
            if there is None or there.type != nested.JSON:
                continue
            for path, part in walk(column):
                if not part.type:
                    continue
                reached = nested.reach(relation.id, table.name, there.name, path, there.type)
                if reached.type != nested.JSON:
                    continue  # the key of an object is always a text
                wrong = from_json(reached.operand, part.type, part.time_format).is_(NULL)
                lost = count_if(both(reached.operand.is_(NULL).not_(), wrong))
                tree = nested.scan(reached, lost) if reached.rows is not None else scan(relation.id, table.name, [lost])
                found[part_name(column.name, path)] = int(self._row(self.write(tree))["m0"])
        return found

    def _planned(self, checks: Sequence[Check], planner: Planner, answers: Answers) -> list[Ask | Key | Own]:
        found: list[Ask | Key | Own] = []
        refused = read_again(checks, planner, self.session, self.memory)
        for check in checks:
            planned = refused.get(check.id) or self._try_pattern(check, planner) or planner.plan(check)
            if isinstance(planned, Refused):
                answers.observations[check.id] = Observation(error=planned.error, skip=planned.skip)
                self.tick(not check.is_metric)
            else:
                found.append(planned)
                answers.planned[check.id] = planned
        return found

    def _try_pattern(self, check: Check, planner: Planner) -> Refused | None:
        """Try a pattern before it is fused with others, where its error can be told without showing a row's value."""
        if check.kind not in (Kind.PATTERN, Kind.INVALID):
            return None
        try:
            check = planner.resolved(check)
        except MeshkitError:
            return None  # planning says why
        pattern = check.values[0] if check.kind is Kind.PATTERN else check.pattern
        if not pattern:
            return None
        try:
            probe = self.write(pattern_probe(pattern))
        except SqlError as error:
            return Refused(error=f"{error.code} {error.what}; {error.hint}")
        if self.memory and self.memory.is_tried(probe):
            return None
        complaint = self.session.try_out(probe)
        if self.memory and not complaint:
            self.memory.keep_tried(probe)
        return Refused(error=f"MK123 pattern: {complaint}") if complaint else None

    def _take(self, performed: Performed, answers: Answers) -> None:
        answers.performed.append(performed)
        if answers.memory:
            answers.memory.keep(performed)
        assert answers.planner is not None
        for check in performed.step.checks:
            found = performed.found[check.id]
            answers.numbers[check.id] = found.numbers
            answers.observations[check.id] = self._observed(check, found, answers.planner.target.seen)
        for ask in performed.step.asks:
            numbers = performed.found[ask.check.id].numbers
            if answers.rows is None and "total" in numbers and "total" not in ask.measures:
                answers.rows = int(numbers["total"])
        self.tick(sum(not check.is_metric for check in performed.step.checks))

    def _observed(self, check: Check, found: Found, seen: SeenTable) -> Observation:
        if found.error is not None:
            return _errored(found.error)
        if check.kind is Kind.METRIC:
            return Observation()  # its numbers are read by observed.py
        if found.answer is not None:
            return read_answer(found.answer, check)
        return observe(check, found.numbers, seen, self.now)

    def _run_without_table(
        self, relation: Relation, job: Job, checks: Sequence[Check], error: EngineError, answers: Answers
    ) -> None:
        """The table cannot be opened: only queries that do not read it have an answer."""
        nothing = Target(relation, job.table.name, SeenTable(columns=(), format=""), {})
        planner = Planner(nothing, job.namespace, self.see, self.now, self.write)
        for check in checks:
            answers.observations[check.id] = _errored(error)
            if check.kind is Kind.SQL:
                planned = planner.plan(check)
                if isinstance(planned, Refused):
                    answers.observations[check.id] = Observation(error=planned.error)
                elif isinstance(planned, Own):
                    step = Step(How.QUERY, own=planned, statement=planned.alone)
                    performed = Performer(self.session, planner, is_exact=False).perform(step)
                    answers.observations[check.id] = self._observed(check, performed.found[check.id], nothing.seen)
            self.tick(1)

    def _row(self, sql: str) -> dict[str, Any]:
        answer = self.session.rows(sql, exact=self.trust is Trust.NEVER)
        return dict(zip(answer.names, answer.rows[0], strict=True))


def _hide_values(answers: Answers, variables: Variables) -> None:
    """Take the values of variables out of messages: an engine may quote a location, or a query."""
    for check_id, found in answers.observations.items():
        hidden = {key: variables.hide(text) for key in ("error", "skip") if (text := getattr(found, key))}
        answers.observations[check_id] = found.model_copy(update=hidden)


def _errored(error: MeshkitError) -> Observation:
    return Observation(error=f"{error.code} {error.what}" + (f"; {error.hint}" if error.hint else ""))
