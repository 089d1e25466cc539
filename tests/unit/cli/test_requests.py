"""`meshkit access` from the command line: texts, JSON and exit codes."""

from __future__ import annotations

import json

import pytest
from tests.in_process import meshkit as run
from tests.unit.asked_mesh import folder

__all__ = ["folder"]
AT = ("--now", "2026-11-22T06:00:00Z")


@pytest.fixture
def access(folder):
    """Run `meshkit access VERB ...` on the mesh as somebody."""

    def called(verb, who, *words):
        return run("access", verb, *words, "--mesh", folder, "--as", who, *(() if verb == "audit" else AT))

    return called


def ask(access, product="prices", who="ann", *words):
    return access("request", who, product, "--purpose", "reporting", "--days", "30", "--format", "json", *words)


def test_a_request_tells_its_state_and_what_comes_next(access):
    done = access("request", "ann", "sales.orders", "--purpose", "reporting", "--until", "2026-12-31")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].startswith("granted  ")
    assert lines[0].endswith("  ann reads sales.orders for reporting until 2027-01-01 00:00 UTC")
    assert lines[1:] == [
        "  auto.approved  internal data, for a purpose that it lists and that is his own, no longer than 90 days",
        "  granted by policy at 2026-11-22 06:00 UTC",
        "next: read it for this purpose",
    ]
    waits = access("request", "ann", "prices", "--purpose", "reporting", "--days", "3", "--reason", "for the board")
    assert waits.returncode == 0
    assert "pending" in waits.stdout
    assert "  auto.classification  confidential data is never granted without an approval" in waits.stdout
    assert "next: its owner has been told" in waits.stdout


def test_what_the_policies_deny_ends_with_1_and_a_bad_call_with_2(access):
    denied = access("request", "ann", "orders", "--purpose", "fun", "--days", "3")
    assert denied.returncode == 1
    assert "purpose.not_listed  'fun' is none of its purposes; known: reporting, audit" in denied.stdout
    for words in (("orders", "--purpose", "reporting"), ("secrets", "--purpose", "reporting", "--days", "3")):
        done = access("request", "ann", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: MK001 ")
        assert done.stderr.count("\n") == 1
    assert access("request", "ann", "orders").returncode == 2


def test_what_may_be_read_anyway_is_said(access):
    done = access("request", "carl", "orders", "--purpose", "reporting", "--days", "3")
    assert done.returncode == 0
    assert "request.needless  it may be read without a request" in done.stdout
    assert done.stdout.endswith("next: nothing was recorded: read it\n")


def test_from_request_to_revocation(access):
    found = json.loads(ask(access).stdout)
    assert (found["state"], found["product"], found["until"]) == ("pending", "sales.prices", "2026-12-22T06:00:00Z")
    done = access("approve", "lea", found["id"], "--reason", "fine")
    assert done.returncode == 0
    assert "  granted by lea at 2026-11-22 06:00 UTC: fine" in done.stdout
    again = access("approve", "lea", found["id"])
    assert (again.returncode, again.stderr) == (
        2, f"error: MK601 request '{found['id']}' is granted, and cannot be approved; revoke it\n"
    )  # fmt: skip
    done = access("revoke", "ann", found["id"], "--format", "json")
    assert json.loads(done.stdout)["state"] == "revoked"
    listed = json.loads(access("list", "lea", "--format", "json").stdout)["requests"]
    assert [(r["id"], r["state"], r["revoked_by"]) for r in listed] == [(found["id"], "revoked", "ann")]
    assert "0 requests that you may see" in access("list", "eve").stdout
    assert "1 request that you may see" in access("list", "gus", "--state", "revoked").stdout
    audit = access("audit", "gus").stdout
    assert [line.split()[3] for line in audit.splitlines()[:-1]] == [
        "access.revoke",
        "access.approve",
        "access.request",
    ]
    entries = json.loads(access("audit", "gus", "--product", "sales.prices", "--format", "json").stdout)["entries"]
    assert [e["about"]["state"] for e in entries] == ["revoked", "granted", "pending"]
    assert access("audit", "eve").stdout == "0 entries that you may see\n"


def test_denials_carry_their_reason(access):
    found = json.loads(ask(access).stdout)
    done = access("deny", "lea", found["id"], "--reason", "use sales.orders")
    assert "  denied by lea at 2026-11-22 06:00 UTC: use sales.orders" in done.stdout
    own = json.loads(ask(access, "prices", "sales@example.com").stdout)
    refused = access("approve", "sales@example.com", own["id"])
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "MK602 nobody approves a request of his own" in refused.stderr
    assert access("approve", "eve", own["id"]).stderr.startswith(f"error: MK001 unknown request '{own['id']}'")


@pytest.mark.parametrize("verb", ["request", "approve", "deny", "revoke", "list", "audit", "notify"])
def test_help_teaches(verb):
    text = run("access", verb, "--help").stdout
    assert "Example" in text
    assert "Exit codes: 0" in text


def test_prune_says_how_many_requests_it_removed(access, folder):
    access("request", "ann", "orders", "--purpose", "fun", "--days", "3")
    done = run("store", "prune", "--before", "2027-01-01", "--mesh", folder)
    assert "0 runs and 1 request from before 2027-01-01T00:00:00Z removed" in done.stdout
