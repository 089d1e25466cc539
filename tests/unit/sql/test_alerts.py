"""Conditions of alerts: percent literals, and names that must be metrics."""

from __future__ import annotations

import pytest

import meshkit
from meshkit.sql.alerts import least_age_hours, parse_alert
from meshkit.sql.trees import column_names

METRICS = ["age_hours", "row_count", "row_count_change", "quality_check_failed"]


@pytest.mark.parametrize(
    "text",
    [
        "age_hours > 26",
        "row_count_change > 50%",
        "row_count_change > 50% OR row_count < 1",
        "50% < row_count_change",
        "quality_check_failed",
        "row_count < 10 OR age_hours >= 3",
    ],
)
def test_conditions_over_metrics_are_read(text):
    read = column_names(parse_alert(text, METRICS))
    assert read
    assert read <= set(METRICS)


@pytest.mark.parametrize(
    ("text", "said"),
    [("age_hour > 26", "did you mean 'age_hours'?"), ("sum(x) > 1", "aggregate"), ("age_hours >", "cannot be read")],
)
def test_a_name_that_is_no_metric_is_refused_with_the_near_one(text, said):
    with pytest.raises(meshkit.SqlError, match=said.replace("?", r"\?")):
        parse_alert(text, METRICS)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("age_hours > 26", 26),
        ("age_hours >= 1.5", 1.5),
        ("age_hours > 26 AND row_count > 1", None),
        ("row_count > 3", None),
    ],
)
def test_the_age_of_a_plain_alert_is_known(text, hours):
    assert least_age_hours(parse_alert(text, METRICS)) == hours


def test_an_alert_looser_than_the_promise_is_a_warning(mesh, contract):
    keys = {
        "sla": {"freshness": {"max_age_hours": 24}},
        "observability": {"alerts": [{"type": "freshness", "condition": "age_hours > 26"}]},
    }
    (problem,) = mesh(contract([{"name": "a"}], **keys)).lint()
    assert (problem.code, str(problem.severity)) == ("MK128", "warning")
    keys["observability"]["alerts"][0]["condition"] = "age_hours > 24"
    assert not mesh(contract([{"name": "a"}], **keys)).lint()


def test_an_alert_may_use_the_contracts_own_metrics(mesh, contract):
    keys = {"observability": {"metrics": [{"big": "max(a)"}], "alerts": [{"type": "x", "condition": "big > 5"}]}}
    assert not mesh(contract([{"name": "a"}], **keys)).lint()
    keys["observability"]["metrics"] = [{"big": "max(b)"}]
    assert [p.code for p in mesh(contract([{"name": "a"}], **keys)).lint()] == ["MK206"]
