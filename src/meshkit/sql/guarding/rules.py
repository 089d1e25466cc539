"""One record per dialect: what its queries may be made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from meshkit.sql.guarding import names
from meshkit.sql.guarding.shared import FUNCTIONS, NODES, TABLE_FUNCTIONS


class Rules(NamedTuple):
    """What SQL of one dialect may be made of. Anything else is refused.

    Attributes:
        nodes: Classes of sqlglot's tree that are no functions.
        functions: Classes of its functions.
        anonymous: Functions that it has no class for, in lower case.
        tables: Functions that may stand in FROM: classes, or names in lower case.
        words: Names that the engine answers by itself although they look like columns, in lower case.
        has_empty_count: Whether COUNT() counts rows.
        is_strict: Whether names, types and qualifiers are looked at too: on an engine that holds more than was bound.
    """

    nodes: frozenset[str]
    functions: frozenset[str]
    anonymous: frozenset[str]
    tables: frozenset[str]
    words: frozenset[str]
    has_empty_count: bool = False
    is_strict: bool = True


def _rules(anonymous: str = "", *, nodes: str = "", functions: str = "", tables: str = "", words: str = "") -> Rules:
    return Rules(
        NODES | set(nodes.split()),
        FUNCTIONS | set((names.CLASSES + functions).split()),
        frozenset(anonymous.split()),
        TABLE_FUNCTIONS | set(tables.split()),
        frozenset(words.split()),
    )


RULES: Mapping[str, Rules] = {
    "duckdb": Rules(NODES, FUNCTIONS, names.DUCKDB, TABLE_FUNCTIONS, frozenset(), is_strict=False),
    "postgres": _rules(
        names.POSTGRES, nodes=names.POSTGRES_NODES, tables=names.POSTGRES_TABLES,
        words="user current_user session_user system_user current_role current_catalog current_schema tableoid xmin xmax ctid",
    ),
    "redshift": _rules(
        names.POSTGRES + names.REDSHIFT, nodes=names.POSTGRES_NODES,
        words="user current_user session_user current_user_id current_namespace current_schema",
    ),
    "mysql": _rules(names.MYSQL, nodes=names.MYSQL_NODES, words="current_user current_role"),
    "sqlite": _rules(names.SQLITE, tables="json_each json_tree"),
    "clickhouse": _rules(
        names.CLICKHOUSE, nodes="PreWhere", functions=names.CLICKHOUSE_CLASSES, words="_path _file _table _database"
    )._replace(has_empty_count=True),
    "spark": _rules(
        names.SPARK, nodes="RawString Lateral", tables="Explode",
        words="current_user session_user user current_catalog current_schema current_database _metadata",
    ),
    "databricks": _rules(
        names.SPARK, nodes="RawString Lateral", tables="Explode",
        words="current_user session_user user current_catalog current_schema current_database _metadata",
    ),
    "snowflake": _rules(
        names.SNOWFLAKE, nodes="RawString Lateral LikeAny", functions="Flatten",
        words="current_user current_role current_account current_warehouse current_session current_database current_schema "
        "current_statement current_transaction nextval",
    ),
    "bigquery": _rules(names.BIGQUERY, nodes="RawString", words="_table_suffix _file_name"),
    "trino": _rules(names.TRINO, words='current_user current_role current_catalog current_schema current_path $path'),
    "tsql": _rules(
        names.TSQL, nodes="National JSONValue LimitOptions",
        words="user current_user session_user system_user $identity $rowguid $action $node_id $edge_id $from_id $to_id",
    ),
    "oracle": _rules(
        names.ORACLE, nodes="National RawString JSONValue LimitOptions",
        words="user uid sessiontimezone dbtimezone nextval currval level ora_rowscn connect_by_isleaf connect_by_iscycle",
    ),
}  # fmt: skip
"""Rules by dialect, in sqlglot's words. SQL of any other dialect is refused."""

SYSTEM_SCHEMAS = frozenset("information_schema pg_catalog pg_toast performance_schema".split())
"""Schemas of engines about themselves, which are never a domain."""
