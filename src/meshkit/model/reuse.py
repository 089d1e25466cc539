"""What an incremental run read, and what it could not reuse."""

from __future__ import annotations

from meshkit.model.base import Document


class FullCheck(Document):
    """A check that was run over all rows, and why."""

    id: str
    reason: str


class TableReuse(Document):
    """One table of an incremental run.

    Attributes:
        product: The product's id.
        table: The table's name.
        files: How many files it has; 0 where it is none of files that can be told apart.
        scanned: How many of them were new or changed to at least one check, and read for it.
        full: The checks that were run over all files instead.
    """

    product: str
    table: str
    files: int = 0
    scanned: int = 0
    full: tuple[FullCheck, ...] = ()


class Reuse(Document):
    """What an incremental run reused.

    Attributes:
        tables: Table by table, in the order of the products.
        note: Why nothing was kept; empty = it was.
    """

    tables: tuple[TableReuse, ...] = ()
    note: str = ""
