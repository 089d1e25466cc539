"""The engines that truth is told on: each keeps the suite's tables by its own client, and runs text in its own dialect.

None of this is the product's: a fault in meshkit's drivers cannot hide a fault in what it writes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tests.truth.servers import MissingError, mariadb, postgres

from meshkit.engines.sqlite_functions import register
from meshkit.truth.tables import Held, relation_id

Rows = list[tuple[object, ...]]
HERE = Path(__file__).parent


class Ready(NamedTuple):
    """An engine that holds the tables.

    Attributes:
        dialect: What meshkit writes for it; empty = queries run as they are.
        names: Table -> its name there, outermost part first.
        lacks: Columns that it cannot hold, and are not there.
        run: Run one query.
    """

    dialect: str
    names: Mapping[str, tuple[str, ...]]
    lacks: frozenset[str]
    run: Callable[[str], Rows]


Tables = Mapping[str, Held]


def _double(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _back(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case Decimal():
            return f"CAST('{value:f}' AS DECIMAL(38, {max(0, -int(value.as_tuple().exponent))}))"
        case float():
            return f"CAST('{_float(value)}' AS DOUBLE)"
        case dt.datetime() if value.tzinfo:
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}+00:00'"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def _float(value: float) -> str:
    return {"nan": "NaN", "inf": "Infinity"}.get(str(value), repr(value))


def _ddl(name: str, columns: Mapping[str, str], quote: Callable[[str], str], types: Mapping[str, str]) -> str:
    kinds = (f"{quote(c)} {types.get(kind, kind)}" for c, kind in columns.items())
    return f"CREATE TABLE {name} ({', '.join(kinds)})"


def _without(table: Held, lacks: frozenset[str]) -> tuple[dict[str, str], Rows]:
    kept = [i for i, c in enumerate(table.columns) if c not in lacks]
    names = list(table.columns)
    return {names[i]: table.columns[names[i]] for i in kept}, [tuple(r[i] for i in kept) for r in table.rows]


def _insert(name: str, columns: Sequence[str] | Mapping[str, str], mark: str) -> str:
    return f"INSERT INTO {name} VALUES ({', '.join([mark] * len(columns))})"


@contextmanager
def duckdb_engine(tables: Tables) -> Iterator[Ready]:
    """DuckDB itself: what the others are measured against, and the answers that were worked out by hand are checked on."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        for t in tables.values():
            connection.execute(_ddl(_double(relation_id(t.name)), t.columns, _double, {}))
            if t.rows:
                connection.executemany(_insert(_double(relation_id(t.name)), t.columns, "?"), t.rows)
        yield Ready("", {}, frozenset(), lambda sql: connection.execute(sql).fetchall())


@contextmanager
def postgres_engine(tables: Tables) -> Iterator[Ready]:
    """PostgreSQL: the server that MESHKIT_TRUTH_POSTGRES names, or one of our own."""
    with ExitStack() as stack:
        dsn = os.environ.get("MESHKIT_TRUTH_POSTGRES") or stack.enter_context(postgres())
        import psycopg

        schema = f"truth_{os.getpid()}"
        connection = stack.enter_context(psycopg.connect(dsn, autocommit=True, options="-c timezone=UTC"))
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        stack.callback(lambda: connection.execute(f"DROP SCHEMA {schema} CASCADE".encode()))
        for t in tables.values():
            name = f"{schema}.{_double(t.stored)}"
            connection.execute(_ddl(name, t.columns, _double, {"DOUBLE": "DOUBLE PRECISION"}).encode())
            with connection.cursor() as cursor:
                cursor.executemany(_insert(name, t.columns, "%s").encode(), t.rows)
        names = {t.name: (schema, t.stored) for t in tables.values()}
        yield Ready(
            "postgres", names, frozenset(), lambda sql: connection.execute(sql.encode(), prepare=False).fetchall()
        )


@contextmanager
def sqlite_engine(tables: Tables) -> Iterator[Ready]:
    """SQLite: times are texts, decimals floats; NaN and zones it cannot hold."""
    import sqlite3

    def plain(value: object) -> object:
        match value:
            case Decimal():
                return float(value)
            case dt.datetime():
                return value.isoformat(sep=" ")
            case dt.date():
                return value.isoformat()
        return value

    lacks = frozenset({"ratio", "seen_z"})
    connection = sqlite3.connect(":memory:")
    register(connection)
    try:
        for t in tables.values():
            columns, rows = _without(t, lacks)
            connection.execute(_ddl(_double(t.stored), columns, _double, {}))
            connection.executemany(_insert(_double(t.stored), columns, "?"), [tuple(map(plain, r)) for r in rows])
        names = {t.name: (t.stored,) for t in tables.values()}
        yield Ready("sqlite", names, lacks, lambda sql: connection.execute(sql).fetchall())
    finally:
        connection.close()


