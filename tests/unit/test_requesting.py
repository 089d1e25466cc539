"""Asking for access, deciding, and reading by a grant, as people call it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.asked import NOW, ask, decide, log, may
from tests.unit.asked_mesh import folder, mesh, write

import meshkit
from meshkit.access_records import grants_of
from meshkit.accessing import sight_of
from meshkit.errors import AccessError, UsageError

__all__ = ["folder", "mesh"]


def test_open_data_is_granted_at_once_and_read_by_the_grant(mesh):
    assert not may(mesh)
    found = ask(mesh)
    assert (found.state, found.decided_by, found.until) == ("granted", "policy", NOW + timedelta(days=30))
    assert [r.code for r in found.reasons] == ["auto.approved"]
    assert may(mesh)
    assert not may(mesh, who="eve")
    assert not may(mesh, purpose="audit")
    assert not may(mesh, columns=["ssn"])
    assert may(mesh, now=NOW + timedelta(days=30) - timedelta(seconds=1))
    assert not may(mesh, now=NOW + timedelta(days=30))
    assert log(mesh) == [("ann", "access.request", "sales.orders")]


def test_confidential_data_waits_for_its_owner(mesh):
    found = ask(mesh, product="prices", reason="for the board")
    assert (found.state, found.product, found.decided_by) == ("pending", "sales.prices", "")
    assert not may(mesh, product="sales.prices")
    done = decide(mesh, found, "approve", "sales@example.com", reason="fine")
    assert (done.state, done.decided_by, done.decision) == ("granted", "sales@example.com", "fine")
    assert done.decided_at == NOW + timedelta(hours=1)
    assert may(mesh, product="sales.prices")
    ended = decide(mesh, found, "revoke", "lea", reason="over")
    assert (ended.state, ended.revoked_by, ended.revocation) == ("revoked", "lea", "over")
    assert not may(mesh, product="sales.prices")
    assert log(mesh) == [
        ("lea", "access.revoke", "sales.prices"),
        ("sales@example.com", "access.approve", "sales.prices"),
        ("ann", "access.request", "sales.prices"),
    ]
    with meshkit.open_store(mesh) as store:
        assert store.check() == ()


def test_under_sox_two_others_approve(mesh):
    found = ask(mesh, product="ledger", purpose="audit", who="ann")
    first = decide(mesh, found, "approve", "fin1")
    assert (first.state, first.first_by, first.decided_by) == ("approved", "fin1", "")
    assert not may(mesh, product="ledger", purpose="audit")
    with pytest.raises(AccessError, match=r"MK602 .* needs a second person, and 'fin1' approved it already"):
        decide(mesh, found, "approve", "fin1")
    assert decide(mesh, found, "approve", "fin2").state == "granted"
    assert may(mesh, product="ledger", purpose="audit")


def test_the_first_approval_of_two_may_be_followed_by_a_denial(mesh):
    found = ask(mesh, product="ledger")
    decide(mesh, found, "approve", "fin1")
    assert decide(mesh, found, "deny", "fin2").state == "denied"
    assert not may(mesh, product="ledger")


def test_nobody_approves_his_own_request_and_the_try_is_logged(mesh):
    found = ask(mesh, who="sales@example.com", product="prices")
    with pytest.raises(AccessError, match="MK602 nobody approves a request of his own"):
        decide(mesh, found, "approve", "sales@example.com")
    twin = meshkit.Principal(id="SALES@example.com ", roles=("governor",))
    with pytest.raises(AccessError, match="MK602"):
        decide(mesh, found, "approve", twin)
    assert log(mesh)[:2] == [
        ("SALES@example.com ", "access.approve.refused", "sales.prices"),
        ("sales@example.com", "access.approve.refused", "sales.prices"),
    ]
    assert decide(mesh, found, "approve", "lea").state == "granted"


def test_a_governor_decides_but_not_his_own(mesh):
    other = meshkit.Principal(id="gil", roles=("governor",), purposes=("reporting",))
    found = ask(mesh, who=other, product="prices")
    with pytest.raises(AccessError, match="MK602"):
        decide(mesh, found, "approve", other)
    assert decide(mesh, found, "approve", "gus").state == "granted"


def test_whoever_asked_takes_it_back_or_gives_it_up(mesh):
    assert decide(mesh, ask(mesh, product="prices"), "deny", "ann").state == "denied"
    assert decide(mesh, ask(mesh), "revoke", "ann").state == "revoked"
    waits = ask(mesh, product="prices")
    with pytest.raises(AccessError, match=r"MK602 'ann' may not approve requests for sales.prices; its owner does"):
        decide(mesh, waits, "approve", "ann")


def test_what_one_may_not_see_is_not_there_in_the_same_words(mesh):
    found = ask(mesh, product="prices")
    for who in ("eve", "carl", "fin1"):
        for verb in ("approve", "deny", "revoke"):
            with pytest.raises(UsageError, match=f"MK001 unknown request '{found.id}'"):
                decide(mesh, found, verb, who)
            with pytest.raises(UsageError, match="MK001 unknown request 'none'"):
                meshkit.decide_request(mesh, "none", verb, by=who)
    assert [r.id for r in meshkit.requests(mesh, "ann")] == [found.id]
    assert meshkit.requests(mesh, "eve") == []
    assert meshkit.requests(mesh, None) == []
    assert [r.id for r in meshkit.requests(mesh, "lea")] == [found.id]
    assert meshkit.requests(mesh, "fin1") == []
    assert meshkit.access_log(mesh, "eve") == []
    assert len(meshkit.access_log(mesh, "lea")) == 1
    said = []
    for name in ("sales.secrets", "sales.secretz"):
        with pytest.raises(UsageError) as error:
            ask(mesh, product=name)
        said.append(str(error.value).replace(name, "X"))
    assert said[0] == said[1]
    assert len(meshkit.requests(mesh, "gus")) == 1


def test_a_grant_shows_a_product_that_became_private(mesh, folder):
    decide(mesh, ask(mesh, product="prices"), "approve", "lea")
    write(folder, "prices", "1.0.0", "sales", "restricted", "private")
    changed = meshkit.load(folder)
    assert may(changed, product="prices")
    shown = [p.id for p in filter(sight_of(changed, meshkit.Principal(id="ann"), NOW), changed.products)]
    assert "sales.prices" in shown
    assert [h.product for h in meshkit.search(changed, "prices", principal="ann", now=NOW).hits] == ["sales.prices"]
    assert meshkit.search(changed, "prices", principal="eve", now=NOW).hits == ()


def test_what_nobody_approved_ends_when_the_product_is_not_open_any_more(mesh, folder):
    ask(mesh)
    assert may(mesh)
    write(folder, "orders", "1.0.0", "sales", "confidential", "public")
    assert not may(meshkit.load(folder))


def test_a_grant_is_of_all_versions_so_that_each_has_a_say(folder):
    write(folder, "orders", "2.0.0", "sales", "restricted", "public")
    with (folder / "orders_1.0.0.yaml").open("a") as file:
        file.write("status: deprecated\n")
    found = ask(meshkit.load(folder), product="sales.orders@1.0.0")
    assert (found.state, found.version) == ("pending", "1.0.0")
    assert [r.code for r in found.reasons] == ["auto.classification"]


def test_a_column_that_needs_an_approval_is_read_once_it_was_named_and_approved(mesh):
    ask(mesh)
    found = ask(mesh, columns=["SSN"])
    assert (found.state, found.columns) == ("pending", ("t.ssn",))
    assert not may(mesh, columns=["ssn"])
    decide(mesh, found, "approve", "lea")
    assert may(mesh, columns=["ssn"])


def test_asking_again_gives_the_request_that_is_there(mesh):
    first = ask(mesh, product="prices")
    again = ask(mesh, product="prices", now=NOW + timedelta(minutes=5), reason="please")
    assert again == first
    short = ask(mesh)
    assert ask(mesh).id == short.id
    longer = ask(mesh, days=60)
    assert longer.id != short.id
    assert ask(mesh).id == longer.id  # it holds for as long, and longer
    assert len(meshkit.requests(mesh, "ann", now=NOW)) == 3


def test_what_may_be_read_anyway_is_said_and_not_kept(mesh):
    found = ask(mesh, who="carl")
    assert (found.id, found.state) == ("", "granted")
    assert [r.code for r in found.reasons] == ["read.rule", "purpose.listed", "request.needless"]
    assert meshkit.requests(mesh, "gus") == []
    assert grants_of(mesh, meshkit.Principal(id="carl"), NOW) == ()
    assert log(mesh) == [("carl", "access.request", "sales.orders")]


def test_what_the_policies_deny_is_kept_with_their_reasons(mesh, folder):
    found = ask(mesh, purpose="fun")
    assert (found.state, found.decided_by) == ("denied", "policy")
    assert [(r.code, r.hint) for r in found.reasons] == [("purpose.not_listed", "known: reporting, audit")]
    assert [r.state for r in meshkit.requests(mesh, "ann", state="denied")] == ["denied"]
    with pytest.raises(AccessError, match=r"MK601 .* is denied, and cannot be approved; a new request can be made"):
        decide(mesh, found, "approve", "lea")
    file = folder / "orders_1.0.0.yaml"
    text = file.read_text()
    for wrong, code in (("status: draft\n", "status.draft"), ("status: retired\n", "status.retired")):
        file.write_text(text + wrong)
        assert [r.code for r in ask(meshkit.load(folder)).reasons] == [code]


def test_a_request_that_was_overtaken_by_its_contract_is_not_approved(mesh, folder):
    found = ask(mesh, product="prices")
    file = folder / "prices_1.0.0.yaml"
    text = file.read_text()
    file.write_text(text.replace("[reporting, audit]", "[audit]"))
    with pytest.raises(AccessError, match=r"cannot be granted any more: 'reporting' is none of its purposes; deny it"):
        decide(meshkit.load(folder), found, "approve", "lea")
    file.write_text(text + "status: retired\n")
    with pytest.raises(AccessError, match="it is retired"):
        decide(meshkit.load(folder), found, "approve", "lea")
    file.unlink()
    with pytest.raises(UsageError, match="unknown request"):  # nobody owns it any more
        decide(meshkit.load(folder), found, "approve", "lea")
    with pytest.raises(AccessError, match=r"MK601 there is no product sales.prices any more"):
        decide(meshkit.load(folder), found, "approve", "gus")
    assert decide(meshkit.load(folder), found, "deny", "gus").state == "denied"


def test_nobody_decides_what_has_expired(mesh):
    found = ask(mesh, product="prices", until=NOW + timedelta(hours=1))
    with pytest.raises(AccessError, match=r"MK601 .* is expired, and cannot be approved"):
        decide(mesh, found, "approve", "lea")
    assert [r.state for r in meshkit.requests(mesh, "ann", now=NOW + timedelta(hours=1))] == ["expired"]
    assert meshkit.requests(mesh, "ann", state="pending", now=NOW + timedelta(hours=1)) == []
    assert len(meshkit.requests(mesh, "ann", state="expired", now=NOW + timedelta(hours=1))) == 1
    late = NOW + timedelta(minutes=59, seconds=59)
    assert decide(mesh, found, "approve", "lea", now=late).state == "granted"


def test_a_clock_that_goes_back_gives_nothing_that_was_revoked(mesh):
    found = ask(mesh)
    decide(mesh, found, "revoke", "lea")
    assert not may(mesh, now=NOW - timedelta(days=1))
    waits = ask(mesh, product="prices")
    done = decide(mesh, waits, "approve", "lea", now=NOW - timedelta(days=1))
    assert done.decided_at == done.requested_at == NOW


@pytest.mark.parametrize(
    ("keys", "end"),
    [
        ({"days": 1}, NOW + timedelta(days=1)),
        ({"until": "2026-12-31"}, datetime(2027, 1, 1, tzinfo=UTC)),  # the day is the last one
        ({"until": date(2026, 11, 22)}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"until": "2026-12-31T12:00:00+02:00"}, datetime(2026, 12, 31, 10, tzinfo=UTC)),
        ({"until": datetime(2026, 12, 31, 10)}, datetime(2026, 12, 31, 10, tzinfo=UTC)),  # naive is UTC
    ],
)
def test_when_access_ends(mesh, keys, end):
    assert ask(mesh, **keys).until == end


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"purpose": " "}, "a request needs a purpose"),
        ({"purpose": "x" * 201}, "a purpose is one line of at most 200 characters"),
        ({"purpose": "a\nb"}, "a purpose is one line"),
        ({"days": None}, "a request needs an end"),
        ({"days": 3, "until": "2026-12-31"}, "a request needs an end"),
        ({"days": 0}, "'0' is no number of days"),
        ({"days": -1}, "'-1' is no number of days"),
        ({"days": 10**12}, "no request can be for so long"),
        ({"until": "9999-12-31"}, "no request can be for so long"),
        ({"until": "2026-11-21"}, "2026-11-22 00:00 UTC is over"),
        ({"until": NOW.isoformat()}, "2026-11-22 06:00 UTC is over"),
        ({"until": "soon"}, "is not a time"),
        ({"until": "2026-02-30"}, "is not a time"),
        ({"reason": "x" * 2001}, "the reason has more than 2,000 characters"),
        ({"columns": ["id"] * 1001}, "no names of columns, or too many"),
        ({"columns": ["a\x00"]}, "no names of columns"),
        ({"who": None}, "nobody said who is asking"),
        ({"who": meshkit.Principal(id="a\nb")}, "the id of who asks"),
        ({"who": "nobody-knows"}, "no principal is called 'nobody-knows'"),
    ],
)  # fmt: skip
def test_a_bad_call_is_an_error_and_is_not_kept(mesh, folder, keys, message):
    with pytest.raises(meshkit.MeshkitError, match=message):
        ask(mesh, **keys)
    assert not (folder / ".meshkit").exists()


def test_texts_of_others_never_reach_the_terminal_as_they_are(mesh, folder):
    from tests.in_process import meshkit as run

    ask(mesh, product="prices", reason="a\x1b[2J\nmeshkit: approved!\x00 <script>" + "y" * 900)
    listed = run("access", "list", "--mesh", folder, "--as", "lea").stdout
    assert "\x1b" not in listed
    assert "\x00" not in listed
    assert [line for line in listed.splitlines() if line.startswith("meshkit:")] == []
    assert "says: a�[2J meshkit: approved!� <script>yyy" in listed
    assert max(map(len, listed.splitlines())) < 250
