"""Documents that callers hold as values in memory, read by the same readers as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from meshkit.errors import ContractError
from meshkit.loading.dump import dump
from meshkit.loading.forms import validate
from meshkit.loading.loaded import LoadedProduct
from meshkit.loading.source import MAX_DEPTH, Source, Value
from meshkit.loading.tree import MeshFiles, read_contract
from meshkit.model.catalog import Entry, head_of
from meshkit.model.contract import Contract
from meshkit.model.governance import GovernanceFile


def product_given(values: Mapping[str, Any]) -> LoadedProduct:
    """Read a contract of any form from a mapping. What is wrong is reported and left out, as in a file.

    Places count the lines of the mapping, written as YAML.

    Raises:
        ContractError: A value is of a type that no file can hold.
    """
    source = Source("<data product>", _written(values, "data product"))
    read, problems = source.values()
    loaded = read_contract(read if isinstance(read, dict) else {}, source, problems)
    return LoadedProduct(Entry(head_of(loaded.contract), lambda: loaded.contract), loaded.problems, source)


def contract_given(contract: Contract) -> LoadedProduct:
    """Take a contract that was read already; of it no places are known."""
    return LoadedProduct(Entry(head_of(contract), lambda: contract), (), Source("<contract>", ""))


def governance_given(values: Mapping[str, Any]) -> MeshFiles:
    """Read a governance file from a mapping: a mesh without products.

    Raises:
        ContractError: A value is of a type that no file can hold.
    """
    whole = values if "governance" in values else {"governance": values}
    source = Source("<policies>", _written(whole, "policies"))
    read, problems = source.values()
    form, findings = validate(GovernanceFile, read, source)
    files = {"governance": (form.governance, source)} if form is not None else {}
    return MeshFiles(Path(), [], files, [*problems, *(f.problem for f in findings)], 0)


def _written(values: Mapping[str, Any], what: str) -> str:
    try:
        return dump(_plain(values, what))
    except (TypeError, ValueError) as error:
        raise ContractError(f"the {what} cannot be read: {error}", "give texts, numbers, lists and mappings") from error


def _plain(value: Any, where: str, depth: int = 0) -> Value:
    """Return a value of Python as a file would hold it."""
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Enum):
        return _plain(value.value, where, depth)
    if value is None or isinstance(value, (bool, str, int, Decimal)):
        return value
    if isinstance(value, float):
        return Decimal(repr(value)) if value == value and abs(value) < 1e38 else str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v, f"{where}.{k}", depth + 1) for k, v in value.items()}
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (bytes, bytearray)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_plain(v, f"{where}[{i}]", depth + 1) for i, v in enumerate(items)]
    raise TypeError(f"{where} is of type {type(value).__name__}")
