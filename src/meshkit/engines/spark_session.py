"""Sessions of Spark: the one to work in, and one beside it whose settings are ours."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from meshkit.engines.base import Settings
from meshkit.engines.logins import CONNECT_SECONDS

ANSWERS: Mapping[str, str] = {
    # Times are read, cut and shown in UTC.
    "spark.sql.session.timeZone": "UTC",
    # What overflows, cannot be cast or is divided by zero is an error, not NULL or another number.
    "spark.sql.ansi.enabled": "true",
    # "x" is a text and `x` a name, as the SQL writer has it.
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    # A backslash escapes in a literal, as the SQL writer has it.
    "spark.sql.parser.escapedStringLiterals": "false",
    # TIMESTAMP without a word more is an instant.
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    # Names of columns in upper and lower case are the same.
    "spark.sql.caseSensitive": "false",
    # What cannot be read is an error, not fewer rows.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}
"""What a session is told, so that it answers as DuckDB does. The SQL writer counts on each of these."""

_CONNECT_PORT = 15002
_LOCAL: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
    "spark.log.level": "OFF",
}


def made(kind: Any, url: str, options: Mapping[str, str], settings: Settings) -> tuple[Any, bool]:
    """Return a session for an address, and whether it was made here.

    Args:
        kind: The class `SparkSession`.
        url: `spark`, `spark://host:7077` or `sc://...`.
        options: Settings of Spark, by their whole names.
        settings: Limits of a local session.
    """
    scheme, _, host = url.partition("://")
    if scheme == "sc":
        _knock(url)
        builder = kind.builder.remote(url).config(map=dict(options)) if options else kind.builder.remote(url)
        return builder.create(), True
    active = kind.getActiveSession()
    if active is not None and not host:
        return active, False
    builder = kind.builder.appName("meshkit")
    if host:
        builder = builder.master(url)
    else:
        builder = builder.master(os.environ.get("MASTER") or f"local[{settings.threads or '*'}]")
        if settings.memory:
            builder = builder.config("spark.driver.memory", settings.memory.lower().removesuffix("b").removesuffix("i"))
    for name, value in {**_LOCAL, **options}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session, True


def _knock(url: str) -> None:
    """Raise an `OSError` where nothing listens: Spark Connect would try again for minutes."""
    parts = urlsplit(url.partition(";")[0])
    with socket.create_connection((parts.hostname or "localhost", parts.port or _CONNECT_PORT), CONNECT_SECONDS):
        return


def failures() -> tuple[type[Exception], ...]:
    """Return what PySpark raises: its own errors, and those of the JVM and of the wire that it does not know."""
    found: list[type[Exception]] = [import_module("pyspark.errors").PySparkException]
    for module, name in (("py4j.protocol", "Py4JError"), ("grpc", "RpcError")):
        with contextlib.suppress(ImportError):  # Spark Connect needs no JVM, and a classic session no gRPC
            found.append(getattr(import_module(module), name))
    return tuple(found)


def apart(session: Any, *, is_own: bool) -> Any:
    """Return a session with the settings of `ANSWERS`.

    Args:
        session: One that the caller gave stays as it is: what is returned is a copy that sees the same tables and temporary views.
        is_own: Whether it was made here.
    """
    beside = session if is_own else _clone(session)
    for name, value in ANSWERS.items():
        if str(beside.conf.get(name)).casefold() != value.casefold():  # setting some warns, whatever the value
            beside.conf.set(name, value)
    return beside


def _clone(session: Any) -> Any:
    """Return a copy of a session: one of `newSession` would lack its temporary views."""
    if is_connected(session):
        _ = session.version  # a session that has asked nothing yet is not there to be copied
        return session.cloneSession()
    return type(session)(session.sparkContext, session._jsparkSession.cloneSession())


def is_connected(session: Any) -> bool:
    """Tell whether a session is one of Spark Connect."""
    return not hasattr(session, "_jsparkSession")


def tag(session: Any, name: str) -> None:
    """Give the jobs that this thread starts a name, by which they can be stopped."""
    (session.addTag if is_connected(session) else session.sparkContext.addJobTag)(name)


def untag(session: Any, name: str) -> None:
    """Take the name away again."""
    (session.removeTag if is_connected(session) else session.sparkContext.removeJobTag)(name)


def stop_tagged(session: Any, name: str) -> None:
    """Stop the jobs of a name, from any thread. `interruptTag` of a classic session does not reach what Arrow collects."""
    (session.interruptTag if is_connected(session) else session.sparkContext.cancelJobsWithTag)(name)


class Hush(logging.Filter):
    """Keeps what PySpark logs of a failed statement from the log: it quotes the rows' values. Other threads' lines pass."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line may pass."""
        return record.thread != self._thread


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Let PySpark log no error of this thread for a while."""
    kind = import_module("pyspark.logger").PySparkLogger  # a plain one of the same name would break PySpark's own calls
    loggers = [kind.getLogger(name) for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger")]
    hush = Hush()
    for logger in loggers:
        logger.addFilter(hush)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(hush)
