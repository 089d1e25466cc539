"""What is kept of requests: without a store, after a crash, with many at once, and in the log."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import timedelta

import pytest
from tests.unit.asked import NOW, ask, decide, log, may
from tests.unit.asked_mesh import folder, mesh

import meshkit
from meshkit.errors import AccessError, StoreError, UsageError

__all__ = ["folder", "mesh"]


def test_without_a_store_there_are_no_requests_and_no_grants(mesh, folder, monkeypatch):
    one = meshkit.load(folder / "orders_1.0.0.yaml")
    with pytest.raises(AccessError, match=r"MK603 .* is one file, and has no store .*; give the folder of the mesh"):
        ask(one, who=meshkit.Principal(id="ann", purposes=("reporting",)))
    monkeypatch.setenv("MESHKIT_STORE", "off")
    with pytest.raises(AccessError, match=r"MK603 .* MESHKIT_STORE is off"):
        ask(mesh)
    assert not may(mesh)
    with pytest.raises(AccessError, match="MK603"):
        meshkit.record_access(mesh, [])


def test_reading_never_makes_a_store(mesh, folder):
    assert not may(mesh)
    assert meshkit.requests(mesh, "gus") == []
    assert meshkit.access_log(mesh, "gus") == []
    with pytest.raises(UsageError, match="unknown request"):
        meshkit.decide_request(mesh, "x", "approve", by="gus")
    assert not (folder / ".meshkit").exists()


def test_a_store_that_cannot_be_read_holds_no_grants_and_says_so(mesh, folder, caplog):
    ask(mesh)
    assert may(mesh)
    (folder / ".meshkit" / "store.db").write_text("no database at all, but long enough to be looked at as one" * 20)
    with caplog.at_level(logging.WARNING, "meshkit.store"):
        assert not may(mesh)
    assert "no grant is known: MK412" in caplog.text
    with pytest.raises(StoreError, match="MK412"):
        ask(mesh)


def test_grants_that_are_given_stand_in_for_the_store(mesh):
    ask(mesh)
    assert not may(mesh, grants=())
    given = meshkit.Grant(principal="eve", product="sales.orders", until=NOW + timedelta(days=1))
    assert may(mesh, who="eve", grants=[given])


def test_a_restart_forgets_nothing(mesh, folder):
    ask(mesh)
    code = (
        "import meshkit\n"
        f"found = meshkit.decide(meshkit.load({str(folder)!r}), 'ann', 'sales.orders', purpose='reporting', now='2026-11-23')\n"
        "print(found.allowed, found.reasons[0].code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True grant\n"


def test_a_crash_in_the_middle_leaves_nothing_behind(mesh, folder):
    found = ask(mesh, product="prices")
    code = (
        "import os, meshkit\n"
        "from meshkit.store import audit\n"
        "audit.append_in = lambda *_: os._exit(9)\n"
        f"meshkit.decide_request(meshkit.load({str(folder)!r}), {found.id!r}, 'approve', by='lea', now='2026-11-22T07:00')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert [r.state for r in meshkit.requests(mesh, "ann", now=NOW)] == ["pending"]
    assert decide(mesh, found, "approve", "lea").state == "granted"
    with meshkit.open_store(mesh) as store:
        assert store.check() == ()


def test_of_processes_that_decide_at_once_exactly_one_does(mesh, folder):
    found = ask(mesh, product="prices")
    code = (
        "import sys, meshkit\n"
        "verb, by = sys.argv[1:]\n"
        f"mesh = meshkit.load({str(folder)!r})\n"
        "sys.stdin.readline()\n"
        "try:\n"
        f"    print(meshkit.decide_request(mesh, {found.id!r}, verb, by=by, now='2026-11-22T07:00').state)\n"
        "except meshkit.AccessError as error:\n"
        "    print(error.code)\n"
    )
    several = [
        subprocess.Popen(
            [sys.executable, "-c", code, verb, by], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for verb, by in (("approve", "lea"), ("deny", "gus"), ("approve", "sales@example.com"), ("deny", "ann"))
    ]
    for process in several:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.communicate(timeout=60)[0].strip() for process in several)
    assert said[:3] == ["MK601"] * 3
    assert said[3] in ("granted", "denied")
    (kept,) = meshkit.requests(mesh, "ann", now=NOW + timedelta(hours=2))
    assert kept.state == said[3]
    assert len(log(mesh)) == 2


def test_who_is_overtaken_is_told(mesh, monkeypatch):
    from meshkit.store.requests import Requests

    found = ask(mesh, product="prices")
    move = Requests.move

    def overtaken(self, *arguments):
        monkeypatch.setattr(Requests, "move", move)
        decide(mesh, found, "deny", "gus")
        return move(self, *arguments)

    monkeypatch.setattr(Requests, "move", overtaken)
    with pytest.raises(AccessError, match=f"MK601 request '{found.id}' is denied: somebody else was quicker"):
        decide(mesh, found, "approve", "lea")


def test_a_read_is_logged_without_values_and_fails_closed(mesh, folder):
    ask(mesh)
    decision = meshkit.decide(mesh, "ann", "sales.orders", purpose="reporting", now=NOW)
    query = "SELECT id FROM orders WHERE ssn = '123-45-6789' AND id > 41 -- hunter2"
    meshkit.record_access(mesh, [decision], query=query, columns={"sales.orders": ["t.id"]}, rows=3, now=NOW)
    entry = meshkit.access_log(mesh, "gus")[0]
    about = json.loads(entry.payload)
    assert (entry.actor, entry.action, entry.subject) == ("ann", "access.read", "sales.orders")
    assert about["sql"] == "SELECT id FROM orders WHERE ssn = ? AND id > ?"
    assert about == {
        "action": "read", "allowed": True, "codes": ["grant", "purpose.listed"], "columns": ["t.id"], "outcome": "answered",
        "purpose": "reporting", "rows": 3, "version": "1.0.0", "sql": about["sql"], "sql_sha256": about["sql_sha256"],
    }  # fmt: skip
    assert not any(secret in entry.payload for secret in ("123-45", "41", "hunter2"))
    other = query.replace("123-45-6789", "999-99-9999")
    meshkit.record_access(mesh, [decision], query=other, now=NOW)
    assert json.loads(meshkit.access_log(mesh, "gus")[0].payload)["sql_sha256"] == about["sql_sha256"]  # tells no value
    (folder / ".meshkit" / "store.db").write_text("no database" * 100)
    with pytest.raises(AccessError, match="MK604 the audit log cannot be written, and nothing is read without it"):
        meshkit.record_access(mesh, [decision], query=query, now=NOW)


def test_a_refusal_is_logged_and_so_is_each_product_of_a_query(mesh):
    denied = meshkit.decide(mesh, "eve", "sales.orders", purpose="reporting", now=NOW, grants=())
    allowed = meshkit.decide(mesh, "carl", "sales.orders", purpose="reporting", now=NOW)
    meshkit.record_access(mesh, [denied, allowed], query="SELECT 'unclosed", now=NOW)
    entries = meshkit.access_log(mesh, "gus")
    assert [(e.actor, json.loads(e.payload)["allowed"]) for e in entries] == [("carl", True), ("eve", False)]
    about = json.loads(entries[0].payload)
    assert (about["outcome"], about["sql"], about["sql_sha256"]) == ("refused", "", None)


def test_a_decision_alone_is_a_question_and_is_not_logged(mesh, folder):
    may(mesh)
    assert not (folder / ".meshkit").exists()


def test_policies_judge_grants_and_how_long_requests_wait(mesh, folder):
    (folder / "governance.yaml").write_text(
        "governance:\n  policies:\n"
        "    - {id: short, over: grant, require: days_left < 20, message: '{principal} reads for {days_left} days'}\n"
        "    - {id: quick, over: product, when: median_request_hours IS NOT NULL, require: median_request_hours <= 24,\n"
        "       message: '{median_request_hours} hours'}\n"
    )
    loaded = meshkit.load(folder)
    at = NOW + timedelta(hours=48)
    before = meshkit.govern(loaded, now=at)
    assert {p.unknown for p in before.products} == {
        (("short", "it needs requests for access, and none exist yet"),
         ("quick", "it needs requests for access, and none exist yet"))
    }  # fmt: skip
    ask(loaded)  # granted at once
    ask(loaded, product="prices")  # waits for 48 hours
    after = {
        p.product: [(v.policy_name, v.message) for v in p.violations] for p in meshkit.govern(loaded, now=at).products
    }
    assert after == {
        "finance.ledger": [],
        "sales.orders": [("short", "ann reads for 28.0 days")],
        "sales.prices": [("quick", "48.0 hours")],
        "sales.secrets": [],
    }
    assert not any(p.unknown for p in meshkit.govern(loaded, now=at).products)
    assert all(p.unknown for p in meshkit.govern(loaded, "pr", now=at).products)
