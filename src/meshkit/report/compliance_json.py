"""The compliance report as JSON, whose keys are stable, and its JSON Schema. docs/governance.md explains it."""

from __future__ import annotations

import json
from typing import Any

from meshkit.errors import Place
from meshkit.model.compliance import (
    REPORTED,
    Comparison,
    ComplianceReport,
    Difference,
    Group,
    ReportedPolicy,
    ReportedProduct,
)
from meshkit.model.policy import PolicyViolation, Status
from meshkit.report.json import place_as_dict, problem_as_dict


def render_compliance_json(report: ComplianceReport) -> str:
    """Render a report as JSON, indented, with a line break at its end."""
    return json.dumps(compliance_as_dict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def compliance_as_dict(report: ComplianceReport) -> dict[str, Any]:
    """Return a report as values that JSON can hold."""
    return {
        "at": str(report.at),
        "today": report.today.isoformat(),
        "made_at": report.made_at.isoformat(),
        "meshkit_version": report.meshkit_version,
        "asked": list(report.asked),
        **_group(report.mesh),
        "exit_code": report.exit_code,
        "domains": [{"domain": d.name, **_group(d)} for d in report.domains],
        "products": [_product(p) for p in report.products],
        "policies": [_policy(p) for p in report.policies],
        "broken": [
            {"rule": b.rule, "policy": b.policy, "reason": b.reason, "place": _place(b.place)} for b in report.broken
        ],
        "problems": [problem_as_dict(p) for p in report.problems],
        "comparison": _comparison(report.comparison) if report.comparison else None,
    }


def _group(group: Group) -> dict[str, Any]:
    return {"status": str(group.status), "blocked": group.blocked, "counts": {str(s): n for s, n in group.counts}}


def _product(product: ReportedProduct) -> dict[str, Any]:
    return {
        "id": product.id,
        "version": product.version,
        "domain": product.domain,
        "owner": product.owner or None,
        "status": str(product.status),
        "blocked": product.is_blocked,
        "evaluable": product.is_evaluable,
        "place": place_as_dict(product.place),
        "policies_evaluated": list(product.evaluated),
        "unknown": [{"rule": rule, "reason": reason} for rule, reason in product.unknown],
        "violations": [violation_as_dict(v) for v in product.violations],
        "claims": [
            {"key": c.key, "value": c.value, "standing": str(c.standing), "seen": c.seen or None}
            for c in product.claims
        ],
        "compared_with": product.compared_with or None,
        "problems": [problem_as_dict(p) for p in product.problems],
    }


def violation_as_dict(violation: PolicyViolation) -> dict[str, Any]:
    """Return a violation as values that JSON can hold."""
    until = violation.waived_until
    return {
        "policy": violation.policy_name,
        "rule": violation.rule,
        "severity": str(violation.severity),
        "message": violation.message,
        "field": violation.field,
        "status": str(violation.status),
        "blocking": violation.is_blocking,
        "enforcement": [str(e) for e in violation.enforcement],
        "place": _place(violation.place),
        "remedy": violation.remedy,
        "waiver": {"said": violation.waiver, "until": until.isoformat() if until else None}
        if violation.waiver
        else None,
        "grace_until": violation.grace_until.isoformat() if violation.grace_until else None,
    }


def _policy(policy: ReportedPolicy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "domain": policy.domain or None,
        "mandatory": policy.mandatory,
        "executable": not policy.why_not,
        "why_not": policy.why_not or None,
        "lint": policy.is_lint,
        "status": str(policy.status) if policy.status else None,
        "violations": policy.violations,
        "place": _place(policy.place),
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "made_at": found.made_at.isoformat(),
        "was": str(found.was),
        "new": [_difference(d) for d in found.new],
        "gone": [_difference(d) for d in found.gone],
        "still": [_difference(d) for d in found.still],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "product": difference.product,
        "rule": difference.rule,
        "field": difference.field,
        "severity": str(difference.severity),
        "message": difference.message,
        "was": str(difference.was) if difference.was else None,
        "now": str(difference.now) if difference.now else None,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return place_as_dict(place) if place else None


_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_DAY = {"type": "string", "format": "date"}
_MAYBE_DAY = {"type": ["string", "null"], "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _closed(properties)}


def _or_null(found: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [found, {"type": "null"}]}


def compliance_schema() -> dict[str, Any]:
    """Return the JSON Schema of the report. Keys are only ever added."""
    statuses = [str(s) for s in REPORTED]
    severities = ["info", "warning", "error", "critical"]
    position = {"type": "integer", "minimum": 1}
    place = _closed({"file": _TEXT, "line": position, "column": position})
    status = {"enum": statuses}
    covered = {"enum": ["non-compliant", "compliant with waivers", "grace"]}
    grouped = {
        "status": {**status, "description": "The worst status of a product."},
        "blocked": {**_COUNT, "description": "How many products are blocked."},
        "counts": _closed(dict.fromkeys(statuses, _COUNT)),
    }
    problems = _list(
        {
            "code": {"type": "string", "pattern": "^MK[0-9]{3}$"},
            "severity": {"enum": ["warning", "error"]},
            "message": _TEXT,
            "hint": _TEXT,
            "place": place,
            "product": _MAYBE_TEXT,
            "check": _MAYBE_TEXT,
        }
    )
    violations = _list(
        {
            "policy": _TEXT,
            "rule": {**_TEXT, "description": "policy.part of a built-in policy, else the policy's own id."},
            "severity": {"enum": severities},
            "message": _TEXT,
            "field": {**_MAYBE_TEXT, "description": "The column that it is about."},
            "status": covered,
            "blocking": {**_FLAG, "description": "Error or critical, and neither waived nor in grace."},
            "enforcement": {"type": "array", "items": {"enum": ["pr", "publish", "query", "schedule"]}},
            "place": _or_null(place),
            "remedy": _TEXT,
            "waiver": _or_null(
                _closed({"said": {**_TEXT, "description": "Who allows it, and why."}, "until": _MAYBE_DAY})
            ),
            "grace_until": {**_MAYBE_DAY, "description": "Until that day it only warns."},
        }
    )
    claims = _list(
        {
            "key": _TEXT,
            "value": _TEXT,
            "standing": {
                "enum": ["declared", "verified", "refuted"],
                "description": "declared = only its owner says so; verified or refuted = a run measured it.",
            },
            "seen": {**_MAYBE_TEXT, "description": "What the run measured."},
        }
    )
    products = _list(
        {
            "id": _TEXT,
            "version": _TEXT,
            "domain": _TEXT,
            "owner": _MAYBE_TEXT,
            "status": status,
            "blocked": _FLAG,
            "evaluable": {**_FLAG, "description": "false = its contract has errors; then `problems` says which."},
            "place": place,
            "policies_evaluated": {**_TEXTS, "description": "Ids, in the order of the governance file."},
            "unknown": _list({"rule": _TEXT, "reason": _TEXT}),
            "violations": violations,
            "claims": claims,
            "compared_with": {**_MAYBE_TEXT, "description": "The version that its changes were judged against."},
            "problems": problems,
        }
    )
    difference = _list(
        {
            "product": _TEXT,
            "rule": _TEXT,
            "field": _MAYBE_TEXT,
            "severity": {"enum": severities},
            "message": _TEXT,
            "was": _or_null(covered),
            "now": _or_null(covered),
        }
    )
    policies = _list(
        {
            "id": _TEXT,
            "domain": {**_MAYBE_TEXT, "description": "The domain that it binds; null = all."},
            "mandatory": _FLAG,
            "executable": _FLAG,
            "why_not": _MAYBE_TEXT,
            "lint": {**_FLAG, "description": "One of meshkit's own, which no file names."},
            "status": _or_null({"enum": [*statuses, str(Status.NOT_EXECUTABLE)]}),
            "violations": _COUNT,
            "place": _or_null(place),
        }
    )
    found = _closed(
        {
            "at": {"enum": ["pr", "publish", "query", "schedule"]},
            "today": _DAY,
            "made_at": _MOMENT,
            "meshkit_version": _TEXT,
            "asked": {**_TEXTS, "description": "The ids that were asked for; none = every product."},
            **grouped,
            "exit_code": {"enum": [0, 1, 2, 3]},
            "domains": _list({"domain": _TEXT, **grouped}),
            "products": products,
            "policies": policies,
            "broken": _list({"rule": _TEXT, "policy": _TEXT, "reason": _TEXT, "place": _or_null(place)}),
            "problems": problems,
            "comparison": _or_null(
                _closed({"made_at": _MOMENT, "was": status, "new": difference, "gone": difference, "still": difference})
            ),
        }
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Compliance report", **found}
