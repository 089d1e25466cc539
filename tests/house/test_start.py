"""What a command imports before it works: no room, and no library, that it does not need."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest

CONTRACT = """\
name: orders
version: 1.0.0
domain: sales
description: Orders.
owner: {team: sales}
schema:
  type: csv
  location: orders.csv
  fields:
    - name: id
      type: integer
      constraints: [not_null, unique, min: 1]
    - name: status
      type: string
      constraints:
        - in: [OPEN, SHUT]
sla:
  quality_checks:
    - {name: rows, query: SELECT count(*) FROM orders, must_be_greater_than: 0}
"""
OTHER_FORMS = {"meshkit.loading.odcs", "meshkit.loading.odps", "meshkit.loading.dcs", "meshkit.converting"}
OTHER_FILES = {"meshkit.model.organization", "meshkit.model.platform", "meshkit.model.governance"}
OTHER_VERBS = {"meshkit.change", "meshkit.export", "meshkit.drafting", "meshkit.run.show", "meshkit.run.profile"}
OTHER_COMMANDS = {"meshkit.cli.diff", "meshkit.cli.draft", "meshkit.cli.export", "meshkit.cli.init"}
OPTIMIZER = {f"sqlglot.optimizer.{part}" for part in ("optimizer", "qualify", "simplify", "annotate_types")}
OTHER_LIBRARIES = {
    "rich",
    "polars",
    "pandas",
    "marimo",
    "mcp",
    "pyarrow",
    "numpy",
    "sqlglot.dialects.postgres",
    *OPTIMIZER,
}


@pytest.fixture
def imported(tmp_path):
    """Return what runs a command over one native contract, and tells the modules that it imported."""
    (tmp_path / "orders.yaml").write_text(CONTRACT)
    (tmp_path / "orders.csv").write_text("id,status\n1,OPEN\n2,SHUT\n")

    def run(command, *options):
        code = (
            f"import sys; sys.argv = {['meshkit', command, str(tmp_path / 'orders.yaml'), *options]}\n"
            "from meshkit.cli.main import run\n"
            "print('ended with', run())\n"
            "print('modules', *sys.modules)"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        said, _, modules = ran.stdout.rpartition("modules ")
        return said, set(modules.split())

    return run


def within(modules, rooms):
    return {m for m in modules if any(m == room or m.startswith(f"{room}.") for room in rooms)}


@pytest.mark.parametrize("rooms", [OTHER_FORMS, OTHER_FILES, OTHER_VERBS, OTHER_COMMANDS, OTHER_LIBRARIES])
def test_a_check_of_a_native_contract_imports_nothing_it_does_not_need(imported, rooms):
    said, modules = imported("check")
    assert "ended with 0" in said
    assert "9 of 9 checks passed" in said
    assert "meshkit.loading.native" in modules
    assert not within(modules, rooms)


@pytest.mark.parametrize("command", ["lint", "list"])
def test_lint_and_list_import_no_arrow_and_no_other_forms(imported, command):
    said, modules = imported(command)
    assert "ended with 0" in said
    assert not within(modules, OTHER_FORMS | OTHER_FILES | OTHER_VERBS | {"pyarrow", "numpy", "rich"})


def test_an_import_of_the_library_imports_arrow_only_for_a_caller_who_hands_it_over():
    code = "import meshkit.mesh, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not within(ran.stdout.split(), {"pyarrow", "numpy", "pandas", "rich", "typer"})


def test_help_imports_no_engine_and_no_form(imported):
    said, modules = imported("--help")
    assert "check" in said
    assert "convert" in said
    assert not within(modules, {"duckdb", "sqlglot", "pyarrow", "yaml", "meshkit.mesh", "meshkit.loading"})


def test_a_key_that_is_proved_by_its_hashes_imports_arrow_and_no_pandas(imported, tmp_path):
    rows = "SELECT i AS id, CASE WHEN i % 2 = 0 THEN 'OPEN' ELSE 'SHUT' END AS status FROM range(400000) r(i)"
    duckdb.sql(f"COPY ({rows}) TO '{tmp_path / 'orders.parquet'}' (FORMAT parquet)")
    written = CONTRACT.replace("csv", "parquet").replace("min: 1", "min: 0")
    (tmp_path / "orders.yaml").write_text(written)
    said, modules = imported("check")
    assert "9 of 9 checks passed" in said
    assert "pyarrow" in modules
    assert "pandas" not in modules
