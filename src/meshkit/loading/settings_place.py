"""Where the settings file of a mesh is. Kept apart from what reads it, which a mesh without one need not wait for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

NAMES = ("meshkit.yaml", "meshkit.yml")


class Where(NamedTuple):
    """Where a mesh is.

    Attributes:
        root: Its folder, in which its settings are.
        beside: Where paths start that lead nowhere from there; None = nowhere else.
    """

    root: Path
    beside: Path | None = None


def find_settings(folder: Path) -> Path | None:
    """Return the settings file of a mesh: in its folder, or in one above up to the repository's root.

    Outside a repository only the folder itself is looked at: what lies above may be anybody's.
    """
    here = folder.resolve()
    above = [here, *here.parents]
    root = next((position for position, place in enumerate(above) if (place / ".git").exists()), 0)
    candidates = (place / name for place in above[: root + 1] for name in NAMES)
    return next((path for path in candidates if path.is_file()), None)
