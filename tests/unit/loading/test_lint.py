"""What is wrong in a contract: every problem in one pass, each with its place, its code and a way out."""

from __future__ import annotations

import pyarrow as pa
import pytest

TWENTY = """\
name: sales orders
version: 2.10
domain: sales
status: activ
owner:
  team: 7
  contact: nobody
  slack: #sales-data
description: Orders.
freshnes: 3
schema:
  type: parquett
  location: orders.parquet
  partitioned_by: [order_day]
  fields:
    - name: order_id
      type: strng
      constraints:
        - uniqe
        - not_null:
          threshold: 3%
    - name: order_id
      type: string
      constraints:
        - in: [NO, yes]
        - pattern: "(?=x)"
    - name: amount
      type: decimal(12,2)
      constraints:
        - min: abc
      is_pii: maybe
sla:
  availability: 99.9
  freshness:
    max_age_hours: 24
    update_schedule: "0 2 * * 1"
  completeness:
    min_threshold: 120%
  quality_checks:
    - name: q
      query: "SELECT 1"
      threshold: 3%
    - name: q
      query: "SELECT 1"
      severity: fatal
observability:
  metrics: row_count
changelog:
  - version: 2.0.0
    date: 2024-13-01
  - version: 2.1.0
"""

EXPECTED = [
    (1, 7, "MK111"),  # a blank in a name
    (2, 10, "MK112"),  # 2.10 is a number
    (4, 9, "MK110"),  # activ
    (6, 9, "MK103"),  # 7 is no text
    (7, 12, "MK132"),  # no e-mail address
    (8, 3, "MK119"),  # a comment, not a channel
    (10, 1, "MK102"),  # freshnes
    (12, 9, "MK110"),  # parquett
    (14, 20, "MK115"),  # no such column
    (17, 13, "MK124"),  # strng
    (19, 11, "MK120"),  # uniqe
    (21, 11, "MK121"),  # two keys in one item
    (22, 13, "MK114"),  # a column twice
    (25, 16, "MK122"),  # NO is false
    (26, 20, "MK123"),  # look-ahead
    (30, 16, "MK122"),  # abc is no number
    (31, 15, "MK103"),  # maybe is no boolean
    (33, 17, "MK118"),  # 99.9 of what?
    (36, 22, "MK117"),  # weekly, but at most 24 hours old
    (38, 20, "MK118"),  # 120%
    (42, 18, "MK122"),  # a share of an unknown whole
    (43, 13, "MK114"),  # a check twice
    (45, 17, "MK110"),  # fatal
    (47, 12, "MK103"),  # a text, not a list
    (50, 11, "MK133"),  # no such month
    (51, 14, "MK125"),  # newest first
]


def test_every_mistake_is_found_in_one_pass_each_with_its_place(mesh):
    problems = mesh(TWENTY).lint()
    assert [(p.place.line, p.place.column, p.code) for p in problems] == EXPECTED


def test_every_problem_names_a_way_out_or_the_value(mesh):
    for problem in mesh(TWENTY).lint():
        assert problem.hint or "'" in problem.message, problem


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("freshnes: 1", "unknown key 'freshnes'"),
        ("tag: [x]", "did you mean 'tags'?"),
        ("tags: x", "write it as a list: [x]"),
        ("retention_days: 3 years", "must be a whole number"),
        ("retention_days: -1", "must be at least 0"),
        ("retention_days: yes", "found the boolean true"),
        ("data_kind: analytic", "did you mean 'analytical'?"),
        ("version: 2.1", 'write three numbers in quotes: "2.1.0"'),
        ("version: 1.0.0.0", "is not a semantic version"),
        ("inputs: [a]", "must be a mapping"),
        ("tags:", "has no value"),
    ],
)
def test_a_single_mistake_says_what_was_meant(mesh, contract, line, said):
    key = line.partition(":")[0]
    text = "\n".join(row for row in contract([{"name": "a"}]).splitlines() if not row.startswith(f"{key}:"))
    problems = mesh(f"{text}\n{line}\n").problems
    assert len(problems) == 1, problems
    assert said in str(problems[0])


@pytest.mark.parametrize(
    ("field", "code", "said"),
    [
        ({"constraints": ["not_nul"]}, "MK120", "did you mean 'not_null'?"),
        ({"constraints": [{"min": None}]}, "MK122", "its value is missing"),
        ({"constraints": [{"in": []}]}, "MK122", "an empty list"),
        ({"constraints": [{"in": [None]}]}, "MK122", "use not_null"),
        ({"type": "boolean", "constraints": [{"min": 1}]}, "MK122", "no order"),
        ({"type": "integer", "constraints": [{"pattern": "x"}]}, "MK122", "for string columns"),
        ({"type": "date", "constraints": [{"min": "yesterday"}]}, "MK122", "not a date"),
        ({"constraints": [{"min_length": -1}]}, "MK122", "0 or more"),
        ({"constraints": [{"references": "customers"}]}, "MK122", "customers.id"),
        ({"constraints": [{"not_null": {"treshold": 1}}]}, "MK102", "did you mean 'threshold'?"),
        ({"constraints": [{"not_null": {"threshold": -1}}]}, "MK118", "0 or more"),
        ({"constraints": [{"not_null": {"severity": "bad"}}]}, "MK110", "unknown severity"),
        ({"constraints": [{"not_null": {"where": "a = (SELECT 1)"}}]}, "MK209", "sub-query"),
        ({"constraints": [{"not_null": {"where": "read_text('x') = 'y'"}}]}, "MK203", "read_text"),
        ({"constraints": [{"pattern": "a(b"}]}, "MK123", "missing )"),
        ({"type": "varchr"}, "MK124", "did you mean 'varchar'?"),
        ({"type": "decimal(2,4)"}, "MK124", "0 <= s <= p"),
    ],
)
def test_a_mistake_in_a_field_says_what_was_meant(mesh, contract, field, code, said):
    problems = mesh(contract([{"name": "a", **field}])).lint()
    assert [p.code for p in problems] == [code]
    assert said in str(problems[0])


