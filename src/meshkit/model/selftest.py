"""What an engine answered to queries whose right answers are known."""

from __future__ import annotations

from enum import StrEnum

from meshkit.model.base import Document


class Answered(StrEnum):
    """What came of one query."""

    SAME = "same"
    REFUSED = "refused"
    WRONG = "wrong"
    ERROR = "error"


class TestedCase(Document):
    """One query.

    Attributes:
        id: Of the case.
        group: What it is about.
        answered: What came of it.
        detail: Why it was refused, or what the engine said.
    """

    __test__ = False  # no test, whatever pytest makes of the name

    id: str
    group: str
    answered: Answered
    detail: str = ""


class SelfTest(Document):
    """All queries, on one engine.

    Attributes:
        engine: Its name.
        address: Where it is, without secrets.
        version: What it says of itself.
        cases: What came of each.
    """

    engine: str
    address: str
    version: str
    cases: tuple[TestedCase, ...]

    def of(self, answered: Answered) -> list[TestedCase]:
        """Return the cases that ended so."""
        return [case for case in self.cases if case.answered == answered]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was wrong, and nothing failed."""
        return not self.of(Answered.WRONG) and not self.of(Answered.ERROR)
