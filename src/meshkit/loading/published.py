"""The files of published contracts, as the files of a mesh."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from meshkit.errors import ContractError
from meshkit.loading.revisions import labelled
from meshkit.loading.source import Source
from meshkit.loading.tree import MeshFiles, load_files

_LABEL = "published"


def load_published(contracts: Iterable[Mapping[str, str]]) -> MeshFiles:
    """Read contracts as they were published; places are named `published:NUMBER/path`.

    Args:
        contracts: The files of each: path from the mesh folder on -> text.

    Raises:
        ContractError: MK108, a path leads elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="meshkit-") as name:
        root = Path(os.path.realpath(name))
        for number, files in enumerate(contracts, 1):
            for path, text in files.items():
                inside = PurePosixPath(path)
                if inside.is_absolute() or ".." in inside.parts or not inside.parts:
                    raise ContractError("a published contract has a path that leads elsewhere", "", code="MK108")
                target = root / str(number) / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode("utf-8", "surrogatepass"))
        return labelled(load_files(root), root, _LABEL)


def files_of(source: Source, root: Path) -> dict[str, str]:
    """Return the files that a contract is made of: path from the mesh folder on -> text."""
    found: dict[str, str] = {}
    for one in (source, *getattr(source, "owned", ())):
        path = os.path.relpath(one.file, root)
        inside = Path(path).name if path.startswith("..") or Path(path).is_absolute() else Path(path).as_posix()
        found[f"{len(found)}-{inside}" if inside in found else inside] = one.text
    return found
