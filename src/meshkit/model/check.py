"""A check: one assertion of a contract, ready to be compiled."""

from __future__ import annotations

import hashlib
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
    EXCLUSIVE_MIN = "exclusive_min"
    EXCLUSIVE_MAX = "exclusive_max"
    MULTIPLE_OF = "multiple_of"
    FORMAT = "format"
    MISSING = "missing"
    INVALID = "invalid"
    MIN_ITEMS = "min_items"
    MAX_ITEMS = "max_items"
    UNIQUE_ITEMS = "unique_items"
    MIN_PROPERTIES = "min_properties"
    MAX_PROPERTIES = "max_properties"
    REQUIRED_KEYS = "required_keys"
    REFERENCES = "references"
    COMPLETENESS = "completeness"
    FRESHNESS = "freshness"
    NOT_FUTURE = "not_future"
    RETENTION = "retention"
    FREQUENCY = "frequency"
    TIME_OF_AVAILABILITY = "time_of_availability"
    GENERAL_AVAILABILITY = "general_availability"
    END_OF_SUPPORT = "end_of_support"
    END_OF_LIFE = "end_of_life"
    SQL = "sql"
    TEXT = "text"
    CUSTOM = "custom"
    METRIC = "metric"


SCHEMA_KINDS = frozenset({Kind.COLUMNS, Kind.TYPES, Kind.EXTRA_COLUMNS})
"""Judged from the data's own schema; the other checks of a table depend on them."""

ROW_KINDS = frozenset(
    {
        Kind.NOT_NULL, Kind.MIN, Kind.MAX, Kind.EXCLUSIVE_MIN, Kind.EXCLUSIVE_MAX, Kind.IN, Kind.PATTERN, Kind.MIN_LENGTH,
        Kind.MAX_LENGTH, Kind.MULTIPLE_OF, Kind.FORMAT, Kind.MISSING, Kind.INVALID, Kind.MIN_ITEMS, Kind.MAX_ITEMS,
        Kind.UNIQUE_ITEMS, Kind.MIN_PROPERTIES, Kind.MAX_PROPERTIES, Kind.REQUIRED_KEYS,
    }
)  # fmt: skip
"""Judged row by row: a condition says of each row whether it is bad."""

SLICED_KINDS = ROW_KINDS | {Kind.COMPLETENESS, Kind.UNIQUE, Kind.REFERENCES}
"""Limited to the rows of a slice, where one is asked for; the others are about the whole table."""

CLOCK_KINDS = frozenset({Kind.GENERAL_AVAILABILITY, Kind.END_OF_SUPPORT, Kind.END_OF_LIFE})
"""Answered by the clock alone, whatever the data is."""


def part_name(column: str, path: tuple[str, ...]) -> str:
    """Name a part of a column.

    Example:
        >>> part_name("lines", ("[]", "price"))
        'lines[].price'
    """
    return column + "".join(step if step.startswith("[") else f".{step}" for step in path)


class Check(Document):
    """One assertion.

    Attributes:
        id: `domain.product.table[.column].kind-or-name`, stable.
        product: The product's id, with `@version` where it is not the current one.
        table: The table's name.
        column: The one column it is about, or None.
        columns: The columns of a key, or those that count for completeness.
        path: The steps from the column to the part of it that the check is about, as `Column.parts` names them.
        label: The contract's name of that column or part, where it is not the data's.
        values: Arguments, as `Constraint.values`; so are `missing` and `pattern`.
        query: Author SQL, in `dialect`; for `sql` only.
        overrides: (dialect, query) for engines that are asked in their own words.
        answer: The text or boolean that the query must return, or with `is_denied` must not, instead of a number.
        refusal: Why it cannot run; it then ends as errored.
        skip: Why it does not apply; it then ends as skipped.
        is_metric: Whether it asserts nothing, but has a metric measured beside the checks; it has no verdict.
    """

    id: str
    kind: Kind
    product: str
    table: str
    column: str | None = None
    columns: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    label: str = ""
    values: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pattern: str = ""
    threshold: Threshold
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
    place: Place
    refusal: str = ""
    skip: str = ""
    is_metric: bool = False

    @property
    def part(self) -> str:
        """The column, or the part of it, that the check is about, as people write it: `lines[].price`; else empty."""
        return part_name(self.column or "", self.path)

    @property
    def definition(self) -> str:
        """A digest of what it asserts, 16 hexadecimal digits: the same as long as an answer to it is still one."""
        asserted = (
            str(self.kind), self.table, self.column, self.columns, self.path, self.values, self.missing, self.pattern,
            str(self.threshold), str(self.severity), self.where, self.query, self.dialect, self.overrides, self.answer,
            self.is_denied,
        )  # fmt: skip
        return hashlib.sha256(repr(asserted).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def own_columns(self) -> tuple[str, ...]:
        """All columns of its own table that it names."""
        return self.columns or ((self.column,) if self.column else ())
