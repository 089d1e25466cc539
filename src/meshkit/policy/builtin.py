"""The rules that ship with meshkit, by the name of the policy that they make executable. docs/policies.md lists them.

`product.` and `own.` are the row (`model/policy_rows.py`), `params.` the numbers that the governance file says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from meshkit.model.policy import Enforcement, Over, PolicyRule, Value
from meshkit.model.table import Pointer, Severity

AT_RUN = (Enforcement.PR, Enforcement.PUBLISH, Enforcement.SCHEDULE)
_PERSONAL = "product.pii_columns > 0"
_WARNING, _ERROR, _CRITICAL, _INFO = Severity.WARNING, Severity.ERROR, Severity.CRITICAL, Severity.INFO


def _rule(
    id_: str,
    severity: Severity,
    require: str,
    message: str,
    remedy: str,
    *at: str | int,
    when: str = "",
    over: Over = Over.PRODUCT,
) -> PolicyRule:
    pointer: Pointer = at
    return PolicyRule(
        id=id_, policy=id_.partition(".")[0], over=over, when=when, require=require, severity=severity, message=message,
        remedy=remedy, at=pointer, is_trusted=True, mandatory=True, enforce=AT_RUN,
    )  # fmt: skip


BUILT_IN: Mapping[str, tuple[PolicyRule, ...]] = {
    "data_classification": (
        _rule("data_classification.present", _ERROR, "product.classification IS NOT NULL",
              "Data classification not specified", "write classification: with one of {params.known}", "classification"),
        _rule("data_classification.known", _ERROR, "list_contains(params.known, product.classification)",
              "Invalid classification '{product.classification}'", "write one of {params.known}", "classification",
              when="product.classification IS NOT NULL"),
        _rule("data_classification.roles", _ERROR, "product.read_roles > 0",
              "{product.classification} data, but no read rule names a role", "name the roles that may read it under access.read",
              "access", when="product.classification = 'confidential'"),
        _rule("data_classification.discovery", _ERROR, "NOT coalesce(product.discovery LIKE 'public%', false)",
              "{product.classification} data, but anybody may discover it", "set access.discovery to domain or private",
              "access", "discovery", when="product.classification IN ('confidential', 'restricted')"),
    ),
    "pii_handling": (
        _rule("pii_handling.encryption", _CRITICAL,
              "coalesce(product.encryption_enabled, false) OR product.unprotected_columns = 0",
              "Personal data is not encrypted", "encrypt it, then write encryption_enabled: true", "encryption_enabled",
              when=_PERSONAL),
        _rule("pii_handling.audit", _CRITICAL, "coalesce(product.audit_logging_enabled, false)",
              "Reads of personal data are not logged", "log them, then write audit_logging_enabled: true",
              "audit_logging_enabled", when=_PERSONAL),
        _rule("pii_handling.category", _ERROR, "own.pii_category IS NOT NULL",
              "Personal data without a category in column '{own.name}'", "write pii_category: email, phone, name, ...",
              "pii_category", when="own.is_pii", over=Over.COLUMN),
        _rule("pii_handling.column", _ERROR, "own.encrypted OR own.mask IS NOT NULL",
              "Personal data in column '{own.name}' is neither encrypted nor masked",
              "write encrypted: true, or mask: hash, partial or null", "encrypted", when="own.is_pii", over=Over.COLUMN),
        _rule("pii_handling.listed", _ERROR, "own.is_pii",
              "Column '{own.name}' is personal data by the policy of its domain, but is not marked", "write is_pii: true, and its pii_category",  # noqa: E501
              "is_pii", when="own.is_listed", over=Over.COLUMN),
        _rule("pii_handling.suspected", _WARNING, "own.is_pii",
              "Column '{own.name}' seems to hold personal data ({own.suspected}, {own.suspected_by}), but is not marked",
              "write is_pii: true and its pii_category, or give the column a name that says what it is", "is_pii",
              when="own.suspected IS NOT NULL AND NOT own.is_listed", over=Over.COLUMN),
        _rule("pii_handling.lawful_basis", _ERROR, "product.lawful_basis IS NOT NULL",
              "No lawful basis for personal data", "write privacy.lawful_basis: consent, contract, ...", "privacy", "lawful_basis",
              when=_PERSONAL),
        _rule("pii_handling.purpose", _ERROR, "product.purpose IS NOT NULL", "No purpose for personal data",
              "write privacy.purpose", "privacy", "purpose", when=_PERSONAL),
        _rule("pii_handling.erasure", _ERROR, "product.erasure_key IS NOT NULL",
              "No column by which a person is erased", "write privacy.erasure_key", "privacy", "erasure_key", when=_PERSONAL),
    ),
    "data_retention": (
        _rule("data_retention.present", _ERROR, "product.retention_days IS NOT NULL", "Retention period not specified",
              "write retention_days", "retention_days"),
        *(_rule(f"data_retention.{kind}", _ERROR, f"product.retention_days <= params.{kind}_days",
                f"{kind.capitalize()} data is kept {{product.retention_days}} days, at most {{params.{kind}_days}} are allowed",
                f"lower retention_days to {{params.{kind}_days}}", "retention_days",
                when=f"product.data_kind = '{kind}' AND product.retention_days IS NOT NULL")
          for kind in ("operational", "analytical", "logs")),
        *(_rule(f"data_retention.lifecycle_{kind}", _WARNING,
                f"product.expire_days >= greatest(coalesce(product.retention_days, 0), params.{kind}_days)",
                "The platform deletes objects after {product.expire_days} days, before their time is over",
                "raise the platform's expire:, or lower what is promised", "retention_days",
                when=f"product.data_kind = '{kind}' AND product.expire_days IS NOT NULL")
          for kind in ("operational", "analytical", "logs")),
        _rule("data_retention.sla", _ERROR, "product.sla_retention_days <= product.retention_days",
              "The service promises {product.sla_retention_days} days, but retention_days is {product.retention_days}",
              "write the same in both", "retention_days",
              when="product.sla_retention_days IS NOT NULL AND product.retention_days IS NOT NULL"),
        _rule("data_retention.trash", _ERROR, "product.trash_days <= params.trash_days",
              "Deleted rows are kept {product.trash_days} days, at most {params.trash_days} are allowed",
              "lower trash_days to {params.trash_days}", "trash_days", when="product.trash_days IS NOT NULL"),
        _rule("data_retention.trash_said", _INFO, "product.trash_days IS NOT NULL",
              "Nobody says how long deleted rows can be brought back; {params.trash_days} days are allowed", "write trash_days",
              "trash_days"),
    ),
    "schema_validation": (
        _rule("schema_validation.schema", _ERROR, "product.has_schema", "Schema not defined", "write schema.fields", "schema"),
        _rule("schema_validation.primary_key", _WARNING, "product.has_primary_key", "No primary key",
              "write is_primary_key: true on its columns, or unique and not_null on one", "schema", when="product.has_schema"),
        _rule("schema_validation.description", _WARNING, "own.description IS NOT NULL",
              "Column '{own.name}' has no description", "say what it means", "description", over=Over.COLUMN),
        _rule("schema_validation.type", _ERROR, "own.type IS NOT NULL", "Column '{own.name}' has no type", "write its type",
              "type", over=Over.COLUMN),
        _rule("schema_validation.constraints", _ERROR, "product.constraints > 0", "No column has a constraint",
              "write constraints: on the columns that must hold something", "schema", when="product.has_schema"),
        _rule("schema_validation.quality_checks", _WARNING, "product.quality_checks > 0", "No quality checks",
              "write sla.quality_checks", "sla", when="product.has_schema"),
        _rule("schema_validation.completeness", _WARNING, "product.completeness IS NOT NULL",
              "Missing required check: completeness", "write sla.completeness", "sla", when="product.has_schema"),
        _rule("schema_validation.freshness", _WARNING, "product.freshness_hours IS NOT NULL",
              "Missing required check: freshness", "write sla.freshness", "sla", when="product.has_schema"),
    ),
    "quality_gates": (
        _rule("quality_gates.run", _ERROR, "product.has_run", "No run of version {product.version} is known",
              "run meshkit check"),
        _rule("quality_gates.failed", _ERROR, "product.failed_checks = 0 AND product.critical_failures = 0",
              "{product.failed_checks} checks failed, and {product.critical_failures} critical ones", "meshkit check --why says why",
              when="product.has_run"),
        _rule("quality_gates.errored", _ERROR, "product.errored_checks = 0",
              "{product.errored_checks} checks have no answer", "meshkit check says why", when="product.has_run"),
        _rule("quality_gates.warnings", _ERROR,
              "product.warned_checks <= params.warning_threshold * product.warning_checks",
              "{product.warned_checks} of {product.warning_checks} warning checks are not met, {params.warning_threshold:percent} may be",
              "meshkit check --why says why", when="product.has_run"),
    ),
    "breaking_changes": (
        _rule("breaking_changes.removal", _ERROR, "product.removal IS NULL", "{product.removal}",
              "deprecate it, set status: retired when its time is over, then delete it", "version",
              when="product.removal IS NOT NULL"),
        _rule("breaking_changes.version", _ERROR, "product.is_version_enough",
              "Version {product.version} does not rise by as much as its changes since {product.published_version} ask for",
              "meshkit diff computes it", "version", when="product.breaking_changes IS NOT NULL"),
        _rule("breaking_changes.notice", _ERROR, "product.notice_days >= params.notice_days",
              "{product.breaking_changes} breaking changes; readers of {product.published_version} have "
              "{product.notice_days} days of notice, at least {params.notice_days} are due",
              "keep it served, with deprecation.announced and until", "version", when="product.breaking_changes > 0"),
        _rule("breaking_changes.guide", _ERROR, "product.migration_guide IS NOT NULL",
              "{product.breaking_changes} breaking changes, but no migration guide from {product.published_version}",
              "write deprecation.migration_guide there; meshkit diff --migration-guide writes a skeleton", "version",
              when="product.breaking_changes > 0"),
        _rule("breaking_changes.notified", _ERROR, "len(product.unnotified) = 0",
              "Consumers were not told of breaking changes: {product.unnotified}", "tell them, then add them to deprecation.notified",
              "version", when="product.breaking_changes > 0"),
    ),
}  # fmt: skip
"""Policies of the governance file's `global_policies` and `automated_policies`."""

