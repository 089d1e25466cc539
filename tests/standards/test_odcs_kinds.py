"""What the assertions of the standard count, over values counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest


def number(options, kind="integer"):
    return {"logicalType": kind, "logicalTypeOptions": options}


def test_required_and_unique(one):
    assert one(["a", None, "a"], "not_null", required=True) == ("failed", 1, 3)
    assert one(["a", None, "a"], "unique", unique=True) == ("failed", 1, 3)


def test_exclusive_bounds_leave_the_bound_itself_out(one):
    assert one([1, 2, 3, None], "exclusive_min", **number({"exclusiveMinimum": 1})) == ("failed", 1, 4)
    assert one([1, 2, 3, None], "exclusive_max", **number({"exclusiveMaximum": 3})) == ("failed", 1, 4)
    assert one([1, 2, 3, None], "min", **number({"minimum": 1})) == ("passed", 0, 4)


def test_exclusive_bounds_in_the_spelling_of_v3_0(checked):
    table = pa.table({"x": [1, 2, 3]})
    options = {"minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": False}
    verdicts = checked(table, [{"name": "x", **number(options)}], apiVersion="v3.0.2")
    assert verdicts["x.exclusive_min"].bad == 1
    assert verdicts["x.max"].bad == 0


def test_a_bound_of_a_whole_column_may_be_no_whole_number(one):
    assert one([1, 2], "exclusive_min", **number({"exclusiveMinimum": 1.5})) == (
        "failed",
        1,
        2,
    )


@pytest.mark.parametrize(
    ("values", "of", "bad"),
    [
        ([0, 5, 7, None, -10], 5, 1),  # 7
        ([Decimal("0.30"), Decimal("0.35")], 0.1, 1),  # 0.35
        ([0.3, 0.35, 0.1, None], 0.1, 1),  # 0.35; 0.3 is one although 0.3 / 0.1 is 2.9999999999999996
        ([3, 4], 1.5, 1),  # 4
    ],
)
def test_multiples(one, values, of, bad):
    assert one(values, "multiple_of", **number({"multipleOf": of}, "number"))[1] == bad


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "uuid",
            ["243c25e5-a081-43a9-aeab-6d5d5b6cb5e2"],
            ["243c25e5a08143a9aeab6d5d5b6cb5e2", "x243c25e5-a081-43a9-aeab-6d5d5b6cb5e2"],
        ),
        ("email", ["a.b+c@example.co.uk", "o'hara@x.io"], ["a@", "a b@x.io", "a@-x.io", ".a@x.io", "a@x.io "]),
        ("ipv4", ["127.0.0.1", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4"]),
        (
            "ipv6",
            ["::1", "::", "2001:db8::8a2e:370:7334", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "fe80::"],
            ["1:2:3", ":::", "1::2::3", "g::", "1:2:3:4:5:6:7:8:9"],
        ),
        ("hostname", ["example.com", "a-b.c", "localhost"], ["-a.com", "a_b.com", "a..b"]),
        (
            "uri",
            ["https://example.com/a?b=c#d", "urn:isbn:0451450523", "mailto:a@x.io"],
            ["example.com", "http://a b", "://x"],
        ),
        ("byte", ["aGVsbG8=", "", "YQ=="], ["aGVsbG8", "a===", "*"]),
    ],
)
def test_formats_of_text(one, name, good, bad):
    """Sources: RFC 9562, 5321, 791, 4291 (section 2.2), 1123, 3986, 4648."""
    result = one([*good, None, *bad], "format", logicalType="string", logicalTypeOptions={"format": name})
    assert result == ("failed", len(bad), len(good) + len(bad) + 1)
    assert one(good, "format", logicalType="string", logicalTypeOptions={"format": name})[0] == "passed"


def test_a_column_of_uuids_is_a_uuid(one):
    ids = pa.array(["243c25e5-a081-43a9-aeab-6d5d5b6cb5e2"])
    assert one(ids, "format", logicalType="string", logicalTypeOptions={"format": "uuid"}) == ("passed", 0, 1)


@pytest.mark.parametrize(
    ("name", "values", "bad"),
    [
        ("i8", [-128, 127, 128, -129], 2),
        ("u8", [0, 255, 256, -1], 2),
        ("i16", [-32768, 32768], 1),
        ("u32", [4294967295, 4294967296, None], 1),
        ("u64", [-1, 2**63 - 1], 1),
    ],
)
def test_ranges_that_formats_of_numbers_imply(one, name, values, bad):
    assert one(pa.array(values, pa.int64()), "format", **number({"format": name}))[1] == bad


def test_enum(one):
    assert one(["a", "b", "c", None], "in", logicalType="string", enum=[{"value": "a"}, {"value": "b"}]) == (
        "failed",
        1,
        4,
    )
    assert one([1, 2, 3], "in", logicalType="integer", enum=[{"value": 1}, {"value": 2}]) == ("failed", 1, 3)


def test_dates_and_times_have_bounds(one):
    dates = [date(2020, 1, 1), date(2020, 1, 2), date(2021, 1, 2)]
    options = {"exclusiveMinimum": "2020-01-01", "maximum": "2021-01-01", "format": "yyyy-MM-dd"}
    assert one(dates, "exclusive_min", logicalType="date", logicalTypeOptions=options)[1] == 1
    assert one(dates, "max", logicalType="date", logicalTypeOptions=options)[1] == 1


def test_a_bound_without_an_offset_is_in_the_default_time_zone(one):
    """Sydney is 11 hours ahead of UTC in January."""
    moments = pa.array(
        [datetime(2019, 12, 31, 12, tzinfo=UTC), datetime(2019, 12, 31, 13, tzinfo=UTC)], pa.timestamp("us", "UTC")
    )
    options = {"minimum": "2020-01-01 00:00:00", "timezone": True, "defaultTimezone": "Australia/Sydney"}
    assert one(moments, "min", logicalType="timestamp", logicalTypeOptions=options)[1] == 1


def test_arrays(one):
    lists = pa.array([[1, 2], [1, 1], [], None, [None, None], [1, 2, 3, 4]])
    options = {"minItems": 1, "maxItems": 3, "uniqueItems": True}
    same = {"logicalType": "array", "items": {"logicalType": "integer"}, "logicalTypeOptions": options}
    assert one(lists, "min_items", **same) == ("failed", 1, 6)
    assert one(lists, "max_items", **same) == ("failed", 1, 6)
    assert one(lists, "unique_items", **same) == ("failed", 1, 6)


def test_objects(one):
    structs = pa.array(
        [{"a": 1, "b": None}, {"a": 1, "b": 2}, None, {"a": None, "b": None}],
        pa.struct([("a", pa.int64()), ("b", pa.int64())]),
    )
    options = {"required": ["a"], "minProperties": 1, "maxProperties": 1}
    same = {"logicalType": "object", "logicalTypeOptions": options}
    assert one(structs, "required_keys", **same) == ("failed", 1, 4)
    assert one(structs, "min_properties", **same) == ("failed", 1, 4)
    assert one(structs, "max_properties", **same) == ("failed", 1, 4)


def test_a_required_key_that_the_data_does_not_have_is_missing_everywhere(one):
    structs = pa.array([{"a": 1}, None, {"a": 2}])
    same = {"logicalType": "object", "logicalTypeOptions": {"required": ["zip"]}}
    assert one(structs, "required_keys", **same) == ("failed", 2, 3)


LINES = pa.array(
    [
        [{"sku": "a", "price": 1}, {"sku": None, "price": -1}],
        [{"sku": "a", "price": None}],
        [],
        None,
        [None],
    ],
    pa.list_(pa.struct([("sku", pa.string()), ("price", pa.int64())])),
)
ITEMS = {
    "logicalType": "object",
    "properties": [
        {"name": "sku", "logicalType": "string", "required": True, "unique": True},
        {"name": "price", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0}},
    ],
}


def test_parts_of_arrays_count_elements(checked):
    """Four elements: two, one, none, nothing, and one that is NULL; the last has no sku to miss."""
    verdicts = checked(pa.table({"lines": LINES}), [{"name": "lines", "logicalType": "array", "items": ITEMS}])
    seen = {name: (str(v.outcome), v.bad, v.total) for name, v in verdicts.items()}
    assert seen["lines[].sku.not_null"] == ("failed", 1, 4)
    assert seen["lines[].sku.unique"] == ("failed", 1, 4)
    assert seen["lines[].price.min"] == ("failed", 1, 4)
    assert seen["types"] == ("passed", 0, 1)


def test_parts_of_objects_count_rows(checked):
    people = pa.array([{"home": {"zip": "1"}}, {"home": {"zip": None}}, {"home": None}, None])
    zip_ = {"name": "zip", "logicalType": "string", "required": True}
    home = {"name": "home", "logicalType": "object", "properties": [zip_]}
    verdicts = checked(pa.table({"x": people}), [{"name": "x", "logicalType": "object", "properties": [home]}])
    verdict = verdicts["x.home.zip.not_null"]
    assert (verdict.outcome, verdict.bad, verdict.total) == ("failed", 1, 4)


def test_a_part_that_is_spelled_with_another_letter_is_missing(checked):
    """DuckDB: `SELECT ({'ÜPPER': 1})."üpper"` is an error, `SELECT ({'KüRZEL': 1})."kürzel"` is 1."""
    part = {"name": "üpper", "logicalType": "integer", "required": True}
    column = {"name": "x", "logicalType": "object", "properties": [part, {"name": "kürzel", "logicalType": "integer"}]}
    verdicts = checked(pa.table({"x": pa.array([{"ÜPPER": 1, "KüRZEL": 1}])}), [column])
    assert (verdicts["types"].outcome, verdicts["types"].bad) == ("failed", 1)
    assert "x.üpper is missing" in verdicts["types"].message
    assert "kürzel" not in verdicts["types"].message
    assert verdicts["x.üpper.not_null"].outcome == "skipped"


def test_keys_and_values_of_maps(checked):
    maps = pa.array([[("a", 1), ("bb", None)], [], None, [("ccc", -5)]], pa.map_(pa.string(), pa.int64()))
    key = {"logicalType": "string", "logicalTypeOptions": {"maxLength": 2}}
    value = {"logicalType": "integer", "required": True, "logicalTypeOptions": {"minimum": 0}}
    verdicts = checked(
        pa.table({"x": maps}), [{"name": "x", "logicalType": "map", "map": {"key": key, "value": value}}]
    )
    seen = {name: (v.bad, v.total) for name, v in verdicts.items()}
    assert seen["x[key].max_length"] == (1, 3)
    assert seen["x[value].not_null"] == (1, 3)
    assert seen["x[value].min"] == (1, 3)


def test_types_of_parts_are_looked_at_without_a_cast(checked):
    table = pa.table({"x": pa.array([{"a": "1", "c": 1}])})
    parts = [{"name": "a", "logicalType": "integer", "required": True}, {"name": "b", "logicalType": "string"}]
    verdicts = checked(table, [{"name": "x", "logicalType": "object", "properties": parts}])
    assert verdicts["types"].outcome == "failed"
    assert "x.a is VARCHAR, declared integer" in verdicts["types"].message
    assert "x.b is missing" in verdicts["types"].message
    assert (verdicts["x.a.not_null"].outcome, "types" in verdicts["x.a.not_null"].message) == ("skipped", True)


def test_parts_of_json(tmp_path, checked):
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"x": {"zip": "1", "n": [1, 2]}}\n{"x": {"zip": null, "n": [3.5]}}\n{"x": {"n": ["a", null]}}\n{"x": null}\n'
    )
    parts = [
        {"name": "zip", "logicalType": "string", "required": True},
        {
            "name": "n",
            "logicalType": "array",
            "items": {"logicalType": "integer", "required": True, "logicalTypeOptions": {"maximum": 1}},
        },
    ]
    verdicts = checked(str(path), [{"name": "x", "logicalType": "object", "properties": parts}])
    assert (verdicts["x.zip.not_null"].bad, verdicts["x.zip.not_null"].total) == (2, 4)
    assert "x.n[] has 2 that do not parse" in verdicts["types"].message
    assert verdicts["x.n[].max"].outcome == "skipped"


def test_parts_of_json_that_are_what_they_should_be(tmp_path, checked):
    path = tmp_path / "t.jsonl"
    path.write_text('{"x": {"n": [1, 2, null]}}\n{"x": {"n": []}}\n')
    items = {"logicalType": "integer", "required": True, "logicalTypeOptions": {"maximum": 1}}
    parts = [{"name": "n", "logicalType": "array", "items": items, "logicalTypeOptions": {"maxItems": 2}}]
    verdicts = checked(str(path), [{"name": "x", "logicalType": "object", "properties": parts}])
    seen = {name: (str(v.outcome), v.bad, v.total) for name, v in verdicts.items()}
    assert seen["x.n[].max"] == ("failed", 1, 3)
    assert seen["x.n[].not_null"] == ("failed", 1, 3)
    assert seen["x.n.max_items"] == ("failed", 1, 2)
    assert seen["types"][0] == "passed"


def test_dates_in_text_are_read_by_their_format(tmp_path, checked):
    path = tmp_path / "t.csv"
    path.write_text("d,m\n31/12/2020,2020-01-02 03:04:05\n2020-12-31,x\n")
    verdicts = checked(
        str(path),
        [
            {
                "name": "d",
                "logicalType": "date",
                "logicalTypeOptions": {"format": "dd/MM/yyyy", "maximum": "2020-12-30"},
            },
            {"name": "m", "logicalType": "timestamp", "logicalTypeOptions": {"format": "yyyy-MM-dd HH:mm:ss"}},
        ],
    )
    assert verdicts["types"].bad == 2
    assert "d has 1 that does not parse" in verdicts["types"].message


def test_names_of_the_data_are_used_and_names_of_the_contract_shown(checked):
    table = pa.table({"txn_dt": pa.array([None], pa.date32())})
    verdicts = checked(
        table, [{"name": "transaction_date", "physicalName": "txn_dt", "logicalType": "date", "required": True}]
    )
    assert verdicts["transaction_date.not_null"].bad == 1
    assert verdicts["columns"].outcome == "passed"


def test_a_composite_key_is_ordered_by_position(checked):
    table = pa.table({"a": [1, 1, 1], "b": [1, 1, None]})
    properties = [
        {"name": "a", "primaryKey": True, "primaryKeyPosition": 2},
        {"name": "b", "primaryKey": True, "primaryKeyPosition": 1},
    ]
    verdicts = checked(table, properties)
    assert (verdicts["primary_key"].bad, verdicts["primary_key"].check.columns) == (1, ("b", "a"))
    assert verdicts["b.not_null"].bad == 1


def test_a_measure_is_not_looked_for_in_the_data(checked):
    verdicts = checked(
        pa.table({"x": [1]}), [{"name": "x"}, {"name": "total", "semanticType": "measure", "required": True}]
    )
    assert verdicts["columns"].outcome == "passed"
    assert "total.not_null" not in verdicts
