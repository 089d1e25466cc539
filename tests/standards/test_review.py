"""Cases that once were silently wrong, or failed on good data; each worked out by hand."""

from __future__ import annotations

import json
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

import meshkit

LOCAL = {"server": "here", "type": "local", "path": "d.csv", "format": "csv"}


@pytest.fixture
def over(tmp_path, odcs):
    """Check a file that lies beside the contract; verdicts by what follows `d.p.t.`, and the problems."""

    def run(text, properties, *, name="d.csv", encoding="utf-8", **keys):
        (tmp_path / name).write_text(text, encoding=encoding)
        servers = keys.pop("servers", [{**LOCAL, "path": name, "format": name.rpartition(".")[2]}])
        now = keys.pop("now", None)
        (tmp_path / "c.yaml").write_text(odcs(properties, servers=servers, **keys))
        mesh = meshkit.load(tmp_path)
        run = mesh.check(now=now)
        return {v.id.removeprefix("d.p.t."): v for v in run.verdicts}, mesh.problems

    return run


def outcomes(verdicts):
    return {name: str(v.outcome) for name, v in verdicts.items()}


@pytest.mark.parametrize(("kind", "keys"), [
    ("mysql", {"host": "h", "port": 1, "database": "d"}), ("bigquery", {"project": "p", "dataset": "d"}),
    ("sqlserver", {"host": "h", "database": "d", "schema": "s"}), ("postgres", {"host": "h", "port": 1, "database": "d", "schema": "s"}),
])  # fmt: skip
def test_names_are_quoted_as_the_dialect_does(checked, kind, keys):
    query = "SELECT count(*) FROM {object} WHERE {property} IS NULL"
    properties = [{"name": "unit price", "quality": [{"type": "sql", "query": query, "mustBe": 0}]}]
    table = pa.table({"unit price": pa.array([None, None, 1])})
    verdict = checked(table, properties, servers=[{"server": "s", "type": kind, **keys}])["unit price.sql"]
    assert (str(verdict.outcome), verdict.value) == ("failed", 2)


def test_a_bound_of_a_nested_date_reads_it_by_its_format(over):
    day = {
        "name": "day",
        "logicalType": "date",
        "logicalTypeOptions": {"format": "dd/MM/yyyy", "minimum": "2020-01-01"},
    }
    text = '{"o": {"day": "13/01/1999"}}\n{"o": {"day": "13/01/2021"}}\n'
    verdicts, _ = over(text, [{"name": "o", "logicalType": "object", "properties": [day]}], name="d.json")
    assert (verdicts["types"].bad, verdicts["o.day.min"].bad) == (0, 1)


def test_a_rule_in_sql_on_a_nested_property_does_not_ask_about_the_whole(over):
    rule = {"type": "sql", "query": "SELECT count(*) FROM {object} WHERE {property} IS NULL", "mustBe": 0}
    part = {"name": "x", "logicalType": "string", "quality": [rule]}
    verdicts, _ = over(
        '{"o": {"x": null}}\n', [{"name": "o", "logicalType": "object", "properties": [part]}], name="d.json"
    )
    assert verdicts["sql"].outcome == "errored"


def test_options_without_a_logical_type_are_those_of_the_physical_one(checked):
    table = pa.table({"a": ["x", "xxxxx"]})
    verdicts = checked(table, [{"name": "a", "physicalType": "VARCHAR(9)", "logicalTypeOptions": {"minLength": 5}}])
    assert verdicts["a.min_length"].bad == 1
    verdicts = checked(table, [{"name": "a", "logicalTypeOptions": {"minLength": 5}}])
    assert verdicts["a.min_length"].bad == 1


def test_a_reference_by_name_is_never_one_by_id(mesh, odcs):
    import yaml

    document = yaml.safe_load(odcs([{"name": "k", "relationships": [{"to": "dim.key"}]}]))
    document["schema"].append(
        {"name": "dim", "properties": [{"name": "key", "id": "p1"}, {"name": "code", "id": "key"}]}
    )
    dim = pa.table({"key": ["k1"], "code": ["c1"]})
    run = mesh(yaml.safe_dump(document)).check(tables={"t": pa.table({"k": ["c1"]}), "dim": dim})
    assert {v.id: v for v in run.verdicts}["d.p.t.k.references"].bad == 1


