"""Checks of one table to the statements that answer them. Pure: the schema seen and the clock are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from meshkit.errors import EngineError, MeshkitError, SqlError
from meshkit.later import Later
from meshkit.model.check import ROW_KINDS, SLICED_KINDS, Check, Kind, part_name
from meshkit.model.names import fold
from meshkit.model.namespace import Namespace
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.types import Family, LogicalType
from meshkit.model.variables import has_variables
from meshkit.run.steps import Ask, Key, Own, Planned, Refused, Statement, Target
from meshkit.run.writer import DUCKDB, Writer
from meshkit.sql import builders, nested, slices, statements
from meshkit.sql.bind import Bound, bind_query
from meshkit.sql.clock import set_clock
from meshkit.sql.filled import parse_filled
from meshkit.sql.guard import parse_condition
from meshkit.sql.measures import Measure, names_read
from meshkit.sql.metrics import COLUMN_METRICS, metric_measures
from meshkit.sql.one_scan import one_scan
from meshkit.sql.text_view import from_json, parsed_type
from meshkit.sql.trees import Tree, names_in
from meshkit.sql.types import holds_floats, native_type, require_comparable

if TYPE_CHECKING:
    from meshkit.sql.transpile import foreign
else:  # few queries are in the words of another engine
    foreign = Later("meshkit.sql.transpile.foreign")

See = Callable[[Relation], SeenTable]


class Planner:
    """Plans the checks of one table.

    Args:
        target: The table.
        namespace: What names in SQL and in references mean.
        see: What is in another relation.
        now: The clock.
        write: Writes a query as the engine reads it, or refuses it; None = for DuckDB.
    """

    def __init__(
        self, target: Target, namespace: Namespace, see: See, now: datetime, write: Writer | None = None
    ) -> None:
        self.write = write or Writer()
        self.target = target
        self.namespace = namespace
        self.see = see
        self.now = now
        self.counts_exactly = True
        self._alone: dict[str, str] = {}
        self._floats = {fold(c.name) for c in target.seen.columns if holds_floats(c.type)}

    def plan(self, check: Check) -> Planned:
        """Plan one check. Whatever stands against it is returned, never raised."""
        try:
            blocked = self._blocked_by(check.own_columns) or self._blocked_by(_wholes(check))
            if blocked and check.kind is Kind.SQL:
                self.bind(check)  # a query that may not run is refused, whatever its column is
            if blocked:
                return blocked
            where = self._where(check)
            if isinstance(where, Refused):
                return where
            planned = _PLANS[check.kind](self, check, where)
            if self.write.dialect != DUCKDB and not isinstance(planned, Refused):
                self.text_alone(planned)  # what cannot be said there is refused before anything runs
            return planned
        except MeshkitError as error:
            return Refused(error=f"{error.code} {error.what}" + (f"; {error.hint}" if error.hint else ""))

    def scan(self, asks: Sequence[Ask]) -> Statement:
        """Make one pass over the table, or over its slice, that answers all of `asks`; they read the same rows."""
        measures: list[Tree] = []
        roles: dict[str, dict[str, str]] = {}
        for ask in asks:
            roles[ask.check.id] = {}
            for role, measure in ask.measures.items():
                if measure.tree is slices.ROWS:
                    roles[ask.check.id][role] = "n"
                    continue
                roles[ask.check.id][role] = f"m{len(measures)}"
                measures.append(measure.tree)
            if "total" not in ask.measures:
                roles[ask.check.id]["total"] = "n"
        tree = statements.scan(self.target.relation.id, self.target.alias, measures)
        within = asks[0].within
        tree = tree if within is None else slices.only(tree, within)
        return Statement(tree, roles, any(a.reads_floats for a in asks))

    def text(self, statement: Statement) -> str:
        """Return a statement as the engine reads it."""
        return self.write(statement.tree, statement.dialect)

    def text_alone(self, planned: Ask | Key | Own) -> str:
        """Return the statement that answers one check by itself, as the engine reads it; written once, for that takes a while."""
        check_id = planned.check.id
        if check_id not in self._alone:
            self._alone[check_id] = self.text(self.alone(planned))
        return self._alone[check_id]

    def alone(self, planned: Ask | Key | Own) -> Statement:
        """Return the statement that answers one check by itself."""
        return planned.alone or self.scan([planned]) if isinstance(planned, Ask) else planned.alone

    def _ask(self, check: Check, measures: Mapping[str, Measure], alone: Statement | None = None) -> Ask:
        within, reads = self.within(check), names_read(measures)
        if within is not None:
            measures, reads = slices.limited(measures, within), reads | names_in(within)
        return Ask(check, measures, not self._floats.isdisjoint(reads), reads, alone, within)

    def within(self, check: Check) -> Tree | None:
        """Return the slice that a check is limited to; None where it is about the whole table."""
        is_sliced = check.kind in SLICED_KINDS or (check.kind is Kind.METRIC and check.values[0] in COLUMN_METRICS)
        return self.target.within if is_sliced else None

    def _blocked_by(self, columns: Iterable[str]) -> Refused | None:
        for name in columns:
            if fold(name) in self.target.broken:
                return Refused(skip=f"{name}: see {self.target.broken[fold(name)]}")
        return None

    def _where(self, check: Check) -> Tree | Refused | None:
        tree = self.where(check)
        if tree is None:
            return None
        return self._blocked_by(names_in(tree)) or tree

    def where(self, check: Check) -> Tree | None:
        """Return the condition that a check's author put on its rows, its clock set; None where there is none."""
        if not check.where:
            return None
        tree = parse_condition(check.where)
        set_clock(tree, self.now)
        return tree

    def _seen(self, name: str) -> SeenColumn:
        seen = self.target.seen.column(name)
        if seen is None:
            near = self.target.seen.near(name)
            raise SqlError(f"the data has no column '{name}'", f"did you mean '{near}'?" if near else "", code="MK206")
        return seen

    def _native(self, name: str) -> LogicalType:
        seen = self._seen(name)
        native = native_type(seen.type)
        if native is None:
            raise EngineError(
                f"column '{name}' is {seen.type}, which cannot be compared with texts of a contract", code="MK309"
            )
        return native

    def _row(self, check: Check, where: Tree | None) -> Planned:
        reached = self.reach(check, slices.joined(self.within(check), where))
        condition = self.condition(check, reached)
        if reached.rows is not None:
            tree = nested.scan(reached, builders.count_if(condition))
            return Own(check, self._statement(check, tree, {"bad": "m0", "total": "n"}))
        return self._ask(check, builders.row_measures(check, condition, where))

    def reach(self, check: Check, where: Tree | None) -> nested.Reached:
        """Return the column, or the part of it, that a check is about.

        Raises:
            SqlError: MK206, the data has no such column or part.
        """
        assert check.column is not None
        seen = self._seen(check.column)
        relation, alias = self.target.relation.id, self.target.alias
        return nested.reach(relation, alias, check.column, check.path, seen.type, where)

    def resolved(self, check: Check) -> Check:
        """Return a check with the variables in its arguments resolved.

        Raises:
            ContractError: MK143, one has no value.
        """
        texts = {"values": check.values, "missing": check.missing, "pattern": (check.pattern,)}
        if not any(has_variables(text) for group in texts.values() for text in group):
            return check
        put = {name: tuple(self.namespace.variables.put(t) for t in group) for name, group in texts.items()}
        return check.model_copy(update={**put, "pattern": put["pattern"][0]})

    def condition(self, check: Check, reached: nested.Reached) -> Tree:
        """Return the condition that a row, or an element, is bad.

        Raises:
            EngineError: MK309, the data's type is none that the check can be asked of.
        """
        check = self.resolved(check)
        if check.kind in nested.NESTED_KINDS:
            return nested.violation(check, reached.operand, reached.type)
        if check.kind is Kind.NOT_NULL:
            return builders.is_missing(reached.operand, reached.parent)
        operand, native = self._value(check, reached)
        return builders.violation(check, native, operand)

    def _value(self, check: Check, reached: nested.Reached) -> tuple[Tree, LogicalType]:
        """Return a part's value and what it is; a part of JSON is parsed by its declared type."""
        declared, time_format = self.target.parts.get(fold(check.part), ("", ""))
        if check.path and reached.type == nested.JSON and declared:
            return from_json(reached.operand, declared, time_format), parsed_type(declared)
        native = native_type(reached.type)
        if native is None or (native.family.is_nested and reached.type == nested.JSON and check.path):
            raise EngineError(
                f"'{check.part}' is {reached.type[:60]}, which cannot be compared with texts of a contract",
                code="MK309",
            )
        if native.is_uuid:
            return builders.as_text(reached.operand), LogicalType(family=Family.STRING)
        return reached.operand, native

    def _row_count(self, check: Check, where: Tree | None) -> Planned:
        return self._ask(check, {})

    def _completeness(self, check: Check, where: Tree | None) -> Planned:
        return self._ask(check, builders.completeness_measures(check.columns))

    def _metric(self, check: Check, where: Tree | None) -> Planned:
        what, *listed = check.values
        if what not in COLUMN_METRICS:
            return self._freshness(check, where)  # the age of the newest row, or with no column the number of rows
        assert check.column is not None
        seen = self._seen(check.column)
        return self._ask(check, metric_measures(what, seen, listed, is_exact=self.counts_exactly))

    def _freshness(self, check: Check, where: Tree | None) -> Planned:
        if check.column is None:
            return self._ask(check, {})  # the age is that of the newest file
        native = self._temporal(check.column)
        return self._ask(check, builders.newest_measure(check.column, native, self.now))

    def _not_future(self, check: Check, where: Tree | None) -> Planned:
        assert check.column is not None
        native = self._temporal(check.column)
        return self._ask(check, {"bad": builders.counted(builders.future(check.column, native, self.now))})

    def _temporal(self, name: str) -> LogicalType:
        native = self._native(name)
        if native.family not in ("date", "timestamp"):
            raise EngineError(
                f"column '{name}' is {native}, which is no time", "name a date or timestamp column", code="MK309"
            )
        return native

    def _oldest(self, check: Check, where: Tree | None) -> Planned:
        assert check.column is not None
        self._temporal(check.column)
        return self._ask(check, builders.oldest_measure(check.column))

    def _gaps(self, check: Check, where: Tree | None) -> Planned:
        assert check.column is not None
        self._temporal(check.column)
        tree = statements.gaps(self.target.relation.id, self.target.alias, check.column)
        return Own(check, self._statement(check, tree, {"gap": "gap"}))

    def _by_time_of_day(self, check: Check, where: Tree | None) -> Planned:
        assert check.column is not None
        native = self._temporal(check.column)
        return self._ask(check, builders.newest_measure(check.column, native, self.now))

    def _unique(self, check: Check, where: Tree | None) -> Planned:
        if self.target.within is not None:
            return self._unique_within(check, self.target.within, where)
        if check.path:
            reached = self.reach(check, where)
            tree = nested.duplicates(reached, self.target.relation.id, self.target.alias, where)
            return Own(check, self._statement(check, tree, _DUPLICATES))
        columns = check.own_columns
        tree = statements.duplicates(self.target.relation.id, self.target.alias, columns, where)
        natives = [native_type(self._seen(name).type) for name in columns]
        can_hash = all(native is not None and native.family in _HASHED for native in natives)
        return Key(check, columns, where, self._statement(check, tree, _DUPLICATES), can_hash)

    def _unique_within(self, check: Check, within: Tree, where: Tree | None) -> Planned:
        relation, alias = self.target.relation.id, self.target.alias
        if not check.path:
            for name in check.own_columns:
                self._seen(name)
            tree = slices.duplicates(relation, alias, check.own_columns, within, where)
            return Own(check, self._statement(check, tree, _DUPLICATES))
        read = (builders.both(within, where), builders.both(slices.outside(within), where))
        ours, others = (slices.Part(self.reach(check, rows), rows) for rows in read)
        tree = slices.element_duplicates(relation, alias, ours, others)
        return Own(check, self._statement(check, tree, _DUPLICATES))

    def _references(self, check: Check, where: Tree | None) -> Planned:
        relation, theirs = self.reference(check)
        where = slices.joined(self.within(check), where)
        tree = statements.orphans(
            self.target.relation.id, self.target.alias, check.own_columns, relation.id, theirs, where
        )
        return Own(check, self._statement(check, tree, {"bad": "bad", "total": "total"}, [relation]))

    def reference(self, check: Check) -> tuple[Relation, tuple[str, ...]]:
        """Return what a reference points at: the relation and its key columns, known to be there and comparable.

        Raises:
            SqlError: MK204 to MK206, the table or column is not there. EngineError: MK309, the types differ.
        """
        relation, columns = self.namespace.reference(check.values)
        seen = self.see(relation)
        for ours, theirs in zip(check.own_columns, columns, strict=True):
            there, here = seen.column(theirs), self.target.seen.column(ours)
            if there is None:
                near = seen.near(theirs)
                raise SqlError(
                    f"'{check.values[0]}' has no column '{theirs}'",
                    f"did you mean '{near}'?" if near else "",
                    code="MK206",
                )
            if here is None:
                raise SqlError(f"the data has no column '{ours}'", code="MK206")
            require_comparable(ours, here.type, f"{check.values[0]}.{theirs}", there.type)
        return relation, columns

    def _sql(self, check: Check, where: Tree | None) -> Planned:
        bound = self.bind(check)
        blocked = self._blocked_by(bound.columns.get(self.target.relation.id, ()))
        if blocked:
            return blocked
        alone = self._statement(check, statements.answer(bound.tree), {}, list(bound.relations.values()))
        words = self._words(check)[1]
        if words == self.write.dialect != DUCKDB:
            return Own(check, alone._replace(dialect=words))
        names = frozenset(fold(c.name) for c in self.target.seen.columns)
        measure = one_scan(bound.tree, self.target.relation.id, names)
        return self._ask(check, {"value": measure}, alone) if measure and check.answer is None else Own(check, alone)

    def bind(self, check: Check) -> Bound:
        """Prove a check's query harmless, set its clock and bind its names.

        Raises:
            SqlError: It is refused, or a name means nothing.
        """
        text, dialect = self._words(check)
        tree = parse_filled(text, dialect, self.namespace.variables)
        if dialect not in (DUCKDB, self.write.dialect):
            foreign.require_alike(tree, dialect, self.write.dialect)
        if dialect != self.write.dialect or dialect == DUCKDB:
            set_clock(tree, self.now)
        return bind_query(tree, self.namespace.resolve)

    def _words(self, check: Check) -> tuple[str, str]:
        """Return a check's query for this engine, and the dialect that it is written in."""
        own = self.write.dialect
        for dialect, text in (*check.overrides, (check.dialect, check.query)):
            if dialect == own:
                return text, dialect
        return check.query, check.dialect

    def _statement(
        self, check: Check, tree: Tree, roles: Mapping[str, str], reads: Sequence[Relation] = ()
    ) -> Statement:
        floats = not self._floats.isdisjoint(names_in(tree))
        for relation in reads:
            floats = floats or any(holds_floats(c.type) for c in self.see(relation).columns)
        return Statement(tree, {check.id: roles}, floats)


