"""Runs and violations to answers: other people's text cleaned, hidden products left out, lists within budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import meshkit
from meshkit_mcp.answers_judge import RunAnswer, VerdictLine
from meshkit_mcp.budgets import clean, fit, left_out

_URGENCY = ("errored", "failed", "warned", "skipped", "waived", "passed")
_SEVERITIES = [str(s) for s in reversed(meshkit.Severity)]


def describe_run(view: meshkit.View, product: meshkit.Product, run: meshkit.Run) -> RunAnswer:
    """Return the verdicts of one product's run; samples, SQL and causes stay behind."""
    (found,) = run.to_dict()["products"]
    counts = Counter(c["outcome"] for c in found["checks"])
    places = {v.id: view.place(v.place) for v in run.verdicts}
    verdicts = [_verdict_line(view, product, c, places[c["id"]]) for c in found["checks"]]
    verdicts.sort(key=lambda v: (_URGENCY.index(v.outcome), _SEVERITIES.index(v.severity)))
    checks = fit(verdicts)
    hint = left_out("checks", len(checks), len(verdicts), "the most urgent; check= runs one of the others alone.")
    return RunAnswer(
        product=clean(product.id),
        version=clean(found["version"]),
        outcome=found["outcome"],
        rows=found["rows"],
        counts={outcome: counts[outcome] for outcome in _URGENCY if counts[outcome]},
        checks=checks,
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def _verdict_line(view: meshkit.View, product: meshkit.Product, check: Mapping[str, Any], place: str) -> VerdictLine:
    """Take from a check of the JSON report its numbers and its words."""
    return VerdictLine(
        id=clean(check["id"]),
        message=clean(view.hide(check["message"], product, is_sql=True)),
        place=clean(place),
        **{key: check[key] for key in ("outcome", "severity", "bad", "total", "value", "unit", "threshold")},
    )
