"""Requests for access: what the policies say at once, who may decide, and which step leads where. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from meshkit.access.columns import columns_seen
from meshkit.access.decide import Subject, classification_of, missing_attributes
from meshkit.errors import AccessError
from meshkit.model.access import Principal, Reason, SeenAs, Sight
from meshkit.model.contract import Status
from meshkit.model.names import did_you_mean
from meshkit.model.request import AccessRequest, RequestState, Verb
from meshkit.model.table import Column, Pointer

GOVERNOR = "governor"
"""The role that may decide any request but one's own."""
MOST_DAYS = 365
"""So long may access last where the domain's policy says nothing."""
AUTO_DAYS = 90
"""So long may access last that nobody looked at, where the domain's policy says nothing."""
_OPEN = ("public", "internal")
_MOVES: Mapping[Verb, tuple[RequestState, ...]] = {
    Verb.APPROVE: (RequestState.PENDING, RequestState.APPROVED),
    Verb.DENY: (RequestState.PENDING, RequestState.APPROVED),
    Verb.REVOKE: (RequestState.GRANTED,),
}
"""What may be done in which state; nothing else may."""


class Wanted(NamedTuple):
    """What is asked for.

    Attributes:
        columns: Those that are named; empty = all that are not withheld.
    """

    purpose: str
    now: datetime
    until: datetime
    columns: Sequence[str] = ()


class Assessment(NamedTuple):
    """What the policies say of a request.

    Attributes:
        state: `granted`, `denied`, or `pending` where a person has to decide.
        columns: Those that were named, as `table.column`.
    """

    state: RequestState
    reasons: tuple[Reason, ...]
    columns: tuple[str, ...] = ()


def assess(principal: Principal, subject: Subject, wanted: Wanted) -> Assessment:
    """Say at once what the policies have to say: what can never be granted, what needs nobody, and why else somebody has to look.

    Args:
        principal: Who asks.
        subject: The product.
        wanted: What he asks for.
    """
    assessor = _Assessor(principal, subject, wanted)
    refused = tuple(assessor.refusals())
    columns = tuple(sorted({f"{c.table}.{c.column}" for c in assessor.named}))
    if refused:
        return Assessment(RequestState.DENIED, refused, columns)
    waits = tuple(assessor.waits())
    if waits:
        return Assessment(RequestState.PENDING, waits, columns)
    text = f"{assessor.classification} data, for a purpose that it lists and that is his own, no longer than {assessor.auto_days} days"
    return Assessment(RequestState.GRANTED, (Reason(code="auto.approved", text=text, allows=True),), columns)


def never(subject: Subject, request: AccessRequest) -> tuple[Reason, ...]:
    """Return why a request cannot be granted any more: the contract may have changed since it was made."""
    wanted = Wanted(request.purpose, request.requested_at, request.until, request.columns)
    found = _Assessor(Principal(id=request.principal), subject, wanted).refusals()
    return tuple(r for r in found if r.code not in ("filter.attribute", "duration.too_long"))


class _Assessor:
    def __init__(self, principal: Principal, subject: Subject, wanted: Wanted) -> None:
        guard = subject.guard
        self.principal, self.subject, self.wanted = principal, subject, wanted
        self.contract = subject.contract
        self.classification = classification_of(subject.contract, guard)
        self.most_days = guard.max_days if guard and guard.max_days is not None else MOST_DAYS
        said = guard.auto_approve_days if guard and guard.auto_approve_days is not None else AUTO_DAYS
        self.auto_days = min(said, self.most_days)
        self.has_sox = bool(guard and guard.sox_compliance)
        self.seen = (
            () if subject.is_stopped else columns_seen(principal, subject.contract, subject.place, guard, grants=())
        )
        self.named = [c for name in wanted.columns for c in self._called(name)]

    def refusals(self) -> Iterator[Reason]:
        """Yield what no approval could mend."""
        if self.subject.is_stopped:
            yield self._no("contract.errors", "its contract has errors, so that nobody knows what it allows", (),
                           "meshkit lint says which")  # fmt: skip
            return
        if self.contract.status is Status.RETIRED:
            yield self._no("status.retired", "it is retired", ("status",), "ask for the version that follows it")
        if self.contract.status is Status.DRAFT:
            yield self._no("status.draft", "it is a draft", ("status",), "wait until its owner publishes it")
        listed = self.contract.access.purposes
        if listed and self.wanted.purpose not in listed:
            hint = did_you_mean(self.wanted.purpose, listed) or f"it lists {', '.join(listed)}"
            yield self._no(
                "purpose.not_listed", f"'{self.wanted.purpose}' is none of its purposes", ("access", "purposes"), hint
            )
        if self._lasts_over(self.most_days):
            yield self._no(
                "duration.too_long", f"access lasts no longer than {self.most_days} days", (), "ask for less"
            )
        for name in dict.fromkeys(self.wanted.columns):
            if not self._called(name):
                hint = did_you_mean(name, [c.column for c in self.seen])
                yield self._no("column.unknown", f"it has no column '{name}'", (), hint)
        for name in missing_attributes(self.contract, self.principal):
            yield self._no("filter.attribute", f"its row filter compares with principal.{name}, which he has not",
                           ("row_filter",), "have it added to his attributes")  # fmt: skip

    def waits(self) -> Iterator[Reason]:
        """Yield why somebody has to look."""
        if self.classification not in _OPEN:
            yield self._no("auto.classification", f"{self.classification} data is never granted without an approval",
                           ("classification",))  # fmt: skip
        if self.has_sox:
            yield self._no("auto.two_approvals", "its domain's duties are segregated: two others approve", ())
        listed = self.contract.access.purposes
        if not listed:
            yield self._no("auto.no_purposes", "it lists no purposes", ("access", "purposes"))
        if self.wanted.purpose not in self.principal.purposes:
            yield self._no("auto.purpose", f"'{self.wanted.purpose}' is none of his own purposes", ())
        for column in self.named or [c for c in self.seen if c.sight is not Sight.WITHHELD]:
            if column.sight is Sight.WITHHELD or not self._is_open(column):
                text = (
                    f"column {column.column} is granted by an approval alone: {column.reason or 'it is confidential'}"
                )
                yield Reason(code="auto.column", text=text, allows=False, place=column.place)
        if self._lasts_over(self.auto_days):
            text = f"without an approval, access lasts no longer than {self.auto_days} days"
            yield self._no("auto.duration", text, ())

    def _lasts_over(self, days: int) -> bool:
        return self.wanted.until - self.wanted.now > timedelta(days=days)

    def _called(self, name: str) -> list[SeenAs]:
        folded = name.casefold()
        return [c for c in self.seen if folded in (c.column.casefold(), f"{c.table}.{c.column}".casefold())]

    def _is_open(self, seen: SeenAs) -> bool:
        table = next(t for t in self.contract.tables if t.name == seen.table)
        column = next(c for c in table.columns if c.called == seen.column)
        return all(p.classification.strip().lower() in ("", *_OPEN) for p in _with_parts(column))

    def _no(self, code: str, text: str, pointer: Pointer, hint: str = "") -> Reason:
        place = None if pointer == () else self.subject.place(pointer)
        return Reason(code=code, text=text, allows=False, place=place, hint=hint)


