"""`meshkit policy` as a person or a pipeline meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.in_process import meshkit

RETAIL = Path(__file__).parents[3] / "sample_data" / "retail"
DRAFT = """\
policies:
  - id: short_names
    over: column
    when: type = 'string'
    require: length(name) > params.least
    params: {least: 1}
    message: "column {name} is too short"
    severity: warning
    tests:
      - name: one letter
        product: {schema: {fields: [{name: a, type: string}]}}
        expect: [column a is too short]
      - name: two letters comply
        product: {schema: {fields: [{name: ab, type: string}]}}
  - id: for_those_who_want
    opt_in: true
    require: len(tags) > 0
    tests:
      - expect: [for_those_who_want demands len(tags) > 0]
      - {product: {tags: [x]}}
  - id: untested
    require: "true"
"""


@pytest.fixture
def draft(tmp_path):
    file = tmp_path / "draft.yaml"
    file.write_text(DRAFT)
    return file


def test_list_says_where_a_policy_is_from_and_why_one_cannot_be_executed():
    done = meshkit("policy", "list", RETAIL, "--format", "json")
    found = {(p["id"], *p["domains"]): p for p in json.loads(done.stdout)["policies"]}
    retention, freeze = found[("data_retention",)], found[("month_end_freeze",)]
    assert (retention["section"], retention["mandatory"], retention["executable"]) == ("global_policies", True, True)
    assert retention["place"].endswith("governance_policy.yaml:20:7")
    assert (freeze["executable"], freeze["why_not"]) == (False, "no rule stands beside its prose")
    assert found[("quality_gates",)]["enforce"] == ["publish"]
    assert found[("data_quality", "sales")]["section"] == "domain_policies.sales"
    assert "not executable: no rule stands beside its prose" in meshkit("policy", "list", RETAIL).stdout


def test_explain_shows_each_number_where_it_is_said():
    done = meshkit("policy", "explain", "data_retention", "--mesh", RETAIL, "--format", "json")
    rules = {r["id"]: r for r in json.loads(done.stdout)["policies"][0]["rules"]}
    (number,) = rules["data_retention.analytical"]["params"]
    line = next(
        i
        for i, text in enumerate((RETAIL / "governance_policy.yaml").read_text().splitlines(), 1)
        if "Analytical data" in text
    )
    assert (number["value"], number["place"].endswith(f"governance_policy.yaml:{line}:9")) == ("1095", True)
    assert {"name": "product.retention_days", "meaning": "how long rows are kept"} in rules["data_retention.present"][
        "columns"
    ]
    text = meshkit("policy", "explain", "data_retention", "--mesh", RETAIL, "--sql").stdout
    assert "product.retention_days <= 1095" in text
    assert "- Analytical data: 3 years" in text


def test_the_number_of_a_domain_is_found_in_its_list():
    done = meshkit("policy", "explain", "data_quality", "--mesh", RETAIL, "--format", "json")
    sales = json.loads(done.stdout)["policies"][0]["rules"][0]
    lines = (RETAIL / "governance_policy.yaml").read_text().splitlines()
    line = next(i for i, text in enumerate(lines, 1) if 'completeness: ">= 99%"' in text)
    assert sales["params"][0]["place"].endswith(f":{line}:11")


def test_an_unknown_policy_is_refused_with_the_near_one():
    done = meshkit("policy", "explain", "data_retenton", "--mesh", RETAIL)
    assert (done.returncode, "did you mean 'data_retention'?" in done.stderr) == (2, True)


def test_tests_that_pass_and_policies_without_tests(draft):
    done = meshkit("policy", "test", draft)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2:] == ["4 of 4 tests of policies passed", "without tests: untested"]


def test_a_mismatch_exits_1_and_shows_both_sides(draft):
    draft.write_text(DRAFT.replace("expect: [column a is too short]", "expect: [column b is too short]"))
    done = meshkit("policy", "test", draft)
    assert done.returncode == 1
    assert (
        "  - expected, not found: column b is too short\n  + found, not expected: column a is too short\n"
        in done.stdout
    )
    assert "draft.yaml:10:9" in done.stdout


def test_a_test_whose_product_is_wrong_or_whose_policy_is_broken_fails_with_the_reason(draft):
    draft.write_text(
        DRAFT.replace("schema: {fields: [{name: a,", "shema: {fields: [{name: a,").replace("len(tags)", "len(tag)")
    )
    done = meshkit("policy", "test", draft, "--format", "json")
    refusals = [t["refusal"] for t in json.loads(done.stdout)["tests"]]
    assert done.returncode == 1
    assert refusals[0].startswith("MK102 the test's product: unknown key 'shema'")
    assert refusals[1] is None
    assert refusals[2] == "MK422 no column 'tag' in the row"


def test_try_says_who_would_be_hit_and_changes_nothing(draft, tmp_path):
    before = sorted((p, p.stat().st_mtime_ns) for p in RETAIL.rglob("*"))
    draft.write_text(DRAFT.replace("least: 1", "least: 8"))
    done = meshkit("policy", "try", draft, "--mesh", RETAIL, "--format", "json")
    short, opted, _ = json.loads(done.stdout)["policies"]
    import meshkit as api

    wanted = {
        p.id for p in api.load(RETAIL).products
        if any(c.type == "string" and len(c.name) <= 8 for t in p.contract.tables for c in t.columns)
    }  # fmt: skip
    assert done.returncode == 0
    assert {v["product"] for v in short["violations"]} == wanted
    assert (short["hit"], short["bound"], sum(d["hit"] for d in short["domains"])) == (len(wanted), 15, len(wanted))
    assert (opted["hit"], opted["bound"]) == (0, 0)
    assert sorted((p, p.stat().st_mtime_ns) for p in RETAIL.rglob("*")) == before


def test_a_draft_that_cannot_be_read_exits_2_with_the_place(draft):
    draft.write_text(DRAFT.replace("type = 'string'", "typ = 'string'"))
    done = meshkit("policy", "try", draft, "--mesh", RETAIL)
    assert done.returncode == 2
    assert (
        "draft.yaml:4:11: MK422 policy 'short_names': no column 'typ' in the row; did you mean 'type'?" in done.stderr
    )


@pytest.mark.parametrize(("text", "code"), [("a: [", "MK101"), ("a: 1\n", "MK109"), ("", "MK109")])
def test_a_file_without_policies_is_refused(text, code, tmp_path):
    file = tmp_path / "f.yaml"
    file.write_text(text)
    for verb in (("test", file), ("try", file, "--mesh", RETAIL)):
        done = meshkit("policy", *verb)
        assert (done.returncode, code in done.stderr) == (2, True)


def test_one_policy_alone_is_a_draft_too(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text('id: one\nrequire: "false"\nmessage: never\ntests:\n  - expect: [never]\n')
    assert meshkit("policy", "test", file).returncode == 0
    assert "one  error: 15 of 15 products would be hit" in meshkit("policy", "try", file, "--mesh", RETAIL).stdout
