"""The SQL of checks, to be read or pasted, without running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from meshkit.errors import MeshkitError, UsageError
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check
from meshkit.model.names import did_you_mean
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.table import Table
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.run.job import declared_parts
from meshkit.run.plan import Planner
from meshkit.run.steps import Refused
from meshkit.run.steps import Target as TableTarget
from meshkit.run.work import Target, read_by
from meshkit.run.writer import DUCKDB, Writer
from meshkit.sql.transpile.known import DIALECTS

_DUCKDB: Mapping[Family, str] = {
    Family.STRING: "VARCHAR", Family.INTEGER: "BIGINT", Family.DECIMAL: "DECIMAL(38,9)", Family.FLOAT: "DOUBLE",
    Family.NUMBER: "DECIMAL(38,9)", Family.BOOLEAN: "BOOLEAN", Family.DATE: "DATE", Family.TIMESTAMP: "TIMESTAMP",
    Family.TIME: "TIME", Family.BINARY: "BLOB", Family.OBJECT: "JSON", Family.ARRAY: "JSON", Family.MAP: "JSON",
}  # fmt: skip


class Words(NamedTuple):
    """How SQL is shown.

    Attributes:
        dialect: Whose words.
        with_rewrites: Whether comments say what was written in another way than DuckDB has it.
    """

    dialect: str = DUCKDB
    with_rewrites: bool = False


def words(dialect: str, with_rewrites: bool) -> Words:  # both are always given
    """Return how SQL is shown.

    Raises:
        UsageError: There is no such dialect.
    """
    known = (DUCKDB, *DIALECTS)
    if dialect not in known:
        raise UsageError(f"unknown dialect '{dialect}'", did_you_mean(dialect, known) or f"known: {', '.join(known)}")
    return Words(dialect, with_rewrites)


def show_sql(target: Target, checks: Sequence[Check], words: Words, now: datetime | None = None) -> dict[str, str]:
    """Compile checks for data that has exactly the declared columns. Check id -> SQL, or a comment that says why not."""
    shown: dict[str, str] = {}
    tables = {t.name: t for t in target.contract.tables}
    for check in checks:
        shown[check.id] = _sql(target, tables[check.table], check, words, now or datetime.now(UTC))
    return shown


def _sql(target: Target, table: Table, check: Check, words: Words, now: datetime) -> str:
    if check.refusal or check.skip:
        return f"-- {check.refusal or check.skip}"
    if check.kind in CLOCK_KINDS:
        return "-- judged by the clock"
    if check.kind in SCHEMA_KINDS:
        return "-- judged from the data's own schema; in CSV and JSON, types are counted value by value"
    own = target.namespace.own(table)
    read = {own.id: own, **read_by(check, target.namespace)}
    writer = Writer(words.dialect, read, lambda relation_id: _stored(read[relation_id]))
    planner = Planner(
        TableTarget(own, table.name, _declared(own), {}, declared_parts(table)),
        target.namespace,
        _declared,
        now,
        writer,
    )
    planned = planner.plan(check)
    if isinstance(planned, Refused):
        return f"-- {target.namespace.variables.hide(planned.error or planned.skip)}"
    try:
        statement = planner.alone(planned)
        written = writer.translated(statement.tree, statement.dialect, pretty=True)
    except MeshkitError as error:
        return f"-- {error}"
    notes = [f"-- {note}" for note in written.rewrites if words.with_rewrites]
    return target.namespace.variables.hide("\n".join([*notes, written.sql]))


def _stored(relation: Relation) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
    """Return where a relation would be: its declared name, or its table's own."""
    return relation.parts or (relation.id.rpartition(".")[2],), _declared(relation).columns


def _declared(relation: Relation) -> SeenTable:
    return SeenTable(columns=tuple(SeenColumn(n, native_name(t)) for n, t in relation.types), format="table")


def native_name(declared: str) -> str:
    """Return DuckDB's name for a declared type.

    Example:
        >>> native_name("decimal(12, 2)"), native_name("string")
        ('DECIMAL(12,2)', 'VARCHAR')
    """
    if not declared:
        return "VARCHAR"
    logical: LogicalType = parse_type(declared)
    if logical.family is Family.DECIMAL and logical.precision is not None:
        return f"DECIMAL({logical.precision},{logical.scale})"
    if logical.family is Family.TIMESTAMP and logical.zoned:
        return "TIMESTAMP WITH TIME ZONE"
    return _DUCKDB[logical.family]
