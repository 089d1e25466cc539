"""Requests for access and their log, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from meshkit.model.history import AuditEntry
from meshkit.model.request import AccessRequest, RequestState
from meshkit.report.access import Paint, plain
from meshkit.report.order import one_line

_COLOURS = {
    RequestState.GRANTED: "passed", RequestState.DENIED: "failed", RequestState.REVOKED: "failed",
    RequestState.PENDING: "warned", RequestState.APPROVED: "warned", RequestState.EXPIRED: "faint",
}  # fmt: skip
_NEXT = {
    RequestState.PENDING: "its owner has been told; meshkit access list shows what comes of it",
    RequestState.APPROVED: "a second person has to approve it",
    RequestState.GRANTED: "read it for this purpose",
}
_LONG = 200


def render_request(request: AccessRequest, paint: Paint = plain) -> str:
    """Render one request: its state, what it is for, and why."""
    lines = [_line(request, paint)]
    lines += [f"  {r.code}  {one_line(r.text)}" + (f"; {one_line(r.hint)}" if r.hint else "") for r in request.reasons]
    lines += _decided(request)
    following = _NEXT.get(request.state) if request.id else "nothing was recorded: read it"
    if following:
        lines.append(paint(f"next: {following}", "faint"))
    return "\n".join(lines) + "\n"


def render_requests(found: Sequence[AccessRequest], paint: Paint = plain) -> str:
    """Render requests, each with who asks, what for, and in which words."""
    lines: list[str] = []
    for request in found:
        lines.append(_line(request, paint))
        if request.columns:
            lines.append(f"  columns: {one_line(', '.join(request.columns))}")
        if request.reason:
            lines.append(f"  says: {_short(request.reason)}")
        lines += _decided(request)
    lines.append(f"{len(found):,} request{'' if len(found) == 1 else 's'} that you may see")
    return "\n".join(lines) + "\n"


def _line(request: AccessRequest, paint: Paint) -> str:
    state = paint(str(request.state), _COLOURS[request.state])
    what = f"{one_line(request.principal)} reads {one_line(request.product)} for {one_line(request.purpose)}"
    return f"{state}  {request.id or '-'}  {what} until {_time(request.until)}"


def _decided(request: AccessRequest) -> list[str]:
    steps = (
        ("approved", request.first_by, request.first_at, ""),
        ("granted" if request.state is not RequestState.DENIED else "denied", request.decided_by, request.decided_at, request.decision),
        ("revoked", request.revoked_by, request.revoked_at, request.revocation),
    )  # fmt: skip
    return [
        f"  {word} by {one_line(by)} at {_time(at)}" + (f": {_short(words)}" if words else "")
        for word, by, at, words in steps
        if at is not None and request.id
    ]


def requests_as_dict(found: Sequence[AccessRequest]) -> dict[str, Any]:
    """Return the document that `--format json` writes."""
    return {"requests": [r.model_dump(mode="json") for r in found]}


def render_log(entries: Sequence[AuditEntry], paint: Paint = plain) -> str:
    """Render entries of the log, one a line."""
    lines = []
    for entry in entries:
        about = json.loads(entry.payload)
        said = [str(about[k]) for k in ("state", "outcome") if k in about]
        said += [f"for {about['purpose']}"] if about.get("purpose") else []
        said += [f"{about['rows']:,} rows"] if isinstance(about.get("rows"), int) else []
        said += [f"sql: {about['sql']}"] if about.get("sql") else []
        head = f"{entry.seq:>6}  {entry.at[:19]}Z  {paint(one_line(entry.actor), 'strong')}"
        lines.append(f"{head}  {one_line(entry.action)} {one_line(entry.subject)}  {_short(', '.join(said))}")
    lines.append(f"{len(entries):,} entr{'y' if len(entries) == 1 else 'ies'} that you may see")
    return "\n".join(lines) + "\n"


def log_as_dict(entries: Sequence[AuditEntry]) -> dict[str, Any]:
    """Return the document that `--format json` writes; `payload` as it was written, from which the hash was made."""
    return {"entries": [{**e._asdict(), "about": json.loads(e.payload)} for e in entries]}


def _short(text: str) -> str:
    line = one_line(" ".join(text.split()))
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