def test_an_error_inside_one_check_makes_that_check_errored_and_no_other(judged):
    found = judged(pa.table({"a": ["x", None]}), [{"name": "a", "constraints": [{"in": [True]}, "not_null"]}])
    assert found["a.in"].outcome == "errored"
    assert found["a.not_null"].outcome == "failed"


def test_any_other_error_stops_its_product_and_not_the_others(mesh, contract):
    broken = contract([{"name": "a"}]).replace("name: p", "name: q") + "freshnes: 1\n"
    run = mesh(contract([{"name": "a"}]), broken).check(tables={"t": pa.table({"a": [1]})})
    assert {p.id: (str(p.outcome), len(p.verdicts)) for p in run.products} == {
        "d.p": ("passed", 3),
        "d.q": ("errored", 0),
    }


@pytest.mark.parametrize(
    "text",
    ["- not_null", "- not_null: true", "- required", "- not_null:\n    threshold: 0", "- not_null: {severity: warn}"],
)
def test_the_spellings_of_not_null(mesh, contract, text):
    head = contract([{"name": "a"}]).rstrip()
    loaded = mesh(head + "\n    constraints:\n" + "\n".join("    " + row for row in text.splitlines()) + "\n")
    assert not loaded.problems, loaded.problems
    assert [c.kind for c in loaded.products[0].checks if c.column == "a"] == ["not_null"]


@pytest.mark.parametrize(
    ("constraint", "kind", "values"),
    [
        ({"accepted_values": {"values": ["a", "b"]}}, "in", ("a", "b")),
        ({"accepted_values": {"arguments": {"values": ["a"]}, "config": {"severity": "warn"}}}, "in", ("a",)),
        ({"enum": ["a", 1]}, "in", ("a", "1")),
        ({"relationships": {"to": "ref('customers')", "field": "id"}}, "references", ("customers", "id")),
        ({"references": "sales.customers.id"}, "references", ("sales.customers", "id")),
        ({"regex": "^a"}, "pattern", ("^a",)),
        ({"maxLength": 3}, "max_length", ("3",)),
    ],
)
def test_the_spellings_that_dbt_and_odcs_users_type(mesh, contract, constraint, kind, values):
    loaded = mesh(contract([{"name": "a", "constraints": [constraint]}]))
    assert not loaded.problems, loaded.problems
    found = next(c for c in loaded.products[0].checks if c.column == "a")
    assert (found.kind, found.values) == (kind, values)


def test_scalars_are_read_from_their_text(mesh, contract):
    text = contract(
        [{"name": "n", "type": "decimal(38,18)"}, {"name": "t", "type": "time"}, {"name": "s", "type": "string"}]
    )
    text = text.replace(
        "type: decimal(38,18)",
        "type: decimal(38,18)\n    constraints:\n    - max: 0.300000000000000001\n    - min: 1e-3",
    )
    text = text.replace("type: time", "type: time\n    constraints:\n    - max: 12:30:00")
    text = text.replace("type: string", "type: string\n    constraints:\n    - in: [007, 1.50, 1e3]")
    loaded = mesh(text)
    assert not loaded.problems, loaded.problems
    values = {f"{c.column}.{c.kind}": c.values for c in loaded.products[0].checks if c.values}
    assert values == {
        "n.max": ("0.300000000000000001",),
        "n.min": ("1e-3",),
        "t.max": ("12:30:00",),
        "s.in": ("007", "1.50", "1e3"),
    }


def test_a_check_declared_twice_is_one_check_and_the_one_written_out_wins(mesh, contract):
    fields = [{"name": "id", "is_primary_key": True, "constraints": [{"not_null": {"severity": "critical"}}, "unique"]}]
    found = {c.id.removeprefix("d.p.t."): c for c in mesh(contract(fields)).products[0].checks}
    assert sorted(n for n in found if n.startswith("id")) == ["id.not_null", "id.unique"]
    assert found["id.not_null"].severity == "critical"


def test_the_same_kind_with_other_arguments_is_a_check_of_its_own(mesh, contract):
    fields = [{"name": "n", "constraints": [{"max": 5}, {"max": {"value": 9, "severity": "critical"}}]}]
    found = [c.id.removeprefix("d.p.t.") for c in mesh(contract(fields)).products[0].checks if c.column]
    assert found == ["n.max", "n.max_2"]


def test_a_personal_category_makes_a_column_personal(mesh, contract):
    column = mesh(contract([{"name": "mail", "pii_category": "email"}])).products[0].contract.tables[0].columns[0]
    assert column.is_pii
