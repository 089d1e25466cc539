"""Where the settings file of a mesh is. Kept apart from what reads it, which a mesh without one need not wait for."""

from __future__ import annotations

from pathlib import Path

NAMES = ("meshkit.yaml", "meshkit.yml")


def find_settings(folder: Path) -> Path | None:
    """Return the settings file of a mesh: in its folder, or in one above up to the repository's root.

    Outside a repository only the folder itself is looked at: what lies above may be anybody's.
    """
    here = folder.resolve()
    above = [here, *here.parents]
    root = next((position for position, place in enumerate(above) if (place / ".git").exists()), 0)
    candidates = (place / name for place in above[: root + 1] for name in NAMES)
    return next((path for path in candidates if path.is_file()), None)
