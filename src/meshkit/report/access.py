"""Search hits and access decisions, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from meshkit.model.access import AccessDecision, Sight
from meshkit.model.found import Found, Hit
from meshkit.report.order import one_line

Paint = Callable[[str, str], str]
START, END = "\x02", "\x03"
_ABOUT = 100


def plain(text: str, _: str) -> str:
    """Return a text without colour."""
    return text


def render_found(found: Found, paint: Paint = plain) -> str:
    """Render hits: one product a line, and where the words were found below it."""
    lines = [f"'{one_line(written)}' is read as '{one_line(read)}'" for written, read in found.read_as]
    for hit in found.hits:
        lines += _hit(hit, paint)
    count = len(found.hits)
    more = ", and more: narrow with --domain or --tag, or raise --limit" if found.more else ""
    lines.append(
        f"{count:,} product{'' if count == 1 else 's'}{more}" if count else "nothing found that you may know of"
    )
    return "\n".join(lines) + "\n"


def _hit(hit: Hit, paint: Paint) -> Iterator[str]:
    status = "" if hit.status == "active" else f" ({hit.status})"
    owner = f" · {one_line(hit.owner)}" if hit.owner else ""
    yield f"{paint(one_line(hit.product), 'strong')} {one_line(hit.version)}{status}{owner}"
    about = one_line(" ".join(hit.description.split()))
    if about:
        yield f"  {about[:_ABOUT]}{'…' if len(about) > _ABOUT else ''}"
    for field, text in hit.matched:
        if field not in ("name", "description"):
            lines = [line for line in text.split("\n") if START in line]
            yield f"  {field}: {' · '.join(_marked(line, paint) for line in lines)}"


def _marked(text: str, paint: Paint) -> str:
    """Paint the words that were found."""
    parts = []
    for piece in " ".join(text.split()).split(START):
        word, mark, rest = piece.partition(END)
        parts.append(f"{paint(one_line(word), 'strong')}{one_line(rest)}" if mark else one_line(piece))
    return "".join(parts)


def found_as_dict(found: Found) -> dict[str, Any]:
    """Return the document that `--format json` writes; highlights are parts of texts, those that were found marked so."""
    return {
        "text": found.text,
        "read_as": [{"written": w, "read": r} for w, r in found.read_as],
        "more": found.more,
        "hits": [
            {
                **hit.model_dump(mode="json", exclude={"matched"}),
                "matched": [{"field": field, "parts": _parts(text)} for field, text in hit.matched],
            }
            for hit in found.hits
        ],
    }


def _parts(text: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for piece in text.split(START):
        word, mark, rest = piece.partition(END)
        if mark:
            parts.append({"text": word, "found": True})
        parts.append({"text": rest if mark else piece, "found": False})
    return [p for p in parts if p["text"]]


def render_decision(decision: AccessDecision, paint: Paint = plain) -> str:
    """Render a decision: yes or no, each step with its place, and the columns that are not seen as they are."""
    who = one_line(decision.principal) or "nobody"
    purpose = f" for {one_line(decision.purpose)}" if decision.purpose else ""
    verb = paint("allowed", "passed") if decision.allowed else paint("denied", "failed")
    lines = [f"{verb}: {who} may{'' if decision.allowed else ' not'} {decision.action} {decision.product}{purpose}"]
    for reason in decision.reasons:
        place = f"  {paint(one_line(str(reason.place)), 'place')}" if reason.place else ""
        lines.append(f"  {'yes' if reason.allows else 'no '}  {reason.code}  {one_line(reason.text)}{place}")
        if reason.hint and not reason.allows:
            lines.append(f"       {one_line(reason.hint)}")
    for column in decision.columns:
        if column.sight is not Sight.CLEAR:
            how = f"masked ({column.mask})" if column.mask else str(column.sight)
            lines.append(f"  column {one_line(column.column)}  {how}: {one_line(column.reason)}")
    if decision.row_filter:
        lines.append(f"  rows where {one_line(decision.row_filter)}")
    return "\n".join(lines) + "\n"


def decision_as_dict(decision: AccessDecision) -> dict[str, Any]:
    """Return the document that `--format json` writes."""
    return decision.model_dump(mode="json")
