"""Locations to files: what is there, in which format, and whether it may be read."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from meshkit.errors import SourceError
from meshkit.model.relation import Relation

FORMATS: Mapping[str, str] = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
    ".duckdb": "table", ".db": "table",
}  # fmt: skip
_COMPRESSED = (".gz", ".zst")
_REMOTE = re.compile(r"(s3|s3a|gs|gcs|az|azure|abfss|https?|hf|r2)://", re.IGNORECASE)
_EXTENSION = {"az": "azure", "azure": "azure", "abfss": "azure"}
_NOT_YET = {"delta": "a Delta table", "iceberg": "an Iceberg table", "kafka": "a Kafka topic"}
_LOGS = {"_delta_log": "a Delta table", "metadata": "an Iceberg table"}
_GLOB = re.compile(r"[*?\[]")


class Source(NamedTuple):
    """Where a relation's data is.

    Attributes:
        format: `parquet`, `csv`, `json` or `table`.
        files: Absolute paths without links, or URLs; one database file for `table`.
        table: For `table`: schema and name; the name is empty when the file's only table is meant.
        extension: The DuckDB extension that is needed for it, or empty.
        newest: When the newest file was written, seconds since the epoch.
        is_partitioned: Whether folders carry values (`order_date=2024-01-01`).
    """

    format: str
    files: tuple[str, ...]
    table: tuple[str, str] = ("", "")
    extension: str = ""
    newest: float | None = None
    is_partitioned: bool = False


def find_source(relation: Relation, roots: Sequence[str] = ()) -> Source:
    """Find the files of a relation. Links are followed, and a glob or folder becomes the files that are there now.

    Raises:
        SourceError: MK302 nothing is there, MK308 a format that is not read, MK310 outside `roots`.
    """
    if relation.unreadable:
        raise SourceError(relation.unreadable, "give a copy with --table NAME=LOCATION", code="MK308")
    if not relation.location:
        raise SourceError(
            "the contract names no location", "add schema.location, or give it with --table NAME=LOCATION"
        )
    if relation.format in _NOT_YET:
        raise SourceError(
            f"{_NOT_YET[relation.format]} is not read by this version",
            "give a copy with --table NAME=LOCATION",
            code="MK308",
        )
    location = relation.location.removeprefix("file://")
    if _REMOTE.match(location):
        return _remote(location, relation.format, roots)
    path, _, table = location.partition("#")
    full = Path(os.path.expanduser(path))  # noqa: PTH111  # `~` alone, and never an error
    full = full if full.is_absolute() else Path(relation.base or ".") / full
    _confine(
        [_fixed_part(full).resolve()], roots, relation.location
    )  # before a look at the disk could tell what is there
    files = _local_files(full, relation)
    _confine(files, roots, relation.location)
    kind = _format(files, relation.format if relation.format != "table" or table else "", relation.location)
    newest = max(f.stat().st_mtime for f in files)
    if kind == "table":
        schema, _, name = table.rpartition(".")
        return Source("table", (str(files[0]),), (schema or "main", name), newest=newest)
    partitioned = any("=" in part for f in files[:1] for part in f.parent.parts)
    return Source(kind, tuple(str(f) for f in files), newest=newest, is_partitioned=partitioned)


def _remote(url: str, declared: str, roots: Sequence[str]) -> Source:
    if roots:
        raise SourceError("a remote location is outside the folders that may be read here", code="MK310")
    scheme = url.partition("://")[0].lower()
    path = url.partition("?")[0].partition("#")[0]
    kind = FORMATS.get(_ending(Path(path))) or declared
    if kind not in ("parquet", "csv", "json"):
        raise SourceError(
            f"the format of '{redacted(url)}' is not known", "declare schema.type: parquet, csv or json", code="MK308"
        )
    if path.endswith("/") or (not _ending(Path(path)) and not _GLOB.search(path)):
        url = f"{path.rstrip('/')}/**/*.{kind}"
    return Source(kind, (url,), extension=_EXTENSION.get(scheme, "httpfs"), is_partitioned="=" in path)


def redacted(location: str) -> str:
    """Return a location as it may be shown: without user, password and query, which may hold secrets.

    Example:
        >>> redacted("https://me:secret@host/x.csv?sig=abc")
        'https://***@host/x.csv?***'
    """
    location = re.sub(r"(://)[^/@]*@", r"\1***@", location)
    return re.sub(r"\?.*$", "?***", location) if "://" in location else location


def _local_files(path: Path, relation: Relation) -> list[Path]:
    shown = relation.location
    if path.is_dir():
        for log, what in _LOGS.items():
            if (path / log).is_dir() and any((path / log).glob("*.json")):
                raise SourceError(f"'{shown}' is {what}; its files alone would count rows that were deleted",
                                  "give a copy with --table NAME=LOCATION", code="MK308")  # fmt: skip
        found = sorted(_data_files(path, relation.format))
        if not found:
            raise SourceError(f"folder '{shown}' holds no data files", f"looked for {_endings(relation.format)}")
    elif path.exists():
        found = [path]
    elif _GLOB.search(str(path)):
        found = sorted(Path(p) for p in glob.iglob(str(path), recursive=True) if Path(p).is_file())  # noqa: PTH207  # the glob may be absolute
        if not found:
            raise SourceError(f"no file matches '{shown}'", _looked_in(path))
    else:
        raise SourceError(f"'{shown}' is not there", _looked_in(path))
    return [f.resolve() for f in found]


def _looked_in(path: Path) -> str:
    return f"looked in {path.parent}; give another place with --table NAME=LOCATION"


def _data_files(folder: Path, declared: str) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "_")))
        for name in names:
            path = Path(here) / name
            kind = FORMATS.get(_ending(path))
            if not name.startswith((".", "_")) and kind not in (None, "table") and declared in ("", kind):
                yield path


def _endings(declared: str) -> str:
    return ", ".join(e for e, kind in FORMATS.items() if kind != "table" and declared in ("", kind))


def _ending(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    while suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _format(files: Sequence[Path], declared: str, shown: str) -> str:
    kinds = {FORMATS.get(_ending(f), "") for f in files}
    if len(kinds) > 1:
        raise SourceError(
            f"'{shown}' holds files of several formats", "narrow it with a glob such as *.parquet", code="MK308"
        )
    kind = kinds.pop() or declared
    if not kind:
        raise SourceError(
            f"the format of '{shown}' is not known", "declare schema.type: parquet, csv or json", code="MK308"
        )
    return kind


def _fixed_part(path: Path) -> Path:
    """Return the part of a path before its first glob character, without `..` that would lead out of it later."""
    fixed = Path(os.path.normpath(path))
    while _GLOB.search(str(fixed)) and fixed != fixed.parent:
        fixed = fixed.parent
    return fixed


def _confine(files: Sequence[Path], roots: Sequence[str], shown: str) -> None:
    allowed = [Path(r).resolve() for r in roots]
    if allowed and not all(any(f.is_relative_to(root) for root in allowed) for f in files):
        raise SourceError(f"'{shown}' is outside the folders that may be read here", code="MK310")
