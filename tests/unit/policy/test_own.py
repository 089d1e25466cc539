"""Governors' own policies: expressions, whole SELECTs, functions in Python, and what they cannot do."""

from __future__ import annotations

import time
from importlib.metadata import EntryPoint

import pytest
from tests.unit.policy.one_product import PRODUCT, rules_of, text_of

from meshkit.errors import MeshkitError
from meshkit.governing import govern
from meshkit.model.policy import Over
from meshkit.policy import evaluate, plugins
from meshkit.policy.statement import TABLES
from meshkit.sql.policies import compile_select

FOUND = "SELECT id AS product, 'x' AS message FROM products"


def own(**keys):
    return {"policies": [{"id": "own", **keys}]}


def said(found):
    return [(v.product, v.field, v.message) for v in found.violations]


def test_unknown_counts_as_a_violation(govern_one):
    found = govern_one({"retention_days": None}, own(require="retention_days < 10", message="kept {retention_days}"))
    assert said(found) == [("d.p", None, "kept nothing")]


def test_when_chooses_the_rows(govern_one):
    form = own(over="column", when="type = 'string'", require="constraints > 0", message="{name} of {product.name}")
    assert said(govern_one({}, form)) == [("d.p", "customer_email", "customer_email of p")]


def test_two_checks_of_one_column_are_two_violations(govern_one):
    form = own(
        over="check", when="column_name = 'id' AND kind IN ('not_null', 'unique')", require="false", message="{id}"
    )
    found = govern_one({}, form)
    assert said(found) == [("d.p", "id", "d.p.t.id.not_null"), ("d.p", "id", "d.p.t.id.unique")]
    assert [v.place.line for v in found.violations] == [17, 18]


def test_a_dependency_on_what_is_deprecated(govern_one):
    old = text_of(
        {"name": "old", "status": "deprecated", "deprecation": {"announced": "2026-01-01", "until": "2027-01-01"}}
    )
    form = own(over="dependency", require="upstream_status <> 'deprecated'", message="reads {upstream}")
    found = govern_one({"inputs": {"o": "d.old"}}, form, also=(old,))
    assert said(found) == [("d.p", "o", "reads d.old")]


ODCS = """\
apiVersion: v3.2.0
kind: DataContract
id: c
name: p
domain: n
version: 1.0.0
status: active
schema:
- name: t
  properties:
  - name: home
    logicalType: object
    description: Where.
    properties:
    - name: city
      logicalType: string
  - name: lines
    logicalType: array
    items:
      logicalType: object
      properties:
      - name: city
        logicalType: string
"""


def test_parts_of_nested_columns_have_their_own_names_and_places(govern_one):
    form = {"automated_policies": [{"name": "schema_validation", "enforcement": "pr"}]}
    found = [v for v in govern_one({}, form, also=(ODCS,)).violations if v.rule == "schema_validation.description"]
    assert [(v.field, v.place.line) for v in found if v.product == "n.p"] == [
        ("home.city", 15), ("lines", 17), ("lines[].city", 22),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content AS product, 'x' AS message FROM read_text('/etc/passwd')",
        "SELECT a AS product, b AS message FROM read_csv('/etc/passwd')",
        "SELECT 'a' AS product, 'x' AS message FROM '/etc/passwd'",
        "COPY products TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/other.duckdb' AS other",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CREATE TABLE t AS SELECT 1",
        f"{FOUND}; DROP TABLE products",
        "SELECT table_name AS product, 'x' AS message FROM information_schema.tables",
        "SELECT name AS product, value AS message FROM duckdb_settings()",
        "SELECT current_setting('home_directory') AS product, 'x' AS message",
        "SELECT getenv('HOME') AS product, 'x' AS message",
        "SELECT query AS product, 'x' AS message FROM query('SELECT 1')",
        "SELECT policy AS product, 'x' AS message FROM waivers",
        "SELECT product, message FROM reported",
        "SELECT id AS product FROM products",
        "SELECT id AS product, 'x' AS message, 1 AS severity FROM products",
        "SELECT * FROM products",
    ],
)
def test_a_select_that_reaches_further_is_refused_before_it_runs(sql):
    with pytest.raises(MeshkitError) as refused:
        compile_select(sql, TABLES.values())
    assert refused.value.code in {"MK201", "MK202", "MK203", "MK204", "MK209", "MK423"}


def test_what_the_guard_would_let_through_the_database_refuses(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    database = evaluate.load([])
    try:
        for sql in (
            f"SELECT * FROM read_text('{tmp_path / 'secret.txt'}')",
            f"SELECT * FROM '{tmp_path / 'secret.csv'}'",
            f"COPY products TO '{tmp_path / 'stolen.csv'}'",
            f"ATTACH '{tmp_path / 'other.duckdb'}'",
            "SET enable_external_access = true",
            "SET memory_limit = '1TB'",
        ):
            with pytest.raises(MeshkitError):
                database.ask(sql)
    finally:
        database.close()
    assert [p.name for p in tmp_path.iterdir()] == ["secret.txt"]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT 'd.p' AS product, 'x' AS message FROM r WHERE n < 0",
        "SELECT 'd.p' AS product, 'x' AS message FROM (SELECT count(*) AS n FROM range(1000000) a, range(1000000) b, products) WHERE n < 0",
    ],
)
def test_what_never_ends_is_stopped_and_hides_no_other_policy(sql, govern_one, monkeypatch):
    monkeypatch.setattr(evaluate, "TIMEOUT_SECONDS", 0.3)
    form = {"policies": [{"id": "endless", "sql": sql}, {"id": "short", "require": "false", "message": "no"}]}
    begun = time.monotonic()
    found = govern_one({}, form)
    assert time.monotonic() - begun < 10
    assert said(found) == [("d.p", None, "no")]
    assert [b.rule.id for b in found.broken] == ["endless"] or "range" in sql  # the guard may refuse range() at once
    assert dict(found.products[0].unknown).keys() == {"endless"}
    assert found.products[0].evaluated == ("short",)


