"""Spark 4: a session that the caller gave, a local one, or one of Spark Connect."""

from __future__ import annotations

import contextlib
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from meshkit.engines.base import Settings
from meshkit.engines.dbapi import LOST, told
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.registry import lacking
from meshkit.engines.spark_errors import reason_of
from meshkit.engines.spark_session import apart, failures, hushed, made, stop_tagged, tag, untag
from meshkit.engines.spark_types import word_of
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError
from meshkit.model.names import did_you_mean
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_READABLE = ("parquet", "csv", "json", "orc", "avro", "delta", "iceberg")
_NOT_THERE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "REQUIRES_SINGLE_PART_NAMESPACE")
_LOST = ("UNAVAILABLE", "INVALID_HANDLE", "SparkContext was shut down", "stopped SparkContext", "Connection refused")


def connect(address: Address, settings: Settings) -> Spark:
    """Connect; see `Opener`.

    `spark` is the session that is active in this process, or else a local one on all cores; `spark://host:7077` is a master of a
    cluster; `sc://host:15002/;token=...` is Spark Connect.
    """
    try:
        module = import_module("pyspark.sql")
    except ImportError:
        raise lacking("spark", "pyspark") from None
    refusals: tuple[type[Exception], ...] = (*failures(), RuntimeError, OSError, ImportError)
    try:
        session, is_own = made(module.SparkSession, address.url, address.options, settings)
        return Spark(session, settings, is_own=is_own)
    except refusals as error:
        raise unreached(address, *_unreached(error)) from None


def driver_of(session: Any, settings: Settings) -> Spark:
    """Return a driver over a `SparkSession` that the caller gave: it is never changed, and not stopped."""
    return Spark(session, settings, is_own=False)


