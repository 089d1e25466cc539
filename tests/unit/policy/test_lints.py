"""Each lint fires on a mesh made for it, and is silent on the good form."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import meshkit
from meshkit.governing import agreed
from meshkit.known import Known
from meshkit.model.policy import Enforcement
from meshkit.model.policy_rows import ROWS, Over
from meshkit.policy.lints import DEFAULTS, LINTS, with_params
from meshkit.policy.surroundings import own_prefix
from meshkit.sql.policies import Row, compile_expression, compile_message

NOW = "2026-11-22"
ID = {"name": "id", "type": "integer", "description": "Its number"}


def domains(*names: str) -> str:
    found = [{"name": n, "bounded_context": f"What {n} does"} for n in names]
    return json.dumps({"organization": {"name": "Shop", "domains": found}})


@pytest.fixture
def found(mesh):
    """Return what makes a mesh and tells which rules of a lint each product breaks."""

    def find(lint: str, *texts: str, **files: str) -> dict[str, list[str]]:
        made = meshkit.govern(mesh(*texts, **files), now=NOW, lints=True)
        assert not made.broken
        rules = {
            p.product: [v.rule.partition(".")[2] for v in p.violations if v.policy_name == lint] for p in made.products
        }
        return {p: r for p, r in rules.items() if r}

    return find


@pytest.fixture
def product(contract):
    def make(name: str, domain: str = "sales", team: str = "", **keys) -> str:
        owner = {"owner": {"team": team}} if team else {}
        location = keys.pop("location", f"s3://data-products/{domain}/{name}/")
        return contract([ID], name=name, domain=domain, schema={"alias": "t", "location": location}, **owner, **keys)

    return make


def owned(product, *teams: str) -> list[str]:
    return [product(f"p{i}", team=t) for i, t in enumerate(teams)]


def test_one_team_that_owns_more_than_half_of_six_products_is_told_at_each_of_them(found, product):
    got = found("centralised_ownership", *owned(product, "data", "data", "data", "data", "shop", "till"))
    assert got == {f"sales.p{i}": ["team"] for i in range(4)}


def test_three_of_six_products_are_not_more_than_half(found, product):
    assert not found("centralised_ownership", *owned(product, "data", "data", "data", "shop", "shop", "till"))


def test_a_mesh_of_five_products_is_too_small_to_be_centralised(found, product):
    assert not found("centralised_ownership", *owned(product, *["data"] * 5))


def test_the_governance_file_says_from_which_share_on_a_team_owns_too_much(found, product):
    policy = {"name": "centralised_ownership", "params": {"largest_share": "30%", "least_products": 3}}
    governance = json.dumps({"governance": {"global_policies": [policy]}})
    got = found("centralised_ownership", *owned(product, "data", "shop", "till"), governance=governance)
    assert got == {"sales.p0": ["team"], "sales.p1": ["team"], "sales.p2": ["team"]}  # a third each


def test_two_versions_of_a_product_are_one_product_of_their_team(found, product):
    versions = [product("p0", team="data"), product("p0", team="data", version="0.9.0", status="deprecated")]
    rest = [product(f"q{i}", team=t) for i, t in enumerate(("data", "data", "shop", "till", "crm"))]
    assert not found("centralised_ownership", *versions, *rest)  # 3 of 6, not 4 of 7


def test_a_domain_that_asks_for_less_than_all_is_told_by_its_own_number(found, product):
    tighter = {"sales": {"policies": [{"id": "centralised_ownership", "params": {"largest_share": "10%"}}]}}
    governance = json.dumps({"governance": {"domain_policies": tighter}})
    texts = owned(product, "data", "data", "data", "shop", "till", "crm")
    assert found("centralised_ownership", *texts, governance=governance) == {f"sales.p{i}": ["team"] for i in range(6)}


def test_a_lake_for_everything_is_told_at_each_product_in_it(found, product):
    lake = [
        product("orders", "sales", location="s3://data-lake/everything/orders/"),
        product("leads", "marketing", location="s3://data-lake/everything/leads/"),
        product("books", "finance", location="s3://data-products/finance/books/"),
    ]
    assert found("shared_storage", *lake) == {"marketing.leads": ["prefix"], "sales.orders": ["prefix"]}


def test_a_folder_for_each_domain_is_the_good_form(found, product):
    assert not found("shared_storage", product("orders", "sales"), product("leads", "marketing"))


def test_products_of_one_domain_may_share_a_folder(found, product):
    assert not found(
        "shared_storage", product("a", location="s3://lake/all/a/"), product("b", location="s3://lake/all/b/")
    )


@pytest.mark.parametrize(
    ("location", "prefix"),
    [
        ("s3://bucket/orders.parquet", "s3://bucket/"),
        ("s3://sales/orders/2026/x.parquet", "s3://sales/orders/"),
        ("gs://bucket/area/Crm-Data/x/*.csv", "gs://bucket/area/Crm-Data/"),
        ("gs://bucket/domain=crm_data/x.csv", "gs://bucket/domain=crm_data/"),
        ("/mesh/data/crm_data/x.duckdb#main.t", "/mesh/data/crm_data/"),
        ("/mesh/x.parquet", "/mesh/"),
        ("/elsewhere/deep/x.parquet", "/elsewhere/deep/"),
    ],
)
def test_where_a_domain_of_its_own_begins(location, prefix):
    assert own_prefix(location, "crm_data", "/mesh") == prefix


def test_a_domain_without_a_bounded_context_is_told(found, product):
    texts = [product("a", "sales"), product("b", "crm")]
    organization = json.dumps(
        {"organization": {"domains": [{"name": "sales", "bounded_context": "Orders"}, {"name": "crm"}]}}
    )
    assert found("domain_boundaries", *texts, organization=organization) == {"crm.b": ["context"]}


def test_who_writes_is_the_domain_that_owns(found, product):
    got = found(
        "domain_ownership",
        product("good", team="shop", access={"write": [{"domain": "sales"}, {"role": "loader"}]}),
        product("bad", team="shop", access={"write": [{"domain": "crm"}, {"domain": "sales"}]}),
        product("nobody"),
        organization=domains("sales", "crm"),
    )
    assert got == {"sales.bad": ["writer"], "sales.nobody": ["owner"]}


def test_files_of_another_product_are_read_as_the_product(found, product):
    got = found(
        "defined_interfaces",
        product("orders", location="orders/*.parquet"),
        product("books", "finance", location="s3://data-products/finance/books/"),
        product("past", inputs={"o": "orders/2026.parquet"}),
        product("past_remote", inputs={"b": "s3://data-products/finance/books/x.parquet"}),
        product("good", inputs={"o": "sales.orders", "s": "s3://sources/crm/x.parquet", "n": "orders_old/x.parquet"}),
        product("self", location="own/", inputs={"x": "own/x.parquet"}),
    )
    assert got == {"sales.past": ["bypass"], "sales.past_remote": ["bypass"]}


def test_a_draft_of_another_domain_is_no_interface(found, product):
    got = found(
        "defined_interfaces",
        product("leads", "crm", status="draft"),
        product("cards", "crm"),
        product("a", inputs={"l": "crm.leads", "c": "crm.cards"}),
        product("b", "crm", inputs={"l": "crm.leads"}),  # one's own draft may be read
    )
    assert got == {"sales.a": ["unfinished"]}


def test_drift_is_told_once_a_run_saw_it_and_unknown_at_a_pull_request(mesh, product):
    loaded = mesh(product("orders", location="t.parquet"))
    drifted = loaded.check(tables={"t": pa.table({"id": ["a", "b"]})}, now=NOW)
    steady = loaded.check(tables={"t": pa.table({"id": [1, 2]})}, now=NOW)

    def rules(**options) -> list[str]:
        return [
            v.rule
            for v in meshkit.govern(loaded, now=NOW, **options, lints=True).violations
            if v.policy_name == "unversioned_drift"
        ]

    assert rules(run=drifted) == ["unversioned_drift.schema"]
    assert rules(run=steady) == [] == rules()
    at_pr = meshkit.govern(loaded, "pr", now=NOW, lints=True).products[0]
    assert ("unversioned_drift.schema", "it needs a run of this version") in at_pr.unknown


GOOD = {"announced": "2026-11-01", "until": "2026-12-01"}


def test_old_current_and_next_side_by_side_are_the_good_form(found, product):
    assert not found(
        "version_lifecycle",
        product("o", version="1.0.0", status="deprecated", deprecation=GOOD),
        product("o", version="2.0.0"),
        product("o", version="3.0.0", status="beta"),
    )


@pytest.mark.parametrize(
    ("version", "keys", "rules"),
    [
        ("1.0.0", {"status": "deprecated"}, ["end"]),
        ("1.0.0", {"status": "deprecated", "deprecation": {**GOOD, "until": "2026-11-30"}}, ["notice"]),  # 29 days
        (
            "1.0.0",
            {"status": "deprecated", "deprecation": {"announced": "2026-09-01", "until": "2026-11-21"}},
            ["over"],
        ),
        ("1.0.0", {"status": "deprecated", "deprecation": {"announced": "2026-09-01", "until": "2026-11-22"}}, []),
        ("2.1.0", {"status": "deprecated", "deprecation": GOOD}, ["successor"]),
        ("1.9.0", {"status": "beta"}, ["beta"]),
        ("1.9.0", {"status": "retired"}, []),
    ],
)
def test_versions_side_by_side_that_do_not_fit_are_told(found, product, version, keys, rules):
    got = found("version_lifecycle", product("o", version=version, **keys), product("o", version="2.0.0"))
    assert got == ({f"sales.o@{version}": rules} if rules else {})


def test_how_long_requests_take_is_unknown_until_there_are_any(mesh, product):
    for point in Enforcement:
        one = meshkit.govern(mesh(product("o")), point, now=NOW, lints=True).products[0]
        told = dict(one.unknown).get("slow_access.median")
        assert told == (None if point is Enforcement.QUERY else "it needs requests for access, and none exist yet")
        assert not [v for v in one.violations if v.policy_name == "slow_access"]


def test_requests_that_wait_for_long_are_told(mesh, product):
    loaded = mesh(product("o"), product("p"))
    known = Known(has_requests=True, request_hours={"sales.o": 24.0, "sales.p": 24.5})
    told = {
        p.product: [v.message for v in p.violations if v.policy_name == "slow_access"]
        for p in meshkit.govern(loaded, now=NOW, lints=True, known=known).products
    }
    assert told == {
        "sales.o": [],
        "sales.p": ["Half of all requests for access take longer than 24.5 hours, wanted are 24"],
    }


def test_what_is_told_of_one_product_does_not_depend_on_which_are_asked_for(mesh, product):
    loaded = mesh(*owned(product, *["data"] * 6), product("leads", "crm", location="s3://l/all/"), product(
        "x", location="s3://l/all/x/"))  # fmt: skip
    whole = {p.product: p.violations for p in meshkit.govern(loaded, now=NOW, lints=True).products}
    for product_id in ("sales.p0", "crm.leads"):
        alone = meshkit.govern(loaded, now=NOW, products=[product_id], lints=True)
        assert alone.products[0].violations == whole[product_id]
        assert any(v.policy_name in ("centralised_ownership", "shared_storage") for v in whole[product_id])


def test_lints_warn_and_never_block(mesh, product):
    loaded = mesh(*owned(product, *["data"] * 6))
    assert {p.id for p in agreed(loaded, lints=True).policies} == set(LINTS)
    evaluation = meshkit.govern(loaded, "publish", now=NOW, lints=True)
    assert evaluation.violations
    assert not evaluation.is_blocked


@pytest.mark.parametrize("name", LINTS)
def test_lints_are_written_in_the_language_of_governors(name):
    for rule in with_params(name, {}):
        row = Row(tuple(ROWS[rule.over]), tuple(ROWS[Over.PRODUCT]), rule.params)
        for text in filter(None, (rule.when, rule.require)):
            compile_expression(text.replace("own.", ""), row)
        compile_message(rule.message, row)
    assert set(DEFAULTS) <= set(LINTS)
