"""Laws that hold for any input."""

from __future__ import annotations

import math
import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

import meshkit
from meshkit.errors import Place
from meshkit.loading.source import Source, read_scalar
from meshkit.model.check import Check, Kind
from meshkit.model.threshold import at_most
from meshkit.sql import builders, statements
from meshkit.sql.bind import bind_query
from meshkit.sql.dialects import render
from meshkit.sql.guard import parse_query
from meshkit.sql.types import native_type

FAST = settings(
    max_examples=examples(25, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def check(kind: Kind, *values: str) -> Check:
    return Check(
        id="i",
        kind=kind,
        product="p",
        table="t",
        column="x",
        values=values,
        threshold=at_most(0),
        place=Place("f", 1, 1),
    )


def count(table: pa.Table, kind: Kind, *values: str) -> tuple[int, int]:
    """What the compiled check counts."""
    with duckdb.connect() as database:
        database.execute("SET disabled_optimizers='statistics_propagation,filter_pushdown'")
        database.register("t", table)
        native = native_type(database.execute("DESCRIBE t").fetchone()[1])
        if kind is Kind.UNIQUE:
            query = statements.duplicates("t", "t", ["x"], None)
        else:
            asked = check(kind, *values)
            condition = builders.violation(asked, native, builders.column("x"))
            query = statements.scan("t", "t", [m.tree for m in builders.row_measures(asked, condition, None).values()])
        row = database.execute(render(query)).fetchone()
    return (row[0], row[2]) if kind is Kind.UNIQUE else (row[1], row[0])


INTEGERS = st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=20)
FLOATS = st.lists(st.one_of(st.none(), st.floats()), max_size=20)
TEXTS = st.lists(
    st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)), max_size=20
)


@FAST
@given(INTEGERS, st.integers(-(2**64), 2**64))
def test_bounds_count_what_plain_python_counts(values, bound):
    table = pa.table({"x": pa.array(values, pa.int64())})
    assert count(table, Kind.MIN, str(bound))[0] == sum(v is not None and v < bound for v in values)
    assert count(table, Kind.MAX, str(bound))[0] == sum(v is not None and v > bound for v in values)


@FAST
@given(FLOATS, st.floats(-1e9, 1e9))
def test_bounds_over_floats_count_nan_and_infinity(values, bound):
    table = pa.table({"x": pa.array(values, pa.float64())})
    bad = sum(v is not None and (math.isnan(v) or v < bound) for v in values)
    assert count(table, Kind.MIN, repr(bound)) == (bad, len(values))


@FAST
@given(
    TEXTS,
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3), min_size=1, max_size=4),
)
def test_in_counts_what_plain_python_counts(values, allowed):
    table = pa.table({"x": pa.array(values, pa.string())})
    assert count(table, Kind.IN, *allowed)[0] == sum(v is not None and v not in allowed for v in values)


@FAST
@given(TEXTS, st.integers(0, 5))
def test_lengths_count_code_points(values, length):
    table = pa.table({"x": pa.array(values, pa.string())})
    assert count(table, Kind.MAX_LENGTH, str(length))[0] == sum(v is not None and len(v) > length for v in values)


@FAST
@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=30))
def test_duplicates_are_the_rows_beyond_the_first(values):
    filled = [v for v in values if v is not None]
    assert count(pa.table({"x": pa.array(values, pa.int64())}), Kind.UNIQUE) == (
        len(filled) - len(set(filled)),
        len(values),
    )


QUERIES = st.sampled_from(
    [
        "SELECT COUNT(*) FROM t WHERE a < 0",
        "WITH c AS (SELECT * FROM t) SELECT SUM(x) FILTER (WHERE y) FROM c",
        "SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) > 1",
        "SELECT -7 // 2 + 3 * (4 - 1), 'it''s', DATE '2024-01-01' + INTERVAL 1 DAY",
        "SELECT COUNT(*) FROM a LEFT JOIN b USING (k) WHERE b.k IS NULL GROUP BY ALL HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 3",
    ]
)


@FAST
@given(QUERIES)
def test_what_was_written_reads_back_as_the_same(query):
    once = render(parse_query(query))
    assert render(parse_query(once)) == once


WRITES = st.sampled_from(
    ["INSERT INTO t VALUES (1)", "DELETE FROM t", "UPDATE t SET a = 1", "DROP TABLE t", "COPY t TO 'x'", "ATTACH 'x'", "SET a = 1",
     "CREATE TABLE x AS SELECT 1", "CALL f()", "INSTALL x"]
)  # fmt: skip
WRAPPERS = st.sampled_from(
    ["{}", "{};", "SELECT 1; {}", "{}; SELECT 1", "WITH x AS ({}) SELECT * FROM x", "SELECT * FROM ({})", "SELECT ({})",
     "/* SELECT */ {}", "-- SELECT\n{}", "SELECT 1 UNION ALL ({})", "(({}))", "EXPLAIN {}", "SELECT * FROM t WHERE EXISTS ({})"]
)  # fmt: skip


@FAST
@given(WRITES, WRAPPERS)
def test_the_guard_refuses_any_wrapped_write(write, wrapper):
    def resolve(name, _):
        raise meshkit.SqlError(f"unknown table {name}")

    with pytest.raises(meshkit.SqlError):  # a word such as PRAGMA in FROM is read as a name, which nothing has
        bind_query(parse_query(wrapper.format(write)), resolve)


@FAST
@given(st.text(max_size=60))
def test_the_guard_answers_or_refuses_and_never_breaks(text):
    try:
        parse_query("SELECT " + text)
    except meshkit.SqlError as refused:
        assert re.fullmatch(r"MK2\d\d", refused.code)


@FAST
@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused_with_a_place(text):
    _, problems = Source("f", text).values()
    assert all(p.place.line >= 1 and p.place.column >= 1 for p in problems)


@FAST
@given(st.one_of(st.integers(-(10**30), 10**30), st.decimals(allow_nan=False, allow_infinity=False, places=4)))
def test_a_number_is_read_as_itself_or_as_its_text(number):
    text = str(number)
    found = read_scalar(text)
    assert found in (number, text)
