"""What of a table's checks an incremental run answers from its memory, file by file, and what it must run in full."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from meshkit.cache.entries import digest
from meshkit.errors import EngineError, MeshkitError, StatementTimeoutError
from meshkit.model.check import Kind
from meshkit.model.relation import Relation, SeenTable
from meshkit.model.reuse import FullCheck, TableReuse
from meshkit.run.answers import Answer
from meshkit.run.arrange import Means, arrange
from meshkit.run.kept import InFullError, Piece, Way, depends_on, kind_of, merged, way_of
from meshkit.run.kept_keys import KeptKey
from meshkit.run.memory import Memory, rows_by_path
from meshkit.run.per_file import ROWS, FileTable, Record
from meshkit.run.perform import Found, Performed, Performer
from meshkit.run.plan import Planner
from meshkit.run.steps import Ask, How, Key, Own, Step
from meshkit.sql import builders
from meshkit.sql.dialects import render
from meshkit.sql.per_file import orphans_by_file, put_sums
from meshkit.sql.text_view import Declared

Planned = Ask | Key | Own
GetMeans = Callable[[Planner, Sequence[Planned]], Means]


class TableMemory:
    """The checks of one table in an incremental run.

    Args:
        memory: What is remembered.
        planner: What planned the checks.
        declared: Types by which text is read.
        means: Says what is at hand to run checks in full.
    """

    def __init__(self, memory: Memory, planner: Planner, declared: Declared, means: GetMeans) -> None:
        self.memory = memory
        self.planner = planner
        self.rows: int | None = None
        self._means = means
        self._full: dict[str, str] = {}
        self._keys: dict[str, tuple[str, list[Relation]]] = {}
        self._lock = threading.Lock()
        relation, seen = planner.target.relation, planner.target.seen
        self._state = memory.state(relation)
        self._not_apart = memory.why_unknown(relation)
        self._files: FileTable | None = None
        if self._state is not None:
            as_text = declared if seen.is_text and relation.types else None
            self._files = FileTable(memory, relation, planner.target.alias, seen, self._state, as_text)
            self._not_apart = self._files.why_not_apart(self._state)
            self._is_first = not any(self._files.records())

    def split(self, planned: Sequence[Planned]) -> tuple[list[Performed], list[Callable[[], Performed]], list[Planned]]:
        """Part what was planned.

        Returns:
            What is remembered as a whole, what is answered file by file, and what must run in full.
        """
        ready: list[Performed] = []
        ways: list[Way] = []
        tasks: list[Callable[[], Performed]] = []
        full: list[Planned] = []
        for one in planned:
            try:
                if isinstance(one, Ask) and self._files and not self._not_apart:
                    ways.append(way_of(one, self.planner.target, self.memory.now))
                    continue
                reason = self._not_apart
            except InFullError as error:
                reason = str(error)
            found = self._recalled(one)
            if found is not None:
                ready.append(_performed([one], {one.check.id: found}))
            elif not self._not_apart and isinstance(one, Key) and one.can_hash and self.memory.session.can_hash:
                tasks.append(partial(self._or_full, one, self._key))
            elif not self._not_apart and isinstance(one, Own) and one.check.kind is Kind.REFERENCES:
                tasks.append(partial(self._or_full, one, self._reference))
            else:
                self._note(one, reason or _why_not_merged(one))
                full.append(one)
        if self._files and not self._not_apart:
            exact = [way for way in ways if way.ask.reads_floats]
            tasks.append(partial(self._scan, [way for way in ways if not way.ask.reads_floats]))
            tasks += [partial(self._scan, exact)] if exact else []
        return ready, tasks, full

    def keep(self, performed: Performed) -> None:
        """Remember what was answered over whole relations."""
        for check_id, found in performed.found.items():
            if check_id in self._keys and performed.step.how is not How.KEPT:
                self.memory.keep(*self._with_found(check_id, found))

    def report(self, product: str, table: str, wanted: Sequence[str]) -> TableReuse:
        """Return what was read, and which checks were run in full."""
        files = len(self._state.files) if self._state else 0
        scanned = len(self._files.scanned) if self._files else 0
        full = tuple(FullCheck(id=i, reason=self._full[i]) for i in wanted if i in self._full)
        return TableReuse(product=product, table=table, files=files, scanned=scanned, full=full)

    def _with_found(self, check_id: str, found: Found) -> tuple[str, Found, list[Relation]]:
        key, relations = self._keys[check_id]
        return key, found, relations

    def _note(self, one: Planned, reason: str) -> None:
        with self._lock:
            self._full.setdefault(one.check.id, reason)

    def _recalled(self, one: Planned) -> Found | None:
        """Return what is remembered of a check over all that it reads, if none of that has changed."""
        try:
            relations = self._read_by(one)
            sql = render(self.planner.alone(one).tree)
            key = self.memory.whole_key(sql, one.check.kind, relations)
        except (InFullError, MeshkitError) as error:
            if isinstance(error, InFullError) and not isinstance(one, Ask):
                self._note(one, str(error))
            return None
        if depends_on(sql, self.memory.now):
            return None
        self._keys[one.check.id] = (key, relations)
        return self.memory.recalled(key)

    def _read_by(self, one: Planned) -> list[Relation]:
        relations = {self.planner.target.relation.id: self.planner.target.relation}
        if one.check.kind is Kind.SQL:
            relations |= self.planner.bind(one.check).relations
        elif one.check.kind is Kind.REFERENCES:
            there = self.planner.reference(one.check)[0]
            relations[there.id] = there
        return list(relations.values())

    def _scan(self, ways: Sequence[Way]) -> Performed:
        """Answer checks by one pass over new files; what fails is taken apart until the culprits stand alone."""
        started = time.perf_counter()
        found, full = self._scanned(ways)
        for one, reason in full.values():
            self._note(one, reason)
        found |= self._in_full([one for one, _ in full.values()])
        return _performed([w.ask for w in ways], found, time.perf_counter() - started)

    def _scanned(self, ways: Sequence[Way]) -> tuple[dict[str, Found], dict[str, tuple[Ask, str]]]:
        assert self._files is not None
        pieces = {p.sql: p for way in ways for group in way.pieces.values() for p in group}
        exact = any(way.ask.reads_floats for way in ways)
        found: dict[str, Found] = {}
        full: dict[str, tuple[Ask, str]] = {}
        try:
            records = self._files.numbers(list(pieces.values()), exact=exact)
        except StatementTimeoutError as error:
            return {way.ask.check.id: Found(error=error) for way in ways}, {}
        except (MeshkitError, InFullError) as error:
            if isinstance(error, InFullError) or len(ways) < 2:
                reason = str(error) if isinstance(error, InFullError) else "its statement over new files failed"
                return {}, {way.ask.check.id: (way.ask, reason) for way in ways}
            half = len(ways) // 2
            for part in (ways[:half], ways[half:]):
                more, left = self._scanned(part)
                found, full = found | more, full | left
            return found, full
        self.rows = sum(int(record[ROWS][0]) for record in records)
        for way in ways:
            try:
                found[way.ask.check.id] = self._merged(way, records, self.rows)
            except (InFullError, MeshkitError) as error:
                reason = str(error) if isinstance(error, InFullError) else "its parts could not be put together"
                full[way.ask.check.id] = (way.ask, reason)
        return found, full

    def _merged(self, way: Way, records: Sequence[Record], rows: int) -> Found:
        numbers, parts = merged(way, records)
        if way.ask.check.kind is not Kind.SQL:
            return Found({"total": rows, **numbers})
        if way.sums is None:
            return Found(answer=Answer((kind_of(way, records),), [(numbers["value"],)]))
        query = render(put_sums(way.sums, [(None if value is None else str(value), kind) for value, kind in parts]))
        key = digest("put", self.memory.session.version, query)
        found = self.memory.recalled(key)
        if found is None:
            answer = self.memory.session.rows(query)
            found = Found(answer=Answer(answer.types, answer.rows))
            self.memory.keep(key, found, ())
        return found

    def _or_full(self, one: Planned, work: Callable[[Any], Found]) -> Performed:
        started = time.perf_counter()
        try:
            found = {one.check.id: work(one)}
        except InFullError as error:
            self._note(one, str(error))
            found = self._in_full([one])
        except StatementTimeoutError as error:
            found = {one.check.id: Found(error=error)}
        except EngineError:
            self._note(one, "its statement over new files failed")
            found = self._in_full([one])
        if one.check.id in self._keys:
            self.memory.keep(*self._with_found(one.check.id, found[one.check.id]))
        return _performed([one], found, time.perf_counter() - started)

    def _key(self, key: Key) -> Found:
        assert self._files is not None
        return Found(KeptKey(self._files, key).numbers())

    def _reference(self, own: Own) -> Found:
        """Count orphans of new files only: those of the others are the same as long as what they refer to is."""
        assert self._files is not None
        check, table = own.check, self._files
        there, theirs = self.planner.reference(check)
        state = self.memory.state(there)
        if state is None:
            raise InFullError(self.memory.why_unknown(there))
        if there.id == table.relation.id or not {f.path for f in state.files}.isdisjoint(f.path for f in table.files):
            raise InFullError("it refers to its own table")
        where = self.planner.where(check)
        counted = builders.counted(where).tree if where is not None else None
        totals = [Piece(counted, render(counted), "sum")] if counted is not None else []
        exact = own.alone.exact_floats
        records = table.numbers(totals, exact=exact)
        meant = digest(state.version, str(exact), render(self._orphans("", own, there.id, theirs, where)))
        keys = [table.record_key(file, meant) for file in table.files]
        kept = self.memory.entries.get_all(keys)
        bad = {i: kept[key] for i, key in enumerate(keys) if type(kept.get(key)) is int}
        missing = [i for i in range(len(keys)) if i not in bad]
        if missing:
            if len(missing) == len(keys) and not self._is_first and len(keys) > 1:
                self._note(own, f"'{check.values[0]}' has changed, or is new")
            part = table.part([table.files[i].path for i in missing])
            query = render(self._orphans(part, own, there.id, theirs, where))
            rows = rows_by_path(self.memory.session, query, exact=exact or self.memory.is_exact).by_path
            for i in missing:
                file = table.files[i]
                bad[i] = int(rows.get(file.path, (0,))[0])
                if file.is_settled and file.is_still_there and state.may_be_kept:
                    self.memory.entries.put(keys[i], bad[i])
        role = totals[0].sql if totals else ROWS
        return Found({"bad": sum(bad.values()), "total": sum(int(record[role][0] or 0) for record in records)})

    def _orphans(self, part: str, own: Own, there: str, theirs: Sequence[str], where: Any) -> Any:
        target = self.planner.target
        return orphans_by_file(part, target.alias, own.check.own_columns, there, theirs, where)

    def _in_full(self, planned: Sequence[Planned]) -> dict[str, Found]:
        """Run checks over all rows, as a run that remembers nothing does."""
        if not planned:
            return {}
        planner = copy.copy(self.planner)
        means = self._means(planner, planned)
        seen = planner.target.seen.model_copy(update={"rows": means.rows})
        planner.target = planner.target._replace(seen=seen)
        found: dict[str, Found] = {}
        for step in arrange(planned, planner, means):
            performer = Performer(self.memory.session, planner, is_exact=self.memory.is_exact)
            found |= performer.perform(step).found
        return found


def text_numbers(
    memory: Memory, relation: Relation, alias: str, seen: SeenTable, measures: Mapping[str, Any]
) -> tuple[int, dict[str, int]] | None:
    """Count over the text of a relation, file by file: its rows, and by name; None where that cannot be done."""
    state = memory.state(relation)
    if state is None:
        return None
    files = FileTable(memory, relation, alias, seen, state, None)
    pieces = {name: Piece(tree, render(tree), "sum") for name, tree in measures.items()}
    try:
        if files.why_not_apart(state):
            return None
        records = files.numbers(list(pieces.values()), exact=False)
    except (InFullError, MeshkitError):
        return None
    rows = sum(int(record[ROWS][0]) for record in records)
    return rows, {name: sum(int(record[p.sql][0] or 0) for record in records) for name, p in pieces.items()}


def _why_not_merged(one: Planned) -> str:
    if isinstance(one, Key):
        return "the type of its key, or the engine, has no exact hash"
    match one.check.kind:
        case Kind.SQL:
            return "its query is more than one pass over the table"
        case Kind.FREQUENCY:
            return "gaps between loads go across files"
    return "it is about parts of a nested column"


def _performed(planned: Sequence[Planned], found: Mapping[str, Found], seconds: float = 0.0) -> Performed:
    asks = tuple(one for one in planned if isinstance(one, Ask))
    own = next((one for one in planned if not isinstance(one, Ask)), None)
    return Performed(
        Step(How.KEPT, asks, own, reason="kept from earlier runs, and read in new files"), found, 0, seconds
    )
