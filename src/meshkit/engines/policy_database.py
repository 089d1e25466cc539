"""DuckDB in memory for policies: tables of rows, then locked. No file, no network, no setting can be reached from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from meshkit.errors import EngineError, StatementTimeoutError
from meshkit.later import Later

if TYPE_CHECKING:
    import pyarrow as pa
else:  # the gate of one product need not wait for it
    pa = Later("pyarrow")

T = TypeVar("T")
SMALL = 2_000
"""Up to so many rows, handing them over one list per column is faster than waiting for Arrow."""

_ARROW: Mapping[str, Callable[[], pa.DataType]] = {
    "VARCHAR": lambda: pa.string(), "VARCHAR[]": lambda: pa.list_(pa.string()), "BIGINT": lambda: pa.int64(),
    "DOUBLE": lambda: pa.float64(), "BOOLEAN": lambda: pa.bool_(),
}  # fmt: skip
_LOCKED = {
    "temp_directory": "",  # what does not fit into memory fails, and leaves nothing on the disk
    "memory_limit": "4GB",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class _Ready:
    """At most one empty database that is made ahead, since making the first one of a process takes as long as all questions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Future[duckdb.DuckDBPyConnection] | None = None

    def prepare(self) -> None:
        """Begin to make it, in a thread, unless that is done."""
        with self._lock:
            if self._made is None:
                self._made = Future()
                threading.Thread(target=self._make, args=(self._made,)).start()

    def take(self) -> duckdb.DuckDBPyConnection:
        """Return it, or a new one."""
        with self._lock:
            made, self._made = self._made, None
        return made.result() if made is not None else _connect()

    @staticmethod
    def _make(made: Future[duckdb.DuckDBPyConnection]) -> None:
        try:
            made.set_result(_connect())
        except Exception as error:  # noqa: BLE001  # raised where it is taken
            made.set_exception(error)


def _connect() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config=_LOCKED)


_READY = _Ready()
prepare = _READY.prepare


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
        self._connection = _READY.take()
        self._is_small = sum(len(rows) for _, rows in tables.values()) <= SMALL
        for name, (columns, rows) in tables.items():
            values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
            if self._is_small:
                self._from_lists(name, columns, values)
            else:
                self._from_arrow(name, columns, values)
        self._connection.execute("SET enable_external_access=false; SET lock_configuration=true")

    def _from_lists(self, name: str, columns: Mapping[str, str], values: Sequence[Sequence[Any]]) -> None:
        read = ", ".join(f'unnest(?::{kind}[]) AS "{column}"' for column, kind in columns.items())
        self._connection.execute(f'CREATE TABLE "{name}" AS SELECT {read}', [list(v) for v in values])

    def _from_arrow(self, name: str, columns: Mapping[str, str], values: Sequence[Sequence[Any]]) -> None:
        arrays = [pa.array(v, _ARROW[t]()) for v, t in zip(values, columns.values(), strict=True)]
        self._connection.register("incoming", pa.table(arrays, names=list(columns)))
        self._connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
        self._connection.unregister("incoming")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT that the caller has proved to be one.

        Raises:
            EngineError: DuckDB cannot answer it.
            StatementTimeoutError: It takes too long.
        """
        if self._is_small:
            return self._watched(lambda: self._connection.execute(sql).fetchall())
        return list(zip(*(c.to_pylist() for c in self.table(sql).columns), strict=True))

    def table(self, sql: str) -> pa.Table:
        """Return the same as a table of Arrow."""
        return self._watched(lambda: self._connection.sql(sql).to_arrow_table())

    def _watched(self, answer: Callable[[], T]) -> T:
        with self._watch():
            try:
                return answer()
            except duckdb.InterruptException:
                raise StatementTimeoutError(
                    f"a policy took longer than {self._timeout:g} s", "make it simpler"
                ) from None
            except duckdb.Error as error:
                raise EngineError(f"DuckDB cannot evaluate it: {str(error).splitlines()[0]}", code="MK424") from None

    @contextmanager
    def _watch(self) -> Iterator[None]:
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
