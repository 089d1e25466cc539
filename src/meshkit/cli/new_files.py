"""New files, all of them or none, and nothing that exists overwritten."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from meshkit.errors import UsageError

_LISTED = 8


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder: staged beside it first, then put in place. What goes wrong leaves nothing behind.

    Args:
        folder: Where; it is made if it is not there.
        files: Relative path -> text.

    Raises:
        UsageError: One of the files exists, or the folder cannot be written.
    """
    _refuse_existing(folder, files)
    try:
        anchor = next(p for p in (folder, *folder.absolute().parents) if p.is_dir())
        stage = Path(tempfile.mkdtemp(prefix=".meshkit-", dir=anchor))
        try:
            for name, text in files.items():
                (stage / name).parent.mkdir(parents=True, exist_ok=True)
                (stage / name).write_text(text, encoding="utf-8")
            _put_in_place(stage, folder, list(files))
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise UsageError(f"'{folder}' cannot be written: {reason}", "give another folder") from error


def _refuse_existing(folder: Path, files: Mapping[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is no folder", "give a folder")
    there = [name for name in files if os.path.lexists(folder / name)]
    if there:
        more = f" and {len(there) - _LISTED} more" if len(there) > _LISTED else ""
        raise UsageError(
            f"'{folder}' already has {', '.join(there[:_LISTED])}{more}", "nothing was written; move it, or choose another folder"
        )  # fmt: skip


def _put_in_place(stage: Path, folder: Path, names: list[str]) -> None:
    """Link staged files to their names, which fails where one has come to be; on any interruption take all back."""
    made: list[Path] = []
    try:
        for name in names:
            target = folder / name
            for parent in reversed([target.parent, *target.parent.parents]):
                if not parent.exists():
                    made.append(parent)
                    parent.mkdir()
            _place(stage / name, target)
            made.append(target)
    except BaseException:
        for path in reversed(made):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            else:
                path.unlink(missing_ok=True)
        raise


def _place(staged: Path, target: Path) -> None:
    try:
        os.link(staged, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise
        staged.rename(target)
