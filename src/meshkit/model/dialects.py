"""The dialects of SQL that checks are written in, by meshkit's names."""

DIALECTS = (
    "duckdb", "postgres", "mysql", "sqlite", "clickhouse", "spark", "databricks", "snowflake", "bigquery", "redshift",
    "trino", "sqlserver", "oracle",
)  # fmt: skip
