"""Runs are recorded and read back, on both engines, and only those that may speak for a product do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.store.stores import OTHER, PARTIAL, START, after, counted, product_run, raw, recorded, result, verdict

from meshkit.errors import StoreError
from meshkit.model.history import Availability, Circumstances, Evaluation, PastVerdict
from meshkit.model.metric import Distribution, Drift, Observed
from meshkit.store import open_store

STAGING = Circumstances("1.2.3", environment="staging")


def ran(store):
    """Return the id of the run that speaks for each product."""
    return {p.product: p.run.id for p in store.last_runs()}


def test_a_run_is_read_back_as_it_was_recorded(store):
    about = Circumstances("1.2.3", "c" * 40, "prod", "postgresql://db/shop", "ann")
    found = verdict("x.not_null", "failed", bad=3, total=10, value=Decimal(3), message="3 of 10 rows, allowed 0")
    run_id = recorded(store, result(product_run(found, verdict("y.unique")), clock=after(hours=-1)), about=about)
    (read,) = store.history("d.p", now=after(hours=1)).runs
    assert read.run._replace(id="") == (
        "", "check", "full", "ended", "failed", START, after(seconds=2), after(hours=-1), "1.2.3", "c" * 40, "prod", "postgresql://db/shop", "ann",
    )  # fmt: skip
    assert read.run == store.run(run_id)
    assert (read.version, read.status, read.owner, read.rows) == ("1.0.0", "active", "team", 10)
    assert (read.outcome, read.reached) == ("failed", True)
    assert read.verdicts[0] == PastVerdict(
        "d.p.t.x.not_null", "not_null", "t", "x", "error", "failed", 3, 10, 3.0, "rows", "<= 0", "3 of 10 rows, allowed 0",
        "p.yaml:7:5", found.check.definition,
    )  # fmt: skip
    assert read.verdicts[1].check_id == "d.p.t.y.unique"


def test_numbers_that_no_database_holds_are_none(store):
    recorded(store, result(product_run(verdict("x.a", value=float("inf")), verdict("x.b", value=float("nan")))))
    (read,) = store.last_runs()
    assert [v.value for v in read.verdicts] == [None, None]


def test_control_characters_and_half_pairs_are_replaced(store):
    recorded(store, result(product_run(verdict("x.a", message="a\x00b\x1b[2Jc\ud800d\nne\u0301"))))
    (read,) = store.last_runs()
    assert read.verdicts[0].message == "a\ufffdb\ufffd[2Jc?d\nne\u0301"


def test_the_newest_full_run_that_ended_speaks_for_a_product(store):
    first = recorded(store, result(product_run(verdict("x.a"))))
    second = recorded(store, result(product_run(verdict("x.a", "failed")), at=after(hours=1)), kind="incremental")
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=2), scope=PARTIAL))
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=3), scope=OTHER))
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=4), interrupted=True))
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=5)), about=STAGING)
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=6)), kind="govern")
    store.begin("check", [("d.p", "1.0.0")], at=after(hours=7))
    assert ran(store) == {"d.p": second}
    assert ran(store)["d.p"] != first
    assert [(p.outcome, p.verdicts[0].outcome) for p in store.last_runs()] == [("failed", "failed")]


def test_an_environment_has_runs_of_its_own(store):
    plain = recorded(store, result(product_run(verdict("x.a"))))
    staged = recorded(store, result(product_run(verdict("x.a")), at=after(hours=-5)), about=STAGING)
    assert [p.run.id for p in store.last_runs()] == [plain]
    assert [p.run.id for p in store.last_runs(environment="staging")] == [staged]
    assert store.last_runs(environment="prod") == []
    assert store.last_runs(["d.other"]) == []


def test_each_version_has_its_own_last_run(store):
    old = recorded(
        store, result(product_run(verdict("x.a"), version="1.0.0"), product_run(verdict("x.a"), version="2.0.0"))
    )
    new = recorded(store, result(product_run(verdict("x.a"), version="2.0.0"), at=after(hours=1)))
    assert [(p.version, p.run.id) for p in store.last_runs(["d.p"])] == [("1.0.0", old), ("2.0.0", new)]


def test_a_run_of_one_product_leaves_the_others(store):
    both = recorded(store, result(product_run(verdict("x.a")), product_run(verdict("x.a", product="d.q"), id="d.q")))
    one = recorded(store, result(product_run(verdict("x.a")), at=after(hours=1)))
    assert ran(store) == {"d.p": one, "d.q": both}


def test_row_counts_are_those_of_the_last_run_that_counted(store):
    recorded(store, result(product_run(verdict("x.a"), metrics=(counted(7),))))
    recorded(store, result(product_run(verdict("x.a"), metrics=(counted(9),)), at=after(hours=1)))
    recorded(store, result(product_run(verdict("x.a")), at=after(hours=2)))  # counted nothing
    recorded(store, result(product_run(verdict("x.a"), metrics=(counted(1),)), at=after(hours=3), scope=PARTIAL))
    recorded(store, result(product_run(verdict("x.a"), metrics=(counted(2),)), at=after(hours=4)), about=STAGING)
    assert store.last_row_counts(["d.p", "d.q"]) == [("d.p", "1.0.0", "t", 9.0)]
    assert store.last_row_counts(["d.p"], environment="staging") == [("d.p", "1.0.0", "t", 2.0)]


def test_metrics_are_read_back_and_what_was_not_measured_is_not_kept(store):
    shape = Distribution(
        filled=3, least=Decimal("1.5"), most=Decimal(4), quartiles=(Decimal(1), Decimal("2.5"), Decimal(4))
    )
    seen = (
        counted(10),
        Observed(
            name="value_distribution", product="d.p", table="t", column="x", unit="distribution", distribution=shape
        ),
        Observed(name="schema_drift", product="d.p", table="t", value=True, unit="boolean", drift=Drift(added=("z",))),
        Observed(name="null_rate", product="d.p", table="t", column="x", unavailable="personal data"),
        Observed(name="row_count", product="d.p", table="u", value=Decimal(5), slice="day = 1"),
    )
    recorded(store, result(product_run(verdict("x.a"), metrics=seen)))
    recorded(store, result(product_run(verdict("x.a"), metrics=(counted(12),)), at=after(days=1)))
    found = store.metrics("d.p")
    assert [(at, m.metric, m.table, m.column, m.value) for at, m in found] == [
        (after(days=1), "row_count", "t", "", 12.0),
        (START, "row_count", "t", "", 10.0),
        (START, "schema_drift", "t", "", 1.0),
        (START, "value_distribution", "t", "x", None),
    ]
    assert found[2][1].detail == {"added": ["z"]}
    assert found[3][1].detail == {"filled": 3, "least": 1.5, "most": 4, "quartiles": [1, 2.5, 4]}
    assert store.metric_names("d.p") == ["row_count", "schema_drift", "value_distribution"]
    assert [m.value for _, m in store.metrics("d.p", metric="row_count", limit=1)] == [12.0]
    assert [m.value for _, m in store.metrics("d.p", metric="row_count", since=after(hours=1))] == [12.0]
    assert store.metrics("d.p", metric="row_count", version="2.0.0") == []


def test_a_run_whose_process_is_gone_was_interrupted(store, place):
    store.begin("check", [("d.p", "1.0.0")], at=START)
    assert store.history("d.p", now=after(minutes=1)).runs[0].run.state == "running"
    raw(place, "UPDATE runs SET pid = 4194303")  # above the greatest that Linux gives out by default
    (read,) = store.history("d.p", now=after(minutes=1)).runs
    assert (read.run.state, read.outcome, read.reached, read.verdicts) == ("interrupted", None, None, ())
    raw(place, "UPDATE runs SET host = 'another machine'")  # of whose processes nobody knows here
    assert store.history("d.p", now=after(minutes=1)).runs[0].run.state == "running"
    assert store.history("d.p", now=after(hours=25)).runs[0].run.state == "interrupted"


def test_the_next_run_writes_down_that_one_was_interrupted(store, place):
    store.begin("check", [("d.p", "1.0.0")], at=START)
    raw(place, "UPDATE runs SET pid = 4194303")
    store.begin("check", [("d.q", "1.0.0")], at=after(minutes=1))
    assert sorted(row[0] for row in raw(place, "SELECT state FROM runs")) == ["interrupted", "running"]


def test_history_is_newest_first_and_can_be_narrowed(store):
    ids = [recorded(store, result(product_run(verdict("x.a")), at=after(hours=n))) for n in range(5)]
    other = recorded(store, result(product_run(verdict("x.a"), version="2.0.0"), at=after(hours=9)))

    def shown(**how):
        return [p.run.id for p in store.history("d.p", now=after(hours=10), **how).runs]

    assert shown() == [other, *reversed(ids)]
    assert shown(limit=2) == [other, ids[4]]
    assert shown(since=after(hours=3)) == [other, ids[4], ids[3]]
    assert shown(version="1.0.0", limit=1) == [ids[4]]
    assert store.history("d.unknown").runs == ()


def test_availability_is_the_share_of_runs_that_reached_the_data(store):
    gone = verdict("x.a", "errored", message="MK302 't.parquet' cannot be opened")
    skipped = verdict("x.b", "skipped", message="of another engine")
    ours = verdict("x.a", "errored", message="MK301 engine 'snowflake' needs a driver")
    recorded(store, result(product_run(gone, skipped), at=after(days=-31)))  # too long ago
    recorded(store, result(product_run(gone, skipped), at=after(days=-3)))
    recorded(store, result(product_run(verdict("x.a", "failed"), skipped), at=after(days=-2)))
    recorded(store, result(product_run(verdict("x.a")), at=after(days=-1)))
    recorded(store, result(product_run(skipped), at=after(hours=-3)))  # nobody tried
    recorded(store, result(product_run(ours), at=after(hours=-2)))  # no fault of the product
    recorded(store, result(product_run(gone), at=after(hours=-1), scope=OTHER))  # not its own tables
    recorded(store, result(product_run(gone), at=after(minutes=-1), interrupted=True))
    assert store.history("d.p", now=START).availability == Availability(2, 3)
    assert store.availability("d.p", after(days=-40)) == Availability(2, 4)
    assert store.availability("d.unknown") == Availability(0, 0)


def test_a_product_with_one_table_that_is_gone_was_not_reached(store):
    there, gone = verdict("x.a"), verdict("x.b", "errored", table="u", message="MK302 'u.parquet' cannot be opened")
    recorded(store, result(product_run(there, gone)))
    assert store.availability("d.p", START) == Availability(0, 1)


def test_products_are_found_by_what_is_recorded(store):
    for name in ("sales.orders", "sales.returns", "web.returns", "a.x_y", "a.xzy"):
        recorded(store, result(product_run(verdict("x.a", product=name), id=name)))
    assert store.find_product("sales.orders") == store.find_product("orders") == "sales.orders"
    assert store.find_product("x_y") == "a.x_y"  # _ is no wildcard
    with pytest.raises(StoreError, match=r"MK419 'returns' could be sales.returns or web.returns"):
        store.find_product("returns")
    for name in ("%", "rders", "", "'; DROP TABLE runs; --"):
        with pytest.raises(StoreError, match="MK419"):
            store.find_product(name)


def test_a_run_that_is_discarded_leaves_nothing(store, place):
    store.discard(store.begin("check", [("d.p", "1.0.0")]))
    assert raw(place, "SELECT count(*) FROM runs") == raw(place, "SELECT count(*) FROM product_runs") == [(0,)]


def test_prune_removes_runs_and_keeps_versions_and_the_log(store, place):
    old = [
        recorded(store, result(product_run(verdict("x.a"), metrics=(counted(3),)), at=after(days=-n)))
        for n in (100, 91)
    ]
    new = recorded(store, result(product_run(verdict("x.a"), metrics=(counted(3),)), at=after(days=-89)))
    store.record_evaluations(old[0], [Evaluation("d.p", "1.0.0", "publish", "p1", "error", "met")], {})
    store.publish("d.p", {"1.0.0": {"p.yaml": "name: p"}}, at=after(days=-100), by="ann")
    at_work = store.begin("check", [("d.p", "1.0.0")])
    assert store.prune(after(days=-90), by="bob") == 2
    assert [store.run(i) is None for i in (*old, new)] == [True, True, False]
    tables = ("product_runs", "verdicts", "metrics", "evaluations")
    counts = [raw(place, f"SELECT count(*) FROM {table}")[0][0] for table in tables]
    assert counts == [2, 1, 1, 0]
    assert [p.version for p in store.published(["d.p"])] == ["1.0.0"]
    log = raw(place, "SELECT actor, action, payload FROM audit ORDER BY seq")
    assert log[1] == ("bob", "prune", '{"before": "2026-08-24T06:00:00.000000Z", "runs": 2}')
    assert store.prune(after(days=-90)) == 0
    assert len(raw(place, "SELECT 1 FROM audit")) == 2  # nothing removed, nothing noted
    assert store.prune(datetime.now(UTC) + timedelta(days=1)) == 1
    assert store.run(at_work) is not None
    assert store.check() == ()


def test_evaluations_are_read_back_in_their_order(store):
    run_id = store.begin("govern", [])
    rows = [
        Evaluation("d.p", "1.0.0", "publish", p, "error", "violated", f"{p} says no", "p.yaml:1:1", "mend it", None)
        for p in "ba"
    ]
    store.record_evaluations(run_id, rows[:1], {})
    store.record_evaluations(run_id, rows[1:], {})
    assert store.evaluations(run_id) == tuple(rows)


def test_a_run_that_was_never_begun_cannot_be_recorded(store):
    with pytest.raises(StoreError, match="MK419 there is no run 'none'"):
        store.record("none", result(product_run(verdict("x.a"))))


def test_a_mesh_of_many_products_is_written_and_read_at_once(store):
    names = [f"d.p{n:04}" for n in range(1200)]
    run_id = recorded(store, result(*(product_run(verdict("x.a", product=n), id=n) for n in names)))
    last = store.last_runs(names)
    assert [p.product for p in last] == names
    assert {p.run.id for p in last} == {run_id}
    assert all(len(p.verdicts) == 1 for p in last)


def test_a_store_is_there_again_when_it_is_opened_again(place):
    with open_store(place) as store:
        recorded(store, result(product_run(verdict("x.a"))))
    with open_store(place, create=False) as store:
        assert store.info().rows["verdicts"] == 1
        assert len(store.last_runs()) == 1


def test_nothing_is_made_where_a_store_is_only_read(new_place, engine):
    place = new_place(engine)
    with pytest.raises(StoreError, match="MK419 there is no store"):
        open_store(place, create=False)
