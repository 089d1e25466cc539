"""This process and this machine, as far as a run needs to know whether it is still at work; and the checkout's commit."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

TOO_OLD = timedelta(hours=24)
"""A run that began so long ago, and never ended, was interrupted."""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_BYTES = 1_000_000


def new_id() -> str:
    """Return a UUID of version 7: in the order of time, and of nothing else that tells who made it."""
    number = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | secrets.randbits(76)
    number = number & ~(3 << 62) | 2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def host() -> str:
    """Return a digest of the machine's name: it tells machines apart, and names none."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return hashlib.sha256(f"meshkit:{name}".encode()).hexdigest()[:16]


def is_gone(started: datetime, where: str | None, pid: int | None, now: datetime) -> bool:
    """Tell whether a run that never ended cannot be at work any more."""
    if now - started > TOO_OLD:
        return True
    return where == host() and pid is not None and not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # there, to ask is to end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def revision(folder: Path) -> str | None:
    """Return the commit that the checkout around a folder is at, read from git's files; None where it is not told."""
    here = folder.resolve()
    try:
        for place in (here, *here.parents):
            git = place / ".git"
            if git.is_file():  # a worktree: a file that names the folder
                git = place / _text(git).removeprefix("gitdir:").strip()
            if (git / "HEAD").is_file():
                return _commit(git)
    except (OSError, ValueError):
        pass
    return None


def _commit(git: Path) -> str | None:
    head = _text(git / "HEAD")
    if not head.startswith("ref: "):
        return head if _COMMIT.fullmatch(head) else None
    name = head.removeprefix("ref: ")
    if not name.startswith("refs/") or ".." in name:
        return None
    common = git / _text(git / "commondir") if (git / "commondir").is_file() else git
    for folder in (git, common):
        if (folder / name).is_file():
            found = _text(folder / name)
            return found if _COMMIT.fullmatch(found) else None
    packed = common / "packed-refs"
    lines = _text(packed).splitlines() if packed.is_file() else []
    return next((line[: -len(name) - 1] for line in lines if line.endswith(f" {name}") and _COMMIT.match(line)), None)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8").strip()
