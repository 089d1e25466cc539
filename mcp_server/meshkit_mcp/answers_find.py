"""What the tools that find and read answer."""

from __future__ import annotations

from pydantic import Field

from meshkit_mcp.answers import Answer, Part
from meshkit_mcp.budgets import NAMES, clean


class ProductLine(Part):
    """A product in a list."""

    id: str
    version: str
    status: str
    owner: str
    description: str
    columns: list[str] = Field(description="Columns that fit the words.")


class ProductList(Answer):
    """One page of products."""

    products: list[ProductLine]
    next_cursor: str
    read_as: str = Field(description="How words were read that no product has.")

    def summary(self) -> str:
        """Count the products."""
        found = f"{len(self.products):,} products." if self.products else "Nothing found that you may know of."
        return f"{found} {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name the products."""
        return [
            *([self.read_as] if self.read_as else []),
            *(f"{p.id} {p.version} {p.status}, owner {p.owner or 'unknown'}: {p.description}" for p in self.products),
        ]


class CheckLine(Part):
    """What is asserted."""

    id: str
    asserts: str
    severity: str
    threshold: str


class ProductAnswer(Answer):
    """One product."""

    id: str
    version: str
    versions: list[str]
    status: str
    description: str
    owner: str
    contact: str
    classification: str
    purposes: list[str]
    tags: list[str]
    freshness_hours: float | None
    availability_pct: float | None
    tables: list[str]
    columns: int
    inputs: dict[str, str]
    checks: list[CheckLine]
    place: str

    def summary(self) -> str:
        """Count what it has."""
        return f"1 product: {self.columns:,} columns, {len(self.checks):,} checks shown. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Describe it, and name its checks without their common beginning."""
        checks = ", ".join(c.id.removeprefix(f"{self.id}.") for c in self.checks)
        inputs = ", ".join(self.inputs.values())
        return [
            f"{self.id} {self.version} {self.status}, {self.classification}, owner {self.owner or 'unknown'}: {self.description}",
            f"purposes: {clean(', '.join(self.purposes) or 'any', NAMES)}",
            f"reads: {clean(inputs or 'nothing', NAMES)}",
            f"checks: {clean(checks or 'none', NAMES)}",
        ]


class ColumnLine(Part):
    """A column."""

    table: str
    name: str
    type: str
    description: str
    is_key: bool
    is_pii: bool
    asserts: str


class SchemaAnswer(Answer):
    """A page of a product's columns."""

    id: str
    version: str
    columns: list[ColumnLine]
    total: int
    next_cursor: str

    def summary(self) -> str:
        """Count the columns."""
        return f"{len(self.columns):,} of {self.total:,} columns. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name the columns."""
        marks = [
            f"{c.table}.{c.name} {c.type}{' key' if c.is_key else ''}{' pii' if c.is_pii else ''}" for c in self.columns
        ]
        return [f"{self.id} {self.version}", clean(", ".join(marks), NAMES)]


class Step(Part):
    """A step of a decision."""

    code: str
    allows: bool
    text: str
    place: str
    hint: str


class AccessAnswer(Answer):
    """A decision, and how columns would be seen."""

    product: str
    version: str
    allowed: bool
    steps: list[Step]
    withheld: list[str]
    masked: dict[str, str] = Field(description="Column: hash, partial or null.")
    row_filter: str
    next: str

    def summary(self) -> str:
        """Say yes or no."""
        return f"{'Allowed' if self.allowed else 'Denied'}. {self.next} {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Give the reasons, and the columns that are not seen clear."""
        return [
            f"{self.product} {self.version}",
            *(
                f"{'yes' if s.allows else 'no'} {s.code}: {s.text} ({s.place}){f'; {s.hint}' if s.hint else ''}"
                for s in self.steps
            ),
            *([f"withheld: {clean(', '.join(self.withheld), NAMES)}"] if self.withheld else []),
            *([f"masked: {clean(', '.join(self.masked), NAMES)}"] if self.masked else []),
            *([f"rows where {self.row_filter}"] if self.row_filter else []),
        ]
