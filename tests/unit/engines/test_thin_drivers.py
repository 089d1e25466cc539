"""Drivers of engines that are not here, over a driver module that only plays one: what is ours, not the engine's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from meshkit.engines import (
    bigquery,
    clickhouse_server,
    databricks,
    oracle,
    redshift,
    snowflake,
    spark_errors,
    sqlserver,
    trino,
)
from meshkit.engines.base import Settings
from meshkit.engines.dbapi import Reason
from meshkit.engines.registry import ENGINES, address, connect
from meshkit.errors import EngineError, InterruptedRunError, SourceError, StatementTimeoutError, UsageError

URLS = {
    "clickhouse": "clickhouse://me:s3cret@db.example/shop",
    "snowflake": "snowflake://me:s3cret@acc/shop/public",
    "bigquery": "bigquery://project/shop",
    "redshift": "redshift://me:s3cret@db.example/shop",
    "databricks": "databricks://db.example/main/shop?http_path=/sql/1&access_token=s3cret",
    "trino": "trino://me:s3cret@db.example/hive/shop",
    "sqlserver": "mssql://me:s3cret@db.example/shop",
    "oracle": "oracle://me:s3cret@db.example/shop",
    "spark": "sc://db.example/;token=s3cret",
}
PACKAGES = {
    "clickhouse": "clickhouse_connect", "snowflake": "snowflake", "bigquery": "google.cloud.bigquery", "redshift": "redshift_connector",
    "databricks": "databricks", "trino": "trino", "sqlserver": "pymssql", "oracle": "oracledb", "spark": "pyspark",
}  # fmt: skip


class PlayedError(Exception):
    """The base of the played driver's errors."""


class Played:
    """A DB-API module, its connection and its cursor in one. Answers by what a statement begins with; keeps what it was told."""

    Error = PlayedError

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.heard: list[str] = []
        self.arguments: dict[str, Any] = {}
        self.description: Sequence[Sequence[Any]] = ()
        self.rows: list[Any] = []
        self.is_closed = False
        self.is_stopped = False
        self.autocommit = False

    def connect(self, **arguments: Any) -> Played:
        self.arguments = arguments
        return self

    def cursor(self) -> Played:
        return self

    def execute(self, query: str, values: Any = None) -> None:
        self.heard.append(query)
        found = next((a for begin, a in self.answers.items() if query.startswith(begin)), ([], []))
        if callable(found):
            found = found()
        if isinstance(found, Exception):
            raise found
        names, self.rows = found
        self.description = [(name,) for name in names]

    def fetchall(self) -> list[Any]:
        return self.rows

    def fetchone(self) -> Any:
        return self.rows[0]

    def cancel(self) -> None:
        self.is_stopped = True

    def close(self) -> None:
        self.is_closed = True


def _field(kind: str, mode: str = "NULLABLE", fields: Sequence[Any] = ()) -> Any:
    return SimpleNamespace(name="a", field_type=kind, mode=mode, fields=fields, precision=None, scale=None)


VERSION = (["v"], [("9",)])
AUTH = SimpleNamespace(
    JWTAuthentication=lambda token: ("jwt", token), BasicAuthentication=lambda user, password: ("basic", user, password)
)


def a_trino(answers: dict[str, Any], settings: Settings | None = None) -> tuple[trino.Trino, Played]:
    played = Played({"SELECT version()": VERSION, **answers})
    return trino.Trino(played, AUTH, address(URLS["trino"]), settings or Settings()), played


@pytest.mark.parametrize("engine", sorted(URLS))
def test_a_driver_that_is_not_installed_says_which_install_mends_it(engine, monkeypatch):
    for name in [PACKAGES[engine], *(m for m in sys.modules if m.startswith(PACKAGES[engine] + "."))]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(EngineError) as caught:
        connect(address(URLS[engine]), Settings())
    assert caught.value.code == "MK301"
    assert caught.value.hint == f"run: pip install 'meshkit[{ENGINES[engine].extra}]'"
    assert "s3cret" not in caught.value.render()


@pytest.mark.parametrize("engine", sorted(URLS))
def test_an_address_shows_no_secret(engine):
    assert "s3cret" not in repr(address(URLS[engine])) + address(URLS[engine]).shown


def test_a_password_with_a_semicolon_is_not_shown():
    assert address("trino://me:s3;cret@db.example/hive").shown == "trino"


def test_an_option_that_is_unknown_is_refused():
    with pytest.raises(UsageError, match="no option 'warehose'"):
        snowflake.arguments_of(address("snowflake://me@acc/shop?warehose=W"), Settings())


def test_snowflakes_url_becomes_arguments():
    where = address("snowflake://me:p%40ss@acc-1/shop/public?warehouse=W&role=R", {"private_key_file": "/k.p8"})
    found = snowflake.arguments_of(where, Settings(timeout_seconds=1.5))
    session = found.pop("session_parameters")
    assert (session["STATEMENT_TIMEOUT_IN_SECONDS"], session["TIMEZONE"], session["QUERY_TAG"]) == (2, "UTC", "meshkit")
    assert found == {
        "account": "acc-1", "user": "me", "password": "p@ss", "database": "shop", "schema": "public", "application": "meshkit",
        "login_timeout": 10, "arrow_number_to_decimal": True, "warehouse": "W", "role": "R", "private_key_file": "/k.p8",
    }  # fmt: skip


