"""Requests and their notices in the store, on both engines: races, crashes, copies, pruning."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.store.stores import START, after, raw

from meshkit.errors import StoreError
from meshkit.model.request import AccessRequest, Logged, Notice, RequestState
from meshkit.store import audit, open_store

ENTRY = Logged("ann", "access.request", "sales.orders", {"n": 1})


def request(id_="r1", *, state=RequestState.PENDING, **keys) -> AccessRequest:
    values = {
        "id": id_, "product": "sales.orders", "version": "1.0.0", "principal": "ann", "purpose": "reporting",
        "until": after(days=30), "state": state, "requested_at": START,
    }  # fmt: skip
    return AccessRequest(**{**values, **keys})


def notice(id_="n1", request_id="r1", **keys) -> Notice:
    return Notice(id_, request_id, "bob", "access.requested", {"a": 1}, "pending", 0, START, START)._replace(**keys)


def granted(id_="r1", **keys) -> AccessRequest:
    return request(id_, state=RequestState.GRANTED, decided_by="bob", decided_at=START, **keys)


def test_a_request_comes_back_as_it_was_written(store):
    one = request(columns=("orders.ssn",), reason="line 1\nline 2", first_by="bob", first_at=after(hours=1))
    assert store.requests.add(one, [notice()], ENTRY) == one
    assert store.requests.get("r1") == one
    assert store.requests.notices("r1") == [notice()]
    assert store.requests.get("none") is None
    assert [(e.action, e.subject) for e in store.requests.entries(None, 10)] == [("access.request", "sales.orders")]
    assert store.check() == ()


@pytest.mark.parametrize(
    ("there", "asked", "is_same"),
    [
        (request(), request("r2"), True),
        (request(state=RequestState.APPROVED), request("r2"), True),
        (request(), request("r2", until=after(days=60)), True),  # it waits: one is enough
        (granted(), request("r2"), True),
        (granted(), request("r2", until=after(days=30, hours=23)), True),  # the same wish, said later on the same day
        (granted(), request("r2", until=after(days=31)), False),  # it is to last longer
        (granted(), granted("r2", until=after(days=29)), True),
        (request(state=RequestState.DENIED), request("r2"), False),
        (request(state=RequestState.REVOKED), request("r2"), False),
        (request(until=START), request("r2"), False),  # it has expired
        (request(), request("r2", purpose="audit"), False),
        (request(), request("r2", columns=("orders.ssn",)), False),
        (request(), request("r2", principal="Ann"), False),
        (request(), request("r2", product="sales.order"), False),
        (request(), request("r2", state=RequestState.DENIED), False),  # the denial is kept, too
    ],
)
def test_who_asks_for_the_same_again_gets_the_request_that_is_there(store, there, asked, is_same):
    store.requests.add(there, [], ENTRY)
    assert store.requests.add(asked, [notice("n2", "r2")], ENTRY).id == ("r1" if is_same else "r2")
    assert store.info().rows["requests"] == (1 if is_same else 2)
    assert store.info().rows["outbox"] == (0 if is_same else 1)
    assert store.info().rows["audit"] == (1 if is_same else 2)


def test_of_two_who_ask_at_once_one_request_is_kept(place):
    open_store(place).close()

    def ask(n):
        with open_store(place) as store:
            return store.requests.add(request(f"r{n}"), [], ENTRY).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert raw(place, "SELECT count(*) FROM requests") == [(1,)]


def test_of_many_who_decide_at_once_exactly_one_does(place):
    ends = {RequestState.GRANTED: "bob", RequestState.DENIED: "eve"}
    with open_store(place) as store:
        store.requests.add(request(), [], ENTRY)

    def decide(n):
        state = list(ends)[n % 2]
        with open_store(place) as store:
            moved = request(state=state, decided_by=ends[state], decided_at=START)
            is_mine = store.requests.move(RequestState.PENDING, moved, [notice(f"n{n}")], ENTRY, START)
            return state if is_mine else None

    with ThreadPoolExecutor(8) as pool:
        won = [state for state in pool.map(decide, range(8)) if state]
    with open_store(place) as store:
        assert len(won) == 1
        kept = store.requests.get("r1")
        assert (kept.state, kept.decided_by) == (won[0], ends[won[0]])
        assert len(store.requests.notices("r1")) == 1
        assert store.info().rows["audit"] == 2
        assert store.check() == ()


def test_a_step_that_cannot_be_logged_is_not_taken(store, monkeypatch):
    def fail(*_):
        raise StoreError("no room", code="MK413")

    store.requests.add(request(), [], ENTRY)
    monkeypatch.setattr(audit, "append_in", fail)
    with pytest.raises(StoreError, match="MK413"):
        store.requests.move(RequestState.PENDING, granted(), [notice()], ENTRY, START)
    with pytest.raises(StoreError, match="MK413"):
        store.requests.add(request("r2", purpose="audit"), [], ENTRY)
    assert store.requests.get("r1").state == "pending"
    assert store.requests.notices("r1") == []
    assert store.requests.get("r2") is None


def test_grants_hold_up_to_the_moment_they_end_and_are_nobody_elses(store):
    store.requests.add(granted(), [], ENTRY)
    store.requests.add(granted("r2", principal="eve"), [], ENTRY)
    store.requests.add(request("r3", purpose="audit"), [], ENTRY)
    store.requests.add(request("r4", state=RequestState.REVOKED, purpose="x"), [], ENTRY)
    end = after(days=30)
    assert [g.principal for g in store.requests.grants("ann", START)] == ["ann"]
    assert len(store.requests.grants("ann", end - timedelta(microseconds=1))) == 1
    assert store.requests.grants("ann", end) == ()
    assert store.requests.grants("ann", end - timedelta(days=60))[0].until == end
    assert store.requests.grants("ann' OR '1'='1", START) == ()
    assert len(store.requests.grants(None, START)) == 2
    assert [r.id for r in store.requests.granted(["sales.orders"], START)] == ["r1", "r2"]
    assert store.requests.granted([], START) == []
    assert store.requests.granted(["other"], START) == []


def test_the_grants_of_one_are_found_by_an_index(place, engine):
    if engine != "sqlite":
        pytest.skip("PostgreSQL plans by the rows that are there, and few are")
    open_store(place).close()
    query = "EXPLAIN QUERY PLAN SELECT * FROM requests WHERE state = 'granted' AND until > 'x' AND principal = 'ann'"
    assert "ix_requests_principal" in str(raw(place, query))


def test_pages_walk_all_requests_newest_first(store):
    for n in range(7):
        store.requests.add(request(f"r{n}", purpose=f"p{n}", requested_at=after(hours=n // 2)), [], ENTRY)
    found, last = [], None
    while page := store.requests.page({}, [], last, 3):
        found += [r.id for r in page]
        last = (page[-1].requested_at, page[-1].id)
    assert found == ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]
    assert [r.id for r in store.requests.page({"principal": "ann", "product": "x"}, [], None, 9)] == []
    assert len(store.requests.page({"product": "sales.orders"}, [RequestState.PENDING], None, 9)) == 7


def test_prune_removes_what_has_ended_and_never_what_holds_or_waits(store, place):
    early = after(days=-100)
    ended = {
        "denied": request("denied", state=RequestState.DENIED, decided_by="policy", decided_at=early),
        "revoked": request("revoked", state=RequestState.REVOKED, revoked_by="b", revoked_at=early),
        "expired": granted("expired", until=early),
        "lapsed": request("lapsed", until=early),
    }
    kept = {
        "holds": granted("holds", requested_at=early, purpose="a"),
        "waits": request("waits", requested_at=early, purpose="b"),
        "first": request("first", state=RequestState.APPROVED, requested_at=early, purpose="c"),
        "late": request("late", state=RequestState.DENIED, decided_at=after(days=-1)),
    }
    for id_, one in {**ended, **kept}.items():
        store.requests.add(one, [notice(f"n-{id_}", id_)], ENTRY)
    assert store.requests.prune(after(days=-90), "gus", START) == 4
    assert {r.id for r in store.requests.page({}, [], None, 99)} == set(kept)
    assert store.info().rows["outbox"] == 4
    last = raw(place, "SELECT actor, action, payload FROM audit ORDER BY seq DESC LIMIT 1")
    assert last == [("gus", "prune", '{"before": "2026-08-24T06:00:00.000000Z", "requests": 4}')]
    assert store.requests.prune(after(days=9), "gus", START) == 1  # a later date takes no grant that holds
    assert {r.id for r in store.requests.page({}, [], None, 99)} == set(kept) - {"late"}
    assert store.check() == ()


def test_an_export_brings_requests_and_notices_and_changes_none_that_are_there(new_place, engine, tmp_path):
    folder = tmp_path / "out"
    with open_store(new_place(engine)) as one:
        one.requests.add(granted(columns=("orders.ssn",)), [notice()], ENTRY)
        one.requests.add(request("r2", purpose="audit"), [], ENTRY)
        one.export(folder)
    with open_store(new_place("sqlite")) as other:
        other.requests.add(granted().model_copy(update={"state": RequestState.REVOKED}), [], ENTRY)
        other.import_(folder)
        assert other.requests.get("r1").state == "revoked"  # an older copy gives nothing back
        assert other.requests.get("r2") == request("r2", purpose="audit")
    with open_store(new_place("sqlite")) as empty:
        for _ in range(2):
            empty.import_(folder)
        assert empty.requests.get("r1") == granted(columns=("orders.ssn",))
        assert empty.requests.notices("r1") == [notice()]
        assert empty.check() == ()


@pytest.mark.parametrize("change", [{"state": "open"}, {"column_names": "x"}, {"codes": "[1]"}, {"until": "soon"}])
def test_a_damaged_request_is_not_taken_in(store, tmp_path, change):
    store.requests.add(granted(), [], ENTRY)
    store.export(tmp_path / "out")
    path = tmp_path / "out" / "requests.parquet"
    table = pq.read_table(path)
    rows = [{**row, **change, "id": "r9"} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    with pytest.raises(StoreError, match=r"MK417 .*requests\.parquet"):
        store.import_(tmp_path / "out")
    assert store.requests.get("r9") is None


def test_a_notice_is_tried_by_one_process_at_a_time_and_due_again_if_that_dies(store):
    store.requests.add(request(), [notice()], ENTRY)
    (due,) = store.requests.due(START, 10)
    assert store.requests.claim(due, START)
    assert not store.requests.claim(due, START)
    assert store.requests.due(after(seconds=59), 10) == []
    (again,) = store.requests.due(after(minutes=1), 10)  # whoever claimed it is gone
    assert (again.tries, again.state) == (1, "pending")
    assert store.requests.claim(again, after(minutes=1))
    store.requests.settle(again._replace(state="sent", sent_at=after(minutes=1)))
    assert store.requests.due(after(days=9), 10) == []
    store.requests.settle(again._replace(state="pending", error="late"))  # the one that was thought dead
    assert [n.state for n in store.requests.notices("r1")] == ["sent"]


def test_hostile_texts_are_kept_without_what_a_database_or_terminal_would_obey(store):
    words = "a\x00b\x1b[31m'; DROP TABLE requests; --\n<script>\ud800" + "x" * 5000
    one = request(reason=words, decision=words)
    store.requests.add(one, [], Logged("ann", "access.request", "p", {"words": words}))
    kept = store.requests.get("r1")
    assert "\x00" not in kept.reason
    assert "\x1b" not in kept.reason
    assert "'; DROP TABLE requests; --\n<script>" in kept.reason
    assert kept.reason.endswith("x" * 5000)
    (entry,) = store.requests.entries(None, 1)
    assert json.loads(entry.payload)["words"].startswith("a")
    assert store.check() == ()
