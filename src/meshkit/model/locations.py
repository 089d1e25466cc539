"""What a location is, as against the name of a product or of a table."""

from __future__ import annotations

_FILE_ENDINGS = (".parquet", ".pq", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".duckdb", ".db", ".gz", ".zst")


def is_location(text: str) -> bool:
    """Tell whether the value of an input is a location rather than a product.

    Example:
        >>> is_location("../crm/customers.parquet"), is_location("crm.customers")
        (True, False)
    """
    return "/" in text or ":" in text or text.partition("#")[0].lower().endswith(_FILE_ENDINGS)  # FILE#schema.table
