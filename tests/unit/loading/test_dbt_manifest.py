"""dbt's manifest to drafts: columns, descriptions, constraints, and the tests that say what a constraint says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

import meshkit


def model(name: str, **keys: Any) -> dict[str, Any]:
    return {"resource_type": "model", "unique_id": f"model.shop.{name}", "name": name, "columns": {}, **keys}


def data_test(
    kind: str, column: str, of: str = "orders", config: dict[str, Any] | None = None, **arguments: Any
) -> Any:
    return {
        "resource_type": "test",
        "unique_id": f"test.shop.{kind}_{column}",
        "name": f"{kind}_{column}",
        "test_metadata": {
            "name": kind,
            "namespace": arguments.pop("namespace", None),
            "kwargs": {"column_name": column, **arguments},
        },
        "attached_node": f"model.shop.{of}",
        "config": {"severity": "ERROR", "enabled": True, **(config or {})},
    }


def manifest(*nodes: dict[str, Any]) -> str:
    schema = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    metadata = {"dbt_schema_version": schema, "adapter_type": "snowflake"}
    return json.dumps({"metadata": metadata, "nodes": {n["unique_id"]: n for n in nodes}})


ORDERS = model(
    "orders",
    description="All orders.\nEvery one.",
    tags=["core"],
    columns={
        "id": {"name": "id", "data_type": "NUMBER(38,0)", "constraints": [{"type": "primary_key"}]},
        "status": {"name": "status", "data_type": "varchar(10)", "description": "Where it: stands"},
        "customer_id": {"name": "customer_id", "data_type": "variant", "constraints": [{"type": "not_null"}]},
        "total": {"name": "total", "data_type": None, "constraints": [{"type": "check", "expression": "total > 0"}]},
    },
)
CUSTOMERS = model("customers", columns={"id": {"name": "id"}})


def fields(tmp_path, *nodes: dict[str, Any]) -> tuple[dict[str, Any], str]:
    (tmp_path / "manifest.json").write_text(manifest(*nodes))
    text = meshkit.draft(tmp_path / "manifest.json")
    document = next(d for d in yaml.load_all(text, yaml.BaseLoader) if d["name"] == "orders")
    return {f["name"]: f for f in document["schema"].get("fields", [])}, text


def test_columns_descriptions_and_constraints_are_carried_over(tmp_path):
    found, text = fields(tmp_path, ORDERS, CUSTOMERS)
    assert found["id"] == {"name": "id", "type": "decimal(38,0)", "is_primary_key": "true"}
    assert found["status"]["description"] == "Where it: stands"
    assert found["status"]["constraints"] == [{"max_length": "10"}]
    assert found["customer_id"]["constraints"] == ["not_null"]
    assert "type" not in found["total"]
    assert "dbt constraint check is not carried over" in text
    assert 'description: "All orders.\\nEvery one."' in text


def test_data_tests_that_say_what_a_constraint_says_become_one(tmp_path):
    tests = [
        data_test("unique", "status"),
        data_test("accepted_values", "status", values=["open", "paid"], config={"severity": "warn"}),
        data_test("relationships", "customer_id", to="ref('customers')", field="id"),
        data_test("accepted_range", "total", min_value=0, max_value=9.5, namespace="dbt_utils"),
    ]
    found, _ = fields(tmp_path, ORDERS, CUSTOMERS, *tests)
    assert found["status"]["constraints"] == ["unique", {"in": {"values": ["open", "paid"], "severity": "warning"}},
                                              {"max_length": "10"}]  # fmt: skip
    assert {"references": "customers.id"} in found["customer_id"]["constraints"]
    assert found["total"]["constraints"] == [{"min": "0"}, {"max": "9.5"}]


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (data_test("not_null", "status", config={"where": "id > 3"}), "dbt test not_null has where, not carried over"),
        (data_test("not_null", "status", config={"error_if": "> 9"}), "dbt test not_null has error_if, not carried over"),
        (data_test("not_null", "status", config={"enabled": False}), "dbt test not_null has been disabled, not carried over"),
        (data_test("is_nice", "status"), "dbt test is_nice is not carried over"),
        (data_test("not_null", "status", namespace="other"), "dbt test other.not_null is not carried over"),
        (data_test("relationships", "status", to="source('a', 'b')", field="id"), "dbt test relationships is not carried over"),
    ],
)  # fmt: skip
def test_a_test_that_says_less_or_else_is_a_note_and_no_promise(tmp_path, test, said):
    found, text = fields(tmp_path, ORDERS, test)
    assert found["status"]["constraints"] == [{"max_length": "10"}]
    assert said in text


def test_the_tests_of_one_model_are_not_those_of_another(tmp_path):
    found, _ = fields(tmp_path, ORDERS, CUSTOMERS, data_test("not_null", "id", of="customers"))
    assert "constraints" not in found["id"]


def test_in_an_old_manifest_a_test_of_two_models_is_of_the_one_whose_file_names_it(tmp_path):
    test = data_test("relationships", "customer_id", to="ref('customers')", field="id")
    test |= {"attached_node": None, "depends_on": {"nodes": ["model.shop.customers", "model.shop.orders"]}}
    found, _ = fields(tmp_path, ORDERS, CUSTOMERS, {**test, "file_key_name": "models.orders"})
    assert {"references": "customers.id"} in found["customer_id"]["constraints"]
    found, _ = fields(tmp_path, ORDERS, CUSTOMERS, test)
    assert found["customer_id"]["constraints"] == ["not_null"]


def test_drafts_of_a_manifest_lint_as_one_folder(tmp_path):
    tests = [data_test("relationships", "customer_id", to="ref('customers')", field="id"), data_test("unique", "gone")]
    _, text = fields(tmp_path, ORDERS, CUSTOMERS, *tests)
    assert "tested, but not a column of the manifest: 'gone'" in text
    for position, document in enumerate(text.split("---\n")):
        (tmp_path / f"{position}.yaml").write_text(document)
    assert [str(p) for p in meshkit.load(tmp_path).lint()] == []


def test_a_manifest_that_is_none_is_told(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text('{"metadata": {"dbt_schema_version": "manifest"}, "nodes": [1]}')
    with pytest.raises(meshkit.ContractError, match="is no manifest of dbt"):
        meshkit.draft(path)
    path.write_text(manifest())
    with pytest.raises(meshkit.UsageError, match="has no models"):
        meshkit.draft(path)
