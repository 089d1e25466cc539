"""The compliance report as SARIF 2.1.0, which code hosts and editors show beside the lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from meshkit.errors import Place
from meshkit.model.compliance import ComplianceReport, ReportedProduct
from meshkit.model.policy import PolicyViolation, Status
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.report.compliance_words import cover_of
from meshkit.report.order import one_line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error", Severity.CRITICAL: "error"}


def render_compliance_sarif(report: ComplianceReport) -> str:
    """Render a report as one SARIF run.

    A waived violation is a result with an accepted suppression; what is in grace is a warning; a product whose contract has
    errors is told by notifications, and the run is then not successful.

    Source: SARIF 2.1.0, 3.14 run, 3.27 result, 3.35 suppression, 3.20 invocation.
    """
    return json.dumps(sarif_as_dict(report), indent=2, ensure_ascii=False) + "\n"


def sarif_as_dict(report: ComplianceReport) -> dict[str, Any]:
    """Return a report as values that JSON can hold."""
    rules = sorted({v.rule for v in report.violations})
    index = {rule: i for i, rule in enumerate(rules)}
    policy_of = {v.rule: v.policy_name for v in report.violations}
    moment = report.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    run = {
        "tool": {
            "driver": {
                "name": "meshkit",
                "version": report.meshkit_version,
                "rules": [
                    {"id": r, "name": r, "shortDescription": {"text": f"A rule of the policy {policy_of[r]}"}}
                    for r in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": report.exit_code in (0, 1),
                "endTimeUtc": moment,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": list(_notifications(report)),
            }
        ],
        "results": [_result(p, v, index) for p in report.products for v in p.violations],
        "properties": {"at": str(report.at), "status": str(report.mesh.status)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(product: ReportedProduct, violation: PolicyViolation, index: dict[str, int]) -> dict[str, Any]:
    in_grace = violation.status is Status.GRACE
    level = "warning" if in_grace and violation.severity.rank > Severity.WARNING.rank else _LEVEL[violation.severity]
    cover = cover_of(violation)
    said = "; ".join(m for m in (violation.message, cover if in_grace else "", violation.remedy) if m)
    found: dict[str, Any] = {
        "ruleId": violation.rule,
        "ruleIndex": index[violation.rule],
        "level": level,
        "message": {"text": one_line(f"{product.id}: {said}")},
        "locations": [_location(violation.place or product.place)],
        "partialFingerprints": {"meshkit/v1": _fingerprint(violation)},
        "properties": {
            "product": product.id,
            "policy": violation.policy_name,
            "field": violation.field,
            "severity": str(violation.severity),
            "status": str(violation.status),
            "blocking": violation.is_blocking,
        },
    }
    if violation.waiver:
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one_line(cover)}]
    return found


def _fingerprint(violation: PolicyViolation) -> str:
    """Return what stays the same when lines move: product, rule and column."""
    return sha256("\0".join((violation.product, violation.rule, violation.field or "")).encode()).hexdigest()[:32]


def _notifications(report: ComplianceReport) -> Iterator[dict[str, Any]]:
    for problem in (*report.problems, *(p for product in report.products for p in product.problems)):
        yield _notification(_level(problem), f"{problem.code} {problem.message}", problem.place)
    for broken in report.broken:
        yield _notification("error", f"rule {broken.rule} cannot be evaluated: {broken.reason}", broken.place)
    for policy in report.not_executable:
        yield _notification("note", f"policy {policy.id} is not executable: {policy.why_not}", policy.place)


def _level(problem: Problem) -> str:
    return "error" if problem.severity is Severity.ERROR else "warning"


def _notification(level: str, text: str, place: Place | None) -> dict[str, Any]:
    found: dict[str, Any] = {"level": level, "message": {"text": one_line(text)}}
    return found | ({"locations": [_location(place)]} if place else {})


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.file.replace("\\", "/"), safe="/:._-~")},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }
