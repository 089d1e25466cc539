"""What is wrong with the SQL and the patterns of a contract, found without reading any data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshkit.checks.compile import compile_checks
from meshkit.checks.draft import Draft
from meshkit.engines.base import Engine, Session, Settings
from meshkit.errors import ContractError, MeshkitError, Place
from meshkit.model.catalog import Catalog
from meshkit.model.check import Check, Kind
from meshkit.model.names import did_you_mean, fold
from meshkit.model.namespace import is_location
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity
from meshkit.run.work import Target
from meshkit.sql.alerts import least_age_hours, parse_alert
from meshkit.sql.bind import Bound, bind_query
from meshkit.sql.dialects import render
from meshkit.sql.filled import parse_filled
from meshkit.sql.guard import parse_condition, parse_query, parse_scalar
from meshkit.sql.statements import pattern_probe
from meshkit.sql.trees import column_names


class Linter:
    """Lints products; patterns are tried on the engine itself, in one session without data.

    Args:
        catalog: All contracts of the mesh.
        engine: Whose regular expressions are meant.
        metrics: The metrics that meshkit knows.
    """

    def __init__(self, catalog: Catalog, engine: Engine, metrics: Sequence[str]) -> None:
        self.catalog = catalog
        self.engine = engine
        self.metrics = metrics
        self._session: Session | None = None
        self._patterns: dict[str, str] = {}

    def close(self) -> None:
        """Let go of the session."""
        if self._session:
            self._session.close()

    def lint(self, target: Target) -> Iterator[Problem]:
        """Yield what is wrong with one product's SQL."""
        nowhere = Place(target.file, 1, 1)
        key = self.catalog.key(target.contract)
        for check in compile_checks(target.contract, key, lambda _: nowhere, _can_be_wrong):
            yield from self._check(check, target)
        yield from self.lint_around(target)

    def lint_around(self, target: Target) -> Iterator[Problem]:
        """Yield what is wrong around the checks: inputs, metrics, alerts, filters and transformations. Needs no engine."""
        yield from self._inputs(target)
        yield from self._expressions(target)
        yield from self._alerts(target)

    def _check(self, check: Check, target: Target) -> Iterator[Problem]:
        pointer = check.pointer if check.kind is not Kind.SQL else (*check.pointer[:-1], "query")
        try:
            if check.where:
                parse_condition(check.where)
            if check.kind is Kind.SQL:
                yield from self._query(check, target, pointer)
            elif check.kind is Kind.REFERENCES:
                yield from self._reference(check, target, pointer)
            else:
                pattern = check.values[0] if check.kind is Kind.PATTERN else check.pattern
                if pattern and self._pattern_error(pattern):
                    what = f"pattern of column '{check.column}': {self._pattern_error(pattern)}"
                    yield _problem(target, "MK123", what, "patterns are RE2 expressions", pointer, check.id)
        except MeshkitError as error:
            what = f"check '{check.id.rpartition('.')[2]}': {error.what}" if check.kind is Kind.SQL else error.what
            found = _problem(target, error.code, target.namespace.variables.hide(what), error.hint, pointer, check.id)
            if error.code != "MK134":  # told once, at the input
                yield _mild(found)

    def _query(self, check: Check, target: Target, pointer: Pointer) -> Iterator[Problem]:
        """Note what is wrong with a query. Where a variable has no value here, names may still turn out to be right."""
        try:
            query = parse_filled(check.query, check.dialect, target.namespace.variables)
        except ContractError as error:
            found = _problem(target, error.code, error.what, error.hint, pointer, check.id)
            yield found.model_copy(update={"severity": Severity.WARNING})
            return
        bound = bind_query(query, target.namespace.resolve)
        yield from self._undeclared(bound, check, target, pointer)

    def _reference(self, check: Check, target: Target, pointer: Pointer) -> Iterator[Problem]:
        """Note the columns that the table referred to does not declare."""
        relation, columns = target.namespace.reference(check.values)
        declared = [n for n, _ in relation.types]
        for name in columns if declared else ():
            if fold(name) not in (fold(n) for n in declared):
                what = f"'{check.values[0]}' has no column '{name}'"
                yield _problem(target, "MK206", what, did_you_mean(name, declared), pointer, check.id)

    def _undeclared(self, bound: Bound, check: Check, target: Target, pointer: Pointer) -> Iterator[Problem]:
        """Warn of a column that the one table of a query does not declare; the data may still have it."""
        if len(bound.relations) != 1 or bound.reads_all or not bound.is_plain:
            return
        relation = next(iter(bound.relations.values()))
        declared = {fold(n): n for n, _ in relation.types}
        for name in sorted(bound.columns.get(relation.id, ())):
            if declared and name not in declared:
                found = _problem(target, "MK206", f"check '{check.id.rpartition('.')[2]}' names column '{name}', which is not declared",
                                 did_you_mean(name, declared.values()), pointer, check.id)  # fmt: skip
                yield found.model_copy(update={"severity": Severity.WARNING})

    def _pattern_error(self, pattern: str) -> str:
        if pattern not in self._patterns:
            self._session = self._session or self.engine.open([], {}, Settings(threads=1))
            self._patterns[pattern] = self._session.try_out(render(pattern_probe(pattern)))
        return self._patterns[pattern]

    def _inputs(self, target: Target) -> Iterator[Problem]:
        for alias, location in target.contract.inputs.items():
            if not is_location(location):
                try:
                    target.namespace.resolve_input(alias)
                except MeshkitError as error:
                    where: Pointer = ("inputs", alias)
                    found = _problem(target, error.code, error.what, error.hint, where, f"inputs.{alias}")
                    yield _mild(found)

    def _expressions(self, target: Target) -> Iterator[Problem]:
        contract = target.contract
        declared = [c.name for t in contract.tables for c in t.columns]
        for metric in contract.metrics:
            if metric.expression:
                try:
                    names = column_names(parse_scalar(metric.expression))
                except MeshkitError as error:
                    yield _problem(
                        target, error.code, f"metric '{metric.name}': {error.what}", error.hint, metric.pointer
                    )
                    continue
                for name in sorted(names - {fold(d) for d in declared}):
                    yield _problem(target, "MK206", f"metric '{metric.name}' names column '{name}', which is not declared",
                                   did_you_mean(name, declared), metric.pointer)  # fmt: skip
        for text, parse, pointer in (
            (contract.row_filter, parse_condition, ("row_filter",)),
            (contract.transformation_sql, parse_query, ("transformation", "sql")),
        ):
            if text:
                try:
                    parse(text)
                except MeshkitError as error:
                    yield _problem(target, error.code, f"{pointer[-1]}: {error.what}", error.hint, pointer)

    def _alerts(self, target: Target) -> Iterator[Problem]:
        contract = target.contract
        metrics = {*self.metrics, *(m.name for m in contract.metrics)}
        freshness = contract.sla.freshness
        for alert in contract.alerts:
            pointer = (*alert.pointer, "condition")
            try:
                age = least_age_hours(parse_alert(alert.condition, metrics))
            except MeshkitError as error:
                yield _problem(target, error.code, f"alert condition: {error.what}", error.hint, pointer)
                continue
            if age is not None and freshness and freshness.max_age_hours is not None and age > freshness.max_age_hours:
                found = _problem(target, "MK128", f"alert at age_hours > {age:g} is looser than max_age_hours: {freshness.max_age_hours:g}",
                                 "nobody is told of a breach in between; lower the alert", pointer)  # fmt: skip
                yield found.model_copy(update={"severity": Severity.WARNING})


def _can_be_wrong(draft: Draft) -> bool:
    """Tell whether anything in a check is left to be wrong once its contract was read."""
    kinds = (Kind.SQL, Kind.REFERENCES, Kind.PATTERN)
    return not draft.refusal and (bool(draft.where or draft.pattern) or draft.kind in kinds)


def _mild(problem: Problem) -> Problem:
    """A name that nothing here has may still be given with --table, or stand in another folder: `check` will tell."""
    is_open = problem.code in ("MK134", "MK204")
    return problem.model_copy(update={"severity": Severity.WARNING}) if is_open else problem


def _problem(target: Target, code: str, message: str, hint: str, pointer: Pointer, check: str = "") -> Problem:
    place = target.place(pointer)
    return Problem(code=code, message=message, hint=hint, place=place, product=target.contract.product_id, check=check)
