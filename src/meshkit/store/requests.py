"""Requests for access and their notices: each change is one transaction, with its entry in the audit log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from meshkit.model.access import Grant, Reason
from meshkit.model.history import AuditEntry
from meshkit.model.request import AccessRequest, Logged, Notice, RequestState, Wait
from meshkit.store import audit
from meshkit.store.link import Link, Row, Work, clean, cleaned, moment, stamp

_COLUMNS = (
    "id, product, version, principal, purpose, column_names, level, until, reason, state, codes, requested_at, first_by, first_at, "
    "decided_by, decided_at, decision, revoked_by, revoked_at, revocation"
)
_INSERT = f"INSERT INTO requests ({_COLUMNS}) VALUES ({', '.join(':' + c for c in _COLUMNS.split(', '))})"  # noqa: S608  # constants
_MOVE = """
UPDATE requests SET state = :state, first_by = :first_by, first_at = :first_at, decided_by = :decided_by, decided_at = :decided_at,
    decision = :decision, revoked_by = :revoked_by, revoked_at = :revoked_at, revocation = :revocation
WHERE id = :id AND state = :before
"""
_NOTICE_COLUMNS = "id, request_id, recipient, kind, payload, state, tries, created_at, next_at, sent_at, error"
_NOTICE = f"INSERT INTO outbox ({_NOTICE_COLUMNS}) VALUES ({', '.join(':' + c for c in _NOTICE_COLUMNS.split(', '))})"  # noqa: S608
_OPEN = "('pending', 'approved', 'granted')"
_FEW = 500
_LEASE = timedelta(minutes=1)
_SAME_END = timedelta(days=1)
"""So long nobody else tries a notice that somebody has begun to send."""


class Seer(NamedTuple):
    """Who looks, and the products whose requests he may see besides his own."""

    principal: str
    products: Collection[str]


class Requests:
    """The requests of a store."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def add(self, request: AccessRequest, notices: Sequence[Notice], entry: Logged) -> AccessRequest:
        """Write a request, with its notices and its entry in the log; return it, or the one that asks for the same already.

        That is a request of the same principal, product, purpose and columns that is open; or that was granted and holds
        for as long, less than a day apart: `30 days` said again a moment later is the same wish.
        """
        with self._link.writing(is_durable=True) as work:
            work.alone()
            there = _same(work, request)
            if there is None:
                work.execute(_INSERT, _values(request))
                self._note(work, notices, entry, request.requested_at)
        return there or request

    def move(
        self, before: RequestState, request: AccessRequest, notices: Sequence[Notice], entry: Logged, at: datetime
    ) -> bool:
        """Write what a request has become, with notices and an entry in the log, all or nothing.

        Returns:
            Whether it was still in the state `before`; otherwise nothing is written.
        """
        with self._link.writing(is_durable=True) as work:
            work.alone()
            is_moved = work.execute(_MOVE, {**_moved(request), "before": str(before)}) == 1
            if is_moved:
                self._note(work, notices, entry, at)
        return is_moved

    def get(self, request_id: str) -> AccessRequest | None:
        """Return a request as it was written; None where there is none of that id."""
        with self._link.reading() as work:
            found = work.rows(f"SELECT {_COLUMNS} FROM requests WHERE id = :id", {"id": request_id})  # noqa: S608
        return _read(found[0]) if found else None

    def page(
        self,
        wanted: Mapping[str, str],
        states: Sequence[RequestState],
        before: tuple[datetime, str] | None,
        size: int,
        seer: Seer | None = None,
    ) -> list[AccessRequest]:
        """Return requests, newest first.

        Args:
            wanted: `product` and `principal`, where one is asked for.
            states: As they are written; empty = all.
            before: Where the page before this one ended.
            size: At most so many.
            seer: Only those that he may see; None = all.
        """
        values: dict[str, Any] = {name: wanted[name] for name in ("product", "principal") if name in wanted}
        chosen = [f"{name} = :{name}" for name in values]
        if states:
            marks = {f"s{n}": str(state) for n, state in enumerate(states)}
            chosen.append(f"state IN ({', '.join(':' + m for m in marks)})")
            values |= marks
        if seer is not None:
            own, names = _seen(seer, "principal", "product")
            chosen.append(own)
            values |= names
        if before:
            chosen.append("(requested_at < :at OR (requested_at = :at AND id < :id))")
            values |= {"at": stamp(before[0]), "id": before[1]}
        where = f"WHERE {' AND '.join(chosen)}" if chosen else ""
        query = f"SELECT {_COLUMNS} FROM requests {where} ORDER BY requested_at DESC, id DESC LIMIT :size"  # noqa: S608
        with self._link.reading() as work:
            return [_read(row) for row in work.rows(query, {**values, "size": size})]

    def grants(self, principal: str | None, now: datetime) -> tuple[Grant, ...]:
        """Return the grants that hold at a time, of one principal, None = of all; they never hold on the moment they end."""
        query = f"SELECT {_COLUMNS} FROM requests WHERE state = 'granted' AND until > :now"  # noqa: S608
        values = {"now": stamp(now)}
        if principal is not None:
            query, values["principal"] = f"{query} AND principal = :principal", principal
        with self._link.reading() as work:
            found = [_read(row).at(now).grant for row in work.rows(f"{query} ORDER BY requested_at, id", values)]
        return tuple(g for g in found if g is not None)

    def granted(self, products: Sequence[str] | None, now: datetime) -> list[AccessRequest]:
        """Return the requests whose grants hold at a time, of some products; None = of all."""
        where, values = _of_products(products)
        query = f"SELECT {_COLUMNS} FROM requests WHERE state = 'granted' AND until > :now {where} ORDER BY id"  # noqa: S608
        with self._link.reading() as work:
            return [_read(row) for row in work.rows(query, {**values, "now": stamp(now)})]

    def waits(self, products: Sequence[str] | None) -> list[Wait]:
        """Return how long each request for some products waited; None = for all."""
        where, values = _of_products(products)
        query = (
            f"SELECT product, requested_at, decided_at, until FROM requests WHERE 1 = 1 {where} ORDER BY product, id"  # noqa: S608
        )
        with self._link.reading() as work:
            rows = work.rows(query, values)
        return [Wait(row[0], moment(row[1]), moment(row[2]) if row[2] else None, moment(row[3])) for row in rows]

    def are_there(self) -> bool:
        """Tell whether anybody ever asked."""
        with self._link.reading() as work:
            return bool(work.rows("SELECT 1 FROM requests LIMIT 1"))

    def due(self, now: datetime, size: int, *, failed: bool = False) -> list[Notice]:
        """Return notices that are to be sent, the oldest first; `failed` = those that were given up, too."""
        states = "('pending', 'failed')" if failed else "('pending')"
        query = f"""SELECT {_NOTICE_COLUMNS} FROM outbox
            WHERE state IN {states} AND (next_at <= :now OR state = 'failed') ORDER BY created_at, id LIMIT :size"""  # noqa: S608
        with self._link.reading() as work:
            return [_notice(row) for row in work.rows(query, {"now": stamp(now), "size": size})]

    def claim(self, notice: Notice, now: datetime) -> bool:
        """Begin to send a notice, unless another process has; if this one dies, it is due again after a minute."""
        statement = """UPDATE outbox SET tries = tries + 1, state = 'pending', next_at = :until
            WHERE id = :id AND tries = :tries AND state = :state"""
        values = {"id": notice.id, "tries": notice.tries, "state": notice.state, "until": stamp(now + _LEASE)}
        with self._link.writing() as work:
            return work.execute(statement, values) == 1

    def settle(self, notice: Notice) -> None:
        """Write what came of sending a notice, unless another process has sent it meanwhile."""
        statement = """UPDATE outbox SET state = :state, next_at = :next_at, sent_at = :sent_at, error = :error
            WHERE id = :id AND state = 'pending'"""
        values = {
            "id": notice.id, "state": notice.state, "next_at": stamp(notice.next_at), "error": clean(notice.error) or None,
            "sent_at": _stamped(notice.sent_at),
        }  # fmt: skip
        with self._link.writing() as work:
            work.execute(statement, values)

    def notices(self, request_id: str) -> list[Notice]:
        """Return the notices about a request, the oldest first."""
        query = f"SELECT {_NOTICE_COLUMNS} FROM outbox WHERE request_id = :id ORDER BY created_at, id"  # noqa: S608
        with self._link.reading() as work:
            return [_notice(row) for row in work.rows(query, {"id": request_id})]

    def log(self, entries: Iterable[Logged], at: datetime) -> None:
        """Add entries to the audit log, all or none."""
        with self._link.writing(is_durable=True) as work:
            for entry in entries:
                audit.append_in(work, *entry, at)

    def entries(self, before: int | None, size: int, seer: Seer | None = None) -> list[AuditEntry]:
        """Return entries of the audit log about access, newest first, from before an entry on; with `seer`, those that he may see."""
        own, names = ("1 = 1", {}) if seer is None else _seen(seer, "actor", "subject")
        query = f"""SELECT {audit.COLUMNS} FROM audit WHERE action LIKE 'access.%' AND seq < :before AND {own}
            ORDER BY seq DESC LIMIT :size"""  # noqa: S608
        with self._link.reading() as work:
            rows = work.rows(query, {"before": 2**62 if before is None else before, "size": size, **names})
        return [AuditEntry(*row) for row in rows]

    def prune(self, before: datetime, by: str | None, now: datetime) -> int:
        """Remove requests that ended before a time, and their notices, and note it in the log; return how many.

        What is open or holds is never removed.
        """
        ended = "coalesce(revoked_at, CASE WHEN state = 'denied' THEN decided_at END, until) < :before"
        over = f"(state NOT IN {_OPEN} OR until <= :now)"
        with self._link.writing(is_durable=True) as work:
            values = {"before": stamp(before), "now": stamp(now)}
            removed = work.execute(f"DELETE FROM requests WHERE {over} AND {ended}", values)  # noqa: S608
            if removed:
                payload = {"before": stamp(before), "requests": removed}
                audit.append_in(work, by, "prune", "requests", payload, now)
        return removed

    @staticmethod
    def _note(work: Work, notices: Sequence[Notice], entry: Logged, at: datetime) -> None:
        work.many(_NOTICE, (_notice_values(n) for n in notices))
        audit.append_in(work, *entry, at)