DOMAIN: Mapping[str, PolicyRule] = {
    "completeness": _rule(
        "data_quality.completeness", _ERROR, "product.completeness {op} params.completeness",
        "Promised completeness is {product.completeness:percent}, its domain demands {params.completeness:percent}",
        "promise it under sla.completeness.min_threshold", "sla", "completeness"),
    "completeness_measured": _rule(
        "data_quality.completeness_measured", _ERROR, "product.measured_completeness {op} params.completeness",
        "Completeness is {product.measured_completeness:percent}, its domain demands {params.completeness:percent}",
        "meshkit check --why says which columns are empty", "sla", "completeness"),
    "accuracy": _rule(
        "data_quality.accuracy", _ERROR, "product.accuracy {op} params.accuracy",
        "Accuracy is {product.accuracy:percent}, its domain demands {params.accuracy:percent}",
        "write checks of dimension: accuracy, and mend the rows that miss them", "sla"),
    "freshness": _rule(
        "data_quality.freshness", _ERROR, "product.freshness_hours {op} params.freshness",
        "Promised age is {product.freshness_hours} hours, its domain demands {params.freshness}",
        "promise it under sla.freshness.max_age_hours", "sla", "freshness"),
    "freshness_measured": _rule(
        "data_quality.freshness_measured", _ERROR, "product.measured_freshness_hours {op} params.freshness",
        "The newest row is {product.measured_freshness_hours:hours} hours old, its domain demands {params.freshness}",
        "name the time under sla.freshness.column, and load the data in time", "sla", "freshness"),
    "sox_approval": _rule(
        "access_control.sox_approval", _ERROR, "product.write_rules > 0 AND product.owner_contact IS NOT NULL",
        "A change needs somebody who approves it, but nobody is named who may publish, or who answers for it",
        "write access.write and owner.contact", "access", "write"),
    "sox_duties": _rule(
        "access_control.sox_duties", _ERROR, "NOT list_has_any(product.write_roles, product.unmask_roles)",
        "A role both publishes and sees personal data clear", "give the two to different roles", "access"),
    "audit_all_access": _rule(
        "access_control.audit_all_access", _ERROR, "coalesce(product.audit_logging_enabled, false)",
        "Its domain demands that each read is logged", "log them, then write audit_logging_enabled: true", "audit_logging_enabled"),
}  # fmt: skip
"""What `domain_policies` may demand. `{op}` is the comparison that the file writes."""