def test_the_urls_of_the_others_become_arguments():
    found = trino.arguments_of(AUTH, address("trino://me@h/hive/shop", {"token": "t"}), Settings(timeout_seconds=0.5))
    assert (found["host"], found["port"], found["http_scheme"], found["auth"]) == ("h", 443, "https", ("jwt", "t"))
    assert (found["catalog"], found["schema"], found["timezone"]) == ("hive", "shop", "UTC")
    assert found["session_properties"] == {"query_max_run_time": "500ms"}
    assert trino.arguments_of(AUTH, address("trino://h/hive"), Settings())["http_scheme"] == "http"
    plain = redshift.arguments_of(address("redshift://me:pw@h/shop?iam=true"))
    assert (plain["host"], plain["port"], plain["database"], plain["iam"]) == ("h", 5439, "shop", True)
    bricks = databricks.arguments_of(address(URLS["databricks"]), Settings(timeout_seconds=3))
    assert (bricks["server_hostname"], bricks["http_path"], bricks["access_token"]) == (
        "db.example",
        "/sql/1",
        "s3cret",
    )
    assert (bricks["catalog"], bricks["schema"]) == ("main", "shop")
    assert bricks["session_configuration"] == {"TIMEZONE": "UTC", "ANSI_MODE": "true", "STATEMENT_TIMEOUT": "3"}
    server, schema = sqlserver.arguments_of(
        address("mssql://me:pw@h:1444/shop?schema=sales"), Settings(timeout_seconds=0.2)
    )
    assert (server["server"], server["port"], server["database"], server["timeout"], schema) == (
        "h",
        "1444",
        "shop",
        1,
        "sales",
    )
    told, schema = oracle.arguments_of(address("oracle://me:pw@h/pdb1?schema=SALES"))
    assert (told["host"], told["port"], told["service_name"], schema) == ("h", 1521, "pdb1", "SALES")
    assert "service_name" not in oracle.arguments_of(address("oracle://me:pw@h?sid=XE"))[0]
    house = clickhouse_server.arguments_of(address("clickhouses://me:pw@h/shop?verify=false"))
    assert (house["port"], house["secure"], house["verify"], house["database"]) == (8443, True, False, "shop")


def test_athena_is_refused_by_name():
    with pytest.raises(UsageError, match="'athena' has no driver yet"):
        connect(address("athena://region/shop"), Settings())


def test_columns_are_those_of_the_information_schema():
    tables = (["c", "s", "t"], [("hive", "shop", "orders"), ("hive", "shop", "order_lines")])
    columns = (["n", "t"], [("id", "bigint"), ("price", "decimal(12,2)"), ("at", "timestamp(3) with time zone")])
    driver, played = a_trino({'SELECT table_catalog': tables, "SELECT column_name": columns})  # fmt: skip
    name, seen = driver.columns(("ORDERS",))
    assert name == ("hive", "shop", "orders")
    assert [c.type for c in seen] == ["BIGINT", "DECIMAL(12,2)", "TIMESTAMP WITH TIME ZONE"]
    with pytest.raises(SourceError, match=r"no table 'shop\.order'") as caught:
        driver.columns(("shop", "order"))
    assert caught.value.code == "MK302"
    driver.columns(("it's", "orders"))
    assert "'it''s'" in played.heard[-2]