class Spark:
    """A session with settings of its own; one beside what the caller gave, which sees the same tables and temporary views.

    A statement is sent as a sub-query, which cannot write.

    Args:
        session: A `SparkSession`, classic or of Spark Connect.
        settings: Limits.
        is_own: Whether it was made here, so that it is stopped at the end.
    """

    dialect = "spark"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, session: Any, settings: Settings, *, is_own: bool) -> None:
        self._error = failures()
        self._given = session if is_own else None
        self._seconds = settings.timeout_seconds
        self._tag = f"meshkit-{uuid.uuid4()}"
        self._turn = threading.Lock()
        self._is_running = False
        self._is_cancelled = False
        self._is_late = False
        self._session = apart(session, is_own=is_own)
        self.version = f"spark {self._session.version}"

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`. A temporary view goes before a table of its name."""
        called = ".".join(parts)
        with hushed():
            return self._columns(parts, called)

    def _columns(self, parts: tuple[str, ...], called: str) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        try:
            found = self._session.catalog.getTable(_quoted(*parts))
            name = (found.name,) if found.isTemporary else _whole(found, parts)
            fields = self._session.table(_quoted(*name)).schema.fields
        except self._error as error:
            if _class_of(error).startswith(_NOT_THERE):
                raise self._not_there(called, parts) from None
            raise self._explained(error) from None
        return name, tuple(SeenColumn(f.name, word_of(f.dataType.simpleString())) for f in fields)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return None: Spark counts by reading; see `Driver.rows_of`."""
        return None

    def register(
        self, relation_id: str, location: str, kind: str, options: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """Make files readable as a temporary view of this driver's session, and return its name as `columns` takes it.

        Args:
            relation_id: The view's name is made of it.
            location: A file, a folder, a glob or a URL that Spark itself can read.
            kind: `parquet`, `csv`, `json`, `orc`, `avro`, `delta` or `iceberg`; the last three need a package of Spark's own.
            options: Of Spark's reader. CSV is read with its header, and its types are found out, unless these say otherwise.

        Raises:
            SourceError: MK302 there is nothing, MK303 Spark cannot read it.
        """
        if kind not in _READABLE:
            raise SourceError(f"Spark reads no format '{kind}' here", f"known: {', '.join(_READABLE)}", code="MK303")
        standard = {"header": "true", "inferSchema": "true"} if kind == "csv" else {}
        name = "meshkit_" + re.sub(r"\W", "_", relation_id)
        try:
            with hushed():
                frame = self._session.read.format(kind).options(**{**standard, **(options or {})}).load(location)
                frame.createOrReplaceTempView(name)
                self._session.table(name).schema  # noqa: B018  # Spark Connect looks at the files only now
        except self._error as error:
            if _class_of(error) == "PATH_NOT_FOUND":
                raise SourceError(f"there is nothing at the location of '{relation_id}'") from None
            raise SourceError(f"Spark cannot read the files of '{relation_id}' as {kind}", code="MK303") from None
        return (name,)

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        text = _as_subquery(query)
        return self._watched(lambda: self._session.sql(text).toArrow())

    def explain(self, query: str) -> str:
        """Return the plan; see `Driver.explain`."""
        text = _as_subquery(query)
        return str(self._watched(lambda: self._session.sql(f"EXPLAIN FORMATTED {text}").collect()[0][0]))

    def cancel(self) -> None:
        """Stop the jobs of the running statement; see `Driver.cancel`."""
        with self._turn:
            if self._is_running:
                self._is_cancelled = True
                with contextlib.suppress(*self._error):  # it has ended meanwhile
                    stop_tagged(self._session, self._tag)

    def close(self) -> None:
        """Let go; a session that was made here is stopped."""
        if self._given is not None:
            with contextlib.suppress(*self._error):
                self._given.stop()

    def _watched(self, work: Callable[[], T]) -> T:
        with self._timed(), hushed():
            tag(self._session, self._tag)
            try:
                return work()
            except self._error as error:
                raise self._explained(error) from None
            finally:
                with self._turn:
                    self._is_running = False
                untag(self._session, self._tag)

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        """Stop the statement when its time is over: Spark has no such limit."""
        with self._turn:
            self._is_running, self._is_cancelled, self._is_late = True, False, False
        timer = threading.Timer(self._seconds, self._stop_late) if self._seconds else None
        if timer:
            timer.start()
        try:
            yield
        finally:
            if timer:
                timer.cancel()

    def _stop_late(self) -> None:
        with self._turn:
            self._is_late = self._is_running
        if self._is_late:
            self.cancel()

    def _explained(self, error: Any) -> EngineError:
        if self._is_late:
            return StatementTimeoutError(
                f"no answer within {self._seconds:g} s", "raise --timeout, or narrow the check"
            )
        if self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        text = str(error)
        if any(sign in text for sign in _LOST):
            return told(LOST, None)
        return told(reason_of(text), self._seconds)

    def _not_there(self, called: str, parts: tuple[str, ...]) -> SourceError:
        """Say that a table is missing, and which one is probably meant."""
        try:
            known = [t.name for t in self._session.catalog.listTables(_quoted(*parts[:-1]) if parts[1:] else None)]
        except self._error:
            known = []
        return SourceError(f"there is no table '{called}'", did_you_mean(parts[-1], known) or "may this user read it?")


def _as_subquery(query: str) -> str:
    """Put a query into another: Spark takes `WITH ... INSERT` for one statement, and runs commands as soon as they are read."""
    return f"SELECT * FROM (\n{require_select(query)}\n)"


def _whole(found: Any, parts: tuple[str, ...]) -> tuple[str, ...]:
    outer = (*((found.catalog,) if found.catalog else ()), *(found.namespace or ()))
    return (*(outer or parts[:-1]), found.name)


def _quoted(*parts: str) -> str:
    return ".".join("`" + p.replace("`", "``") + "`" for p in parts)


def _class_of(error: Any) -> str:
    return str((error.getCondition() if hasattr(error, "getCondition") else "") or "")


def _unreached(error: Exception) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, ImportError):
        return "Spark Connect needs more packages", "run: pip install 'pyspark[connect]'"
    if isinstance(error, OSError):
        return "nothing listens there", ""
    if "JAVA" in text:
        return "it needs Java 17 or later", "install it, or set JAVA_HOME"
    return "the driver cannot connect", ""
