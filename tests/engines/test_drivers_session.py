"""A session over an engine's tables: connections, threads, Ctrl-C, and what stands in no message."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pytest
from servers import Server

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address, Capabilities, Driver
from meshkit.engines.registry import address, connect
from meshkit.engines.tables import TableSession
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError, UsageError
from meshkit.model.relation import SeenColumn


class Scripted:
    """A driver that answers `SELECT 1`, waits for `cancel` at `WAIT`, and loses its connection at `LOSE`."""

    dialect = "scripted"
    version = "scripted 1"

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.cancelled = threading.Event()
        self.waits = threading.Event()
        self.is_closed = False
        self.looks = 0

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        self.looks += 1
        if parts == ("gone",):
            raise SourceError("there is no table 'gone'")
        return ("main", *parts), (SeenColumn("a", "BIGINT"),)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        return 7

    def execute(self, query: str) -> pa.Table:
        if query == "LOSE":
            error = EngineError("the connection was lost")
            error.is_transient = True
            raise error
        if query == "BAD":
            raise EngineError("no such function")
        if query == "WAIT":
            self.waits.set()
            assert self.cancelled.wait(20)
            self.cancelled.clear()
            raise InterruptedRunError("interrupted before it had an answer")
        return pa.table({"a": [1]})

    def explain(self, query: str) -> str:
        return f"plan of {query}"

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def opened() -> Iterator[Callable[..., tuple[TableSession, list[Scripted]]]]:
    sessions: list[TableSession] = []

    def make(*, settings: Settings | None = None, **can: bool) -> tuple[TableSession, list[Scripted]]:
        drivers: list[Scripted] = []

        def open_one() -> Driver:
            drivers.append(Scripted(Capabilities(**can)))
            return drivers[-1]

        names = {"d.p.t": ("t",), "d.p.gone": ("gone",)}
        sessions.append(TableSession(open_one, names, settings or Settings()))
        return sessions[-1], drivers

    yield make
    for session in sessions:
        session.close()


def test_a_relation_is_looked_at_once_and_errors_are_kept(opened):
    session, (driver,) = opened()
    for _ in range(2):
        assert session.see("d.p.t").columns == (SeenColumn("a", "BIGINT"),)
        assert session.stored("d.p.t").parts == ("main", "t")
        with pytest.raises(SourceError, match="no table 'gone'"):
            session.see("d.p.gone")
    assert driver.looks == 2
    assert (session.see("d.p.t").format, session.see("d.p.t").rows) == ("table", 7)
    with pytest.raises(SourceError, match=r"no table of scripted is named for 'd\.p\.other'"):
        session.see("d.p.other")


def test_what_tables_have_not_is_not_offered(opened):
    session, _ = opened()
    assert session.can_hash is False
    assert session.files("d.p.t") is None
    assert session.statistics("d.p.t", ["a"]) is None
    assert session.part("d.p.t", [], "x", "file") is False
    for call in (lambda: session.define("x", "SELECT 1"), lambda: session.describe("x")):
        with pytest.raises(EngineError, match="nothing is made in scripted"):
            call()


def test_answers_come_as_rows_and_batches(opened):
    session, _ = opened()
    assert session.rows("SELECT 1") == (("a",), ("BIGINT",), [(1,)])
    batches: list[pa.RecordBatch] = []
    session.fold("SELECT 1", batches.append)
    assert [b.num_rows for b in batches] == [1]
    assert session.explain("SELECT 1") == "plan of SELECT 1"
    assert session.try_out("SELECT 1") == ""
    assert session.try_out("BAD") == "no such function"


def test_a_lost_connection_is_closed_and_the_next_statement_opens_another(opened):
    session, drivers = opened()
    with pytest.raises(EngineError, match="lost") as caught:
        session.rows("LOSE")
    assert caught.value.is_transient
    assert session.rows("SELECT 1").rows == [(1,)]
    assert [d.is_closed for d in drivers] == [True, False]
    with pytest.raises(EngineError):
        session.rows("BAD")
    assert len(drivers) == 2


def wait_side_by_side(session: TableSession, drivers: list[Scripted], count: int) -> int:
    """Run statements that wait, until all that can have begun; return how many those are."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(session.rows, "WAIT") for _ in range(count)]
        until = time.monotonic() + 0.5
        while time.monotonic() < until and sum(d.waits.is_set() for d in drivers) < count:
            time.sleep(0.01)
        begun = sum(d.waits.is_set() for d in drivers)
        while not all(f.done() for f in futures):
            session.interrupt()
            time.sleep(0.01)
        assert all(isinstance(f.exception(), InterruptedRunError) for f in futures)
    return begun


