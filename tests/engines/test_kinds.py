"""What each kind of check counts, over rows counted by hand, full and empty."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

STRINGS = ["a", None, "b", "a", ""]
EMPTY = pa.array([], pa.string())


def counts(verdict):
    return verdict.outcome, verdict.bad, verdict.total


def test_not_null_counts_nulls_and_nothing_else(column):
    assert counts(column(STRINGS, "not_null", "not_null")) == ("failed", 1, 5)


def test_not_null_does_not_count_nan(column):
    assert counts(column([1.0, float("nan"), None], "not_null", "not_null")) == ("failed", 1, 3)


def test_unique_counts_rows_beyond_the_first_and_says_how_many_share(column):
    verdict = column(["k", "k", "k", "l", None, None], "unique", "unique")
    assert counts(verdict) == ("failed", 2, 6)
    assert "3 rows share a value" in verdict.message


def test_nulls_are_no_duplicates_of_each_other(column):
    assert counts(column([None, None, "a"], "unique", "unique")) == ("passed", 0, 3)


def test_in_leaves_null_alone(column):
    assert counts(column(["a", "z", None], "in", {"in": ["a", "b"]})) == ("failed", 1, 3)


def test_in_counts_nan_as_a_violation(column):
    assert counts(column([1.0, float("nan"), None], "in", {"in": [1, 2]})) == ("failed", 1, 3)


@pytest.mark.parametrize(("kind", "bound", "bad"), [("min", 2, 2), ("max", 2, 2)])
def test_nan_violates_a_bound_and_null_does_not(column, kind, bound, bad):
    assert column([1.0, 2.0, 3.0, float("nan"), None], kind, {kind: bound}).bad == bad


def test_infinity_is_beyond_every_bound(column):
    values = [float("inf"), float("-inf"), 0.0]
    assert column(values, "max", {"max": 10}).bad == 1
    assert column(values, "min", {"min": -10}).bad == 1


def test_pattern_searches_anywhere(column):
    assert column(["xORD-1", "ORD", None], "pattern", {"pattern": "ORD-[0-9]"}).bad == 1


def test_the_end_of_a_pattern_does_not_accept_a_line_break(column):
    assert column(["ab", "ab\n"], "pattern", {"pattern": "^ab$"}).bad == 1


def test_lengths_count_code_points(column):
    values = ["é", "e\u0301", "日本語", None]  # 1, 2, 3 code points
    assert column(values, "max_length", {"max_length": 2}).bad == 1
    assert column(values, "min_length", {"min_length": 2}).bad == 1


def test_decimals_compare_as_decimals(column):
    values = pa.array(
        [Decimal("0.300000000000000001"), Decimal("0.3"), Decimal("0.299999999999999999")], pa.decimal128(38, 18)
    )
    assert column(values, "max", {"max": 0.3}, type="decimal(38,18)").bad == 1
    assert column(values, "min", {"min": "0.300000000000000001"}, type="decimal(38,18)").bad == 2


def test_a_bound_finer_than_the_column_is_not_rounded_away(column):
    values = pa.array([Decimal("0.00"), Decimal("0.01")], pa.decimal128(12, 2))
    assert column(values, "min", {"min": "0.004"}, type="decimal(12,2)").bad == 1


def test_large_integers_are_told_apart(column):
    values = pa.array([2**53, 2**53 + 1], pa.int64())
    assert column(values, "max", {"max": 2**53}).bad == 1
    assert column(values, "in", {"in": [2**53 + 1]}).bad == 1


def test_a_bound_beyond_every_integer_is_judged_too(column):
    values = pa.array([1, None], pa.int64())
    assert column(values, "min", {"min": "1e60"}).bad == 1
    assert column(values, "max", {"max": "1e60"}).bad == 0


def test_a_single_precision_float_equals_its_own_text(column):
    assert column(pa.array([0.3, 0.4], pa.float32()), "max", {"max": 0.3}).bad == 1


def test_dates_and_times_compare_as_what_they_are(column):
    days = pa.array([date(1960, 1, 1), date(2024, 2, 29), None])
    assert column(days, "min", {"min": "1970-01-01"}, type="date").bad == 1
    times = pa.array([datetime(2024, 1, 1, 12, 30), datetime(2024, 1, 1, 12, 31)])
    assert column(times, "max", {"max": "2024-01-01 12:30:00"}, type="timestamp").bad == 1


@pytest.mark.parametrize(
    ("kind", "constraint"),
    [
        ("not_null", "not_null"),
        ("unique", "unique"),
        ("in", {"in": ["a"]}),
        ("pattern", {"pattern": "a"}),
        ("min_length", {"min_length": 1}),
        ("max_length", {"max_length": 1}),
    ],
)
def test_row_checks_over_an_empty_table_pass_and_say_so(column, kind, constraint):
    verdict = column(EMPTY, kind, constraint)
    assert counts(verdict) == ("passed", 0, 0)
    assert "the table is empty" in verdict.message


def test_bounds_over_an_empty_table_pass(column):
    assert counts(column(pa.array([], pa.int64()), "min", {"min": 0})) == ("passed", 0, 0)


def test_all_nulls_miss_not_null_and_meet_the_rest(column):
    nothing = pa.array([None, None], pa.string())
    assert counts(column(nothing, "not_null", "not_null")) == ("failed", 2, 2)
    assert counts(column(nothing, "in", {"in": ["a"]})) == ("passed", 0, 2)
    assert counts(column(nothing, "unique", "unique")) == ("passed", 0, 2)


def test_names_and_values_that_need_quoting(judged):
    table = pa.table({"order": ["O'Brien", "x"], "Mixed Case": [1, 2], 'we"ird': [None, "y"]})
    fields = [
        {"name": "order", "constraints": ["unique", {"in": ["O'Brien"]}]},
        {"name": "Mixed Case", "constraints": [{"max": 1}]},
        {"name": 'we"ird', "constraints": ["not_null"]},
    ]
    found = judged(table, fields)
    assert [found[n].bad for n in ("order.unique", "order.in", "Mixed Case.max", 'we"ird.not_null')] == [0, 1, 1, 1]


def test_names_are_the_same_in_upper_and_lower_case(judged):
    found = judged(pa.table({"ID": [1, 1]}), [{"name": "id", "type": "integer", "constraints": ["unique"]}])
    assert found["columns"].outcome == "passed"
    assert found["id.unique"].bad == 1


def test_references_count_values_not_found_and_leave_null_alone(judged):
    found = judged(
        pa.table({"c": ["1", "2", "9", "9", None]}),
        [{"name": "c", "constraints": [{"references": "other.id"}]}],
        tables={"other": pa.table({"id": ["1", "2", "2", None]})},
    )
    assert counts(found["c.references"]) == ("failed", 2, 5)


def test_a_reference_into_an_empty_table_finds_nothing(judged):
    found = judged(
        pa.table({"c": ["1", None]}),
        [{"name": "c", "constraints": [{"references": "other.id"}]}],
        tables={"other": pa.table({"id": EMPTY})},
    )
    assert counts(found["c.references"]) == ("failed", 1, 2)


def test_a_reference_between_types_that_differ_is_errored_not_cast(judged):
    found = judged(
        pa.table({"c": ["1", "x"]}),
        [{"name": "c", "constraints": [{"references": "other.id"}]}],
        tables={"other": pa.table({"id": [1, 2]})},
    )
    assert found["c.references"].outcome == "errored"
    assert "VARCHAR" in found["c.references"].message
    assert "BIGINT" in found["c.references"].message


def test_a_composite_key_is_unique_together_and_each_member_holds_a_value(judged):
    table = pa.table({"a": [1, 1, 1, None], "b": ["x", "x", "y", "x"]})
    found = judged(table, [{"name": "a"}, {"name": "b"}], schema={"primary_key": ["a", "b"]})
    assert counts(found["primary_key"]) == ("failed", 1, 4)
    assert found["a.not_null"].bad == 1
    assert found["b.not_null"].bad == 0


def test_completeness_counts_cells_over_all_columns(judged):
    table = pa.table({"a": [1, None, 3, 4], "b": ["x", None, None, "y"]})
    found = judged(table, [{"name": "a"}, {"name": "b"}], sla={"completeness": {"min_threshold": "62.5%"}})
    assert counts(found["completeness"]) == ("passed", 3, 8)
    assert found["completeness"].value == 0.625


def test_completeness_just_below_its_threshold_fails(judged):
    table = pa.table({"a": [1, None, 3]})
    found = judged(table, [{"name": "a"}], sla={"completeness": {"min_threshold": "66.67%"}})  # 2/3 = 66.666...%
    assert found["completeness"].outcome == "failed"


def test_an_empty_table_is_complete(judged):
    table = pa.table({"a": EMPTY})
    assert judged(table, [{"name": "a"}], sla={"completeness": {"min_threshold": "100%"}})["completeness"].value == 1.0


def test_every_table_must_have_a_row_unless_the_contract_says_otherwise(judged):
    assert judged(pa.table({"a": EMPTY}), [{"name": "a"}])["row_count"].outcome == "warned"
    found = judged(
        pa.table({"a": ["x"]}), [{"name": "a"}], schema={"row_count": {"min": 2, "max": 5, "severity": "error"}}
    )
    assert found["row_count"].outcome == "failed"


def test_where_limits_the_rows_and_the_total(column):
    field = {"not_null": {"where": "x IS NULL OR x > 'a'"}}
    assert counts(column(["a", "b", None, None], "not_null", field)) == ("failed", 2, 3)


@pytest.mark.parametrize(("threshold", "outcome"), [(1, "failed"), (2, "passed"), ("49%", "failed"), ("50%", "passed")])
def test_a_threshold_counts_rows_or_a_share(column, threshold, outcome):
    assert column(["a", None, None, "b"], "not_null", {"not_null": {"threshold": threshold}}).outcome == outcome


@pytest.mark.parametrize(
    ("severity", "outcome"), [("info", "warned"), ("warning", "warned"), ("error", "failed"), ("critical", "failed")]
)
def test_severity_decides_whether_a_miss_warns_or_fails(column, severity, outcome):
    assert column([None], "not_null", {"not_null": {"severity": severity}}, type="string").outcome != "errored"
    assert column(pa.array([None], pa.string()), "not_null", {"not_null": {"severity": severity}}).outcome == outcome


def test_nan_counts_on_arrow_parquet(judged, tmp_path: Path):
    """The engine's optimizer loses NaN in files that Arrow wrote, unless it is told not to push filters down."""
    values = [float(i % 100) for i in range(200_000)]
    values[777] = float("nan")
    path = tmp_path / "floats.parquet"
    pq.write_table(pa.table({"x": values, "k": list(range(200_000))}), path)
    fields = [
        {"name": "x", "constraints": [{"min": 0}, {"max": 99}, {"in": list(range(100))}, "not_null"]},
        {"name": "k"},
    ]
    checks = [{"name": "nan_rows", "query": "SELECT COUNT(*) FROM t WHERE isnan(x)"}]
    found = judged(path, fields, sla={"quality_checks": checks})
    assert [found[f"x.{k}"].bad for k in ("min", "max", "in", "not_null")] == [1, 1, 1, 0]
    assert found["nan_rows"].value == 1


