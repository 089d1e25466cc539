"""A policy: its prose, the rules that make it executable, and what an evaluation of them found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.table import Pointer, Severity

PolicyViolationSeverity = Severity
"""How much a violation matters. `error` and `critical` block, `info` and `warning` are told."""


class Enforcement(StrEnum):
    """A point at which policies are evaluated."""

    PR = "pr"
    PUBLISH = "publish"
    QUERY = "query"
    SCHEDULE = "schedule"


class Over(StrEnum):
    """What a rule looks at, one row at a time; `model/policy_rows.py` says which columns a row has."""

    PRODUCT = "product"
    COLUMN = "column"
    CHECK = "check"
    DEPENDENCY = "dependency"
    RUN = "run"
    GRANT = "grant"


class Status(StrEnum):
    """What came of a policy, or of a product as a whole."""

    COMPLIANT = "compliant"
    WAIVED = "compliant with waivers"
    GRACE = "grace"
    VIOLATED = "non-compliant"
    UNKNOWN = "unknown"
    NOT_EXECUTABLE = "not executable"


Value = str | int | Decimal | float | bool | tuple[str, ...] | None
"""What a rule's parameter may be."""


class PolicyRule(Document):
    """One sentence that a machine can judge: rows where `when` holds must fulfil `require`; unknown counts as a violation.

    Attributes:
        id: `policy.part` of a built-in policy, else the policy's own id.
        policy: The id of the policy that it belongs to.
        over: What it looks at.
        when: A boolean SQL expression over the row; empty = every row.
        require: A boolean SQL expression over the row.
        sql: In place of both: a whole SELECT that returns product, column and message.
        python: In place of all: the name of an entry point of the group `meshkit.policies`.
        domains: The domains that it binds; empty = all.
        but: Domains that it does not bind.
        params: Numbers that the expressions name as `params.NAME`.
        message: What is wrong; `{column}` and `{params.name}` stand for values of the row.
        remedy: What to do.
        grace_until: Until that day it only warns.
        at: The key of the contract that it is about.
        is_trusted: Whether its SQL is meshkit's own.
        opt_in: Whether it binds only the products that name its policy under `policies`.
        place: Where it is written; None for lints of meshkit itself.
    """

    id: str
    policy: str
    over: Over = Over.PRODUCT
    when: str = ""
    require: str = ""
    sql: str = ""
    python: str = ""
    severity: Severity = Severity.ERROR
    enforce: tuple[Enforcement, ...] = (Enforcement.PR, Enforcement.PUBLISH, Enforcement.SCHEDULE)
    domains: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    mandatory: bool = False
    params: Mapping[str, Value] = {}
    message: str = ""
    remedy: str = ""
    grace_until: date | None = None
    at: Pointer = ()
    is_trusted: bool = False
    opt_in: bool = False
    place: Place | None = None

    @property
    def looks_at_all(self) -> bool:
        """Whether it looks at several products at once, so that one alone cannot be judged by its own rows."""
        return bool(self.sql or self.python)


class Policy(Document):
    """What governors agreed: prose, and its executable rules.

    Attributes:
        section: The key of the governance file that it stands under; `policies` = the governors' own.
        why_not: Why it cannot be executed; empty = it can.
        is_lint: Whether it is one of meshkit's own lints, that no file names.
        domain: The domain that it binds; empty = all.
    """

    id: str
    section: str = ""
    prose: str = ""
    mandatory: bool = False
    rules: tuple[PolicyRule, ...] = ()
    why_not: str = ""
    is_lint: bool = False
    domain: str = ""
    place: Place | None = None


class PolicyViolation(Document):
    """One rule that one row does not fulfil.

    Attributes:
        policy_name: The id of the policy.
        message: What is wrong, in words.
        field: The column that it is about, or None.
        rule: The id of the rule.
        product: The id of the product.
        place: Where the contract says it, or should.
        remedy: What to do.
        enforcement: The points at which the rule is enforced.
        waiver: Who allows it, until when and why; empty where no waiver holds.
        grace_until: The last day on which it only warns.
    """

    policy_name: str
    severity: Severity
    message: str
    field: str | None = None
    rule: str = ""
    product: str = ""
    place: Place | None = None
    remedy: str = ""
    enforcement: tuple[Enforcement, ...] = ()
    waiver: str = ""
    waived_until: date | None = None
    grace_until: date | None = None

    @property
    def status(self) -> Status:
        """Whether it counts: `non-compliant`, or `compliant with waivers`, or `grace`."""
        if self.waiver:
            return Status.WAIVED
        return Status.GRACE if self.grace_until is not None else Status.VIOLATED

    @property
    def is_blocking(self) -> bool:
        """Whether it blocks: an error or worse that neither a waiver nor a time of grace covers."""
        return self.status is Status.VIOLATED and self.severity.rank >= Severity.ERROR.rank


class ProductCompliance(Document):
    """What all policies say of one product.

    Attributes:
        evaluated: Ids of the policies that were evaluated, in whole or in part.
        unknown: Ids of rules that cannot be told at this point, with the reason.
    """

    product: str
    version: str
    domain: str
    place: Place
    evaluated: tuple[str, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    violations: tuple[PolicyViolation, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether a violation blocks it."""
        return any(v.is_blocking for v in self.violations)

    @property
    def status(self) -> Status:
        """The worst that was found: non-compliant, grace, unknown, compliant with waivers, compliant."""
        return worst_status([v.status for v in self.violations] + [Status.UNKNOWN] * bool(self.unknown))


_WORST_FIRST = (Status.VIOLATED, Status.GRACE, Status.UNKNOWN, Status.WAIVED)


def worst_status(found: list[Status]) -> Status:
    """Return the status of the whole.

    Example:
        >>> worst_status([Status.WAIVED, Status.GRACE]), worst_status([])
        (<Status.GRACE: 'grace'>, <Status.COMPLIANT: 'compliant'>)
    """
    return next((s for s in _WORST_FIRST if s in found), Status.COMPLIANT)


def mandatory_by_id(policies: Iterable[Policy]) -> dict[str, bool]:
    """Return the id of each policy and of each of its rules, which waivers may name, and whether it is mandatory."""
    found = {rule.id: p.mandatory for p in policies for rule in p.rules}
    return found | {p.id: p.mandatory for p in policies}
