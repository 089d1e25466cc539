"""Contracts of the standards: written as they were read, and what each form cannot hold is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import meshkit
from meshkit.checks.compile import compile_checks
from meshkit.converting.native import native_to_odcs, odcs_to_native
from meshkit.loading.convert import convert_file
from meshkit.loading.dcs import read_dcs
from meshkit.loading.dump import dump
from meshkit.loading.native import read_product
from meshkit.loading.odcs.contract import read_odcs
from meshkit.loading.source import Source

DATA = Path(__file__).parents[2] / "data/standards"
EXAMPLES = sorted((DATA / "odcs").rglob("*.yaml"))
ODCS = jsonschema.Draft201909Validator(json.loads((DATA / "schemas/odcs-3.2.0.schema.json").read_text()))
DCS = jsonschema.Draft7Validator(json.loads((DATA / "schemas/dcs-1.2.1.schema.json").read_text()))


def plain(values: Any) -> Any:
    return json.loads(json.dumps(values, default=float))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_a_contract_of_the_standard_is_written_as_it_was_read(path: Path) -> None:
    source = Source("c.yaml", path.read_text())
    values, _ = source.values()
    converted = meshkit.convert(path, to="odcs")
    assert converted.losses == ()
    again = Source("c.yaml", converted.text)
    found, problems = again.values()
    assert (found, problems) == (values, [])
    assert read_odcs(found, again).contract == read_odcs(values, source).contract


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
@pytest.mark.parametrize("to", ["native", "dcs"])
def test_each_example_has_another_form(path: Path, to: Any) -> None:
    converted = meshkit.convert(path, to=to)
    source = Source("c.yaml", converted.text)
    values, problems = source.values()
    assert not problems
    if to == "dcs":
        assert list(DCS.iter_errors(plain(converted.document))) == []
        read_dcs(values, source)
    else:
        before = Source("c.yaml", path.read_text())
        columns = read_odcs(before.values()[0], before).contract.tables
        native = read_product(values, source).contract.tables
        assert [c.name for t in native for c in t.columns] == [c.name for t in columns[:1] for c in t.columns]
    assert all(loss.what and loss.why for loss in converted.losses)


@pytest.mark.parametrize("name", ["orders-latest", "covid-cases"])
def test_the_older_specification_becomes_valid_odcs(name: str) -> None:
    converted = meshkit.convert(DATA / f"dcs/{name}.yaml", to="odcs")
    assert list(ODCS.iter_errors(plain(converted.document))) == []
    assert converted.losses == ()


@pytest.mark.parametrize("path", sorted((DATA / "odcs_must_fail").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_contract_that_breaks_the_standard_is_not_converted(path: Path) -> None:
    with pytest.raises(meshkit.ContractError) as error:
        meshkit.convert(path, to="odcs")
    assert error.value.place is not None


def odcs(*properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    table = {"name": "t", "properties": list(properties), **more.pop("table", {})}
    return {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "d.p", "name": "p", "domain": "d", "version": "1.0.0",
            "schema": [table], **more}  # fmt: skip


def test_what_a_native_product_cannot_say_is_told_with_its_place() -> None:
    nested = {"name": "lines", "logicalType": "object", "properties": [{"name": "sku", "logicalType": "string"}]}
    steps = {"name": "n", "logicalType": "number", "logicalTypeOptions": {"multipleOf": 5, "minimum": 0}}
    found = odcs_to_native(odcs(nested, steps, tenant="acme", price={"priceAmount": 9}))
    assert found.document["schema"]["fields"] == [
        {"name": "lines", "type": "object"},
        {"name": "n", "type": "number", "constraints": [{"min": 0}]},
    ]
    assert {loss.pointer for loss in found.losses} == {
        ("tenant",),
        ("price", "priceAmount"),
        ("schema", 0, "properties", 0, "properties", 0),
        ("schema", 0, "properties", 1, "logicalTypeOptions"),
    }


def test_a_second_object_is_told_as_a_whole() -> None:
    document = odcs({"name": "a"})
    document["schema"].append({"name": "u", "properties": [{"name": "b", "required": True}]})
    (loss,) = odcs_to_native(document).losses
    assert (loss.pointer, loss.what) == (("schema", 1), "object 'u'")


@pytest.mark.parametrize(
    ("declared", "options", "constraint"),
    [
        ("integer", {"exclusiveMinimum": 5}, {"min": 6}),
        ("integer", {"exclusiveMaximum": 5}, {"max": 4}),
        ("integer", {"maximum": 5, "exclusiveMaximum": True}, {"max": 4}),
        ("number", {"minimum": 5, "exclusiveMinimum": False}, {"min": 5}),
    ],
)
def test_an_open_bound_of_whole_numbers_is_the_next_one(declared: str, options: Any, constraint: Any) -> None:
    found = odcs_to_native(odcs({"name": "n", "logicalType": declared, "logicalTypeOptions": options}))
    assert found.document["schema"]["fields"][0]["constraints"] == [constraint]
    assert found.losses == ()


def test_an_open_bound_of_other_numbers_is_lost_and_never_loosened() -> None:
    options = {"minimum": 5, "exclusiveMinimum": True}
    found = odcs_to_native(odcs({"name": "n", "logicalType": "number", "logicalTypeOptions": options}))
    assert "constraints" not in found.document["schema"]["fields"][0]
    assert len(found.losses) == 1


@pytest.mark.parametrize(
    ("rule", "constraint"),
    [
        ({"metric": "nullValues", "mustBe": 0}, "not_null"),
        ({"metric": "nullValues", "mustBeLessThan": 5}, {"not_null": {"threshold": 4}}),
        ({"metric": "nullValues", "mustBeLessOrEqualTo": 3, "unit": "percent"}, {"not_null": {"threshold": "3%"}}),
        ({"rule": "duplicateCount", "mustBe": 0, "severity": "warning"}, {"unique": {"severity": "warning"}}),
        ({"metric": "invalidValues", "arguments": {"validValues": ["a", None]}, "mustBe": 0}, {"in": ["a"]}),
    ],
)
def test_rules_of_the_library_are_native_constraints(rule: Any, constraint: Any) -> None:
    found = odcs_to_native(odcs({"name": "x", "logicalType": "string", "quality": [rule]}))
    assert found.document["schema"]["fields"][0]["constraints"] == [constraint]


def test_a_rule_on_a_share_that_must_be_below_is_lost() -> None:
    rule = {"metric": "nullValues", "mustBeLessThan": 3, "unit": "percent"}
    found = odcs_to_native(odcs({"name": "x", "quality": [rule]}))
    assert "constraints" not in found.document["schema"]["fields"][0]
    assert found.losses


def test_placeholders_of_a_query_become_names() -> None:
    rule = {"type": "sql", "query": "SELECT count(*) FROM ${table} WHERE {property} < 0", "mustBe": 0}
    found = odcs_to_native(odcs({"name": "x", "quality": [rule]}))
    assert found.document["sla"]["quality_checks"] == [
        {"name": "x_sql", "query": "SELECT count(*) FROM t WHERE x < 0", "must_be": 0}
    ]


def test_what_odcs_has_a_word_for_uses_that_word() -> None:
    """Worked out by hand from the text of the standard."""
    native = {
        "name": "orders", "version": "1.0.0", "domain": "sales",
        "schema": {
            "location": "orders.csv",
            "fields": [
                {"name": "id", "type": "integer", "is_primary_key": True, "constraints": [{"min": 1}]},
                {"name": "state", "type": "string", "constraints": ["not_null", {"in": ["new", "done"]}]},
                {"name": "customer", "type": "string", "constraints": [
                    {"not_null": {"threshold": "2%", "severity": "warning"}}, {"references": "customers.id"}]},
            ],
        },
        "sla": {
            "availability": "99.9%", "freshness": {"max_age_hours": 24, "column": "at"},
            "quality_checks": [{"name": "few", "query": "SELECT 1", "must_be": "< 5"}],
        },
    }  # fmt: skip
    found = native_to_odcs(native).document
    (table,) = found["schema"]
    assert found["servers"] == [{"server": "data", "type": "local", "path": "orders.csv", "format": "csv",
                                 "customProperties": [{"property": "meshkit.type", "value": None}]}]  # fmt: skip
    assert table["properties"] == [
        {"name": "id", "logicalType": "integer", "logicalTypeOptions": {"minimum": 1}, "primaryKey": True},
        {"name": "state", "logicalType": "string", "required": True, "enum": [{"value": "new"}, {"value": "done"}]},
        {
            "name": "customer",
            "logicalType": "string",
            "quality": [{"metric": "nullValues", "mustBeLessOrEqualTo": 2, "unit": "percent", "severity": "warning"}],
            "relationships": [{"to": "customers.id"}],
        },
    ]
    assert table["quality"] == [{"name": "few", "type": "sql", "query": "SELECT 1", "mustBeLessThan": 5}]
    availability, freshness = found["slaProperties"]
    assert availability["value"] == 99.9 or str(availability["value"]) == "99.9"
    assert (freshness["property"], freshness["value"], freshness["unit"], freshness["element"]) == (
        "freshness", 24, "h", "orders.at")  # fmt: skip


ORDERS = {
    "orders.columns", "orders.types", "orders.extra_columns", "orders.row_count", "orders.order_id.not_null",
    "orders.order_id.unique", "orders.order_id.format", "orders.order_timestamp.not_null", "orders.order_total.not_null",
    "orders.order_total.sql", "orders.customer_id.min_length", "orders.customer_id.max_length",
    "orders.customer_email_address.not_null", "orders.customer_email_address.format", "orders.customer_email_address.text",
    "orders.processed_timestamp.not_null", "orders.sql", "orders.sql_2", "orders.retention", "orders.freshness",
    "orders.frequency", "orders.not_future", "line_items.columns", "line_items.types", "line_items.extra_columns", "line_items.row_count",
    "line_items.line_item_id.not_null", "line_items.order_id.not_null", "line_items.order_id.format",
    "line_items.order_id.references", "line_items.primary_key", "line_items.sku.pattern",
}  # fmt: skip


def test_all_that_the_older_specification_asserts_is_a_check() -> None:
    """Listed by hand from the file: what each field, rule and service level asserts."""
    source = Source("orders.yaml", (DATA / "dcs/orders-latest.yaml").read_text())
    values, _ = source.values()
    loaded = read_dcs(values, source)
    contract = loaded.contract
    assert (loaded.problems, contract.form, contract.id, contract.version) == ((), "dcs", "orders-latest", "2.0.0")
    checks = {c.id.removeprefix("k."): c for c in compile_checks(contract, "k", source.place)}
    assert set(checks) == ORDERS
    lines = source.text.splitlines()
    assert lines[checks["orders.customer_id.min_length"].place.line - 1].strip() == "minLength: 10"
    assert lines[checks["line_items.order_id.references"].place.line - 1].strip() == "references: orders.order_id"
    assert lines[checks["line_items.sku.pattern"].place.line - 1].strip() == "pattern: ^[A-Za-z0-9]{8,14}$"
    assert str(checks["orders.order_total.sql"].threshold) == "between 1000 and 49900"
    assert str(checks["orders.freshness"].threshold) == "<= 25"
    assert checks["orders.customer_email_address.text"].skip
    key = contract.tables[1].primary_key
    assert key == ("order_id", "line_item_id")


def test_rules_of_the_older_form_for_soda_are_told_and_not_run() -> None:
    source = Source("c.yaml", (DATA / "dcs/covid-cases.yaml").read_text())
    contract = read_dcs(source.values()[0], source).contract
    rules = [c for c in contract.quality_checks if c.kind == "custom"]
    assert len(rules) == 2 and all("soda" in c.skip for c in rules)
    assert source.place(rules[1].pointer).line == 53


def test_unknown_keys_and_references_of_the_older_form_are_warnings() -> None:
    text = """\
