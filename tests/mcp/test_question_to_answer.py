"""An assistant goes from a question to a governed answer, over HTTP, with a real client, on the retail mesh."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.mcp.http_server import Known, serving, talk

import meshkit
from meshkit_mcp.callers import SCOPES

RETAIL = Path(__file__).parents[2] / "sample_data" / "retail"
CARLO, DEVI = "carlo.care@example.com", "devi.scientist@example.com"
ORDERS = "sales.sales_orders"
PHONE = """      pii_category: phone
"""


@pytest.fixture
def retail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the mesh, withhold a column of it, and check it as a schedule would."""
    monkeypatch.delenv("MESHKIT_STORE", raising=False)
    folder = tmp_path / "retail"
    shutil.copytree(RETAIL, folder, ignore=shutil.ignore_patterns(".meshkit"))
    contract = folder / "sales" / "customer_interactions.yaml"
    text = contract.read_text()
    assert text.count(PHONE) == 1
    contract.write_text(text.replace(PHONE, PHONE + "      classification: restricted\n"))
    meshkit.load(folder).check(now="2026-11-22T06:00:00Z")
    return folder


def test_from_a_question_to_a_governed_answer(retail):
    mesh = meshkit.load(retail)
    known = meshkit.principals(mesh)
    people = Known(
        carlo=(known[CARLO], set(SCOPES)), devi=(known[DEVI], set(SCOPES)), reader=(known[CARLO], {"mesh:read"})
    )
    with serving(retail, people, with_queries=True) as url:

        def call(tool, who="carlo", **arguments):
            return talk(url, lambda client: client.call_tool(tool, arguments), who)

        def answer(tool, who="carlo", **arguments):
            result = call(tool, who, **arguments)
            assert not result.is_error, result.content[0].text
            return result.structured_content

        # which product is it, what does it promise, and how is it?
        assert ORDERS in [p["id"] for p in answer("search_data_products", text="orders placed")["products"]]
        assert answer("get_data_product", product=ORDERS)["version"] == "3.2.0"
        assert "order_id" in str(answer("get_schema", product=ORDERS))
        assert answer("get_health", product=ORDERS)["knowledge"] != "never checked"

        # may he read it? no, and he is told why; nor does a query go round that
        asked = answer("check_access", product=ORDERS, purpose="customer_support")
        assert asked["allowed"] is False
        assert "read.no_rule" in str(asked)
        sql = f"SELECT status, count(*) AS orders FROM {ORDERS} GROUP BY 1 ORDER BY 1"
        refused = call("query_data_products", sql=sql, purpose="customer_support")
        assert refused.is_error
        assert "no read rule names him" in refused.content[0].text

        # he asks, a person approves
        wish = {"product": ORDERS, "purpose": "customer_support", "days": 120, "reason": "ticket 4711"}
        made = answer("request_access", **wish)
        assert made["state"] == "pending"
        with pytest.raises(meshkit.AccessError, match="MK602"):
            meshkit.decide_request(meshkit.load(retail), made["id"], "approve", by=CARLO)
        meshkit.decide_request(meshkit.load(retail), made["id"], "approve", by="order-platform@example.com")
        again = answer("request_access", **wish)
        assert again["state"] == "granted"

        # now it is answered, with how far it can be trusted
        found = answer("query_data_products", sql=sql, purpose="customer_support")
        assert [c["name"] for c in found["columns"]] == ["status", "orders"]
        (trust,) = found["trust"]
        assert (trust["product"], trust["version"]) == (ORDERS, "3.2.0")
        assert trust["knowledge"] != "never checked"
        assert call("query_data_products", sql=sql, purpose="reporting").is_error  # the grant is for its purpose alone

        # another caller sees columns withheld and masked, and is refused the one that is withheld
        seen = answer(
            "query_data_products", "devi", sql="SELECT * FROM sales.customer_interactions", purpose="modelling"
        )
        names = [c["name"] for c in seen["columns"]]
        assert "customer_email" in names
        assert "customer_phone" not in names
        (trust,) = seen["trust"]
        assert [c.rpartition(".")[2] for c in trust["withheld"]] == ["customer_phone"]
        assert {c.rpartition(".")[2]: m for c, m in trust["masked"].items()} == {"customer_email": "partial"}
        mails = [row[names.index("customer_email")] for row in seen["rows"]]
        assert all(m is None or "***" in m for m in mails)
        refused = call(
            "query_data_products",
            "devi",
            sql="SELECT customer_phone FROM sales.customer_interactions",
            purpose="modelling",
        )
        assert refused.is_error
        assert "customer_phone is withheld" in refused.content[0].text

        # a token that may only read neither sees nor calls the tools that ask
        async def tools(client):
            return {tool.name for tool in (await client.list_tools()).tools}

        assert not {"request_access", "query_data_products"} & talk(url, tools, "reader")
        assert talk(url, tools, "carlo") >= {"request_access", "query_data_products"}

    log = meshkit.access_log(meshkit.load(retail), "gus.governor@example.com")
    assert {"access.request", "access.approve", "access.read"} <= {e.action for e in log}
