"""The contracts of the benchmark and the statements that an expert would write in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

STATUSES = "('PENDING', 'PAID', 'SHIPPED', 'CANCELLED')"
SETTINGS = "SET threads = 2;\n"

ORDERS = """name: orders
version: 1.0.0
domain: sales
owner: {{team: sales-team, contact: team@example.com}}
description: Orders, for the benchmark.
schema:
  location: {location}
{more}  fields:
    - name: order_id
      type: string
      constraints: [not_null, unique, pattern: '^ORD-[0-9]{{10}}$']
    - name: customer_id
      type: string
      constraints: [not_null, references: customers.id]
    - {{name: order_date, type: date, constraints: [not_null]}}
    - {{name: total_amount, type: "decimal(12,2)", constraints: [min: 0]}}
    - {{name: status, type: string, constraints: [not_null, in: [PENDING, PAID, SHIPPED, CANCELLED]]}}
    - {{name: customer_segment, type: string, constraints: [not_null: {{threshold: 5%}}]}}
    - {{name: product_count, type: integer}}
{columns}inputs:
  customers: {customers}
sla:
  freshness: {{max_age_hours: 720, column: order_date}}
  quality_checks:
    - name: product_count
      query: SELECT COUNT(*) FROM orders WHERE product_count < 1
    - name: ratio
      query: SELECT SUM(total_amount) / SUM(product_count) FROM orders
      must_be_between: [400, 600]
"""

NAIVE_ORDERS = """DESCRIBE FROM {orders};
SELECT count(*) AS rows,
  count(*) - count(order_id) AS "order_id.not_null", count(*) - count(customer_id) AS "customer_id.not_null",
  count(*) - count(order_date) AS "order_date.not_null", count(*) - count(status) AS "status.not_null",
  count(*) - count(customer_segment) AS "customer_segment.not_null",
  count(*) FILTER (WHERE status NOT IN {statuses}) AS "status.in",
  count(*) FILTER (WHERE total_amount < 0) AS "total_amount.min",
  max(order_date) AS fresh,
  count(*) FILTER (WHERE NOT regexp_full_match(order_id, 'ORD-[0-9]{{10}}')) AS "order_id.pattern",
  count(*) FILTER (WHERE product_count < 1) AS "orders.product_count",
  sum(total_amount) / sum(product_count) AS "orders.ratio" FROM {orders};
SELECT coalesce(sum(k - 1), 0)::BIGINT AS "order_id.unique"
FROM (SELECT count(*) AS k FROM {orders} WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1);
SELECT count(*) AS "customer_id.references"
FROM {orders} o ANTI JOIN {customers} c ON c.id = o.customer_id WHERE o.customer_id IS NOT NULL;
"""


def orders(location: str, customers: str, partition: str = "") -> str:
    """Return the contract with the 15 checks."""
    more = f"  partitioned_by: [{partition}]\n" if partition else ""
    columns = f"    - {{name: {partition}, type: integer}}\n" if partition else ""
    return ORDERS.format(location=location, customers=customers, more=more, columns=columns)


def naive_orders(orders: str, customers: str, first: str = "") -> str:
    """Return the 15 checks as one fused statement, a group-by and an anti-join."""
    return SETTINGS + first + NAIVE_ORDERS.format(orders=orders, customers=customers, statuses=STATUSES)


def product(name: str, location: str, fields: Iterable[str], more: Sequence[str] = ()) -> str:
    """Return a contract of one table; each field is a line of YAML without its dash."""
    lines = [
        f"name: {name}",
        "version: 1.0.0",
        "domain: bench",
        f"description: The table {name} of the benchmark.",
        "schema:",
    ]
    lines += [f"  location: {location}", *(f"  {line}" for line in more if not line.startswith("inputs"))]
    lines += ["  fields:", *(f"    - {field}" for field in fields)]
    return "\n".join(lines + [line for line in more if line.startswith("inputs")]) + "\n"


def fused(table: str, counts: Iterable[tuple[str, str]]) -> str:
    """Return one statement that counts each condition under its name.

    NOTE: 1,000 times `count(*) FILTER (WHERE ...)` takes DuckDB 2.0 a minute, `count_if` a second: an expert would find out.
    """
    parts = [f'count_if({condition}) AS "{name}"' for name, condition in counts]
    return f"{SETTINGS}SELECT count(*) AS rows, {', '.join(parts)} FROM {table};\n"
