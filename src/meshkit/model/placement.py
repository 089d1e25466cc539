"""Where the tables of a mesh lie: which engine holds them, and what they are called there."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.base import Document
from meshkit.model.table import Table


class Placement(Document):
    """Where a run reads the tables of contracts.

    Attributes:
        engine: The engine that holds them; empty = DuckDB reads their locations.
        outer: What stands before names that have one part: a schema, or a catalog and a schema.
        tables: `domain.product.table`, `domain.product` or a table's own name, folded -> the parts of its name there.
        location_prefix: What stands before relative locations.
    """

    engine: str = ""
    outer: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = {}
    location_prefix: str = ""

    def parts_of(self, product: str, table: Table) -> tuple[str, ...]:
        """Return a table's name on the engine, from the outermost part on.

        What `tables` names it; else its physical name in the contract; else its own name. One part is looked for in `outer`.

        Args:
            product: `domain.name` of its product.
            table: The table.
        """
        keys = (f"{product}.{table.name}", product, table.name)
        named = next((self.tables[k.casefold()] for k in keys if k.casefold() in self.tables), None)
        parts = named or split_name(table.physical_name) or (table.name,)
        return (*self.outer, *parts) if len(parts) == 1 else parts


def split_name(text: str) -> tuple[str, ...]:
    """Split a dotted name at its dots; a part in double quotes may hold dots, and a quote that is doubled.

    Example:
        >>> split_name('analytics.public."orders.v2"')
        ('analytics', 'public', 'orders.v2')
    """
    parts, current, is_quoted, at = [], "", False, 0
    while at < len(text):
        character = text[at]
        if character == '"' and is_quoted and text[at + 1 : at + 2] == '"':
            current, at = current + '"', at + 1
        elif character == '"':
            is_quoted = not is_quoted
        elif character == "." and not is_quoted:
            parts.append(current)
            current = ""
        else:
            current += character
        at += 1
    return tuple(p for p in (*parts, current) if p)
