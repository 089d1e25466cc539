"""The compliance report as one HTML file that needs nothing else, is read light and dark, and prints well.

Everything that comes from contracts is escaped; the page holds no script, and its policy forbids any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from meshkit.errors import Place
from meshkit.model.compliance import Comparison, ComplianceReport, Difference, Group, ReportedProduct
from meshkit.model.policy import PolicyViolation, Status
from meshkit.model.problem import Problem
from meshkit.report.compliance_words import (
    claim_text,
    conclusion,
    cover_of,
    reasons,
    standing_of,
    state_of,
    tally_of,
    unknown_of,
    violations_of,
)
from meshkit.report.order import one_line

_CLASS = {
    Status.COMPLIANT: "good",
    Status.WAIVED: "waived",
    Status.GRACE: "grace",
    Status.VIOLATED: "bad",
    Status.UNKNOWN: "open",
    Status.NOT_EXECUTABLE: "open",
}
_WORD_CLASS = {
    "critical": "bad",
    "error": "bad",
    "warning": "grace",
    "info": "open",
    "grace": "grace",
    "waived": "waived",
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#59636e;--paper:#fff;--line:#d1d9e0;--good:#1a7f37;--bad:#cf222e;
--grace:#9a6700;--waived:#0969da;--open:#59636e}
@media (prefers-color-scheme:dark){:root{--ink:#f0f6fc;--soft:#9198a1;--paper:#0d1117;--line:#3d444d;--good:#3fb950;
--bad:#f85149;--grace:#d29922;--waived:#4493f8;--open:#9198a1}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.25rem 0}.soft,small{color:var(--soft)}code{font:.8em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right}td{overflow-wrap:anywhere}
.tag{font-weight:600;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.grace{color:var(--grace)}.waived{color:var(--waived)}.open{color:var(--open)}
section.product{break-inside:avoid-page}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--line:#999;--good:#116329;--bad:#a40e26;--grace:#7d4e00;
--waived:#0550ae;--open:#444}body{max-width:none;padding:0;font-size:10pt}a{color:inherit;text-decoration:none}
thead{display:table-header-group}tr{break-inside:avoid}h2,h3{break-after:avoid}}
@page{margin:18mm}
"""
_FORBIDDEN = "default-src 'none'; style-src 'unsafe-inline'"


def render_compliance_html(report: ComplianceReport) -> str:
    """Render a report as one HTML file."""
    said = conclusion(report)
    role = "good" if report.exit_code == 0 else "bad"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_FORBIDDEN}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Compliance: {_text(said)}</title><style>{_STYLE}</style></head><body>",
        f'<h1>Compliance <span class="{role}">{_text(said)}</span></h1>',
        f'<p class="soft">At {report.at} on {report.today}, by meshkit {_text(report.meshkit_version)}</p>',
        *(f"<p>{_text(r)}</p>" for r in reasons(report)),
        *_problems("Problems in the files", report.problems),
        *_summary(report),
        *(_comparison(report.comparison) if report.comparison else ()),
        *_policies(report),
        "<h2>Products</h2>" if report.products else "",
        *(line for p in report.products for line in _product(p)),
        "</body></html>",
    ]
    return "\n".join(p for p in parts if p) + "\n"


def _summary(report: ComplianceReport) -> Iterator[str]:
    rows = [_group_row(d) for d in report.domains] + [_group_row(report.mesh, "whole mesh")]
    yield from _table("Domains", ("domain", "status", "blocked", "products"), rows)


def _group_row(group: Group, name: str = "") -> tuple[str, ...]:
    return (
        _text(name or group.name),
        _tag(str(group.status), _CLASS[group.status]),
        str(group.blocked),
        _text(tally_of(group)),
    )


