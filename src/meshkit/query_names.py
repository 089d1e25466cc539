"""Names in a governed query to products and their tables."""

from __future__ import annotations

from meshkit.accessing import MaySee, find_product
from meshkit.errors import UsageError
from meshkit.mesh import Mesh
from meshkit.model.names import did_you_mean, fold
from meshkit.model.table import Table
from meshkit.product import Product


def find_table(mesh: Mesh, may_see: MaySee, name: str, qualifier: str) -> tuple[Product, Table]:
    """Return the product and the table that a name in a query means: `domain.product`, `product`, or `product.table`.

    Raises:
        UsageError: There is none that may be seen, or several.
    """
    if not qualifier:
        return _table_of(find_product(mesh, name, may_see), name)
    try:
        return _table_of(_find(mesh, f"{qualifier}.{name}", may_see), "")
    except UsageError as error:
        try:
            product = _find(mesh, qualifier, may_see)
        except UsageError:
            raise error from None
        return _table_of(product, name, is_table=True)


def _find(mesh: Mesh, product_id: str, may_see: MaySee) -> Product:
    """Return a product in any letters. The error has those of the query: how a hidden product is spelled is hidden too."""
    spelled = _spelled(mesh, product_id)
    try:
        return find_product(mesh, spelled, may_see)
    except UsageError:
        if spelled == product_id:
            raise
    return find_product(mesh, product_id, may_see)


def _spelled(mesh: Mesh, product_id: str) -> str:
    """Return a product's id as it is spelled: capitals count as little as anywhere in a query."""
    if "." not in product_id or mesh.catalog.entry(product_id) is not None:
        return product_id
    same = [i for i in mesh.catalog.named(product_id.rpartition(".")[2]) if fold(i) == fold(product_id)]
    return same[0] if len(same) == 1 else product_id


def _table_of(product: Product, name: str, *, is_table: bool = False) -> tuple[Product, Table]:
    """Return the table that a name means in a product: one of its own, or the only one."""
    tables = product.contract.tables
    found = next((t for t in tables if name and fold(name) in (fold(n) for n in t.names)), None)
    if found is not None:
        return product, found
    if len(tables) == 1 and not is_table:
        return product, tables[0]
    names = [t.name for t in tables]
    if is_table:
        raise UsageError(f"product '{product.id}' has no table '{name[:60]}'", did_you_mean(name[:200], names))
    what = f"product '{product.id}' has {len(tables)} tables"
    raise UsageError(what, f"write {product.head.name}.{names[0]}" if names else "it holds none that could be queried")
