"""Checks that authors wrote in SQL."""

from __future__ import annotations

from collections.abc import Iterator

from meshkit.checks.draft import Draft
from meshkit.model.check import Kind
from meshkit.model.contract import Contract
from meshkit.model.threshold import parse_range


def sql_checks(contract: Contract) -> Iterator[Draft]:
    """Assert that each query's one number is within its range."""
    for check in contract.quality_checks:
        yield Draft(
            kind=Kind.SQL,
            name=check.name,
            query=check.query,
            threshold=parse_range(check.threshold),
            severity=check.severity,
            description=check.description,
            dimension=check.dimension,
            pointer=(*check.pointer, "name"),
            refusal=check.refusal,
        )
