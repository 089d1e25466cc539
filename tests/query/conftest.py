"""A mesh whose rows are known by heart, with masked, withheld and filtered data, and one query on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import meshkit

ANN = meshkit.Principal(
    id="ann",
    roles=("analyst",),
    domains=("marketing",),
    purposes=("reporting",),
    attributes={"region": "north", "level": 3},
)
SAM = meshkit.Principal(
    id="sam",
    roles=("support",),
    domains=("sales",),
    purposes=("reporting",),
    attributes={"region": "south", "level": 9},
)
EVE = meshkit.Principal(id="eve", roles=("guest",), domains=("other",), purposes=("reporting",))
ROWS = {
    "order_id": ["o1", "o2", "o3", "o4", "o5"],
    "customer_id": ["c1", "c2", "c1", "c9", None],
    "region": ["north", "north", "south", "north", "north"],
    "amount": [10, 20, 40, 80, 160],
    "email": ["ann@mail.example", "bob@mail.example", "ann@mail.example", None, "dan@mail.example"],
    "phone": ["+15550101", "+15550102", "+15550103", None, "+15550105"],
    "ssn": ["111-11-1111", "222-22-2222", "333-33-3333", "444-44-4444", "555-55-5555"],
    "birth": ["1970", "1980", "1990", "2000", "2010"],
}
"""Ann sees the four rows of the north: amounts 10, 20, 80 and 160."""
ACCESS = {
    "discovery": "public",
    "read": [{"role": "analyst"}, {"role": "support"}],
    "unmask": [{"role": "support"}],
    "purposes": ["reporting"],
}


def write(folder: Path, name: str, **document: Any) -> None:
    """Write a contract."""
    whole = {
        "name": name,
        "version": "1.0.0",
        "domain": "sales",
        "description": name,
        "owner": {"team": "sales"},
    } | document
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the mesh once."""
    folder = tmp_path_factory.mktemp("query") / "mesh"
    folder.mkdir()
    pq.write_table(pa.table(ROWS), folder / "orders.parquet")
    write(
        folder, "orders", classification="confidential", access=ACCESS, row_filter="region = principal.region",
        schema={"location": "orders.parquet", "fields": [
            {"name": "order_id", "type": "string", "constraints": ["not_null"]},
            {"name": "customer_id", "type": "string", "constraints": [{"references": "customers.customer_id"}]},
            {"name": "region", "type": "string"},
            {"name": "amount", "type": "bigint", "constraints": [{"max": 100}]},
            {"name": "email", "type": "string", "is_pii": True, "pii_category": "email"},
            {"name": "phone", "type": "string", "is_pii": True, "mask": "partial"},
            {"name": "ssn", "type": "string", "classification": "restricted"},
            {"name": "birth", "type": "string", "is_pii": True, "mask": "null"},
        ]},
    )  # fmt: skip
    (folder / "customers.csv").write_text("customer_id,name,since\nc1,Ada,2020-01-31\nc2,Bo,2021-06-30\n")
    write(
        folder, "customers", classification="public", access={"purposes": ["reporting"]},
        schema={"location": "customers.csv", "type": "csv", "fields": [
            {"name": "customer_id", "type": "string"}, {"name": "name", "type": "string"}, {"name": "since", "type": "date"},
        ]},
    )  # fmt: skip
    pq.write_table(pa.table({"pay": [1_000_001]}), folder / "payroll.parquet")
    write(
        folder, "payroll", classification="restricted",
        schema={"location": "payroll.parquet", "fields": [{"name": "pay", "type": "bigint"}]},
    )  # fmt: skip
    pq.write_table(pa.table({"n": [1]}), folder / "closed.parquet")
    write(
        folder, "closed", classification="confidential", access={"discovery": "public", "read": [{"role": "auditor"}]},
        schema={"location": "closed.parquet", "fields": [{"name": "n", "type": "bigint"}]},
    )  # fmt: skip
    return folder


@pytest.fixture
def mesh(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> meshkit.Mesh:
    """Load the mesh, with a store of its own for the log."""
    monkeypatch.setenv("MESHKIT_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("MESHKIT_MASK_KEY", "k" * 40)
    return meshkit.load(made)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[meshkit.Sandbox]:
    """Keep processes warm for all queries of the session."""
    found = meshkit.Sandbox(warm=1, limits=meshkit.Limits(timeout_seconds=3.0, memory_bytes=256 << 20))
    yield found
    found.close()


@pytest.fixture
def ask(mesh: meshkit.Mesh, sandbox: meshkit.Sandbox) -> Callable[..., meshkit.QueryAnswer]:
    """Ask a query, as Ann and for reporting, if nothing else is said."""

    def run(sql: str, who: meshkit.Principal = ANN, purpose: str = "reporting", **more: Any) -> meshkit.QueryAnswer:
        return meshkit.query(mesh, sql, principal=who, purpose=purpose, sandbox=sandbox, **more)

    return run
