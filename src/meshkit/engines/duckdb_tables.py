"""Which tables a DuckDB file holds."""

from __future__ import annotations

from pathlib import Path

import duckdb

from meshkit.errors import SourceError

_ENDINGS = (".duckdb", ".db")


def is_database(path: Path) -> bool:
    """Tell whether a path is that of a DuckDB file, by its ending."""
    return path.suffix.lower() in _ENDINGS


def list_tables(path: Path) -> list[str]:
    """Return the tables and views of a DuckDB file as `schema.table`, in order.

    Raises:
        SourceError: The file cannot be opened, or holds no table.
    """
    query = (
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    )
    if not path.is_file():
        raise SourceError(f"'{path}' is not there", "give a DuckDB file, or FILE#schema.table")
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            found = [f"{schema}.{name}" for schema, name in database.execute(query).fetchall()]
    except duckdb.Error as error:
        raise SourceError(
            f"'{path.name}' cannot be read as a DuckDB file", "is it what its ending says?", code="MK303"
        ) from error
    if not found:
        raise SourceError(f"'{path.name}' holds no table", "there is nothing to draft from")
    return found