@contextmanager
def mariadb_engine(tables: Tables) -> Iterator[Ready]:
    """MariaDB: the server that MESHKIT_TRUTH_MARIADB names (host:port, as root), or one of our own."""
    with ExitStack() as stack:
        address = os.environ.get("MESHKIT_TRUTH_MARIADB")
        try:
            import pymysql
        except ImportError as error:
            raise MissingError("pip install pymysql") from error
        login: dict[str, Any] = (
            {"host": address.partition(":")[0], "port": int(address.partition(":")[2] or 3306), "user": "root"}
            if address
            else stack.enter_context(mariadb())
        )
        setup = "SET time_zone='+00:00'"
        connection = pymysql.connect(**login, autocommit=True, charset="utf8mb4", init_command=setup)
        stack.callback(connection.close)
        cursor = connection.cursor()
        base = f"truth_{os.getpid()}"
        cursor.execute(f"CREATE DATABASE {base} CHARACTER SET utf8mb4")
        stack.callback(lambda: cursor.execute(f"DROP DATABASE {base}"))
        lacks = frozenset({"ratio", "seen_z"})
        types = {"VARCHAR": "VARCHAR(200)", "TIMESTAMP": "DATETIME(6)"}
        for t in tables.values():
            name = f"{base}.{_back(t.stored)}"
            columns, rows = _without(t, lacks)
            cursor.execute(_ddl(name, columns, _back, types))
            if rows:
                cursor.executemany(_insert(name, columns, "%s"), rows)

        def run(sql: str) -> Rows:
            cursor.execute(sql)
            return list(cursor.fetchall())

        yield Ready("mysql", {t.name: (base, t.stored) for t in tables.values()}, lacks, run)


@contextmanager
def clickhouse_engine(tables: Tables) -> Iterator[Ready]:
    """ClickHouse in this process, by chdb."""
    try:
        from chdb import session
    except ImportError as error:
        raise MissingError("pip install chdb") from error
    server = session.Session()
    names = {"INTEGER": "Int32", "BIGINT": "Int64", "VARCHAR": "String", "DOUBLE": "Float64", "DATE": "Date32",
             "TIMESTAMP": "DateTime64(6,'UTC')", "TIMESTAMP WITH TIME ZONE": "DateTime64(6,'UTC')", "BOOLEAN": "Bool"}  # fmt: skip
    server.query("CREATE DATABASE truth ENGINE = Atomic")
    for t in tables.values():
        table = f"truth.{_back(t.stored)}"
        types = {kind: f"Nullable({names.get(kind, kind)})" for kind in t.columns.values()}
        server.query(_ddl(table, t.columns, _back, types) + " ENGINE = Memory")
        for row in t.rows:
            server.query(f"INSERT INTO {table} VALUES ({', '.join(map(_click_literal, row))})")
    yield Ready(
        "clickhouse",
        {t.name: ("truth", t.stored) for t in tables.values()},
        frozenset(),
        lambda sql: _click(server, sql),
    )
    server.close()


def _click_literal(value: object) -> str:
    if isinstance(value, float):
        return {"nan": "nan", "inf": "inf"}.get(str(value), repr(value))
    if isinstance(value, dt.datetime):
        return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"
    return f"'{value:f}'" if isinstance(value, Decimal) else _literal(value)


def _click(server: Any, sql: str) -> Rows:
    quoted = ", ".join(f"output_format_json_quote_{kind}=1" for kind in ("denormals", "64bit_integers", "decimals"))
    settings = f" SETTINGS session_timezone='UTC', {quoted}"
    try:
        found = server.query(sql + ("" if " SETTINGS " in sql else settings), "JSONCompact")
    except Exception:
        with suppress(Exception):  # after a failure in the middle of a stream, its bytes come before the next result
            server.query("SELECT 1")
        raise
    document = json.JSONDecoder().raw_decode(found.bytes().decode())[0]
    kinds = [m["type"] for m in document["meta"]]
    return [tuple(_click_value(v, k) for v, k in zip(row, kinds, strict=True)) for row in document["data"]]


