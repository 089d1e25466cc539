"""What an incremental run remembers of tables: which version of each file is there, what was seen, what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from meshkit.cache.entries import Entries, digest
from meshkit.cache.hashes import HashFiles
from meshkit.engines.base import Session
from meshkit.engines.fingerprints import Fingerprint, fingerprint, remembered
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.reuse import Reuse, TableReuse
from meshkit.run.answers import Answer
from meshkit.run.kept import InFullError, restored, stored
from meshkit.run.perform import Found
from meshkit.version import __version__

_FORMAT = "1"
_NOT_READING = {"id", "location", "base", "labels", "unreadable", "is_given"}


class State(NamedTuple):
    """Which version of a relation is there.

    Attributes:
        files: The fingerprints of its files, in the order in which they are read.
        format: `parquet`, `csv` or `json`.
        newest: When the newest was written, seconds since the epoch.
        reading: A digest of how it is read.
        version: A digest of all that its rows depend on.
    """

    files: tuple[Fingerprint, ...]
    format: str
    newest: float | None
    reading: str
    version: str

    @property
    def may_be_kept(self) -> bool:
        """Whether what was read is of exactly this version, and a later one will show."""
        return all(file.is_settled and file.is_still_there for file in self.files)


class Memory:
    """The cache as one run uses it. Whatever fails in it is as if it were not there.

    Args:
        session: The open engine.
        folder: Where the cache lies; None = off.
        now: The clock of the run.
        is_exact: Whether no statement may use statistics.
    """

    def __init__(self, session: Session, folder: Path | None, now: datetime, *, is_exact: bool) -> None:
        self.session = session
        self.now = now
        self.is_exact = is_exact
        self.entries = Entries(folder)
        self.hashes = HashFiles(folder if self.entries.is_open else None)
        self.tables: list[TableReuse] = []
        self._note = ""
        if folder is None:
            self._note = "the cache is off, so that nothing is kept (MESHKIT_CACHE)"
        elif not self.entries.is_open:
            self._note = "the cache cannot be opened, so that nothing is kept; delete its folder (MESHKIT_CACHE)"
        self._salt = digest(_FORMAT, __version__, session.version)
        self._states: dict[str, State | None] = {}

    def report(self) -> Reuse:
        """Return what was reused."""
        return Reuse(tables=tuple(self.tables), note=self._note)

    def close(self) -> None:
        """Write what is new."""
        self.entries.close()
        self.hashes.forget_old()

    def state(self, relation: Relation) -> State | None:
        """Return which version of a relation is there; None where that cannot be told, or nothing is kept."""
        if relation.id not in self._states:
            self._states[relation.id] = self._state(relation) if self.entries.is_open else None
        return self._states[relation.id]

    def _state(self, relation: Relation) -> State | None:
        files = self.session.files(relation.id)
        if files is None:
            return None
        keys = {path: digest("file", path) for path in files.paths}
        known = self.entries.get_all(keys.values())
        prints = []
        for path in files.paths:
            before = known.get(keys[path])
            found = fingerprint(path, files.format, before if isinstance(before, list) else None)
            if found is None:
                return None
            prints.append(found)
            if found.is_settled and before != remembered(found):
                self.entries.put(keys[path], remembered(found))
        reading = digest(self._salt, relation.model_dump_json(exclude=_NOT_READING), files.format)
        version = digest(reading, *(text for f in prints for text in (f.path, f.identity)))
        return State(tuple(prints), files.format, files.newest, reading, version)

    def seen(self, relation: Relation) -> SeenTable | None:
        """Return what was seen of this version of a relation."""
        state = self.state(relation)
        kept = self.entries.get(digest("seen", state.version)) if state else None
        if state is None or not isinstance(kept, list):
            return None
        try:
            columns = tuple(SeenColumn(n, t, int(lacking), tuple(others)) for n, t, lacking, others in kept)
        except (TypeError, ValueError):
            return None
        return SeenTable(columns=columns, format=state.format, files=len(state.files), newest=state.newest)

    def keep_seen(self, relation: Relation, seen: SeenTable) -> None:
        """Remember what was seen."""
        state = self.state(relation)
        if state is not None and state.may_be_kept:
            self.entries.put(digest("seen", state.version), [list(column) for column in seen.columns])

    def is_tried(self, query: str) -> bool:
        """Tell whether a query that reads nothing is known to run."""
        return self.entries.get(digest("tried", self._salt, query)) is True

    def keep_tried(self, query: str) -> None:
        """Remember that a query that reads nothing runs."""
        self.entries.put(digest("tried", self._salt, query), True)

    def whole_key(self, sql: str, kind: str, relations: Iterable[Relation]) -> str:
        """Return the key of an answer over whole relations.

        Raises:
            InFullError: One of them is not of files that can be told apart.
        """
        versions = []
        for relation in sorted(relations, key=lambda r: r.id):
            state = self.state(relation)
            if state is None:
                raise InFullError(self.why_unknown(relation))
            versions += [relation.id, state.version]
        return digest("whole", sql, kind, str(self.is_exact), *versions)

    def why_unknown(self, relation: Relation) -> str:
        """Say why no version of a relation is known."""
        return "nothing is kept" if not self.entries.is_open else f"'{relation.id}' is not read from local files"

    def recalled(self, key: str) -> Found | None:
        """Return what came of a check over whole relations."""
        kept = self.entries.get(key)
        if not isinstance(kept, dict):
            return None
        try:
            if "kind" in kept:
                return Found(answer=Answer((str(kept["kind"]),), [(restored(kept["value"]),)]))
            return Found({str(role): restored(value) for role, value in kept["numbers"].items()})
        except (KeyError, AttributeError, ValueError, ArithmeticError):
            return None

    def keep(self, key: str, found: Found, relations: Iterable[Relation]) -> None:
        """Remember what came of a check, if it is a number, and of the versions that were known when it began."""
        states = [self.state(relation) for relation in relations]
        if found.error is not None or any(state is None or not state.may_be_kept for state in states):
            return
        try:
            if found.answer is None:
                self.entries.put(key, {"numbers": {role: stored(v) for role, v in found.numbers.items()}})
            elif len(found.answer.types) == 1 and len(found.answer.rows) == 1:
                self.entries.put(key, {"kind": found.answer.types[0], "value": stored(found.answer.rows[0][0])})
        except InFullError:
            return  # a text may be a row's value, which is never kept


class Rows(NamedTuple):
    """What a statement per file gave: a path, then values, and their types."""

    by_path: Mapping[str, Sequence[Any]]
    kinds: Sequence[str]


def rows_by_path(session: Session, sql: str, *, exact: bool) -> Rows:
    """Run a statement that gives one row per file."""
    answer = session.rows(sql, exact=exact)
    return Rows({row[0]: row[1:] for row in answer.rows}, answer.types[1:])


Full = Callable[[Sequence[Any]], Mapping[str, Found]]
"""Runs what was planned over all rows."""