def test_columns_called_like_the_queries_own_names(judged):
    table = pa.table({"n": [1, 1], "k": [2, 2], "m0": [3, 4], "bad": [5, 6], "k0": [7, 8], "t": [9, 9]})
    fields = [{"name": n, "constraints": ["unique", {"max": 3}, {"references": "o.k0"}]} for n in table.column_names]
    found = judged(table, fields, tables={"o": pa.table({"k0": [1, 2, 3]})})
    assert {n: found[f"{n}.unique"].bad for n in table.column_names} == {
        "n": 1,
        "k": 1,
        "m0": 0,
        "bad": 0,
        "k0": 0,
        "t": 1,
    }
    assert {n: found[f"{n}.max"].bad for n in table.column_names} == {
        "n": 0,
        "k": 0,
        "m0": 1,
        "bad": 2,
        "k0": 2,
        "t": 2,
    }
    assert {n: found[f"{n}.references"].bad for n in table.column_names} == {
        "n": 0,
        "k": 0,
        "m0": 1,
        "bad": 2,
        "k0": 2,
        "t": 2,
    }


def test_a_table_of_a_hundred_columns_with_a_check_on_each(judged):
    table = pa.table({f"c{i}": [1, None, i] for i in range(100)})
    fields = [
        {"name": f"c{i}", "type": "integer", "constraints": ["not_null", {"max": 50}, {"min": 0}]} for i in range(100)
    ]
    found = judged(table, fields, sla={"completeness": {"min_threshold": "50%"}})
    assert sum(found[f"c{i}.not_null"].bad for i in range(100)) == 100
    assert sum(found[f"c{i}.max"].bad for i in range(100)) == 49
    assert (found["completeness"].bad, found["completeness"].total) == (100, 300)
