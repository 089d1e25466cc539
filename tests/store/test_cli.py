"""`meshkit history` and `meshkit store`: what they say, how they end, and the Python names behind them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import validate
from tests.in_process import meshkit as run_meshkit
from tests.store.stores import PARTIAL, START, after, counted, product_run, raw, recorded, result, verdict

import meshkit
from meshkit.errors import StoreError, UsageError
from meshkit.histories import moment_of
from meshkit.model.history import Circumstances
from meshkit.report.history import history_schema
from meshkit.report.store import store_schema
from meshkit.store import open_store

HALF = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@pytest.fixture
def place(tmp_path):
    """A store with three runs of one product: met, missed a day later, and interrupted an hour after that; and one of a part."""
    path = str(tmp_path / "kept.db")
    about = Circumstances("1.2.3", "ab" * 20, "prod")
    gone = verdict("x.a", "errored", bad=None, total=None, value=None, message="MK302 't.parquet' cannot be opened")
    with open_store(path) as store:
        recorded(store, result(product_run(gone, rows=None), at=HALF - timedelta(days=40)))
        recorded(store, result(product_run(verdict("x.a"), verdict("y.b"), metrics=(counted(1000),)), at=HALF))
        missed = verdict("x.a", "failed", bad=3, total=1010, value=3, message="3 of 1,010 rows, allowed 0")
        warned = verdict("y.b", "warned", bad=1, total=1010, value=1)
        more = HALF + timedelta(days=1)
        recorded(store, result(product_run(missed, warned, rows=1010, metrics=(counted(1010),)), at=more), about=about)
        store.begin("check", [("d.p", "1.0.0")], at=more + timedelta(hours=1))
        raw(path, "UPDATE runs SET pid = 4194303 WHERE state = 'running'")
        recorded(store, result(product_run(verdict("x.a")), at=more + timedelta(hours=2), scope=PARTIAL))
    return path


def history(place, *arguments):
    return run_meshkit("history", "d.p", "--store", place, *arguments)


def lines(done):
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_history_shows_each_run_newest_first(place):
    done = history(place)
    shown = lines(done)
    days = [f"{HALF + timedelta(days=d):%Y-%m-%d}" for d in (1, 0, -40)]
    assert done.stdout.splitlines()[0] == "d.p  availability over 30 days: 3 of 3 runs reached the data (100%)"
    assert shown[2] == ["when", "version", "outcome", "rows", "missed"]
    words = [" ".join(line[2:]) for line in shown[3:8]]
    assert words == [
        "1.0.0 passed 10 none of 1; a part of the checks or rows",
        "1.0.0 interrupted no verdict",
        "1.0.0 failed 1,010 1 failed, 1 warned; in prod; at abababababab",
        "1.0.0 passed 10 none of 2",
        "1.0.0 errored 1 errored; the data was not reached",
    ]
    assert [shown[5][0], shown[6][0], shown[7][0]] == days


def test_history_can_be_narrowed(place):
    assert len(lines(history(place, "--limit", "2"))) == 7
    assert "errored" not in history(place, "--since", "30d").stdout
    assert "errored" not in history(place, "--since", f"{HALF:%Y-%m-%d}").stdout
    assert "no run of that time and version" in history(place, "--version", "9.0.0").stdout
    assert run_meshkit("history", "p@1.0.0", "--store", place).returncode == 0


def test_history_of_a_check(place):
    shown = lines(history(place, "--check", "x.a"))
    assert shown[0] == ["d.p.t.x.a", "value", "in", "rows"]
    assert shown[2] == ["when", "version", "outcome", "value", "bad", "total", "threshold"]
    assert [line[3:] for line in shown[3:7]] == [
        ["passed", "0", "0", "10", "<=", "0"],
        ["failed", "3", "3", "1,010", "<=", "0"],
        ["passed", "0", "0", "10", "<=", "0"],
        ["errored", "<=", "0"],
    ]
    assert " ".join(shown[8]) == "1 of 5 runs have no verdict of it"


def test_history_of_a_metric(place):
    shown = lines(history(place, "--metric", "row_count"))
    assert shown[2] == ["when", "version", "of", "value"]
    assert [line[-2:] for line in shown[3:]] == [["t", "1,010"], ["t", "1,000"]]
    assert len(lines(history(place, "--metric", "row_count", "--limit", "1"))) == 4


def test_history_as_json(place):
    found = json.loads(history(place, "--format", "json").stdout)
    validate(found, history_schema())
    assert found["store"] == place
    assert found["availability"] == {"days": 30, "reached": 3, "runs": 3, "ratio": 1.0}
    run = found["runs"][2]
    assert (run["outcome"], run["state"], run["rows"], run["environment"], run["reached"]) == (
        "failed",
        "ended",
        1010,
        "prod",
        True,
    )
    assert run["started_at"] == (HALF + timedelta(days=1)).isoformat()
    assert run["checks"] == {"passed": 0, "warned": 1, "failed": 1, "errored": 0, "skipped": 0, "waived": 0}
    assert [(m["id"], m["outcome"], m["message"]) for m in run["missed"]] == [
        ("d.p.t.x.a", "failed", "3 of 1,010 rows, allowed 0"),
        ("d.p.t.y.b", "warned", ""),
    ]
    assert (found["runs"][1]["state"], found["runs"][1]["outcome"], found["runs"][1]["ended_at"]) == (
        "interrupted",
        None,
        None,
    )
    of_check = json.loads(history(place, "--check", "y.b", "--format", "json").stdout)
    validate(of_check, history_schema())
    assert [(r["outcome"], r["bad"], r["total"], r["value"]) for r in of_check["check"]["runs"]] == [
        ("warned", 1, 1010, 1),
        ("passed", 0, 10, 0),
    ]
    of_metric = json.loads(history(place, "--metric", "row_count", "--format", "json").stdout)
    validate(of_metric, history_schema())
    assert [v["value"] for v in of_metric["metric"]["values"]] == [1010, 1000]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["d.q"], "MK419 no run of 'd.q' is recorded"),
        (["d.p", "--check", "x.c"], "MK419 no verdict of 'x.c' is among these 5 runs; known: d.p.t.x.a, d.p.t.y.b"),
        (["d.p", "--metric", "row_counts"], "MK419 no metric 'row_counts' of 'd.p' is recorded; did you mean 'row_count'?"),
        (["d.p", "--since", "soon"], "MK001 'soon' is no time; write a date"),
        (["d.p", "--since", "-3d"], "MK001 '-3d' is no time"),
        (["d.p", "--since", "99999999y"], "MK001 '99999999y' is no time"),
    ],
)  # fmt: skip
def test_what_is_not_recorded_is_told(place, arguments, told):
    done = run_meshkit("history", *arguments, "--store", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_check_and_a_metric_at_once_is_bad_usage(place):
    done = history(place, "--check", "x.a", "--metric", "row_count")
    assert done.returncode == 2
    assert "one at a time" in done.stderr


def test_control_characters_of_a_store_are_not_printed(place):
    raw(place, "UPDATE product_runs SET version = '1' || char(27) || '[2J' || char(10) || 'x'")
    assert "\x1b" not in history(place).stdout


def test_what_governance_recorded_is_shown(place):
    with open_store(place) as store:
        run_id = store.begin("govern", [("d.p", "1.0.0")])
        store.record_evaluations(run_id, [], {("d.p", "1.0.0"): "non-compliant"})
        store.end(run_id, "non-compliant")
    assert " ".join(lines(history(place))[3][2:]) == "1.0.0 non-compliant policies were evaluated"
    validate(json.loads(history(place, "--format", "json").stdout), history_schema())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A mesh of one product, whose store is its own."""
    monkeypatch.delenv("MESHKIT_STORE")
    found = tmp_path / "mesh"
    found.mkdir()
    (found / "t.yaml").write_text(
        "name: p\nversion: 1.0.0\ndomain: d\ndescription: x\nschema:\n  alias: t\n  type: csv\n  location: t.csv\n"
        "  fields: [{name: x, type: integer, constraints: [not_null]}]\n"
    )
    (found / "t.csv").write_text("x\n1\n2\n")
    return found


