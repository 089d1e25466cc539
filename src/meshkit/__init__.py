"""Govern a data mesh from contracts: the public face of meshkit. Names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.access_records import record_access
    from meshkit.accessing import decide, principals, search
    from meshkit.compliance import compliance_report
    from meshkit.conversions import Conversion, convert
    from meshkit.diffs import compare, load_at
    from meshkit.drafts import draft
    from meshkit.errors import (
        AccessError,
        ChecksFailedError,
        ContractError,
        EngineError,
        MeshkitError,
        Place,
        SqlError,
        UsageError,
    )
    from meshkit.governance_engine import GovernanceEngine
    from meshkit.governing import govern
    from meshkit.histories import history, open_store
    from meshkit.mesh import Mesh, load
    from meshkit.model.access import AccessDecision, Grant, Principal
    from meshkit.model.change import Change, MeshDiff, ProductDiff
    from meshkit.model.check import Check
    from meshkit.model.compliance import ComplianceReport
    from meshkit.model.contract import Contract, Status
    from meshkit.model.exported import Export
    from meshkit.model.found import Found
    from meshkit.model.history import History
    from meshkit.model.metadata import ProductMetadata
    from meshkit.model.policy import PolicyViolation, PolicyViolationSeverity
    from meshkit.model.problem import Problem
    from meshkit.model.request import AccessRequest
    from meshkit.model.run import Outcome, ProductRun, Verdict
    from meshkit.model.score import MeshScore
    from meshkit.model.table import Severity
    from meshkit.request_views import access_log, requests, send_notices
    from meshkit.requesting import decide_request, request_access
    from meshkit.runs import Run
    from meshkit.scanning import Suspects, scan_suspects
    from meshkit.scoring import score
    from meshkit.store import Store

_HOMES = {
    "AccessError": "meshkit.errors",
    "AccessRequest": "meshkit.model.request",
    "access_log": "meshkit.request_views",
    "decide_request": "meshkit.requesting",
    "request_access": "meshkit.requesting",
    "requests": "meshkit.request_views",
    "send_notices": "meshkit.request_views",
    "AccessDecision": "meshkit.model.access",
    "Change": "meshkit.model.change",
    "Check": "meshkit.model.check",
    "ChecksFailedError": "meshkit.errors",
    "ComplianceReport": "meshkit.model.compliance",
    "Contract": "meshkit.model.contract",
    "Conversion": "meshkit.conversions",
    "ContractError": "meshkit.errors",
    "EngineError": "meshkit.errors",
    "Export": "meshkit.model.exported",
    "Found": "meshkit.model.found",
    "GovernanceEngine": "meshkit.governance_engine",
    "History": "meshkit.model.history",
    "Grant": "meshkit.model.access",
    "Mesh": "meshkit.mesh",
    "MeshDiff": "meshkit.model.change",
    "MeshScore": "meshkit.model.score",
    "MeshkitError": "meshkit.errors",
    "Outcome": "meshkit.model.run",
    "Place": "meshkit.errors",
    "PolicyViolation": "meshkit.model.policy",
    "PolicyViolationSeverity": "meshkit.model.policy",
    "Principal": "meshkit.model.access",
    "Problem": "meshkit.model.problem",
    "Product": "meshkit.mesh",
    "ProductDiff": "meshkit.model.change",
    "ProductMetadata": "meshkit.model.metadata",
    "ProductRun": "meshkit.model.run",
    "Run": "meshkit.runs",
    "Severity": "meshkit.model.table",
    "SqlError": "meshkit.errors",
    "Status": "meshkit.model.contract",
    "Store": "meshkit.store",
    "Suspects": "meshkit.scanning",
    "UsageError": "meshkit.errors",
    "Verdict": "meshkit.model.run",
    "decide": "meshkit.accessing",
    "draft": "meshkit.drafts",
    "govern": "meshkit.governing",
    "history": "meshkit.histories",
    "open_store": "meshkit.histories",
    "compare": "meshkit.diffs",
    "compliance_report": "meshkit.compliance",
    "convert": "meshkit.conversions",
    "load": "meshkit.mesh",
    "load_at": "meshkit.diffs",
    "principals": "meshkit.accessing",
    "record_access": "meshkit.access_records",
    "scan_suspects": "meshkit.scanning",
    "score": "meshkit.scoring",
    "search": "meshkit.accessing",
}


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives; `meshkit --help` must not wait for an engine."""
    if name not in _HOMES:
        raise AttributeError(f"module 'meshkit' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)


__all__ = [
    "AccessDecision",
    "AccessError",
    "AccessRequest",
    "Change",
    "Check",
    "ChecksFailedError",
    "ComplianceReport",
    "Contract",
    "ContractError",
    "Conversion",
    "EngineError",
    "Export",
    "Found",
    "GovernanceEngine",
    "Grant",
    "History",
    "Mesh",
    "MeshDiff",
    "MeshScore",
    "MeshkitError",
    "Outcome",
    "Place",
    "PolicyViolation",
    "PolicyViolationSeverity",
    "Principal",
    "Problem",
    "Product",
    "ProductDiff",
    "ProductMetadata",
    "ProductRun",
    "Run",
    "Severity",
    "SqlError",
    "Status",
    "Store",
    "Suspects",
    "UsageError",
    "Verdict",
    "__version__",
    "access_log",
    "compare",
    "compliance_report",
    "convert",
    "decide",
    "decide_request",
    "draft",
    "govern",
    "history",
    "load",
    "load_at",
    "open_store",
    "principals",
    "record_access",
    "request_access",
    "requests",
    "scan_suspects",
    "score",
    "search",
    "send_notices",
]
