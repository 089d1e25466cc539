"""`meshkit baseline` as a person meets it: what it writes, what it leaves alone, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from tests.in_process import meshkit

import meshkit as public

NOW = ("--now", "2026-11-22T06:00:00Z")
SIGNED = ("--until", "2027-01-31", "--reason", "known", "--approved-by", "gov@x.com")
# Three of four rows miss a, one misses b; the query answers 7.
FIELDS = [
    {"name": "a", "type": "integer", "constraints": [{"max": 1}]},
    {"name": "b", "type": "integer", "constraints": [{"not_null": {"severity": "warning"}}]},
]
SLA = {
    "quality_checks": [
        {"name": "seven", "query": "SELECT 7", "threshold": 2},
        {"name": "few", "query": "SELECT 1", "must_be_greater_than": 5},
    ]
}


@pytest.fixture
def folder(tmp_path: Path, contract) -> Path:
    mesh = tmp_path / "mesh"
    mesh.mkdir()
    _rows(mesh, [1, 2, 3, 4])
    (mesh / "p.yaml").write_text(contract(FIELDS, sla=SLA))
    return mesh


def _rows(mesh: Path, values: list[int]) -> None:
    rows = {"a": pa.array(values, pa.int64()), "b": pa.array([None, *values[1:]], pa.int64())}
    pq.write_table(pa.table(rows), mesh / "t.parquet")


def baseline(folder, *args):
    return meshkit("baseline", folder, *SIGNED, *NOW, *args)


def test_todays_misses_are_waived_up_to_what_was_seen_and_anything_worse_fails(folder):
    assert meshkit("check", folder, *NOW).returncode == 1
    ran = baseline(folder)
    assert ran.returncode == 0, ran.stderr
    assert "4 waivers added to" in ran.stdout
    assert "1 without a cap" in ran.stdout
    text = (folder / "waivers.yaml").read_text()
    assert [line.strip() for line in text.splitlines() if "check:" in line or "cap" in line] == [
        "- check: d.p.t.a.max",
        "cap: 3",
        "- check: d.p.t.b.not_null",
        "cap: 1",
        "# no cap: sql counts no rows",
        "- check: d.p.t.few",
        "- check: d.p.t.seven",
        "cap: 7",
    ]
    checked = meshkit("check", folder, *NOW, "--fail-on", "info")
    assert checked.returncode == 0, checked.stdout
    assert "4 waived" in checked.stdout
    _rows(folder, [1, 2, 3, 4, 5])
    worse = meshkit("check", folder, *NOW)
    assert worse.returncode == 1
    assert "its waiver holds up to 3" in worse.stdout


def test_a_second_run_adds_nothing_and_changes_no_byte(folder):
    baseline(folder)
    before = (folder / "waivers.yaml").read_bytes()
    again = baseline(folder)
    assert (again.returncode, (folder / "waivers.yaml").read_bytes()) == (0, before)
    assert "nothing to add" in again.stdout


def test_a_second_run_into_a_file_elsewhere_adds_nothing_either(folder, tmp_path):
    assert baseline(folder, "-o", tmp_path / "w.yaml").returncode == 0
    before = (tmp_path / "w.yaml").read_bytes()
    assert baseline(folder, "-o", tmp_path / "w.yaml").returncode == 0
    assert (tmp_path / "w.yaml").read_bytes() == before
    assert not (folder / "waivers.yaml").exists()


def test_what_stands_in_the_file_stays_with_its_permissions_and_links(folder, tmp_path):
    there = "# ours\nwaivers: # all\n- policy: x\n  subject: d.p\n  reason: r\n  approved_by: a\n  until: 2026-01-01\n# end\n"
    (tmp_path / "real.yaml").write_text(there)
    (tmp_path / "real.yaml").chmod(0o640)
    (folder / "rules.yaml").symlink_to(tmp_path / "real.yaml")
    assert baseline(folder).returncode == 0
    assert (tmp_path / "real.yaml").read_text().startswith(there)
    assert (folder / "rules.yaml").is_symlink()
    assert (tmp_path / "real.yaml").stat().st_mode & 0o777 == 0o640
    assert not (folder / "waivers.yaml").exists()
    assert meshkit("check", folder, *NOW).returncode == 0


def test_a_dry_run_prints_what_it_would_add_and_writes_nothing(folder):
    ran = baseline(folder, "--dry-run")
    assert ran.returncode == 0
    assert "- check: d.p.t.a.max" in ran.stdout
    assert "4 waivers would be added" in ran.stderr
    assert not (folder / "waivers.yaml").exists()


def test_what_had_no_answer_is_listed_and_the_exit_code_says_so(folder, contract):
    broken = {"quality_checks": [{"name": "q", "query": "SELECT nobody FROM t"}]}
    (folder / "p.yaml").write_text(contract(FIELDS, sla=broken))
    ran = baseline(folder, "--format", "json")
    assert ran.returncode == 3
    answer = json.loads(ran.stdout)
    assert [n["id"] for n in answer["not_waivable"]] == ["d.p.t.q"]
    assert [(w["check"], w["cap"]) for w in answer["waivers"]] == [("d.p.t.a.max", "3"), ("d.p.t.b.not_null", "1")]
    assert answer["written"] is True
    assert "d.p.t.q" not in (folder / "waivers.yaml").read_text()


def test_a_contract_with_errors_is_told_and_the_others_are_waived(folder, contract):
    (folder / "q.yaml").write_text(contract([{"name": "a", "type": "sting"}]).replace("name: p\n", "name: q\n"))
    ran = baseline(folder)
    assert ran.returncode == 2
    assert "MK124" in ran.stdout
    assert "d.q@1.0.0  its contract has errors" in ran.stdout
    assert "d.p.t.a.max" in (folder / "waivers.yaml").read_text()


def test_versions_that_stand_side_by_side_have_waivers_of_their_own(folder, contract):
    (folder / "old.yaml").write_text(contract(FIELDS, status="deprecated").replace("1.0.0", "0.9.0"))
    assert baseline(folder).returncode == 0
    text = (folder / "waivers.yaml").read_text()
    assert "- check: d.p@0.9.0.t.a.max\n    subject: d.p@0.9.0\n" in text
    assert "- check: d.p.t.a.max\n    subject: d.p@1.0.0\n" in text
    assert meshkit("check", folder, *NOW).returncode == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--until", "2026-11-22"), "is not in the future"),
        (("--until", "2027-11-23"), "more than a year"),
        (("--until", "soon"), "is not a date"),
        (("--reason", " "), "--reason"),
        (("-o", "FOLDER/w2.yaml"), "reads one file of them"),
        (("-o", "FOLDER/w.txt"), "is no YAML file"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(folder, args, said):
    (folder / "waivers.yaml").write_text("waivers: []\n")
    ran = baseline(folder, *(a.replace("FOLDER", str(folder)) for a in args))
    assert (ran.returncode, said in ran.stderr) == (2, True), ran.stderr
    assert (folder / "waivers.yaml").read_text() == "waivers: []\n"
    assert sorted(p.name for p in folder.iterdir()) == ["p.yaml", "t.parquet", "waivers.yaml"]


def test_a_file_alone_has_no_waivers_and_is_refused(folder):
    ran = baseline(folder / "p.yaml")
    assert ran.returncode == 2
    assert "one file" in ran.stderr


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(folder, tmp_path):
    (tmp_path / "file").write_text("")
    ran = baseline(folder, "-o", tmp_path / "file" / "w.yaml")
    assert ran.returncode == 2
    assert "cannot be read or written" in ran.stderr


GOVERNANCE = """
governance:
  policies:
    - {id: described, over: column, require: description IS NOT NULL, severity: error, mandatory: true}
    - {id: owned, over: product, require: owner_team = 'blue', severity: error}
    - {id: proven, over: product, require: failed_checks = 0, severity: error}
    - {id: later, over: product, require: 'false', severity: error, grace_until: 2099-01-01}
