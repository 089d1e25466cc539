"""What a contract becomes in the words of another tool, and what that tool has no words for."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.base import Document
from meshkit.model.table import Constraint, Severity


class NotHeld(Document):
    """One thing of a contract that a target cannot hold: what it is about, and why."""

    subject: str
    reason: str

    def __str__(self) -> str:
        """Render as one line."""
        return f"{self.subject}: {self.reason}"


class Export(Document):
    """A contract in the words of another tool.

    Attributes:
        product: The product's id.
        target: `json-schema`, `sql`, `dbt` or `markdown`.
        files: The documents, by file name.
        not_held: What the target cannot hold; it is left out there.
    """

    product: str
    target: str
    files: Mapping[str, str]
    not_held: tuple[NotHeld, ...] = ()

    @property
    def text(self) -> str:
        """All documents, one behind the other."""
        return "\n".join(self.files.values())

    def __str__(self) -> str:
        """Return the text."""
        return self.text


def why_soft(constraint: Constraint) -> str:
    """Say why a constraint need not hold for every row; an empty text when it must.

    Example:
        >>> why_soft(Constraint(kind="min", values=("0",), threshold="2%"))
        'rows may miss it (threshold 2%)'
    """
    if constraint.refusal:
        return f"it cannot be read: {constraint.refusal}"
    if constraint.threshold and constraint.threshold.strip() not in ("0", "0%", "<= 0", "<= 0%"):
        return f"rows may miss it (threshold {constraint.threshold})"
    if constraint.where:
        return "it is about some rows only (where)"
    if constraint.severity.rank < Severity.ERROR.rank:
        return f"missing it only warns (severity {constraint.severity})"
    return ""