def _same(work: Work, request: AccessRequest) -> AccessRequest | None:
    """Return the request that asks for the same already; one that was denied outright is never the same."""
    if request.state is RequestState.DENIED:
        return None
    query = f"""SELECT {_COLUMNS} FROM requests WHERE principal = :principal AND state IN {_OPEN} AND until > :now
        AND product = :product AND purpose = :purpose AND column_names = :column_names ORDER BY requested_at DESC, id DESC"""  # noqa: S608
    values = _values(request)
    asked = {name: values[name] for name in ("principal", "product", "purpose", "column_names")}
    found = [_read(row) for row in work.rows(query, {**asked, "now": values["requested_at"]})]
    return next((r for r in found if r.state is not RequestState.GRANTED or r.until + _SAME_END > request.until), None)


def _seen(seer: Seer, who: str, what: str) -> tuple[str, dict[str, str]]:
    """Return what chooses the rows that somebody may see; of very many products all are chosen, and the caller looks again."""
    if len(seer.products) > _FEW:
        return "1 = 1", {}
    named = {f"own{n}": product for n, product in enumerate(seer.products)}
    among = f" OR {what} IN ({', '.join(f':{name}' for name in named)})" if named else ""
    return f"({who} = :seer{among})", {**named, "seer": seer.principal}


