"""What the tools answer that explain: lineage, health, proposed contracts, and single checks."""

from __future__ import annotations

from pydantic import Field

from meshkit_mcp.answers import Answer, Part
from meshkit_mcp.budgets import NAMES, clean

_SHOWN = 40
"""Lines of one kind in the text; the structured content has all that fit."""


class NodeLine(Part):
    """A product, or what stands for one."""

    id: str
    kind: str
    version: str
    distance: int


class LineageAnswer(Answer):
    """What a product is made from, and who reads it."""

    product: str
    nodes: list[NodeLine] = Field(description="distance below 0: upstream")
    edges: list[str] = Field(description="source -> target (through)")
    columns: list[str] = Field(description="source -> target (effect)")
    untold: list[str]

    def summary(self) -> str:
        """Count both sides."""
        up, down = (sum((n.distance < 0) is side for n in self.nodes if n.distance) for side in (True, False))
        untold = f" {len(self.untold):,} things cannot be told." if self.untold else ""
        return f"{up:,} upstream, {down:,} downstream, {len(self.columns):,} column edges.{untold} {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name the edges."""
        return [
            self.product,
            *self.edges[:_SHOWN],
            *(["columns:", *self.columns[:_SHOWN]] if self.columns else []),
            *(f"cannot be told: {u}" for u in self.untold[:_SHOWN]),
        ]


class MissLine(Part):
    """A check that is not passed."""

    id: str
    outcome: str
    severity: str
    bad: int | None
    total: int | None
    message: str
    place: str
    waived_until: str


class PromiseLine(Part):
    """A promise against what was measured."""

    name: str
    state: str
    promised: str
    measured: float | None
    unit: str


class RunLine(Part):
    """A run in the trend."""

    at: str
    outcome: str
    counts: dict[str, int]
    rows: int | None


class HealthAnswer(Answer):
    """How a product is by its recorded runs."""

    product: str
    version: str
    knowledge: str = Field(description="checked, stale, never checked or stopped")
    outcome: str
    counts: dict[str, int]
    run: str
    at: str
    health_pct: float | None
    not_passed: list[MissLine]
    unanswered: list[str]
    promises: list[PromiseLine]
    trend: list[RunLine]
    notes: list[str]

    def summary(self) -> str:
        """Say how it is."""
        counts = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items())
        seen = f"{self.outcome}: {counts}, by a run of {self.at}" if self.counts else "Nothing is known of its data"
        stale = (
            f" {len(self.unanswered):,} checks are new or changed since, and have no answer." if self.unanswered else ""
        )
        return f"{self.knowledge}. {seen}.{stale} {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name what is not passed, and the promises."""
        return [
            f"{self.product} {self.version}",
            *(f"{m.outcome} {m.severity} {m.id}: {m.message} ({m.place})" for m in self.not_passed[:_SHOWN]),
            *(f"{p.state} {p.name}: promised {p.promised}, measured {p.measured} {p.unit}" for p in self.promises),
            *(f"note: {n}" for n in self.notes),
        ]


class ChangeLine(Part):
    """A change."""

    rule: str
    effect: str
    direction: str
    message: str
    place: str


class FindingLine(Part):
    """A problem."""

    code: str
    severity: str
    message: str
    place: str


class ProposalAnswer(Answer):
    """A proposed contract, judged."""

    product: str
    version: str
    against: str
    base: str
    required: str
    breaking: bool
    may_publish: bool
    changes: list[ChangeLine]
    consumers: list[str]
    hidden_consumers: bool
    unnotified: list[str]
    problems: list[FindingLine]

    def summary(self) -> str:
        """Say yes or no."""
        verdict = "May be published, as far as policies allow" if self.may_publish else "May not be published"
        kind = "breaking" if self.breaking else "not breaking"
        counts = f"{len(self.changes):,} changes, {kind}; {len(self.problems):,} problems"
        return f"{verdict}: {counts}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Name problems, changes and consumers."""
        needed = f"; it needs {self.required}" if self.required else ""
        return [
            f"{self.product} {self.version} against {self.against or 'nothing'} ({self.base}){needed}",
            *(f"{p.severity} {p.code}: {p.message} ({p.place})" for p in self.problems[:_SHOWN]),
            *(f"{c.effect} {c.rule}: {c.message} ({c.place})" for c in self.changes[:_SHOWN]),
            *([f"consumers: {clean(', '.join(self.consumers), NAMES)}"] if self.consumers else []),
            *([f"not notified: {clean(', '.join(self.unnotified), NAMES)}"] if self.unnotified else []),
        ]


class CheckAnswer(Answer):
    """A check, in words and in SQL."""

    id: str
    meaning: str
    threshold: str
    severity: str
    sql: str
    place: str

    def summary(self) -> str:
        """Say what it is."""
        return f"1 check of severity {self.severity}. {self.hint}".rstrip()

    def lines(self) -> list[str]:
        """Give its meaning and SQL."""
        return [f"{self.id} ({self.place})", self.meaning, self.sql]
