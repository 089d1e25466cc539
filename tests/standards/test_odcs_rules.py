"""Rules of quality: metrics, units, operators, queries with every placeholder, and rules that are told and not run."""

from __future__ import annotations

import pyarrow as pa
import pytest

TEXTS = ["a", "", "n/a", None, "b", "b"]


def rule(metric, **keys):
    return {"quality": [{"metric": metric, **keys}]}


def seen(verdict):
    return str(verdict.outcome), verdict.bad, verdict.total


def test_null_values(one):
    assert one(TEXTS, "not_null", **rule("nullValues", mustBe=1)) == ("passed", 1, 6)
    assert one(TEXTS, "not_null", **rule("nullValues", mustBe=0)) == ("failed", 1, 6)


def test_missing_values_are_null_or_listed(one):
    arguments = {"missingValues": ["", "n/a", None]}
    assert one(TEXTS, "missing", **rule("missingValues", arguments=arguments, mustBeLessThan=3)) == ("failed", 3, 6)
    assert one(TEXTS, "missing", **rule("missingValues", arguments=arguments, mustBe=50, unit="percent")) == (
        "passed",
        3,
        6,
    )


def test_invalid_values_are_there_and_not_valid(one):
    arguments = {"validValues": ["a", None]}
    assert one(TEXTS, "invalid", **rule("invalidValues", arguments=arguments, mustBe=0)) == ("failed", 4, 6)
    arguments = {"pattern": "^[a-z]$", "missingValues": ["", "n/a"]}
    assert one(TEXTS, "invalid", **rule("invalidValues", arguments=arguments, mustBe=0)) == ("passed", 0, 6)
    arguments = {"validValues": ["a", "zz"], "pattern": "^.$"}
    assert one(["a", "zz", "b"], "invalid", **rule("invalidValues", arguments=arguments, mustBe=0)) == ("failed", 2, 3)


def test_a_value_that_the_type_cannot_hold_equals_nothing(one):
    arguments = {"missingValues": ["n/a", "-1"]}
    assert one([1, -1, None], "missing", **rule("missingValues", arguments=arguments, mustBe=2)) == ("passed", 2, 3)


def test_a_percentage_of_duplicates_runs(one):
    """datacontract-cli 1.2.8 does not run this one. One of six values stands beyond the first: 16.67 percent."""
    same = {"metric": "duplicateValues", "unit": "percent"}
    assert one(TEXTS, "unique", quality=[{**same, "mustBeLessThan": 17}]) == ("passed", 1, 6)
    assert one(TEXTS, "unique", quality=[{**same, "mustBeLessThan": 16}]) == ("failed", 1, 6)


def test_duplicates_of_several_columns(checked):
    table = pa.table({"a": [1, 1, 1], "b": ["x", "x", "y"]})
    quality = [{"metric": "duplicateValues", "arguments": {"properties": ["a", "label"]}, "mustBe": 0}]
    verdicts = checked(table, [{"name": "a"}, {"name": "label", "physicalName": "b"}], object={"quality": quality})
    assert seen(verdicts["unique"]) == ("failed", 1, 3)


@pytest.mark.parametrize(
    ("operator", "met"),
    [
        ({"mustBe": 3}, True),
        ({"mustNotBe": 3}, False),
        ({"mustBeGreaterThan": 3}, False),
        ({"mustBeGreaterOrEqualTo": 3}, True),
        ({"mustBeLessThan": 3}, False),
        ({"mustBeLessOrEqualTo": 3}, True),
        ({"mustBeBetween": [3, 5]}, True),  # both ends are within
        ({"mustBeBetween": [4, 5]}, False),
        ({"mustNotBeBetween": [3, 5]}, False),
        ({"mustNotBeBetween": [4, 5]}, True),
    ],
)
def test_operators(checked, operator, met):
    verdicts = checked(pa.table({"x": [1, 2, 3]}), [{"name": "x"}], object=rule("rowCount", **operator))
    assert (verdicts["row_count"].outcome == "passed") is met
    assert list(verdicts).count("row_count") == 1


def test_two_operators_are_two_checks_in_v3_0(mesh, odcs):
    text = odcs([{"name": "x"}], apiVersion="v3.0.2", object=rule("rowCount", mustBeGreaterThan=1, mustBeLessThan=3))
    loaded = mesh(text)
    assert [(p.code, str(p.severity)) for p in loaded.problems] == [("MK141", "warning")]
    run = loaded.check(tables={"t": pa.table({"x": [1, 2, 3]})})
    assert [str(v.outcome) for v in run.verdicts if "row_count" in v.id] == ["passed", "failed"]


def test_a_rule_at_severity_warning_warns(one):
    assert one([None], "not_null", **rule("nullValues", mustBe=0, severity="warning"))[0] == "warned"


