"""Waivers held against the mesh that they stand in."""

from __future__ import annotations

import pytest

FIELDS = [{"name": "email", "type": "string", "constraints": ["not_null"]}, {"name": "n", "type": "integer"}]
ORGANIZATION = "organization:\n  domains:\n    - {name: d, data_products: [p], team: {product_owner: Lea Lead}}\n    - {name: empty}\n"
CHECK = "check: d.p.t.email.not_null"


def text(*waivers):
    """Write waivers of which each gives its first keys, in lines of their own from line 2 on."""
    rest = {"reason": "why", "approved_by": "gov", "until": "2027-01-31"}
    lines = []
    for given in waivers:
        lines += [f"{'  - ' if i == 0 else '    '}{line}" for i, line in enumerate(given.split("\n"))]
        lines += [f"    {k}: {v}" for k, v in rest.items() if f"{k}:" not in given]
    return "waivers:\n" + "\n".join(lines) + "\n"


@pytest.fixture
def read(mesh, contract):
    """Read waivers beside products p, 1.0.0 deprecated and 2.0.0 active, of domain d."""

    def run(*waivers, policies=None, **files):
        products = [
            contract(FIELDS, status="deprecated"),
            contract(FIELDS, owner={"team": "Blue", "contact": "blue@x.com"}).replace("1.0.0", "2.0.0"),
        ]
        return mesh(*products, waivers=text(*waivers), **files).read_waivers(policies)

    return run


def codes(found):
    return [(p.code, p.place.line) for p in found.problems]


def test_a_waiver_is_read_with_its_place(read):
    found = read(f"{CHECK}\nsubject: d.p\ncap: 2%\napproved_by: gov@x.com")
    assert not found.problems
    (waiver,) = found.waivers
    assert (waiver.name, waiver.subject.product, waiver.subject.version) == ("d.p.t.email.not_null", "d.p", "")
    assert (waiver.cap_text, str(waiver.until), waiver.approved_by) == ("2%", "2027-01-31", "gov@x.com")
    assert (waiver.place.line, waiver.place.column) == (2, 5)


@pytest.mark.parametrize(
    "subject", ["d.p", "d.p@1.0.0", "d.*", "d.p.email", "d.p.EMAIL", "d.p.t.email", "d.p@2.0.0.email"]
)
def test_every_form_of_a_subject_is_read(read, subject):
    found = read(f"policy: x\nsubject: {subject}")
    assert not found.problems
    assert found.waivers[0].subject.text == subject


@pytest.mark.parametrize(
    ("subject", "message", "hint"),
    [
        ("d.pp", "unknown product 'd.pp'", "did you mean 'd.p'?"),
        ("p", "unknown product 'p'", "did you mean 'd.p'?"),
        ("e.*", "unknown domain 'e'", "did you mean 'd.*'?"),
        ("d.p@3.0.0", "unknown version 'd.p@3.0.0'", "did you mean 'd.p@2.0.0'?"),
        ("d.p.emial", "unknown column 'emial' of d.p", "did you mean 'email'?"),
        ("d.p.u.email", "unknown column 'u.email' of d.p", "did you mean 'email'?"),
    ],
)
def test_an_unknown_subject_is_an_error_with_the_nearest(read, subject, message, hint):
    found = read(f"policy: x\nsubject: {subject}")
    assert found.waivers == ()
    (problem,) = found.problems
    assert (problem.code, problem.message, problem.hint) == ("MK430", message, hint)
    assert (str(problem.severity), problem.place.line, problem.place.column) == ("error", 3, 14)


def test_a_domain_without_products_is_known_where_the_organization_lists_it(read):
    assert codes(read("policy: x\nsubject: empty.*")) == [("MK430", 3)]
    assert not read("policy: x\nsubject: empty.*", org=ORGANIZATION).problems


@pytest.mark.parametrize(
    ("check", "near"),
    [
        ("d.p.t.email.not_nul", "d.p.t.email.not_null"),
        ("d.p@1.0.0.t.email.not_nul", "d.p@1.0.0.t.email.not_null"),
        ("d.pp.t.email.not_null", "d.p.t.email.not_null"),
        ("d.p@7.0.0.t.email.not_null", "d.p@1.0.0.t.email.not_null"),
    ],
)
def test_an_unknown_check_is_an_error_with_the_nearest(read, check, near):
    found = read(f"check: {check}\nsubject: d.p")
    assert found.waivers == ()
    assert codes(found) == [("MK431", 2)]
    if "@7" not in check:
        assert found.problems[0].hint == f"did you mean '{near}'?"


@pytest.mark.parametrize(
    ("check", "version"),
    [
        ("d.p.t.email.not_null", ""),
        ("d.p@1.0.0.t.email.not_null", "1.0.0"),
        ("d.p@2.0.0.t.email.not_null", "2.0.0"),
    ],
)
def test_a_check_is_of_all_versions_or_of_the_one_that_it_names(read, check, version):
    (waiver,) = read(f"check: {check}\nsubject: d.p").waivers
    assert (waiver.name, waiver.subject.version) == ("d.p.t.email.not_null", version)


@pytest.mark.parametrize(
    ("check", "subject", "agrees"),
    [
        ("d.p.t.email.not_null", "d.*", True),
        ("d.p.t.email.not_null", "d.p.email", True),
        ("d.p.t.email.not_null", "d.p.n", False),
        ("d.p.t.row_count", "d.p.email", False),
        ("d.p@1.0.0.t.email.not_null", "d.p@1.0.0", True),
        ("d.p@1.0.0.t.email.not_null", "d.p@2.0.0", False),
        ("d.p.t.email.not_null", "d.p@2.0.0", True),
    ],
)
def test_the_subject_of_a_check_agrees_with_it(read, check, subject, agrees):
    assert codes(read(f"check: {check}\nsubject: {subject}")) == ([] if agrees else [("MK433", 3)])


