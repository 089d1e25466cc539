"""All engines, each with the schemes of its URLs, its driver, and the file that knows it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple, cast

from meshkit.engines.base import Settings
from meshkit.engines.driver import Address, Driver, Opener
from meshkit.errors import EngineError, UsageError
from meshkit.model.names import did_you_mean
from meshkit.model.secret import shown_word


class Entry(NamedTuple):
    """One engine.

    Attributes:
        name: As `--engine` and `meshkit.yaml` take it.
        schemes: Of its URLs.
        extra: What `pip install 'meshkit[...]'` brings its driver; empty = it comes with Python.
        module: The file in `engines/` that knows it, which offers `connect`.
        packages: Of which one is its driver; none = it comes with Python.
        verified: How meshkit is tested against it, in words of docs/engines.md.
    """

    name: str
    schemes: tuple[str, ...]
    extra: str
    module: str
    packages: tuple[str, ...]
    verified: str


_REAL = "the checks of meshkit run on the real engine"
_GOLDEN = "the SQL is compared with reviewed text; not run on the engine"

ENGINES: Mapping[str, Entry] = {
    e.name: e
    for e in (
        Entry("postgres", ("postgresql", "postgres"), "postgres", "postgres", ("adbc-driver-postgresql",), _REAL),
        Entry("spark", ("spark", "sc"), "spark", "spark", ("pyspark",), _REAL),
        Entry(
            "clickhouse",
            ("clickhouse", "clickhouses", "chdb"),
            "clickhouse",
            "clickhouse",
            ("clickhouse-connect", "chdb"),
            _REAL,
        ),
        Entry("mysql", ("mysql", "mariadb"), "mysql", "mysql", ("pymysql",), _REAL),
        Entry("sqlite", ("sqlite",), "", "sqlite", (), _REAL),
        Entry(
            "snowflake",
            ("snowflake",),
            "snowflake",
            "snowflake",
            ("snowflake-connector-python",),
            "run on an emulator (fakesnow), not on Snowflake",
        ),
        Entry("bigquery", ("bigquery",), "bigquery", "bigquery", ("google-cloud-bigquery",), _GOLDEN),
        Entry("redshift", ("redshift",), "redshift", "redshift", ("redshift-connector",), _GOLDEN),
        Entry("databricks", ("databricks",), "databricks", "databricks", ("databricks-sql-connector",), _GOLDEN),
        Entry("trino", ("trino", "athena"), "trino", "trino", ("trino",), _GOLDEN),
        Entry("sqlserver", ("mssql", "sqlserver"), "sqlserver", "sqlserver", ("pymssql",), _GOLDEN),
        Entry("oracle", ("oracle",), "oracle", "oracle", ("oracledb",), _GOLDEN),
    )
}
"""DuckDB, the default, is not among them: it is embedded, and reads files."""

_BY_SCHEME = {scheme: entry for entry in ENGINES.values() for scheme in entry.schemes}


def address(text: str, options: Mapping[str, str] | None = None) -> Address:
    """Read what `--engine` takes: a URL, or the bare name of an engine that needs none.

    Raises:
        UsageError: MK001, no engine is called so.

    Example:
        >>> address("postgresql://me:secret@db/shop?sslmode=require")
        Address(postgresql://db/shop)
    """
    scheme = text.partition("://")[0].partition("+")[0].strip().lower()
    entry = _BY_SCHEME.get(scheme) or ENGINES.get(scheme)
    if entry is None:
        known = ["duckdb", *ENGINES]
        hint = did_you_mean(scheme, known) or f"known: {', '.join(known)}; else write scheme://user@host/database"
        raise UsageError(f"unknown engine{shown_word(scheme)}", hint)
    return Address(entry.name, text, options or {})


def connect(where: Address, settings: Settings) -> Driver:
    """Open a connection.

    Raises:
        EngineError: MK301 its driver is not installed, MK311 it is not reached.
    """
    entry = ENGINES[where.engine]
    opener = cast(Opener, import_module(f"meshkit.engines.{entry.module}").connect)
    return opener(where, settings)


def lacking(engine: str, package: str) -> EngineError:
    """Return the error that a driver is not installed.

    Args:
        engine: Its name here.
        package: What cannot be imported.
    """
    return EngineError(
        f"engine '{engine}' needs a driver: {package} is not installed",
        f"run: pip install 'meshkit[{ENGINES[engine].extra}]'",
        code="MK301",
    )
