"""`meshkit export`: one document on standard output, several in a folder, and nothing of others overwritten."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import meshkit
from meshkit.cli.main import command_line

FIELDS = [{"name": "id", "type": "integer", "constraints": ["not_null", {"min": {"value": 1, "severity": "info"}}]}]


@pytest.fixture
def run(mesh, contract, tmp_path):
    mesh(contract(FIELDS))
    return lambda *arguments: CliRunner().invoke(
        command_line(), ["export", "d.p", "--mesh", str(tmp_path / "mesh"), *arguments]
    )


def test_a_document_goes_to_standard_output_and_what_is_not_held_to_standard_error(run):
    ran = run("--to", "sql", "--dialect", "postgres")
    assert ran.exit_code == 0
    assert '"id" BIGINT NOT NULL' in ran.stdout
    assert ran.stderr == "not held by sql: t.id.min: missing it only warns (severity info)\n"


def test_json_says_the_same(run):
    told = json.loads(run("--to", "json-schema", "--format", "json").stdout)
    assert list(told) == ["product", "target", "documents", "not_held"]
    assert json.loads(told["documents"]["t.schema.json"])["required"] == ["id"]
    assert told["not_held"] == [{"subject": "t.id.min", "reason": "missing it only warns (severity info)"}]


def test_a_second_export_changes_nothing_and_a_strangers_file_is_left_alone(run, tmp_path):
    folder = tmp_path / "out"
    assert run("--to", "markdown", "-o", str(folder)).exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == ["CHANGELOG.md", "README.md", "SCHEMA.md", "SLA.md"]
    assert run("--to", "markdown", "-o", str(folder)).stderr.count("unchanged") == 4
    (folder / "README.md").write_text("mine")
    (folder / "SLA.md").unlink()
    refused = run("--to", "markdown", "-o", str(folder))
    assert refused.exit_code == 2
    assert not (folder / "SLA.md").exists()
    assert (folder / "README.md").read_text() == "mine"
    assert run("--to", "markdown", "-o", str(folder), "--force").exit_code == 0
    assert (folder / "README.md").read_text() != "mine"
    assert sorted(p.name for p in folder.iterdir()) == ["CHANGELOG.md", "README.md", "SCHEMA.md", "SLA.md"]


def test_one_document_goes_to_a_file(run, tmp_path):
    assert run("--to", "dbt", "-o", str(tmp_path / "p.yml")).exit_code == 0
    assert (tmp_path / "p.yml").read_text().startswith("# Written by meshkit export --to dbt")
    assert run("--to", "markdown", "-o", str(tmp_path / "p.md")).exit_code == 2


def test_a_contracts_file_stands_for_its_product(run, tmp_path):
    ran = CliRunner().invoke(command_line(), ["export", str(tmp_path / "mesh/product_0.yaml"), "--to", "json-schema"])
    assert json.loads(ran.stdout)["title"] == "t"


def test_an_unknown_dialect_or_table_is_said_with_the_near_one(mesh, contract):
    product = mesh(contract(FIELDS)).product("d.p")
    with pytest.raises(meshkit.UsageError, match="did you mean 'postgres'"):
        product.export("sql", dialect="postgre")
    with pytest.raises(meshkit.UsageError, match="no table 'x'"):
        product.export("sql", table="x")
    with pytest.raises(meshkit.UsageError, match="did you mean 'markdown'"):
        product.export("markdwn")


def test_a_contract_with_errors_is_not_written(mesh, contract):
    product = mesh(contract([{"name": "id", "type": "intger"}])).product("d.p")
    with pytest.raises(meshkit.ContractError, match="has errors"):
        product.export("sql")


def test_the_text_is_what_str_gives(mesh, contract):
    made = mesh(contract(FIELDS)).product("p").export("sql")
    assert str(made) == made.files["p.sql"]
