"""A mesh whose tables another engine holds: the same verdicts as over files, or a reason why there is none."""

from __future__ import annotations

import datetime as dt
import sqlite3
from decimal import Decimal

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import meshkit
from meshkit.errors import UsageError

NOW = "2026-11-22T12:00:00Z"
ORDERS = pa.table({
    "id": pa.array([1, 2, 2, 4, None], pa.int64()),
    "Customer": pa.array(["a", "b", "x", None, "a"]),
    "amount": pa.array([Decimal("10.50"), Decimal("-1.00"), None, Decimal("0.00"), Decimal("7.25")], pa.decimal128(12, 2)),
    "code": pa.array(["A-1", "A-22", "b-3", "A-4 ", None]),
    "status": pa.array(["OPEN", "open", "SHUT", "OPEN", "SHUT"]),
    "ratio": pa.array([0.5, float("nan"), 2.0, None, 1.0]),
    "day": pa.array([dt.date(2026, 11, 22), dt.date(2026, 11, 21), dt.date(1969, 12, 31), dt.date(2026, 11, 20), None]),
})  # fmt: skip
CUSTOMERS = pa.table({"key": pa.array(["a", "b", "c"]), "region": pa.array(["EU", "US", "EU"])})
FIELDS = [
    {"name": "id", "type": "integer", "constraints": ["not_null", "unique"]},
    {"name": "Customer", "type": "string", "constraints": [{"references": "customers.key"}]},
    {"name": "amount", "type": "decimal(12,2)", "constraints": [{"min": 0}, {"max": 10}]},
    {"name": "code", "type": "string", "constraints": [{"pattern": "^[A-Z]-[0-9]$"}, {"max_length": 3}]},
    {"name": "status", "type": "string", "constraints": [{"in": ["OPEN", "SHUT"]}]},
    {"name": "ratio", "type": "float", "constraints": [{"max": 1}]},
    {"name": "day", "type": "date"},
]
QUERIES = [
    {"name": "open", "query": "SELECT count(*) FROM orders WHERE status = 'OPEN'", "must_be": 2},
    {"name": "total", "query": "SELECT sum(amount) FROM orders", "must_be": ">= 16.75"},
    {
        "name": "by_region",
        "query": 'SELECT count(DISTINCT region) FROM orders o JOIN customers c ON c.key = o."Customer"',
        "must_be": 2,
    },
    {"name": "none", "query": "SELECT count(*) FROM orders WHERE id > 100"},
]
COUNTED = {
    "orders.columns": ("passed", 0), "orders.types": ("passed", 0), "orders.row_count": ("passed", 5),
    "id.not_null": ("failed", 1), "id.unique": ("failed", 1), "Customer.references": ("failed", 1),
    "amount.min": ("failed", 1), "amount.max": ("failed", 1), "code.pattern": ("failed", 3), "code.max_length": ("failed", 2),
    "status.in": ("failed", 1), "ratio.max": ("failed", 2), "freshness": ("passed", 0.0),
    "open": ("passed", 2), "total": ("passed", Decimal("16.75")), "by_region": ("passed", 2), "none": ("passed", 0),
}  # fmt: skip
"""By hand: NaN is above every bound, '=' knows upper and lower case, a blank at the end counts, today is fresh, NULL misses only not_null."""


@pytest.fixture
def shop(mesh, contract, tmp_path):
    """Return a mesh of two products over parquet files; `changes` are put into the first contract."""

    def make(queries=QUERIES, fields=FIELDS):
        pq.write_table(ORDERS, tmp_path / "orders.parquet")
        pq.write_table(CUSTOMERS, tmp_path / "customers.parquet")
        sla = {"quality_checks": queries, "freshness": {"max_age_hours": 24, "column": "day"}}
        orders = contract(fields, name="orders", sla=sla, schema={"alias": "orders", "location": "../orders.parquet"})
        keys = [{"name": "key", "type": "string"}, {"name": "region", "type": "string"}]
        customers = contract(keys, name="customers", schema={"alias": "customers", "location": "../customers.parquet"})
        return mesh(orders, customers)

    return make


def filled(url):
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        for name, table in (("orders", ORDERS), ("customers", CUSTOMERS)):
            cursor.adbc_ingest(name, table, mode="replace")
        cursor.execute("ALTER TABLE orders ALTER COLUMN amount TYPE numeric(12,2)")
        connection.commit()
    return url


@pytest.fixture
def url(postgres):
    yield filled(postgres.url)
    with adbc.connect(postgres.url, autocommit=True) as connection, connection.cursor() as cursor:
        for name in ("orders", "customers"):
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def numbers(run):
    """Return outcome and number of each check of the first product, by the end of its id."""
    own = [v for v in run.verdicts if v.id.startswith("d.orders.")]
    return {
        v.id.removeprefix("d.orders.orders.").replace("d.orders.", ""): (
            str(v.outcome),
            v.value if v.bad is None else v.bad,
        )
        for v in own
    }


