"""The compliance report for a pull request's comment, as Markdown and as GitHub's workflow commands."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.model.compliance import ComplianceReport, Difference, ReportedProduct, Standing
from meshkit.model.policy import PolicyViolation, Status
from meshkit.model.table import Severity
from meshkit.report.compliance_words import (
    claims_of,
    conclusion,
    cover_of,
    reasons,
    standing_of,
    state_of,
    tally_of,
    unknown_of,
    violations_of,
)
from meshkit.report.github import command, problem_command
from meshkit.report.markdown import code_cell, text_cell
from meshkit.report.order import one_line

_MARK = {
    Status.COMPLIANT: "✅",
    Status.WAIVED: "📝",
    Status.GRACE: "⏳",
    Status.VIOLATED: "⚠️",
    Status.UNKNOWN: "❔",
}


def render_compliance_markdown(report: ComplianceReport) -> str:
    """Render a report as Markdown: what it comes to, products, violations, what is not known, policies."""
    lines = [f"## {'✅' if report.exit_code == 0 else '❌'} meshkit govern: {text_cell(conclusion(report))}", ""]
    lines += [line for r in reasons(report) for line in (text_cell(r), "")]
    lines += _problems(report)
    if report.products:
        lines += ["| product | status | policies evaluated | owner |", "|---|---|---:|---|"]
        lines += [_product(p) for p in report.products] + [""]
    if len(report.domains) > 1:
        lines += ["| domain | status | blocked | products |", "|---|---|---:|---|"]
        lines += [
            f"| {text_cell(d.name)} | {_MARK[d.status]} {d.status} | {d.blocked} | {text_cell(tally_of(d))} |"
            for d in report.domains
        ]
        lines.append("")
    found = [(p, v) for p in report.products for v in violations_of(p)]
    if found:
        lines += ["| | rule | violation | place |", "|---|---|---|---|"]
        lines += [_violation(p, v) for p, v in found] + [""]
    lines += _open(report)
    lines += _comparison(report)
    return "\n".join(lines).rstrip("\n") + "\n"


def _problems(report: ComplianceReport) -> list[str]:
    problems = [*report.problems, *(p for product in report.products for p in product.problems)]
    if not problems:
        return []
    rows = [f"| {code_cell(str(p.place))} | {text_cell(f'{p.severity} {p.code} {p.message}')} |" for p in problems]
    return ["| place | problem |", "|---|---|", *rows, ""]


def _product(product: ReportedProduct) -> str:
    mark = "⛔" if product.is_blocked or not product.is_evaluable else _MARK[product.status]
    name = f"{text_cell(product.id)} {text_cell(product.version)}"
    return f"| {name} | {mark} {state_of(product)} | {len(product.evaluated)} | {text_cell(product.owner)} |"


def _violation(product: ReportedProduct, violation: PolicyViolation) -> str:
    said = [violation.message, *(m for m in (cover_of(violation), violation.remedy) if m)]
    mark = "⛔" if violation.is_blocking else _MARK[violation.status]
    name = f"{text_cell(product.id)} {code_cell(violation.rule)}"
    place = code_cell(str(violation.place)) if violation.place else ""
    return f"| {mark} {standing_of(violation)} | {name} | {'<br>'.join(text_cell(s) for s in said)} | {place} |"


def _open(report: ComplianceReport) -> Iterator[str]:
    """Yield what nobody can tell: policies without a rule, rules that broke, unknown ones, and what is only declared."""
    rows = [("not executable", p.id, p.why_not) for p in report.not_executable]
    rows += [("broken", b.rule, b.reason) for b in report.broken]
    rows += [("unknown", p.id, said) for p in report.products for said in unknown_of(p)]
    for standing in (Standing.REFUTED, Standing.DECLARED):
        claims = [(p.id, claims_of(p, standing)) for p in report.products]
        rows += [(str(standing), name, ", ".join(said)) for name, said in claims if said]
    if rows:
        yield from (
            "<details><summary>What is not known, or only declared</summary>",
            "",
            "| | what | why |",
            "|---|---|---|",
        )
        yield from (f"| {kind} | {text_cell(what)} | {text_cell(why)} |" for kind, what, why in rows)
        yield from ("", "</details>", "")


def _comparison(report: ComplianceReport) -> Iterator[str]:
    found = report.comparison
    if found is None:
        return
    yield (
        f"Since {found.made_at:%Y-%m-%d}, when it was {found.was}: {len(found.new)} new, {len(found.gone)} gone, "
        f"{len(found.still)} still there"
    )
    changed = [d for d in found.still if d.was != d.now]
    if found.new or found.gone or changed:
        yield from ("", "| | product | violation |", "|---|---|---|")
    yield from (_difference("🆕 new", d) for d in found.new)
    yield from (_difference("✅ gone", d) for d in found.gone)
    yield from (_difference(f"{d.was}, now {d.now}", d) for d in changed)


def _difference(mark: str, difference: Difference) -> str:
    name = f"{text_cell(difference.product)} {code_cell(difference.rule)}"
    return f"| {mark} | {name} | {text_cell(difference.message)} |"


def render_compliance_github(report: ComplianceReport) -> str:
    """Render workflow commands: what blocks as errors, what else counts as warnings, what is covered as notices."""
    lines = [problem_command(p) for p in (*report.problems, *(p for r in report.products for p in r.problems))]
    for product in report.products:
        for violation in violations_of(product):
            said = "; ".join(m for m in (violation.message, cover_of(violation), violation.remedy) if m)
            title = f"{product.id} {violation.rule} {standing_of(violation)}"
            lines.append(command(_command(violation), violation.place or product.place, title, said))
    lines += [command("error", b.place, f"{b.rule} broken", b.reason) for b in report.broken]
    lines += [command("notice", p.place, f"{p.id} not executable", p.why_not) for p in report.not_executable]
    return "\n".join([*lines, *(one_line(r) for r in reasons(report)), conclusion(report)]) + "\n"


def _command(violation: PolicyViolation) -> str:
    if violation.is_blocking:
        return "error"
    counts = violation.status is Status.VIOLATED and violation.severity is not Severity.INFO
    return "warning" if counts or violation.status is Status.GRACE else "notice"
