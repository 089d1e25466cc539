"""The formula of scores: which parts there are, what counts in each, and for how much. docs/scores.md is written from it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.errors import MeshkitError, Place
from meshkit.model.check import SCHEMA_KINDS, Kind
from meshkit.model.contract import Contract
from meshkit.model.names import SEMVER, fold
from meshkit.model.policy import Policy, PolicyViolation, ProductCompliance, Status
from meshkit.model.run import Judgement, Outcome, Verdict
from meshkit.model.score import ProductScore, ScoreItem, ScorePart
from meshkit.model.table import Severity
from meshkit.policy.evaluate import NEEDS, binds
from meshkit.policy.facts import ProductFacts, product_row
from meshkit.policy.statement import compile_rule

LOST: Mapping[Severity, float] = {
    Severity.INFO: 0.25, Severity.WARNING: 0.5, Severity.ERROR: 1.0, Severity.CRITICAL: 1.0,
}  # fmt: skip
"""What the gravest violation of a policy costs of that policy's share."""
LOST_IN_GRACE = 0.25
_GRAVE = (Severity.ERROR, Severity.CRITICAL)


class Judged(NamedTuple):
    """All that is known of a product when it is scored.

    Attributes:
        row: Its row as policies see it.
        compliance: What all policies say of it.
        policies: These policies.
        needing_run: Ids of their rules that only a run can answer.
    """

    facts: ProductFacts
    row: Mapping[str, Any]
    compliance: ProductCompliance
    policies: Sequence[Policy]
    needing_run: frozenset[str]


def judged(
    facts: ProductFacts, compliance: ProductCompliance, policies: Sequence[Policy], needing_run: frozenset[str]
) -> Judged:
    """Gather what is known of a product."""
    return Judged(facts, product_row(facts), compliance, policies, needing_run)


def rules_needing_run(policies: Sequence[Policy]) -> frozenset[str]:
    """Return the ids of the rules that only a run can answer; those that cannot be compiled are told elsewhere."""
    found = set()
    for rule in (r for p in policies for r in p.rules):
        with contextlib.suppress(MeshkitError):
            if "run" in compile_rule(rule, 0).needs:
                found.add(rule.id)
    return frozenset(found)


class Item(NamedTuple):
    """One thing that counts.

    Attributes:
        text: When it counts, in full words; the page shows it.
        measure: The share that is there, 0 to 1; None = unknown.
        unknown: Why it may be unknown.
    """

    name: str
    weight: int
    text: str
    remedy: str
    measure: Callable[[Judged], float | None]
    unknown: str = ""


class Part(NamedTuple):
    """A part of the score.

    Attributes:
        practice: The best practice that it measures.
        items: What counts; empty where each policy is one item.
    """

    name: str
    of: int
    practice: str
    text: str
    items: tuple[Item, ...] = ()


def _said(name: str, weight: int, text: str, remedy: str, column: str) -> Item:
    """Return an item that counts where a column of the row has a value that is not empty."""
    return Item(name, weight, text, remedy, lambda j: float(bool(j.row[column] or j.row[column] == 0)))


def _described(of: Judged) -> float | None:
    columns = [c for t in of.facts.contract.tables for c in t.columns]
    return _share(bool(c.description.strip()) for c in columns) if columns else 0.0


def _checks_described(of: Judged) -> float | None:
    return _share(bool(c.description.strip()) for c in of.facts.contract.quality_checks)


def _asserted(of: Judged) -> float | None:
    """Return the share of columns that a check of their own is about."""
    own = [c for c in of.facts.checks if c.kind not in SCHEMA_KINDS and c.kind is not Kind.COMPLETENESS]
    named = {(c.table, fold(n)) for c in own for n in c.own_columns}
    columns = [(t.name, fold(c.name)) for t in of.facts.contract.tables for c in t.columns]
    return _share(c in named for c in columns) if columns else 0.0


def _freshness_column(of: Judged) -> float:
    freshness = of.facts.contract.sla.freshness
    return float(bool(freshness and (freshness.column or freshness.source)))


def _is_semver(of: Judged) -> float:
    return float(bool(SEMVER.fullmatch(of.facts.contract.version)))


def _rises(of: Judged) -> float | None:
    changes = of.facts.changes
    return None if changes is None else float(changes.is_enough)


