"""Notices about requests, sent from the outbox of the store to a webhook: at least once each, and never lost."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from meshkit.errors import UsageError
from meshkit.model.request import Notice
from meshkit.model.secret import Secret
from meshkit.store import Store
from meshkit.version import __version__

WEBHOOK = "MESHKIT_WEBHOOK"
SECRET = "MESHKIT_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
TIMEOUT_SECONDS = 5.0
MOST_TRIES = 8
"""After so many a notice is given up, until somebody asks for it again."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_AT_ONCE = 1_000


class Delivered(NamedTuple):
    """How many notices were sent, how many will be tried again, and how many were given up."""

    sent: int
    waiting: int
    failed: int


class Webhook(NamedTuple):
    """Where notices are sent to.

    Attributes:
        url: The address: https, or http to this machine. Its path may be a secret.
        secret: What each notice is signed with; None = they are not signed.
    """

    url: Secret
    secret: Secret | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], url: str | None = None) -> Webhook | None:
        """Return the webhook that somebody names, else that MESHKIT_WEBHOOK does; None where neither is.

        Raises:
            UsageError: Its URL may not be used.
        """
        text, secret = url or environment.get(WEBHOOK, ""), environment.get(SECRET, "")
        if not text:
            return None
        _require_safe(text)
        return cls(Secret(text), Secret(secret) if secret else None)


def deliver(
    store: Store, webhook: Webhook, now: datetime, *, again: bool = False, request: str | None = None
) -> Delivered:
    """Send the notices that are due, each once.

    Args:
        store: Whose outbox.
        webhook: Where to.
        now: The clock.
        again: Whether those that were given up are tried, too.
        request: Only those about this request.
    """
    outcomes = {"sent": 0, "pending": 0, "failed": 0}
    due = store.requests.due(now, _AT_ONCE, failed=again)
    for notice in due if request is None else [n for n in due if n.request == request]:
        if store.requests.claim(notice, now):
            after = _tried(notice, _post(webhook, notice, now), now)
            store.requests.settle(after)
            outcomes[after.state] += 1
    return Delivered(outcomes["sent"], outcomes["pending"], outcomes["failed"])


def _tried(notice: Notice, problem: str, now: datetime) -> Notice:
    """Return a notice after a try: sent, due again after twice as long as before, or given up."""
    if not problem:
        return notice._replace(state="sent", sent_at=now, error="")
    tries = notice.tries + 1
    wait = min(_FIRST_WAIT * 2 ** min(tries - 1, 20), _LONGEST_WAIT)
    state = "failed" if tries >= MOST_TRIES else "pending"
    return notice._replace(state=state, next_at=now + wait, error=problem)


def signature(secret: Secret, at: str, body: bytes) -> str:
    """Return the signature of a notice: HMAC-SHA-256 of its time, a dot, and its body."""
    return "sha256=" + hmac.new(secret.reveal().encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(webhook: Webhook, notice: Notice, now: datetime) -> str:
    """Send a notice, and return what went wrong, in words without the address; empty = it arrived."""
    body, at = json.dumps(notice.payload, sort_keys=True).encode(), str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"meshkit/{__version__}",
        "X-Meshkit-Notice": notice.id,
        "X-Meshkit-Timestamp": at,
    }
    if webhook.secret is not None:
        headers["X-Meshkit-Signature"] = signature(webhook.secret, at, body)
    request = urllib.request.Request(webhook.url.reveal(), body, headers, method="POST")  # noqa: S310  # its scheme was looked at
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            return "" if 200 <= answer.status < 300 else f"it answered {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        return f"it cannot be reached: {type(reason).__name__}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Whoever answers does not choose where notices go."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _require_safe(url: str) -> None:
    """Refuse what would send notices in the clear over a network.

    Raises:
        UsageError: It is neither https nor this machine.
    """
    hint = "give https://HOST/PATH, or http:// to this machine"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError("the URL of the webhook cannot be read", hint) from error
    if not host or any(c.isspace() or not c.isprintable() for c in url):
        raise UsageError("the URL of the webhook cannot be read", hint)
    if parts.username is not None or parts.password is not None:
        raise UsageError("the URL of the webhook has a login in it", f"sign the notices with {SECRET} instead")
    if parts.scheme.lower() != "https" and not (parts.scheme.lower() == "http" and _is_here(host)):
        raise UsageError(f"notices are not sent to {parts.scheme[:20]}://{host[:80]}", hint)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
