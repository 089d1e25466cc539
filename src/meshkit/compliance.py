"""Compliance as users ask for it: what the policies of a mesh say of its products at a point, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from meshkit.arguments import moment
from meshkit.governing import agreed, chosen_of, govern, govern_gone, known_for
from meshkit.known import Known
from meshkit.mesh import Mesh
from meshkit.model.compliance import ComplianceReport, ReportedProduct
from meshkit.model.policy import Enforcement
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.policy.compliance import report_of
from meshkit.product import Product
from meshkit.runs import Run

if TYPE_CHECKING:
    from meshkit.scanning import Suspects


def compliance_report(
    mesh: Mesh,
    at: Enforcement | str = Enforcement.SCHEDULE,
    *,
    products: Sequence[str] = (),
    run: Run | None = None,
    base: Mesh | None = None,
    now: datetime | str | None = None,
    known: Known | None = None,
    env: str | None = None,
    suspects: Suspects | None = None,
) -> ComplianceReport:
    """Evaluate the policies of a mesh, and report what came of it per product, domain and mesh.

    The arguments are those of `govern`. A product whose contract has errors is in the report too, as not evaluable, and what
    a scan for personal data could not look at as a problem.

    Raises:
        UsageError: A product, a point or a time is not known.

    Example:
        >>> import meshkit
        >>> found = compliance_report(meshkit.load("sample_data/retail"), "pr", now="2026-11-22")
        >>> [p.id for p in found.not_executable], found.is_unevaluable
        (['month_end_freeze'], False)
    """
    clock = moment(now)
    chosen = chosen_of(mesh, products)
    known = known_for(mesh, products, agreed(mesh).policies, clock, env) if known is None else known
    known = known if base is None else known._replace(base=base, is_shared=False)
    evaluation = govern(mesh, at, products=products, run=run, now=clock, known=known, env=env, suspects=suspects)
    gone = govern_gone(mesh, evaluation, known, products=products, now=clock)
    unread = [_unread(p) for p in chosen if p.is_stopped]
    problems = [*_problems(mesh), *(suspects.problems if suspects else ())]
    return report_of(evaluation, clock, asked=products, gone=gone, unread=unread, problems=problems)


def _unread(product: Product) -> ReportedProduct:
    head = product.head
    found = tuple(p for p in product.problems if p.severity is Severity.ERROR and not p.check)
    owner = product.contract.owner
    return ReportedProduct(
        id=product.id,
        version=head.version,
        domain=head.domain,
        owner=owner.team or owner.contact or "",
        place=product.source.place(()),
        problems=found,
    )


def _problems(mesh: Mesh) -> list[Problem]:
    """Return what is wrong outside of products: in the other files, and with how domains change policies."""
    return [*(p for p in mesh.problems if not p.product), *agreed(mesh).problems]
