"""Checks on what is promised of the service: completeness, freshness, and what else data or the clock can answer."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from meshkit.checks.draft import Draft
from meshkit.model.check import CLOCK_KINDS, Kind
from meshkit.model.contract import Contract, Freshness, Promise
from meshkit.model.table import Pointer, Severity, Table
from meshkit.model.threshold import Threshold, at_least, at_most

_DAY = Decimal(24)


def sla_checks(contract: Contract, table: Table) -> Iterator[Draft]:
    """Assert the share of cells that hold a value, the age of the newest row, and that no row is from the future."""
    completeness = contract.sla.completeness
    if completeness and completeness.min_ratio and table.columns:
        yield Draft(
            kind=Kind.COMPLETENESS,
            columns=completeness.columns or tuple(c.name for c in table.columns),
            threshold=at_least(Decimal(completeness.min_ratio), "ratio"),
            severity=completeness.severity,
            pointer=(*completeness.pointer, "min_threshold"),
        )
    if contract.sla.freshness:
        yield from _freshness(contract.sla.freshness)


def _freshness(freshness: Freshness) -> Iterator[Draft]:
    if freshness.max_age_hours is not None:
        pointer = (*freshness.pointer, "max_age_hours")
        skip = ""
        if not freshness.column and freshness.source != "file":
            skip = (
                "no column holds the time of a row, and no publication is known; name it in sla.freshness.column, set"
                " sla.freshness.source: file, or publish with meshkit govern --at publish"
            )
        yield Draft(
            kind=Kind.FRESHNESS,
            column=freshness.column or None,
            threshold=at_most(Decimal(str(freshness.max_age_hours)), "hours"),
            severity=freshness.severity,
            pointer=pointer,
            skip=skip,
        )
    if freshness.column:
        yield _not_future(freshness.column, (*freshness.pointer, "column"))


def _not_future(column: str, pointer: Pointer) -> Draft:
    """Assert that no time is after now: freshness leaves such values out, and somebody must hear of them."""
    return Draft(kind=Kind.NOT_FUTURE, column=column, threshold=at_most(0), severity=Severity.WARNING, pointer=pointer)


def promise_checks(contract: Contract, table: Table) -> Iterator[Draft]:
    """Assert the promises that are about this table; one that names no table is about the first."""
    for promise in contract.promises:
        if (promise.table or contract.tables[0].name) == table.name:
            kind = Kind(promise.kind)
            yield Draft(
                kind=kind,
                column=promise.column or None,
                values=(promise.limit,) if kind in (*CLOCK_KINDS, Kind.TIME_OF_AVAILABILITY) else (),
                threshold=_limit(kind, promise),
                severity=promise.severity,
                description=promise.description,
                pointer=promise.pointer,
                refusal=promise.refusal,
                skip=promise.skip,
            )
            if kind is Kind.FRESHNESS and promise.column and not promise.refusal:
                yield _not_future(promise.column, (*promise.pointer, "element"))


def _limit(kind: Kind, promise: Promise) -> Threshold:
    """Return the range of the hours that are measured: an age, a gap, or the time since or until a moment."""
    if kind in CLOCK_KINDS:
        return Threshold(unit="hours", low=Decimal(0), low_open=kind is not Kind.GENERAL_AVAILABILITY)
    if kind is Kind.TIME_OF_AVAILABILITY or promise.refusal or promise.skip:
        return at_most(_DAY, "hours")
    return at_most(Decimal(promise.limit), "hours")
