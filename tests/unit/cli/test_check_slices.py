"""`meshkit check --partition` and `--window` as a person or a pipeline meets them."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.in_process import meshkit

from meshkit.report.json import report_schema

FIELDS = [
    {"name": "day", "type": "string"},
    {"name": "at", "type": "timestamp"},
    {"name": "x", "type": "integer", "constraints": ["not_null"]},
]
ROWS = {"day": ["a", "b", "b"], "at": [datetime(2026, 11, 20), datetime(2026, 11, 22), None], "x": [None, 1, None]}


def check(mesh: Path, *args: object) -> subprocess.CompletedProcess[str]:
    return meshkit("check", mesh, *args)


@pytest.fixture
def folder(tmp_path, contract):
    mesh = tmp_path / "mesh"
    mesh.mkdir()
    pq.write_table(pa.table(ROWS), mesh / "t.parquet")
    (mesh / "p.yaml").write_text(contract(FIELDS, sla={"freshness": {"column": "at"}}))
    return mesh


def test_the_text_report_begins_with_the_slice_and_what_was_judged_on_it(folder):
    done = check(folder, "--partition", "day=b")
    assert done.returncode == 1
    assert done.stdout.startswith("slice day = 'b': 1 check of 1 table judged on it, 5 on the whole\n\n")
    assert "1 of 2 rows (50%) of the slice day = 'b', allowed 0" in done.stdout


def test_partitions_and_a_window_are_joined(folder):
    done = check(folder, "--partition", "day=b", "--window", "1d", "--now", "2026-11-22T06:00:00Z")
    assert done.returncode == 0
    assert done.stdout.startswith("slice day = 'b' and the last 1d: 1 check")


def test_an_empty_slice_is_met_and_says_so(folder):
    done = check(folder, "--partition", "day=z")
    assert done.returncode == 0
    assert "on the whole; no row was found in it" in done.stdout.splitlines()[0]


@pytest.mark.parametrize("args", [["--partition", "day=b"], ["--window", "2w", "--now", "2026-11-22T06:00Z"], []])
def test_the_json_report_keeps_its_schema(folder, args):
    report = json.loads(check(folder, "--format", "json", *args).stdout)
    jsonschema.validate(report, report_schema(), cls=jsonschema.Draft202012Validator)
    assert (report["slice"] or {}).get("checks") == (1 if args else None)


@pytest.mark.parametrize("format_", ["markdown", "junit", "github"])
def test_other_reports_name_the_slice(folder, format_):
    assert "of the slice day = 'b'" in check(folder, "--partition", "day=b", "--format", format_).stdout


def test_a_plan_names_the_slice(folder):
    done = check(folder, "--partition", "day=b", "--explain")
    assert "  slice    day = 'b'\n" in done.stdout
    assert "one pass over the slice, 2 columns" in done.stdout
    plan = json.loads(check(folder, "--partition", "day=b", "--explain", "--format", "json").stdout)["tables"][0]
    assert (plan["slice"], plan["whole"]) == ("day = 'b'", None)
    assert any("WHERE" in step["sql"] for step in plan["steps"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--partition", "dya=b"], "no table has a column 'dya'; did you mean 'day'?"),
        (["--partition", "at=yesterday"], "'yesterday' is no value of column 'at' of d.p.t, which is timestamp"),
        (["--partition", "day"], "'day' is not COLUMN=VALUE; write it like order_date=2026-11-22"),
        (["--window", "1 fortnight"], "is not a duration; write a number and a unit, like 1d, 12h, 30m or 2w"),
    ],
)
@pytest.mark.parametrize("explain", [[], ["--explain"]])
def test_what_is_no_slice_exits_2_with_a_way_out(folder, args, said, explain):
    done = check(folder, *args, *explain)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
