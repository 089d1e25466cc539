"""`meshkit draft` and `meshkit init` as a person meets them: what is written, what is refused, and what stays when they fail."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from tests.in_process import meshkit

from meshkit.cli.new_files import write_new
from meshkit.errors import UsageError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a parquet, a CSV and a DuckDB file of two tables below `data`."""
    folder = tmp_path / "data"
    folder.mkdir()
    pq.write_table(pa.table({"id": [1, 2, 3], "total": [1.5, 2.0, None]}), folder / "orders.parquet")
    (folder / "customers.csv").write_text("id,name\n1,a\n2,b\n")
    with duckdb.connect(str(folder / "shop.duckdb")) as database:
        database.execute("CREATE TABLE items AS SELECT 1 AS id; CREATE TABLE orders AS SELECT 2 AS id")
    return tmp_path


def tree(folder: Path) -> dict[str, str | None]:
    return {
        str(p.relative_to(folder)): p.read_text() if p.is_file() and p.suffix in (".yaml", ".txt") else None
        for p in sorted(folder.rglob("*"))
    }


def test_a_draft_is_printed_to_be_saved_beside_the_data(data):
    done = meshkit("draft", "data/orders.parquet", cwd=data)
    assert (done.returncode, done.stderr) == (0, "")
    assert yaml.safe_load(done.stdout)["schema"]["location"] == "orders.parquet"
    (data / "data" / "orders.yaml").write_text(done.stdout)
    assert meshkit("check", "data/orders.yaml", cwd=data).returncode == 0


def test_a_draft_written_elsewhere_finds_its_data_from_there(data):
    args = [
        "--domain",
        "sales",
        "--owner",
        "blue",
        "--contact",
        "blue@example.com",
        "--name",
        "sold",
        "--description",
        "Sold: all",
    ]
    done = meshkit("draft", "data/orders.parquet", "-o", "contracts/sold.yaml", *args, cwd=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "drafted contracts/sold.yaml\n")
    document = yaml.safe_load((data / "contracts/sold.yaml").read_text())
    assert document["schema"]["location"] == "../data/orders.parquet"
    assert (document["name"], document["domain"], document["description"]) == ("sold", "sales", "Sold: all")
    assert document["owner"] == {"team": "blue", "contact": "blue@example.com"}
    assert document["status"] == "draft"
    assert meshkit("lint", "contracts", "--fail-on", "warning", cwd=data).returncode == 0
    done = meshkit("check", "contracts", "--format", "json", cwd=data)
    assert json.loads(done.stdout)["outcome"] == "passed"


def test_an_existing_contract_is_never_written_over(data):
    (data / "mine.yaml").write_text("mine")
    done = meshkit("draft", "data/orders.parquet", "-o", "mine.yaml", cwd=data)
    assert done.returncode == 2
    assert "already has mine.yaml; nothing was written" in done.stderr
    assert (data / "mine.yaml").read_text() == "mine"


def test_several_tables_are_several_files_in_a_folder(data):
    done = meshkit("draft", "data/shop.duckdb", "-o", "contracts/", cwd=data)
    assert done.returncode == 0
    assert sorted(p.name for p in (data / "contracts").iterdir()) == ["items.yaml", "orders.yaml"]
    assert meshkit("check", "contracts", cwd=data).returncode == 0
    done = meshkit("draft", "data/shop.duckdb", "-o", "one.yaml", cwd=data)
    assert (done.returncode, "gives 2 contracts" in done.stderr, (data / "one.yaml").exists()) == (2, True, False)
    done = meshkit("draft", "data/shop.duckdb", "--name", "x", cwd=data)
    assert (done.returncode, "cannot all be 'x'" in done.stderr) == (2, True)


def test_the_form_for_programs_pairs_the_contract_with_its_evidence(data):
    done = meshkit("draft", "data/orders.parquet", "--format", "json", cwd=data)
    (found,) = json.loads(done.stdout)["contracts"]
    assert found["file"] == "orders.yaml"
    assert found["contract"]["schema"]["fields"][0] == {"name": "id", "type": "integer", "is_primary_key": True}
    evidence = {e["path"]: e["text"] for e in found["evidence"]}
    assert evidence["schema.fields.0.is_primary_key"] == "unique and never NULL over all 3 rows (counted)"
    assert evidence["schema.fields.1"].startswith("1 of 3 rows are NULL (33.3%)")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["gone.parquet"], "'gone.parquet' is not there"),
        (["data/shop.duckdb#main.gone"], "no table 'main.gone'"),
        (["data/orders.parquet", "--name", "my product"], "name 'my product' is not a name"),
        (["data/orders.parquet", "--domain", "a b"], "domain 'a b' is not a name"),
        (["data/orders.parquet", "--contact", "blue"], "'blue' is not an e-mail address"),
        (["data/orders.parquet", "--format", "xml"], "xml"),
        (["data/notes.md"], "MK308"),
        (["data/broken.parquet"], "MK303"),
    ],
)
def test_bad_usage_exits_2_with_a_way_out_and_writes_nothing(data, args, said):
    (data / "data" / "notes.md").write_text("x")
    (data / "data" / "broken.parquet").write_text("x")
    before = tree(data)
    done = meshkit("draft", *args, "-o", "out.yaml", cwd=data)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(data) == before


