"""Govern a data mesh from contracts: the public face of meshkit. Names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.access_records import record_access
    from meshkit.accessing import decide, principals, search
    from meshkit.compliance import compliance_report
    from meshkit.conditions import condition
    from meshkit.conversions import Conversion, convert
    from meshkit.diffs import compare, load_at
    from meshkit.drafts import draft
    from meshkit.engines.sandbox import Limits, Sandbox
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
    from meshkit.lineages import LineageIndex, lineage
    from meshkit.mesh import Mesh, load
    from meshkit.model.access import AccessDecision, Grant, Principal, SeenAs
    from meshkit.model.change import Change, MeshDiff, ProductDiff
    from meshkit.model.check import Check
    from meshkit.model.compliance import ComplianceReport
    from meshkit.model.condition import Condition
    from meshkit.model.contract import Contract, Status
    from meshkit.model.exported import Export
    from meshkit.model.found import Found, Hit
    from meshkit.model.history import History, PastProductRun
    from meshkit.model.lineage import ProductLineage
    from meshkit.model.metadata import ProductMetadata
    from meshkit.model.policy import Policy, PolicyViolation, PolicyViolationSeverity, ProductCompliance
    from meshkit.model.problem import Problem
    from meshkit.model.proposal import Proposal
    from meshkit.model.query import QueryAnswer
    from meshkit.model.request import AccessRequest
    from meshkit.model.run import Outcome, ProductRun, Verdict
    from meshkit.model.score import MeshScore
    from meshkit.model.table import Severity
    from meshkit.pasting import Pasted
    from meshkit.proposals import judge_change
    from meshkit.querying import query
    from meshkit.report.meaning import meaning_of
    from meshkit.request_views import access_log, requests, send_notices
    from meshkit.requesting import decide_request, request_access
    from meshkit.runs import Run
    from meshkit.scanning import Suspects, scan_suspects
    from meshkit.scoring import score
    from meshkit.store import Store
    from meshkit.viewing import View
    from meshkit.watching import Watch

_HOMES = {
    "Limits": "meshkit.engines.sandbox",
    "QueryAnswer": "meshkit.model.query",
    "Sandbox": "meshkit.engines.sandbox",
    "query": "meshkit.querying",
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
    "Condition": "meshkit.model.condition",
    "Contract": "meshkit.model.contract",
    "ContractError": "meshkit.errors",
    "Conversion": "meshkit.conversions",
    "EngineError": "meshkit.errors",
    "Export": "meshkit.model.exported",
    "Found": "meshkit.model.found",
    "GovernanceEngine": "meshkit.governance_engine",
    "Grant": "meshkit.model.access",
    "History": "meshkit.model.history",
    "Hit": "meshkit.model.found",
    "LineageIndex": "meshkit.lineages",
    "Mesh": "meshkit.mesh",
    "MeshDiff": "meshkit.model.change",
    "MeshScore": "meshkit.model.score",
    "MeshkitError": "meshkit.errors",
    "Outcome": "meshkit.model.run",
    "PastProductRun": "meshkit.model.history",
    "Pasted": "meshkit.pasting",
    "Place": "meshkit.errors",
    "Policy": "meshkit.model.policy",
    "PolicyViolation": "meshkit.model.policy",
    "PolicyViolationSeverity": "meshkit.model.policy",
    "Principal": "meshkit.model.access",
    "Problem": "meshkit.model.problem",
    "Product": "meshkit.mesh",
    "ProductCompliance": "meshkit.model.policy",
    "ProductDiff": "meshkit.model.change",
    "ProductLineage": "meshkit.model.lineage",
    "ProductMetadata": "meshkit.model.metadata",
    "ProductRun": "meshkit.model.run",
    "Proposal": "meshkit.model.proposal",
    "Run": "meshkit.runs",
    "SeenAs": "meshkit.model.access",
    "Severity": "meshkit.model.table",
    "SqlError": "meshkit.errors",
    "Status": "meshkit.model.contract",
    "Store": "meshkit.store",
    "Suspects": "meshkit.scanning",
    "UsageError": "meshkit.errors",
    "Verdict": "meshkit.model.run",
    "View": "meshkit.viewing",
    "Watch": "meshkit.watching",
    "compare": "meshkit.diffs",
    "compliance_report": "meshkit.compliance",
    "condition": "meshkit.conditions",
    "convert": "meshkit.conversions",
    "decide": "meshkit.accessing",
    "draft": "meshkit.drafts",
    "govern": "meshkit.governing",
    "history": "meshkit.histories",
    "judge_change": "meshkit.proposals",
    "lineage": "meshkit.lineages",
    "load": "meshkit.mesh",
    "load_at": "meshkit.diffs",
    "meaning_of": "meshkit.report.meaning",
    "open_store": "meshkit.histories",
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
    "Condition",
    "Contract",
    "ContractError",
    "Conversion",
    "EngineError",
    "Export",
    "Found",
    "GovernanceEngine",
    "Grant",
    "History",
    "Hit",
    "Limits",
    "LineageIndex",
    "Mesh",
    "MeshDiff",
    "MeshScore",
    "MeshkitError",
    "Outcome",
    "PastProductRun",
    "Pasted",
    "Place",
    "Policy",
    "PolicyViolation",
    "PolicyViolationSeverity",
    "Principal",
    "Problem",
    "Product",
    "ProductCompliance",
    "ProductDiff",
    "ProductLineage",
    "ProductMetadata",
    "ProductRun",
    "Proposal",
    "QueryAnswer",
    "Run",
    "Sandbox",
    "SeenAs",
    "Severity",
    "SqlError",
    "Status",
    "Store",
    "Suspects",
    "UsageError",
    "Verdict",
    "View",
    "Watch",
    "__version__",
    "access_log",
    "compare",
    "compliance_report",
    "condition",
    "convert",
    "decide",
    "decide_request",
    "draft",
    "govern",
    "history",
    "judge_change",
    "lineage",
    "load",
    "load_at",
    "meaning_of",
    "open_store",
    "principals",
    "query",
    "record_access",
    "request_access",
    "requests",
    "scan_suspects",
    "score",
    "search",
    "send_notices",
]
