"""Sizes and types that both the makers of data and the statements over it must know."""

from __future__ import annotations

HIVE_FILES = 100
WIDE_COLUMNS = 100
LISTED_VALUES = 200_000
CSV_TYPES = (
    "{'order_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'order_date': 'DATE', 'total_amount': 'DECIMAL(12, 2)', "
    "'status': 'VARCHAR', 'customer_segment': 'VARCHAR', 'product_count': 'INTEGER'}"
)