dataContractSpecification: 1.2.1
id: x
info: {title: x, version: 1.0.0}
models:
  t:
    fields:
      a: {type: string, requird: true}
      b: {$ref: '#/definitions/gone'}
      c: {$ref: '#/definitions/loop'}
definitions:
  loop: {type: object, fields: {d: {$ref: '#/definitions/loop'}}}
"""
    source = Source("c.yaml", text)
    problems = read_dcs(source.values()[0], source).problems
    assert [(p.code, p.place.line, str(p.severity)) for p in problems] == [
        ("MK102", 7, "warning"),
        ("MK153", 8, "warning"),
    ]


def test_a_product_of_odps_has_no_other_form() -> None:
    with pytest.raises(meshkit.ContractError, match="MK151"):
        meshkit.convert(DATA / "odps/simple-data-product.odps.yaml", to="odcs")


def test_a_contract_with_errors_is_not_converted(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: a\nversion: 1\ndescription: b\nschema: {fields: []}\n")
    with pytest.raises(meshkit.ContractError, match="MK112"):
        convert_file(path, "odcs")


def test_variables_are_never_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "secret")
    document = odcs({"name": "a"}, servers=[{"server": "s", "type": "s3", "location": "s3://${BUCKET}/x.csv"}])
    path = tmp_path / "c.yaml"
    path.write_text(dump(document))
    for to in ("odcs", "native", "dcs"):
        text = meshkit.convert(path, to=to).text
        assert "${BUCKET}" in text and "secret" not in text


def test_what_must_be_a_mapping_in_the_older_form_and_is_none_is_an_error() -> None:
    text = """\
dataContractSpecification: 1.2.1
id: x
info: {title: x, version: 1.0.0}
servicelevels: none
models:
  t:
    fields:
      a: string
"""
    source = Source("c.yaml", text)
    problems = read_dcs(source.values()[0], source).problems
    assert [(p.code, p.place.line, str(p.severity)) for p in problems] == [("MK103", 4, "error"), ("MK103", 8, "error")]
