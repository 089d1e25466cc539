"""A mesh of one product, small enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

AMOUNTS = [10, -1, 5, None]


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Path]:
    """Write the mesh: of its 7 checks 4 are met, 1 warns (a missing amount), 1 fails (-1) and 1 cannot be answered."""

    def make(amounts=AMOUNTS, column="amount", description="Nothing is sold below zero.", ghost=True) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir()
        pq.write_table(pa.table({column: pa.array(amounts, pa.int64())}), folder / "orders.parquet")
        constraints = [
            {"not_null": {"severity": "warning"}},
            {"min": {"value": 0, "description": description}},
        ]
        contract = {
            "name": "orders",
            "version": "1.2.0",
            "domain": "shop",
            "description": "Orders.",
            "owner": {"team": "tills"},
            "schema": {
                "location": "orders.parquet",
                "fields": [{"name": column, "type": "bigint", "constraints": constraints}],
            },
        }
        if ghost:
            contract["sla"] = {"quality_checks": [{"name": "haunted", "query": "SELECT COUNT(*) FROM ghost"}]}
        (folder / "orders.yaml").write_text(yaml.safe_dump(contract, sort_keys=False))
        return folder

    return make
