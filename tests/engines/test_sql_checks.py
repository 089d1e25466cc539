"""Author SQL: what it may answer, which names it may use, and that one bad query hides no other."""

from __future__ import annotations

import pyarrow as pa
import pytest

TABLE = pa.table({"id": [1, 2, 3], "v": [10.5, -1.0, None], "s": ["a", "b", None]})
FIELDS = [{"name": "id"}, {"name": "v"}, {"name": "s"}]


def ask(judged, query, **keys):
    tables = keys.pop("tables", {})
    check = {"name": "q", "query": query, **keys}
    return judged(TABLE, FIELDS, sla={"quality_checks": [check]}, tables=tables)["q"]


def test_changing_the_query_changes_the_result(judged):
    assert ask(judged, "SELECT COUNT(*) FROM t WHERE v < 0").value == 1
    assert ask(judged, "SELECT COUNT(*) FROM t WHERE v < 100").value == 2


def test_null_is_not_counted_by_not_in(judged):
    assert ask(judged, "SELECT COUNT(*) FROM t WHERE s NOT IN ('a')").value == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT v FROM t WHERE id = 9", "no row"),
        ("SELECT v FROM t", "several rows"),
        ("SELECT v FROM t WHERE id = 3", "NULL"),
        ("SELECT 1, 2", "2 columns"),
        ("SELECT s FROM t WHERE id = 1", "not a number"),
        ("SELECT true", "not a number"),
        ("SELECT 'nan'::DOUBLE", "NaN"),
        ("SELECT s::INTEGER FROM t WHERE id = 1", "TRY_CAST"),
        ("SELECT nope FROM t", "nope"),
        ("SELECT COUNT(*) FROM elsewhere", "unknown table 'elsewhere'"),
        ("SELECT COUNT() FROM t", "COUNT(*)"),
        ("DELETE FROM t", "SELECT"),
    ],
)
def test_what_is_no_number_is_errored_with_its_reason(judged, query, said):
    verdict = ask(judged, query)
    assert verdict.outcome == "errored"
    assert said in verdict.message


@pytest.mark.parametrize(
    ("query", "must_be", "outcome", "said"),
    [
        ("SELECT 1 / 0", 0, "failed", "inf, must be 0"),
        ("SELECT -1 / 0", 0, "failed", "-inf, must be 0"),
        ("SELECT 1 / 0", ">= 5", "passed", ""),
        ("SELECT -1 / 0", ">= 5", "failed", "-inf, must be >= 5"),
    ],
)
def test_an_endless_number_is_compared_like_any_other(judged, query, must_be, outcome, said):
    verdict = ask(judged, query, must_be=must_be)
    assert verdict.outcome == outcome
    assert said in verdict.message


def test_a_number_of_any_size_stands_in_a_table_of_verdicts(mesh, contract):
    checks = [{"name": "huge", "query": "SELECT 1e300"}, {"name": "endless", "query": "SELECT 1 / 0"}]
    run = mesh(contract(FIELDS, sla={"quality_checks": checks})).check(tables={"t": TABLE}, checks=["huge", "endless"])
    values = run.to_arrow().to_pydict()
    assert dict(zip(values["id"], values["value"], strict=True)) == {"d.p.t.huge": 1e300, "d.p.t.endless": None}


def test_a_row_value_never_enters_a_message(judged):
    table = pa.table({"s": ["secret-value"]})
    check = {"name": "q", "query": "SELECT SUM(s::INTEGER) FROM t"}
    assert "secret" not in judged(table, [{"name": "s"}], sla={"quality_checks": [check]})["q"].message


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ({}, "failed"),
        ({"threshold": 2}, "failed"),
        ({"threshold": 3}, "passed"),
        ({"must_be": 3}, "passed"),
        ({"must_be": ">= 3"}, "passed"),
        ({"must_be": "< 3"}, "failed"),
        ({"must_not_be": 3}, "failed"),
        ({"must_be_greater_than": 3}, "failed"),
        ({"must_be_greater_or_equal_to": 3}, "passed"),
        ({"must_be_less_than": 3}, "failed"),
        ({"must_be_less_or_equal_to": 3}, "passed"),
        ({"must_be_between": [3, 4]}, "passed"),
        ({"must_be_between": [1, 3]}, "passed"),
        ({"must_be_between": [1, 2]}, "failed"),
        ({"must_not_be_between": [1, 3]}, "failed"),
        ({"must_not_be_between": [4, 5]}, "passed"),
        ({"threshold": "3%"}, "errored"),
        ({"threshold": 1, "must_be": 1}, "errored"),
        ({"must_be_between": [4, 3]}, "errored"),
    ],
)
def test_comparators(judged, keys, outcome):
    assert ask(judged, "SELECT COUNT(*) FROM t", **keys).outcome == outcome


def test_sums_of_decimals_are_exact(judged):
    from decimal import Decimal

    table = pa.table({"a": pa.array([Decimal("0.10"), Decimal("0.20")], pa.decimal128(10, 2))})
    check = {"name": "q", "query": "SELECT SUM(a) FROM t", "must_be": 0.3}
    assert judged(table, [{"name": "a"}], sla={"quality_checks": [check]})["q"].outcome == "passed"


def test_one_check_that_cannot_run_hides_no_other(judged):
    """Twelve row checks share a scan; two of them break it, and stand alone with their own reason."""
    table = pa.table({f"c{i}": ["x", "y"] for i in range(12)})
    fields = [{"name": f"c{i}", "constraints": [{"not_null": {"where": f"c{i} = 'x'"}}]} for i in range(12)]
    for i in (3, 8):
        fields[i]["constraints"] = [{"not_null": {"where": f"c{i}::INTEGER > 0"}}]
    found = judged(table, fields)
    outcomes = {i: found[f"c{i}.not_null"].outcome for i in range(12)}
    assert [i for i, o in outcomes.items() if o == "errored"] == [3, 8]
    assert all(found[f"c{i}.not_null"].total == 1 for i in range(12) if i not in (3, 8))


def test_a_pattern_the_engine_cannot_read_is_errored_alone(judged):
    fields = [{"name": "s", "constraints": [{"pattern": "a("}, "not_null"]}]
    found = judged(TABLE, fields)
    assert found["s.pattern"].outcome == "errored"
    assert "missing )" in found["s.pattern"].message
    assert found["s.not_null"].bad == 1


def test_sql_that_does_not_read_a_missing_table_still_has_an_answer(mesh, contract):
    checks = [
        {"name": "elsewhere", "query": "SELECT COUNT(*) FROM other"},
        {"name": "here", "query": "SELECT COUNT(*) FROM t"},
    ]
    run = mesh(contract([{"name": "a"}], sla={"quality_checks": checks})).check(tables={"other": pa.table({"x": [1]})})
    found = {v.id.removeprefix("d.p.t."): v for v in run.verdicts}
    assert found["elsewhere"].value == 1
    assert found["here"].outcome == "errored"
    assert "is not there" in found["here"].message


def test_a_statement_that_takes_too_long_is_errored(judged):
    query = "SELECT COUNT(*) FROM t, range(1000000) a, range(1000000) b WHERE hash(a.range) = 1"
    check = {"name": "slow", "query": query.replace("hash(a.range)", "a.range * b.range % 7")}
    found = judged(TABLE, FIELDS, sla={"quality_checks": [check]}, timeout_seconds=0.3)
    assert found["slow"].outcome == "errored"
    assert "MK305" in found["slow"].message
    assert found["row_count"].value == 3