def _in_changelog(of: Judged) -> float:
    contract = of.facts.contract
    return float(any(e.version == contract.version and e.changes for e in contract.changelog))


def _share(found: Iterator[bool]) -> float | None:
    seen = list(found)
    return sum(seen) / len(seen) if seen else None


def _answered(of: Judged, severities: Sequence[Severity]) -> list[Verdict | Judgement]:
    verdicts = of.facts.verdicts or ()
    return [v for v in verdicts if v.severity in severities and v.outcome is not Outcome.SKIPPED]


def _all_met(of: Judged) -> float | None:
    verdicts = of.facts.verdicts
    if verdicts is None or all(v.outcome is Outcome.SKIPPED for v in verdicts):
        return None if verdicts is None or verdicts else 0.0
    return float(not any(v.outcome in (Outcome.FAILED, Outcome.ERRORED) for v in verdicts))


def _met(*severities: Severity) -> Callable[[Judged], float | None]:
    return lambda of: _share(v.is_met for v in _answered(of, severities))


_NO_RUN = "no run of this version is known"
_NO_BASE = "nothing to compare it with: no published version, and no --against"
FORMULA: tuple[Part, ...] = (
    Part("promises", 15, "S189", "What the service promises", (
        _said("availability", 1, "`sla.availability` is promised", "write sla.availability", "availability"),
        _said("freshness", 1, "`sla.freshness.max_age_hours` is promised", "write sla.freshness.max_age_hours", "freshness_hours"),
        Item("freshness_column", 1, "`sla.freshness` names the `column` (or `source`) by which it is measured",
             "write sla.freshness.column", _freshness_column),
        _said("completeness", 1, "`sla.completeness.min_threshold` is promised", "write sla.completeness.min_threshold", "completeness"),
        _said("retention", 1, "`retention_days` is said", "write retention_days", "retention_days"),
    )),
    Part("documentation", 10, "S190", "What its columns and checks mean", (
        Item("columns", 3, "share of columns with a description", "describe the others", _described),
        Item("checks", 1, "share of `sla.quality_checks` with a description", "describe the others", _checks_described,
             "no author wrote a quality check"),
    )),
    Part("versioning", 10, "S191", "Whether readers can rely on its version", (
        Item("semantic", 1, "the version is MAJOR.MINOR.PATCH", "write a version such as 1.4.0", _is_semver),
        Item("rises", 2, "it rises by as much as the changes since the published version ask for", "meshkit diff computes it",
             _rises, _NO_BASE),
        Item("changelog", 1, "`changelog` says what this version changed", "add an entry for this version", _in_changelog),
    )),
    Part("checks", 15, "S192", "What is asserted of the data", (
        Item("columns", 3, "share of columns that a check of their own is about, in whatever way", "add constraints to the others",
             _asserted),
        Item("key", 1, "each table has a primary key, or a column that is unique and not_null", "write is_primary_key: true",
             lambda j: float(j.row["has_primary_key"])),
        Item("authored", 1, "at least one quality check by its authors", "write sla.quality_checks",
             lambda j: float(j.row["quality_checks"] > 0)),
    )),
    Part("discoverability", 15, "S193", "Whether others find it and know whom to ask", (
        _said("description", 1, "`description` says what it is", "write description", "description"),
        _said("tags", 1, "at least one of `tags`", "write tags", "tags"),
        _said("team", 1, "`owner.team` is named", "write owner.team", "owner_team"),
        _said("contact", 1, "`owner.contact` is named", "write owner.contact", "owner_contact"),
        _said("discovery", 1, "`access.discovery` says who may know of it", "write access.discovery", "discovery"),
        Item("readers", 1, "`access.read` names at least one reader", "write access.read", lambda j: float(j.row["read_rules"] > 0)),
    )),
    Part("governance", 15, "S201", "The policies of the governance file, one item each"),
    Part("form", 5, "S188", "meshkit's lints of the mesh's form, one item each"),
    Part("health", 15, "S194", "What the last run saw", (
        Item("no_failures", 2, "no check failed, and none was without an answer", "meshkit check --why says why", _all_met, _NO_RUN),
        Item("errors_met", 2, "share of checks of severity error and critical that are met; one without an answer is not",
             "meshkit check --why says why", _met(*_GRAVE), "none of severity error or critical had an answer"),
        Item("warnings_met", 1, "share of warning checks that are met; one without an answer is not", "meshkit check --why says why",
             _met(Severity.WARNING), "no warning check had an answer"),
    )),
)  # fmt: skip
"""All parts; their points make 100."""


