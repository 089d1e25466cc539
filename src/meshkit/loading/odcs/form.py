"""The keys of the Open Data Contract Standard (v3.0 to v3.2), as its text names them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from meshkit.model.base import Form

Number = int | Decimal
Flag = bool
Nullable = Annotated[Any, Field(json_schema_extra={"nullable": True})]
Texts = list[str]


def _text(value: Any) -> Any:
    """Take a number where a text is wanted: `version: 1.0` and `port: "5432"` are both seen in practice."""
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


Lenient = Annotated[str, BeforeValidator(_text)]


class OdcsForm(Form):
    """A mapping of the standard; `needed` lists the keys that it must have."""

    needed: ClassVar[tuple[str, ...]] = ()


class CustomPropertyForm(OdcsForm):
    """A property that the standard does not name."""

    needed = ("property",)
    id: str | None = None
    property: str | None = None
    value: Nullable = None
    description: str | None = None
    vendor: str | None = None


class DefinitionForm(OdcsForm):
    """A link to where something is defined."""

    needed = ("url", "type")
    id: str | None = None
    url: str | None = None
    type: str | None = None
    description: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class Described(OdcsForm):
    """What most mappings of the standard may carry besides."""

    id: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)
    authoritativeDefinitions: list[DefinitionForm] = Field(default_factory=list)
    tags: Texts = Field(default_factory=list)


class SynonymForm(OdcsForm):
    """Another word for an element."""

    needed = ("synonym",)
    id: str | None = None
    synonym: str | None = None
    description: str | None = None
    locale: str | None = None
    source: str | None = None
    status: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class EnumValueForm(Described):
    """A value that a property may have."""

    needed = ("value",)
    value: Nullable = None
    label: str | None = None
    description: str | None = None


class RelationshipForm(OdcsForm):
    """A foreign key."""

    id: str | None = None
    type: Literal["foreignKey"] | None = None
    from_: str | Texts | None = Field(None, alias="from")
    to: str | Texts | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class QualityForm(Described):
    """A rule of data quality."""

    name: str | None = None
    description: str | None = None
    type: Literal["library", "text", "sql", "custom"] | None = None
    metric: Literal["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"] | None = None
    rule: str | None = None
    arguments: dict[str, Any] | None = Field(None, json_schema_extra={"open": True})
    query: str | None = None
    engine: str | None = None
    implementation: str | dict[str, Any] | None = Field(None, json_schema_extra={"open": True})
    dimension: str | None = None
    severity: str | None = None
    unit: str | None = None
    method: str | None = None
    businessImpact: str | None = None
    schedule: str | None = None
    scheduler: str | None = None
    mustBe: Nullable = None
    mustNotBe: Nullable = None
    mustBeGreaterThan: Number | None = None
    mustBeGreaterOrEqualTo: Number | None = None
    mustBeLessThan: Number | None = None
    mustBeLessOrEqualTo: Number | None = None
    mustBeBetween: list[Number] | None = None
    mustNotBeBetween: list[Number] | None = None


class _Element(Described):
    name: str | None = None
    physicalName: str | None = None
    physicalType: str | None = None
    businessName: str | None = None
    description: str | None = None
    deprecated: Flag | None = None
    synonyms: list[SynonymForm] = Field(default_factory=list)
    quality: list[QualityForm] = Field(default_factory=list)
    relationships: list[RelationshipForm] = Field(default_factory=list)


class MapForm(OdcsForm):
    """What a map is keyed by and what it holds."""

    needed = ("key", "value")
    key: PropertyForm | None = None
    value: PropertyForm | None = None


LOGICAL_TYPES = (
    "string",
    "date",
    "timestamp",
    "time",
    "number",
    "integer",
    "object",
    "array",
    "boolean",
    "map",
    "vector",
)


class PropertyForm(_Element):
    """A column, or a part of one."""

    logicalType: str | None = None
    logicalTypeOptions: dict[str, Any] | None = Field(None, json_schema_extra={"open": True})
    required: Flag | None = None
    unique: Flag | None = None
    primaryKey: Flag | None = None
    primaryKeyPosition: int | None = None
    partitioned: Flag | None = None
    partitionKeyPosition: int | None = None
    semanticType: Literal["column", "measure", "dimension"] | None = None
    classification: str | None = None
    criticalDataElement: Flag | None = None
    encryptedName: str | None = None
    transformSourceObjects: Texts = Field(default_factory=list)
    transformLogic: str | None = None
    transformDescription: str | None = None
    examples: list[Any] | None = Field(None, json_schema_extra={"open": True})
    enum: list[EnumValueForm] | None = None
    properties: list[PropertyForm] = Field(default_factory=list)
    items: PropertyForm | None = None
    map: MapForm | None = None


class StatementForm(Described):
    """A verified question, with its answer."""

    needed = ("question",)
    question: str | None = None
    answer: str | None = None


class ProhibitionForm(Described):
    """What an assistant must not do."""

    needed = ("constraint",)
    constraint: str | None = None


class ContextForm(OdcsForm):
    """What assistants should know."""

    instructions: str | None = None
    verifiedStatements: list[StatementForm] = Field(default_factory=list)
    constraints: list[ProhibitionForm] = Field(default_factory=list)


class ObjectForm(_Element):
    """A table, view, topic or file."""

    needed = ("name",)
    logicalType: str | None = None
    dataGranularityDescription: str | None = None
    properties: list[PropertyForm] = Field(default_factory=list)
    context: str | ContextForm | None = None


class RoleForm(OdcsForm):
    """A role that gives access."""

    needed = ("role",)
    id: str | None = None
    role: str | None = None
    description: str | None = None
    access: str | None = None
    firstLevelApprovers: str | None = None
    secondLevelApprovers: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class ServerForm(OdcsForm):
    """Where the data lives."""

    needed = ("server", "type")
    id: str | None = None
    server: str | None = None
    type: str | None = None
    description: str | None = None
    environment: str | None = None
    roles: list[RoleForm] = Field(default_factory=list)
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)
    account: str | None = None
    catalog: str | None = None
    catalogUrl: str | None = None
    database: str | None = None
    dataset: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    endpointUrl: str | None = None
    format: str | None = None
    host: str | None = None
    location: str | None = None
    namespace: str | None = None
    path: str | None = None
    port: Lenient | None = None
    project: str | None = None
    region: str | None = None
    regionName: str | None = None
    schema_: str | None = Field(None, alias="schema")
    serviceName: str | None = None
    stagingDir: str | None = None
    stream: str | None = None
    warehouse: str | None = None
    workgroup: str | None = None


class MemberForm(Described):
    """A member of a team."""

    needed = ("username",)
    username: str | None = None
    name: str | None = None
    description: str | None = None
    role: str | None = None
    dateIn: str | None = None
    dateOut: str | None = None
    replacedByUsername: str | None = None
    comment: str | None = None


class TeamForm(Described):
    """Who answers for the contract."""

    name: str | None = None
    description: str | None = None
    members: list[MemberForm] = Field(default_factory=list)


class SupportForm(OdcsForm):
    """Where help is found."""

    needed = ("channel",)
    id: str | None = None
    channel: str | None = None
    url: str | None = None
    description: str | None = None
    tool: str | None = None
    scope: str | None = None
    invitationUrl: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class PriceForm(OdcsForm):
    """What it costs."""

    id: str | None = None
    priceAmount: Number | None = None
    priceCurrency: str | None = None
    priceUnit: str | None = None


class SlaForm(OdcsForm):
    """A property of the service."""

    needed = ("property", "value")
    id: str | None = None
    property: str | None = None
    value: Nullable = None
    valueExt: Nullable = None
    unit: str | None = None
    element: str | None = None
    driver: str | None = None
    description: str | None = None
    scheduler: str | None = None
    schedule: str | None = None
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)
    authoritativeDefinitions: list[DefinitionForm] = Field(default_factory=list)


class DescriptionForm(OdcsForm):
    """What the data is for."""

    purpose: str | None = None
    usage: str | None = None
    limitations: str | None = None
    authoritativeDefinitions: list[DefinitionForm] = Field(default_factory=list)
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)


class OdcsContractForm(OdcsForm):
    """A data contract."""

    needed = ("apiVersion", "kind", "id", "version")
    apiVersion: str | None = None
    kind: str | None = None
    id: Lenient | None = None
    version: Lenient | None = None
    name: str | None = None
    status: str | None = None
    tenant: str | None = None
    domain: str | None = None
    dataProduct: str | None = None
    tags: Texts = Field(default_factory=list)
    description: DescriptionForm | None = None
    context: str | ContextForm | None = None
    servers: list[ServerForm] = Field(default_factory=list)
    schema_: list[ObjectForm] = Field(default_factory=list, alias="schema")
    support: list[SupportForm] = Field(default_factory=list)
    price: PriceForm | None = None
    team: TeamForm | list[MemberForm] | None = None
    roles: list[RoleForm] = Field(default_factory=list)
    slaProperties: list[SlaForm] = Field(default_factory=list)
    slaDefaultElement: str | None = None
    authoritativeDefinitions: list[DefinitionForm] = Field(default_factory=list)
    customProperties: list[CustomPropertyForm] = Field(default_factory=list)
    contractCreatedTs: str | None = None


MapForm.model_rebuild()
