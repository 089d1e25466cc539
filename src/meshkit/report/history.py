"""The history of a product for people and for programs: its runs, one of its checks by run, one of its metrics by run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from meshkit.model.history import Availability, History, Metric, PastProductRun, PastVerdict, RunKind, RunState
from meshkit.model.run import Outcome
from meshkit.model.units import format_number
from meshkit.report.order import one_line
from meshkit.report.text import Paint

Trend = Sequence[tuple[PastProductRun, PastVerdict]]
Measured = Sequence[tuple[datetime, Metric]]
MISSED = (Outcome.ERRORED, Outcome.FAILED, Outcome.WARNED, Outcome.WAIVED)
_DAYS = 30
_SHORT = 12


def render_history(found: History, paint: Paint) -> str:
    """Render the runs of a product, one per line, newest first."""
    rows = [_cells(run) for run in found.runs]
    heads = ("when", "version", "outcome", "rows", "missed")
    lines = [_title(found, paint), "", *_table(heads, rows, [_role(run) for run in found.runs], paint)]
    if not found.runs:
        lines.append("no run of that time and version is recorded")
    lines += ["", paint("next: --check ID or --metric NAME for one of them by run", "faint")]
    return "\n".join(lines) + "\n"


def _title(found: History, paint: Paint) -> str:
    reached, runs = found.availability
    told = f"{reached:,} of {runs:,} runs reached the data ({_percent(found.availability)})" if runs else "no run tried"
    return f"{paint(one_line(found.product), 'name')}  availability over {_DAYS} days: {told}"


def _percent(found: Availability) -> str:
    share = Decimal(found.reached) * 100 / found.runs
    return f"{format_number(Decimal(f'{share:.4g}'))}%"


def outcome_of(run: PastProductRun) -> str:
    """Return how a run of a product ended, in one word: its outcome, or that it was interrupted or is at work."""
    if run.run.state == RunState.ENDED:
        return run.outcome or "unknown"
    return run.run.state


def _role(run: PastProductRun) -> str:
    found = outcome_of(run)
    return "errored" if found == RunState.INTERRUPTED else found if found in set(Outcome) else "faint"


def _cells(run: PastProductRun) -> tuple[str, ...]:
    rows = "" if run.rows is None else f"{run.rows:,}"
    counts = _counts(run)
    missed = ", ".join(f"{counts[o]:,} {o}" for o in MISSED if counts[o])
    if run.run.kind == RunKind.GOVERN and not run.verdicts:
        missed = "policies were evaluated"
    told = missed or (f"none of {len(run.verdicts):,}" if run.verdicts else "no verdict")
    return (_when(run.run.started), one_line(run.version), outcome_of(run), rows, "; ".join((told, *_notes(run))))


def _notes(run: PastProductRun) -> Iterator[str]:
    about = run.run
    if about.scope == "partial":
        yield "a part of the checks or rows"
    if about.scope == "other":
        yield "over other tables"
    if run.reached is False:
        yield "the data was not reached"
    if about.environment:
        yield f"in {one_line(about.environment)}"
    if about.revision:
        yield f"at {about.revision[:_SHORT]}"


def _counts(run: PastProductRun) -> Counter[str]:
    return Counter(v.outcome for v in run.verdicts)


def render_trend(found: History, check: str, trend: Trend, paint: Paint) -> str:
    """Render one check, one run per line."""
    rows = [
        (
            _when(run.run.started),
            run.version,
            v.outcome,
            _number(v.value),
            _number(v.bad),
            _number(v.total),
            v.threshold,
        )
        for run, v in trend
    ]
    heads = ("when", "version", "outcome", "value", "bad", "total", "threshold")
    unit = f"  value in {trend[0][1].unit}" if trend else ""
    lines = [f"{paint(one_line(check), 'name')}{unit}", "", *_table(heads, rows, [v.outcome for _, v in trend], paint)]
    if len(trend) < len(found.runs):
        lines += ["", f"{len(found.runs) - len(trend):,} of {len(found.runs):,} runs have no verdict of it"]
    return "\n".join(lines) + "\n"


def render_metric(product: str, metric: str, measured: Measured, paint: Paint) -> str:
    """Render one metric, one line per run, table and column."""
    rows = [
        (_when(at), one_line(m.version), one_line(".".join(p for p in (m.table, m.column) if p)), _value(m))
        for at, m in measured
    ]
    lines = [f"{paint(one_line(product), 'name')}  {one_line(metric)}", ""]
    lines += _table(("when", "version", "of", "value"), rows, [""] * len(rows), paint)
    if not rows:
        lines.append("no run of that time and version has it")
    return "\n".join(lines) + "\n"


def _value(metric: Metric) -> str:
    if metric.value is not None:
        return _number(metric.value)
    detail = metric.detail or {}
    if "least" in detail:
        return one_line(f"{detail['least']} to {detail.get('most')}")
    return ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], roles: Sequence[str], paint: Paint) -> Iterator[str]:
    """Yield lines; numbers stand to the right, and the word in the third column has the colour of its role."""
    if not rows:
        return
    numbers = {"rows", "value", "bad", "total"}
    widths = [max(len(head), *(len(row[n]) for row in rows)) for n, head in enumerate(heads)]
    for cells, role in ((heads, "faint"), *zip(rows, roles, strict=True)):
        padded = [
            f"{one_line(cell):>{width}}" if head in numbers else f"{one_line(cell):<{width}}"
            for head, cell, width in zip(heads, cells, widths, strict=True)
        ]
        if cells is heads:
            yield paint("  ".join(padded).rstrip(), "faint")
            continue
        padded[-1] = padded[-1].rstrip()
        yield "  ".join(paint(cell, role) if role and n == 2 else cell for n, cell in enumerate(padded)).rstrip()


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{int(value):,}" if value == int(value) else format_number(Decimal(f"{value:.6g}"))


def history_as_dict(
    found: History, place: str, *, check: str | None = None, trend: Trend = (), metric: str | None = None,
    measured: Measured = (),
) -> dict[str, Any]:  # fmt: skip
    """Return a history as values that JSON can hold."""
    reached, runs = found.availability
    share = reached / runs if runs else None
    return {
        "product": found.product,
        "store": place,
        "availability": {"days": _DAYS, "reached": reached, "runs": runs, "ratio": share},
        "runs": [_run(run) for run in found.runs],
        "check": {"id": check, "runs": [_point(run, v) for run, v in trend]} if check else None,
        "metric": {"name": metric, "values": [_measure(at, m) for at, m in measured]} if metric else None,
    }


def _run(run: PastProductRun) -> dict[str, Any]:
    about, counts = run.run, _counts(run)
    return {
        "id": about.id,
        "kind": about.kind,
        "scope": about.scope,
        "state": about.state,
        "outcome": run.outcome,
        "started_at": about.started.isoformat(),
        "ended_at": about.ended.isoformat() if about.ended else None,
        "clock": about.clock.isoformat() if about.clock else None,
        "version": run.version,
        "status": run.status,
        "owner": run.owner,
        "rows": run.rows,
        "reached": run.reached,
        "environment": about.environment,
        "engine": about.engine,
        "revision": about.revision,
        "actor": about.actor,
        "meshkit_version": about.meshkit_version,
        "checks": {str(outcome): counts[outcome] for outcome in Outcome},
        "missed": [
            {"id": v.check_id, "outcome": v.outcome, "severity": v.severity, "message": v.message}
            for v in run.verdicts
            if v.outcome in MISSED
        ],
    }


def _point(run: PastProductRun, verdict: PastVerdict) -> dict[str, Any]:
    return {
        "run": run.run.id,
        "started_at": run.run.started.isoformat(),
        "version": run.version,
        "outcome": verdict.outcome,
        "bad": verdict.bad,
        "total": verdict.total,
        "value": _plain(verdict.value),
        "unit": verdict.unit,
        "threshold": verdict.threshold,
        "definition": verdict.definition,
    }


def _measure(at: datetime, metric: Metric) -> dict[str, Any]:
    return {
        "started_at": at.isoformat(),
        "version": metric.version,
        "table": metric.table or None,
        "column": metric.column or None,
        "value": _plain(metric.value),
        "detail": metric.detail,
    }


def _plain(value: float | None) -> int | float | None:
    return int(value) if value is not None and value == int(value) else value


_TEXT: Mapping[str, Any] = {"type": "string"}
_NULLABLE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_NULLABLE_COUNT: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_NULLABLE_NUMBER: Mapping[str, Any] = {"type": ["number", "null"]}
_TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}


def history_schema() -> dict[str, Any]:
    """Return the JSON Schema of `history_as_dict`. Keys are only ever added."""
    outcomes = [str(o) for o in Outcome]
    missed = {"id": _TEXT, "outcome": {"enum": [str(o) for o in MISSED]}, "severity": _TEXT, "message": _TEXT}
    run = {
        "id": _TEXT,
        "kind": {"enum": ["check", "incremental", "govern"]},
        "scope": {"enum": ["full", "partial", "other"], "description": "other: over tables put in place of its own."},
        "state": {"enum": [str(s) for s in RunState], "description": "A run whose process is gone was interrupted."},
        "outcome": {
            **_NULLABLE_TEXT,
            "description": "Of a check as in its report; of govern the status; null: interrupted before it was judged.",
        },
        "started_at": _TIME,
        "ended_at": {"type": ["string", "null"], "format": "date-time"},
        "clock": {**_NULLABLE_TEXT, "description": "The time that ages were measured at; --now sets it."},
        "version": _TEXT,
        "status": _NULLABLE_TEXT,
        "owner": _NULLABLE_TEXT,
        "rows": _NULLABLE_COUNT,
        "reached": {"type": ["boolean", "null"], "description": "Whether its data was there; null: nobody tried."},
        "environment": _NULLABLE_TEXT,
        "engine": _NULLABLE_TEXT,
        "revision": {**_NULLABLE_TEXT, "description": "The commit that the mesh folder was at."},
        "actor": _NULLABLE_TEXT,
        "meshkit_version": _TEXT,
        "checks": _closed("Outcomes", dict.fromkeys(outcomes, _COUNT)),
        "missed": {"type": "array", "items": _closed("Missed", missed)},
    }
    point = {
        "run": _TEXT,
        "started_at": _TIME,
        "version": _TEXT,
        "outcome": {"enum": outcomes},
        "bad": _NULLABLE_COUNT,
        "total": _NULLABLE_COUNT,
        "value": _NULLABLE_NUMBER,
        "unit": _TEXT,
        "threshold": _TEXT,
        "definition": {**_NULLABLE_TEXT, "description": "Another digest: another assertion."},
    }
    measure = {
        "started_at": _TIME,
        "version": _TEXT,
        "table": _NULLABLE_TEXT,
        "column": _NULLABLE_TEXT,
        "value": _NULLABLE_NUMBER,
        "detail": {"type": ["object", "null"], "description": "A distribution, or a drift."},
    }
    available = {"days": _COUNT, "reached": _COUNT, "runs": _COUNT, "ratio": _NULLABLE_NUMBER}
    whole = {
        "product": _TEXT,
        "store": {**_TEXT, "description": "Where it is, without secrets."},
        "availability": _closed("Availability", available),
        "runs": {"type": "array", "items": _closed("PastRun", run)},
        "check": _optional("Check", {"id": _TEXT, "runs": {"type": "array", "items": _closed("Point", point)}}),
        "metric": _optional("Metric", {"name": _TEXT, "values": {"type": "array", "items": _closed("Value", measure)}}),
    }
    schema = _closed("meshkit history --format json", whole)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _optional(title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [_closed(title, properties), {"type": "null"}]}


def _closed(title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
