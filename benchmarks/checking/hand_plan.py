"""The best exact plan known for the orders table, written by hand: `hand_plan.py parquet|hive|table|csv FOLDER`.

Parquet: nulls and row counts from the footers, rare defects by pushed-down filters. Elsewhere one statement counts them.
The key is hashed in the scan that the pattern needs; the sort of the hashes overlaps with the references; equal hashes
are looked at by value. Prints its numbers as JSON.
"""

from __future__ import annotations

import json
import sys
import threading

import duckdb
import numpy
from sizes import CSV_TYPES

STATUSES = "('PENDING', 'PAID', 'SHIPPED', 'CANCELLED')"
PATTERN = "'ORD-[0-9]{10}'"
Found = dict[str, object]


def from_footers(database: duckdb.DuckDBPyConnection, files: str, orders: str) -> Found:
    """Count with the footers' help."""

    def one(query: str) -> object:
        return database.execute(query).fetchone()[0]

    database.execute(f"DESCRIBE FROM {orders}").fetchall()
    nulls = dict(
        database.execute(
            f"SELECT path_in_schema, sum(stats_null_count) FROM parquet_metadata({files}) GROUP BY 1"
        ).fetchall()
    )
    return {
        "rows": one(f"SELECT sum(num_rows) FROM parquet_file_metadata({files})"),
        **{f"{name}.not_null": count for name, count in nulls.items()},
        "fresh": one(f"SELECT max(order_date) FROM {orders}"),
        "total_amount.min": one(f"SELECT count(*) FROM {orders} WHERE total_amount < 0"),
        "status.in": one(f"SELECT count(*) FROM {orders} WHERE status NOT IN {STATUSES}"),
        "orders.product_count": one(f"SELECT count(*) FROM {orders} WHERE product_count < 1"),
        "orders.ratio": one(f"SELECT sum(total_amount) / sum(product_count) FROM {orders}"),
    }


def from_one_scan(database: duckdb.DuckDBPyConnection, orders: str) -> Found:
    """Count in one statement."""
    database.execute(f"DESCRIBE FROM {orders}").fetchall()
    columns = ("order_id", "customer_id", "order_date", "status", "customer_segment")
    nulls = ", ".join(f'count(*) - count({name}) AS "{name}.not_null"' for name in columns)
    cursor = database.execute(
        f"""SELECT count(*) AS rows, {nulls}, max(order_date) AS fresh,
        count_if(total_amount < 0) AS "total_amount.min", count_if(status NOT IN {STATUSES}) AS "status.in",
        count_if(product_count < 1) AS "orders.product_count",
        sum(total_amount) / sum(product_count) AS "orders.ratio" FROM {orders}"""
    )
    return dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))


def keys_and_references(database: duckdb.DuckDBPyConnection, orders: str, customers: str) -> Found:
    """Count duplicates, odd ids and orphans; the sort of the one overlaps with the join of the other."""
    scan = database.execute(
        f"SELECT hash(order_id) AS h, NOT regexp_full_match(order_id, {PATTERN}) AS odd FROM {orders} WHERE order_id IS NOT NULL"
    ).fetchnumpy()
    found: Found = {"order_id.pattern": int(scan["odd"].sum())}

    def count_orphans() -> None:
        query = f"SELECT count(*) FROM {orders} o ANTI JOIN {customers} c ON c.id = o.customer_id WHERE o.customer_id IS NOT NULL"
        found["customer_id.references"] = database.cursor().execute(query).fetchone()[0]

    thread = threading.Thread(target=count_orphans)
    thread.start()
    hashes = numpy.asarray(scan["h"])
    hashes.sort()
    twice = numpy.unique(hashes[1:][hashes[1:] == hashes[:-1]]).tolist()
    found["order_id.unique"] = 0
    if twice:
        listed = ", ".join(map(str, twice))
        groups = f"SELECT count(*) AS k FROM {orders} WHERE hash(order_id) IN ({listed}) GROUP BY order_id"
        query = f"SELECT coalesce(sum(k - 1), 0)::BIGINT FROM ({groups})"
        found["order_id.unique"] = database.cursor().execute(query).fetchone()[0]
    thread.join()
    return found


def main() -> None:
    """Run the plan for one form of the table."""
    form, folder = sys.argv[1], sys.argv[2]
    database = duckdb.connect()
    database.execute("SET threads = 2; SET preserve_insertion_order = false")
    customers = f"'{folder}/customers.parquet'"
    if form in ("parquet", "hive"):
        files = f"'{folder}/orders.parquet'" if form == "parquet" else f"'{folder}/orders/*/*.parquet'"
        orders = f"read_parquet({files})"
        found = from_footers(database, files, orders)
    else:
        orders = "orders"  # a table of the file or of memory: a cursor, which overlaps, sees no temporary ones
        if form == "table":
            database.execute(f"ATTACH '{folder}/orders.duckdb' AS f (READ_ONLY)")
            orders, customers = "f.orders", "f.customers"
        else:
            text = f"read_csv('{folder}/orders.csv', header = true, columns = {CSV_TYPES})"
            database.execute(f"CREATE TABLE orders AS FROM {text}")
        found = from_one_scan(database, orders)
    found |= keys_and_references(database, orders, customers)
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
