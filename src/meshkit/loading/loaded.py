"""One product file, read."""

from __future__ import annotations

from typing import NamedTuple

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
