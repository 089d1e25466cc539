"""Several files at once: all staged, then each swapped in; what somebody else wrote is left alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import typer

from meshkit.cli.console import umask


def write_files(files: Mapping[Path, str], marker: str, *, force: bool, option: str) -> list[Path]:
    """Write files, and return those that changed.

    A file that is there is replaced if it is the same, or its first lines hold `marker`, or `force` is given.

    Raises:
        typer.BadParameter: A file that is not ours is there, or one cannot be written. Then none is changed, except that a
            failure while the staged files are swapped in leaves the ones before it in place.
    """
    changed = {
        path: text for path, text in files.items() if not _is_same(path, text, marker, force=force, option=option)
    }
    staged: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, text in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            staged.append((Path(name), path))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o666 & ~umask())
        for temporary, path in staged:
            temporary.replace(path)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise typer.BadParameter(f"{path} cannot be written: {reason}", param_hint=option) from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
    return list(changed)


def _is_same(path: Path, text: str, marker: str, *, force: bool, option: str) -> bool:
    """Tell whether a file holds the text already; refuse where it holds what is not ours."""
    try:
        there = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise typer.BadParameter(f"{path} cannot be written: {reason}", param_hint=option) from error
    if there == text:
        return True
    if not force and marker not in there[:400]:
        raise typer.BadParameter(f"{path} was not written by meshkit export; --force replaces it", param_hint=option)
    return False
