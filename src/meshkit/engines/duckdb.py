"""DuckDB, embedded: files become views, then the database is locked."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb

from meshkit.engines.base import Settings
from meshkit.engines.duckdb_views import describe, view_of
from meshkit.engines.frames import as_arrow
from meshkit.engines.remote import open_remote
from meshkit.engines.sources import Source, find_source, redacted
from meshkit.errors import EngineError, SourceError, StatementTimeoutError, UsageError
from meshkit.later import Later
from meshkit.model.relation import Relation, SeenColumn, SeenTable

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Later("pyarrow")

_EXACT_FLOATS = "SET disabled_optimizers='statistics_propagation,filter_pushdown'"
# NOTE: with these two on, DuckDB 1.5.5 and 2.0 lose NaN in parquet written by Arrow (test_nan_counts_on_arrow_parquet).

_GLOB = re.compile(r"[*?\[]")
_CSV_FILE = re.compile(r"^\s*file = (.+?)\s*$", re.MULTILINE)
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")


class DuckDB:
    """The embedded engine, and the default."""

    name = "duckdb"

    def open(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> DuckDBSession:
        """Open a session; see `Engine.open`."""
        return DuckDBSession(relations, frames, settings)


class DuckDBSession:
    """Two in-memory databases over the same views, both locked: a fast one, and one in which NaN counts.

    The second is only made when a statement reads floating-point columns.
    """

    dialect = "duckdb"

    def __init__(self, relations: Sequence[Relation], frames: Mapping[str, Any], settings: Settings) -> None:
        self._settings = settings
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
        if relation_id in self._errors:
            raise self._errors[relation_id]
        if relation_id not in self._seen:
            try:
                self._seen[relation_id] = self._look(relation_id)
            except (EngineError, duckdb.Error) as error:
                self._errors[relation_id] = _explained(error, self._relations[relation_id].location)
                raise self._errors[relation_id] from error
        return self._seen[relation_id]

    def _look(self, relation_id: str) -> SeenTable:
        database = self._database(exact_floats=False)
        if relation_id in self._broken:
            raise self._broken[relation_id]
        if relation_id in self._frames:
            rows = database.execute(f"DESCRIBE {_quoted(relation_id)}").fetchall()
            return SeenTable(columns=tuple(SeenColumn(r[0], r[1]) for r in rows), format="frame")
        source = self._sources[relation_id]
        name = _view_name(self._relations[relation_id], source)
        return cast(SeenTable, self._in_worker(database, lambda: describe(database, _quoted(name), source)))

    def define(self, name: str, query: str) -> None:
        """Give a query a name; see `Session.define`."""
        self._defined[name] = query
        for database in self._databases.values():
            database.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {query}")

    def describe(self, name: str) -> tuple[SeenColumn, ...]:
        """Return the columns of a defined name; see `Session.describe`."""
        rows = self._database(exact_floats=False).execute(f"DESCRIBE {_quoted(name)}").fetchall()
        return tuple(SeenColumn(r[0], r[1]) for r in rows)

    def execute(self, query: str, *, exact_floats: bool = False) -> pa.Table:
        """Run one SELECT; see `Session.execute`."""
        database = self._database(exact_floats=exact_floats)
        try:
            return cast(pa.Table, self._in_worker(database, lambda: database.sql(query).to_arrow_table()))
        except duckdb.Error as error:
            raise _explained(error, "") from error

    def try_out(self, query: str) -> str:
        """Run a query that reads nothing; see `Session.try_out`."""
        try:
            self._database(exact_floats=False).execute(query).fetchall()
        except duckdb.Error as error:
            return _first_line(error).partition(": ")[2] or _first_line(error)
        return ""

    def close(self) -> None:
        """Close both databases and remove temporary files."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        for database in self._databases.values():
            database.close()
        shutil.rmtree(self._temp, ignore_errors=True)

    def _in_worker(self, database: duckdb.DuckDBPyConnection, work: Callable[[], Any]) -> Any:
        """Run in a thread of its own, so that Ctrl-C and the timeout can interrupt a running statement."""
        future: Future[Any] = self._worker.submit(work)
        try:
            return future.result(self._settings.timeout_seconds)
        except FutureTimeoutError:
            self._stop(database, future)
            seconds = f"{self._settings.timeout_seconds:g}"
            raise StatementTimeoutError(
                f"no answer within {seconds} s", "raise --timeout, or narrow the check"
            ) from None
        except KeyboardInterrupt:
            self._stop(database, future)
            raise

    def _stop(self, database: duckdb.DuckDBPyConnection, future: Future[Any]) -> None:
        while not future.done():
            database.interrupt()
            try:
                future.exception(0.05)
            except FutureTimeoutError:
                continue

    def _database(self, *, exact_floats: bool) -> duckdb.DuckDBPyConnection:
        if exact_floats not in self._databases:
            self._databases[exact_floats] = self._open(exact_floats=exact_floats)
        return self._databases[exact_floats]

    def _open(self, *, exact_floats: bool) -> duckdb.DuckDBPyConnection:
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
            config["memory_limit"] = self._settings.memory
        try:
            database = duckdb.connect(":memory:", config=config)
        except duckdb.Error as error:
            raise UsageError(
                f"DuckDB refuses these settings: {_first_line(error)}", "look at --threads and --memory"
            ) from error
        database.execute("SET TimeZone='UTC'")
        if exact_floats:
            database.execute(_EXACT_FLOATS)
        for relation_id, frame in self._frames.items():
            database.register(relation_id, frame)
        self._in_worker(database, lambda: self._create_views(database))
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
                self._broken[relation_id] = _explained(error, self._relations[relation_id].location)
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
                self._broken[relation_id] = _explained(error, self._relations[relation_id].location)


