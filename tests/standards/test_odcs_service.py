"""Promises of service, references in their three forms, servers and variables."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import meshkit

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
AT = {"name": "at", "logicalType": "timestamp"}


def hours_ago(*hours):
    return pa.table(
        {"at": pa.array([NOW.replace(tzinfo=None) - timedelta(hours=h) for h in hours], pa.timestamp("us"))}
    )


def sla(property_, value, **keys):
    return [{"property": property_, "value": value, "element": "t.at", **keys}]


@pytest.mark.parametrize(
    ("promise", "hours", "name", "outcome"),
    [
        (sla("latency", 4, unit="d"), (95, 200), "freshness", "passed"),
        (sla("latency", 4, unit="d"), (97,), "freshness", "failed"),
        (sla("ly", "25h"), (26,), "freshness", "failed"),
        (sla("Latency", "PT25H"), (24,), "freshness", "passed"),
        (sla("freshness", 24, unit="h"), (23,), "freshness", "passed"),
        (sla("retention", 3, unit="y"), (3 * 365 * 24 + 1, 1), "retention", "failed"),
        (sla("re", "P1Y"), (365 * 24 - 1,), "retention", "passed"),
        (sla("frequency", 1, unit="d"), (1, 25, 49), "frequency", "passed"),
        (sla("fy", 1, unit="day"), (1, 26, 49), "frequency", "failed"),
        (sla("frequency", 1, unit="d"), (1,), "frequency", "skipped"),
        # 09:00 at -08:00 is 17:00 UTC: the last such moment was 13 hours ago
        (sla("timeOfAvailability", "09:00-08:00"), (13 + 23,), "time_of_availability", "passed"),
        (sla("timeOfAvailability", "09:00-08:00"), (13 + 25,), "time_of_availability", "failed"),
        (sla("timeOfAvailability", "05:00"), (24,), "time_of_availability", "passed"),
        (sla("generalAvailability", "2026-11-22T05:59:59Z"), (1,), "general_availability", "passed"),
        (sla("ga", "2026-11-23"), (1,), "general_availability", "warned"),
        (sla("endOfSupport", "2026-11-22T06:00:01Z"), (1,), "end_of_support", "passed"),
        (sla("endOfSupport", "2026-11-22T06:00:00Z"), (1,), "end_of_support", "warned"),
        (sla("endOfLife", "2026-11-21T22:00:00-08:00"), (1,), "end_of_life", "failed"),
        (sla("el", "2042-05-12T09:30:10-08:00"), (1,), "end_of_life", "passed"),
        (sla("latency", "soon"), (1,), "freshness", "errored"),
    ],
)
def test_promises(mesh, odcs, promise, hours, name, outcome):
    run = mesh(odcs([AT], slaProperties=promise)).check(tables={"t": hours_ago(*hours)}, now=NOW)
    verdicts = {v.id: v for v in run.verdicts}
    assert verdicts[f"d.p.t.{name}"].outcome == outcome


def test_a_promise_without_an_element_is_skipped_and_says_so(checked):
    verdict = checked(hours_ago(1), [AT], slaProperties=[{"property": "latency", "value": 1, "unit": "d"}])["freshness"]
    assert (str(verdict.outcome), "element" in verdict.message) == ("skipped", True)


def test_an_element_that_leads_nowhere_is_errored(checked):
    verdict = checked(
        hours_ago(1), [AT], slaProperties=[{"property": "latency", "value": 1, "unit": "d", "element": "t.when"}]
    )["freshness"]
    assert verdict.outcome == "errored"


def test_several_elements_are_promises_of_their_own(checked):
    table = pa.table({"a": [date(2026, 11, 21)], "b": [date(2026, 11, 1)]})
    promises = [{"property": "latency", "value": 2, "unit": "d", "element": "a, t.b"}]
    verdicts = checked(table, [{"name": "a"}, {"name": "b"}], slaProperties=promises, now=NOW)
    assert [str(verdicts[n].outcome) for n in ("freshness", "freshness_2")] == ["passed", "failed"]


ORDERS = pa.table({"a": [1, 2, None, 3], "b": ["x", "y", "z", "z"]})
OTHERS = pa.table({"k": [1, 3], "l": ["x", "x"]})
OTHER = {
    "name": "others",
    "id": "others_id",
    "properties": [{"name": "key", "id": "key_id", "physicalName": "k"}, {"name": "l", "id": "l_id"}],
}


def with_others(text):
    values = yaml.safe_load(text)
    values["schema"].append(OTHER)
    return yaml.safe_dump(values)


@pytest.mark.parametrize(
    "to", ["others.key", "schema/others_id/properties/key_id", "/schema/others_id/properties/key_id"]
)
def test_references_by_name_and_by_id(mesh, odcs, to):
    text = with_others(odcs([{"name": "a", "relationships": [{"to": to}]}, {"name": "b"}]))
    run = mesh(text).check(tables={"t": ORDERS, "others": OTHERS})
    verdict = {v.id: v for v in run.verdicts}["d.p.t.a.references"]
    assert (str(verdict.outcome), verdict.bad, verdict.total) == ("failed", 1, 4)


def test_a_composite_reference(mesh, odcs):
    """(2, y) and (3, z) are not there; the NULL of (NULL, z) exempts its row."""
    relationships = [{"from": ["t.a", "t.b"], "to": ["others.key", "others.l"]}]
    text = with_others(odcs([{"name": "a"}, {"name": "b"}], object={"relationships": relationships}))
    run = mesh(text).check(tables={"t": ORDERS, "others": OTHERS})
    verdict = {v.id: v for v in run.verdicts}["d.p.t.references"]
    assert (str(verdict.outcome), verdict.bad, verdict.total) == ("failed", 2, 4)


@pytest.mark.parametrize("end", ["t2.key", "schema/t_id/properties/key_id", "/schema/t_id/properties/key_id"])
def test_references_across_contracts(tmp_path, odcs, end):
    other = odcs(
        [{"name": "key", "id": "key_id", "physicalName": "k"}], id="o", name="o", object={"id": "t_id", "name": "t2"}
    )
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "other.yaml").write_text(other)
    (tmp_path / "this.yaml").write_text(odcs([{"name": "a", "relationships": [{"to": f"others/other.yaml#{end}"}]}]))
    run = meshkit.load(tmp_path).check(products=["d.p"], tables={"t": ORDERS, "t2": OTHERS})
    verdict = {v.id: v for v in run.verdicts}["d.p.t.a.references"]
    assert (str(verdict.outcome), verdict.bad, verdict.total) == ("failed", 1, 4)


def test_a_reference_to_a_file_outside_the_mesh_is_errored(checked):
    verdict = checked(
        ORDERS, [{"name": "a", "relationships": [{"to": "https://example.com/x.yaml#t.key"}]}, {"name": "b"}]
    )["a.references"]
    assert (str(verdict.outcome), "MK144" in verdict.message) == ("errored", True)


def test_a_server_of_files_has_a_place_for_each_object(tmp_path, odcs):
    servers = [
        {"server": "wh", "type": "snowflake", "account": "a", "database": "d", "schema": "s"},
        {"server": "here", "type": "local", "path": "data/{model}.parquet", "format": "parquet"},
    ]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "data" / "orders.parquet")
    (tmp_path / "c.yaml").write_text(
        odcs([{"name": "x", "required": True}], servers=servers, object={"physicalName": "orders"})
    )
    run = meshkit.load(tmp_path).check()
    assert {str(v.outcome) for v in run.verdicts} == {"passed"}


def test_a_server_that_is_a_duckdb_file(tmp_path, odcs):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1 AS x")
    servers = [{"server": "here", "type": "duckdb", "database": "shop.duckdb", "schema": "s"}]
    (tmp_path / "c.yaml").write_text(odcs([{"name": "x", "logicalType": "integer"}], servers=servers))
    assert {str(v.outcome) for v in meshkit.load(tmp_path).check().verdicts} == {"passed"}


def test_a_server_that_is_not_read_says_which_it_is(mesh, odcs):
    servers = [{"server": "wh", "type": "postgres", "host": "h", "port": 5432, "database": "d", "schema": "s"}]
    run = mesh(odcs([{"name": "x"}], servers=servers)).check()
    assert all("is of type postgres" in v.message for v in run.verdicts)
    assert {str(v.outcome) for v in run.verdicts} == {"errored"}


def test_variables_are_resolved_when_they_are_used_and_never_shown(tmp_path, odcs, monkeypatch):
    monkeypatch.setenv("SHOP_FOLDER", "top-secret-place")
    servers = [{"server": "here", "type": "local", "path": "${SHOP_FOLDER}/${TABLE:-t}.parquet", "format": "parquet"}]
    quality = [{"type": "sql", "query": "SELECT count(*) FROM t WHERE x > ${SHOP_LIMIT:-0}", "mustBe": 1}]
    (tmp_path / "c.yaml").write_text(odcs([{"name": "x", "quality": quality}], servers=servers))
    run = meshkit.load(tmp_path).check()
    assert {str(v.outcome) for v in run.verdicts} == {"errored"}
    assert "top-secret-place" not in json.dumps(run.to_dict())
    assert "${SHOP_FOLDER}" in json.dumps(run.to_dict())
    (tmp_path / "top-secret-place").mkdir()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "top-secret-place" / "t.parquet")
    run = meshkit.load(tmp_path).check()
    assert {str(v.outcome) for v in run.verdicts} == {"passed"}
    assert "top-secret-place" not in json.dumps(run.to_dict())


def test_a_variable_without_a_value_is_an_error_and_not_an_empty_text(tmp_path, odcs, monkeypatch):
    monkeypatch.setenv("SHOP_LIMIT", "")
    quality = [{"type": "sql", "query": "SELECT count(*) FROM t WHERE x > ${SHOP_LIMIT}", "mustBe": 1}]
    (tmp_path / "c.yaml").write_text(odcs([{"name": "x", "quality": quality}]))
    mesh = meshkit.load(tmp_path)
    verdict = {v.id: v for v in mesh.check(tables={"t": pa.table({"x": [1]})}).verdicts}["d.p.t.x.sql"]
    assert (str(verdict.outcome), "MK143" in verdict.message) == ("errored", True)
    assert [(p.code, str(p.severity)) for p in mesh.lint()] == [("MK143", "warning")]


def test_behind_a_server_only_listed_variables_may_be_used(tmp_path, odcs, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", "5")
    monkeypatch.setenv("SHOP_LIMIT", "0")
    monkeypatch.setenv("MESHKIT_VARIABLES", "SHOP_LIMIT, OTHER")
    quality = [
        {"type": "sql", "name": n, "query": f"SELECT count(*) FROM t WHERE x > ${{{n}}}", "mustBe": 1}
        for n in ("SHOP_SECRET", "SHOP_LIMIT")
    ]
    (tmp_path / "c.yaml").write_text(odcs([{"name": "x", "quality": quality}]))
    run = meshkit.load(tmp_path).check(tables={"t": pa.table({"x": [1]})}, confined=True)
    verdicts = {v.id.rpartition(".")[2]: v for v in run.verdicts}
    assert [str(verdicts[n].outcome) for n in ("shop_secret", "shop_limit")] == ["errored", "passed"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("active", "active"), ("production", "active"), ("proposed", "draft"), ("draft", "draft"), ("development", "draft"),
     ("deprecated", "deprecated"), ("retired", "retired"), ("in development", "active"), (None, "active")],
)  # fmt: skip
def test_status(mesh, odcs, status, expected):
    assert mesh(odcs(**({"status": status} if status else {}))).products[0].status == expected


def test_version_2_of_the_standard_says_what_to_do(mesh, odcs):
    (problem,) = mesh(odcs(apiVersion="v2.2.2")).problems
    assert (problem.code, problem.place.line) == ("MK140", 1)
    assert re.search("v2.2.2.*not read", problem.message)


def test_unknown_keys_are_errors_since_v3_1_and_warnings_before(mesh, odcs):
    for version, severity in (("v3.0.2", "warning"), ("v3.1.0", "error"), ("v3.2.0", "error")):
        (problem,) = mesh(odcs(apiVersion=version, extra="1")).problems
        assert (problem.code, str(problem.severity)) == ("MK102", severity)
