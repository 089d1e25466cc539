"""A tiny mesh with known data, and one call to one tool of the server over it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from mcp.types import CallToolResult

import meshkit
from mcp import Client
from meshkit_mcp.app import make_server
from meshkit_mcp.callers import Callers, always

ANA = meshkit.Principal(id="ana@example.com", domains=("sales",))
ORDERS = {
    "order_id": ["a", "b", "b", None],  # one NULL, and one row beyond the first of its value
    "total_amount": [10.0, -1.0, 3.5, -2.0],  # two below 0
    "status": ["pending", "completed", "lost", "pending"],  # one that is not listed
}
CONTRACT: dict[str, Any] = {
    "name": "orders",
    "version": "2.1.0",
    "domain": "sales",
    "owner": {"team": "sales-analytics", "contact": "sales-analytics@example.com"},
    "description": "Orders with customer and product enrichments.\nUpdated daily.\n",
    "schema": {
        "location": "orders.parquet",
        "fields": [
            {"name": "order_id", "type": "string", "is_pii": True, "constraints": ["unique", "not_null"]},
            {"name": "total_amount", "type": "double", "description": "In USD", "constraints": [{"min": 0}]},
            {"name": "status", "type": "string", "constraints": [{"in": ["pending", "completed"]}]},
        ],
    },
    "sla": {
        "availability": "99.9%",
        "quality_checks": [{"name": "no_giants", "query": "SELECT COUNT(*) FROM orders WHERE total_amount > 1000"}],
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a mesh of one product, `sales.orders`, with four rows."""
    found = tmp_path / "mesh"
    found.mkdir()
    pq.write_table(pa.table(ORDERS), found / "orders.parquet")
    (found / "orders.yaml").write_text(yaml.safe_dump(CONTRACT, sort_keys=False))
    return found


@pytest.fixture
def write(folder: Path) -> Callable[..., None]:
    """Write the contract with some keys changed: over the one that is there, or, with a name, beside it."""

    def run(**changes: Any) -> None:
        schema = CONTRACT["schema"] | changes.pop("schema", {})
        document = CONTRACT | {"schema": schema} | changes
        (folder / f"{document['name']}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    return run


@pytest.fixture
def ask(folder: Path) -> Callable[..., Any]:
    """Let a client ask a server in this process, over a mesh."""

    def run(
        work: Callable[[Client], Awaitable[Any]],
        mode: Any = "auto",
        callers: Callers | None = None,
        path: Path = folder,
    ) -> Any:
        async def ask() -> Any:
            async with Client(make_server(path, 60, callers or always(ANA)), mode=mode) as client:
                return await work(client)

        return asyncio.run(ask())

    return run


@pytest.fixture
def call(folder: Path) -> Callable[..., CallToolResult]:
    """Call a tool of a server in this process; who asks is of the domain `sales`, if nothing else is said."""

    def run(
        tool: str, mode: Any = "auto", timeout: float = 60, progress: Any = None, who: Any = ANA, **arguments: Any
    ) -> CallToolResult:
        async def ask() -> CallToolResult:
            async with Client(make_server(folder, timeout, always(who), with_queries=True), mode=mode) as client:
                return await client.call_tool(tool, arguments, progress_callback=progress)

        return asyncio.run(ask())

    return run


@pytest.fixture
def answered(call: Callable[..., CallToolResult]) -> Callable[..., dict[str, Any]]:
    """Call a tool that answers, and return what it answered."""

    def run(tool: str, **arguments: Any) -> dict[str, Any]:
        result = call(tool, **arguments)
        assert not result.is_error, result.content[0].text
        return result.structured_content

    return run
