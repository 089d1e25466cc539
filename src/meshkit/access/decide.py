"""One decision: may a principal know of a product, read it for a purpose, or publish it. Whatever nobody allows is denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from meshkit.access.columns import columns_seen
from meshkit.access.rules import matches, named
from meshkit.errors import Place
from meshkit.model.access import AccessDecision, Action, Grant, Principal, Reason, SeenAs, Sight
from meshkit.model.contract import Contract, Status
from meshkit.model.governance import AccessControlForm
from meshkit.model.names import did_you_mean
from meshkit.model.table import Pointer

CLASSES = ("public", "internal", "confidential", "restricted")
"""From what everybody may see to what nobody may see without an approval."""
_OPEN = ("public", "internal")
_DISCOVERY = {"public": "public", "internal": "public", "confidential": "domain", "restricted": "private"}
_ATTRIBUTE = re.compile(r"\bprincipal\s*\.\s*\"?(\w+)\"?", re.IGNORECASE)
_ASK = "ask for access: meshkit access request"


class PlaceOf(Protocol):
    """Says where a pointer leads in the contract's file; None where nobody asks for places."""

    def __call__(self, pointer: Pointer) -> Place | None: ...


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        columns: Those that are wanted, as the contract names them, with or without their table; empty = all that may be seen.
        now: The clock, aware: grants that have ended count for nothing.
    """

    action: Action
    now: datetime
    purpose: str = ""
    columns: Sequence[str] = ()


class Subject(NamedTuple):
    """A product as access sees it.

    Attributes:
        id: Its id as people write it.
        place: Where a pointer leads in its file.
        is_stopped: Whether its contract cannot be read, so that nobody knows what it allows.
        guard: How its domain guards its products; None = nothing is said.
    """

    id: str
    contract: Contract
    place: PlaceOf
    is_stopped: bool = False
    guard: AccessControlForm | None = None


def decide(principal: Principal, subject: Subject, asked: Asked, grants: Sequence[Grant] = ()) -> AccessDecision:
    """Decide whether a principal may do something with a product.

    Args:
        principal: Who asks.
        subject: The product.
        asked: What is asked for.
        grants: What was granted; those of others, of other products, or that have ended count for nothing.
    """
    held = [g for g in grants if _holds(g, principal, subject, asked)]
    decider = _Decider(principal, subject, asked, held)
    reasons = tuple(decider.reasons())
    allowed = bool(reasons) and all(r.allows for r in reasons)
    columns: tuple[SeenAs, ...] = ()
    if allowed and asked.action is Action.READ:
        columns = columns_seen(principal, subject.contract, subject.place, subject.guard, held)
        refused = tuple(_wanted(asked.columns, columns))
        reasons, allowed = (*reasons, *refused), not refused
    is_read = asked.action is Action.READ
    return AccessDecision(
        principal=principal.id, product=subject.id, version=subject.contract.version, action=asked.action,
        purpose=asked.purpose, allowed=allowed, reasons=reasons, columns=columns if allowed else (),
        row_filter=subject.contract.row_filter if is_read and allowed else "",
        needs="grant" if is_read and not allowed and decider.can_be_granted(reasons) else "",
    )  # fmt: skip


def may_discover(principal: Principal, subject: Subject, now: datetime, grants: Sequence[Grant] = ()) -> bool:
    """Tell whether a principal may know of a product: what `decide` says, without its words."""
    asked = Asked(Action.DISCOVER, now)
    held = [g for g in grants if _holds(g, principal, subject, asked)]
    return all(r.allows for r in _Decider(principal, subject, asked, held).reasons())


def classification_of(contract: Contract, guard: AccessControlForm | None) -> str:
    """Return how a product is classified: as it says, else by its domain's default, else confidential. Others are restricted."""
    said = contract.classification.strip().lower() or (guard.default_access if guard else None) or "confidential"
    return said if said in CLASSES else "restricted"


