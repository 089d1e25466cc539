"""A score: how good a product is as a product, from 0 to 100, in parts that say what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from meshkit.model.base import Document


class Badge(StrEnum):
    """What a score is called. Without a run nothing is proven; what fails today gets no medal, whatever is promised."""

    GOLD = "gold"
    SILVER = "silver"
    BRONZE = "bronze"
    NONE = "no badge"
    UNPROVEN = "unproven"
    FAILING = "failing"


BADGES = ((90, Badge.GOLD), (75, Badge.SILVER), (50, Badge.BRONZE), (0, Badge.NONE))
"""The least score of each badge."""


def badge_of(score: float, *, is_proven: bool) -> Badge:
    """Return the badge of a score.

    Example:
        >>> str(badge_of(89.9, is_proven=True)), str(badge_of(99, is_proven=False))
        ('silver', 'unproven')
    """
    return next(b for least, b in BADGES if score >= least) if is_proven else Badge.UNPROVEN


class ScoreItem(Document):
    """One thing that counts within a part.

    Attributes:
        share: How much of it is there, 0 to 1; None = unknown, and left out.
        why: What is missing, or why it is unknown; empty = it is all there.
        remedy: What to do; empty = nothing.
    """

    name: str
    weight: int = 1
    share: float | None = None
    why: str = ""
    remedy: str = ""


class ScorePart(Document):
    """One part of a score: `of` points, of which each item earns its share by its weight."""

    name: str
    of: int
    items: tuple[ScoreItem, ...] = ()

    @property
    def share(self) -> float | None:
        """The share of its points that is earned, over the items that are known; None = none is."""
        known = [(i.weight, i.share) for i in self.items if i.share is not None]
        weight = sum(w for w, _ in known)
        return sum(w * s for w, s in known) / weight if weight else None

    @property
    def points(self) -> float | None:
        """The points that are earned; None = unknown."""
        return None if self.share is None else self.of * self.share


class ProductScore(Document):
    """The score of one version of a product.

    Attributes:
        is_current: Whether it is the version that the bare id means: it alone counts for its domain.
        is_failing: Whether a check failed or has no answer, or a policy blocks it.
        problem: Why it cannot be judged; its score is then 0.
        has_run: Whether its checks have answers.
    """

    product: str
    version: str
    domain: str
    owner: str = ""
    is_current: bool = True
    has_run: bool = False
    is_failing: bool = False
    parts: tuple[ScorePart, ...] = ()
    problem: str = ""

    @property
    def of(self) -> int:
        """How many of the 100 points are known."""
        return sum(p.of for p in self.parts if p.points is not None)

    @property
    def score(self) -> float:
        """Points earned of the points that are known, times 100."""
        return 100 * sum(p.points or 0.0 for p in self.parts) / self.of if self.of else 0.0

    @property
    def unknown(self) -> tuple[str, ...]:
        """Parts, and items as `part.item`, that are left out because nobody knows them."""
        found: list[str] = []
        for part in self.parts:
            if part.points is None:
                found.append(part.name)
            else:
                found += [f"{part.name}.{i.name}" for i in part.items if i.share is None]
        return tuple(found)

    @property
    def badge(self) -> Badge:
        """Its badge."""
        return Badge.FAILING if self.is_failing or self.problem else badge_of(self.score, is_proven=self.has_run)


class GroupScore(Document):
    """The score of a domain, or of the mesh: the mean of its products in their current versions."""

    name: str
    products: int
    score: float
    unproven: int = 0
    failing: int = 0

    @property
    def badge(self) -> Badge:
        """Its badge: each of its products must have been run, and with one that fails it is bronze at most."""
        found = badge_of(self.score, is_proven=not self.unproven)
        return Badge.BRONZE if self.failing and found in (Badge.GOLD, Badge.SILVER) else found


def group_score(name: str, products: Iterable[ProductScore]) -> GroupScore:
    """Return the score of some products together; other versions than the current ones do not count."""
    chosen = [p for p in products if p.is_current]
    score = sum(p.score for p in chosen) / len(chosen) if chosen else 0.0
    unproven = sum(not p.has_run and not p.problem for p in chosen)
    failing = sum(p.badge is Badge.FAILING for p in chosen)
    return GroupScore(name=name, products=len(chosen), score=score, unproven=unproven, failing=failing)


class Practice(Document):
    """A best practice, as far as it can be measured.

    Attributes:
        value: A share of 0 to 1; None = unknown.
        seen: What was counted, in words, or why it is unknown.
    """

    id: str
    name: str
    measure: str
    value: float | None = None
    seen: str = ""


class MeshScore(Document):
    """The scores of a mesh, of its domains and products, best first, and the practices that it follows."""

    mesh: GroupScore
    domains: tuple[GroupScore, ...]
    products: tuple[ProductScore, ...]
    practices: tuple[Practice, ...] = ()
    not_executable: tuple[str, ...] = ()
