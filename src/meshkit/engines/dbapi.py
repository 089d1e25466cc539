"""What drivers share that come as a DB-API module: one cursor at a time, its rows as Arrow, and errors without values."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from meshkit.engines.base import Settings
from meshkit.engines.driver import Capabilities
from meshkit.engines.one_select import require_select
from meshkit.engines.pick_table import pick
from meshkit.engines.python_values import table_of
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa


class Reason(NamedTuple):
    """Why a statement failed, in words that hold no row's value.

    Attributes:
        what: In the engine's words or ours.
        hint: The way out.
        is_late: Whether the engine ended it because it took too long.
        is_transient: Whether another try, on another connection, may succeed.
    """

    what: str
    hint: str = ""
    is_late: bool = False
    is_transient: bool = False


VALUE = Reason("a value does not fit what the SQL does with it", "guard it with CASE or nullif")
ZERO = Reason("division by zero while it ran", "divide by nullif(..., 0)")
OVERFLOW = Reason("a number grew beyond its type while it ran", "cast to a wider decimal before you calculate")
PATTERN = Reason("a pattern is no regular expression of the engine", "see its documentation on patterns")
LOST = Reason("the connection was lost", "try again", is_transient=True)
LATE = Reason("the engine ended it before its time", "raise --timeout, or narrow the check", is_late=True)


class DbApiDriver:
    """A connection that runs one SELECT at a time on a cursor of its own; each engine adds what is its own.

    Args:
        module: The driver's DB-API module; its `Error` is the base of all its errors.
        connection: Open.
        settings: Limits.
    """

    dialect: str
    version: str
    capabilities: Capabilities

    def __init__(self, module: Any, connection: Any, settings: Settings) -> None:
        self._module = module
        self._connection = connection
        self._seconds = settings.timeout_seconds
        self._turn = threading.Lock()
        self._cursor: Any = None
        self._is_cancelled = False

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        return self._look(require_select(query), None, self._arrow)

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        return "\n".join(str(row[0]) for row in self._rows(f"EXPLAIN {require_select(query)}"))

    def cancel(self) -> None:
        """Stop the running statement; see `Driver.cancel`."""
        with self._turn:
            if self._cursor is not None:
                self._is_cancelled = True
                with contextlib.suppress(self._module.Error, OSError):  # it has ended meanwhile, or the engine is gone
                    self._stop(self._cursor)

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(self._module.Error, OSError):  # it may be lost already
            self._connection.close()

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return None: this engine tells no count without reading; see `Driver.rows_of`."""
        return None

    def _stop(self, cursor: Any) -> None:
        cursor.cancel()

    def _arrow(self, cursor: Any) -> pa.Table:
        return arrow_of(cursor.description or (), cursor.fetchall())

    def _rows(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._look(query, values, lambda cursor: [tuple(r) for r in cursor.fetchall()])
        return found

    def _begin(self, cursor: Any) -> None:
        """Begin a transaction that cannot write, where the engine has such."""

    def _end(self, cursor: Any) -> None:
        """End it."""

    def _reason(self, error: BaseException) -> Reason:
        """Say what an error of the driver means."""
        raise NotImplementedError

    def _look(self, query: str, values: Any, take: Callable[[Any], Any]) -> Any:
        """Run a query on a cursor, take its answer, and let go of the cursor."""
        try:
            cursor = self._connection.cursor()
            try:
                return self._on(cursor, query, values, take)
            finally:
                cursor.close()
        except (self._module.Error, OSError) as error:
            raise self._explained(error) from None

    def _on(self, cursor: Any, query: str, values: Any, take: Callable[[Any], Any]) -> Any:
        self._begin(cursor)
        with self._turn:
            self._cursor, self._is_cancelled = cursor, False
        try:
            if values is None:
                cursor.execute(query)
            else:
                cursor.execute(query, values)
            return take(cursor)
        finally:
            with self._turn:
                self._cursor = None
            with contextlib.suppress(self._module.Error, OSError):  # what went wrong before counts
                self._end(cursor)

    def _explained(self, error: BaseException) -> EngineError:
        if self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        return told(self._reason(error), self._seconds)


def told(reason: Reason, seconds: float | None) -> EngineError:
    """Return a reason as an error.

    Args:
        reason: Why.
        seconds: How long a statement may take.
    """
    if reason.is_late:
        what = f"no answer within {seconds:g} s" if seconds else reason.what
        return StatementTimeoutError(what, "raise --timeout, or narrow the check")
    error = EngineError(reason.what, reason.hint)
    error.is_transient = reason.is_transient
    return error


def arrow_of(description: Sequence[Sequence[Any]], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return what a cursor fetched as Arrow; times with a zone in UTC.

    Args:
        description: Of the cursor: the name of each column comes first.
        rows: All of them.
    """
    return table_of([str(d[0]) for d in description], [tuple(_plain(v) for v in row) for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, UUID):
        return str(value)
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else value


def found_table(
    tables: Sequence[Sequence[Any]], called: tuple[str, ...], columns: Callable[[tuple[str, ...]], Sequence[SeenColumn]]
) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
    """Return the table that is meant by a name, and its columns.

    Args:
        tables: Whole names of what is there.
        called: The name as it was given.
        columns: Looks the columns of a whole name up.

    Raises:
        SourceError: MK302, it is not there, or it may not be read.
    """
    name = ".".join(called)
    found = pick(called[-1], [tuple(str(p) for p in row) for row in tables], name)
    seen = tuple(columns(found))
    if not seen:
        raise SourceError(f"table '{name}' has no column that this user may read", "grant SELECT on it")
    return found, seen


def placed(
    parts: tuple[str, ...], defaults: Sequence[str], words: Sequence[str] = ("catalog", "schema")
) -> tuple[str, ...]:
    """Return a table's name with the parts before it that were not given.

    Args:
        parts: As given.
        defaults: Of the outer parts, outermost first, as the URL has them.
        words: What the outer parts are called, for the message.

    Raises:
        SourceError: MK302, a part is given nowhere, or there are too many.

    Example:
        >>> placed(("orders",), ("hive", "shop"))
        ('hive', 'shop', 'orders')
    """
    outer = [*defaults][: len(defaults) + 1 - len(parts)] if len(parts) <= len(defaults) + 1 else []
    whole = (*outer, *parts)
    if len(whole) != len(defaults) + 1 or not all(whole):
        form = ".".join((*words, "table"))
        raise SourceError(
            f"'{'.'.join(parts)}' does not say where the table is", f"name it as {form}, or give it in the URL"
        )
    return whole


def literal(text: str) -> str:
    """Return a text as a literal of standard SQL."""
    return "'" + text.replace("'", "''") + "'"


def words_for(kind: str, words: Mapping[str, str]) -> str:
    """Return DuckDB's word for a type without arguments; the engine's own, in upper case, where there is none."""
    return words.get(kind.strip().lower(), kind.strip().upper())
