"""The native product form: the keys that users write. Its docstrings and descriptions make the reference page."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from meshkit.loading.constraints import CONSTRAINT_SCHEMA
from meshkit.model.base import Form
from meshkit.model.values import (
    Date,
    Dimension,
    Email,
    Filled,
    Hours,
    Identifier,
    Lowered,
    Names,
    Ratio,
    Scalar,
    SeverityName,
    StatusName,
    TypeName,
    Version,
    Whole,
)


class OwnerForm(Form):
    """Who answers for the product."""

    team: str | None = Field(None, description="The owning team; known to the organisation where that names teams.")
    contact: Email | None = Field(None, description="An e-mail address.")
    slack: str | None = Field(None, description='A channel, in quotes: "#sales-data".')


class FieldForm(Form):
    """A column."""

    name: Filled | None = Field(None, description="The column's name; upper and lower case are the same.")
    type: TypeName | None = Field(
        None,
        description="string, integer, decimal(p,s), float, boolean, date, timestamp, time, binary, object, array, map.",
    )
    description: str | None = Field(None, description="What the column means.")
    constraints: Annotated[list[Any], WithJsonSchema(CONSTRAINT_SCHEMA)] = Field(
        default=[], description="Assertions on the column; each becomes a check."
    )
    is_primary_key: bool = Field(
        False, description="A member of the primary key: implies not_null, and unique together."
    )
    is_pii: bool = Field(False, description="Personal data: its values never appear in reports.")
    pii_category: str | None = Field(None, description="email, phone, name, ...; implies is_pii.")
    mask: Literal["hash", "partial", "null"] | None = Field(
        None, description="How readers see it who may not see it clear."
    )
    classification: Lowered | None = Field(
        None, description="restricted withholds the column from every reader without a grant of it."
    )
    encrypted: bool = Field(False, description="Encrypted as a column.")
    unit: str | None = Field(None, description="USD, minutes, ...")
    default: Scalar | None = Field(None, description="The value where none is given.")
    renamed_from: str | None = Field(None, description="The name it had before.")
    open_enum: bool = Field(False, description="Readers must expect values that `in` does not list yet.")
    tags: list[str] = Field(default=[], description="Free words.")


class RowCountForm(Form):
    """How many rows the table must have."""

    min: Whole | None = Field(None, description="At least so many rows.")
    max: Whole | None = Field(None, description="At most so many rows.")
    severity: SeverityName = Field("warning", description="info, warning, error or critical.")
    description: str | None = Field(None, description="Why.")


def _least_rows(value: Any) -> Any:
    return {"min": value} if isinstance(value, int) and not isinstance(value, bool) else value


class LeastRows:
    """Tells the JSON Schema that a number alone is the least number of rows."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept the mapping, or a whole number."""
        return {"anyOf": [handler(core), {"type": "integer", "minimum": 0}]}


class SchemaForm(Form):
    """Where the data is, and its columns."""

    type: Literal["parquet", "csv", "json", "delta", "iceberg", "table", "kafka"] | None = Field(
        None, description="The physical format; else the location's ending tells."
    )
    location: Filled | None = Field(
        None,
        description="A file, glob or folder, relative to this file; s3://, gs://, az://; or file.duckdb#schema.table.",
    )
    alias: Identifier | None = Field(
        None, description="The table's name in SQL and in check ids; else the product's name."
    )
    partitioned_by: Names = Field(default=[], description="Columns that the folders are partitioned by.")
    primary_key: Names = Field(default=[], description="The columns that tell rows apart.")
    row_count: Annotated[RowCountForm, BeforeValidator(_least_rows), LeastRows] | None = Field(
        None, description="The least number of rows (default 1, a warning)."
    )
    fields: list[FieldForm] = Field(default=[], description="The columns.")


class RuleForm(Form):
    """Whom a rule names."""

    role: str | None = Field(None, description="A role.")
    domain: str | None = Field(None, description="A domain of the organisation.")


