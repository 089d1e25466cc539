"""Samples and causes of missed checks: from the rows themselves, and never personal data."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

KEYED = [{"name": "id", "is_primary_key": True}]


def test_samples_show_the_key_and_the_column(judged):
    table = pa.table({"id": [1, 2, 3], "s": ["a", "bad", "worse"], "other": ["x", "y", "z"]})
    fields = [*KEYED, {"name": "s", "constraints": [{"in": ["a"]}]}, {"name": "other"}]
    sample = judged(table, fields, samples=5)["s.in"].samples
    assert sample.columns == ("id", "s")
    assert sorted(sample.rows) == [(2, "bad"), (3, "worse")]


def test_samples_are_at_most_as_many_as_asked_for_and_none_without_asking(judged):
    table = pa.table({"id": list(range(50)), "s": [None] * 50})
    fields = [*KEYED, {"name": "s", "constraints": ["not_null"]}]
    assert len(judged(table, fields, samples=3)["s.not_null"].samples.rows) == 3
    assert judged(table, fields)["s.not_null"].samples is None


def test_values_of_personal_data_are_masked_in_samples_and_never_named_as_a_cause(judged):
    table = pa.table({"id": [1, 2, 3], "mail": ["ann@x", "ann@x", None], "city": ["A", "A", "B"]})
    fields = [
        *KEYED,
        {"name": "mail", "pii_category": "email", "constraints": [{"pattern": "\\.com$"}, "not_null"]},
        {"name": "city"},
    ]
    found = judged(table, fields, samples=5, why=True)
    assert found["mail.pattern"].samples.rows == ((1, "***"), (2, "***"))
    assert found["mail.not_null"].samples.rows == ((3, None),)
    assert "ann" not in str([v.why for v in found.values()])


def test_columns_that_the_domains_policy_lists_are_personal_too(mesh, contract):
    policy = "governance:\n  domain_policies:\n    d:\n      access_control:\n        - pii_fields: [mail]\n"
    text = contract([*KEYED, {"name": "mail", "constraints": [{"pattern": "x"}]}])
    run = mesh(text, policy=policy).check(tables={"t": pa.table({"id": [1], "mail": ["ann@y"]})}, samples=1)
    assert next(v for v in run.verdicts if v.samples).samples.rows == ((1, "***"),)


def test_samples_of_duplicates_and_of_orphans_are_the_rows_themselves(judged):
    table = pa.table({"id": [1, 2, 2, 3], "c": ["a", "b", "b", "z"]})
    fields = [{"name": "id", "constraints": ["unique"]}, {"name": "c", "constraints": [{"references": "other.k"}]}]
    found = judged(table, fields, samples=9, tables={"other": pa.table({"k": ["a", "b"]})})
    assert sorted(found["id.unique"].samples.rows) == [(2,), (2,)]
    assert found["c.references"].samples.rows == ((3, "z"),)


def test_samples_of_a_counting_query_are_the_rows_it_counts(judged):
    table = pa.table({"id": [1, 2, 3], "v": [5, -1, -2], "x": ["p", "q", "r"]})
    checks = [
        {"name": "none", "query": "SELECT COUNT(*) FROM t AS a WHERE a.v < 0"},
        {"name": "sum", "query": "SELECT SUM(v) FROM t"},
    ]
    found = judged(table, [*KEYED, {"name": "v"}, {"name": "x"}], samples=9, sla={"quality_checks": checks})
    assert sorted(found["none"].samples.rows) == [(2, -1), (3, -2)]
    assert found["sum"].samples is None


def flights(n: int = 1000):
    """Every tenth row is bad, and nine in ten of the bad ones are of carrier MQ, which holds a fifth of all rows."""
    start = datetime(2013, 2, 1)
    rows = []
    for i in range(n):
        bad = i % 10 == 0
        carrier = ("MQ" if i % 100 else "AA") if bad else ("MQ" if i % 9 == 0 else "UA" if i % 2 else "DL")
        rows.append(
            {
                "id": i,
                "carrier": carrier,
                "dep": None if bad else i,
                "arr": None if bad else i,
                "at": start + timedelta(hours=i % 24, days=(i % 5) + (7 if bad and i < 300 else 0)),
            }
        )
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("id", pa.int64()),
                ("carrier", pa.string()),
                ("dep", pa.int64()),
                ("arr", pa.int64()),
                ("at", pa.timestamp("us")),
            ]
        ),
    )


def test_the_cause_names_the_group_that_holds_most_bad_rows(judged):
    fields = [
        *KEYED,
        {"name": "carrier"},
        {"name": "dep", "constraints": ["not_null"]},
        {"name": "arr", "constraints": ["not_null"]},
        {"name": "at"},
    ]
    why = judged(flights(), fields, why=True)["dep.not_null"].why
    assert "arr is missing in all 100" in why
    assert "all 100 are in carrier MQ and AA" in why  # 90 and 10 of 100 bad rows, 190 and 10 of all 1,000


def test_the_cause_names_the_commonest_bad_values(judged):
    table = pa.table({"id": list(range(6)), "s": ["x", "x", "x", "y", "ok", "ok"]})
    why = judged(table, [*KEYED, {"name": "s", "constraints": [{"in": ["ok"]}]}], why=True)["s.in"].why
    assert why[0] == "commonest: x (3), y (1)"


def test_the_cause_names_the_worst_day(judged):
    days = [datetime(2013, 2, 1) + timedelta(days=i % 10) for i in range(1000)]
    bad = [None if (i % 10 == 7 and i % 20 < 10) or i % 97 == 0 else 1 for i in range(1000)]
    expected = sum(1 for i in range(1000) if bad[i] is None and i % 10 == 7)
    table = pa.table({"id": list(range(1000)), "v": bad, "at": days})
    why = judged(table, [*KEYED, {"name": "v", "constraints": ["not_null"]}, {"name": "at"}], why=True)[
        "v.not_null"
    ].why
    assert f"worst day 2013-02-08: {expected} of 100 by at" in why


def test_completeness_names_the_columns_that_miss_most(judged):
    table = pa.table({"a": [None, None, 1], "b": [1, None, 1], "c": [1, 1, 1]})
    found = judged(table, [{"name": n} for n in "abc"], why=True, sla={"completeness": {"min_threshold": "90%"}})
    assert found["completeness"].why == ("most are missing in a (2), b (1)",)


def test_a_cause_changes_no_verdict(judged):
    fields = [*KEYED, {"name": "carrier"}, {"name": "dep", "constraints": ["not_null"]}]
    plain, told = judged(flights(), fields), judged(flights(), fields, why=True, samples=2)
    assert [(v.outcome, v.bad, v.total, v.message) for v in plain.values()] == [
        (v.outcome, v.bad, v.total, v.message) for v in told.values()
    ]
