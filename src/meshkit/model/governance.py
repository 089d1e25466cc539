"""The governance files: policies as governors write them, waivers, and principals."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from meshkit.model.base import Form
from meshkit.model.units import parse_comparator, parse_duration, parse_percentage
from meshkit.model.values import Date, Filled, Identifier, Names, Scalar, SeverityName, parsed
from meshkit.model.waiver import parse_cap


def _comparison(parse_operand: Any) -> Any:
    def check(text: str) -> None:
        parse_operand(parse_comparator(text).operand)

    return parsed(check)


Share = Annotated[str, _comparison(parse_percentage), WithJsonSchema({"type": "string", "examples": [">= 99%"]})]
Age = Annotated[str, _comparison(parse_duration), WithJsonSchema({"type": "string", "examples": ["<= 24 hours"]})]
Params = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]


Point = Literal["pr", "publish", "query", "schedule"]


class PolicyTestForm(Form):
    """A small product, and which of its policy's violations are expected."""

    name: str | None = Field(None, description="What it shows.")
    product: Params = Field(default={}, description="A product as in data_product.yaml; what is left out is filled in.")
    expect: list[str] = Field(
        default=[], description="The messages, or parts of them, in any order; none = it complies."
    )


class PolicyForm(Form):
    """A policy of your own: rows where `when` holds must fulfil `require`; unknown counts as a violation."""

    id: Identifier | None = Field(None, description="Unique. Required.")
    over: Literal["product", "column", "check", "dependency", "run", "grant"] = Field(
        "product", description="What it looks at, one row at a time."
    )
    when: Scalar | None = Field(None, description="A boolean SQL expression over the row; none = every row.")
    require: Scalar | None = Field(None, description="A boolean SQL expression that each such row must fulfil.")
    sql: Filled | None = Field(None, description="In place of both: a SELECT that returns product, column and message.")
    python: Filled | None = Field(
        None, description="In place of all three: an entry point of the group `meshkit.policies`."
    )
    severity: SeverityName = Field("error", description="info, warning, error or critical.")
    enforce: list[Point] = Field(
        default=["pr", "publish", "schedule"], description="Where it is evaluated: pr, publish, query, schedule."
    )
    domains: Names = Field(default=[], description="The domains that it binds; none = all.")
    mandatory: bool = Field(False, description="No domain may loosen it, and no team may waive it for itself.")
    opt_in: bool = Field(False, description="It binds only products that name it under `policies`.")
    grace_until: Date | None = Field(None, description="Until that day it only warns.")
    params: Params = Field(default={}, description="Numbers that the expressions name as params.NAME.")
    message: str | None = Field(None, description="What is wrong; {column} stands for a value of the row.")
    remedy: str | None = Field(None, description="What to do.")
    policy: str | None = Field(None, description="Its prose.")
    tests: list[PolicyTestForm] = Field(default=[], description="Run by `meshkit policy test`.")


class OverrideForm(Form):
    """How one domain tightens a policy."""

    id: Identifier | None = Field(None, description="The policy's id. Required.")
    params: Params = Field(default={}, description="Its numbers here.")
    severity: SeverityName | None = Field(None, description="Its severity here.")
    enforce: list[Point] | None = Field(None, description="Where it is evaluated here.")
    grace_until: Date | None = Field(None, description="Until that day it only warns here.")
    mandatory: bool | None = Field(None, description="Whether it may be loosened below.")


class GlobalPolicyForm(Form):
    """A policy that binds all domains."""

    name: Identifier | None = Field(None, description="Its id. Required.")
    mandatory: bool = Field(False, description="No domain may switch it off or loosen it.")
    policy: str | None = Field(
        None, description="Its prose; `- Name: value` lines are read where a built-in rule needs them."
    )
    params: Params = Field(default={}, description="Numbers for the built-in rule, instead of the prose.")
    grace_until: Date | None = Field(None, description="Until that day it only warns.")


class DataQualityForm(Form):
    """What a domain demands of its products."""

    completeness: Share | None = Field(None, description='">= 99%"')
    accuracy: Share | None = Field(None, description='">= 99.5%"')
    freshness: Age | None = Field(None, description='"<= 24 hours"')


Days = Annotated[int, Field(ge=0, le=36_500)]


