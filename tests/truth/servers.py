"""Database servers of our own, each in a folder of its own, for as long as a suite runs."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_SECONDS = 60


class MissingError(Exception):
    """An engine is not here; the message says what brings it."""


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server; what is given is how to reach it.

    Raises:
        MissingError: Its binaries, or the driver, are not here.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingError("pip install 'psycopg[binary]'") from error
    binaries = _postgres_binaries()
    with _folder("postgres") as (folder, user):
        data, port = folder / "data", _free_port()
        _run([f"{binaries}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        command = [f"{binaries}/pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options]
        _run([*command, "start"], user)
        try:
            yield f"host=127.0.0.1 port={port} user=postgres"
        finally:
            _run([f"{binaries}/pg_ctl", "-D", str(data), "-m", "immediate", "stop"], user)


def _postgres_binaries() -> Path:
    if shutil.which("pg_config"):
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folder = Path(found.stdout.strip())
        if (folder / "initdb").is_file():
            return folder
    on_path = shutil.which("initdb")
    if on_path is None:
        raise MissingError("the PostgreSQL server's binaries, by pg_config --bindir or on the PATH")
    return Path(on_path).resolve().parent


@contextmanager
def mariadb() -> Iterator[Mapping[str, object]]:
    """Start a MariaDB server; what is given is how to log in.

    Raises:
        MissingError: Its binaries are not here.
    """
    server, installer = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if server is None or installer is None:
        raise MissingError("the MariaDB server's binaries, on the PATH")
    with _folder("mysql") as (folder, user):
        data, path = folder / "data", folder / "socket"
        _run([installer, f"--datadir={data}", "--auth-root-authentication-method=normal", "--no-defaults"], user)
        options = [f"--datadir={data}", f"--socket={path}", "--skip-networking", f"--pid-file={folder / 'pid'}"]
        process = subprocess.Popen(
            [server, "--no-defaults", *options], user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + _PATIENCE_SECONDS
            while not path.exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise MissingError("a MariaDB server that starts")
                time.sleep(0.1)
            yield {"unix_socket": str(path), "user": "root"}
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_SECONDS)


@contextmanager
def _folder(owner: str) -> Iterator[tuple[Path, str | None]]:
    """Make a folder for a server; it belongs to `owner` where we are root, as whom no server starts."""
    with tempfile.TemporaryDirectory(prefix="truth-") as text:
        folder, user = Path(text), None
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = owner if owner in names else "nobody"
            folder.chmod(0o755)
            shutil.chown(folder, user)
        yield folder, user


def _run(command: list[str], user: str | None) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise MissingError(f"{Path(command[0]).name} that works: {(done.stderr or done.stdout).strip()[-200:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