def test_a_table_of_postgres_gets_the_verdicts_that_its_file_gets(shop, url):
    found = shop()
    here, there = (numbers(found.check(now=NOW, engine=e)) for e in (None, url))
    assert here == there
    for name, counted in COUNTED.items():
        assert here[name.removeprefix("orders.")] == counted, name


def test_the_sql_of_a_verdict_is_that_of_the_engine(shop, url):
    (verdict,) = shop().check(now=NOW, engine=url, checks=["code.pattern"]).verdicts
    assert 'FROM "shop"."public"."orders"' in verdict.sql.replace("\n", " ") or '"public"."orders"' in verdict.sql
    assert "~" in verdict.sql


def test_the_sql_of_a_check_can_be_had_with_the_names_and_types_of_the_engine(shop, url):
    found = shop()
    verdicts = found.check(now=NOW, engine=url, products=["d.orders"]).verdicts
    shown = found.product("d.orders").sql(engine=url)
    assert list(shown) == [v.id for v in verdicts]
    by_the_clock = ("freshness", "not_future")
    ran = {v.id: v.sql for v in verdicts if v.sql and not v.id.endswith(by_the_clock)}
    assert len(ran) > len(FIELDS)
    assert {k: "".join(shown[k].split()) for k in ran} == {k: "".join(v.split()) for k, v in ran.items()}
    assert all('"public"."orders"' in text for text in ran.values())
    assert "public" not in str(found.product("d.orders").sql("open", dialect="postgres"))


