"""Texts of a mesh without the products that a reader may not know of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise

from meshkit.accessing import MaySee
from meshkit.mesh import Mesh
from meshkit.model.catalog import Entry
from meshkit.model.names import fold
from meshkit.product import Product

HIDDEN = "[hidden]"
_TOKEN = re.compile(r"[\w@./\\*=~-]+")
_FILES = (".yaml", ".yml")
_QUOTES = tuple("'\"`")
_BEFORE_TABLES = re.compile(r"\b(?:from|join|into|update|table)\s+$", re.IGNORECASE)


class Hider:
    """Replaces the names of products that may not be seen.

    Args:
        mesh: The mesh.
        may_see: Whether a product may be seen.
        root: The mesh's folder, which is left out of paths.
    """

    def __init__(self, mesh: Mesh, may_see: MaySee, root: str) -> None:
        self._mesh, self._may_see, self._root = mesh, may_see, root + os.sep

    def hide(self, text: str, of: Product | None, *, is_sql: bool) -> str:
        """Return a text with `[hidden]` in the place of each; see `View.hide`."""
        own, named = (_own_names(of), _references(of)) if of is not None else (frozenset(), frozenset())

        def shown(match: re.Match[str]) -> str:
            word = match[0]
            core = word.strip(".-")
            if core and self._is_hidden(core, own, is_reference=is_sql or fold(core) in named or _is_quoted(match)):
                return word.replace(core, HIDDEN)
            return word

        return _TOKEN.sub(shown, text.replace(self._root, ""))

    def _is_hidden(self, word: str, own: frozenset[str], *, is_reference: bool) -> bool:
        if "/" in word or "\\" in word or word.lower().endswith(_FILES):
            return self._is_hidden_path(word)
        found = self._id(word)
        if found:
            return not self._is_any_seen(found)
        parts = word.split(".") if "." in word else [word.partition("@")[0]]
        return any(self._is_hidden_name(p, is_reference=is_reference) for p in parts if fold(p) not in own)

    def _id(self, word: str) -> list[Entry]:
        """Return the versions of the product with whose id a word begins."""
        parts = word.partition("@")[0].split(".")
        for end in range(len(parts), 1, -1):
            found = self._mesh.catalog.versions(".".join(parts[:end]))
            if found:
                return found
        for domain, name in pairwise(parts):  # in other capitals
            for one in self._mesh.catalog.named(name):
                if fold(one) == fold(f"{domain}.{name}"):
                    return self._mesh.catalog.versions(one)
        return []

    def _is_hidden_path(self, word: str) -> bool:
        contract = self._mesh.contract_in(self._root, word)
        if contract is not None:
            return not self._is_any_seen(self._mesh.catalog.versions(contract.product_id))
        parts = [p.partition(".")[0] for p in re.split(r"[/\\]", word) if p]
        return any(self._is_hidden_name(p, is_reference=n == len(parts) - 1) for n, p in enumerate(parts))

    def _is_hidden_name(self, name: str, *, is_reference: bool) -> bool:
        is_made = "_" in name or "-" in name or any(c.isdigit() for c in name)
        if not (is_reference or is_made):
            return False
        ids = self._mesh.catalog.named(name)
        return bool(ids) and not any(self._is_any_seen(self._mesh.catalog.versions(i)) for i in ids)

    def _is_any_seen(self, entries: list[Entry]) -> bool:
        key = self._mesh.catalog.key
        return any(self._may_see(self._mesh.product(key(e.head))) for e in entries)


def _is_quoted(match: re.Match[str]) -> bool:
    """Tell whether a word stands in quotes, or where SQL names a table."""
    before, after = (
        match.string[max(0, match.start() - 40) : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    return (before.endswith(_QUOTES) and after.startswith(_QUOTES)) or _BEFORE_TABLES.search(before) is not None


def _references(product: Product) -> frozenset[str]:
    """Return the plain words by which a product names others."""
    return frozenset(fold(word) for pair in product.contract.inputs.items() for word in pair)


def _own_names(product: Product) -> frozenset[str]:
    return frozenset(_names(product))


def _names(product: Product) -> Iterator[str]:
    contract = product.contract
    yield fold(contract.name)
    for table in contract.tables:
        yield fold(table.name)
        yield from (fold(c.name) for c in table.columns)
