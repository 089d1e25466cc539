"""A process of its own for a query from outside: it holds only what is sent to it, and lives for that query alone."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.errors import EngineError, InterruptedRunError, SqlError, StatementTimeoutError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

_PROGRAM = Path(__file__).with_name("sandbox_child.py")
_GRACE_SECONDS = 2.0
_POLL_SECONDS = 0.05
_CHUNK = 1 << 16
_OVERHEAD = 1 << 20

Take = Callable[["pa.RecordBatch"], None]


class SentColumn(NamedTuple):
    """A column as the query sees it; one that is not sent is NULL, since the query does not name it."""

    name: str
    type: str
    is_sent: bool


class SentTable(NamedTuple):
    """A table for the sandbox.

    Attributes:
        name: As the query names it.
        columns: In the order in which `SELECT *` gives them.
        schema: Of what is sent: the columns that are, in this order; one column of anything where none is.
        send: Hands over the rows, batch by batch.
    """

    name: str
    columns: Sequence[SentColumn]
    schema: pa.Schema
    send: Callable[[Take], None]


class Limits(NamedTuple):
    """What a query may take and give.

    Attributes:
        timeout_seconds: For the query itself; reading its tables has as much again.
        memory_bytes: What DuckDB may use for it.
        sent_bytes: How much may be sent to it, as Arrow holds it.
        max_rows: How many rows are returned.
        max_characters: How many characters all values may take together.
        max_cell: How many characters one value may take.
    """

    timeout_seconds: float = 30.0
    memory_bytes: int = 1 << 30
    sent_bytes: int = 512 << 20
    max_rows: int = 1000
    max_characters: int = 2_000_000
    max_cell: int = 10_000


class Ran(NamedTuple):
    """What the query gave.

    Attributes:
        columns: Name and type of each, in DuckDB's words.
        rows: Plain JSON values.
        stopped_by: `rows` or `characters`, the budget that ended it; empty = these are all rows.
        cut_cells: How many values were cut.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    stopped_by: str
    cut_cells: int


