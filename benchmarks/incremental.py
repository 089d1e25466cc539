"""Times incremental checks over 100 parquet files of a million rows: python benchmarks/incremental.py FOLDER.

FOLDER is made, with about 1.5 GB of data, and kept for the next time. Each figure is that of a whole process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb

FILES, ROWS, CUSTOMERS = 100, 1_000_000, 1_000_000
CONTRACT = """
name: orders
version: 1.0.0
domain: sales
status: active
owner: {team: sales-team, contact: team@example.com}
description: Orders.
schema:
  type: parquet
  location: LOCATION
  fields:
    - name: order_id
      type: string
      constraints:
        - not_null
        - unique
        - pattern: '^ORD-[0-9]{10}$'
    - name: customer_id
      type: string
      constraints:
        - not_null
        - references: customers.id
    - name: order_date
      type: date
      constraints:
        - not_null
    - name: total_amount
      type: decimal(12,2)
      constraints:
        - min: 0
    - name: status
      type: string
      constraints:
        - not_null
        - in: [PENDING, PAID, SHIPPED, CANCELLED]
    - name: product_count
      type: integer
inputs:
  customers: customers.parquet
sla:
  freshness: {max_age_hours: 720, column: order_date}
  quality_checks:
    - name: product_count
      query: "SELECT COUNT(*) FROM orders WHERE product_count < 1"
      threshold: 0
    - name: ratio
      query: "SELECT SUM(total_amount) / SUM(product_count) FROM orders"
      must_be_between: [400, 600]
"""
ORDERS = """
SELECT CASE WHEN i % 10000000 = 1003 THEN 'ORD-' || lpad((i - 3)::VARCHAR, 10, '0')
        ELSE 'ORD-' || lpad(i::VARCHAR, 10, '0') END AS order_id,
    'CUST-' || lpad((hash(i) % {customers})::VARCHAR, 8, '0') AS customer_id,
    (DATE '2026-11-22' - (hash(i + 1) % 730)::INT)::DATE AS order_date,
    ((hash(i + 2) % 1000000) / 100.0)::DECIMAL(12, 2) AS total_amount,
    (['PENDING', 'PAID', 'SHIPPED', 'CANCELLED'])[1 + (hash(i + 3) % 4)::INT] AS status,
    (1 + hash(i + 6) % 20)::INT AS product_count
FROM range({low}, {high}) t(i)
"""


def write(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a parquet file, unless it is there."""
    if not path.exists():
        database.execute(f"COPY ({query}) TO '{path}.staged' (FORMAT parquet, COMPRESSION zstd)")
        Path(f"{path}.staged").replace(path)


def make(folder: Path) -> None:
    """Make the data: 100 files, one more to be added, and a small table that tells what starting costs."""
    (folder / "orders").mkdir(parents=True, exist_ok=True)
    database = duckdb.connect()
    for number in range(FILES + 1):
        query = ORDERS.format(customers=CUSTOMERS, low=number * ROWS, high=(number + 1) * ROWS)
        write(database, query, folder / ("orders" if number < FILES else "") / f"part-{number:03}.parquet")
    write(database, ORDERS.format(customers=CUSTOMERS, low=0, high=1000), folder / "small.parquet")
    customers = f"SELECT 'CUST-' || lpad(i::VARCHAR, 8, '0') AS id FROM range({CUSTOMERS}) t(i)"
    write(database, customers, folder / "customers.parquet")
    for name in ("orders", "small"):
        location = "orders" if name == "orders" else "small.parquet"
        (folder / f"{name}.yaml").write_text(CONTRACT.replace("LOCATION", location))


def timed(folder: Path, contract: str, *options: str) -> float:
    """Return the seconds that a whole process takes."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "meshkit", "check", contract, *options]
    environment = {**os.environ, "MESHKIT_CACHE": str(folder / "cache")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - started


def main() -> None:
    """Make the data, and time each kind of run."""
    folder = Path(sys.argv[1]).absolute()
    make(folder)
    added = folder / "orders" / f"part-{FILES:03}.parquet"
    added.unlink(missing_ok=True)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    timed(folder, "small.yaml")
    start = min(timed(folder, "small.yaml") for _ in range(3))
    full = min(timed(folder, "orders.yaml") for _ in range(2))
    first = timed(folder, "orders.yaml", "--incremental")
    same = min(timed(folder, "orders.yaml", "--incremental") for _ in range(3))
    shutil.copy(folder / added.name, added)
    time.sleep(1)
    more = timed(folder, "orders.yaml", "--incremental")
    added.unlink()
    share = (more - start) / (full - start)
    print(f"start-up {start:.2f} s, full {full:.2f} s, first incremental {first:.2f} s")
    print(
        f"unchanged {same:.2f} s: start-up {same - start:+.2f} s; one file added {more:.2f} s: start-up + {share:.1%} of the rest"
    )


if __name__ == "__main__":
    main()
