"""Waivers over small tables, counted by hand: what they cover, until when, and up to how much."""

from __future__ import annotations

import json

import jsonschema
import pyarrow as pa
import pytest

from meshkit.report.github import render_github
from meshkit.report.html import render_html
from meshkit.report.json import render_json, report_schema
from meshkit.report.junit import render_junit
from meshkit.report.markdown import render_markdown
from meshkit.report.text import render_text

# Two of five rows have no a; b is above 5 in three of them.
ROWS = pa.table({"a": [1, None, 3, None, 5], "b": [1, 6, 7, 8, 2]})
FIELDS = [
    {"name": "a", "type": "integer", "constraints": ["not_null"]},
    {"name": "b", "type": "integer", "constraints": [{"max": {"value": 5, "severity": "warning"}}]},
]
NOW = "2026-11-22T06:00:00Z"
NASTY = "<script>x</script> | `y` \x1b[31m ]]> ::error::pwned\n::set-output"


def waiver(check="d.p.t.a.not_null", **keys):
    given = {"check": check, "subject": "d.p", "reason": "known", "approved_by": "gov", "until": "2027-01-31", **keys}
    return "  - " + json.dumps({k: v for k, v in given.items() if v is not None}) + "\n"


@pytest.fixture
def run(mesh, contract):
    """Check the table with waivers beside it."""

    def go(*waivers, now=NOW, fields=FIELDS, table=ROWS, **options):
        found = mesh(contract(fields), waivers="waivers:\n" + "".join(waivers))
        return found.check(tables={"t": table}, now=now, **options)

    return go


def outcomes(run):
    return {v.id.removeprefix("d.p.t."): str(v.outcome) for v in run.verdicts if v.outcome != "passed"}


def test_a_failed_and_a_warned_check_are_waived_and_the_run_passed(run):
    found = run(waiver(), waiver("d.p.t.b.max"))
    assert outcomes(found) == {"a.not_null": "waived", "b.max": "waived"}
    assert found.outcome == "passed"
    assert found.failed == ()
    found.raise_for_failures("info")
    assert found.verdict("d.p.t.a.not_null").bad == 2, "what was counted is still there"


def test_only_the_check_that_is_named_is_waived(run):
    assert outcomes(run(waiver())) == {"a.not_null": "waived", "b.max": "warned"}


@pytest.mark.parametrize(("now", "outcome"), [("2027-01-31T23:59:59Z", "waived"), ("2027-02-01T00:00:00Z", "failed")])
def test_the_last_day_is_included_and_the_clock_of_the_run_says_which_it_is(run, now, outcome):
    assert outcomes(run(waiver(), now=now))["a.not_null"] == outcome


@pytest.mark.parametrize(("cap", "outcome"), [(2, "waived"), (1, "failed"), ("40%", "waived"), ("39.99%", "failed")])
def test_above_its_cap_a_waiver_does_not_hold(run, cap, outcome):
    assert outcomes(run(waiver(cap=cap)))["a.not_null"] == outcome


def test_what_was_skipped_or_had_no_answer_is_never_waived(run):
    found = run(waiver(), table=pa.table({"a": ["x"], "b": [1]}))
    assert found.verdict("d.p.t.a.not_null").outcome == "skipped", "a is of another type, so it is not looked at"
    fields = [{"name": "a", "constraints": [{"pattern": "(?!x)"}]}]
    found = run(waiver("d.p.t.a.pattern"), fields=fields, table=pa.table({"a": ["x"]}))
    assert found.verdict("d.p.t.a.pattern").outcome == "errored"
    assert found.outcome == "errored"


def test_an_empty_table_misses_nothing_that_could_be_waived(run):
    assert outcomes(run(waiver(cap="0%"), table=ROWS.slice(0, 0))) == {"row_count": "warned"}


def test_a_version_has_its_own_checks_waived_and_a_bare_id_waives_all(mesh, contract):
    old = contract(FIELDS, status="deprecated")
    new = contract(FIELDS).replace("1.0.0", "2.0.0")
    keys = ("d.p@1.0.0.t.a.not_null", "d.p.t.a.not_null")

    def found(*waivers):
        run = mesh(old, new, waivers="waivers:\n" + "".join(waivers)).check(tables={"t": ROWS}, now=NOW)
        return tuple(str(run.verdict(k).outcome) for k in keys)

    assert found(waiver()) == ("waived", "waived")
    assert found(waiver(keys[0])) == ("waived", "failed")
    assert found(waiver(subject="d.p@2.0.0")) == ("failed", "waived")
    assert found(waiver("d.p@2.0.0.t.a.not_null")) == ("failed", "waived")


