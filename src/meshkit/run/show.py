"""The SQL of checks, to be read or pasted, without running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from meshkit.errors import MeshkitError
from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check
from meshkit.model.relation import Relation, SeenColumn, SeenTable
from meshkit.model.table import Table
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.run.job import declared_parts
from meshkit.run.plan import Planner
from meshkit.run.steps import Refused
from meshkit.run.steps import Target as TableTarget
from meshkit.run.work import Target
from meshkit.sql.dialects import render

_DUCKDB: Mapping[Family, str] = {
    Family.STRING: "VARCHAR", Family.INTEGER: "BIGINT", Family.DECIMAL: "DECIMAL(38,9)", Family.FLOAT: "DOUBLE",
    Family.NUMBER: "DECIMAL(38,9)", Family.BOOLEAN: "BOOLEAN", Family.DATE: "DATE", Family.TIMESTAMP: "TIMESTAMP",
    Family.TIME: "TIME", Family.BINARY: "BLOB", Family.OBJECT: "JSON", Family.ARRAY: "JSON", Family.MAP: "JSON",
}  # fmt: skip


def show_sql(target: Target, checks: Sequence[Check], now: datetime | None = None) -> dict[str, str]:
    """Compile checks for data that has exactly the declared columns. Check id -> SQL, or a comment that says why not."""
    shown: dict[str, str] = {}
    tables = {t.name: t for t in target.contract.tables}
    for check in checks:
        shown[check.id] = _sql(target, tables[check.table], check, now or datetime.now(UTC))
    return shown


def _sql(target: Target, table: Table, check: Check, now: datetime) -> str:
    if check.refusal or check.skip:
        return f"-- {check.refusal or check.skip}"
    if check.kind in CLOCK_KINDS:
        return "-- judged by the clock"
    if check.kind in SCHEMA_KINDS:
        return "-- judged from the data's own schema; in CSV and JSON, types are counted value by value"
    own = target.namespace.own(table)
    planner = Planner(
        TableTarget(own, table.name, _declared(own), {}, declared_parts(table)),
        target.namespace,
        _declared,
        now,
    )
    planned = planner.plan(check)
    if isinstance(planned, Refused):
        return f"-- {target.namespace.variables.hide(planned.error or planned.skip)}"
    try:
        return target.namespace.variables.hide(render(planner.alone(planned).tree, pretty=True))
    except MeshkitError as error:
        return f"-- {error}"


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
