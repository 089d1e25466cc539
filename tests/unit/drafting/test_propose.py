"""From counts to proposals: never more than they show."""

from __future__ import annotations

import pytest

from meshkit.drafting.candidates import key_candidates, member_candidates, pair_candidates
from meshkit.drafting.propose import propose_contract
from meshkit.drafting.settle import settle
from meshkit.model.draft import DraftColumn, DraftContract, Proposal
from meshkit.model.profile import ColumnProfile, TableProfile


def number(name: str = "x", filled: int = 100, **measured) -> ColumnProfile:
    return ColumnProfile(
        name=name, **{"native": "BIGINT", "type": "integer", "filled": filled, "about_distinct": filled, **measured}
    )


def table(*columns: ColumnProfile, rows: int = 100, pair: tuple[str, ...] = ()) -> TableProfile:
    return TableProfile(rows=rows, format="parquet", files=1, columns=columns, pair=pair)


def proposed(column: ColumnProfile, rows: int = 100) -> list[tuple[str, tuple[str, ...], str, str]]:
    draft = propose_contract(table(column, rows=rows), "t", "t.parquet", shown="t.parquet")
    return [(p.kind, p.values, p.threshold, p.severity) for p in draft.columns[0].proposals]


@pytest.mark.parametrize(
    ("filled", "rows", "expected"),
    [
        (100, 100, [("not_null", (), "", "")]),
        (90, 100, [("not_null", (), "10%", "warning")]),
        (89, 100, []),  # more than a tenth is no promise
        (999, 1000, [("not_null", (), "1%", "warning")]),  # 0.1%, rounded up to a whole percent
        (98, 99, []),  # fewer than a hundred rows do not tell a rate
        (0, 100, []),
        (0, 0, []),
    ],
)
def test_null_rates(filled, rows, expected):
    assert proposed(number(filled=filled), rows) == expected


@pytest.mark.parametrize(
    ("measured", "is_proposed"),
    [
        ({"least": "0", "most": "10"}, True),
        ({"least": "1", "most": "10"}, True),
        ({"least": "2", "most": "10"}, False),  # years and pressures do not start at 0
        ({"least": "-1", "most": "10"}, False),
        ({"least": "0", "most": "10", "filled": 99}, False),
        ({"least": "0", "most": "10", "name": "row_number"}, False),
        ({"least": "0.0", "most": "10.5", "native": "DOUBLE", "type": "float", "nans": 1}, False),
        ({"least": "0.0", "most": "inf", "native": "DOUBLE", "type": "float"}, True),
    ],
)
def test_zero_is_proposed_as_the_end_only_where_the_values_come_near_it(measured, is_proposed):
    column = number(**{"filled": 100, **measured})
    assert (("min", ("0",), "", "warning") in proposed(column, 100)) is is_proposed


def text(members: int, filled: int = 200) -> ColumnProfile:
    each = filled // members if members else 0
    return ColumnProfile(
        name="status", native="VARCHAR", type="string", filled=filled, about_distinct=members, longest=5,
        members=tuple((f"v{i}", each) for i in range(members)),
    )  # fmt: skip


@pytest.mark.parametrize(("members", "filled", "is_proposed"), [(3, 200, True), (20, 200, True), (21, 300, False), (20, 199, False),
                                                                (1, 200, False), (3, 99, False)])  # fmt: skip
def test_a_list_needs_few_values_in_many_rows(members, filled, is_proposed):
    assert ("in" in [p[0] for p in proposed(text(members, filled), filled)]) is is_proposed


def test_a_list_of_a_suspect_is_never_shown():
    column = text(3).model_copy(update={"name": "first_name"})
    assert [p[0] for p in proposed(column, 200)] == ["not_null"]
    assert member_candidates(table(column, rows=200)) == []


def test_a_suspects_own_type_does_not_list_its_values():
    column = text(3).model_copy(update={"name": "first_name", "native": "ENUM('Ann', 'Bob')"})
    draft = propose_contract(table(column, rows=200), "t", "t.parquet", shown="t.parquet")
    assert draft.columns[0].type_evidence == "ENUM in the data"


