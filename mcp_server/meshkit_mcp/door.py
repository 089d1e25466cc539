"""The door of the HTTP server: who comes in, how often, how many at once, and how slowly he may speak. It reads no message."""

from __future__ import annotations

import json
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import anyio
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meshkit_mcp.callers import SCOPES, Caller
from meshkit_mcp.metrics import Metrics
from meshkit_mcp.proofs import METRICS, NotProvedError, Proof, Prover, UnprovableError
from meshkit_mcp.rates import Buckets, Rate, neighbourhood
from meshkit_mcp.sessions import Sessions

CALLER = "meshkit.caller"
"""Where a request's ASGI scope holds its `Caller`."""
PATH, METRICS_PATH = "/mcp", "/metrics"
_LOG = logging.getLogger(__name__)
_REFUSED = -32_000


class Limits(NamedTuple):
    """How much anybody may ask of the server.

    Attributes:
        per_minute: Requests of one caller.
        failures_per_minute: Tokens from one address that are refused; beyond, none is looked at.
        at_once: Requests of one caller that are being answered, but for open streams.
        sessions: Sessions of one caller in the older protocol.
        body_bytes: Of a request.
        body_seconds: How long a request's body may take to come.
    """

    per_minute: float = 600.0
    failures_per_minute: float = 20.0
    at_once: int = 16
    sessions: int = 50
    body_bytes: int = 2 * 1024 * 1024  # the longest contract that a tool takes, every character of it escaped
    body_seconds: float = 20.0


class _Refusal(NamedTuple):
    status: int
    reason: str
    message: str
    headers: Mapping[str, str] = {}


class Door:
    """Stands before the app.

    Args:
        app: What answers those who came in.
        prover: What knows whose a token is; or the one caller that everybody is, where nobody is asked.
        limits: How much may be asked.
        metrics: Where refusals are counted.
        sessions: Whose sessions are open.
        security: Which hosts and origins are answered.
        metadata_url: Where a client reads who issues tokens; empty = nowhere.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        prover: Prover | Caller,
        limits: Limits,
        metrics: Metrics,
        sessions: Sessions,
        security: TransportSecuritySettings,
        metadata_url: str = "",
    ) -> None:
        self._app, self._prover, self._limits = app, prover, limits
        self._metrics, self._sessions = metrics, sessions
        self._hosts = TransportSecurityMiddleware(security)
        self._metadata_url = metadata_url
        self._asked = Buckets(Rate.of(limits.per_minute))
        self._failed = Buckets(Rate.of(limits.failures_per_minute))
        self._at_once: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        wrong = await self._hosts.validate_request(request)
        if wrong is not None:
            self._metrics.refused("host")
            await wrong(scope, receive, send)
            return
        path = scope["path"]
        if path not in (PATH, METRICS_PATH):
            await self._app(scope, receive, send)
            return
        proof = await self._prove(request)
        if not isinstance(proof, _Refusal):
            proof = self._bounded(proof, path) or proof
        if isinstance(proof, _Refusal):
            self._metrics.refused(proof.reason)
            await _answer(proof)(scope, receive, send)
            return
        known = {"user": _user(proof), CALLER: Caller(proof.principal, proof.scopes & SCOPES)}
        headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        await self._let_in({**scope, **known, "headers": headers}, receive, send, proof)

    async def _prove(self, request: Request) -> Proof | _Refusal:
        """Return whose request it is. A token is looked at in the header alone, and goes no further than here."""
        if isinstance(self._prover, Caller):
            return Proof(self._prover.principal, self._prover.scopes | {METRICS})
        address = neighbourhood(request.client.host if request.client else "")
        wait = self._failed.wait_seconds(address, time.monotonic())
        if wait:
            return _later("address", "too many refused tokens from this address", wait)
        given = request.headers.getlist("authorization")
        if "access_token" in request.query_params or len(given) > 1:
            self._failed.take(address, time.monotonic())
            text = (
                "a token belongs in one Authorization header, and nowhere else: take this one for lost, and get another"
            )
            return _Refusal(400, "token_misplaced", text, {"WWW-Authenticate": self._challenge("invalid_request")})
        kind, _, token = (given[0] if given else "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            text = "this server needs a token: send it as 'Authorization: Bearer TOKEN'"
            return _Refusal(401, "no_token", text, {"WWW-Authenticate": self._challenge()})
        try:
            return await self._prover.prove(token.strip())
        except NotProvedError as error:
            self._failed.take(address, time.monotonic())
            _LOG.warning("refused a token from %s: %s", address, error)
            text = "the token is not valid here, or has ended: get another"
            return _Refusal(401, "token", text, {"WWW-Authenticate": self._challenge("invalid_token")})
        except UnprovableError as error:
            _LOG.error("cannot judge any token: %s", error)
            return _Refusal(
                503, "unprovable", "tokens cannot be judged at the moment: try again", {"Retry-After": "30"}
            )

    def _bounded(self, proof: Proof, path: str) -> _Refusal | None:
        """Say why this caller may not ask now."""
        if path == METRICS_PATH and METRICS not in proof.scopes:
            return _Refusal(403, "scope", f"this needs the scope {METRICS}", self._lacking(METRICS))
        if path == PATH and not proof.scopes & SCOPES:
            text = f"the token has none of the scopes {', '.join(sorted(SCOPES))}"
            return _Refusal(403, "scope", text, self._lacking("mesh:read"))
        wait = self._asked.take(_name(proof), time.monotonic())
        if wait:
            text = f"more than {self._limits.per_minute:g} requests a minute: ask again in {math.ceil(wait)} seconds"
            return _later("rate", text, wait)
        return None

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, proof: Proof) -> None:
        owner, now = _name(proof), time.monotonic()
        request = Request(scope)
        session = request.headers.get("mcp-session-id", "")
        is_call = scope["method"] == "POST"
        refused = None
        if is_call and self._at_once[owner] >= self._limits.at_once:
            refused = _later("at_once", f"more than {self._limits.at_once} requests at once: wait for the others", 1)
        elif is_call and not session and _may_open(request) and self._sessions.of(owner, now) >= self._limits.sessions:
            refused = _later("sessions", f"{self._limits.sessions} sessions are open: end some", 60)
        if refused is not None:
            self._metrics.refused(refused.reason)
            await _answer(refused)(scope, receive, send)
            return
        watch = _Watch(send)
        with self._counted(owner, is_call=is_call), self._in_session(session, owner, watch):
            body = await _body(receive, self._limits) if is_call else receive
            if isinstance(body, _Refusal):
                self._metrics.refused(body.reason)
                await _answer(body)(scope, receive, send)
            elif body is not None:
                await self._app(scope, body, watch)
            if scope["method"] == "DELETE" and 200 <= watch.status < 300:
                self._sessions.closed(session)

    @contextmanager
    def _counted(self, owner: str, *, is_call: bool) -> Iterator[None]:
        self._metrics.in_flight += 1
        self._at_once[owner] += is_call
        try:
            yield
        finally:
            self._metrics.in_flight -= 1
            self._at_once[owner] -= is_call
            if not self._at_once[owner]:
                del self._at_once[owner]  # callers come and go: what is 0 is not kept

    @contextmanager
    def _in_session(self, session: str, owner: str, watch: _Watch) -> Iterator[None]:
        self._sessions.begin(session, owner, time.monotonic())
        watch.on_session = lambda opened: (
            self._sessions.opened(opened, owner, time.monotonic()) if not session else None
        )
        try:
            yield
        finally:
            self._sessions.end(session or watch.session, owner, time.monotonic())

    def _challenge(self, error: str = "") -> str:
        """Return what the header says to a client that has no token, or a bad one (RFC 6750, RFC 9728)."""
        parts = [f'error="{error}"'] if error else []
        if self._metadata_url:
            parts.append(f'resource_metadata="{self._metadata_url}"')
        return "Bearer " + ", ".join([*parts, 'scope="mesh:read"'])

    def _lacking(self, scope: str) -> dict[str, str]:
        return {"WWW-Authenticate": f'{self._challenge("insufficient_scope").rpartition(", ")[0]}, scope="{scope}"'}


class _Watch:
    """Sends on, and remembers with which status, and which session it opened."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.session = ""
        self.on_session: Callable[[str], None] = lambda _: None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            found = dict(message.get("headers", ())).get(b"mcp-session-id", b"").decode("latin-1")
            if found and self.status < 400:
                self.session = found
                self.on_session(found)
        await self._send(message)


