"""The words that all compliance reports share: what a violation is at, who covers it, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterable

from meshkit.model.compliance import REPORTED, Claim, ComplianceReport, Group, ReportedProduct, Standing
from meshkit.model.policy import PolicyViolation, Status

CONCLUSION = {0: "allowed", 1: "blocked", 2: "not judged as a whole", 3: "could not be evaluated"}
"""What an exit code means."""


def violations_of(product: ReportedProduct) -> list[PolicyViolation]:
    """Return the violations of a product: what blocks first, then what counts, then what is covered; each by severity."""
    order = (Status.VIOLATED, Status.GRACE, Status.WAIVED)
    return sorted(product.violations, key=lambda v: (not v.is_blocking, order.index(v.status), -v.severity.rank))


def standing_of(violation: PolicyViolation) -> str:
    """Say in a word what a violation is: its severity where it counts, else `grace` or `waived`."""
    words = {Status.WAIVED: "waived", Status.GRACE: "grace"}
    return words.get(violation.status, str(violation.severity))


def cover_of(violation: PolicyViolation) -> str:
    """Say why a violation does not count; an empty text where it does."""
    if violation.waiver:
        until = f", until {violation.waived_until}" if violation.waived_until else ""
        return f"waived: {violation.waiver}" + ("" if str(violation.waived_until) in violation.waiver else until)
    return f"only warns until {violation.grace_until}" if violation.grace_until else ""


def state_of(product: ReportedProduct) -> str:
    """Say what a product is."""
    if not product.is_evaluable:
        return "not evaluable"
    return f"{product.status}, blocked" if product.is_blocked else str(product.status)


def unknown_of(product: ReportedProduct) -> list[str]:
    """Say which rules cannot be told, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for rule, reason in product.unknown:
        by_reason.setdefault(reason, []).append(rule)
    return [f"{', '.join(rules)}: {reason}" for reason, rules in by_reason.items()]


def claims_of(product: ReportedProduct, standing: Standing) -> list[str]:
    """Say what a product claims, of those claims that stand so."""
    return [claim_text(c) for c in product.claims if c.standing is standing]


def claim_text(claim: Claim) -> str:
    """Say a claim, and what was seen."""
    return f"{claim.key}: {claim.value}" + (f" (seen {claim.seen})" if claim.seen else "")


def tally_of(group: Group) -> str:
    """Say how many products there are, and of which status."""
    counts = dict(group.counts)
    said = ", ".join(f"{counts[s]:,} {s}" for s in REPORTED if counts[s])
    return plural(group.products, "product") + (f": {said}" if said else "")


def conclusion(report: ComplianceReport) -> str:
    """Say in one line what it comes to."""
    code = report.exit_code
    parts = [f"{CONCLUSION[code]} at {report.at}"]
    if code != 1 and report.is_blocked:
        parts[0] += ", and blocked"
    if report.is_blocked:
        parts.append(f"{report.mesh.blocked:,} of {tally_of(report.mesh)}")
    else:
        parts.append(tally_of(report.mesh))
    return ": ".join(parts)


def _has_changes_policy(report: ComplianceReport) -> bool:
    """Tell whether there is a policy about changes that found nothing, as where there is no version to compare with."""
    nothing = (None, Status.COMPLIANT)
    return any(p.id == "breaking_changes" and not p.why_not and p.status in nothing for p in report.policies)


def reasons(report: ComplianceReport) -> list[str]:
    """Say why not all could be judged."""
    found = []
    if not any(not p.why_not and not p.is_lint for p in report.policies):
        found.append(
            "no executable policy: write a governance file, or give its policies a rule; meshkit schema governance"
        )
    elif not report.is_asked and any(p.is_evaluable for p in report.products):
        found.append(f"no policy is enforced at {report.at} for these products")
    if not report.products:
        found.append("no product to evaluate")
    if _has_changes_policy(report) and not any(p.compared_with for p in report.products):
        found.append(
            "changes were not judged: no version is published yet; --against REV names a git revision to compare with"
        )
    return found


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a count with its noun.

    Example:
        >>> plural(1, "product"), plural(2, "product"), plural(0, "policy", "policies")
        ('1 product', '2 products', '0 policies')
    """
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def evaluated_of(product: ReportedProduct) -> str:
    """Say how many policies were evaluated for a product."""
    return f"{plural(len(product.evaluated), 'policy', 'policies')} evaluated"


def joined(parts: Iterable[str], most: int = 8) -> str:
    """Return a list on one line, cut off after some."""
    found = list(parts)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