def test_far_too_many_violations_are_a_mistake_of_the_policy(govern_one, monkeypatch):
    monkeypatch.setattr("meshkit.policy.statement.MOST", 3)
    monkeypatch.setattr(evaluate, "MOST", 3)
    form = own(
        sql="SELECT a.id AS product, a.id || b.name || c.name || d.name AS message FROM products a, columns b, columns c, columns d"
    )
    (broken,) = govern_one({}, form).broken
    assert (broken.error.code, broken.error.what) == ("MK424", "it finds more than 3 violations")


SHARED = own(
    sql="""
    SELECT a.id AS product, 'shares its location with ' || b.id AS message
    FROM products a JOIN products b ON a.location = b.location AND a.domain <> b.domain
    """
)


def test_a_select_over_all_products_judges_one_of_them_too(govern_one, mesh):
    other = text_of({"domain": "e"})
    found = govern_one({}, SHARED, also=(other,))
    assert said(found) == [
        ("d.p", None, "shares its location with e.p"), ("e.p", None, "shares its location with d.p"),
    ]  # fmt: skip
    import yaml

    whole = mesh(text_of(), other, governance=yaml.safe_dump({"governance": SHARED}))
    alone = govern(whole, "pr", products=["d.p"], now="2026-11-22")
    assert said(alone) == [("d.p", None, "shares its location with e.p")]


@pytest.mark.parametrize(("name", "told"), [("'d.q'", "it names product 'd.q'"), ("NULL", "it names no product")])
def test_a_product_that_is_not_there_is_an_error_of_its_policy(name, told, govern_one):
    form = own(sql=f"SELECT {name} AS product, 'x' AS message UNION ALL {FOUND}", domains=["d"])
    found = govern_one({}, form)
    (broken,) = found.broken
    assert (broken.error.code, broken.error.what.startswith(told)) == ("MK428", True)
    assert said(found) == [("d.p", None, "x")]
    assert [r for r, _ in found.products[0].unknown] == ["own"]


def test_a_message_that_is_null_is_still_told(govern_one):
    found = govern_one({}, own(sql="SELECT id AS product, NULL AS message FROM products"))
    assert said(found) == [("d.p", None, "own is not met")]


def test_domains_and_opting_in_bind_a_select_too(govern_one):
    assert said(govern_one({}, own(sql=FOUND, domains=["e"]))) == []
    assert said(govern_one({}, own(sql=FOUND, opt_in=True))) == []
    assert rules_of(govern_one({"policies": ["own"]}, own(sql=FOUND, opt_in=True))) == {"own"}


def short(rows, params):
    """Find columns with names that are too short."""
    for row in rows.columns:
        if len(row["name"]) < params["least"]:
            yield row["product"], row["name"], f"{row['name']} is too short"


def failing(rows, params):
    """Fail in the middle."""
    yield "d.p", None, "first"
    raise ValueError("secret of a row")


def of_another_form(rows, params):
    """Yield no violation."""
    return [{"product": "d.p"}]


def changing(rows, params):
    """Try to change a row."""
    rows.products[0]["id"] = "other"
    return []


NO_FUNCTION = 7


@pytest.fixture
def offered(monkeypatch):
    """Offer functions of this file as entry points."""
    names = ("short", "failing", "of_another_form", "changing", "NO_FUNCTION")
    points = [EntryPoint(n, f"{__name__}:{n}", plugins.GROUP) for n in names]
    points.append(EntryPoint("gone", "nowhere_to_be_found:f", plugins.GROUP))
    asked = []
    monkeypatch.setattr(plugins, "entry_points", lambda group: asked.append(group) or points)
    return asked


def test_a_policy_in_python_yields_violations(govern_one, offered):
    found = govern_one({}, own(python="short", params={"least": 3}))
    assert said(found) == [("d.p", "id", "id is too short")]
    assert offered == ["meshkit.policies"]


def test_entry_points_are_looked_for_only_where_a_policy_asks_for_one(govern_one, offered):
    govern_one({}, own(require="true"))
    assert offered == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("failing", "'failing' failed: ValueError"),
        ("of_another_form", "'of_another_form' yields a dict of another form"),
        ("changing", "'changing' failed: TypeError"),
        ("NO_FUNCTION", "'NO_FUNCTION' is no function"),
        ("gone", "'gone' cannot be imported: ModuleNotFoundError"),
        ("shrt", "no entry point of meshkit.policies is called 'shrt'"),
    ],
)
def test_a_policy_in_python_that_fails_is_unknown_with_the_reason(name, reason, govern_one, offered):
    form = {"policies": [{"id": "own", "python": name}, {"id": "other", "require": "false"}]}
    found = govern_one({}, form)
    assert dict(found.products[0].unknown) == {"own": f"it cannot be evaluated: {reason}"}
    assert [b.error.code for b in found.broken] == ["MK427"]
    assert rules_of(found) == {"other"}


def test_rows_in_python_are_those_of_sql_and_cannot_be_changed(govern_one, offered, monkeypatch):
    seen = {}
    monkeypatch.setattr(plugins, "plugin_named", lambda _: lambda rows, params: seen.update(rows._asdict()) or [])
    govern_one({"tags": ["a"]}, own(python="short"))
    assert set(seen) == {TABLES[over] for over in Over}
    assert seen["products"][0]["tags"] == ("a",)
    assert seen["columns"][0]["name"] == PRODUCT["schema"]["fields"][0]["name"]
