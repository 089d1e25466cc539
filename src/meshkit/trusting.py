"""How far rows of a product can be trusted: what its last run says of the columns that a query touches. Nothing is run for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from meshkit.conditions import condition
from meshkit.errors import MeshkitError
from meshkit.mesh import Mesh
from meshkit.model.check import Check, Kind
from meshkit.model.condition import Condition, NotPassed
from meshkit.model.names import fold
from meshkit.model.query import Issue, Trust
from meshkit.model.run import Outcome, counted
from meshkit.product import Product

_JUDGED = (Outcome.WARNED, Outcome.FAILED, Outcome.WAIVED)


class Touched(NamedTuple):
    """What a query touches of one product.

    Attributes:
        columns: Table and column, as the contract calls them.
        masked: `table.column` -> its mask.
        withheld: `table.column` of those that are not there.
        row_filter: As the contract says it.
        relations: Ids of all tables that the query reads, of any product.
    """

    product: Product
    columns: tuple[tuple[str, str], ...]
    masked: Mapping[str, str]
    withheld: tuple[str, ...]
    row_filter: str
    relations: frozenset[str]


def trust_in(mesh: Mesh, touched: Touched, now: datetime) -> Trust:
    """Return how far a product can be trusted in a query, by the newest recorded run that speaks for it."""
    found = condition(mesh, touched.product.id, now=now)
    last = found.last
    return Trust(
        product=touched.product.id,
        version=found.version,
        columns=tuple(f"{table}.{column}" for table, column in touched.columns),
        knowledge=str(found.knowledge),
        run_id=last.run_id if last else "",
        checked_at=last.at if last else None,
        outcome=str(found.outcome or ""),
        issues=tuple(_issues(mesh, touched, found)),
        freshness=_freshness(found),
        masked=touched.masked,
        withheld=touched.withheld,
        row_filter=touched.row_filter,
    )


def _issues(mesh: Mesh, touched: Touched, found: Condition) -> Iterator[Issue]:
    checks = {c.id: c for c in touched.product.checks} if found.not_passed else {}
    seen = {(table, fold(column)) for table, column in touched.columns}
    tables = {relation.rpartition(".")[2] for relation in touched.relations}
    for missed in found.not_passed:
        check = checks.get(missed.id)
        if check is None or missed.table not in tables | {table for table, _ in seen}:
            continue
        named = [fold(c) for c in _columns(check, missed)]
        if named and not any((missed.table, c) in seen for c in named):
            continue
        text = _in_words(mesh, touched, check, missed)
        yield Issue(check=missed.id, outcome=str(missed.outcome), text=text, waived_until=missed.waived_until)


def _in_words(mesh: Mesh, touched: Touched, check: Check, missed: NotPassed) -> str:
    """Say what a missed check means for the answer, in counts. No other product is named that the query does not name."""
    columns = ", ".join(_columns(check, missed))
    if missed.bad is None or missed.total is None:
        allowed = f", allowed {missed.threshold}" if missed.threshold and missed.outcome in _JUDGED else ""
        return f"the check {check.kind}{f' of {columns}' if columns else ''} is {missed.outcome}{allowed}"
    count = f"{missed.bad:,} of {missed.total:,} {counted(missed.kind, missed.unit)}"
    if check.kind is not Kind.REFERENCES:
        return f"{count} miss the check {check.kind}" + (f" of {columns}" if columns else "")
    target = _target(mesh, touched, check)
    if target and target in touched.relations:
        other = target.rpartition(".")[2]
        return f"a join of {check.table} with {other} drops {count} of {check.table}: {columns} references {other}"
    return f"{columns} of {count} is not in the table that it references"


def _columns(check: Check, missed: NotPassed) -> tuple[str, ...]:
    """Return the columns that a check is of; none = it is of its whole table."""
    if check.kind in (Kind.SQL, Kind.COLUMNS, Kind.TYPES, Kind.EXTRA_COLUMNS):
        return ()
    return check.columns or ((missed.column,) if missed.column else ())


def _target(mesh: Mesh, touched: Touched, check: Check) -> str:
    """Return the id of the table that a reference points at; empty where it leads nowhere."""
    try:
        relation, _ = mesh.target(touched.product).namespace.reference(check.values)
    except MeshkitError:
        return ""
    return relation.id


def _freshness(found: Condition) -> str:
    said = next((p for p in found.promises if p.name == str(Kind.FRESHNESS)), None)
    if said is None:
        return ""
    measured = f"{said.measured:.1f} {said.unit}" if said.measured is not None else said.why or "unknown"
    return f"{said.state}: {measured}, promised {said.promised}"
