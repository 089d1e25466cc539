"""The compliance report for people at a terminal: product by product, then domains, policies, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from meshkit.model.compliance import Comparison, ComplianceReport, Difference, Group, ReportedProduct, Standing
from meshkit.model.policy import PolicyViolation, Status
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.report.compliance_words import (
    claims_of,
    conclusion,
    cover_of,
    evaluated_of,
    joined,
    plural,
    reasons,
    standing_of,
    state_of,
    tally_of,
    unknown_of,
    violations_of,
)
from meshkit.report.order import one_line

Paint = Callable[[str, str], str]
SUMMARIZE_ABOVE = 30
"""With more products than this, those that are compliant or only unknown share a line."""
_QUIET = (Status.COMPLIANT, Status.UNKNOWN)
_ROLE = {
    Status.COMPLIANT: "passed",
    Status.WAIVED: "waived",
    Status.GRACE: "warned",
    Status.VIOLATED: "failed",
    Status.UNKNOWN: "skipped",
}
_WORD_ROLE = {
    "waived": "waived",
    "grace": "warned",
    "info": "faint",
    "warning": "warned",
    "error": "failed",
    "critical": "failed",
}
_INDENT = " " * 12


def render_compliance_text(report: ComplianceReport, paint: Paint) -> str:
    """Render a report for a terminal or a pipe."""
    lines = [_problem(p, paint) for p in report.problems]
    lines += [""] if lines else []
    quiet = len(report.products) > SUMMARIZE_ABOVE
    left_out = [p for p in report.products if quiet and p.is_evaluable and not p.violations and p.status in _QUIET]
    hidden = {id(p) for p in left_out}
    for product in report.products:
        if id(product) not in hidden:
            lines += [*_product(product, paint), ""]
    if left_out:
        lines += [f"{plural(len(left_out), 'product')} without a violation", ""]
    lines += _policies(report, paint)
    lines += _domains(report.domains, paint) if len(report.domains) > 1 else []
    if report.comparison:
        lines += [*_comparison(report.comparison, paint), ""]
    lines += [paint(one_line(r), "faint") for r in reasons(report)]
    lines.append(paint(conclusion(report), "passed" if report.exit_code == 0 else "failed"))
    return "\n".join(lines) + "\n"


def _product(product: ReportedProduct, paint: Paint) -> Iterator[str]:
    role = "errored" if not product.is_evaluable else _ROLE[product.status]
    parts = [f"{paint(one_line(product.id), 'name')} {one_line(product.version)}", paint(state_of(product), role)]
    if product.is_evaluable:
        parts.append(evaluated_of(product))
    parts += [one_line(product.owner)] if product.owner else []
    yield " · ".join(parts)
    for problem in product.problems:
        yield f"  {_problem(problem, paint)}"
    for violation in violations_of(product):
        yield from _violation(violation, paint)
    for said in unknown_of(product):
        yield f"  {paint('unknown ', 'skipped')}  {one_line(said)}"
    for standing, color in ((Standing.REFUTED, "warned"), (Standing.DECLARED, "faint"), (Standing.VERIFIED, "faint")):
        claims = claims_of(product, standing)
        if claims:
            yield f"  {paint(f'{standing:<8}', color)}  {one_line(joined(claims, 12))}"


def _violation(violation: PolicyViolation, paint: Paint) -> Iterator[str]:
    word = standing_of(violation)
    place = f"  {paint(one_line(str(violation.place)), 'place')}" if violation.place else ""
    severity = f" ({violation.severity})" if cover_of(violation) else ""
    shown = paint(f"{word:<8}", _WORD_ROLE[word])
    yield f"  {shown}  {one_line(violation.rule)}  {one_line(violation.message)}{severity}{place}"
    for more in (cover_of(violation), violation.remedy):
        if more:
            yield f"{_INDENT}{paint(one_line(more), 'faint')}"


def _problem(problem: Problem, paint: Paint) -> str:
    said = one_line(f"{problem.message}; {problem.hint}" if problem.hint else problem.message)
    role = "failed" if problem.severity is Severity.ERROR else "warned"
    return f"{paint(one_line(str(problem.place)), 'place')}: {paint(f'{problem.severity} {problem.code}', role)} {said}"


def _policies(report: ComplianceReport, paint: Paint) -> Iterator[str]:
    for policy in report.not_executable:
        place = f"  {paint(one_line(str(policy.place)), 'place')}" if policy.place else ""
        yield f"{paint('not executable', 'warned')}  {one_line(policy.id)}  {one_line(policy.why_not)}{place}"
    for broken in report.broken:
        place = f"  {paint(one_line(str(broken.place)), 'place')}" if broken.place else ""
        yield f"{paint('broken', 'errored')}  {one_line(broken.rule)}  {one_line(broken.reason)}{place}"
    if report.not_executable or report.broken:
        yield ""


def _domains(domains: tuple[Group, ...], paint: Paint) -> Iterator[str]:
    width = max(len(one_line(d.name)) for d in domains)
    for domain in domains:
        blocked = f", {domain.blocked} blocked" if domain.blocked else ""
        state = paint(f"{domain.status:<22}", _ROLE[domain.status])
        yield f"{one_line(domain.name):<{width}}  {state}  {tally_of(domain)}{blocked}"
    yield ""


def _comparison(found: Comparison, paint: Paint) -> Iterator[str]:
    counts = f"{len(found.new)} new, {len(found.gone)} gone, {len(found.still)} still there"
    yield f"since {found.made_at:%Y-%m-%d}, when it was {found.was}: {counts}"
    for mark, role, differences in (("new", "failed", found.new), ("gone", "passed", found.gone)):
        yield from (f"  {paint(f'{mark:<8}', role)}  {_difference(d)}" for d in differences)
    for difference in found.still:
        if difference.was != difference.now:
            yield f"  {paint('changed ', 'warned')}  {_difference(difference)}: {difference.was}, now {difference.now}"


def _difference(difference: Difference) -> str:
    return one_line(f"{difference.product}  {difference.rule}  {difference.message}")
