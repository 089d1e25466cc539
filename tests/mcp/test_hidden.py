"""What one may not know of is in no answer: not in lists, texts, errors, suggestions, completions, resources or places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mcp.types import PromptReference, ResourceTemplateReference

import meshkit
from mcp import MCPError
from meshkit_mcp.callers import always

ANA = meshkit.Principal(id="ana", domains=("sales",), purposes=("reporting",))
HAL = meshkit.Principal(id="hal", domains=("hr",))
HIDDEN = "staff_pay"
OPEN = """
name: orders
version: 1.0.0
domain: sales
owner: {team: sales-team, contact: sales@example.com}
description: Bonuses come from hr.staff_pay and from hr/staff_pay.yaml, see 'payouts' and `meals`. Meals are free.
classification: internal
inputs: {pay: hr.staff_pay, bonus: payouts}
tags: [staff_pay, money]
schema:
  location: orders.csv
  type: csv
  fields:
    - {name: id, type: integer, description: As in staff_pay., constraints: [unique, {references: hr.staff_pay.id}]}
sla:
  quality_checks:
    - {name: paid, query: "SELECT COUNT(*) FROM staff_pay JOIN payouts USING (id)"}
"""
SHUT = """
name: {name}
version: 1.0.0
domain: hr
owner: {{team: people-team, contact: people@example.com}}
description: What everybody earns.
classification: restricted
inputs: {{orders: sales.orders}}
schema: {{location: ../secret/{name}.csv, type: csv, fields: [{{name: id, type: integer}}, {{name: salary, type: integer}}]}}
access: {{read: [{{domain: hr}}]}}
"""
POLICIES = """
governance:
  policies:
    - id: no_pay
      severity: error
      sql: "SELECT id AS product, NULL AS column, 'it is near hr.staff_pay and payouts' AS message FROM products"
"""
SECRETS = ("staff_pay", "people-team", "people@example.com", "earns", "salary")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mesh whose visible product names two that only the domain hr may know of, in all ways that there are."""
    mesh = tmp_path / "mesh"
    (mesh / "hr").mkdir(parents=True)
    (mesh / "orders.csv").write_text("id\n1\n1\n")
    (mesh / "orders.yaml").write_text(OPEN)
    for name in ("staff_pay", "payouts", "meals"):
        (mesh / "hr" / f"{name}.yaml").write_text(SHUT.format(name=name))
    (mesh / "governance.yaml").write_text(POLICIES)
    return mesh


CALLS = [
    ("search_data_products", {}),
    ("search_data_products", {"text": "bonuses pay"}),
    ("search_data_products", {"text": "earns"}),
    ("search_data_products", {"text": "staf_pay"}),
    ("search_data_products", {"domain": "hr"}),
    ("get_data_product", {"product": "orders"}),
    ("get_schema", {"product": "orders"}),
    ("check_access", {"product": "orders", "purpose": "reporting"}),
    ("validate_contract", {"product": "orders"}),
    ("check_governance", {"product": "orders"}),
    ("check_governance", {"product": "orders", "at": "publish"}),
    ("run_checks", {"product": "orders"}),
    ("run_checks", {"product": "orders", "check": "paid"}),
    ("get_lineage", {"product": "orders", "depth": 3}),
    ("get_health", {"product": "orders"}),
    ("explain_check", {"product": "orders", "check": "paid"}),
    ("request_access", {"product": "orders", "purpose": "reporting", "days": 30}),
    ("query_data_products", {"sql": "SELECT count(*) FROM orders", "purpose": "reporting"}),
    ("query_data_products", {"sql": "SELECT * FROM orders NATURAL JOIN payouts", "purpose": "reporting"}),
]


def told(result) -> str:
    return result.content[0].text + json.dumps(result.structured_content)


@pytest.mark.parametrize("who", [ANA, meshkit.Principal()], ids=["ana", "nobody"])
@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_no_tool_says_a_word_of_a_hidden_product(call, who, tool, arguments):
    said = told(call(tool, who=who, **arguments)).replace(str(arguments.get("text")), "")
    if "payouts" in str(arguments):  # a name that he said himself is in the error
        said = said.replace("unknown product 'payouts'", "")
    assert not [word for word in SECRETS if word in said]
    assert "hr." not in said
    assert "'payouts'" not in said
    assert "FROM payouts" not in said


def test_those_who_may_know_read_the_names(call):
    said = told(call("get_data_product", who=HAL, product="orders"))
    assert "hr.staff_pay" in said
    assert "[hidden]" not in said


def test_a_hidden_name_is_replaced_and_a_plain_word_stays(call):
    found = call("get_data_product", product="orders").structured_content
    assert (
        found["description"]
        == "Bonuses come from [hidden] and from [hidden], see '[hidden]' and `[hidden]`. Meals are free."
    )
    assert found["inputs"] == {"pay": "[hidden]", "bonus": "[hidden]"}
    assert found["tags"] == ["[hidden]", "money"]


def test_checks_still_read_what_the_caller_may_not_know_of(call):
    """The verdict is the true one: hidden products are left out of words, not of judgements."""
    found = call("run_checks", product="orders").structured_content
    outcomes = {c["id"].rpartition(".")[2]: c["outcome"] for c in found["checks"]}
    assert outcomes["unique"] == "failed"


