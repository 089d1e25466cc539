"""The audit log: entries are only added, and each holds the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from meshkit.model.history import AuditEntry, StoreProblem
from meshkit.store.link import Link, Work, clean, stamp

START = "0" * 64
"""What the first entry has for the hash of the one before it."""
COLUMNS = "seq, at, actor, action, subject, payload, previous, hash"
INSERT = """
INSERT INTO audit (seq, at, actor, action, subject, payload, previous, hash)
VALUES (:seq, :at, :actor, :action, :subject, :payload, :previous, :hash)
"""
_PAGE = 10_000


def hash_of(entry: AuditEntry) -> str:
    """Return the hash of an entry: SHA-256 of the JSON list of all that stands before it, without spaces, in ASCII.

    Example:
        >>> hash_of(AuditEntry(1, "2026-11-22T06:00:00.000000Z", "ann", "publish", "sales.orders", "{}", START, ""))[:16]
        '3113697b763cc316'
    """
    return hashlib.sha256(json.dumps(list(entry[:-1]), separators=(",", ":")).encode("ascii")).hexdigest()


def append(
    link: Link, actor: str | None, action: str, subject: str, payload: Mapping[str, Any], at: datetime
) -> AuditEntry:
    """Add an entry, which is on the disk when this returns."""
    with link.writing(is_durable=True) as work:
        return append_in(work, actor, action, subject, payload, at)


def append_in(
    work: Work, actor: str | None, action: str, subject: str, payload: Mapping[str, Any], at: datetime
) -> AuditEntry:
    """Add an entry within a transaction."""
    work.alone()
    last = work.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    seq, previous = (int(last[0][0]) + 1, str(last[0][1])) if last else (1, START)
    text = clean(json.dumps(payload, sort_keys=True, ensure_ascii=False, allow_nan=False))
    entry = AuditEntry(seq, stamp(at), clean(actor or "unknown"), clean(action), clean(subject), text, previous, "")
    entry = entry._replace(hash=hash_of(entry))
    work.execute(INSERT, entry._asdict())
    return entry


def first_problem(entries: Iterable[AuditEntry]) -> StoreProblem | None:
    """Return the first entry that is not what was written after the one before it."""
    seq, previous = 0, START
    for entry in entries:
        if entry.seq != seq + 1:
            return StoreProblem("MK416", f"the audit log goes from entry {seq} to entry {entry.seq}")
        if entry.previous != previous:
            return StoreProblem("MK416", f"entry {entry.seq} of the audit log does not follow the one before it")
        if entry.hash != hash_of(entry):
            return StoreProblem("MK416", f"entry {entry.seq} of the audit log was changed after it was written")
        seq, previous = entry.seq, entry.hash
    return None


def entries(work: Work) -> Iterable[AuditEntry]:
    """Walk the log from its start."""
    for page in work.pages(f"SELECT {COLUMNS} FROM audit ORDER BY seq", _PAGE):  # noqa: S608  # constants
        for row in page:
            yield AuditEntry(*row)


def verify(link: Link) -> StoreProblem | None:
    """Return the first link of the chain that does not hold, or None."""
    with link.reading() as work:
        return first_problem(entries(work))


def head(work: Work) -> str:
    """Return the hash of the newest entry."""
    rows = work.rows("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
    return str(rows[0][0]) if rows else START
