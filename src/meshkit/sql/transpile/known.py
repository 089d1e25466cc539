"""All dialects, by name."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.sql.transpile.clickhouse import CLICKHOUSE
from meshkit.sql.transpile.postgres import POSTGRES
from meshkit.sql.transpile.rules import Dialect
from meshkit.sql.transpile.spark import DATABRICKS, SPARK

DIALECTS: Mapping[str, Dialect] = {d.name: d for d in (POSTGRES, SPARK, DATABRICKS, CLICKHOUSE)}
