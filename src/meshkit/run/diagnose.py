"""After the verdict: sample rows of a missed check, and its cause in a few sentences. Costs a few scans, never a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from meshkit.engines.base import Session
from meshkit.errors import MeshkitError
from meshkit.model.check import ROW_KINDS, Check, Kind
from meshkit.model.contract import Table
from meshkit.model.run import Sample, Verdict
from meshkit.model.types import Family, LogicalType
from meshkit.model.units import format_ratio
from meshkit.run.plan import Planner
from meshkit.sql import bad_rows, builders
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_condition
from meshkit.sql.trees import Tree, column_names
from meshkit.sql.types import holds_floats, native_type

MAX_GROUPS = 60
"""A column with more values than this is no explanation."""
MAX_CANDIDATES = 12
MAX_COMMONEST = 3
MAX_TOGETHER = 3
LEAST_BAD = 5
LEAST_GROUP = 10
"""A column whose values hold fewer rows each, on average, is a kind of key and explains nothing."""
LEAST_GAIN = Fraction(3, 10)
"""How much larger a group's share of bad rows must be than its share of all rows."""
_VALUE_KINDS = ROW_KINDS - {Kind.NOT_NULL} | {Kind.REFERENCES, Kind.UNIQUE}


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

    def samples(self, verdict: Verdict, count: int) -> Sample | None:
        """Return up to `count` bad rows with their key columns; None where a check has no rows of its own."""
        rows = self._rows(verdict.check)
        if rows is None:
            return None
        names = self._shown_columns(verdict.check)
        query = bad_rows.sample(rows, names, self.subject.masked, count)
        try:
            found = self._execute(query).to_pylist()
        except MeshkitError:
            return None
        return Sample(columns=tuple(names), rows=tuple(tuple(_plain(row[n]) for n in names) for row in found))

    def why(self, verdict: Verdict) -> tuple[str, ...]:
        """Return what the bad rows have in common, the most telling first; empty when nothing stands out."""
        rows = self._rows(verdict.check)
        if rows is None or not verdict.bad:
            return ()
        try:
            return (*self._missing_by_column(verdict.check), *self._together(verdict.check, rows), *self._values(verdict.check, rows),
                    *self._groups(verdict.check, rows))  # fmt: skip
        except MeshkitError:
            return ()  # the verdict stands; a cause that cannot be found is none

    def _rows(self, check: Check) -> Any:
        try:
            return self._bad_rows(check)
        except MeshkitError:
            return None

    def _bad_rows(self, check: Check) -> Any:
        planner = self.subject.planner
        relation, alias = planner.target.relation.id, planner.target.alias
        where = parse_condition(check.where) if check.where else None
        match check.kind:
            case Kind.UNIQUE:
                return bad_rows.rows_in_groups(relation, alias, check.own_columns, where)
            case Kind.REFERENCES:
                target, keys = planner.reference(check)
                return bad_rows.rows_not_found(relation, alias, check.own_columns, target.id, keys, where)
            case Kind.COMPLETENESS:
                return bad_rows.rows_where(relation, alias, bad_rows.any_missing(check.columns))
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
        if check.kind is Kind.NOT_NULL:
            native = LogicalType(family=Family.OBJECT)
        if native is None:
            return None
        if check.kind is Kind.NOT_FUTURE:
            return builders.future(check.column, native, planner.now)
        where = parse_condition(check.where) if check.where else None
        return builders.both(where, builders.violation(check, native))

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
            named |= {c.name for c in seen.columns if c.name.casefold() in mentioned}
        elif check.where:
            mentioned = column_names(parse_condition(check.where))
            named |= {c.name for c in seen.columns if c.name.casefold() in mentioned}
        wanted = dict.fromkeys(name.casefold() for name in (*key, *sorted(named)))
        if not key:
            wanted |= dict.fromkeys(c.name.casefold() for c in seen.columns[:3])
        return [c.name for folded in wanted if (c := seen.column(folded)) is not None]

    def _missing_by_column(self, check: Check) -> list[str]:
        """For completeness: the columns that most of the missing cells are in."""
        if check.kind is not Kind.COMPLETENESS:
            return []
        target = self.subject.planner.target
        measures = [builders.count_if(bad_rows.any_missing([name])) for name in check.columns]
        row = self._row(builders.scan(target.relation.id, target.alias, measures))
        missing = sorted(
            ((row[f"m{i}"], n) for i, n in enumerate(check.columns) if row[f"m{i}"]), key=lambda m: (-m[0], m[1])
        )
        return (
            ["most are missing in " + ", ".join(f"{n} ({count:,})" for count, n in missing[:MAX_COMMONEST])]
            if missing
            else []
        )

    def _together(self, check: Check, rows: Any) -> list[str]:
        """Other missed checks that all, or nearly all, of the same rows miss."""
        others = [(o, c) for o in self.subject.missed if o.id != check.id and (c := self._condition(o)) is not None][
            :20
        ]
        if check.kind is Kind.COMPLETENESS or not others:
            return []
        row = self._row(bad_rows.overlap(rows, [c for _, c in others]))
        found = []
        for position, (other, _) in enumerate(others):
            count, total = row[f"o{position}"], row["n"]
            if total and count * 10 >= total * 9:
                share = f"all {total:,}" if count == total else f"{count:,} of them"
                found.append((-count, f"{other.column} is missing in {share}" if other.kind is Kind.NOT_NULL
                              else f"{share} miss {other.column}.{other.kind} too"))  # fmt: skip
        return [text for _, text in sorted(found)[:MAX_TOGETHER]]

    def _values(self, check: Check, rows: Any) -> list[str]:
        """The commonest bad values; never of personal data."""
        if check.kind not in _VALUE_KINDS or check.column is None or check.column.casefold() in self.subject.masked:
            return []
        found = self._execute(bad_rows.commonest(rows, check.column, MAX_COMMONEST)).to_pylist()
        if not found or (found[0]["n"] == 1 and len(found) == MAX_COMMONEST):
            return []
        return ["commonest: " + ", ".join(f"{_quoted(r['value'])} ({r['n']:,})" for r in found)]

    def _groups(self, check: Check, rows: Any) -> list[str]:
        """The values of one column that hold most bad rows but not most rows, and the day that stands out."""
        candidates = self._candidates(check)
        if not candidates or check.kind is Kind.COMPLETENESS:
            return []
        spread = self._row(bad_rows.spread(rows, [tree for _, tree, _ in candidates]))
        kept = [c for i, c in enumerate(candidates) if c[2] or spread[f"g{i}"] <= MAX_GROUPS][:MAX_CANDIDATES]
        if not kept:
            return []
        trees = [tree for _, tree, _ in kept]
        target = self.subject.planner.target
        bad = self._sizes(bad_rows.group_sizes(rows, trees))
        everything = self._sizes(bad_rows.group_sizes(bad_rows.all_rows(target.relation.id, target.alias), trees))
        named = [self._best_group(bad, everything, kept), self._worst_day(bad, everything, kept)]
        return [text for text in named if text]

    def _candidates(self, check: Check) -> list[tuple[str, Tree, bool]]:
        """Columns that could explain: name, what to group by, and whether that is a day."""
        chosen: list[tuple[str, Tree, bool]] = []
        for seen in self.subject.planner.target.seen.columns:
            native = native_type(seen.type)
            if (
                native is None
                or native.family.is_nested
                or holds_floats(seen.type)
                or seen.name.casefold() in self.subject.masked
            ):
                continue
            if seen.name in check.own_columns or native.family in (Family.BINARY, Family.TIME):
                continue
            is_time = native.family in (Family.TIMESTAMP, Family.DATE)
            chosen.append((seen.name, bad_rows.by_day(seen.name) if is_time else builders.column(seen.name), is_time))
        return chosen

    def _sizes(self, query: Tree) -> dict[int, dict[str | None, int]]:
        sizes: dict[int, dict[str | None, int]] = {}
        for row in self._execute(query).to_pylist():
            sizes.setdefault(row["which"], {})[row["value"]] = row["n"]
        return sizes

    def _best_group(
        self, bad: Mapping[int, Any], everything: Mapping[int, Any], kept: Sequence[tuple[str, Tree, bool]]
    ) -> str:
        best: tuple[Fraction, str] = (LEAST_GAIN, "")
        for position, (name, _, is_day) in enumerate(kept):
            ours, theirs = bad.get(position, {}), everything.get(position, {})
            n_bad, n_all = sum(ours.values()), sum(theirs.values())
            if is_day or n_bad < LEAST_BAD or len(theirs) < 2 or n_all < LEAST_GROUP * len(theirs):
                continue
            ranked = sorted(ours.items(), key=lambda item: (-item[1], str(item[0])))[:MAX_TOGETHER]
            held = base = 0
            for used, (value, count) in enumerate(ranked, 1):
                held += count
                base += theirs.get(value, 0)
                gain = Fraction(held, n_bad) - Fraction(base, n_all) - Fraction(used - 1, 20)
                if gain > best[0] and used < len(theirs):
                    values = " and ".join(_quoted(v) for v, _ in ranked[:used])
                    share = f"all {held:,}" if held == n_bad else f"{format_ratio(held / n_bad)}"
                    best = (gain, f"{share} are in {name} {values}")
        return best[1]

    def _worst_day(
        self, bad: Mapping[int, Any], everything: Mapping[int, Any], kept: Sequence[tuple[str, Tree, bool]]
    ) -> str:
        for position, (name, _, is_day) in enumerate(kept):
            ours, theirs = bad.get(position, {}), everything.get(position, {})
            days = {d: n for d, n in ours.items() if d is not None}
            if not is_day or len(theirs) < 2 or not days:
                continue
            day, count = max(days.items(), key=lambda item: (item[1], item[0]))
            overall = Fraction(sum(ours.values()), sum(theirs.values()))
            if count >= LEAST_BAD and Fraction(count, theirs[day]) >= 2 * overall:
                return f"worst day by {name} {day}: {count:,} of {theirs[day]:,}"
        return ""

    def _execute(self, query: Tree) -> Any:
        floats = any(holds_floats(c.type) for c in self.subject.planner.target.seen.columns)
        return self.session.execute(render(query), exact_floats=floats)

    def _row(self, query: Tree) -> dict[str, Any]:
        return dict(self._execute(query).to_pylist()[0])


def _quoted(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: times in ISO form, everything unusual as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat(sep=" ")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
