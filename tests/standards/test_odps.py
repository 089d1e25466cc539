"""Products of ports: the contracts that they own, where their checks are placed, and what is wrong between them."""

from __future__ import annotations

from textwrap import dedent

import pyarrow as pa
import pyarrow.parquet as pq

import meshkit

PRODUCT = """\
apiVersion: v1.0.0
kind: DataProduct
id: shop-orders
name: Orders
domain: sales
version: v1.2.0
status: active
team: {name: order-team}
inputPorts:
- {name: people, version: 1.0.0, contractId: crm}
outputPorts:
- {name: raw, version: 1.0.0, contractId: orders, inputContracts: [{id: crm, version: 2.0.0}]}
- {name: daily, version: 1.0.0, contractId: days}
"""


def contract(name, column="x", **more):
    lines = [
        f"apiVersion: v3.1.0\nkind: DataContract\nid: {name}\nversion: {more.pop('version', '1.0.0')}\nstatus: {more.pop('status', 'active')}"
    ]
    lines.append("servers:\n- {server: here, type: local, path: '{model}.parquet', format: parquet}")
    lines.append(f"schema:\n- name: {more.pop('table', name)}\n  properties:\n  - name: {column}\n    required: true")
    return "\n".join([*lines, *(f"{k}: {v}" for k, v in more.items())]) + "\n"


def folder(tmp_path, **files):
    for name, text in files.items():
        path = tmp_path / "mesh" / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return tmp_path / "mesh"


def test_a_contract_of_an_output_port_is_no_product_of_its_own(tmp_path):
    root = folder(
        tmp_path,
        product=PRODUCT,
        contracts__orders=contract("orders"),
        contracts__days=contract("days"),
        crm=contract("crm"),
    )
    pq.write_table(pa.table({"x": [1, None]}), root / "contracts" / "orders.parquet")
    pq.write_table(pa.table({"x": [1]}), root / "contracts" / "days.parquet")
    mesh = meshkit.load(root)
    assert [p.id for p in mesh.products] == ["default.crm", "sales.Orders"]
    assert mesh.product("sales.Orders").inputs == {"people": "default.crm"}
    run = mesh.check(products=["sales.Orders"])
    verdicts = {v.id: v for v in run.verdicts}
    missed = verdicts["sales.Orders.orders.x.not_null"]
    assert (str(missed.outcome), missed.bad) == ("failed", 1)
    assert (missed.place.file.endswith("contracts/orders.yaml"), missed.place.line) == (True, 12)
    assert verdicts["sales.Orders.days.x.not_null"].outcome == "passed"


def test_what_leads_nowhere_is_a_warning_with_its_place(tmp_path):
    root = folder(tmp_path, product=PRODUCT, orders=contract("orders"), crm=contract("crm"))
    found = [(p.code, str(p.severity), p.place.line, p.message) for p in meshkit.load(root).problems]
    assert found == [
        ("MK144", "warning", 12, "contract 'crm' has no version 2.0.0 in this mesh"),
        ("MK144", "warning", 13, "port 'daily' names contract 'days', which this mesh does not have"),
    ]


def test_an_error_in_a_contract_stops_the_product_that_owns_it(tmp_path):
    broken = contract("orders").replace("version: 1.0.0", "version: 1.0.0\nunknown: 1")
    root = folder(tmp_path, product=PRODUCT, orders=broken, days=contract("days"), crm=contract("crm"))
    mesh = meshkit.load(root)
    assert mesh.product("sales.Orders").is_stopped
    assert not mesh.product("default.crm").is_stopped


def test_tables_of_one_name_are_told_apart(tmp_path):
    root = folder(
        tmp_path,
        product=PRODUCT,
        orders=contract("orders", table="t"),
        days=contract("days", "y", table="t"),
        crm=contract("crm"),
    )
    ids = {c.id for c in meshkit.load(root).product("sales.Orders").checks}
    assert {"sales.Orders.t.x.not_null", "sales.Orders.t_2.y.not_null"} <= ids


def test_of_several_versions_a_port_takes_its_own_else_the_current_one(tmp_path):
    old, new = (
        contract("orders", "old", version="1.0.0", status="deprecated"),
        contract("orders", "new", version="2.0.0"),
    )
    root = folder(tmp_path, product=PRODUCT, a=old, b=new, days=contract("days"), crm=contract("crm"))
    mesh = meshkit.load(root)
    assert any(c.id.endswith("old.not_null") for c in mesh.product("sales.Orders").checks)
    assert "default.orders" in [p.id for p in mesh.products]
    root = folder(tmp_path, product=PRODUCT.replace("name: raw, version: 1.0.0", "name: raw, version: 9.0.0"))
    assert any(c.id.endswith("new.not_null") for c in meshkit.load(root).product("sales.Orders").checks)


