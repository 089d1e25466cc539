"""A slice that a caller asks for, and the tables of a run: which of them it limits, and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from meshkit.errors import EngineError, QuantityError, UsageError
from meshkit.model.check import Check, Kind
from meshkit.model.names import did_you_mean, fold
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.slice import Partition, Slice, SliceReport
from meshkit.model.types import Family
from meshkit.run.job import Job
from meshkit.run.steps import TableSlice
from meshkit.sql.slices import has_value, joined, within_window
from meshkit.sql.trees import Tree
from meshkit.sql.types import native_type

Named = tuple[str, Job]
"""A table of a run: the id of its product with its name, and its checks."""
_DAY = timedelta(days=1)


class Slicer:
    """Finds out what a slice is to each table of a run.

    Args:
        asked: The slice.
        see: What is in a relation.
        now: The clock, aware.
    """

    def __init__(self, asked: Slice, see: Callable[[Relation], SeenTable], now: datetime) -> None:
        self.asked = asked
        self.now = now
        self._see = see

    def limit(self, tables: Sequence[Named]) -> tuple[list[Job], SliceReport]:
        """Tell each job what the slice is to its table; and say which tables it limits.

        Raises:
            UsageError: No table has a column that was named, a value does not fit its column, or no table can be limited.
        """
        seen = [self._seen(job) for _, job in tables]
        for partition in self.asked.partitions:
            self._require_known(partition, tables, seen)
        found = [self._slice(named, there) for named, there in zip(tables, seen, strict=True)]
        if tables and None not in seen and all(s.within is None for s in found):
            reasons = "; ".join(dict.fromkeys(s.words for s in found))
            raise UsageError(f"no table can be limited to {self.words}: {reasons}", self._way_out())
        limited = [job._replace(slice=s) for (_, job), s in zip(tables, found, strict=True)]
        return limited, self._report({name: s for (name, _), s in zip(tables, found, strict=True)})

    def _report(self, found: Mapping[str, TableSlice]) -> SliceReport:
        return SliceReport(
            asked=self.asked,
            until=self.now,
            words=self.words,
            tables=tuple(name for name, s in found.items() if s.within is not None),
            whole=tuple((name, s.words) for name, s in found.items() if s.within is None),
        )

    @property
    def words(self) -> str:
        """The slice in words."""
        window = [f"the last {self.asked.window_text}"] if self.asked.window else []
        return " and ".join([*map(str, self.asked.partitions), *window])

    def _seen(self, job: Job) -> SeenTable | None:
        try:
            return self._see(job.namespace.own(job.table))
        except EngineError:
            return None  # its checks say what is wrong with it

    def _require_known(self, partition: Partition, tables: Sequence[Named], seen: Sequence[SeenTable | None]) -> None:
        known: dict[str, None] = {}
        for (_, job), there in zip(tables, seen, strict=True):
            names = [c.name for c in (there.columns if there else job.table.columns)]
            if there is None and not names:
                return  # nothing is known of it
            if fold(job.table.stored(partition.column)) in {fold(n) for n in names}:
                return
            known |= dict.fromkeys(names)
        if tables:
            raise UsageError(f"no table has a column '{partition.column}'", did_you_mean(partition.column, known))

    def _slice(self, named: Named, seen: SeenTable | None) -> TableSlice:
        if seen is None:
            return TableSlice(None, "it could not be opened")
        conditions: list[Tree] = []
        words: list[str] = []
        name, job = named
        for partition in self.asked.partitions:
            column = seen.column(job.table.stored(partition.column))
            if column is None:
                return TableSlice(None, f"it has no column '{partition.column}'")
            conditions.append(_partition(partition, column, name))
            words.append(str(partition))
        if self.asked.window is not None:
            windowed = self._windowed(self.asked.window, job, seen)
            if windowed.within is None:
                return windowed
            conditions.append(windowed.within)
            words.append(windowed.words)
        return TableSlice(joined(*conditions), " and ".join(words))

    def _windowed(self, window: timedelta, job: Job, seen: SeenTable) -> TableSlice:
        name = time_column(job.checks)
        if not name:
            return TableSlice(None, "its contract names no sla.freshness.column")
        column = seen.column(name)
        if column is None:
            return TableSlice(None, f"it has no column '{name}'")
        native = native_type(column.type)
        if native is None or native.family not in (Family.DATE, Family.TIMESTAMP):
            return TableSlice(None, f"its column '{name}' is {column.type}, which is no time")
        if native.family is Family.DATE and window < _DAY:
            return TableSlice(None, f"its column '{name}' holds days, and the window is shorter than one")
        until = f"{self.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return TableSlice(
            within_window(column.name, native, window, self.now),
            f"{name} in the last {self.asked.window_text} up to {until}",
        )

    def _way_out(self) -> str:
        if self.asked.window is None:
            return "leave out one of the columns, or run it without a slice"
        return "name a date or timestamp column in sla.freshness.column, or use --partition"


def time_column(checks: Sequence[Check]) -> str:
    """Return the column of `sla.freshness.column`, which the checks of freshness and of future times are about."""
    kinds = (Kind.FRESHNESS, Kind.NOT_FUTURE)
    return next((c.column for c in checks if c.kind in kinds and c.column), "")


def _partition(partition: Partition, column: SeenColumn, table_id: str) -> Tree:
    native = native_type(column.type)
    misfit = f"'{partition.value}' is no value of column '{partition.column}' of {table_id}, which is "
    if native is None:
        raise UsageError(misfit + column.type)
    try:
        condition = has_value(column.name, partition.value, native)
    except QuantityError as error:
        raise UsageError(misfit + str(native), error.hint or error.what) from error
    if condition is None:
        raise UsageError(misfit + str(native))
    return condition