def test_an_integer_stays_one_whatever_the_server_calls_it(over):
    verdicts, _ = over("n\n1.5\n", [{"name": "n", "logicalType": "integer", "physicalType": "NUMBER"}])
    assert verdicts["types"].outcome == "failed"


def test_a_percentage_of_the_row_count_is_refused(checked):
    quality = [{"metric": "rowCount", "mustBeGreaterThan": 50, "unit": "percent"}]
    verdict = checked(pa.table({"x": [1]}), [{"name": "x"}], object={"quality": quality})["row_count"]
    assert (str(verdict.outcome), "MK141" in verdict.message) == ("errored", True)


def test_multiples_of_large_and_of_strange_floats(one):
    values = [1000000000.5, 1000000000.0, float("nan"), float("inf"), None]
    options = {"logicalType": "number", "logicalTypeOptions": {"multipleOf": 1}}
    assert one(values, "multiple_of", **options) == ("failed", 3, 5)


def test_multiples_of_wide_decimals(over):
    property_ = {"name": "n", "logicalType": "number", "logicalTypeOptions": {"multipleOf": 0.01}}
    verdicts, _ = over("n\n1000.25\n1000.255\n", [property_])
    assert (str(verdicts["n.multiple_of"].outcome), verdicts["n.multiple_of"].bad) == ("failed", 1)


def test_a_key_inside_a_nested_property_is_told(mesh, odcs):
    part = {"name": "id", "logicalType": "string", "primaryKey": True}
    problems = mesh(odcs([{"name": "o", "logicalType": "object", "properties": [part]}])).problems
    assert [(p.code, str(p.severity)) for p in problems] == [("MK142", "error")]


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        {"validValues": []},
        {"pattern": 5},
        {"validValues": {"a": 1}},
        {"validValues": "a"},
        {"pattern": 5, "validValues": ["a"]},
    ],
)
def test_what_is_valid_must_be_said(mesh, odcs, arguments):
    rule = {"metric": "invalidValues", "mustBe": 0} | ({"arguments": arguments} if arguments is not None else {})
    run = mesh(odcs([{"name": "x", "required": True, "quality": [rule]}])).check(tables={"t": pa.table({"x": ["a"]})})
    verdicts = {v.id.removeprefix("d.p.t."): str(v.outcome) for v in run.verdicts}
    assert (verdicts["x.invalid"], verdicts["x.not_null"]) == ("errored", "passed")


def test_maps_in_json(over):
    map_ = {
        "key": {"logicalType": "string", "logicalTypeOptions": {"maxLength": 1}},
        "value": {"logicalType": "integer"},
    }
    text = '{"m": {"k": 1, "kk": 2}}\n{"m": {}}\n{"m": null}\n'
    verdicts, _ = over(text, [{"name": "m", "logicalType": "map", "map": map_}], name="d.json")
    assert (str(verdicts["types"].outcome), verdicts["m[key].max_length"].bad, verdicts["m[key].max_length"].total) == (
        "passed",
        1,
        2,
    )
    verdicts, _ = over('{"m": {"k": "x"}}\n', [{"name": "m", "logicalType": "map", "map": map_}], name="d.json")
    assert "m[value] has 1 that does not parse" in verdicts["types"].message


def test_the_default_zone_is_that_of_the_data_too(over, checked):
    """Midnight in New York is 05:00 in UTC in January."""
    options = {"timezone": True, "defaultTimezone": "America/New_York", "minimum": "2024-01-01T00:00:00"}
    property_ = {"name": "ts", "logicalType": "timestamp", "logicalTypeOptions": options}
    text = "ts\n2024-01-01 00:00:00\n2024-01-01 05:00:00Z\n2024-01-01T04:59:59+00:00\n"
    verdicts, _ = over(text, [property_])
    assert (verdicts["types"].bad, verdicts["ts.min"].bad) == (0, 1)
    naive = pa.table({"ts": [datetime(2023, 12, 31, 20), datetime(2023, 12, 31, 18, 59)]})
    options = {"defaultTimezone": "America/New_York", "minimum": "2024-01-01T00:00:00Z"}
    verdicts = checked(naive, [{"name": "ts", "logicalType": "timestamp", "logicalTypeOptions": options}])
    assert verdicts["ts.min"].bad == 1


