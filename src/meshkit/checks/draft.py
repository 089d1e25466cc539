"""A check before it has its id."""

from __future__ import annotations

from dataclasses import dataclass

from meshkit.model.check import Kind
from meshkit.model.table import Pointer, Severity
from meshkit.model.threshold import Threshold, at_most

NONE = at_most(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a family knows of a check; `Check` validates it. `is_implied` gives way to the same check written out."""

    kind: Kind
    name: str = ""
    column: str | None = None
    columns: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    label: str = ""
    values: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pattern: str = ""
    threshold: Threshold = NONE
    severity: Severity = Severity.ERROR
    where: str = ""
    query: str = ""
    dialect: str = "duckdb"
    overrides: tuple[tuple[str, str], ...] = ()
    answer: str | bool | None = None
    is_denied: bool = False
    description: str = ""
    dimension: str = ""
    pointer: Pointer = ()
    refusal: str = ""
    skip: str = ""
    is_implied: bool = False
