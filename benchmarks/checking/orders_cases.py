"""Cases over the orders table of 10M rows: its forms, dense defects, few rows, and growing numbers of rows."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from checking import contracts, truth
from checking.bench import HAND_PLAN, Bench
from checking.data import write
from checking.measure import Command, Figure
from checking.sizes import CSV_TYPES

ROWS = 10_000_000
MEMORY_GOAL_MIB = 350
DENSE_CHECKS = ("status.in", "total_amount.min", "orders.product_count")
DENSE_SHARE = 0.3


@dataclass(frozen=True)
class Form:
    """One form of the orders table: what the contract says, and how SQL reads it."""

    data: str  # the maker's name
    location: str  # `{folder}` stands for the data's folder
    orders: str
    customers: str = "'{folder}/customers.parquet'"
    inputs: str = "{folder}/customers.parquet"
    first: str = ""
    partition: str = ""


PARQUET = Form("orders", "{folder}/orders.parquet", "'{folder}/orders.parquet'")
FORMS = {
    "parquet": PARQUET,
    "hive": Form("hive", "{folder}/orders/*/*.parquet", "'{folder}/orders/*/*.parquet'", partition="part"),
    "table": Form(
        "table", "{folder}/orders.duckdb#main.orders", "orders", "customers", "{folder}/orders.duckdb#main.customers",
        "ATTACH '{folder}/orders.duckdb' AS f (READ_ONLY);\nUSE f;\n",
    ),
    "csv": Form("csv", "{folder}/orders.csv", f"read_csv('{{folder}}/orders.csv', header = true, columns = {CSV_TYPES})"),
    "dense": Form("dense", "{folder}/orders.parquet", "'{folder}/orders.parquet'"),
}  # fmt: skip


def contenders(bench: Bench, name: str, rows: int) -> tuple[Command, dict[str, Command]]:
    """Return meshkit over one form of the table, and the naive statement and the hand plan over the same files."""
    form = FORMS[name]
    folder, work = bench.cache.rows(form.data, rows), bench.cache.work(f"{name}-{rows}")

    def filled(text: str) -> str:
        return text.replace("{folder}", str(folder))

    contract = write(
        work / "orders.yaml", contracts.orders(filled(form.location), filled(form.inputs), partition=form.partition)
    )
    naive = contracts.naive_orders(filled(form.orders), filled(form.customers), filled(form.first))
    plan = "parquet" if name == "dense" else name
    others = {
        "naive statement": bench.statement(work, naive),
        "hand plan": Command((sys.executable, str(HAND_PLAN), plan, str(folder))),
    }
    return bench.meshkit(contract), others


def expected(bench: Bench, rows: int, naive: Command, dense: bool = False) -> dict[str, float]:
    """Return what is planted; shares and sums follow from hashes of row numbers and are taken from the naive statement."""
    by_hand = bench.counted_by(naive)
    found: dict[str, float] = dict(truth.planted(rows))
    bad_by_hash = DENSE_CHECKS if dense else ()
    if dense:
        found["status.not_null"] = by_hand["status.not_null"]  # a NULL may have become a bad value
    for name in ("customer_segment.not_null", "orders.ratio", *bad_by_hash):
        found[name] = by_hand[name]
    for name in bad_by_hash:
        if abs(found[name] / rows - DENSE_SHARE) > 0.01:
            raise truth.WrongAnswerError(f"naive statement: {name}: {found[name]} of {rows} rows are no 30%")
    return found


def measure(bench: Bench, name: str, rows: int, case: str, goals: Mapping[str, float]) -> dict[str, Figure]:
    """Verify all contenders over one form, then time them."""
    ours, others = contenders(bench, name, rows)
    bench.verify(ours, expected(bench, rows, others["naive statement"], dense=name == "dense"), others)
    return bench.compare(case, ours, others, goals)


def parquet(bench: Bench) -> None:
    """10M rows in one parquet file."""
    figures = measure(bench, "parquet", ROWS, "10M rows, parquet", {"hand plan": 1.0})
    bench.peak_within("10M rows, parquet", figures["meshkit"], MEMORY_GOAL_MIB)
    bench.point("rows", ROWS, figures)


def hive(bench: Bench) -> None:
    """10M rows in 100 files in folders."""
    measure(bench, "hive", ROWS, "10M rows, hive, 100 files", {})


def table(bench: Bench) -> None:
    """10M rows in a table of a DuckDB file."""
    measure(bench, "table", ROWS, "10M rows, DuckDB table", {})


def csv(bench: Bench) -> None:
    """1M rows as CSV."""
    measure(bench, "csv", ROWS // 10, "1M rows, CSV", {})


def dense(bench: Bench) -> None:
    """10M rows, three columns of which are bad in 30% of the rows."""
    measure(bench, "dense", ROWS, "10M rows, 30% bad in 3 columns", {"naive statement": 1.15})


def startup(bench: Bench) -> None:
    """1,000 rows: what starting costs."""
    runs, bench.runs = bench.runs, 3 * bench.runs
    try:
        figures = measure(bench, "parquet", 1_000, "1,000 rows", {"hand plan": 1.8})
    finally:
        bench.runs = runs
    bench.point("rows", 1_000, figures)


def rows_1m(bench: Bench) -> None:
    """1M rows in one parquet file."""
    bench.point("rows", 1_000_000, measure(bench, "parquet", 1_000_000, "1M rows, parquet", {}))


def rows_100m(bench: Bench) -> None:
    """100M rows in one parquet file."""
    runs, bench.runs = bench.runs, 1
    try:
        figures = measure(bench, "parquet", 100_000_000, "100M rows, parquet", {})
    finally:
        bench.runs = runs
    bench.point("rows", 100_000_000, figures)
