"""`Mesh.check` on PostgreSQL or Spark against one statement that an expert writes for the same checks, over 5 million orders.

    python benchmarks/elsewhere.py postgresql://owner@localhost/bench [--rows 5000000] [--runs 3]
    python benchmarks/elsewhere.py spark

Both run in this process, in turn; the figure is the ratio of medians. The engine's own time is what passes while at least one
statement of meshkit is at work there; schema look-ups count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

import meshkit
from meshkit.engines import tables

NOW = "2026-11-22T12:00:00Z"
CONTRACT = """\
name: orders
version: 1.0.0
domain: bench
description: Orders.
schema:
  location: {folder}/orders.parquet
  fields:
    - {{name: order_id, type: string, constraints: [not_null, unique, {{pattern: '^ORD-[0-9]{{10}}$'}}]}}
    - {{name: customer_id, type: string, constraints: [not_null, {{references: customers.id}}]}}
    - {{name: order_date, type: date, constraints: [not_null]}}
    - {{name: total_amount, type: "decimal(12,2)", constraints: [not_null, {{min: 0}}]}}
    - {{name: status, type: string, constraints: [not_null, {{in: [PENDING, PAID, SHIPPED, CANCELLED]}}]}}
    - {{name: product_count, type: integer, constraints: [not_null, {{min: 1}}]}}
"""
OTHER = """\
name: customers
version: 1.0.0
domain: bench
description: Customers.
schema:
  location: {folder}/customers.parquet
  row_count: null
  fields: [{{name: id, type: string}}]
"""
HAND = """\
SELECT count(*), count(*) - count(order_id), count(*) - count(customer_id), count(*) - count(order_date),
  count(*) - count(total_amount), count(*) - count(status), count(*) - count(product_count),
  sum(CASE WHEN NOT {pattern} THEN 1 ELSE 0 END), sum(CASE WHEN total_amount < 0 THEN 1 ELSE 0 END),
  sum(CASE WHEN status NOT IN ('PENDING', 'PAID', 'SHIPPED', 'CANCELLED') THEN 1 ELSE 0 END),
  sum(CASE WHEN product_count < 1 THEN 1 ELSE 0 END),
  (SELECT sum(k - 1) FROM (SELECT count(*) AS k FROM orders WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1) g),
  (SELECT count(*) FROM orders o WHERE customer_id IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id))
FROM orders"""
BAD = {"order_id.unique": 1, "order_id.pattern": 2, "customer_id.references": 3, "total_amount.min": 4, "status.in": 5}
"""Planted by `make`: check -> bad rows."""


def make(folder: Path, rows: int) -> None:
    """Write orders with planted defects, and customers."""
    query = f"""SELECT
        CASE WHEN i = 1 THEN 'ORD-0000000000' WHEN i IN (2, 3) THEN 'ord-' || i ELSE format('ORD-{{:010d}}', i) END AS order_id,
        CASE WHEN i IN (4, 5, 6) THEN 'none' ELSE 'C' || (i * 7919 % 200000) END AS customer_id,
        DATE '2026-11-20' - CAST(i % 700 AS INTEGER) AS order_date,
        CAST(CASE WHEN i BETWEEN 7 AND 10 THEN -1 ELSE i % 100000 / 100 END AS DECIMAL(12, 2)) AS total_amount,
        CASE WHEN i BETWEEN 11 AND 15 THEN 'LOST' ELSE ['PENDING', 'PAID', 'SHIPPED', 'CANCELLED'][i % 4 + 1] END AS status,
        CAST(i % 9 + 1 AS INTEGER) AS product_count FROM range({rows}) r(i)"""
    duckdb.sql(f"COPY ({query}) TO '{folder / 'orders.parquet'}' (FORMAT parquet)")
    duckdb.sql(
        f"COPY (SELECT 'C' || i AS id FROM range(200000) r(i)) TO '{folder / 'customers.parquet'}' (FORMAT parquet)"
    )
    (folder / "mesh").mkdir()
    (folder / "mesh" / "orders.yaml").write_text(CONTRACT.format(folder=folder))
    (folder / "mesh" / "customers.yaml").write_text(OTHER.format(folder=folder))


def postgres(url: str, folder: Path) -> tuple[Any, Callable[[], Any]]:
    """Load the tables; return the engine and what runs the statement by hand."""
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for name in ("orders", "customers"):
            cursor.adbc_ingest(
                name, duckdb.sql(f"FROM '{folder / name}.parquet'").to_arrow_reader(500_000), mode="replace"
            )
        cursor.execute("ALTER TABLE orders ALTER COLUMN total_amount TYPE numeric(12,2)")
        connection.commit()
        cursor.execute("ANALYZE orders")
        cursor.execute("ANALYZE customers")
        connection.commit()

    def by_hand() -> Any:
        with adbc.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(HAND.format(pattern="order_id ~ '^ORD-[0-9]{10}$'"))
            return cursor.fetchall()[0]

    return url, by_hand


def spark(_: str, folder: Path) -> tuple[Any, Callable[[], Any]]:
    """Make a session over the files; return it and what runs the statement by hand."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    for name in ("orders", "customers"):
        session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
    return session, lambda: session.sql(HAND.format(pattern="order_id RLIKE '^ORD-[0-9]{10}$'")).collect()[0]


class Clock:
    """How long at least one statement is at work."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    def watch(self) -> None:
        """Time what sessions send to their engine."""
        own = tables.TableSession._on_a_connection

        def timed(session: Any, work: Any) -> Any:
            started = time.perf_counter()
            try:
                return own(session, work)
            finally:
                self.spans.append((started, time.perf_counter()))

        tables.TableSession._on_a_connection = timed  # type: ignore[method-assign]

    def taken(self) -> float:
        """Return the time of all spans, overlaps once, and forget them."""
        total, until = 0.0, 0.0
        for start, end in sorted(self.spans):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        self.spans.clear()
        return total


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("engine", help="postgresql://..., a database that may be written to, or spark")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    clock = Clock()
    clock.watch()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.rows)
        engine, by_hand = (spark if options.engine == "spark" else postgres)(options.engine, folder)
        mesh = meshkit.load(folder / "mesh")
        hand, whole, own = [], [], []
        for _ in range(options.runs):
            started = time.perf_counter()
            row = by_hand()
            hand.append(time.perf_counter() - started)
            started = time.perf_counter()
            run = mesh.check(products=["bench.orders"], engine=engine, now=NOW)
            whole.append(time.perf_counter() - started)
            own.append(clock.taken())
            found = {v.id.removeprefix("bench.orders.orders."): v.bad for v in run.verdicts}
            assert {k: found[k] for k in BAD} == BAD, found
            assert [int(row[i]) for i in (11, 7, 12, 8, 9)] == list(BAD.values()), row
        middle = statistics.median
        print(f"{options.engine.partition(':')[0]}, {options.rows:,} rows: by hand {middle(hand):.1f} s, meshkit {middle(whole):.1f} s, "
              f"of which on the engine {middle(own):.1f} s: {middle(own) / middle(hand):.2f} x (goal 1.1)")  # fmt: skip


if __name__ == "__main__":
    main()
