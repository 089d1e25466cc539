"""Each rule, by one mutation of a base contract that triggers it and no other."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from meshkit.change.rules import RULES

Document = dict[str, Any]


def field(document: Document, name: str) -> Document:
    return next(f for f in document["schema"]["fields"] if f["name"] == name)


def on(name: str, /, **keys: Any) -> Callable[[Document], None]:
    """Set keys of one field; None takes one away."""

    def change(document: Document) -> None:
        column = field(document, name)
        column.update(keys)
        for key in [k for k, v in column.items() if v is None]:
            del column[key]

    return change


def at(path: str, value: Any) -> Callable[[Document], None]:
    """Set what stands at a dotted path; None takes it away."""

    def change(document: Document) -> None:
        *parents, last = (int(s) if s.isdigit() else s for s in path.split("."))
        here: Any = document
        for step in parents:
            here = here[step]
        if value is None:
            del here[last]
        else:
            here[last] = value

    return change


def add(path: str, value: Any) -> Callable[[Document], None]:
    """Append to the list at a dotted path."""

    def change(document: Document) -> None:
        here: Any = document
        for step in path.split("."):
            here = here[step]
        here.append(value)

    return change


def drop_field(name: str) -> Callable[[Document], None]:
    return lambda d: d["schema"]["fields"].remove(field(d, name))


def reorder(document: Document) -> None:
    fields = document["schema"]["fields"]
    fields.insert(0, fields.pop())


SQL = "transformation.sql"
QUERY = "sla.quality_checks.0.query"
CUSTOMER = ["not_null", {"references": "customers.id"}]

# The rule, the mutation, and the direction, the effect on consumers and the effect on producers, worked out by hand.
CASES: dict[str, tuple[str, Callable[[Document], None], str, str, str]] = {
    "field removed": ("C01", drop_field("weight"), "loosens", "breaking", "additive"),
    "field renamed, said": ("C02", on("note", name="remark", renamed_from="note"), "both", "breaking", "breaking"),
    "field renamed, guessed": ("C02", on("note", name="notes"), "both", "breaking", "breaking"),
    "nullable field added": ("C03", add("schema.fields", {"name": "zip", "type": "boolean"}), "tightens", "additive", "additive"),
    "not-null field added": ("C04", add("schema.fields", {"name": "zip", "type": "boolean", "constraints": ["not_null"]}), "tightens", "additive", "breaking"),
    "fields reordered": ("C05", reorder, "none", "patch", "patch"),
    "port removed": ("C06", at("ports", []), "loosens", "breaking", "additive"),
    "port added": ("C06", add("ports", {"name": "topic", "type": "kafka"}), "tightens", "additive", "additive"),
    "product renamed": ("C06", at("name", "all_orders"), "both", "breaking", "breaking"),
    "location changed": ("C07", at("schema.location", "data/new/"), "both", "breaking", "breaking"),
    "port moved": ("C07", at("ports.0.location", "/v2/orders"), "both", "breaking", "breaking"),
    "map key changed": ("C08", on("labels", type="map<integer,integer>"), "both", "breaking", "breaking"),
    "enforcement off": ("C09", at("status", "draft"), "loosens", "breaking", "additive"),
    "integer wider": ("T01", on("pieces", type="bigint"), "loosens", "additive", "additive"),
    "integer narrower": ("T01", on("pieces", type="smallint"), "tightens", "additive", "breaking"),
    "float to double": ("T02", on("weight", type="double"), "loosens", "additive", "additive"),
    "int to a decimal that holds it": ("T02", on("pieces", type="decimal(12,2)"), "loosens", "additive", "additive"),
    "int to float": ("T03", on("pieces", type="float"), "both", "breaking", "breaking"),
    "decimal precision up": ("T04", on("amount", type="decimal(12,2)"), "loosens", "additive", "additive"),
    "decimal precision down": ("T05", on("amount", type="decimal(8,2)"), "tightens", "breaking", "breaking"),
    "decimal scale changed": ("T05", on("amount", type="decimal(10,3)"), "both", "breaking", "breaking"),
    "text longer": ("T06", on("code", type="string(16)"), "loosens", "additive", "additive"),
    "text shorter": ("T07", on("code", type="string(4)"), "tightens", "additive", "breaking"),
    "another family": ("T08", on("pieces", type="string"), "both", "breaking", "breaking"),
    "time with a zone": ("T09", on("paid_at", type="timestamp_tz"), "both", "breaking", "breaking"),
    "date to timestamp": ("T09", on("day", type="timestamp"), "both", "breaking", "breaking"),
    "unit changed": ("T10", on("amount", unit="EUR"), "both", "breaking", "breaking"),
    "vector element": ("T11", on("scores", type="array<double>"), "both", "breaking", "breaking"),
    "not null to nullable": ("N01", on("customer_id", constraints=CUSTOMER[1:]), "loosens", "breaking", "additive"),
    "nullable to not null": ("N02", on("day", constraints=["not_null"]), "tightens", "additive", "breaking"),
    "key dropped": ("K01", at("schema.primary_key", []), "loosens", "breaking", "additive"),
    "key over other columns": ("K01", at("schema.primary_key", ["order_id", "day"]), "both", "breaking", "breaking"),
    "unique added": ("K02", on("customer_id", constraints=[*CUSTOMER, "unique"]), "tightens", "additive", "breaking"),
    "reference removed": ("K03", on("customer_id", constraints=CUSTOMER[:1]), "loosens", "breaking", "additive"),
    "reference retargeted": ("K03", on("customer_id", constraints=["not_null", {"references": "customers.key"}]), "both", "breaking", "breaking"),
    "reference added": ("K03", on("day", constraints=[{"references": "customers.day"}]), "tightens", "additive", "breaking"),
    "list longer": ("E01", on("status", constraints=[{"in": ["open", "paid", "sent", "lost"]}]), "loosens", "breaking", "additive"),
    "open list longer": ("E01", on("kind", constraints=[{"in": ["a", "b", "c"]}]), "loosens", "additive", "additive"),
    "list shorter": ("E02", on("status", constraints=[{"in": ["open", "paid"]}]), "tightens", "additive", "breaking"),
    "list dropped": ("E03", on("status", constraints=[]), "loosens", "breaking", "additive"),
    "list added": ("V02", on("email", constraints=[{"in": ["a@b.com"]}]), "tightens", "additive", "breaking"),
    "bound lower": ("V01", on("amount", constraints=[{"min": -10}, {"max": 1000}]), "loosens", "breaking", "additive"),
    "bound removed": ("V01", on("amount", constraints=[{"min": 0}]), "loosens", "breaking", "additive"),
    "length longer": ("V01", on("code", constraints=[{"pattern": "^[A-Z]+$"}, {"max_length": 9}]), "loosens", "breaking", "additive"),
    "bound higher": ("V02", on("amount", constraints=[{"min": 1}, {"max": 1000}]), "tightens", "additive", "breaking"),
    "length shorter": ("V02", on("code", constraints=[{"pattern": "^[A-Z]+$"}, {"max_length": 5}]), "tightens", "additive", "breaking"),
    "pattern replaced": ("V03", on("code", constraints=[{"pattern": "^[A-Z0-9]+$"}, {"max_length": 8}]), "undetermined", "undetermined", "undetermined"),
    "default changed": ("V04", on("weight", default=2), "none", "additive", "additive"),
    "partitions changed": ("L01", at("schema.partitioned_by", ["status"]), "both", "breaking", "breaking"),
    "format changed": ("L03", at("schema.type", "csv"), "both", "breaking", "breaking"),
    "check removed": ("Q01", at("sla.quality_checks.1", None), "loosens", "breaking", "additive"),
    "threshold looser": ("Q02", at("sla.quality_checks.0.must_be_less_than", 20), "loosens", "breaking", "additive"),
    "threshold looser by its end": ("Q02", lambda d: (at("sla.quality_checks.0.must_be_less_than", None)(d), at("sla.quality_checks.0.must_be_less_or_equal_to", 10)(d)), "loosens", "breaking", "additive"),
    "threshold tighter": ("Q02", at("sla.quality_checks.0.must_be_less_than", 5), "tightens", "additive", "breaking"),
    "threshold elsewhere": ("Q02", at("sla.quality_checks.1.must_be", "<= 50"), "both", "breaking", "breaking"),
    "threshold of a constraint": ("Q02", on("note", constraints=[{"not_null": {"threshold": "10%", "where": "status = 'paid'"}}]), "loosens", "breaking", "additive"),
    "severity lower": ("Q03", at("sla.quality_checks.0.severity", "warning"), "loosens", "breaking", "additive"),
    "severity higher": ("Q03", at("sla.quality_checks.0.severity", "critical"), "tightens", "additive", "breaking"),
    "query, the same": ("Q04", at(QUERY, "select count(*) as n from orders o where (o.amount) < 0"), "none", "patch", "patch"),
    "query, another": ("Q04", at(QUERY, "SELECT COUNT(*) FROM orders WHERE amount <= 0"), "undetermined", "undetermined", "undetermined"),
    "rows of a constraint": ("Q04", on("note", constraints=[{"not_null": {"threshold": "5%", "where": "status = 'sent'"}}]), "undetermined", "undetermined", "undetermined"),
    "check added": ("Q05", add("sla.quality_checks", {"name": "x", "query": "SELECT 0"}), "tightens", "additive", "breaking"),
    "older data": ("A01", at("sla.freshness.max_age_hours", 96), "loosens", "breaking", "additive"),
    "newer data": ("A01", at("sla.freshness.max_age_hours", 75), "tightens", "additive", "breaking"),
    "freshness no longer promised": ("A01", at("sla.freshness.max_age_hours", None), "loosens", "breaking", "additive"),
    "later": ("A02", at("sla.freshness.update_schedule", "0 3 * * *"), "loosens", "breaking", "additive"),
    "on working days only": ("A02", at("sla.freshness.update_schedule", "0 2 * * 1-5"), "loosens", "breaking", "additive"),
    "twice a day": ("A02", at("sla.freshness.update_schedule", "0 2,14 * * *"), "tightens", "additive", "breaking"),
    "twice a day, the first later": ("A02", at("sla.freshness.update_schedule", "0 4,14 * * *"), "both", "breaking", "breaking"),
    "less available": ("A03", at("sla.availability", "99%"), "loosens", "breaking", "additive"),
    "more complete": ("A03", at("sla.completeness.min_threshold", "99.5%"), "tightens", "additive", "breaking"),
    "kept shorter": ("A04", at("retention_days", 90), "loosens", "breaking", "additive"),
    "kept longer": ("A04", at("retention_days", 400), "tightens", "additive", "additive"),
    "another owner": ("A05", at("owner.contact", "desk@example.com"), "none", "patch", "patch"),
    "metric gone": ("A06", at("observability.metrics", [{"avg_amount": "avg(amount)"}]), "loosens", "breaking", "additive"),
    "alert looser": ("A06", at("observability.alerts.0.condition", "age_hours > 22"), "loosens", "breaking", "additive"),
    "alert tighter": ("A06", at("observability.alerts.0.condition", "age_hours >= 20"), "tightens", "additive", "additive"),
    "classification raised": ("P01", at("classification", "confidential"), "loosens", "breaking", "additive"),
    "classification lowered": ("P02", at("classification", "public"), "tightens", "undetermined", "undetermined"),
    "becomes personal": ("P03", on("note", is_pii=True), "loosens", "breaking", "additive"),
    "no longer personal": ("P04", on("email", is_pii=None), "tightens", "undetermined", "undetermined"),
    "mask stricter": ("P05", on("email", mask="hash"), "loosens", "breaking", "additive"),
    "mask looser": ("P05", on("email", mask=None), "tightens", "undetermined", "undetermined"),
    "filter stricter": ("P05", at("row_filter", "status <> 'test' AND pieces > 0 AND day IS NOT NULL"), "loosens", "breaking", "additive"),
    "filter looser": ("P05", at("row_filter", "pieces > 0"), "tightens", "undetermined", "undetermined"),
    "filter, the same": ("P05", at("row_filter", "STATUS <> 'test' and (pieces > 0)"), "none", "patch", "patch"),
    "reader taken": ("P06", at("access.read", [{"role": "analyst"}]), "loosens", "breaking", "additive"),
    "reader added": ("P06", add("access.read", {"role": "auditor"}), "tightens", "additive", "additive"),
    "writer taken": ("P06", at("access.write", []), "tightens", "patch", "breaking"),
    "found by fewer": ("P07", at("access.discovery", "private"), "loosens", "additive", "additive"),
    "purpose taken": ("P07", at("access.purposes", ["reporting"]), "loosens", "breaking", "additive"),
    "purpose added": ("P07", add("access.purposes", "research"), "tightens", "additive", "additive"),
    "sql, more columns": ("X01", at(SQL, "SELECT order_id, sum(amount) AS amount, count(*) AS pieces FROM raw WHERE amount > 0 GROUP BY order_id"), "tightens", "additive", "additive"),
    "sql, other rows": ("X02", at(SQL, "SELECT order_id, sum(amount) AS amount FROM raw WHERE amount >= 0 GROUP BY order_id"), "both", "breaking", "breaking"),
    "sql, another expression": ("X03", at(SQL, "SELECT order_id, max(amount) AS amount FROM raw WHERE amount > 0 GROUP BY order_id"), "both", "breaking", "breaking"),
    "sql, the same": ("X04", at(SQL, "select r.order_id, sum(r.amount) amount\nfrom raw r where r.amount > 0 group by 1"), "none", "patch", "patch"),
    "another source": ("X05", at("inputs.customers", "crm.people"), "undetermined", "undetermined", "undetermined"),
    "sql, another grain": ("X06", at(SQL, "SELECT order_id, day, sum(amount) AS amount FROM raw WHERE amount > 0 GROUP BY order_id, day"), "both", "breaking", "breaking"),
    "sql, another grain and other rows": ("X06", at(SQL, "SELECT sum(amount) AS amount FROM raw WHERE amount > 1"), "both", "breaking", "breaking"),
    "words": ("D01", at("description", "Every order."), "none", "patch", "patch"),
    "words of a field": ("D01", on("day", description="When."), "none", "patch", "patch"),
    "type by another word": ("D01", on("email", type="varchar"), "none", "patch", "patch"),
    "list in another order": ("D01", on("status", constraints=[{"in": ["sent", "paid", "open"]}]), "none", "patch", "patch"),
}  # fmt: skip
IDS = list(CASES)


@pytest.mark.parametrize("case", IDS)
def test_one_mutation_triggers_its_rule_and_no_other(case, base, compared):
    id_, mutation, direction, consumer, producer = CASES[case]
    new = copy.deepcopy(base)
    mutation(new)
    changes = compared(base, new)
    assert [c.id for c in changes] == [id_], [(c.id, c.message) for c in changes]
    found = changes[0]
    assert (found.direction, found.consumer, found.producer) == (direction, consumer, producer)
    assert found.message
    assert found.path


@pytest.mark.parametrize("case", IDS)
def test_swapping_the_sides_turns_tightens_into_loosens(case, base, compared):
    new = copy.deepcopy(base)
    CASES[case][1](new)
    there, back = compared(base, new), compared(new, base)
    assert sorted(c.direction.opposite for c in there) == sorted(c.direction for c in back)


def test_every_rule_has_a_mutation():
    assert {case[0] for case in CASES.values()} == set(RULES)


def test_nothing_differs_between_a_contract_and_itself(base, compared):
    assert compared(base, copy.deepcopy(base)) == ()


def test_a_change_knows_the_line_of_both_sides(base, read):
    from meshkit.change.compare import compare_contracts

    new = copy.deepcopy(base)
    on("amount", type="decimal(12,2)")(new)
    (change,) = compare_contracts(read(base), read(new))
    assert change.old == change.new == ("schema", "fields", 4, "type")
    assert change.path == "schema.fields.amount"
    assert change.message == "the type of amount changed from decimal(10,2) to decimal(12,2)"


def test_csv_is_read_by_position(base, compared):
    base["schema"]["type"] = "csv"
    new = copy.deepcopy(base)
    reorder(new)
    (change,) = compared(base, new)
    assert (change.id, change.direction, change.consumer) == ("C05", "both", "breaking")


def test_partitions_of_a_table_format_are_its_own_affair(base, compared):
    base["schema"]["type"] = "delta"
    new = copy.deepcopy(base)
    new["schema"]["partitioned_by"] = ["status"]
    (change,) = compared(base, new)
    assert (change.id, change.consumer) == ("L01", "additive")


def test_readers_by_an_alias_need_not_care_where_the_data_is(base, compared):
    base["schema"]["alias"] = "orders_clean"
    new = copy.deepcopy(base)
    new["schema"]["location"] = "elsewhere/"
    (change,) = compared(base, new)
    assert (change.id, change.consumer) == ("C07", "patch")


def test_a_rename_with_another_type_is_both(base, compared):
    new = copy.deepcopy(base)
    on("pieces", name="count_of_pieces", renamed_from="pieces", type="string")(new)
    assert [c.id for c in compared(base, new)] == ["C02", "T08"]


def test_a_guess_is_said_to_be_one_and_needs_the_same_type(base, compared):
    guessed, other = copy.deepcopy(base), copy.deepcopy(base)
    on("note", name="notes")(guessed)
    on("note", name="notes", type="integer")(other)
    assert "a guess" in compared(base, guessed)[0].message
    assert sorted(c.id for c in compared(base, other)) == ["C01", "C03"]


def test_an_old_renamed_from_means_nothing_once_the_name_is_known(base, compared):
    on("note", renamed_from="weight")(base)
    new = copy.deepcopy(base)
    drop_field("weight")(new)
    assert [(c.id, c.column) for c in compared(base, new)] == [("C01", "weight")]
