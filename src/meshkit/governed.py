"""What lint has to say of the policies of a mesh, and of those that its products take on."""

from __future__ import annotations

from collections.abc import Sequence

from meshkit.loading.documents import Documents
from meshkit.model.contract import Contract
from meshkit.model.policy import mandatory_by_id
from meshkit.model.problem import Problem
from meshkit.policy.binding import bind
from meshkit.policy.federation import PlaceOf
from meshkit.policy.linting import Opted, lint_opted
from meshkit.policy.linting import lint_policies as lint_bound


def known_policies(documents: Documents) -> dict[str, bool]:
    """Return the id of each policy and rule of a mesh, and whether it is mandatory."""
    form = documents.governance
    bound = bind(form, documents.source_of("governance").place, lints=True)[0] if form else ()
    return mandatory_by_id(bound)


def lint_policies(
    documents: Documents, products: Sequence[tuple[Contract, PlaceOf]], *, is_whole: bool
) -> list[Problem]:
    """Return what is wrong with the governors' policies, and with those that products take on.

    Args:
        documents: The files of the mesh that are no products.
        products: The contracts that are looked at, and where a pointer leads in each.
        is_whole: Whether these are all of the mesh, so that the policies themselves are looked at too.
    """
    form = documents.governance
    if form is None:
        return []
    found = list(lint_opted(form, [Opted(c.product_id, c.policies, place) for c, place in products]))
    if is_whole:
        organization = documents.organization
        declared = [d.name for d in organization.domains if d.name] if organization else []
        domains = dict.fromkeys([*declared, *(c.domain for c, _ in products)])
        found += lint_bound(form, documents.source_of("governance").place, list(domains))
    return found
