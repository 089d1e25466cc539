"""Keys that are proved unique by sorted hashes: equal hashes are few, and are then compared by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from meshkit.engines.base import Session
from meshkit.later import Later
from meshkit.run.plan import Planner
from meshkit.run.steps import Key, Step
from meshkit.sql import builders, statements
from meshkit.sql.dialects import render

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
else:  # small tables are grouped by the engine
    np = Later("numpy")

MOST_CANDIDATES = 2_000
"""Equal hashes up to which they are looked up by value; with more, the whole key is grouped."""
_HASHES = 1 << 64


class _Hashes:
    """The hashes of keys as they come in, batch by batch, and how many rows meet each condition."""

    def __init__(self, rows: int, conditions: int = 0) -> None:
        self._expected = rows
        self._found: npt.NDArray[np.uint64] | None = None  # made when rows come: numpy takes a while to import
        self._filled = 0
        self.rows = 0
        self.met = [0] * conditions

    def take(self, batch: pa.RecordBatch) -> None:
        hashes = batch.column(0)
        if hashes.null_count:
            hashes = hashes.drop_null()
        values = numbers(hashes)
        end = self._filled + len(values)
        if self._found is None:
            self._found = np.empty(max(self._expected, end), np.uint64)
        elif end > len(self._found):
            self._found = np.concatenate([self._found[: self._filled], np.empty(end, np.uint64)])
        self._found[self._filled : end] = values
        self._filled = end
        self.rows += batch.num_rows
        met = [batch.column(i).true_count for i in range(1, batch.num_columns)]
        self.met = [a + b for a, b in zip(self.met, met, strict=True)]

    def equal(self) -> list[int]:
        """Return the hashes that stand there more than once, each once; at most one more than can be looked up."""
        if self._found is None:
            return []
        hashes = self._found[: self._filled]
        hashes.sort()
        again = hashes[1:][hashes[1:] == hashes[:-1]]
        return [int(h) for h in np.unique(again)[: MOST_CANDIDATES + 1]]


def numbers(values: pa.Array) -> npt.NDArray[Any]:
    """Return whole numbers without NULLs as they lie in memory (Arrow's own way imports pandas first, which takes long)."""
    return np.frombuffer(values.buffers()[1], str(values.type))[values.offset : values.offset + len(values)]


def count_duplicates(
    session: Session, step: Step, planner: Planner, *, exact: bool
) -> tuple[dict[str, Any], list[int]]:
    """Count the duplicates of a key, and the rows that meet the conditions which share its scan.

    Returns:
        The key's numbers by role (bad, in_groups, total), and the rows per condition.
    """
    key = step.own
    assert isinstance(key, Key)
    assert step.statement is not None
    rows = planner.target.seen.rows or 0
    if rows * 8 <= session.key_bytes:
        hashes = _Hashes(rows, len(step.asks))
        session.fold(planner.text(step.statement), hashes.take, exact=exact)
        return _numbers(session, key, planner, hashes.equal(), exact=exact, total=hashes.rows), hashes.met
    equal: list[int] = []
    for query in _parts(key, planner, rows, session.key_bytes):
        hashes = _Hashes(session.key_bytes // 16)
        session.fold(query, hashes.take, exact=exact)
        equal += hashes.equal()
        if len(equal) > MOST_CANDIDATES:
            break
    return _numbers(session, key, planner, equal, exact=exact, total=None), []


def _parts(key: Key, planner: Planner, rows: int, most_bytes: int) -> Iterator[str]:
    """Cut the range of hashes into parts of which each fits into memory, half filled."""
    target = planner.target
    parts = -(-rows * 16 // most_bytes)
    edges = [_HASHES * i // parts for i in range(parts + 1)]
    for low, high in pairwise(edges):
        yield render(statements.hashes_between(target.relation.id, target.alias, key.columns, key.where, low, high - 1))


def _numbers(
    session: Session, key: Key, planner: Planner, equal: list[int], *, exact: bool, total: int | None
) -> dict[str, Any]:
    if len(equal) > MOST_CANDIDATES:
        return _row(session, planner.text(key.alone), exact=exact)
    target = planner.target
    found: Mapping[str, Any] = {"bad": 0, "in_groups": 0}
    if equal:
        query = statements.duplicates_among(target.relation.id, target.alias, key.columns, key.where, equal)
        found = _row(session, render(query), exact=exact)
    if total is None:
        condition = key.where if key.where is not None else builders.TRUE
        total = _row(session, render(statements.count_where(target.relation.id, target.alias, condition)), exact=exact)[
            "m0"
        ]
    return {**found, "total": total}


def _row(session: Session, query: str, *, exact: bool) -> dict[str, Any]:
    answer = session.rows(query, exact=exact)
    return dict(zip(answer.names, answer.rows[0], strict=True))
