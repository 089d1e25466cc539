"""The store as parquet files, one per table: written out, and taken in again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from meshkit.errors import StoreError
from meshkit.model.history import AuditEntry, Imported
from meshkit.store import audit
from meshkit.store.link import Link, Work, moment
from meshkit.store.requests import from_record

COLUMNS: Mapping[str, str] = {
    "runs": "id kind scope state outcome started ended clock meshkit_version revision host pid environment engine actor",
    "product_runs": "run_id product version position started status owner table_rows outcome reached",
    "verdicts": "run_id product version check_id position kind table_name column_name severity outcome bad total value unit "
    "threshold message place definition",
    "metrics": "run_id product version table_name column_name metric value detail",
    "evaluations": "run_id position product version at_point policy severity outcome message place remedy waiver",
    "versions": "product published_at version since files sha256 published_by",
    "requests": "id product version principal purpose column_names level until reason state codes requested_at first_by first_at "
    "decided_by decided_at decision revoked_by revoked_at revocation",
    "outbox": "id request_id recipient kind payload state tries created_at next_at sent_at error",
    "audit": "seq at actor action subject payload previous hash",
}
"""Table -> its columns; those that others refer to stand first."""
_NUMBERS = frozenset({"pid", "position", "table_rows", "reached", "bad", "total", "seq", "tries"})
_NO_TIMES = frozenset({"ended", "clock", "first_at", "decided_at", "revoked_at", "sent_at"})
"""Times that a row may lack."""
_TIMES = _NO_TIMES | {"started", "published_at", "since", "until", "requested_at", "created_at", "next_at"}
_OF_RUN = ("product_runs", "verdicts", "metrics", "evaluations")
_MARK = b"meshkit.store"
_PAGE = 20_000
_Record = dict[str, Any]


def schema_of(table: str) -> pa.Schema:
    """Return the columns of a table, as the files have them."""
    fields = [(name, _type(name)) for name in COLUMNS[table].split()]
    return pa.schema(fields, metadata={_MARK: table.encode()})


def _type(name: str) -> Any:
    return pa.int64() if name in _NUMBERS else pa.float64() if name == "value" else pa.string()


def export(link: Link, folder: Path) -> tuple[Path, ...]:
    """Write each table as a file, all as they are at one moment. A file is there whole or not at all.

    Raises:
        StoreError: MK410, a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with link.reading() as work:
            return tuple(_write(work, table, folder) for table in COLUMNS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"'{folder}' cannot be written: {reason}", "choose another folder") from error


def _write(work: Work, table: str, folder: Path) -> Path:
    schema, target = schema_of(table), folder / f"{table}.parquet"
    handle, staged = tempfile.mkstemp(dir=folder, prefix=f".{table}-")
    os.close(handle)
    try:
        query = f"SELECT {', '.join(schema.names)} FROM {table} ORDER BY {', '.join(schema.names[:4])}"  # noqa: S608  # constants
        with pq.ParquetWriter(staged, schema, compression="zstd") as writer:
            for page in work.pages(query, _PAGE):
                columns = list(zip(*page, strict=True))
                arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        Path(staged).chmod(0o644)
        Path(staged).replace(target)
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise
    return target


def import_folder(link: Link, folder: Path) -> Imported:
    """Take in what `export` wrote, in one transaction: runs that are there already are left as they are.

    Raises:
        StoreError: MK417, a file is damaged or not ours.
    """
    if not (folder / "runs.parquet").is_file():
        _refuse(folder, "it has no runs.parquet")
    with link.writing(is_durable=True) as work:
        there = {row[0] for row in work.rows("SELECT id FROM runs")}
        found: set[str] = set()
        for page in _pages(folder, "runs"):
            _insert(work, "runs", (row for row in page if row["id"] not in there))
            found |= {row["id"] for row in page}
        new = found - there
        for table in _OF_RUN:
            for page in _pages(folder, table):
                _insert(work, table, (row for row in page if row["run_id"] in new))
        for table in ("versions", "requests", "outbox"):
            for page in _pages(folder, table):
                if table == "requests":
                    _require_requests(page, folder)
                _insert(work, table, page)
        notes = _import_audit(work, folder)
    return Imported(len(new), len(found & there), notes)


def _import_audit(work: Work, folder: Path) -> tuple[str, ...]:
    """Add what follows our own log; two logs that differ are never mixed."""
    theirs = [AuditEntry(**row) for page in _pages(folder, "audit") for row in page]
    broken = audit.first_problem(theirs)
    if broken:
        return (f"the audit log was left out: {broken.what}",)
    work.alone()
    ours = [(entry.seq, entry.hash) for entry in audit.entries(work)]
    if [(entry.seq, entry.hash) for entry in theirs[: len(ours)]] != ours:
        return ("the audit log was left out: this store has another one",) if theirs else ()
    _insert(work, "audit", (entry._asdict() for entry in theirs[len(ours) :]))
    return ()


def _insert(work: Work, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    names = COLUMNS[table].split()
    marks = ", ".join(f":{name}" for name in names)
    work.many(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)  # noqa: S608  # constants


def _pages(folder: Path, table: str) -> Iterator[Sequence[_Record]]:
    """Walk the rows of a file; a table that is not there has none."""
    path, schema = folder / f"{table}.parquet", schema_of(table)
    if not path.is_file():
        return
    try:
        with pq.ParquetFile(path) as file:
            if (file.schema_arrow.metadata or {}).get(_MARK) != table.encode():
                _refuse(path, "it was not written by meshkit store export")
            for batch in file.iter_batches(_PAGE, columns=schema.names):
                page = pa.Table.from_batches([batch]).cast(schema).to_pylist()
                for name in _TIMES & set(schema.names):
                    for row in page:
                        _require_time(row[name], path, is_optional=name in _NO_TIMES)
                yield page
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        _refuse(path, type(error).__name__, error)


def _require_requests(page: Sequence[_Record], folder: Path) -> None:
    try:
        for row in page:
            from_record(row)
    except (ValueError, TypeError) as error:
        _refuse(folder / "requests.parquet", "it has a request that cannot be read", error)


def _require_time(text: str | None, path: Path, *, is_optional: bool) -> None:
    if text is None and is_optional:
        return
    try:
        is_right = text is not None and moment(text).tzinfo is not None
    except ValueError:
        is_right = False
    if not is_right:
        _refuse(path, "it has a time that cannot be read")


def _refuse(path: Path, reason: str, cause: Exception | None = None) -> NoReturn:
    raise StoreError(
        f"'{path}' cannot be imported: {reason}", "give RUN.json, or the folder of an export", code="MK417"
    ) from cause