def _with_parts(column: Column) -> Iterator[Column]:
    yield column
    for _, part in column.parts:
        yield from _with_parts(part)


def same_person(one: str, other: str) -> bool:
    """Tell whether two ids may be of one person: letters' case and forms, spaces and invisible characters do not count.

    It is only asked to refuse: nobody gets a right because his id looks like another's.

    Example:
        >>> same_person("Ann@Example.com ", "ann@example.com"), same_person("ann", "bob")
        (True, False)
    """
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] != "C")


def right_to_decide(principal: Principal, subject: Subject | None, product_owner: str = "") -> str:
    """Return by what right somebody decides requests for a product: `governor`, `owner`; empty = by none.

    The owner is whoever `owner.contact`, `owner.team` or the domain's product owner names: by his id, or, within the product's
    domain, by a role of his. Names are compared as they are written.

    Args:
        principal: Who wants to decide.
        subject: The product; None where it is not there any more, or its contract cannot be read.
        product_owner: As the organisation file names him for the product's domain.
    """
    if not principal.is_known:
        return ""
    if GOVERNOR in principal.roles:
        return GOVERNOR
    if subject is None or subject.is_stopped:
        return ""
    owner = subject.contract.owner
    owners = {owner.contact, owner.team, product_owner} - {""}
    his = {principal.id}
    if subject.contract.domain in principal.domains:
        his |= set(principal.roles)
    return "owner" if owners & his else ""


def step(request: AccessRequest, verb: Verb, by: str, *, wants_two: bool) -> RequestState:
    """Return the state that a step leads to.

    Args:
        request: As it stands now.
        verb: The step.
        by: Who takes it, and has the right to; anybody may give up access of his own.
        wants_two: Whether two people have to approve.

    Raises:
        AccessError: MK601, it is in a state that this does not fit; MK602, he may not take it.
    """
    if request.state not in _MOVES[verb]:
        raise AccessError(
            f"request '{request.id}' is {request.state}, and cannot be {_DONE[verb]}", _way_out(request.state)
        )
    if verb is Verb.REVOKE:
        return RequestState.REVOKED
    if verb is Verb.DENY:
        return RequestState.DENIED
    if same_person(by, request.principal):
        raise AccessError(f"nobody approves a request of his own: '{request.id}'", "another one has to", code="MK602")
    if not wants_two:
        return RequestState.GRANTED
    if request.state is RequestState.PENDING:
        return RequestState.APPROVED
    if same_person(by, request.first_by):
        what = f"request '{request.id}' needs a second person, and '{request.first_by}' approved it already"
        raise AccessError(what, "another one has to", code="MK602")
    return RequestState.GRANTED


_DONE = {Verb.APPROVE: "approved", Verb.DENY: "denied", Verb.REVOKE: "revoked"}


def _way_out(state: RequestState) -> str:
    if state is RequestState.GRANTED:
        return "revoke it"
    if state in (RequestState.PENDING, RequestState.APPROVED):
        return "deny it"
    return "a new request can be made"
