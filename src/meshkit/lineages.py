"""Lineage as users call it: what a product is made from and who reads it, over all contracts of a mesh."""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

from meshkit.accessing import find_product
from meshkit.arguments import one_of
from meshkit.errors import UsageError
from meshkit.mesh import Mesh
from meshkit.model.contract import Contract, Status
from meshkit.model.lineage import Direction, Node, NodeKind, ProductLineage
from meshkit.model.names import did_you_mean, fold
from meshkit.model.namespace import Namespace, Overrides
from meshkit.model.secret import shown_url
from meshkit.model.variables import Variables
from meshkit.policy.surroundings import Standing, Surroundings
from meshkit.product import Product
from meshkit.tracing.naming import is_escaped, parts_of, stems_in, words_in, words_of
from meshkit.tracing.reads import Origins, Reads, reads_of
from meshkit.tracing.walk import Asked, Graph, walk

MAX_DEPTH = 50

Visible = Callable[[str], bool]
"""Whether whoever asks may know of a product, by its id as `Product.id` has it."""


class LineageIndex:
    """Who reads whom in a mesh, worked out where it is asked for and then kept. Names are gathered once; no SQL is parsed for that.

    Args:
        mesh: What `load` returned.
    """

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._by_key = {p.id: p for p in mesh.products}
        self._reads: dict[str, Reads] = {}
        self._origins = Origins(self._product_of, self._holder, self._location, self._of_contract)

    def product(self, key: str) -> Product:
        """Return a product by its id."""
        return self._by_key[key]

    def reads(self, key: str) -> Reads:
        """Return what a product reads."""
        if key not in self._reads:
            contract = self._by_key[key].contract
            namespace = Namespace(contract, self._mesh.catalog, self._mesh, Overrides({}, ""), Variables({}))
            self._reads[key] = reads_of(namespace, key, self._origins)
        return self._reads[key]

    def readers(self, key: str) -> Iterator[str]:
        """Yield the products that read one, in the order of their ids; only those whose texts name it are looked at."""
        candidates: set[str] = set()
        for words in self._names[key]:
            having = [self._by_word.get(w, set()) for w in words]
            candidates |= set.intersection(*having)
        for candidate in sorted(candidates - {key}):
            if key in self.reads(candidate).kinds:
                yield candidate

    @cached_property
    def _names(self) -> dict[str, set[frozenset[str]]]:
        """Each product -> the words of each name by which others may name it."""
        return {key: {w for n in _names_of(p) if (w := words_in(n))} for key, p in self._by_key.items()}

    @cached_property
    def _by_word(self) -> dict[str, set[str]]:
        """Each word of such a name -> the products whose contracts have it."""
        wanted = {word for names in self._names.values() for words in names for word in words}
        found: dict[str, set[str]] = defaultdict(set)
        for key, product in self._by_key.items():
            if product.status is not Status.RETIRED:
                text = product.source.whole
                words = words_of(text)
                if is_escaped(text):
                    words |= {w for t in _texts(product.contract) for w in words_of(t)}
                for word in wanted & words:
                    found[word].add(key)
        return found

    @cached_property
    def _by_stem(self) -> dict[str, list[Product]]:
        """The last part of each location in a contract's text -> the products that have it."""
        found: dict[str, list[Product]] = defaultdict(list)
        for product in self._by_key.values():
            for stem in stems_in(product.source.whole):
                found[stem].append(product)
        return found

    def _holder(self, contract: Contract, location: str) -> str | None:
        """Return the product whose files a location is among."""
        near = {p.id: p for part in parts_of(location) for p in self._by_stem.get(part, ())}
        if not near:
            return None
        root = os.path.abspath(self._mesh.root)  # noqa: PTH100  # links stay as written
        standings = (Standing(p.contract, self._folder(p.contract)) for p in near.values())
        # No end of a version is judged here, so that any day will do.
        found = Surroundings(standings, root, date.min).holder(contract, location, self._folder(contract))
        entry = self._mesh.catalog.entry(found) if found else None
        return self._mesh.catalog.key(entry.head) if entry else None

    def _folder(self, contract: Contract) -> str:
        return os.path.abspath(self._mesh.folder_of(contract))  # noqa: PTH100  # links stay as written

    def _location(self, contract: Contract, location: str) -> str:
        """Return a location as it is called from the mesh folder on; one that lies elsewhere as its contract writes it."""
        if "://" in location:
            return shown_url(location)
        root = os.path.abspath(self._mesh.root)  # noqa: PTH100  # links stay as written
        whole = posixpath.normpath(posixpath.join(self._folder(contract), location.removeprefix("file:")))
        if whole.startswith(f"{root}/"):
            return whole.removeprefix(f"{root}/")
        return location if posixpath.isabs(location) else f"{location} (from {contract.product_id})"

    @cached_property
    def _by_contract(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, product in self._by_key.items():
            for id_ in (product.head.id, *(i for i, _ in product.head.outputs)):
                if id_ and (id_ not in found or "@" not in key):
                    found[id_] = key
        return found

    def _of_contract(self, contract_id: str) -> str | None:
        return self._by_contract.get(contract_id)

    def _product_of(self, relation: str) -> tuple[str, str] | None:
        """Return the product and table of a relation's id, `KEY.TABLE`; both may have dots in them."""
        end = len(relation)
        while (end := relation.rfind(".", 0, end)) > 0:
            if relation[:end] in self._by_key:
                return relation[:end], relation[end + 1 :]
        return None


def lineage(
    mesh: Mesh,
    product: str,
    *,
    column: str | None = None,
    direction: Direction | str = Direction.BOTH,
    depth: int = 3,
    limit: int = 200,
    visible: Visible | None = None,
    index: LineageIndex | None = None,
) -> ProductLineage:
    """Return what a product is made from and who reads it, by what contracts say; no data is read.

    Args:
        mesh: What `load` returned.
        product: The product's id.
        column: Only what concerns this column, as `column` or `table.column`.
        direction: `up` (what it is made from), `down` (who reads it) or `both`.
        depth: How many steps to go.
        limit: How many nodes to show at most.
        visible: Whether a product may be shown; one that may not is `[hidden]`, and nothing behind it is told. None = all may.
        index: What was made of the mesh before, where many calls follow each other.

    Raises:
        UsageError: The product, the column or the direction is not known, or a number is out of its range.

    Example:
        >>> import meshkit
        >>> found = lineage(meshkit.load("sample_data/retail"), "sales.revenue_metrics", direction="up", depth=1)
        >>> [(e.source, e.target) for e in found.edges]
        [('sales.sales_orders', 'sales.revenue_metrics')]
    """
    wanted = one_of(Direction, str(direction), "direction")
    if not 1 <= depth <= MAX_DEPTH or limit < 1:
        raise UsageError(
            f"a depth of {depth} with at most {limit} nodes", f"depth is 1 to {MAX_DEPTH}, limit at least 1"
        )
    found = product_seen(mesh, product, visible)
    index = index or LineageIndex(mesh)
    graph = Graph(index.reads, index.readers, lambda key: _node(index.product(key)), visible or (lambda _: True))
    return walk(graph, Asked(found.id, wanted, depth, limit, _column(found, column) if column else None))


def product_seen(mesh: Mesh, name: str, visible: Visible | None) -> Product:
    """Return a product by its id or bare name, as far as it may be shown; see `find_product`.

    Raises:
        UsageError: There is none.
    """
    return mesh.product(name) if visible is None else find_product(mesh, name, lambda p: visible(p.id))


def _column(product: Product, text: str) -> tuple[str, str]:
    """Return the table and the folded name of a column that the contract declares."""
    columns = {f"{t.name}.{c.name}": (t.name, c.name) for t in product.contract.tables for c in t.columns}
    folded = fold(text)
    found = [spot for name, spot in columns.items() if fold(name) == folded]
    found = found or [(t, c) for name, (t, c) in columns.items() if fold(name).endswith(f".{folded}")]
    if len(found) == 1:
        return found[0][0], fold(found[0][1])
    if found:
        raise UsageError(f"column '{text[:80]}' is in {len(found)} tables of {product.id}", "write it as table.column")
    hint = did_you_mean(text, [c for _, c in columns.values()]) or "its contract lists the columns"
    raise UsageError(f"{product.id} has no column '{text[:80]}'", hint)


def _node(product: Product) -> Node:
    head = product.head
    return Node(
        id=product.id, kind=NodeKind.PRODUCT, domain=head.domain, version=head.version, status=str(head.status),
        tables=head.tables,
    )  # fmt: skip


def _names_of(product: Product) -> list[str]:
    """Return by what others may name a product: its name and tables, ids of contracts, its file, and where its data is."""
    head = product.head
    ids = (head.id, *(i for i, _ in head.outputs))
    return [
        head.name,
        *head.tables,
        *filter(None, ids),
        Path(product.source.file).name,
        *stems_in(product.source.whole),
    ]


def _texts(contract: Contract) -> Iterator[str]:
    yield from contract.inputs.values()
    yield contract.transformation_sql
    yield from (c.query for c in contract.quality_checks)
    yield from (p.contract_id for p in contract.input_ports)
    yield from (u.id for p in contract.output_ports for u in p.inputs)
    yield from _references(contract)


def _references(contract: Contract) -> Iterator[str]:
    stack = [c for t in contract.tables for c in t.columns]
    constraints = [c for t in contract.tables for c in t.constraints]
    while stack:
        column = stack.pop()
        constraints += column.constraints
        stack += [part for _, part in column.parts]
    yield from (c.values[0] for c in constraints if c.kind == "references" and c.values)