def test_statements_run_side_by_side_where_the_engine_can(opened):
    session, drivers = opened(is_concurrent=True, settings=Settings(threads=3))
    assert wait_side_by_side(session, drivers, 5) == 3
    assert len(drivers) == 3
    session.close()
    assert all(d.is_closed for d in drivers)


def test_statements_take_turns_where_the_engine_cannot(opened):
    session, drivers = opened(settings=Settings(threads=3))
    assert wait_side_by_side(session, drivers, 2) == 1
    assert len(drivers) == 1


def test_the_session_watches_the_time_where_the_engine_does_not(opened):
    session, _ = opened(settings=Settings(timeout_seconds=0.1))
    with pytest.raises(StatementTimeoutError, match=r"no answer within 0\.1 s"):
        session.rows("WAIT")
    assert session.rows("SELECT 1").rows == [(1,)]


def interrupted_after(seconds: float, work: Callable[[], object], *, goes_on: bool = False) -> float:
    """Send Ctrl-C to the main thread, which waits for `work`; return how long it took.

    With `goes_on`, a wait without end is taken up again after the signal, as under handlers that libraries install.
    """
    timer = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    if goes_on:
        signal.siginterrupt(signal.SIGINT, False)
    started = time.monotonic()
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    return time.monotonic() - started


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_ctrl_c_is_heard_and_stops_the_statement(opened):
    session, (driver,) = opened()
    assert interrupted_after(0.2, lambda: session.rows("WAIT")) < 10
    assert session.rows("SELECT 1").rows == [(1,)]
    assert not driver.is_closed


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_ctrl_c_is_heard_where_a_library_has_a_handler_that_lets_waits_go_on(opened):
    session, _ = opened()
    assert interrupted_after(0.2, lambda: session.rows("WAIT"), goes_on=True) < 10  # else WAIT ends after 20 s


@pytest.mark.parametrize(("engine", "sleep"), [("postgres", "SELECT pg_sleep(30)"), ("mariadb", "SELECT sleep(30)")])
def test_ctrl_c_reaches_the_server(request, engine, sleep):
    server: Server = request.getfixturevalue(engine)
    session = TableSession(lambda: connect(address(server.url), Settings()), {}, Settings())
    assert interrupted_after(0.3, lambda: session.rows(sleep)) < 10
    assert session.rows("SELECT 1").rows == [(1,)]
    session.close()


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [("postgresql://x/y", "adbc-driver-postgresql", "postgres"), ("mysql://x/y", "pymysql", "mysql")],
)
def test_a_missing_driver_says_which_pip_install_mends_it(monkeypatch, url, package, extra):
    def without(name: str) -> object:
        raise ImportError(name)

    for module in ("postgres", "mysql"):
        monkeypatch.setattr(import_module(f"meshkit.engines.{module}"), "import_module", without)
    with pytest.raises(EngineError, match=f"{package} is not installed") as caught:
        connect(address(url), Settings())
    assert caught.value.code == "MK301"
    assert caught.value.hint == f"run: pip install 'meshkit[{extra}]'"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db:5432/shop?sslmode=require&sslpassword=secret", "postgresql://db:5432/shop"),
        ("postgresql://me:sec@ret@db/shop", "postgresql://db/shop"),
        ("postgresql://me:sec/ret@db/shop", "postgresql://db/shop"),
        ("postgresql://me:sec?ret@db/shop", "postgresql"),
        ("postgresql://db/shop?password=sec@ret", "postgresql"),
        ("spark", "spark"),
    ],
)
def test_an_address_shows_no_secret(url, shown):
    where = address(url, {"password": "secret"})
    assert where.shown == shown
    assert f"{where}" == repr(where) == f"Address({shown})"
    assert isinstance(where, Address)


def test_an_engine_that_is_not_reached_raises_when_the_session_is_opened(tmp_path: Path):
    with pytest.raises(EngineError) as caught:
        TableSession(lambda: connect(address(f"sqlite:///{tmp_path}/no.db"), Settings()), {}, Settings())
    assert caught.value.code == "MK311"
    with pytest.raises(UsageError):
        address("postgre://x")
