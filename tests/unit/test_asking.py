"""The doors of a mesh lead to the functions of the same names, with all that they were given."""

from pathlib import Path

import pytest

import meshkit

RETAIL = Path(__file__).parents[2] / "sample_data" / "retail"
ANA = "ana.analyst@example.com"


@pytest.fixture(scope="module")
def retail() -> meshkit.Mesh:
    return meshkit.load(RETAIL)


def test_a_mesh_searches_within_a_domain_a_tag_and_a_limit(retail: meshkit.Mesh) -> None:
    found = retail.search("orders", domain="sales", limit=2, principal=ANA)
    assert [h.domain for h in found.hits] == ["sales", "sales"]
    assert found == meshkit.search(retail, "orders", domain="sales", limit=2, principal=ANA)
    assert not retail.search("orders", tag="no such tag", principal=ANA).hits


def test_a_mesh_decides_with_everything_given_in_order(retail: meshkit.Mesh) -> None:
    decision = retail.decide(ANA, "sales.sales_orders", "read", "reporting", ["order_id"])
    assert decision.allowed
    assert decision.purpose == "reporting"
    assert not retail.decide(ANA, "sales.sales_orders", "read", "no such purpose").allowed


def test_a_mesh_asks_no_grants_where_it_is_given_none(retail: meshkit.Mesh) -> None:
    given = retail.decide(ANA, "sales.sales_orders", purpose="reporting", grants=())
    assert given == meshkit.decide(retail, ANA, "sales.sales_orders", purpose="reporting", grants=())
