"""DuckDB, embedded: files become views, then the database is locked."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from meshkit.engines.base import DataFiles, Rows, Settings
from meshkit.engines.budget import Budget
from meshkit.engines.duckdb_errors import explained, first_line
from meshkit.engines.duckdb_parser import DuckdbParser
from meshkit.engines.duckdb_spread import spread_over
from meshkit.engines.duckdb_views import describe, part_of, partition_names, view_of
from meshkit.engines.footers import read_footers
from meshkit.engines.frames import as_arrow
from meshkit.engines.remote import open_remote
from meshkit.engines.sources import Source, find_source
from meshkit.engines.waiting import result_of
from meshkit.errors import EngineError, InterruptedRunError, SourceError, SqlError, StatementTimeoutError, UsageError
from meshkit.model.names import fold
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.statistics import TableStatistics

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_USERS_OF_STATISTICS = (
    "statistics_propagation",
    "filter_pushdown",
    "join_filter_pushdown",
    "row_group_pruner",
    "top_n",
)
_EXACT = f"SET disabled_optimizers='{','.join(_USERS_OF_STATISTICS)}'"
# NOTE: with the first two on, DuckDB 1.5.5 and 2.0 lose NaN in parquet written by Arrow (test_nan_counts_on_arrow_parquet);
# with the others, joins and ORDER BY ... LIMIT lose NaN, and whatever a false footer denies (test_footers.py).

_GLOB = re.compile(r"[*?\[]")
_BATCH = 1_000_000
_READ_ONCE = "meshkit: read once"


class DuckDB:
    """The embedded engine, and the default."""

    name = "duckdb"

    def open(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> DuckDBSession:
        """Open a session; see `Engine.open`."""
        return DuckDBSession(relations, frames, settings)


class DuckDBSession:
    """Two in-memory databases over the same views, both locked: a fast one, and an exact one.

    The exact one never prunes by statistics, so that NaN counts, and footers need not be trusted; it is only made when
    a statement asks for it. Every thread has a connection of its own to each.
    """

    dialect = "duckdb"
    can_hash = True
    version = f"duckdb {duckdb.__version__}"

    def __init__(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> None:
        self._settings = settings
        self._budget = Budget.of(settings.memory)
        self.key_bytes = self._budget.key_bytes
        self._temp = tempfile.mkdtemp(prefix="meshkit-")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="meshkit-duckdb")
        self._relations = {r.id: r for r in relations}
        self._frames: dict[str, pa.Table] = {}
        self._sources: dict[str, Source] = {}
        self._errors: dict[str, EngineError] = {}
        self._seen: dict[str, SeenTable] = {}
        self._defined: dict[str, str] = {}
        self._broken: dict[str, EngineError] = {}
        for relation in relations:
            self._find(relation, frames)
        self._databases: dict[bool, duckdb.DuckDBPyConnection] = {}
        self._opening = threading.Lock()
        self._looking = threading.Lock()  # apart: who looks waits for a thread that may have to open
        self._own = threading.local()
        self._connections: list[duckdb.DuckDBPyConnection] = []
        self._running: set[duckdb.DuckDBPyConnection] = set()

    def _find(self, relation: Relation, frames: Mapping[str, Any]) -> None:
        try:
            if relation.is_given:
                self._frames[relation.id] = as_arrow(frames[relation.location])
            else:
                self._sources[relation.id] = self._without_globs(find_source(relation, self._settings.roots))
        except EngineError as error:
            self._errors[relation.id] = error
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            self._errors[relation.id] = SourceError(f"'{relation.location}' cannot be read: {reason}", code="MK303")

    def _without_globs(self, source: Source) -> Source:
        """Give files whose names hold glob characters a link of another name: DuckDB would expand them."""
        if source.extension or not any(_GLOB.search(f) for f in source.files):
            return source
        links = []
        for file in source.files:
            link = Path(self._temp) / f"{len(list(Path(self._temp).iterdir()))}{''.join(Path(file).suffixes)}"
            link.symlink_to(file)
            links.append(str(link))
        return source._replace(files=tuple(links))

    def see(self, relation_id: str) -> SeenTable:
        """Return the relation as the data has it; see `Session.see`."""
        with self._looking:
            if relation_id in self._errors:
                raise self._errors[relation_id]
            if relation_id not in self._seen:
                try:
                    self._seen[relation_id] = self._run(lambda d: self._look(relation_id, d), exact=False)
                except (EngineError, duckdb.Error) as error:
                    self._errors[relation_id] = explained(error, self._relations[relation_id].location)
                    raise self._errors[relation_id] from error
            return self._seen[relation_id]

    def _look(self, relation_id: str, database: duckdb.DuckDBPyConnection) -> SeenTable:
        if relation_id in self._broken:
            raise self._broken[relation_id]
        if relation_id in self._frames:
            rows = database.execute(f"DESCRIBE {_quoted(relation_id)}").fetchall()
            columns = tuple(SeenColumn(r[0], r[1]) for r in rows)
            return SeenTable(columns=columns, format="frame", rows=self._frames[relation_id].num_rows)
        source = self._sources[relation_id]
        name = _quoted(_view_name(self._relations[relation_id], source))
        rows_read = self._read_text(name, source, database)
        seen = describe(database, name, source)
        return seen if rows_read is None else seen.model_copy(update={"rows": rows_read})

    def _read_text(self, name: str, source: Source, database: duckdb.DuckDBPyConnection) -> int | None:
        """Read a text format once, into memory, where it is small enough: each statement would take it apart again."""
        if source.format not in ("csv", "json") or source.extension or not self._settings.read_once:
            return None
        size = sum(Path(file).stat().st_size for file in source.files)
        if size > self._budget.text_bytes:
            return None
        self._budget = self._budget._replace(text_bytes=self._budget.text_bytes - size)
        database.execute(f"CREATE TABLE {_quoted(_READ_ONCE)} AS FROM {name}")
        database.execute(f"DROP VIEW {name}")
        database.execute(f"ALTER TABLE {_quoted(_READ_ONCE)} RENAME TO {name}")
        return int(database.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def statistics(self, relation_id: str, names: Iterable[str]) -> TableStatistics | None:
        """Return what the footers of a relation's files prove; see `Session.statistics`."""
        source, wanted = self._sources.get(relation_id), {fold(name) for name in names}
        if source is None or source.format != "parquet":
            return None
        columns = [c for c in self.see(relation_id).columns if fold(c.name) in wanted]
        files, partitions = source.files, partition_names(source)
        try:
            return self._run(lambda d: read_footers(d, files, columns, partitions), exact=False)
        except (duckdb.Error, StatementTimeoutError):
            return None  # the data will be read instead, and says what is wrong with it

    def files(self, relation_id: str) -> DataFiles | None:
        """Return a relation's local files; see `Session.files`."""
        source = self._sources.get(relation_id)
        if source is None or source.extension or source.format == "table":
            return None
        if any(file.startswith(self._temp) for file in source.files):
            return None  # links to files whose names hold glob characters
        return DataFiles(source.format, source.files, source.newest)

    def part(self, relation_id: str, paths: Sequence[str], name: str, file_column: str) -> bool:
        """Give some files of a relation a name; see `Session.part`."""
        source, relation = self._sources[relation_id], self._relations[relation_id]
        query = part_of(relation, source, tuple(paths), file_column)
        if query is None or not paths:
            return query is not None
        try:
            self.define(name, query)
        except duckdb.Error:
            return False  # the whole is read instead, and says what is wrong with it
        return True

    def spread(self, relation_id: str, rows: int, name: str) -> bool:
        """Give a fair part of a relation a name, as it lies there: all of it, or of a large one some row groups.

        Returns:
            Whether it is not all.

        Raises:
            EngineError: It cannot be read.
        """
        seen, source, relation = self.see(relation_id), self._sources[relation_id], self._relations[relation_id]
        part = self._answered(lambda d: spread_over(d, relation, source, seen, rows), exact=False)
        self.define(name, part or f"SELECT * FROM {_quoted(_view_name(relation, source))}")
        return part is not None

    def define(self, name: str, query: str) -> None:
        """Give a query a name; see `Session.define`."""
        with self._opening:
            self._defined[name] = query
            for database in self._databases.values():
                database.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {query}")

    def keep(self, name: str, query: str) -> None:
        """Run one SELECT, and keep what it returns in memory under a name; raises as `execute` does."""
        self._answered(lambda d: d.execute(f"CREATE OR REPLACE TABLE {_quoted(name)} AS {query}"), exact=False)

    def describe(self, name: str) -> tuple[SeenColumn, ...]:
        """Return the columns of a defined name; see `Session.describe`."""
        rows = self._run(lambda d: d.execute(f"DESCRIBE {_quoted(name)}").fetchall(), exact=False)
        return tuple(SeenColumn(r[0], r[1]) for r in rows)

    def execute(self, query: str, *, exact: bool = False) -> pa.Table:
        """Run one SELECT; see `Session.execute`."""
        return self._answered(lambda d: d.sql(query).to_arrow_table(), exact=exact)

    def rows(self, query: str, *, exact: bool = False) -> Rows:
        """Run one SELECT; see `Session.rows`."""
        return self._answered(lambda d: _rows(d.execute(query)), exact=exact)

    def fold(self, query: str, take: Callable[[pa.RecordBatch], None], *, exact: bool = False) -> None:
        """Run one SELECT batch by batch; see `Session.fold`."""

        def work(database: duckdb.DuckDBPyConnection) -> None:
            for batch in database.sql(query).to_arrow_reader(_BATCH):
                take(batch)

        self._answered(work, exact=exact)

    def stored(self, relation_id: str) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a relation's own id: it is a view of that name; see `Session.stored`."""
        return (relation_id,), self.see(relation_id).columns

    def second_reading(self, texts: Sequence[str], tables: Iterable[str]) -> list[SqlError | None]:
        """Read queries as DuckDB parses them; see `Session.second_reading`."""
        names = frozenset(tables)
        return self._run(lambda d: DuckdbParser(d).second_reading(texts, names), exact=False)

    def try_out(self, query: str) -> str:
        """Run a query that reads nothing; see `Session.try_out`."""
        try:
            self._run(lambda d: d.execute(query).fetchall(), exact=False)
        except duckdb.Error as error:
            return first_line(error).partition(": ")[2] or first_line(error)
        except StatementTimeoutError:
            return ""  # the time was too short, whatever the query is
        return ""

    def interrupt(self) -> None:
        """Stop every statement that is running; see `Session.interrupt`."""
        for connection in tuple(self._running):
            connection.interrupt()

    def close(self) -> None:
        """Close both databases and remove temporary files."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        for database in (*self._connections, *self._databases.values()):
            database.close()
        shutil.rmtree(self._temp, ignore_errors=True)

    def _answered(self, work: Callable[[duckdb.DuckDBPyConnection], T], *, exact: bool) -> T:
        try:
            return self._run(work, exact=exact)
        except duckdb.Error as error:
            is_remote = any(source.extension for source in self._sources.values())
            raise explained(error, "", is_remote=is_remote) from error

    def _run(self, work: Callable[[duckdb.DuckDBPyConnection], T], *, exact: bool) -> T:
        """Work on a connection of this thread's own. The main thread lets another one work, so that Ctrl-C is heard."""
        if threading.current_thread() is not threading.main_thread():
            return self._watched(work, exact)
        future = self._worker.submit(self._watched, work, exact)
        try:
            return result_of(future)
        except KeyboardInterrupt:
            while not future.done():
                self.interrupt()
                with contextlib.suppress(FutureTimeoutError):
                    future.exception(0.05)
            raise

    def _watched(self, work: Callable[[duckdb.DuckDBPyConnection], T], exact: bool) -> T:
        """Work until the time for one statement is over."""
        connection = self._connection(exact=exact)
        seconds = self._settings.timeout_seconds
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            connection.interrupt()

        timer = threading.Timer(seconds, stop) if seconds else None
        self._running.add(connection)
        if timer:
            timer.start()
        try:
            return work(connection)
        except duckdb.InterruptException:
            if is_late.is_set():
                hint = "raise --timeout, or narrow the check"
                raise StatementTimeoutError(f"no answer within {seconds:g} s", hint) from None
            raise InterruptedRunError("interrupted before it had an answer") from None
        finally:
            self._running.discard(connection)
            if timer:
                timer.cancel()

    def _connection(self, *, exact: bool) -> duckdb.DuckDBPyConnection:
        """Return this thread's connection to a database."""
        own = self._own.__dict__.setdefault("connections", {})
        if exact not in own:
            with self._opening:
                if exact not in self._databases:
                    self._databases[exact] = self._open(exact=exact)
                own[exact] = self._databases[exact].cursor()
                self._connections.append(own[exact])
            for relation_id, frame in self._frames.items():
                own[exact].register(relation_id, frame)
        connection: duckdb.DuckDBPyConnection = own[exact]
        return connection

    def _open(self, *, exact: bool) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "temp_directory": self._temp,
        }
        if self._settings.threads:
            config["threads"] = self._settings.threads
        if self._settings.memory:
            config["memory_limit"] = self._budget.exact_limit if exact else self._budget.fast_limit
        try:
            database = duckdb.connect(":memory:", config=config)
        except duckdb.Error as error:
            raise UsageError(
                f"DuckDB refuses these settings: {first_line(error)}", "look at --threads and --memory"
            ) from error
        database.execute("SET GLOBAL TimeZone='UTC'; SET GLOBAL parquet_metadata_cache=true")
        if exact:
            database.execute(_EXACT)
        self._create_views(database)
        for name, query in self._defined.items():
            database.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {query}")
        return database

    def _create_views(self, database: duckdb.DuckDBPyConnection) -> None:
        """Attach, lock, then make the views: after the lock only the listed files can be read at all."""
        attached: dict[str, str] = {}
        for relation_id, source in self._sources.items():
            try:
                if source.extension:
                    self._sources[relation_id] = open_remote(database, source, os.environ)
                if source.format == "table" and source.files[0] not in attached:
                    attached[source.files[0]] = f"file {len(attached)}"
                    path = source.files[0].replace("'", "''")
                    database.execute(f"ATTACH '{path}' AS {_quoted(attached[source.files[0]])} (READ_ONLY)")
            except (EngineError, duckdb.Error) as error:
                self._broken[relation_id] = explained(error, self._relations[relation_id].location)
        files = sorted({f for s in self._sources.values() if s.format != "table" for f in s.files})
        database.execute("SET allowed_paths=?", [files])
        database.execute("SET enable_external_access=false")
        database.execute("SET lock_configuration=true")
        for relation_id, source in self._sources.items():
            if relation_id in self._broken:
                continue
            try:
                view = view_of(database, self._relations[relation_id], source, attached)
                name = _view_name(self._relations[relation_id], source)
                database.execute(f"CREATE VIEW {_quoted(name)} AS {view}")
            except (EngineError, duckdb.Error) as error:
                self._broken[relation_id] = explained(error, self._relations[relation_id].location)


def _view_name(relation: Relation, source: Source) -> str:
    """A text format with declared types is read as text first; who runs checks then defines the parsed view."""
    return relation.text_id if source.format in ("csv", "json") and relation.types else relation.id


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(answer: duckdb.DuckDBPyConnection) -> Rows:
    description = answer.description or []
    return Rows(tuple(d[0] for d in description), tuple(str(d[1]) for d in description), answer.fetchall())
