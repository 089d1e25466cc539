"""The dialects of SQL that checks are written in, by meshkit's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from meshkit.model.names import nearest

DIALECTS = (
    "duckdb", "postgres", "mysql", "sqlite", "clickhouse", "spark", "databricks", "snowflake", "bigquery", "redshift",
    "trino", "sqlserver", "oracle",
)  # fmt: skip
_NAMES = (
    ("postgres", "postgresql"), ("mysql", "mariadb"), ("clickhouse", "chdb"), ("trino", "athena"), ("sqlserver", "mssql", "tsql"),
)  # fmt: skip
"""Names of one dialect."""
_NEAR: Mapping[str, str] = {
    "presto": "trino", "hive": "spark", "spark2": "spark", "impala": "spark", "synapse": "sqlserver", "fabric": "sqlserver",
    "materialize": "postgres", "risingwave": "postgres", "cockroachdb": "postgres", "greenplum": "postgres", "doris": "mysql",
    "starrocks": "mysql", "singlestore": "mysql", "tidb": "mysql",
}  # fmt: skip
"""Dialects of their own -> the one whose words they mostly share."""


def dialect_called(name: str, known: Iterable[str] = DIALECTS) -> str:
    """Return the dialect that a name means; empty where it is none of those that are known.

    Example:
        >>> dialect_called("athena"), dialect_called("PostgreSQL"), dialect_called("mssql", ["tsql"]), dialect_called("presto")
        ('trino', 'postgres', 'tsql', '')
    """
    choices, folded = list(known), name.lower()
    names = (name, folded, *(n for group in _NAMES if folded in group for n in group))
    return next((n for n in names if n in choices), "")


def near_dialect(name: str, known: Iterable[str] = DIALECTS) -> str:
    """Return the way out for an unknown dialect: the nearest one, or all that are known.

    Example:
        >>> near_dialect("presto"), near_dialect("snowflke")
        ("its nearest is 'trino'", "did you mean 'snowflake'?")
    """
    choices = list(known)
    by_name = dialect_called(name, choices)
    near = by_name or dialect_called(_NEAR.get(name.lower(), ""), choices)
    if near:
        return f"write it '{near}'" if by_name else f"its nearest is '{near}'"
    alike = nearest(name, choices)
    return f"did you mean '{alike[0]}'?" if alike else f"known: {', '.join(choices)}"
