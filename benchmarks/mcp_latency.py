"""How long each tool of the MCP server takes over HTTP, over a mesh of 10,000 products: p50 and p95.

    python benchmarks/mcp_latency.py [--products 10000] [--calls 100] [--json FILE]

One client, one call after the other, each about another product; the newer protocol. `run_checks` and queries read 1,000 rows;
between queries there is a pause of a second, as between those of an assistant.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from asking import client_of, serving

from house import contract

WHO = "ana@example.com"
PRINCIPALS = f"principals:\n  - id: {WHO}\n    roles: [analyst]\n    domains: [domain_1]\n    purposes: [reporting]\n"
ROWS, FIELDS = 1_000, 30


def make(folder: Path, products: int) -> None:
    """Write the mesh: contracts of 30 columns, the policies of the retail mesh, and rows for the products that are run."""
    (folder / "principals.yaml").write_text(PRINCIPALS)
    shutil.copy("sample_data/retail/governance_policy.yaml", folder)
    for number in range(products):
        (folder / f"product_{number}.yaml").write_text(written(number))
    (folder / "data").mkdir()
    values = {f"column_{i}": [f"{r}" for r in range(ROWS)] if i % 6 == 0 else list(range(ROWS)) for i in range(FIELDS)}
    table = pa.table(values)
    for number in range(0, products, max(1, products // 100)):
        pq.write_table(table, folder / "data" / f"product_{number}.parquet")


def written(number: int) -> str:
    """Return the contract of a product."""
    said = "confidential" if number % 100 == 1 else "internal"  # one of each hundred is to be asked for
    return contract(number).replace("status: active\n", f"status: active\nclassification: {said}\n")


def questions(products: int, calls: int) -> dict[str, list[dict[str, Any]]]:
    """Return what each tool is asked."""
    some = [n * (products // calls) for n in range(calls)]
    ids = [f"domain_{n % 20}.product_{n}" for n in some]
    every = max(1, products // 100)
    has_rows = [f"domain_{n % 20}.product_{n}" for n in range(0, products, every)]
    return {
        "search_data_products": [{"text": f"product {n} column"} for n in some],
        "get_data_product": [{"product": p} for p in ids],
        "get_schema": [{"product": p} for p in ids],
        "check_access": [{"product": p, "purpose": "reporting"} for p in ids],
        "get_lineage": [{"product": p} for p in ids],
        "get_health": [{"product": p} for p in ids],
        "check_contract_change": [
            {"product": p, "text": written(n).replace("name: column_29", "name: renamed")}
            for n, p in zip(some, ids, strict=True)
        ],
        "explain_check": [{"product": p, "check": "none_negative", "dialect": "postgres"} for p in ids],
        "validate_contract": [{"product": p} for p in ids],
        "check_governance": [{"product": p} for p in ids],
        "request_access": [
            {"product": f"domain_{(n + 1) % 20}.product_{n + 1}", "purpose": "reporting", "days": 30} for n in some
        ],
        "query_data_products": [
            {"sql": f"SELECT count(*), max(column_1) FROM {p} WHERE column_1 > 10", "purpose": "reporting"}
            for p in has_rows[:calls]
        ],
        "run_checks": [{"product": has_rows[n % len(has_rows)]} for n in range(min(calls, 30))],
    }


async def measure(url: str, asked: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Return p50, p95 and the first call of each tool, in milliseconds."""
    found = {}
    async with client_of(url) as client:
        left = {tool.name for tool in (await client.list_tools()).tools} - asked.keys()
        print(f"not measured: {', '.join(sorted(left)) or 'none'}")
        for tool, all_arguments in asked.items():
            times = []
            pause = 1.0 if tool == "query_data_products" else 0.0
            for arguments in all_arguments:
                await asyncio.sleep(pause)
                began = time.perf_counter()
                result = await client.call_tool(tool, arguments)
                times.append((time.perf_counter() - began) * 1000)
                if result.is_error:
                    raise SystemExit(f"{tool} {arguments}: {result.content[0].text[:300]}")
            rest = times[1:]
            found[tool] = {
                "first_ms": round(times[0], 1),
                "p50_ms": round(statistics.median(rest), 1),
                "p95_ms": round(statistics.quantiles(rest, n=20)[-1], 1),
            }
            print(
                f"{tool:<24} first {times[0]:8.1f}   p50 {found[tool]['p50_ms']:8.1f}   p95 {found[tool]['p95_ms']:8.1f} ms",
                flush=True,
            )
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make(folder, chosen.products)
        began = time.perf_counter()
        with serving(folder, "--as", WHO, "--enable-query") as (url, process):
            start = time.perf_counter() - began
            print(f"{chosen.products:,} products; the server starts in {start:.1f} s")
            found = asyncio.run(measure(url, questions(chosen.products, chosen.calls)))
            memory = psutil.Process(process).memory_info().rss / 2**20
            print(f"memory: {memory:.0f} MiB")
    if chosen.json:
        figures = {
            "products": chosen.products,
            "start_seconds": round(start, 1),
            "memory_mib": round(memory),
            "tools": found,
        }
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