def _view_name(relation: Relation, source: Source) -> str:
    """A text format with declared types is read as text first; who runs checks then defines the parsed view."""
    return relation.text_id if source.format in ("csv", "json") and relation.types else relation.id


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: BaseException) -> str:
    """Return what an engine's message says first; what follows may quote SQL and values."""
    return str(error).partition("\n")[0].strip()


def _explained(error: BaseException, location: str) -> EngineError:
    """Turn a driver's error into ours. Its text is kept only where it cannot hold a row's value."""
    if isinstance(error, EngineError):
        return error
    name = Path(redacted(location)).name
    csv_line = _CSV_LINE.search(str(error))
    if csv_line:
        file = _CSV_FILE.search(str(error))
        name = Path(file[1]).name if file else name or "the file"
        if "unicode" in str(error).lower():
            return SourceError(f"'{name}' is not UTF-8, line {csv_line[1]}", "save it as UTF-8", code="MK303")
        what = f"'{name}' is not well-formed CSV, line {csv_line[1]}"
        return SourceError(what, "check its quotes and columns", code="MK303")
    if isinstance(error, duckdb.IOException):
        said = _first_line(error).partition(": ")[2] or _first_line(error)
        return SourceError(f"'{name}' cannot be read: {redacted(said)}" if name else redacted(said), code="MK303")
    if location:
        return SourceError(f"'{name}' cannot be read; is it what its ending says?", code="MK303")
    if isinstance(error, duckdb.OutOfRangeException):
        return EngineError(
            "a number grew beyond its type while it ran", "cast to BIGINT or DECIMAL before you calculate"
        )
    if isinstance(error, (duckdb.ConversionException, duckdb.InvalidInputException)):
        kind = type(error).__name__.removesuffix("Exception")
        return EngineError(
            f"{kind} error while it ran; a value does not fit what the SQL does with it",
            "guard it with TRY_CAST or nullif",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError("out of memory", "raise --memory, or narrow the check")
    return EngineError(_first_line(error))
