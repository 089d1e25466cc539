"""DuckDB's own parser as the second reading of a query that is about to run on DuckDB."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import cached_property
from types import TracebackType
from typing import Any

import duckdb

from meshkit.errors import SqlError
from meshkit.model.names import fold

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_SOURCES = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "COLUMN_DATA"}
)
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
_CLOCK = frozenset(
    {"now", "today", "current_date", "transaction_timestamp", "get_current_time", "get_current_timestamp"}
)
_TELLTALE = frozenset(
    """
    getenv getvariable current_setting current_user current_role session_user user current_catalog current_database version
    current_schema current_schemas current_query write_log error
    """.split()
)  # pure by DuckDB's own word, yet they tell of the machine
_WORDS = frozenset(
    {"current_user", "session_user", "current_role", "current_catalog", "current_schema", "current_database"}
)
_PLAIN = frozenset(
    """
    count count_star count_if sum avg min max coalesce nullif lower upper length trim round abs floor ceil substring replace
    concat + - * / // % ~~ !~~ ~~* !~~* || regexp_matches regexp_full_match date_diff date_trunc date_part strftime
    greatest least median stddev row_number rank dense_rank lag lead
    """.split()
)
"""Functions that need no look at the catalogue."""
_PLACED_BY_GRAMMAR = frozenset(("main", name) for name in ("trim", "ltrim", "rtrim", "overlay", "position"))
"""What DuckDB 1.5 itself puts into a schema when it reads `TRIM(x)`."""
_CATALOGUE = """
    SELECT function_name, bool_and(stability IS NOT DISTINCT FROM 'CONSISTENT'
        OR function_type = 'macro' AND NOT starts_with(function_name, 'pg_') AND NOT starts_with(function_name, 'has_'))
    FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'window', 'macro') GROUP BY function_name
"""
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false", "threads": "1", "memory_limit": "128MB", "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false", "python_enable_replacements": "false",
}  # fmt: skip


class DuckdbParser:
    """Reads queries as DuckDB will, and refuses what is not one SELECT over the tables that it may read.

    It shares no list with the guard in `sql`: whether a function is pure is what DuckDB's catalogue says of it.
    The text is only parsed, in a database of its own without files; nothing of it runs.

    Example:
        >>> with DuckdbParser() as parser:
        ...     parser.second_reading(['SELECT count(*) FROM "d.p.t"'], {"d.p.t"})
        [None]
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self._connection = connection or duckdb.connect(":memory:", config=dict(_LIMITS))
        if connection is None:
            self._connection.execute("SET lock_configuration = true")

    @cached_property
    def _pure(self) -> frozenset[str]:
        """The functions that only compute; the catalogue takes long to be read, and most queries need none of it."""
        known = self._connection.execute(_CATALOGUE).fetchall()
        return (frozenset(name for name, is_pure in known if is_pure) | _CLOCK) - (_TELLTALE - _CLOCK)

    def __enter__(self) -> DuckdbParser:
        """Open for a `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the database."""
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def second_reading(self, texts: Sequence[str], tables: Collection[str]) -> list[SqlError | None]:
        """Read queries, all at once; return for each why it is refused, or None.

        Args:
            texts: The queries as they will run, tables named by relation.
            tables: The names that they may read.
        """
        if not texts:
            return []
        rows = self._connection.execute("SELECT json_serialize_sql(q) FROM unnest(?) AS u(q)", [list(texts)]).fetchall()
        names = frozenset(fold(name) for name in tables)
        return [self._refusal(json.loads(row[0]), names) for row in rows]

    def _refusal(self, read: dict[str, Any], tables: frozenset[str]) -> SqlError | None:
        try:
            if read.get("error") or len(read.get("statements", ())) != 1:
                raise _refused("not one SELECT")
            self._walk(read["statements"][0], tables)
        except SqlError as error:
            return error
        except RecursionError:
            return _refused("nested too deeply")
        return None

    def _walk(self, part: Any, seen: frozenset[str]) -> None:
        if isinstance(part, list):
            for one in part:
                self._walk(one, seen)
        elif isinstance(part, dict):
            seen = self._ctes(part, seen)
            self._refuse_part(part, seen)
            for key, one in part.items():
                if key != "cte_map":
                    self._walk(one, seen)

    def _ctes(self, part: dict[str, Any], seen: frozenset[str]) -> frozenset[str]:
        """Walk the CTEs of a query, each of which sees those before it; return what the query itself sees."""
        for entry in (part.get("cte_map") or {}).get("map", ()):
            self._walk(entry["value"], seen)
            seen |= {fold(entry["key"])}
        if part.get("type") == "CTE_NODE":
            seen |= {fold(str(part.get("cte_name", "")))}
        return seen

    def _refuse_part(self, part: dict[str, Any], seen: frozenset[str]) -> None:
        kind = str(part.get("type", ""))
        if kind.endswith("_NODE") and kind not in _QUERIES:
            raise _refused(kind.removesuffix("_NODE").replace("_", " "))
        if part.get("sample") is not None or part.get("at_clause") is not None:
            raise _refused("a sample, or another version of a table")
        if "query_location" in part and "class" not in part and kind not in _SOURCES:
            raise _refused(f"{kind} in FROM")
        if kind == "BASE_TABLE":
            _refuse_table(part, seen)
        elif kind == "TABLE_FUNCTION":
            name = part["function"]["function_name"].casefold()
            if name not in _TABLE_FUNCTIONS or part["function"].get("schema"):
                raise _refused(f"table function '{name}'")
        elif part.get("class") == "PARAMETER":
            raise _refused("a parameter")
        elif part.get("class") == "COLUMN_REF" and part["column_names"][0].casefold() in _WORDS:
            raise _refused(f"'{part['column_names'][0]}'")
        elif part.get("class") in ("FUNCTION", "WINDOW"):
            name = part["function_name"].casefold()
            is_known = name in _PLAIN or name in _TABLE_FUNCTIONS
            is_placed = part.get("schema") and (part["schema"], name) not in _PLACED_BY_GRAMMAR
            if is_placed or not (is_known or name in self._pure):
                raise _refused(f"function '{name}'")


def _refuse_table(part: dict[str, Any], seen: frozenset[str]) -> None:
    if part.get("schema_name") or part.get("catalog_name") or fold(part["table_name"]) not in seen:
        raise _refused("a table that is not bound")


def _refused(what: str) -> SqlError:
    return SqlError(f"DuckDB reads {what[:80]} in the query", "write one plain SELECT over bound names", code="MK209")