def test_the_store_of_a_mesh_is_found(folder, tmp_path):
    done = run_meshkit("history", "p", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "MK419 there is no store at" in done.stderr
    run_meshkit("check", folder)
    assert "1.0.0    passed      2" in run_meshkit("history", "p", folder).stdout
    assert "runs" in run_meshkit("store", "info", "--mesh", folder).stdout
    assert "runs" in run_meshkit("store", "info", cwd=folder).stdout
    assert "MK419" in run_meshkit("store", "info", "--mesh", folder, MESHKIT_STORE=str(tmp_path / "x.db")).stderr
    assert "MESHKIT_STORE is off" in run_meshkit("store", "info", "--mesh", folder, MESHKIT_STORE="off").stderr
    assert "unknown environment 'x'" in run_meshkit("store", "info", "--mesh", folder, "--env", "x").stderr
    (folder / "meshkit.yaml").write_text("environments:\n  prod: {store: prod.db}\ndefault_environment: prod\n")
    run_meshkit("check", folder)
    assert f"{folder / 'prod.db'}" in run_meshkit("store", "info", "--mesh", folder).stdout


def test_python_names(folder):
    mesh = meshkit.load(folder)
    run = mesh.check()
    found = meshkit.history(mesh, "d.p")
    assert isinstance(found, meshkit.History)
    assert [r.run.id for r in found.runs] == [run.result.run_id]
    with meshkit.open_store(mesh) as store:
        assert isinstance(store, meshkit.Store)
        assert meshkit.history(store, "p@1.0.0", since="1d").runs == found.runs
        assert store.info().rows["runs"] == 1  # still open
    assert meshkit.history(folder / ".meshkit", "p").runs == found.runs
    with pytest.raises(StoreError, match="MK419"):
        meshkit.history(mesh, "d.q")
    with pytest.raises(UsageError, match="unknown environment 'prod'"):
        meshkit.open_store(mesh, env="prod")


def test_times_are_dates_or_durations():
    assert moment_of("90d", START) == after(days=-90)
    assert moment_of("2026-11-01", START) == datetime(2026, 11, 1, tzinfo=UTC)
    assert moment_of(timedelta(hours=2), START) == after(hours=-2)
    assert moment_of(START.replace(tzinfo=None)) == START
    assert moment_of(None, START) is None


def test_info_counts_rows(place):
    shown = dict(line for line in lines(run_meshkit("store", "info", "--store", place)) if len(line) == 2)
    assert [shown[name] for name in ("runs", "product_runs", "verdicts", "metrics", "audit")] == [
        "5",
        "5",
        "6",
        "2",
        "0",
    ]
    found = json.loads(run_meshkit("store", "info", "--store", place, "--format", "json").stdout)
    validate(found, store_schema())
    assert found["rows"]["verdicts"] == 6
    assert found["oldest"].startswith(f"{HALF - timedelta(days=40):%Y-%m-%dT%H:%M:%S}")


def test_a_whole_store_is_said_to_be(place):
    done = run_meshkit("store", "check", "--store", place)
    assert (done.returncode, done.stderr) == (0, "")
    assert "whole" in done.stdout


def test_problems_end_with_1(place, tmp_path):
    with open_store(place) as store:
        store.append_audit("ann", "approve", "d.p", {})
    raw(place, "DROP TRIGGER audit_refuses_update", "UPDATE audit SET actor = 'bob'")
    done = run_meshkit("store", "check", "--store", place, "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    validate(found, store_schema())
    assert [p["code"] for p in found["problems"]] == ["MK412", "MK416"]
    (tmp_path / "garbage.db").write_bytes(b"x" * 9000)
    done = run_meshkit("store", "check", "--store", tmp_path / "garbage.db")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("MK412 ")
    done = run_meshkit("store", "check", "--store", tmp_path / "nothing.db")
    assert (done.returncode, done.stdout) == (2, "")


def test_prune_says_how_many(place):
    done = run_meshkit("store", "prune", "--before", "30d", "--store", place, "--format", "json", MESHKIT_ACTOR="ann")
    found = json.loads(done.stdout)
    validate(found, store_schema())
    assert (found["removed"], found["requests"]) == (1, 0)
    assert raw(place, "SELECT actor, action FROM audit") == [("ann", "prune")]
    assert "0 runs" in run_meshkit("store", "prune", "--before", "2020-01-01", "--store", place).stdout
    assert "MK001 'x' is no time" in run_meshkit("store", "prune", "--before", "x", "--store", place).stderr
    assert run_meshkit("store", "prune", "--store", place).returncode == 2


def test_export_and_import(place, tmp_path):
    done = run_meshkit("store", "export", tmp_path / "out", "--store", place)
    assert sorted(done.stdout.split()) == sorted(str(p) for p in (tmp_path / "out").iterdir())
    other = tmp_path / "other.db"
    done = run_meshkit("store", "import", tmp_path / "out", "--store", other)
    assert done.stdout == f"{tmp_path / 'out'}: 5 added, 0 there already\n"
    found = json.loads(run_meshkit("store", "import", tmp_path / "out", "--store", other, "--format", "json").stdout)
    validate(found, store_schema())
    assert found["imported"] == [{"path": str(tmp_path / "out"), "added": 0, "known": 5, "notes": []}]


def test_a_run_of_a_machine_that_is_gone_is_imported(folder, tmp_path):
    report = tmp_path / "run.json"
    run_meshkit("check", folder, "--no-record", "--format", "json", "--output", report)
    done = run_meshkit("store", "import", report, "--mesh", folder)
    assert done.stdout == f"{report}: 1 added, 0 there already\n"
    assert "passed" in run_meshkit("history", "p", folder).stdout
    with meshkit.open_store(meshkit.load(folder)) as store:
        (last,) = store.last_runs()
        assert [v.definition for v in last.verdicts] == [c.definition for c in meshkit.load(folder).product("p").checks]
    done = run_meshkit("store", "import", folder / "t.csv", "--mesh", folder)
    assert done.returncode == 2
    assert "MK417" in done.stderr


def test_help_teaches():
    for command in ("history", "store check", "store info", "store prune", "store export", "store import"):
        shown = run_meshkit(*command.split(), "--help").stdout
        assert "Exit codes: 0" in shown, command
        assert f"meshkit {command}" in shown, command


@pytest.mark.parametrize("name", ["history", "store", "report"])
def test_schemas_are_written(name):
    schema = json.loads(run_meshkit("schema", name).stdout)
    assert schema["title"] in (
        "meshkit history --format json",
        "meshkit store --format json",
        "meshkit check --format json",
    )
