"""The JSON report of a run, whose keys are stable, and its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from meshkit.errors import Place
from meshkit.model.problem import Problem
from meshkit.model.run import ProductRun, RunResult, Verdict
from meshkit.report.metrics import alert_as_dict, alert_schema, metric_as_dict, metric_schema
from meshkit.report.slice import slice_as_dict, slice_schema
from meshkit.report.waivers import waiver_as_dict, waiver_schema, waivers_as_dict, waivers_schema


def render_json(result: RunResult) -> str:
    """Render a run as JSON, indented, with a line break at its end."""
    return json.dumps(run_as_dict(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def run_as_dict(result: RunResult) -> dict[str, Any]:
    """Return a run as values that JSON can hold."""
    return {
        "outcome": str(result.outcome),
        "problems": [problem_as_dict(p) for p in result.problems],
        "started_at": result.started_at.isoformat(),
        "finished_at": result.finished_at.isoformat(),
        "meshkit_version": result.meshkit_version,
        "interrupted": result.interrupted,
        "scope": str(result.scope),
        "run_id": result.run_id or None,
        "environment": result.environment or None,
        "clock": result.clock.isoformat() if result.clock else None,
        "products": [_product_as_dict(p) for p in result.products],
        "slice": slice_as_dict(result) if result.slice else None,
        "incremental": result.incremental.model_dump(mode="json") if result.incremental else None,
        "waivers": waivers_as_dict(result),
    }


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """Return a problem as values that JSON can hold."""
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "message": problem.message,
        "hint": problem.hint,
        "place": place_as_dict(problem.place),
        "product": problem.product or None,
        "check": problem.check or None,
    }


def _product_as_dict(product: ProductRun) -> dict[str, Any]:
    return {
        "id": product.id,
        "version": product.version,
        "domain": product.domain,
        "status": str(product.status),
        "owner": product.owner or None,
        "rows": product.rows,
        "outcome": str(product.outcome),
        "checks": [verdict_as_dict(v) for v in product.verdicts],
        "metrics": [metric_as_dict(m) for m in product.metrics],
        "alerts": [alert_as_dict(a) for a in product.alerts],
    }


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as values that JSON can hold."""
    check = verdict.check
    return {
        "id": check.id,
        "kind": str(check.kind),
        "table": check.table,
        "column": check.column,
        "severity": str(check.severity),
        "outcome": str(verdict.outcome),
        "bad": verdict.bad,
        "total": verdict.total,
        "value": _number(verdict.value),
        "unit": verdict.unit,
        "threshold": str(check.threshold),
        "message": verdict.message,
        "sql": verdict.sql or None,
        "place": place_as_dict(verdict.place),
        "samples": {"columns": list(verdict.samples.columns), "rows": [list(r) for r in verdict.samples.rows]}
        if verdict.samples
        else None,
        "why": list(verdict.why),
        "sliced": verdict.is_sliced,
        "definition": check.definition,
        "waiver": waiver_as_dict(verdict.waiver) if verdict.waiver else None,
    }


def place_as_dict(place: Place) -> dict[str, Any]:
    """Return a place as values that JSON can hold."""
    return {"file": place.file, "line": place.line, "column": place.column}


def _number(value: Decimal | float | None) -> int | float | None:
    """Return a JSON number: whole ones exactly; JSON has no infinity, so that is none."""
    if value is None or (isinstance(value, float) and value in (float("inf"), float("-inf"))):
        return None
    return int(value) if value == int(value) else float(value)


_NULLABLE_INTEGER: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_NULLABLE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_PLACE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
    },
    "required": ["file", "line", "column"],
    "additionalProperties": False,
}


