"""The command line as a person or a pipeline meets it: a process of its own, its exit code and its two streams."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.in_process import meshkit

from meshkit.report.json import report_schema

FIELDS = [{"name": "a", "type": "integer", "constraints": [{"max": {"value": 1, "severity": "SEVERITY"}}]}]


def process(*args: object) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "meshkit", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_process_exits_and_writes_as_the_command_does(folder):
    for arguments in (
        ("check", folder(), "--format", "markdown"),
        ("check", folder("warning"), "--format", "github"),
        ("check", "nowhere"),
    ):
        real, here = process(*arguments), meshkit(*arguments)
        assert (real.returncode, real.stderr) == (here.returncode, here.stderr)
        assert real.stdout == here.stdout


@pytest.fixture
def folder(tmp_path: Path, contract):
    """A mesh whose one row check is missed, with a severity to choose."""

    def make(severity: str = "error", **keys) -> Path:
        mesh = tmp_path / "mesh"
        mesh.mkdir(exist_ok=True)
        pq.write_table(pa.table({"a": [1, 2]}), mesh / "t.parquet")
        (mesh / "p.yaml").write_text(contract(FIELDS, **keys).replace("SEVERITY", severity))
        return mesh

    return make


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("error", "error", 1),
        ("error", "critical", 0),
        ("critical", "critical", 1),
        ("warning", "error", 0),
        ("warning", "warning", 1),
        ("info", "info", 1),
        ("info", "warning", 0),
        ("critical", "never", 0),
    ],
)
def test_a_missed_check_exits_by_its_severity(folder, severity, fail_on, code):
    assert meshkit("check", folder(severity), "--fail-on", fail_on).returncode == code


def test_a_check_without_an_answer_exits_3_whatever_its_severity(folder):
    mesh = folder("info", sla={"quality_checks": [{"name": "q", "query": "SELECT 1 FROM gone", "severity": "info"}]})
    assert meshkit("check", mesh, "--fail-on", "never").returncode == 3


def test_a_bad_contract_exits_2_and_the_other_products_are_still_checked(folder, contract):
    mesh = folder()
    (mesh / "q.yaml").write_text(contract(FIELDS).replace("name: p", "name: q") + "freshnes: 1\n")
    done = meshkit("check", mesh)
    assert done.returncode == 2
    assert "unknown key 'freshnes'; did you mean" in done.stdout or "unknown key 'freshnes'" in done.stdout
    assert "failed   t.a.max" in done.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--product", "d.x"], "unknown product 'd.x'"),
        (["--check", "d.p.t.a.mx"], "did you mean 'd.p.t.a.max'?"),
        (["--table", "nope=x.parquet"], "no check reads a table 'nope'"),
        (["--table", "t"], "is not NAME=LOCATION"),
        (["--now", "soon"], "is not a time"),
        (["--memory", "lots"], "DuckDB refuses these settings"),
        (["--samples", "-1"], "greater than or equal to 0"),
        (["--fail-on", "bad"], "bad"),
    ],
)
def test_bad_usage_exits_2_with_a_way_out(folder, args, said):
    done = meshkit("check", folder(), *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_path_that_is_not_there_and_a_folder_without_contracts_exit_2(tmp_path):
    assert "is not there" in meshkit("check", tmp_path / "gone").stderr
    done = meshkit("check", tmp_path)
    assert (done.returncode, "holds no contract" in done.stderr) == (2, True)


def test_a_draft_only_warns_in_a_folder_unless_it_is_named(folder, contract):
    mesh = folder(status="draft")
    (mesh / "q.yaml").write_text(contract([{"name": "a"}]).replace("name: p", "name: q"))
    assert meshkit("check", mesh).returncode == 0
    assert "warned   t.a.max" in meshkit("check", mesh).stdout
    assert meshkit("check", mesh, "--product", "d.p").returncode == 1
    assert meshkit("check", mesh / "p.yaml").returncode == 1


def test_a_retired_version_is_not_run(folder, contract):
    mesh = folder(status="retired")
    (mesh / "q.yaml").write_text(contract([{"name": "a"}]).replace("name: p", "name: q"))
    done = meshkit("check", mesh, "--format", "json")
    assert [p["id"] for p in json.loads(done.stdout)["products"]] == ["d.q"]


def test_the_text_report_puts_what_was_not_met_first_with_its_place(folder):
    lines = meshkit("check", "mesh", cwd=folder().parent).stdout.splitlines()
    assert lines[0] == "d.p 1.0.0 · 2 rows · 4 of 5 checks passed"
    assert lines[1] == "  failed   t.a.max  1 of 2 rows (50%), allowed 0  mesh/p.yaml:12:7"
    assert lines[3].startswith("failed: 1 product, 5 checks: 1 failed, 4 passed in ")


def test_the_text_report_is_plain_when_piped(folder):
    assert "\x1b" not in meshkit("check", folder(), "--samples", "2", "--why").stdout


def test_the_json_report_keeps_its_schema(folder):
    done = meshkit("check", folder(), "--format", "json", "--samples", "1", "--why")
    report = json.loads(done.stdout)
    jsonschema.validate(report, report_schema(), cls=jsonschema.Draft202012Validator)
    check = next(c for c in report["products"][0]["checks"] if c["id"] == "d.p.t.a.max")
    assert {k: check[k] for k in ("kind", "table", "column", "severity", "outcome", "bad", "total", "value", "unit", "threshold")} == {
        "kind": "max", "table": "t", "column": "a", "severity": "error", "outcome": "failed",
        "bad": 1, "total": 2, "value": 1, "unit": "rows", "threshold": "<= 0",
    }  # fmt: skip
    assert check["place"]["line"] == 12
    assert check["samples"] == {"columns": ["a"], "rows": [[2]]}
    assert '"a" > 1' in check["sql"]


def test_the_schema_of_the_report_is_the_one_the_command_writes():
    assert json.loads(meshkit("schema", "report").stdout) == report_schema()


def test_junit_tells_failures_errors_and_skips_apart(folder):
    sla = {"freshness": {"max_age_hours": 1}, "quality_checks": [{"name": "q", "query": "SELECT 1 FROM gone"}]}
    root = ET.fromstring(meshkit("check", folder(sla=sla), "--format", "junit").stdout)
    assert {k: root.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert root.find(".//testcase[@name='t.a.max']/failure") is not None


def test_github_commands_are_escaped(folder):
    mesh = folder(sla={"quality_checks": [{"name": "q", "query": "SELECT 1 FROM gone%0A"}]})
    lines = meshkit("check", mesh, "--format", "github").stdout.splitlines()
    assert any(line.startswith("::error file=") and "line=12" in line for line in lines)
    assert all(line.startswith("::") for line in lines[:-1])


def test_a_report_file_is_written_whole_or_not_at_all(folder, tmp_path):
    mesh, out = folder(), tmp_path / "out" / "r.json"
    assert meshkit("check", mesh, "--format", "json", "--output", out).stdout == ""
    assert json.loads(out.read_text())["outcome"] == "failed"
    assert list(out.parent.iterdir()) == [out]
    (tmp_path / "file").write_text("")
    done = meshkit("check", mesh, "--output", tmp_path / "file" / "r.json")
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)


def test_a_chosen_check_is_run_alone_but_knows_the_schema(folder):
    report = json.loads(meshkit("check", folder(), "--check", "d.p.t.a.max", "--format", "json").stdout)
    assert [c["id"] for p in report["products"] for c in p["checks"]] == ["d.p.t.a.max"]


def test_lint_exits_by_what_it_finds(folder, contract):
    mesh = folder()
    assert meshkit("lint", mesh).returncode == 0
    (mesh / "p.yaml").write_text(contract(FIELDS, observability={"metrics": ["mine"]}).replace("SEVERITY", "error"))
    assert meshkit("lint", mesh).returncode == 0
    assert meshkit("lint", mesh, "--fail-on", "warning").returncode == 1
    (mesh / "p.yaml").write_text("name: p\nversion: 1\nschema: {}\n")
    done = meshkit("lint", mesh, "--format", "json")
    assert done.returncode == 2
    assert {p["code"] for p in json.loads(done.stdout)["problems"]} == {"MK112", "MK104"}


def test_list_show_sql_and_explain_answer(folder):
    mesh = folder()
    assert meshkit("list", mesh).stdout.startswith("d.p  1.0.0")
    listed = json.loads(meshkit("list", mesh, "--domain", "other", "--format", "json").stdout)
    assert listed == {"total": 0, "products": []}
    shown = json.loads(meshkit("show", "p", "--mesh", mesh, "--format", "json").stdout)
    assert shown["tables"][0]["columns"][0]["name"] == "a"
    assert "a  integer  max" in meshkit("show", "d.p", "--mesh", mesh).stdout
    assert '"a" > 1' in meshkit("sql", "p", "a.max", "--mesh", mesh).stdout
    assert "Unknown key" in meshkit("explain", "MK102").stdout
    assert "did you mean 'MK1" in meshkit("explain", "MK1022").stderr


def test_the_sql_of_an_environment_has_the_names_that_its_engine_has(folder, tmp_path):
    mesh = folder()
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE Held (A INTEGER)")
    connection.close()
    names = "environments: {prod: {engine: shop, tables: {d.p: held}}}"
    Path(mesh, "meshkit.yaml").write_text(f"engines: {{shop: {{url: 'sqlite:///{place}'}}}}\n{names}\n")
    written = meshkit("sql", "p", "a.max", "--mesh", mesh, "--env", "prod").stdout
    assert 'FROM "Held"' in written
    assert '"A" > 1' in written
    refused = meshkit("sql", "p", "--mesh", mesh, "--env", "prod", "--dialect", "postgres")
    assert refused.returncode == 2
    assert "does not speak 'postgres'" in refused.stderr
    files = json.loads(meshkit("sql", "p", "a.max", "--mesh", mesh, "--engine", "duckdb", "--format", "json").stdout)
    assert '"a" > 1' in next(iter(files.values()))


@pytest.mark.parametrize("size", ["0", "0MB", "-5", "-1GiB", "many", "0.5"])
def test_a_budget_of_no_bytes_is_refused(folder, size):
    for more in ([], ["--fetch"]):
        done = meshkit("check", folder(), f"--fetch-bytes={size}", *more)
        assert done.returncode == 2
        assert "Invalid value for '--fetch-bytes'" in done.stderr


def test_help_teaches_and_starts_no_engine(folder):
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['meshkit', '--help']\nfrom meshkit.cli.main import run\nassert run() == 0\n"
         "bad = {'duckdb', 'pyarrow', 'sqlglot', 'pydantic', 'yaml'} & set(sys.modules)\nassert not bad, bad"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "meshkit check MESH --why" in done.stdout


def test_ctrl_c_interrupts_at_once_and_reports_what_was_done(folder):
    slow = "SELECT COUNT(*) FROM t, range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
    mesh = folder(sla={"quality_checks": [{"name": "slow", "query": slow}]})
    command = [sys.executable, "-m", "meshkit", "check", str(mesh), "--format", "json"]
    # A shell starts background jobs with Ctrl-C ignored; a terminal does not.
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    time.sleep(2.5)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert process.returncode == 130
    report = json.loads(out)
    outcomes = {c["id"]: c["outcome"] for c in report["products"][0]["checks"]}
    assert report["interrupted"] is True
    assert outcomes["d.p.t.a.max"] == "failed"
    assert outcomes["d.p.t.slow"] == "errored"


def test_metrics_are_shown_and_explained_when_asked(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,\n2,x\n")
    (tmp_path / "p.yaml").write_text(
        "name: p\nversion: 1.0.0\ndomain: d\ndescription: A product.\nschema:\n  alias: t\n  location: t.csv\n"
        "  fields: [{name: a, type: integer}, {name: b, type: string}]\n"
    )
    assert "metric" not in meshkit("check", tmp_path).stdout
    assert "metric   null_rate  a 0%, b 50%\n" in meshkit("check", tmp_path, "--metrics", "all").stdout
    assert "null_rate" not in meshkit("check", tmp_path, "--metrics", "declared").stdout
    explained = meshkit("check", tmp_path, "--metrics", "all", "--explain").stdout
    assert "b.metric:nulls" in explained
    assert explained.endswith(" and 8 measurements\n")
