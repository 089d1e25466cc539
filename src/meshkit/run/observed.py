"""The numbers that came back for metrics to what is reported of them. Pure: the clock is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from meshkit.model.metric import Distribution, Drift, MetricUnit, Number, Observed, Retyped, metric_id
from meshkit.model.names import fold
from meshkit.model.relation import SeenTable
from meshkit.model.run import Outcome, Verdict
from meshkit.model.table import Column, Table
from meshkit.model.types import parse_type
from meshkit.run.asked import AGE, ROWS, Asked, complete_columns, listed_values, measured_columns
from meshkit.run.job import Answers, Job
from meshkit.run.observe import age, moment
from meshkit.run.work import Target
from meshkit.sql.metrics import DISTINCT, NULLS, QUARTILES, SPREAD
from meshkit.sql.types import type_mismatch

_NOT_READ = "the table could not be read"
_STOPPED = "interrupted before it was measured"
_PERSONAL = "the column holds personal data, of which no values are collected"


class Clock(NamedTuple):
    """What a run knows besides its tables: the time, numbers of an earlier run by id, and whether it was stopped."""

    now: datetime
    previous: Mapping[str, float]
    is_stopped: bool = False


def observed_of_table(
    target: Target, key: str, job: Job, answers: Answers, asked: Asked, clock: Clock
) -> list[Observed]:
    """Return the metrics of one table that were asked for; the number of its rows, where that is known, at any rate."""
    found = list(_Reader(target, key, job, answers, asked, clock).all()) if job.metrics or asked.names else []
    if answers.rows is not None and not any(o.name == "row_count" for o in found):
        rows = Observed(name="row_count", product=key, table=job.table.name, value=Decimal(answers.rows), unit="rows")
        found.insert(0, rows)
    return found


def observed_of_product(key: str, verdicts: Sequence[Verdict], asked: Asked, *, is_stopped: bool) -> list[Observed]:
    """Return whether a check failed, if that was asked for. What only warned, or was waived, has not failed."""
    if "quality_check_failed" not in asked.names or "quality_check_failed" in asked.custom:
        return []
    has_failed = any(v.outcome is Outcome.FAILED for v in verdicts)
    silent = sum(v.outcome is Outcome.ERRORED for v in verdicts)
    why = "" if has_failed or not silent else f"{silent:,} of {len(verdicts):,} checks had no answer"
    value = None if why else has_failed
    return [
        Observed(
            name="quality_check_failed",
            product=key,
            value=value,
            unit="boolean",
            unavailable=_STOPPED if why and is_stopped else why,
        )
    ]


class _Found(NamedTuple):
    """The numbers of one statement; or why there are none."""

    numbers: Mapping[str, Any]
    why: str = ""


class _Reader:
    """Reads the metrics of one table."""

    def __init__(self, target: Target, key: str, job: Job, answers: Answers, asked: Asked, clock: Clock) -> None:
        self.target = target
        self.key = key
        self.job = job
        self.table: Table = job.table
        self.answers = answers
        self.asked = asked
        self.clock = clock
        self.seen: SeenTable | None = answers.planner.target.seen if answers.planner else None

    def all(self) -> Iterator[Observed]:
        is_first = self.target.contract.tables[0].name == self.table.name
        for name in self.asked.names:
            if name in self.asked.custom:
                if self.asked.tables[name] == self.table.name:
                    yield self._custom(name)
            elif name in _OF_COLUMNS:
                yield from (_OF_COLUMNS[name](self, column) for column in measured_columns(self.table))
            elif name in _OF_TABLES and (is_first or name != "age_hours"):
                yield _OF_TABLES[name](self)

    def _found(self, what: str, column: str = "") -> _Found:
        check_id = metric_id(self.key, self.table.name, what, column)
        if self.answers.numbers.get(check_id):
            return _Found(self.answers.numbers[check_id])
        told = self.answers.observations.get(check_id)
        why = (told.error or told.skip) if told else _STOPPED if self.clock.is_stopped else _NOT_READ
        return _Found({}, why or _NOT_READ)

    def _of(self, name: str, unit: MetricUnit, column: str = "", why: str = "", **more: Any) -> Observed:
        return Observed(
            name=name, product=self.key, table=self.table.name, column=column, unit=unit, unavailable=why, **more
        )

    @property
    def _slice(self) -> str:
        return self.job.slice.words if self.job.slice.within is not None else ""

    def _custom(self, name: str) -> Observed:
        check_id = metric_id(self.key, self.table.name, name)
        told = self.answers.observations.get(check_id)
        refusal = next((m.refusal for m in self.job.metrics if m.id == check_id), "")
        if told is not None and told.value is not None:
            return self._of(name, "number", value=told.value)
        why = (told.error or told.skip) if told else _STOPPED if self.clock.is_stopped else _NOT_READ
        return self._of(name, "number", why=refusal or why)

    def _row_count(self) -> Observed:
        rows = self._rows()
        if rows is None:
            return self._of("row_count", "rows", why=self._found(ROWS).why)
        return self._of("row_count", "rows", value=Decimal(rows))

    def _rows(self) -> int | None:
        return self.answers.rows if self.answers.rows is not None else self._found(ROWS).numbers.get("total")

    def _row_count_change(self) -> Observed:
        name, rows = "row_count_change", self._rows()
        if rows is None:
            return self._of(name, "ratio", why=self._found(ROWS).why)
        before = self.clock.previous.get(f"{self.key}.{self.table.name}.row_count")
        if before is None:
            return self._of(name, "ratio", why="no earlier run is known to compare with")
        if before == 0:
            return (
                self._of(name, "ratio", why="the earlier run saw no rows")
                if rows
                else self._of(name, "ratio", value=Decimal(0))
            )
        return self._of(name, "ratio", value=float(abs(rows - Fraction(before)) / Fraction(before)))

    def _age(self) -> Observed:
        freshness = self.target.contract.sla.freshness
        name = freshness.column if freshness else ""
        if not name and not (freshness and freshness.source == "file"):
            return self._of("age_hours", "hours", why="name a column in sla.freshness.column, or set its source: file")
        found = self._found(AGE, name) if name else _Found({"newest": None})
        if found.why or self.seen is None:
            return self._of("age_hours", "hours", why=found.why or _NOT_READ)
        numbers = {"newest": moment(found.numbers["newest"])}
        seen = age(name, numbers, self.seen, self.clock.now)
        if seen.value is None:
            return self._of("age_hours", "hours", why=seen.skip or seen.note)
        return self._of("age_hours", "hours", value=seen.value)

    def _null_rate(self, column: Column) -> Observed:
        return self._share_of_nulls("null_rate", "ratio", column, 1)

    def _null_percentage(self, column: Column) -> Observed:
        return self._share_of_nulls("null_percentage_by_column", "percent", column, 100)

    def _share_of_nulls(self, name: str, unit: MetricUnit, column: Column, whole: int) -> Observed:
        found = self._found(NULLS, column.name)
        if found.why:
            return self._of(name, unit, column.called, found.why)
        share = _share(int(found.numbers["bad"]), int(found.numbers["total"]))
        return self._of(name, unit, column.called, value=float(share * whole), slice=self._slice)

    def _completeness(self) -> Observed:
        bad = cells = 0
        for name in complete_columns(self.target.contract, self.table):
            column = self.table.column(name)
            found = self._found(NULLS, column.name if column else name)
            if found.why:
                return self._of("completeness", "ratio", why=found.why)
            bad, cells = bad + int(found.numbers["bad"]), cells + int(found.numbers["total"])
        return self._of("completeness", "ratio", value=float(1 - _share(bad, cells)), slice=self._slice)

    def _distinct(self, column: Column) -> Observed:
        found = self._found(DISTINCT, column.name)
        if found.why:
            return self._of("distinct_count", "values", column.called, found.why)
        value = Decimal(int(found.numbers["distinct"]))
        return self._of(
            "distinct_count",
            "values",
            column.called,
            value=value,
            is_approximate=not self._is_exact,
            slice=self._slice,
        )

    @property
    def _is_exact(self) -> bool:
        return self.answers.planner is None or self.answers.planner.counts_exactly

    def _distribution(self, column: Column) -> Observed:
        name = "value_distribution"
        if column.name.casefold() in self.target.masked:
            return self._of(name, "distribution", column.called, _PERSONAL)
        spread = self._found(SPREAD, column.name)
        if spread.why:
            return self._of(name, "distribution", column.called, spread.why)
        quarters = self._found(QUARTILES, column.name)
        found = _distribution(spread.numbers, quarters, listed_values(column))
        is_approximate = found.quartiles is not None and not self._is_exact
        return self._of(
            name, "distribution", column.called, distribution=found, is_approximate=is_approximate, slice=self._slice
        )

    def _drift(self) -> Observed:
        if self.seen is None or self.answers.planner is None:
            return self._of("schema_drift", "columns", why=_STOPPED if self.clock.is_stopped else _NOT_READ)
        drift = drift_of(self.table, self.seen, self.answers.planner.target.broken)
        count = len(drift.added) + len(drift.removed) + len(drift.retyped)
        return self._of("schema_drift", "columns", value=Decimal(count), drift=drift)


_OF_COLUMNS: Mapping[str, Callable[[_Reader, Column], Observed]] = {
    "null_rate": _Reader._null_rate,
    "null_percentage_by_column": _Reader._null_percentage,
    "distinct_count": _Reader._distinct,
    "value_distribution": _Reader._distribution,
}
_OF_TABLES: Mapping[str, Callable[[_Reader], Observed]] = {
    "row_count": _Reader._row_count,
    "row_count_change": _Reader._row_count_change,
    "age_hours": _Reader._age,
    "completeness": _Reader._completeness,
    "schema_drift": _Reader._drift,
}


def drift_of(table: Table, seen: SeenTable, broken: Mapping[str, str]) -> Drift:
    """Compare the declared columns with those of the data.

    Args:
        table: What is declared.
        seen: What is there.
        broken: Folded names of columns whose values are not of their type: of a text format, nothing else tells.
    """
    declared = list(measured_columns(table))
    added = [c.name for c in seen.columns if table.column(c.name) is None] if declared else []
    removed, retyped = [], []
    for column in declared:
        there = seen.column(column.name)
        if there is None or there.lacking_files:
            removed.append(column.called)
        elif seen.is_text:
            if fold(column.name) in broken:
                retyped.append(Retyped(column=column.called, declared=column.type, seen="text that does not parse"))
        elif column.type:
            types = (there.type, *there.other_types)
            wrong = [t for t in types if type_mismatch(parse_type(column.type), t)]
            retyped += [Retyped(column=column.called, declared=column.type, seen=wrong[0])] if wrong else []
    return Drift(added=tuple(added), removed=tuple(removed), retyped=tuple(retyped))


def _share(bad: int, total: int) -> Fraction:
    """Return a share; 0 of 0 is 0, as in docs/semantics.md."""
    return Fraction(bad, total) if total else Fraction(0)


def _distribution(numbers: Mapping[str, Any], quarters: _Found, listed: Sequence[str]) -> Distribution:
    filled = int(numbers["filled"])
    counts = [(text, int(numbers[f"v{i}"])) for i, text in enumerate(listed) if f"v{i}" in numbers]
    others = filled - sum(count for _, count in counts) if counts else None
    if "yes" in numbers:
        yes = int(numbers["yes"])
        counts = [("true", yes), ("false", filled - yes)]
    not_finite = numbers.get("not_finite")
    return Distribution(
        filled=filled,
        not_finite=None if not_finite is None else int(not_finite),
        least=_plain(numbers.get("least")),
        most=_plain(numbers.get("most")),
        mean=_number(numbers.get("mean")),
        deviation=_number(numbers.get("deviation")),
        quartiles=_quartiles(quarters.numbers),
        counts=tuple(counts),
        others=others,
        note=f"no quartiles: {quarters.why}" if "deviation" in numbers and quarters.why else "",
    )


def _quartiles(numbers: Mapping[str, Any]) -> tuple[Number, Number, Number] | None:
    found = numbers.get("quarters") or [numbers.get(role) for role in ("q1", "q2", "q3")]
    first, middle, last = (_number(value) for value in found)
    return None if first is None or middle is None or last is None else (first, middle, last)


def _plain(value: Any) -> Number | str | None:
    return value.isoformat() if isinstance(value, (date, time)) else value if isinstance(value, str) else _number(value)


def _number(value: Any) -> Number | None:
    if isinstance(value, float) and value - value != 0:
        return None
    return Decimal(value) if isinstance(value, int) else value
