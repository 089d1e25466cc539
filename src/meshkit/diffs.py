"""What changed: between two contracts, and between a git revision of a mesh and what is there now."""

from __future__ import annotations

import os
from pathlib import Path

from meshkit.change.compare import compare_contracts
from meshkit.loading.cron import year_of
from meshkit.loading.revisions import load_revision
from meshkit.mesh import Mesh
from meshkit.model.change import Change
from meshkit.model.contract import Contract


def compare(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Return every change between two contracts, each with its rule, direction and whom it breaks.

    Example:
        >>> import meshkit
        >>> contract = meshkit.load("sample_data/retail").product("sales.sales_orders").contract
        >>> compare(contract, contract.model_copy(update={"retention_days": 30}))[0].message
        'retention_days changed from 2555 to 30'
    """
    return compare_contracts(old, new, year_of)


def load_at(revision: str, path: str | os.PathLike[str] = ".") -> Mesh:
    """Read a mesh folder, or one file, as it was in a revision of its git checkout.

    Raises:
        UsageError: There is no checkout, no such revision, or no such file in it.
    """
    return Mesh(load_revision(revision, Path(path)))