def test_rows_become_arrow_with_times_in_utc():
    berlin = datetime(2020, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    answer = (["n", "n", "d", "t", "x"], [(1, None, Decimal("1.50"), berlin, b"\xff"), (2**63, "é", None, None, None)])
    driver, _ = a_trino({"SELECT": answer})
    table = driver.execute("SELECT 1")
    assert table.column_names == ["n", "n", "d", "t", "x"]
    assert [column.to_pylist() for column in table.columns] == [
        [1, 2**63], [None, "é"], [Decimal("1.50"), None], [datetime(2020, 1, 1, tzinfo=UTC), None], [b"\xff", None],
    ]  # fmt: skip
    empty, _ = a_trino({"SELECT": (["n"], [])})
    assert (empty.execute("SELECT 1").num_rows, empty.execute("SELECT 1").column_names) == (0, ["n"])


def test_what_is_no_query_is_never_sent():
    driver, played = a_trino({})
    for query in ("DROP TABLE x", "INSERT INTO x SELECT 1"):
        with pytest.raises(EngineError, match="more than read"):
            driver.execute(query)
        with pytest.raises(EngineError, match="more than read"):
            driver.explain(query)
    assert played.heard == ["SELECT version()"]


def test_a_cancelled_statement_is_interrupted_whatever_the_driver_says():
    def cancelled() -> Exception:
        driver.cancel()
        return PlayedError("gone")

    driver, played = a_trino({"SELECT slow": cancelled})
    with pytest.raises(InterruptedRunError):
        driver.execute("SELECT slow")
    assert played.is_stopped
    played.is_stopped = False
    driver.cancel()
    assert not played.is_stopped


def test_a_late_statement_is_told_with_its_time():
    late = PlayedError()
    late.error_name = "EXCEEDED_TIME_LIMIT"  # type: ignore[attr-defined]
    driver, _ = a_trino({"SELECT slow": late}, Settings(timeout_seconds=2))
    with pytest.raises(StatementTimeoutError, match="within 2 s"):
        driver.execute("SELECT slow")


def test_redshift_reads_in_transactions_that_cannot_write():
    played = Played({"SELECT pg_backend_pid": (["p"], [(7,)]), "SELECT 1": (["one"], [(1,)])})
    driver = redshift.Redshift(played, address(URLS["redshift"]), Settings(timeout_seconds=2))
    played.heard.clear()
    assert driver.execute("SELECT 1").num_rows == 1
    assert played.heard == ["BEGIN READ ONLY", "SELECT 1", "ROLLBACK"]
    driver.close()
    assert played.is_closed


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (redshift.reason_of(PlayedError({"C": "22P02", "M": "invalid input s3cret"})), "a value does not fit"),
        (redshift.reason_of(PlayedError({"C": "42703", "M": "column x does not exist"})), "column x does not exist"),
        (redshift.reason_of(PlayedError({"C": "XX000", "M": "s3cret"})), "could not finish"),
        (sqlserver.reason_of(PlayedError(245, b"Conversion failed when converting 's3cret'")), "a value does not fit"),
        (sqlserver.reason_of(PlayedError((208, b"Invalid object name 'x'.DB-Lib error"))), "Invalid object name 'x'"),
        (sqlserver.reason_of(PlayedError(8134, b"Divide by zero")), "division by zero"),
        (
            oracle.reason_of(PlayedError(SimpleNamespace(code=1722, full_code="ORA-01722", message="s3cret"))),
            "a value does not fit",
        ),
        (
            oracle.reason_of(
                PlayedError(SimpleNamespace(code=942, full_code="ORA-00942", message="ORA-00942: no such table"))
            ),
            "no such table",
        ),
        (bigquery.reason_of(SimpleNamespace(code=400, message="Bad int64 value: s3cret")), "a value does not fit"),  # type: ignore[arg-type]
        (
            bigquery.reason_of(SimpleNamespace(code=400, message="Unrecognized name: x at [1:8]")),
            "Unrecognized name: x",
        ),  # type: ignore[arg-type]
        (spark_errors.reason_of("[CAST_INVALID_INPUT] The value 's3cret'"), "a value does not fit"),
        (spark_errors.reason_of("[USER_RAISED_EXCEPTION] s3cret SQLSTATE: P0001"), "could not finish"),
        (
            snowflake.reason_of(SimpleNamespace(errno=100038, sqlstate="22018", raw_msg="Numeric value 's3cret'")),
            "a value does not fit",
        ),  # type: ignore[arg-type]
        (
            snowflake.reason_of(
                SimpleNamespace(
                    errno=904,
                    sqlstate="42000",
                    raw_msg="SQL compilation error: error line 1 at position 7\ninvalid identifier 'X'",
                )  # type: ignore[arg-type]
            ),
            "invalid identifier 'X'",
        ),
    ],
)
def test_reasons_hold_no_values(reason: Reason, what: str):
    assert what in reason.what
    assert "s3cret" not in reason.what


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (redshift.word_of("numeric", 12, 2), "DECIMAL(12,2)"),
        (redshift.word_of("timestamp without time zone"), "TIMESTAMP"),
        (redshift.word_of("super"), "SUPER"),
        (sqlserver.word_of("datetimeoffset"), "TIMESTAMP WITH TIME ZONE"),
        (sqlserver.word_of("hierarchyid"), "HIERARCHYID"),
        (oracle.word_of("NUMBER", None, 0), "HUGEINT"),
        (oracle.word_of("NUMBER", 3, 5), "DECIMAL(5,5)"),
        (oracle.word_of("DATE"), "TIMESTAMP"),
        (trino.word_of("map(varchar, bigint)"), "MAP(VARCHAR, BIGINT)"),
        (snowflake.word_of("NUMBER", 10, 0), "BIGINT"),
        (snowflake.word_of("TIMESTAMP_LTZ"), "TIMESTAMP WITH TIME ZONE"),
        (bigquery.word_of(_field("NUMERIC")), "DECIMAL(38,9)"),
        (bigquery.word_of(_field("RECORD", "REPEATED", (_field("INTEGER"),))), 'STRUCT("a" BIGINT)[]'),
        (bigquery.word_of(_field("BIGNUMERIC")), "BIGNUMERIC"),
        (bigquery.word_of(_field("GEOGRAPHY")), "GEOGRAPHY"),
    ],
)
def test_types_are_in_duckdbs_words(found: str, word: str):
    assert found == word
