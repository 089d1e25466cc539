"""The SQL of checks, to be read or pasted, without running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

from meshkit.engines.base import Session, Settings
from meshkit.errors import MeshkitError, SourceError, UsageError
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check
from meshkit.model.dialects import dialect_called, near_dialect
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.table import Table
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.run.execute import spans
from meshkit.run.job import declared_parts
from meshkit.run.plan import Planner, See
from meshkit.run.sessions import Engines, Sessions
from meshkit.run.steps import Refused
from meshkit.run.steps import Target as TableTarget
from meshkit.run.work import Target, read_by
from meshkit.run.writer import DUCKDB, HowStored, Writer
from meshkit.sql.transpile.known import DIALECTS

_DUCKDB: Mapping[Family, str] = {
    Family.STRING: "VARCHAR", Family.INTEGER: "BIGINT", Family.DECIMAL: "DECIMAL(38,9)", Family.FLOAT: "DOUBLE",
    Family.NUMBER: "DECIMAL(38,9)", Family.BOOLEAN: "BOOLEAN", Family.DATE: "DATE", Family.TIMESTAMP: "TIMESTAMP",
    Family.TIME: "TIME", Family.BINARY: "BLOB", Family.OBJECT: "JSON", Family.ARRAY: "JSON", Family.MAP: "JSON",
}  # fmt: skip


class Words(NamedTuple):
    """How SQL is shown.

    Attributes:
        dialect: Whose words; empty = those of the engine that holds the table.
        with_rewrites: Whether comments say what was written in another way than DuckDB has it.
    """

    dialect: str = ""
    with_rewrites: bool = False


class Held(NamedTuple):
    """What is known of the tables that a check reads.

    Attributes:
        own: The table of the check.
        dialect: Of the engine that holds it.
        see: Returns a relation as it is.
        stored: Tells its name there, and its columns.
    """

    own: SeenTable
    dialect: str
    see: See
    stored: HowStored


def words(dialect: str | None, with_rewrites: bool) -> Words:  # both are always given
    """Return how SQL is shown.

    Raises:
        UsageError: There is no such dialect.
    """
    if dialect is None:
        return Words("", with_rewrites)
    known = (DUCKDB, *DIALECTS)
    called = dialect_called(dialect, known)
    if not called:
        raise UsageError(f"unknown dialect '{dialect}'", near_dialect(dialect, known))
    return Words(called, with_rewrites)


def show_sql(
    target: Target, checks: Sequence[Check], words: Words, now: datetime | None = None, sessions: Sessions | None = None
) -> dict[str, str]:
    """Compile checks. Check id -> SQL, or a comment that says why not.

    Args:
        target: The product.
        checks: Of that product.
        words: How SQL is shown.
        now: The clock; none = the present.
        sessions: The engines that hold its tables; without one, the data has exactly the declared columns.

    Raises:
        UsageError: A table is held by an engine of another dialect than is asked for.
        EngineError: An engine is not reached.
    """
    shown: dict[str, str] = {}
    tables = {t.name: t for t in target.contract.tables}
    for check in checks:
        shown[check.id] = _sql(target, tables[check.table], check, words, sessions, now or datetime.now(UTC))
    return shown


def show_placed_sql(
    target: Target, checks: Sequence[Check], words: Words, engines: Engines, frames: Mapping[str, Any]
) -> dict[str, str]:
    """Compile checks as a run on some engines would; see `show_sql`. Engines that hold tables are asked for their columns."""
    own = [target.namespace.own(t) for t in target.contract.tables]
    read = [r for check in checks for r in read_by(check, target.namespace).values()]
    relations = list({r.id: r for r in (*own, *read)}.values())
    with closing(Sessions(engines, relations, frames, Settings(threads=1))) as sessions:
        return show_sql(target, checks, words, sessions=sessions)


def _held(own: Relation, read: Mapping[str, Relation], session: Session | None, words: Words) -> Held:
    """Return what the engine has of the tables that a check reads; what is declared of them where none is asked.

    Raises:
        EngineError: It is not reached, or has no such table.
    """
    if session is None:
        return Held(_declared(own), words.dialect or DUCKDB, _declared, lambda name: _stored(read[name]))
    seen = session.see(own.id)
    if words.dialect not in ("", session.dialect):
        hint = f"leave --dialect out, or write: --dialect {session.dialect}"
        raise UsageError(f"engine '{own.engine}' does not speak '{words.dialect}'", hint)

    def see(relation: Relation) -> SeenTable:
        if relation.engine != own.engine:
            raise spans(relation, own.engine)
        return session.see(relation.id)

    return Held(seen, session.dialect, see, session.stored)


def _sql(target: Target, table: Table, check: Check, words: Words, sessions: Sessions | None, now: datetime) -> str:
    if check.refusal or check.skip:
        return f"-- {check.refusal or check.skip}"
    if check.kind in CLOCK_KINDS:
        return "-- judged by the clock"
    if check.kind in SCHEMA_KINDS:
        return "-- judged from the data's own schema; in CSV and JSON, types are counted value by value"
    own = target.namespace.own(table)
    read = {own.id: own, **read_by(check, target.namespace)}
    session = sessions[own.engine] if sessions is not None and own.engine else None
    try:
        held = _held(own, read, session, words)
    except SourceError as error:
        return f"-- {error}"
    writer = Writer(held.dialect, read, held.stored)
    of = TableTarget(own, table.name, held.own, {}, declared_parts(table))
    planner = Planner(of, target.namespace, held.see, now, writer)
    try:
        planned = planner.plan(check)
        if isinstance(planned, Refused):
            return f"-- {target.namespace.variables.hide(planned.error or planned.skip)}"
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
