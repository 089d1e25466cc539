"""Servers of contracts: where engines are, what their tables are called, and secrets that do not belong there."""

from __future__ import annotations

import pytest
import yaml

from meshkit.loading.odcs.engines import server_of
from meshkit.loading.odcs.form import ServerForm

ODCS = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "shop",
    "name": "shop",
    "domain": "sales",
    "version": "1.0.0",
    "status": "active",
    "schema": [
        {"name": "orders", "physicalName": "tbl_orders", "properties": [{"name": "id", "logicalType": "integer"}]}
    ],
}
POSTGRES = {"server": "prod", "type": "postgres", "host": "db", "port": 5432, "database": "shop", "schema": "public"}


def odcs(*servers: dict[str, object], **keys: object) -> str:
    return yaml.safe_dump({**ODCS, "servers": list(servers), **keys}, sort_keys=False)


@pytest.mark.parametrize(
    ("keys", "url", "schema"),
    [
        ({"type": "postgres", "host": "db", "port": "5432", "database": "shop", "schema": "public"}, "postgresql://db:5432/shop", ("public",)),
        ({"type": "redshift", "host": "c.aws", "database": "dev", "schema": "mart"}, "redshift://c.aws/dev", ("mart",)),
        ({"type": "snowflake", "account": "acme-eu", "database": "SHOP", "schema": "MART", "warehouse": "WH"}, "snowflake://acme-eu/SHOP/MART?warehouse=WH", ("SHOP", "MART")),
        ({"type": "bigquery", "project": "gcp", "dataset": "mart"}, "bigquery://gcp/mart", ("gcp", "mart")),
        ({"type": "databricks", "host": "adb.net", "catalog": "main", "schema": "mart"}, "databricks://adb.net?catalog=main&schema=mart", ("main", "mart")),
        ({"type": "clickhouse", "host": "ch", "port": "8123", "database": "shop"}, "clickhouse://ch:8123/shop", ("shop",)),
        ({"type": "mysql", "host": "db", "port": "3306", "database": "shop"}, "mysql://db:3306/shop", ("shop",)),
        ({"type": "sqlserver", "host": "sql", "port": "1433", "database": "shop", "schema": "dbo"}, "mssql://sql:1433/shop", ("dbo",)),
        ({"type": "trino", "host": "t", "port": "8080", "catalog": "hive", "schema": "mart"}, "trino://t:8080/hive/mart", ("hive", "mart")),
        ({"type": "athena", "catalog": "awsdatacatalog", "schema": "mart", "regionName": "eu-west-1", "stagingDir": "s3://b/r/"}, "athena://eu-west-1/awsdatacatalog/mart?s3_staging_dir=s3:%2F%2Fb%2Fr%2F", ("awsdatacatalog", "mart")),
        ({"type": "oracle", "host": "ora", "port": "1521", "serviceName": "ORCL"}, "oracle://ora:1521?service_name=ORCL", ()),
        ({"type": "postgres", "host": "${DB_HOST}", "database": "${DB:-shop}", "schema": "s"}, "postgresql://${DB_HOST}/${DB:-shop}", ("s",)),
    ],
)  # fmt: skip
def test_a_server_is_a_url_without_credentials_and_the_place_of_its_tables(keys, url, schema):
    found = server_of(ServerForm(server="prod", **keys))
    assert (found.name, found.url, found.schema_parts) == ("prod", url, schema)


@pytest.mark.parametrize(
    "keys", [{"type": "kafka", "host": "k"}, {"type": "s3", "location": "s3://b"}, {"type": "postgres"}]
)
def test_what_no_statement_can_be_sent_to_is_no_engine(keys):
    assert server_of(ServerForm(server="prod", **keys)) is None


def test_a_contract_on_an_engine_says_how_its_table_could_be_read(mesh):
    loaded = mesh(odcs(POSTGRES))
    contract = loaded.product("sales.shop").contract
    assert contract.server.url == "postgresql://db:5432/shop"
    found = loaded.target(loaded.product("sales.shop")).namespace.resolve("orders")
    assert (found.engine, found.location) == ("", "")
    for words in (
        "server 'prod' is of type postgres",
        "engine 'prod' in meshkit.yaml",
        "MESHKIT_PROD_USER",
        "MESHKIT_PROD_PASSWORD",
    ):
        assert words in found.unreadable


