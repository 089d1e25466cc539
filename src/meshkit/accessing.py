"""Access and search as users call them: who asks, what may be known of, read or published, and what is found."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

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

if TYPE_CHECKING:
    from meshkit.model.governance import AccessControlForm

MaySee = Callable[[Product], bool]
_INDEXES: WeakKeyDictionary[Mesh, Index] = WeakKeyDictionary()
_BUILDING = threading.Lock()

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
    found = find_product(mesh, product, sight_of(mesh, asks, clock, held))
    asked = deciding.Asked(wanted, clock, purpose, tuple(columns))
    return deciding.decide(asks, subject_of(mesh, found), asked, held)


def sight_of(mesh: Mesh, principal: Principal, now: datetime, grants: Sequence[Grant] | None = None) -> MaySee:
    """Return what tells whether somebody may know of a product. Each is decided once, and only when it is asked for.

    `grants` are as `decide` takes them.
    """
    told: dict[int, bool] = {}
    held = grants_of(mesh, principal, now) if grants is None else grants

    def may_see(product: Product) -> bool:
        found = told.get(id(product))
        if found is None:
            subject = deciding.Subject(product.id, product.outline, _nowhere, product.is_stopped, _guard(mesh, product))
            found = told[id(product)] = deciding.may_discover(principal, subject, now, held)
        return found

    return may_see


def _nowhere(pointer: object) -> None:
    """Give no place: who only asks whether has no use for one, and finding it means reading the file."""


def find_product(mesh: Mesh, name: str, may_see: MaySee) -> Product:
    """Return a product by its id, or by a name that only one product has. What may not be seen is not there.

    Raises:
        UsageError: There is none, or several are called so; the words are the same whatever is hidden.
    """
    bare, at, version = name.partition("@")
    ids = [name] if "." in bare else [f"{i}{at}{version}" for i in mesh.catalog.named(bare)]
    seen = _seen(mesh, ids, may_see)
    if len(seen) > 1:
        raise UsageError(f"'{name[:80]}' could be {' or '.join(p.id for p in seen)}", "give the whole id")
    if seen:
        return seen[0]
    near = [f"'{i}'" for i in mesh.catalog.near(name[:200], is_shown=lambda i: bool(_seen(mesh, [i], may_see)))]
    hint = f"did you mean {' or '.join(near)}?" if near else "meshkit search finds products"
    raise UsageError(f"unknown product '{name[:80]}'", hint)


def _seen(mesh: Mesh, ids: Sequence[str], may_see: MaySee) -> list[Product]:
    found = (mesh.product(i) for i in ids if mesh.catalog.entry(i) is not None)
    return [p for p in found if may_see(p)]


def search(
    mesh: Mesh,
    text: str,
    *,
    principal: Principal | str | None = None,
    domain: str | None = None,
    tag: str | None = None,
    limit: int = 20,
    now: datetime | str | None = None,
    grants: Sequence[Grant] | None = None,
) -> Found:
    """Return the products that words fit best, of those that the caller may know of.

    Args:
        mesh: What `load` returned; its index is made at the first search.
        text: Words in any order, the last one may be a beginning; typing errors are read as the nearest word.
        principal: Who asks; see `principal_of`.
        domain: Only of this domain.
        tag: Only with this tag.
        limit: How many at most.
        now: The clock; none = the present.
        grants: As `decide` takes them.

    Raises:
        UsageError: A principal or time is not known.
    """
    may_see = sight_of(mesh, principal_of(mesh, principal), moment(now), grants)
    return find(mesh, text, may_see, domain=domain, tag=tag, limit=limit)


def find(
    mesh: Mesh, text: str, may_see: MaySee, *, domain: str | None = None, tag: str | None = None, limit: int = 20
) -> Found:
    """Return the products that words fit best, of those that may be seen."""

    def may_find(entry: Entry) -> bool:
        found = mesh.catalog.entry(f"{entry.product}@{entry.version}")
        return found is not None and may_see(mesh.product(f"{entry.product}@{entry.version}"))

    return index_of(mesh).search(text, limit=limit, domain=domain, tag=tag, may_see=may_find)


def index_of(mesh: Mesh) -> Index:
    """Return the index over the products of a mesh that are not retired: names, tags, columns, descriptions, owners.

    It is made once for each mesh, and kept as long as the mesh is.
    """
    with _BUILDING:
        found = _INDEXES.get(mesh)
        if found is None:
            found = _INDEXES[mesh] = Index(
                _entry(p) for p in mesh.products if p.status is not Status.RETIRED and not p.is_stopped
            )
        return found


def _entry(product: Product) -> Entry:
    head, texts, owner = product.head, product.texts(), product.outline.owner
    return Entry(
        product=head.product_id, version=head.version, domain=head.domain, name=head.name, status=str(head.status),
        description=texts.description, owner=owner.team or owner.contact, tags=texts.tags, columns=texts.columns,
    )  # fmt: skip


def _guard(mesh: Mesh, product: Product) -> AccessControlForm | None:
    policy = mesh.governance.domain_policies.get(product.domain) if mesh.governance else None
    return policy.access_control if policy else None


def subject_of(mesh: Mesh, product: Product) -> deciding.Subject:
    """Return a product as access sees it."""
    return deciding.Subject(
        product.id, product.contract, product.source.place, product.is_stopped, _guard(mesh, product)
    )
