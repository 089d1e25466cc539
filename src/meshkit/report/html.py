"""A run as a piece of HTML, for notebooks. Everything that comes from data or contracts is escaped."""

from __future__ import annotations

from html import escape

from meshkit.model.run import Outcome, RunResult, Verdict
from meshkit.report.order import by_urgency, tally
from meshkit.report.slice import slice_lines
from meshkit.report.waivers import waiver_lines

_COLORS = {
    Outcome.PASSED: "#1a7f37",
    Outcome.WARNED: "#9a6700",
    Outcome.FAILED: "#cf222e",
    Outcome.ERRORED: "#8250df",
    Outcome.SKIPPED: "#656d76",
    Outcome.WAIVED: "#0969da",
}
_MOST = 50


def render_html(result: RunResult) -> str:
    """Render a run: a line per product, and a table of what was not met."""
    parts = [f"<div style='font-family:sans-serif'><p><b>{_outcome(result.outcome)}</b> {escape(tally(result))}</p>"]
    parts += [f"<p>{escape(line)}</p>" for line in slice_lines(result)] if result.slice else []
    parts += [
        f"<p><code>{escape(str(p.place))}</code> {escape(p.code)} {escape(p.message)}</p>"
        for p in result.problems[:_MOST]
    ]
    for product in result.products:
        passed = sum(v.outcome is Outcome.PASSED for v in product.verdicts)
        rows = f", {product.rows:,} rows" if product.rows is not None else ""
        parts.append(f"<p>{_outcome(product.outcome)} <b>{escape(product.id)}</b> {escape(product.version)}{rows}, "
                     f"{passed} of {len(product.verdicts)} checks passed</p>")  # fmt: skip
        unmet = [v for v in by_urgency(product.verdicts) if v.outcome is not Outcome.PASSED]
        if unmet:
            parts.append("<table><tr><th>outcome</th><th>check</th><th>seen</th><th>place</th></tr>")
            parts += [_row(v, product.id) for v in unmet[:_MOST]]
            parts.append("</table>")
    parts += [f"<p>{escape(line.strip())}</p>" for line in waiver_lines(result)]
    return "\n".join([*parts, "</div>"])


def _row(verdict: Verdict, product: str) -> str:
    name = verdict.id.removeprefix(f"{product}.")
    why = "".join(f"<br><i>{escape(w)}</i>" for w in verdict.why)
    return (
        f"<tr><td>{_outcome(verdict.outcome)}</td><td>{escape(name)}</td>"
        f"<td>{escape(verdict.message)}{why}</td><td><code>{escape(str(verdict.place))}</code></td></tr>"
    )


def _outcome(outcome: Outcome) -> str:
    return f"<span style='color:{_COLORS[outcome]};font-weight:600'>{outcome}</span>"
