"""DuckDB in memory for policies: tables of rows, then locked. No file, no network, no setting can be reached from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from meshkit.errors import EngineError, StatementTimeoutError

_ARROW = {
    "VARCHAR": pa.string(), "VARCHAR[]": pa.list_(pa.string()), "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(),
}  # fmt: skip
_LOCKED = {
    "temp_directory": "",  # what does not fit into memory fails, and leaves nothing on the disk
    "memory_limit": "4GB",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class PolicyDatabase:
    """Tables of rows, and what is asked of them.

    Args:
        tables: Name -> columns with their types (`VARCHAR`, `VARCHAR[]`, `BIGINT`, `DOUBLE`, `BOOLEAN`), and rows.
        timeout_seconds: How long one statement may take.
    """

    def __init__(
        self, tables: Mapping[str, tuple[Mapping[str, str], Sequence[tuple[Any, ...]]]], timeout_seconds: float = 60
    ) -> None:
        self._timeout = timeout_seconds
        self._connection = duckdb.connect(":memory:", config=_LOCKED)
        for name, (columns, rows) in tables.items():
            values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
            arrays = [pa.array(v, _ARROW[t]) for v, t in zip(values, columns.values(), strict=True)]
            self._connection.register("incoming", pa.table(arrays, names=list(columns)))
            self._connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
            self._connection.unregister("incoming")
        self._connection.execute("SET enable_external_access=false; SET lock_configuration=true")

    def ask(self, sql: str) -> pa.Table:
        """Run one SELECT that the caller has proved to be one.

        Raises:
            EngineError: DuckDB cannot answer it.
            StatementTimeoutError: It takes too long.
        """
        with self._watched():
            try:
                return self._connection.sql(sql).to_arrow_table()
            except duckdb.InterruptException:
                raise StatementTimeoutError(
                    f"a policy took longer than {self._timeout:g} s", "make it simpler"
                ) from None
            except duckdb.Error as error:
                raise EngineError(f"DuckDB cannot evaluate it: {str(error).splitlines()[0]}", code="MK424") from None

    @contextmanager
    def _watched(self) -> Iterator[None]:
        watch = threading.Timer(self._timeout, self._connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def close(self) -> None:
        """Free the memory."""
        self._connection.close()
