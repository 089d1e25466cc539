"""The audit log is append-only, and whoever goes past that is found out; publications hang on it."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import pytest
from tests.store.stores import START, after, raw

from meshkit.errors import StoreError
from meshkit.store import audit, open_store

FILES = {"p.yaml": "name: p\nversion: 1.0.0\n"}


@pytest.fixture
def log(store):
    """A log of four entries."""
    for n in range(1, 5):
        store.append_audit("ann", "approve", f"d.p{n}", {"n": n, "why": "é"}, at=after(hours=n))
    return store


def unguarded(place, *statements):
    """Change the log as somebody would who may take its triggers away, and puts them back."""
    if "://" in place:
        return raw(
            place,
            "ALTER TABLE audit DISABLE TRIGGER ALL",
            *statements,
            "ALTER TABLE audit ENABLE TRIGGER ALL",
        )
    triggers = raw(place, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return raw(place, *(f"DROP TRIGGER {name}" for name, _ in triggers), *statements, *(sql for _, sql in triggers))


def test_the_hash_is_of_the_text_that_the_page_describes(log, place):
    (row,) = raw(place, "SELECT hash FROM audit WHERE seq = 1")
    text = (
        '[1,"2026-11-22T07:00:00.000000Z","ann","approve","d.p1","{\\"n\\": 1, \\"why\\": \\"\\u00e9\\"}","'
        + "0" * 64
        + '"]'
    )
    assert row[0] == hashlib.sha256(text.encode("ascii")).hexdigest()
    assert log.info().audit_head == raw(place, "SELECT hash FROM audit WHERE seq = 4")[0][0]


def test_a_log_that_was_left_alone_is_whole(log):
    assert log.check() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'bob' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 4",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'bob', action, subject, payload, previous, hash FROM audit WHERE seq = 2",
        "REPLACE INTO audit SELECT seq, at, 'bob', action, subject, payload, previous, hash FROM audit WHERE seq = 4",
        "INSERT INTO audit SELECT 0, at, actor, action, subject, payload, 'x', hash FROM audit WHERE seq = 1",
        "TRUNCATE audit",
    ],
)
def test_the_store_refuses_changes(log, place, statement):
    if "://" in place and ("REPLACE" in statement or "SELECT 0" in statement):
        pytest.skip("SQLite's way of putting rows in the place of others")
    with pytest.raises(Exception, match=r"append-only|syntax error"):
        raw(place, statement)
    assert log.check() == ()
    assert raw(place, "SELECT count(*), max(actor) FROM audit") == [(4, "ann")]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE seq = 2", "entry 2 of the audit log was changed"),
        ("UPDATE audit SET payload = '{}' WHERE seq = 4", "entry 4 of the audit log was changed"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 1", "entry 1 of the audit log was changed"),
        ("DELETE FROM audit WHERE seq = 2", "goes from entry 1 to entry 3"),
        ("DELETE FROM audit WHERE seq = 1", "goes from entry 0 to entry 2"),
        (
            "INSERT INTO audit VALUES (5, '2026-11-22T12:00:00.000000Z', 'bob', 'approve', 'd.p5', '{}', 'x', 'y')",
            "entry 5 of the audit log does not follow",
        ),
    ],
)
def test_what_was_done_to_the_log_is_found(log, place, statement, told):
    unguarded(place, statement)
    (problem,) = log.check()
    assert problem.code == "MK416"
    assert told in problem.what


def test_entries_that_change_places_are_found(log, place):
    unguarded(
        place,
        "UPDATE audit SET seq = 9 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 9",
    )
    assert "entry 2 of the audit log does not follow" in log.check()[0].what


def test_an_entry_that_was_cut_off_shows_in_the_hash_that_was_noted(log, place):
    noted = log.info().audit_head
    unguarded(place, "DELETE FROM audit WHERE seq = 4")
    assert log.check() == ()  # what is left is a chain
    assert log.info().audit_head != noted


def test_guards_that_were_taken_away_are_missed(log, place):
    if "://" in place:
        raw(place, "ALTER TABLE audit DISABLE TRIGGER ALL")
    else:
        raw(place, "DROP TRIGGER audit_refuses_delete")
    (problem,) = log.check()
    assert problem.code == "MK412"
    assert "trigger audit_refuses" in problem.what


def test_two_writers_at_once_make_one_chain(log, place):
    with open_store(place) as other:
        for n in range(3):
            log.append_audit("ann", "one", str(n), {})
            other.append_audit("bob", "two", str(n), {})
    assert log.check() == ()
    assert [row[0] for row in raw(place, "SELECT seq FROM audit ORDER BY seq")] == list(range(1, 11))


def test_a_payload_that_is_no_json_is_refused_and_nothing_is_written(log):
    with suppress(ValueError):
        log.append_audit("ann", "approve", "d.p", {"n": float("nan")})
    assert log.info().rows["audit"] == 4


def test_a_publication_and_its_entry_are_one(store, place):
    (one,) = store.publish("d.p", {"1.0.0": FILES}, by="ann", at=START)
    text = '{"p.yaml":"name: p\\nversion: 1.0.0\\n"}'
    assert one.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert (one.product, one.version, one.at, one.files, one.by) == ("d.p", "1.0.0", START, FILES, "ann")
    assert store.published() == (one,)
    assert raw(place, "SELECT actor, action, subject, payload FROM audit") == [
        ("ann", "publish", "d.p@1.0.0", f'{{"sha256": "{one.sha256}"}}')
    ]


def test_versions_that_are_kept_keep_their_own_time(store):
    store.publish("d.p", {"1.0.0": FILES}, at=START)
    store.publish("d.p", {"2.0.0": FILES}, kept=["1.0.0", "0.9.0"], at=after(days=1))
    assert [(p.version, p.at) for p in store.published(["d.p"])] == [("1.0.0", START), ("2.0.0", after(days=1))]
    store.publish("d.p", {"3.0.0": FILES}, kept=["2.0.0"], at=after(days=2))
    assert [(p.version, p.at) for p in store.published(["d.p"])] == [("2.0.0", after(days=1)), ("3.0.0", after(days=2))]
    store.publish("d.p", {"2.0.0": FILES}, kept=["2.0.0"], at=after(days=3))
    assert [(p.version, p.at) for p in store.published()] == [("2.0.0", after(days=3))]
    assert store.published(["d.q"]) == ()


def test_what_is_published_after_a_clock_went_back_counts(store):
    store.publish("d.p", {"1.0.0": FILES}, at=START)
    store.publish("d.p", {"1.1.0": FILES}, at=after(hours=-1))
    (now,) = store.published(["d.p"])
    assert now.version == "1.1.0"
    assert now.at > START


def test_an_entry_of_the_log_cannot_be_added_by_two(store):
    entry = store.append_audit("ann", "approve", "d.p", {}, at=START)
    with pytest.raises(StoreError, match=r"MK41[07]"), store._link.writing() as work:
        work.execute(audit.INSERT, {**entry._asdict(), "seq": 2})  # the same one before it, twice