def test_a_promise_on_times_of_another_zone_that_do_not_say_so_is_not_guessed(checked):
    options = {"defaultTimezone": "America/New_York"}
    property_ = {"name": "ts", "logicalType": "timestamp", "logicalTypeOptions": options}
    promise = [{"property": "latency", "value": 1, "unit": "d", "element": "t.ts"}]
    verdict = checked(pa.table({"ts": [datetime(2024, 1, 1)]}), [property_], slaProperties=promise)["freshness"]
    assert (str(verdict.outcome), "America/New_York" in verdict.message) == ("errored", True)


def test_numbers_with_an_exponent(over):
    verdicts, _ = over(
        "n\n1e-05\n2.5E3\n1e-30\nx\n", [{"name": "n", "logicalType": "number", "logicalTypeOptions": {"maximum": 2499}}]
    )
    assert verdicts["types"].bad == 2  # 1e-30 is smaller than what is kept, and is told rather than taken for 0
    verdicts, _ = over(
        "n\n1e-05\n2.5E3\n", [{"name": "n", "logicalType": "number", "logicalTypeOptions": {"maximum": 2499}}]
    )
    assert (verdicts["types"].bad, verdicts["n.max"].bad) == (0, 1)


def test_a_format_with_optional_sections_is_not_taken_by_the_letter(mesh, odcs):
    property_ = {"name": "d", "logicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-dd[' 'HH:mm]"}}
    assert [p.code for p in mesh(odcs([property_])).problems] == ["MK148"]


def test_a_physical_array_is_an_array(checked):
    assert outcomes(checked(pa.table({"a": [[1]]}), [{"name": "a", "physicalType": "integer[]"}]))["types"] == "passed"


def test_an_unquoted_no_in_an_enum_is_told(mesh, odcs):
    text = odcs([{"name": "a", "logicalType": "string", "enum": [{"value": "NO"}]}]).replace("'NO'", "NO")
    assert [p.code for p in mesh(text).problems] == ["MK122"]


def test_nothing_is_no_item_in_json_either(over):
    text = '{"a": [null, null]}\n{"a": [1, 1, null]}\n{"a": [1, 2, null, null]}\n'
    property_ = {
        "name": "a",
        "logicalType": "array",
        "items": {"logicalType": "integer"},
        "logicalTypeOptions": {"uniqueItems": True},
    }
    assert over(text, [property_], name="d.json")[0]["a.unique_items"].bad == 1


def test_the_delimiter_and_encoding_of_a_server(over):
    verdicts, _ = over("a|b\nx,y;z|1\n", [{"name": "a"}, {"name": "b"}], servers=[{**LOCAL, "delimiter": "|"}])
    assert set(outcomes(verdicts).values()) == {"passed"}
    server = {**LOCAL, "encoding": "iso-8859-1"}
    property_ = {"name": "a", "enum": [{"value": "é"}], "logicalType": "string"}
    verdicts, _ = over("a\né\n", [property_], servers=[server], encoding="latin-1")
    assert set(outcomes(verdicts).values()) == {"passed"}
    verdicts, _ = over("a\né\n", [property_], servers=[{**LOCAL, "encoding": "cp037"}])
    assert "cp037" in verdicts["columns"].message


def test_the_value_of_a_variable_cannot_change_a_query(checked, monkeypatch):
    monkeypatch.setenv("OTHER", "' OR a <> '")
    query = "SELECT count(*) FROM t WHERE a = 'x${OTHER}'"
    quality = [{"type": "sql", "query": query, "mustBe": 0}]
    assert checked(pa.table({"a": ["x"]}), [{"name": "a"}], object={"quality": quality})["sql"].value == 0


def test_variables_in_lists_of_values(checked, monkeypatch):
    monkeypatch.setenv("GOOD", "x")
    rule = {"metric": "invalidValues", "arguments": {"validValues": ["${GOOD}", "${BETTER:-y}"]}, "mustBe": 0}
    verdict = checked(pa.table({"a": ["x", "y", "z"]}), [{"name": "a", "quality": [rule]}])["a.invalid"]
    assert (str(verdict.outcome), verdict.bad) == ("failed", 1)


def test_a_variable_inside_a_default_is_an_error(tmp_path, odcs):
    (tmp_path / "c.yaml").write_text(odcs([{"name": "a"}], servers=[{**LOCAL, "path": "${A:-${B:-d}}.csv"}]))
    assert all("variable inside the default" in v.message for v in meshkit.load(tmp_path).check().verdicts)


