"""Row checks limited to a partition or a window, over rows counted by hand; keys are still probed against all rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from meshkit.errors import UsageError

TODAY, BEFORE = date(2026, 11, 22), date(2026, 11, 21)
# Rows 2 to 6 are of today, row 7 of no day; rows 3, 4, 7 and 8 are of the region us.
ROWS = pa.table(
    {
        "id": [1, 2, 2, 3, 1, 4, 5, 2],
        "region": ["eu", "eu", "us", "us", "eu", None, "us", "us"],
        "code": ["p", "q", "a", "a", "r", "a", None, "s"],
        "amount": [10, None, -5, 7, 8, -1, -2, 3],
        "ref": ["A", "A", "B", "Z", None, "Z", "Z", "B"],
        "day": pa.array([BEFORE, TODAY, TODAY, TODAY, TODAY, TODAY, None, BEFORE], pa.date32()),
    }
)
FIELDS = [
    {"name": "id", "type": "integer", "constraints": ["unique", {"unique": {"where": "amount > 0", "threshold": 9}}]},
    {"name": "region", "type": "string"},
    {"name": "code", "type": "string", "constraints": ["unique"]},
    {
        "name": "amount",
        "type": "integer",
        "constraints": [
            "not_null",
            {"min": {"value": 0, "threshold": "40%"}},
            {"max": {"value": 5, "where": "id > 1"}},
        ],
    },
    {"name": "ref", "type": "string", "constraints": [{"references": "known.code"}]},
    {"name": "day", "type": "date"},
]
KEYS = {"primary_key": ["id", "region"]}
KNOWN = pa.table({"code": ["A", "B"]})


def _parquet(folder: Path) -> str:
    pq.write_table(ROWS, folder / "t.parquet", row_group_size=3)
    return str(folder / "t.parquet")


def _hive(folder: Path) -> str:
    pq.write_to_dataset(ROWS, folder / "hive", partition_cols=["day"])
    return str(folder / "hive")


def _csv(folder: Path) -> str:
    pa.csv.write_csv(ROWS, folder / "t.csv")
    return str(folder / "t.csv")


def _frame(folder: Path) -> pa.Table:
    return ROWS


@pytest.fixture
def sliced(mesh, contract):
    """Check a table with a slice; verdicts by what follows `d.p.t.`."""

    def run(table, fields=FIELDS, keys=None, options=None, **schema):
        document = contract(fields, schema=schema, **(keys or {}))
        known = {"known": KNOWN} if fields is FIELDS else {}
        run = mesh(document).check(tables={"t": table, **known}, **(options or {}))
        return {v.id.removeprefix("d.p.t."): v for v in run.verdicts}

    return run


def counts(verdict):
    return str(verdict.outcome), verdict.bad, verdict.total


@pytest.mark.parametrize("trust", ["exact", "never"])
@pytest.mark.parametrize("stored", [_parquet, _hive, _csv, _frame])
def test_rows_of_a_partition_are_judged_and_keys_are_probed_against_all(sliced, tmp_path, stored, trust):
    options = {"partition": {"day": "2026-11-22"}, "trust_statistics": trust}
    found = sliced(stored(tmp_path), options=options, **KEYS)
    assert counts(found["amount.not_null"]) == ("failed", 1, 5)  # row 2
    assert counts(found["amount.min"]) == ("passed", 2, 5)  # rows 3 and 6: 40% of five
    assert counts(found["amount.max"]) == ("failed", 1, 4)  # row 4 of rows 2, 3, 4 and 6
    assert counts(found["id.unique"]) == ("failed", 3, 5)  # 2 and 2 beside row 8, 1 beside row 1
    assert counts(found["code.unique"]) == ("failed", 2, 5)  # a three times, all of today
    assert "3 rows share a value" in found["code.unique"].message
    assert counts(found["primary_key"]) == ("failed", 2, 5)  # (2, us) beside row 8, (1, eu) beside row 1
    assert counts(found["ref.references"]) == ("failed", 2, 5)  # rows 4 and 6
    assert counts(found["region.not_null"]) == ("failed", 1, 5)  # row 6
    assert all(found[name].is_sliced for name in ("amount.min", "id.unique", "primary_key", "ref.references"))


def test_only_rows_that_meet_where_count_on_both_sides_of_a_key(sliced):
    # Of today, rows 4 and 5 have an amount above 0; row 1 has too, and shares the key of row 5. Row 8 shares none.
    verdict = sliced(ROWS, options={"partition": "day=2026-11-22"})["id.unique_2"]
    assert counts(verdict) == ("passed", 1, 2)
    assert "1 rows share a value" in verdict.message


def test_a_message_names_the_slice_and_whole_checks_do_not(sliced):
    found = sliced(ROWS, options={"partition": ["day=2026-11-22"]})
    assert found["amount.not_null"].message == "1 of 5 rows (20%) of the slice day = '2026-11-22', allowed 0"
    for name in ("columns", "types", "extra_columns", "row_count"):
        assert not found[name].is_sliced
        assert "slice" not in found[name].message
    assert found["row_count"].value == 8


def test_several_partitions_hold_together(sliced):
    found = sliced(ROWS, options={"partition": {"day": TODAY, "region": "eu"}})  # rows 2 and 5
    assert counts(found["amount.not_null"]) == ("failed", 1, 2)
    assert counts(found["id.unique"]) == ("failed", 2, 2)  # row 2 beside rows 3 and 8, row 5 beside row 1
    assert "day = '2026-11-22' and region = 'eu'" in found["id.unique"].message


def test_a_row_without_a_value_in_the_column_is_in_no_slice(sliced):
    found = sliced(ROWS, options={"partition": {"region": "us"}})  # rows 3, 4, 7 and 8
    assert counts(found["amount.min"]) == ("failed", 2, 4)  # rows 3 and 7
    assert counts(found["id.unique"]) == ("failed", 2, 4)  # rows 3 and 8, beside row 2
    assert counts(found["code.unique"]) == ("failed", 2, 4)  # rows 3 and 4, beside row 6, which has no region


def test_an_empty_slice_passes_and_says_so(sliced):
    found = sliced(ROWS, options={"partition": {"region": "asia"}})
    for name in ("amount.not_null", "amount.min", "id.unique", "ref.references"):
        assert counts(found[name]) == ("passed", 0, 0)
        assert found[name].message.endswith("; the slice is empty")
    assert counts(found["amount.max"]) == ("passed", 0, 0)
    assert "nothing in the slice to look at" in found["amount.max"].message


def test_completeness_counts_the_cells_of_the_slice(sliced):
    keys = {"sla": {"completeness": {"min_threshold": "95%"}}}
    found = sliced(ROWS, keys=keys, options={"partition": {"day": TODAY}})["completeness"]
    assert counts(found) == ("failed", 3, 30)  # an amount, a ref and a region; five rows of six columns
    assert found.value == pytest.approx(0.9)


def test_a_proof_by_footers_is_of_the_slice(mesh, contract, tmp_path):
    # The whole has a NULL and a value below 0, both in the row group of yesterday: today is proved to have none.
    rows = {"day": pa.array([BEFORE] * 2 + [TODAY] * 3, pa.date32()), "x": [None, -1, 1, 2, 3]}
    pq.write_table(pa.table(rows), tmp_path / "t.parquet", row_group_size=2)
    fields = [
        {"name": "day", "type": "date"},
        {"name": "x", "type": "integer", "constraints": ["not_null", {"min": 0}]},
    ]
    found = mesh(contract(fields))
    tables = {"t": tmp_path / "t.parquet"}
    for day, not_null, least in ((TODAY, (0, 3), (0, 3)), (BEFORE, (1, 2), (1, 2))):
        run = found.check(tables=tables, partition={"day": day})
        assert (run.verdict("d.p.t.x.not_null").bad, run.verdict("d.p.t.x.not_null").total) == not_null
        assert (run.verdict("d.p.t.x.min").bad, run.verdict("d.p.t.x.min").total) == least
    (plan,) = found.explain(tables=tables, partition={"day": TODAY})
    by_check = {check: step.how for step in plan.steps for check in step.checks}
    assert by_check["d.p.t.x.not_null"] == by_check["d.p.t.x.min"] == "footer"
    assert plan.slice == "day = '2026-11-22'"


@pytest.mark.parametrize(
    ("column", "value", "total"),
    [
        (pa.array([1, 2, 2, None], pa.int8()), "2", 2),
        (pa.array([1, 2, 2, None], pa.int8()), "300", 0),
        (pa.array([0.1, 0.2, float("nan"), None], pa.float32()), "0.1", 1),
        (pa.array([True, False, True, None]), "true", 2),
        (pa.array([datetime(2026, 1, 1, 12), datetime(2026, 1, 2), None, None]), "2026-01-01T12:00", 1),
        (pa.array(["2026", "a'b", "", None]), "a'b", 1),
        (pa.array(["2026", "a'b", "", None]), "", 1),
        (pa.array(["2026", "a'b", "", None]).dictionary_encode(), "2026", 1),
        (pa.array(["2026", "a'b", "", None]).dictionary_encode(), "other", 0),
    ],
)
def test_a_value_is_read_by_the_type_of_its_column(sliced, column, value, total):
    fields = [{"name": "n"}, {"name": "x", "constraints": ["not_null"]}]
    found = sliced(pa.table({"n": column, "x": [1, 1, 1, 1]}), fields, options={"partition": {"N": value}})
    assert counts(found["x.not_null"]) == ("passed", 0, total)


NOW = "2026-11-22T06:00:00Z"
EDGES = [  # 24 hours before now, a microsecond later, now, a microsecond after now, long ago, never
    datetime(2026, 11, 21, 6),
    datetime(2026, 11, 21, 6, 0, 0, 1),
    datetime(2026, 11, 22, 6),
    datetime(2026, 11, 22, 6, 0, 0, 1),
    datetime(2020, 1, 1),
    None,
]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.timestamp("ns")])
def test_a_window_is_open_at_its_begin_and_closed_at_now(sliced, kind):
    moments = [m.replace(tzinfo=UTC) if m and kind.tz else m for m in EDGES]
    rows = pa.table({"at": pa.array(moments, kind), "x": [1, None, None, None, 2, None]})
    fields = [{"name": "at", "type": "timestamp"}, {"name": "x", "type": "integer", "constraints": ["not_null"]}]
    keys = {"sla": {"freshness": {"column": "at", "max_age_hours": 1}}}
    for window, bad, total in (("1d", 2, 2), ("24 hours", 2, 2), ("30m", 1, 1), ("2w", 2, 3)):
        found = sliced(rows, fields, keys, options={"window": window, "now": NOW})
        assert counts(found["x.not_null"]) == ("failed", bad, total), window
        assert f"of the slice at in the last {window} up to 2026-11-22 06:00 UTC" in found["x.not_null"].message
    assert not found["freshness"].is_sliced
    assert (found["not_future"].bad, found["not_future"].total) == (1, 6)


@pytest.mark.parametrize(
    ("window", "now", "total"),
    [
        ("1d", "2026-11-22T06:00:00Z", 1),  # the 22nd
        ("1d", "2026-11-22T00:00:00Z", 1),
        ("36h", "2026-11-22T06:00:00Z", 2),  # begins on the 20th at 18:00
        ("36h", "2026-11-22T18:00:00Z", 1),  # begins on the 21st at 06:00
        ("2d", "2026-11-22T06:00:00Z", 2),
        ("100 years", "2026-11-22T06:00:00Z", 4),
        ("100 years", "0020-11-22T06:00:00Z", 0),
    ],
)
def test_a_window_over_days_holds_the_days_after_its_begin(sliced, window, now, total):
    days = [date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 21), date(2026, 11, 20), date(2026, 11, 19), None]
    rows = pa.table({"at": pa.array(days, pa.date32()), "x": [1] * 6})
    fields = [{"name": "at", "type": "date"}, {"name": "x", "type": "integer", "constraints": ["not_null"]}]
    keys = {"sla": {"freshness": {"column": "at", "max_age_hours": 1}}}
    found = sliced(rows, fields, keys, options={"window": window, "now": now})
    assert counts(found["x.not_null"]) == ("passed", 0, total)


def test_a_window_and_a_partition_hold_together(sliced):
    keys = {"sla": {"freshness": {"column": "day"}}}
    found = sliced(ROWS, keys=keys, options={"window": "1d", "partition": "region=eu", "now": NOW})  # rows 2 and 5
    assert counts(found["amount.not_null"]) == ("failed", 1, 2)
    assert "region = 'eu' and day in the last 1d" in found["amount.not_null"].message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"partition": {"dai": "x"}}, "no table has a column 'dai'; did you mean 'day'"),
        ({"partition": {"day": "today"}}, "'today' is no value of column 'day' of d.p.t, which is date; write it like"),
        ({"partition": {"id": "1.5"}}, "'1.5' is no value of column 'id' of d.p.t, which is integer"),
        ({"partition": ["day"]}, "'day' is not COLUMN=VALUE"),
        ({"partition": ["=x"]}, "'=x' is not COLUMN=VALUE"),
        ({"partition": {"day": None}}, "NULL is in no slice"),
        ({"partition": ["id=1", "ID=2"]}, "given twice"),
        ({"window": "soon"}, "'soon' is not a duration; write a number and a unit, like 1d"),
        ({"window": "0d"}, "holds no time"),
        ({"window": "-1d"}, "negative"),
        ({"window": "101 years"}, "longer than 100 years"),
        ({"window": "1d"}, "its contract names no sla.freshness.column"),
    ],
)
def test_what_cannot_be_a_slice_is_bad_usage(sliced, mesh, contract, options, said):
    with pytest.raises(UsageError, match="MK001") as caught:
        sliced(ROWS, options=options)
    assert said in str(caught.value)
    with pytest.raises(UsageError):
        mesh(contract(FIELDS)).explain(tables={"t": ROWS, "known": KNOWN}, **options)


def test_a_window_shorter_than_a_day_has_no_meaning_over_days(sliced):
    with pytest.raises(UsageError, match="holds days"):
        sliced(ROWS, keys={"sla": {"freshness": {"column": "day"}}}, options={"window": "12h"})


@pytest.fixture
def two(mesh, contract, tmp_path):
    """A mesh of two products: `d.p` has a day, `d.q` has none."""
    rows = pa.table({"day": ["a", "b"], "x": [None, 1]})
    pq.write_table(rows, tmp_path / "p.parquet")
    pq.write_table(rows.select(["x"]), tmp_path / "q.parquet")
    field = {"name": "x", "type": "integer", "constraints": ["not_null"]}
    first = contract([{"name": "day", "type": "string"}, field], schema={"location": str(tmp_path / "p.parquet")})
    second = contract([field], schema={"location": str(tmp_path / "q.parquet")}).replace("name: p\n", "name: q\n", 1)
    return mesh(first, second)


def test_tables_without_the_column_are_judged_whole_and_the_report_says_so(two):
    run = two.check(partition={"day": "b"})
    assert counts(run.verdict("d.p.t.x.not_null")) == ("passed", 0, 1)
    assert counts(run.verdict("d.q.t.x.not_null")) == ("failed", 1, 2)
    report = run.to_dict()
    assert report["slice"] == {
        "partitions": [{"column": "day", "value": "b"}],
        "window": None,
        "since": None,
        "until": None,
        "checks": 1,
        "tables": ["d.p.t"],
        "whole": [{"table": "d.q.t", "reason": "it has no column 'day'"}],
    }
    sliced = {c["id"]: c["sliced"] for p in report["products"] for c in p["checks"]}
    assert (sliced["d.p.t.x.not_null"], sliced["d.q.t.x.not_null"], sliced["d.p.t.row_count"]) == (True, False, False)
    assert run.to_arrow().column("sliced").to_pylist().count(True) == 1
    plans = {plan.product: plan for plan in two.explain(partition={"day": "b"})}
    assert (plans["d.p"].slice, plans["d.q"].whole) == ("day = 'b'", "it has no column 'day'")


def test_columns_that_no_table_has_together_are_bad_usage(mesh, contract):
    left = contract([{"name": "l", "type": "integer"}])
    right = contract([{"name": "r", "type": "integer"}], schema={"alias": "u"}).replace("name: p\n", "name: q\n", 1)
    tables = {"t": pa.table({"l": [1]}), "u": pa.table({"r": [1]})}
    with pytest.raises(UsageError, match="no table can be limited to l = '1' and r = '1'"):
        mesh(left, right).check(tables=tables, partition={"l": 1, "r": 1})


def test_a_table_that_is_not_there_says_so_itself(mesh, contract):
    run = mesh(contract(FIELDS)).check(partition={"day": "2026-11-22"})
    assert "MK302" in run.verdict("d.p.t.amount.not_null").message


def test_without_a_slice_the_report_has_none(mesh, contract):
    run = mesh(contract(FIELDS)).check(tables={"t": ROWS, "known": KNOWN})
    assert run.to_dict()["slice"] is None
    assert not any(v.is_sliced for v in run.verdicts)


def test_samples_and_causes_are_of_the_slice(mesh, contract):
    run = mesh(contract(FIELDS, schema=KEYS)).check(
        tables={"t": ROWS, "known": KNOWN}, partition={"day": TODAY}, samples=9, why=True
    )
    assert len(run.verdict("d.p.t.amount.not_null").samples.rows) == 1
    assert len(run.verdict("d.p.t.id.unique").samples.rows) == 3
    assert len(run.verdict("d.p.t.ref.references").samples.rows) == 2


def test_the_clock_alone_moves_a_window(mesh, contract):
    fields = [{"name": "at", "type": "timestamp"}, {"name": "x", "type": "integer", "constraints": ["not_null"]}]
    text = contract(fields, sla={"freshness": {"column": "at", "max_age_hours": 1}})
    rows = pa.table({"at": [datetime(2026, 11, 22, 5)], "x": [1]})
    run = mesh(text).check(tables={"t": rows}, window="2h", now=NOW)
    found = run.to_dict()["slice"]
    assert (found["window"], found["checks"]) == ("2h", 1)
    assert (found["since"], found["until"]) == ("2026-11-22T04:00:00+00:00", "2026-11-22T06:00:00+00:00")


def test_a_key_of_many_rows_is_probed_and_not_hashed_whole(mesh, contract, tmp_path):
    # 300,000 ids of yesterday, and four of today: one that was there yesterday, one that is there twice today.
    ids = [*range(300_000), 7, 300_001, 300_001, 300_002]
    rows = {"id": ids, "day": pa.array([BEFORE] * 300_000 + [TODAY] * 4, pa.date32())}
    pq.write_table(pa.table(rows), tmp_path / "t.parquet", row_group_size=100_000)
    fields = [{"name": "id", "type": "integer", "constraints": ["unique"]}, {"name": "day", "type": "date"}]
    found, tables = mesh(contract(fields)), {"t": tmp_path / "t.parquet"}
    verdict = found.check(tables=tables, partition={"day": TODAY}).verdict("d.p.t.id.unique")
    assert counts(verdict) == ("failed", 2, 4)
    assert "3 rows share a value" in verdict.message
    (plan,) = found.explain(tables=tables, partition={"day": TODAY})
    reasons = {check: step.reason for step in plan.steps for check in step.checks}
    assert reasons["d.p.t.id.unique"] == "the keys of the slice, looked up in the whole table"
    (whole,) = found.explain(tables=tables)
    assert any("hashes of 300,004 keys" in step.reason for step in whole.steps)