def test_init_makes_a_mesh_that_passes_at_once(data):
    args = [
        "data/orders.parquet",
        "data/customers.csv",
        "data/shop.duckdb",
        "--into",
        "mesh",
        "--domain",
        "sales",
        "--owner",
        "blue",
    ]
    done = meshkit("init", *args, cwd=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "next: meshkit check mesh"
    mesh = data / "mesh"
    files = [
        ".github/workflows/meshkit.yaml", ".pre-commit-config.yaml", "organization.yaml", "sales/customers.yaml", "sales/items.yaml",
        "sales/orders.yaml", "sales/orders_2.yaml", "schemas/organization.schema.json", "schemas/product.schema.json",
    ]  # fmt: skip
    assert sorted(str(p.relative_to(mesh)) for p in mesh.rglob("*") if p.is_file()) == files
    assert meshkit("lint", "mesh", "--fail-on", "warning", cwd=data).returncode == 0
    report = json.loads(meshkit("check", "mesh", "--format", "json", cwd=data).stdout)
    assert (report["outcome"], len(report["products"])) == ("passed", 4)


def test_what_init_writes_is_valid_by_the_schemas_it_writes(data):
    meshkit("init", "data/orders.parquet", "--into", "mesh", cwd=data)
    for name, schema in (("default/orders", "product"), ("organization", "organization")):
        path = data / "mesh" / f"{name}.yaml"
        line = path.read_text().splitlines()[0]
        target = path.parent / line.removeprefix("# yaml-language-server: $schema=")
        assert target.resolve() == (data / "mesh" / "schemas" / f"{schema}.schema.json").resolve()
        jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(target.read_text()))


def test_the_hook_and_the_workflow_run_lint_and_check(data):
    meshkit("init", "data/orders.parquet", "--into", "mesh", cwd=data)
    hooks = yaml.safe_load((data / "mesh/.pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [h["entry"] for h in hooks] == ["meshkit lint .", "meshkit check ."]
    workflow = yaml.safe_load((data / "mesh/.github/workflows/meshkit.yaml").read_text())
    steps: list[dict[str, Any]] = workflow["jobs"]["contracts"]["steps"]
    runs = [s["run"] for s in steps if s.get("run", "").startswith("meshkit")]
    assert workflow["on"] == ["push", "pull_request"]
    for command in (*(h["entry"] for h in hooks), *runs):
        assert meshkit(*command.split()[1:], cwd=data / "mesh").returncode == 0


def test_init_below_a_repositorys_root_says_where_hook_and_workflow_belong(data):
    (data / ".git").mkdir()
    done = meshkit("init", "data/orders.parquet", "--into", "mesh", cwd=data)
    assert f"note: hook and workflow work from a repository's root; move them to {data}" in done.stdout
    done = meshkit("init", "data/orders.parquet", "--format", "json", cwd=data)
    found = json.loads(done.stdout)
    assert (found["folder"], found["products"]) == (".", ["default.orders"])
    assert "organization.yaml" in found["files"]


def test_init_refuses_a_folder_that_has_one_of_its_files_and_says_which(data):
    (data / "organization.yaml").write_text("mine")
    before = tree(data)
    done = meshkit("init", "data/orders.parquet", cwd=data)
    assert done.returncode == 2
    assert "already has organization.yaml; nothing was written" in done.stderr
    assert tree(data) == before


def test_init_into_a_folder_with_other_files_leaves_them(data):
    (data / "notes.txt").write_text("mine")
    assert meshkit("init", "data/orders.parquet", cwd=data).returncode == 0
    assert (data / "notes.txt").read_text() == "mine"
    assert meshkit("check", ".", cwd=data).returncode == 0


def test_init_with_one_bad_location_writes_nothing(data):
    before = tree(data)
    assert meshkit("init", "data/orders.parquet", "data/gone.csv", "--into", "mesh", cwd=data).returncode == 2
    (data / "s.sql").write_text("CREATE TABLE t (a int)")
    done = meshkit("init", "s.sql", "--into", "mesh", cwd=data)
    assert (done.returncode, "is no data" in done.stderr) == (2, True)
    (data / "s.sql").unlink()
    assert tree(data) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_files_are_there_all_or_none_however_far_it_came(tmp_path, monkeypatch, error, after):
    link, calls = os.link, []

    def failing(source, target):
        calls.append(target)
        if len(calls) > after:
            raise error
        link(source, target)

    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    monkeypatch.setattr(os, "link", failing)
    monkeypatch.setattr(
        Path, "rename", lambda self, target: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    before = tree(tmp_path)
    for folder in ("there", "new/deep"):
        calls.clear()
        with pytest.raises((KeyboardInterrupt, UsageError)):
            write_new(tmp_path / folder, {"a.yaml": "1", "sub/b.yaml": "2", "sub/c.yaml": "3"})
        assert tree(tmp_path) == before


def test_a_file_that_comes_to_be_meanwhile_is_not_written_over(tmp_path, monkeypatch):
    link = os.link

    def racing(source, target):
        if Path(target).name == "b.yaml":
            Path(target).write_text("theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", racing)
    with pytest.raises(UsageError, match="file exists"):
        write_new(tmp_path / "m", {"a.yaml": "1", "b.yaml": "2"})
    assert tree(tmp_path) == {"m": None, "m/b.yaml": "theirs"}
