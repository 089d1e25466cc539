"""The HTTP server put together: the SDK's app behind the door, its small pages, and uvicorn."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import time
from typing import Any, NamedTuple

import h11
import uvicorn
from anyio import to_thread
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.routes import build_resource_metadata_url
from mcp.server.context import ServerRequestContext
from pydantic import AnyHttpUrl
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

import meshkit
from meshkit_mcp.app import make_server
from meshkit_mcp.binding import security
from meshkit_mcp.callers import SCOPES, Caller
from meshkit_mcp.door import CALLER, METRICS_PATH, PATH, Door, Limits
from meshkit_mcp.metrics import TYPE, Metrics
from meshkit_mcp.proofs import Prover
from meshkit_mcp.sessions import Sessions
from meshkit_mcp.tools import scopes

IDLE_SECONDS = 900.0
MOST_SESSIONS = 1_000
HEALTH_SECONDS = 10.0
"""How long an answer of /health holds: nobody can have the mesh read again and again."""
HEAD_SECONDS = 10.0
"""How long a request's head may take to come."""
_STOP_SECONDS = 3
_MOST_CONNECTIONS = 2_000


class Site(NamedTuple):
    """How the server is reached.

    Attributes:
        url: Of /mcp, as clients know it.
        issuer: Who issues tokens, where clients can learn it; empty = they are handed out otherwise.
        allowed_hosts: Names besides this machine's own.
        allowed_origins: Of pages whose scripts may ask.
        trusted_proxy: The address of a proxy whose X-Forwarded-For is believed.
    """

    url: str
    issuer: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    trusted_proxy: str = ""


def make_app(
    watch: meshkit.Watch,
    timeout_seconds: float,
    prover: Prover | Caller,
    site: Site,
    limits: Limits,
    *,
    with_queries: bool = False,
) -> ASGIApp:
    """Return the whole server over a mesh as an ASGI app; its parts are as `make_server` and `Door` take them."""
    metrics, sessions = Metrics(scopes()), Sessions(IDLE_SECONDS)
    server = make_server(
        watch, timeout_seconds, caller_of_request, before=(metrics.measure,), with_queries=with_queries
    )
    metadata_url = _add_pages(server, _Health(watch), metrics, sessions, site)
    safe = security(site.allowed_hosts, site.allowed_origins)
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=limits.body_bytes,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        transport_security=safe,
    )
    door: ASGIApp = Door(
        AuthContextMiddleware(inner),
        prover=prover,
        limits=limits,
        metrics=metrics,
        sessions=sessions,
        security=safe,
        metadata_url=metadata_url,
    )
    if site.allowed_origins:
        door = CORSMiddleware(
            door,
            allow_origins=site.allowed_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate", "Retry-After"],
        )
    return door


def caller_of_request(ctx: ServerRequestContext[Any, Any]) -> Caller:
    """Return who makes a request: of this very HTTP request, never of the session. Without one nobody, who may do nothing."""
    found = ctx.request.scope.get(CALLER) if isinstance(ctx.request, Request) else None
    return found if isinstance(found, Caller) else Caller()


def serve(app: ASGIApp, listening: socket.socket, trusted_proxy: str = "") -> None:
    """Answer until a signal says to stop; requests under way have a few seconds to end."""
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    try:
        asyncio.run(uvicorn_of(app, trusted_proxy).serve(sockets=[listening]))
    except KeyboardInterrupt:  # uvicorn raises it anew once it has ended in order
        sys.exit(130)


def uvicorn_of(app: ASGIApp, trusted_proxy: str = "") -> uvicorn.Server:
    """Return a server that nobody can keep waiting."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # it would hold what a client wrongly puts into the address
        server_header=False,
        proxy_headers=bool(trusted_proxy),  # else anybody could choose the address that is counted
        forwarded_allow_ips=trusted_proxy or None,
        timeout_graceful_shutdown=_STOP_SECONDS,
        limit_concurrency=_MOST_CONNECTIONS,
    )
    return uvicorn.Server(config)


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out the traceback of each request that stopping has ended; uvicorn says how many they were."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class PatientProtocol(H11Protocol):
    """Gives a client some time to say what it wants, and then hangs up: uvicorn alone would wait for ever."""

    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on where the head is not whole."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._ends is None:
            self._ends = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _stop(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    def _hang_up(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


class _Health:
    """Whether the mesh can be read, looked at now and then."""

    def __init__(self, watch: meshkit.Watch) -> None:
        self._watch = watch
        self._lock = asyncio.Lock()
        self._looked_at = float("-inf")
        self._is_well = False

    async def is_well(self) -> bool:
        """Say whether the mesh could be read a moment ago."""
        async with self._lock:
            if time.monotonic() - self._looked_at > HEALTH_SECONDS:
                try:
                    await to_thread.run_sync(self._watch.mesh)
                    self._is_well = True
                except meshkit.MeshkitError:
                    self._is_well = False
                self._looked_at = time.monotonic()
            return self._is_well


def _add_pages(server: MCPServer[Any], health: _Health, metrics: Metrics, sessions: Sessions, site: Site) -> str:
    """Add the pages beside /mcp; return the address of the one that says who issues tokens, or nothing."""

    async def show_health(_: Request) -> Response:
        is_well = await health.is_well()
        return JSONResponse({"status": "ok" if is_well else "failing"}, 200 if is_well else 503)

    async def show_metrics(_: Request) -> Response:
        return PlainTextResponse(metrics.render(sessions.total(time.monotonic())), media_type=TYPE)

    async def show_metadata(_: Request) -> Response:
        body = {
            "resource": site.url,
            "authorization_servers": [site.issuer],
            "scopes_supported": sorted(SCOPES),
            "bearer_methods_supported": ["header"],
            "resource_name": "meshkit",
        }
        return Response(json.dumps(body), media_type="application/json", headers={"Cache-Control": "max-age=3600"})

    server.custom_route("/health", methods=["GET"])(show_health)
    server.custom_route(METRICS_PATH, methods=["GET"])(show_metrics)
    if not site.issuer:
        return ""
    found = str(build_resource_metadata_url(AnyHttpUrl(site.url)))
    path = "/" + found.split("/", 3)[3]
    for at in dict.fromkeys((path, "/.well-known/oauth-protected-resource")):
        server.custom_route(at, methods=["GET"])(show_metadata)
    return found
