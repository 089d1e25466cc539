"""Which targets there are, and one call that writes each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from meshkit.errors import UsageError
from meshkit.export.dbt import dbt_file
from meshkit.export.json_schema import json_schema
from meshkit.export.markdown import markdown_pages
from meshkit.export.marker import MARKER
from meshkit.model.check import Check
from meshkit.model.contract import Contract
from meshkit.model.dialects import dialect_called
from meshkit.model.exported import Export, NotHeld
from meshkit.model.names import did_you_mean, fold
from meshkit.model.table import Table
from meshkit.sql.ddl import create_tables
from meshkit.sql.ddl_types import DIALECTS

TARGETS = ("json-schema", "sql", "dbt", "markdown")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def export(
    contract: Contract,
    checks: Sequence[Check],
    product_id: str,
    target: str,
    *,
    dialect: str = "duckdb",
    table: str | None = None,
) -> Export:
    """Write a contract in the words of another tool.

    Raises:
        UsageError: An unknown target, dialect or table, or a contract that describes no table.
    """
    if target not in TARGETS:
        raise UsageError(f"unknown target '{target}'", did_you_mean(target, TARGETS))
    if target == "markdown":
        pages = markdown_pages(contract, checks, product_id)
        return Export(product=product_id, target=target, files=pages)
    dialect = dialect_called(dialect, DIALECTS) or dialect
    tables = _chosen(contract, table, product_id)
    files: dict[str, str] = {}
    missing: list[NotHeld] = []
    if target == "json-schema":
        for one in tables:
            text, left = json_schema(contract, one)
            files[f"{_file_name(one.name, files)}.schema.json"] = text
            missing += left
    elif target == "sql":
        made = create_tables(tables, dialect, within=contract.tables)
        files[f"{_file_name(contract.name, files)}.sql"] = f"-- {MARKER} --to sql --dialect {dialect}\n\n{made.text}"
        missing += [*made.not_held, *_beyond_tables(contract)]
    else:
        text, left = dbt_file(contract, tables, dialect)
        files[f"models/{_file_name(contract.name, files)}.yml"] = text
        missing += left
    if target == "json-schema":
        missing += _beyond_tables(contract)
    return Export(product=product_id, target=target, files=files, not_held=tuple(missing))


def _chosen(contract: Contract, name: str | None, product_id: str) -> Sequence[Table]:
    described = [t for t in contract.tables if t.columns]
    if not described:
        raise UsageError(f"{product_id} describes no columns, so there is no table to write", "add schema.fields")
    if name is None:
        return described
    found = [t for t in described if fold(name) in {fold(n) for n in (t.name, *t.names)}]
    if not found:
        names = [t.name for t in described]
        raise UsageError(f"{product_id} has no table '{name}'", did_you_mean(name, names))
    return found[:1]


def _beyond_tables(contract: Contract) -> list[NotHeld]:
    """Return what a contract promises of all rows together, which neither a record nor a table can hold."""
    found = [NotHeld(subject=c.name, reason="a check in SQL, over all rows") for c in contract.quality_checks]
    if contract.sla.freshness and contract.sla.freshness.max_age_hours is not None:
        found.append(NotHeld(subject="freshness", reason="it is about all rows and the clock"))
    if contract.sla.completeness and contract.sla.completeness.min_ratio:
        found.append(NotHeld(subject="completeness", reason="it is about all rows"))
    found += [NotHeld(subject=p.kind, reason="it is about all rows and the clock") for p in contract.promises]
    return found


def _file_name(name: str, taken: dict[str, str]) -> str:
    """Return a name that is safe in every file system, and not taken."""
    base = _UNSAFE.sub("_", name).strip(".") or "table"
    number, chosen = 2, base
    while any(fold(t).startswith(f"{fold(chosen)}.") for t in taken):
        chosen, number = f"{base}_{number}", number + 1
    return chosen
