"""Who asks, what he may know of, and search and decide as people call them. Expected values were worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_cli

import meshkit
from meshkit.accessing import principal_of, sight_of
from meshkit.arguments import moment
from meshkit.errors import UsageError

RETAIL = Path(__file__).parents[2] / "sample_data" / "retail"
ANA, FAY = "ana.analyst@example.com", "fay.controller@example.com"
PUBLIC = """
name: {name}
version: 1.0.0
domain: sales
description: {about}
classification: {classification}
schema: {{location: t.csv, alias: t, fields: [{{name: id, type: integer}}]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mesh = tmp_path / "mesh"
    mesh.mkdir()
    (mesh / "open.yaml").write_text(PUBLIC.format(name="open", about="Weather by day.", classification="public"))
    (mesh / "shut.yaml").write_text(PUBLIC.format(name="shut", about="Weather by spies.", classification="restricted"))
    return mesh


def test_a_principal_is_whom_the_file_knows(monkeypatch):
    retail = meshkit.load(RETAIL)
    assert principal_of(retail, ANA).roles == ("analyst",)
    assert not principal_of(retail, None, {}).is_known
    assert principal_of(retail, None, {"MESHKIT_PRINCIPAL": FAY}).domains == ("finance",)
    with pytest.raises(UsageError, match=f"did you mean '{ANA}'"):
        principal_of(retail, "ana.analist@example.com")
    given = meshkit.Principal(id="token", roles=("service",))
    assert principal_of(retail, given) is given


def test_without_a_file_everybody_is_known_by_name_and_has_no_role(folder):
    mesh = meshkit.load(folder)
    assert principal_of(mesh, "eve") == meshkit.Principal(id="eve")
    assert meshkit.decide(mesh, "eve", "sales.open").allowed


def test_what_one_may_not_know_of_is_not_there_in_the_same_words(folder):
    mesh = meshkit.load(folder)
    said = []
    for name in ("sales.shut", "sales.none"):
        with pytest.raises(UsageError) as error:
            meshkit.decide(mesh, "eve", name)
        said.append(str(error.value).replace(name, "X"))
    assert said[0] == said[1]
    assert [p.id for p in filter(sight_of(mesh, meshkit.Principal(id="eve"), moment(None)), mesh.products)] == [
        "sales.open"
    ]


def test_search_finds_only_what_one_may_know_of(folder):
    mesh = meshkit.load(folder)
    assert [h.product for h in meshkit.search(mesh, "weather", principal="eve").hits] == ["sales.open"]
    assert meshkit.search(mesh, "spies", principal="eve").hits == ()
    assert meshkit.search(mesh, "shut", principal="eve").hits == ()


def test_search_from_the_command_line():
    ran = run_cli("search", "custmer", "segment", "--mesh", RETAIL, "--as", ANA, "--format", "json")
    found = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert found["read_as"] == [{"written": "custmer", "read": "customer"}]
    assert found["hits"][0]["product"] in ("marketing.customer_segments", "sales.sales_orders_analytical")
    assert all({"text", "found"} == set(part) for h in found["hits"] for m in h["matched"] for part in m["parts"])
    text = run_cli("search", "ledger", "--mesh", RETAIL, "--as", FAY)
    assert text.returncode == 0
    assert text.stdout.startswith("finance.general_ledger 5.0.0")
    hidden = run_cli("search", "ledger", "--mesh", RETAIL)
    assert (hidden.returncode, hidden.stdout) == (1, "nothing found that you may know of\n")
    assert "searching as nobody" in hidden.stderr


def test_decide_from_the_command_line():
    ran = run_cli("decide", "sales.sales_orders", "--mesh", RETAIL, "--as", ANA, "--purpose", "reporting")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"allowed: {ANA} may read sales.sales_orders for reporting\n  yes  read.rule")
    ran = run_cli(
        "decide", "sales.sales_orders", "--mesh", RETAIL, "--as", ANA, "--action", "publish", "--format", "json"
    )
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["allowed"], [r["code"] for r in found["reasons"]]) == (1, False, ["write.no_rule"])
    assert found["reasons"][0]["place"]["file"].endswith("sales_orders.yaml")
    assert run_cli("decide", "finance.general_ledger", "--mesh", RETAIL, "--as", ANA).returncode == 2


def test_free_text_of_contracts_never_rewrites_a_terminal(folder):
    (folder / "open.yaml").write_text(
        PUBLIC.format(name="open", about='"weather \\x1b[2J\\x02\\x03 \\u202e"', classification="public")
    )
    ran = run_cli("search", "weather", "--mesh", folder, "--as", "eve")
    assert ran.returncode == 0
    assert not {"\x1b", "\x02", "\x03", "\u202e"} & set(ran.stdout)
