"""Runs and violations to answers: other people's text cleaned, hidden products left out, lists within budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import meshkit
from meshkit_mcp.answers_judge import ContractAnswer, Finding, GovernanceAnswer, RunAnswer, VerdictLine, ViolationLine
from meshkit_mcp.budgets import clean, fit, left_out

_URGENCY = ("errored", "failed", "warned", "skipped", "waived", "passed")
MOST_UNKNOWN = 50
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


def describe_problems(view: meshkit.View, product: meshkit.Product) -> ContractAnswer:
    """Return what is wrong with the contract of a product."""

    def shown(text: str) -> str:
        return view.hide(text, product)

    found = view.problems(product)
    return _contract(product.id, product.version, found, shown, view.place)


def describe_pasted(pasted: meshkit.Pasted) -> ContractAnswer:
    """Return what is wrong with a text; it was read beside what may be seen alone, so that nothing need be hidden.

    Raises:
        UsageError: It is no contract, and nothing is wrong with it either.
    """
    if not pasted.product and not pasted.problems:
        raise meshkit.UsageError("the text is no data product's contract", "meshkit draft writes one from data")
    return _contract(pasted.product, pasted.version, pasted.problems, str, str)


def _contract(
    product: str,
    version: str,
    problems: Sequence[meshkit.Problem],
    shown: Callable[[str], str],
    place: Callable[[meshkit.Place], str],
) -> ContractAnswer:
    by_severity = sorted(problems, key=lambda p: _SEVERITIES.index(p.severity))
    every = [
        Finding(
            code=p.code,
            severity=p.severity,
            message=clean(shown(p.message)),
            fix=clean(shown(p.hint)),
            place=clean(place(p.place)),
        )
        for p in by_severity
    ]
    findings = fit(every)
    errors = sum(p.severity == "error" for p in problems)
    hint = left_out("findings", len(findings), len(every), "errors come first; mend these and ask again.")
    return ContractAnswer(
        product=clean(product),
        version=clean(version),
        is_valid=bool(product) and not errors,
        errors=errors,
        findings=findings,
        truncated=bool(hint),
        hint=" ".join(hint),
    )


def describe_compliance(
    view: meshkit.View, product: meshkit.Product, found: meshkit.ProductCompliance
) -> GovernanceAnswer:
    """Return what the policies say of a product."""

    def shown(text: str) -> str:
        return clean(view.hide(text, product))

    every = [
        ViolationLine(
            policy=clean(v.policy_name),
            rule=clean(v.rule),
            severity=v.severity,
            status=v.status,
            field=clean(v.field or ""),
            message=shown(v.message),
            remedy=shown(v.remedy),
            place=clean(view.place(v.place)),
            waiver=shown(v.waiver),
        )
        for v in found.violations
    ]
    violations = fit(every)
    unknown = dict(found.unknown[:MOST_UNKNOWN])
    hint = [
        *left_out("violations", len(violations), len(every), "the gravest come first; mend these and ask again."),
        *left_out("unknown rules", len(unknown), len(found.unknown), "`meshkit govern` names the rest."),
    ]
    return GovernanceAnswer(
        product=clean(product.id),
        version=clean(found.version),
        status=found.status,
        is_blocked=found.is_blocked,
        violations=violations,
        unknown={clean(rule): shown(why) for rule, why in unknown.items()},
        evaluated=[clean(p) for p in found.evaluated],
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
