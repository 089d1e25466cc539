"""Runs statements written by hand, as an expert's script would: `run_sql.py FILE.sql`; prints their numbers as JSON.

Each statement gives one row; its columns are the names of the numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb


def main() -> None:
    """Run a file of statements, which end in a semicolon and a line break."""
    database = duckdb.connect()
    found: dict[str, object] = {}
    for statement in Path(sys.argv[1]).read_text().split(";\n"):
        if not statement.strip():
            continue
        cursor = database.execute(statement)
        row = cursor.fetchone() if statement.lstrip().startswith("SELECT") else None
        if row:
            found.update(zip((column[0] for column in cursor.description), row, strict=True))
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
