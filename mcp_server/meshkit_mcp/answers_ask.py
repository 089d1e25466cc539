"""What the tools that ask for access, and for rows, answer."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from meshkit_mcp.answers import Answer, Part

_SHOWN = 20
"""How many rows the text has, for clients that show only that."""


class RequestAnswer(Answer):
    """A request for access."""

    id: str = Field(description="empty: none was needed")
    product: str
    state: str
    until: str
    reasons: list[str]
    next: str

    def summary(self) -> str:
        """Say how far it has come."""
        return f"The request is {self.state}. {self.next}"

    def lines(self) -> list[str]:
        """Name the product and the reasons."""
        return [self.product, *self.reasons]


class QueryColumn(Part):
    """A column of the answer."""

    name: str
    type: str
    origins: list[str]
    mask: str


class TrustLine(Part):
    """How far what comes from one product can be trusted."""

    product: str
    version: str
    knowledge: str
    checked_at: str
    outcome: str
    issues: list[str]
    freshness: str
    masked: dict[str, str]
    withheld: list[str]
    row_filter: str


class RowsAnswer(Answer):
    """Rows, and how far they can be trusted."""

    columns: list[QueryColumn]
    rows: list[list[Any]]
    trust: list[TrustLine]

    def summary(self) -> str:
        """Count the rows, and what must be said of them."""
        issues = sum(len(t.issues) for t in self.trust)
        unknown = sum(t.knowledge != "checked" for t in self.trust)
        told = [f"{len(self.rows):,} rows.", self.hint]
        told += [f"{issues:,} checks of the touched columns are not passed: say so with the answer."] if issues else []
        told += [f"{unknown:,} products were not checked as they are now."] if unknown else []
        return " ".join(filter(None, told))

    def lines(self) -> list[str]:
        """Write the first rows, and what is said of each product."""
        shown = [" | ".join(c.name for c in self.columns)]
        shown += [" | ".join(str(v) for v in row) for row in self.rows[:_SHOWN]]
        shown += (
            [f"{len(self.rows) - _SHOWN:,} more rows are in the structured answer"] if len(self.rows) > _SHOWN else []
        )
        for trust in self.trust:
            shown.append(f"{trust.product} {trust.version}: {trust.knowledge} {trust.outcome}; {trust.freshness}")
            shown += [f"  {issue}" for issue in trust.issues]
            shown += [f"  masked: {', '.join(f'{c} ({m})' for c, m in trust.masked.items())}"] if trust.masked else []
            shown += [f"  withheld: {', '.join(trust.withheld)}"] if trust.withheld else []
            shown += [f"  rows: {trust.row_filter}"] if trust.row_filter else []
        return shown
