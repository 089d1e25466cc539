"""The program of a sandbox: it runs one query over tables that are sent to it, and dies. It imports nothing of meshkit.

Run as a file, isolated, with an empty environment. It gets on stdin: the length of a request (8 bytes), the request (JSON), and one
Arrow stream for each table; it writes one JSON document to stdout. `sandbox.py` is the other end, and trusts nothing of it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

_FETCH = 256
_EXACT_INTEGER = 2**53
_CONFIG = {
    "enable_external_access": "false", "autoload_known_extensions": "false", "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false", "allow_persistent_secrets": "false", "allow_unsigned_extensions": "false",
    "python_enable_replacements": "false", "python_scan_all_frames": "false", "temp_directory": "", "threads": "2",
}  # fmt: skip
_OF_SQL = ("BinderException", "CatalogException", "ParserException", "NotImplementedException")
"""Errors that speak of the query alone; the texts of others may hold values."""


def main() -> None:
    """Run one query. The first argument is the path for imports, the second how much memory the process may have, in bytes."""
    sys.path[:] = json.loads(sys.argv[1])
    import duckdb  # the path is set only now
    import pyarrow as pa

    limits = ((resource.RLIMIT_AS, int(sys.argv[2])), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))
    for limit, most in limits:
        resource.setrlimit(limit, (most, most))
    pa.set_cpu_count(1)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    database = duckdb.connect(":memory:", config=_CONFIG)
    database.register("t", pa.table({"n": [1]}))  # what is slow the first time is done before somebody waits for it
    database.execute("SELECT count(*), max(n) FROM t").fetchall()
    database.unregister("t")
    size = source.read(8)
    if len(size) < 8:
        return  # nobody had a query
    request = json.loads(source.read(int.from_bytes(size, "big")))
    seconds = max(1, int(request["timeout_seconds"]) + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (2 * seconds, 2 * seconds))
    try:
        answer = _answer(duckdb, pa, database, request, source)
    except MemoryError:
        answer = {"error": "memory"}
    except duckdb.InterruptException:
        answer = {"error": "timeout"}
    except duckdb.OutOfMemoryException:
        answer = {"error": "memory"}
    except duckdb.Error as error:
        kind = type(error).__name__
        answer = {"error": "sql" if kind in _OF_SQL else "values", "text": str(error) if kind in _OF_SQL else kind}
    target.write(json.dumps(answer, ensure_ascii=True, allow_nan=False).encode())
    target.flush()
    os._exit(0)  # the answer is complete when the process ends: nothing is left to be put away


def _answer(duckdb: Any, pa: Any, database: Any, request: dict[str, Any], source: IO[bytes]) -> dict[str, Any]:
    database.execute(f"SET memory_limit = '{request['memory']}'; SET max_expression_depth = 250; SET TimeZone = 'UTC'")
    for number, table in enumerate(request["tables"]):
        name = f"sent {number}"
        with pa.ipc.open_stream(source) as reader:
            database.register(name, reader.read_all())
        columns = ", ".join(
            f"{_quoted(c['name'])}" if c["is_sent"] else f"CAST(NULL AS {c['type']}) AS {_quoted(c['name'])}"
            for c in table["columns"]
        )
        database.execute(f"CREATE TEMP VIEW {_quoted(table['name'])} AS SELECT {columns} FROM {_quoted(name)}")
    database.execute("SET lock_configuration = true")
    (statement,) = duckdb.extract_statements(request["query"])
    if statement.type != duckdb.StatementType.SELECT:
        return {"error": "sql", "text": "not one SELECT"}
    database.execute("BEGIN TRANSACTION READ ONLY")
    timer = threading.Timer(request["timeout_seconds"], database.interrupt)
    timer.daemon = True
    timer.start()
    found = database.execute(request["query"])
    writer = _Writer(request)
    for row in _rows(found):
        if not writer.take(row):
            break
    timer.cancel()
    described = [[d[0], str(d[1])] for d in found.description]
    return {"columns": described, "rows": writer.rows, "stopped_by": writer.stopped_by, "cut_cells": writer.cut_cells}


def _rows(found: Any) -> Iterator[Sequence[Any]]:
    while rows := found.fetchmany(_FETCH):
        yield from rows


class _Writer:
    """Takes rows as long as the budgets allow."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.rows: list[list[Any]] = []
        self.stopped_by = ""
        self.cut_cells = 0
        self._most_rows: int = request["max_rows"]
        self._most_characters: int = request["max_characters"]
        self._most_in_cell: int = request["max_cell"]
        self._characters = 0

    def take(self, row: Sequence[Any]) -> bool:
        if len(self.rows) == self._most_rows:
            self.stopped_by = "rows"
            return False
        written = [self._cell(value) for value in row]
        self._characters += sum(len(v) if isinstance(v, str) else len(json.dumps(v)) for v in written) + len(written)
        if self._characters > self._most_characters:
            self.stopped_by = "characters"
            return False
        self.rows.append(written)
        return True

    def _cell(self, value: Any) -> Any:
        written = _plain(value)
        text = written if isinstance(written, str) else json.dumps(written) if isinstance(written, (list, dict)) else ""
        if len(text) > self._most_in_cell:
            self.cut_cells += 1
            return text[: self._most_in_cell]
        return written


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: docs/query.md says how each type is written."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal) and value.is_finite() and value.as_tuple().exponent == 0:
        value = int(value)
    if isinstance(value, int):
        return value if abs(value) <= _EXACT_INTEGER else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    sys.stderr = io.StringIO()
    with contextlib.suppress(BrokenPipeError):
        main()