@pytest.mark.parametrize(
    "tool", ["get_data_product", "get_schema", "check_access", "check_governance", "run_checks", "validate_contract"]
)
@pytest.mark.parametrize("form", ["{}", "hr.{}", "hr.{}@1.0.0", "HR.{}"])
def test_a_hidden_product_is_answered_as_one_that_does_not_exist(call, tool, form):
    hidden = call(tool, product=form.format("staff_pay"))
    absent = call(tool, product=form.format("staff_pey"))
    assert hidden.is_error
    assert unmarked(hidden).replace("staff_pay", "X") == unmarked(absent).replace("staff_pey", "X")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("request_access", {"product": "{}", "purpose": "reporting", "days": 30}),
        ("query_data_products", {"sql": "SELECT salary FROM {}", "purpose": "reporting"}),
    ],
)
@pytest.mark.parametrize("form", ["{}", "hr.{}", "HR.{}"])
def test_asking_for_a_hidden_product_is_answered_as_for_one_that_does_not_exist(
    call, tmp_path, monkeypatch, tool, arguments, form
):
    monkeypatch.setenv("MESHKIT_STORE", str(tmp_path / "store.db"))

    def said(name):
        found = call(
            tool, **{k: v.format(form.format(name)) if isinstance(v, str) else v for k, v in arguments.items()}
        )
        assert found.is_error
        return unmarked(found).replace(name, "X")

    assert said("staff_pay") == said("staff_pey")
    assert "unknown product" in said("staff_pay")


def unmarked(result) -> str:
    """Return a text without its random boundary."""
    text = result.content[0].text
    mark = text.partition("<<")[2][:16]
    return text.replace(mark, "")


def test_an_error_names_what_may_be_seen_alone(call):
    said = call("get_data_product", product="sales.ordrs").content[0].text
    assert "did you mean 'sales.orders'?" in said
    assert "did you mean" not in call("get_data_product", product="hr.staff_pai").content[0].text


def test_a_pasted_contract_learns_nothing_of_hidden_products(call):
    """The text is the caller's: a hidden name in it is answered as any unknown name, and never with [hidden]."""
    said = []
    for name in ("staff_pay", "staff_pey"):
        text = OPEN.replace("name: orders", "name: mine").replace("staff_pay", name).replace("payouts", "nowhere")
        found = call("validate_contract", text=text).structured_content
        said.append(json.dumps(found).replace(name, "X"))
    assert said[0] == said[1]
    assert "[hidden]" not in said[0]
    assert "X" in said[0]


def test_resources_and_completions_hide_too(ask):
    async def look(client):
        texts = [
            (await client.read_resource(uri)).contents[0].text
            for uri in ("mesh://products", "mesh://products/sales.orders/contract", "mesh://policies/no_pay")
        ]
        said = []
        for name in ("staff_pay", "staff_pey"):
            with pytest.raises(MCPError) as error:
                await client.read_resource(f"mesh://products/hr.{name}/contract")
            said.append(str(error.value).replace(name, "X"))
        prompt = PromptReference(type="ref/prompt", name="review_contract")
        contract = ResourceTemplateReference(type="ref/resource", uri="mesh://products/{id}/contract")
        values = [
            (await client.complete(ref, {"name": argument, "value": ""}, context_arguments=chosen)).completion.values
            for ref, argument, chosen in [
                (prompt, "product", None),
                (prompt, "domain", None),
                (prompt, "column", {"product": "hr.staff_pay"}),
                (prompt, "version", {"product": "hr.staff_pay"}),
                (contract, "id", None),
            ]
        ]
        return texts, said, values

    texts, said, values = ask(look)
    for text in texts:
        assert not [word for word in SECRETS if word in text]
    assert "pay: [hidden], bonus: [hidden]" in texts[1]
    assert "it is near [hidden]" in texts[2]
    assert said[0] == said[1]
    assert values == [["sales.orders"], ["sales"], [], [], ["sales.orders"]]


def test_runs_show_the_products_that_may_be_seen_and_are_not_there_without_one(ask, folder, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE", raising=False)
    mesh = meshkit.load(folder)
    both = mesh.check().result.run_id
    shut = mesh.check(products=["hr.staff_pay"]).result.run_id

    async def look(client):
        text = (await client.read_resource(f"mesh://runs/{both}")).contents[0].text
        said = []
        for run in (shut, "R" * len(shut)):
            with pytest.raises(MCPError) as error:
                await client.read_resource(f"mesh://runs/{run}")
            said.append(str(error.value).replace(run, "X"))
        return text, said

    text, said = ask(look)
    assert "sales.orders 1.0.0" in text
    assert not [word for word in SECRETS if word in text]
    assert said[0] == said[1]


def test_everything_of_it_is_there_for_its_own_domain(ask):
    async def look(client):
        found = (await client.call_tool("search_data_products", {})).structured_content["products"]
        return [p["id"] for p in found]

    assert ask(look, callers=always(HAL)) == ["hr.meals", "hr.payouts", "hr.staff_pay", "sales.orders"]
