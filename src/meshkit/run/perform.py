"""One step to the numbers of its checks. What fails is taken apart until the culprits stand alone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.engines.base import Session
from meshkit.errors import EngineError, InterruptedRunError, MeshkitError, StatementTimeoutError
from meshkit.model.check import Check, Kind
from meshkit.run.answers import Answer
from meshkit.run.keys import count_duplicates
from meshkit.run.plan import Planner
from meshkit.run.steps import Ask, How, Key, Own, Statement, Step


class Found(NamedTuple):
    """What came of one check.

    Attributes:
        numbers: Role -> number.
        answer: For author SQL: what its query returned.
        error: Why there is neither.
    """

    numbers: Mapping[str, Any] = {}
    answer: Answer | None = None
    error: MeshkitError | None = None


class Performed(NamedTuple):
    """A step that was run.

    Attributes:
        step: The step.
        found: Check id -> what came of it.
        statements: How many statements it took.
        seconds: How long it took.
    """

    step: Step
    found: Mapping[str, Found]
    statements: int
    seconds: float


class Performer:
    """Runs the steps of one table. A thread each: it keeps nothing but the count of statements.

    Args:
        session: The open engine.
        planner: What planned the steps.
        is_exact: Whether no statement may use statistics.
    """

    def __init__(self, session: Session, planner: Planner, *, is_exact: bool) -> None:
        self.session = session
        self.planner = planner
        self.is_exact = is_exact
        self._statements = 0

    def perform(self, step: Step) -> Performed:
        """Answer the checks of a step."""
        started = time.perf_counter()
        found = self._found(step)
        return Performed(step, found, self._statements, time.perf_counter() - started)

    def _found(self, step: Step) -> dict[str, Found]:
        if step.how is How.FOOTER:
            return {check_id: _found(_check(step, check_id), numbers) for check_id, numbers in step.known.items()}
        if isinstance(step.own, Key):
            return self._key(step, step.own)
        if step.own is not None:
            return {step.own.check.id: self._alone(step.own, step.statement)}
        assert step.statement is not None
        return self._scan(step.asks, step.statement, step.known)

    def _scan(
        self, asks: Sequence[Ask], statement: Statement, known: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Found]:
        """Run a scan; if it fails, halve it until the culprits stand alone."""
        try:
            numbers, types = self._row(statement)
        except (StatementTimeoutError, InterruptedRunError) as error:
            late = {ask.check.id: Found(error=error) for ask in asks}
            checks = [ask for ask in asks if not ask.check.is_metric]
            if isinstance(error, InterruptedRunError) or len(checks) in (0, len(asks)):
                return late
            return late | self._scan(
                checks, self.planner.scan(checks), known
            )  # they may have their time for themselves
        except MeshkitError as error:
            if len(asks) == 1:
                return {asks[0].check.id: self._alone(asks[0]) if asks[0].alone else Found(error=error)}
            half = len(asks) // 2
            found: dict[str, Found] = {}
            for part in (asks[:half], asks[half:]):
                found |= self._scan(part, self.planner.scan(part), {})
            return found
        found = {}
        for ask in asks:
            own = {role: numbers[name] for role, name in statement.roles[ask.check.id].items()}
            kind = types[statement.roles[ask.check.id]["value"]] if "value" in own else ""
            found[ask.check.id] = _found(ask.check, {**known.get(ask.check.id, {}), **own}, kind)
        return found

    def _key(self, step: Step, key: Key) -> dict[str, Found]:
        if step.statement is key.alone or step.lacks_total:
            return {key.check.id: self._alone(key, step.statement)}
        try:
            self._statements += 2  # its hashes, and as a rule what looks into equal ones
            numbers, met = count_duplicates(self.session, step, self.planner, exact=self._exact(step.statement))
        except (StatementTimeoutError, InterruptedRunError) as error:
            return {check.id: Found(error=error) for check in step.checks}
        except MeshkitError:
            found = {key.check.id: self._alone(key)}
            if step.asks:
                found |= self._scan(step.asks, self.planner.scan(step.asks), {})
            return found
        found = {key.check.id: Found(numbers)}
        for ask, count in zip(step.asks, met, strict=True):
            (role,) = ask.measures
            found[ask.check.id] = _found(ask.check, {role: count, "total": numbers["total"]}, "BIGINT")
        return found

    def _alone(self, planned: Ask | Key | Own, statement: Statement | None = None) -> Found:
        """Answer one check by its own statement."""
        statement = statement or self.planner.alone(planned)
        try:
            if planned.check.kind is Kind.SQL:
                return Found(answer=self._answer(statement))
            numbers, _ = self._row(statement)
        except MeshkitError as error:
            return Found(error=error)
        return Found({role: numbers[name] for role, name in statement.roles[planned.check.id].items()})

    def _answer(self, statement: Statement) -> Answer:
        rows = self._rows(statement)
        return Answer(rows.types, rows.rows)

    def _row(self, statement: Statement) -> tuple[dict[str, Any], dict[str, str]]:
        rows = self._rows(statement)
        return dict(zip(rows.names, rows.rows[0], strict=True)), dict(zip(rows.names, rows.types, strict=True))

    def _rows(self, statement: Statement) -> Any:
        """Run a statement; once more where the engine says that what went wrong may pass."""
        self._statements += 1
        sql, exact = self.planner.text(statement), self._exact(statement)
        try:
            return self.session.rows(sql, exact=exact)
        except EngineError as error:
            if not error.is_transient:
                raise
            self._statements += 1
            return self.session.rows(sql, exact=exact)

    def _exact(self, statement: Statement | None) -> bool:
        return self.is_exact or (statement is not None and statement.exact_floats)


def _found(check: Check, numbers: Mapping[str, Any], kind: str = "BIGINT") -> Found:
    if check.kind is Kind.SQL:
        return Found(answer=Answer((kind,), [(numbers["value"],)]))
    return Found(numbers)


def _check(step: Step, check_id: str) -> Check:
    return next(check for check in step.checks if check.id == check_id)
