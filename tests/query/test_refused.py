"""Queries that must not get through: each is refused, or sees nothing but what its reader may see."""

import shutil

import pytest
from tests.query.conftest import ANN

import meshkit

SECRETS = ("root:", "111-11-1111", "ann@mail.example", "1000001", "1970", "+15550101", "PATH=")

REFUSED = [
    # files, the network and the machine
    "SELECT * FROM read_text('/etc/passwd')", "SELECT read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')", "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('orders.parquet')", "SELECT * FROM parquet_scan('orders.parquet')", "SELECT * FROM 'orders.parquet'",
    "SELECT * FROM '/etc/passwd'", 'SELECT * FROM "/etc/passwd"', 'SELECT * FROM "orders.parquet"', "SELECT * FROM 'https://localhost/x.csv'",
    "SELECT * FROM glob('/*')", "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM parquet_metadata('orders.parquet')",
    "SELECT * FROM parquet_schema('orders.parquet')", "SELECT * FROM sqlite_scan('x.db', 't')", "SELECT * FROM iceberg_scan('x')",
    "SELECT * FROM orders, read_text('/etc/passwd')", "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH f AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM f", "SELECT 1 UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "SELECT getenv('PATH')", "SELECT getvariable('x')", "SELECT current_setting('home_directory')", "SELECT version()",
    "SELECT current_user", "SELECT session_user", "SELECT current_database()", "SELECT current_schema()", "SELECT current_query()",
    # writes, settings, several statements
    "DROP TABLE orders", "DELETE FROM orders", "UPDATE orders SET amount = 0", "INSERT INTO orders VALUES (1)", "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW orders AS SELECT 1", "CREATE MACRO f() AS 1", "COPY orders TO '/tmp/x.csv'", "COPY (SELECT 1) TO '/tmp/x'",
    "EXPORT DATABASE '/tmp/x'", "ATTACH '/tmp/x.db'", "DETACH memory", "INSTALL httpfs", "LOAD httpfs", "SET memory_limit = '9GB'",
    "RESET memory_limit", "PRAGMA database_list", "CALL duckdb_settings()", "USE main", "CHECKPOINT", "VACUUM", "BEGIN", "EXPLAIN SELECT 1",
    "DESCRIBE orders", "SUMMARIZE orders", "SHOW TABLES", "SHOW ALL TABLES", "PREPARE p AS SELECT 1", "EXECUTE p", "TRUNCATE orders",
    "SET VARIABLE x = 1", "UPDATE EXTENSIONS", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders", "SELECT 1;; DELETE FROM orders",
    "WITH x AS (INSERT INTO orders VALUES (1) RETURNING *) SELECT * FROM x", "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
    "SELECT 1 INTO OUTFILE '/tmp/x'", "SELECT * FROM orders FOR UPDATE", "MERGE INTO orders USING customers ON true WHEN MATCHED THEN DELETE",
    # the catalogue
    "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_tables()", "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_columns()", "SELECT * FROM information_schema.tables", "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master", "SELECT * FROM main.orders", "SELECT * FROM memory.main.orders", 'SELECT * FROM "memory"."main"."orders"',
    "SELECT * FROM temp.orders", 'SELECT * FROM "sent 0"', "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('orders')",
    "SELECT * FROM pragma_table_info('orders')", "SELECT * FROM test_all_types()",
    # what may not be seen
    "SELECT pay FROM payroll", "SELECT * FROM sales.payroll", "SELECT n FROM closed", "SELECT * FROM orders JOIN payroll ON true",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM payroll)", "WITH payroll2 AS (SELECT * FROM payroll) SELECT * FROM payroll2",
    "SELECT ssn FROM orders", 'SELECT "SSN" FROM orders', "SELECT * EXCLUDE (ssn) FROM orders", "SELECT * REPLACE (ssn AS amount) FROM orders",
    "SELECT orders.ssn FROM orders", "SELECT struct_extract(orders, 'ssn') FROM orders", "SELECT COLUMNS('ssn') FROM orders",
    "SELECT COLUMNS(c -> c LIKE 's%') FROM orders", "SELECT ssn FROM (SELECT * FROM orders)", "SELECT o.ssn FROM orders AS o(a, b, c, d)",
    "SELECT orders.rowid FROM orders", "SELECT ѕsn FROM orders", "SELECT s\u200bsn FROM orders", "SELECT * FROM оrders",
    "SELECT principal.region FROM orders", "SELECT $1", "SELECT ?", "SELECT $region",
    "PIVOT orders ON ssn USING count(*)", "UNPIVOT orders ON ssn INTO NAME a VALUE b", "SELECT * FROM orders POSITIONAL JOIN closed",
    "SELECT * FROM orders TABLESAMPLE 10 ROWS",
    # bombs
    "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", "SELECT count(*) FROM range(1000000000000)",
    "SELECT repeat('x', 2000000000)", "SELECT repeat(repeat('x', 100000), 100000)", "SELECT list(range) FROM range(100000000000)",
    "SELECT " + "(" * 500 + "1" + ")" * 500, "SELECT " + "+".join(["1"] * 30000), "SELECT '" + "x" * 30_000 + "'",
    "SELECT * FROM " + ", ".join(f"orders t{n}" for n in range(30)), "", ";", "-- nothing", "SELECT", "SELECT * FROM", "SELECT 'unclosed",
    "/* SELECT 1", "SELECT 1 /*! DROP TABLE orders */ DROP TABLE orders", "\x00SELECT 1",
]  # fmt: skip
HARMLESS = [
    "SELECT amount FROM orders WHERE region = 'south' OR true", "SELECT region FROM orders UNION ALL SELECT region FROM orders",
    "SELECT max(region) OVER () FROM orders", "SELECT orders FROM orders", "SELECT row(orders) FROM orders", "SELECT to_json(orders) FROM orders",
    "SELECT email FROM orders WHERE email LIKE 'ann%'", "SELECT min(email), max(phone), max(birth) FROM orders",
    "SELECT email FROM orders ORDER BY email", "SELECT email, count(*) FROM orders GROUP BY email", "SELECT upper(email) || phone FROM orders",
    "SELECT regexp_extract(email, '.*') FROM orders", "SELECT length(birth) FROM orders", "SELECT typeof(email), typeof(birth) FROM orders",
    "SELECT a.email FROM orders a JOIN orders b ON a.email = b.email", "SELECT cast(email AS VARCHAR) FROM orders",
    "WITH orders AS (SELECT 1 AS amount) SELECT amount FROM orders", "WITH o AS (SELECT * FROM orders) SELECT * FROM o NATURAL JOIN orders",
    "SELECT region FROM orders o WHERE o.region <> (SELECT min(region) FROM orders)", "SELECT list(email), list(phone), list(birth) FROM orders",
    "SELECT * FROM orders QUALIFY row_number() OVER () < 100", "SELECT first(birth), last(email), any_value(phone) FROM orders",
]  # fmt: skip


