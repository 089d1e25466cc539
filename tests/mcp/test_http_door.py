"""What never comes in over HTTP: other hosts and origins, misplaced tokens, large and slow requests, too many guesses."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import httpx2
import pytest
from starlette.responses import Response
from tests.mcp.http_server import HEADERS, INITIALIZE, PING, Known, get, post, serving

import meshkit
from meshkit_mcp import web
from meshkit_mcp.binding import security
from meshkit_mcp.callers import READ
from meshkit_mcp.door import CALLER, Door, Limits
from meshkit_mcp.metrics import Metrics
from meshkit_mcp.rates import Buckets, Rate, neighbourhood
from meshkit_mcp.sessions import Sessions
from meshkit_mcp.web import Site

KNOWN = Known(ana=(meshkit.Principal(id="ana@example.com", domains=("sales",)), {READ}))


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example.com", "localhost.evil.example.com:80", "evil", "0.0.0.0"]
)
@pytest.mark.parametrize("path", ["/mcp", "/health", "/metrics"])
def test_another_host_is_refused_whatever_it_asks_for(folder, host, path):
    with serving(folder) as url:
        assert get(url, path, host=host).status_code == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example.com",
        "https://localhost",
        "null",
        "http://127.0.0.1.evil.example.com",
        "http://localhost.evil.example",
    ],
)
def test_a_page_of_another_origin_is_refused(folder, origin):
    with serving(folder) as url:
        assert post(url, origin=origin).status_code == 403
        assert post(url, origin="http://localhost:5173").status_code == 200


def test_an_allowed_host_and_origin_come_in(folder):
    site = Site("https://mesh.example.com/mcp", "", ("mesh.example.com",), ("https://app.example.com",))
    with serving(folder, KNOWN, site) as url:
        assert post(url, token="ana", host="mesh.example.com").status_code == 200
        assert post(url, token="ana", host="mesh.example.com:8443").status_code == 200
        assert post(url, token="ana", host="mesh.example.com.evil.example").status_code == 421
        asked = httpx2.options(
            f"{url}/mcp", headers={"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        )
        assert asked.headers["access-control-allow-origin"] == "https://app.example.com"
        asked = httpx2.options(
            f"{url}/mcp", headers={"Origin": "https://evil.example.com", "Access-Control-Request-Method": "POST"}
        )
        assert "access-control-allow-origin" not in asked.headers


def test_a_token_counts_in_the_header_alone(folder, caplog):
    with serving(folder, KNOWN) as url:
        assert post(url, path="/mcp?access_token=ana").status_code == 400
        assert post(url, token="ana", path="/mcp?access_token=ana").status_code == 400
        assert post(url, path="/mcp?token=ana").status_code == 401
        two = httpx2.post(
            f"{url}/mcp",
            json=PING,
            headers=[*HEADERS.items(), ("Authorization", "Bearer ana"), ("Authorization", "Bearer b")],
        )
        assert two.status_code == 400
        for other in ("Basic YW5hOmFuYQ==", "ana", "Bearer"):
            assert httpx2.post(f"{url}/mcp", json=PING, headers=HEADERS | {"Authorization": other}).status_code == 401
        assert post(url, token="ana").status_code == 200
    assert "access_token" not in caplog.text


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS", "POST"])
def test_no_method_comes_in_without_a_token(folder, method):
    with serving(folder, Known()) as url:
        assert httpx2.request(method, f"{url}/mcp").status_code == 401


@pytest.mark.parametrize(
    "path", ["/mcp/", "//mcp", "/MCP", "/mcp/../mcp", "/%6dcp", "/metrics/", "/", "/health/../mcp"]
)
def test_no_other_spelling_of_an_address_comes_in_without_a_token(folder, path):
    with (
        serving(folder, Known()) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as wire,
    ):
        body = json.dumps(INITIALIZE).encode()
        wire.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        answer = wire.makefile("rb").read()
    assert answer.split()[1] in (b"307", b"401", b"404", b"405")
    assert b"serverInfo" not in answer


def test_a_token_goes_no_further_than_the_door():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)
        await Response()(scope, receive, send)

    safe = security((), ())
    door = Door(app, prover=KNOWN, limits=Limits(), metrics=Metrics(()), sessions=Sessions(1), security=safe)

    async def ask():
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(door), base_url="http://localhost") as client:
            assert (await client.get("/mcp", headers={"Authorization": "Bearer ana"})).status_code == 200

    asyncio.run(ask())
    assert seen[0]["user"].access_token.token == ""
    assert "Bearer" not in str(seen[0]["headers"])
    assert seen[0][CALLER].scopes == {READ}


def test_a_large_request_is_refused_with_and_without_its_length(folder):
    large = b" " * (Limits().body_bytes + 1)
    with serving(folder) as url:
        assert httpx2.post(f"{url}/mcp", content=large, headers=HEADERS).status_code == 413
        assert (
            httpx2.post(f"{url}/mcp", content=iter([large[:500_000], large[500_000:]]), headers=HEADERS).status_code
            == 413
        )


def test_a_request_that_comes_too_slowly_is_given_up(folder):
    with serving(folder, limits=Limits(body_seconds=0.2)) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as wire:
            wire.sendall(
                b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                b"Content-Length: 1000\r\n\r\n{"
            )
            assert wire.recv(100).startswith(b"HTTP/1.1 408 ")
        assert 'reason="slow"} 1' in get(url, "/metrics").text


@pytest.mark.parametrize("said", [b"", b"POST /mcp HTT", b"GET /health HTTP/1.1\r\nHost: local"])
def test_a_client_that_never_says_what_it_wants_is_hung_up_on(folder, monkeypatch, said):
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.2)
    with (
        serving(folder) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as wire,
    ):
        wire.sendall(said)
        assert wire.recv(100) == b""


def test_a_second_request_that_is_never_finished_is_hung_up_on_too(folder, monkeypatch):
    monkeypatch.setattr(web, "HEAD_SECONDS", 0.2)
    with (
        serving(folder) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as wire,
    ):
        wire.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\n")
        answer = b""
        while part := wire.recv(1000):
            answer += part
    assert answer.count(b"HTTP/1.1 200") == 1


def test_a_client_that_goes_in_the_middle_leaves_nothing_behind(folder):
    with serving(folder) as url:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as wire:
                wire.sendall(
                    b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
                )
        ends = time.monotonic() + 10
        while "meshkit_mcp_requests_in_flight 1\n" not in (text := get(url, "/metrics").text):  # the one that asks
            assert time.monotonic() < ends, text
        assert post(url).status_code == 200


def test_guesses_from_one_address_are_not_looked_at_any_more(folder):
    with serving(folder, KNOWN, limits=Limits(failures_per_minute=6)) as url:  # ten at once, then one in ten seconds
        answers = [post(url, PING, f"guess{n}").status_code for n in range(12)]
        assert answers == [401] * 10 + [429] * 2
        assert post(url, PING, "ana").status_code == 429  # a good token is not looked at either


def test_an_address_is_believed_from_a_trusted_proxy_alone(folder):
    def last(site):
        with serving(folder, KNOWN, site, Limits(failures_per_minute=6)) as url:
            return [post(url, PING, "bad", x_forwarded_for=f"192.0.2.{n}").status_code for n in range(11)][-1]

    assert last(Site("http://localhost/mcp")) == 429
    assert last(Site("http://localhost/mcp", trusted_proxy="127.0.0.1")) == 401
    assert last(Site("http://localhost/mcp", trusted_proxy="192.0.2.1")) == 429


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"jsonrpc": "2.0"}',
        b"[" * 50_000,
        b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
    ],
)
def test_what_is_no_message_gets_a_plain_error(folder, body):
    with serving(folder) as url:
        for version in ({}, {"MCP-Protocol-Version": "2026-07-28"}, {"MCP-Protocol-Version": "9999-01-01"}):
            answer = httpx2.post(f"{url}/mcp", content=body, headers=HEADERS | version)
            assert 400 <= answer.status_code < 500
            assert "Traceback" not in answer.text


def test_a_bucket_gives_a_burst_and_then_what_flows_in():
    buckets = Buckets(Rate(60, 3))
    assert [buckets.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take("b", 0.0) == 0
    assert buckets.take("a", 0.5) == 0.5
    assert buckets.take("a", 1.0) == 0
    assert [buckets.take("a", 100.0) for _ in range(4)] == [0, 0, 0, 1]


def test_buckets_remember_only_so_many_names():
    buckets = Buckets(Rate(60, 3), most=2)
    for name in "abcd":
        buckets.take(name, 0.0)
    assert len(buckets) == 2


@pytest.mark.parametrize(
    ("address", "name"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"), ("::ffff:192.0.2.7", "192.0.2.7"), ("fe80::1%eth0", "fe80::/64"), ("", "unknown")],
)  # fmt: skip
def test_an_address_counts_with_its_neighbours(address, name):
    assert neighbourhood(address) == name


def test_a_session_ends_with_its_client_or_by_being_idle():
    sessions = Sessions(idle_seconds=10)
    sessions.opened("one", "ana", 0.0)
    sessions.opened("two", "ana", 0.0)
    sessions.end("one", "ana", 0.0)
    sessions.end("two", "eve", 0.0)  # whoever only knows its name has no part in it
    assert (sessions.of("ana", 11.0), sessions.of("eve", 11.0)) == (1, 0)  # the request of the other goes on
    sessions.end("two", "ana", 20.0)
    sessions.begin("two", "ana", 29.0)
    sessions.end("two", "ana", 29.0)
    assert sessions.total(39.0) == 1
    sessions.closed("two")
    assert sessions.total(39.0) == 0
