"""A baseline of a mesh: its checks are run, and what is missed today is waived until a day, no more than was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from meshkit.arguments import moment
from meshkit.governing import govern
from meshkit.loading.waivers_text import Entry, append_waivers, listed_waivers
from meshkit.mesh import Mesh
from meshkit.model.contract import Status as LifeStatus
from meshkit.model.policy import Enforcement, Over, Status, mandatory_by_id
from meshkit.model.waiver import day_of
from meshkit.policy.baseline import Baseline, PolicyMiss, baseline_of, not_there, read_terms
from meshkit.policy.score import rules_needing_run
from meshkit.runs import Run


class Signed(NamedTuple):
    """What a person says of all waivers of a baseline, as it was written.

    Attributes:
        until: The last day, in UTC, on which they hold.
        reason: Why.
        approved_by: Who allows them.
        is_long: Whether they may hold for more than a year.
    """

    until: str
    reason: str
    approved_by: str
    is_long: bool = False


class Taken(NamedTuple):
    """A baseline that was taken.

    Attributes:
        baseline: The waivers that are added, and what cannot be waived.
        text: The whole text of the file with them.
        added: The part of it that is new.
        run: The run whose misses they are.
    """

    baseline: Baseline
    text: str
    added: str
    run: Run


def take_baseline(
    mesh: Mesh,
    signed: Signed,
    text: str = "",
    file: str = "waivers.yaml",
    *,
    now: datetime | str | None = None,
    products: Sequence[str] = (),
    policies: bool = True,
    **options: Any,
) -> Taken:
    """Run the checks of a mesh, and waive what is missed today; nothing is written.

    Args:
        mesh: The mesh. What its waivers cover already is left alone.
        signed: Until when, why and by whom.
        text: The text of the file to which waivers are added; empty = a new one.
        file: Its name, for messages.
        now: The clock of the run; none = the present.
        products: Ids of the products; none = all.
        policies: Whether violations of policies are waived too, each rule for each product or column; docs/waivers.md.
        options: As for `Mesh.check`.

    Raises:
        UsageError: What is signed cannot be meant, the file cannot be added to, or `Mesh.check` raises it.
        ContractError: The file is no YAML.
    """
    clock = moment(now)
    today = day_of(clock)
    terms = read_terms(signed.until, signed.reason, signed.approved_by, today, is_long=signed.is_long)
    listed = listed_waivers(text, file)  # before the run: what cannot be added to is said at once
    run = mesh.check(products=products, now=clock, with_sql=False, **options)
    if run.result.interrupted:
        return Taken(Baseline(), text, "", run)
    versions = Counter(p.head.product_id for p in mesh.products if p.status is not LifeStatus.RETIRED)
    several = [product for product, count in versions.items() if count > 1]
    found = baseline_of(
        run.result, terms, several, _policy_misses(mesh, run, clock, several, products) if policies else ()
    )
    found = found._replace(waivers=not_there(found.waivers, listed))
    entries = [Entry(w.values(), w.note) for w in found.waivers]
    heading = f"Baseline of {today}: what was missed on that day, and no more than was seen."
    after = append_waivers(text, entries, heading, file)
    added = append_waivers("", entries, heading, file).partition("waivers:\n")[2]
    return Taken(found, after, added, run)


def _policy_misses(
    mesh: Mesh, run: Run, now: datetime, several: Collection[str], products: Sequence[str]
) -> Iterator[PolicyMiss]:
    """Yield what violates a policy today. What only a run can tell is left to the waivers of its checks."""
    found = govern(mesh, Enforcement.SCHEDULE, products=products, run=run, now=now)
    measured = rules_needing_run(found.policies)
    rules, over = mandatory_by_id(found.policies), {r.id: r.over for p in found.policies for r in p.rules}
    for product in found.products:
        chosen = mesh.product(product.product)
        owner, organization = chosen.contract.owner, mesh.organization
        domain = organization.domain(chosen.domain) if organization else None
        lead = domain.team.product_owner if domain and domain.team else None
        own = tuple(filter(None, (owner.team, owner.contact, lead)))
        head = chosen.head
        named = f"{head.product_id}@{head.version}" if head.product_id in several else head.product_id
        for violation in product.violations:
            if violation.status is not Status.VIOLATED or violation.rule in measured:
                continue
            is_column = over[violation.rule] is Over.COLUMN and violation.field is not None
            column = f".{violation.field}" if is_column else ""
            yield PolicyMiss(violation.rule, f"{named}{column}", refused=own if rules[violation.rule] else ())
