"""The server over HTTP with real clients: both wires, callers who never meet, sessions, and the pages beside /mcp."""

from __future__ import annotations

import asyncio
import re

import httpx2
import pytest
from tests.mcp.http_server import INITIALIZE, PING, Known, client_of, get, post, serving, talk

import meshkit
from mcp import MCPError
from meshkit_mcp.callers import QUERY, READ, REQUEST
from meshkit_mcp.door import Limits
from meshkit_mcp.proofs import METRICS, Proof
from meshkit_mcp.web import Site

ANA = meshkit.Principal(id="ana@example.com", domains=("sales",))
EVE = meshkit.Principal(id="eve@example.com", domains=("other",))
BOTH = {"ana": (ANA, {READ}), "eve": (EVE, {READ})}


def names(listed):
    return [tool.name for tool in listed.tools]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_lists_and_calls_tools_over_http(folder, mode):
    async def work(client):
        assert "get_data_product" in names(await client.list_tools())
        return await client.call_tool("get_data_product", {"product": "orders"})

    with serving(folder) as url:
        result = talk(url, work, mode=mode)
    assert not result.is_error
    assert result.structured_content["id"] == "sales.orders"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_progress_comes_over_http(folder, mode):
    told = []

    async def hear(progress, total, message):
        told.append((progress, total))

    async def work(client):
        return await client.call_tool("run_checks", {"product": "orders"}, progress_callback=hear)

    with serving(folder) as url:
        assert not talk(url, work, mode=mode).is_error
    assert told[-1][0] == told[-1][1] > 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_two_callers_at_once_see_each_their_own(write, folder, mode):
    write(name="hidden", access={"discovery": "domain"}, schema={"alias": "hidden"})

    async def ask(url, token, times):
        seen = set()
        async with client_of(url, token, mode) as client:
            for _ in range(times):
                result = await client.call_tool("get_data_product", {"product": "sales.hidden"})
                seen.add(result.is_error)
        return seen

    async def all_of_them(url):
        return await asyncio.gather(*(ask(url, token, 15) for token in ("ana", "eve") * 3))

    with serving(folder, Known(**BOTH)) as url:
        found = asyncio.run(all_of_them(url))
    assert found == [{False}, {True}] * 3


def test_tools_that_the_scopes_do_not_allow_are_hidden_and_refused(folder):
    async def work(client):
        listed = names(await client.list_tools())
        return listed, await client.call_tool("get_data_product", {"product": "orders"})

    with serving(folder, Known(reads=(ANA, {READ}), asks=(ANA, {QUERY, REQUEST}))) as url:
        listed, allowed = talk(url, work, "reads")
        assert ("get_data_product" in listed, allowed.is_error) == (True, False)
        listed, refused = talk(url, work, "asks")
    assert ("get_data_product" in listed, refused.is_error) == (False, True)
    assert "needs the scope mesh:read" in refused.content[0].text


def test_lists_that_depend_on_the_caller_are_never_public_to_caches(folder):
    async def work(client):
        return await client.list_tools()

    with serving(folder) as url:
        assert talk(url, work).cache_scope != "public"


def session_of(url, token):
    opened = post(url, INITIALIZE, token)
    assert opened.status_code == 200
    return opened.headers["mcp-session-id"]


def test_a_session_is_of_the_caller_who_opened_it(folder):
    with serving(folder, Known(**BOTH)) as url:
        session = session_of(url, "ana")
        mine = post(url, PING, "ana", mcp_session_id=session)
        stolen = post(url, PING, "eve", mcp_session_id=session)
        nobodys = post(url, PING, mcp_session_id=session)
        assert (mine.status_code, stolen.status_code, nobodys.status_code) == (200, 404, 401)
        assert get(url, "/mcp", "eve", **{"mcp-session-id": session, "accept": "text/event-stream"}).status_code == 404
        assert post(url, PING, "ana", mcp_session_id=session).status_code == 200


def test_a_session_has_the_scopes_of_each_requests_own_token(folder):
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    with serving(folder, Known(wide=(ANA, {READ}), narrow=(ANA, {REQUEST}))) as url:
        session = session_of(url, "wide")
        assert "get_data_product" in post(url, listing, "wide", mcp_session_id=session).text
        assert "get_data_product" not in post(url, listing, "narrow", mcp_session_id=session).text


def test_a_session_of_another_issuers_namesake_is_not_his(folder):
    known = Known(
        one=Proof(ANA, frozenset({READ}), issuer="https://one.example"),
        two=Proof(ANA, frozenset({READ}), issuer="https://two.example"),
    )
    with serving(folder, known) as url:
        assert post(url, PING, "two", mcp_session_id=session_of(url, "one")).status_code == 404


