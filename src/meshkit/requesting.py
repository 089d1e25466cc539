"""Requests for access as users call them: ask, approve, deny, revoke."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from meshkit.access import decide as deciding
from meshkit.access import requests as rules
from meshkit.access.decide import Subject
from meshkit.access_records import grants_of, open_records
from meshkit.accessing import find_product, principal_of, sight_of, subject_of
from meshkit.arguments import moment, one_of
from meshkit.errors import AccessError, MeshkitError, StoreError, UsageError
from meshkit.mesh import Mesh
from meshkit.model.access import Action, Principal, Reason
from meshkit.model.contract import Status
from meshkit.model.request import POLICY, AccessRequest, Logged, Notice, RequestState, Verb
from meshkit.notices import Webhook, deliver
from meshkit.store import Store
from meshkit.store.process import new_id

_LOG = logging.getLogger("meshkit.store")
_LONGEST_ID, _LONGEST_PURPOSE, _LONGEST_REASON, _MOST_COLUMNS = 320, 200, 2_000, 1_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class About(NamedTuple):
    """The product that a request is about.

    Attributes:
        subject: As access sees it; None where it is not there any more.
        product_owner: Of its domain, as the organisation file says.
        wants_two: Whether two people have to approve.
    """

    subject: Subject | None
    product_owner: str = ""
    wants_two: bool = False


def request_access(
    mesh: Mesh,
    principal: Principal | str | None,
    product: str,
    *,
    purpose: str,
    days: int | None = None,
    until: date | str | None = None,
    columns: Sequence[str] = (),
    reason: str = "",
    now: datetime | str | None = None,
) -> AccessRequest:
    """Ask for access to a product; docs/access.md says what is granted at once, and who decides the rest.

    Whoever asks for the same again gets the request that is there. What may be read anyway is not recorded as a request.

    Args:
        mesh: What `load` returned.
        principal: Who asks; see `meshkit.principals`.
        product: The product's id; the access is to all its versions.
        purpose: What for it is read.
        days: How long, from now on; or `until`.
        until: When it ends: a day, which is its last one (UTC), or a time.
        columns: Columns that are needed; those that need an approval of their own are granted only if they are named.
        reason: Why, for whoever decides.
        now: The clock; none = the present.

    Returns:
        The request: `granted`, `pending`, or `denied` with reasons; without an id where none was needed.

    Raises:
        UsageError: Nobody asks, the product is not there for him, or the purpose or the end is missing or cannot be read.
        AccessError: MK603, there is no store to keep it in.
        StoreError: It cannot be kept.
    """
    asks, clock = principal_of(mesh, principal), moment(now)
    _require_name(asks)
    _require_texts(purpose, columns, reason)
    ends = _end(days, until, clock)
    grants = grants_of(mesh, asks, clock)
    found = find_product(mesh, product, sight_of(mesh, asks, clock, grants))
    about = about_of(mesh, found.id)
    subject = subject_of(mesh, found)
    wanted = rules.Wanted(purpose, clock, ends, columns)
    said = _assess(mesh, asks, subject, wanted)
    request = AccessRequest(
        id=new_id(), product=subject.contract.product_id, version=subject.contract.version, principal=asks.id, purpose=purpose,
        columns=said.columns, until=ends, reason=reason, state=said.state,
        reasons=tuple(r.model_copy(update={"place": None}) for r in said.reasons), requested_at=clock,
        decided_by="" if said.state is RequestState.PENDING else POLICY,
        decided_at=None if said.state is RequestState.PENDING else clock,
    )  # fmt: skip
    asked = deciding.Asked(Action.READ, clock, purpose, tuple(columns))
    read = deciding.decide(asks, subject, asked, ())
    with open_records(mesh, create=True) as store:
        if read.allowed:
            needless = Reason(code="request.needless", text="it may be read without a request", allows=True)
            request = request.model_copy(
                update={"id": "", "state": RequestState.GRANTED, "reasons": (*read.reasons, needless)}
            )
            store.requests.log([_entry(request, "request", asks.id, reason)], clock)
            return request
        kind = {RequestState.PENDING: "requested", RequestState.GRANTED: "granted"}.get(request.state)
        to = _owners(mesh, about) if kind else ()
        notices = [_notice(request, f"access.{kind}", who, clock) for who in to]
        kept = store.requests.add(request, notices, _entry(request, "request", asks.id, reason))
        _deliver_quietly(store, kept.id, clock)
    return kept.at(clock)


def decide_request(
    mesh: Mesh,
    request_id: str,
    verb: Verb | str,
    *,
    by: Principal | str | None,
    reason: str = "",
    now: datetime | str | None = None,
) -> AccessRequest:
    """Approve, deny or revoke a request: its product's owner does, or a governor; never approves who asked.

    Whoever asked may take a request back (`deny`), and give up what was granted to him (`revoke`).

    Args:
        mesh: What `load` returned.
        request_id: The id of the request.
        verb: `approve`, `deny` or `revoke`.
        by: Who decides.
        reason: Why, for whoever asked.
        now: The clock; none = the present.

    Raises:
        UsageError: Nobody decides, or there is no such request that he may see.
        AccessError: MK601, it is in another state, or somebody else was quicker; MK602, he may not.
        StoreError: It cannot be written.
    """
    asks, clock, wanted = principal_of(mesh, by), moment(now), one_of(Verb, str(verb), "verb")
    _require_name(asks)
    _require_texts("-", (), reason)
    try:
        opened = open_records(mesh, create=False)
    except StoreError as error:
        if error.code == "MK419":
            raise _unknown(request_id) from error
        raise
    with opened as store:
        written = store.requests.get(request_id)
        about = about_of(mesh, written.product) if written else About(None)
        right = right_of(asks, about)
        if written is None or not (right or written.principal == asks.id):
            raise _unknown(request_id)
        request = written.at(clock)
        try:
            state = _step(request, wanted, asks.id, right, about)
        except AccessError as error:
            if error.code == "MK602":
                store.requests.log([_entry(request, f"{wanted}.refused", asks.id, reason)], clock)
            raise
        after = _moved(request, state, wanted, asks.id, reason, clock)
        to = _owners(mesh, about) if state is RequestState.APPROVED else (request.principal,)
        notices = [_notice(after, f"access.{state}", who, clock) for who in to]
        entry = _entry(after, str(wanted), asks.id, reason)
        if not store.requests.move(written.state, after, notices, entry, clock):
            there = store.requests.get(request_id)
            what = f"request '{request_id}' is {there.at(clock).state if there else 'gone'}: somebody else was quicker"
            raise AccessError(what, "look at it with meshkit access list")
        _deliver_quietly(store, request_id, clock)
    return after


def _assess(mesh: Mesh, asks: Principal, subject: Subject, wanted: rules.Wanted) -> rules.Assessment:
    """Say what the policies say; a grant is of all versions, so that every one that is served has a say."""
    said = rules.assess(asks, subject, wanted)
    if said.state is not RequestState.GRANTED:
        return said
    for other in mesh.products:
        is_other = other.head.product_id == subject.contract.product_id and other.version != subject.contract.version
        if is_other and other.status not in (Status.RETIRED, Status.DRAFT):
            theirs = rules.assess(asks, subject_of(mesh, other), wanted)
            if theirs.state is not RequestState.GRANTED:
                return said._replace(state=RequestState.PENDING, reasons=theirs.reasons)
    return said


def _step(request: AccessRequest, verb: Verb, by: str, right: str, about: About) -> RequestState:
    if verb is Verb.APPROVE and not right:
        what = f"'{by}' may not approve requests for {request.product}"
        raise AccessError(what, "its owner does, or a governor", code="MK602")
    state = rules.step(request, verb, by, wants_two=about.wants_two)
    if verb is Verb.APPROVE:
        if about.subject is None:
            raise AccessError(f"there is no product {request.product} any more", "deny the request")
        why_not = rules.never(about.subject, request)
        if why_not:
            raise AccessError(f"request '{request.id}' cannot be granted any more: {why_not[0].text}", "deny it")
    return state


def _moved(
    request: AccessRequest, state: RequestState, verb: Verb, by: str, reason: str, now: datetime
) -> AccessRequest:
    at = max(now, request.requested_at)  # a clock that went back decides after all the same
    if state is RequestState.APPROVED:
        changed: dict[str, Any] = {"first_by": by, "first_at": at}
    elif verb is Verb.REVOKE:
        changed = {"revoked_by": by, "revoked_at": at, "revocation": reason}
    else:
        changed = {"decided_by": by, "decided_at": at, "decision": reason}
    return request.model_copy(update={**changed, "state": state})


def about_of(mesh: Mesh, product_id: str) -> About:
    """Return what decides about requests for a product."""
    try:
        found = mesh.product(product_id)
    except UsageError:
        return About(None)
    subject = subject_of(mesh, found)
    domain = mesh.organization.domain(found.domain) if mesh.organization else None
    owner = (domain.team.product_owner if domain and domain.team else None) or ""
    return About(subject, owner, bool(subject.guard and subject.guard.sox_compliance))


def right_of(asks: Principal, about: About) -> str:
    """Return by what right somebody decides requests for a product; empty = by none."""
    return rules.right_to_decide(asks, about.subject, about.product_owner)


def _owners(mesh: Mesh, about: About) -> tuple[str, ...]:
    """Return who is told of a request: its owners; where nobody owns the product, governors."""
    owner = about.subject.contract.owner if about.subject and not about.subject.is_stopped else None
    named = (owner.contact, owner.team, about.product_owner) if owner else (about.product_owner,)
    found = tuple(dict.fromkeys(filter(None, named)))
    return found or tuple(f.id for f in mesh.principals if f.id and rules.GOVERNOR in f.roles) or (rules.GOVERNOR,)


def _entry(request: AccessRequest, verb: str, actor: str, words: str) -> Logged:
    payload = {
        "request": request.id, "principal": request.principal, "version": request.version, "purpose": request.purpose,
        "columns": list(request.columns), "until": request.until.isoformat(), "state": str(request.state),
        "codes": [r.code for r in request.reasons], "words": words,
    }  # fmt: skip
    return Logged(actor, f"access.{verb}", request.product, payload)


def _notice(request: AccessRequest, kind: str, to: str, now: datetime) -> Notice:
    id_ = new_id()
    payload = {
        "notice": id_, "kind": kind, "to": to, "at": now.isoformat(),
        "request": request.model_dump(
            mode="json", include={"id", "product", "version", "principal", "purpose", "columns", "until", "reason", "state"}
        ),
    }  # fmt: skip
    return Notice(id_, request.id, to, kind, payload, "pending", 0, now, now)


def _deliver_quietly(store: Store, request_id: str, now: datetime) -> None:
    """Send the notices of a request, if there is a webhook; what does not arrive stays in the outbox."""
    try:
        target = Webhook.of(os.environ)
        if target is not None:
            deliver(store, target, now, request=request_id)
    except MeshkitError as error:
        _LOG.warning("warning: nobody was notified yet: %s", error)


def _unknown(request_id: str) -> UsageError:
    return UsageError(f"unknown request '{request_id[:80]}'", "meshkit access list shows those that you may see")


def _require_name(asks: Principal) -> None:
    if not asks.is_known:
        raise UsageError("nobody said who is asking", "sign in, or set MESHKIT_PRINCIPAL")
    if len(asks.id) > _LONGEST_ID or not asks.id.isprintable():
        raise UsageError("the id of who asks is too long, or has characters that cannot be shown", "use another id")


def _require_texts(purpose: str, columns: Sequence[str], reason: str) -> None:
    if not purpose.strip():
        raise UsageError("a request needs a purpose", "say what for the data is read; products list theirs")
    if len(purpose) > _LONGEST_PURPOSE or not purpose.isprintable():
        raise UsageError(f"a purpose is one line of at most {_LONGEST_PURPOSE} characters", "say it in a few words")
    if len(reason) > _LONGEST_REASON:
        raise UsageError(f"the reason has more than {_LONGEST_REASON:,} characters", "say it in fewer words")
    if len(columns) > _MOST_COLUMNS or any(len(c) > _LONGEST_ID or not c.isprintable() for c in columns):
        raise UsageError("these are no names of columns, or too many", "name the columns as the contract does")


def _end(days: int | None, until: date | str | None, now: datetime) -> datetime:
    """Return when access ends; a day is the last one of it."""
    if (days is None) == (until is None):
        raise UsageError("a request needs an end", "say for how many days, or until when, and not both")
    try:
        if days is not None:
            if days < 1:
                raise UsageError(f"'{days}' is no number of days", "ask for one day or more")
            return now + timedelta(days=days)
        assert until is not None
        text = until.isoformat() if isinstance(until, date) and not isinstance(until, datetime) else until
        is_day = isinstance(text, str) and bool(_DAY.fullmatch(text.strip()))
        ends = moment(text) + timedelta(days=int(is_day))
    except OverflowError as error:
        raise UsageError("no request can be for so long", "ask until an earlier day") from error
    if ends <= now:
        raise UsageError(f"{ends:%Y-%m-%d %H:%M} UTC is over", "ask until a later day")
    return ends
