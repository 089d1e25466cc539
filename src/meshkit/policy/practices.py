"""The best practices of a data mesh: how each is measured over a mesh, or why meshkit does not measure it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from meshkit.model.governance import GovernanceForm
from meshkit.model.organization import OrganizationForm
from meshkit.model.policy import Enforcement, Policy
from meshkit.model.score import Practice, ProductScore
from meshkit.policy.score import Judged


class Seen(NamedTuple):
    """A mesh as practices look at it: its current versions, judged and scored, and what its files say."""

    judged: Sequence[Judged]
    scores: Sequence[ProductScore]
    policies: Sequence[Policy]
    organization: OrganizationForm | None
    governance: GovernanceForm | None


Count = tuple[float | None, str]


class Measured(NamedTuple):
    """A practice: `measure` says in words what `ask` counts; without `ask`, what of meshkit serves it."""

    id: str
    name: str
    measure: str
    ask: Callable[[Seen], Count] | None = None


def _of(found: Iterable[bool], noun: str) -> Count:
    all_ = list(found)
    if not all_:
        return None, f"no {noun}"
    return sum(all_) / len(all_), f"{sum(all_)} of {len(all_)} {noun}"


def _declared(seen: Seen) -> Count:
    if seen.organization is None:
        return None, "no organisation file"
    return _of((seen.organization.domain(d) is not None for d in _domains(seen)), "domains")


def _contexts(seen: Seen) -> Count:
    forms = [seen.organization.domain(d) if seen.organization else None for d in _domains(seen)]
    return _of((bool(f and f.bounded_context) for f in forms), "domains")


def _clean(policy: str) -> Callable[[Seen], Count]:
    return lambda seen: _of(
        (all(v.policy_name != policy or v.waiver for v in j.compliance.violations) for j in seen.judged), "products"
    )


def _interfaces(seen: Seen) -> Count:
    other = [
        u for j in seen.judged for u in j.facts.upstream if u.holder or u.domain not in (None, j.facts.contract.domain)
    ]
    return _of((u.holder is None for u in other), "inputs from other products")


def _owners(seen: Seen) -> Count:
    teams = Counter(j.row["owner_team"] for j in seen.judged if j.row["owner_team"])
    if not teams:
        return None, "no product names its team"
    team, most = teams.most_common(1)[0]
    return 1 - most / len(seen.judged), f"{team} owns {most} of {len(seen.judged)} products"


def _part(name: str) -> Callable[[Seen], Count]:
    def mean(seen: Seen) -> Count:
        known = [p.share for s in seen.scores for p in s.parts if p.name == name and p.share is not None]
        return (
            (sum(known) / len(known), f"mean of {len(known)} products")
            if known
            else (None, "no product where it is known")
        )

    return mean


def _run(seen: Seen) -> Count:
    return _of((s.has_run for s in seen.scores), "products")


def _autonomy(seen: Seen) -> Count:
    bound = seen.governance.domain_policies if seen.governance else {}
    return _of((d in bound for d in _domains(seen)), "domains")


def _gated(seen: Seen) -> Count:
    gates = {Enforcement.PR, Enforcement.PUBLISH}
    return _of(
        (any(gates & set(r.enforce) for r in p.rules) for p in _agreed(seen) if not p.why_not), "executable policies"
    )


def _executable(seen: Seen) -> Count:
    return _of((not p.why_not for p in _agreed(seen)), "policies")


def _balance(seen: Seen) -> Count:
    named = [p for p in _agreed(seen) if not p.domain]
    return _of((not p.mandatory for p in named), "policies of all domains")


def _shared(seen: Seen) -> Count:
    reads = [{u.domain for u in j.facts.upstream} - {None, j.facts.contract.domain} for j in seen.judged]
    return _of((bool(r) for r in reads), "products")


def _federated(seen: Seen) -> Count:
    bound = seen.governance.domain_policies if seen.governance else {}
    teams = {d: {j.row["owner_team"] for j in seen.judged if j.facts.contract.domain == d} for d in _domains(seen)}

    def is_own(domain: str) -> bool:
        others = {t for d, names in teams.items() if d != domain for t in names}
        form = seen.organization.domain(domain) if seen.organization else None
        return bool(
            form
            and form.bounded_context
            and domain in bound
            and None not in teams[domain]
            and not teams[domain] & others
        )

    return _of(map(is_own, teams), "domains")


def _domains(seen: Seen) -> list[str]:
    """Return all domains, also those whose contracts have errors."""
    return sorted({s.domain for s in seen.scores})


def _agreed(seen: Seen) -> list[Policy]:
    """Return the policies that the governance file names, meshkit's own lints left out."""
    return [p for p in seen.policies if not p.is_lint]