def test_arguments_that_mean_nothing_where_they_stand_are_told(mesh, odcs):
    rule = {"metric": "duplicateValues", "arguments": {"properties": ["a", "b"]}, "mustBe": 0}
    assert [p.code for p in mesh(odcs([{"name": "a", "quality": [rule]}, {"name": "b"}])).problems] == ["MK122"]
    rule = {"metric": "missingValues", "mustBe": 0}
    assert [(p.code, str(p.severity)) for p in mesh(odcs([{"name": "a", "quality": [rule]}])).problems] == [
        ("MK141", "warning")
    ]


def test_a_nested_property_needs_a_name(mesh, odcs):
    property_ = {"name": "o", "logicalType": "object", "properties": [{"logicalType": "string"}]}
    assert [p.code for p in mesh(odcs([property_])).problems] == ["MK104"]


def test_an_exclusive_bound_without_its_bound_is_told(mesh, odcs):
    property_ = {"name": "a", "logicalType": "integer", "logicalTypeOptions": {"exclusiveMinimum": True}}
    assert [p.code for p in mesh(odcs([property_], apiVersion="v3.0.2")).problems] == ["MK122"]


def test_two_answers_in_v3_0_are_two_checks(checked):
    quality = [{"type": "sql", "query": "SELECT count(*) = 1 FROM t", "mustBe": True, "mustNotBe": False}]
    verdicts = checked(pa.table({"a": [1]}), [{"name": "a"}], apiVersion="v3.0.2", object={"quality": quality})
    assert [outcomes(verdicts)[n] for n in ("sql", "sql_2")] == ["passed", "passed"]


def test_a_misspelt_promise_is_told(mesh, odcs):
    (problem,) = mesh(odcs(slaProperties=[{"property": "latencyy", "value": 1, "unit": "d"}])).problems
    assert (problem.code, problem.hint) == ("MK110", "did you mean 'latency'?")


def test_json_reports_hold_no_values(over):
    verdicts, _ = over('{"a": "secret"}\n', [{"name": "a", "logicalType": "integer"}], name="d.json")
    assert "secret" not in json.dumps({n: v.model_dump(mode="json") for n, v in verdicts.items()})


def test_tables_are_written_under_the_names_of_the_server(mesh, odcs):
    import yaml

    document = yaml.safe_load(
        odcs(
            [
                {
                    "name": "who",
                    "physicalName": "who_id",
                    "logicalType": "integer",
                    "relationships": [{"to": "people.key"}],
                }
            ]
        )
    )
    document["schema"][0]["physicalName"] = "orders_v1"
    key = {"name": "key", "physicalName": "person_id", "logicalType": "integer", "primaryKey": True}
    document["schema"].append({"name": "people", "physicalName": "people_v2", "properties": [key]})
    script = str(mesh(yaml.safe_dump(document)).product("d.p").export("sql"))
    with duckdb.connect() as database:
        database.execute(script)
        database.execute("INSERT INTO people_v2 (person_id) VALUES (1); INSERT INTO orders_v1 (who_id) VALUES (1)")
        with pytest.raises(duckdb.ConstraintException):
            database.execute("INSERT INTO orders_v1 (who_id) VALUES (2)")


def test_times_after_now_that_a_promise_leaves_out_are_counted(checked):
    table = pa.table({"at": [datetime(2026, 11, 22), datetime(2027, 1, 1)]})
    promise = [{"property": "latency", "value": 1, "unit": "d", "element": "t.at"}]
    verdicts = checked(
        table, [{"name": "at", "logicalType": "timestamp"}], slaProperties=promise, now="2026-11-22T06:00:00Z"
    )
    assert (str(verdicts["freshness"].outcome), str(verdicts["not_future"].outcome), verdicts["not_future"].bad) == (
        "passed",
        "warned",
        1,
    )


def test_a_query_that_may_not_run_is_refused_even_where_its_column_is_missing(checked):
    rule = {"type": "sql", "query": "SELECT count(*) FROM read_text('/etc/hostname')", "mustBe": 0}
    verdicts = checked(pa.table({"b": [1]}), [{"name": "a", "quality": [rule]}])
    assert (str(verdicts["a.sql"].outcome), "MK203" in verdicts["a.sql"].message) == ("errored", True)


def test_a_name_of_several_lines_is_shown_as_one(mesh, odcs):
    loaded = mesh(odcs([{"name": "a"}], name="p\nfailed: \x1b[31mall", version="1.0.0\n"))
    assert [p.id for p in loaded.products] == ["d.p failed: [31mall"]
    assert loaded.products[0].version == "1.0.0"
