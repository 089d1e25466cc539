"""A product, and a list of products, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meshkit.model.check import Check, part_name
from meshkit.model.contract import Contract
from meshkit.model.table import Column, Table
from meshkit.model.units import format_ratio
from meshkit.report.text import Paint


def product_as_row(product_id: str, contract: Contract, checks: int) -> dict[str, Any]:
    """Return the line of a list as values that JSON can hold."""
    return {
        "id": product_id,
        "version": contract.version,
        "status": str(contract.status),
        "domain": contract.domain,
        "owner": contract.owner.team or None,
        "checks": checks,
        "description": " ".join(contract.description.split()),
    }


def render_list(rows: Sequence[Mapping[str, Any]], total: int, paint: Paint) -> str:
    """Render products one per line."""
    width = max((len(r["id"]) for r in rows), default=0)
    owners = max((len(r["owner"] or "") for r in rows), default=0)
    lines = [
        f"{paint(r['id'], 'name')}{' ' * (width - len(r['id']))}  {r['version']:<8} {r['status']:<10} "
        f"{r['owner'] or '':<{owners}}  {r['checks']:>3} checks"
        for r in rows
    ]
    shown = "" if len(rows) == total else f", {len(rows):,} shown"
    lines += [
        "",
        f"{total:,} product{'' if total == 1 else 's'}{shown}",
        paint("next: meshkit show PRODUCT --mesh PATH", "faint"),
    ]
    return "\n".join(lines) + "\n"


def product_as_dict(product_id: str, contract: Contract, checks: Sequence[Check]) -> dict[str, Any]:
    """Return a whole product as values that JSON can hold."""
    sla = contract.sla
    return {
        **product_as_row(product_id, contract, len(checks)),
        "classification": contract.classification or None,
        "data_kind": contract.data_kind,
        "tags": list(contract.tags),
        "contact": contract.owner.contact or None,
        "sla": {
            "availability": float(sla.availability) if sla.availability else None,
            "freshness_hours": sla.freshness.max_age_hours if sla.freshness else None,
            "update_schedule": (sla.freshness.update_schedule or None) if sla.freshness else None,
            "completeness": float(sla.completeness.min_ratio)
            if sla.completeness and sla.completeness.min_ratio
            else None,
        },
        "inputs": dict(contract.inputs),
        "tables": [
            {
                "name": t.name,
                "names": list(t.names),
                "location": t.location or None,
                "format": t.format or None,
                "primary_key": list(t.primary_key),
                "partitioned_by": list(t.partitioned_by),
                "columns": [_column_as_dict(c) for c in t.columns],
            }
            for t in contract.tables
        ],
        "checks": [
            {
                "id": c.id,
                "kind": str(c.kind),
                "table": c.table,
                "column": c.column,
                "severity": str(c.severity),
                "threshold": str(c.threshold),
                "description": c.description or None,
                "place": {"file": c.place.file, "line": c.place.line, "column": c.place.column},
            }
            for c in checks
        ],
    }


def _column_as_dict(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type or None,
        "description": column.description or None,
        "is_pii": column.is_pii,
        "unit": column.unit or None,
        **({"parts": {step: _column_as_dict(part) for step, part in column.parts}} if any(column.parts) else {}),
    }


def _rows_of(column: Column, name: str, table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield a column and its parts as name, type, and what is said of it."""
    marks = ["key"] if name in table.primary_key else []
    marks += ["pii"] if column.is_pii else []
    yield name, column.type, " ".join([*marks, *dict.fromkeys(k.kind for k in column.constraints)])
    for step, part in column.parts:
        yield from _rows_of(part, part_name(name, (step,)), table)


def render_product(product_id: str, contract: Contract, checks: Sequence[Check], file: str, paint: Paint) -> str:
    """Render a product for people."""
    sla = contract.sla
    lines = [f"{paint(product_id, 'name')} {contract.version} · {contract.status} · {file}", ""]
    lines += [*contract.description.strip().splitlines(), ""] if contract.description.strip() else []
    facts = {
        "owner": " ".join(t for t in (contract.owner.team, contract.owner.contact, contract.owner.slack) if t),
        "classification": contract.classification,
        "availability": format_ratio(float(sla.availability)) if sla.availability else "",
        "freshness": f"at most {sla.freshness.max_age_hours:g} h old"
        if sla.freshness and sla.freshness.max_age_hours
        else "",
        "completeness": f"at least {format_ratio(float(sla.completeness.min_ratio))}"
        if sla.completeness and sla.completeness.min_ratio
        else "",
        "inputs": ", ".join(f"{name} = {target}" for name, target in contract.inputs.items()),
        "tags": ", ".join(contract.tags),
    }
    lines += [f"{name:<15} {value}" for name, value in facts.items() if value]
    for table in contract.tables:
        lines += ["", f"table {paint(table.name, 'name')} {table.location}"]
        rows = [row for column in table.columns for row in _rows_of(column, column.name, table)]
        width = max((len(name) for name, _, _ in rows), default=0)
        kinds = max((len(kind) for _, kind, _ in rows), default=0)
        lines += [f"  {name:<{width}}  {kind:<{kinds}}  {marks}".rstrip() for name, kind, marks in rows]
    lines += ["", f"{len(checks)} checks"]
    width = max((len(c.id) - len(product_id) - 1 for c in checks), default=0)
    for check in checks:
        lines.append(
            f"  {check.id[len(product_id) + 1 :]:<{width}}  {check.severity:<8}  {check.threshold}  {paint(str(check.place), 'place')}"
        )
    return "\n".join(lines) + "\n"
