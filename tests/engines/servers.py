"""Private database servers, each started when it is first asked for, from the binaries that are on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

POSTGRES_MISSING = "PostgreSQL is not installed: apt install postgresql"
MARIADB_MISSING = "MariaDB is not installed: apt install mariadb-server"
_PATIENCE_SECONDS = 60


class Server(NamedTuple):
    """A server that is up.

    Attributes:
        url: Of its database, as `--engine` takes it.
        port: On 127.0.0.1.
        socket: Folder or file of its socket.
    """

    url: str
    port: int
    socket: str


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A private PostgreSQL server; the user `owner` may do anything. Its own zone is not UTC, and `careful` needs a password."""
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip(POSTGRES_MISSING)
    with _folder("postgres") as (folder, user):
        data, port = folder / "data", _free_port()
        _run(
            [binaries / "initdb", "-D", data, "-A", "trust", "-U", "owner", "-E", "UTF8", "--locale=C", "--no-sync"],
            user,
            folder,
        )
        access = data / "pg_hba.conf"
        access.write_text("host all careful 127.0.0.1/32 scram-sha-256\n" + access.read_text())
        options = {
            "timezone": "Asia/Tokyo",
            "fsync": "off",
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "shared_buffers": "32MB",
        }
        command = [binaries / "postgres", "-D", data, "-p", str(port), *(f"-c{k}={v}" for k, v in options.items())]
        with _started(command, user, folder) as log:
            ask = [
                binaries / "psql",
                "-h",
                folder,
                "-p",
                str(port),
                "-U",
                "owner",
                "-d",
                "postgres",
                "-qc",
                "CREATE DATABASE shop",
            ]
            _wait_for(ask, user, folder, log)
            yield Server(f"postgresql://owner@127.0.0.1:{port}/shop", port, str(folder))


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A private MariaDB server; the user `owner` may do anything, without a password. Its own zone is not UTC."""
    binary, install, client = (_which(n) for n in ("mariadbd", "mariadb-install-db", "mariadb"))
    if binary is None or install is None or client is None:
        pytest.skip(MARIADB_MISSING)
    with _folder("mysql") as (folder, user):
        data, port, place = folder / "data", _free_port(), folder / "s"
        own = ["--no-defaults", f"--datadir={data}"]
        _run([install, *own, "--auth-root-authentication-method=normal", "--skip-test-db"], user, folder)
        fast = [
            "--default-time-zone=+09:00",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-fast-shutdown=2",
            "--skip-log-bin",
            "--innodb-buffer-pool-size=32M",
        ]
        command = [
            binary,
            *own,
            f"--socket={place}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--pid-file={folder}/pid",
            *fast,
        ]
        with _started(command, user, folder) as log:
            setup = "CREATE DATABASE shop; CREATE USER owner@'%'; GRANT ALL ON *.* TO owner@'%'; CREATE USER owner@localhost; GRANT ALL ON *.* TO owner@localhost"
            _wait_for([client, "--no-defaults", f"--socket={place}", "-uroot", "-e", setup], user, folder, log)
            yield Server(f"mysql://owner@127.0.0.1:{port}/shop", port, str(place))


def _postgres_binaries() -> Path | None:
    config = shutil.which("pg_config")
    if config:
        folder = Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    found = shutil.which("postgres")
    return Path(found).parent if found and shutil.which("initdb") else None


def _which(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def _folder(preferred: str) -> Iterator[tuple[Path, str | None]]:
    """A short path, for sockets, that belongs to whom the server runs as: root may not run one."""
    folder = Path(tempfile.mkdtemp(prefix="mk", dir="/tmp"))
    user = _unprivileged(preferred) if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    try:
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(preferred: str) -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return preferred if preferred in names else "nobody"


def _run(command: list[object], user: str | None, folder: Path) -> None:
    words = [str(w) for w in command]
    done = subprocess.run(words, user=user, cwd=folder, env=_environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def _started(command: list[object], user: str | None, folder: Path) -> Iterator[Path]:
    log = folder / "log"
    with log.open("w") as out:
        words = [str(w) for w in command]
        server = subprocess.Popen(
            words, user=user, cwd=folder, env=_environment(folder), stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )  # fmt: skip
        try:
            yield log
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(command: list[object], user: str | None, folder: Path, log: Path) -> None:
    """Ask until the server answers."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        words = [str(w) for w in command]
        done = subprocess.run(words, user=user, cwd=folder, env=_environment(folder), capture_output=True, text=True)
        if done.returncode == 0:
            return
        assert time.monotonic() < until, done.stderr + log.read_text(errors="replace")
        time.sleep(0.05)


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "") + ":/usr/sbin", "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
