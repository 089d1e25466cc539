"""Plans for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from meshkit.model.metric import is_metric
from meshkit.model.plan import PlannedStep, TablePlan
from meshkit.report.order import one_line

_WIDTH = 116


def render_plans(plans: Sequence[TablePlan]) -> str:
    """Return plans as text: a paragraph per table, a line per decision."""
    return "\n".join(_table(plan) for plan in plans)


def plans_as_dict(plans: Sequence[TablePlan]) -> dict[str, Any]:
    """Return plans as plain values: the shape of `meshkit check --explain --format json`."""
    return {
        "tables": [
            {
                "product": plan.product,
                "table": plan.table,
                "rows": plan.rows,
                "files": plan.files,
                "row_groups": plan.row_groups,
                "statements": plan.statements,
                "steps": [
                    {"how": s.how, "checks": list(s.checks), "reason": s.reason, "sql": s.sql} for s in plan.steps
                ],
                "slice": plan.slice or None,
                "whole": plan.whole or None,
                "refused": [{"check": check, "reason": reason} for check, reason in plan.refused],
            }
            for plan in plans
        ]
    }


def render_plans_json(plans: Sequence[TablePlan]) -> str:
    """Return plans as JSON."""
    return json.dumps(plans_as_dict(plans), indent=2, ensure_ascii=False) + "\n"


def _table(plan: TablePlan) -> str:
    prefix = f"{plan.product}.{plan.table}."
    lines = [f"{plan.product}.{plan.table} · {_size(plan)}"]
    if plan.slice or plan.whole:
        lines.append(f"  slice    {one_line(plan.slice) or f'none, the whole table: {one_line(plan.whole)}'}")
    for step in plan.steps:
        lines += _step(step, prefix)
    lines += [f"  refused  {check.removeprefix(prefix)}: {reason}" for check, reason in plan.refused]
    asked = [check for step in plan.steps for check in step.checks]
    metrics = sum(is_metric(check) for check in asked)
    checks = len(asked) - metrics + len(plan.refused)
    more = f" and {_count(metrics, 'measurement')}" if metrics else ""
    lines.append(f"  = {_count(plan.statements, 'statement')} for {_count(checks, 'check')}{more}")
    return "\n".join(lines) + "\n"


def _step(step: PlannedStep, prefix: str) -> list[str]:
    names = ", ".join(check.removeprefix(prefix) for check in step.checks)
    listed = wrap(names, _WIDTH - 11, break_long_words=False, break_on_hyphens=False)
    return [f"  {step.how:<8} {step.reason}", *(f"           {line}" for line in listed)]


def _size(plan: TablePlan) -> str:
    parts = ["rows not known before they are read" if plan.rows is None else _count(plan.rows, "row")]
    if plan.files:
        parts.append(_count(plan.files, "file"))
    if plan.row_groups is not None:
        parts.append(_count(plan.row_groups, "row group"))
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
