"""A session whose relations are tables of an engine: statements run there, over a few connections."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from meshkit.engines.arrow_rows import rows_of_arrow
from meshkit.engines.base import DataFiles, Rows, Settings
from meshkit.engines.driver import Driver
from meshkit.engines.waiting import result_of
from meshkit.errors import EngineError, InterruptedRunError, SourceError, SqlError, StatementTimeoutError
from meshkit.model.relation import SeenColumn, SeenTable
from meshkit.model.statistics import TableStatistics

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
MOST_CONNECTIONS = 4
"""How many statements run side by side where the settings do not say."""


class StoredTable(NamedTuple):
    """A relation's table as the engine spells it.

    Attributes:
        parts: Its whole name, from the outermost part on.
        columns: Their types in DuckDB's words.
    """

    parts: tuple[str, ...]
    columns: tuple[SeenColumn, ...]


class TableSession:
    """A session over an engine's tables. Nothing is made there: no view, no temporary table, no setting that outlives it.

    Statements are in the engine's dialect. Where the engine takes several at once, each runs on a connection of its own.

    Args:
        connect: Opens a connection; called once at once, and again when more are needed or one is lost.
        names: Relation id -> the parts of its table's name.
        settings: Limits; `threads` limits the connections.

    Raises:
        EngineError: The engine is not reached, or its driver is not installed.
    """

    can_hash = False
    key_bytes = 0

    def __init__(self, connect: Callable[[], Driver], names: Mapping[str, tuple[str, ...]], settings: Settings) -> None:
        self._connect = connect
        self._names = names
        self._settings = settings
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="meshkit-tables")
        self._looking = threading.Lock()
        self._stored: dict[str, StoredTable] = {}
        self._seen: dict[str, SeenTable] = {}
        self._errors: dict[str, EngineError] = {}
        self._idle: list[Driver] = []
        self._running: set[Driver] = set()
        try:
            first = self._heard(connect)
        except BaseException:
            self._worker.shutdown(wait=False)
            raise
        self._idle.append(first)
        self.dialect = first.dialect
        self.version = first.version
        self.capabilities = first.capabilities
        most = (settings.threads or MOST_CONNECTIONS) if first.capabilities.is_concurrent else 1
        self._places = threading.BoundedSemaphore(max(1, most))

    def see(self, relation_id: str) -> SeenTable:
        """Return the relation as the engine has it; see `Session.see`."""
        with self._looking:
            if relation_id in self._errors:
                raise self._errors[relation_id]
            if relation_id not in self._seen:
                try:
                    self._seen[relation_id] = self._answered(lambda driver: self._look(relation_id, driver))
                except EngineError as error:
                    if not isinstance(error, (InterruptedRunError, StatementTimeoutError)):
                        self._errors[relation_id] = error
                    raise
            return self._seen[relation_id]

    def _look(self, relation_id: str, driver: Driver) -> SeenTable:
        parts = self._names.get(relation_id)
        if not parts:
            hint = "name it under tables: of the environment, or in the contract's servers"
            raise SourceError(f"no table of {driver.version.partition(' ')[0]} is named for '{relation_id}'", hint)
        stored = StoredTable(*driver.columns(parts))
        self._stored[relation_id] = stored
        return SeenTable(columns=stored.columns, format="table", rows=driver.rows_of(stored.parts))

    def stored(self, relation_id: str) -> StoredTable:
        """Return the table of a relation as the engine spells it, for who writes SQL.

        Raises:
            EngineError: As `see`.
        """
        self.see(relation_id)
        return self._stored[relation_id]

    def execute(self, query: str, *, exact: bool = False) -> pa.Table:
        """Run one SELECT; see `Session.execute`. Every answer is exact: no engine here answers from statistics."""
        return self._answered(lambda driver: driver.execute(query))

    def rows(self, query: str, *, exact: bool = False) -> Rows:
        """Run one SELECT; see `Session.rows`."""
        return rows_of_arrow(self.execute(query, exact=exact))

    def fold(self, query: str, take: Callable[[pa.RecordBatch], None], *, exact: bool = False) -> None:
        """Run one SELECT and hand over its batches; see `Session.fold`. The answer must fit into memory."""
        for batch in self.execute(query, exact=exact).to_batches():
            take(batch)

    def explain(self, query: str) -> str:
        """Return the engine's plan of one SELECT; raises as `execute` does."""
        return self._answered(lambda driver: driver.explain(query))

    def second_reading(self, texts: Sequence[str], tables: Iterable[str]) -> list[SqlError | None]:
        """Refuse nothing: the engine's parser is asked when the statement runs, which cannot write."""
        return [None for _ in texts]

    def try_out(self, query: str) -> str:
        """Run a query that reads no relation; see `Session.try_out`."""
        try:
            self.execute(query)
        except StatementTimeoutError:
            return ""  # the time was too short, whatever the query is
        except InterruptedRunError:
            raise
        except EngineError as error:
            if error.is_transient:
                raise
            return error.what
        return ""

    def statistics(self, relation_id: str, names: Iterable[str]) -> TableStatistics | None:
        """Return None: an engine's statistics prove nothing; see `Session.statistics`."""
        return None

    def files(self, relation_id: str) -> DataFiles | None:
        """Return None: a table has no files here; see `Session.files`."""
        return None

    def part(self, relation_id: str, paths: Sequence[str], name: str, file_column: str) -> bool:
        """Return False: a table has no files here; see `Session.part`."""
        return False

    def define(self, name: str, query: str) -> None:
        """Refuse: nothing is made in an engine; see `Session.define`."""
        raise EngineError(f"'{name}' cannot be defined: nothing is made in {self.dialect}")

    def describe(self, name: str) -> tuple[SeenColumn, ...]:
        """Refuse: nothing is made in an engine; see `Session.describe`."""
        raise EngineError(f"'{name}' is not defined: nothing is made in {self.dialect}")

    def interrupt(self) -> None:
        """Stop every running statement at the engine; see `Session.interrupt`."""
        for driver in tuple(self._running):
            driver.cancel()

    def close(self) -> None:
        """Let go of all connections."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        while self._idle:
            self._idle.pop().close()

    def _answered(self, work: Callable[[Driver], T]) -> T:
        return self._heard(lambda: self._on_a_connection(work))

    def _heard(self, work: Callable[[], T]) -> T:
        """Work. The main thread lets another one work, so that Ctrl-C is heard, and reaches the engine."""
        if threading.current_thread() is not threading.main_thread():
            return work()
        future = self._worker.submit(work)
        try:
            return result_of(future)
        except KeyboardInterrupt:
            while not future.done():
                self.interrupt()
                with contextlib.suppress(FutureTimeoutError):
                    future.exception(0.05)
            raise

    def _on_a_connection(self, work: Callable[[Driver], T]) -> T:
        with self._connection() as driver, self._limited(driver) as is_late:
            try:
                return work(driver)
            except InterruptedRunError:
                if is_late.is_set():
                    raise _too_late(self._settings) from None
                raise

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Driver]:
        """Lend a connection to one statement. One that was lost is closed; the next statement opens another."""
        with self._places:
            driver = self._idle.pop() if self._idle else self._connect()
            self._running.add(driver)
            is_sound = False
            try:
                yield driver
                is_sound = True
            except EngineError as error:
                is_sound = not error.is_transient
                raise
            finally:
                self._running.discard(driver)
                if is_sound:
                    self._idle.append(driver)
                else:
                    driver.close()

    @contextlib.contextmanager
    def _limited(self, driver: Driver) -> Iterator[threading.Event]:
        """Watch the time where the engine does not; tell whether it was up."""
        seconds, is_late = self._settings.timeout_seconds, threading.Event()
        if not seconds or driver.capabilities.has_timeout:
            yield is_late
            return

        def stop() -> None:
            is_late.set()
            driver.cancel()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            yield is_late
        finally:
            timer.cancel()


def _too_late(settings: Settings) -> StatementTimeoutError:
    return StatementTimeoutError(
        f"no answer within {settings.timeout_seconds:g} s", "raise --timeout, or narrow the check"
    )
