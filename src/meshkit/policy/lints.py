"""Anti-patterns of a data mesh as policies, in the form of the built-in ones. They warn, and never block. docs/scores.md lists them.

Their numbers are changed under a global policy of the same name:
`- {name: centralised_ownership, params: {largest_share: 40%, least_products: 10}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from meshkit.model.policy import Enforcement, Over, Policy, PolicyRule, Value
from meshkit.model.table import Pointer, Severity

_EVERYWHERE = (Enforcement.PR, Enforcement.PUBLISH, Enforcement.SCHEDULE)


def _lint(
    id_: str, require: str, message: str, remedy: str, *at: str | int, when: str = "", over: Over = Over.PRODUCT
) -> PolicyRule:
    pointer: Pointer = at
    return PolicyRule(
        id=id_, policy=id_.partition(".")[0], over=over, when=when, require=require, severity=Severity.WARNING,
        message=message, remedy=remedy, at=pointer, is_trusted=True, enforce=_EVERYWHERE,
    )  # fmt: skip


LINTS: Mapping[str, tuple[PolicyRule, ...]] = {
    "centralised_ownership": (
        _lint("centralised_ownership.team", "product.team_share <= params.largest_share",
              "Team {product.owner_team} owns {product.team_share:percent} of the {product.mesh_products} products of the mesh, "
              "more than {params.largest_share}", "give products to teams of the domains that know them", "owner", "team",
              when="product.team_share IS NOT NULL AND product.mesh_products >= params.least_products"),
    ),
    "shared_storage": (
        _lint("shared_storage.prefix", "product.shared_prefix IS NULL",
              "{product.shared_prefix} holds tables of other domains too: {product.shared_with}",
              "keep them below a folder of the domain, such as s3://data-products/{domain}/", "schema"),
    ),
    "domain_boundaries": (
        _lint("domain_boundaries.context", "product.bounded_context IS NOT NULL",
              "Nobody says what domain {product.domain} is about", "write bounded_context in the organisation file", "domain"),
    ),
    "domain_ownership": (
        _lint("domain_ownership.owner", "product.owner_team IS NOT NULL", "No team owns it", "write owner.team", "owner"),
        _lint("domain_ownership.writer", "len(product.foreign_writers) = 0",
              "Domains other than {product.domain} may publish it: {product.foreign_writers}",
              "let the domain that owns it write it, and others read", "access", "write"),
    ),
    "defined_interfaces": (
        _lint("defined_interfaces.bypass", "own.holder IS NULL",
              "Input {own.alias} reads files of {own.holder}, past the product", "name the product under inputs",
              over=Over.DEPENDENCY),
        _lint("defined_interfaces.unfinished", "own.upstream_status NOT IN ('draft', 'retired')",
              "Input {own.alias} reads {own.upstream}, which is {own.upstream_status}", "read a version that is served",
              when="own.is_product AND own.upstream_domain <> product.domain", over=Over.DEPENDENCY),
    ),
    "unversioned_drift": (
        _lint("unversioned_drift.schema", "NOT product.has_drift",
              "The data no longer has the schema of version {product.version}, and no version says so",
              "mend the data, or write the change as a new version", "version", when="product.has_run"),
    ),
    "version_lifecycle": (
        _lint("version_lifecycle.end", "product.deprecation_days IS NOT NULL",
              "Version {product.version} is deprecated, but nobody says since when and until when",
              "write deprecation.announced and deprecation.until", "deprecation", when="product.status = 'deprecated'"),
        _lint("version_lifecycle.notice", "product.deprecation_days >= params.lifecycle_days",
              "Readers get {product.deprecation_days} days to leave version {product.version}, fewer than {params.lifecycle_days}",
              "move deprecation.until", "deprecation",
              when="product.status = 'deprecated' AND product.deprecation_days IS NOT NULL"),
        _lint("version_lifecycle.over", "product.days_to_end >= 0",
              "Version {product.version} should have ended, and is still served", "write status: retired, or move deprecation.until",
              "status", when="product.status = 'deprecated' AND product.days_to_end IS NOT NULL"),
        _lint("version_lifecycle.successor", "product.successor IS NOT NULL",
              "Version {product.version} is deprecated, but no newer version is active", "publish the version that readers shall move to",
              "status", when="product.status = 'deprecated'"),
        _lint("version_lifecycle.beta", "product.successor IS NULL",
              "Version {product.version} is {product.status}, but version {product.successor} is active and newer",
              "write status: retired, or a higher version", "status", when="product.status IN ('beta', 'draft')"),
    ),
    "slow_access": (
        _lint("slow_access.median", "product.median_request_hours <= params.request_hours",
              "Half of all requests for access take longer than {product.median_request_hours} hours, wanted are {params.request_hours}",
              "let policies approve what they allow", "access", when="product.median_request_hours IS NOT NULL"),
    ),
}  # fmt: skip
"""Each anti-pattern, and the rules that find it."""

PATTERNS: Mapping[str, str] = {
    "centralised_ownership": "S212, S213: one team owns everything",
    "shared_storage": "S214, S215: one lake for everything",
    "domain_boundaries": "S185: domains without bounds",
    "domain_ownership": "S186: who owns does not write",
    "defined_interfaces": "S187: files read past their product",
    "unversioned_drift": "S216: data that changes without a version",
    "version_lifecycle": "S217: versions side by side that lead nowhere",
    "slow_access": "S218, S219: access by e-mail and ticket",
}
"""What each lint is against."""

DEFAULTS: Mapping[str, Mapping[str, Value]] = {
    "centralised_ownership": {"largest_share": Decimal("0.5"), "least_products": 6},
    "version_lifecycle": {"lifecycle_days": 30},
    "slow_access": {"request_hours": 24},
}
"""The numbers of lints where no governance file says others."""


def with_params(name: str, given: Mapping[str, Value]) -> tuple[PolicyRule, ...]:
    """Return the rules of a lint with their numbers: those given, else the defaults."""
    params = {**DEFAULTS.get(name, {}), **given}
    return tuple(r.model_copy(update={"params": params}) for r in LINTS[name])


def default_lints(but: frozenset[str] = frozenset()) -> tuple[Policy, ...]:
    """Return all lints that no governance file names, with their default numbers."""
    return tuple(Policy(id=name, rules=with_params(name, {}), is_lint=True) for name in LINTS if name not in but)
