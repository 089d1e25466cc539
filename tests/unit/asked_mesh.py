"""A small mesh for tests of access: four products, who owns them, and who asks."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit
from meshkit.mesh import Mesh

PRODUCT = """
name: {name}
version: {version}
domain: {domain}
description: d
classification: {classification}
owner: {{team: {domain}-team, contact: {domain}@example.com}}
schema:
  location: t.csv
  alias: t
  fields: [{{name: id, type: integer}}, {{name: ssn, type: string}}]
access:
  discovery: {discovery}
  purposes: [reporting, audit]
  read: [{{role: controller}}]
"""
ORGANIZATION = """
organization:
  domains:
    - {name: sales, data_products: [orders, secrets, prices], team: {product_owner: Sales Lead}}
    - {name: finance, data_products: [ledger], team: {product_owner: Finance Lead}}
"""
GOVERNANCE = """
governance:
  domain_policies:
    sales: {access_control: {approval_required: [ssn]}}
    finance: {access_control: {sox_compliance: true}}
"""
PRINCIPALS = """
principals:
  - {id: ann, roles: [analyst], domains: [marketing], purposes: [reporting]}
  - {id: eve, roles: [analyst], domains: [marketing], purposes: [reporting]}
  - {id: carl, roles: [controller], domains: [finance], purposes: [reporting]}
  - {id: sales@example.com, domains: [sales], purposes: [reporting]}
  - {id: lea, roles: [Sales Lead], domains: [sales], purposes: [reporting]}
  - {id: fin1, roles: [finance-team], domains: [finance]}
  - {id: fin2, roles: [Finance Lead], domains: [finance]}
  - {id: gus, roles: [governor]}
"""
PRODUCTS = (
    ("orders", "1.0.0", "sales", "internal", "public"),
    ("prices", "1.0.0", "sales", "confidential", "public"),
    ("secrets", "1.0.0", "sales", "restricted", "private"),
    ("ledger", "1.0.0", "finance", "confidential", "public"),
)


def write(folder: Path, name: str, version: str, domain: str, classification: str, discovery: str) -> None:
    """Write one contract."""
    text = PRODUCT.format(name=name, version=version, domain=domain, classification=classification, discovery=discovery)
    (folder / f"{name}_{version}.yaml").write_text(text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the mesh."""
    for name in ("MESHKIT_STORE", "MESHKIT_WEBHOOK", "MESHKIT_WEBHOOK_SECRET", "MESHKIT_PRINCIPAL", "MESHKIT_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    mesh = tmp_path / "mesh"
    mesh.mkdir()
    for one in PRODUCTS:
        write(mesh, *one)
    (mesh / "organization.yaml").write_text(ORGANIZATION)
    (mesh / "governance.yaml").write_text(GOVERNANCE)
    (mesh / "principals.yaml").write_text(PRINCIPALS)
    return mesh


@pytest.fixture
def mesh(folder: Path) -> Mesh:
    """The mesh."""
    return meshkit.load(folder)
