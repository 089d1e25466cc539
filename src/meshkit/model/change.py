"""A change between two contracts: what differs, in which direction, and whom it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity


class Direction(StrEnum):
    """What becomes of the promise to readers: it tightens, loosens, does both, cannot be told, or stays."""

    TIGHTENS = "tightens"
    LOOSENS = "loosens"
    BOTH = "both"
    UNDETERMINED = "undetermined"
    NONE = "none"

    @property
    def opposite(self) -> Direction:
        """The direction with the two sides swapped."""
        swapped = {Direction.TIGHTENS: Direction.LOOSENS, Direction.LOOSENS: Direction.TIGHTENS}
        return swapped.get(self, self)


class Bump(StrEnum):
    """Which part of a semantic version must rise."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class Effect(StrEnum):
    """What a change does to those who look at the product from one side."""

    PATCH = "patch"
    ADDITIVE = "additive"
    UNDETERMINED = "undetermined"
    BREAKING = "breaking"

    @property
    def bump(self) -> Bump:
        """The bump it asks for; what nobody can judge counts as breaking until somebody decides."""
        return {Effect.PATCH: Bump.PATCH, Effect.ADDITIVE: Bump.MINOR}.get(self, Bump.MAJOR)


class Perspective(StrEnum):
    """From which side a change is judged: who reads an output port, or who writes the data."""

    CONSUMER = "consumer"
    PRODUCER = "producer"


class Reading(Document):
    """How one consumer is touched by a change.

    Attributes:
        consumer: The id of the product that reads.
        is_certain: Whether its SQL is known to read the column; else it may.
        why: What names the column, or why it cannot be told.
    """

    consumer: str
    is_certain: bool = True
    why: str = ""


class Change(Document):
    """One difference between two contracts.

    Attributes:
        id: The rule that judges it, such as `C01`; docs/changes.md lists them.
        path: Where, in words: `schema.fields.customer_id`.
        summary: What happened, to follow "but": "field customer_id was removed".
        message: The whole of it.
        table: The name of the old table that it is about, or empty.
        column: The name of the old column that it is about, or empty.
        old: Where it stood in the old contract; None where it was not there.
        new: Where it stands in the new contract; None where it is gone.
        decision: The recorded decision that settled it, or empty.
        readings: The consumers that it touches, where these are known.
    """

    id: str
    path: str
    summary: str
    message: str
    hint: str = ""
    direction: Direction
    consumer: Effect
    producer: Effect
    table: str = ""
    column: str = ""
    old: Pointer | None = None
    new: Pointer | None = None
    old_place: Place | None = None
    new_place: Place | None = None
    decision: str = ""
    readings: tuple[Reading, ...] | None = None

    def effect(self, perspective: Perspective) -> Effect:
        """Return what it does from one side."""
        return self.consumer if perspective is Perspective.CONSUMER else self.producer

    @property
    def place(self) -> Place | None:
        """Where it is written: in the new contract, else in the old one."""
        return self.new_place or self.old_place


class ProductDiff(Document):
    """Everything that differs between two versions of one product.

    Attributes:
        computed: The least version that the changes ask for.
        is_unstable: Whether the old version made no promise to last (0.x, draft, beta), so that nothing is blocked.
        problems: What stands in the way of the change, by errors, and what is only told, by warnings.
        unnotified: Consumers that the old version's deprecation does not name.
    """

    product: str
    old_version: str
    new_version: str
    computed: str
    place: Place
    is_unstable: bool = False
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    unnotified: tuple[str, ...] = ()

    def bump(self, perspective: Perspective) -> Bump | None:
        """Return the greatest bump that a change asks for; None where there is no change."""
        return greatest(c.effect(perspective).bump for c in self.changes)


class MeshDiff(Document):
    """What differs between two meshes, product by product."""

    perspective: Perspective = Perspective.CONSUMER
    products: tuple[ProductDiff, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of all products."""
        return tuple(c for p in self.products for c in p.changes)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """All problems: those between products first."""
        return (*self.problems, *(p for d in self.products for p in d.problems))

    @property
    def is_blocked(self) -> bool:
        """Whether something breaks without a right to."""
        return any(p.severity is Severity.ERROR for p in self.all_problems)


def greatest(bumps: Iterable[Bump]) -> Bump | None:
    """Return the greatest of some bumps, or None."""
    order = list(Bump)
    return max(bumps, key=order.index, default=None)
