"""One product file, read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from meshkit.loading.source import Source
from meshkit.model.catalog import Entry
from meshkit.model.contract import Contract
from meshkit.model.problem import Problem


class Loaded(NamedTuple):
    """What one product file gave: a contract as far as it could be read, and what is wrong with it."""

    contract: Contract
    problems: tuple[Problem, ...] = ()


class LoadedProduct(NamedTuple):
    """One product file: its contract when it is asked for, what is wrong with it, and its text for places."""

    entry: Entry
    problems: tuple[Problem, ...]
    source: Source


class Group:
    """Files of one origin, which are read together.

    Attributes:
        paths: Of its files.
        has_products: Whether contracts among them are products of the mesh.
        products: The names of the files that contracts were found in.
        files: What is found of the other kinds: kind -> form and source.
    """

    def __init__(self, paths: Sequence[Path], *, has_products: bool = True) -> None:
        self.paths = paths
        self.has_products = has_products
        self.products: list[str] = []
        self.files: dict[str, tuple[Any, Source]] = {}
