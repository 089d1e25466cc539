"""Changes in what only the open standards can say: nested columns, several tables, promises."""

from __future__ import annotations

import pytest

import meshkit
from meshkit.change.compare import compare_contracts
from meshkit.change.types import judge_types
from meshkit.model.contract import Contract, InputPort, OutputPort, Promise, Upstream
from meshkit.model.table import Column, Constraint, Table


def contract(*tables: Table, **keys) -> Contract:
    return Contract(name="p", version="1.0.0", domain="d", form="odcs", tables=tables, **keys)


def table(*columns: Column, name: str = "t", **keys) -> Table:
    return Table(name=name, names=(name,), columns=columns, pointer=("schema", 0), **keys)


def ids(old: Contract, new: Contract) -> list[tuple[str, str, str]]:
    return [(c.id, c.path, str(c.direction)) for c in compare_contracts(old, new)]


def address(*parts: Column) -> Contract:
    return contract(table(Column(name="address", type="object", fields=parts)))


CITY, ZIP = Column(name="city", type="string"), Column(name="zip", type="string")


def test_a_part_of_an_object_is_a_field_with_a_path():
    assert ids(address(CITY, ZIP), address(CITY)) == [("C01", "schema.fields.address.zip", "loosens")]
    assert ids(address(CITY), address(CITY, ZIP)) == [("C03", "schema.fields.address.zip", "tightens")]
    (change,) = compare_contracts(address(CITY, ZIP), address(CITY))
    assert (change.column, change.message) == ("address", "field address.zip was removed")


def test_what_an_array_or_a_map_holds_is_compared_too():
    def tags(items: str) -> Contract:
        return contract(table(Column(name="tags", type="array", items=Column(name="item", type=items))))

    def lookup(key: str) -> Contract:
        return contract(table(Column(name="m", type="map", key=Column(name="k", type=key))))

    assert ids(tags("string"), tags("integer")) == [("T08", "schema.fields.tags[]", "both")]
    assert ids(lookup("string"), lookup("integer")) == [("T08", "schema.fields.m[key]", "both")]


def test_tables_come_and_go():
    one, two = table(CITY), table(ZIP, name="u")
    assert ids(contract(one, two), contract(one)) == [("C06", "schema.u", "loosens")]
    assert ids(contract(one), contract(one, two)) == [("C06", "schema.u", "tightens")]
    assert ids(contract(one, two), contract(one, table(name="u"))) == [("C01", "schema.u.fields.zip", "loosens")]


def test_a_stable_id_proves_a_rename():
    old, new = Column(name="a", id="c1", type="string"), Column(name="zzz", id="c1", type="string")
    (change,) = compare_contracts(contract(table(old)), contract(table(new)))
    assert (change.id, change.message) == ("C02", "field a was renamed to zzz: both have the id 'c1'")


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("freshness", "24", "48", ("A01", "loosens")),
        ("retention", "24", "48", ("A04", "tightens")),
        ("frequency", "24", "9", ("A02", "tightens")),
        ("time_of_availability", "08:00+00:00", "09:00+00:00", ("A02", "loosens")),
        ("time_of_availability", "09:00", "10:00+02:00", ("A02", "tightens")),  # which is 08:00 in UTC
        ("general_availability", "2026-03-01", "2026-04-01", ("A03", "loosens")),
        ("end_of_support", "2026-12-31", "2027-01-01T00:00", ("A03", "tightens")),
        ("end_of_life", "2026-12-31", "2026-12-31T01:00:00+01:00", ("D01", "none")),  # the same moment
        ("freshness", "24", "2.5", ("A01", "tightens")),
        ("end_of_life", "2027-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", ("A03", "loosens")),
    ],
)
def test_promises_of_the_service(kind, old, new, expected):
    one, other = (contract(promises=(Promise(kind=kind, limit=limit),)) for limit in (old, new))
    assert [(i, d) for i, _, d in ids(one, other)] == [expected]


def test_a_promise_that_comes_goes_or_looks_at_another_column():
    def kept(**keys) -> Contract:
        return contract(promises=(Promise(kind="retention", limit="24", **keys),))

    assert ids(kept(column="a"), contract()) == [("A04", "sla.retention", "loosens")]
    assert ids(contract(), kept(column="a")) == [("A04", "sla.retention", "tightens")]
    assert ids(kept(column="a"), kept(column="b")) == [("A04", "sla.retention", "undetermined")]
    assert ids(kept(), kept(column="b")) == [("A04", "sla.retention", "tightens")]
    assert ids(kept(column="b"), kept()) == [("A04", "sla.retention", "loosens")]


