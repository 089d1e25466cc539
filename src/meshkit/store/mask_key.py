"""The secret by which masked values are hashed: equal values stay equal within a mesh, and nobody can hash guesses."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from meshkit.errors import AccessError
from meshkit.store.place import FOLDER, make_folder

VARIABLE = "MESHKIT_MASK_KEY"
_FILE = "mask.key"
_LEAST = 32


def mask_key(mesh: Path, environment: Mapping[str, str]) -> str:
    """Return the secret of a mesh: the variable MESHKIT_MASK_KEY, else that of MESH/.meshkit/mask.key, which is made at once.

    Raises:
        AccessError: MK606, it is too short, or cannot be read or made.
    """
    given = environment.get(VARIABLE, "")
    path = mesh / FOLDER / _FILE
    try:
        key = given or (path.read_text(encoding="ascii").strip() if path.exists() else _made(path))
    except (OSError, UnicodeDecodeError) as error:
        what = f"the key of masks cannot be read or made: {path}"
        raise AccessError(what, f"set {VARIABLE}, or let the folder be written", code="MK606") from error
    if len(key) < _LEAST:
        where = VARIABLE if given else str(path)
        raise AccessError(
            f"the key of masks in {where} is shorter than {_LEAST} characters", "make a longer one", code="MK606"
        )
    return key


def _made(path: Path) -> str:
    """Write a new key whole, or return the one that another process wrote first."""
    make_folder(path.parent)
    staged = path.with_name(f"{_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        os.link(staged, path)  # fails where another process was first: its key holds
    except FileExistsError:
        pass
    finally:
        staged.unlink()
    return path.read_text(encoding="ascii").strip()
