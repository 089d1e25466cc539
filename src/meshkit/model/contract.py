"""A contract: what a product promises. Every format is translated into this by `load/`."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from meshkit.model.base import Document
from meshkit.model.server import Server
from meshkit.model.table import Pointer, Severity, Table

KNOWN_METRICS = (
    "row_count", "row_count_change", "age_hours", "null_rate", "null_percentage_by_column", "distinct_count",
    "value_distribution", "schema_drift", "quality_check_failed", "completeness",
)  # fmt: skip
"""Metrics that meshkit knows how to collect, and the names an alert's condition may use besides the contract's own."""


class Status(StrEnum):
    """Where a version stands in its life."""

    DRAFT = "draft"
    BETA = "beta"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class QualityCheck(Document):
    """A check that its author wrote in SQL: one SELECT that returns one value.

    Attributes:
        kind: `sql`; or `text` for a rule in prose, `custom` for one of another engine, which are told and not run.
        table: The table it is about; empty = the first.
        column: The column it is about, or empty.
        query: The SELECT, its placeholders replaced.
        dialect: The dialect it is written in.
        overrides: (dialect, query) for engines that are asked in their own words.
        threshold: The range of a number.
        answer: The text, or `true` or `false`, that it must return instead of a number.
        is_denied: Whether it must not return `answer`.
        skip: Why it is not for a machine; it then ends as skipped.
    """

    kind: Literal["sql", "text", "custom"] = "sql"
    name: str = ""
    query: str = ""
    table: str = ""
    column: str = ""
    dialect: str = "duckdb"
    overrides: tuple[tuple[str, str], ...] = ()
    answer: str | bool | None = None
    is_denied: bool = False
    skip: str = ""
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


class Promise(Document):
    """A property of the service that data or the clock can answer.

    Attributes:
        kind: `freshness`, `retention`, `frequency`, `time_of_availability`, `general_availability`, `end_of_support` or
            `end_of_life`.
        table: The table whose data answers; empty = the first.
        column: The column that holds each row's time, or empty.
        limit: Hours, a time of day with its offset, or a moment in ISO 8601.
        refusal: What is wrong with it; it then ends as errored.
        skip: Why it cannot be looked at; it then ends as skipped.
    """

    kind: str
    table: str = ""
    column: str = ""
    limit: str = ""
    severity: Severity = Severity.ERROR
    description: str = ""
    pointer: Pointer = ()
    refusal: str = ""
    skip: str = ""


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


class Upstream(Document):
    """A contract, in one version, that an output port is made from."""

    id: str
    version: str = ""
    pointer: Pointer = ()


class InputPort(Document):
    """A contract that a product reads, by its id."""

    name: str
    version: str = ""
    contract_id: str = ""
    pointer: Pointer = ()


class OutputPort(Document):
    """What a product serves under a contract, which is then the product's own."""

    name: str
    version: str = ""
    type: str = ""
    contract_id: str = ""
    description: str = ""
    inputs: tuple[Upstream, ...] = ()
    pointer: Pointer = ()


class Contract(Document):
    """What a product promises, in one version. Texts are empty where the contract says nothing.

    Attributes:
        form: The standard that its file is written in.
        id: The id that the file itself states, by which other files name it; empty in the native form.
        server: The engine that holds its tables, where they are in no files.
    """

    form: Literal["native", "odcs", "dcs", "odps"] = "native"
    id: str = ""
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
    server: Server | None = None
    inputs: Mapping[str, str] = {}
    access: Access = Access()
    row_filter: str = ""
    sla: Sla = Sla()
    promises: tuple[Promise, ...] = ()
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
    input_ports: tuple[InputPort, ...] = ()
    output_ports: tuple[OutputPort, ...] = ()
    transformation_sql: str = ""

    @property
    def product_id(self) -> str:
        """The id of the product: `domain.name`."""
        return f"{self.domain}.{self.name}"

    @property
    def has_personal_data(self) -> bool:
        """Whether any column is marked as personal data."""
        return any(c.is_pii for t in self.tables for c in t.columns)