def _closed(title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _reuse_schema() -> dict[str, Any]:
    full = _closed("FullCheck", {"id": {"type": "string"}, "reason": {"type": "string"}})
    table = _closed(
        "TableReuse",
        {
            "product": {"type": "string"},
            "table": {"type": "string"},
            "files": {"type": "integer", "minimum": 0},
            "scanned": {"type": "integer", "minimum": 0, "description": "Files that were new or changed to a check."},
            "full": {"type": "array", "items": full, "description": "Checks that were run over all files, and why."},
        },
    )
    return _closed("Reuse", {"tables": {"type": "array", "items": table}, "note": {"type": "string"}})


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of the report. Keys are only ever added."""
    severities = ["info", "warning", "error", "critical"]
    outcomes = ["passed", "warned", "failed", "errored", "skipped", "waived"]
    samples = _closed(
        "Samples",
        {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "array"}},
        },
    )
    check = _closed(
        "Check",
        {
            "id": {"type": "string", "description": "domain.product.table[.column].kind-or-name; stable."},
            "kind": {"type": "string"},
            "table": {"type": "string"},
            "column": _NULLABLE_TEXT,
            "severity": {"enum": severities},
            "outcome": {"enum": outcomes},
            "bad": {
                **_NULLABLE_INTEGER,
                "description": "Rows, cells or columns that miss it; null where nothing is counted.",
            },
            "total": {**_NULLABLE_INTEGER, "description": "All rows, cells or columns looked at."},
            "value": {"type": ["number", "null"], "description": "What is compared with the threshold, in its unit."},
            "unit": {"enum": ["rows", "ratio", "cells", "hours", "columns", "number"]},
            "threshold": {"type": "string", "description": "A comparator: '<= 0', '<= 3%', 'between 400 and 600'."},
            "message": {"type": "string"},
            "sql": _NULLABLE_TEXT,
            "place": _PLACE,
            "samples": {"anyOf": [samples, {"type": "null"}]},
            "why": {"type": "array", "items": {"type": "string"}},
            "sliced": {"type": "boolean", "description": "Whether it was judged on the rows of the slice alone."},
            "definition": {
                "type": "string",
                "description": "A digest of what is asserted: while it is the same, an answer to it is still one.",
            },
            "waiver": {
                "anyOf": [waiver_schema(dict(_PLACE)), {"type": "null"}],
                "description": "The waiver that covers it, where it is waived.",
            },
        },
    )
    product = _closed(
        "Product",
        {
            "id": {"type": "string"},
            "version": {"type": "string"},
            "domain": {"type": "string"},
            "status": {"enum": ["draft", "beta", "active", "deprecated", "retired"]},
            "owner": _NULLABLE_TEXT,
            "rows": _NULLABLE_INTEGER,
            "outcome": {"enum": outcomes},
            "checks": {"type": "array", "items": check},
            "metrics": {"type": "array", "items": metric_schema()},
            "alerts": {"type": "array", "items": alert_schema(_PLACE)},
        },
    )
    problem = _closed(
        "Problem",
        {
            "code": {"type": "string", "pattern": "^MK[0-9]{3}$"},
            "severity": {"enum": ["warning", "error"]},
            "message": {"type": "string"},
            "hint": {"type": "string"},
            "place": _PLACE,
            "product": _NULLABLE_TEXT,
            "check": _NULLABLE_TEXT,
        },
    )
    report = _closed(
        "meshkit check --format json",
        {
            "outcome": {"enum": outcomes},
            "problems": {"type": "array", "items": problem},
            "started_at": {"type": "string", "format": "date-time"},
            "finished_at": {"type": "string", "format": "date-time"},
            "meshkit_version": {"type": "string"},
            "interrupted": {"type": "boolean"},
            "scope": {
                "enum": ["full", "partial", "other"],
                "description": "other: over tables put in place of its own.",
            },
            "clock": {**_NULLABLE_TEXT, "description": "The time that ages were measured at; --now sets it."},
            "run_id": {**_NULLABLE_TEXT, "description": "Its id in the store; null where it is not recorded."},
            "environment": {**_NULLABLE_TEXT, "description": "Of meshkit.yaml, in which it was made; null = none."},
            "products": {"type": "array", "items": product},
            "slice": {"anyOf": [slice_schema(), {"type": "null"}]},
            "incremental": {"anyOf": [_reuse_schema(), {"type": "null"}]},
            "waivers": {"anyOf": [waivers_schema(dict(_PLACE)), {"type": "null"}]},
        },
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **report}
