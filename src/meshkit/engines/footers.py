"""The footers of parquet files as facts. What is not exact, missing or of another type than seen is not told."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from meshkit.model.names import fold
from meshkit.model.relation import SeenColumn
from meshkit.model.statistics import ColumnFacts, RowGroup, TableStatistics, Value, together

MOST_GROUPS = 20_000
"""Row groups of which each is looked at; with more, reading the footers would take longer than it saves."""

_INTEGERS = frozenset(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"))
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)0*(\+00)?")
_QUERY = """
SELECT file_name, row_group_id, row_group_num_rows, path_in_schema, stats_null_count, stats_min_value, stats_max_value,
    coalesce(min_is_exact, true) AND coalesce(max_is_exact, true), min_is_exact AND max_is_exact, encodings, num_values
FROM parquet_metadata(?)
WHERE list_contains(?, lower(path_in_schema)) OR column_id = 0
"""


_RENAMED = re.compile(r".+_\d+", re.DOTALL)
_ALIKE = "SELECT 1 FROM parquet_schema(?) GROUP BY file_name, lower(name) HAVING count(*) > 1 LIMIT 1"
"""Whether names in a file differ only in case: the engine then calls the second one `name_1`, whatever else has that name."""


def read_footers(
    database: duckdb.DuckDBPyConnection, files: Sequence[str], columns: Sequence[SeenColumn], partitions: frozenset[str]
) -> TableStatistics | None:
    """Read what the footers of parquet files say of some columns; None where they are too many.

    Args:
        database: The connection.
        files: The files.
        columns: The columns that are wanted, as the table has them.
        partitions: Folded names of columns whose values stand in the names of folders, whatever the files say.
    """
    told = [c for c in columns if _can_be_told(c) and fold(c.name) not in partitions]
    if any(_RENAMED.fullmatch(c.name) for c in told) and database.execute(_ALIKE, [list(files)]).fetchall():
        told = [c for c in told if not _RENAMED.fullmatch(c.name)]
    times = Counter(fold(c.name) for c in columns)
    kept = {fold(c.name): c.type for c in told if times[fold(c.name)] == 1}
    groups: dict[tuple[str, int], int] = {}
    facts: dict[tuple[str, int], dict[str, ColumnFacts]] = defaultdict(dict)
    named: Counter[tuple[str, int, str]] = Counter()
    for file, number, rows, path, nulls, low, high, is_whole, is_exact, encodings, values in database.execute(
        _QUERY, [list(files), [c.lower() for c in kept]]
    ).fetchall():
        group = (file, number)
        groups[group] = rows
        name = fold(path)
        named[file, number, name] += 1
        if name in kept and values == rows:
            bounds = _bounds(kept[name], low, high) if is_whole and (is_exact or kept[name] != "VARCHAR") else None
            least, greatest = bounds or (None, None)
            facts[group][name] = ColumnFacts(nulls, least, greatest, "DICTIONARY" in (encodings or ""))
    if len(groups) > MOST_GROUPS:
        return None
    for (file, number, name), count in named.items():
        if count > 1:  # a nested part that is called like a column, or two that differ only in case
            facts[file, number].pop(name, None)
    found = tuple(RowGroup(rows, facts[group]) for group, rows in groups.items())
    return TableStatistics(together(found, frozenset(kept)), found, len(files))


def _can_be_told(column: SeenColumn) -> bool:
    return not column.lacking_files and not column.other_types and ", " not in column.name


def _bounds(kind: str, low: str | None, high: str | None) -> tuple[Value, Value] | None:
    """Read both bounds as values of the column's type; None where one is missing or cannot be told exactly."""
    read = _READERS.get("DECIMAL" if kind.startswith("DECIMAL(") else "INTEGER" if kind in _INTEGERS else kind)
    if read is None or low is None or high is None:
        return None
    try:
        least, greatest = read(low), read(high)
    except (ValueError, InvalidOperation):
        return None
    if least is None or greatest is None or least > greatest:
        return None
    return least, greatest


def _text(text: str) -> str | None:
    """Return a text, unless it may have been written down in another way than it is stored."""
    return text if text.isprintable() and "\\" not in text else None


def _naive(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    return datetime.fromisoformat(f"{found[1]} {found[2]}") if found and not found[3] else None


def _zoned(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    return datetime.fromisoformat(f"{found[1]} {found[2]}").replace(tzinfo=UTC) if found and found[3] else None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "INTEGER": int,
    "DECIMAL": Decimal,
    "VARCHAR": _text,
    "BOOLEAN": {"true": True, "false": False}.get,
    "DATE": date.fromisoformat,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), _naive),
    "TIMESTAMP WITH TIME ZONE": _zoned,
}
"""How a bound is read, by DuckDB's type. There is none for floats: their bounds say nothing of NaN."""
