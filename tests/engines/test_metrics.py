"""Metrics over tables counted by hand: full, empty, all NULL, NaN; of a slice, kept between runs, and of broken tables."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import meshkit
from meshkit.engines.duckdb import DuckDBSession
from meshkit.errors import StatementTimeoutError
from meshkit.report.json import report_schema
from meshkit.report.text import render_text

NOW = "2026-11-22T06:00:00Z"
NAN, INF = float("nan"), float("inf")
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("status", pa.string()),
        ("x", pa.float64()),
        ("price", pa.decimal128(6, 2)),
        ("ok", pa.bool_()),
        ("day", pa.date32()),
        ("email", pa.string()),
    ]
)
DAY = dt.date(2026, 11, 20)
FULL = pa.table(
    [
        [1, 2, 3, 4],
        ["A", "A", "CCC", None],
        [1.0, NAN, INF, 3.0],
        [Decimal("1.00"), Decimal("2.50"), None, None],
        [True, False, None, True],
        [DAY, DAY, dt.date(2026, 11, 19), None],
        ["a@x", "b@x", "c@x", None],
    ],
    schema=SCHEMA,
)
EMPTY = SCHEMA.empty_table()
NULLS = pa.table([[None, None]] * 7, schema=SCHEMA)
FIELDS = [
    {"name": "id", "type": "integer"},
    {"name": "status", "type": "string", "constraints": [{"in": ["A", "B"]}]},
    {"name": "x", "type": "float"},
    {"name": "price", "type": "decimal(6,2)"},
    {"name": "ok", "type": "boolean"},
    {"name": "day", "type": "date"},
    {"name": "email", "type": "string", "is_pii": True},
]
NAMES = [f["name"] for f in FIELDS]


def observability(*metrics: Any, alerts: Any = ()) -> dict[str, Any]:
    return {
        "metrics": list(metrics),
        "alerts": [{"type": "t", "condition": c, "severity": "critical"} for c in alerts],
    }


@pytest.fixture
def measured(mesh, contract):
    """Check a table; metrics by what follows `d.p.t.` in their ids."""

    def run(table: Any, *metrics: Any, alerts: Any = (), **keys: Any) -> dict[str, Any]:
        fields = keys.pop("fields", FIELDS)
        options = {k: keys.pop(k) for k in ("metrics", "previous", "partition", "checks") if k in keys}
        loaded = mesh(contract(fields, observability=observability(*metrics, alerts=alerts), **keys))
        done = loaded.check(tables={"t": table}, now=NOW, **options)
        jsonschema.validate(done.to_dict(), report_schema(), cls=jsonschema.Draft202012Validator)
        assert done.metrics().num_rows == len(done.products[0].metrics)
        found = {m.id.removeprefix("d.p.t."): m for m in done.products[0].metrics}
        return {**found, "alerts": [str(a.state) for a in done.products[0].alerts], "run": done}

    return run


def values(found: dict[str, Any], name: str) -> list[Any]:
    return [found[f"{column}.{name}"].value for column in NAMES]


@pytest.mark.parametrize(
    ("table", "rates", "rows"),
    [(FULL, [0, 0.25, 0, 0.5, 0.25, 0.25, 0.25], 4), (EMPTY, [0] * 7, 0), (NULLS, [1] * 7, 2)],
)
def test_rows_and_shares_of_null(measured, table, rates, rows):
    found = measured(table, "row_count", "null_rate", "null_percentage_by_column", "completeness")
    assert found["row_count"].value == rows
    assert values(found, "null_rate") == rates
    assert found["id.null_rate"].unit == "ratio"
    assert values(found, "null_percentage_by_column") == [100 * rate for rate in rates]
    assert found["id.null_percentage_by_column"].unit == "percent"
    assert found["completeness"].value == pytest.approx(1 - sum(rates) / 7)


@pytest.mark.parametrize(("table", "counts"), [(FULL, [4, 2, 4, 2, 2, 2, 3]), (EMPTY, [0] * 7), (NULLS, [0] * 7)])
def test_distinct_values_leave_null_out_and_take_nan_as_one(measured, table, counts):
    found = measured(table, "distinct_count")
    assert values(found, "distinct_count") == counts
    assert not found["id.distinct_count"].is_approximate


def test_distributions_of_a_full_table(measured):
    found = measured(FULL, "value_distribution")
    of = {name: found[f"{name}.value_distribution"].distribution for name in NAMES}
    # 1 2 3 4: the deviation is the square root of 5/3, quartiles lie between neighbours.
    assert (of["id"].filled, of["id"].least, of["id"].most, of["id"].mean) == (4, 1, 4, 2.5)
    assert of["id"].deviation == pytest.approx((5 / 3) ** 0.5)
    assert of["id"].quartiles == (1.75, 2.5, 3.25)
    # Of 1.0, NaN, infinity and 3.0 two are finite.
    assert (of["x"].filled, of["x"].not_finite, of["x"].least, of["x"].most, of["x"].mean) == (4, 2, 1, 3, 2)
    assert of["x"].quartiles == (1.5, 2, 2.5)
    assert (of["price"].least, of["price"].most, of["price"].mean) == (1, Decimal("2.5"), 1.75)
    # The lengths 1, 1 and 3; of the listed values A stands there twice, CCC is another one.
    assert (of["status"].least, of["status"].most, of["status"].mean) == (1, 3, pytest.approx(5 / 3))
    assert (of["status"].counts, of["status"].others) == ((("A", 2), ("B", 0)), 1)
    assert of["ok"].counts == (("true", 2), ("false", 1))
    assert (of["day"].filled, of["day"].least, of["day"].most) == (3, "2026-11-19", "2026-11-20")
    assert of["email"] is None
    assert "personal data" in found["email.value_distribution"].unavailable


@pytest.mark.parametrize("table", [EMPTY, NULLS])
def test_distributions_without_values(measured, table):
    found = measured(table, "value_distribution")
    of = {name: found[f"{name}.value_distribution"].distribution for name in NAMES[:-1]}
    assert [d.filled for d in of.values()] == [0] * 6
    assert all(d.least is d.most is d.mean is d.deviation is d.quartiles is None for d in of.values())
    assert of["status"].counts == (("A", 0), ("B", 0))
    assert of["x"].not_finite == 0


def test_no_value_of_personal_data_is_ever_in_a_report(measured):
    fields = [{"name": "email", "type": "string", "is_pii": True, "constraints": [{"in": ["a@x", "b@x"]}]}]
    found = measured(FULL.select(["email"]), fields=fields, metrics="all")
    assert found["email.distinct_count"].value == 3
    told = json.dumps([m.model_dump(mode="json") for m in found["run"].products[0].metrics])
    assert "@x" not in told


def test_numbers_of_personal_data_have_no_distribution(measured):
    fields = [{"name": "salary", "type": "integer", "is_pii": True}]
    found = measured(pa.table({"salary": [1234567, 7654321]}), "value_distribution", fields=fields)
    assert found["salary.value_distribution"].distribution is None
    assert "7654321" not in render_text(found["run"].result, metrics=True)


def test_drift_of_added_removed_and_retyped_columns(measured):
    table = pa.table({"id": ["1"], "status": ["A"], "extra": [1]})
    found = measured(table, "schema_drift", fields=FIELDS[:3])["schema_drift"]
    assert found.value == 3
    assert (found.drift.added, found.drift.removed) == (("extra",), ("x",))
    assert [(r.column, r.declared, r.seen) for r in found.drift.retyped] == [("id", "integer", "VARCHAR")]


def test_text_that_does_not_parse_has_drifted(measured, tmp_path):
    (tmp_path / "t.csv").write_text("id,status\n1,A\nx,B\n")
    found = measured(str(tmp_path / "t.csv"), "schema_drift", "null_rate", fields=FIELDS[:2])
    assert [r.column for r in found["schema_drift"].drift.retyped] == ["id"]
    assert found["id.null_rate"].unavailable == "id: see d.p.t.types"
    assert found["status.null_rate"].value == 0


@pytest.mark.parametrize(
    ("expression", "value", "why"),
    [
        ("sum(price)", Decimal("3.5"), ""),
        ("count(*) FILTER (WHERE ok) / count(*)", 0.5, ""),
        ("median(id)", 2.5, ""),
        ("sum(price) -- cents", Decimal("3.5"), ""),
        ("sum(price) FILTER (WHERE id > 10)", None, "NULL"),
        ("id", None, "several rows"),
        ("max(status)", None, "not a number"),
        ("sum(CAST(status AS integer))", None, "MK"),
    ],
)
def test_metrics_of_the_contracts_own(measured, expression, value, why):
    found = measured(FULL, {"own": expression}, "null_rate")
    assert found["own"].value == value
    assert why in found["own"].unavailable
    assert bool(found["own"].unavailable) is bool(why)
    assert found["status.null_rate"].value == 0.25
    outcomes = {v.id.removeprefix("d.p.t."): str(v.outcome) for v in found["run"].verdicts}
    assert outcomes["status.in"] == "failed"
    assert "errored" not in outcomes.values()


def test_a_failing_metric_shares_the_scan_and_spoils_no_check(measured):
    found = measured(FULL, {"a": "sum(CAST(status AS integer))"}, {"b": "sum(id)"}, "value_distribution")
    assert found["a"].unavailable
    assert "CCC" not in found["a"].unavailable
    assert found["b"].value == 10
    assert found["id.value_distribution"].distribution.most == 4


def test_metrics_share_the_scan_of_the_checks(mesh, contract, monkeypatch, tmp_path):
    asked: list[str] = []
    own = DuckDBSession.rows

    def noted(self: DuckDBSession, query: str, **options: Any) -> Any:
        asked.append(query)
        return own(self, query, **options)

    monkeypatch.setattr(DuckDBSession, "rows", noted)
    table = FULL.select(["id", "price"])
    fields = [{"name": "id", "type": "integer", "constraints": [{"min": 0}]}, FIELDS[3]]
    asked_of = observability("row_count", "null_rate", "distinct_count", "value_distribution", {"own": "sum(price)"})
    mesh(contract(fields, observability=asked_of)).check(tables={"t": table})
    with_metrics = [q for q in asked if "FROM" in q]
    assert len(with_metrics) == 1
    asked.clear()
    mesh(contract(fields)).check(tables={"t": table})
    assert [q.count(" AS m") for q in asked if "FROM" in q] == [1]


def test_a_contract_without_metrics_has_only_its_rows(measured):
    found = measured(FULL)
    assert [m.id for m in found["run"].products[0].metrics] == ["d.p.t.row_count"]


def test_none_and_chosen_checks_measure_nothing(measured):
    assert measured(FULL, "null_rate", metrics="none")["run"].products[0].metrics == ()
    assert measured(FULL, "null_rate", checks=["status.in"])["run"].products[0].metrics == ()


def test_all_metrics_of_a_contract_that_declares_none(measured):
    found = measured(FULL, metrics="all", sla={"freshness": {"column": "day"}})
    names = {m.name for m in found["run"].products[0].metrics}
    assert names == {
        "row_count", "null_rate", "distinct_count", "value_distribution", "schema_drift", "completeness", "age_hours",
        "quality_check_failed",
    }  # fmt: skip
    # A date counts as the end of its day: 2026-11-21T00:00 was 30 hours ago.
    assert found["age_hours"].value == 30


def test_age_without_a_time(measured):
    assert "sla.freshness.column" in measured(FULL, "age_hours")["age_hours"].unavailable
    found = measured(NULLS, "age_hours", sla={"freshness": {"column": "day"}})["age_hours"]
    assert found.unavailable == "day has no value up to now"


def test_whether_a_check_failed(measured):
    def failed(table: Any, fields: Any) -> Any:
        return measured(table, "quality_check_failed", fields=fields)["d.p.quality_check_failed"]

    assert failed(FULL, FIELDS).value is True  # CCC is not listed
    assert failed(FULL.select(["id"]), FIELDS[:1]).value is False
    mild = [{"name": "id", "type": "integer", "constraints": [{"max": {"value": 0, "severity": "warning"}}]}]
    assert failed(FULL.select(["id"]), mild).value is False
    silent = [{"name": "id", "type": "integer", "constraints": [{"references": "nowhere.id"}]}]
    found = failed(FULL.select(["id"]), silent)
    assert (found.value, found.unavailable) == (None, "1 of 5 checks had no answer")


@pytest.mark.parametrize(
    ("before", "value", "why"),
    [(2, 1.0, ""), (16, 0.75, ""), (4, 0.0, ""), (0, None, "saw no rows"), (None, None, "no earlier")],
)
def test_the_change_of_rows_needs_an_earlier_run(measured, before, value, why):
    previous = {} if before is None else {"d.p.t.row_count": before}
    found = measured(FULL, "row_count_change", previous=previous)["row_count_change"]
    assert found.value == value
    assert why in found.unavailable


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("row_count > 3", "fired"),
        ("row_count > 4", "quiet"),
        ("row_count_change > 50%", "unknown"),
        ("row_count_change > 50% OR row_count = 4", "fired"),
        ("row_count_change > 50% AND row_count = 5", "quiet"),
        ("null_rate > 49%", "fired"),  # price has two of four
        ("null_rate > 0.5", "quiet"),
        ("null_percentage_by_column > 49%", "fired"),
        ("null_percentage_by_column >= 50 AND NOT null_percentage_by_column > 50", "fired"),
        ("quality_check_failed", "fired"),
        ("distinct_count > 1", "unknown"),
        ("value_distribution > 1", "unknown"),
        ("own / row_count BETWEEN 2 AND 3", "fired"),
        ("own > 5 * 2", "quiet"),
        ("schema_drift > 0", "quiet"),
        ("row_count / (row_count - 4) > 1", "unknown"),
    ],
)
def test_alerts(measured, condition, state):
    found = measured(FULL, {"own": "sum(id)"}, alerts=[condition])
    assert found["alerts"] == [state]
    (alert,) = found["run"].products[0].alerts
    assert bool(alert.reason) is (state == "unknown")
    assert str(alert.severity) == "critical"


def test_an_alert_over_a_column_that_is_not_there(measured):
    table = FULL.select(["id", "price"])
    conditions = ["null_rate > 40%", "null_rate > 60%", "null_rate < 40%"]
    found = measured(table, fields=[FIELDS[0], FIELDS[3], FIELDS[1]], alerts=conditions)
    # Half of price is NULL; of status, which is not there, anything may be.
    assert found["alerts"] == ["fired", "unknown", "quiet"]


def test_alerts_change_no_outcome(measured):
    found = measured(FULL.select(["id"]), fields=FIELDS[:1], alerts=["row_count > 0"])
    assert found["alerts"] == ["fired"]
    assert str(found["run"].outcome) == "passed"


def test_a_table_that_cannot_be_read(measured, tmp_path):
    found = measured(str(tmp_path / "gone.parquet"), "row_count", "null_rate", {"own": "sum(id)"}, "schema_drift",
                     alerts=["row_count > 0"])  # fmt: skip
    assert {found[i].unavailable for i in ("row_count", "id.null_rate", "own", "schema_drift")} == {
        "the table could not be read"
    }
    assert found["alerts"] == ["unknown"]


def test_a_slice_limits_what_is_about_rows_and_says_so(measured, tmp_path):
    pq.write_table(FULL, tmp_path / "t.parquet")
    found = measured(str(tmp_path / "t.parquet"), metrics="all", partition=["status=A"])
    # Two rows of A: ids 1 and 2, prices 1.00 and 2.50.
    assert found["price.null_rate"].value == 0
    assert found["price.null_rate"].slice == "status = 'A'"
    assert found["id.distinct_count"].value == 2
    assert found["id.value_distribution"].distribution.most == 2
    assert found["completeness"].value == 1
    assert (found["row_count"].value, found["row_count"].slice) == (4, "")


def test_a_large_table_is_estimated_and_says_so(measured, tmp_path):
    path = str(tmp_path / "big.parquet")
    duckdb.sql(f"COPY (SELECT range AS id FROM range(400000)) TO '{path}'")
    found = measured(path, "distinct_count", "value_distribution", fields=FIELDS[:1])
    assert found["id.distinct_count"].is_approximate
    assert found["id.distinct_count"].value == pytest.approx(400_000, rel=0.1)
    spread = found["id.value_distribution"]
    assert spread.is_approximate
    assert (spread.distribution.least, spread.distribution.most, spread.distribution.mean) == (0, 399_999, 199_999.5)
    assert spread.distribution.quartiles == pytest.approx((100_000, 200_000, 300_000), rel=0.02)


def test_incremental_runs_measure_what_full_runs_do(tmp_path, contract):
    folder = tmp_path / "mesh"
    (folder / "t").mkdir(parents=True)
    pq.write_table(FULL.slice(0, 2), folder / "t" / "1.parquet")
    text = contract(FIELDS, schema={"location": "t/*.parquet"}, observability=observability({"own": "sum(id)"}))
    (folder / "p.yaml").write_text(text)

    def measure(*, incremental: bool) -> list[Any]:
        done = meshkit.load(folder).check(now=NOW, metrics="all", incremental=incremental)
        return [m.model_dump() for m in done.products[0].metrics]

    assert measure(incremental=True) == measure(incremental=False)
    pq.write_table(FULL.slice(2), folder / "t" / "2.parquet")
    assert measure(incremental=True) == measure(incremental=False)
    again = measure(incremental=True)
    assert again == measure(incremental=False)
    assert next(m["value"] for m in again if m["name"] == "own") == 10


def test_checks_have_their_time_where_metrics_take_too_long(measured, monkeypatch):
    own = DuckDBSession.rows

    def late(self: DuckDBSession, query: str, **options: Any) -> Any:
        if "STDDEV" in query.upper():
            raise StatementTimeoutError("took longer than 1 s")
        return own(self, query, **options)

    monkeypatch.setattr(DuckDBSession, "rows", late)
    fields = [{"name": "id", "type": "integer", "constraints": [{"min": 2}]}]
    found = measured(FULL.select(["id"]), "value_distribution", fields=fields)
    assert "took longer" in found["id.value_distribution"].unavailable
    assert {v.id: v.bad for v in found["run"].verdicts}["d.p.t.id.min"] == 1


def test_the_text_report_shows_metrics_only_when_asked(measured):
    result = measured(FULL, "null_rate", alerts=["row_count > 3"])["run"].result
    assert "metric" not in render_text(result)
    shown = render_text(result, metrics=True)
    assert "  metric   null_rate  id 0%, status 25%, x 0%, price 50%, ok 25%, day 25% and 1 more\n" in shown
    assert "  alert    fired    t (critical)  row_count > 3  " in shown


def test_two_tables_have_their_own_metrics(tmp_path):
    folder = tmp_path / "mesh"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1, None]}), folder / "one.parquet")
    pq.write_table(pa.table({"b": [5, 6, 7]}), folder / "two.parquet")
    (folder / "p.odcs.yaml").write_text(
        """