class Sandbox:
    """Makes processes for queries, and keeps some that wait, so that a query need not wait for one.

    Args:
        warm: How many wait.
        limits: The most of each; a query may be given less.
    """

    def __init__(self, warm: int = 1, limits: Limits | None = None) -> None:
        if not hasattr(os, "fork"):
            raise UsageError(
                "queries run in a process with limits, which this system cannot make", "use Linux or macOS"
            )
        self.limits = limits or Limits()
        self._count = warm
        self._lock = threading.Lock()
        self._waiting: deque[subprocess.Popen[bytes]] = deque()
        weakref.finalize(self, _end_all, self._waiting)  # also when Python ends

    def prepare(self) -> None:
        """Start as many processes as are to wait, one at least."""
        self._fill(max(self._count, 1))

    def close(self) -> None:
        """End the processes that wait."""
        with self._lock:
            _end_all(self._waiting)

    def run(
        self,
        query: str,
        tables: Sequence[SentTable],
        limits: Limits | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Ran:
        """Run one SELECT over tables that are sent to it.

        Args:
            query: What was proved to be one SELECT over these tables.
            tables: What it may read.
            limits: Less than the sandbox's own.
            stopped: Asked now and then: whether nobody wants the answer any more.

        Raises:
            SqlError: MK207, DuckDB refuses the query.
            EngineError: MK315, it needs more than it may have; MK304, it cannot be computed, or its process died.
            StatementTimeoutError: It took too long.
            InterruptedRunError: Nobody wants the answer.
        """
        asked = limits or self.limits
        process = self._take()
        is_late = threading.Event()

        def kill() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(2 * asked.timeout_seconds + _GRACE_SECONDS, kill)
        timer.daemon = True
        timer.start()
        try:
            _send(process, query, tables, asked, stopped)
            answer = _receive(process, 8 * asked.max_characters + _OVERHEAD, stopped)
        finally:
            timer.cancel()
            _end(process)
            self._fill(self._count)  # only now: one that starts takes the query's time
        if is_late.is_set():
            raise _late(asked)
        return _read(answer, asked)

    def _take(self) -> subprocess.Popen[bytes]:
        """Return a process that waits, or a new one."""
        while True:
            with self._lock:
                process = self._waiting.popleft() if self._waiting else self._spawn()
            if process.poll() is None:
                return process
            _end(process)

    def _fill(self, count: int) -> None:
        with self._lock:
            while len(self._waiting) < count:
                self._waiting.append(self._spawn())

    def _spawn(self) -> subprocess.Popen[bytes]:
        # Address space, and not what is used of it: libraries and threads take two GB of addresses.
        space = 3 * self.limits.memory_bytes + self.limits.sent_bytes + (2 << 30)
        command = [sys.executable, "-I", str(_PROGRAM), json.dumps([p for p in sys.path if p]), str(space)]
        return subprocess.Popen(  # noqa: S603  # our own program, and no word of a caller in its arguments
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,  # Ctrl-C is heard here, and ends it from here
        )


def _send(
    process: subprocess.Popen[bytes],
    query: str,
    tables: Sequence[SentTable],
    limits: Limits,
    stopped: Callable[[], bool],
) -> None:
    """Send the request, then the rows of each table. One that died early says so by what it answered, or did not."""
    import pyarrow as pa  # here, where a query runs: `meshkit --help` need not wait for it

    request = json.dumps(
        {
            "query": query,
            "tables": [{"name": t.name, "columns": [c._asdict() for c in t.columns]} for t in tables],
            "memory": f"{limits.memory_bytes // (1 << 20)}MiB",
            "timeout_seconds": limits.timeout_seconds,
            "max_rows": limits.max_rows,
            "max_characters": limits.max_characters,
            "max_cell": limits.max_cell,
        }
    ).encode()
    sent = 0
    pipe = process.stdin
    assert pipe is not None
    with contextlib.suppress(BrokenPipeError):
        pipe.write(len(request).to_bytes(8, "big") + request)
        for table in tables:
            with pa.ipc.new_stream(pipe, table.schema) as stream:

                def take(batch: pa.RecordBatch, stream: Any = stream, name: str = table.name) -> None:
                    nonlocal sent
                    sent += batch.nbytes
                    if sent > limits.sent_bytes:
                        raise EngineError(
                            f"the query reads more than {limits.sent_bytes // (1 << 20):,} MiB, of table '{name}' the last",
                            "name fewer columns, or compare columns with values in the WHERE: docs/query.md says which filter first",
                            code="MK315",
                        )
                    if stopped():
                        raise InterruptedRunError("interrupted before it had an answer")
                    stream.write_batch(batch)

                table.send(take)
        pipe.close()


def _receive(process: subprocess.Popen[bytes], most: int, stopped: Callable[[], bool]) -> bytes:
    """Return what a process writes until it ends; the timer of `run` ends one that takes too long."""
    out = process.stdout
    assert out is not None
    parts: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        while True:
            if stopped():
                raise InterruptedRunError("interrupted before it had an answer")
            if not selector.select(_POLL_SECONDS):
                continue
            part = os.read(out.fileno(), _CHUNK)
            if not part:
                break
            size += len(part)
            if size > most:
                raise EngineError("the sandbox wrote more than it may", "narrow the query", code="MK315")
            parts.append(part)
    return b"".join(parts)


def _read(answer: bytes, limits: Limits) -> Ran:
    """Read what came back: whatever does not look as it must is an error."""
    try:
        told = json.loads(answer)
        if "error" not in told:
            columns = tuple((str(name), str(kind)) for name, kind in told["columns"])
            rows = tuple(tuple(row) for row in told["rows"])
            if len(rows) > limits.max_rows or any(len(row) != len(columns) for row in rows):
                raise ValueError("rows of other columns")
            return Ran(columns, rows, str(told["stopped_by"]), int(told["cut_cells"]))
        kind, text = str(told["error"]), str(told.get("text", ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        kind, text = "died", ""
    if kind == "timeout":
        raise _late(limits)
    if kind == "sql":
        raise SqlError(
            f"the query cannot run: {text.splitlines()[0][:300] if text else 'DuckDB refuses it'}", code="MK207"
        )
    if kind == "values":
        hint = "look for divisions, casts and sums that do not fit; TRY_CAST gives NULL where a cast cannot"
        raise EngineError(f"the query cannot be computed over its rows ({text[:60]})", hint, code="MK304")
    what = "the query needs more memory than it may have" if kind == "memory" else "the query's process died"
    raise EngineError(what, "narrow it: fewer rows, shorter texts, smaller joins", code="MK315")


def _late(limits: Limits) -> StatementTimeoutError:
    return StatementTimeoutError(f"no answer within {limits.timeout_seconds:g} s", "narrow the query")


def _end_all(waiting: deque[subprocess.Popen[bytes]]) -> None:
    while waiting:
        _end(waiting.popleft())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
