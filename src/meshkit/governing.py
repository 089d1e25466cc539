"""Governance as users call it: policies evaluated over a mesh, at a point. Wires rooms, and holds no rule."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from meshkit.arguments import moment, one_of
from meshkit.change.version import days_of_notice, is_unstable, judge_removal
from meshkit.engines.policy_database import prepare
from meshkit.known import Known, hours_between, recorded
from meshkit.mesh import Mesh
from meshkit.model.change import Effect, MeshDiff, ProductDiff
from meshkit.model.contract import Deprecation
from meshkit.model.contract import Status as LifeStatus
from meshkit.model.namespace import is_location
from meshkit.model.policy import Enforcement, Policy, mandatory_by_id
from meshkit.model.problem import Problem
from meshkit.model.run import Outcome
from meshkit.model.units import parse_duration
from meshkit.policy.binding import bind
from meshkit.policy.evaluate import Asked, Evaluation, Subject, Waived, evaluate
from meshkit.policy.facts import Changes, LastRun, ProductFacts, Upstream
from meshkit.policy.lints import default_lints
from meshkit.policy.surroundings import Standing, Surroundings
from meshkit.product import Product
from meshkit.runs import Run

if TYPE_CHECKING:
    from meshkit.scanning import Suspects


class Agreed(NamedTuple):
    """The policies of a mesh, and what is wrong with them."""

    policies: tuple[Policy, ...]
    problems: tuple[Problem, ...]


def agreed(mesh: Mesh, *, lints: bool = False) -> Agreed:
    """Return the policies that bind a mesh, none where it has no governance file; with `lints` those of meshkit besides."""
    form = mesh.governance
    if form is None:
        return Agreed(default_lints() if lints else (), ())
    return Agreed(*bind(form, mesh.source_of("governance").place, lints=lints))


def govern(
    mesh: Mesh,
    at: Enforcement | str = Enforcement.SCHEDULE,
    *,
    products: Sequence[str] = (),
    run: Run | None = None,
    base: Mesh | None = None,
    now: datetime | str | None = None,
    known: Known | None = None,
    env: str | None = None,
    is_lenient: bool = False,
    policies: Sequence[Policy] | None = None,
    lints: bool = False,
    suspects: Suspects | None = None,
) -> Evaluation:
    """Evaluate the policies of a mesh over its products.

    Args:
        mesh: What `load` returned.
        at: `pr`, `publish`, `query` or `schedule`; a point evaluates the rules that are enforced there, `schedule` all.
        products: Ids of the products to judge; none = every version that is not retired.
        run: A run whose verdicts count, in place of those of `known`.
        base: What readers have, to compare with; see `load_at`.
        now: The clock; none = the present.
        known: Runs and published versions; its waivers count in place of those of the mesh; none = what the store has.
        env: The environment whose recorded runs count; none = the default one, or none.
        is_lenient: Whether products whose contracts have errors are judged too, by what could be read.
        policies: Policies in place of those of the mesh.
        lints: Whether meshkit's own lints of a mesh (docs/scores.md) are judged besides; they only warn.
        suspects: What `scan_suspects` found in the data, in place of what `known` has.

    Raises:
        UsageError: A product, a point or a time is not known.

    Example:
        >>> import meshkit
        >>> found = govern(meshkit.load("sample_data/retail"), "pr", products=["sales.sales_orders"], now="2026-11-22")
        >>> found.products[0].is_blocked, "data_retention" in found.products[0].evaluated
        (False, True)
    """
    point = one_of(Enforcement, str(at), "point of enforcement")
    prepare()
    today = moment(now)
    chosen = chosen_of(mesh, products)
    binding = agreed(mesh, lints=lints).policies if policies is None else tuple(policies)
    known = known_for(mesh, products, binding, today, env) if known is None else known
    if run is not None:
        answered = [p for p in run.products if p.verdicts or p.outcome is not Outcome.ERRORED]
        seen = {(p.id.partition("@")[0], p.version): p.verdicts for p in answered}
        outcomes = {(p.id.partition("@")[0], p.version): p.outcome for p in answered}
        age = hours_between(run.result.started_at, today)
        runs = {key: LastRun(run.result.run_id or None, str(outcome), age) for key, outcome in outcomes.items()}
        known = known._replace(verdicts={**known.verdicts, **seen}, runs={**known.runs, **runs})
    if base is not None:
        known = known._replace(base=base)
    if suspects is not None:
        known = known._replace(suspects=suspects.found)
    judged = [p for p in chosen if is_lenient or not p.is_stopped]
    others = [p for p in mesh.products if p not in chosen and p.status is not LifeStatus.RETIRED and not p.is_stopped]
    return evaluate(
        _subjects(mesh, judged, known, today, point),
        binding,
        Asked(point, today.date(), known.waivers or waived(mesh, binding, today.date()), known.has_requests),
        lambda: [s.facts for s in _subjects(mesh, others, known, today, point)] if products else [],
    )


def known_for(
    mesh: Mesh, products: Sequence[str], policies: Sequence[Policy], now: datetime, env: str | None = None
) -> Known:
    """Return what the store knows of some products, none = all; of all where a policy looks at all of them."""
    is_of_all = not products or any(r.looks_at_all for p in policies for r in p.rules)
    return recorded(mesh, now, None if is_of_all else chosen_of(mesh, products), env=env)


def govern_gone(
    mesh: Mesh, evaluation: Evaluation, known: Known, *, products: Sequence[str] = (), now: datetime | None = None
) -> Evaluation:
    """Judge what readers have and the mesh does not serve any more: deleted, renamed and retired versions.

    Only `breaking_changes` binds them. In a store that other meshes may share, a product that this one does not have is theirs.

    Args:
        mesh: The mesh.
        evaluation: What was evaluated of its products.
        known: With `base`, what readers have.
        products: Ids of the products to judge; none = all.
        now: The clock.
    """
    policies = [p for p in evaluation.policies if p.id == "breaking_changes"]
    return evaluate(
        list(_gone(mesh, known, chosen_of(mesh, products) if products else None, now)), policies, evaluation.asked
    )


def _gone(mesh: Mesh, known: Known, chosen: Sequence[Product] | None, now: datetime | None) -> Iterator[Subject]:
    base = known.base
    if base is None:
        return
    diff = base.diff(mesh, now=now)
    has = {(p.head.product_id, p.version): p for p in mesh.products}
    ids = {p.head.product_id for p in (mesh.products if chosen is None else chosen)}
    served = {p.head.product_id for p in mesh.products if p.status is not LifeStatus.RETIRED}
    for old in base.products:
        key = (old.head.product_id, old.version)
        is_theirs = key[0] not in ids and (chosen is not None or known.is_shared)
        if is_theirs or old.is_stopped or old.status is LifeStatus.RETIRED or is_unstable(old.contract):
            continue
        new = has.get(key)
        if new is not None and new.status is not LifeStatus.RETIRED:
            continue
        problem = _early_end(diff, old, is_left=key[0] in served or new is not None)
        if problem is not None:
            id_ = f"{key[0]}@{key[1]}" if key[0] in served else key[0]
            changes = Changes(version=old.version, breaking=0, is_enough=True, removal=problem.message)
            yield Subject(ProductFacts(id=id_, contract=old.contract, changes=changes), (new or old).source.place)


def _early_end(diff: MeshDiff, old: Product, *, is_left: bool) -> Problem | None:
    """Return what is wrong with the end of a version; where nothing of its product is left, nothing can follow it."""
    if not is_left:
        return judge_removal(old.contract, old.source.place(()))
    ends = [p for p in diff.problems if p.place == old.source.place(())]
    for one in diff.products:
        if (one.product, one.old_version, one.new_version) == (old.head.product_id, old.version, old.version):
            ends += one.problems
    return next((p for p in ends if p.code == "MK504"), None)


def chosen_of(mesh: Mesh, products: Sequence[str] = ()) -> list[Product]:
    """Return the products of some ids; none = every version that is not retired.

    Raises:
        UsageError: A product is not known.
    """
    return [mesh.product(p) for p in dict.fromkeys(products)] or [
        p for p in mesh.products if p.status is not LifeStatus.RETIRED
    ]


def waived(mesh: Mesh, policies: Sequence[Policy], today: date) -> tuple[Waived, ...]:
    """Return the waivers of policies that hold today. One with a cap covers nothing: a violation counts no rows."""
    read = mesh.read_waivers(mandatory_by_id(policies))
    holding = [w for w in read.waivers if w.policy and w.cap is None and not w.has_ended(today)] if read else []
    return tuple(
        Waived(
            w.policy,
            f"{w.subject.domain}.*"
            if w.subject.domain
            else "@".join(filter(None, (w.subject.product, w.subject.version))),
            w.subject.column or None,
            w.until,
            f"waived until {w.until} by {' '.join(w.approved_by.split())}: {' '.join(w.reason.split())}",
            w.subject.table,
        )
        for w in holding
    )


def _subjects(mesh: Mesh, chosen: Sequence[Product], known: Known, now: datetime, point: Enforcement) -> list[Subject]:
    diff = known.base.diff(mesh, now=now) if known.base is not None else None
    around, upstream, consumers = _neighbours(mesh, now.date())
    expire = _expire_days(mesh)
    return [
        Subject(
            _facts(mesh, p, known, diff, consumers, expire)._replace(
                upstream=upstream[id(p)],
                around=around.around(p.contract, _folder(p)),
                is_first=point is Enforcement.PUBLISH and known.remembers and not _is_published(p, known.base),
            ),
            p.source.place,
        )
        for p in chosen
    ]


class _Neighbours(NamedTuple):
    """The products of a mesh among each other: what each reads (by the identity of the product), and how many read each."""

    around: Surroundings
    upstream: Mapping[int, tuple[Upstream, ...]]
    consumers: Mapping[str, int]


_NEIGHBOURS: WeakKeyDictionary[Mesh, tuple[date, _Neighbours]] = WeakKeyDictionary()


def _neighbours(mesh: Mesh, today: date) -> _Neighbours:
    """Return them; they are kept with the mesh, since a server asks for one product after the other."""
    kept = _NEIGHBOURS.get(mesh)
    if kept is None or kept[0] != today:
        around = _surroundings(mesh, today)
        upstream = {id(p): tuple(_upstream(mesh, p, around)) for p in mesh.products}
        consumers = Counter(i for found in upstream.values() for i in {u.id for u in found})
        kept = _NEIGHBOURS[mesh] = (today, _Neighbours(around, upstream, consumers))
    return kept[1]


def _is_published(product: Product, base: Mesh | None) -> bool:
    return base is not None and any(p.head.product_id == product.head.product_id for p in base.products)


def _surroundings(mesh: Mesh, today: date) -> Surroundings:
    root = os.path.abspath(mesh.root if mesh.root.is_dir() else mesh.root.parent)  # noqa: PTH100  # links stay as written
    return Surroundings((Standing(p.outline, _folder(p)) for p in mesh.products), root, today)


def _folder(product: Product) -> str:
    return os.path.dirname(os.path.abspath(product.source.file))  # noqa: PTH100, PTH120


def _facts(
    mesh: Mesh,
    product: Product,
    known: Known,
    diff: MeshDiff | None,
    consumers: Mapping[str, int],
    expire: float | None,
) -> ProductFacts:
    contract = product.contract
    form, organization = mesh.governance, mesh.organization
    domain = organization.domain(product.domain) if organization else None
    return ProductFacts(
        id=product.id,
        contract=contract,
        checks=product.checks,
        consumers=consumers.get(contract.product_id, 0),
        domain_policy=form.domain_policies.get(product.domain) if form else None,
        bounded_context=domain.bounded_context if domain else None,
        expire_days=expire,
        verdicts=known.verdicts.get((contract.product_id, contract.version)),
        changes=_changes(mesh, product, known.base, diff) if known.base is not None and diff is not None else None,
        availability=known.availability.get(contract.product_id),
        run=known.runs.get((contract.product_id, contract.version), LastRun()),
        suspects=known.suspects.get((contract.product_id, contract.version), {}),
        grants=known.grants.get(contract.product_id, ()),
        request_hours=known.request_hours.get(contract.product_id),
    )


def _upstream(mesh: Mesh, product: Product, around: Surroundings) -> Iterator[Upstream]:
    contract = product.outline
    for alias, target in contract.inputs.items():
        entry = None if is_location(target) else mesh.catalog.entry(target)
        names = [] if is_location(target) or entry else mesh.catalog.named(target, product.domain)
        entry = entry or (mesh.catalog.entry(names[0]) if len(names) == 1 else None)
        if entry is None:
            holder = around.holder(contract, target, _folder(product)) if is_location(target) else None
            yield Upstream(alias, target, holder=holder)
            continue
        head = entry.head
        yield Upstream(alias, head.product_id, head.domain, str(head.status), entry.outline.classification or None)


def _expire_days(mesh: Mesh) -> float | None:
    """Return after how many days the platform deletes objects, by the shortest rule of its lifecycle."""
    platform = mesh.platform
    rules = [r.expire for s in platform.storage for r in s.lifecycle_policies if r.expire] if platform else []
    return min((parse_duration(r).total_seconds() / 86400 for r in rules), default=None)


def _changes(mesh: Mesh, product: Product, base: Mesh, diff: MeshDiff) -> Changes | None:
    """Return what differs from the version that readers have; None for a product that they do not have yet."""
    contract = product.contract
    before = [p for p in base.products if p.head.product_id == contract.product_id]
    if not before:
        return None
    found = [d for d in diff.products if (d.product, d.new_version) == (contract.product_id, contract.version)]
    stopped = next((p for p in before if p.is_stopped), None)
    if stopped is not None and (not found or found[0].old_version != contract.version):
        why = f"the contract of {stopped.version} that readers have has errors, so nothing can be compared with it"
        return Changes(version=stopped.version, breaking=None, is_enough=False, why_not=why)
    if not found:
        return Changes(version=contract.version, breaking=0, is_enough=True)
    one = found[0]
    breaking = 0 if one.is_unstable else sum(c.consumer in (Effect.BREAKING, Effect.UNDETERMINED) for c in one.changes)
    is_enough = one.is_unstable or not any(p.code == "MK501" for p in one.problems)
    deprecation = _deprecation(mesh, base, one)
    return Changes(
        version=one.old_version,
        breaking=breaking,
        is_enough=is_enough,
        notice_days=days_of_notice(deprecation) if deprecation else None,
        guide=deprecation.migration_guide if deprecation else "",
        unnotified=one.unnotified,
    )


def _deprecation(mesh: Mesh, base: Mesh, diff: ProductDiff) -> Deprecation | None:
    """Return how the old version ends: as it is still served, else as it was announced before it went."""
    for served in (mesh, base):
        for product in served.products:
            if (product.head.product_id, product.version) == (
                diff.product,
                diff.old_version,
            ) and product.contract.deprecation:
                return product.contract.deprecation
    return None
