"""The view that serves a changed table under its old names, so that readers go on while they move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import TypeNameError
from meshkit.model.types import Family, LogicalType, parse_type
from meshkit.sql.builders import column, table
from meshkit.sql.dialects import render

_TYPES = {
    Family.STRING: "VARCHAR", Family.INTEGER: "BIGINT", Family.FLOAT: "DOUBLE", Family.NUMBER: "DOUBLE",
    Family.BOOLEAN: "BOOLEAN", Family.DATE: "DATE", Family.TIME: "TIME", Family.BINARY: "BLOB",
}  # fmt: skip


class OldColumn(NamedTuple):
    """A column as readers know it: its name and type, and the name that it has now ('' = it is gone)."""

    name: str
    type: str
    now: str


def compat_view(view: str, source: str, columns: Sequence[OldColumn]) -> str:
    """Write the view: renamed columns under their old names, and NULL of the old type for those that are gone.

    Example:
        >>> print(compat_view("orders_v1", "orders", [OldColumn("client", "string", "customer")]))
        CREATE VIEW "orders_v1" AS
        SELECT
          "orders"."customer" AS "client"
        FROM "orders" AS "orders"
    """
    selected = [exp.alias_(_value(c, source), c.name, quoted=True) for c in columns]
    query = exp.Select(expressions=selected).from_(table(source, source))
    name = exp.Table(this=exp.to_identifier(view, quoted=True))
    return render(exp.Create(this=name, kind="VIEW", expression=query), pretty=True)


def _value(old: OldColumn, source: str) -> exp.Expr:
    if old.now:
        return column(old.now, source)
    return exp.cast(exp.null(), _native(old.type), dialect="duckdb")


def _native(text: str) -> str:
    try:
        logical = parse_type(text) if text else LogicalType(family=Family.STRING)
    except TypeNameError:
        return "VARCHAR"
    if logical.family is Family.DECIMAL and logical.precision is not None:
        return f"DECIMAL({logical.precision},{logical.scale})"
    if logical.family is Family.TIMESTAMP:
        return "TIMESTAMPTZ" if logical.zoned else "TIMESTAMP"
    return _TYPES.get(logical.family, "JSON" if logical.family.is_nested else "DECIMAL(38,18)")
