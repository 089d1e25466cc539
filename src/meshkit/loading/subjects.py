"""What the subject of a waiver names: a domain, a product, a version, a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from meshkit.model.catalog import Catalog
from meshkit.model.contract import Contract
from meshkit.model.names import did_you_mean, fold
from meshkit.model.table import Column
from meshkit.model.waiver import Subject


class NotThereError(Exception):
    """The mesh has nothing of that name.

    Args:
        what: What is not there.
        hint: The way out.
    """

    def __init__(self, what: str, hint: str) -> None:
        self.hint = hint
        super().__init__(what)


class Subjects:
    """Reads subjects over the products of a mesh.

    Args:
        catalog: The products.
        domains: Domains that are known besides those of the products.
    """

    def __init__(self, catalog: Catalog, domains: Iterable[str] = ()) -> None:
        self.catalog = catalog
        self.domains = list(dict.fromkeys([*catalog.domains(), *domains]))

    def read(self, text: str) -> Subject:
        """Return what a text names.

        Raises:
            NotThereError: Nothing of the mesh.
        """
        if text.endswith(".*"):
            domain = text.removesuffix(".*")
            if domain not in self.domains:
                hint = did_you_mean(text, [f"{d}.*" for d in self.domains])
                raise NotThereError(f"unknown domain '{domain}'", hint)
            return Subject(text=text, domain=domain)
        product, rest = split_product(text, self.catalog)
        if not product:
            raise NotThereError(f"unknown product '{text}'", self._near(text))
        version, rest = self._version(product, rest)
        if not rest:
            return Subject(text=text, product=product, version=version)
        contracts = [e.contract for e in self.catalog.versions(product) if version in ("", e.head.version)]
        table, column = _column(contracts, rest)
        return Subject(text=text, product=product, version=version, table=table, column=column)

    def _version(self, product: str, rest: str) -> tuple[str, str]:
        """Take the version off the front of what follows a product's id."""
        if not rest.startswith("@"):
            return "", rest.removeprefix(".")
        version, rest = split_version(product, rest, self.catalog)
        if not version:
            known = [f"{product}@{e.head.version}" for e in self.catalog.versions(product)]
            raise NotThereError(f"unknown version '{product}{rest}'", did_you_mean(f"{product}{rest}", known))
        return version, rest

    def _near(self, text: str) -> str:
        named = self.catalog.named(text.partition("@")[0])
        near = named or self.catalog.near(".".join(text.split(".")[:2]))
        return "did you mean " + " or ".join(f"'{n}'" for n in near) + "?" if near else ""


def split_product(text: str, catalog: Catalog) -> tuple[str, str]:
    """Return the longest product's id with which a text begins, and what follows it; an empty id where it begins with none."""
    ends = [i for i, character in enumerate(text) if character in ".@"]
    for end in (len(text), *reversed(ends)):
        if catalog.versions(text[:end]):
            return text[:end], text[end:]
    return "", text


def split_version(product: str, rest: str, catalog: Catalog) -> tuple[str, str]:
    """Return the version with which `@...` begins, and what follows it; an empty version where the product has none such."""
    for version in sorted((e.head.version for e in catalog.versions(product)), key=len, reverse=True):
        if rest == f"@{version}" or rest.startswith(f"@{version}."):
            return version, rest.removeprefix(f"@{version}").removeprefix(".")
    return "", rest


def split_check(check: str, catalog: Catalog) -> tuple[str, str, str] | None:
    """Return a check's product, its version or an empty text, and its name within the product; None where it names no product."""
    product, rest = split_product(check, catalog)
    version = ""
    if rest.startswith("@"):
        version, rest = split_version(product, rest, catalog)
        if not version:
            return None
    name = rest.removeprefix(".")
    return (product, version, name) if product and name else None


def _column(contracts: Sequence[Contract], text: str) -> tuple[str, str]:
    """Return the folded names of a table, if the text names one, and a column."""
    wanted = fold(text)
    names: dict[str, None] = {}
    for contract in contracts:
        for table in contract.tables:
            for column in table.columns:
                for name in _names(column):
                    if wanted == fold(name):
                        return "", wanted
                    if wanted == fold(f"{table.name}.{name}"):
                        return fold(table.name), fold(name)
                    names[name] = None
    product = contracts[0].product_id
    raise NotThereError(f"unknown column '{text}' of {product}", did_you_mean(text, names))


def _names(column: Column, before: str = "") -> Iterator[str]:
    """Yield the names of a column and its parts, those of the data and those of the contract."""
    for name in dict.fromkeys((column.name, column.called)):
        yield before + name
    for step, part in column.parts:
        yield from _parts(part, f"{before}{column.name}{step if step.startswith('[') else f'.{step}'}")


def _parts(column: Column, path: str) -> Iterator[str]:
    yield path
    for step, part in column.parts:
        yield from _parts(part, f"{path}{step if step.startswith('[') else f'.{step}'}")