def _may_open(request: Request) -> bool:
    """Say whether a request may open a session: by the same rule as the SDK's. The newer protocol has none."""
    version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER)
    return version is None or version in HANDSHAKE_PROTOCOL_VERSIONS


async def _body(receive: Receive, limits: Limits) -> Receive | _Refusal | None:
    """Read a whole body, and return what gives it again; None where the client has left. It may neither be endless nor slow."""
    parts, size = [], 0
    with anyio.move_on_after(limits.body_seconds):
        while (message := await receive())["type"] == "http.request":
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limits.body_bytes:
                return _Refusal(413, "large", f"a request has at most {limits.body_bytes:,} bytes")
            if not message.get("more_body", False):
                return _again(b"".join(parts), receive)
        return None
    return _Refusal(408, "slow", f"the request was not whole after {limits.body_seconds:g} seconds")


def _again(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def run() -> Message:
        return waiting.pop() if waiting else await receive()

    return run


def _user(proof: Proof) -> AuthenticatedUser:
    """Return the user as the SDK knows one, which binds sessions to him. The token itself is left out."""
    claims = {"iss": proof.issuer}
    return AuthenticatedUser(
        AccessToken(
            token="", client_id=proof.client or proof.id, subject=proof.id, scopes=sorted(proof.scopes), claims=claims
        )
    )


def _name(proof: Proof) -> str:
    return f"{proof.issuer} {proof.id}"


def _later(reason: str, message: str, seconds: float) -> _Refusal:
    return _Refusal(429, reason, message, {"Retry-After": str(max(1, math.ceil(seconds)))})


def _answer(refusal: _Refusal) -> Response:
    """Return a refusal as JSON-RPC says it, so that a client shows the message."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": _REFUSED, "message": refusal.message}}
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return Response(json.dumps(body), refusal.status, headers, media_type="application/json")
