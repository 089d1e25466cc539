"""How a run would answer its checks: each decision, with its reason."""

from __future__ import annotations

from meshkit.model.base import Document


class PlannedStep(Document):
    """One decision.

    Attributes:
        how: `schema`, `clock`, `footer`, `pruned`, `scan`, `keys`, `join` or `query`.
        checks: Ids of the checks that it answers.
        reason: Why they are answered so.
        sql: The statement that is run; empty where none is.
    """

    how: str
    checks: tuple[str, ...]
    reason: str
    sql: str = ""


class TablePlan(Document):
    """How the checks of one table would be answered.

    Attributes:
        product: The product's id.
        table: The table's name.
        rows: About how many rows it has; None = not known without reading it.
        files: How many files; 0 where there are none.
        row_groups: Into how many groups the files store its rows; None = not known.
        steps: The decisions; statements in the order in which they start.
        refused: Ids of checks that no statement answers, with the reason.
        slice: The slice that row checks are limited to, in words; empty = all rows count.
        whole: Why all rows count although a slice was asked for.
    """

    product: str
    table: str
    rows: int | None = None
    files: int = 0
    row_groups: int | None = None
    steps: tuple[PlannedStep, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    slice: str = ""
    whole: str = ""

    @property
    def statements(self) -> int:
        """How many statements are run, if none fails and no equal hashes have to be looked into."""
        return sum(bool(step.sql) for step in self.steps)
