"""`meshkit diff`: what it prints, what it writes, and how it exits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.in_process import meshkit

OLD = """\
name: orders
version: 2.0.0
domain: sales
description: All orders.
owner: {team: shop, contact: shop@example.com}
schema:
  location: orders.parquet
  fields:
    - {name: order_id, type: string}
    - {name: customer_id, type: "decimal(10,0)"}
    - {name: note, type: string}
"""
RENAMED = OLD.replace("{name: customer_id,", "{name: client_id, renamed_from: customer_id,").replace(
    "    - {name: note, type: string}\n", ""
)


@pytest.fixture
def diff(tmp_path, monkeypatch):
    """Run the command in a folder with old.yaml, new.yaml and same.yaml."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(RENAMED.replace("2.0.0", "2.0.1"))
    (tmp_path / "same.yaml").write_text(OLD)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return meshkit("diff", *arguments, cwd=tmp_path)

    run.folder = tmp_path
    return run


def test_what_breaks_comes_first_with_its_place_and_what_blocks_it(diff):
    done = diff("old.yaml", "new.yaml")
    assert done.returncode == 1, done.stderr
    assert (
        done.stdout
        == """\
sales.orders 2.0.0 -> 2.0.1 · major, computed 3.0.0
  breaking  C01  field note was removed  old.yaml:11:7
                 deprecate it first, and keep the old version in parallel
  breaking  C02  field customer_id was renamed to client_id: renamed_from says so  new.yaml:10:7
                 a view with client_id AS customer_id keeps readers going: --compat-view
  blocked  new.yaml:2:1: MK501 version 2.0.1 is below the computed 3.0.0; raise it to 3.0.0, which also needs a deprecation of 30 days; or take the breaking change back

blocked by 1 problem: 2 breaking for the consumer
"""
    )


def test_the_same_is_compatible(diff):
    done = diff("old.yaml", "same.yaml")
    assert (done.returncode, done.stdout) == (0, "compatible: nothing changed for the consumer\n")


def test_json_has_the_documented_keys(diff):
    found = json.loads(diff("old.yaml", "new.yaml", "--format", "json").stdout)
    assert list(found) == ["perspective", "blocked", "products", "problems"]
    (product,) = found["products"]
    assert {k: v for k, v in product.items() if not isinstance(v, list)} == {
        "product": "sales.orders", "old_version": "2.0.0", "new_version": "2.0.1", "computed_version": "3.0.0", "bump": "major", "unstable": False,
    }  # fmt: skip
    assert product["changes"][0] == {
        "id": "C01",
        "path": "schema.fields.note",
        "direction": "loosens",
        "consumer": "breaking",
        "producer": "additive",
        "bump": "major",
        "message": "field note was removed",
        "hint": "deprecate it first, and keep the old version in parallel",
        "old_place": {"file": "old.yaml", "line": 11, "column": 7},
        "new_place": None,
        "decision": None,
        "readers": None,
    }
    page = (Path(__file__).parents[3] / "docs" / "changes.md").read_text()
    for key in (*found, *product, *product["changes"][0]):
        assert f"`{key}`" in page, f"docs/changes.md does not name {key}"


def test_github_shows_it_beside_the_lines(diff):
    lines = diff("old.yaml", "new.yaml", "--format", "github").stdout.splitlines()
    assert lines[0].startswith(
        "::error file=new.yaml,line=2,col=1,title=MK501::version 2.0.1 is below the computed 3.0.0"
    )
    assert lines[1] == "::warning file=new.yaml,line=2,col=1,title=sales.orders C01 breaking::field note was removed"
    assert lines[2].startswith(
        "::warning file=new.yaml,line=10,col=7,title=sales.orders C02 breaking::field customer_id was renamed"
    )


