"""Where a table lies: by which name in an engine, or at which location."""

from __future__ import annotations

import pytest

from meshkit.errors import ContractError
from meshkit.model.catalog import Catalog, Entry, head_of
from meshkit.model.contract import Contract
from meshkit.model.namespace import Namespace, NoFiles, Overrides
from meshkit.model.placement import Placement, parse_dotted
from meshkit.model.server import Server
from meshkit.model.table import Column, Table
from meshkit.model.variables import Variables


def table(name: str = "orders", **keys: object) -> Table:
    return Table(name=name, **{"names": (name,), **keys})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("orders", ("orders",)),
        ("analytics.orders_v2", ("analytics", "orders_v2")),
        ("my-project.shop.orders", ("my-project", "shop", "orders")),
        ('shop."orders.2024"', ("shop", "orders.2024")),
        ('"say ""hi"""."t"', ('say "hi"', "t")),
        ("`my.project`.t", ("my.project", "t")),
        ('"order lines"', ("order lines",)),
    ],
)
def test_a_name_is_taken_apart_at_its_dots(text, parts):
    assert parse_dotted(text) == parts


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "order lines", 'a."b', 'a"b"'])
def test_what_is_no_name_of_a_table_is_refused(text):
    with pytest.raises(ContractError) as error:
        parse_dotted(text)
    assert error.value.code == "MK111"


WAREHOUSE = Placement(engine="warehouse", schema_parts=("analytics",))


def test_an_unlisted_table_is_called_as_in_its_contract_in_the_schema_of_the_environment():
    assert WAREHOUSE.parts_of("sales.orders", table()) == ("analytics", "orders")
    assert Placement(engine="warehouse").parts_of("sales.orders", table()) == ("orders",)


def test_the_physical_name_comes_before_the_tables_own():
    assert WAREHOUSE.parts_of("sales.orders", table(physical_name="tbl_orders")) == ("analytics", "tbl_orders")
    assert WAREHOUSE.parts_of("sales.orders", table(physical_name="core.tbl")) == ("core", "tbl")
    assert WAREHOUSE.parts_of("sales.orders", table(physical_name="Order Lines")) == ("analytics", "Order Lines")


def test_a_native_location_of_type_table_is_a_physical_name_and_a_file_is_none():
    assert WAREHOUSE.parts_of("s.p", table("p", location="core.tbl", format="table")) == ("core", "tbl")
    assert WAREHOUSE.parts_of("s.p", table("p", location="tbl", format="table")) == ("analytics", "tbl")
    assert WAREHOUSE.parts_of("s.p", table("p", location="x.duckdb#main.tbl", format="table")) == ("analytics", "p")
    assert WAREHOUSE.parts_of("s.p", table("p", location="orders.parquet", format="parquet")) == ("analytics", "p")


def test_the_narrowest_listed_name_holds_whatever_its_case():
    tables = {
        "orders": ("by_table",),
        "sales.shop": ("by_product", "t"),
        "sales.shop.orders": ("by_both", "t"),
        "sales.shop@2.0.0.orders": ("by_version", "t"),
    }
    placement = Placement(engine="w", schema_parts=("s",), tables=tables)
    assert placement.parts_of("sales.shop@2.0.0", table("Orders")) == ("by_version", "t")
    assert placement.parts_of("sales.shop@1.0.0", table("Orders")) == ("by_both", "t")
    assert placement.parts_of("crm.other@1.0.0", table("Orders")) == ("s", "by_table")


def test_a_product_that_is_listed_means_the_table_that_is_called_as_it_is():
    placement = Placement(engine="w", tables={"sales.shop": ("a", "b")})
    assert placement.parts_of("sales.shop", table("shop")) == ("a", "b")
    assert placement.parts_of("sales.shop", table("t", names=("t", "shop"))) == ("a", "b")
    assert placement.parts_of("sales.shop", table("orders")) == ("orders",)


@pytest.mark.parametrize(
    ("prefix", "location", "expected"),
    [
        ("./data", "orders/*.parquet", ("./data/orders/*.parquet", "/etc")),
        ("/srv/data/", "./orders.csv", ("/srv/data/orders.csv", "/etc")),
        ("s3://lake/prod/", "./orders/*.parquet", ("s3://lake/prod/orders/*.parquet", "")),
        ("s3://lake/prod", "../dev/orders.csv", ("s3://lake/dev/orders.csv", "")),
        ("s3://lake", "s3://other/orders.csv", ("s3://other/orders.csv", "/mesh")),
        ("s3://lake", "/srv/orders.csv", ("/srv/orders.csv", "/mesh")),
        ("s3://lake", "~/orders.csv", ("~/orders.csv", "/mesh")),
        ("s3://lake", "C:\\orders.csv", ("C:\\orders.csv", "/mesh")),
        ("s3://lake", "", ("", "/mesh")),
        ("", "orders.csv", ("orders.csv", "/mesh")),
    ],
)
def test_the_prefix_stands_before_relative_locations_alone(prefix, location, expected):
    found = Placement(location_prefix=prefix, base="/etc").located(location, "/mesh")
    assert (found.location, found.base, found.unreadable) == (*expected, "")


