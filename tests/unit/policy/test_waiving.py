"""Which waiver covers what, on which day: verdicts and violations by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.run import Observation, ProductRun, RunResult, worst
from meshkit.model.table import Severity
from meshkit.model.threshold import at_least, at_most, parse_range
from meshkit.model.waiver import Subject, Waiver, parse_cap
from meshkit.policy.waiving import Waivings, waive
from meshkit.run.judge import exit_code, judge

TODAY = date(2026, 11, 22)
HERE = Place("f.yaml", 3, 5)
CHECK = "d.p.t.x.not_null"


def waiver(until="2026-12-31", cap=None, version="", line=1, reason="known", **keys):
    return Waiver(
        **{"check": CHECK, "name": CHECK, **keys},
        subject=Subject(text="d.p", product="d.p", version=version), reason=reason, approved_by="gov",
        until=date.fromisoformat(until), cap=parse_cap(cap) if cap else None, place=Place("w.yaml", line, 5),
    )  # fmt: skip


def verdict(bad=3, total=10, severity="error", key="d.p", kind=Kind.NOT_NULL, threshold=None, **seen):
    check = Check(id=f"{key}.t.x.not_null", kind=kind, product=key, table="t", column="x",
                  threshold=threshold or at_most(0), severity=Severity(severity), place=HERE)  # fmt: skip
    observed = Observation(**seen) if seen else Observation(bad=bad, total=total)
    return judge(check, observed)


def result(*verdicts, version="1.0.0"):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    product = ProductRun(id="d.p", version=version, domain="d", outcome=worst(v.outcome for v in verdicts),
                         verdicts=verdicts)  # fmt: skip
    return RunResult(outcome=product.outcome, started_at=now, finished_at=now, meshkit_version="0", products=(product,))


def test_a_missed_check_is_waived_and_counts_as_passed():
    run = waive(result(verdict()), Waivings([waiver()], TODAY))
    assert (run.outcome, run.products[0].outcome) == ("passed", "passed")
    assert run.verdicts[0].outcome == "waived"
    assert run.verdicts[0].message == "3 of 10 rows (30%), allowed 0; waived until 2026-12-31 by gov: known"
    assert run.verdicts[0].waiver == waiver()
    assert (exit_code(result(verdict()), Severity.ERROR), exit_code(run, Severity.INFO)) == (1, 0)


def test_a_warning_is_waived_too():
    run = waive(result(verdict(severity="warning")), Waivings([waiver()], TODAY))
    assert run.verdicts[0].outcome == "waived"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (verdict(error="no such file"), "errored"),
        (verdict(skip="no column"), "skipped"),
        (verdict(bad=0), "passed"),
    ],
)
def test_what_is_not_missed_stays_as_it_is(given, outcome):
    run = waive(result(given), Waivings([waiver()], TODAY))
    assert run.verdicts == (given,)
    assert run.verdicts[0].outcome == outcome


def test_an_ended_waiver_covers_nothing_on_any_path_and_the_verdict_says_so():
    old = waiver("2026-11-21")
    waivings = Waivings([old, waiver("2026-11-21", check="", name="", policy="q")], TODAY)
    assert waivings.of_check(verdict(), "1.0.0") is None
    assert waivings.holding == ()
    run = waive(result(verdict()), waivings)
    assert (run.outcome, run.verdicts[0].waiver) == ("failed", None)
    assert run.verdicts[0].message == "3 of 10 rows (30%), allowed 0; its waiver ended on 2026-11-21"


@pytest.mark.parametrize(("cap", "is_waived"), [("3", True), ("2", False), ("30%", True), ("29.999%", False)])
def test_above_its_cap_a_waiver_does_not_hold_at_all(cap, is_waived):
    run = waive(result(verdict()), Waivings([waiver(cap=cap)], TODAY))
    assert run.verdicts[0].outcome == ("waived" if is_waived else "failed")
    if not is_waived:
        assert run.verdicts[0].message.endswith(f"; its waiver holds up to {cap}")


def test_of_two_that_cover_the_same_the_one_that_holds_longest_is_taken():
    short, long = waiver("2026-12-01", line=1), waiver("2026-12-24", line=7)
    assert Waivings([short, long], TODAY).of_check(verdict(), "1.0.0") == long
    assert Waivings([long, short], TODAY).of_check(verdict(), "1.0.0") == long
    small = waiver("2027-01-31", cap="2")
    assert Waivings([short, small], TODAY).of_check(verdict(), "1.0.0") == short, "the longer one does not hold"


def test_a_bare_id_is_for_all_versions_and_one_with_a_version_for_it_alone():
    old, current = verdict(key="d.p@1.0.0"), verdict()
    every = Waivings([waiver()], TODAY)
    assert every.of_check(old, "1.0.0")
    assert every.of_check(current, "2.0.0")
    one = Waivings([waiver(version="1.0.0")], TODAY)
    assert one.of_check(old, "1.0.0")
    assert one.of_check(current, "2.0.0") is None


@pytest.mark.parametrize(
    ("kind", "threshold", "value", "cap", "is_waived"),
    [
        (Kind.SQL, at_most(0, "number"), Decimal(5), "5", True),
        (Kind.SQL, at_most(0, "number"), Decimal(6), "5", False),
        (Kind.SQL, parse_range("between 0 and 0.1"), 0.14, "0.14", True),
        (Kind.SQL, parse_range("between 0 and 0.1"), -1.0, "0.14", False),
        (Kind.SQL, parse_range(">= 5"), Decimal(4), "9", False),
        (Kind.ROW_COUNT, at_least(1, "rows"), Decimal(0), "9", False),
        (Kind.FRESHNESS, at_most(24, "hours"), 30.0, "99", False),
        (Kind.FRESHNESS, at_most(24, "hours"), 30.0, None, True),
    ],
)
def test_a_cap_says_how_high_a_number_may_go_and_nothing_of_what_is_too_low_or_too_old(
    kind, threshold, value, cap, is_waived
):
    missed = verdict(kind=kind, threshold=threshold, value=value)
    assert missed.is_missed
    assert (Waivings([waiver(cap=cap)], TODAY).of_check(missed, "1.0.0") is not None) is is_waived


def test_what_ends_soon_and_what_has_ended_is_told():
    days = ("2026-12-22", "2026-12-23", "2026-11-21", "2026-11-22", "2026-10-01")
    report = Waivings([waiver(d) for d in days], TODAY).report()
    assert [str(w.until) for w in report.soon] == ["2026-11-22", "2026-12-22"]
    assert [str(w.until) for w in report.ended] == ["2026-11-21", "2026-10-01"]
