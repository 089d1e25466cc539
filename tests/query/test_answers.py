"""Honest queries are answered with the rows and columns that their reader may see, and with what is wrong with them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from tests.query.conftest import ANN, EVE, SAM

import meshkit


def hashed(value: str) -> str:
    key = "k" * 40
    inner = hashlib.sha256(f"inner {key} {value}".encode()).hexdigest()
    return hashlib.sha256(f"outer {key} {inner}".encode()).hexdigest()[:32]


HONEST = {
    "SELECT count(*) FROM orders": [(4,)],
    "SELECT count(*) FROM sales.orders;": [(4,)],
    "select COUNT(*) from SALES.ORDERS": [(4,)],
    'SELECT count(*) FROM "sales.orders"': [(4,)],
    "SELECT count(*) -- how many\nFROM orders /* of the north */": [(4,)],
    "SELECT sum(amount) FROM orders": [(270,)],
    "SELECT sum(amount) FROM orders WHERE region = 'south'": [(None,)],
    "SELECT order_id FROM orders WHERE amount > 50 ORDER BY order_id": [("o4",), ("o5",)],
    "SELECT 'a' UNION ALL SELECT order_id FROM orders WHERE amount = 10 ORDER BY 1": [("a",), ("o1",)],
    "SELECT order_id FROM orders EXCEPT SELECT 'o1' ORDER BY 1": [("o2",), ("o4",), ("o5",)],
    "SELECT replace(order_id, 'o', 'x') FROM orders WHERE amount = 20": [("x2",)],
    "WITH big AS (SELECT * FROM orders WHERE amount >= 80) SELECT count(*) FROM big": [(2,)],
    "WITH a AS (SELECT amount FROM orders), b AS (SELECT max(amount) m FROM a) SELECT m FROM b": [(160,)],
    "SELECT o.order_id, c.name FROM orders o JOIN customers c USING (customer_id) ORDER BY 1": [("o1", "Ada"), ("o2", "Bo")],
    "SELECT order_id, name FROM sales.orders o LEFT JOIN sales.customers c ON o.customer_id = c.customer_id ORDER BY order_id":
        [("o1", "Ada"), ("o2", "Bo"), ("o4", None), ("o5", None)],
    "SELECT count(*) FROM orders, customers": [(8,)],
    "SELECT customers.name FROM customers WHERE since >= DATE '2021-01-01'": [("Bo",)],
    "SELECT since FROM customers ORDER BY since LIMIT 1": [("2020-01-31",)],
    "SELECT date_trunc('year', since), count(*) FROM customers GROUP BY ALL ORDER BY 1": [("2020-01-01T00:00:00", 1), ("2021-01-01T00:00:00", 1)],
    "SELECT year(since) FROM customers ORDER BY 1 DESC": [(2021,), (2020,)],
    "SELECT order_id, rank() OVER (ORDER BY amount DESC) AS r FROM orders QUALIFY r = 1": [("o5", 1)],
    "SELECT sum(amount) FILTER (WHERE amount > 15) FROM orders": [(260,)],
    "SELECT CASE WHEN amount > 50 THEN 'big' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1 ORDER BY 1": [("big", 2), ("small", 2)],
    "SELECT amount FROM orders WHERE customer_id IN (SELECT customer_id FROM customers) ORDER BY 1": [(10,), (20,)],
    "SELECT amount FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.customer_id = o.customer_id) ORDER BY 1": [(10,), (20,)],
    "SELECT (SELECT max(amount) FROM orders) - min(amount) FROM orders": [(150,)],
    "SELECT customer_id, list(amount ORDER BY amount) FROM orders GROUP BY 1 HAVING customer_id = 'c1'": [("c1", [10])],
    "SELECT string_agg(order_id, ',' ORDER BY order_id) FROM orders": [("o1,o2,o4,o5",)],
    "SELECT coalesce(customer_id, 'none') FROM orders WHERE customer_id IS NULL": [("none",)],
    "SELECT round(avg(amount), 1) FROM orders": [(67.5,)],
    "SELECT DISTINCT region FROM orders": [("north",)],
    "FROM customers SELECT name ORDER BY name": [("Ada",), ("Bo",)],
    "SELECT * FROM customers ORDER BY ALL LIMIT 1": [("c1", "Ada", "2020-01-31")],
    "SELECT c.* FROM customers c ORDER BY name LIMIT 1 OFFSET 1": [("c2", "Bo", "2021-06-30")],
    "SELECT * EXCLUDE (since) FROM customers ORDER BY name": [("c1", "Ada"), ("c2", "Bo")],
    "SELECT amount // 3 AS third FROM orders WHERE order_id = 'o1'": [(3,)],
    "SELECT email IS NULL, count(*) FROM orders GROUP BY 1 ORDER BY 2": [(True, 1), (False, 3)],
    "SELECT name FROM customers WHERE name ILIKE 'a%'": [("Ada",)],
    "SELECT unnest([1, 2]) AS n": [(1,), (2,)],
    "SELECT amount FROM orders SEMI JOIN customers USING (customer_id) ORDER BY 1": [(10,), (20,)],
    "SELECT amount FROM orders o ANTI JOIN customers c ON c.customer_id = o.customer_id AND c.name = 'Bo' ORDER BY 1": [(10,), (80,), (160,)],
    "SELECT a.amount FROM orders a JOIN orders b ON b.amount = 2 * a.amount ORDER BY 1": [(10,), (80,)],
}  # fmt: skip


@pytest.mark.parametrize("sql", HONEST)
def test_an_honest_query_is_answered(ask, sql):
    assert [tuple(row) for row in ask(sql).rows] == HONEST[sql]


def test_there_are_enough_honest_queries():
    assert len(HONEST) >= 30


def test_personal_data_is_masked_before_the_query_sees_it(ask):
    sql = "SELECT email, phone, birth FROM orders WHERE order_id IN ('o1', 'o4') ORDER BY order_id"
    found = ask(sql)
    assert found.rows == ((hashed("ann@mail.example"), "***01", None), (None, None, None))
    assert [c.mask for c in found.columns] == ["hash", "partial", "null"]
    assert ask("SELECT count(*) FROM orders WHERE email = 'ann@mail.example'").rows == ((0,),)
    assert found.trust[0].masked == {"orders.email": "hash", "orders.phone": "partial", "orders.birth": "null"}


def test_who_may_unmask_sees_clear_values_of_his_own_rows(ask):
    found = ask("SELECT order_id, email, birth FROM orders", who=SAM)
    assert found.rows == (("o3", "ann@mail.example", "1990"),)
    assert found.trust[0].masked == {}


def test_equal_values_have_equal_hashes(ask):
    assert ask("SELECT count(DISTINCT email) FROM orders").rows == ((3,),)


def test_a_star_leaves_out_what_is_withheld_and_says_so(ask):
    found = ask("SELECT * FROM orders LIMIT 1")
    assert [c.name for c in found.columns] == ["order_id", "customer_id", "region", "amount", "email", "phone", "birth"]
    assert found.trust[0].withheld == ("orders.ssn",)
    assert found.trust[0].row_filter == "region = principal.region"


@pytest.mark.parametrize(
    "sql",
    ["SELECT ssn FROM orders", "SELECT o.ssn FROM orders o", "SELECT 1 FROM orders WHERE SSN = '1'", "SELECT count(\"ssn\") FROM orders",
     "SELECT amount FROM orders ORDER BY ssn", "WITH t AS (SELECT ssn s FROM orders) SELECT s FROM t"],
)  # fmt: skip
def test_a_withheld_column_that_is_named_is_refused_with_the_way_out(ask, sql):
    with pytest.raises(
        meshkit.AccessError, match=r"orders\.yaml:\d+:\d+: MK605 sales\.orders: column ssn is withheld.*access request"
    ):
        ask(sql)


def test_a_grant_of_the_column_shows_it(ask, mesh):
    grant = meshkit.Grant(
        principal="ann", product="sales.orders", columns=("ssn",), until="2999-01-01T00:00:00Z", approved=True
    )
    assert ask("SELECT ssn FROM orders WHERE order_id = 'o1'", grants=[grant]).rows == (("111-11-1111",),)


def test_what_may_not_be_read_is_refused_with_its_reason_and_what_is_hidden_is_not_there(ask):
    with pytest.raises(
        meshkit.AccessError, match=r"MK605 sales\.closed: no read rule names him: role auditor; ask for access"
    ):
        ask("SELECT n FROM closed")
    with pytest.raises(meshkit.UsageError, match="unknown product 'payroll'; meshkit search") as hidden:
        ask("SELECT pay FROM payroll")
    with pytest.raises(meshkit.UsageError) as missing:
        ask("SELECT pay FROM payrole")
    assert str(hidden.value).replace("payroll", "payrole") == str(missing.value)
    with pytest.raises(meshkit.AccessError, match="no read rule names him"):
        ask("SELECT 1 FROM orders", who=EVE)
    with pytest.raises(meshkit.AccessError, match="'fun' is none of its purposes"):
        ask("SELECT 1 FROM orders", purpose="fun")


def test_the_trust_block_is_of_the_columns_that_are_touched(ask, mesh):
    assert ask("SELECT amount FROM orders").trust[0].knowledge == "never checked"
    mesh.check()
    (amount,) = ask("SELECT max(amount) FROM orders").trust
    assert (amount.product, amount.version, amount.knowledge, amount.columns) == (
        "sales.orders", "1.0.0", "checked", ("orders.amount",),
    )  # fmt: skip
    assert [(i.check, i.outcome, i.text) for i in amount.issues] == [
        ("sales.orders.orders.amount.max", "failed", "1 of 5 rows miss the check max of amount")
    ]
    assert [i.text for i in ask("SELECT order_id FROM orders").trust[0].issues] == []
    joined = ask("SELECT name FROM orders JOIN customers USING (customer_id)").trust[0]
    assert [i.text for i in joined.issues] == [
        "a join of orders with customers drops 1 of 5 rows of orders: customer_id references customers"
    ]


def test_an_answer_says_what_was_left_out(ask):
    found = ask("SELECT order_id FROM orders ORDER BY 1", max_rows=2)
    assert (len(found.rows), found.is_truncated) == (2, True)
    assert found.hint == "only the first 2 rows are shown: LIMIT, filter or aggregate, or raise max_rows"
    assert not ask("SELECT order_id FROM orders", max_rows=4).is_truncated
    long = ask("SELECT repeat('x', 500)", limits=meshkit.Limits(timeout_seconds=3, memory_bytes=256 << 20, max_cell=10))
    assert long.rows == (("x" * 10,),)
    assert "1 long values are cut" in long.hint


def test_values_are_written_as_the_page_says(ask):
    row = ask(
        "SELECT 1.50::DECIMAL(5,2), 7::DECIMAL(9,0), 9007199254740993::BIGINT, 'nan'::DOUBLE, TIMESTAMP '2026-01-02 03:04:05', "
        "'ab'::BLOB, {'a': [1, NULL]}, NULL, true"
    ).rows[0]
    assert row == ("1.50", 7, "9007199254740993", "nan", "2026-01-02T03:04:05", "6162", {"a": [1, None]}, None, True)
    assert json.loads(json.dumps(row)) == list(row)


def test_every_query_is_in_the_log_with_its_shape_and_no_literal(ask, mesh):
    ask("SELECT amount FROM orders WHERE order_id = 'o1'")
    with pytest.raises(meshkit.AccessError):
        ask("SELECT n FROM closed")
    with pytest.raises(meshkit.SqlError):
        ask("DROP TABLE orders")
    log = meshkit.access_log(mesh, meshkit.Principal(id="gus", roles=("governor",)))
    told = [(e.actor, e.subject, json.loads(e.payload)) for e in log]
    told.sort(key=lambda t: ["answered", "refused"].index(t[2]["outcome"]))
    assert (*told[0][:2], told[0][2]["outcome"]) == ("ann", "sales.orders", "answered")
    assert sorted((s, p["outcome"]) for _, s, p in told[1:]) == [("", "refused"), ("sales.closed", "refused")]
    assert told[0][2]["rows"] == 1
    assert told[0][2]["columns"] == ["orders.amount", "orders.order_id"]
    assert "o1" not in json.dumps(told[0][2])


def test_without_a_log_nothing_is_read(ask, monkeypatch):
    monkeypatch.setenv("MESHKIT_STORE", "off")
    with pytest.raises(meshkit.AccessError, match="MK603"):
        ask("SELECT amount FROM orders")


def test_a_key_is_made_once_and_for_its_owner_alone(made, tmp_path, sandbox, monkeypatch):
    folder = tmp_path / "mesh"
    shutil.copytree(made, folder)
    monkeypatch.delenv("MESHKIT_STORE", raising=False)
    monkeypatch.delenv("MESHKIT_MASK_KEY", raising=False)
    copied = meshkit.load(folder)
    sql = "SELECT email FROM orders ORDER BY order_id LIMIT 1"
    first, second = (
        meshkit.query(copied, sql, principal=ANN, purpose="reporting", sandbox=sandbox).rows for _ in range(2)
    )
    assert first == second
    path = folder / ".meshkit" / "mask.key"
    assert path.stat().st_mode & 0o077 == 0
    assert (folder / ".meshkit" / ".gitignore").read_text() == "*\n"
    assert len(path.read_text()) == 64


def test_a_mesh_has_the_verb(mesh, monkeypatch):
    found = mesh.sql("SELECT count(*) FROM customers", purpose="reporting", principal=ANN, max_rows=5)
    assert found.rows == ((2,),)


def test_a_restricted_column_is_written_in_other_forms_and_read_back(made, tmp_path):
    def convert(source, to, target):
        subprocess.run([sys.executable, "-m", "meshkit", "convert", source, "--to", to, "-o", target], check=True)

    convert(made / "orders.yaml", "odcs", tmp_path / "orders.odcs.yaml")
    convert(tmp_path / "orders.odcs.yaml", "native", tmp_path / "orders.yaml")
    fields = {f["name"]: f for f in yaml.safe_load((tmp_path / "orders.yaml").read_text())["schema"]["fields"]}
    assert [name for name, f in fields.items() if f.get("classification") == "restricted"] == ["ssn"]


def test_a_column_that_the_data_lacks_is_said(made, tmp_path, sandbox, monkeypatch):
    monkeypatch.setenv("MESHKIT_STORE", str(tmp_path / "store.db"))
    folder = tmp_path / "mesh"
    shutil.copytree(made, folder)
    (folder / "customers.csv").write_text("customer_id,since\nc1,2020-01-31\n")
    found = meshkit.query(
        meshkit.load(folder), "SELECT * FROM customers", principal=ANN, purpose="reporting", sandbox=sandbox
    )
    assert [c.name for c in found.columns] == ["customer_id", "since"]
    assert (found.hint, found.is_truncated) == ("the data has not customers.name, which the contract promises", False)


def test_a_query_of_no_product_is_in_the_log_as_it_ended(ask, mesh):
    ask("SELECT 1")
    with pytest.raises(meshkit.SqlError):
        ask("SELECT")
    log = meshkit.access_log(mesh, meshkit.Principal(id="gus", roles=("governor",)))
    told = {(p["outcome"], p["allowed"]) for p in (json.loads(e.payload) for e in log)}
    assert told == {("answered", True), ("refused", False)}


def test_values_that_do_not_parse_are_counted_as_cells(made, tmp_path, sandbox, monkeypatch):
    """Of 2 rows of 3 columns one value is no date: 1 of 6 cells."""
    monkeypatch.setenv("MESHKIT_STORE", str(tmp_path / "store.db"))
    folder = tmp_path / "mesh"
    shutil.copytree(made, folder)
    (folder / "customers.csv").write_text("customer_id,name,since\nc1,Ada,soon\nc2,Bo,2021-06-30\n")
    mesh = meshkit.load(folder)
    mesh.check()
    found = meshkit.query(mesh, "SELECT since FROM customers", principal=ANN, purpose="reporting", sandbox=sandbox)
    assert found.rows == ((None,), ("2021-06-30",))
    assert [i.text for i in found.trust[0].issues] == ["1 of 6 cells miss the check types"]


def test_rows_as_csv_say_on_standard_error_that_more_are_there(made, tmp_path):
    folder = tmp_path / "mesh"
    shutil.copytree(made, folder)
    (folder / "principals.yaml").write_text("principals: [{id: ann, purposes: [reporting]}]")
    command = [sys.executable, "-m", "meshkit", "query", "SELECT name FROM customers ORDER BY 1", "--mesh", str(folder)]
    done = subprocess.run(
        [*command, "--max-rows", "1", "--format", "csv", "--purpose", "reporting", "--as", "ann"],
        capture_output=True, text=True, env=os.environ | {"MESHKIT_STORE": str(tmp_path / "store.db")}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "name\nAda\n"), done.stderr
    assert done.stderr == "only the first 1 rows are shown: LIMIT, filter or aggregate, or raise max_rows\n"
