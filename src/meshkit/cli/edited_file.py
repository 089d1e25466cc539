"""A file of the user's own that is added to: read to the byte, and swapped for its new text whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from meshkit.cli.console import umask
from meshkit.errors import UsageError


def read_text(path: Path) -> str | None:
    """Return a file's text, line breaks and byte order mark as they stand; None where there is no file.

    Raises:
        UsageError: It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise UsageError(f"'{path}' is not UTF-8", "nothing was written; save it as UTF-8") from error
    except OSError as error:
        raise _refused(path, error) from error


def replace_text(path: Path, text: str, before: str | None) -> None:
    """Swap a file's text; links are followed, and its permissions are kept.

    Args:
        path: The file; it is made, with its folder, if it is not there.
        text: Its new text.
        before: What was read of it; None = it was not there.

    Raises:
        UsageError: It cannot be written, or somebody has changed it since it was read.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if before is not None else 0o666 & ~umask()
        handle, staged = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
            Path(staged).chmod(mode)
            if read_text(target) != before:
                raise UsageError(f"'{path}' was changed meanwhile", "nothing was written; run it again")
            Path(staged).replace(target)
        except BaseException:
            Path(staged).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> UsageError:
    reason = (error.strerror or "unknown error").lower()
    return UsageError(f"'{path}' cannot be read or written: {reason}", "nothing was written; check its permissions")