class AccessForm(Form):
    """Who may know of, read and write the product."""

    discovery: str | None = Field(None, description="Who may know that it exists: public, domain, private.")
    read: list[RuleForm] = Field(default=[], description="Who may read.")
    write: list[RuleForm] = Field(default=[], description="Who may publish.")
    purposes: list[str] = Field(default=[], description="For which purposes access may be asked.")
    unmask: list[RuleForm] = Field(default=[], description="Who sees personal data clear.")


class FreshnessForm(Form):
    """How old the data may be."""

    max_age_hours: Hours | None = Field(None, description="The oldest that the newest row may be, in hours.")
    update_schedule: str | None = Field(None, description='A cron expression of five fields, in UTC: "0 2 * * *".')
    column: str | None = Field(None, description="The column that holds each row's time.")
    source: Literal["file"] | None = Field(None, description="file = the newest file's modification time.")
    severity: SeverityName = Field("error", description="info, warning, error or critical.")


class CompletenessForm(Form):
    """Which share of cells must hold a value."""

    min_threshold: Ratio | None = Field(None, description="99.5%, or 0.995.")
    columns: Names = Field(default=[], description="The columns that count; else all.")
    severity: SeverityName = Field("error", description="info, warning, error or critical.")


Comparand = Annotated[Any, WithJsonSchema({"type": ["number", "string"]})]
Pair = Annotated[Any, WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})]


class QualityCheckForm(Form):
    """A check in SQL: one SELECT that returns one number."""

    name: Identifier | None = Field(None, description="Its name, unique in the product.")
    query: Filled | None = Field(None, description="One read-only SELECT over this product's tables and inputs.")
    sql: dict[str, Filled] = Field(
        default={},
        description="The same in the words of engines, used there in place of `query`: {postgres: SELECT ...}.",
    )
    threshold: Comparand = Field(None, description="Met when the number is at most this integer (default 0).")
    must_be: Comparand = Field(None, description='A number, or a comparator such as ">= 5".')
    must_not_be: Comparand = Field(None, description="Any other number.")
    must_be_less_than: Comparand = Field(None, description="Below this number.")
    must_be_less_or_equal_to: Comparand = Field(None, description="At most this number.")
    must_be_greater_than: Comparand = Field(None, description="Above this number.")
    must_be_greater_or_equal_to: Comparand = Field(None, description="At least this number.")
    must_be_between: Pair = Field(None, description="Between these two numbers, both included.")
    must_not_be_between: Pair = Field(None, description="Outside these two numbers.")
    severity: SeverityName = Field("error", description="info, warning, error or critical.")
    description: str | None = Field(None, description="What it guards.")
    dimension: Dimension | None = Field(None, description="accuracy, completeness, consistency, ...")


class SlaForm(Form):
    """What is promised."""

    availability: Ratio | None = Field(None, description="99.9%: the share of runs that reach the data, over 30 days.")
    freshness: FreshnessForm | None = Field(None, description="How old the data may be.")
    completeness: CompletenessForm | None = Field(None, description="Which share of cells must hold a value.")
    quality_checks: list[QualityCheckForm] = Field(default=[], description="Checks in SQL.")


class AlertForm(Form):
    """When to wake somebody."""

    type: str | None = Field(None, description="freshness, volume, quality, schema, or a word of your own.")
    condition: Filled | None = Field(None, description='A condition over metric names: "age_hours > 26".')
    severity: SeverityName = Field("error", description="info, warning, error or critical.")


MetricItem = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1, "maxProperties": 1},
            ]
        }
    ),
]


class ObservabilityForm(Form):
    """What is measured at each run, and when to wake whom."""

    metrics: list[MetricItem] = Field(default=[], description="Names, or `name: scalar SQL expression`.")
    alerts: list[AlertForm] = Field(default=[], description="Conditions over metrics.")


class ChangelogForm(Form):
    """What a version changed."""

    version: Version | None = Field(None, description="The version, newest first.")
    date: Date | None = Field(None, description="2024-01-15")
    changes: list[str] = Field(default=[], description="One text per change.")
    breaking: bool | None = Field(None, description="Whether readers must change something.")


