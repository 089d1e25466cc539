"""A key that is unique over many files: the hashes of each file are kept sorted, and only equal ones are looked into."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from meshkit.cache.entries import digest
from meshkit.cache.hashes import Hashes, KeyHashes
from meshkit.run.kept import InFullError
from meshkit.run.keys import MOST_CANDIDATES, numbers
from meshkit.run.memory import rows_by_path
from meshkit.run.per_file import FileTable
from meshkit.run.steps import Key
from meshkit.sql.dialects import render
from meshkit.sql.per_file import hashes_by_file, scan_by_file, values_by_file

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 64
_LANES = 2
_PART = 1 << 22
_PIECE = 1 << 16
_MOST_NEW = 0.2
_MANY = f"more than {MOST_CANDIDATES:,} keys have equal hashes"


class _Set(NamedTuple):
    """The files of a table as a run left them, and the hashes that stand there more than once; None = too many."""

    names: frozenset[str]
    equal: list[int] | None


class KeptKey:
    """One key of a table.

    Args:
        table: The table.
        key: The key.
    """

    def __init__(self, table: FileTable, key: Key) -> None:
        self.table = table
        self.key = key
        self.memory = table.memory
        named = render(hashes_by_file("", table.alias, key.columns, key.where, ()))
        self.meaning = digest("key", table.meaning, named)
        self.names = [digest(self.meaning, f.path, f.identity) for f in table.files]

    def numbers(self) -> dict[str, Any]:
        """Count duplicates by value.

        Raises:
            InFullError: There are too many, or memory does not suffice.
            MeshkitError: A statement failed.
        """
        files = self._files()
        equal = self._equal(files)
        counted = Counter[tuple[int, str]]()
        for values in self._values(files, equal):
            counted.update(values)
        groups = [count for count in counted.values() if count > 1]
        return {"bad": sum(groups) - len(groups), "in_groups": sum(groups), "total": sum(f.rows for f in files)}

    def _files(self) -> list[KeyHashes]:
        """Return the hashes of each file; of new ones they are read and kept."""
        with ThreadPoolExecutor(_LANES) as pool:
            kept = list(pool.map(self.memory.hashes.get, self.names))
        missing = [i for i, found in enumerate(kept) if found is None]
        in_memory = 0
        for indexes in self._chunks(missing):
            for i, found in zip(indexes, self._read(indexes), strict=True):
                file = self.table.files[i]
                if file.is_settled and file.is_still_there:
                    self.memory.hashes.put(self.names[i], found)
                    found = self.memory.hashes.get(self.names[i]) or found
                kept[i] = found
                in_memory += 0 if isinstance(found.hashes, np.memmap) else found.hashes.nbytes
            if in_memory > self.memory.session.key_bytes:
                raise InFullError("its hashes are more than memory holds")
        return [found for found in kept if found is not None]

    def _chunks(self, missing: Sequence[int]) -> Iterator[list[int]]:
        """Cut files into runs whose hashes fit into memory together."""
        if not missing:
            return
        paths = [self.table.files[i].path for i in missing]
        query = render(scan_by_file(self.table.part(paths), self.table.alias, []))
        rows = rows_by_path(self.memory.session, query, exact=self.memory.is_exact).by_path
        most = self.memory.session.key_bytes // 32
        chunk: list[int] = []
        total = 0
        for i in missing:
            own = int(rows.get(self.table.files[i].path, (0,))[0])
            if own > most:
                raise InFullError("a file holds more keys than memory")
            if chunk and (total + own > most or len(chunk) == _AT_ONCE):
                yield chunk
                chunk, total = [], 0
            chunk.append(i)
            total += own
        yield chunk

    def _read(self, indexes: Sequence[int]) -> list[KeyHashes]:
        paths = [self.table.files[i].path for i in indexes]
        taken = _Taken(len(paths))
        query = hashes_by_file(self.table.part(paths), self.table.alias, self.key.columns, self.key.where, paths)
        self.memory.session.fold(render(query), taken.take, exact=self.memory.is_exact)
        with ThreadPoolExecutor(_LANES) as pool:
            return list(pool.map(taken.sorted, range(len(paths))))

    def _equal(self, files: Sequence[KeyHashes]) -> list[int]:
        """Return the hashes that stand in the files more than once, each once."""
        key = digest(self.meaning, "set", self.table.relation.id, self.table.relation.location)
        before = _read_set(self.memory.entries.get(key))
        equal = self._candidates(files, before)
        if equal is not None:
            counts = np.zeros(len(equal), np.int64)
            wanted = np.array(equal, np.uint64)
            for file in files:
                counts += _count(file.hashes, wanted)
            equal = [int(h) for h in wanted[counts > 1]]
        if all(f.is_settled and f.is_still_there for f in self.table.files):
            self.memory.entries.put(key, {"names": self.names, "equal": equal})
        if equal is None:
            raise InFullError(_MANY)
        return equal

    def _candidates(self, files: Sequence[KeyHashes], before: _Set | None) -> list[int] | None:
        """Return all hashes that may stand there more than once; None = too many."""
        known = before.names if before else frozenset()
        old = [file.hashes for file, name in zip(files, self.names, strict=True) if name in known]
        new = [file.hashes for file, name in zip(files, self.names, strict=True) if name not in known]
        is_grown = len(old) == len(known)
        many = sum(len(h) for h in new) > _MOST_NEW * sum(len(f.hashes) for f in files)
        if before is None or many or (before.equal is None and not is_grown):
            return _limited(all_equal([file.hashes for file in files]))
        if before.equal is None:
            return None  # what was too many is not fewer with more files
        found = _limited(equal_to(np.concatenate([*new, np.empty(0, np.uint64)]), old))
        return None if found is None else sorted({*before.equal, *found})

    def _values(self, files: Sequence[KeyHashes], equal: list[int]) -> Iterator[dict[tuple[int, str], int]]:
        """Yield, per file that has some of the equal hashes, how many rows each value has."""
        if not equal:
            return
        wanted = np.array(equal, np.uint64)
        counts = {i: found for i, file in enumerate(files) if (found := _count(file.hashes, wanted)).any()}
        keys = {i: digest(self.names[i], "values") for i in counts}
        kept = self.memory.entries.get_all(keys.values())
        known = {i: _read_values(kept.get(keys[i])) for i in counts}
        lacking = [i for i in counts if any(h not in known[i] for h in wanted[counts[i] > 0].tolist())]
        if lacking:
            self._look(lacking, counts, wanted, known)
            for i in lacking:
                file = self.table.files[i]
                if file.is_settled and file.is_still_there:
                    self.memory.entries.put(keys[i], {str(h): values for h, values in known[i].items()})
        for i, count in counts.items():
            for h, rows in zip(wanted.tolist(), count.tolist(), strict=True):
                values = known[i].get(h, {}) if rows else {}
                if sum(values.values()) != rows:
                    raise InFullError("what is kept of its values does not agree with its hashes")
                yield {(h, value): k for value, k in values.items()}

    def _look(
        self, lacking: list[int], counts: dict[int, Any], wanted: Hashes, known: dict[int, dict[int, dict[str, int]]]
    ) -> None:
        """Read the values of equal hashes in some files, as digests."""
        by_path = {self.table.files[i].path: i for i in lacking}
        asked = sorted({h for i in lacking for h in wanted[counts[i] > 0].tolist()})
        part = self.table.part([self.table.files[i].path for i in lacking])
        query = values_by_file(part, self.table.alias, self.key.columns, self.key.where, asked)
        answer = self.memory.session.rows(render(query), exact=self.memory.is_exact)
        for i in lacking:
            known[i] = {}
        found: dict[int, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        for path, h, value, k in answer.rows:
            found[by_path[path]][int(h)][str(value)] = int(k)
        for i in lacking:
            known[i] = {h: dict(values) for h, values in found[i].items()}


class _Taken:
    """Hashes as they come in, by file."""

    def __init__(self, files: int) -> None:
        self._chunks: list[list[Hashes]] = [[] for _ in range(files)]
        self._rows = [0] * files

    def take(self, batch: pa.RecordBatch) -> None:
        files = numbers(batch.column(0)).astype(np.int64)
        hashes = batch.column(1)
        filled = numbers(hashes.is_valid().cast("uint8")).astype(bool)
        values = numbers(hashes.fill_null(0))
        edges = [0, *(np.flatnonzero(files[1:] != files[:-1]) + 1).tolist(), len(files)]
        for low, high in pairwise(edges):
            if low < high:
                at = int(files[low]) - 1
                self._rows[at] += high - low
                own = values[low:high]
                self._chunks[at].append(own[filled[low:high]] if hashes.null_count else own)

    def sorted(self, at: int) -> KeyHashes:
        hashes = np.concatenate([*self._chunks[at], np.empty(0, np.uint64)])
        self._chunks[at] = []
        hashes.sort()
        return KeyHashes(self._rows[at], hashes)


def all_equal(arrays: Sequence[Hashes]) -> Iterator[Hashes]:
    """Yield the hashes that stand in some sorted arrays more than once, range by range."""
    parts = max(1, -(-sum(len(a) for a in arrays) // _PART))
    edges = np.array([(1 << 64) * i // parts for i in range(1, parts)], np.uint64)
    cuts = [[0, *np.searchsorted(a, edges).tolist(), len(a)] for a in arrays]

    def part(i: int) -> Hashes:
        together = np.concatenate(
            [np.empty(0, np.uint64), *(a[c[i] : c[i + 1]] for a, c in zip(arrays, cuts, strict=True))]
        )
        together.sort()
        return np.unique(together[1:][together[1:] == together[:-1]])

    yield from _side_by_side(part, range(parts))


def equal_to(new: Hashes, old: Sequence[Hashes]) -> Iterator[Hashes]:
    """Yield the hashes that stand in `new` more than once, or in `new` and one of some sorted arrays."""
    new = np.sort(new)
    yield np.unique(new[1:][new[1:] == new[:-1]])
    if not len(new):
        return
    bits = min(26, max(10, len(new).bit_length() + 5))
    shift = np.uint64(64 - bits)
    is_met = np.zeros(1 << bits, bool)
    is_met[(new >> shift).view(np.int64)] = True

    def probe(array: Hashes) -> Hashes:
        # Sorted hashes walk through the table in its own order, and pieces of this size stay in the processor's cache.
        pieces = (array[start : start + _PIECE] for start in range(0, len(array), _PIECE))
        near = np.concatenate([np.empty(0, np.uint64), *(p[is_met.take((p >> shift).view(np.int64))] for p in pieces)])
        at = np.minimum(np.searchsorted(new, near), len(new) - 1)
        return np.unique(near[new[at] == near])

    yield from _side_by_side(probe, old)


def _side_by_side(work: Callable[[Any], Hashes], parts: Sequence[Any]) -> Iterator[Hashes]:
    with ThreadPoolExecutor(_LANES) as pool:
        yield from pool.map(work, parts)


def _limited(found: Iterator[Hashes]) -> list[int] | None:
    """Collect hashes; None where they are more than can be looked into."""
    hashes: set[int] = set()
    for some in found:
        hashes |= set(some[: MOST_CANDIDATES + 1].tolist())
        if len(hashes) > MOST_CANDIDATES:
            return None
    return sorted(hashes)


def _count(hashes: Hashes, wanted: Hashes) -> Any:
    return np.searchsorted(hashes, wanted, "right") - np.searchsorted(hashes, wanted, "left")


def _read_set(kept: Any) -> _Set | None:
    try:
        names, equal = kept["names"], kept["equal"]
        return _Set(frozenset(map(str, names)), None if equal is None else [int(h) for h in equal])
    except (TypeError, KeyError, ValueError):
        return None


def _read_values(kept: Any) -> dict[int, dict[str, int]]:
    try:
        return {int(h): {str(v): int(k) for v, k in values.items()} for h, values in kept.items()}
    except (AttributeError, TypeError, ValueError):
        return {}
