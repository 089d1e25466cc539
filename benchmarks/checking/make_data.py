"""Makes one data set in a folder. Run as a process of its own: `make_data.py NAME FOLDER [ROWS]`.

Everything follows from row numbers, so the same name and size always give the same rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
from sizes import HIVE_FILES, LISTED_VALUES, WIDE_COLUMNS

# Defects stand at fixed rows. `checking/truth.py` counts the same rows in plain Python.
ORDERS = """
SELECT
  CASE WHEN i IN (1003, 500003, {n} - 7) THEN 'ORD-' || lpad((i - 3)::VARCHAR, 10, '0')
       WHEN i IN (2001, 2002, 700001, {n} - 9) THEN 'bad-' || i
       ELSE 'ORD-' || lpad(i::VARCHAR, 10, '0') END AS order_id,
  CASE WHEN i % ({n} // 13) = 17 AND i < 13 * ({n} // 13) THEN NULL
       WHEN i % ({n} // 11) = 29 AND i < 11 * ({n} // 11) THEN 'CUST-X' || i
       ELSE 'CUST-' || lpad((hash(i) % {customers})::VARCHAR, 8, '0') END AS customer_id,
  (DATE '2026-11-22' - (hash(i + 1) % 730)::INT)::DATE AS order_date,
  (CASE WHEN i % ({n} // 7) = 31 AND i < 7 * ({n} // 7) THEN -1.50
        ELSE (hash(i + 2) % 1000000) / 100.0 END)::DECIMAL(12, 2) AS total_amount,
  CASE WHEN i % ({n} // 5) = 37 AND i < 5 * ({n} // 5) THEN 'UNKNOWN'
       WHEN i % ({n} // 6) = 41 AND i < 6 * ({n} // 6) THEN NULL
       ELSE (['PENDING', 'PAID', 'SHIPPED', 'CANCELLED'])[1 + (hash(i + 3) % 4)::INT] END AS status,
  CASE WHEN hash(i + 4) % 50 = 0 THEN NULL
       ELSE (['RETAIL', 'WHOLESALE', 'VIP'])[1 + (hash(i + 5) % 3)::INT] END AS customer_segment,
  (CASE WHEN i % ({n} // 9) = 43 AND i < 9 * ({n} // 9) THEN 0 ELSE 1 + hash(i + 6) % 20 END)::INT AS product_count
FROM range({start}, {stop}) t(i)
"""
DENSE = """
SELECT * REPLACE (
  CASE WHEN hash(order_id, 1) % 10 < 3 THEN 'UNKNOWN' ELSE status END AS status,
  (CASE WHEN hash(order_id, 2) % 10 < 3 THEN -1 ELSE total_amount END)::DECIMAL(12, 2) AS total_amount,
  CASE WHEN hash(order_id, 3) % 10 < 3 THEN 0 ELSE product_count END AS product_count)
FROM ({orders})
"""
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def copy(database: duckdb.DuckDBPyConnection, query: str, file: Path, form: str = PARQUET) -> None:
    """Write the rows of a query to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database.execute(f"COPY ({query}) TO '{file}' {form}")


def orders_query(n: int, start: int = 0, stop: int | None = None) -> str:
    """Return the query behind the rows `start` to `stop` of the orders table of `n` rows."""
    return ORDERS.format(n=n, customers=max(n // 10, 1000), start=start, stop=n if stop is None else stop)


def customers(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """Write the customers that orders refer to."""
    query = f"SELECT 'CUST-' || lpad(i::VARCHAR, 8, '0') AS id, 'n' || i AS name FROM range({max(n // 10, 1000)}) t(i)"
    copy(database, query, folder / "customers.parquet")


def orders(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """One parquet file."""
    customers(database, folder, n)
    copy(database, orders_query(n), folder / "orders.parquet")


def hive(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """The same rows in folders, 100 files."""
    customers(database, folder, n)
    step = n // HIVE_FILES
    for part in range(HIVE_FILES):
        copy(database, orders_query(n, part * step, (part + 1) * step), folder / f"orders/part={part}/data.parquet")


def table(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """The same rows as tables of a DuckDB file."""
    customers(database, folder, n)
    database.execute(f"ATTACH '{folder / 'orders.duckdb'}' AS f")
    database.execute(f"CREATE TABLE f.orders AS {orders_query(n)}")
    database.execute(f"CREATE TABLE f.customers AS FROM '{folder / 'customers.parquet'}'")
    database.execute("DETACH f")


def csv(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """The same rows as CSV."""
    customers(database, folder, n)
    copy(database, orders_query(n), folder / "orders.csv", "(FORMAT csv, HEADER)")


def dense(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """Three columns that are bad in 30% of their rows."""
    customers(database, folder, n)
    copy(database, DENSE.format(orders=orders_query(n)), folder / "orders.parquet")


def wide(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """100 columns: integers, texts, decimals and floats; column k is NULL in each row whose number is k modulo 1,000."""
    kinds = (
        "(hash(i, {k}) % 1000000)::INT",
        "'v' || hash(i, {k}) % 5000",
        "((hash(i, {k}) % 1000000) / 100)::DECIMAL(12, 2)",
        "(hash(i, {k}) % 1000000) / 7.0::DOUBLE",
    )
    columns = [
        f"CASE WHEN i % 1000 = {k} THEN NULL ELSE {kinds[k % 4].format(k=k)} END AS c{k}" for k in range(WIDE_COLUMNS)
    ]
    copy(database, f"SELECT {', '.join(columns)} FROM range({n}) t(i)", folder / "wide.parquet")


def numbers(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """20 integer columns with values 0 to 999, without NULL."""
    columns = [f"(hash(i, {k}) % 1000)::INT AS c{k}" for k in range(20)]
    copy(database, f"SELECT {', '.join(columns)} FROM range({n}) t(i)", folder / "numbers.parquet")


def listed(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """One column of codes, of which 200,000 are known; 1 row in 1,000 holds another one."""
    query = f"""SELECT CASE WHEN i % 1000 = 7 THEN 'X' || i ELSE 'K' || lpad((hash(i) % {LISTED_VALUES})::VARCHAR, 6, '0') END
                AS code FROM range({n}) t(i)"""
    copy(database, query, folder / "listed.parquet")


def key(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """A random key of 128 bits as text; three rows repeat the key of another row."""
    query = f"SELECT md5((CASE WHEN i IN (1003, 500003, {n} - 7) THEN i - 3 ELSE i END)::VARCHAR)::UUID::VARCHAR AS id FROM range({n}) t(i)"
    copy(database, query, folder / "key.parquet", "(FORMAT parquet, COMPRESSION uncompressed)")


def mesh(database: duckdb.DuckDBPyConnection, folder: Path, n: int) -> None:
    """`n` small tables of 100 rows each; one row of each is below the minimum."""
    for number in range(n):
        query = "SELECT i::INT AS id, 'n' || i % 7 AS name, (i - 1)::INT AS amount FROM range(100) t(i)"
        copy(database, query, folder / f"data/product_{number}.parquet")


MAKERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path, int], None]] = {
    "orders": orders,
    "hive": hive,
    "table": table,
    "csv": csv,
    "dense": dense,
    "wide": wide,
    "numbers": numbers,
    "listed": listed,
    "key": key,
    "mesh": mesh,
}


def main() -> None:
    """Make one data set."""
    name, folder, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    database = duckdb.connect()
    database.execute("SET threads = 2; SET preserve_insertion_order = true; SET memory_limit = '4GB'")
    database.execute(f"SET temp_directory = '{folder / 'spill'}'")
    MAKERS[name](database, folder, rows)


if __name__ == "__main__":
    main()