_DUPLICATES = {"bad": "bad", "in_groups": "in_groups", "total": "total"}
_HASHED = frozenset({Family.STRING, Family.INTEGER, Family.DECIMAL, Family.DATE, Family.TIMESTAMP, Family.BOOLEAN})
"""Families of which equal values have equal hashes, and which hold no NaN."""


def _wholes(check: Check) -> list[str]:
    """Name the part that a check is about, and all that it is a part of."""
    return [part_name(check.column or "", check.path[:end]) for end in range(1, len(check.path) + 1)]


_PLANS: Mapping[Kind, Callable[[Planner, Check, Tree | None], Planned]] = {
    **dict.fromkeys(ROW_KINDS, Planner._row),
    Kind.ROW_COUNT: Planner._row_count,
    Kind.COMPLETENESS: Planner._completeness,
    Kind.FRESHNESS: Planner._freshness,
    Kind.NOT_FUTURE: Planner._not_future,
    Kind.RETENTION: Planner._oldest,
    Kind.FREQUENCY: Planner._gaps,
    Kind.TIME_OF_AVAILABILITY: Planner._by_time_of_day,
    Kind.UNIQUE: Planner._unique,
    Kind.REFERENCES: Planner._references,
    Kind.SQL: Planner._sql,
    Kind.METRIC: Planner._metric,
}
