"""The answer of a governed query, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from meshkit.model.query import QueryAnswer, Trust
from meshkit.report.order import one_line

Paint = Callable[[str, str], str]
_WIDEST = 40


def answer_as_dict(answer: QueryAnswer) -> dict[str, Any]:
    """Return the document that `--format json` writes."""
    return answer.model_dump(mode="json")


def render_csv(answer: QueryAnswer) -> str:
    """Render the rows alone as CSV; nested values are JSON, and NULL is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in answer.columns])
    writer.writerows([_text(v, "") for v in row] for row in answer.rows)
    return out.getvalue()


def render_answer(answer: QueryAnswer, paint: Paint) -> str:
    """Render the rows as a table, and below it how far they can be trusted."""
    names = [one_line(c.name) + (f" ({c.mask})" if c.mask else "") for c in answer.columns]
    rows = [[_cut(one_line(_text(v, "NULL"))) for v in row] for row in answer.rows]
    widths = [max([len(name), *(len(row[n]) for row in rows)]) for n, name in enumerate(names)]
    lines = [paint("  ".join(name.ljust(w) for name, w in zip(names, widths, strict=True)).rstrip(), "strong")]
    lines += ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    count = len(answer.rows)
    lines.append(f"{count:,} row{'' if count == 1 else 's'}{f'; {answer.hint}' if answer.hint else ''}")
    for trust in answer.trust:
        lines += _trust(trust, paint)
    return "\n".join(lines) + "\n"


def _trust(trust: Trust, paint: Paint) -> Iterator[str]:
    checked = f"{trust.knowledge} {trust.checked_at:%Y-%m-%d %H:%M} UTC" if trust.checked_at else trust.knowledge
    ended = f", {trust.outcome}" if trust.outcome else ""
    yield ""
    yield f"{paint(one_line(trust.product), 'strong')} {one_line(trust.version)}: {checked}{ended}"
    for issue in trust.issues:
        until = f" (waived until {issue.waived_until})" if issue.waived_until else ""
        yield f"  {issue.outcome}  {one_line(issue.text)}{until}"
    if trust.freshness:
        yield f"  freshness {one_line(trust.freshness)}"
    if trust.masked:
        yield f"  masked: {', '.join(f'{one_line(c)} ({m})' for c, m in trust.masked.items())}"
    if trust.withheld:
        yield f"  withheld: {', '.join(one_line(c) for c in trust.withheld)}; meshkit access request asks for them"
    if trust.row_filter:
        yield f"  rows: {one_line(trust.row_filter)}"


def _text(value: Any, null: str) -> str:
    if value is None:
        return null
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
