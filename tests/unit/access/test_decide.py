"""Decision tables: who may know of, read and publish a product. Each row was worked out by hand from docs/access.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meshkit.access.decide import Asked, Subject, classification_of, decide
from meshkit.errors import Place
from meshkit.model.access import NOBODY, Action, Grant, Principal
from meshkit.model.contract import Access, Contract, Rule, Status
from meshkit.model.governance import AccessControlForm
from meshkit.model.table import Column, Table

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
ANN = Principal(
    id="ann", roles=("analyst",), domains=("finance",), purposes=("reporting",), attributes={"region": "north"}
)
SAM = Principal(id="sam", roles=("engineer",), domains=("sales",), purposes=("reporting", "audit"))
BOB = Principal(id="bob", roles=("analyst",), domains=("sales",))
ANALYSTS, FINANCE = Rule(role="analyst"), Rule(domain="finance")
COLUMNS = (
    Column(name="id", type="integer"),
    Column(name="email", type="string", is_pii=True, pii_category="email"),
    Column(name="iban", type="string", is_pii=True, pii_category="iban"),
    Column(name="phone", type="string", is_pii=True, pii_category="phone", mask="partial"),
    Column(name="ssn", type="string"),
    Column(name="salary", type="decimal(9,2)", classification="Restricted"),
    Column(name="e_mail", type="string"),
    Column(name="person", type="object", fields=(Column(name="nick", type="string", is_pii=True),)),
)
GUARD = AccessControlForm(pii_fields=["E_MAIL"], approval_required=["SSN"])


def product(classification="", discovery="", read=(), write=(), purposes=(), unmask=(), **keys) -> Contract:
    access = Access(
        discovery=discovery, read=tuple(read), write=tuple(write), purposes=tuple(purposes), unmask=tuple(unmask)
    )
    table = Table(name="orders", names=("orders",), columns=keys.pop("columns", COLUMNS))
    return Contract(
        name="orders",
        version="1.0.0",
        domain="sales",
        classification=classification,
        access=access,
        tables=(table,),
        **keys,
    )


def asked(contract, principal, action="read", purpose="", columns=(), grants=(), guard=None, is_stopped=False, now=NOW):
    subject = Subject("sales.orders", contract, lambda _, **__: Place("o.yaml", 1, 1), is_stopped, guard)
    return decide(principal, subject, Asked(Action(action), now, purpose, columns), grants)


def codes(decision) -> list[str]:
    return [r.code for r in decision.reasons]


@pytest.mark.parametrize(
    ("classification", "discovery", "read", "who", "seen"),
    [
        # nothing said: by the classification
        ("public", "", (), NOBODY, True),
        ("internal", "", (), NOBODY, True),
        ("confidential", "", (), NOBODY, False),
        ("confidential", "", (), ANN, False),
        ("confidential", "", (), BOB, True),  # of its domain
        ("restricted", "", (), BOB, False),
        ("", "", (), ANN, False),  # confidential where nothing is said
        ("secret", "", (), BOB, False),  # no such word: restricted
        # said
        ("restricted", "public", (), NOBODY, True),
        ("public", "domain", (), NOBODY, False),
        ("public", "domain", (), ANN, False),
        ("public", "domain", (), SAM, True),
        ("public", "Domain", (), SAM, True),
        ("public", "private", (), SAM, False),
        ("public", "nobody-knows", (), SAM, False),  # no such word: private
        # who may read may know
        ("restricted", "private", (ANALYSTS,), ANN, True),
        ("restricted", "private", (ANALYSTS,), SAM, False),
        ("restricted", "private", (Rule(),), ANN, False),  # a rule that names nobody
    ],
)
def test_who_may_know_of_it(classification, discovery, read, who, seen):
    assert asked(product(classification, discovery, read), who, "discover").allowed is seen


@pytest.mark.parametrize(
    ("classification", "read", "who", "allowed", "code"),
    [
        ("public", (), ANN, True, "classification.open"),
        ("internal", (), ANN, True, "classification.open"),
        ("confidential", (), BOB, False, "classification.closed"),
        ("restricted", (), BOB, False, "classification.restricted"),
        ("", (), ANN, False, "classification.closed"),
        ("public", (), NOBODY, False, "principal.unknown"),
        ("public", (ANALYSTS,), SAM, False, "read.no_rule"),  # a rule that is there is meant
        ("confidential", (ANALYSTS,), ANN, True, "read.rule"),
        ("confidential", (FINANCE,), ANN, True, "read.rule"),
        ("confidential", (FINANCE,), BOB, False, "read.no_rule"),
        ("confidential", (Rule(role="analyst", domain="finance"),), ANN, True, "read.rule"),
        ("confidential", (Rule(role="analyst", domain="finance"),), BOB, False, "read.no_rule"),  # both, or not at all
        ("confidential", (Rule(),), ANN, False, "read.no_rule"),
        ("confidential", (Rule(role="Analyst"),), ANN, False, "read.no_rule"),  # roles are words, not nearly
        ("restricted", (ANALYSTS,), ANN, False, "classification.restricted"),  # a rule alone does not do
        ("Confidential", (ANALYSTS,), ANN, True, "read.rule"),
    ],
)
def test_who_may_read_it(classification, read, who, allowed, code):
    found = asked(product(classification, read=read), who)
    assert (found.allowed, codes(found)[0]) == (allowed, code)
    assert all(r.place is not None for r in found.reasons)


@pytest.mark.parametrize(
    ("listed", "his", "purpose", "allowed", "code"),
    [
        ((), (), "", True, "purpose.free"),
        ((), (), "reporting", False, "purpose.not_his"),
        ((), ("reporting",), "reporting", True, "purpose.free"),
        (("reporting",), ("reporting",), "", False, "purpose.missing"),
        (("reporting",), ("reporting",), "reporting", True, "purpose.listed"),
        (("reporting",), ("reporting", "audit"), "audit", False, "purpose.not_listed"),
        (("reporting",), (), "reporting", False, "purpose.not_his"),
        (("reporting",), ("reporting",), "Reporting", False, "purpose.not_listed"),
    ],
)
def test_what_for(listed, his, purpose, allowed, code):
    who = ANN.model_copy(update={"purposes": his})
    found = asked(product("internal", purposes=listed), who, purpose=purpose)
    assert (found.allowed, codes(found)[-1]) == (allowed, code)


@pytest.mark.parametrize(
    ("write", "who", "allowed", "code"),
    [
        ((), SAM, True, "write.domain"),
        ((), ANN, False, "write.domain"),
        ((FINANCE,), SAM, False, "write.no_rule"),
        ((FINANCE,), ANN, True, "write.rule"),
        ((), NOBODY, False, "principal.unknown"),
    ],
)
def test_who_may_publish_it(write, who, allowed, code):
    found = asked(product("public", write=write), who, "publish")
    assert (found.allowed, codes(found)) == (allowed, [code])


def grant(**changes) -> Grant:
    return Grant(**({"principal": "ann", "product": "sales.orders", "until": NOW + timedelta(hours=1)} | changes))


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (grant(), True),
        (grant(until=NOW), False),  # it has ended
        (grant(principal="bob"), False),
        (grant(product="sales.orders2"), False),
        (grant(purpose="audit"), False),
        (grant(purpose="reporting"), True),
    ],
)
def test_a_grant_opens_what_is_restricted_for_him_until_it_ends(given, allowed):
    contract = product("restricted", purposes=("reporting", "audit"))
    assert asked(contract, ANN, purpose="reporting", grants=[given]).allowed is allowed


def test_what_a_request_could_bring_is_said():
    assert asked(product("restricted"), ANN).needs == "grant"
    assert asked(product("restricted"), NOBODY).needs == ""
    assert (
        asked(product("restricted", purposes=("x",)), ANN, purpose="y").needs == ""
    )  # no request lists a purpose anew


def test_how_each_column_is_seen():
    found = asked(product("internal"), ANN, guard=GUARD)
    assert [(c.column, str(c.sight), c.mask) for c in found.columns] == [
        ("id", "clear", ""),
        ("email", "masked", "hash"),
        ("iban", "masked", "null"),
        ("phone", "masked", "partial"),
        ("ssn", "withheld", ""),  # its domain asks for an approval
        ("salary", "withheld", ""),  # restricted itself
        ("e_mail", "masked", "null"),  # listed by its domain, in another case
        ("person", "masked", "null"),  # a part of it is personal
    ]


def test_whoever_may_see_clear_values_sees_them_but_not_what_is_withheld():
    found = asked(product("internal", unmask=(ANALYSTS,)), ANN, guard=GUARD)
    assert {c.column: str(c.sight) for c in found.columns if c.sight != "clear"} == {
        "ssn": "withheld",
        "salary": "withheld",
    }


def test_a_grant_for_a_column_brings_it():
    found = asked(product("internal"), ANN, guard=GUARD, grants=[grant(columns=("SSN",))])
    assert {c.column for c in found.columns if c.sight == "withheld"} == {"salary"}


def test_asking_for_a_column_that_is_withheld_or_not_there_is_denied():
    assert codes(asked(product("internal"), ANN, columns=["id", "salary"]))[-1] == "column.restricted"
    assert asked(product("internal"), ANN, columns=["ID", "orders.email"]).allowed
    unknown = asked(product("internal"), ANN, columns=["emial"])
    assert (unknown.allowed, codes(unknown)[-1]) == (False, "column.unknown")
    assert "email" in unknown.reasons[-1].hint
    assert unknown.columns == ()


def test_a_row_filter_needs_what_it_compares_with():
    contract = product("internal", row_filter='region = principal.region AND tier <= PRINCIPAL."tier"')
    assert codes(asked(contract, ANN))[-1] == "filter.attribute"
    rich = ANN.model_copy(update={"attributes": {"region": "north", "tier": 2}})
    assert asked(contract, rich).row_filter == contract.row_filter


@pytest.mark.parametrize(
    ("status", "who", "code"),
    [(Status.RETIRED, BOB, "status.retired"), (Status.DRAFT, ANN, "status.draft"), (Status.DRAFT, BOB, None)],
)
def test_what_has_ended_or_not_begun_is_not_read(status, who, code):
    found = asked(product("internal", status=status), who)
    assert found.allowed is (code is None)
    assert code is None or code in codes(found)


@pytest.mark.parametrize("action", list(Action))
def test_a_contract_that_cannot_be_read_allows_nothing(action):
    found = asked(product("public"), BOB, action, is_stopped=True)
    assert (found.allowed, codes(found)) == (False, ["contract.errors"])


def test_the_domains_default_counts_where_a_product_says_nothing():
    assert classification_of(product(), AccessControlForm(default_access="internal")) == "internal"
    assert classification_of(product("Restricted"), AccessControlForm(default_access="internal")) == "restricted"
    assert classification_of(product(), None) == "confidential"
