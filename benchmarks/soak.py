"""Many calls over HTTP by several callers at once: no error, nobody sees another's answer, and the memory stays flat.

    python benchmarks/soak.py [--calls 2000] [--clients 8] [--mesh sample_data/retail] [--growth 1.15]

Half of the clients speak the newer protocol, half the older one. The first fifth of the calls warms the server up. Exit code 1: an
error, another's answer, or memory that grew beyond --growth.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from asking import client_of, made_token, serving

CALLERS = (
    "ana.analyst@example.com",
    "devi.scientist@example.com",
    "carlo.care@example.com",
    "fay.controller@example.com",
)
RUN_EVERY = 25
"""One call of so many runs a product's checks: the others take milliseconds, it takes the time of all."""


class Tally:
    """What went wrong, and whose answers differ from the first ones."""

    def __init__(self) -> None:
        self.done = 0
        self.wrong: list[str] = []
        self.listed: dict[str, list[str]] = {}

    def count(self, who: str, tool: str, result: Any) -> None:
        """Count one answer."""
        self.done += 1
        if result.is_error:
            self.wrong.append(f"{who}: {tool}: {result.content[0].text[:200]}")
        elif tool == "search_data_products":
            ids = [p["id"] for p in result.structured_content["products"]]
            if ids != self.listed.setdefault(who, ids):
                self.wrong.append(f"{who}: sees {ids}, and before {self.listed[who]}")


async def ask(url: str, who: str, token: str, mode: str, calls: int, tally: Tally) -> None:
    """Call mixed tools so often."""
    async with client_of(url, token, mode) as client:
        first = await client.call_tool("search_data_products", {"limit": 100})
        tally.count(who, "search_data_products", first)
        products = itertools.cycle(p["id"] for p in first.structured_content["products"])
        for turn in range(calls - 1):
            tool, arguments = question(turn, next(products))
            tally.count(who, tool, await client.call_tool(tool, arguments))


def question(turn: int, product: str) -> tuple[str, dict[str, Any]]:
    """Return the call of a turn."""
    if turn % RUN_EVERY == RUN_EVERY - 1:
        return "run_checks", {"product": product}
    return (
        ("search_data_products", {"limit": 100}),
        ("get_data_product", {"product": product}),
        ("get_schema", {"product": product}),
        ("check_access", {"product": product, "purpose": "reporting"}),
        ("check_governance", {"product": product}),
        ("get_lineage", {"product": product}),
        ("get_health", {"product": product}),
        ("validate_contract", {"product": product}),
    )[turn % 8]


async def all_of(url: str, tokens: dict[str, str], clients: int, calls: int, tally: Tally) -> None:
    """Let all clients call at once."""
    asking = [
        ask(url, who, tokens[who], "auto" if n % 2 else "legacy", calls // clients, tally)
        for n, who in zip(range(clients), itertools.cycle(tokens), strict=False)
    ]
    await asyncio.gather(*asking)


def soak(mesh: Path, calls: int, clients: int) -> tuple[Tally, float, float, float]:
    """Return what was counted, the server's MiB after warming up and at the end, and the seconds of all calls."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens.json"
        tokens = {who: made_token(file, who) for who in CALLERS}
        with serving(mesh, "--auth", "tokens", "--tokens", str(file)) as (url, process):
            began = time.perf_counter()
            asyncio.run(all_of(url, tokens, clients, calls // 5, tally))
            warm = psutil.Process(process).memory_info().rss / 2**20
            asyncio.run(all_of(url, tokens, clients, calls - calls // 5, tally))
            return tally, warm, psutil.Process(process).memory_info().rss / 2**20, time.perf_counter() - began


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mesh", type=Path, default=Path("sample_data/retail"))
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--growth", type=float, default=1.15, help="of the memory, from warm to the end")
    chosen = parser.parse_args()
    tally, warm, end, seconds = soak(chosen.mesh, chosen.calls, chosen.clients)
    for text in tally.wrong[:20]:
        print(f"wrong: {text}")
    rate = tally.done / seconds
    print(
        f"{tally.done:,} calls by {chosen.clients} clients of {len(CALLERS)} callers: {len(tally.wrong)} wrong, {rate:.0f} a second"
    )
    print(
        f"memory: {warm:.0f} MiB when warm, {end:.0f} MiB at the end, {end / warm:.2f} times (at most {chosen.growth})"
    )
    return 1 if tally.wrong or end > warm * chosen.growth else 0


if __name__ == "__main__":
    sys.exit(main())
