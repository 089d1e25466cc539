"""A mesh that is kept, and read again once its files have changed: for servers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from meshkit.loading.tree import yaml_files
from meshkit.mesh import Mesh, load

_Seen = frozenset[tuple[str, int, int, int]]
"""Name, time of change, size and number of each file."""


class Watch:
    """Keeps the mesh of a path. Threads may share it; one of them reads, and the others wait for it.

    What it returns is never older than `every_seconds`: access that was taken away in a file is gone with the next look.

    Args:
        path: The mesh folder, or one contract.
        every_seconds: How long no file is looked at after a look.
    """

    def __init__(self, path: str | os.PathLike[str], *, every_seconds: float = 1.0) -> None:
        self._path = Path(path)
        self._every = every_seconds
        self._lock = threading.Lock()
        self._mesh: Mesh | None = None
        self._seen: _Seen = frozenset()
        self._looked = 0.0

    def mesh(self) -> Mesh:
        """Return the mesh as its files are now.

        Raises:
            ContractError: The path is not there.
        """
        with self._lock:
            found = self._mesh
            if found is not None and time.monotonic() - self._looked < self._every:
                return found
            seen = self._look(found)
            if found is None or seen != self._seen:
                self._mesh = None  # where reading fails, nothing that is out of date is kept
                found = load(self._path)
                known = {sign[0] for sign in seen}  # what changes while it is read is read again at the next look
                self._seen = seen | {sign for sign in self._look(found) if sign[0] not in known}
                self._mesh = found
            self._looked = time.monotonic()
            return found

    def _look(self, mesh: Mesh | None) -> _Seen:
        return frozenset(_signs(_files(self._path, mesh)))


def _files(path: Path, mesh: Mesh | None) -> Iterator[Path]:
    """Yield the files that a mesh is made of, and those beside them that may come to be part of it."""
    if path.is_file():
        yield path
        path = path.parent
        yield from (path / name for name in ("meshkit.yaml", "meshkit.yml"))
    else:
        yield from yaml_files(path)
    root = f"{os.path.abspath(path)}{os.sep}"  # noqa: PTH100  # links stay as written
    elsewhere = {str(Path(f).parent) for f in _sources(mesh) if not os.path.abspath(f).startswith(root)}  # noqa: PTH100
    for folder in elsewhere:
        yield from yaml_files(Path(folder))


def _sources(mesh: Mesh | None) -> Iterator[str]:
    """Yield the files of products, and that of the settings, which may lie in other folders than the mesh's own."""
    if mesh is None or mesh.is_alone:
        return
    for product in mesh.products:
        yield from product.source.files
    settings = mesh.file_of("settings")
    if settings is not None:
        yield settings


def _signs(files: Iterable[Path]) -> Iterator[tuple[str, int, int, int]]:
    for file in files:
        try:
            found = file.stat()
        except OSError:  # it went, or a link leads nowhere: that is a change too
            continue
        yield str(file), found.st_mtime_ns, found.st_size, found.st_ino