def _of_products(products: Sequence[str] | None) -> tuple[str, dict[str, str]]:
    """Return what chooses the rows of some products; of many, all are read, and the caller leaves out what he needs not."""
    if products is None or len(products) > _FEW:
        return "", {}
    named = {f"p{n}": product for n, product in enumerate(products)}
    return f"AND product IN ({', '.join(f':{name}' for name in named)})" if named else "AND 1 = 0", named


def _moved(request: AccessRequest) -> dict[str, Any]:
    return cleaned({
        "id": request.id, "state": str(request.state), "first_by": request.first_by or None, "first_at": _stamped(request.first_at),
        "decided_by": request.decided_by or None, "decided_at": _stamped(request.decided_at), "decision": request.decision or None,
        "revoked_by": request.revoked_by or None, "revoked_at": _stamped(request.revoked_at),
        "revocation": request.revocation or None,
    })  # fmt: skip


def _values(request: AccessRequest) -> dict[str, Any]:
    reasons = [r.model_dump(mode="json", exclude={"place"}) for r in request.reasons]
    return cleaned({
        **_moved(request), "product": request.product, "version": request.version, "principal": request.principal,
        "purpose": request.purpose, "column_names": json.dumps(request.columns), "level": request.level,
        "until": stamp(request.until), "reason": request.reason, "codes": json.dumps(reasons),
        "requested_at": stamp(request.requested_at),
    })  # fmt: skip


def from_record(found: Mapping[str, Any]) -> AccessRequest:
    """Read the row of a request, by the names of its columns.

    Raises:
        ValueError: It was not written by a store.
    """
    texts = ("first_by", "decided_by", "decision", "revoked_by", "revocation")
    times = ("until", "requested_at", "first_at", "decided_at", "revoked_at")
    return AccessRequest(
        **{name: found[name] or "" for name in texts},
        **{name: moment(found[name]) if found[name] else None for name in times},
        **{name: found[name] for name in ("id", "product", "version", "principal", "purpose", "level", "reason")},
        columns=tuple(json.loads(found["column_names"])),
        state=RequestState(found["state"]),
        reasons=tuple(Reason.model_validate(r) for r in json.loads(found["codes"])),
    )


def _read(row: Row) -> AccessRequest:
    return from_record(dict(zip(_COLUMNS.split(", "), row, strict=True)))


def _notice_values(notice: Notice) -> dict[str, Any]:
    return cleaned({
        "id": notice.id, "request_id": notice.request, "recipient": notice.recipient, "kind": notice.kind,
        "payload": json.dumps(notice.payload, sort_keys=True), "state": notice.state, "tries": notice.tries,
        "created_at": stamp(notice.created_at), "next_at": stamp(notice.next_at), "sent_at": _stamped(notice.sent_at),
        "error": notice.error or None,
    })  # fmt: skip


def _notice(row: Row) -> Notice:
    id_, request, recipient, kind, payload, state, tries, created, following, sent, error = row
    times = moment(created), moment(following), moment(sent) if sent else None
    return Notice(id_, request, recipient, kind, json.loads(payload), state, int(tries), *times, error or "")


def _stamped(at: datetime | None) -> str | None:
    return stamp(at) if at else None
