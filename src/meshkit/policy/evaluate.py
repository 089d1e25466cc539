"""Policies over the rows of products, all at once: violations, what waives them, and what cannot be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import product as pairs
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.engines.policy_database import PolicyDatabase
from meshkit.errors import MeshkitError, Place
from meshkit.later import Later
from meshkit.model.policy import Enforcement, Over, Policy, PolicyRule, PolicyViolation, ProductCompliance
from meshkit.model.policy_rows import ROWS, TABLES
from meshkit.model.table import Pointer
from meshkit.policy.facts import ProductFacts, Rows, columns_of, rows_of
from meshkit.policy.statement import MOST, Compiled, any_found, compile_rule, together
from meshkit.sql.policies import fill

if TYPE_CHECKING:
    from meshkit.policy import plugins
else:  # few policies are written in Python
    plugins = Later("meshkit.policy.plugins")

Found = tuple[int, int, str | None, str | None, str, int | None]
"""The position of a rule, that of a product, its table, column, message, and the position of the waiver that covers it."""

Spread = tuple[int, int, str | None, str | None, int]
"""A waiver for one rule and product: their positions, the column and table that it is for, and its own position."""

LeftOut = tuple[PolicyRule, str]
"""A rule of which something is not known yet, and what that is."""

PlaceOf = Callable[[Pointer], Place]
_WAIVERS = {"rule": "BIGINT", "no": "BIGINT", "field": "VARCHAR", "tab": "VARCHAR", "position": "BIGINT"}
_REPORTED = {"rule": "BIGINT", "product": "VARCHAR", "field": "VARCHAR", "message": "VARCHAR"}
FEW = 100
"""Up to so many products, rules that find nothing are left out before violations are written."""

TIMEOUT_SECONDS = 60.0
"""So long may all policies take, and where that is too long, each alone."""

NEEDS = {"run": "it needs a run of this version", "requests": "it needs requests for access, and none exist yet"}


class Waived(NamedTuple):
    """A waiver that holds today for one policy, or for one rule of it.

    Attributes:
        policy: The id of either.
        product: The id of the product, or `domain.*`.
        column: The folded name of the column that it is for; None = the whole product.
        label: Who allows it, until when and why.
        table: The folded name of the one table whose column it is for; empty = the columns of that name in all tables.
    """

    policy: str
    product: str
    column: str | None
    until: date
    label: str
    table: str = ""


class Broken(NamedTuple):
    """A rule that could not be evaluated, and why."""

    rule: PolicyRule
    error: MeshkitError


class Asked(NamedTuple):
    """What is evaluated: at which point, on which day, with which waivers, and whether there are any requests for access."""

    point: Enforcement
    today: date
    waivers: Sequence[Waived] = ()
    has_requests: bool = False


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
        self, subjects: Sequence[Subject], policies: Sequence[Policy], asked: Asked, chosen: Sequence[Compiled], found: Sequence[Found],
        broken: Sequence[Broken], left_out: Sequence[LeftOut],
    ) -> None:  # fmt: skip
        self.subjects, self.policies, self.asked = subjects, policies, asked
        self.found, self.broken = found, tuple(broken)
        self._chosen = chosen
        failed = {id(b.rule) for b in broken}
        self._answered = [c.rule for c in chosen if id(c.rule) not in failed]
        self._unknown = [*left_out, *((b.rule, f"it cannot be evaluated: {b.error.what}") for b in broken)]

    @cached_property
    def products(self) -> tuple[ProductCompliance, ...]:
        """What came of each product, in the order that they were given."""
        by_product: dict[int, list[tuple[int, str | None, str | None, str, int | None]]] = defaultdict(list)
        for rule, no, tab, field, message, waiver in self.found:
            by_product[no].append((rule, tab, field, message, waiver))
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
            if key not in violations or _gravity(violations[key]) < _gravity(made):
                violations[key] = made  # the rule of all and the domain's own find the same: the graver one is told
        unknown = {r.id: why for r, why in self._unknown if binds(r, contract.domain, contract.policies)}
        evaluated = {r.policy: None for r in self._answered if binds(r, contract.domain, contract.policies)}
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


def _gravity(violation: PolicyViolation) -> tuple[bool, int]:
    """Order violations of one rule: one in a time of grace is less than any that is not."""
    return violation.grace_until is None, violation.severity.rank


def evaluate(
    subjects: Sequence[Subject],
    policies: Sequence[Policy],
    asked: Asked,
    others: Callable[[], Sequence[ProductFacts]] = tuple,
) -> Evaluation:
    """Evaluate policies over products. A rule that cannot be compiled or evaluated is told, and all others are.

    Cost: one statement over tables in memory, whatever the number of products.

    Args:
        subjects: The products that are judged.
        others: Gives the other products of the mesh, which only policies that look at all of them read.
    """
    chosen, broken, left_out = _compiled(policies, asked)
    products = [s.facts for s in subjects]
    if any(c.rule.looks_at_all for c in chosen):
        products += others()
    rows = rows_of(products)
    reported, failed = _reported(chosen, rows)
    database = _database(products, rows, _spread(products, asked.waivers, chosen), reported, _tables_of(chosen))
    try:
        is_small = len(products) <= FEW
        asked_of = _binding(chosen, products) if is_small else chosen
        found, more = ask(database, asked_of, is_waived=bool(asked.waivers), is_small=is_small)
    finally:
        database.close()
    broken += [*failed, *more, *_strangers(chosen, found)]
    judged = [f for f in found if f[1] is not None and f[1] < len(subjects)]  # type: ignore[redundant-expr]  # no product has that id
    return Evaluation(subjects, policies, asked, chosen, judged, broken, left_out)


def try_out(rules: Sequence[PolicyRule]) -> list[Broken]:
    """Return which rules DuckDB cannot evaluate, tried on one row without values in each table."""
    rows: Rows = {over: [(0, *([None] * len(ROWS[over])))] for over in Over}
    database = _database([], rows, None, [], list(Over))
    try:
        return ask(database, [compile_rule(r, i) for i, r in enumerate(rules)], is_waived=False)[1]
    finally:
        database.close()


def load(
    products: Sequence[ProductFacts], waivers: Sequence[Waived] = (), chosen: Sequence[Compiled] = ()
) -> PolicyDatabase:
    """Return a locked database that holds the rows of some products, and the waivers that hold for them of some rules."""
    return _database(products, rows_of(products), _spread(products, waivers, chosen), [], list(Over))


def _tables_of(chosen: Sequence[Compiled]) -> list[Over]:
    """Return the tables that some rules read; those of several rows at once may read any."""
    if any(c.rule.looks_at_all for c in chosen):
        return list(Over)
    return [Over.PRODUCT, *(o for o in Over if o is not Over.PRODUCT and any(c.rule.over is o for c in chosen))]


def _database(
    products: Sequence[ProductFacts],
    rows: Rows,
    waivers: Sequence[Spread] | None,
    reported: Sequence[tuple[Any, ...]],
    wanted: Sequence[Over],
) -> PolicyDatabase:
    tables: dict[str, Any] = {
        TABLES[over]: ({"no": "BIGINT", **{n: c.type for n, c in ROWS[over].items()}}, rows[over]) for over in wanted
    }
    if waivers is not None:
        tables["waivers"] = (_WAIVERS, waivers)
    if len(wanted) == len(Over):
        tables["reported"] = (_REPORTED, reported)
    return PolicyDatabase(tables, TIMEOUT_SECONDS)


def _reported(chosen: Sequence[Compiled], rows: Rows) -> tuple[list[tuple[int, str, str | None, str]], list[Broken]]:
    """Return what policies in Python find, and those that fail."""
    written = [(position, c.rule) for position, c in enumerate(chosen) if c.rule.python]
    if not written:
        return [], []
    found: list[tuple[int, str, str | None, str]] = []
    failed, read = [], plugins.rows_as_read(rows)
    for position, rule in written:
        try:
            found += [(position, *one) for one in plugins.run_plugin(rule, read)]
        except MeshkitError as error:
            failed.append(Broken(rule, error))
    return found, failed


def _strangers(chosen: Sequence[Compiled], found: Sequence[Found]) -> Iterator[Broken]:
    """Yield the policies over all products that name one that is not there, or far too many."""
    if not any(c.rule.looks_at_all for c in chosen):
        return
    seen: set[int] = set()
    for rule, no, name, *_ in found:
        if no is None and rule not in seen:
            seen.add(rule)
            what = f"it names product '{name}', which is not judged" if name else "it names no product"
            yield Broken(chosen[rule].rule, MeshkitError(what, "return ids as products.id has them", code="MK428"))
    for rule, count in Counter(f[0] for f in found).items():
        if count > MOST and chosen[rule].rule.sql:
            what = f"it finds more than {MOST:,} violations"
            yield Broken(chosen[rule].rule, MeshkitError(what, "look for a missing join condition", code="MK424"))


def _spread(
    products: Sequence[ProductFacts], waivers: Sequence[Waived], chosen: Sequence[Compiled]
) -> list[Spread] | None:
    """Return each waiver for each rule and product that it covers; of several for the same, the one that holds longest."""
    if not waivers:
        return None
    of: dict[str, list[int]] = defaultdict(list)
    for no, facts in enumerate(products):
        for name in {
            facts.id,
            facts.id.partition("@")[0],
            f"{facts.contract.product_id}@{facts.contract.version}",
            f"{facts.contract.domain}.*",
        }:
            of[name].append(no)
    rules: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(chosen):
        for name in {one.rule.policy, one.rule.id}:
            rules[name].append(number)
    longest: dict[tuple[int, int, str | None, str | None], int] = {}
    for position, waiver in enumerate(waivers):
        for number, no in pairs(rules.get(waiver.policy, ()), of.get(waiver.product, ())):
            key = (number, no, waiver.column, waiver.table or None)
            if key not in longest or waivers[longest[key]].until < waiver.until:
                longest[key] = position
    return [(*key, position) for key, position in longest.items()]


def ask(
    database: PolicyDatabase, chosen: Sequence[Compiled], *, is_waived: bool, is_small: bool = False
) -> tuple[list[Found], list[Broken]]:
    """Ask all rules in one statement; where that fails, each alone, so that one broken rule hides no other.

    Of few products most rules find nothing: one short question leaves them out first.
    """
    try:
        asked = _narrowed(database, chosen) if is_small else chosen
        return database.ask(together(asked, is_waived=is_waived)) if asked else [], []
    except MeshkitError:
        found, broken = [], []
        for compiled in chosen:
            try:
                found += database.ask(together([compiled], is_waived=is_waived))
            except MeshkitError as error:
                broken.append(Broken(compiled.rule, error))
        return found, broken


def _binding(chosen: Sequence[Compiled], products: Sequence[ProductFacts]) -> list[Compiled]:
    """Return the rules that bind one of a few products."""
    heads = {(p.contract.domain, p.contract.policies) for p in products}
    return [c for c in chosen if c.rule.looks_at_all or any(binds(c.rule, *head) for head in heads)]


def _narrowed(database: PolicyDatabase, chosen: Sequence[Compiled]) -> Sequence[Compiled]:
    order, question = any_found(chosen)
    if not order:
        return chosen
    (answers,) = database.ask(question)
    nothing = {p for p, is_found in zip(order, answers, strict=True) if not is_found}
    return [c for p, c in enumerate(chosen) if p not in nothing]


def _compiled(policies: Sequence[Policy], asked: Asked) -> tuple[list[Compiled], list[Broken], list[LeftOut]]:
    """Return the rules of a point, those that cannot be compiled, and those of which something is not known yet."""
    chosen: list[Compiled] = []
    broken, left_out = [], []
    for rule in _rules(policies, asked.point):
        try:
            compiled = compile_rule(rule, len(chosen))
        except MeshkitError as error:
            broken.append(Broken(rule, error))
            continue
        missing = _missing(compiled.needs, asked)
        if missing:
            left_out.append((rule, NEEDS[min(missing)]))
        else:
            chosen.append(compiled)
    return chosen, broken, left_out


def _rules(policies: Sequence[Policy], point: Enforcement) -> Iterator[PolicyRule]:
    """Yield the rules of a point. On schedule all are told: what blocks is decided where it is enforced."""
    for policy in policies:
        for rule in policy.rules:
            if point is Enforcement.SCHEDULE or point in rule.enforce:
                yield rule


def _missing(needs: frozenset[str], asked: Asked) -> frozenset[str]:
    """Return what nobody can know yet: at a pull request, runs and requests; and requests, until there are any."""
    if asked.point is Enforcement.PR:
        return needs & {"run", "requests"}
    return needs - {"run"} if not asked.has_requests else frozenset()


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
            column = next((c for n, c in columns_of(table) if n == field), None) if table.name == tab else None
            if column is not None:
                return (*column.pointer, *rule.at)
    if rule.over is Over.CHECK:
        check = next((c for c in facts.checks if c.id == tab), None)
        return check.pointer if check is not None else rule.at
    if rule.over is Over.DEPENDENCY and field is not None:
        return ("inputs", field)
    return rule.at
