"""What the tools that judge answer."""

from __future__ import annotations

from pydantic import Field

from meshkit_mcp.answers import Answer, Part


class VerdictLine(Part):
    """A judged check."""

    id: str
    outcome: str
    severity: str
    bad: int | None
    total: int | None
    value: float | None
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
    counts: dict[str, int] = Field(description="Outcome: checks.")
    checks: list[VerdictLine] = Field(description="Most urgent first.")

    def summary(self) -> str:
        """Say how it ended."""
        counts = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items()) or "no check ran"
        return f"Outcome {self.outcome}: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name what is not met."""
        missed = [c for c in self.checks if c.outcome not in ("passed", "waived")]
        return [
            f"{self.product} {self.version}",
            *(f"{c.outcome} {c.severity} {c.id}: {c.message} ({c.place})" for c in missed),
        ]
