"""Lineage: what a product is made from and who reads it, as products and as columns."""

from __future__ import annotations

from enum import StrEnum

from meshkit.model.base import Document

HIDDEN = "[hidden]"
"""What a product is called that whoever asks may not know of."""


class Direction(StrEnum):
    """Which way to look: at what it is made from, at who reads it, or both."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


class NodeKind(StrEnum):
    """What a node is: a product, a file or table outside of the mesh, a name that leads nowhere, or what is not shown."""

    PRODUCT = "product"
    SOURCE = "source"
    MISSING = "missing"
    HIDDEN = "hidden"


class Through(StrEnum):
    """What in a contract says that one thing reads another."""

    INPUT = "input"
    PORT = "port"
    TRANSFORMATION = "transformation"
    REFERENCE = "reference"
    CHECK = "check"


class Effect(StrEnum):
    """What a column that is read does: it gives a value, decides which rows there are, is referred to, or is checked against."""

    VALUE = "value"
    ROWS = "rows"
    REFERENCE = "reference"
    CHECK = "check"


class Node(Document):
    """A product, or what stands for one.

    Attributes:
        id: A product's id; `source: LOCATION`; `missing: NAME`; `[hidden] up` or `[hidden] down`.
        distance: How many steps it is away: 0 = the product that was asked for, below 0 = upstream.
    """

    id: str
    kind: NodeKind
    domain: str = ""
    version: str = ""
    status: str = ""
    tables: tuple[str, ...] = ()
    distance: int = 0


class Edge(Document):
    """`target` reads `source`."""

    source: str
    target: str
    through: tuple[Through, ...]


class End(Document):
    """One end of an edge between columns.

    Attributes:
        table: Empty where the node has none, or is not shown.
        column: Empty = the rows of the table; `*` = columns that are not named.
    """

    node: str
    table: str = ""
    column: str = ""


class ColumnEdge(Document):
    """A column that another one, or the rows of a table, come from."""

    source: End
    target: End
    effect: Effect


class Untold(Document):
    """What cannot be told of how a product reads others."""

    node: str
    what: str


class ProductLineage(Document):
    """What a product is made from, and who reads it.

    Attributes:
        column: `table.column` where the lineage of one column was asked for; else empty.
        untold: What could not be traced, such as SQL that cannot be read: there may be more edges than these.
        cut: What was left out, and how to see it.
    """

    product: str
    version: str
    column: str = ""
    direction: Direction
    depth: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    columns: tuple[ColumnEdge, ...] = ()
    untold: tuple[Untold, ...] = ()
    cut: tuple[str, ...] = ()
