"""What the store of a mesh knows of its products, for policies: last runs, published versions, availability."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.loading.published import files_of, load_published
from meshkit.mesh import Mesh
from meshkit.model.check import Check, Kind
from meshkit.model.compliance import ComplianceReport
from meshkit.model.contract import Status
from meshkit.model.history import Circumstances, Evaluation, PastProductRun, PastVerdict, Publication, RunKind
from meshkit.model.policy import Enforcement
from meshkit.model.profile import Suspect
from meshkit.model.request import AccessRequest, Wait
from meshkit.model.run import Judgement, Outcome, Verdict, worst
from meshkit.model.table import Severity
from meshkit.model.waiver import day_of
from meshkit.policy.evaluate import Waived
from meshkit.policy.facts import Held, LastRun
from meshkit.policy.waiving import Waivings
from meshkit.product import Product
from meshkit.recording import environment_of, store_place
from meshkit.store import Store, open_store
from meshkit.store.place import StorePlace
from meshkit.store.process import revision
from meshkit.store.runs import shown_place
from meshkit.version import __version__

_LOG = logging.getLogger("meshkit.store")
_OVER = timedelta(days=30)
_DAY = timedelta(days=1)
_MILD = (Severity.INFO, Severity.WARNING)


class Known(NamedTuple):
    """What is known of products besides their contracts.

    Attributes:
        verdicts: (product id, version) -> the verdicts of its last run.
        base: The mesh as readers have it: published versions, or a git revision; None = nothing to compare with.
        runs: (product id, version) -> its last run that counts.
        availability: Product id -> share of runs that reached the data.
        remembers: Whether there is a store to ask, so that what it has not as published was not published.
        waivers: Waivers of policies that hold today, in place of those in the mesh's own file.
        suspects: (product id, version) -> (table, column) -> what a scan saw in a column that nobody marked.
        grants: Product id -> the grants that hold.
        request_hours: Product id -> the median time that requests for access wait for a decision.
        has_requests: Whether anybody has asked for access to anything.
        is_shared: Whether `base` is of a store that other meshes may share, so that their products may be in it.
    """

    verdicts: Mapping[tuple[str, str], Sequence[Verdict | Judgement]] = {}
    runs: Mapping[tuple[str, str], LastRun] = {}
    base: Mesh | None = None
    availability: Mapping[str, float] = {}
    remembers: bool = False
    waivers: Sequence[Waived] = ()
    suspects: Mapping[tuple[str, str], Mapping[tuple[str, str], Suspect]] = {}
    is_shared: bool = False
    grants: Mapping[str, Sequence[Held]] = {}
    request_hours: Mapping[str, float] = {}
    has_requests: bool = False


def recorded(mesh: Mesh, now: datetime, products: Sequence[Product] | None = None, *, env: str | None = None) -> Known:
    """Return what the store of a mesh knows; nothing where there is none, and with a warning where it cannot be read.

    Args:
        mesh: The mesh.
        now: The clock: waivers that hold then cover what was missed in the last runs, whatever held when those were made.
        products: Those that are asked for; None = all.
        env: The environment whose runs count; None = the default one, or none.
    """
    ids = None if products is None else sorted({p.head.product_id for p in products})
    try:
        place = _place(mesh, env)
        if place is None:
            return Known()
        store = open_store(place, create=False)
        with store:
            environment = environment_of(mesh, env)
            runs = store.last_runs(ids, environment=environment)
            reached = store.availabilities(ids, environment=environment, since=now - _OVER)
            published = store.published(ids)
            granted, waits = store.requests.granted(ids, now), store.requests.waits(ids)
            has_requests = store.requests.are_there()
    except MeshkitError as error:
        is_new = error.code == "MK419"  # there is no store yet: nothing was ever recorded
        if not is_new:
            _LOG.warning("warning: nothing is known of earlier runs: %s", error)
        return Known(remembers=is_new)
    verdicts = dict(_verdicts(mesh, runs, now))
    return Known(
        verdicts=verdicts,
        runs={
            key: _last_run(run, verdicts[key], now) for run in runs if (key := (run.product, run.version)) in verdicts
        },
        base=published_mesh(published),
        remembers=True,
        availability={product: seen.reached / seen.runs for product, seen in reached.items() if seen.runs},
        is_shared=not place.is_own,
        grants=_held(granted, now),
        request_hours=_request_hours(waits, now),
        has_requests=has_requests,
    )


def _held(granted: Iterable[AccessRequest], now: datetime) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for r in granted:
        age = (now - (r.decided_at or r.requested_at)) / _DAY
        found.setdefault(r.product, []).append(Held(r.principal, r.purpose, max(0.0, age), (r.until - now) / _DAY))
    return found


def _request_hours(waits: Iterable[Wait], now: datetime) -> dict[str, float]:
    """Return the median by product; what nobody has decided yet counts by how long it has waited."""
    found: dict[str, list[float]] = {}
    for w in waits:
        found.setdefault(w.product, []).append(hours_between(w.requested_at, w.decided_at or min(now, w.until)))
    return {product: median(hours) for product, hours in found.items()}


def record_compliance(mesh: Mesh, report: ComplianceReport, *, env: str | None = None) -> None:
    """Write an evaluation into the store of a mesh; where all products pass at `publish`, they are its published versions.

    What the store cannot do is a warning.
    """
    try:
        store = _open(mesh, env, create=True)
        if store is None:
            return
        with store:
            _record(store, mesh, report, environment_of(mesh, env))
    except MeshkitError as error:
        _LOG.warning("warning: the evaluation is not recorded: %s", error)


def _open(mesh: Mesh, env: str | None, *, create: bool) -> Store | None:
    place = _place(mesh, env)
    return open_store(place, create=create) if place is not None else None


def _place(mesh: Mesh, env: str | None) -> StorePlace | None:
    return None if mesh.is_alone else store_place(mesh, environment_of(mesh, env), os.environ)


def _verdicts(
    mesh: Mesh, runs: Iterable[PastProductRun], now: datetime
) -> Iterator[tuple[tuple[str, str], list[Judgement]]]:
    """Yield the verdicts of the last runs, each as an answer to the check that the contract has today.

    A run that has no answer to one of today's checks was of another contract, and counts for nothing.
    """
    read = mesh.read_waivers()
    waivings = Waivings(read.waivers, day_of(now)) if read else None
    by_key = {(p.head.product_id, p.version): p for p in mesh.products if not p.is_stopped}
    for run in runs:
        product = by_key.get((run.product, run.version))
        if product is None:
            continue
        said = {answered_id(v.check_id, run): v for v in run.verdicts}
        found = [judgement_of(c, said.get(c.id.removeprefix(f"{c.product}.")), run, now) for c in product.checks]
        judged = [j for j in found if j is not None]
        if len(judged) == len(found):
            yield (run.product, run.version), [_waived(j, run.version, waivings) for j in judged]


def _last_run(run: PastProductRun, verdicts: Sequence[Judgement], now: datetime) -> LastRun:
    return LastRun(run.run.id, str(worst(j.outcome for j in verdicts)), hours_between(run.run.started, now))


def hours_between(then: datetime, now: datetime) -> float:
    """Return how many hours have passed; none where a clock went back."""
    return max(0.0, (now - then).total_seconds() / 3600)


def answered_id(check_id: str, run: PastProductRun) -> str:
    """Return a check's id without the product, which has its version in it wherever a newer one is served too."""
    return check_id.removeprefix(f"{run.product}@{run.version}.").removeprefix(f"{run.product}.")