def test_another_product_as_the_subject_is_refused(mesh, contract):
    files = {"waivers": text(f"{CHECK}\nsubject: d.q")}
    found = mesh(contract(FIELDS), contract(FIELDS).replace("name: p", "name: q"), **files).read_waivers()
    assert codes(found) == [("MK433", 3)]


def test_a_policy_is_known_by_the_set_given_and_not_verified_without_one(read):
    assert not read("policy: pii\nsubject: d.p").problems
    assert not read("policy: pii\nsubject: d.p", policies={"pii": False}).problems
    found = read("policy: pi\nsubject: d.p", policies={"pii": False, "retention": True})
    assert codes(found) == [("MK432", 2)]
    assert (found.waivers, found.problems[0].hint) == ((), "did you mean 'pii'?")


@pytest.mark.parametrize("who", ["Blue", "blue", "BLUE@x.com", "lea  lead"])
@pytest.mark.parametrize("subject", ["d.p", "d.p.email", "d.*", "d.p@2.0.0"])
def test_nobody_waives_a_mandatory_policy_for_his_own_product(read, who, subject):
    given = f"policy: m\nsubject: {subject}\napproved_by: {who}"
    found = read(given, policies={"m": True}, org=ORGANIZATION)
    assert (codes(found), found.waivers) == ([("MK435", 4)], ())
    assert "d.p" in found.problems[0].message
    assert len(read(given, policies={"m": False}, org=ORGANIZATION).waivers) == 1


def test_the_owner_of_another_version_may_approve(read):
    given = "policy: m\nsubject: d.p@1.0.0\napproved_by: Blue"
    assert len(read(given, policies={"m": True}).waivers) == 1


def test_a_second_waiver_for_the_same_is_said_and_both_count(read):
    found = read(f"{CHECK}\nsubject: d.p", f"{CHECK}\nsubject: d.p\nuntil: 2027-06-30", f"{CHECK}\nsubject: d.p.email")
    (problem,) = found.problems
    assert (problem.code, str(problem.severity), problem.place.line) == ("MK434", "warning", 7)
    assert problem.hint == "the first stands in line 2; the one that holds longest counts"
    assert len(found.waivers) == 3


@pytest.mark.parametrize(
    ("check", "cap", "is_right"),
    [
        ("d.p.t.email.not_null", "0.5", False),
        ("d.p.t.email.not_null", "5", True),
        ("d.p.t.columns", "1", True),
        ("d.p.t.row_count", "5", False),
        ("d.p.t.freshness", "5", False),
        ("d.p.t.q", "0.5", True),
        ("d.p.t.q", "5%", False),
        ("d.p.t.least", "5", False),
    ],
)
def test_a_cap_that_cannot_be_compared_is_an_error(mesh, contract, check, cap, is_right):
    queries = [
        {"name": "q", "query": "SELECT 0.7", "must_be_less_than": 0.6},
        {"name": "least", "query": "SELECT 1", "must_be_greater_than": 3},
    ]
    product = contract(FIELDS, sla={"freshness": {"max_age_hours": 1, "column": "at"}, "quality_checks": queries})
    product = product.replace("    name: email", "    name: email").replace(
        "  - name: n\n", "  - name: at\n    type: timestamp\n  - name: n\n"
    )
    found = mesh(product, waivers=text(f"check: {check}\nsubject: d.p\ncap: {cap}")).read_waivers()
    assert codes(found) == ([] if is_right else [("MK436", 4)])


@pytest.mark.parametrize("cap", ["-1", "'<= 3'", "lots"])
def test_a_cap_that_cannot_be_read_takes_the_waiver_out(mesh, contract, cap):
    found = mesh(contract(FIELDS), waivers=text(f"{CHECK}\nsubject: d.p\ncap: {cap}"))
    assert [p.code for p in found.problems] == ["MK118"]
    assert found.read_waivers().waivers == ()


@pytest.mark.parametrize("given", ["subject: d.p", f"{CHECK}\npolicy: x\nsubject: d.p"])
def test_exactly_one_of_policy_and_check_is_named(mesh, contract, given):
    found = mesh(contract(FIELDS), waivers=text(given))
    assert [p.code for p in found.problems] == ["MK104"]
    assert found.read_waivers().waivers == ()


@pytest.mark.parametrize("key", ["subject", "reason", "approved_by", "until"])
@pytest.mark.parametrize("blank", [True, False])
def test_every_key_is_mandatory(mesh, contract, key, blank):
    lines = {
        "check": "d.p.t.email.not_null",
        "subject": "d.p",
        "reason": "r",
        "approved_by": "a",
        "until": "2027-01-31",
    }
    lines[key] = "' '" if blank else ""
    body = "\n".join(f"    {k}: {v}" for k, v in lines.items() if v)
    found = mesh(contract(FIELDS), waivers="waivers:\n  -\n" + body + "\n")
    assert [str(p.severity) for p in found.problems] == ["error"]
    assert found.read_waivers().waivers == ()


def test_lint_tells_what_is_wrong_with_waivers(mesh, contract):
    found = mesh(contract(FIELDS), waivers=text("policy: x\nsubject: d.pp"))
    assert [p.code for p in found.lint()] == ["MK430"]


def test_a_mesh_without_waivers_has_none(mesh, contract):
    assert mesh(contract(FIELDS)).read_waivers() is None


def test_checks_of_a_product_with_errors_are_not_held_against(mesh, contract):
    broken = contract([{"name": "email", "constraints": ["not_nul"]}])
    found = mesh(broken, waivers=text(f"{CHECK}\nsubject: d.p")).read_waivers()
    assert not found.problems