def _click_value(value: Any, kind: str) -> object:
    bare = kind.removeprefix("LowCardinality(").removeprefix("Nullable(")
    if value is None:
        return None
    if bare.startswith("DateTime"):
        return dt.datetime.fromisoformat(value).replace(tzinfo=None)
    if bare.startswith("Date"):
        return dt.date.fromisoformat(value)
    if bare.startswith(("Int", "UInt")):
        return int(value)
    if bare.startswith("Float"):
        return float(value)
    return Decimal(str(value)) if bare.startswith("Decimal") else value


@contextmanager
def spark_engine(tables: Tables, dialect: str = "spark") -> Iterator[Ready]:
    """Spark in this process."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingError("pip install pyspark, and Java 17") from error
    if shutil.which("java") is None:
        raise MissingError("Java 17")
    options = {
        "ui.enabled": "false", "sql.session.timeZone": "UTC", "sql.shuffle.partitions": "1", "driver.memory": "1g",
        "driver.host": "127.0.0.1", "driver.bindAddress": "127.0.0.1",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[1]")
    for key, value in options.items():
        builder = builder.config(f"spark.{key}", value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    types = {
        "INTEGER": "INT",
        "VARCHAR": "STRING",
        "TIMESTAMP": "TIMESTAMP_NTZ",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    }
    for t in tables.values():
        schema = ", ".join(f"{_back(c)} {types.get(kind, kind)}" for c, kind in t.columns.items())
        session.createDataFrame(t.rows, schema).createOrReplaceTempView(_back(t.stored))
    run = lambda sql: [tuple(row) for row in session.sql(sql).collect()]  # noqa: E731
    yield Ready(dialect, {t.name: (t.stored,) for t in tables.values()}, frozenset(), run)
    session.stop()


@contextmanager
def databricks_engine(tables: Tables) -> Iterator[Ready]:
    """What is written for Databricks, on Spark."""
    with spark_engine(tables, "databricks") as ready:
        yield ready


@contextmanager
def snowflake_engine(tables: Tables) -> Iterator[Ready]:
    """Snowflake as fakesnow emulates it on DuckDB, in a process and an environment of its own (it pins sqlglot and duckdb).

    MESHKIT_TRUTH_FAKESNOW names the Python of that environment; else this one's is tried.
    """
    python = os.environ.get("MESHKIT_TRUTH_FAKESNOW") or sys.executable
    probe = subprocess.run([python, "-c", "import fakesnow"], capture_output=True, check=False)
    if probe.returncode:
        raise MissingError("pip install fakesnow, in an environment of its own that MESHKIT_TRUTH_FAKESNOW names")
    command = [python, "-W", "ignore", str(HERE / "fakesnow_server.py")]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
    assert process.stdin is not None and process.stdout is not None
    there, back = process.stdin, process.stdout

    def run(sql: str) -> Rows:
        there.write(json.dumps(sql) + "\n")
        there.flush()
        found = json.loads(back.readline())
        if "error" in found:
            raise RuntimeError(found["error"])
        return [tuple(_tagged(v) for v in row) for row in found["rows"]]

    types = {
        "INTEGER": "NUMBER(38,0)",
        "BIGINT": "NUMBER(38,0)",
        "TIMESTAMP": "TIMESTAMP_NTZ",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ",
    }
    try:
        for t in tables.values():
            run(_ddl(_double(t.stored), t.columns, _double, types))
            for row in t.rows:
                run(f"INSERT INTO {_double(t.stored)} SELECT {', '.join(map(_literal, row))}")
        yield Ready("snowflake", {t.name: ("DB", "TRUTH", t.stored) for t in tables.values()}, frozenset(), run)
    finally:
        there.close()
        process.wait(timeout=30)


def _tagged(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    kind, text = value["kind"], value["text"]
    readers: Mapping[str, Callable[[str], object]] = {
        "Decimal": Decimal, "date": dt.date.fromisoformat, "datetime": dt.datetime.fromisoformat, "float": float,
    }  # fmt: skip
    return readers[kind](text)


ENGINES = {
    "duckdb": duckdb_engine, "postgres": postgres_engine, "sqlite": sqlite_engine, "mariadb": mariadb_engine,
    "clickhouse": clickhouse_engine, "spark": spark_engine, "databricks": databricks_engine, "snowflake": snowflake_engine,
}  # fmt: skip