def test_a_stricter_rule_beside_required_is_a_check_of_its_own(checked):
    quality = [{"metric": "nullValues", "mustBeLessThan": 50, "unit": "percent"}]
    verdicts = checked(pa.table({"x": [1, 2, None]}), [{"name": "x", "required": True, "quality": quality}])
    assert [str(verdicts[n].outcome) for n in ("x.not_null", "x.not_null_2")] == ["failed", "passed"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM {object} WHERE {property} < 0",
        "SELECT count(*) FROM ${object} WHERE ${property} < 0",
        "SELECT count(*) FROM ${table} WHERE ${column} < 0",
        "SELECT count(*) FROM {table} WHERE {column} < 0",
        "SELECT count(*) FROM {model} WHERE {field} < 0",
        "SELECT count(*) FROM {schema} WHERE {column} < 0",
        "SELECT count(*) FROM {schema}.{table} WHERE {column} < 0",
        "SELECT count(*) FROM {catalog}.{schema}.{table} WHERE {column} < 0",
        'SELECT count(*) FROM "{table}" WHERE "{column}" < 0',
        "SELECT count(*) FROM t WHERE x < 0",
    ],
)
def test_placeholders(checked, query):
    quality = [{"type": "sql", "name": "None negative", "query": query, "mustBe": 0}]
    verdict = checked(pa.table({"x": [1, -2, -3]}), [{"name": "x", "quality": quality}])["x.none_negative"]
    assert (str(verdict.outcome), verdict.value) == ("failed", 2)


def test_names_that_need_quotes_get_them(checked):
    quality = [{"type": "sql", "query": "SELECT count(*) FROM {table} WHERE {column} < 0", "mustBe": 0}]
    name = 'odd "name'
    verdict = checked(pa.table({name: [-1]}), [{"name": name, "quality": quality}])[f"{name}.sql"]
    assert verdict.value == 1


@pytest.mark.parametrize(
    ("query", "operator", "outcome"),
    [
        ("SELECT count(*) = 2 FROM t", {"mustBe": True}, "passed"),
        ("SELECT count(*) = 2 FROM t", {"mustBe": False}, "failed"),
        ("SELECT min(x) FROM t", {"mustBe": "a"}, "passed"),
        ("SELECT min(x) FROM t", {"mustNotBe": "a"}, "failed"),
        ("SELECT count(*) FROM t", {"mustBe": True}, "errored"),
        ("SELECT count(*) = 2 FROM t", {"mustBe": 1}, "errored"),
        ("SELECT x FROM t", {"mustBe": "a"}, "errored"),  # several rows are no answer
        ("SELECT max(x) FROM t WHERE x = 'z'", {"mustBe": "a"}, "errored"),  # nothing is no answer
        ("SELECT count(*) FROM t", {"mustBeBetween": [1, 2]}, "passed"),
    ],
)
def test_answers(checked, query, operator, outcome):
    quality = [{"type": "sql", "query": query, **operator}]
    assert checked(pa.table({"x": ["a", "b"]}), [{"name": "x"}], object={"quality": quality})["sql"].outcome == outcome


def test_an_answer_that_is_a_text_is_not_shown(checked):
    quality = [{"type": "sql", "query": "SELECT min(x) FROM t", "mustBe": "b"}]
    verdict = checked(pa.table({"x": ["secret"]}), [{"name": "x"}], object={"quality": quality})["sql"]
    assert verdict.outcome == "failed"
    assert "secret" not in verdict.model_dump_json()


def test_rules_that_no_engine_runs_are_told_with_the_reason(checked):
    quality = [
        {"type": "text", "name": "plausible", "description": "The prices are plausible."},
        {"type": "custom", "engine": "soda", "implementation": "type: duplicate_percent"},
    ]
    verdicts = checked(pa.table({"x": [1]}), [{"name": "x"}], object={"quality": quality})
    assert (str(verdicts["plausible"].outcome), "people" in verdicts["plausible"].message) == ("skipped", True)
    assert (str(verdicts["custom"].outcome), "soda" in verdicts["custom"].message) == ("skipped", True)


def test_one_uncastable_value_does_not_void_the_run(tmp_path, checked):
    path = tmp_path / "t.csv"
    path.write_text("n,s\n1,a\nx,b\n3,\n")
    properties = [
        {"name": "n", "logicalType": "integer", "required": True},
        {"name": "s", "logicalType": "string", "required": True},
    ]
    verdicts = checked(str(path), properties)
    assert seen(verdicts["types"])[:2] == ("failed", 1)
    assert verdicts["n.not_null"].outcome == "skipped"
    assert seen(verdicts["s.not_null"]) == ("failed", 1, 3)


def test_a_type_mismatch_is_not_hidden_by_a_cast(checked):
    verdicts = checked(pa.table({"n": ["1", "2"]}), [{"name": "n", "logicalType": "integer"}])
    assert (str(verdicts["types"].outcome), "VARCHAR" in verdicts["types"].message) == ("failed", True)


@pytest.mark.parametrize(
    ("physical", "outcome"),
    [("decimal(12,2)", "passed"), ("DECIMAL(10, 2)", "failed"), ("double", "failed"), ("geography", "passed")],
)
def test_the_type_of_the_server_says_more_about_a_number(checked, physical, outcome):
    table = pa.table({"n": pa.array([1], pa.decimal128(12, 2))})
    assert (
        checked(table, [{"name": "n", "logicalType": "number", "physicalType": physical}])["types"].outcome == outcome
    )
