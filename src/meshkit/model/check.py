"""A check: one assertion of a contract, ready to be compiled."""

from __future__ import annotations

from enum import StrEnum

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.table import Pointer, Severity
from meshkit.model.threshold import Threshold


class Kind(StrEnum):
    """What a check asserts; docs/semantics.md says exactly what each one counts."""

    COLUMNS = "columns"
    TYPES = "types"
    EXTRA_COLUMNS = "extra_columns"
    ROW_COUNT = "row_count"
    NOT_NULL = "not_null"
    UNIQUE = "unique"
    MIN = "min"
    MAX = "max"
    IN = "in"
    PATTERN = "pattern"
    MIN_LENGTH = "min_length"
    MAX_LENGTH = "max_length"
    REFERENCES = "references"
    COMPLETENESS = "completeness"
    FRESHNESS = "freshness"
    NOT_FUTURE = "not_future"
    SQL = "sql"


SCHEMA_KINDS = frozenset({Kind.COLUMNS, Kind.TYPES, Kind.EXTRA_COLUMNS})
"""Judged from the data's own schema; the other checks of a table depend on them."""

ROW_KINDS = frozenset({Kind.NOT_NULL, Kind.MIN, Kind.MAX, Kind.IN, Kind.PATTERN, Kind.MIN_LENGTH, Kind.MAX_LENGTH})
"""Judged row by row: a condition says of each row whether it is bad."""


class Check(Document):
    """One assertion.

    Attributes:
        id: `domain.product.table[.column].kind-or-name`, stable.
        product: The product's id, with `@version` where it is not the current one.
        table: The table's name.
        column: The one column it is about, or None.
        columns: The columns of a key, or those that count for completeness.
        values: Arguments, as `Constraint.values`.
        query: Author SQL; for `sql` only.
        refusal: Why it cannot run; it then ends as errored.
        skip: Why it does not apply; it then ends as skipped.
    """

    id: str
    kind: Kind
    product: str
    table: str
    column: str | None = None
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    threshold: Threshold
    severity: Severity = Severity.ERROR
    where: str = ""
    query: str = ""
    description: str = ""
    dimension: str = ""
    pointer: Pointer = ()
    place: Place
    refusal: str = ""
    skip: str = ""

    @property
    def own_columns(self) -> tuple[str, ...]:
        """All columns of its own table that it names."""
        return self.columns or ((self.column,) if self.column else ())
