"""A server over HTTP as a process of its own, and clients of it, for measurements."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from mcp import Client

MODULE = [sys.executable, "-m", "meshkit_mcp"]


@contextmanager
def serving(mesh: Path, *words: str) -> Iterator[tuple[str, int]]:
    """Start a server on a free port; yield the address of /mcp and the number of its process."""
    command = [*MODULE, "--mesh", str(mesh), "--http", "--port", "0", "--rate", "1000000", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        found = re.search(r"http://\S+", line := process.stderr.readline())
        try:
            if found is None:
                raise SystemExit(f"the server did not start: {line}")
            yield found[0], process.pid
        finally:
            process.terminate()
            process.communicate()


@asynccontextmanager
async def client_of(url: str, token: str = "", mode: Any = "auto") -> AsyncIterator[Client]:
    """Yield a client that is connected."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=300) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def made_token(file: Path, principal: str) -> str:
    """Make a token by the command."""
    words = [
        *MODULE,
        "token",
        "--tokens",
        str(file),
        "--as",
        principal,
        "--scopes",
        "mesh:read,mesh:query,mesh:request",
    ]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
