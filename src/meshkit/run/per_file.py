"""One table of an incremental run: numbers per file, read for those files of which they are not kept."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from meshkit.cache.entries import digest
from meshkit.engines.fingerprints import Fingerprint
from meshkit.model.relation import Relation, SeenTable
from meshkit.run.arrange import CHUNK
from meshkit.run.kept import InFullError, Part, Piece, restored, stored
from meshkit.run.memory import Memory, State, rows_by_path
from meshkit.sql.dialects import render
from meshkit.sql.per_file import FILE, scan_by_file
from meshkit.sql.text_view import Declared, text_view

ROWS = "rows"
"""The piece that is the number of a file's rows."""
_MOST_PIECES = 5_000
Record = dict[str, Part]


class FileTable:
    """A relation of files that can be read apart from each other.

    Args:
        memory: What is remembered.
        relation: The relation.
        alias: Its name in statements.
        seen: What was seen of it.
        state: Which version of it is there.
        declared: Types by which its text is read; None = it is no text, or its text itself is meant.
    """

    def __init__(
        self, memory: Memory, relation: Relation, alias: str, seen: SeenTable, state: State, declared: Declared | None
    ) -> None:
        self.memory = memory
        self.relation = relation
        self.alias = alias
        self.seen = seen
        self.files = state.files
        self.scanned: set[str] = set()
        self._declared = declared
        self._columns = [(c.name, c.type) for c in seen.columns]
        columns = [text for c in self._columns for text in c]
        self.meaning = digest("file table", state.reading, str(memory.is_exact), str(declared is None), *columns)
        self._parts: dict[tuple[str, ...], str] = {}
        self._lock = threading.RLock()
        self._number = itertools.count()

    def why_not_apart(self, state: State) -> str:
        """Say why files cannot be read apart from each other; empty = they can."""
        if any(c.lacking_files or c.other_types for c in self.seen.columns):
            return "its files differ in their columns"
        if state.format == "parquet":
            return ""
        key = digest("apart", state.version)
        if self.memory.entries.get(key) is True:
            return ""
        if state.format != "csv" or not self.memory.session.part(self.relation.id, (), "", FILE):
            return "its files are read as a whole"
        if state.may_be_kept:
            self.memory.entries.put(key, True)
        return ""

    def part(self, paths: Sequence[str]) -> str:
        """Return the name of some files.

        Raises:
            InFullError: Read apart from the others, their columns are not the same.
        """
        with self._lock:
            if tuple(paths) not in self._parts:
                self._parts[tuple(paths)] = self._part(paths)
            self.scanned |= set(paths)
            return self._parts[tuple(paths)]

    def _part(self, paths: Sequence[str]) -> str:
        kind = "" if self._declared else " as read"
        name = f"{self.relation.id} part {next(self._number)}{kind}"
        source = f"{name} as text" if self._declared else name
        session = self.memory.session
        if not session.part(self.relation.id, paths, source, FILE):
            raise InFullError("its files are read as a whole")
        if self._declared:
            names = [*(name for name, _ in self._columns), FILE]
            session.define(name, render(text_view(source, names, self._declared, self.seen.format)))
        found = session.describe(name)
        if [(c.name, c.type) for c in found if c.name != FILE] != self._columns:
            raise InFullError("its files differ in their columns")
        return name

    def record_key(self, file: Fingerprint, *meaning: str) -> str:
        """Return the key of what is kept of one version of a file."""
        return digest(self.meaning, *meaning, file.path, file.identity)

    def records(self) -> list[Record]:
        """Return what is kept of each file: a piece's text -> its value."""
        keys = [self.record_key(file) for file in self.files]
        kept = self.memory.entries.get_all(keys)
        return [_read(kept.get(key)) for key in keys]

    def keep(self, file: Fingerprint, found: Record) -> None:
        """Add numbers to what is kept of a file, unless it has changed since, or changes would not show."""
        if not file.is_settled or not file.is_still_there:
            return
        with self._lock:
            key = self.record_key(file)
            kept = self.memory.entries.get(key)
            kept = kept if isinstance(kept, dict) and len(kept) < _MOST_PIECES else {}
            values = {digest(sql): [stored(value), kind] for sql, (value, kind) in found.items()}
            self.memory.entries.put(key, {**kept, **values})

    def numbers(self, pieces: Sequence[Piece], *, exact: bool) -> list[Record]:
        """Return numbers of each file, in the order of the files; the number of its rows is always among them.

        Raises:
            InFullError: They cannot be had file by file.
            MeshkitError: A statement failed.
        """
        by_sql = {piece.sql: piece for piece in pieces}
        marked = {sql: f"exact {sql}" if exact else sql for sql in (*by_sql, ROWS)}
        kept = self.records()
        lacking: dict[tuple[str, ...], list[int]] = defaultdict(list)
        found: list[Record] = []
        for i, record in enumerate(kept):
            found.append({sql: record[digest(key)] for sql, key in marked.items() if digest(key) in record})
            if missing := tuple(sql for sql in marked if sql not in found[i]):
                lacking[missing].append(i)
        for missing, indexes in lacking.items():
            asked = [by_sql[sql] for sql in missing if sql != ROWS]
            self._scan(asked, indexes, found, exact=exact)
            for i in indexes:
                self.keep(self.files[i], {marked[sql]: found[i][sql] for sql in (*missing, ROWS)})
        return found

    def _scan(self, pieces: Sequence[Piece], indexes: Sequence[int], found: list[Record], *, exact: bool) -> None:
        paths = [self.files[i].path for i in indexes]
        part = self.part(paths)
        for start in range(0, max(len(pieces), 1), CHUNK):
            chunk = pieces[start : start + CHUNK]
            query = render(scan_by_file(part, self.alias, [p.tree for p in chunk]))
            rows = rows_by_path(self.memory.session, query, exact=exact or self.memory.is_exact)
            if not rows.by_path.keys() <= set(paths):
                raise InFullError("its files cannot be told apart")
            for i in indexes:
                values = rows.by_path.get(self.files[i].path)
                found[i][ROWS] = (values[0], rows.kinds[0]) if values else (0, "")
                for at, piece in enumerate(chunk, 1):
                    found[i][piece.sql] = (values[at], rows.kinds[at]) if values else (None, "")


def _read(kept: Any) -> Record:
    """Read what was kept of a file; what is not as it was written is not there."""
    if not isinstance(kept, Mapping):
        return {}
    record: Record = {}
    for name, value in kept.items():
        try:
            number, kind = value
            record[str(name)] = (restored(number), str(kind))
        except (TypeError, ValueError, ArithmeticError):
            continue
    return record
