"""Contracts and policies: findings with fixes, violations with remedies; texts that are pasted are anybody's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import meshkit
from meshkit_mcp.callers import always

CONTRACT = {
    "name": "returns",
    "version": "1.0.0",
    "domain": "sales",
    "owner": {"team": "sales-analytics", "contact": "sales-analytics@example.com"},
    "description": "Orders that came back.",
    "inputs": {"orders": "sales.orders"},
    "schema": {"location": "returns.parquet", "fields": [{"name": "order_id", "type": "string"}]},
    "sla": {
        "quality_checks": [{"name": "known", "query": "SELECT COUNT(*) FROM returns JOIN orders USING (order_id)"}]
    },
}


def text_of(**changes) -> str:
    return yaml.safe_dump(CONTRACT | changes, sort_keys=False)


def test_a_pasted_contract_is_valid_beside_the_products_that_one_may_see(answered):
    found = answered("validate_contract", text=text_of())
    assert (found["product"], found["version"], found["is_valid"], found["findings"]) == (
        "sales.returns",
        "1.0.0",
        True,
        [],
    )


def test_findings_have_their_place_and_fix_and_errors_come_first(answered):
    found = answered("validate_contract", text=text_of(status="activ", inputs={"orders": "sales.nothing"}))
    assert (found["is_valid"], found["errors"]) == (False, 1)
    first = found["findings"][0]
    assert (first["severity"], first["place"]) == ("error", "contract.yaml:19:9")  # the last line, behind the key
    assert "did you mean 'active'?" in first["fix"]


def test_a_pasted_text_takes_the_place_of_the_product_of_its_id(answered):
    found = answered("validate_contract", text=text_of(name="orders", inputs={}))
    assert not [f for f in found["findings"] if "orders.yaml" in f["message"]]


def test_the_contract_of_a_product_is_judged_with_places_in_its_file(answered, write):
    write(inputs={"customers": "sales.customers"})
    (finding,) = answered("validate_contract", product="orders")["findings"]
    assert (finding["code"], finding["severity"]) == ("MK134", "warning")
    assert finding["place"].startswith("orders.yaml:")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give one of product and text"),
        ({"product": "orders", "text": "x"}, "give one of product and text"),
        ({"text": "governance: {}"}, "the text is no data product's contract"),
        ({"text": "é" * 200_000}, "the text is larger than 256 KiB"),
        ({"text": "x" * 300_000}, "argument 'text': String should have at most 262144 characters"),
    ],
)
def test_what_is_no_contract_is_refused_with_the_way_out(call, given, said):
    result = call("validate_contract", **given)
    assert result.is_error
    assert said in result.content[0].text


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "a: [",
        "x: &a [*a, *a]",
        "a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]",
        "!!python/object/apply:os.system ['touch pwned']",
        "[" * 10_000,
        "\x00\x1b[2J",
        "name: \ud800",
    ],
)
def test_a_hostile_text_is_answered_and_stays_harmless(call, folder, text):
    result = call("validate_contract", text=text)
    said = result.content[0].text
    assert all(c.isprintable() or c == "\n" for c in said)
    assert len(said) < 20_000
    assert not list(Path.cwd().glob("pwned"))


def test_a_pasted_contract_sees_no_secret_and_reads_no_file(answered, folder, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    text = text_of(
        schema={"location": "/etc/passwd", "fields": [{"name": "${SHOP_PASSWORD}", "type": "${SHOP_PASSWORD}"}]},
        sla={"quality_checks": [{"name": "peek", "query": "SELECT '${SHOP_PASSWORD}' FROM read_text('/etc/passwd')"}]},
    )
    said = json.dumps(answered("validate_contract", text=text))
    assert "hunter2" not in said
    assert "root:" not in said


def test_a_text_that_takes_too_long_is_given_up(folder):
    view = meshkit.View(meshkit.load(folder), None)
    with pytest.raises(meshkit.UsageError, match=r"was not read within 0\.01 s"):
        view.look_at(text_of(), timeout_seconds=0.01)


def test_policies_are_judged_with_remedies_and_waivers_and_what_cannot_be_told(ask):
    retail = Path(__file__).parents[2] / "sample_data" / "retail"
    server_of = {"product": "sales.sales_orders", "at": "publish"}

    async def judge(client):
        return (await client.call_tool("check_governance", server_of)).structured_content

    found = ask(judge, callers=always("ana.analyst@example.com"), path=retail)
    assert (found["status"], found["is_blocked"]) == ("non-compliant", True)
    gate = next(v for v in found["violations"] if v["rule"] == "quality_gates.run")
    assert gate["place"] == "sales/sales_orders.yaml:2:1"
    assert gate["remedy"] == "run meshkit check"
    assert "data_retention" in found["evaluated"]


def test_a_mesh_without_policies_says_so(call):
    result = call("check_governance", product="orders")
    assert result.is_error
    assert "this mesh has no policies" in result.content[0].text
