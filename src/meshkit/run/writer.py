"""Trees to the text that an engine reads: DuckDB's own words, or another dialect's with the same meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from meshkit.later import Later
from meshkit.model.relation import SeenColumn
from meshkit.run.plan import Write
from meshkit.sql.dialects import render
from meshkit.sql.trees import Tree, table_names

if TYPE_CHECKING:
    from meshkit.sql.transpile import frame, names
else:  # only what runs elsewhere than in DuckDB is translated
    frame, names = Later("meshkit.sql.transpile.frame"), Later("meshkit.sql.transpile.names")

DUCKDB = "duckdb"
HowStored = Callable[[str], tuple[tuple[str, ...], tuple[SeenColumn, ...]]]
"""Takes the id of a relation; returns the whole name of the table that holds it, and its columns."""


class Writer:
    """Writes queries for one engine.

    Args:
        dialect: The engine's.
        relations: Ids of all relations that queries may read.
        stored: Tells which table of the engine holds a relation, and its columns.
    """

    def __init__(self, dialect: str, relations: Iterable[str], stored: HowStored) -> None:
        self.dialect = dialect
        self._relations = frozenset(relations)
        self._stored = stored

    def __call__(self, tree: Tree) -> str:
        """Return the text of a query.

        Raises:
            SqlError: MK210, a part of it has no equal in the dialect.
            EngineError: A table that it reads is not there.
        """
        return self.translated(tree).sql

    def translated(self, tree: Tree, *, pretty: bool = False) -> frame.Translation:
        """Return the text of a query, and what was rewritten; raises as a call does."""
        tables = {name: names.Stored(*self._stored(name)) for name in table_names(tree) if name in self._relations}
        return frame.transpile(tree, self.dialect, tables, pretty=pretty)


def writer_for(dialect: str, relations: Iterable[str], stored: HowStored) -> Write:
    """Return what writes queries for an engine; `render` itself for DuckDB, whose words trees are made of."""
    if dialect == DUCKDB:
        return render
    return Writer(dialect, relations, stored)