def test_a_location_does_not_lead_out_of_the_bucket_of_a_prefix():
    found = Placement(location_prefix="s3://lake/prod").located("../../other/orders.csv", "/mesh")
    assert "leads out" in found.unreadable
    assert not found.location


POSTGRES = Server(name="prod-eu", type="postgres", url="postgresql://db/shop", schema_parts=("public",))


def test_a_contracts_server_is_reached_by_credentials_or_by_an_engine_of_its_name():
    assert Placement().engine_of(POSTGRES) == ""
    assert Placement(servers={"PROD_EU": ""}).engine_of(POSTGRES) == "prod-eu=postgresql://db/shop"
    assert Placement(servers={"PROD_EU": "prod-eu"}).engine_of(POSTGRES) == "prod-eu"
    assert Placement(engine="duckdb", servers={"PROD_EU": ""}).engine_of(POSTGRES) == ""
    assert Placement(ambient=("postgresql",)).engine_of(POSTGRES) == "prod-eu=postgresql://db/shop"


def namespace(
    placement: Placement | None, *, contract: Contract | None = None, given: dict[str, str] | None = None
) -> Namespace:
    contract = contract or Contract(
        name="shop",
        domain="sales",
        version="1.0.0",
        tables=(table(location="orders.parquet", columns=(Column(name="id", type="integer"),)),),
        inputs={"customers": "../crm/customers.parquet"},
    )
    catalog = Catalog([Entry(head_of(contract), lambda: contract)])
    return Namespace(
        contract, catalog, NoFiles(), Overrides(given or {}, "/here"), Variables({"WHERE": "eu"}), placement
    )


def test_without_a_placement_tables_are_where_the_contract_says():
    found = namespace(None).resolve("orders")
    assert (found.location, found.engine, found.parts) == ("orders.parquet", "", ())


def test_a_placed_engine_holds_tables_and_no_files_of_inputs_and_knows_where_their_files_would_be():
    here = namespace(WAREHOUSE)
    found = here.resolve("orders")
    assert (found.id, found.location, found.engine, found.parts) == (
        "sales.shop.orders", "orders.parquet", "warehouse", ("analytics", "orders"),
    )  # fmt: skip
    assert found.types == (("id", "integer"),)
    assert (here.resolve("customers").location, here.resolve("customers").engine) == ("../crm/customers.parquet", "")


def test_what_is_given_for_a_table_is_read_whatever_the_placement():
    found = namespace(WAREHOUSE, given={"orders": "copy.parquet"}).resolve("orders")
    assert (found.location, found.base, found.engine, found.parts) == ("copy.parquet", "/here", "", ())


def test_a_prefix_stands_before_tables_and_inputs_and_may_hold_variables():
    here = namespace(Placement(location_prefix="s3://${WHERE}/prod"))
    assert here.resolve("orders").location == "s3://eu/prod/orders.parquet"
    assert here.resolve("customers").location == "s3://eu/crm/customers.parquet"


def test_a_prefix_whose_variable_has_no_value_makes_its_tables_unreadable():
    found = namespace(Placement(location_prefix="${NOWHERE}")).resolve("orders")
    assert "NOWHERE" in found.unreadable


def test_a_duckdb_file_holds_the_tables_of_its_schema():
    placement = Placement(engine="duckdb", database="shop.duckdb", base="/mesh", schema_parts=("main",))
    found = namespace(placement).resolve("orders")
    assert (found.location, found.base, found.format, found.engine) == ("shop.duckdb#main.orders", "/mesh", "table", "")
    odd = placement.model_copy(update={"tables": {"orders": ("a", "b", "c")}})
    assert "cannot be looked up" in namespace(odd).resolve("orders").unreadable


def test_a_contracts_server_gives_engine_and_schema_where_it_can_be_reached():
    there = table(unreadable="server 'prod-eu' is of type postgres")
    contract = Contract(name="shop", domain="sales", version="1.0.0", tables=(there,), server=POSTGRES)
    reached = namespace(Placement(servers={"PROD_EU": "prod-eu"}), contract=contract).resolve("orders")
    assert (reached.engine, reached.parts, reached.unreadable) == ("prod-eu", ("public", "orders"), "")
    not_reached = namespace(Placement(), contract=contract).resolve("orders")
    assert (not_reached.engine, not_reached.unreadable) == ("", "server 'prod-eu' is of type postgres")


def test_the_same_relation_has_the_same_hash_and_another_engine_another():
    one, same = namespace(WAREHOUSE).resolve("orders"), namespace(WAREHOUSE).resolve("orders")
    other = namespace(Placement(engine="other")).resolve("orders")
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
