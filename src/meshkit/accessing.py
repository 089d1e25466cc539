"""Access and search as users call them: who asks, what may be known of, read or published, and what is found."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from meshkit.access import decide as deciding
from meshkit.access_records import grants_of
from meshkit.arguments import moment, one_of
from meshkit.errors import UsageError
from meshkit.finding.index import Entry, Index
from meshkit.mesh import Mesh
from meshkit.model.access import NOBODY, AccessDecision, Action, Grant, Principal
from meshkit.model.contract import Status
from meshkit.model.found import Found
from meshkit.model.names import did_you_mean
from meshkit.product import Product

VARIABLE = "MESHKIT_PRINCIPAL"
"""The environment variable that says who asks, where nobody else does."""


def principals(mesh: Mesh) -> dict[str, Principal]:
    """Return who is known to a mesh, by id: the file with the root key `principals`."""
    return {
        f.id: Principal(
            id=f.id, roles=tuple(f.roles), domains=tuple(f.domains), purposes=tuple(f.purposes), attributes=f.attributes
        )
        for f in mesh.principals
        if f.id
    }


def principal_of(
    mesh: Mesh, given: Principal | str | None = None, environment: Mapping[str, str] | None = None
) -> Principal:
    """Return who asks.

    Args:
        mesh: Whose file of principals counts.
        given: Who it is, as somebody has proved; or an id of that file; None = what MESHKIT_PRINCIPAL says, else nobody.
        environment: Variables; None = those of the process.

    Raises:
        UsageError: The file does not know the id. A mesh without such a file knows everybody by name, and no roles.
    """
    if isinstance(given, Principal):
        return given
    named = given or (os.environ if environment is None else environment).get(VARIABLE, "")
    if not named:
        return NOBODY
    known = principals(mesh)
    if named in known:
        return known[named]
    if mesh.file_of("principals") is None:
        return Principal(id=named)
    hint = did_you_mean(named, known) or f"add it to {mesh.file_of('principals')}"
    raise UsageError(f"no principal is called '{named[:80]}'", hint)


def decide(
    mesh: Mesh,
    principal: Principal | str | None,
    product: str,
    action: Action | str = Action.READ,
    *,
    purpose: str = "",
    columns: Sequence[str] = (),
    now: datetime | str | None = None,
    grants: Sequence[Grant] | None = None,
) -> AccessDecision:
    """Decide whether somebody may know of a product, read it for a purpose, or publish it; docs/access.md has the rules.

    A product that he may not discover is, for him, not there: the error is that of an unknown product, for any action.

    Args:
        mesh: What `load` returned.
        principal: Who asks; see `principal_of`.
        product: The product's id.
        action: `discover`, `read` or `publish`.
        purpose: What for it is read.
        columns: Those that are wanted; empty = all that may be seen.
        now: The clock; none = the present.
        grants: What was granted; None = what the mesh's store has of this principal, which is not made for that.

    Raises:
        UsageError: A product, principal, action or time is not known.

    Example:
        >>> import meshkit
        >>> retail = meshkit.load("sample_data/retail")
        >>> found = decide(retail, "ana.analyst@example.com", "sales.sales_orders", purpose="reporting")
        >>> found.allowed, [str(r.code) for r in found.reasons]
        (True, ['read.rule', 'purpose.listed'])
    """
    asks = principal_of(mesh, principal)
    wanted = one_of(Action, str(action), "action")
    clock = moment(now)
    held = grants_of(mesh, asks, clock) if grants is None else grants
    found = product_for(mesh, product, asks, clock, held)
    asked = deciding.Asked(wanted, clock, purpose, tuple(columns))
    return deciding.decide(asks, subject_of(mesh, found), asked, held)


def visible_to(
    mesh: Mesh, principal: Principal, *, now: datetime, grants: Sequence[Grant] | None = None
) -> list[Product]:
    """Return the products that somebody may know of; `grants` are as `decide` takes them."""
    asked, held = deciding.Asked(Action.DISCOVER, now), grants_of(mesh, principal, now) if grants is None else grants
    return [p for p in mesh.products if deciding.decide(principal, subject_of(mesh, p), asked, held).allowed]


def search(
    mesh: Mesh,
    text: str,
    *,
    principal: Principal | str | None = None,
    domain: str | None = None,
    tag: str | None = None,
    limit: int = 20,
    now: datetime | str | None = None,
    index: Index | None = None,
) -> Found:
    """Return the products that words fit best, of those that the caller may know of.

    Args:
        mesh: What `load` returned.
        text: Words in any order, the last one may be a beginning; typing errors are read as the nearest word.
        principal: Who asks; see `principal_of`.
        domain: Only of this domain.
        tag: Only with this tag.
        limit: How many at most.
        now: The clock; none = the present.
        index: What `index_of` returned, where many searches follow each other.

    Raises:
        UsageError: A principal or time is not known.
    """
    asks, clock = principal_of(mesh, principal), moment(now)
    asked, held = deciding.Asked(Action.DISCOVER, clock), grants_of(mesh, asks, clock)
    by_key = {(p.head.product_id, p.version): p for p in mesh.products}

    def may_see(entry: Entry) -> bool:
        return deciding.decide(asks, subject_of(mesh, by_key[entry.product, entry.version]), asked, held).allowed

    return (index or index_of(mesh)).search(text, limit=limit, domain=domain, tag=tag, may_see=may_see)


def index_of(mesh: Mesh) -> Index:
    """Return an index over the products of a mesh that are not retired: names, tags, columns, descriptions, owners."""
    return Index(_entry(p) for p in mesh.products if p.status is not Status.RETIRED and not p.is_stopped)


def _entry(product: Product) -> Entry:
    contract = product.contract
    owner = contract.owner
    return Entry(
        product=contract.product_id, version=contract.version, domain=contract.domain, name=contract.name,
        status=str(contract.status), description=contract.description, owner=owner.team or owner.contact,
        tags=contract.tags, columns=tuple((c.called, c.description) for t in contract.tables for c in t.columns),
    )  # fmt: skip


def subject_of(mesh: Mesh, product: Product) -> deciding.Subject:
    """Return a product as access sees it."""
    policy = mesh.governance.domain_policies.get(product.domain) if mesh.governance else None
    guard = policy.access_control if policy else None
    return deciding.Subject(product.id, product.contract, product.source.place, product.is_stopped, guard)


def product_for(mesh: Mesh, name: str, asks: Principal, now: datetime, grants: Sequence[Grant]) -> Product:
    """Return a product by its id; one that he may not know of is not there, in the same words.

    Raises:
        UsageError: There is none for him.
    """
    asked = deciding.Asked(Action.DISCOVER, now)
    try:
        found = mesh.product(name)
        if deciding.decide(asks, subject_of(mesh, found), asked, grants).allowed:
            return found
    except UsageError:
        pass
    seen = [p.id for p in visible_to(mesh, asks, now=now, grants=grants)]
    raise UsageError(f"unknown product '{name[:80]}'", did_you_mean(name, seen) or "meshkit search finds products")
