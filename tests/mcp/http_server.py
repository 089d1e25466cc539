"""A real HTTP server on a port of its own in this process, its clients, and an issuer of signed tokens."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from mcp.client.streamable_http import streamable_http_client

import meshkit
from mcp import Client
from meshkit_mcp.binding import listen
from meshkit_mcp.callers import SCOPES, Caller
from meshkit_mcp.door import Limits
from meshkit_mcp.jwks import Keys
from meshkit_mcp.jwt_tokens import Claims, SignedTokens
from meshkit_mcp.proofs import NotProvedError, Proof, Prover
from meshkit_mcp.web import Site, make_app, uvicorn_of

ISSUER, AUDIENCE = "https://login.example.com", "https://mesh.example.com/mcp"
HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


class Known:
    """Knows a few tokens by heart."""

    def __init__(self, **proofs: Proof | tuple[meshkit.Principal | str, set[str]]) -> None:
        self._proofs = {t: p if isinstance(p, Proof) else Proof(p[0], frozenset(p[1])) for t, p in proofs.items()}

    async def prove(self, token: str) -> Proof:
        """Return whose it is."""
        if token not in self._proofs:
            raise NotProvedError("unknown to the test")
        return self._proofs[token]


@contextmanager
def serving(
    path: Path,
    prover: Prover | Caller | None = None,
    site: Site | None = None,
    limits: Limits | None = None,
    timeout: float = 60,
    *,
    with_queries: bool = False,
) -> Iterator[str]:
    """Serve a mesh, and yield the address without a path."""
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    asked = prover or Caller(meshkit.Principal(id="ana@example.com", domains=("sales",)), SCOPES)
    found = site or Site(f"{url}/mcp")
    app = make_app(meshkit.Watch(path), timeout, asked, found, limits or Limits(), with_queries=with_queries)
    server = uvicorn_of(app, found.trusted_proxy)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        assert not thread.is_alive()


def talk(url: str, work: Callable[[Client], Awaitable[Any]], token: str = "", mode: Any = "auto") -> Any:
    """Let a real client talk to the server."""

    async def run() -> Any:
        async with client_of(url, token, mode) as client:
            return await work(client)

    return asyncio.run(run())


@asynccontextmanager
async def client_of(url: str, token: str = "", mode: Any = "auto") -> AsyncIterator[Client]:
    """Yield a real client."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def post(url: str, body: Any = None, token: str = "", path: str = "/mcp", **headers: str) -> httpx2.Response:
    """Post one message, without a client that would hide anything."""
    auth = {"Authorization": f"Bearer {token}"} if token else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(
        url + path, json=INITIALIZE if body is None else body, headers=HEADERS | auth | named, timeout=30
    )


def get(url: str, path: str, token: str = "", **headers: str) -> httpx2.Response:
    """Get a page."""
    auth = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(url + path, headers=auth | headers, timeout=30)


class Issuer:
    """Issues signed tokens, good ones and others."""

    def __init__(self, name: str = "first") -> None:
        self.name = name
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_pem(self) -> bytes:
        """The public key, as some take for a shared secret."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """Return the public key as a JWK."""
        made = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return made | {"kid": self.name, "use": "sig"} | changes

    def keys(self, *more: dict[str, Any]) -> bytes:
        """Return the JWK set."""
        return json.dumps({"keys": [self.jwk(), *more]}).encode()

    def token(
        self, *, alg: str = "RS256", key: Any = None, header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """Return a token; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "ana@example.com", "exp": now + 600, "iat": now, "scope": "mesh:read",
        } | changes  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key if key is None else key, alg, {"kid": self.name} | (header or {}))


def signed(issuer: Issuer, claims: Claims | None = None) -> SignedTokens:
    """Return what knows the tokens of an issuer."""
    return SignedTokens(Keys(issuer.keys), ISSUER, AUDIENCE, claims)


def forged(token: str, **header: Any) -> str:
    """Return a token with another header and the same signature."""
    _, payload, signature = token.split(".")
    return ".".join([base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("="), payload, signature])
