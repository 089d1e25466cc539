"""Products of ports put together with the contracts that they own. Contracts are read in full only when asked for."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from meshkit.loading.loaded import LoadedProduct
from meshkit.loading.odps.lints import PortLint
from meshkit.loading.source import Source
from meshkit.model.base import Document
from meshkit.model.catalog import LIFE_ORDER, Entry, Head
from meshkit.model.contract import Contract
from meshkit.model.names import version_key
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Table

PORT = "@port"
"""The first step of a pointer into the contract of a port; the second is the contract's number."""


class PortSource(Source):
    """A product's file together with the files of the contracts that it owns."""

    __slots__ = ("owned",)

    def __init__(self, product: Source, owned: Sequence[Source]) -> None:
        super().__init__(product.file, product.text)
        self.owned = tuple(owned)

    @property
    def files(self) -> tuple[str, ...]:
        """The product's file, and those of its contracts."""
        return (self.file, *(s.file for s in self.owned))

    @property
    def whole(self) -> str:
        """The text of the product's file, and of those of its contracts."""
        return "\n".join([self.text, *(s.text for s in self.owned)])

    def place(self, pointer: Pointer, *, of_value: bool = False) -> Any:
        """Return where `pointer` is written, in whichever of the files."""
        source, rest = self._file_of(pointer)
        return super().place(rest, of_value=of_value) if source is None else source.place(rest, of_value=of_value)

    def has(self, pointer: Pointer) -> bool:
        """Tell whether the file that a pointer leads into has a node there."""
        source, rest = self._file_of(pointer)
        return super().has(rest) if source is None else source.has(rest)

    def _file_of(self, pointer: Pointer) -> tuple[Source | None, Pointer]:
        if len(pointer) > 1 and pointer[0] == PORT:
            return self.owned[int(pointer[1])], pointer[2:]
        return None, pointer


def own_contracts(products: Sequence[LoadedProduct]) -> tuple[list[LoadedProduct], list[Problem]]:
    """Give each product of ports the contracts that its output ports name, and take those from the list.

    Returns:
        The products, and what is wrong between them: ports that lead nowhere, lineage that goes in circles.
    """
    by_id: dict[str, list[LoadedProduct]] = defaultdict(list)
    for product in products:
        if product.entry.head.id and product.entry.head.form != "odps":
            by_id[product.entry.head.id].append(product)
    owned: set[int] = set()
    found: list[LoadedProduct] = []
    owners: dict[str, str] = {}
    made = []
    for product in products:
        if product.entry.head.form == "odps":
            parts = _contracts_of(product.entry.head, by_id)
            owned |= {id(p) for p in parts}
            owners |= {p.entry.head.id: product.entry.head.product_id for p in parts}
            made.append((product, parts))
    for product, parts in made:
        found.append(_composed(product, parts, _upstream(by_id, owners)))
    rest = [p for p in products if p.entry.head.form != "odps" and id(p) not in owned]
    lint = PortLint(by_id, owners, [product for product, _ in made])
    return [*rest, *found], [problem for product, _ in made for problem in lint.of(product)]


def _contracts_of(head: Head, by_id: dict[str, list[LoadedProduct]]) -> list[LoadedProduct]:
    """Return the contract of each output port: of several versions the port's own, else the one that is current."""
    found: dict[int, LoadedProduct] = {}
    for contract_id, version in head.outputs:
        choices = by_id.get(contract_id, [])
        exact = [c for c in choices if c.entry.head.version == version]
        ordered = sorted(choices, key=lambda c: version_key(c.entry.head.version), reverse=True)
        ordered.sort(key=lambda c: LIFE_ORDER.index(c.entry.head.status))
        for chosen in (exact or ordered)[:1]:
            found[id(chosen)] = chosen
    return list(found.values())


def _upstream(by_id: dict[str, list[LoadedProduct]], owners: dict[str, str]) -> Callable[[str], str]:
    """Return what tells which product serves a contract: the one that owns it, else the contract itself."""

    def product_of(contract_id: str) -> str:
        if contract_id in owners:
            return owners[contract_id]
        known = by_id.get(contract_id)
        return known[0].entry.head.product_id if known else ""

    return product_of


def _composed(
    product: LoadedProduct, parts: Sequence[LoadedProduct], product_of: Callable[[str], str]
) -> LoadedProduct:
    head = product.entry.head
    whole = head.model_copy(update={"tables": _unique([t for p in parts for t in p.entry.head.tables])})

    def read() -> Contract:
        return compose(product.entry.contract, [(p.entry.contract, p.source.file) for p in parts], product_of)

    problems = [*product.problems]
    for part in parts:
        problems += [p.model_copy(update={"product": head.product_id}) for p in part.problems]
    source = PortSource(product.source, [p.source for p in parts])
    return LoadedProduct(Entry(whole, read), tuple(problems), source)


def compose(product: Contract, parts: Sequence[tuple[Contract, str]], product_of: Callable[[str], str]) -> Contract:
    """Return a product with the tables, checks and promises of its contracts.

    A table whose name another contract took before is numbered from 2.
    """
    taken: set[str] = set()
    gathered: dict[str, list[Any]] = {"tables": [], "quality_checks": [], "promises": []}
    access = product.access
    for number, (contract, file) in enumerate(parts):
        moved = _moved(contract, number)
        renamed = {t.name: _free(t.name, taken) for t in moved.tables}
        first = next(iter(renamed.values()), "")
        folder = str(Path(os.path.abspath(file)).parent)  # noqa: PTH100  # links are not followed
        gathered["tables"] += [_placed(t, renamed[t.name], folder) for t in moved.tables]
        for key in ("quality_checks", "promises"):
            gathered[key] += [c.model_copy(update={"table": renamed.get(c.table, first)}) for c in getattr(moved, key)]
        access = access.model_copy(
            update={
                k: (*getattr(access, k), *getattr(moved.access, k)) for k in ("read", "write", "unmask", "purposes")
            }
        )
    first_part = parts[0][0] if parts else product
    inputs = {p.name: product_of(p.contract_id) for p in product.input_ports}
    return product.model_copy(
        update={
            **{k: tuple(v) for k, v in gathered.items()},
            "access": access,
            "inputs": {name: target for name, target in inputs.items() if target},
            "sla": first_part.sla,
            "classification": product.classification or first_part.classification,
            "owner": product.owner if product.owner.team else first_part.owner,
        }
    )


def _placed(table: Table, name: str, folder: str) -> Table:
    names = tuple(dict.fromkeys((name, *table.names)))
    return table.model_copy(update={"name": name, "names": names, "folder": table.folder or folder})


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free.casefold())
    return free


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    taken: set[str] = set()
    return tuple(_free(name, taken) for name in names)


def _moved(contract: Contract, number: int) -> Contract:
    """Return a contract whose pointers lead into the file of that number."""
    moved: Contract = _with_prefix(contract, (PORT, number))
    return moved


def _with_prefix(value: Any, prefix: Pointer) -> Any:
    if isinstance(value, Document):
        update = {}
        for name in type(value).model_fields:
            old = getattr(value, name)
            new = (*prefix, *old) if name == "pointer" else _with_prefix(old, prefix)
            if new is not old:
                update[name] = new
        return value.model_copy(update=update) if update else value
    if isinstance(value, tuple) and any(isinstance(v, Document) for v in value):
        return tuple(_with_prefix(v, prefix) for v in value)
    return value