def judgement_of(check: Check, said: PastVerdict | None, run: PastProductRun, now: datetime) -> Judgement | None:
    """Return an answer to a check; None where there is none.

    What was waived is missed: whether a waiver holds is asked of today's. Data that was fresh has grown older since, as far
    as anybody knows.
    """
    if said is None or said.definition not in (None, check.definition):
        return None
    outcome, value = Outcome(said.outcome), said.value
    is_missed = outcome is Outcome.WAIVED
    if check.kind is Kind.FRESHNESS and value is not None:
        value += hours_between(run.run.clock or run.run.started, now)
        is_missed |= outcome is Outcome.PASSED and not check.threshold.is_met(value)
    if is_missed:
        is_mild = check.severity in _MILD or run.status == Status.DRAFT
        outcome = Outcome.WARNED if is_mild else Outcome.FAILED
    return Judgement(check, outcome, said.bad, said.total, value)


def _waived(judged: Judgement, version: str, waivings: Waivings | None) -> Judgement:
    is_waived = waivings is not None and waivings.of_check(judged, version) is not None
    return judged._replace(outcome=Outcome.WAIVED) if is_waived else judged


def published_mesh(published: Sequence[Publication]) -> Mesh | None:
    """Return published versions as a mesh of their own; None where there are none."""
    return Mesh(load_published(p.files for p in published)) if published else None


