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


class Finding(Part):
    """What is wrong in one place of a contract."""

    code: str
    severity: str
    message: str
    fix: str
    place: str


class ContractAnswer(Answer):
    """What is wrong with a contract."""

    product: str
    version: str
    is_valid: bool = Field(description="No errors.")
    errors: int
    findings: list[Finding] = Field(description="Errors first.")

    def summary(self) -> str:
        """Say whether it is right."""
        word = "Valid" if self.is_valid else "Not valid"
        return f"{word}: {self.errors:,} errors, {len(self.findings):,} findings shown. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name the findings."""
        return [
            f"{self.product} {self.version}",
            *(f"{f.severity} {f.place} {f.code} {f.message}{f'; {f.fix}' if f.fix else ''}" for f in self.findings),
        ]


class ViolationLine(Part):
    """A rule that is not kept."""

    policy: str
    rule: str
    severity: str
    status: str
    field: str
    message: str
    remedy: str
    place: str
    waiver: str


class GovernanceAnswer(Answer):
    """What the policies say of a product."""

    product: str
    version: str
    status: str
    is_blocked: bool
    violations: list[ViolationLine]
    unknown: dict[str, str] = Field(description="Rule: why it cannot be told.")
    evaluated: list[str]

    def summary(self) -> str:
        """Count what was found."""
        blocked = "Blocked. " if self.is_blocked else ""
        counts = f"{len(self.violations):,} violations, {len(self.unknown):,} rules unknown, {len(self.evaluated):,} policies evaluated."
        return f"{blocked}{counts} {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name the violations, and what cannot be told."""
        return [
            f"{self.product} {self.version} {self.status}",
            *(
                f"{v.status} {v.severity} {v.rule}: {v.message} ({v.place}){f'; {v.remedy}' if v.remedy else ''}"
                f"{f'; {v.waiver}' if v.waiver else ''}"
                for v in self.violations
            ),
            *(f"unknown {rule}: {why}" for rule, why in self.unknown.items()),
        ]
