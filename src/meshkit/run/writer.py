"""Trees to the text that an engine reads: DuckDB's own words, or another dialect's with the same meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from meshkit.later import Later
from meshkit.model.relation import SeenColumn
from meshkit.sql.dialects import render
from meshkit.sql.trees import Tree, table_names

if TYPE_CHECKING:
    from meshkit.sql.transpile import frame, names
else:  # only what runs elsewhere than in DuckDB is translated
    frame, names = Later("meshkit.sql.transpile.frame"), Later("meshkit.sql.transpile.names")

DUCKDB = "duckdb"
HowStored = Callable[[str], tuple[tuple[str, ...], tuple[SeenColumn, ...]]]
"""Takes the id of a relation; returns the whole name of the table that holds it, and its columns."""


def _as_it_is(relation_id: str) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
    return (relation_id,), ()


class Writer:
    """Writes queries for one engine.

    Args:
        dialect: The engine's.
        relations: Ids of all relations that queries may read.
        stored: Tells which table of the engine holds a relation, and its columns.
    """

    def __init__(self, dialect: str = DUCKDB, relations: Iterable[str] = (), stored: HowStored = _as_it_is) -> None:
        self.dialect = dialect
        self._relations = frozenset(relations)
        self._stored = stored

    def __call__(self, tree: Tree, dialect: str = DUCKDB) -> str:
        """Return the text of a query.

        Args:
            tree: The query, its tables named by relation.
            dialect: Whose meaning it has: DuckDB's, or that of the engine itself.

        Raises:
            SqlError: MK210, a part of it has no equal in the engine's dialect.
            EngineError: A table that it reads is not there.
        """
        return render(tree) if self.dialect == DUCKDB else self.translated(tree, dialect).sql

    def translated(self, tree: Tree, dialect: str = DUCKDB, *, pretty: bool = False) -> frame.Translation:
        """Return the text of a query, and what was rewritten; raises as a call does."""
        if self.dialect == DUCKDB:
            return frame.Translation(render(tree, pretty=pretty), ())
        tables = {name: names.Stored(*self._stored(name)) for name in table_names(tree) if name in self._relations}
        if dialect == self.dialect:
            return frame.Translation(frame.as_it_stands(tree, dialect, tables, pretty=pretty), ())
        return frame.transpile(tree, self.dialect, tables, pretty=pretty)
