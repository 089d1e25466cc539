"""Cursors: each page once, and nothing but what was given, to whom it was given, for what was asked."""

from __future__ import annotations

import base64

import pytest

import meshkit
from meshkit_mcp.callers import Caller, always

ANA = meshkit.Principal(id="ana@example.com", domains=("sales",))
EVE = meshkit.Principal(id="eve@example.com", domains=("sales",))


@pytest.fixture
def many(write):
    for number in range(60):
        write(name=f"p{number:02}", description="x" * 1_000)


async def pages(client, tool, **arguments):
    """Follow the cursors of a list to its end."""
    found, cursor = [], ""
    while True:
        result = await client.call_tool(tool, {**arguments, "cursor": cursor})
        found.append(result.structured_content)
        cursor = found[-1]["next_cursor"]
        if not cursor:
            return found


def test_pages_within_the_budget_show_each_product_once(ask, many):
    found = ask(lambda client: pages(client, "search_data_products", limit=100))
    assert [p["id"] for page in found for p in page["products"]] == [
        "sales.orders",
        *(f"sales.p{n:02}" for n in range(60)),
    ]
    assert all(len(str(page)) < 16_000 for page in found)
    assert [page["truncated"] for page in found] == [True] * (len(found) - 1) + [False]


def test_a_page_says_how_to_get_the_next(answered, many):
    first = answered("search_data_products", limit=2)
    assert [p["id"] for p in first["products"]] == ["sales.orders", "sales.p00"]
    assert first["hint"] == "There are more: cursor=next_cursor gives the next ones; text=, domain= and tag= narrow."


def test_the_columns_of_a_wide_product_come_in_pages(ask, write):
    names = [f"column_{n:03}_{'x' * 100}" for n in range(200)]
    write(name="wide", schema={"fields": [{"name": name, "type": "string"} for name in names]}, sla={})
    found = ask(lambda client: pages(client, "get_schema", product="wide"))
    assert [c["name"] for page in found for c in page["columns"]] == names
    assert len(found) > 1


def test_a_cursor_is_of_one_caller_and_one_question(ask, many):
    now = Caller(ANA, frozenset({"mesh:read"}))
    who = {"caller": now}

    async def try_all(client):
        first = await client.call_tool("search_data_products", {"limit": 2})
        cursor = first.structured_content["next_cursor"]
        raw = base64.urlsafe_b64decode(cursor)
        forged = base64.urlsafe_b64encode((59).to_bytes(4, "big") + raw[4:]).decode()
        other = {"text": "orders", "cursor": cursor}
        answers = [
            await client.call_tool("search_data_products", {"limit": 3, "cursor": cursor}),
            *[await client.call_tool("search_data_products", a) for a in ({"cursor": forged}, {"cursor": "%%"}, other)],
            await client.call_tool("get_schema", {"product": "orders", "cursor": cursor}),
        ]
        who["caller"] = Caller(EVE, frozenset({"mesh:read"}))
        return [*answers, await client.call_tool("search_data_products", {"limit": 2, "cursor": cursor})]

    good, *bad = ask(try_all, callers=lambda _: who["caller"])
    assert [p["id"] for p in good.structured_content["products"]] == ["sales.p01", "sales.p02", "sales.p03"]
    assert len(bad) == 5
    for one in bad:
        assert one.is_error
        assert "this cursor was not given for this question; leave cursor= out" in one.content[0].text


def test_a_cursor_of_another_process_is_refused(ask, many, monkeypatch):
    async def first(client):
        return (await client.call_tool("search_data_products", {"limit": 2})).structured_content["next_cursor"]

    cursor = ask(first)
    monkeypatch.setattr("meshkit_mcp.cursors._KEY", b"another")
    result = ask(lambda client: client.call_tool("search_data_products", {"limit": 2, "cursor": cursor}))
    assert result.is_error


def test_nobody_has_no_cursor_of_somebody(ask, many):
    result = ask(lambda client: client.call_tool("search_data_products"), callers=always())
    assert result.structured_content["products"] == []
