"""Where a store is: in the mesh folder, in a file that somebody names, or on a server."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from meshkit.errors import StoreError
from meshkit.model.secret import Secret, shown_url

OFF = "off"
FOLDER = ".meshkit"
_FILE = "store.db"
_SERVERS = ("postgresql", "postgres")


class StorePlace(NamedTuple):
    """Where a store is.

    Attributes:
        shown: As people read it, without secrets.
        path: The SQLite file, unless there is a server.
        url: Of the server.
        is_own: Whether it is the mesh folder's own, which nobody named.
    """

    shown: str
    path: Path = Path()
    url: Secret | None = None
    is_own: bool = False


def own_place(mesh: Path) -> StorePlace:
    """Return where the store of a mesh folder is, unless somebody names another place."""
    path = mesh / FOLDER / _FILE
    return StorePlace(str(path), path, is_own=True)


def parse_place(text: str, base: Path | None = None) -> StorePlace:
    """Read the place of a store: a path, `sqlite:///PATH` or `postgresql://HOST/DATABASE`.

    Args:
        text: The place; a folder stands for the file `store.db` in it.
        base: Where a relative path starts; None = the working folder.

    Raises:
        StoreError: It is a URL of something else.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return _file(Path(text), base)
    name = scheme.lower()
    if name == "sqlite":
        return _file(Path(rest.removeprefix("/")), base)
    if name.partition("+")[0] not in _SERVERS:
        raise StoreError(f"a store cannot be at '{name[:40]}://'", "give a path, or postgresql://HOST/DATABASE")
    return StorePlace(shown_url(text), url=Secret(f"postgresql://{rest}"))


def _file(path: Path, base: Path | None) -> StorePlace:
    found = (base or Path()) / path.expanduser()
    if found.is_dir():
        found /= _FILE
    return StorePlace(str(found), found)


def refuse_links(place: StorePlace) -> None:
    """Refuse a mesh folder whose store is a symbolic link: whoever wrote the mesh would choose what is written to.

    A place that somebody named is theirs to choose, and links are followed there.

    Raises:
        StoreError: MK410.
    """
    if not place.is_own:
        return
    files = (place.path.with_name(f"{_FILE}{ending}") for ending in ("", "-wal", "-shm", "-journal"))
    link = next((p for p in (place.path.parent, *files) if p.is_symlink()), None)
    if link is not None:
        raise StoreError(
            f"'{link}' is a symbolic link, and a mesh may not send its runs elsewhere",
            "make it a folder, or name the place with MESHKIT_STORE",
        )


def make_folder(folder: Path) -> None:
    """Make the folder of a store; what a mesh keeps in its own is for no repository."""
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if folder.name == FOLDER and not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