def test_a_waiver_with_an_error_counts_for_nothing_and_its_error_is_told(run):
    found = run(waiver(subject="d.p.b"))
    assert outcomes(found)["a.not_null"] == "failed"
    assert [p.code for p in found.problems] == ["MK433"]


def test_waived_checks_keep_their_samples_and_their_causes(run):
    found = run(waiver(), samples=5).verdict("d.p.t.a.not_null")
    assert found.outcome == "waived"
    assert len(found.samples.rows) == 2


def test_the_json_report_holds_the_waiver_and_what_ends_soon_or_has_ended(run):
    found = run(waiver(cap=2), waiver("d.p.t.b.max", until="2026-12-01"), waiver("d.p.t.b.max", until="2026-11-01"))
    report = json.loads(render_json(found.result))
    jsonschema.validate(report, report_schema())
    by_id = {c["id"]: c for c in report["products"][0]["checks"]}
    got = by_id["d.p.t.a.not_null"]["waiver"]
    place = got.pop("place")
    assert place["file"].endswith("waivers.yaml")
    assert (place["line"], place["column"]) == (2, 5)
    assert got == {"policy": None, "check": "d.p.t.a.not_null", "subject": "d.p", "reason": "known",
                   "approved_by": "gov", "until": "2027-01-31", "cap": "2"}  # fmt: skip
    assert by_id["d.p.t.columns"]["waiver"] is None
    assert report["waivers"]["today"] == "2026-11-22"
    assert [w["until"] for w in report["waivers"]["soon"]] == ["2026-12-01"]
    assert [w["until"] for w in report["waivers"]["ended"]] == ["2026-11-01"]


def test_a_mesh_without_waivers_says_nothing_of_them(mesh, contract):
    found = mesh(contract(FIELDS)).check(tables={"t": ROWS}, now=NOW)
    report = json.loads(render_json(found.result))
    jsonschema.validate(report, report_schema())
    assert report["waivers"] is None
    assert "waived" not in render_text(found.result)
    assert "ends within" not in render_text(found.result)


def test_every_report_shows_what_is_waived_until_when_by_whom_and_why(run):
    said = "waived until 2027-01-31 by gov: known"
    result = run(waiver(), waiver("d.p.t.b.max", until="2026-12-01"), waiver("d.p.t.b.max", until="2026-11-01")).result
    text = render_text(result)
    assert "5 checks passed" not in text
    assert said in text
    assert "2 waived" in text
    assert "1 waiver ends within 30 days:\n  2026-12-01  d.p.t.b.max, approved by gov" in text
    assert "1 waiver has ended and counts for nothing:\n  2026-11-01  d.p.t.b.max, approved by gov" in text
    assert said in render_html(result)
    assert "1 waiver ends within 30 days" in render_html(result)
    assert said in render_markdown(result)
    assert "1 waiver has ended and counts for nothing" in render_markdown(result)
    junit = render_junit(result)
    assert said in junit
    assert 'failures="0"' in junit
    github = render_github(result)
    assert f"::notice file={result.verdicts[0].place.file}" in github
    assert said in github
    assert "the waiver ends within 30 days" in github
    assert "the waiver has ended" in github


def test_products_with_waived_checks_are_shown_in_a_large_mesh_too(mesh, contract):
    products = [contract(FIELDS).replace("name: p\n", f"name: p{n}\n") for n in range(31)]
    given = [waiver("d.p7.t.a.not_null", subject="d.p7"), waiver("d.p7.t.b.max", subject="d.p7")]
    clean = pa.table({"a": [1], "b": [1]})
    found = mesh(*products, waivers="waivers:\n" + "".join(given)).check(
        tables={"p7": ROWS, **{f"p{n}": clean for n in range(31) if n != 7}}, now=NOW
    )
    text = render_text(found.result)
    assert "30 products passed all their checks" in text
    assert "d.p7 1.0.0" in text


def test_hostile_texts_of_waivers_leave_reports_what_they_are(run):
    hostile = waiver(reason=NASTY, approved_by=NASTY)
    result = run(hostile, waiver("d.p.t.b.max", until="2026-12-01", approved_by=NASTY)).result
    assert "\x1b" not in render_text(result)
    assert "<script>" not in render_html(result)
    markdown = render_markdown(result)
    assert "<script>" not in markdown
    assert "\x1b" not in markdown
    github = render_github(result)
    assert "\n::set-output" not in github
    assert "\x1b" not in github
    assert "\x1b" not in render_junit(result)
    assert json.loads(render_json(result))["products"][0]["checks"], "JSON keeps texts as they are, escaped"
