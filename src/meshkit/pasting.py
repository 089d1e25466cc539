"""Contracts that somebody pasted: read and linted in a process of their own, which has no secrets, writes nothing and ends in time."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from meshkit.errors import Place, UsageError
from meshkit.loading.published import files_of
from meshkit.mesh import Mesh, load
from meshkit.model.base import Document
from meshkit.model.problem import Problem
from meshkit.product import Product

MOST_BYTES = 256 * 1024
"""The longest text; the largest contract of a product of 1,000 columns is half of that."""
SECONDS = 20.0
_MEMORY = 4 * 2**30
_FILE = "contract.yaml"
_MESH_FILES = ("organization", "platform", "governance")
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from meshkit.pasting import main; main(sys.argv[2])"


class Pasted(Document):
    """What is to be said of a text.

    Attributes:
        product: The id that it states; empty = it is no contract.
        problems: What is wrong with it; their file is `contract.yaml`.
    """

    product: str = ""
    version: str = ""
    problems: tuple[Problem, ...] = ()


def look_at(text: str, mesh: Mesh, beside: Sequence[Product], *, timeout_seconds: float = SECONDS) -> Pasted:
    """Return what is wrong with a contract's text.

    Args:
        text: The text, in any form of contract. Nobody vouches for it.
        mesh: The mesh that it is to be part of: the domains, teams and policies count that its own files name.
        beside: Products of it that the text may name; of the others it knows nothing.
        timeout_seconds: How long it may take.

    Raises:
        UsageError: It is too long, cannot be written as UTF-8, or takes too long.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > MOST_BYTES:
        raise UsageError(f"the text is larger than {MOST_BYTES // 1024} KiB", "put it in a file, and run meshkit lint")
    with tempfile.TemporaryDirectory(prefix="meshkit-") as name:
        folder = Path(os.path.realpath(name))
        (folder / _FILE).write_bytes(raw)
        for kind in _MESH_FILES:
            if mesh.file_of(kind) is not None and len(mesh.source_of(kind).files) == 1:
                _write(folder, {f"{kind}.yaml": mesh.source_of(kind).text})
        ids = [p.head.product_id for p in beside]
        for number, product in enumerate(beside):
            _write(folder / str(number), files_of(product.source, mesh.root))
        return _asked(folder, _Task(beside=tuple(ids), seconds=timeout_seconds))


class _Task(Document):
    """What the process is told: the ids of the products in the folders `0`, `1`, ..."""

    beside: tuple[str, ...]
    seconds: float


def main(folder: str) -> None:
    """Be the process: read a task from standard input, and write what is to be said to standard output."""
    task = _Task.model_validate_json(sys.stdin.buffer.read())
    _limit(task.seconds)
    found = _look(Path(folder), task.beside)
    sys.stdout.write(found.model_dump_json())


def _look(folder: Path, beside: Sequence[str]) -> Pasted:
    alone = load(folder / _FILE)
    if not alone.products:
        return Pasted(problems=_named(alone.problems, folder))
    head = alone.products[0].head
    for number, product in enumerate(beside):
        if product == head.product_id:  # the text is to take its place
            shutil.rmtree(folder / str(number))
    mesh = load(folder)
    key = mesh.catalog.key(alone.products[0].head)
    return Pasted(product=head.product_id, version=head.version, problems=_named(mesh.lint(products=[key]), folder))


def _named(problems: Sequence[Problem], folder: Path) -> tuple[Problem, ...]:
    """Return the problems of the text, without the folder that it lies in."""
    own = [p for p in problems if Path(p.place.file).resolve() == folder / _FILE]
    return tuple(p.model_copy(update={"place": Place(_FILE, p.place.line, p.place.column)}) for p in own)


def _asked(folder: Path, task: _Task) -> Pasted:
    """Let a process look, without this one's environment, and end it when its time is over."""
    command = [sys.executable, "-I", "-B", "-c", _START, json.dumps(sys.path), str(folder)]
    environment = {"MESHKIT_CACHE": "off", "MESHKIT_STORE": "off", "PYDANTIC_DISABLE_PLUGINS": "1"}
    if sys.platform == "win32":  # sockets and random numbers need it there
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
    try:
        done = subprocess.run(  # noqa: S603  # this interpreter, fixed code
            command, input=task.model_dump_json().encode(), capture_output=True, check=False, env=environment,
            cwd=folder, timeout=task.seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageError(f"the text was not read within {task.seconds:g} s", "is it a contract? shorten it") from None
    if done.returncode or not done.stdout:
        raise UsageError("the text cannot be read within the limits of memory and time", "is it a contract? shorten it")
    return Pasted.model_validate_json(done.stdout)


def _limit(seconds: float) -> None:
    """Take from this process what it does not need, where the system can."""
    try:
        import resource  # Windows has none
    except ImportError:
        return
    whole = int(seconds) + 1
    for kind, most in (
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _MEMORY),
    ):
        with contextlib.suppress(ValueError, OSError):  # one that is lower already stays
            resource.setrlimit(kind, (most, most))


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogatepass"))