def test_there_are_enough_of_them():
    assert len(REFUSED) + len(HARMLESS) >= 120


@pytest.mark.parametrize("sql", REFUSED, ids=[f"{n} {q[:40]!r}" for n, q in enumerate(REFUSED)])
def test_a_hostile_query_is_refused_in_one_line_without_a_value(ask, sql):
    with pytest.raises(meshkit.MeshkitError) as refused:
        ask(sql)
    told = str(refused.value)
    assert "\n" not in told
    assert not [s for s in SECRETS if s in told]


@pytest.mark.parametrize("sql", HARMLESS)
def test_a_query_that_may_run_sees_only_what_its_reader_may_see(ask, sql):
    try:
        told = str(ask(sql))
    except meshkit.MeshkitError as error:
        told = str(error)
    assert not [s for s in (*SECRETS, "south") if s in told.replace(sql, "")]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(999999) a, range(999999) b, range(999999) c",
        "SELECT list(a.range) FROM range(999999) a, range(9999) b",
    ],
)
def test_a_bomb_ends_its_own_process_and_the_next_query_is_answered(ask, sql):
    with pytest.raises(meshkit.EngineError, match=r"MK305|MK315"):
        ask(sql)
    assert ask("SELECT count(*) FROM customers").rows == ((2,),)


@pytest.mark.parametrize("letters", [str.lower, str.upper, str.title])
@pytest.mark.parametrize(
    "form",
    [
        "sales.payroll",
        "payroll",
        "payroll.t",
        "sales.payrol",
        "payrolls",
        "hr.payroll",
        "sales.payroll.t",
        "cash.payrol",
    ],
)
def test_a_hidden_product_changes_no_word_of_an_error(made, tmp_path, sandbox, monkeypatch, form, letters):
    monkeypatch.setenv("MESHKIT_STORE", str(tmp_path / "store.db"))
    without = tmp_path / "mesh"
    shutil.copytree(made, without, ignore=shutil.ignore_patterns("payroll*"))
    said = []
    for folder in (made, without):
        with pytest.raises(meshkit.MeshkitError) as refused:
            sql = f"SELECT 1 FROM {letters(form)}"
            meshkit.query(meshkit.load(folder), sql, principal=ANN, purpose="reporting", sandbox=sandbox)
        said.append(str(refused.value))
    assert said[0] == said[1]
