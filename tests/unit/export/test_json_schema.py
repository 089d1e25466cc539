"""The JSON Schema of a record, read by jsonschema: good records pass, and each bad one is refused."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from meshkit.export.json_schema import json_schema
from meshkit.model.contract import Contract
from meshkit.model.table import Column, Constraint, Severity, Table


def has(kind: str, *values: str, **options) -> Constraint:
    return Constraint(kind=kind, values=values, **options)


TABLE = Table(
    name="orders",
    names=("orders",),
    primary_key=("id",),
    columns=(
        Column(name="id", type="integer"),
        Column(
            name="code",
            type="string(6)",
            constraints=(has("pattern", r"^\w\w-\d"), has("max_length", "5"), has("unique")),
        ),
        Column(name="amount", type="decimal(6,2)", constraints=(has("min", "0"), has("max", "99.5"))),
        Column(name="state", type="string", constraints=(has("not_null"), has("in", "a", "b"))),
        Column(name="level", type="integer", constraints=(has("in", "1", "2"),)),
        Column(name="day", type="date", constraints=(has("min", "2024-01-15"),)),
        Column(name="soft", type="integer", constraints=(has("min", "0", severity=Severity.INFO),)),
        Column(
            name="address", type="object", fields=(Column(name="zip", type="string", constraints=(has("not_null"),)),)
        ),
        Column(name="tags", type="array<integer>"),
        Column(name="rates", type="map<string, number>"),
    ),
)
GOOD = {"id": 1, "state": "a"}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(json_schema(Contract(name="p", version="1.0.0", domain="d"), TABLE)[0])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"code": None, "amount": None, "level": None, "day": None, "tags": None, "address": None},
        {"code": "ab-12", "amount": 99.5, "level": 2, "day": "2020-02-29", "soft": -1},
        {"address": {"zip": "1"}, "tags": [1, None], "rates": {"x": 0.5}, "extra": True},
    ],
)
def test_a_good_record_passes(validator, more):
    assert list(validator.iter_errors({**GOOD, **more})) == []


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"id": None}, "id"),
        ({"id": 1.5}, "id"),
        ({"state": None}, "state"),
        ({"state": "c"}, "state"),
        ({"code": "ab-123"}, "code"),
        ({"code": "é1-1"}, "code"),
        ({"amount": -0.01}, "amount"),
        ({"amount": 99.51}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"level": 3}, "level"),
        ({"day": "2023-02-29"}, "day"),
        ({"address": {}}, "address"),
        ({"address": {"zip": None}}, "address"),
        ({"tags": ["1"]}, "tags"),
        ({"rates": {"x": "1"}}, "rates"),
    ],
)
def test_a_bad_record_is_refused_at_its_place(validator, more, where):
    assert {e.absolute_path[0] for e in validator.iter_errors({**GOOD, **more})} == {where}


def test_a_missing_key_is_refused(validator):
    assert [e.validator for e in validator.iter_errors({"state": "a"})] == ["required"]


def test_what_one_record_cannot_show_is_listed():
    left = {n.subject for n in json_schema(Contract(name="p", version="1.0.0", domain="d"), TABLE)[1]}
    assert left == {
        "orders.code.unique",
        "orders.amount.type",
        "orders.day.min",
        "orders.soft.min",
        "orders.primary_key",
    }