def test_the_sql_of_a_check_names_what_stands_in_its_way(shop, tmp_path):
    product = shop().product("d.orders")
    place = tmp_path / "empty.db"
    sqlite3.connect(place).execute("CREATE TABLE customers (key TEXT)").connection.close()
    (why,) = product.sql("open", engine=f"sqlite:///{place}").values()
    assert why.startswith("-- MK302 there is no table 'orders'")
    with pytest.raises(meshkit.EngineError):
        product.sql("open", engine=f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(UsageError, match="unknown environment 'prod'"):
        product.sql("open", env="prod")
    with pytest.raises(UsageError, match="did you mean 'postgres'"):
        product.sql("open", engine="postgrs://x/y")


def test_what_has_no_equal_is_refused_by_name_before_it_runs_and_the_others_are_answered(shop, url):
    odd = {"name": "odd", "query": "SELECT count(*) FROM orders WHERE jaccard(status, code) > 0.5"}
    run = shop([*QUERIES, odd]).check(now=NOW, engine=url)
    verdicts = {v.id.rpartition(".")[2]: v for v in run.verdicts}
    assert str(verdicts["odd"].outcome) == "errored"
    assert verdicts["odd"].message.startswith("MK210 jaccard has no equal on postgres")
    assert "sql.postgres" in verdicts["odd"].message
    assert "--fetch" in verdicts["odd"].message
    assert str(verdicts["open"].outcome) == "passed"


def test_what_has_no_equal_runs_in_duckdb_over_the_columns_that_are_fetched(shop, url):
    odd = {"name": "odd", "query": "SELECT count(*) FROM orders WHERE jaccard(status, 'OPEN') = 1"}
    run = shop([odd]).check(now=NOW, engine=url, fetch=True)
    (verdict,) = [v for v in run.verdicts if v.id.endswith(".odd")]
    assert (str(verdict.outcome), verdict.value) == ("failed", 2)
    assert "5 rows fetched from postgres" in verdict.message


def test_more_than_may_be_fetched_is_refused(shop, url):
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders (id) SELECT 100 + g FROM generate_series(1, 2000) g")
        connection.commit()
    from meshkit.run.fetch import Budget

    odd = {"name": "odd", "query": "SELECT count(*) FROM orders WHERE jaccard(status, 'OPEN') = 1"}
    run = shop([odd]).check(now=NOW, engine=url, fetch=Budget(rows=1500))
    (verdict,) = [v for v in run.verdicts if v.id.endswith(".odd")]
    assert str(verdict.outcome) == "errored"
    assert "MK313" in verdict.message
    assert "1,500 rows" in verdict.message


def test_a_check_over_two_engines_says_so_and_runs_with_fetch(shop, url, tmp_path):
    pq.write_table(CUSTOMERS.slice(0, 1), tmp_path / "few.parquet")
    found, given = shop(), {"customers": str(tmp_path / "few.parquet")}
    run = found.check(now=NOW, engine=url, tables=given, products=["d.orders"], checks=["Customer.references"])
    assert run.verdicts[0].message.startswith("MK312")
    run = found.check(
        now=NOW, engine=url, tables=given, products=["d.orders"], checks=["Customer.references"], fetch=True
    )
    assert (str(run.verdicts[0].outcome), run.verdicts[0].bad) == ("failed", 2)  # b and x


def test_an_engine_that_is_not_reached_leaves_every_check_of_it_errored_and_no_secret_shown(shop):
    run = shop().check(now=NOW, engine="postgresql://me:hidden@127.0.0.1:1/shop", timeout_seconds=5)
    assert {str(v.outcome) for v in run.verdicts} == {"errored"}
    assert all("MK311" in v.message for v in run.verdicts)
    assert "hidden" not in str(run.result.model_dump())


def test_an_unknown_engine_is_told_with_the_near_name():
    with pytest.raises(meshkit.UsageError, match="did you mean 'postgres'"):
        meshkit.load("sample_data/retail").check(engine="postgrs://x/y")


def test_a_file_of_sqlite_gets_the_verdicts_that_its_tables_get_as_files(shop, tmp_path):
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as connection:
        connection.execute(
            'CREATE TABLE orders (id INTEGER, "Customer" TEXT COLLATE NOCASE, amount DECIMAL(12,2), code TEXT, '
            "status TEXT COLLATE NOCASE, ratio REAL, day DATE)"
        )
        connection.execute("CREATE TABLE customers (key TEXT, region TEXT)")
        for row in ORDERS.to_pylist():
            values = [
                float(v) if isinstance(v, Decimal) else v.isoformat() if isinstance(v, dt.date) else v
                for v in row.values()
            ]
            connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        connection.executemany(
            "INSERT INTO customers VALUES (?, ?)", [tuple(r.values()) for r in CUSTOMERS.to_pylist()]
        )
    connection.close()
    found = shop()
    there = numbers(found.check(now=NOW, engine=f"sqlite:///{place}"))
    assert there.pop("ratio.max") == ("failed", 1)  # SQLite has stored the NaN as NULL
    here = numbers(found.check(now=NOW))
    del here["ratio.max"]
    assert [k for k, (_, v) in there.items() if v is None] == []
    assert {k: (o, float(v)) for k, (o, v) in there.items()} == {k: (o, float(v)) for k, (o, v) in here.items()}


def test_a_text_in_a_column_of_numbers_of_sqlite_gives_no_verdict_by_either(mesh, contract, tmp_path):
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, paid INTEGER)")
        connection.execute("CREATE TABLE customers (key INTEGER, rank INTEGER, name STRING)")
        connection.executemany("INSERT INTO orders VALUES (?, ?)", [(1, 5), (2, "many")])
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", [(1, 3, "3x"), (2, "top", "a")])
    connection.close()
    asked = {
        "own": "SELECT sum(paid) FROM orders",
        "other": "SELECT sum(rank) FROM customers",
        "joined": "SELECT count(*) FROM orders o JOIN customers c ON c.key = o.id WHERE c.rank > 0",
        "among": "SELECT count(*) FROM orders WHERE id IN (SELECT rank FROM customers)",
        "whole": "SELECT count(*) FROM orders o JOIN customers c ON c.key = o.id WHERE c.name < '5'",
    }
    queries = [{"name": name, "query": query, "must_be": ">= 0"} for name, query in asked.items()]
    whole = {"type": "integer"}
    orders = contract(
        [{"name": "id", **whole}, {"name": "paid", **whole, "constraints": [{"min": 0}, "not_null"]}],
        name="orders",
        sla={"quality_checks": queries},
        schema={"alias": "orders", "location": "../orders.parquet"},
    )
    fields = [{"name": "key", **whole}, {"name": "rank", **whole}, {"name": "name", "type": "string"}]
    customers = contract(fields, name="customers", schema={"alias": "customers", "location": "../customers.parquet"})
    found = {v.id.rpartition(".")[2]: v for v in mesh(orders, customers).check(engine=f"sqlite:///{place}").verdicts}
    outcomes = {name: str(found[name].outcome) for name in (*asked, "min", "not_null")}
    assert outcomes == {
        "own": "skipped", "other": "errored", "joined": "errored", "among": "errored", "whole": "passed", "min": "skipped",
        "not_null": "skipped",
    }  # fmt: skip
    assert found["whole"].value == 1
    assert "values of other types than its own, VARCHAR" in found["other"].message


