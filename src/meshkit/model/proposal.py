"""A proposed contract, judged against what readers have."""

from __future__ import annotations

from typing import Literal

from meshkit.model.base import Document
from meshkit.model.change import Bump, Change
from meshkit.model.contract import Deprecation
from meshkit.model.problem import Problem
from meshkit.model.table import Severity


class Proposal(Document):
    """What a proposed contract changes, and whether it has a right to.

    Places in the proposed text are named `proposal:LINE:COLUMN`.

    Attributes:
        version: That the text states; empty where it cannot be read.
        against: The version that it is compared with; empty where it could not be compared.
        base: Whether that is what the store has as published, or what the mesh folder has.
        required: The least version that the changes ask for.
        bump: Which part of the version must rise; None where nothing changed.
        is_breaking: Whether a change breaks readers, or cannot be judged and so counts as breaking.
        consumers: Products that a breaking change touches, or may touch.
        has_hidden_consumers: Whether there are readers besides that may not be shown.
        unnotified: Consumers that the old version's deprecation does not name.
        deprecation: How the version that it is compared with ends, where that is announced.
        problems: Of the text, and of the change; errors stand in the way.
    """

    product: str
    version: str = ""
    against: str = ""
    base: Literal["published", "current"] = "current"
    required: str = ""
    bump: Bump | None = None
    is_breaking: bool = False
    changes: tuple[Change, ...] = ()
    consumers: tuple[str, ...] = ()
    has_hidden_consumers: bool = False
    unnotified: tuple[str, ...] = ()
    deprecation: Deprecation | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def may_publish(self) -> bool:
        """Whether neither the text nor the change stands in the way. Policies are judged besides, by `govern`."""
        return bool(self.against) and not any(p.severity is Severity.ERROR for p in self.problems)
