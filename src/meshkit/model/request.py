"""Requests for access: what somebody asks for, how far that has come, and the notices that go out about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from meshkit.model.access import Grant, Reason
from meshkit.model.base import Document

POLICY = "policy"
"""Who decided, where no person did."""


class RequestState(StrEnum):
    """How far a request has come. `approved` is the first of two approvals; `expired` is never written, the clock says it."""

    PENDING = "pending"
    APPROVED = "approved"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Verb(StrEnum):
    """What somebody does with a request."""

    APPROVE = "approve"
    DENY = "deny"
    REVOKE = "revoke"


class AccessRequest(Document):
    """What somebody asked for, and what came of it.

    Attributes:
        id: Empty where nothing was recorded, since it may be read without a request.
        product: Its id.
        version: The version when it was asked for; a grant is of every version.
        columns: Those that were named, as `table.column`.
        level: `read`.
        until: When the access ends, aware.
        reason: Why, in the words of who asks; untrusted.
        reasons: What the policies said when it was asked for.
        first_by: Who gave the first of two approvals.
        decided_by: Who granted or denied it; `policy` where no person did.
        decision: His words.
    """

    id: str
    product: str
    version: str
    principal: str
    purpose: str
    columns: tuple[str, ...] = ()
    level: str = "read"
    until: datetime
    reason: str = ""
    state: RequestState
    reasons: tuple[Reason, ...] = ()
    requested_at: datetime
    first_by: str = ""
    first_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
    revoked_by: str = ""
    revoked_at: datetime | None = None
    revocation: str = ""

    def at(self, now: datetime) -> AccessRequest:
        """Return it as it stands at a time: what was to end by then has expired."""
        is_over = self.until <= now and self.state in (
            RequestState.PENDING,
            RequestState.APPROVED,
            RequestState.GRANTED,
        )
        return self.model_copy(update={"state": RequestState.EXPIRED}) if is_over else self

    @property
    def grant(self) -> Grant | None:
        """What it grants; None unless its state is `granted`."""
        if self.state is not RequestState.GRANTED:
            return None
        return Grant(
            principal=self.principal, product=self.product, purpose=self.purpose, columns=self.columns, until=self.until,
            approved=self.decided_by != POLICY,
        )  # fmt: skip


class Notice(NamedTuple):
    """What somebody is to be told.

    Attributes:
        request: The id of the request that it is about.
        kind: `access.requested`, `access.approved`, `access.granted`, `access.denied` or `access.revoked`.
        payload: What a webhook is sent; no secrets, no rows.
        state: `pending`, `sent` or `failed`.
        tries: How often it was tried.
        next_at: When it may be tried again.
    """

    id: str
    request: str
    recipient: str
    kind: str
    payload: Mapping[str, Any]
    state: str
    tries: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None = None
    error: str = ""


class Wait(NamedTuple):
    """How long a request waited: when it was asked for, when it was decided, if it was, and when it ends anyway."""

    product: str
    requested_at: datetime
    decided_at: datetime | None
    until: datetime


class Logged(NamedTuple):
    """What is to be written into the audit log."""

    actor: str
    action: str
    subject: str
    payload: Mapping[str, Any]
