"""A table that a product serves: its columns, and what is asserted of them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from meshkit.model.base import Document
from meshkit.model.names import fold
from meshkit.model.types import LogicalType, parse_type

Pointer = tuple[str | int, ...]
"""The way from a document's root to a node: keys and list positions."""


class Severity(StrEnum):
    """How much a missed check matters. `info` and `warning` warn; `error` and `critical` fail."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position from 0 (info) to 3 (critical)."""
        return list(Severity).index(self)


class Constraint(Document):
    """One assertion on a column, with its arguments as the text that was written.

    Attributes:
        kind: A `Kind` of check: `not_null`, `min`, `in`, `references`, ...
        values: Literals (`in` has many); for `references` a table's or product's name and the columns there.
        missing: For `invalid` and `missing`: texts that stand for no value, besides NULL.
        pattern: For `invalid`: what a valid text matches; empty = anything.
        columns: For an assertion on a whole table: the columns that it is about.
        name: What its author calls it; it then takes the place of the kind in the check's id.
        threshold: An integer of rows, a percentage or a range such as `< 5%`, as text; empty = 0 rows.
        where: A boolean SQL expression that limits the rows looked at; empty = all rows.
        refusal: What is wrong with this one assertion; it then ends as errored.
    """

    kind: str
    values: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pattern: str = ""
    columns: tuple[str, ...] = ()
    name: str = ""
    threshold: str = ""
    severity: Severity = Severity.ERROR
    where: str = ""
    description: str = ""
    dimension: str = ""
    pointer: Pointer = ()
    refusal: str = ""


class Column(Document):
    """A column of a table, or a part of a nested one.

    Attributes:
        name: Its name in the data.
        label: Its name in the contract, where that is another one; check ids use it.
        id: A stable id by which references may name it.
        type: The declared type as text; empty when none is declared.
        physical_type: The type in the words of the declared server.
        time_format: How texts are read as its date or time, in the words of strptime.
        time_zone: The zone of times that state none, where that is not UTC.
        is_measure: Whether it is an aggregate that the data itself does not hold.
        fields: The parts of an object.
        items: What an array holds.
        key: What a map is keyed by.
        value: What a map holds.
    """

    name: str
    label: str = ""
    id: str = ""
    type: str = ""
    physical_type: str = ""
    time_format: str = ""
    time_zone: str = ""
    is_measure: bool = False
    classification: str = ""
    fields: tuple[Column, ...] = ()
    items: Column | None = None
    key: Column | None = None
    value: Column | None = None
    description: str = ""
    constraints: tuple[Constraint, ...] = ()
    is_primary_key: bool = False
    is_pii: bool = False
    pii_category: str = ""
    mask: str = ""
    encrypted: bool = False
    unit: str = ""
    default: str | None = None
    renamed_from: str = ""
    open_enum: bool = False
    pointer: Pointer = ()

    @property
    def called(self) -> str:
        """Its name in the contract."""
        return self.label or self.name

    @property
    def parts(self) -> Iterator[tuple[str, Column]]:
        """The parts of a nested column, each with the step that leads to it: a name, `[]`, `[key]` or `[value]`."""
        yield from ((c.name, c) for c in self.fields)
        for step, part in (("[]", self.items), ("[key]", self.key), ("[value]", self.value)):
            if part is not None:
                yield step, part

    @property
    def logical(self) -> LogicalType | None:
        """The declared type, parsed; None when none is declared."""
        return parse_type(self.type) if self.type else None


class RowCount(Document):
    """How many rows a table must have, as the text of a range."""

    range: str = ">= 1"
    severity: Severity = Severity.WARNING
    description: str = ""
    pointer: Pointer = ()


class Table(Document):
    """A table that a product serves.

    Attributes:
        name: Its name in check ids: the alias, else the product's name.
        names: All names by which SQL of this product may call it.
        physical_name: Its name on the server, where that is another one.
        id: A stable id by which references may name it.
        location: A path or URL (relative to the contract's file), or empty.
        format: `parquet`, `csv`, `json`, `table`, ... as declared, or empty.
        delimiter: What parts the values of a line of CSV; empty = found out.
        encoding: Of a text format; empty = UTF-8.
        unreadable: Why its location cannot be read by this version; empty = it can.
        folder: Where a relative location starts, if not at the product's own file.
        constraints: Assertions on several columns together.
    """

    name: str
    names: tuple[str, ...]
    physical_name: str = ""
    id: str = ""
    description: str = ""
    delimiter: str = ""
    encoding: str = ""
    unreadable: str = ""
    folder: str = ""
    constraints: tuple[Constraint, ...] = ()
    location: str = ""
    format: str = ""
    partitioned_by: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    primary_key: tuple[str, ...] = ()
    row_count: RowCount | None = RowCount()
    pointer: Pointer = ()

    def stored(self, name: str) -> str:
        """Return the data's name of a column that the contract calls `name`."""
        folded = fold(name)
        return next((c.name for c in self.columns if fold(c.called) == folded), name)

    def column(self, name: str) -> Column | None:
        """Return the column of that name, upper and lower case being the same, or None."""
        folded = fold(name)
        return next((c for c in self.columns if fold(c.name) == folded), None)