PRACTICES: tuple[Measured, ...] = (
    Measured("S184", "Domains follow the organisation", "share of domains that the organisation file declares", _declared),
    Measured("S185", "Clear bounded contexts", "share of domains with a `bounded_context`", _contexts),
    Measured("S186", "Domain teams own data end to end", "share of products without a violation of the lint `domain_ownership`",
             _clean("domain_ownership")),
    Measured("S187", "Collaboration through defined interfaces", "of all inputs from other domains' products or other products' "
             "files, the share that names the product", _interfaces),
    Measured("S188", "No centralised data team", "1 less the largest share of products that one team owns", _owners),
    Measured("S189", "Data as a product, with service levels", "mean share of the part `promises`", _part("promises")),
    Measured("S190", "Contracts are documented", "mean share of the part `documentation`", _part("documentation")),
    Measured("S191", "Versions are semantic", "mean share of the part `versioning`", _part("versioning")),
    Measured("S192", "Comprehensive quality checks", "mean share of the part `checks`", _part("checks")),
    Measured("S193", "Discoverable, with self-service access", "mean share of the part `discoverability`", _part("discoverability")),
    Measured("S194", "Health is monitored", "share of products of which a run is known", _run),
    Measured("S195", "Infrastructure is abstracted", "no measure; `meshkit export` writes SQL, dbt and schemas from a contract"),
    Measured("S196", "Self-serve capabilities", "no measure; the command line, Python and MCP answer without an administrator"),
    Measured("S197", "Repetitive tasks are automated", "no measure; `meshkit draft`, `export` and `convert` write files"),
    Measured("S198", "Domains are autonomous", "share of domains with policies of their own in `domain_policies`", _autonomy),
    Measured("S199", "Common patterns are standard", "no measure; `meshkit init` and the standards ODCS and ODPS"),
    Measured("S200", "Developer experience", "no measure; errors have a place and a way out"),
    Measured("S201", "Policies are enforced by themselves", "share of executable policies that are evaluated at `pr` or `publish`", _gated),
    Measured("S202", "Policies are executable", "share of the governance file's policies with a rule", _executable),
    Measured("S203", "Autonomy and control in balance", "share of policies of all domains that are not mandatory; neither 0 % nor "
             "100 % is good", _balance),
    Measured("S204", "Decisions are federated", "no measure of its own; see S198 and S207"),
    Measured("S205", "Global standards, local implementation", "no measure of its own; a domain may only tighten, else MK421"),
    Measured("S206", "Compliance is monitored continuously", "no measure within one evaluation; it needs a history of them"),
    Measured("S207", "A federated model", "share of domains with a bounded context, policies of their own, and teams that own nothing "
             "elsewhere", _federated),
    Measured("S208", "Data literacy", "no measure; `meshkit explain` and `export --to markdown` serve it"),
    Measured("S209", "Quality is rewarded", "no measure; the badge of each product"),
    Measured("S210", "Domains work together", "share of products that read a product of another domain", _shared),
    Measured("S211", "Product owners are celebrated", "no measure; the order of this list"),
)  # fmt: skip
"""All best practices, in their order."""


def measure(seen: Seen) -> tuple[Practice, ...]:
    """Measure the practices that can be."""
    found = []
    for one in PRACTICES:
        if one.ask is not None:
            value, told = one.ask(seen)
            found.append(Practice(id=one.id, name=one.name, measure=one.measure, value=value, seen=told))
    return tuple(found)
