"""What is claimed of a condition over rows of which only bounds are known is never too little."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from meshkit.model.statistics import ColumnFacts, RowGroup
from meshkit.sql.guard import parse_condition
from meshkit.sql.truths import ANYTHING, FALSE, NULL, TRUE, cannot_fail, count_in, truths

INTEGERS = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
NUMBERS = st.one_of(st.integers(-3, 3).map(str), st.sampled_from(["0.5", "-1.25", "1e3", "9223372036854775808", "99999999999999999999999"]))  # fmt: skip
TEXTS = st.sampled_from(["''", "'a'", "'b'", "'é'", "'o''b'"])
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])


def comparisons() -> st.SearchStrategy[str]:
    numeric = st.builds("{} {} {}".format, st.sampled_from(["i", "d"]), OPERATORS, NUMBERS)
    mirrored = st.builds("{} {} {}".format, NUMBERS, OPERATORS, st.sampled_from(["i", "d"]))
    between = st.builds("{} {} {} AND {}".format, st.sampled_from(["i", "d"]), st.sampled_from(["BETWEEN", "NOT BETWEEN"]), NUMBERS, NUMBERS)  # fmt: skip
    textual = st.builds("s {} {}".format, OPERATORS, TEXTS)
    lists = st.builds("{} IN ({}, {})".format, st.sampled_from(["i", "i NOT", "d"]), NUMBERS, st.one_of(NUMBERS, st.just("NULL")))  # fmt: skip
    words = st.builds("s {} ({}, {})".format, st.sampled_from(["IN", "NOT IN"]), TEXTS, TEXTS)
    nothing = st.builds("{} {}".format, st.sampled_from("ids"), st.sampled_from(["IS NULL", "IS NOT NULL"]))
    other = st.sampled_from(["b", "b = TRUE", "b <> FALSE", "TRUE", "FALSE", "i = d", "length(s) > 0", "b IS TRUE", "i IS DISTINCT FROM 1"])  # fmt: skip
    return st.one_of(numeric, mirrored, between, textual, lists, words, nothing, other)


def conditions() -> st.SearchStrategy[str]:
    return st.recursive(
        comparisons(),
        lambda inner: st.one_of(
            st.builds("({}) AND ({})".format, inner, inner),
            st.builds("({}) OR ({})".format, inner, inner),
            st.builds("NOT ({})".format, inner),
        ),
        max_leaves=4,
    )


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(1, 4))
    kinds = {
        "i": (INTEGERS, pa.int64()),
        "d": (st.integers(-3000, 3000).map(lambda n: Decimal(n).scaleb(-3)), pa.decimal128(18, 3)),
        "s": (st.sampled_from(["", "a", "b", "é", "o'b"]), pa.string()),
        "b": (st.booleans(), pa.bool_()),
    }
    return pa.table(
        {
            name: pa.array(draw(st.lists(st.one_of(st.none(), values), min_size=rows, max_size=rows)), kind)
            for name, (values, kind) in kinds.items()
        }
    )


def facts_of(table: pa.Table) -> RowGroup:
    found = {}
    for name in table.column_names:
        filled = [v for v in table[name].to_pylist() if v is not None]
        ends = (min(filled), max(filled)) if filled else (None, None)
        found[name] = ColumnFacts(table[name].null_count, *ends)
    return RowGroup(table.num_rows, found)


@settings(max_examples=examples(50, 200), deadline=None)
@given(tables(), conditions())
def test_what_a_condition_is_in_a_row_is_among_what_was_claimed(table: pa.Table, condition: str) -> None:
    group, tree = facts_of(table), parse_condition(condition)
    with duckdb.connect() as database:
        database.register("t", table)
        found = [r[0] for r in database.execute(f"SELECT ({condition})::BOOLEAN FROM t").fetchall()]
    claimed = truths(tree, group)
    for value in found:
        assert claimed & {True: TRUE, False: FALSE, None: NULL}[value]
    counted = count_in(tree, group)
    assert counted is None or counted == found.count(True)


def test_what_is_known_is_claimed() -> None:
    group = RowGroup(10, {"x": ColumnFacts(0, 1, 9), "y": ColumnFacts(10), "z": ColumnFacts(2, "a", "c")})
    claims = {
        "x < 1": FALSE, "x >= 1": TRUE, "x > 5": TRUE | FALSE, "y = 1": NULL, "NOT y = 1": NULL, "z = 'd'": FALSE | NULL,
        "x < 1 OR y = 1": NULL, "x < 1 AND y = 1": FALSE, "x BETWEEN 0 AND 9": TRUE, "x IN (0, 10)": FALSE,
        "5 < x": TRUE | FALSE, "sqrt(x) > 1": ANYTHING, "x > '5'": TRUE | FALSE, "unknown > 5": ANYTHING,
    }  # fmt: skip
    assert {text: truths(parse_condition(text), group) for text in claims} == claims


def test_a_part_of_a_column_is_not_the_column_of_its_name() -> None:
    group = RowGroup(10, {"x": ColumnFacts(0, 1, 9)})
    assert truths(parse_condition("s.x > 100"), group) == ANYTHING
    assert count_in(parse_condition("s.x IS NULL"), group) is None


@pytest.mark.parametrize(
    ("text", "can_be_proved"),
    [
        ("x > 1 AND NOT (y IN ('a', 'b') OR z IS NULL)", True),
        ("x BETWEEN -1 AND 2.5", True),
        ("d >= DATE '2024-01-01'", True),
        ("x > 1 AND CAST(s AS INTEGER) > 3", False),
        ("x > 1 AND x * x > 3", False),
        ("x > 1 AND s = y", False),  # of two types, they are cast
    ],
)
def test_what_may_fail_is_not_proved_away(text: str, can_be_proved: bool) -> None:
    assert cannot_fail(parse_condition(text)) is can_be_proved