def test_two_promises_of_one_kind_are_told_apart_by_their_columns():
    one, two = (Promise(kind="frequency", column=c, limit="24") for c in "ab")
    slower = two.model_copy(update={"limit": "36"})
    (change,) = compare_contracts(contract(promises=(one, two)), contract(promises=(slower, one)))
    assert (change.id, change.direction, change.message) == (
        "A02",
        "loosens",
        "frequency changed from 24 hours to 36 hours",
    )


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("invalid", {"values": ("a", "b")}, {"values": ("a", "b", "c")}, ("E01", "loosens")),
        ("invalid", {"values": ("a", "b")}, {"values": ("a",)}, ("E02", "tightens")),
        ("invalid", {"values": ("a", "b")}, {"values": ("b", "a")}, ("D01", "none")),
        ("invalid", {"values": ("a",), "pattern": "x"}, {"pattern": "x"}, ("E03", "loosens")),
        ("invalid", {"pattern": "x"}, {"values": ("a",), "pattern": "x"}, ("V02", "tightens")),
        ("invalid", {"pattern": "^a"}, {"pattern": "^b"}, ("V03", "undetermined")),
        ("invalid", {"values": ("a",)}, {"values": ("a",), "pattern": "^a"}, ("V02", "tightens")),
        ("invalid", {"values": ("a",), "pattern": "^a"}, {"values": ("a",)}, ("V01", "loosens")),
        ("invalid", {"pattern": "x", "missing": ("-",)}, {"pattern": "x", "missing": ("-", "?")}, ("V01", "loosens")),
        ("missing", {"missing": ("-",)}, {"missing": ("-", "?")}, ("V02", "tightens")),
        ("missing", {"missing": ("-", "?")}, {"missing": ("-",)}, ("V01", "loosens")),
        ("missing", {"missing": ("-", "?")}, {"missing": ("?", "-")}, ("D01", "none")),
    ],
)
def test_what_is_valid_and_what_is_missing(kind, old, new, expected):
    one, other = (
        contract(table(Column(name="c", type="string", constraints=(Constraint(kind=kind, **keys),))))
        for keys in (old, new)
    )
    assert [(i, d) for i, _, d in ids(one, other)] == [expected]


def test_rules_of_one_kind_are_told_apart_by_their_names():
    def ruled(*names: str, threshold: str = "") -> Contract:
        rules = tuple(Constraint(kind="missing", name=n, threshold=threshold if n == "b" else "") for n in names)
        return contract(table(Column(name="c", type="string", constraints=rules)))

    changed = compare_contracts(ruled("a", "b"), ruled("b", threshold="5%"))
    assert [(c.id, c.direction) for c in changed] == [("Q02", "loosens"), ("V01", "loosens")]


OUT = OutputPort(
    name="files", version="1.0.0", type="parquet", contract_id="c1", inputs=(Upstream(id="u", version="1.2.0"),)
)
IN = InputPort(name="raw", version="1.0.0", contract_id="c0")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([OUT], [], ("C06", "loosens", "breaking")),
        ([], [OUT], ("C06", "tightens", "additive")),
        ([OUT], [{"contract_id": "c2"}], ("C06", "both", "breaking")),
        ([OUT], [{"type": "csv"}], ("L03", "both", "breaking")),
        ([OUT], [{"version": "1.1.0"}], ("D01", "none", "patch")),
        ([OUT], [{"description": "Files."}], ("D01", "none", "patch")),
        ([OUT], [{"inputs": (Upstream(id="u", version="1.3.0"),)}], ("X05", "none", "patch")),
        ([OUT], [{"inputs": (Upstream(id="u", version="2.0.0"),)}], ("X05", "undetermined", "undetermined")),
        ([OUT], [{"inputs": ()}], ("X05", "none", "patch")),
        ([OUT, OUT.model_copy(update={"version": "2.0.0"})], [{"version": "2.0.0"}], ("C06", "loosens", "breaking")),
        ([IN], [], ("X05", "none", "patch")),
        ([], [IN], ("X05", "none", "patch")),
        ([IN], [{"contract_id": "c9"}], ("X05", "undetermined", "undetermined")),
        ([IN], [{"version": "1.4.0"}], ("X05", "none", "patch")),
        ([IN], [{"version": "2.0.0"}], ("X05", "undetermined", "undetermined")),
    ],
)
def test_ports_that_stand_under_contracts(old, new, expected):
    key = "input_ports" if IN in (*old, *new) else "output_ports"
    ports = tuple(old[0].model_copy(update=p) if isinstance(p, dict) else p for p in new)
    (change,) = compare_contracts(contract(**{key: tuple(old)}), contract(**{key: ports}))
    assert (change.id, change.direction, change.consumer) == expected
    assert change.path.startswith(f"{key}.")


def test_an_input_whose_product_is_known_is_told_once():
    one, other = (
        contract(input_ports=(IN.model_copy(update={"contract_id": p}),), inputs={"raw": p}) for p in ("a", "b")
    )
    assert ids(one, other) == [("X05", "inputs.raw", "undetermined")]


NATIVE = """
name: orders
version: 1.0.0
domain: sales
description: All orders.
owner: {team: shop}
schema:
  alias: orders
  fields:
    - {name: order_id, type: string, constraints: [not_null, unique]}
    - {name: amount, type: "decimal(10,2)", description: What was paid., constraints: [{min: 0}]}
    - {name: status, type: string, constraints: [{pattern: "^[a-z]+$"}]}
sla: {}
"""
ODCS = """
kind: DataContract
apiVersion: v3.1.0
id: 53581432-6c55-4ba2-a65f-72344a91553a
name: orders
version: 1.0.0
domain: sales
status: active
description: {purpose: All orders.}
team: {name: shop}
schema:
  - name: orders
    properties:
      - {name: order_id, logicalType: string, required: true, unique: true}
      - {name: amount, logicalType: number, physicalType: "decimal(10,2)", description: What was paid., logicalTypeOptions: {minimum: 0}}
      - {name: status, logicalType: string, logicalTypeOptions: {pattern: "^[a-z]+$"}}
"""