def _policies(report: ComplianceReport) -> Iterator[str]:
    rows = []
    for policy in report.policies:
        status = policy.status or Status.UNKNOWN
        word = str(policy.status) if policy.status else "not evaluated here"
        name = f"<code>{_text(policy.id)}</code>" + (f" <small>{_text(policy.domain)}</small>" if policy.domain else "")
        rows.append(
            (name, _tag(word, _CLASS[status]), str(policy.violations), _text(policy.why_not), _place(policy.place))
        )
    yield from _table("Policies", ("policy", "status", "violations", "why", "place"), rows)
    broken = [(f"<code>{_text(b.rule)}</code>", _text(b.reason), _place(b.place)) for b in report.broken]
    if broken:
        yield from _table("Broken rules", ("rule", "reason", "place"), broken)


def _product(product: ReportedProduct) -> Iterator[str]:
    role = "bad" if product.is_blocked or not product.is_evaluable else _CLASS[product.status]
    yield '<section class="product">'
    yield f"<h3>{_text(product.id)} {_text(product.version)} {_tag(state_of(product), role)}</h3>"
    about = [product.owner] if product.owner else []
    about.append(
        f"{len(product.evaluated)} policies evaluated"
        + (f": {', '.join(product.evaluated)}" if product.evaluated else "")
    )
    about += [f"changes compared with {product.compared_with}"] if product.compared_with else []
    yield f'<p class="soft">{_text(" · ".join(about))}</p>'
    yield from _problems("", product.problems)
    if product.violations:
        rows = [_violation_row(v) for v in violations_of(product)]
        yield from _table("", ("", "rule", "violation", "place"), rows)
    yield from (f'<p><span class="tag open">unknown</span> {_text(said)}</p>' for said in unknown_of(product))
    if product.claims:
        said = (f"{_text(claim_text(c))} {_tag(str(c.standing), _standing(str(c.standing)))}" for c in product.claims)
        yield f'<p class="soft">Claims: {"; ".join(said)}</p>'
    yield "</section>"


def _standing(word: str) -> str:
    return {"verified": "good", "refuted": "bad"}.get(word, "open")


def _violation_row(violation: PolicyViolation) -> tuple[str, ...]:
    word = standing_of(violation)
    parts = [_text(violation.message)]
    parts += [f"<b>{_text(cover_of(violation))}</b> ({violation.severity})"] if cover_of(violation) else []
    parts += [f"<small>{_text(violation.remedy)}</small>"] if violation.remedy else []
    return (
        _tag(word, _WORD_CLASS[word]),
        f"<code>{_text(violation.rule)}</code>",
        "<br>".join(parts),
        _place(violation.place),
    )


def _problems(title: str, problems: Iterable[Problem]) -> Iterator[str]:
    rows = [
        (_tag(f"{p.severity} {p.code}", "bad" if str(p.severity) == "error" else "grace"),
         _text(f"{p.message}; {p.hint}" if p.hint else p.message), _place(p.place))
        for p in problems
    ]  # fmt: skip
    if rows:
        yield from _table(title, ("", "problem", "place"), rows)


def _comparison(found: Comparison) -> Iterator[str]:
    rows = [_difference("new", "bad", d) for d in found.new]
    rows += [_difference("gone", "good", d) for d in found.gone]
    rows += [_difference(f"{d.was}, now {d.now}", "grace", d) for d in found.still if d.was != d.now]
    counts = f"{len(found.new)} new, {len(found.gone)} gone, {len(found.still)} still there"
    yield f"<h2>Since {found.made_at:%Y-%m-%d}</h2><p>It was {found.was}: {counts}</p>"
    if rows:
        yield from _table("", ("", "product", "rule", "violation"), rows)


def _difference(word: str, role: str, difference: Difference) -> tuple[str, ...]:
    rule = f"<code>{_text(difference.rule)}</code>"
    return (_tag(word, role), _text(difference.product), rule, _text(difference.message))


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a table; its cells are markup that was escaped by whoever made them."""
    if title:
        yield f"<h2>{title}</h2>"
    yield f"<table><thead><tr>{''.join(f'<th>{h}</th>' for h in heads)}</tr></thead><tbody>"
    yield from (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    yield "</tbody></table>"


def _text(text: str) -> str:
    return escape(one_line(text))


def _tag(word: str, role: str) -> str:
    return f'<span class="tag {role}">{_text(word)}</span>'


def _place(place: Place | None) -> str:
    return f"<code>{_text(str(place))}</code>" if place else ""
