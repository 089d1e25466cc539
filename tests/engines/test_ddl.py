"""Tables that a contract is written as, made for real: good rows go in, and each bad row is refused for its reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse

from meshkit.model.table import Column, Constraint, Severity, Table
from meshkit.sql.ddl import create_tables
from meshkit.sql.ddl_types import DIALECTS


def has(kind: str, *values: str, **options) -> Constraint:
    return Constraint(kind=kind, values=values, **options)


CUSTOMERS = Table(
    name="customers",
    names=("customers",),
    description="Who buys; it's one row each",
    primary_key=("id",),
    columns=(Column(name="id", type="integer", description="Its 'key'"), Column(name="order", type="string(3)")),
)
ORDERS = Table(
    name="orders",
    names=("orders",),
    primary_key=("id",),
    columns=(
        Column(name="id", type="integer"),
        Column(name="customer", type="integer", constraints=(has("not_null"), has("references", "customers", "id"))),
        Column(name="code", type="string", constraints=(has("unique"), has("pattern", r"^\w{2}-\d+$"))),
        Column(name="amount", type="decimal(12,2)", constraints=(has("min", "0"), has("max", "1e3"))),
        Column(name="weight", type="float", constraints=(has("min", "0.5"),)),
        Column(name="day", type="date", constraints=(has("min", "2024-01-15"),)),
        Column(name="state", type="string", constraints=(has("in", "it's", "b"), has("min_length", "1"))),
        Column(name="note", type="string", constraints=(has("max_length", "3"),)),
        Column(name="soft", type="integer", constraints=(has("min", "0", severity=Severity.WARNING),)),
        Column(name="loose", type="integer", constraints=(has("not_null", threshold="5%"),)),
    ),
)
GOOD = "1, 1, 'ab-7', 12.50, 0.5, '2024-01-15', 'it''s', 'äöü', -5, NULL"
BAD = {
    "primary key": "1, 1, 'cd-1', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "key is null": "NULL, 1, 'cd-1', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "not null": "2, NULL, 'cd-1', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "foreign key": "2, 9, 'cd-1', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "unique": "2, 1, 'ab-7', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "pattern": "2, 1, 'é-1', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "pattern at the end": "2, 1, 'cd-1x', 1, 1, '2024-02-01', 'b', 'x', 1, 1",
    "minimum": "2, 1, 'cd-1', -0.01, 1, '2024-02-01', 'b', 'x', 1, 1",
    "maximum": "2, 1, 'cd-1', 1000.01, 1, '2024-02-01', 'b', 'x', 1, 1",
    "float": "2, 1, 'cd-1', 1, 0.4, '2024-02-01', 'b', 'x', 1, 1",
    "not a number": "2, 1, 'cd-1', 1, CAST('NaN' AS DOUBLE PRECISION), '2024-02-01', 'b', 'x', 1, 1",
    "date": "2, 1, 'cd-1', 1, 1, '2024-01-14', 'b', 'x', 1, 1",
    "list": "2, 1, 'cd-1', 1, 1, '2024-02-01', 'c', 'x', 1, 1",
    "length": "2, 1, 'cd-1', 1, 1, '2024-02-01', 'b', 'abcd', 1, 1",
}
NULLS = "3, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"


def made(dialect: str) -> str:
    return create_tables((ORDERS, CUSTOMERS), dialect).text


@pytest.fixture
def in_duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as database:
        database.execute(made("duckdb"))
        database.execute("INSERT INTO customers VALUES (1, 'abc')")
        database.execute(f"INSERT INTO orders VALUES ({GOOD})")
        yield database


@pytest.mark.parametrize("row", BAD.values(), ids=list(BAD))
def test_duckdb_refuses_a_bad_row(in_duckdb, row):
    with pytest.raises(duckdb.ConstraintException):
        in_duckdb.execute(f"INSERT INTO orders VALUES ({row})")


def test_duckdb_takes_null_where_no_value_is_no_violation_and_keeps_comments(in_duckdb):
    in_duckdb.execute(f"INSERT INTO orders VALUES ({NULLS})")
    query = "SELECT comment FROM duckdb_tables() WHERE table_name = 'customers'"
    assert in_duckdb.execute(query).fetchone() == ("Who buys; it's one row each",)


Psql = Callable[[str], subprocess.CompletedProcess[str]]


def _binaries() -> Path | None:
    """Find PostgreSQL's programs: where pg_config says, on the path, or where Debian puts them."""
    found = []
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(told.stdout.strip()))
    if (initdb := shutil.which("initdb")) is not None:
        found.append(Path(initdb).parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in found if all((f / p).exists() for p in ("initdb", "pg_ctl", "psql"))), None)