def test_the_same_product_written_natively_and_as_odcs_does_not_differ(tmp_path):
    contracts = []
    for name, text in (("native.yaml", NATIVE), ("odcs.yaml", ODCS)):
        (tmp_path / name).write_text(text)
        (product,) = meshkit.load(tmp_path / name).products
        contracts.append(product.contract)
    assert {c.form for c in contracts} == {"native", "odcs"}
    assert meshkit.compare(*contracts) == ()


def test_a_text_that_odcs_calls_a_uuid_is_told_once():
    as_uuid = Column(name="c", type="uuid", constraints=(Constraint(kind="format", values=("uuid",)),))
    plain = Column(name="c", type="string")
    assert ids(contract(table(plain)), contract(table(as_uuid))) == [("V02", "schema.fields.c", "tightens")]


def test_references_over_several_columns_fall_under_the_rule_of_references():
    def referring(*target: str) -> Contract:
        key = Constraint(kind="references", columns=("a", "b"), values=target)
        return contract(table(constraints=(key,) if target else ()))

    assert ids(referring("t", "a", "b"), referring()) == [("K03", "schema", "loosens")]
    assert ids(referring(), referring("t", "a", "b")) == [("K03", "schema", "tightens")]
    assert ids(referring("t", "a", "b"), referring("u", "a", "b")) == [("K03", "schema", "both")]


def test_neither_the_form_nor_the_id_of_a_file_is_content():
    native, odcs = contract(table(CITY)), contract(table(CITY), id="53581432-6c55-4ba2-a65f-72344a91553a")
    assert ids(native.model_copy(update={"form": "native"}), odcs) == []


def test_an_argument_that_no_rule_can_order_is_undetermined():
    def with_multiple(of: str) -> Contract:
        return contract(
            table(Column(name="n", type="integer", constraints=(Constraint(kind="multiple_of", values=(of,)),)))
        )

    assert ids(with_multiple("2"), with_multiple("4")) == [("V03", "schema.fields.n", "undetermined")]


@pytest.mark.parametrize(
    ("old", "new", "id_", "direction"),
    [
        ("tinyint", "smallint", "T01", "loosens"),
        ("int", "bigint", "T01", "loosens"),
        ("smallint", "float", "T02", "loosens"),  # 16 bits in a mantissa of 24
        ("int32", "double", "T02", "loosens"),  # 32 in 53
        ("int32", "float", "T03", "both"),
        ("bigint", "double", "T03", "both"),
        ("integer", "double", "T03", "both"),  # which may hold 64 bits
        ("double", "float", "T03", "tightens"),
        ("bigint", "decimal(19,0)", "T02", "loosens"),  # 9,223,372,036,854,775,807 has 19 digits
        ("bigint", "decimal(19,1)", "T03", "both"),
        ("integer", "number", "T02", "loosens"),
        ("decimal(10,2)", "integer", "T03", "both"),
        ("decimal(12,2)", "decimal(10,2)", "T05", "tightens"),
        ("string(10)", "string", "T06", "loosens"),
        ("string", "string(10)", "T07", "tightens"),
        ("date", "time", "T09", "both"),
        ("boolean", "integer", "T08", "both"),
        ("array<integer>", "array<string>", "T08", "both"),
        ("map<string,integer>", "map<string,bigint>", "T01", "loosens"),
        ("", "string", "T08", "tightens"),
        ("string", "uuid", "V02", "tightens"),
        ("uuid", "string", "V01", "loosens"),
        ("uuid", "string(36)", "V01", "loosens"),  # a UUID has 36 characters
        ("string(35)", "uuid", "T08", "both"),
        ("uuid", "integer", "T08", "both"),
    ],
)
def test_types(old, new, id_, direction):
    found = judge_types(old, new)
    assert (found.id, found.direction) == (id_, direction)


@pytest.mark.parametrize(
    ("old", "new", "id_"),
    [("FLOAT[768]", "FLOAT[1536]", "T11"), ("vector(768)", "vector(1536)", "T11"), ("timestamp(6)", "timestamp(3)", "T09"), ("varchar(20)", "varchar(10)", "T07")],
)  # fmt: skip
def test_types_in_the_words_of_the_server(old, new, id_):
    one, other = (contract(table(Column(name="x", physical_type=t))) for t in (old, new))
    assert [i for i, _, _ in ids(one, other)] == [id_]


def test_a_key_without_a_rule_is_not_silent():
    assert ids(
        contract(table(Column(name="x", type="string"))),
        contract(table(Column(name="x", type="string"), unreadable="no")),
    ) == [("D01", "contract", "none")]
