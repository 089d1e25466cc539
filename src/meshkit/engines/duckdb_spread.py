"""A fair part of a large table: row groups that lie evenly over it, so that no more of it need be read."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

import duckdb

from meshkit.engines.duckdb_views import is_mixed, parquet_scan, quoted, table_name
from meshkit.engines.sources import Source
from meshkit.model.relation import Relation, SeenTable

_PLACES = 8
_MOST_FILES = 256
_GROUP_ROWS = 122_880  # of a DuckDB table
_HIDDEN = ("filename", "file_row_number", "rowid")
_GROUP_SIZES = """
SELECT row_group_num_rows FROM parquet_metadata(?) GROUP BY row_group_id, row_group_num_rows ORDER BY row_group_id
"""


def spread_over(
    database: duckdb.DuckDBPyConnection, relation: Relation, source: Source, seen: SeenTable, rows: int
) -> str | None:
    """Return the SELECT of some row groups that hold about `rows` rows; None where all rows may as well be read.

    There are at least eight of them, and while there are fewer than sixteen in all, every second one. Text formats and views
    have none.
    """
    if any(c.name.casefold() in _HIDDEN for c in seen.columns):
        return None  # rows could not be told by their place
    if source.format == "parquet":
        return _of_files(database, relation, source, rows)
    return _of_table(database, source, rows) if source.format == "table" else None


def evenly(count: int, chosen: int) -> list[int]:
    """Return the positions of some of `count` things in a row, each in the middle of its stretch.

    Example:
        >>> evenly(100, 4), evenly(3, 3)
        ([12, 37, 62, 87], [0, 1, 2])
    """
    return [(2 * i + 1) * count // (2 * chosen) for i in range(chosen)]


def _chosen(groups: int, held: int, rows: int) -> list[int]:
    enough = -(-rows * groups // held)
    return evenly(groups, min(groups, max(enough, min(_PLACES, (groups + 1) // 2))))


def _of_files(database: duckdb.DuckDBPyConnection, relation: Relation, source: Source, rows: int) -> str | None:
    files = [source.files[i] for i in evenly(len(source.files), min(len(source.files), _MOST_FILES))]
    sizes: dict[str, tuple[int, int]] = {
        name: (held, groups)
        for name, held, groups in database.execute(
            "SELECT file_name, num_rows, num_row_groups FROM parquet_file_metadata(?)", [files]
        ).fetchall()
    }
    held, groups = (sum(s[i] for s in sizes.values()) for i in (0, 1))
    if set(sizes) != set(files) or (held <= rows and len(files) == len(source.files)):
        return None
    if not held:
        return None
    ends = list(accumulate(sizes[f][1] for f in files))
    wanted: dict[str, list[int]] = {}
    for group in _chosen(groups, held, rows):
        position = bisect_right(ends, group)
        wanted.setdefault(files[position], []).append(group - ends[position] + sizes[files[position]][1])
    parts, mixed = [], is_mixed(database, source)
    for file, numbers in wanted.items():
        found = [n for (n,) in database.execute(_GROUP_SIZES, [file]).fetchall()]
        starts = [0, *accumulate(found)]
        scan = parquet_scan(relation, source, file, is_mixed=mixed)
        parts += [f"{scan} AND file_row_number BETWEEN {starts[n]} AND {starts[n + 1] - 1}" for n in numbers]
    return " UNION ALL ".join(parts)


def _of_table(database: duckdb.DuckDBPyConnection, source: Source, rows: int) -> str | None:
    attached = {path: name for name, path in database.execute("SELECT database_name, path FROM duckdb_databases()").fetchall()}  # fmt: skip
    if source.files[0] not in attached:
        return None
    name = table_name(database, source, attached)
    tables = database.execute(
        "SELECT database_name, schema_name, table_name, estimated_size FROM duckdb_tables()"
    ).fetchall()
    sizes = {quoted(*parts).casefold(): size for *parts, size in tables}
    held = sizes.get(name.casefold(), 0)
    if held <= rows:
        return None  # a view, or a small table
    spans = ((g * _GROUP_ROWS, (g + 1) * _GROUP_ROWS - 1) for g in _chosen(-(-held // _GROUP_ROWS), held, rows))
    return " UNION ALL ".join(f"SELECT * FROM {name} WHERE rowid BETWEEN {a} AND {b}" for a, b in spans)
