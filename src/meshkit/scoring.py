"""Scores as users call them. Wires rooms, and holds no rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from meshkit.errors import UsageError
from meshkit.governing import govern
from meshkit.known import Known
from meshkit.mesh import Mesh
from meshkit.model.contract import Status
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Enforcement
from meshkit.model.score import MeshScore, ProductScore, group_score
from meshkit.model.table import Severity
from meshkit.policy.evaluate import Evaluation
from meshkit.policy.practices import Seen, measure
from meshkit.policy.score import Judged, judged, rules_needing_run, score_product
from meshkit.product import Product
from meshkit.runs import Run


def score(
    mesh: Mesh,
    *,
    products: Sequence[str] = (),
    domain: str | None = None,
    run: Run | None = None,
    base: Mesh | None = None,
    now: datetime | str | None = None,
    known: Known | None = None,
    env: str | None = None,
) -> MeshScore:
    """Score the products, domains and the whole of a mesh, from 0 to 100; docs/scores.md has the formula.

    What nobody knows is left out and named: health without a `run`, versions without a `base`. A product whose contract has
    errors scores 0.

    Args:
        mesh: What `load` returned.
        products: Ids of the products to show; none = all. Figures of the mesh and its domains are always over all products.
        domain: Show only this domain.
        run: A run whose verdicts count.
        base: What readers have, to compare versions with; see `load_at`.
        now: The clock; none = the present.
        known: Runs, published versions and waivers; none = what the store has.
        env: The environment whose recorded runs count; none = the default one, or none.

    Raises:
        UsageError: A product, a domain or a time is not known.

    Example:
        >>> import meshkit
        >>> found = meshkit.score(meshkit.load("sample_data/flights"), now="2026-11-22")
        >>> found.mesh.products, str(found.mesh.badge), "health" in found.products[0].unknown
        (5, 'unproven', True)
    """
    chosen = {mesh.product(p).id for p in products}
    served = [p for p in mesh.products if p.status is not Status.RETIRED]
    _known_domain(domain, served)
    found = govern(mesh, Enforcement.SCHEDULE, run=run, base=base, now=now, known=known, env=env, lints=True)
    every, scores = _scores(mesh, served, found)
    current = [j for j in every if j.facts.id == j.facts.contract.product_id]
    seen = Seen(current, [s for s in scores if s.is_current], found.policies, mesh.organization, mesh.governance)
    domains = [group_score(d, (s for s in scores if s.domain == d)) for d in sorted({s.domain for s in scores})]
    return MeshScore(
        mesh=group_score("mesh", scores),
        domains=tuple(d for d in sorted(domains, key=lambda d: -d.score) if domain in (None, d.name)),
        products=tuple(
            s
            for s in sorted(scores, key=lambda s: (-s.score, s.product))
            if domain in (None, s.domain) and (not chosen or s.product in chosen)
        ),
        practices=measure(seen),
        not_executable=tuple(p.id for p in found.not_executable),
    )


def _known_domain(domain: str | None, served: Sequence[Product]) -> None:
    names = sorted({p.domain for p in served})
    if domain is not None and domain not in names:
        raise UsageError(f"unknown domain '{domain}'", did_you_mean(domain, names) or f"it has {', '.join(names)}")


def _scores(mesh: Mesh, served: Sequence[Product], found: Evaluation) -> tuple[list[Judged], list[ProductScore]]:
    needing_run = rules_needing_run(found.policies)
    every, scores = [], []
    owners = {p.id: p.head.team for p in served}
    for subject, compliance in zip(found.subjects, found.products, strict=True):
        one = judged(subject.facts, compliance, found.policies, needing_run)
        every.append(one)
        product_id = subject.facts.id
        is_current = product_id == subject.facts.contract.product_id
        scores.append(score_product(one, owner=owners[product_id], is_current=is_current))
    return every, [*scores, *(_stopped(p) for p in served if p.is_stopped)]


def _stopped(product: Product) -> ProductScore:
    first = next(p for p in product.problems if p.severity is Severity.ERROR and not p.check)
    return ProductScore(
        product=product.id, version=product.version, domain=product.domain, owner=product.head.team,
        is_current=product.id == product.head.product_id, problem=f"its contract has errors: {first.code} {first.message}",
    )  # fmt: skip