"""


def test_violations_of_policies_are_waived_rule_by_rule_and_column_by_column(folder):
    (folder / "governance.yaml").write_text(GOVERNANCE)
    ran = baseline(folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    added = [w for w in yaml.safe_load((folder / "waivers.yaml").read_text())["waivers"] if "policy" in w]
    assert sorted((w["policy"], w["subject"]) for w in added) == sorted(
        [("owned", "d.p"), ("described", "d.p.a"), ("described", "d.p.b")]
    )
    run = public.load(folder).check(now=NOW[1])
    found = public.govern(public.load(folder), "schedule", run=run, now=NOW[1])
    assert {v.rule for v in found.products[0].violations if v.is_blocking} == set()
    path = next(folder.glob("p*.yaml"))
    path.write_text(path.read_text().replace("fields:\n", "fields:\n  - {name: newer, type: integer}\n", 1))
    found = public.govern(public.load(folder), "pr", now=NOW[1])
    assert [(v.rule, v.field) for v in found.products[0].violations if v.is_blocking] == [("described", "newer")]


def test_only_checks_are_waived_where_that_is_asked(folder):
    (folder / "governance.yaml").write_text(GOVERNANCE)
    baseline(folder, "--checks-only")
    assert all("check" in w for w in yaml.safe_load((folder / "waivers.yaml").read_text())["waivers"])


def test_nobody_waives_a_mandatory_policy_for_his_own_product(folder):
    (folder / "governance.yaml").write_text(GOVERNANCE)
    path = next(folder.glob("p*.yaml"))
    path.write_text(path.read_text() + "owner: {team: gov@x.com}\n")
    ran = baseline(folder)
    assert ran.returncode == 3
    assert "may not approve it" in ran.stdout


def test_1900_misses_are_waived_and_hold(tmp_path, contract):
    """Nineteen products of a hundred columns, each of which holds a NULL."""
    mesh = tmp_path / "big"
    mesh.mkdir()
    names = [f"c{n}" for n in range(100)]
    pq.write_table(pa.table({n: pa.array([None, 1], pa.int64()) for n in names}), mesh / "t.parquet")
    fields = [{"name": n, "type": "integer", "constraints": ["not_null"]} for n in names]
    for number in range(19):
        (mesh / f"p{number}.yaml").write_text(contract(fields).replace("name: p\n", f"name: p{number}\n"))
    assert "1,900 waivers added" in baseline(mesh).stdout
    checked = meshkit("check", mesh, *NOW)
    assert (checked.returncode, "1,900 waived" in checked.stdout) == (0, True)
