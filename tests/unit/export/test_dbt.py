"""The dbt file: its structure by hand, against what dbt documents, and dbt's own parser where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
import yaml

from meshkit.export.dbt import dbt_file
from meshkit.model.contract import Contract, Owner, QualityCheck
from meshkit.model.table import Column, Constraint, Severity, Table


def has(kind: str, *values: str, **options) -> Constraint:
    return Constraint(kind=kind, values=values, **options)


CUSTOMERS = Table(
    name="customers", names=("customers",), primary_key=("id",), columns=(Column(name="id", type="integer"),)
)
ORDERS = Table(
    name="orders",
    names=("orders",),
    description="Uses {{ env_var('SECRET') }} and {% raw %}",
    columns=(
        Column(name="id", type="integer", constraints=(has("not_null"), has("unique"), has("min", "1"))),
        Column(name="state", type="string", constraints=(has("in", "it's", "b", severity=Severity.WARNING),)),
        Column(name="level", type="integer", constraints=(has("in", "1", "2"),)),
        Column(name="customer id", type="integer", unit="n", constraints=(has("references", "customers", "id"),)),
        Column(name="note", type="string", constraints=(has("not_null", threshold="10", where="id > 5"),)),
        Column(name="loose", type="string", constraints=(has("not_null", threshold="2%"),)),
    ),
)
CONTRACT = Contract(
    name="p", version="1.0.0", domain="d", owner=Owner(team="t"), tables=(CUSTOMERS, ORDERS),
    quality_checks=(QualityCheck(name="sums", query="SELECT 0"),),
)  # fmt: skip


def models(dialect: str = "postgres") -> dict[str, dict]:
    text, _ = dbt_file(CONTRACT, CONTRACT.tables, dialect)
    return {m["name"]: m for m in yaml.safe_load(text)["models"]}


def columns(model: dict) -> dict[str, dict]:
    return {c["name"]: c for c in model["columns"]}


def test_tests_take_their_arguments_and_config_as_dbt_documents_them():
    found = columns(models()["orders"])
    assert found["id"]["data_tests"] == ["not_null", "unique"]
    assert found["state"]["data_tests"] == [
        {"accepted_values": {"arguments": {"values": ["it''s", "b"]}, "config": {"severity": "warn"}}}
    ]
    assert found["level"]["data_tests"] == [{"accepted_values": {"arguments": {"values": [1, 2], "quote": False}}}]
    assert found["customer id"]["data_tests"] == [
        {"relationships": {"arguments": {"to": "ref('customers')", "field": "id"}}}
    ]
    assert found["note"]["data_tests"] == [
        {"not_null": {"config": {"where": "id > 5", "warn_if": ">10", "error_if": ">10"}}}
    ]
    assert "data_tests" not in found["loose"]
    assert found["customer id"]["quote"] is True


def test_the_contract_is_enforced_with_types_and_constraints_of_the_dialect():
    found = models()
    assert found["orders"]["config"]["contract"] == {"enforced": True}
    assert found["customers"]["constraints"] == [{"type": "primary_key", "columns": ["id"]}]
    assert columns(found["orders"])["id"]["constraints"] == [
        {"type": "not_null"},
        {"type": "check", "expression": '"id" >= 1'},
    ]
    assert columns(models("bigquery")["orders"])["id"]["data_type"] == "INT64"


def test_what_dbt_has_no_words_for_is_listed_and_kept_in_meta():
    _, left = dbt_file(CONTRACT, CONTRACT.tables, "snowflake")
    assert {n.subject for n in left} == {"customers.sums", "orders.id.min", "orders.loose.not_null"}
    told = models()["orders"]["config"]["meta"]["meshkit"]["not_tested_by_dbt"]
    assert told == ["loose.not_null: dbt core counts rows and knows no threshold of 2%"]


def test_a_column_without_a_type_leaves_the_contract_unenforced():
    table = Table(name="t", names=(), columns=(Column(name="a"),))
    text, left = dbt_file(CONTRACT, (table,), "duckdb")
    assert yaml.safe_load(text)["models"][0]["config"]["contract"] == {"enforced": False}
    assert "not enforced" in str(left[0])


def test_a_contracts_text_is_no_template():
    assert models()["orders"]["description"] == "Uses {{ '{{' }} env_var('SECRET') }} and {{ '{%' }} raw %}"


def test_dbt_parses_the_file(tmp_path):
    dbt = shutil.which("dbt")
    if dbt is None:
        pytest.skip("dbt is not installed here (dbt-core, dbt-duckdb)")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/p.yml").write_text(dbt_file(CONTRACT, CONTRACT.tables, "duckdb")[0])
    (tmp_path / "models/customers.sql").write_text("{{ config(materialized='table') }} SELECT CAST(1 AS BIGINT) AS id")
    (tmp_path / "models/orders.sql").write_text(
        "{{ config(materialized='table') }} SELECT CAST(1 AS BIGINT) AS id, 'it''s' AS state, CAST(1 AS BIGINT) AS level, "
        "CAST(1 AS BIGINT) AS \"customer id\", 'x' AS note, 'y' AS loose -- {{ ref('customers') }}"
    )
    (tmp_path / "dbt_project.yml").write_text(
        "name: x\nversion: '1.0'\nprofile: x\nflags: {send_anonymous_usage_stats: false}\n"
    )
    (tmp_path / "profiles.yml").write_text("x: {target: a, outputs: {a: {type: duckdb, path: x.duckdb}}}\n")
    for command in ("parse", "build"):
        ran = subprocess.run(
            [dbt, "--warn-error-options", "{error: [Deprecations]}", command, "--project-dir", ".", "--profiles-dir", "."],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout
    manifest = json.loads((tmp_path / "target/manifest.json").read_text())
    assert manifest["nodes"]["model.x.orders"]["contract"]["enforced"] is True
    assert manifest["nodes"]["model.x.orders"]["description"] == "Uses {{ env_var('SECRET') }} and {% raw %}"
    assert sum(n["resource_type"] == "test" for n in manifest["nodes"].values()) == 8
