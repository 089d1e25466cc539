"""What policies say of a request at once, who decides the rest, and every state with every verb. Worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meshkit.access.decide import Asked, Subject, decide
from meshkit.access.requests import Wanted, assess, right_to_decide, same_person, step
from meshkit.errors import AccessError, Place
from meshkit.model.access import Action, Grant, Principal
from meshkit.model.contract import Access, Contract, Owner, Rule, Status
from meshkit.model.governance import AccessControlForm
from meshkit.model.request import AccessRequest, RequestState, Verb
from meshkit.model.table import Column, Table

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
ANN = Principal(id="ann", roles=("analyst",), domains=("finance",), purposes=("reporting", "audit"))
COLUMNS = (
    Column(name="id", type="integer"),
    Column(name="email", type="string", is_pii=True, pii_category="email"),
    Column(name="ssn", type="string"),
    Column(name="salary", type="integer", classification="restricted"),
    Column(name="margin", type="integer", classification="Confidential"),
)
PLAIN = COLUMNS[:3]
GUARD = AccessControlForm(approval_required=["SSN"])
OWNER = Owner(team="order-team", contact="owner@example.com")


def product(classification="internal", purposes=("reporting",), columns=PLAIN, **keys) -> Contract:
    table = Table(name="orders", names=("orders",), columns=columns)
    access = Access(read=(Rule(role="nobody"),), purposes=tuple(purposes))
    return Contract(
        name="orders", version="1.0.0", domain="sales", classification=classification, access=access, tables=(table,),
        owner=OWNER, **keys,
    )  # fmt: skip


def subject(contract, guard=GUARD, is_stopped=False) -> Subject:
    return Subject("sales.orders", contract, lambda _, **__: Place("o.yaml", 1, 1), is_stopped, guard)


def said(contract, who=ANN, purpose="reporting", days=30, columns=(), guard=GUARD, is_stopped=False):
    wanted = Wanted(purpose, NOW, NOW + timedelta(days=days), columns)
    found = assess(who, subject(contract, guard, is_stopped), wanted)
    return str(found.state), [r.code for r in found.reasons]


GRANTED, LISTED = ("granted", ["auto.approved"]), product(purposes=("reporting", "audit"))


@pytest.mark.parametrize(
    ("contract", "asked", "answer"),
    [
        # granted at once: open data, a listed purpose that is his own, no column that needs a person, not too long
        (product("public"), {}, GRANTED),
        (product("Internal"), {}, GRANTED),
        (product(""), {"guard": AccessControlForm(default_access="internal")}, GRANTED),
        (product(), {"days": 90}, GRANTED),
        (product(), {"columns": ("id", "orders.email")}, GRANTED),  # masked columns stay masked
        (product(columns=(*PLAIN, COLUMNS[3])), {}, GRANTED),  # what is withheld stays so: nobody named it
        # a person looks: the classification
        (product("confidential"), {}, ("pending", ["auto.classification"])),
        (product("restricted"), {}, ("pending", ["auto.classification"])),
        (product(""), {}, ("pending", ["auto.classification"])),  # nothing said is confidential
        (product("secret"), {}, ("pending", ["auto.classification"])),  # no such word is restricted
        (product(""), {"guard": None}, ("pending", ["auto.classification"])),
        # the purpose
        (product(purposes=()), {}, ("pending", ["auto.no_purposes"])),
        (product(purposes=()), {"purpose": "fun"}, ("pending", ["auto.no_purposes", "auto.purpose"])),
        (product(purposes=("modelling",)), {"purpose": "modelling"}, ("pending", ["auto.purpose"])),
        # a column
        (product(), {"columns": ("ssn",)}, ("pending", ["auto.column"])),
        (product(), {"columns": ("ORDERS.Ssn",)}, ("pending", ["auto.column"])),
        (product(columns=COLUMNS[3:4]), {"columns": ("salary",)}, ("pending", ["auto.column"])),
        (product(columns=COLUMNS[4:]), {}, ("pending", ["auto.column"])),  # a confidential column that would be seen
        (product(columns=COLUMNS), {"columns": ("id",)}, GRANTED),
        # the duration
        (product(), {"days": 91}, ("pending", ["auto.duration"])),
        (product(), {"days": 8, "guard": AccessControlForm(auto_approve_days=7)}, ("pending", ["auto.duration"])),
        (product(), {"days": 1, "guard": AccessControlForm(auto_approve_days=0)}, ("pending", ["auto.duration"])),
        (product(), {"days": 180, "guard": AccessControlForm(auto_approve_days=180)}, GRANTED),
        # the domain
        (product(), {"guard": AccessControlForm(sox_compliance=True)}, ("pending", ["auto.two_approvals"])),
        # all that speaks against it is told
        (product("confidential"), {"days": 100, "columns": ("ssn",)},
         ("pending", ["auto.classification", "auto.column", "auto.duration"])),
        # never
        (product(), {"purpose": "Reporting"}, ("denied", ["purpose.not_listed"])),
        (product(), {"purpose": "reporting "}, ("denied", ["purpose.not_listed"])),
        (product(), {"days": 366}, ("denied", ["duration.too_long"])),
        (product("restricted"), {"days": 365}, ("pending", ["auto.classification", "auto.duration"])),
        (product(), {"days": 31, "guard": AccessControlForm(max_days=30)}, ("denied", ["duration.too_long"])),
        (product(), {"days": 30, "guard": AccessControlForm(max_days=30)}, GRANTED),
        (product(), {"days": 30, "guard": AccessControlForm(max_days=0)}, ("denied", ["duration.too_long"])),
        (product(), {"columns": ("nothing",)}, ("denied", ["column.unknown"])),
        (product(status=Status.DRAFT), {}, ("denied", ["status.draft"])),
        (product(status=Status.RETIRED), {}, ("denied", ["status.retired"])),
        (product(status=Status.DEPRECATED), {}, GRANTED),
        (product(), {"is_stopped": True}, ("denied", ["contract.errors"])),
        (product(row_filter="region = principal.region"), {}, ("denied", ["filter.attribute"])),
        (product("restricted", status=Status.RETIRED), {"purpose": "x", "days": 400},
         ("denied", ["status.retired", "purpose.not_listed", "duration.too_long"])),
    ],
)  # fmt: skip
def test_what_policies_say_at_once(contract, asked, answer):
    assert said(contract, **asked) == answer


def test_the_longest_time_is_to_the_second():
    wanted = Wanted("reporting", NOW, NOW + timedelta(days=90, seconds=1))
    assert assess(ANN, subject(product()), wanted).reasons[0].code == "auto.duration"


def request(state=RequestState.PENDING, **keys) -> AccessRequest:
    values = {
        "id": "r1", "product": "sales.orders", "version": "1.0.0", "principal": "ann", "purpose": "reporting",
        "until": NOW + timedelta(days=30), "state": state, "requested_at": NOW, "first_by": "bob" if state == "approved" else "",
    }  # fmt: skip
    return AccessRequest(**{**values, **keys})


LEADS = {
    ("pending", "approve", False): "granted",
    ("pending", "approve", True): "approved",
    ("approved", "approve", False): "granted",
    ("approved", "approve", True): "granted",
    ("pending", "deny", False): "denied",
    ("pending", "deny", True): "denied",
    ("approved", "deny", False): "denied",
    ("approved", "deny", True): "denied",
    ("granted", "revoke", False): "revoked",
    ("granted", "revoke", True): "revoked",
}


@pytest.mark.parametrize("wants_two", [False, True])
@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", RequestState)
def test_every_state_with_every_verb(state, verb, wants_two):
    leads = LEADS.get((str(state), str(verb), wants_two))
    if leads:
        assert step(request(state), verb, "carl", wants_two=wants_two) == leads
        return
    with pytest.raises(AccessError, match=rf"MK601 request 'r1' is {state}, and cannot be (approved|denied|revoked); "):
        step(request(state), verb, "carl", wants_two=wants_two)


@pytest.mark.parametrize("by", ["ann", "ANN", " ann ", "a\u200bnn", "ａｎｎ", "an\u00adn"])
@pytest.mark.parametrize("wants_two", [False, True])
def test_nobody_approves_his_own_request_under_any_spelling(by, wants_two):
    for state in (RequestState.PENDING, RequestState.APPROVED):
        with pytest.raises(AccessError, match="MK602 nobody approves a request of his own"):
            step(request(state), Verb.APPROVE, by, wants_two=wants_two)


@pytest.mark.parametrize("by", ["bob", "Bob", "b ob"])
def test_the_second_approval_is_of_a_second_person(by):
    with pytest.raises(AccessError, match="MK602 request 'r1' needs a second person, and 'bob' approved it already"):
        step(request(RequestState.APPROVED), Verb.APPROVE, by, wants_two=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("ann", "Ann", True), ("straße", "STRASSE", True), ("a b", "ab", True), ("ann", "anna", False), ("ann", "bob", False)],
)  # fmt: skip
def test_who_may_be_the_same_person(one, other, same):
    assert same_person(one, other) is same


@pytest.mark.parametrize(
    ("who", "right"),
    [
        (Principal(), ""),
        (Principal(roles=("governor",)), ""),  # nobody that is known
        (Principal(id="gus", roles=("governor",)), "governor"),
        (Principal(id="gus", roles=("Governor",)), ""),
        (Principal(id="owner@example.com"), "owner"),
        (Principal(id="Owner@example.com"), ""),  # no right by a likeness
        (Principal(id="order-team"), "owner"),
        (Principal(id="tim", roles=("order-team",), domains=("sales",)), "owner"),
        (Principal(id="tim", roles=("order-team",)), ""),  # a team of that name elsewhere
        (Principal(id="tim", roles=("order-team",), domains=("finance",)), ""),
        (Principal(id="tim", domains=("sales",)), ""),  # of the domain, but not of the team
        (Principal(id="lea", roles=("Sales Lead",), domains=("sales",)), "owner"),
        (Principal(id="Sales Lead"), "owner"),
        (Principal(id="eve", roles=("",), domains=("sales", "")), ""),
    ],
)
def test_who_decides(who, right):
    assert right_to_decide(who, subject(product()), "Sales Lead") == right


def test_of_what_nobody_owns_only_a_governor_decides():
    ownerless = product().model_copy(update={"owner": Owner()})
    assert right_to_decide(Principal(id="eve", roles=("",), domains=("sales",)), subject(ownerless)) == ""
    gus = Principal(id="gus", roles=("governor",))
    assert right_to_decide(gus, subject(ownerless)) == "governor"
    assert right_to_decide(gus, None) == "governor"
    assert right_to_decide(Principal(id="owner@example.com"), subject(product(), is_stopped=True)) == ""


@pytest.mark.parametrize("state", RequestState)
def test_what_was_to_end_has_expired_on_that_second(state):
    one = request(state)
    is_open = state in ("pending", "approved", "granted")
    assert one.at(one.until - timedelta(microseconds=1)).state == state
    assert one.at(one.until).state == ("expired" if is_open else state)
    assert one.at(NOW).state == state  # the clock went back: nothing was written, and nothing is lost


def read(contract, grant, columns=(), purpose="reporting", action=Action.READ, now=NOW):
    return decide(ANN, subject(contract), Asked(action, now, purpose, columns), [grant])


def test_what_nobody_approved_opens_nothing_that_needs_a_person():
    by_policy = request(RequestState.GRANTED, decided_by="policy", columns=("orders.ssn",)).grant
    by_person = request(RequestState.GRANTED, decided_by="owner@example.com", columns=("orders.ssn",)).grant
    assert (by_policy.approved, by_person.approved) == (False, True)
    assert read(product(), by_policy).allowed
    assert read(product("confidential"), by_person).allowed
    assert not read(product("confidential"), by_policy).allowed  # it was internal when it was granted
    assert not read(product("restricted"), by_policy).allowed
    assert read(product("restricted"), by_person, columns=("ssn",)).allowed
    assert [r.code for r in read(product(), by_policy, columns=("ssn",)).reasons][-1] == "column.approval"


def test_a_grant_names_a_column_of_one_table():
    other = Table(name="people", names=("people",), columns=(Column(name="ssn", type="string"),))
    contract = product("confidential")
    both = contract.model_copy(update={"tables": (*contract.tables, other)})
    grant = Grant(principal="ann", product="sales.orders", columns=("orders.ssn",), until=NOW + timedelta(days=1))
    sights = {f"{c.table}.{c.column}": str(c.sight) for c in read(both, grant).columns}
    assert (sights["orders.ssn"], sights["people.ssn"]) == ("clear", "withheld")


def test_whoever_holds_a_grant_knows_of_the_product_whatever_its_purpose():
    grant = request(RequestState.GRANTED, decided_by="bob").grant
    assert read(product("restricted"), grant, purpose="", action=Action.DISCOVER).allowed
    assert not read(product("restricted"), grant, purpose="audit").allowed
    assert not read(product("restricted"), grant, now=NOW + timedelta(days=30)).allowed
