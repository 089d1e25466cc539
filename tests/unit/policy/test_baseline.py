"""The terms of a baseline, and what it makes of policies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from meshkit.errors import UsageError
from meshkit.model.run import Outcome, ProductRun, RunResult
from meshkit.model.waiver import NewWaiver
from meshkit.policy.baseline import NotWaivable, PolicyMiss, Terms, baseline_of, not_there, read_terms

TODAY = date(2026, 11, 22)
TERMS = Terms(date(2027, 1, 31), "known", "gov@x.com")


def run(*products):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return RunResult(outcome=Outcome.PASSED, started_at=now, finished_at=now, meshkit_version="0", products=products)


@pytest.mark.parametrize("until", ["2026-11-22", "2020-01-01", "2027-11-23", "soon", "2027-02-30", ""])
def test_a_baseline_ends_after_today_and_within_a_year(until):
    with pytest.raises(UsageError):
        read_terms(until, "why", "who", TODAY)


def test_a_year_and_with_long_more_are_taken():
    assert read_terms("2027-11-22", " why ", "who", TODAY) == Terms(date(2027, 11, 22), "why", "who")
    assert read_terms("2030-01-01", "why", "who", TODAY, is_long=True).until == date(2030, 1, 1)
    assert read_terms("2029-02-28", "why", "who", date(2028, 2, 29)).until == date(2029, 2, 28)


@pytest.mark.parametrize(("reason", "who"), [(" ", "who"), ("why", "\t")])
def test_a_reason_and_an_approver_are_said(reason, who):
    with pytest.raises(UsageError):
        read_terms("2027-01-01", reason, who, TODAY)


def test_each_violation_is_waived_once_per_policy_and_subject():
    misses = [PolicyMiss("b", "d.p", 3), PolicyMiss("a", "d.p.email"), PolicyMiss("b", "d.p", 5)]
    found = baseline_of(run(), TERMS, (), misses)
    assert [(w.policy, w.subject, w.cap) for w in found.waivers] == [("a", "d.p.email", None), ("b", "d.p", Decimal(5))]


def test_nobody_takes_a_baseline_of_a_mandatory_policy_for_his_own_product():
    misses = [PolicyMiss("m", "d.p", refused=("Blue", "GOV@x.com"))]
    found = baseline_of(run(), TERMS, (), misses)
    assert found.waivers == ()
    assert found.not_waivable == (NotWaivable("m d.p", "gov@x.com may not approve it: the product is his own"),)


def test_a_product_that_could_not_be_read_is_listed():
    found = baseline_of(run(ProductRun(id="d.p", version="1.0.0", domain="d", outcome=Outcome.ERRORED)), TERMS)
    assert found.not_waivable == (NotWaivable("d.p@1.0.0", "its contract has errors"),)


def test_what_a_file_has_already_at_least_as_long_is_not_added_again():
    new = NewWaiver(check="c", subject="d.p", reason="r", approved_by="a", until=date(2027, 1, 31), cap=Decimal(3))
    same = {"check": "c", "subject": "d.p", "until": "2027-01-31", "cap": 3}
    assert not_there([new], [same]) == ()
    assert not_there([new], [{**same, "until": "2027-01-30"}]) == (new,)
    assert not_there([new], [{**same, "cap": 2}]) == (new,)
    assert not_there([new], ["nonsense", {**same, "check": "e"}]) == (new,)