def test_a_check_of_such_a_table_is_errored_with_the_way_out(mesh):
    verdicts = mesh(odcs(POSTGRES)).check().verdicts
    assert {str(v.outcome) for v in verdicts} == {"errored"}
    assert all("MESHKIT_PROD_USER" in v.message for v in verdicts)


def test_files_are_read_before_engines_and_engines_before_what_is_neither(mesh):
    local = {"server": "dev", "type": "local", "path": "orders.parquet", "format": "parquet"}
    kafka = {"server": "topic", "type": "kafka", "host": "k"}
    assert mesh(odcs(POSTGRES, local)).product("sales.shop").contract.server is None
    assert mesh(odcs(kafka, POSTGRES)).product("sales.shop").contract.server.name == "prod"


def test_a_contract_of_the_older_specification_has_servers_too(mesh):
    dcs = {
        "dataContractSpecification": "1.2.1",
        "id": "shop",
        "info": {"title": "shop", "version": "1.0.0"},
        "servers": {"prod": {"type": "postgres", "host": "db", "port": 5432, "database": "shop", "schema": "public"}},
        "models": {"orders": {"fields": {"id": {"type": "integer"}}}},
    }
    (product,) = mesh(yaml.safe_dump(dcs)).products
    assert product.contract.server.url == "postgresql://db:5432/shop"


SECRET = "hunter2"


@pytest.mark.parametrize(
    "server",
    [
        {**POSTGRES, "password": SECRET},
        {**POSTGRES, "host": f"me:{SECRET}@db"},
        {**POSTGRES, "customProperties": [{"property": "password", "value": SECRET}]},
        {**POSTGRES, "customProperties": [{"property": "apiToken", "value": SECRET}]},
        {"server": "s", "type": "s3", "location": f"https://me:{SECRET}@bucket/x.parquet", "format": "parquet"},
    ],
)
def test_a_secret_in_a_server_is_an_error_that_does_not_show_it(mesh, server):
    found = [p for p in mesh(odcs(server)).lint() if p.code == "MK160"]
    assert [str(p.severity) for p in found] == ["error"]
    assert SECRET not in str(found)
    assert found[0].product == "sales.shop"


@pytest.mark.parametrize("version", ["v3.0.2", "v3.2.0"])
def test_a_password_is_an_error_in_every_version_of_the_standard(mesh, version):
    text = odcs({**POSTGRES, "password": SECRET}, apiVersion=version)
    assert [p.code for p in mesh(text).lint() if str(p.severity) == "error"] == ["MK160"]


def test_a_secret_in_a_server_of_the_older_specification_is_an_error_too(mesh):
    dcs = {
        "dataContractSpecification": "1.2.1",
        "id": "shop",
        "info": {"title": "shop", "version": "1.0.0"},
        "servers": {
            "prod": {"type": "postgres", "host": "db", "port": 5432, "database": "s", "schema": "p", "password": SECRET}
        },
        "models": {"orders": {"fields": {"id": {"type": "integer"}}}},
    }
    found = [p for p in mesh(yaml.safe_dump(dcs)).lint() if str(p.severity) == "error"]
    assert [p.code for p in found] == ["MK160"]
    assert SECRET not in str(found)


def test_a_variable_in_the_place_of_a_secret_is_none(mesh):
    server = {**POSTGRES, "customProperties": [{"property": "password", "value": "${PW}"}]}
    assert not [p for p in mesh(odcs(server)).lint() if p.code == "MK160"]


@pytest.mark.parametrize(
    "keys",
    [
        {"schema": {"location": f"https://me:{SECRET}@host/x.csv"}},
        {"inputs": {"c": f"https://host/x.csv?token={SECRET}"}},
    ],
)
def test_a_secret_in_a_native_location_is_an_error_that_does_not_show_it(mesh, contract, keys):
    found = [p for p in mesh(contract([{"name": "a"}], **keys)).lint() if str(p.severity) == "error"]
    assert [p.code for p in found] == ["MK160"]
    assert SECRET not in str(found)