def _record(store: Store, mesh: Mesh, report: ComplianceReport, environment: str | None) -> None:
    products = [(p.id.partition("@")[0], p.version) for p in report.products]
    actor = os.environ.get("MESHKIT_ACTOR") or None
    about = Circumstances(__version__, revision(mesh.root), environment, None, actor)
    run_id = store.begin(RunKind.GOVERN, products, about=about, at=report.made_at)
    statuses = {key: str(p.status) for key, p in zip(products, report.products, strict=True)}
    store.record_evaluations(run_id, _evaluations(report, mesh.root), statuses)
    store.end(run_id, str(report.mesh.status), at=report.made_at)
    summary = {
        "at": str(report.at),
        "run": run_id,
        "products": len(report.products),
        "blocked": report.mesh.blocked,
        "policies": sorted({p.id for p in report.policies}),
    }
    store.append_audit(actor, "govern", str(mesh.root.name), summary)
    if report.at is Enforcement.PUBLISH and report.exit_code == 0:
        _publish(store, mesh, report, actor)


def _publish(store: Store, mesh: Mesh, report: ComplianceReport, actor: str | None) -> None:
    """Write what readers have now: the versions that passed, the retired ones of their products, and what stays beside."""
    served: dict[str, list[Product]] = {}
    for product in mesh.products:
        if product.status not in (Status.RETIRED, Status.DRAFT):
            served.setdefault(product.head.product_id, []).append(product)
    passed: dict[str, set[str]] = {}
    for one in report.products:
        passed.setdefault(one.id.partition("@")[0], set()).add(one.version)
    _retire(store, mesh, report, passed, served)
    for product_id, versions in passed.items():
        new = {p.version: files_of(p.source, mesh.root) for p in served.get(product_id, ()) if p.version in versions}
        if new:
            kept = [p.version for p in served[product_id]]
            store.publish(product_id, new, kept=kept, by=actor, at=report.made_at)


def _retire(
    store: Store, mesh: Mesh, report: ComplianceReport, passed: dict[str, set[str]], served: dict[str, list[Product]]
) -> None:
    """Add the versions that readers have and that are now retired, so that their files may then be deleted."""
    asked = {name.partition("@")[0] for name in report.asked}
    retired = [p for p in mesh.products if p.status is Status.RETIRED and not p.is_stopped]
    retired = [p for p in retired if not asked or p.head.product_id in passed]
    known = {(p.product, p.version) for p in store.published(sorted({p.head.product_id for p in retired}))}
    for product in retired:
        product_id = product.head.product_id
        if (product_id, product.version) in known:
            passed.setdefault(product_id, set()).add(product.version)
            served.setdefault(product_id, []).append(product)


def _evaluations(report: ComplianceReport, root: Path) -> Iterator[Evaluation]:
    """Yield what is not simply met: a policy of the report that a product has no row of is met by it."""
    files: dict[str, str] = {}
    for product in report.products:
        key = product.id.partition("@")[0], product.version, str(report.at)
        for v in product.violations:
            place = shown_place(v.place, root, files) if v.place else ""
            yield Evaluation(
                *key, v.policy_name, str(v.severity), str(v.status), v.message, place, v.remedy, v.waiver or None
            )
        for rule, reason in product.unknown:
            yield Evaluation(*key, rule.partition(".")[0], str(Severity.INFO), "unknown", reason)
