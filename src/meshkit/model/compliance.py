"""A compliance report: what policies say of products, domains and a mesh, and how that differs from a report of before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.policy import Enforcement, PolicyViolation, Status, worst_status
from meshkit.model.problem import Problem
from meshkit.model.table import Severity

REPORTED = (Status.VIOLATED, Status.GRACE, Status.UNKNOWN, Status.WAIVED, Status.COMPLIANT)
"""What a product may be, the worst first."""


class Standing(StrEnum):
    """What stands behind a claim: its owner's word, or what a run saw."""

    DECLARED = "declared"
    VERIFIED = "verified"
    REFUTED = "refuted"


class Claim(Document):
    """Something that a contract says of its product.

    Attributes:
        key: The key of the contract.
        seen: What a run measured; empty where nothing can.
    """

    key: str
    value: str
    standing: Standing = Standing.DECLARED
    seen: str = ""


class ReportedProduct(Document):
    """What policies say of one product.

    Attributes:
        unknown: Ids of rules that cannot be told at this point, with the reason.
        compared_with: The version that its changes were judged against; empty = none.
        problems: What is wrong in its contract, so that it could not be evaluated.
    """

    id: str
    version: str
    domain: str
    owner: str = ""
    place: Place
    evaluated: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    violations: tuple[PolicyViolation, ...] = ()
    claims: tuple[Claim, ...] = ()
    compared_with: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def is_evaluable(self) -> bool:
        """Whether its contract could be read, so that policies were evaluated."""
        return not self.problems

    @property
    def is_blocked(self) -> bool:
        """Whether a violation blocks it."""
        return any(v.is_blocking for v in self.violations)

    @property
    def status(self) -> Status:
        """The worst that was found."""
        is_open = bool(self.unknown) or not self.is_evaluable or not self.evaluated
        return worst_status([v.status for v in self.violations] + [Status.UNKNOWN] * is_open)


class ReportedPolicy(Document):
    """What came of one policy over all products.

    Attributes:
        domain: The domain that it binds; empty = all.
        why_not: Why it is not executable; empty = it is.
        is_lint: Whether it is one of meshkit's own.
        status: None where it is executable, but was not evaluated for any product.
    """

    id: str
    domain: str = ""
    mandatory: bool = False
    why_not: str = ""
    is_lint: bool = False
    status: Status | None = None
    violations: int = 0
    place: Place | None = None


class BrokenRule(Document):
    """A rule that could not be evaluated."""

    rule: str
    policy: str
    reason: str
    place: Place | None = None


class Group(Document):
    """Several products together: a domain, or the mesh.

    Attributes:
        counts: Each status that a product may have, with how many have it.
    """

    name: str
    status: Status
    blocked: int
    counts: tuple[tuple[Status, int], ...]

    @property
    def products(self) -> int:
        """How many there are."""
        return sum(n for _, n in self.counts)


class Difference(Document):
    """A violation that differs from before, or stays.

    Attributes:
        was: Its status in the report of before; None where it is new.
        now: Its status now; None where it is gone.
    """

    product: str
    rule: str
    field: str | None
    severity: Severity
    message: str
    was: Status | None = None
    now: Status | None = None


class Comparison(Document):
    """How a report differs from one of before."""

    made_at: datetime
    was: Status
    new: tuple[Difference, ...] = ()
    gone: tuple[Difference, ...] = ()
    still: tuple[Difference, ...] = ()


class ComplianceReport(Document):
    """What policies say of some products at one point, on one day.

    Attributes:
        asked: The ids that were asked for; none = every product.
        problems: What is wrong in files that are no products, and with how domains change policies.
    """

    at: Enforcement
    today: date
    made_at: datetime
    meshkit_version: str
    asked: tuple[str, ...] = ()
    products: tuple[ReportedProduct, ...] = ()
    policies: tuple[ReportedPolicy, ...] = ()
    broken: tuple[BrokenRule, ...] = ()
    problems: tuple[Problem, ...] = ()
    comparison: Comparison | None = None

    @cached_property
    def mesh(self) -> Group:
        """All products together."""
        return group("mesh", self.products)

    @cached_property
    def domains(self) -> tuple[Group, ...]:
        """The products of each domain together."""
        names = sorted({p.domain for p in self.products})
        return tuple(group(n, [p for p in self.products if p.domain == n]) for n in names)

    @property
    def not_executable(self) -> tuple[ReportedPolicy, ...]:
        """Policies that no machine can judge."""
        return tuple(p for p in self.policies if p.why_not)

    @property
    def violations(self) -> tuple[PolicyViolation, ...]:
        """All violations of all products."""
        return tuple(v for p in self.products for v in p.violations)

    @property
    def is_blocked(self) -> bool:
        """Whether any product is blocked."""
        return self.mesh.blocked > 0

    @property
    def is_bad_input(self) -> bool:
        """Whether a contract, or another file of the mesh, has errors that leave something unjudged."""
        return any(not p.is_evaluable for p in self.products) or any(
            p.severity is Severity.ERROR for p in self.problems
        )

    @property
    def is_asked(self) -> bool:
        """Whether policies of governors ask something of a product at this point."""
        ids = {p.id for p in self.policies if not p.is_lint}
        named = (
            n
            for p in self.products
            for n in (*p.evaluated, *(i for r, _ in p.unknown for i in (r, r.partition(".")[0])))
        )
        return any(name in ids for name in named)

    @property
    def is_unevaluable(self) -> bool:
        """Whether a rule is broken, or nothing was asked of any product."""
        return bool(self.broken) or not self.is_asked

    @property
    def exit_code(self) -> int:
        """0 allowed, 1 blocked, 2 a contract or a governance file is bad, 3 not all could be evaluated: 2, 3, 1 in this order."""
        if self.is_bad_input:
            return 2
        return 3 if self.is_unevaluable else int(self.is_blocked)


def group(name: str, products: Sequence[ReportedProduct]) -> Group:
    """Put some products together.

    Example:
        >>> group("sales", []).status
        <Status.UNKNOWN: 'unknown'>
    """
    found = [p.status for p in products]
    return Group(
        name=name,
        status=worst_status(found) if found else Status.UNKNOWN,
        blocked=sum(p.is_blocked for p in products),
        counts=tuple((s, found.count(s)) for s in REPORTED),
    )