@pytest.fixture(scope="module")
def psql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Psql]:
    """A PostgreSQL of this test's own, on a socket in its own folder; no port is opened."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here (initdb, pg_ctl, psql)")
    home = Path(
        subprocess.run(["mktemp", "-d", "/tmp/pg.XXXXXX"], capture_output=True, text=True, check=True).stdout.strip()
    )
    as_user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        if shutil.which("setpriv") is None:
            pytest.skip("PostgreSQL does not run as root, and setpriv is not installed here")
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.chown(home, "nobody", "nogroup")

    def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [*as_user, str(binaries / command[0]), *command[1:]],
            capture_output=True, text=True, check=check, cwd=home, env=environment, timeout=120,
        )  # fmt: skip

    data = str(home / "data")
    try:
        run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield lambda sql: run(
                "psql",
                "-X",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                str(home),
                "-U",
                "postgres",
                "-c",
                sql,
                check=False,
            )
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop", check=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def in_postgres(psql: Psql) -> Psql:
    made_there = psql(made("postgres"))
    assert made_there.returncode == 0, made_there.stderr
    filled = psql(f"INSERT INTO customers VALUES (1, 'abc'); INSERT INTO orders VALUES ({GOOD})")
    assert filled.returncode == 0, filled.stderr
    return psql


@pytest.mark.parametrize("row", BAD.values(), ids=list(BAD))
def test_postgres_refuses_a_bad_row(in_postgres, row):
    refused = in_postgres(f"INSERT INTO orders VALUES ({row})")
    assert refused.returncode != 0
    assert "violates" in refused.stderr


def test_postgres_takes_null_where_no_value_is_no_violation_and_keeps_comments(in_postgres):
    assert in_postgres(f"INSERT INTO orders VALUES ({NULLS})").returncode == 0
    said = in_postgres("SELECT obj_description('customers'::regclass), col_description('customers'::regclass, 1)")
    assert said.stdout.strip() == "Who buys; it's one row each|Its 'key'"


def test_postgres_makes_every_type(psql):
    parts = (Column(name="x", type="integer"),)
    nested = [Column(name="o", type="object", fields=parts), Column(name="a", type="array<integer>")]
    kinds = [
        "string",
        "number",
        "decimal",
        "boolean",
        "time",
        "timestamp",
        "timestamp_tz",
        "binary",
        "map<string, integer>",
    ]
    columns = (*nested, *(Column(name=f"c{i}", type=k) for i, k in enumerate(kinds)), Column(name="untyped"))
    assert psql(create_tables((Table(name="every", names=(), columns=columns),), "postgres").text).returncode == 0
    query = "SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'every'::regclass AND attnum > 0"
    assert psql(query).stdout.strip() == (
        "jsonb,bigint[],text,numeric,numeric,boolean,time without time zone,timestamp without time zone,"
        "timestamp with time zone,bytea,jsonb,text"
    )


EXPECTED = {
    "bigquery": "INT64 INT64 STRING NUMERIC(12, 2) FLOAT64 DATE STRING STRING INT64 INT64",
    "databricks": "BIGINT BIGINT STRING DECIMAL(12, 2) DOUBLE DATE STRING STRING BIGINT BIGINT",
    "duckdb": "BIGINT BIGINT TEXT DECIMAL(12, 2) DOUBLE DATE TEXT TEXT BIGINT BIGINT",
    "mysql": "BIGINT BIGINT VARCHAR(255) DECIMAL(12, 2) DOUBLE DATE LONGTEXT LONGTEXT BIGINT BIGINT",
    "postgres": "BIGINT BIGINT TEXT DECIMAL(12, 2) DOUBLE PRECISION DATE TEXT TEXT BIGINT BIGINT",
    "redshift": "BIGINT BIGINT VARCHAR(MAX) DECIMAL(12, 2) DOUBLE PRECISION DATE VARCHAR(MAX) VARCHAR(MAX) BIGINT BIGINT",
    "snowflake": "BIGINT BIGINT VARCHAR DECIMAL(12, 2) DOUBLE DATE VARCHAR VARCHAR BIGINT BIGINT",
    "spark": "BIGINT BIGINT STRING DECIMAL(12, 2) DOUBLE DATE STRING STRING BIGINT BIGINT",
    "sqlite": "INTEGER INTEGER TEXT REAL REAL DATE TEXT TEXT INTEGER INTEGER",
    "trino": "BIGINT BIGINT VARCHAR DECIMAL(12, 2) DOUBLE DATE VARCHAR VARCHAR BIGINT BIGINT",
    "tsql": "BIGINT BIGINT NVARCHAR(450) NUMERIC(12, 2) FLOAT DATE NVARCHAR(MAX) NVARCHAR(MAX) BIGINT BIGINT",
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_reads_the_same_columns_and_types_back(dialect):
    trees = [t for t in parse(made(dialect), read=dialect) if isinstance(t, exp.Create)]
    assert [t.this.this.name.lower() for t in trees] == ["customers", "orders"]
    columns = list(trees[1].this.find_all(exp.ColumnDef))
    assert [c.name.lower() for c in columns] == [c.name for c in ORDERS.columns]
    assert " ".join(c.kind.sql(dialect) for c in columns) == EXPECTED[dialect]


def test_what_a_table_cannot_hold_is_listed():
    left = {n.subject: n.reason for n in create_tables((ORDERS, CUSTOMERS), "snowflake").not_held}
    assert left["orders.amount.min"] == "a table of snowflake has no CHECK"
    assert left["orders.soft.min"] == "missing it only warns (severity warning)"
    assert left["orders.loose.not_null"] == "rows may miss it (threshold 5%)"
    assert left["orders.customer.references"] == "snowflake notes it, and does not enforce it"


def test_a_unique_column_with_nulls_is_left_out_where_a_second_null_is_refused():
    left = {n.subject for n in create_tables((ORDERS, CUSTOMERS), "tsql").not_held}
    assert "orders.code.unique" in left
    assert "UNIQUE" not in made("tsql")


@pytest.mark.parametrize(("dialect", "kind"), [("mysql", "timestamp_tz"), ("sqlite", "date"), ("databricks", "time")])
def test_a_moment_that_a_dialect_would_compare_otherwise_is_no_check(dialect, kind):
    bound = {"timestamp_tz": "2024-01-01T00:00:00+01:00", "date": "2024-01-01", "time": "12:00:00"}[kind]
    table = Table(name="t", names=(), columns=(Column(name="x", type=kind, constraints=(has("min", bound),)),))
    made_there = create_tables((table,), dialect)
    assert "t.x.min" in {n.subject for n in made_there.not_held}
    assert "CHECK" not in made_there.text


def test_tables_that_refer_to_each_other_are_made_without_the_last_reference():
    def pointing(name: str, to: str) -> Table:
        column = Column(name="id", type="integer", constraints=(has("references", to, "id"),))
        return Table(name=name, names=(name,), primary_key=("id",), columns=(column,))

    made_there = create_tables((pointing("a", "b"), pointing("b", "a")), "duckdb")
    assert [n.subject for n in made_there.not_held] == ["b.id.references"]
    with duckdb.connect() as database:
        database.execute(made_there.text)


def test_names_are_quoted_so_that_they_end_nowhere():
    nasty = 'x" INTEGER); DROP TABLE t; --'
    table = Table(
        name=nasty, names=(), description="'; DROP", columns=(Column(name=nasty, type="integer", description="';--"),)
    )
    with duckdb.connect() as database:
        database.execute(create_tables((table,), "duckdb").text)
        assert database.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall() == [(nasty, nasty)]
