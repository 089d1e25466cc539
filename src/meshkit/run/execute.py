"""Statements to observations: the one effect of a run. One check that cannot run never hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from meshkit.engines.base import Session
from meshkit.errors import EngineError, MeshkitError, Place, StatementTimeoutError
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check, Kind, part_name
from meshkit.model.namespace import Namespace
from meshkit.model.relation import Relation, SeenTable
from meshkit.model.run import Observation
from meshkit.model.table import Column, Pointer, Table
from meshkit.model.variables import Variables
from meshkit.run import promises
from meshkit.run.answers import read_answer
from meshkit.run.plan import Ask, Planner, Refused, Statement, Target
from meshkit.run.schema import SchemaFindings, observe_schema
from meshkit.sql import nested
from meshkit.sql.builders import NULL, age_hours, both, count_if, pattern_probe, scan
from meshkit.sql.dialects import render
from meshkit.sql.text_view import Declared, from_json, text_view, unparsed_measures
from meshkit.sql.types import native_type

Tick = Callable[[int], None]


class Job(NamedTuple):
    """One table's checks, and what is needed to answer them.

    Attributes:
        checks: All checks of the table: the others depend on those of its schema.
        wanted: Ids of those that are to be answered; None = all.
    """

    table: Table
    checks: Sequence[Check]
    namespace: Namespace
    place: Callable[[Pointer], Place]
    wanted: frozenset[str] | None = None

    def chosen(self) -> list[Check]:
        """Return the checks that are to be answered."""
        return [c for c in self.checks if self.wanted is None or c.id in self.wanted]


class Answers:
    """What came of a job, filled as answers come in, so that an interrupted run keeps what it had.

    Attributes:
        observations: Check id -> observation.
        planned: Check id -> what was planned for it; `sql_of` makes the query that answers it alone.
        planner: What planned them; None where the table could not be opened.
        rows: How many rows the table has, once that is known.
    """

    def __init__(self) -> None:
        self.observations: dict[str, Observation] = {}
        self.planned: dict[str, Ask | Statement] = {}
        self.planner: Planner | None = None
        self.rows: int | None = None

    def sql_of(self, check: Check) -> str:
        """Return the query that answers a check alone; empty where it needs or has none."""
        planned = self.planned.get(check.id)
        if isinstance(planned, Ask):
            return self.planner.scan([planned]).sql if self.planner else ""
        return planned.sql if planned else ""


class Runner:
    """Runs jobs over one session.

    Args:
        session: The open engine.
        now: The clock of the run, aware.
        tick: Called with the number of checks that were answered.
    """

    def __init__(self, session: Session, now: datetime, tick: Tick = lambda _: None) -> None:
        self.session = session
        self.now = now
        self.tick = tick
        self._seen: dict[str, SeenTable] = {}

    def run(self, job: Job, answers: Answers) -> None:
        """Answer all checks of one table into `answers`."""
        chosen = job.chosen()
        live = [c for c in chosen if not c.refusal and not c.skip]
        answers.observations |= {c.id: promises.by_the_clock(c, self.now) for c in live if c.kind in CLOCK_KINDS}
        live = [c for c in live if c.kind not in CLOCK_KINDS]
        self.tick(len(chosen) - len(live))
        relation = job.namespace.own(job.table)
        try:
            self._answer_all(relation, job, live, answers)
        finally:
            _hide_values(answers, job.namespace.variables)

    def _answer_all(self, relation: Relation, job: Job, live: Sequence[Check], answers: Answers) -> None:
        try:
            seen = self.see(relation)
            findings = self._look_at_schema(relation, job, seen)
        except EngineError as error:
            self._run_without_table(relation, job, live, error, answers)
            return
        answers.observations |= findings.observations
        self.tick(sum(c.kind in SCHEMA_KINDS for c in live))
        target = Target(relation, job.table.name, seen, findings.broken, declared_parts(job.table))
        answers.planner = Planner(target, job.namespace, self.see, self.now)
        self._answer([c for c in live if c.kind not in SCHEMA_KINDS], answers.planner, answers)

    def see(self, relation: Relation) -> SeenTable:
        """Look at a relation once. A text format becomes a view that parses it into the declared types.

        Raises:
            EngineError: It could not be opened.
        """
        if relation.id not in self._seen:
            seen = self.session.see(relation.id)
            if seen.is_text and relation.types:
                names = [c.name for c in seen.columns]
                self.session.define(
                    relation.id, render(text_view(relation.text_id, names, _declared(relation), seen.format))
                )
                seen = seen.model_copy(update={"columns": self.session.describe(relation.id)})
            self._seen[relation.id] = seen
        return self._seen[relation.id]

    def _look_at_schema(self, relation: Relation, job: Job, seen: SeenTable) -> SchemaFindings:
        by_kind = {c.kind: c for c in job.checks if c.kind in SCHEMA_KINDS}
        unparsed = self._unparsed_parts(relation, job.table, seen) if Kind.TYPES in by_kind else {}
        rows = 0
        if seen.is_text and Kind.TYPES in by_kind:
            measures = unparsed_measures([c.name for c in seen.columns], _declared(relation), seen.format)
            row = self._row(render(scan(relation.text_id, job.table.name, list(measures.values()))), exact_floats=False)
            rows = int(row["n"])
            unparsed |= {name: int(row[f"m{i}"]) for i, name in enumerate(measures)}

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
                found[part_name(column.name, path)] = int(self._row(render(tree), exact_floats=False)["m0"])
        return found

    def _answer(self, checks: Sequence[Check], planner: Planner, answers: Answers) -> None:
        asks: list[Ask] = []
        alone: list[tuple[Check, Statement]] = []
        for check in checks:
            planned = self._try_pattern(check, planner) or planner.plan(check)
            if isinstance(planned, Refused):
                answers.observations[check.id] = Observation(error=planned.error, skip=planned.skip)
                self.tick(1)
            elif isinstance(planned, Ask):
                asks.append(planned)
                answers.planned[check.id] = planned
            else:
                alone.append((check, planned))
                answers.planned[check.id] = planned
        for statement in planner.fuse(asks):
            self._scan(statement, planner, answers)
        for check, statement in alone:
            answers.observations[check.id] = self._ask(check, statement, planner.target.seen)
            self.tick(1)

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
        complaint = self.session.try_out(render(pattern_probe(pattern)))
        return Refused(error=f"MK123 pattern: {complaint}") if complaint else None

    def _scan(self, statement: Statement, planner: Planner, answers: Answers) -> None:
        """Run a scan; if it fails, halve it until the culprits stand alone."""
        try:
            row = self._row(statement.sql, exact_floats=statement.exact_floats)
        except MeshkitError as error:
            if len(statement.asks) > 1 and not isinstance(error, StatementTimeoutError):
                half = len(statement.asks) // 2
                self._scan(planner.scan(statement.asks[:half]), planner, answers)
                self._scan(planner.scan(statement.asks[half:]), planner, answers)
                return
            for ask in statement.asks:
                answers.observations[ask.check.id] = _errored(error)
        else:
            answers.rows = int(row["n"])
            for ask in statement.asks:
                numbers = {role: row[name] for role, name in statement.roles[ask.check.id].items()}
                answers.observations[ask.check.id] = self._observe(ask.check, numbers, planner.target.seen)
        self.tick(len(statement.asks))

    def _ask(self, check: Check, statement: Statement, seen: SeenTable) -> Observation:
        try:
            if check.kind is Kind.SQL:
                answer = self.session.execute(statement.sql, exact_floats=statement.exact_floats)
                return read_answer(answer, check)
            row = self._row(statement.sql, exact_floats=statement.exact_floats)
        except MeshkitError as error:
            return _errored(error)
        return self._observe(check, {role: row[name] for role, name in statement.roles[check.id].items()}, seen)

    def _observe(self, check: Check, numbers: Mapping[str, Any], seen: SeenTable) -> Observation:
        match check.kind:
            case Kind.ROW_COUNT:
                return Observation(value=Decimal(numbers["total"]))
            case Kind.FRESHNESS:
                return self._age(check, numbers, seen)
            case Kind.RETENTION | Kind.FREQUENCY | Kind.TIME_OF_AVAILABILITY:
                column = seen.column(check.column or "")
                native = native_type(column.type) if column else None
                return promises.measured(check, numbers, native, self.now)
        note = ""
        if check.kind is Kind.UNIQUE and numbers["bad"]:
            note = f"{int(numbers['in_groups']):,} rows share a {'key' if check.columns else 'value'}"
        return Observation(bad=int(numbers["bad"]), total=int(numbers["total"]), note=note)

    def _age(self, check: Check, numbers: Mapping[str, Any], seen: SeenTable) -> Observation:
        if check.column is None:
            if seen.newest is None:
                return Observation(
                    skip="the table has no files whose time could be read; name a column in sla.freshness.column"
                )
            newest = datetime.fromtimestamp(seen.newest, UTC)
            return Observation(
                value=max(0.0, (self.now - newest).total_seconds() / 3600), note="by the newest file's time"
            )
        column = seen.column(check.column)
        native = native_type(column.type) if column else None
        if numbers["newest"] is None or native is None:
            return Observation(note=f"{check.column} has no value up to now")
        return Observation(value=age_hours(numbers["newest"], native, self.now))

    def _run_without_table(
        self, relation: Relation, job: Job, checks: Sequence[Check], error: EngineError, answers: Answers
    ) -> None:
        """The table cannot be opened: only queries that do not read it have an answer."""
        nothing = Target(relation, job.table.name, SeenTable(columns=(), format=""), {})
        planner = Planner(nothing, job.namespace, self.see, self.now)
        for check in checks:
            answers.observations[check.id] = _errored(error)
            if check.kind is Kind.SQL:
                planned = planner.plan(check)
                if isinstance(planned, Statement):
                    answers.observations[check.id] = self._ask(check, planned, nothing.seen)
                elif isinstance(planned, Refused):
                    answers.observations[check.id] = Observation(error=planned.error)
            self.tick(1)

    def _row(self, sql: str, *, exact_floats: bool) -> dict[str, Any]:
        rows = self.session.execute(sql, exact_floats=exact_floats).to_pylist()
        return dict(rows[0])


def _declared(relation: Relation) -> Declared:
    types, formats, zones = (
        {name.casefold(): text for name, text in pairs} for pairs in (relation.types, relation.formats, relation.zones)
    )
    return Declared(types, formats, zones)


def walk(column: Column, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Column]]:
    """Yield every part of a nested column with the steps that lead to it."""
    for step, part in column.parts:
        yield (*path, step), part
        yield from walk(part, (*path, step))


def declared_parts(table: Table) -> dict[str, tuple[str, str]]:
    """Return the declared types of the parts of nested columns: folded name -> type, format of dates and times."""
    parts = ((part_name(c.name, path), part) for c in table.columns for path, part in walk(c))
    return {name.casefold(): (part.type, part.time_format) for name, part in parts if part.type}


def _hide_values(answers: Answers, variables: Variables) -> None:
    """Take the values of variables out of messages: an engine may quote a location, or a query."""
    for check_id, found in answers.observations.items():
        hidden = {key: variables.hide(text) for key in ("error", "skip") if (text := getattr(found, key))}
        answers.observations[check_id] = found.model_copy(update=hidden)


def _errored(error: MeshkitError) -> Observation:
    return Observation(error=f"{error.code} {error.what}" + (f"; {error.hint}" if error.hint else ""))