def score_product(of: Judged, *, owner: str, is_current: bool) -> ProductScore:
    """Score a product by the formula."""
    contract = of.facts.contract
    return ProductScore(
        product=of.facts.id, version=contract.version, domain=contract.domain, owner=owner, is_current=is_current,
        has_run=of.facts.verdicts is not None, is_failing=_all_met(of) == 0 or _is_blocked(of), parts=tuple(_part(p, of) for p in FORMULA),
    )  # fmt: skip


def health_share(contract: Contract, verdicts: Sequence[Verdict | Judgement]) -> float | None:
    """Return the share of the points of health that verdicts alone earn; None where they say nothing."""
    facts = ProductFacts(id=contract.product_id, contract=contract, verdicts=verdicts)
    compliance = ProductCompliance(
        product=facts.id, version=contract.version, domain=contract.domain, place=Place("", 1, 1)
    )
    of = Judged(facts, {}, compliance, (), frozenset())
    return _part(next(p for p in FORMULA if p.name == "health"), of).share


def _is_blocked(of: Judged) -> bool:
    return any(v.is_blocking and not _is_unseen(v, of) for v in of.compliance.violations)


def _part(part: Part, of: Judged) -> ScorePart:
    items = [_item(i, of) for i in part.items] or list(_by_policy(of, is_lint=part.name == "form"))
    return ScorePart(name=part.name, of=part.of, items=tuple(items))


def _item(item: Item, of: Judged) -> ScoreItem:
    share = item.measure(of)
    if share is None:
        why = (
            _NO_RUN
            if of.facts.verdicts is None and item.unknown.startswith("no") and "answer" in item.unknown
            else item.unknown
        )
        return ScoreItem(name=item.name, weight=item.weight, why=why)
    if share == 1:
        return ScoreItem(name=item.name, weight=item.weight, share=1.0)
    seen = item.text.replace("`", "")
    why = f"{share:.0%} {seen.removeprefix('share ')}" if seen.startswith("share ") else f"wanted: {seen}"
    return ScoreItem(name=item.name, weight=item.weight, share=share, why=why, remedy=item.remedy)


def _by_policy(of: Judged, *, is_lint: bool) -> Iterator[ScoreItem]:
    """Yield an item for each policy that binds the product; those that cannot be told yet are unknown."""
    contract, has_run = of.facts.contract, of.facts.verdicts is not None
    untold = dict(of.compliance.unknown)
    bound: dict[str, list[str]] = {}
    for policy in of.policies:
        if policy.is_lint is is_lint and not policy.why_not:
            for rule in policy.rules:
                if binds(rule, contract.domain, contract.policies):
                    why = "" if has_run or rule.id not in of.needing_run else NEEDS["run"]
                    bound.setdefault(policy.id, []).append(untold.get(rule.id, why))
    for name, reasons in bound.items():
        if all(reasons):
            yield ScoreItem(name=name, why=reasons[0])
        else:
            yield _policy_item(name, [v for v in of.compliance.violations if v.policy_name == name], of, is_lint)


def _policy_item(name: str, violations: Sequence[PolicyViolation], of: Judged, is_lint: bool) -> ScoreItem:
    told = [v for v in violations if v.status is not Status.WAIVED and not _is_unseen(v, of)]
    lost = [(_loss(v, is_lint), v) for v in told]
    if not lost:
        return ScoreItem(name=name, share=1.0)
    worst, gravest = max(lost, key=lambda found: found[0])
    more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
    return ScoreItem(name=name, share=1 - worst, why=f"{gravest.message}{more}", remedy=gravest.remedy)


def _loss(violation: PolicyViolation, is_lint: bool) -> float:
    if violation.status is Status.GRACE:
        return LOST_IN_GRACE
    return 1.0 if is_lint else LOST[violation.severity]


def _is_unseen(violation: PolicyViolation, of: Judged) -> bool:
    """Tell whether a violation says only that there was no run: nothing is known then, for better or worse."""
    return of.facts.verdicts is None and violation.rule in of.needing_run
