"""A contract: what a product promises. Every format is translated into this by `load/`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from meshkit.model.base import Document
from meshkit.model.types import LogicalType, parse_type

Pointer = tuple[str | int, ...]
"""The way from a document's root to a node: keys and list positions."""


KNOWN_METRICS = (
    "row_count", "row_count_change", "age_hours", "null_rate", "null_percentage_by_column", "distinct_count",
    "value_distribution", "schema_drift", "quality_check_failed", "completeness",
)  # fmt: skip
"""Metrics that meshkit knows how to collect, and the names an alert's condition may use besides the contract's own."""


class Severity(StrEnum):
    """How much a missed check matters. `info` and `warning` warn; `error` and `critical` fail."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position from 0 (info) to 3 (critical)."""
        return list(Severity).index(self)


class Status(StrEnum):
    """Where a version stands in its life."""

    DRAFT = "draft"
    BETA = "beta"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Constraint(Document):
    """One assertion on a column, with its arguments as the text that was written.

    Attributes:
        kind: `not_null`, `unique`, `min`, `max`, `in`, `pattern`, `min_length`, `max_length` or `references`.
        values: Literals (`in` has many); for `references` a table's or product's name and the column there.
        threshold: An integer of rows or a percentage, as text; empty = 0 rows.
        where: A boolean SQL expression that limits the rows looked at; empty = all rows.
        refusal: What is wrong with this one assertion; it then ends as errored.
    """

    kind: str
    values: tuple[str, ...] = ()
    threshold: str = ""
    severity: Severity = Severity.ERROR
    where: str = ""
    description: str = ""
    dimension: str = ""
    pointer: Pointer = ()
    refusal: str = ""


class Column(Document):
    """A column of a table. `type` is the declared text; empty when none is declared."""

    name: str
    type: str = ""
    description: str = ""
    constraints: tuple[Constraint, ...] = ()
    is_primary_key: bool = False
    is_pii: bool = False
    pii_category: str = ""
    mask: str = ""
    encrypted: bool = False
    unit: str = ""
    default: str | None = None
    renamed_from: str = ""
    open_enum: bool = False
    pointer: Pointer = ()

    @property
    def logical(self) -> LogicalType | None:
        """The declared type, parsed; None when none is declared."""
        return parse_type(self.type) if self.type else None


class RowCount(Document):
    """How many rows a table must have, as the text of a range."""

    range: str = ">= 1"
    severity: Severity = Severity.WARNING
    description: str = ""
    pointer: Pointer = ()


class Table(Document):
    """A table that a product serves.

    Attributes:
        name: Its name in check ids: the alias, else the product's name.
        names: All names by which SQL of this product may call it.
        location: A path or URL (relative to the contract's file), or empty.
        format: `parquet`, `csv`, `json`, `table`, ... as declared, or empty.
    """

    name: str
    names: tuple[str, ...]
    location: str = ""
    format: str = ""
    partitioned_by: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    row_count: RowCount = RowCount()
    pointer: Pointer = ()

    def column(self, name: str) -> Column | None:
        """Return the column of that name, upper and lower case being the same, or None."""
        folded = name.casefold()
        return next((c for c in self.columns if c.name.casefold() == folded), None)


class QualityCheck(Document):
    """A check that its author wrote in SQL: one SELECT that returns one number."""

    name: str
    query: str
    threshold: str = "<= 0"
    severity: Severity = Severity.ERROR
    description: str = ""
    dimension: str = ""
    pointer: Pointer = ()
    refusal: str = ""


class Owner(Document):
    """Who answers for a product."""

    team: str = ""
    contact: str = ""
    slack: str = ""


class Rule(Document):
    """Whom an access rule names: a role, a domain, or both."""

    role: str = ""
    domain: str = ""


class Access(Document):
    """Who may know of, read, write and see unmasked."""

    discovery: str = ""
    read: tuple[Rule, ...] = ()
    write: tuple[Rule, ...] = ()
    purposes: tuple[str, ...] = ()
    unmask: tuple[Rule, ...] = ()


class Freshness(Document):
    """How old the data may be. `column` holds its time; `source: file` uses the newest file's time instead."""

    max_age_hours: float | None = None
    update_schedule: str = ""
    column: str = ""
    source: str = ""
    severity: Severity = Severity.ERROR
    pointer: Pointer = ()


class Completeness(Document):
    """Which share of cells must hold a value, as a ratio in text, over `columns` (empty = all)."""

    min_ratio: str = ""
    columns: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    pointer: Pointer = ()


class Sla(Document):
    """What is promised of the whole product. `availability` is a ratio in text."""

    availability: str = ""
    freshness: Freshness | None = None
    completeness: Completeness | None = None


class Metric(Document):
    """A number collected at each run: a known name, or a name with a scalar SQL expression."""

    name: str
    expression: str = ""
    pointer: Pointer = ()


class Alert(Document):
    """When whom to wake: a boolean SQL expression over metric names."""

    type: str
    condition: str
    severity: Severity = Severity.ERROR
    pointer: Pointer = ()


class ChangelogEntry(Document):
    """What a version changed. `date` is ISO 8601."""

    version: str
    date: str = ""
    changes: tuple[str, ...] = ()
    breaking: bool | None = None
    pointer: Pointer = ()


class Deprecation(Document):
    """The announced end of a version. Dates are ISO 8601."""

    announced: str = ""
    until: str = ""
    migration_guide: str = ""
    notified: tuple[str, ...] = ()


class Privacy(Document):
    """Why personal data may be held, and by which column a person is erased."""

    lawful_basis: str = ""
    purpose: str = ""
    erasure_key: str = ""


class Decision(Document):
    """A recorded decision on a change that no rule can judge."""

    change: str
    path: str = ""
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    date: str = ""


class Port(Document):
    """Where else a product is read: an API, a topic, files."""

    name: str
    type: str = ""
    location: str = ""
    description: str = ""


class Contract(Document):
    """What a product promises, in one version. Texts are empty where the contract says nothing."""

    name: str
    version: str
    domain: str
    status: Status = Status.ACTIVE
    data_kind: Literal["operational", "analytical", "logs"] = "analytical"
    cadence: str = ""
    classification: str = ""
    description: str = ""
    owner: Owner = Owner()
    tags: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    inputs: Mapping[str, str] = {}
    access: Access = Access()
    row_filter: str = ""
    sla: Sla = Sla()
    quality_checks: tuple[QualityCheck, ...] = ()
    metrics: tuple[Metric, ...] = ()
    alerts: tuple[Alert, ...] = ()
    changelog: tuple[ChangelogEntry, ...] = ()
    retention_days: int | None = None
    trash_days: int | None = None
    encryption_enabled: bool | None = None
    audit_logging_enabled: bool | None = None
    privacy: Privacy | None = None
    policies: tuple[str, ...] = ()
    deprecation: Deprecation | None = None
    decisions: tuple[Decision, ...] = ()
    ports: tuple[Port, ...] = ()
    transformation_sql: str = ""

    @property
    def product_id(self) -> str:
        """The id of the product: `domain.name`."""
        return f"{self.domain}.{self.name}"

    @property
    def has_personal_data(self) -> bool:
        """Whether any column is marked as personal data."""
        return any(c.is_pii for t in self.tables for c in t.columns)