class AccessControlForm(Form):
    """How a domain guards its products."""

    default_access: Literal["public", "internal", "confidential", "restricted"] | None = Field(
        None, description="The classification where a product declares none."
    )
    pii_fields: list[str] = Field(
        default=[], description="Columns of these names are personal data anywhere in the domain."
    )
    approval_required: list[str] = Field(
        default=[], description="A request that touches these columns is never auto-approved."
    )
    sox_compliance: bool | None = Field(None, description="Changes need approval, and duties are segregated.")
    audit_all_access: bool | None = Field(None, description="Each read is logged.")
    max_days: Days | None = Field(None, description="So long may access last that is asked for; else 365 days.")
    auto_approve_days: Days | None = Field(
        None, description="So long may access last that is granted without an approval; 0 = none is. Else 90 days."
    )


def _merged(value: Any) -> Any:
    """Read a list of one-key mappings, as governors write it, as one mapping."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {key: v for item in value for key, v in item.items()}
    return value


class Merged:
    """Marks a mapping that may be written as a list of one-key mappings, also for the JSON Schema."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept the mapping, or a list of mappings with the same keys."""
        form: dict[str, Any] = handler(core)
        return {"anyOf": [form, {"type": "array", "items": form}]}


class DomainPolicyForm(Form):
    """What binds one domain besides."""

    data_quality: Annotated[DataQualityForm, BeforeValidator(_merged), Merged] | None = Field(
        None, description="Quality it demands."
    )
    access_control: Annotated[AccessControlForm, BeforeValidator(_merged), Merged] | None = Field(
        None, description="Access it guards."
    )
    policies: list[OverrideForm] = Field(default=[], description="Policies that it tightens.")


class AutomatedPolicyForm(Form):
    """A policy that is enforced by itself at given points."""

    name: Identifier | None = Field(None, description="Its id. Required.")
    enforcement: Literal["pre-publish", "pr", "publish", "query", "schedule"] | None = Field(
        None, description="Where it blocks."
    )
    check: str | None = Field(None, description="Its prose.")
    mandatory: bool = Field(True, description="No domain may switch it off or loosen it.")
    params: Params = Field(default={}, description="Numbers for the built-in rule, instead of the prose.")
    grace_until: Date | None = Field(None, description="Until that day it only warns.")


class RequirementsForm(Form):
    """What each product must measure and be alerted of."""

    metrics: list[str] = Field(default=[], description="Metrics that must be collected.")
    alerts: list[str] = Field(default=[], description="Alerts that must exist.")


class GovernanceForm(Form):
    """All policies."""

    global_policies: list[GlobalPolicyForm] = Field(default=[], description="They bind all domains.")
    domain_policies: dict[str, DomainPolicyForm] = Field(default={}, description="They bind one domain.")
    automated_policies: list[AutomatedPolicyForm] = Field(default=[], description="They are enforced by themselves.")
    policies: list[PolicyForm] = Field(default=[], description="Policies of your own, in SQL.")
    observability_requirements: Annotated[RequirementsForm, BeforeValidator(_merged), Merged] | None = Field(
        None, description="What each product must measure."
    )


class JoinedGovernanceForm(GovernanceForm):
    """The policies of several files: extended ones, and those of the mesh."""

    files: tuple[str, ...] = Field(default=(), description="Their names, in the order of their rank.")


class GovernanceFile(Form):
    """The file with the root key `governance`."""

    governance: GovernanceForm


class WaiverForm(Form):
    """A dated, signed permit to miss one policy or check for one subject."""

    policy: Filled | None = Field(None, description="A policy's id; or `check`.")
    check: Filled | None = Field(
        None, description="A check's id, of all versions, or of one with `@version`; or `policy`."
    )
    subject: Filled | None = Field(
        None, description="A product, product@version, domain.*, or product.column. Required."
    )
    reason: Filled | None = Field(None, description="Why. Required.")
    approved_by: Filled | None = Field(
        None, description="Who allows it; not the product's own team where a policy is mandatory. Required."
    )
    until: Date | None = Field(None, description="The last day, in UTC, on which it holds. Required.")
    cap: Annotated[Scalar, parsed(parse_cap)] | None = Field(
        None, description="Rows, or a percentage; above it, it does not hold."
    )


class WaiversFile(Form):
    """The file with the root key `waivers`."""

    waivers: list[WaiverForm]


class PrincipalForm(Form):
    """Someone who reads data."""

    id: Filled | None = Field(None, description="Unique. Required.")
    roles: Names = Field(default=[], description="What he is.")
    domains: Names = Field(default=[], description="Where he belongs.")
    purposes: Names = Field(default=[], description="What for he may read.")
    attributes: dict[str, Scalar] = Field(default={}, description="What row filters compare with.")


class PrincipalsFile(Form):
    """The file with the root key `principals`."""

    principals: list[PrincipalForm]
