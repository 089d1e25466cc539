"""`View`: a mesh as one principal may see it. Servers answer through it alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property

from meshkit.access import decide as deciding
from meshkit.accessing import decide as decide_access
from meshkit.accessing import find, find_product, principal_of, sight_of
from meshkit.arguments import moment
from meshkit.errors import MeshkitError, Place, UsageError
from meshkit.hiding import Hider
from meshkit.mesh import Mesh
from meshkit.model.access import AccessDecision, Action, Grant, Principal
from meshkit.model.found import Found
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.product import Product
from meshkit.runs import Run

__all__ = ["View"]


class View:
    """What one principal may see of a mesh. A product that he may not know of is not there, in the same words.

    A decision is made when it is asked for: a call about one product decides about that one.

    Args:
        mesh: What `load` returned.
        principal: Who looks; see `principal_of`.
        now: The clock; none = the present.
        grants: What was granted.

    Raises:
        UsageError: A principal or time is not known.

    Example:
        >>> import meshkit
        >>> view = View(meshkit.load("sample_data/retail"), "ana.analyst@example.com")
        >>> view.product("sales_orders").id
        'sales.sales_orders'
    """

    def __init__(
        self,
        mesh: Mesh,
        principal: Principal | str | None = None,
        *,
        now: datetime | str | None = None,
        grants: Sequence[Grant] = (),
    ) -> None:
        self.mesh = mesh
        self.principal = principal_of(mesh, principal)
        self.now = moment(now)
        self.grants = tuple(grants)
        self.may_see = sight_of(mesh, self.principal, self.now, self.grants)
        self._root = os.path.abspath(mesh.root if mesh.root.is_dir() else mesh.root.parent)  # noqa: PTH100  # links stay
        self._hider = Hider(mesh, self.may_see, self._root)

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """All that may be seen, by id and version. It decides about each product of the mesh."""
        return tuple(p for p in self.mesh.products if self.may_see(p))

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """The domains that have products which may be seen."""
        return tuple(sorted({p.domain for p in self.products}))

    def product(self, name: str) -> Product:
        """Return a product by `domain.name`, `domain.name@version`, or a bare name that only one has.

        Raises:
            UsageError: There is none, or several are called so.
        """
        return find_product(self.mesh, name, self.may_see)

    def versions(self, product: Product) -> tuple[Product, ...]:
        """Return all versions of a product that may be seen, the one that its bare id means first."""
        known = (
            self.mesh.product(self.mesh.catalog.key(e.head))
            for e in self.mesh.catalog.versions(product.head.product_id)
        )
        return tuple(p for p in known if self.may_see(p))

    def search(self, text: str, *, domain: str = "", tag: str = "", limit: int = 20) -> Found:
        """Return the products that words fit best; without words, all by their ids. Empty domain and tag = any.

        Raises:
            UsageError: Nothing of that domain may be seen.
        """
        found = find(self.mesh, text, self.may_see, domain=domain or None, tag=tag or None, limit=limit)
        if domain and not found.hits and domain not in self.domains:
            raise UsageError(f"unknown domain '{domain[:80]}'", did_you_mean(domain[:200], self.domains))
        return found

    def decide(
        self, product: str, action: Action | str = Action.READ, *, purpose: str = "", columns: Sequence[str] = ()
    ) -> AccessDecision:
        """Decide what may be done with a product; see `meshkit.decide`."""
        return decide_access(
            self.mesh, self.principal, product, action,
            purpose=purpose, columns=columns, now=self.now, grants=self.grants,
        )  # fmt: skip

    def classification(self, product: Product) -> str:
        """Return how a product is classified, by itself or by its domain."""
        policy = self.mesh.governance.domain_policies.get(product.domain) if self.mesh.governance else None
        return deciding.classification_of(product.contract, policy.access_control if policy else None)

    def problems(self, product: Product) -> tuple[Problem, ...]:
        """Return what is wrong with the contract of a product, as `lint` says it."""
        found = self.mesh.lint(products=[product.id])
        return tuple(p for p in found if p.place.file in product.source.files)

    def check(
        self,
        product: Product,
        check: str = "",
        *,
        timeout_seconds: float | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Run:
        """Run the checks of a product, or one of them, on files below the mesh's folder alone; nothing is recorded.

        Args:
            product: What `product` returned.
            check: The id of one check, or the end of it; empty = all.
            timeout_seconds: How long one statement may take.
            progress: As for `Mesh.check`.

        Raises:
            UsageError: There is no such check.
            MeshkitError: As `Mesh.check` does, hidden products left out.
        """
        ids = [c.id for c in product.checks if check in ("", c.id) or c.id.endswith(f".{check}")]
        if check and not ids:
            ends = [c.id.removeprefix(f"{product.id}.") for c in product.checks]
            raise UsageError(f"no check of {product.id} is called '{check[:80]}'", did_you_mean(check[:200], ends))
        try:
            return self.mesh.check(
                products=[product.id], checks=ids if check else (), now=self.now, with_sql=False, record=False,
                timeout_seconds=timeout_seconds, confined=True, progress=progress,
            )  # fmt: skip
        except MeshkitError as error:
            raise self.shown(error, product) from error

    def shown(self, error: MeshkitError, of: Product) -> MeshkitError:
        """Return an error about a product with hidden products left out; it must not repeat what the caller said."""
        return MeshkitError(self.hide(error.what, of), self.hide(error.hint, of), code=error.code)

    def hide(self, text: str, of: Product | None = None, *, is_sql: bool = False) -> str:
        """Return a text of the mesh with `[hidden]` in the place of each product that may not be known of.

        Ids (`domain.name`) and files are hidden everywhere, and so are names such as `lead_score`; a plain word such as
        `orders` only where it stands in quotes, or the text is SQL: elsewhere it is a word. Folders above the mesh are left out.

        Args:
            text: A text that was written in the mesh, or about it: never what the caller said, who could so ask for names.
            of: The product that it is about, whose own names are shown.
            is_sql: Whether it is SQL, or a reference to another product.
        """
        return self._hider.hide(text, of, is_sql=is_sql)

    def place(self, place: Place | None) -> str:
        """Return a place of a product that may be seen, from the folder of the mesh on."""
        if place is None:
            return ""
        return f"{self.file(place.file)}:{place.line}:{place.column}"

    def file(self, name: str) -> str:
        """Return the name of a file from the folder of the mesh on; of one elsewhere, its last part alone."""
        whole = os.path.abspath(name)  # noqa: PTH100  # links stay as written
        return os.path.relpath(whole, self._root) if whole.startswith(self._root + os.sep) else os.path.basename(name)  # noqa: PTH119
