"""`meshkit govern`: what it prints and writes, and how it exits."""

from __future__ import annotations

import json
import subprocess

import pytest
from tests.in_process import meshkit as in_process

GOVERNANCE = """\
governance:
  global_policies:
    - name: data_classification
      mandatory: true
      policy: |
        - Public: for all
  automated_policies:
    - name: quality_gates
      enforcement: pre-publish
      check: |
        - Warning threshold: <= 5%
    - name: breaking_changes
      enforcement: pr
      check: |
        - 30-day deprecation notice
"""
PRODUCT = """\
name: orders
version: 1.0.0
domain: sales
description: All orders.
classification: public
schema:
  location: orders.csv
  fields:
    - {name: id, type: integer, constraints: [unique]}
    - {name: note, type: string}
"""


@pytest.fixture
def govern(tmp_path):
    """Run the command in a folder with one product that complies."""
    (tmp_path / "governance.yaml").write_text(GOVERNANCE)
    (tmp_path / "orders.yaml").write_text(PRODUCT)
    (tmp_path / "orders.csv").write_text("id,note\n1,a\n2,b\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return in_process("govern", *arguments, cwd=tmp_path)

    run.folder = tmp_path
    return run


def test_what_blocks_is_said_with_its_place_its_remedy_and_the_reason_why_more_is_not_known(govern):
    (govern.folder / "orders.yaml").write_text(PRODUCT.replace("classification: public\n", ""))
    done = govern("--at", "pr", "--now", "2026-11-22")
    assert done.returncode == 1, done.stderr
    assert (
        done.stdout
        == """\
sales.orders 1.0.0 · non-compliant, blocked · 1 policy evaluated
  error     data_classification.present  Data classification not specified  orders.yaml:1:1
            write classification: with one of public
  unknown   quality_gates.run, quality_gates.failed, quality_gates.errored, quality_gates.warnings: it needs a run of this version

changes were not judged: no version is published yet; --against REV names a git revision to compare with
blocked at pr: 1 of 1 product: 1 non-compliant
"""
    )


def test_a_run_decides_the_gate_at_publish(govern):
    assert govern("--at", "pr").returncode == 0
    without = govern("--at", "publish")
    assert without.returncode == 1
    assert "No run of version 1.0.0 is known" in without.stdout
    assert govern("--at", "publish", "--run").returncode == 0
    (govern.folder / "orders.csv").write_text("id,note\n1,a\n1,b\n")
    assert govern("--at", "publish", "--run").returncode == 1


def test_changes_are_judged_against_a_git_revision(govern):
    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
        subprocess.run(command, cwd=govern.folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    (govern.folder / "orders.yaml").write_text(PRODUCT.replace("    - {name: note, type: string}\n", ""))
    without = govern("--at", "pr", "--format", "json")
    assert without.returncode == 0
    assert "breaking_changes" not in json.loads(without.stdout)["products"][0]["policies_evaluated"]
    assert [p["status"] for p in json.loads(without.stdout)["policies"] if p["id"] == "breaking_changes"] == [None]
    done = govern("--at", "pr", "--against", "main", "--format", "json")
    assert done.returncode == 1, done.stderr
    (product,) = json.loads(done.stdout)["products"]
    assert product["compared_with"] == "1.0.0"
    assert "breaking_changes" in product["policies_evaluated"]
    assert {"breaking_changes.version", "breaking_changes.notice"} <= {v["rule"] for v in product["violations"]}


def test_bad_contracts_bad_policies_and_bad_calls_exit_with_2(govern):
    (govern.folder / "bad.yaml").write_text(PRODUCT.replace("name: orders", "name: other") + "colour: red\n")
    done = govern("--at", "pr")
    assert done.returncode == 2
    assert "sales.other 1.0.0 · not evaluable" in done.stdout
    assert "bad.yaml:11:1: error MK102 unknown key 'colour'" in done.stdout
    assert "sales.orders 1.0.0 · unknown" in done.stdout, "the others are still judged"
    assert govern("--at", "pr", "--product", "orders").returncode == 0
    assert govern("--at", "later").returncode == 2
    assert govern("--product", "ordres").returncode == 2
    assert govern("--now", "soon").returncode == 2
    assert govern("nowhere").returncode == 2
    assert govern("--compare", "nothing.json").returncode == 2
    (govern.folder / "bad.yaml").unlink()
    (govern.folder / "governance.yaml").write_text(GOVERNANCE + "    - {name: x, enforcement: someday}\n")
    assert govern("--at", "pr").returncode == 2


def test_without_policies_or_with_a_broken_one_it_exits_with_3(govern):
    (govern.folder / "governance.yaml").write_text(
        GOVERNANCE + "  policies:\n    - {id: typo, require: product.nam = 'x'}\n"
    )
    done = govern("--at", "pr")
    assert done.returncode == 3
    assert "broken  typo" in done.stdout
    (govern.folder / "governance.yaml").write_text(GOVERNANCE)
    done = govern("--at", "query")
    assert done.returncode == 3
    assert "no policy is enforced at query" in done.stdout
    (govern.folder / "governance.yaml").unlink()
    done = govern("--at", "pr")
    assert done.returncode == 3
    assert "no executable policy" in done.stdout


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("json", "{"),
        ("markdown", "## ✅"),
        ("github", "::notice"),
        ("html", "<!doctype html>"),
        ("sarif", "{"),
        ("text", "sales."),
    ],
)
def test_each_form_is_written_whole_to_a_file_and_nothing_to_the_terminal(govern, form, start):
    (govern.folder / "governance.yaml").write_text(
        GOVERNANCE.replace("  automated_policies", "    - {name: prose, policy: Be nice.}\n  automated_policies")
    )
    done = govern("--at", "pr", "--format", form, "-o", "out/report")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (govern.folder / "out" / "report").read_text().startswith(start)
    assert [p.name for p in (govern.folder / "out").iterdir()] == ["report"]


def test_a_report_of_before_is_compared_with(govern):
    assert govern("--at", "pr", "--format", "json", "-o", "old.json").returncode == 0
    (govern.folder / "orders.yaml").write_text(PRODUCT.replace("classification: public\n", ""))
    done = govern("--at", "pr", "--compare", "old.json")
    assert done.returncode == 1
    assert "1 new, 0 gone, 0 still there" in done.stdout
    (govern.folder / "old.json").write_text("{}")
    assert govern("--at", "pr", "--compare", "old.json").returncode == 2


def test_its_help_teaches_points_formats_and_exit_codes():
    said = in_process("govern", "--help").stdout
    for word in ("--at", "publish", "sarif", "Exit codes", "--against", "--run", "--compare", "meshkit govern --at pr"):
        assert word in said


def test_the_schema_of_the_report_can_be_written():
    said = json.loads(in_process("schema", "compliance").stdout)
    assert said["title"] == "Compliance report"
    assert {"status", "products", "policies", "exit_code", "comparison"} <= set(said["required"])


def test_a_call_that_is_wrong_publishes_nothing(govern, monkeypatch):
    monkeypatch.delenv("MESHKIT_STORE", raising=False)
    (govern.folder / "before.json").write_text("{")
    assert govern("--at", "publish", "--run", "--compare", "before.json").returncode == 2
    assert "no version is published yet" in govern("--at", "publish", "--run", "--no-record").stdout
    assert govern("--at", "publish", "--run").returncode == 0
    assert "no version is published yet" not in govern("--at", "publish", "--run", "--no-record").stdout
