"""One mesh, the same verdicts: over files, on Spark, and on ClickHouse."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
import yaml
from tests.engines.test_elsewhere import COUNTED, CUSTOMERS, FIELDS, NOW, ORDERS, QUERIES, numbers

import meshkit
from meshkit.engines.clickhouse import driver_of


@pytest.fixture
def shop(tmp_path):
    pq.write_table(ORDERS, tmp_path / "orders.parquet")
    pq.write_table(CUSTOMERS, tmp_path / "customers.parquet")
    keys = [{"name": "key", "type": "string"}, {"name": "region", "type": "string"}]
    sla = {"quality_checks": QUERIES, "freshness": {"max_age_hours": 24, "column": "day"}}
    for name, fields, more in (("orders", FIELDS, {"sla": sla}), ("customers", keys, {})):
        schema = {"alias": name, "location": f"{name}.parquet", "fields": fields}
        document = {"name": name, "version": "1.0.0", "domain": "d", "description": "x", "schema": schema, **more}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return meshkit.load(tmp_path)


def held_by_hand(found):
    for name, counted in COUNTED.items():
        assert found[name.removeprefix("orders.")] == counted, name


def test_spark_reads_the_files_of_contracts_and_gives_the_verdicts_of_duckdb(shop, spark_session):
    there = numbers(shop.check(now=NOW, engine=spark_session))
    held_by_hand(there)
    assert there == numbers(shop.check(now=NOW))


def test_clickhouse_gives_the_verdicts_of_duckdb(shop, chdb_session, monkeypatch):
    folder = shop.root
    chdb_session.query("CREATE DATABASE IF NOT EXISTS shop ENGINE = Atomic")
    for name in ("orders", "customers"):
        chdb_session.query(
            f"CREATE OR REPLACE TABLE shop.{name} ENGINE = Memory AS SELECT * FROM file('{folder / name}.parquet', Parquet)"
        )
    monkeypatch.setattr("meshkit.engines.placed.connect", lambda where, settings: driver_of(chdb_session, settings))
    (folder / "meshkit.yaml").write_text(
        "engines: {own: {url: 'chdb://'}}\nenvironments: {prod: {engine: own, schema: shop}}\n"
    )
    mesh = meshkit.load(folder)
    there = numbers(mesh.check(now=NOW, env="prod"))
    held_by_hand(there)
    assert there == numbers(mesh.check(now=NOW, engine="duckdb"))
