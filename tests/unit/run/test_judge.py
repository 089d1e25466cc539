"""Outcomes and exit codes, from observations worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import meshkit
from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.problem import Problem
from meshkit.model.run import Observation, Outcome, ProductRun, RunResult, worst
from meshkit.model.table import Severity
from meshkit.model.threshold import at_least, at_most, parse_row_threshold
from meshkit.run.judge import exit_code, judge

HERE = Place("f.yaml", 3, 5)


def check(kind=Kind.NOT_NULL, threshold=None, severity="error", **keys):
    return Check(id="d.p.t.x", kind=kind, product="d.p", table="t", column="x", threshold=threshold or at_most(0),
                 severity=Severity(severity), place=HERE, **keys)  # fmt: skip


def result(*outcomes, severity="error", problems=(), interrupted=False):
    found = {"passed": Observation(bad=0, total=2), "missed": Observation(bad=1, total=2), "errored": Observation(error="why"),
             "skipped": Observation(skip="why")}  # fmt: skip
    verdicts = tuple(judge(check(severity=severity), found[o]) for o in outcomes)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    product = ProductRun(
        id="d.p", version="1.0.0", domain="d", outcome=worst(v.outcome for v in verdicts), verdicts=verdicts
    )
    return RunResult(
        outcome=product.outcome,
        problems=problems,
        started_at=now,
        finished_at=now,
        meshkit_version="0",
        products=(product,),
        interrupted=interrupted,
    )


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["passed"], "passed"),
        (["passed", "skipped"], "passed"),
        (["skipped"], "skipped"),
        ([], "skipped"),
        (["waived"], "passed"),
        (["warned", "passed"], "warned"),
        (["failed", "warned"], "failed"),
        (["errored", "failed"], "errored"),
    ],
)
def test_the_worst_outcome_is_that_of_the_whole(outcomes, expected):
    assert worst(Outcome(o) for o in outcomes) == expected


def test_an_error_is_never_a_failure_and_never_a_pass():
    for severity in Severity:
        assert judge(check(severity=severity), Observation(error="why")).outcome == "errored"


def test_a_draft_is_warned_at_most():
    assert judge(check(severity="critical"), Observation(bad=1, total=1), is_draft=True).outcome == "warned"


def test_nothing_of_nothing_is_no_miss():
    assert judge(check(threshold=parse_row_threshold("0%")), Observation(bad=0, total=0)).outcome == "passed"
    complete = judge(check(Kind.COMPLETENESS, at_least(Decimal("0.99"), "ratio")), Observation(bad=0, total=0))
    assert (complete.outcome, complete.value) == ("passed", 1.0)


def test_a_share_is_judged_exactly_and_a_value_is_in_the_thresholds_unit():
    verdict = judge(check(threshold=parse_row_threshold("25%")), Observation(bad=1, total=4))
    assert (verdict.outcome, verdict.value, verdict.unit) == ("passed", 0.25, "ratio")
    assert judge(check(threshold=parse_row_threshold("24.99%")), Observation(bad=1, total=4)).outcome == "failed"


def test_the_message_says_how_many_of_how_many_against_what():
    assert judge(check(), Observation(bad=8255, total=336776)).message == "8,255 of 336,776 rows (2.45%), allowed 0"


@pytest.mark.parametrize(
    ("made", "fail_on", "code"),
    [
        (result("passed"), "error", 0),
        (result("missed"), "error", 1),
        (result("missed"), None, 0),
        (result("missed", severity="warning"), "error", 0),
        (result("missed", severity="warning"), "warning", 1),
        (result("errored", severity="info"), None, 3),
        (result("skipped"), None, 3),
        (result(), None, 3),
        (result("missed", interrupted=True), None, 130),
        (result("errored", problems=(Problem(code="MK102", message="m", place=HERE),)), "error", 2),
        (result("passed", problems=(Problem(code="MK122", message="m", place=HERE, check="x"),)), "error", 0),
        (
            result("passed", problems=(Problem(code="MK119", severity=Severity.WARNING, message="m", place=HERE),)),
            "error",
            0,
        ),
    ],
)
def test_the_exit_code_is_the_first_that_holds(made, fail_on, code):
    assert exit_code(made, Severity(fail_on) if fail_on else None) == code


def test_raise_for_failures_names_what_was_not_met():
    from meshkit.runs import Run

    Run(result("passed")).raise_for_failures()
    Run(result("missed", severity="warning")).raise_for_failures()
    with pytest.raises(meshkit.ChecksFailedError, match=r"1 not met: d\.p\.t\.x failed"):
        Run(result("missed")).raise_for_failures()
    with pytest.raises(meshkit.ChecksFailedError):
        Run(result("missed", severity="warning")).raise_for_failures("warning")
    with pytest.raises(meshkit.ChecksFailedError, match="errored"):
        Run(result("errored", severity="info")).raise_for_failures("critical")
