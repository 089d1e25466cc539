"""All dialects, by name."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.sql.transpile.bigquery import BIGQUERY
from meshkit.sql.transpile.clickhouse import CLICKHOUSE
from meshkit.sql.transpile.mysql import MYSQL
from meshkit.sql.transpile.oracle import ORACLE
from meshkit.sql.transpile.postgres import POSTGRES
from meshkit.sql.transpile.redshift import REDSHIFT
from meshkit.sql.transpile.rules import Dialect
from meshkit.sql.transpile.snowflake import SNOWFLAKE
from meshkit.sql.transpile.spark import DATABRICKS, SPARK
from meshkit.sql.transpile.sqlite import SQLITE
from meshkit.sql.transpile.sqlserver import SQLSERVER
from meshkit.sql.transpile.trino import TRINO

_ALL = (POSTGRES, REDSHIFT, MYSQL, SQLITE, SPARK, DATABRICKS, CLICKHOUSE, SNOWFLAKE, BIGQUERY, TRINO, SQLSERVER, ORACLE)
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _ALL}
