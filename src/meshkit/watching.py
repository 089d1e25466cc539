"""A mesh that is kept, and read again once its files have changed: for servers."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from meshkit.mesh import Mesh, load

Sign = tuple[str, int, int, int]
"""A file's name, time of change, size and number."""


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
        self._seen: frozenset[Sign] = frozenset()
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

    def _look(self, mesh: Mesh | None) -> frozenset[Sign]:
        return frozenset(_look_at(self._path, mesh))


def _look_at(path: Path, mesh: Mesh | None) -> Iterator[Sign]:
    """Yield signs of the files that a mesh is made of, and of those beside them that may come to be part of it."""
    if path.is_file():
        yield from _signs((path, path.parent / "meshkit.yaml", path.parent / "meshkit.yml"))
        path = path.parent
    else:
        yield from _signs_below(str(path))
    if mesh is None or mesh.is_alone:
        return
    settings = mesh.file_of("settings")  # of a folder above, it may be: that is not walked
    if settings is not None:
        yield from _signs((Path(settings),))
    root = f"{os.path.abspath(path)}{os.sep}"  # noqa: PTH100  # links stay as written
    files = (os.path.abspath(f) for p in mesh.products for f in p.source.files)  # noqa: PTH100
    for folder in {os.path.dirname(f) for f in files if not f.startswith(root)}:  # noqa: PTH120
        yield from _signs_below(folder)


def _signs(files: Iterable[Path]) -> Iterator[Sign]:
    for file in files:
        with contextlib.suppress(OSError):  # it went, or a link leads nowhere: that is a change too
            found = file.stat()
            yield str(file), found.st_mtime_ns, found.st_size, found.st_ino


def _signs_below(folder: str) -> Iterator[Sign]:
    """Yield signs of the files that `loading.tree.yaml_files` names; a walk of its own, since it is made every second."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _signs_below(entry.path)
            elif entry.name.endswith((".yaml", ".yml")):
                with contextlib.suppress(OSError):  # as above
                    found = entry.stat()
                    yield entry.path, found.st_mtime_ns, found.st_size, found.st_ino