class PrivacyForm(Form):
    """Why personal data may be held."""

    lawful_basis: str | None = Field(None, description="consent, contract, legal obligation, ...")
    purpose: str | None = Field(None, description="What it is held for.")
    erasure_key: str | None = Field(None, description="The column by which a person is erased.")


class DeprecationForm(Form):
    """The announced end of this version."""

    announced: Date | None = Field(None, description="When it was announced.")
    until: Date | None = Field(None, description="The last day on which it is served.")
    migration_guide: str | None = Field(None, description="A file or URL that says how to move on.")
    notified: list[str] = Field(default=[], description="Products, domains or people who were told.")


class DecisionForm(Form):
    """A recorded decision on a change that no rule can judge."""

    change: str | None = Field(None, description="The id of the change, such as V03.")
    path: str | None = Field(None, description="Where: a column or check.")
    decision: Literal["compatible", "breaking"] | None = Field(None, description="compatible or breaking.")
    reason: str | None = Field(None, description="Why.")
    decided_by: str | None = Field(None, description="Who decided.")
    date: Date | None = Field(None, description="When.")


class PortForm(Form):
    """Where else the product is read."""

    name: Identifier | None = Field(None, description="The port's name.")
    type: Literal["table", "files", "rest", "graphql", "kafka"] | None = Field(None, description="What kind of port.")
    location: str | None = Field(None, description="A path or URL.")
    description: str | None = Field(None, description="What is read there.")


class TransformationForm(Form):
    """How the product is made."""

    sql: Filled | None = Field(None, description="One SELECT over the inputs.")


class ProductForm(Form):
    """A data product's contract."""

    name: Identifier | None = Field(None, description="The product's name. Required.")
    version: Version | None = Field(None, description="A semantic version such as 2.1.0. Required.")
    domain: Identifier | None = Field(None, description="The domain that owns it (default: default).")
    status: StatusName = Field("active", description="draft, beta, active (also: current), deprecated or retired.")
    data_kind: Literal["operational", "analytical", "logs"] = Field("analytical", description="What retention applies.")
    cadence: Literal["daily", "computed", "real_time"] | None = Field(None, description="How it comes about.")
    classification: Lowered | None = Field(None, description="public, internal, confidential or restricted.")
    owner: OwnerForm | None = Field(None, description="Who answers for it.")
    description: str | None = Field(None, description="What it is, for people. Required.")
    tags: list[str] = Field(default=[], description="Free words.")
    schema_: SchemaForm | None = Field(None, alias="schema", description="Where the data is, and its columns.")
    inputs: dict[str, str] = Field(default={}, description="A name used in SQL -> another product, or a location.")
    access: AccessForm | None = Field(None, description="Who may know of, read and write it.")
    row_filter: str | None = Field(None, description='Which rows a reader sees: "region = principal.region".')
    sla: SlaForm | None = Field(None, description="What is promised.")
    observability: ObservabilityForm | None = Field(None, description="Metrics and alerts.")
    retention_days: Whole | None = Field(None, description="How long rows are kept.")
    trash_days: Whole | None = Field(None, description="How long deleted rows can be brought back.")
    encryption_enabled: bool | None = Field(None, description="Declared: encrypted at rest.")
    audit_logging_enabled: bool | None = Field(None, description="Declared: reads are logged.")
    privacy: PrivacyForm | None = Field(None, description="Why personal data may be held.")
    policies: list[str] = Field(default=[], description="Further policies that the product takes on.")
    deprecation: DeprecationForm | None = Field(None, description="The announced end of this version.")
    decisions: list[DecisionForm] = Field(default=[], description="Recorded decisions on changes.")
    ports: list[PortForm] = Field(default=[], description="Where else it is read.")
    transformation: TransformationForm | None = Field(None, description="How it is made.")
    changelog: list[ChangelogForm] = Field(default=[], description="What each version changed, newest first.")