def test_markdown_is_a_table_that_contracts_cannot_break(diff):
    (diff.folder / "new.yaml").write_text(
        OLD.replace("order_id, type: string", 'order_id, type: string, unit: "a | <b>"')
    )
    text = diff("old.yaml", "new.yaml", "--format", "markdown").stdout
    assert text.startswith("## ❌ meshkit diff: blocked by 1 problem")
    row = next(line for line in text.splitlines() if "T10" in line)
    assert row == "| ✅ additive | T10 | the unit of order\\_id changed to a \\| &lt;b&gt; | `new.yaml:9:38` |"


def test_the_view_serves_the_old_names_and_runs(diff):
    import duckdb

    done = diff("old.yaml", "new.yaml", "--compat-view", "view.sql")
    assert done.returncode == 1
    text = (diff.folder / "view.sql").read_text()
    assert "-- customer_id is client_id now." in text
    assert "-- note is gone: its values cannot be brought back, so it is NULL." in text
    with duckdb.connect() as database:
        database.execute("CREATE TABLE orders AS SELECT 'o1' AS order_id, 7::DECIMAL(10,0) AS client_id")
        database.execute(text)
        answer = database.execute("SELECT order_id, customer_id, note FROM orders_v2")
        assert [c[0] for c in answer.description] == ["order_id", "customer_id", "note"]
        assert answer.fetchall() == [("o1", 7, None)]


def test_no_view_is_written_where_no_name_is_lost(diff):
    done = diff("old.yaml", "same.yaml", "--compat-view", "view.sql")
    assert "view.sql was not written" in done.stderr
    assert not (diff.folder / "view.sql").exists()


def test_the_guide_has_a_line_for_each_breaking_change(diff):
    diff("old.yaml", "new.yaml", "--migration-guide", "guide.md")
    text = (diff.folder / "guide.md").read_text()
    assert text.startswith("# From orders 2.0.0 to 2.0.1\n")
    assert "| `schema.fields.note` | field note was removed | TODO |" in text
    assert '"orders"."client_id" AS "customer_id"' in text
    assert text.endswith("Questions: shop, shop@example.com\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["old.yaml"], "give OLD and NEW, or --against REV"),
        (["old.yaml", "nope.yaml"], "'nope.yaml' is not there"),
        (["old.yaml", "."], "one is a file and the other a folder"),
        (["a", "b", "--against", "x"], "takes one PATH at most"),
        (["old.yaml", "broken.yaml"], "MK505"),
        (["old.yaml", "other.yaml"], "MK109"),
        (["old.yaml", "new.yaml", "--now", "x"], "MK118"),
    ],
)
def test_bad_input_exits_with_2(arguments, said, diff):
    (diff.folder / "broken.yaml").write_text(OLD.replace("version: 2.0.0", "version: two"))
    (diff.folder / "other.yaml").write_text("a: 1\n")
    done = diff(*arguments)
    assert done.returncode == 2, done.stdout
    assert said in " ".join((done.stdout + done.stderr).replace("│", " ").split())


def test_against_a_revision_from_a_sub_folder(diff, monkeypatch):
    folder = diff.folder
    own = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    (folder / "mesh").mkdir()
    (folder / "mesh" / "orders.yaml").write_text(OLD)
    for arguments in (("init", "-q"), ("add", "mesh"), ("commit", "-q", "-m", "one")):
        subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)
    assert diff("--against", "HEAD", "mesh").returncode == 0
    (folder / "mesh" / "orders.yaml").write_text(RENAMED)
    done = meshkit("diff", "--against", "HEAD", cwd=folder / "mesh")
    assert done.returncode == 1, done.stderr
    assert "field note was removed  HEAD:mesh/orders.yaml:11:7" in done.stdout
    assert "version 2.0.0 stays, but its content changed; the computed version is 3.0.0" in done.stdout


def test_help_teaches_by_example(diff):
    text = diff("--help").stdout
    assert "meshkit diff --against main" in text
    assert "Exit codes: 0 compatible" in " ".join(text.split())
