"""What the tools answer: closed models, which are the tools' output schemas, and the short text of each."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from meshkit_mcp.budgets import NAMES, NOTICE, clean


def _without_titles(schema: dict[str, Any]) -> None:
    """Leave out what only repeats a field's name: the schema is sent to every assistant."""
    for field in schema["properties"].values():
        field.pop("title", None)


class Part(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_without_titles)


class Answer(Part):
    """What every answer says of itself."""

    truncated: bool = Field(description="Whether anything was left out.")
    hint: str = Field(description="What was left out and how to see it; else empty.")
    notice: str = NOTICE

    def summary(self) -> str:
        """Return the answer's gist in our own words and numbers: no text of a contract."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return the answer's gist in the contracts' words, one line each."""
        raise NotImplementedError


class ProductLine(Part):
    """A product in a list."""

    id: str
    version: str
    status: str
    owner: str
    checks: int
    is_stopped: bool
    description: str


class ProductList(Answer):
    """One page of products."""

    products: list[ProductLine]
    total: int
    next_offset: int | None
    errors: int = Field(description="Errors in the mesh's contracts and files.")

    def summary(self) -> str:
        """Count the products."""
        errors = f" {self.errors:,} errors in contracts: `meshkit lint` names them." if self.errors else ""
        return f"{self.hint or f'{len(self.products):,} of {self.total:,} products shown.'}{errors}"

    def lines(self) -> list[str]:
        """Name the products."""
        return [
            f"{p.id} {p.version} {p.status}, {p.checks} checks{', stopped by an error' if p.is_stopped else ''}: "
            f"{p.description}"
            for p in self.products
        ]


class ColumnLine(Part):
    """A column."""

    name: str
    type: str
    description: str
    is_pii: bool


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
    status: str
    description: str
    owner: str
    contact: str
    freshness_hours: float | None
    availability_pct: float | None
    file: str
    columns: list[ColumnLine]
    checks: list[CheckLine]
    problems: list[str]

    def summary(self) -> str:
        """Count what it has."""
        counts = f"{len(self.columns):,} columns, {len(self.checks):,} checks, {len(self.problems):,} problems"
        return f"1 product: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Describe it, and name its columns, its checks without their common beginning, and its problems."""
        columns = ", ".join(f"{c.name} {c.type}{' (pii)' if c.is_pii else ''}" for c in self.columns)
        checks = ", ".join(c.id.removeprefix(f"{self.id}.") for c in self.checks)
        return [
            f"{self.id} {self.version} {self.status}, owner {self.owner or 'unknown'}: {self.description}",
            f"columns: {clean(columns, NAMES)}",
            f"checks: {clean(checks, NAMES)}",
            *(f"problem {p}" for p in self.problems),
        ]


class VerdictLine(Part):
    """A judged check."""

    id: str
    outcome: str
    severity: str
    bad: int | None
    total: int | None
    value: float | None = Field(description="Compared with threshold, in unit.")
    unit: str
    threshold: str
    message: str
    place: str


class RunAnswer(Answer):
    """One product's run. Numbers only: no row's value."""

    product: str
    version: str
    outcome: str
    rows: int | None
    counts: dict[str, int] = Field(description="Outcome: checks that ended so.")
    checks: list[VerdictLine] = Field(description="Most urgent first.")
    problems: list[str] = Field(description="Errors in the contract.")

    def summary(self) -> str:
        """Say how it ended."""
        counts = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items()) or "no check ran"
        return f"Outcome {self.outcome}: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name what is not met."""
        missed = [c for c in self.checks if c.outcome not in ("passed", "waived")]
        lines = [f"{c.outcome} {c.severity} {c.id}: {c.message} ({c.place})" for c in missed]
        return [f"{self.product} {self.version}", *lines, *(f"problem {p}" for p in self.problems)]
