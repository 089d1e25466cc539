"""What governors see of their policies while they write them: numbers, tests, and what a draft would hit."""

from __future__ import annotations

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.policy import Policy, PolicyRule, PolicyViolation
from meshkit.model.table import Severity


class Number(Document):
    """A parameter as a rule is bound to it, and where it is said."""

    name: str
    value: str
    place: Place | None


class ExplainedRule(Document):
    """A rule with its numbers, the columns that it reads (each with its meaning), and its SQL, or why there is none."""

    rule: PolicyRule
    numbers: tuple[Number, ...]
    columns: tuple[tuple[str, str], ...]
    sql: str
    refusal: str = ""


class ExplainedPolicy(Document):
    """A policy in full."""

    policy: Policy
    rules: tuple[ExplainedRule, ...]


class TestedPolicy(Document):
    """What came of one test of a policy.

    Attributes:
        missing: Expected messages that nothing said.
        surplus: Messages that nobody expected.
        refusal: Why it could not be run, or empty.
    """

    policy: str
    name: str
    place: Place
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether the messages are those expected."""
        return not (self.missing or self.surplus or self.refusal)


class TestedPolicies(Document):
    """What came of all tests, and the policies that have none."""

    tests: tuple[TestedPolicy, ...]
    untested: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether all passed."""
        return all(t.is_passed for t in self.tests)


class DomainHit(Document):
    """How many of a domain's products a draft would hit."""

    domain: str
    products: int
    hit: int


class Trial(Document):
    """What a draft policy would find.

    Attributes:
        products: How many products the mesh has that are judged.
        bound: How many of them it binds.
        violations: What it would find.
        refusal: Why it cannot be told, or empty.
    """

    id: str
    severity: Severity
    products: int
    bound: int
    domains: tuple[DomainHit, ...]
    violations: tuple[PolicyViolation, ...]
    refusal: str = ""

    @property
    def hit(self) -> int:
        """How many products it would hit."""
        return len({v.product for v in self.violations})
