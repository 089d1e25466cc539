"""An evaluation to a compliance report: claims and what stands behind them, policies with what came of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from meshkit.model.check import Kind
from meshkit.model.compliance import BrokenRule, Claim, ComplianceReport, ReportedPolicy, ReportedProduct, Standing
from meshkit.model.policy import Policy, PolicyRule, ProductCompliance, Status, worst_status
from meshkit.model.problem import Problem
from meshkit.model.run import Outcome
from meshkit.policy.evaluate import Evaluation
from meshkit.policy.facts import ProductFacts
from meshkit.version import __version__

CHANGES = (
    "published_version",
    "breaking_changes",
    "is_version_enough",
    "notice_days",
    "migration_guide",
    "unnotified",
    "removal",
)
"""Columns of a product's row that are only known where there is a version to compare with."""


def report_of(
    evaluation: Evaluation,
    made_at: datetime,
    *,
    asked: Sequence[str] = (),
    gone: Evaluation | None = None,
    unread: Sequence[ReportedProduct] = (),
    problems: Sequence[Problem] = (),
) -> ComplianceReport:
    """Return what an evaluation found as a report.

    Args:
        evaluation: What was evaluated.
        made_at: The clock of the evaluation.
        asked: The ids that were asked for; none = every product.
        gone: The same of what readers have and the mesh does not serve any more.
        unread: Products whose contracts have errors, so that nothing could be evaluated.
        problems: What is wrong in files that are no products.
    """
    found = (*products_of(evaluation), *(products_of(gone) if gone else ()))
    subjects = (*evaluation.subjects, *(gone.subjects if gone else ()))
    products = [*(_product(s.facts, p) for s, p in zip(subjects, found, strict=True)), *unread]
    return ComplianceReport(
        at=evaluation.asked.point,
        today=evaluation.asked.today,
        made_at=made_at,
        meshkit_version=__version__,
        asked=tuple(asked),
        products=tuple(sorted(products, key=lambda p: (p.domain, p.id))),
        policies=tuple(_policy(p, found) for p in evaluation.policies),
        broken=tuple(
            BrokenRule(rule=b.rule.id, policy=b.rule.policy, reason=b.error.what, place=b.rule.place)
            for b in evaluation.broken
        ),
        problems=tuple(problems),
    )


def products_of(evaluation: Evaluation) -> tuple[ProductCompliance, ...]:
    """Return what came of each product; a policy about changes was not evaluated where there is nothing to compare with."""
    only_changes = {p.id for p in evaluation.policies if p.rules and all(map(_reads_changes, p.rules))}
    return tuple(
        _with_changes(subject.facts, found, only_changes)
        for subject, found in zip(evaluation.subjects, evaluation.products, strict=True)
    )


def _with_changes(facts: ProductFacts, found: ProductCompliance, only_changes: Collection[str]) -> ProductCompliance:
    changes = facts.changes
    if facts.is_first or (changes is not None and not changes.why_not):
        return found
    told = tuple(p for p in found.evaluated if p not in only_changes)
    why = changes.why_not if changes else ""
    unknown = tuple((p, why) for p in found.evaluated if why and p in only_changes)
    return found.model_copy(update={"evaluated": told, "unknown": (*found.unknown, *unknown)})


def _reads_changes(rule: PolicyRule) -> bool:
    return any(f"product.{name}" in f"{rule.when} {rule.require}" for name in CHANGES)


def _product(facts: ProductFacts, found: ProductCompliance) -> ReportedProduct:
    owner = facts.contract.owner
    return ReportedProduct(
        id=found.product,
        version=found.version,
        domain=found.domain,
        owner=owner.team or owner.contact or "",
        place=found.place,
        evaluated=found.evaluated,
        unknown=found.unknown,
        violations=found.violations,
        claims=tuple(claims_of(facts)),
        compared_with=facts.changes.version if facts.changes else "",
    )


def _policy(policy: Policy, products: Sequence[ProductCompliance]) -> ReportedPolicy:
    """Say what came of a policy; of one that is stated for several domains, what came of it in its own."""
    bound = [p for p in products if policy.domain in ("", p.domain)]
    violations = [v for p in bound for v in p.violations if v.policy_name == policy.id]
    own = {r.id for r in policy.rules}
    is_open = any(rule in own for p in bound for rule, _ in p.unknown)
    status: Status | None = Status.NOT_EXECUTABLE
    if not policy.why_not:
        is_told = is_open or (bool(own) and any(policy.id in p.evaluated for p in bound))
        status = worst_status([v.status for v in violations] + [Status.UNKNOWN] * is_open) if is_told else None
    return ReportedPolicy(
        id=policy.id,
        domain=policy.domain,
        mandatory=policy.mandatory,
        why_not=policy.why_not,
        is_lint=policy.is_lint,
        status=status,
        violations=len(violations),
        place=policy.place,
    )


def claims_of(facts: ProductFacts) -> Iterator[Claim]:
    """Yield what a contract claims: what only its owner says as declared, what a run measured as verified or refuted."""
    contract = facts.contract
    columns = [c for t in contract.tables for c in t.columns]
    for key, flag in (
        ("encryption_enabled", contract.encryption_enabled),
        ("audit_logging_enabled", contract.audit_logging_enabled),
    ):
        if flag is not None:
            yield Claim(key=key, value=str(flag).lower())
    for key, names in (
        ("encrypted", [c.called for c in columns if c.encrypted]),
        ("mask", [c.called for c in columns if c.mask]),
    ):
        if names:
            yield Claim(key=key, value=", ".join(names))
    for key, days in (("retention_days", contract.retention_days), ("trash_days", contract.trash_days)):
        if days is not None:
            yield Claim(key=key, value=str(days))
    yield from _promises(facts)


def _promises(facts: ProductFacts) -> Iterator[Claim]:
    sla = facts.contract.sla
    if sla.availability:
        yield _measured(
            "sla.availability", _percent(float(sla.availability)), float(sla.availability), facts.availability
        )
    for key, kind, value in (
        (
            "sla.completeness",
            Kind.COMPLETENESS,
            _percent(float(sla.completeness.min_ratio)) if sla.completeness else "",
        ),
        ("sla.freshness", Kind.FRESHNESS, f"{sla.freshness.max_age_hours:g} h" if sla.freshness else ""),
    ):
        if value:
            yield _checked(key, value, kind, facts)


def _measured(key: str, value: str, promised: float, seen: float | None) -> Claim:
    if seen is None:
        return Claim(key=key, value=value)
    standing = Standing.VERIFIED if seen >= promised else Standing.REFUTED
    return Claim(key=key, value=value, standing=standing, seen=_percent(seen))


def _checked(key: str, value: str, kind: Kind, facts: ProductFacts) -> Claim:
    """Return a promise that a check of that kind looks at: it stands as all such checks of the last run ended."""
    seen = [v for v in facts.verdicts or () if v.check.kind is kind and v.value is not None]
    if not seen:
        return Claim(key=key, value=value)
    kept = all(v.outcome is Outcome.PASSED for v in seen)
    numbers = [float(v.value) for v in seen if v.value is not None]
    worst = f"{max(numbers):.4g} h" if kind is Kind.FRESHNESS else _percent(min(numbers))
    return Claim(key=key, value=value, standing=Standing.VERIFIED if kept else Standing.REFUTED, seen=worst)


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.6g}%"
