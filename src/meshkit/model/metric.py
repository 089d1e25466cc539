"""Metrics of a run, what was measured of each product, and the state of the alerts over them."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.table import Severity

MetricUnit = Literal["rows", "ratio", "percent", "values", "hours", "columns", "boolean", "number", "distribution"]
Number = Decimal | float
_MARK = "metric:"


def metric_id(product: str, table: str, what: str, column: str = "") -> str:
    """Return the id of what a metric asks of a table; no check has one like it."""
    return ".".join(part for part in (product, table, column, f"{_MARK}{what}") if part)


def is_metric(check_id: str) -> bool:
    """Tell whether an id is that of what a metric asks."""
    return f".{_MARK}" in check_id


class Collect(StrEnum):
    """Which metrics a run collects: those that contracts declare, every one that meshkit knows, or none."""

    DECLARED = "declared"
    ALL = "all"
    NONE = "none"


class Distribution(Document):
    """How the values of one column lie. What its type has not is None, or empty.

    Attributes:
        filled: Rows that are not NULL.
        not_finite: Rows that are NaN or infinite; all other numbers here leave them out.
        least: The least value; of a text, the length of the shortest; of a time, ISO 8601.
        most: The greatest value, or the length of the longest text.
        mean: The mean of the values, or of the lengths of texts.
        deviation: The standard deviation of the sample.
        quartiles: A quarter, a half and three quarters of the values are at most these.
        counts: Rows of each value that the contract lists; of a boolean, of `true` and `false`.
        others: Rows whose value the contract does not list.
        note: Why a part is not there.
    """

    filled: int
    not_finite: int | None = None
    least: Number | str | None = None
    most: Number | str | None = None
    mean: Number | None = None
    deviation: Number | None = None
    quartiles: tuple[Number, Number, Number] | None = None
    counts: tuple[tuple[str, int], ...] = ()
    others: int | None = None
    note: str = ""


class Retyped(Document):
    """A column whose type is not the declared one: what was declared, and what was seen."""

    column: str
    declared: str
    seen: str


class Drift(Document):
    """How the observed schema differs from the contract's: columns added, removed and retyped."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()


class Observed(Document):
    """One metric as it was measured.

    Attributes:
        name: The metric.
        product: The id of the product.
        table: The table; empty where it is about the whole product.
        column: The column, as the contract calls it; empty where it is about the whole table.
        value: The number, or whether it holds; None where there is none.
        unit: What the value is counted in: a ratio goes from 0 to 1, a percentage from 0 to 100.
        distribution: For `value_distribution`.
        drift: For `schema_drift`.
        unavailable: Why it could not be measured; empty = it was.
        is_approximate: Whether it, or a part of its distribution, is an estimate.
        slice: The slice that it was measured over, in words; empty = the whole table.
    """

    name: str
    product: str
    table: str = ""
    column: str = ""
    value: bool | Decimal | float | None = None
    unit: MetricUnit = "number"
    distribution: Distribution | None = None
    drift: Drift | None = None
    unavailable: str = ""
    is_approximate: bool = False
    slice: str = ""

    @property
    def id(self) -> str:
        """`domain.product[.table[.column]].name`, stable."""
        return ".".join(part for part in (self.product, self.table, self.column, self.name) if part)


class AlertState(StrEnum):
    """Whether an alert's condition holds over the metrics of a run."""

    FIRED = "fired"
    QUIET = "quiet"
    UNKNOWN = "unknown"


class AlertResult(Document):
    """An alert and its state. It never changes an outcome or an exit code; `reason` says why it is unknown."""

    type: str
    condition: str
    severity: Severity
    state: AlertState
    reason: str = ""
    place: Place