apiVersion: v3.1.0
kind: DataContract
id: p
name: p
version: 1.0.0
domain: d
status: active
servers: [{server: local, type: local, path: "./{model}.parquet", format: parquet}]
schema:
  - {name: one, properties: [{name: a, logicalType: integer}]}
  - {name: two, properties: [{name: b, logicalType: integer}]}
"""
    )
    done = meshkit.load(folder).check(metrics="all")
    found = {m.id: m.value for m in done.products[0].metrics if m.name in ("row_count", "null_rate")}
    assert found == {
        "d.p.one.row_count": 2,
        "d.p.one.a.null_rate": 0.5,
        "d.p.two.row_count": 3,
        "d.p.two.b.null_rate": 0,
    }


def test_the_metrics_as_a_table(measured):
    table = measured(FULL, "null_rate", "schema_drift", "quality_check_failed")["run"].metrics()
    assert isinstance(table, pa.Table)
    rows = {r["id"]: r for r in table.to_pylist()}
    assert rows["d.p.t.price.null_rate"]["value"] == 0.5
    assert rows["d.p.quality_check_failed"]["value"] == 1.0
    assert json.loads(rows["d.p.t.schema_drift"]["drift"]) == {"added": [], "removed": [], "retyped": []}


@pytest.mark.parametrize("folder", ["sample_data/retail", "sample_data/flights"])
def test_verdicts_are_the_same_with_and_without_metrics(folder):
    def verdicts(metrics: str, **options: Any) -> Any:
        done = meshkit.load(folder).check(now=NOW, metrics=metrics, **options)
        return {v.id: (v.outcome, v.bad, v.total, v.value, v.message) for v in done.verdicts}, done

    without, _ = verdicts("none")
    beside, done = verdicts("all")
    assert beside == without
    read_all, again = verdicts("all", trust_statistics="never")
    assert {k: v[:4] for k, v in read_all.items()} == {k: v[:4] for k, v in without.items()}
    of = [{m.id: m.value for p in run.products for m in p.metrics if not m.is_approximate} for run in (done, again)]
    assert of[0] == pytest.approx(of[1])  # sums of floats depend on their order
    assert len(of[0]) > 20
