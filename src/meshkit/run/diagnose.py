"""After the verdict: sample rows of a missed check, and its cause in a few sentences. Costs a few scans, never a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from meshkit.engines.base import Session
from meshkit.model.check import ROW_KINDS, Check, Kind
from meshkit.model.names import fold
from meshkit.model.run import Sample, Verdict
from meshkit.model.table import Table
from meshkit.model.types import Family
from meshkit.run import causes
from meshkit.run.plan import Planner
from meshkit.sql import bad_rows, builders, slices, statements
from meshkit.sql.guard import parse_condition
from meshkit.sql.nested import NESTED_KINDS
from meshkit.sql.trees import Tree, column_names
from meshkit.sql.types import holds_floats, native_type

MAX_GROUPS = 60
"""A column with more values than this among bad rows is no explanation."""
MAX_CANDIDATES = 12
_VALUE_KINDS = ROW_KINDS - NESTED_KINDS - {Kind.NOT_NULL} | {Kind.REFERENCES, Kind.UNIQUE}


class _Candidate(NamedTuple):
    """A column that could explain: what to group by, and whether that is a day."""

    column: str
    tree: Tree
    is_day: bool


class Subject(NamedTuple):
    """A table whose missed checks are looked into.

    Attributes:
        table: What is declared.
        planner: What planned its checks.
        masked: Folded names of columns with personal data.
        missed: Its missed checks.
    """

    table: Table
    planner: Planner
    masked: frozenset[str]
    missed: Sequence[Check]


class Diagnosis:
    """Looks into the missed checks of one table."""

    def __init__(self, session: Session, subject: Subject) -> None:
        self.session = session
        self.subject = subject
        self._everything: dict[tuple[str, bool], causes.Sizes] = {}

    def samples(self, verdict: Verdict, count: int) -> Sample | None:
        """Return up to `count` bad rows with their key columns; None where a check has no rows of its own.

        Raises:
            MeshkitError: The engine cannot answer what would show them.
        """
        rows = self._bad_rows(verdict.check)
        if rows is None:
            return None
        names = self._shown_columns(verdict.check)
        found = self._execute(bad_rows.sample(rows, names, self.subject.masked, count)).to_pylist()
        return Sample(columns=tuple(names), rows=tuple(tuple(_plain(row[n]) for n in names) for row in found))

    def why(self, verdict: Verdict) -> tuple[str, ...]:
        """Return what the bad rows have in common, the most telling first; empty when nothing stands out.

        Raises:
            MeshkitError: The engine cannot answer what would tell it.
        """
        check = verdict.check
        if check.kind is Kind.FRESHNESS:
            return tuple(self._newest(check))
        rows = self._bad_rows(check)
        if rows is None:
            return ()
        if check.kind is Kind.COMPLETENESS:
            return tuple(self._missing_by_column(check))
        values, held = self._values(check, rows)
        found = [*self._together(check, rows), values, *self._groups(check, rows, held)]
        return tuple(words for words in found if words)

    def _bad_rows(self, check: Check) -> Any:
        planner = self.subject.planner
        relation, alias = planner.target.relation.id, planner.target.alias
        where, within = planner.where(check), planner.within(check)
        mine = slices.joined(within, where)
        match check.kind:
            case Kind.UNIQUE if check.path:
                return None
            case Kind.UNIQUE:
                rows = bad_rows.rows_in_groups(relation, alias, check.own_columns, where)
                return rows if within is None else slices.only(rows, within)
            case Kind.REFERENCES:
                target, keys = planner.reference(check)
                return bad_rows.rows_not_found(relation, alias, check.own_columns, target.id, keys, mine)
            case Kind.COMPLETENESS:
                missing = builders.both(within, bad_rows.any_missing(check.columns))
                return bad_rows.rows_where(relation, alias, missing)
            case Kind.SQL:
                return bad_rows.rows_counted(planner.bind(check).tree, relation)
        condition = self._condition(check)
        return None if condition is None else bad_rows.rows_where(relation, alias, condition)

    def _condition(self, check: Check) -> Tree | None:
        planner = self.subject.planner
        if check.kind not in ROW_KINDS and check.kind is not Kind.NOT_FUTURE:
            return None
        assert check.column is not None
        seen = planner.target.seen.column(check.column)
        native = native_type(seen.type) if seen else None
        if check.kind is Kind.NOT_FUTURE:
            return builders.future(check.column, native, planner.now) if native else None
        where = slices.joined(planner.within(check), planner.where(check))
        reached = planner.reach(check, where)
        return builders.both(where, planner.condition(check, reached)) if reached.rows is None else None

    def _shown_columns(self, check: Check) -> list[str]:
        """Return the key, then what the check is about, then what its condition names; else the first columns."""
        table, seen = self.subject.table, self.subject.planner.target.seen
        key = (
            table.primary_key
            or tuple(c.name for c in table.columns if any(k.kind == "unique" for k in c.constraints))[:1]
        )
        named = set(check.own_columns if check.kind is not Kind.COMPLETENESS else check.columns[:6])
        if check.kind is Kind.SQL:
            mentioned = column_names(self.subject.planner.bind(check).tree)
            named |= {c.name for c in seen.columns if fold(c.name) in mentioned}
        elif check.where:
            mentioned = column_names(parse_condition(check.where))
            named |= {c.name for c in seen.columns if fold(c.name) in mentioned}
        wanted = dict.fromkeys(fold(name) for name in (*key, *sorted(named)))
        if not key:
            wanted |= dict.fromkeys(fold(c.name) for c in seen.columns[:3])
        return [c.name for folded in wanted if (c := seen.column(folded)) is not None]

    def _newest(self, check: Check) -> list[str]:
        """For freshness: the newest time that is not in the future."""
        target, now = self.subject.planner.target, self.subject.planner.now
        seen = target.seen.column(check.column) if check.column else None
        native = native_type(seen.type) if seen else None
        if seen is None or native is None or seen.name.casefold() in self.subject.masked:
            return []
        measure = builders.newest_measure(seen.name, native, now)["newest"].tree
        newest = self._row(statements.scan(target.relation.id, target.alias, [measure]))["m0"]
        return (
            []
            if newest is None
            else [
                f"newest: {newest:%Y-%m-%d}" if native.family is Family.DATE else f"newest: {newest:%Y-%m-%d %H:%M} UTC"
            ]
        )

    def _missing_by_column(self, check: Check) -> list[str]:
        """For completeness: the columns that most of the missing cells are in."""
        target = self.subject.planner.target
        measures = [builders.count_if(bad_rows.any_missing([name])) for name in check.columns]
        within = self.subject.planner.within(check)
        query = statements.scan(target.relation.id, target.alias, measures)
        row = self._row(query if within is None else slices.only(query, within))
        counts = [(int(row[f"m{i}"]), name) for i, name in enumerate(check.columns)]
        missing = sorted((c for c in counts if c[0]), key=lambda c: (-c[0], c[1]))[: causes.MOST_NAMED]
        return ["most are missing in " + ", ".join(f"{name} ({count:,})" for count, name in missing)] if missing else []

    def _together(self, check: Check, rows: Any) -> list[str]:
        others = [(o, c) for o in self.subject.missed if o.id != check.id and (c := self._condition(o)) is not None][
            :20
        ]
        if not others:
            return []
        row = self._row(bad_rows.overlap(rows, [c for _, c in others]))
        return causes.together(row["n"], [(other, row[f"o{i}"]) for i, (other, _) in enumerate(others)])

    def _values(self, check: Check, rows: Any) -> tuple[str, Fraction]:
        """Return the commonest bad values in words (never of personal data), and the share of bad rows they hold."""
        if (
            check.kind not in _VALUE_KINDS
            or check.path
            or check.column is None
            or check.column.casefold() in self.subject.masked
        ):
            return "", Fraction(0)
        found = self._execute(bad_rows.commonest(rows, check.column, causes.MOST_NAMED)).to_pylist()
        total = int(self._row(bad_rows.overlap(rows, []))["n"])
        values = [(r["value"], int(r["n"])) for r in found]
        held = Fraction(sum(n for _, n in values), total) if total else Fraction(0)
        return causes.commonest(values, total), held

    def _groups(self, check: Check, rows: Any, held: Fraction) -> list[str]:
        candidates = self._candidates(check)
        if not candidates:
            return []
        spread = self._row(bad_rows.spread(rows, [c.tree for c in candidates]))
        kept = [c for i, c in enumerate(candidates) if c.is_day or spread[f"g{i}"] <= MAX_GROUPS][:MAX_CANDIDATES]
        if not kept or spread["n"] < causes.LEAST_BAD:
            return []
        bad = self._sizes(rows, kept)
        within = self.subject.planner.within(check)
        is_sliced = within is not None
        new = [c for c in kept if (c.column, is_sliced) not in self._everything]
        if new:
            target = self.subject.planner.target
            whole = bad_rows.all_rows(target.relation.id, target.alias)
            sizes = self._sizes(whole if within is None else slices.only(whole, within), new)
            self._everything |= {(name, is_sliced): found for name, found in sizes.items()}
        groupings = [
            causes.Grouping(c.column, c.is_day, bad.get(c.column, {}), self._everything.get((c.column, is_sliced), {}))
            for c in kept
        ]
        return [causes.best_group(groupings, held), causes.worst_day(groupings)]

    def _candidates(self, check: Check) -> list[_Candidate]:
        chosen: list[_Candidate] = []
        if all(self._is_integer(name) for name in ("year", "month", "day")):
            chosen.append(_Candidate("", bad_rows.day_of_parts("year", "month", "day"), is_day=True))
        for seen in self.subject.planner.target.seen.columns:
            native = native_type(seen.type)
            if native is None or native.family.is_nested or native.family in (Family.BINARY, Family.TIME):
                continue
            if holds_floats(seen.type) or seen.name.casefold() in self.subject.masked or seen.name == check.column:
                continue
            is_day = native.family in (Family.TIMESTAMP, Family.DATE)
            tree: Tree = bad_rows.by_day(seen.name) if is_day else builders.column(seen.name)
            chosen.append(_Candidate(seen.name, tree, is_day))
        return chosen

    def _is_integer(self, name: str) -> bool:
        seen = self.subject.planner.target.seen.column(name)
        native = native_type(seen.type) if seen else None
        return native is not None and native.family is Family.INTEGER and name.casefold() not in self.subject.masked

    def _sizes(self, rows: Any, candidates: Sequence[_Candidate]) -> dict[str, causes.Sizes]:
        sizes: dict[str, dict[str | None, int]] = {}
        for row in self._execute(bad_rows.group_sizes(rows, [c.tree for c in candidates])).to_pylist():
            sizes.setdefault(candidates[row["which"]].column, {})[row["value"]] = int(row["n"])
        return dict(sizes)

    def _execute(self, query: Tree) -> Any:
        floats = any(holds_floats(c.type) for c in self.subject.planner.target.seen.columns)
        return self.session.execute(self.subject.planner.write(query), exact=floats)

    def _row(self, query: Tree) -> dict[str, Any]:
        return dict(self._execute(query).to_pylist()[0])


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: times in ISO form, everything unusual as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat(sep=" ")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