METRIC = _rule(
    "observability.metric", _WARNING, "list_has_any(product.metrics, params.names)", "Metric {params.name} is not collected",
    "add it to observability.metrics", "observability", "metrics",
)  # fmt: skip
ALERT = _rule(
    "observability.alert", _WARNING, "list_has_any(product.alerts, params.names)", "No alert of {params.name}",
    "add one to observability.alerts", "observability", "alerts",
)  # fmt: skip
SAME_METRIC = {
    "null_rate": ("null_rate", "null_percentage_by_column"),
    "null_percentage_by_column": ("null_rate", "null_percentage_by_column"),
}
ALERT_TYPES = {
    "freshness_violation": ("freshness", "freshness_violation"),
    "quality_check_failure": ("quality", "quality_check_failure", "quality_check_failed"),
    "schema_drift": ("schema", "schema_drift"),
    "volume_anomaly": ("volume", "volume_anomaly"),
}

STRICTER: Mapping[str, int] = {
    "operational_days": -1, "analytical_days": -1, "logs_days": -1, "trash_days": -1, "warning_threshold": -1, "notice_days": 1,
    "largest_share": -1, "least_products": -1, "lifecycle_days": 1, "request_hours": -1,
}  # fmt: skip
"""Whether a smaller (-1) or a greater (1) number of a built-in policy asks for more."""


_PARAM = re.compile(r"\bparams\.(\w+)")


def is_told(rule: PolicyRule, params: Mapping[str, Value]) -> bool:
    """Tell whether all numbers that a rule reads are stated; a rule whose number nobody states is left out."""
    return set(_PARAM.findall(f"{rule.when} {rule.require} {rule.message}")) <= params.keys()


def known_params() -> dict[str, list[str]]:
    """Return each built-in policy with the parameters that its rules read."""
    return {
        name: sorted({p for r in rules for p in _PARAM.findall(f"{r.require} {r.message} {r.remedy}")})
        for name, rules in BUILT_IN.items()
    }