def test_one_caller_cannot_take_all_sessions(folder):
    with serving(folder, Known(**BOTH), limits=Limits(sessions=2)) as url:
        first = session_of(url, "ana")
        session_of(url, "ana")
        refused = post(url, INITIALIZE, "ana")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        session_of(url, "eve")
        talk(url, lambda client: client.list_tools(), "ana", mode="auto")  # the newer protocol has no sessions
        ended = httpx2.delete(f"{url}/mcp", headers={"Authorization": "Bearer ana", "mcp-session-id": first})
        assert ended.status_code == 200
        session_of(url, "ana")


def test_a_caller_who_asks_too_often_is_told_when_to_ask_again(folder):
    with serving(folder, Known(**BOTH), limits=Limits(per_minute=6)) as url:  # ten at once, then one in ten seconds
        answers = [post(url, PING, "ana") for _ in range(11)]
        assert [a.status_code == 429 for a in answers] == [False] * 10 + [True]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
        assert post(url, PING, "eve").status_code != 429


def test_a_client_shows_why_it_was_refused(folder):
    with serving(folder, Known(**BOTH), limits=Limits(per_minute=6)) as url:
        for _ in range(10):
            post(url, PING, "ana")

        async def work(client):
            with pytest.raises(MCPError, match="more than 6 requests a minute: ask again in"):
                await client.list_tools()

        talk(url, work, "ana", mode="2026-07-28")


def test_a_process_counts_what_was_asked_and_refused(folder):
    async def work(client):
        await client.call_tool("get_data_product", {"product": "orders"})
        await client.call_tool("get_data_product", {"product": "nothing"})
        await client.call_tool("no_such_tool", {})

    with serving(folder, Known(ana=(ANA, {READ}), watch=("monitor", {METRICS}))) as url:
        talk(url, work, "ana")
        session_of(url, "ana")
        post(url, PING, "bad")
        text = get(url, "/metrics", "watch").text
        assert get(url, "/metrics").status_code == 401
        assert get(url, "/metrics", "ana").status_code == 403
        assert post(url, PING, "watch").status_code == 403
    lines = text.splitlines()
    assert 'meshkit_mcp_calls_total{tool="get_data_product",outcome="answered"} 1' in lines
    assert 'meshkit_mcp_calls_total{tool="get_data_product",outcome="refused"} 1' in lines
    assert 'meshkit_mcp_calls_total{tool="unknown",outcome="refused"} 1' in lines
    assert 'meshkit_mcp_call_seconds_count{tool="get_data_product"} 2' in lines
    assert 'meshkit_mcp_call_seconds_bucket{tool="get_data_product",le="+Inf"} 2' in lines
    assert 'meshkit_mcp_refused_total{reason="token"} 1' in lines
    assert "meshkit_mcp_sessions 1" in lines
    assert not re.search(r"orders|ana@|no_such_tool", text)


def test_health_says_whether_the_mesh_can_be_read_and_nothing_else(folder):
    with serving(folder, Known()) as url:
        found = get(url, "/health")
    assert (found.status_code, found.json()) == (200, {"status": "ok"})
    with serving(folder / "gone", Known()) as url:
        found = get(url, "/health")
    assert (found.status_code, found.json()) == (503, {"status": "failing"})


def test_a_client_without_a_token_learns_where_to_get_one(folder):
    site = Site("https://mesh.example.com/mcp", issuer="https://login.example.com")
    where = "https://mesh.example.com/.well-known/oauth-protected-resource/mcp"
    with serving(folder, Known(), site) as url:
        refused = post(url)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == f'Bearer resource_metadata="{where}", scope="mesh:read"'
        wrong = post(url, token="wrong").headers["www-authenticate"]
        assert wrong == f'Bearer error="invalid_token", resource_metadata="{where}", scope="mesh:read"'
        for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"):
            assert get(url, path).json() == {
                "resource": "https://mesh.example.com/mcp",
                "authorization_servers": ["https://login.example.com"],
                "scopes_supported": ["mesh:query", "mesh:read", "mesh:request"],
                "bearer_methods_supported": ["header"],
                "resource_name": "meshkit",
            }


def test_a_token_file_has_no_issuer_to_be_sent_to(folder):
    with serving(folder, Known()) as url:
        assert post(url).headers["www-authenticate"] == 'Bearer scope="mesh:read"'
        assert get(url, "/.well-known/oauth-protected-resource/mcp").status_code == 404
