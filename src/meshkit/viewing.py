"""`View`: a mesh as one principal may see it. Servers answer through it alone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice

from meshkit import pasting
from meshkit.access import decide as deciding
from meshkit.access_records import grants_of
from meshkit.accessing import decide as decide_access
from meshkit.accessing import find, find_product, principal_of, sight_of
from meshkit.arguments import moment
from meshkit.errors import MeshkitError, Place, StoreError, UsageError
from meshkit.governing import agreed, govern
from meshkit.hiding import Hider
from meshkit.histories import open_store
from meshkit.mesh import Mesh
from meshkit.model.access import AccessDecision, Action, Grant, Principal
from meshkit.model.found import Found
from meshkit.model.history import PastProductRun
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Enforcement, Policy, ProductCompliance
from meshkit.model.problem import Problem
from meshkit.product import Product
from meshkit.runs import Run

_WORD = re.compile(r"[A-Za-z_][\w.-]*\w")
_MOST_NAMED = 100


class View:
    """What one principal may see of a mesh. A product that he may not know of is not there, in the same words.

    A decision is made when it is asked for: a call about one product decides about that one.

    Args:
        mesh: What `load` returned.
        principal: Who looks; see `principal_of`.
        now: The clock; none = the present.
        grants: What was granted; none = what the mesh's store has.

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
        grants: Sequence[Grant] | None = None,
    ) -> None:
        self.mesh = mesh
        self.principal = principal_of(mesh, principal)
        self.now = moment(now)
        self.grants = grants_of(mesh, self.principal, self.now) if grants is None else tuple(grants)
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

    def containing(self, text: str, limit: int) -> list[Product]:
        """Return the first products that may be seen whose ids contain a text, in any capitals."""
        wanted = text.casefold()
        found = (p for p in self.mesh.products if wanted in p.id.casefold() and self.may_see(p))
        return list(islice(found, limit))

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

    def look_at(self, text: str, *, timeout_seconds: float = pasting.SECONDS) -> pasting.Pasted:
        """Return what is wrong with the text of a contract that is to be part of the mesh; see `meshkit.pasting`.

        Products that it names are known to it if they may be seen; of others it is told what is told of any unknown name.
        """
        return pasting.look_at(text, self.mesh, self._named_in(text), timeout_seconds=timeout_seconds)

    def _named_in(self, text: str) -> list[Product]:
        """Return the products that a text may name, the first hundred."""
        found: dict[int, Product] = {}
        for word in dict.fromkeys(_WORD.findall(text[: pasting.MOST_BYTES])):
            ids = [word] if "." in word else self.mesh.catalog.named(word)
            for entry in (e for i in ids for e in self.mesh.catalog.versions(i)):
                product = self.mesh.product(self.mesh.catalog.key(entry.head))
                if self.may_see(product):
                    found[id(product)] = product
            if len(found) >= _MOST_NAMED:
                break
        return list(found.values())[:_MOST_NAMED]

    def govern(self, product: Product, at: Enforcement | str = Enforcement.SCHEDULE) -> ProductCompliance:
        """Return what the policies of the mesh say of a product at a point; see `meshkit.govern`.

        Raises:
            UsageError: There is no such point, or no policies.
        """
        if self.mesh.governance is None:
            raise UsageError("this mesh has no policies", "a file with the root key governance holds them")
        (found,) = govern(self.mesh, at, products=[product.id], now=self.now).products
        return found

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies of the mesh, none where it has no governance file."""
        return agreed(self.mesh).policies

    def run(self, run_id: str) -> tuple[PastProductRun, ...]:
        """Return what came of the products that may be seen in a recorded run.

        Raises:
            UsageError: There is no such run, or none of its products may be seen, in the same words.
            StoreError: The store cannot be read.
        """
        found: list[PastProductRun] = []
        if not self.mesh.is_alone:
            try:
                with open_store(self.mesh) as store:
                    found = [p for p in store.products_of(run_id) if self._may_see_run(p)]
            except StoreError as error:
                if error.code != "MK419":  # nothing was ever recorded
                    raise
        if not found:
            raise UsageError(f"unknown run '{run_id[:80]}'", "meshkit history names the runs of a product")
        return tuple(found)

    def _may_see_run(self, run: PastProductRun) -> bool:
        catalog = self.mesh.catalog
        entry = catalog.entry(f"{run.product}@{run.version}") or catalog.entry(run.product)
        return entry is not None and self.may_see(self.mesh.product(catalog.key(entry.head)))

    def source(self, product: Product) -> str:
        """Return the text of a contract, with hidden products left out."""
        return self.hide(product.source.whole, product)

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
