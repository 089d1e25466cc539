"""The twin of each native key: what it is called in ODCS and in dbt. It drives the converter and the reference page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Twin(NamedTuple):
    """How another format says the same; `-` = it has no word for it."""

    odcs: str
    dbt: str = "-"


_CUSTOM = "customProperties"


def _own(key: str) -> str:
    return f"{_CUSTOM} meshkit.{key}"


TWINS: Mapping[str, Twin] = {
    "name": Twin("name", "models[].name"),
    "version": Twin("version", "models[].versions[].v"),
    "domain": Twin("domain"),
    "status": Twin("status", "models[].deprecation_date"),
    "data_kind": Twin(_own("data_kind")),
    "cadence": Twin(_own("cadence"), "models[].config.materialized"),
    "classification": Twin(_own("classification"), "models[].config.meta.classification"),
    "owner": Twin("team, support", "groups[].owner"),
    "owner.team": Twin("team.name", "groups[].owner.name"),
    "owner.contact": Twin("support[].url (mailto:)", "groups[].owner.email"),
    "owner.slack": Twin("support[].channel (slack)", "groups[].owner.slack"),
    "description": Twin("description.purpose", "models[].description"),
    "tags": Twin("tags", "models[].config.tags"),
    "schema": Twin("schema[], servers[]", "models[]"),
    "schema.type": Twin("servers[].format"),
    "schema.location": Twin("servers[].path, .location or .database", "sources[].tables[].identifier"),
    "schema.alias": Twin("schema[].name", "models[].config.alias"),
    "schema.partitioned_by": Twin("schema[].properties[].partitioned", "models[].config.partition_by"),
    "schema.primary_key": Twin("schema[].properties[].primaryKey, .primaryKeyPosition", "models[].constraints[] primary_key"),
    "schema.row_count": Twin("schema[].quality[] rowCount"),
    "schema.row_count.min": Twin("mustBeGreaterOrEqualTo"),
    "schema.row_count.max": Twin("mustBeLessOrEqualTo"),
    "schema.row_count.severity": Twin("schema[].quality[].severity", "data_tests[].config.severity"),
    "schema.row_count.description": Twin("schema[].quality[].description", "data_tests[].description"),
    "schema.fields": Twin("schema[].properties[]", "models[].columns[]"),
    "schema.fields[].name": Twin("name", "columns[].name"),
    "schema.fields[].type": Twin("logicalType, physicalType", "columns[].data_type"),
    "schema.fields[].description": Twin("description", "columns[].description"),
    "schema.fields[].constraints": Twin("required, unique, enum, logicalTypeOptions, relationships, quality", "columns[].data_tests[]"),
    "schema.fields[].is_primary_key": Twin("primaryKey", "columns[].constraints[] primary_key"),
    "schema.fields[].is_pii": Twin(f"{_CUSTOM} pii", "columns[].config.meta.pii"),
    **{
        f"schema.fields[].{key}": Twin(_own(key), f"columns[].config.meta.{key}")
        for key in ("pii_category", "mask", "encrypted", "unit", "default", "renamed_from", "open_enum")
    },
    "schema.fields[].classification": Twin("classification", "columns[].config.meta.classification"),
    "schema.fields[].tags": Twin("tags", "columns[].config.tags"),
    "inputs": Twin(_own("inputs"), "ref(), source()"),
    "access": Twin("roles[]", "models[].config.grants"),
    "access.discovery": Twin(_own("access"), "models[].config.access"),
    "access.read": Twin("roles[] access: read", "models[].config.grants.select"),
    "access.read[].role": Twin("roles[].role"),
    "access.read[].domain": Twin(_own("access")),
    "access.write": Twin("roles[] access: write"),
    "access.write[].role": Twin("roles[].role"),
    "access.write[].domain": Twin(_own("access")),
    "access.purposes": Twin(_own("access")),
    "access.unmask": Twin(_own("access")),
    "access.unmask[].role": Twin(_own("access")),
    "access.unmask[].domain": Twin(_own("access")),
    "row_filter": Twin(_own("row_filter")),
    "sla": Twin("slaProperties[]"),
    "sla.availability": Twin("slaProperties[] availability"),
    "sla.freshness": Twin("slaProperties[] freshness", "sources[].freshness"),
    "sla.freshness.max_age_hours": Twin("slaProperties[].value, .unit: h", "freshness.error_after"),
    "sla.freshness.update_schedule": Twin("slaProperties[].schedule"),
    "sla.freshness.column": Twin("slaProperties[].element", "sources[].loaded_at_field"),
    "sla.freshness.source": Twin(_own("source")),
    "sla.freshness.severity": Twin(_own("severity"), "freshness.warn_after"),
    "sla.completeness": Twin(_own("sla")),
    "sla.completeness.min_threshold": Twin(_own("sla")),
    "sla.completeness.columns": Twin(_own("sla")),
    "sla.completeness.severity": Twin(_own("sla")),
    "sla.quality_checks": Twin("schema[].quality[] sql", "a singular data test"),
    "sla.quality_checks[].name": Twin("quality[].name", "data_tests[].name"),
    "sla.quality_checks[].query": Twin("quality[].query", "the test's SQL"),
    "sla.quality_checks[].sql": Twin(_own("sql")),
    "sla.quality_checks[].threshold": Twin("mustBeLessOrEqualTo", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be": Twin("mustBe, or the operator that it spells", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_not_be": Twin("mustNotBe", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be_less_than": Twin("mustBeLessThan", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be_less_or_equal_to": Twin("mustBeLessOrEqualTo", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be_greater_than": Twin("mustBeGreaterThan", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be_greater_or_equal_to": Twin("mustBeGreaterOrEqualTo", "data_tests[].config.error_if"),
    "sla.quality_checks[].must_be_between": Twin("mustBeBetween"),
    "sla.quality_checks[].must_not_be_between": Twin("mustNotBeBetween"),
    "sla.quality_checks[].severity": Twin("quality[].severity", "data_tests[].config.severity"),
    "sla.quality_checks[].description": Twin("quality[].description", "data_tests[].description"),
    "sla.quality_checks[].dimension": Twin("quality[].dimension"),
    **{
        key: Twin(_own("observability"))
        for key in (
            "observability", "observability.metrics", "observability.alerts", "observability.alerts[].type",
            "observability.alerts[].condition", "observability.alerts[].severity",
        )
    },
    "retention_days": Twin("slaProperties[] retention"),
    "trash_days": Twin(_own("trash_days")),
    "encryption_enabled": Twin(_own("encryption_enabled")),
    "audit_logging_enabled": Twin(_own("audit_logging_enabled")),
    **{
        key: Twin(_own("privacy"))
        for key in ("privacy", "privacy.lawful_basis", "privacy.purpose", "privacy.erasure_key")
    },
    "policies": Twin(_own("policies")),
    "deprecation": Twin(_own("deprecation"), "models[].deprecation_date"),
    "deprecation.announced": Twin(_own("deprecation")),
    "deprecation.until": Twin(_own("deprecation"), "models[].deprecation_date"),
    "deprecation.migration_guide": Twin(_own("deprecation")),
    "deprecation.notified": Twin(_own("deprecation")),
    **{
        key: Twin(_own("decisions"))
        for key in ("decisions", *(f"decisions[].{k}" for k in ("change", "path", "decision", "reason", "decided_by", "date")))
    },
    **{key: Twin(_own("ports")) for key in ("ports", *(f"ports[].{k}" for k in ("name", "type", "location", "description")))},
    "transformation": Twin(_own("transformation"), "models/*.sql"),
    "transformation.sql": Twin(_own("transformation"), "models/*.sql"),
    **{
        key: Twin(_own("changelog"))
        for key in ("changelog", *(f"changelog[].{k}" for k in ("version", "date", "changes", "breaking")))
    },
}  # fmt: skip
"""Path of a native key -> its twins. Below `fields[]` the ODCS path starts at the property."""

CUSTOM_KEYS = frozenset(key for key, twin in TWINS.items() if "." not in key and twin.odcs == _own(key))
"""Keys at the root of the native form that ODCS has no word for at all."""