def test_lineage_in_a_circle_is_told(tmp_path):
    one = PRODUCT.replace("contractId: crm", "contractId: b").replace("id: crm", "id: b")
    other = "apiVersion: v1.0.0\nkind: DataProduct\nid: two\nname: Two\nversion: 1.0.0\nstatus: active\n"
    other += "inputPorts:\n- {name: i, version: 1.0.0, contractId: orders}\noutputPorts:\n- {name: o, version: 1.0.0, contractId: b}\n"
    root = folder(
        tmp_path, one=one, two=other, orders=contract("orders"), days=contract("days"), b=contract("b", version="2.0.0")
    )
    circles = [p.message for p in meshkit.load(root).problems if "circle" in p.message]
    assert circles == [
        "lineage goes in a circle: sales.Orders -> default.Two -> sales.Orders",
        "lineage goes in a circle: default.Two -> sales.Orders -> default.Two",
    ]


def test_a_reference_into_the_file_of_an_owned_contract_is_followed(tmp_path):
    reader = contract("reader", "x").replace(
        "    required: true", "    required: true\n    relationships: [{to: 'orders.yaml#orders.x'}]"
    )
    root = folder(
        tmp_path, product=PRODUCT, orders=contract("orders"), days=contract("days"), crm=contract("crm"), reader=reader
    )
    pq.write_table(pa.table({"x": [1, 2]}), root / "orders.parquet")
    pq.write_table(pa.table({"x": [1, 3]}), root / "reader.parquet")
    verdicts = {v.id: v for v in meshkit.load(root).check(products=["default.reader"]).verdicts}
    assert verdicts["default.reader.reader.x.references"].bad == 1


def test_the_keys_that_the_standard_requires(tmp_path):
    root = folder(tmp_path, p="apiVersion: v1.0.0\nkind: DataProduct\nid: p\noutputPorts:\n- {name: o}\n")
    found = [(p.code, p.place.line, p.message) for p in meshkit.load(root).problems if p.severity == "error"]
    assert found == [("MK104", 1, "key 'status' is missing"), ("MK104", 5, "key 'version' is missing")]


def test_what_changes_in_a_contract_of_a_port_is_a_change_of_the_product(tmp_path):
    product = """
apiVersion: v1.0.0
kind: DataProduct
name: people
id: fbe8d147-28db-4f1d-bedf-a3fe9f458427
version: 1.2.0
domain: seller
status: active
outputPorts: [{name: raw, version: 1.0.0, contractId: c2798941-1b7e-4b03-9e0d-955b1a872b32}]
"""
    contract = """
apiVersion: v3.0.2
kind: DataContract
id: c2798941-1b7e-4b03-9e0d-955b1a872b32
name: raw
version: 1.0.0
status: active
schema: [{name: orders, properties: [{name: id, logicalType: integer}, {name: amount, logicalType: integer}]}]
"""
    meshes = []
    for name, text in (("old", contract), ("new", contract.replace("amount", "total"))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "p.odps.yaml").write_text(product)
        (folder / "c.odcs.yaml").write_text(text)
        meshes.append(meshkit.load(folder))
    (found,) = meshes[0].diff(meshes[1]).products
    assert [(c.id, c.column) for c in found.changes if c.consumer == "breaking"] == [("C01", "amount")]


def test_the_lineage_of_a_product_of_ports_is_its_ports(tmp_path):
    root = folder(
        tmp_path,
        product=PRODUCT,
        contracts__orders=contract("orders"),
        contracts__days=contract("days"),
        crm=contract("crm"),
        other=PRODUCT.replace("id: shop-orders", "id: other")
        .replace("name: Orders", "name: Other")
        .replace("crm", "orders"),
    )
    mesh = meshkit.load(root)
    up = meshkit.lineage(mesh, "sales.Orders", direction="up")
    assert [(e.source, e.target, [*map(str, e.through)]) for e in up.edges] == [
        ("default.crm", "sales.Orders", ["port"])
    ]
    down = meshkit.lineage(mesh, "default.crm", direction="down")
    assert {(e.source, e.target) for e in down.edges} == {
        ("default.crm", "sales.Orders"),
        ("sales.Orders", "sales.Other"),
    }
