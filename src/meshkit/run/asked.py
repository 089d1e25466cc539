"""Which metrics a run collects of a product, and what its tables are asked for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from meshkit.errors import MeshkitError, Place
from meshkit.model.catalog import Catalog
from meshkit.model.check import Check, Kind
from meshkit.model.contract import KNOWN_METRICS, Contract, Metric
from meshkit.model.metric import Collect, metric_id
from meshkit.model.names import fold
from meshkit.model.table import Column, Table
from meshkit.model.threshold import Threshold
from meshkit.model.variables import has_variables
from meshkit.run.work import Target, Work
from meshkit.sql.alert_values import metrics_of
from meshkit.sql.guard import parse_scalar
from meshkit.sql.metrics import DISTINCT, MOST_LISTED, NULLS, QUARTILES, SPREAD
from meshkit.sql.trees import column_names

AGE, ROWS = "age", "rows"
_ALL = (
    "row_count", "null_rate", "distinct_count", "value_distribution", "schema_drift", "completeness",
    "quality_check_failed",
)  # fmt: skip
_OF_NULLS = frozenset({"null_rate", "null_percentage_by_column", "completeness"})
_NONE = Threshold(unit="number")


class Asked(NamedTuple):
    """The metrics of a product.

    Attributes:
        names: In the order in which they are reported.
        custom: Name -> the metric that has an expression.
        tables: Name -> the table over which its expression is evaluated.
    """

    names: tuple[str, ...] = ()
    custom: Mapping[str, Metric] = {}
    tables: Mapping[str, str] = {}


def asked_of(contract: Contract, collect: Collect) -> Asked:
    """Return the metrics that a contract declares, those that its alerts are about among them; or all that there are."""
    if collect is Collect.NONE:
        return Asked()
    names = [m.name for m in contract.metrics]
    for alert in contract.alerts:
        try:
            names += metrics_of(alert.condition)
        except MeshkitError:
            continue  # the alert itself says so
    if collect is Collect.ALL:
        has_age = contract.sla.freshness and (contract.sla.freshness.column or contract.sla.freshness.source == "file")
        names = [*_ALL, *(["age_hours"] if has_age else []), *names]
    custom = {m.name: m for m in contract.metrics if m.expression}
    tables = {name: _table_of(m, contract.tables) for name, m in custom.items()}
    known = {*KNOWN_METRICS, *(m.name for m in contract.metrics)}
    return Asked(tuple(n for n in dict.fromkeys(names) if n in known), custom, tables)


def _table_of(metric: Metric, tables: Sequence[Table]) -> str:
    """Return the first table that declares every column of an expression; else the first one."""
    try:
        names = column_names(parse_scalar(metric.expression))
    except MeshkitError:
        names = frozenset()
    fitting = (t for t in tables if all(t.column(name) for name in names))
    return next(fitting, tables[0]).name if tables else ""


def with_metrics(work: Work, catalog: Catalog, collect: Collect) -> Work:
    """Return a product's work with what its metrics ask of each table."""
    asked = asked_of(work.target.contract, collect)
    if not asked.names:
        return work
    key = catalog.key(work.target.contract)
    jobs = [
        job._replace(metrics=tuple(_Maker(work.target, key, job.table, asked).checks(is_first=i == 0)))
        for i, job in enumerate(work.jobs)
    ]
    return work._replace(jobs=jobs)


def measured_columns(table: Table) -> Iterator[Column]:
    """Yield the columns of which metrics are collected: those that the contract declares and the data holds."""
    return (c for c in table.columns if not c.is_measure)


def complete_columns(contract: Contract, table: Table) -> list[str]:
    """Return the folded names of the columns that count for completeness, as its check has them."""
    promised = contract.sla.completeness.columns if contract.sla.completeness else ()
    return [fold(name) for name in promised or [c.name for c in measured_columns(table)]]


def listed_values(column: Column) -> tuple[str, ...]:
    """Return the values that a contract lists for a column, if they are few enough to be counted one by one."""
    found = next((c.values for c in column.constraints if c.kind == "in" and not c.refusal), ())
    return found if len(found) <= MOST_LISTED and not any(has_variables(v) for v in found) else ()


class _Maker:
    """Makes what the metrics of one table ask."""

    def __init__(self, target: Target, key: str, table: Table, asked: Asked) -> None:
        self.target = target
        self.key = key
        self.table = table
        self.asked = asked

    def checks(self, *, is_first: bool) -> Iterator[Check]:
        """Yield them; the cheap ones first, so that estimates come last into a scan."""
        built_in = {name for name in self.asked.names if name not in self.asked.custom}
        if built_in & {"row_count", "row_count_change"}:
            yield self._check(ROWS)
        freshness = self.target.contract.sla.freshness
        if is_first and "age_hours" in built_in and freshness and freshness.column:
            yield self._check(AGE, freshness.column)
        columns = list(measured_columns(self.table))
        if built_in & _OF_NULLS:
            only = None if built_in & (_OF_NULLS - {"completeness"}) else set(self._complete())
            yield from (self._check(NULLS, c.name) for c in columns if only is None or fold(c.name) in only)
        if "distinct_count" in built_in:
            yield from (self._check(DISTINCT, c.name) for c in columns)
        if "value_distribution" in built_in:
            for column in columns:
                if column.name.casefold() not in self.target.masked:
                    yield self._check(SPREAD, column.name, listed_values(column))
                    yield self._check(QUARTILES, column.name)
        for name, metric in self.asked.custom.items():
            if name in self.asked.names and self.asked.tables[name] == self.table.name:
                yield self._custom(metric)

    def _complete(self) -> list[str]:
        return complete_columns(self.target.contract, self.table)

    def _check(self, what: str, column: str | None = None, listed: tuple[str, ...] = ()) -> Check:
        return Check(
            id=metric_id(self.key, self.table.name, what, column or ""),
            kind=Kind.METRIC,
            product=self.key,
            table=self.table.name,
            column=column,
            values=(what, *listed),
            threshold=_NONE,
            place=Place(self.target.file, 1, 1),
            is_metric=True,
        )

    def _custom(self, metric: Metric) -> Check:
        alias = '"' + self.table.name.replace('"', '""') + '"'
        refusal = ""
        try:
            parse_scalar(metric.expression)  # alone, so that nothing of it can reach beyond its place in the query
        except MeshkitError as error:
            refusal = f"{error.code} {error.what}"
        return Check(
            id=metric_id(self.key, self.table.name, metric.name),
            kind=Kind.SQL,
            product=self.key,
            table=self.table.name,
            query=f"SELECT {metric.expression}\nFROM {alias}",
            threshold=_NONE,
            pointer=metric.pointer,
            place=Place(self.target.file, 1, 1),
            refusal=refusal,
            is_metric=True,
        )