def test_a_check_in_the_engines_own_words_runs_as_it_stands(shop, url):
    own = {"name": "own", "query": "SELECT count(*) FROM orders WHERE jaccard(status, 'x') > 2",
           "sql": {"postgres": "SELECT count(*) FROM orders WHERE status ~* '^open$'"}}  # fmt: skip
    (verdict,) = shop([own]).check(now=NOW, engine=url, checks=["own"], samples=2, why=True).verdicts
    assert (str(verdict.outcome), verdict.value) == ("failed", 3)
    assert verdict.samples is None
    assert [w.partition(":")[0] for w in verdict.why] == ["its rows cannot be shown", "its cause cannot be looked for"]
    assert "has no equal on postgres" in verdict.why[0]


def test_own_words_that_name_an_unknown_column_have_no_answer_and_the_others_keep_theirs(shop, url):
    own = {"name": "own", "query": "SELECT 0", "sql": {"postgres": "SELECT count(orders.stat) FROM orders"}}
    run = shop([*QUERIES, own]).check(now=NOW, engine=url)
    found = {v.id.rpartition(".")[2]: v for v in run.verdicts}
    assert found["own"].message.startswith("MK206 unknown column 'orders.stat'; did you mean 'status'?")
    assert str(found["open"].outcome) == "passed"


def test_hostile_text_for_an_engine_is_refused_before_it_is_sent(shop, url):
    own = {
        "name": "own",
        "query": "SELECT 0",
        "sql": {"postgres": "SELECT count(*) FROM orders WHERE pg_sleep(9) IS NULL"},
    }
    (verdict,) = shop([own]).check(now=NOW, engine=url, checks=["own"]).verdicts
    assert str(verdict.outcome) == "errored"
    assert "MK203" in verdict.message


def test_doctor_finds_a_server_and_names_no_secret(url, capsys):
    from meshkit import doctoring

    *_, reached = doctoring.examine([url.replace("owner@", "owner:hunter2@")])
    assert reached.missing == ""
    assert reached.version.startswith("postgres 1")
    assert "hunter2" not in reached.model_dump_json()
    (lost,) = doctoring.examine(["postgresql://owner:hunter2@127.0.0.1:1/shop"])[-1:]
    assert "MK311" in lost.missing
    assert "hunter2" not in lost.model_dump_json()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_selftest_asks_over_rows_in_the_query_and_makes_nothing(monkeypatch, request, engine):
    """Rows that an engine cannot hold are in the way of those queries alone that read them."""
    from meshkit import doctoring

    some = doctoring.common_cases()[::4]  # all of them are asked of every engine by tests/truth
    monkeypatch.setattr(doctoring, "common_cases", lambda: some)
    tested = doctoring.selftest("sqlite://" if engine == "sqlite" else request.getfixturevalue(engine).url)
    assert tested.is_sound, [c for c in tested.cases if c.answered in ("wrong", "error")]
    assert len(tested.of("same")) > 0.9 * len(tested.cases)


def test_doctor_takes_the_name_of_an_engine_and_its_secret_from_the_settings(tmp_path, monkeypatch, postgres):
    from meshkit import doctoring

    some = doctoring.common_cases()[:2]
    monkeypatch.setattr(doctoring, "common_cases", lambda: some)
    monkeypatch.setenv("DB_PASSWORD", "s3cret")
    text = f'engines: {{shop: {{url: "{postgres.url}", password: {{env: DB_PASSWORD}}}}}}'
    (tmp_path / "meshkit.yaml").write_text(text)
    assert doctoring.selftest("shop", mesh=tmp_path).is_sound
    states = [s for s in doctoring.examine(["shop"], mesh=tmp_path) if s.address]
    assert [(s.named, s.missing) for s in states] == [("", ""), ("engine shop", "")]
    assert "s3cret" not in repr(states)
    with pytest.raises(UsageError, match="unknown engine 'shp'"):
        doctoring.selftest("shp", mesh=tmp_path)


def test_metrics_of_a_table_of_postgres_are_those_of_its_file(shop, url):
    def measured(engine):
        run = shop().check(now=NOW, engine=engine, products=["d.orders"], metrics="all")
        return {m.id.removeprefix("d.orders.orders."): m for m in run.products[0].metrics}

    here, there = measured(None), measured(url)
    assert list(here) == list(there)
    assert (there["row_count"].value, there["amount.null_rate"].value) == (5, 0.2)
    assert there["status.distinct_count"].value == 3  # OPEN, open and SHUT
    for name, one in here.items():
        other = there[name]
        assert (other.value, other.unavailable) == (one.value, one.unavailable), name
        if one.distribution:
            assert other.distribution.model_dump(exclude={"deviation"}) == one.distribution.model_dump(
                exclude={"deviation"}
            ), name
            assert other.distribution.deviation == pytest.approx(one.distribution.deviation), name
