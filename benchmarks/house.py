"""Figures of the house, as ratios in one run: start-up, loading 10,000 contracts, and a check against hand-written SQL.

Run with `make bench`. Each pair is measured in turn (A B A B ...), and medians are compared.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MESHKIT = [sys.executable, "-m", "meshkit"]

PARSE = """
import sys, pathlib, yaml
for p in sorted(pathlib.Path(sys.argv[1]).glob("*.yaml")):
    yaml.load(p.read_text(), yaml.CSafeLoader)
"""
LOAD = """
import sys, meshkit
mesh = meshkit.load(sys.argv[1])
assert len(mesh.products) == int(sys.argv[2]) and not mesh.problems, (len(mesh.products), mesh.problems[:3])
"""


def contract(number: int, fields: int = 30) -> str:
    """Return a contract of `fields` columns with the constraints that people write."""
    kinds = ("string", "integer", "decimal(12,2)", "date", "timestamp", "boolean")
    lines = [
        f"name: product_{number}", "version: 1.2.3", f"domain: domain_{number % 20}", "status: active",
        "owner:", "  team: some-team", "  contact: team@example.com", '  slack: "#some-team"',
        "description: |", f"  Product number {number} of the benchmark.", "  Updated daily.",
        "schema:", "  type: parquet", f"  location: data/product_{number}.parquet", "  primary_key: [column_0]", "  fields:",
    ]  # fmt: skip
    for i in range(fields):
        kind = kinds[i % len(kinds)]
        lines += [f"    - name: column_{i}", f"      type: {kind}", f"      description: Column {i} of product {number}.",
                  "      constraints:", "        - not_null"]  # fmt: skip
        if kind == "integer":
            lines += ["        - min: 0", "        - max: {value: 100, threshold: 1%, severity: warning}"]
        elif kind == "string":
            lines.append("        - in: [a, b, c, d]")
    lines += [
        "sla:", "  availability: 99.9%", "  freshness:", "    max_age_hours: 24", '    update_schedule: "0 2 * * *"',
        "    column: column_4", "  completeness:", "    min_threshold: 99.5%", "  quality_checks:", "    - name: none_negative",
        f'      query: "SELECT COUNT(*) FROM product_{number} WHERE column_1 < 0"', "      threshold: 0",
        "changelog:", "  - version: 1.2.3", "    date: 2026-01-15", "    changes: [First]", "    breaking: false",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def seconds(command: list[str], **environment: str) -> float:
    """Time one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    return time.perf_counter() - started


def ratio(name: str, ours: list[str], theirs: list[str], runs: int, goal: str, **environment: str) -> None:
    """Print the ratio of medians of two commands that were run in turn."""
    pairs = [(seconds(ours, **environment), seconds(theirs, **environment)) for _ in range(runs)]
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{name:<62} {a:7.3f} s {b:7.3f} s {a / b:6.2f}  {goal}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--contracts", type=int, default=10_000)
    chosen = parser.parse_args()
    print(f"{'':<62} {'meshkit':>9} {'other':>9} {'ratio':>6}  goal")
    python = [sys.executable, "-c"]
    ratio("meshkit --help / import duckdb", [*MESHKIT, "--help"], [*python, "import duckdb"], chosen.runs * 2, "<= 1.7")
    flights = [*MESHKIT, "check", str(ROOT / "sample_data" / "flights"), "--fail-on", "never"]
    by_hand = [sys.executable, str(ROOT / "benchmarks" / "flights_by_hand.py")]
    ratio("meshkit check flights / the same checks by hand in DuckDB", flights, by_hand, chosen.runs, "")
    with tempfile.TemporaryDirectory() as folder:
        mesh, cache = Path(folder) / "mesh", Path(folder) / "cache"
        mesh.mkdir()
        for number in range(chosen.contracts):
            (mesh / f"product_{number}.yaml").write_text(contract(number))
        load = [*python, LOAD, str(mesh), str(chosen.contracts)]
        parse = [*python, PARSE, str(mesh)]
        runs = max(3, chosen.runs // 2)
        cold = []
        for _ in range(runs):
            shutil.rmtree(cache, ignore_errors=True)
            cold.append((seconds(load, MESHKIT_CACHE=str(cache)), seconds(parse)))
        a, b = (statistics.median(column) for column in zip(*cold, strict=True))
        print(
            f"{f'load {chosen.contracts:,} contracts, cold / parse them (C loader)':<62} {a:7.3f} s {b:7.3f} s {a / b:6.2f}  <= 2"
        )
        name = f"load {chosen.contracts:,} contracts, warm / parse them (C loader)"
        ratio(name, load, parse, runs, "<= 0.3", MESHKIT_CACHE=str(cache))


if __name__ == "__main__":
    main()