def missing_attributes(contract: Contract, principal: Principal) -> list[str]:
    """Return the attributes that a product's row filter compares with, and that somebody has not."""
    return sorted({n for n in _ATTRIBUTE.findall(contract.row_filter) if n not in principal.attributes})


def _holds(grant: Grant, principal: Principal, subject: Subject, asked: Asked) -> bool:
    is_his = principal.is_known and grant.principal == principal.id and grant.product == subject.contract.product_id
    is_enough = grant.approved or classification_of(subject.contract, subject.guard) in _OPEN
    is_for_it = asked.action is not Action.READ or grant.purpose in ("", asked.purpose)
    return is_his and is_enough and is_for_it and asked.now < grant.until


class _Decider:
    def __init__(self, principal: Principal, subject: Subject, asked: Asked, grants: Sequence[Grant]) -> None:
        self.principal = principal
        self.subject = subject
        self.contract = subject.contract
        self.asked = asked
        self.grants = grants
        self.classification = classification_of(self.contract, subject.guard)

    def reasons(self) -> Iterator[Reason]:
        if self.subject.is_stopped:
            yield self._no("contract.errors", "its contract has errors, so that nobody knows what it allows", (),
                           "meshkit lint says which")  # fmt: skip
            return
        match self.asked.action:
            case Action.DISCOVER:
                yield self._discovery()
            case Action.READ:
                yield from self._read()
            case Action.PUBLISH:
                yield self._publish()

    def can_be_granted(self, reasons: Sequence[Reason]) -> bool:
        """Tell whether all that denies could be granted on request."""
        return self.principal.is_known and all(r.allows or r.code in _GRANTABLE for r in reasons)

    def _discovery(self) -> Reason:
        access = self.contract.access
        said = access.discovery.strip().lower()
        visible = (
            (said if said in ("public", "domain", "private") else "private")
            if said
            else _DISCOVERY[self.classification]
        )
        pointer: Pointer = ("access", "discovery") if said else ("access",)
        how = (
            f"discovery: {said}"
            if said
            else f"{self.classification} data is of discovery: {visible} where nothing is said"
        )
        if visible == "public":
            return self._yes("discovery.public", how, pointer)
        rules = (*access.read, *access.write)
        if any(matches(rule, self.principal) for rule in rules):
            return self._yes("discovery.rule", "a rule names him", ("access",))
        if any(g.principal == self.principal.id for g in self.grants):
            return self._yes("discovery.granted", "it was granted to him", ())
        if visible == "domain" and self._is_own():
            return self._yes("discovery.domain", how, pointer)
        return self._no("discovery.hidden", how, pointer, "its owner can name a role or a domain under access.read")

    def _read(self) -> Iterator[Reason]:
        if not self.principal.is_known:
            yield self._no("principal.unknown", "nobody said who is asking", (), "sign in, or set MESHKIT_PRINCIPAL")
            return
        if self.contract.status is Status.RETIRED:
            yield self._no("status.retired", "it is retired", ("status",), "read the version that follows it")
            return
        rules = self.contract.access.write
        if self.contract.status is Status.DRAFT and not (
            self._is_own() or any(matches(r, self.principal) for r in rules)
        ):
            yield self._no("status.draft", "it is a draft", ("status",), "wait until its owner publishes it")
            return
        yield self._reader()
        yield self._purpose()
        missing = missing_attributes(self.contract, self.principal)
        if missing:
            yield self._no("filter.attribute", f"its row filter compares with principal.{missing[0]}, which he has not",
                           ("row_filter",), "have it added to his attributes")  # fmt: skip

    def _reader(self) -> Reason:
        """Say by what right it is read: a grant, a rule, or the classification."""
        if self.grants:
            return self._yes("grant", f"granted until {self.grants[0].until:%Y-%m-%d %H:%M} UTC", ())
        rules = self.contract.access.read
        found = next((n for n, rule in enumerate(rules) if matches(rule, self.principal)), None)
        if self.classification == "restricted":
            return self._no(
                "classification.restricted",
                "restricted data is read by those to whom it was granted",
                self._class(),
                _ASK,
            )
        if found is not None:
            return self._yes("read.rule", f"{named(rules[found])} may read", ("access", "read", found))
        if rules:
            text = f"no read rule names him: {', or '.join(named(r) for r in rules)}"
            return self._no("read.no_rule", text, ("access", "read"), _ASK)
        if self.classification in _OPEN:
            text = f"{self.classification} data without a read rule is for everybody who is known"
            return self._yes("classification.open", text, self._class())
        return self._no(
            "classification.closed",
            f"{self.classification} data without a read rule is for nobody",
            self._class(),
            _ASK,
        )

    def _purpose(self) -> Reason:
        listed, purpose = self.contract.access.purposes, self.asked.purpose
        if listed and not purpose:
            return self._no(
                "purpose.missing",
                "it is read for a purpose",
                ("access", "purposes"),
                f"name one of {', '.join(listed)}",
            )
        if listed and purpose not in listed:
            hint = did_you_mean(purpose, listed) or f"it lists {', '.join(listed)}"
            return self._no(
                "purpose.not_listed", f"'{_short(purpose)}' is none of its purposes", ("access", "purposes"), hint
            )
        if (
            purpose
            and purpose not in self.principal.purposes
            and not any(g.purpose in ("", purpose) for g in self.grants)
        ):
            return self._no("purpose.not_his", f"'{_short(purpose)}' is none of the purposes that he may read for", (),
                            "have it added to his purposes, or ask for access")  # fmt: skip
        text = f"for {purpose}" if purpose else "it lists no purposes"
        return self._yes(
            "purpose.listed" if listed else "purpose.free", text, ("access", "purposes") if listed else ("access",)
        )

    def _publish(self) -> Reason:
        if not self.principal.is_known:
            return self._no("principal.unknown", "nobody said who is asking", (), "sign in, or set MESHKIT_PRINCIPAL")
        rules = self.contract.access.write
        found = next((n for n, rule in enumerate(rules) if matches(rule, self.principal)), None)
        if found is not None:
            return self._yes("write.rule", f"{named(rules[found])} may publish", ("access", "write", found))
        if rules:
            text = f"no write rule names him: {', or '.join(named(r) for r in rules)}"
            return self._no("write.no_rule", text, ("access", "write"), "ask its owner")
        if self._is_own():
            return self._yes("write.domain", "it belongs to his domain", ("domain",))
        return self._no(
            "write.domain", f"only domain {self.contract.domain} publishes it", ("domain",), "ask its owner"
        )

    def _is_own(self) -> bool:
        return self.contract.domain in self.principal.domains

    def _class(self) -> Pointer:
        return ("classification",) if self.contract.classification else ()

    def _yes(self, code: str, text: str, pointer: Pointer) -> Reason:
        return Reason(code=code, text=text, allows=True, place=self.subject.place(pointer))

    def _no(self, code: str, text: str, pointer: Pointer, hint: str) -> Reason:
        return Reason(code=code, text=text, allows=False, place=self.subject.place(pointer), hint=hint)


_GRANTABLE = frozenset(
    {"read.no_rule", "classification.closed", "classification.restricted", "purpose.not_his", "column.approval",
     "column.restricted"}
)  # fmt: skip


def _wanted(names: Sequence[str], columns: Sequence[SeenAs]) -> Iterator[Reason]:
    """Say which of the columns that are wanted are withheld, or not there."""
    for name in dict.fromkeys(names):
        found = [c for c in columns if name.casefold() in (c.column.casefold(), f"{c.table}.{c.column}".casefold())]
        if not found:
            hint = did_you_mean(name, [c.column for c in columns])
            yield Reason(code="column.unknown", text=f"it has no column '{_short(name)}'", allows=False, hint=hint)
        for column in found:
            if column.sight is Sight.WITHHELD:
                text = f"column {column.column} is withheld: {column.reason}"
                yield Reason(code=column.code, text=text, allows=False, place=column.place, hint=_ASK)


def _short(text: str) -> str:
    return " ".join(text.split())[:60]