@pytest.mark.parametrize("measured", ["at_signs", "numerals", "lettered"])
def test_a_list_of_which_one_value_may_be_a_persons_is_not_shown(measured):
    assert [p[0] for p in proposed(text(3).model_copy(update={measured: 1}), 200)] == ["not_null"]


def test_a_unique_column_is_the_key_only_when_it_was_counted():
    estimated = number("order_id", least="1", most="100")
    draft = propose_contract(table(estimated), "orders", "o.parquet", shown="o.parquet")
    assert not draft.columns[0].key_evidence
    counted = estimated.model_copy(update={"distinct": 100})
    draft = propose_contract(table(counted), "orders", "o.parquet", shown="o.parquet")
    assert draft.columns[0].key_evidence == "unique and never NULL over all 100 rows (counted)"


def test_of_two_unique_columns_the_one_named_like_the_key_is_taken():
    columns = [number(n, distinct=100) for n in ("customer_id", "order_id", "code")]
    draft = propose_contract(table(*columns), "orders", "o.parquet", shown="o.parquet")
    assert [c.name for c in draft.columns if c.key_evidence] == ["order_id"]
    assert "unique over all 100 rows (counted)" in draft.columns[0].notes


def test_the_likeliest_key_is_counted_first_and_alone():
    columns = [number(n) for n in ("total", "customer_id", "order_id")]
    assert key_candidates(table(*columns), "orders") == [["order_id"], ["customer_id", "total"]]


def test_what_cannot_be_a_key_is_not_counted():
    full = number("a_id")
    with_null = number("b_id", filled=99)
    repeated = number("c_id", about_distinct=49)
    fraction = number("d_id", native="DOUBLE", type="float")
    assert key_candidates(table(full, with_null, repeated, fraction), "t") == [["a_id"]]
    assert (
        key_candidates(table(number("total", filled=99), rows=99), "t") == []
    )  # no name speaks for it, nor enough rows
    assert key_candidates(table(number("id", filled=1), rows=1), "t") == []


def test_pairs_are_sought_among_columns_named_like_parts_of_a_key():
    order, line = number("order_id", about_distinct=25), number("line_no", about_distinct=4)
    other = number("pieces", about_distinct=25)
    assert pair_candidates(table(order, line, other)) == [("order_id", "line_no")]
    assert pair_candidates(table(order, line.model_copy(update={"filled": 99}))) == []
    assert pair_candidates(table(order, line, rows=9)) == []


def test_columns_that_a_contract_cannot_hold_are_left_out_and_said():
    columns = (number("a"), number("A"), number(" "), number("b", lacking_files=2))
    profile = table(*columns).model_copy(update={"files": 3})
    draft = propose_contract(profile, "t", "t/", shown="t")
    assert [c.name for c in draft.columns] == ["a"]
    assert len(draft.notes) == 4


def test_drafts_of_one_name_get_names_of_their_own_and_references_follow():
    reference = Proposal(kind="references", values=("My Orders", "id"))
    drafts = [
        DraftContract(name="My Orders", about=""),
        DraftContract(name="my orders", about=""),
        DraftContract(name="lines", about="", columns=(DraftColumn(name="o", proposals=(reference,)),)),
    ]
    settled = settle(drafts)
    assert [d.name for d in settled] == ["My_Orders", "my_orders_2", "lines"]
    assert settled[2].columns[0].proposals[0].values == ("My_Orders", "id")


@pytest.mark.parametrize(
    ("kind", "values", "type_name", "is_kept"),
    [
        ("min", ("0",), "integer", True),
        ("min", ("zero",), "integer", False),
        ("min", ("a",), "string", False),
        ("in", ("1", "b"), "integer", False),
        ("in", ("1", "b"), "string", True),
        ("max_length", ("3",), "date", False),
        ("max_length", ("3",), "", True),
        ("max", ("2026-02-30",), "date", False),
    ],
)
def test_a_declared_constraint_that_is_not_for_its_type_becomes_a_note(kind, values, type_name, is_kept):
    proposal = Proposal(kind=kind, values=values, evidence="declared: CHECK")
    draft = DraftContract(name="t", about="", columns=(DraftColumn(name="a", type=type_name, proposals=(proposal,)),))
    column = settle([draft])[0].columns[0]
    assert (len(column.proposals), len(column.notes)) == ((1, 0) if is_kept else (0, 1))
