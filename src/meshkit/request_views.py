"""What somebody may see of requests for access and of their log, and the notices that are sent about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from meshkit.access import requests as rules
from meshkit.access_records import open_records
from meshkit.accessing import principal_of
from meshkit.arguments import moment, one_of
from meshkit.errors import StoreError, UsageError
from meshkit.mesh import Mesh
from meshkit.model.access import Principal
from meshkit.model.history import AuditEntry
from meshkit.model.request import AccessRequest, RequestState
from meshkit.notices import WEBHOOK, Delivered, Webhook, deliver
from meshkit.requesting import about_of, right_of
from meshkit.store import Store
from meshkit.store.requests import Seer

_PAGE = 500
T = TypeVar("T")
Page = Callable[[Store, T | None], Sequence[T]]


def requests(
    mesh: Mesh,
    principal: Principal | str | None,
    *,
    state: RequestState | str | None = None,
    product: str | None = None,
    requester: str | None = None,
    limit: int = 100,
    now: datetime | str | None = None,
) -> list[AccessRequest]:
    """Return the requests that somebody may see, newest first: his own, those that he may decide, and a governor all.

    Args:
        mesh: What `load` returned.
        principal: Who looks.
        state: Only in this state.
        product: Only for this product, by its id.
        requester: Only of this principal.
        limit: How many at most.
        now: The clock; none = the present.

    Raises:
        UsageError: A state, principal or time is not known.
        AccessError: MK603, there can be no store.
        StoreError: It cannot be read.
    """
    asks, clock = principal_of(mesh, principal), moment(now)
    chosen = None if state is None else one_of(RequestState, str(state), "state")
    wanted = {k: v for k, v in (("product", product), ("principal", requester)) if v}
    open_states = (RequestState.PENDING, RequestState.APPROVED, RequestState.GRANTED)
    written = () if chosen is None else open_states if chosen is RequestState.EXPIRED else (chosen,)
    seer = _seer(mesh, asks)

    def page(store: Store, last: AccessRequest | None) -> list[AccessRequest]:
        return store.requests.page(wanted, written, (last.requested_at, last.id) if last else None, _PAGE, seer)

    def keep(request: AccessRequest) -> AccessRequest | None:
        stands = request.at(clock)
        is_wanted = chosen is None or stands.state is chosen
        return stands if is_wanted and _may_see(seer, request.principal, request.product) else None

    return _collect(mesh, page, keep, limit)


def access_log(
    mesh: Mesh, principal: Principal | str | None, *, product: str | None = None, limit: int = 100
) -> list[AuditEntry]:
    """Return the entries of the audit log about access that somebody may see, newest first; as `requests` does.

    Args:
        mesh: What `load` returned.
        principal: Who looks.
        product: Only about this product, by its id.
        limit: How many at most.

    Raises:
        UsageError: A principal is not known.
        AccessError: MK603, there can be no store.
        StoreError: It cannot be read.
    """
    asks = principal_of(mesh, principal)
    seer = _seer(mesh, asks)

    def page(store: Store, last: AuditEntry | None) -> list[AuditEntry]:
        return store.requests.entries(last.seq if last else None, _PAGE, seer)

    def keep(entry: AuditEntry) -> AuditEntry | None:
        is_wanted = product is None or product == entry.subject
        return entry if is_wanted and _may_see(seer, entry.actor, entry.subject) else None

    return _collect(mesh, page, keep, limit)


def send_notices(
    mesh: Mesh, webhook: str | None = None, *, again: bool = False, now: datetime | str | None = None
) -> Delivered:
    """Send the notices that are due to a webhook, each once; those that fail are due again later.

    Args:
        mesh: What `load` returned.
        webhook: The URL: https, or http to this machine; None = MESHKIT_WEBHOOK. MESHKIT_WEBHOOK_SECRET signs what is sent.
        again: Whether those that were given up are tried, too.
        now: The clock; none = the present.

    Raises:
        UsageError: There is no webhook, or its URL may not be used.
        AccessError: MK603, there can be no store.
        StoreError: It cannot be written.
    """
    target = Webhook.of(os.environ, webhook)
    if target is None:
        raise UsageError("nobody said where notices go", f"give --webhook URL, or set {WEBHOOK}")
    try:
        store = open_records(mesh, create=False)
    except StoreError as error:
        if error.code == "MK419":
            return Delivered(0, 0, 0)
        raise
    with store:
        return deliver(store, target, moment(now), again=again)


def _seer(mesh: Mesh, asks: Principal) -> Seer | None:
    """Return what somebody may see; None = all, as a governor does."""
    if asks.is_known and rules.GOVERNOR in asks.roles:
        return None
    ids = dict.fromkeys(p.head.product_id for p in mesh.products) if asks.is_known else ()
    return Seer(asks.id, frozenset(i for i in ids if right_of(asks, about_of(mesh, i))))


def _may_see(seer: Seer | None, principal: str, product: str) -> bool:
    if seer is None:
        return True
    return bool(seer.principal) and (principal == seer.principal or product in seer.products)


def _collect(mesh: Mesh, page: Page[T], keep: Callable[[T], T | None], limit: int) -> list[T]:
    """Return what is kept of the pages of the store; nothing where there is no store yet."""
    try:
        store = open_records(mesh, create=False)
    except StoreError as error:
        if error.code == "MK419":
            return []
        raise
    kept: list[T] = []
    with store:
        last = None
        while len(kept) < limit and (found := page(store, last)):
            kept += [k for k in map(keep, found) if k is not None]
            last = found[-1]
    return kept[:limit]
