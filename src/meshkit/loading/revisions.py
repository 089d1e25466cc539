"""The files of a git revision, read through git itself, as the files of a mesh."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from meshkit.errors import ContractError, Place, UsageError
from meshkit.loading.settings_place import NAMES
from meshkit.loading.tree import MeshFiles, load_files

_TIMEOUT_SECONDS = 120
_OWN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
"""What git tells its hooks, and which would lead a later call into another repository."""


class _Blob(NamedTuple):
    path: PurePosixPath
    hash: str


def load_revision(revision: str, path: Path) -> MeshFiles:
    """Read what stood at `path` in a revision of the checkout that holds it; places are named `REVISION:path`.

    A folder that was not there yet is an empty mesh.

    Raises:
        UsageError: MK510 no checkout, or git cannot be run; MK511 no such revision, or a file that it does not have.
    """
    here = Path(os.path.realpath(path))
    folder = here if here.is_dir() else here.parent
    if not folder.is_dir():
        raise ContractError(f"'{path}' is not there", "give a mesh folder or a contract's file", code="MK108")
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n"))
    commit = _commit(folder, revision)
    inside = PurePosixPath(here.relative_to(os.path.realpath(top)).as_posix())
    with tempfile.TemporaryDirectory(prefix="meshkit-") as name:
        root = Path(os.path.realpath(name))
        _write(root, top, _blobs(top, commit, inside))
        wanted = root / inside
        if not wanted.exists():
            if here.is_file():
                raise UsageError(
                    f"'{path}' is not in revision '{revision}'", "it is new; nothing can have changed", code="MK511"
                )
            wanted.mkdir(parents=True)
        if _spans(wanted):  # folders that it names may stand anywhere in the checkout
            _write(root, top, _blobs(top, commit, PurePosixPath()))
        return labelled(load_files(wanted, beside=here), root, revision)


def _spans(folder: Path) -> bool:
    """Tell whether a mesh may name other folders; those are read only then."""
    files = [folder / name for name in NAMES]
    return any(word in file.read_bytes() for file in files if file.is_file() for word in (b"extends", b"sources"))


def _commit(folder: Path, revision: str) -> str:
    if not revision or revision.startswith("-"):
        raise UsageError(f"'{revision}' is no revision", "name a branch, tag or commit", code="MK511")
    try:
        found = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except UsageError:
        raise UsageError(f"there is no revision '{revision}' in this checkout",
                         "name a branch, tag or commit; git fetch brings those that are elsewhere", code="MK511") from None  # fmt: skip
    return found.decode("ascii").strip()


def _blobs(top: Path, commit: str, inside: PurePosixPath) -> Iterator[_Blob]:
    """Yield the YAML files below a path of a commit; links and sub-modules are left out, as are names that lead outside."""
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", str(inside))
    for line in listed.decode("utf-8", "surrogateescape").split("\0"):
        about, _, name = line.partition("\t")
        mode, kind, digest = [*about.split(), "", "", ""][:3]
        path = PurePosixPath(name)
        is_wanted = name.endswith((".yaml", ".yml")) or path == inside
        if kind == "blob" and mode != "120000" and is_wanted and ".." not in path.parts:
            yield _Blob(path, digest)


def _write(root: Path, top: Path, blobs: Iterator[_Blob]) -> None:
    """Write blobs below `root`, read by one call of git."""
    wanted = list(blobs)
    found = _git(top, "cat-file", "--batch", given="".join(f"{b.hash}\n" for b in wanted).encode())
    start = 0
    for blob in wanted:
        end = found.index(b"\n", start)
        size = int(found[start:end].split()[2])
        target = root / blob.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(found[end + 1 : end + 1 + size])
        start = end + size + 2


def labelled(files: MeshFiles, root: Path, name: str) -> MeshFiles:
    """Name each file by where it was taken from, such as a revision, instead of the temporary folder."""

    def label(file: str) -> str:
        real = Path(os.path.realpath(file))
        return f"{name}:{real.relative_to(root).as_posix()}" if real.is_relative_to(root) else file

    def moved(place: Place) -> Place:
        return Place(label(place.file), place.line, place.column)

    products = []
    for product in files.products:
        problems = tuple(p.model_copy(update={"place": moved(p.place)}) for p in product.problems)
        product.source.file = label(product.source.file)
        products.append(product._replace(problems=problems))
    others = [p.model_copy(update={"place": moved(p.place)}) for p in files.problems]
    return files._replace(products=products, problems=others)


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    environment = {k: v for k, v in os.environ.items() if k not in _OWN}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command: Sequence[str] = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(  # noqa: S603  # a fixed list, no shell
            command, input=given, capture_output=True, check=False, env=environment, timeout=_TIMEOUT_SECONDS
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed", "install it, or compare two folders", code="MK510") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git gave no answer in {_TIMEOUT_SECONDS} seconds", "", code="MK510") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        is_outside = "not a git repository" in said
        what = f"'{folder}' is in no git checkout" if is_outside else f"git: {said.removeprefix('fatal: ')}"
        raise UsageError(what, "give two files or folders instead" if is_outside else "", code="MK510")
    return done.stdout
