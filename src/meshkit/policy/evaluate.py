"""Policies over the rows of products, all at once: violations, what waives them, and what cannot be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from meshkit.engines.policy_database import PolicyDatabase
from meshkit.errors import MeshkitError, Place
from meshkit.model.policy import Enforcement, Over, Policy, PolicyRule, PolicyViolation, ProductCompliance
from meshkit.model.policy_rows import ROWS
from meshkit.model.table import Pointer
from meshkit.policy.facts import ProductFacts, rows_of
from meshkit.policy.statement import TABLES, Compiled, compile_rule, together
from meshkit.sql.policies import fill

if TYPE_CHECKING:
    import pyarrow as pa

PlaceOf = Callable[[Pointer], Place]
NEEDS = {"run": "it needs a run of this version", "requests": "it needs requests for access, and none exist yet"}


class Waived(NamedTuple):
    """A waiver that holds today for one policy.

    Attributes:
        product: The id of the product, or `domain.*`.
        column: The column that it is for; None = the whole product.
        label: Who allows it, until when and why.
    """

    policy: str
    product: str
    column: str | None
    until: date
    label: str


class Broken(NamedTuple):
    """A rule that could not be evaluated, and why."""

    rule: PolicyRule
    error: MeshkitError


class Asked(NamedTuple):
    """What is evaluated: at which point, on which day, with which waivers."""

    point: Enforcement
    today: date
    waivers: Sequence[Waived] = ()


class Subject(NamedTuple):
    """A product as it is judged: what is known of it, and where a pointer leads in its file."""

    facts: ProductFacts
    place: PlaceOf


class Evaluation:
    """What some policies say of some products at one point.

    Attributes:
        found: One row per violation: rule, no (position of the product), tab, field, message, waiver.
        broken: Rules that could not be evaluated; their policies are unknown for every product that they bind.
    """

    def __init__(
        self, subjects: Sequence[Subject], policies: Sequence[Policy], asked: Asked, chosen: Sequence[Compiled], found: pa.Table,
        broken: Sequence[Broken],
    ) -> None:  # fmt: skip
        self.subjects, self.policies, self.asked = subjects, policies, asked
        self.found, self.broken = found, tuple(broken)
        self._chosen = chosen
        self._unknown = [(r, NEEDS[n]) for r, needs in _left_out(policies, asked) for n in sorted(needs)[:1]]
        self._unknown += [(b.rule, f"it cannot be evaluated: {b.error.what}") for b in broken]

    @cached_property
    def products(self) -> tuple[ProductCompliance, ...]:
        """What came of each product, in the order that they were given."""
        by_product: dict[int, list[tuple[int, str | None, str | None, str, int | None]]] = defaultdict(list)
        names = ("rule", "no", "tab", "field", "message", "waiver")
        for rule, no, *rest in zip(*(self.found.column(n).to_pylist() for n in names), strict=True):
            by_product[no].append((rule, *rest))
        return tuple(self._product(s, by_product.get(i, [])) for i, s in enumerate(self.subjects))

    @property
    def not_executable(self) -> tuple[Policy, ...]:
        """Policies that no machine can judge."""
        return tuple(p for p in self.policies if p.why_not)

    @property
    def is_blocked(self) -> bool:
        """Whether any product is blocked."""
        return any(p.is_blocked for p in self.products)

    @property
    def violations(self) -> tuple[PolicyViolation, ...]:
        """All violations of all products."""
        return tuple(v for p in self.products for v in p.violations)

    def _product(
        self, subject: Subject, found: Sequence[tuple[int, str | None, str | None, str, int | None]]
    ) -> ProductCompliance:
        contract = subject.facts.contract
        violations: dict[tuple[str, str | None, str | None, str], PolicyViolation] = {}
        for position, tab, field, message, waiver in sorted(found, key=lambda f: f[0]):
            rule = self._chosen[position].rule
            key = (rule.id, tab, field, "" if not rule.sql else message)
            made = self._violation(subject, rule, tab, field, message, waiver)
            if key not in violations or violations[key].severity.rank < made.severity.rank:
                violations[key] = made  # the rule of all and the domain's own find the same: the graver one is told
        unknown = {r.id: why for r, why in self._unknown if binds(r, contract.domain, contract.policies)}
        evaluated = {c.rule.policy: None for c in self._chosen if binds(c.rule, contract.domain, contract.policies)}
        return ProductCompliance(
            product=subject.facts.id, version=contract.version, domain=contract.domain, place=subject.place(()),
            evaluated=tuple(evaluated), unknown=tuple(unknown.items()),
            violations=tuple(sorted(violations.values(), key=lambda v: (-v.severity.rank, v.rule, v.field or ""))),
        )  # fmt: skip

    def _violation(
        self, subject: Subject, rule: PolicyRule, tab: str | None, field: str | None, message: str, waiver: int | None
    ) -> PolicyViolation:
        today = self.asked.today
        allowed = self.asked.waivers[waiver] if waiver is not None else None
        return PolicyViolation(
            policy_name=rule.policy, severity=rule.severity, message=message, field=field, rule=rule.id, product=subject.facts.id,
            place=subject.place(pointer_of(subject.facts, rule, tab, field)), remedy=fill(rule.remedy, rule.params),
            enforcement=rule.enforce, waiver=allowed.label if allowed else "", waived_until=allowed.until if allowed else None,
            grace_until=rule.grace_until if rule.grace_until is not None and today <= rule.grace_until else None,
        )  # fmt: skip


def evaluate(subjects: Sequence[Subject], policies: Sequence[Policy], asked: Asked) -> Evaluation:
    """Evaluate policies over products. A rule that cannot be compiled or evaluated is told, and all others are.

    Cost: one statement over tables in memory, whatever the number of products.
    """
    chosen, broken = _compiled(policies, asked)
    database = load([s.facts for s in subjects], asked.waivers)
    try:
        found, more = ask(database, chosen, is_waived=bool(asked.waivers))
    finally:
        database.close()
    return Evaluation(subjects, policies, asked, chosen, found, [*broken, *more])


def load(products: Sequence[ProductFacts], waivers: Sequence[Waived] = ()) -> PolicyDatabase:
    """Return a locked database that holds the rows of some products, and the waivers that hold for them."""
    rows = rows_of(products)
    tables = {
        name: ({"no": "BIGINT", **{n: c.type for n, c in ROWS[over].items()}}, rows[over])
        for over, name in TABLES.items()
    }
    columns = {"policy": "VARCHAR", "no": "BIGINT", "field": "VARCHAR", "position": "BIGINT"}
    return PolicyDatabase({**tables, "waivers": (columns, list(_spread(products, waivers)))})


def _spread(products: Sequence[ProductFacts], waivers: Sequence[Waived]) -> Iterator[tuple[str, int, str | None, int]]:
    """Yield each waiver for each product that it covers; of several for the same, the one that holds longest."""
    of: dict[str, list[int]] = defaultdict(list)
    for no, facts in enumerate(products):
        for name in {
            facts.id,
            facts.id.partition("@")[0],
            f"{facts.contract.product_id}@{facts.contract.version}",
            f"{facts.contract.domain}.*",
        }:
            of[name].append(no)
    longest: dict[tuple[str, int, str | None], int] = {}
    for position, waiver in enumerate(waivers):
        for no in of.get(waiver.product, ()):
            key = (waiver.policy, no, waiver.column)
            if key not in longest or waivers[longest[key]].until < waiver.until:
                longest[key] = position
    return ((policy, no, column, position) for (policy, no, column), position in longest.items())


def ask(database: PolicyDatabase, chosen: Sequence[Compiled], *, is_waived: bool) -> tuple[pa.Table, list[Broken]]:
    """Ask all rules in one statement; where that fails, each alone, so that one broken rule hides no other."""
    import pyarrow as pa

    if not chosen:
        return database.ask(
            "SELECT 0 AS rule, 0 AS no, '' AS tab, '' AS field, '' AS message, 0 AS waiver WHERE false"
        ), []
    try:
        found = database.ask(together(chosen, is_waived=is_waived))
    except MeshkitError:
        parts, broken = [], []
        for compiled in chosen:
            try:
                parts.append(database.ask(together([compiled], is_waived=is_waived)))
            except MeshkitError as error:
                broken.append(Broken(compiled.rule, error))
        found = (
            pa.concat_tables(parts, promote_options="permissive")
            if parts
            else database.ask(
                "SELECT 0 AS rule, 0 AS no, '' AS tab, '' AS field, '' AS message, 0 AS waiver WHERE false"
            )
        )
        return found, broken
    return found, []


def _compiled(policies: Sequence[Policy], asked: Asked) -> tuple[list[Compiled], list[Broken]]:
    chosen: list[Compiled] = []
    broken = []
    for rule in _rules(policies, asked.point):
        try:
            compiled = compile_rule(rule, len(chosen))
        except MeshkitError as error:
            broken.append(Broken(rule, error))
            continue
        if not _missing(compiled.needs, asked.point):
            chosen.append(compiled)
    return chosen, broken


def _rules(policies: Sequence[Policy], point: Enforcement) -> Iterator[PolicyRule]:
    """Yield the rules of a point. On schedule all are told: what blocks is decided where it is enforced."""
    for policy in policies:
        for rule in policy.rules:
            if point is Enforcement.SCHEDULE or point in rule.enforce:
                yield rule


def _missing(needs: frozenset[str], point: Enforcement) -> frozenset[str]:
    """Return what nobody can know yet: at a pull request, runs; and requests, until there are any."""
    return needs & ({"run", "requests"} if point is Enforcement.PR else {"requests"})


def _left_out(policies: Sequence[Policy], asked: Asked) -> Iterator[tuple[PolicyRule, frozenset[str]]]:
    for rule in _rules(policies, asked.point):
        try:
            missing = _missing(compile_rule(rule, 0).needs, asked.point)
        except MeshkitError:
            continue
        if missing:
            yield rule, missing


def binds(rule: PolicyRule, domain: str, opted: Sequence[str]) -> bool:
    """Tell whether a rule is about the products of a domain that take on the policies of `opted`."""
    if rule.opt_in and rule.policy not in opted:
        return False
    return (not rule.domains or domain in rule.domains) and domain not in rule.but


def pointer_of(facts: ProductFacts, rule: PolicyRule, tab: str | None, field: str | None) -> Pointer:
    """Return where in the contract a violation is: the key of its column or check, else the key of the product."""
    contract = facts.contract
    if rule.over is Over.COLUMN and field is not None:
        for table in contract.tables:
            column = next((c for c in table.columns if c.called == field), None) if table.name == tab else None
            if column is not None:
                return (*column.pointer, *rule.at)
    if rule.over is Over.DEPENDENCY and field is not None:
        return ("inputs", field)
    return rule.at
