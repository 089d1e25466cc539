"""The compliance report in each form: it holds what it must, and stays what it is whatever contracts hold."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
import yaml

import meshkit
from meshkit.governing import Known
from meshkit.policy.evaluate import Waived
from meshkit.report.compliance_compare import compare_reports
from meshkit.report.compliance_html import render_compliance_html
from meshkit.report.compliance_json import render_compliance_json
from meshkit.report.compliance_markdown import render_compliance_github, render_compliance_markdown
from meshkit.report.compliance_sarif import render_compliance_sarif, sarif_as_dict
from meshkit.report.compliance_text import render_compliance_text

SARIF = Path(__file__).parents[2] / "data" / "standards" / "schemas" / "sarif-2.1.0.json"
NASTY = "<script>alert(1)</script> | `x` \x1b[31m ::error::pwned\n::set-output & \" onload='y'"
GOVERNANCE = {
    "governance": {
        "global_policies": [
            {"name": "data_classification", "policy": "- Public: for all\n"},
            {"name": "prose_only", "policy": NASTY},
        ],
        "policies": [
            {"id": "typo", "require": "product.clasification = 'x'"},
            {"id": "graced", "require": "product.retention_days > 3", "grace_until": "2026-12-31", "message": NASTY},
            {"id": "columns", "over": "column", "require": "own.description IS NOT NULL", "severity": "info",
             "message": "{own.name} says nothing", "remedy": NASTY},
        ],
    }
}  # fmt: skip


def plain(text, role):
    return text


@pytest.fixture
def report(mesh):
    def product(name, **keys):
        fields = [{"name": NASTY, "type": "string"}]
        return yaml.safe_dump(
            {"name": name, "version": "1.0.0", "domain": "d", "description": NASTY, "owner": {"team": NASTY},
             "schema": {"location": "t.parquet", "fields": fields}, **keys}
        )  # fmt: skip

    loaded = mesh(
        product("blocked"),
        product("waived"),
        product("unread", retention_days=NASTY),
        governance=yaml.safe_dump(GOVERNANCE),
    )
    waiver = Waived("data_classification", "d.waived", None, date(2026, 12, 31), NASTY)
    made = meshkit.compliance_report(loaded, "pr", now="2026-11-22", known=Known(waivers=[waiver]))
    before = json.loads(render_compliance_json(made))
    before["products"][0]["violations"].pop()
    before["products"][0]["violations"].append(
        before["products"][0]["violations"][0] | {"rule": "old", "message": NASTY}
    )
    return compare_reports(made, json.dumps(before), "old.json")


class _Reader(HTMLParser):
    """Notes tags and attributes, and that each is closed."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_one_file_without_script_or_links_and_escapes_what_contracts_hold(report):
    page = render_compliance_html(report)
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    assert not reader.tags & {"script", "link", "img", "iframe", "a"}
    assert reader.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert not re.search(r"https?://|url\(|@import", page)
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page


def test_the_page_is_read_light_and_dark_and_prints(report):
    page = render_compliance_html(report)
    assert "prefers-color-scheme:dark" in page
    assert "color-scheme:light dark" in page
    assert "@media print" in page
    assert "break-inside:avoid" in page


def test_sarif_is_valid_by_the_schema_of_the_standard(report):
    schema = json.loads(SARIF.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert list(validator.iter_errors(json.loads(render_compliance_sarif(report)))) == []


def test_sarif_tells_blocking_waived_and_graced_violations_apart(report):
    (run,) = sarif_as_dict(report)["runs"]
    by_rule = {(r["properties"]["product"], r["ruleId"]): r for r in run["results"]}
    assert by_rule["d.blocked", "data_classification.present"]["level"] == "error"
    assert "suppressions" not in by_rule["d.blocked", "data_classification.present"]
    assert by_rule["d.waived", "data_classification.present"]["suppressions"][0]["status"] == "accepted"
    assert by_rule["d.blocked", "graced"]["level"] == "warning"
    assert by_rule["d.blocked", "columns"]["level"] == "note"
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [
        r["ruleId"] for r in run["results"]
    ]
    invocation = run["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    told = " ".join(n["message"]["text"] for n in invocation["toolExecutionNotifications"])
    assert "rule typo cannot be evaluated" in told
    assert "policy prose_only is not executable" in told


def test_a_result_keeps_its_fingerprint_when_its_lines_move(report):
    (run,) = sarif_as_dict(report)["runs"]
    prints = [r["partialFingerprints"]["meshkit/v1"] for r in run["results"]]
    assert len(set(prints)) == len(prints)
    moved = report.model_copy(
        update={
            "products": tuple(
                p.model_copy(update={"violations": tuple(v.model_copy(update={"place": None}) for v in p.violations)})
                for p in report.products
            )
        }
    )
    assert [r["partialFingerprints"]["meshkit/v1"] for r in sarif_as_dict(moved)["runs"][0]["results"]] == prints


def test_workflow_commands_cannot_be_forged_and_follow_what_blocks(report):
    lines = render_compliance_github(report).splitlines()
    assert not [line for line in lines if line.startswith(("::set-output", "::error::pwned"))]
    commands = [
        line.split(" ")[0] + " " + re.search(r"title=([^:]*)::", line)[1] for line in lines if line.startswith("::")
    ]
    assert "::error d.blocked data_classification.present error" in commands
    assert "::notice d.waived data_classification.present waived" in commands
    assert "::warning d.blocked graced grace" in commands
    assert "::notice d.blocked columns info" in commands
    assert "::error typo broken" in commands
    assert "::notice prose_only not executable" in commands


def test_markdown_takes_the_meaning_from_markup_and_keeps_its_tables(report):
    text = render_compliance_markdown(report)
    outside = "".join(text.split("`")[::2])
    assert "<script>" not in outside
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {3, 4, 5}
    assert "waived" in text
    assert "not executable" in text


def test_the_text_for_people_is_plain_and_says_each_state(report):
    text = render_compliance_text(report, plain)
    assert "\x1b" not in text
    assert "\n::set-output" not in text
    for said in ("d.blocked 1.0.0 · non-compliant, blocked", "d.unread 1.0.0 · not evaluable", "waived    data_classification.present",
                 "grace     graced", "not executable  prose_only", "broken  typo", "1 new, 1 gone"):  # fmt: skip
        assert said in text, said
    assert text.rstrip().rpartition("\n")[2].startswith("not judged as a whole at pr, and blocked")
