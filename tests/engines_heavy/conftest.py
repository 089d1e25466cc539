"""Engines whose drivers are heavy: chdb, Spark, and Snowflake's emulator. Collected by `make engines` only."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
collect_ignore_glob = [] if os.environ.get("MESHKIT_ENGINES") else ["test_*"]
_PATIENCE_SECONDS = 60


def pytest_configure(config: pytest.Config) -> None:
    """Let warnings pass that are the drivers' own."""
    for line in (
        "ignore:PySpark does not yet fully support pandas:FutureWarning",
        "ignore:unclosed:ResourceWarning",
        "ignore::DeprecationWarning:pyspark.*",
        "ignore::DeprecationWarning:google.*",
        "ignore::pytest.PytestUnraisableExceptionWarning",
    ):
        config.addinivalue_line("filterwarnings", line)


def lacking(what: str) -> None:
    """Skip by name, or fail where every engine must be there."""
    if os.environ.get("MESHKIT_REQUIRE_ENGINES"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chdb_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The one session of chdb in this process, over a folder."""
    if find_spec("chdb") is None:
        lacking("chdb is not installed: make engines")
    from chdb.session import Session

    found = Session(str(tmp_path_factory.mktemp("chdb")))
    yield found
    found.close()


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A local session whose settings are not ours: Tokyo's time, no ANSI."""
    _require_spark()
    from pyspark.sql import SparkSession

    found = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "OFF")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.sql.session.timeZone", "Asia/Tokyo")
        .config("spark.sql.ansi.enabled", "false")
        .getOrCreate()
    )
    yield found
    found.stop()


def _require_spark() -> None:
    if find_spec("pyspark") is None:
        lacking("pyspark is not installed: make engines")
    try:
        subprocess.run(["java", "-version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        lacking("Spark needs Java 17: apt install default-jre-headless")


@pytest.fixture(scope="session")
def spark_connect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of Spark Connect, in a process of its own."""
    _require_spark()
    port, folder = free_port(), tmp_path_factory.mktemp("connect")
    code = f"""
import sys
from pyspark.sql import SparkSession
s = (SparkSession.builder.master("local[2]").config("spark.plugins", "org.apache.spark.sql.connect.SparkConnectPlugin")
     .config("spark.connect.grpc.binding.port", "{port}").config("spark.connect.grpc.binding.address", "127.0.0.1")
     .config("spark.ui.enabled", "false").config("spark.log.level", "OFF").config("spark.driver.host", "127.0.0.1")
     .config("spark.driver.bindAddress", "127.0.0.1").config("spark.sql.shuffle.partitions", "2")
     .config("spark.sql.warehouse.dir", {str(folder)!r}).getOrCreate())
s.sql("CREATE TABLE orders AS SELECT 1 AS id, DATE'1950-02-03' AS day")
print("ready", flush=True)
sys.stdin.read()
"""
    with _process([sys.executable, "-c", code], folder) as server:
        assert server.stdout is not None
        said = server.stdout.readline().strip()
        while said and said != "ready":
            said = server.stdout.readline().strip()
        assert said == "ready", (folder / "log").read_text()
        yield f"sc://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def snowflake_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of Snowflake's emulator, which runs in an environment of its own: it pins sqlglot and duckdb."""
    if find_spec("snowflake") is None:
        lacking("snowflake-connector-python is not installed: make engines")
    python = Path(os.environ.get("MESHKIT_FAKESNOW", ROOT / ".venv-fakesnow" / "bin" / "python")).absolute()
    if not python.exists():
        lacking("fakesnow is not installed: make engines")
    port, folder = free_port(), tmp_path_factory.mktemp("fakesnow")
    command = [str(python), "-m", "uvicorn", "fakesnow.server:app", "--port", str(port), "--log-level", "warning"]
    with _process(command, folder) as server:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not _is_up(port):
            assert server.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.1)
        yield f"snowflake://fake:snow@fakesnow/SHOP/PUBLIC?host=127.0.0.1&port={port}&protocol=http"


@contextlib.contextmanager
def _process(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            yield server
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            for pipe in (server.stdin, server.stdout):
                if pipe is not None:
                    pipe.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _is_up(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
