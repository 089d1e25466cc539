"""The report for a pull request's comment."""

from __future__ import annotations

from meshkit.model.run import Outcome, RunResult
from meshkit.model.table import Severity
from meshkit.report.order import by_urgency, one_line, short_id, tally
from meshkit.report.slice import slice_lines
from meshkit.report.waivers import waiver_lines

_MARK = {
    Outcome.PASSED: "✅",
    Outcome.WARNED: "⚠️",
    Outcome.FAILED: "❌",
    Outcome.ERRORED: "💥",
    Outcome.SKIPPED: "⏭️",
    Outcome.WAIVED: "📝",
}


def render_markdown(result: RunResult) -> str:
    """Render a run as Markdown: a table of products, then one of what was not met."""
    lines = [f"## {_MARK[result.outcome]} meshkit: {result.outcome}", "", tally(result), ""]
    if result.slice:
        lines += [text_cell(line) for line in slice_lines(result)] + [""]
    errors = [p for p in result.problems if p.severity is Severity.ERROR]
    if errors:
        lines += ["| place | problem |", "|---|---|"]
        lines += [f"| {code_cell(str(p.place))} | {text_cell(f'{p.code} {p.message}')} |" for p in errors] + [""]
    lines += ["| product | outcome | rows | passed |", "|---|---|---:|---:|"]
    for product in result.products:
        passed = sum(v.outcome is Outcome.PASSED for v in product.verdicts)
        rows = f"{product.rows:,}" if product.rows is not None else ""
        name = f"{text_cell(product.id)} {text_cell(product.version)}"
        lines.append(
            f"| {name} | {_MARK[product.outcome]} {product.outcome} | {rows} | {passed} of {len(product.verdicts)} |"
        )
    unmet = [(p, v) for p in result.products for v in by_urgency(p.verdicts) if v.outcome is not Outcome.PASSED]
    if unmet:
        lines += ["", "| | check | seen | place |", "|---|---|---|---|"]
    for product, verdict in unmet:
        said = "<br>".join([text_cell(verdict.message), *(f"*{text_cell(w)}*" for w in verdict.why)])
        name = f"{text_cell(product.id)} {code_cell(short_id(verdict))}"
        lines.append(f"| {_MARK[verdict.outcome]} | {name} | {said} | {code_cell(str(verdict.place))} |")
    for line in waiver_lines(result):
        lines += [f"- {text_cell(line)}"] if line.startswith(" ") else ["", text_cell(line), ""]
    return "\n".join(lines) + "\n"


def text_cell(text: str) -> str:
    """Take the meaning from what Markdown and HTML would read as markup; contracts and data are not trusted."""
    flat = " ".join(one_line(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for character in "\\`*_{}[]()#!|~@":
        flat = flat.replace(character, f"\\{character}")
    return flat


def code_cell(text: str) -> str:
    """Render as code that ends neither itself nor its cell."""
    return "`" + " ".join(one_line(text).split()).replace("`", "'").replace("|", "\\|") + "`"
