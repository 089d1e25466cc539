"""A run over the wire: its progress, its end when the client gives up, and others that go on meanwhile."""

from __future__ import annotations

import asyncio
import threading

import anyio
import pytest

import meshkit
from mcp import Client
from meshkit_mcp.app import make_server
from meshkit_mcp.callers import always

ANA = meshkit.Principal(id="ana@example.com", domains=("sales",))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_progress_rises_up_to_the_last_check(call, mode):
    told = []

    async def hear(progress, total, message):
        told.append((progress, total, message))

    call("run_checks", mode=mode, progress=hear, product="orders")
    assert told[-1] == (9, 9, "9 of 9 checks")
    assert [p for p, _, _ in told] == sorted({p for p, _, _ in told})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_cancelled_run_ends(monkeypatch, folder, mode):
    ended = threading.Event()

    def endless(self, *, progress, **options):
        try:
            for _ in range(10**7):
                progress("sales.orders", 1, 2)
        finally:
            ended.set()
        pytest.fail("nobody ended the run")

    monkeypatch.setattr(meshkit.Mesh, "check", endless)

    async def give_up():
        async with Client(make_server(folder, 60, always(ANA)), mode=mode) as client:
            with anyio.CancelScope() as scope:

                async def hear(progress, total, message):
                    scope.cancel()

                await client.call_tool("run_checks", {"product": "orders"}, progress_callback=hear)
            assert scope.cancelled_caught
            assert await anyio.to_thread.run_sync(ended.wait, 10)
            assert not (await client.call_tool("search_data_products")).is_error

    asyncio.run(give_up())


def test_a_long_run_keeps_nobody_waiting(monkeypatch, folder):
    started, may_end = threading.Event(), threading.Event()
    true_check = meshkit.Mesh.check

    def slow(self, **options):
        started.set()
        assert may_end.wait(10)
        return true_check(self, **options)

    monkeypatch.setattr(meshkit.Mesh, "check", slow)

    async def both():
        async with Client(make_server(folder, 60, always(ANA))) as client, anyio.create_task_group() as group:

            async def run():
                assert not (await client.call_tool("run_checks", {"product": "orders"})).is_error

            group.start_soon(run)
            assert await anyio.to_thread.run_sync(started.wait, 10)
            assert not (await client.call_tool("search_data_products")).is_error
            may_end.set()

    asyncio.run(both())


def test_a_run_is_confined_and_bounded(monkeypatch, call):
    seen = {}
    true_check = meshkit.Mesh.check

    def look(self, **options):
        seen.update(options)
        return true_check(self, **options)

    monkeypatch.setattr(meshkit.Mesh, "check", look)
    assert not call("run_checks", timeout=7, product="orders").is_error
    assert (seen["confined"], seen["timeout_seconds"], seen["with_sql"]) == (True, 7, False)
    assert not {"samples", "why"} & seen.keys()


def test_a_defect_of_ours_tells_the_client_nothing_of_it(monkeypatch, call):
    def broken(self, **options):
        raise ValueError("secret")

    monkeypatch.setattr(meshkit.Mesh, "check", broken)
    result = call("run_checks", product="orders")
    assert (result.is_error, result.content[0].text) == (True, "Error executing tool run_checks")
