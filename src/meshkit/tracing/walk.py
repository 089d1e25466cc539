"""The walk along reads, from one product up and down: by steps, with bounds, and without what is not to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from meshkit.model.lineage import (
    HIDDEN,
    ColumnEdge,
    Direction,
    Edge,
    Effect,
    End,
    Node,
    NodeKind,
    ProductLineage,
    Through,
    Untold,
)  # fmt: skip
from meshkit.model.names import fold
from meshkit.tracing.reads import Read, Reads

MAX_COLUMNS = 2_000
"""Edges between columns in one answer."""
_UNSEEN = "some of what it reads cannot be told"


class Graph(NamedTuple):
    """Who reads whom.

    Attributes:
        reads: What a product reads, by its key.
        readers: The keys of the products that read one, asked for one by one.
        describe: A product as a node; its distance is the walk's.
        visible: Whether a product may be shown, by its key.
    """

    reads: Callable[[str], Reads]
    readers: Callable[[str], Iterable[str]]
    describe: Callable[[str], Node]
    visible: Callable[[str], bool]


class Asked(NamedTuple):
    """What is wanted: of a product, or of one column of it as its table and its folded name."""

    product: str
    direction: Direction
    depth: int
    limit: int
    column: tuple[str, str] | None = None


_Spot = tuple[str, str, str]
"""Node, table and folded column."""


def walk(graph: Graph, asked: Asked) -> ProductLineage:
    """Return the lineage of a product, or of one of its columns."""
    walker = _Walker(graph, asked)
    sides = (Direction.UP, Direction.DOWN) if asked.direction is Direction.BOTH else (asked.direction,)
    for side in sides:
        (walker.along if asked.column is None else walker.along_column)(side)
    return walker.lineage()


class _Walker:
    def __init__(self, graph: Graph, asked: Asked) -> None:
        self.graph = graph
        self.asked = asked
        start = graph.describe(asked.product)
        self.version = start.version
        self.nodes: dict[str, Node] = {asked.product: start}
        self.edges: dict[tuple[str, str], set[Through]] = {}
        self.columns: dict[ColumnEdge, None] = {}
        self.untold: dict[Untold, None] = {}
        self.cut: dict[str, None] = {}
        self.is_full = False

    def lineage(self) -> ProductLineage:
        asked = self.asked
        nodes = sorted(self.nodes.values(), key=lambda n: (n.distance, n.id))
        edges = [
            Edge(source=s, target=t, through=tuple(k for k in Through if k in through))
            for (s, t), through in sorted(self.edges.items())
        ]
        columns = sorted(self.columns, key=lambda c: (_order(c.target), _order(c.source), c.effect))
        return ProductLineage(
            product=asked.product, version=self.version, direction=asked.direction, depth=asked.depth, nodes=tuple(nodes),
            column=".".join(asked.column) if asked.column else "", edges=tuple(edges), columns=tuple(columns),
            untold=tuple(self.untold), cut=tuple(self.cut),
        )  # fmt: skip

    # products

    def along(self, side: Direction) -> None:
        """Follow products, step by step."""
        seen, frontier = {self.asked.product}, [self.asked.product]
        for step in range(1, self.asked.depth + 1):
            found: list[str] = []
            for key in frontier:
                for source, target in self._pairs(key, side):
                    other = source if side is Direction.UP else target
                    if self._edge(source, target, side, step) and other not in seen:
                        seen.add(other)
                        found.append(other)
                    if self.is_full:
                        return
                self._tell(key if side is Direction.UP else "")
            frontier = found
        self._end(frontier, side)

    def _pairs(self, key: str, side: Direction) -> Iterable[tuple[str, str]]:
        if side is Direction.UP:
            return ((node, key) for node in self.graph.reads(key).kinds)
        return ((key, reader) for reader in self.graph.readers(key))

    def _edge(self, source: str, target: str, side: Direction, step: int) -> bool:
        """Add an edge with its columns; tell whether the walk may go on behind it."""
        columns = [r for r in self.graph.reads(target).columns if r.node == source]
        return self._edge_with(columns, source, target, side, step)

    def _doubt(self, reader: str) -> None:
        """Say what cannot be told of a reader, which may so read the column without an edge."""
        if self.graph.visible(reader):
            self._tell(reader)
        elif self.graph.reads(reader).untold:
            self.untold[Untold(node=f"{HIDDEN} {Direction.DOWN}", what=_UNSEEN)] = None

    def _edge_with(self, columns: Iterable[Read], source: str, target: str, side: Direction, step: int) -> bool:
        reads = self.graph.reads(target)
        shown = self._add(source, target, side, step, reads)
        if shown is None:
            return False
        self.edges.setdefault(shown, set()).update(reads.through[source])
        for read in columns:
            self._column(read, shown)
        if side is Direction.DOWN and shown[1] == target:
            self._tell(target)
        other = source if side is Direction.UP else target
        return other in shown and reads.kinds[source] is NodeKind.PRODUCT

    def _add(self, source: str, target: str, side: Direction, step: int, reads: Reads) -> tuple[str, str] | None:
        """Add the node at the far end; return the names by which both ends are shown, None where there is no room."""
        is_up = side is Direction.UP
        other = source if is_up else target
        kind = reads.kinds[source] if is_up else NodeKind.PRODUCT
        if kind is NodeKind.PRODUCT and not self.graph.visible(other):
            kind, other = NodeKind.HIDDEN, f"{HIDDEN} {side}"
        if other not in self.nodes:
            if len(self.nodes) >= self.asked.limit:
                way_out = "ask for one direction, for less depth, or for one column"
                self.cut[f"only {self.asked.limit:,} nodes are shown, and there are more: {way_out}"] = None
                self.is_full = True
                return None
            node = self.graph.describe(other) if kind is NodeKind.PRODUCT else Node(id=other, kind=kind)
            self.nodes[other] = node.model_copy(update={"distance": -step if is_up else step})
        return (other, target) if is_up else (source, other)

    def _column(self, read: Read, shown: tuple[str, str]) -> None:
        if len(self.columns) >= MAX_COLUMNS:
            self.cut[f"only {MAX_COLUMNS:,} edges between columns are shown: ask for one column"] = None
            return
        source = End(node=shown[0]) if shown[0].startswith(HIDDEN) else self._end_of(read, shown[0])
        target = End(node=shown[1])
        if not shown[1].startswith(HIDDEN):
            target = End(node=shown[1], table=read.own_table, column=read.own_column)
        self.columns[ColumnEdge(source=source, target=target, effect=read.effect)] = None

    def _end_of(self, read: Read, node: str) -> End:
        return End(node=node, table=read.table, column=read.column)

    def _tell(self, key: str) -> None:
        """Say what cannot be told of what a product reads; not in the words of its SQL where that names what is hidden."""
        if not key:
            return
        reads = self.graph.reads(key)
        hides = any(k is NodeKind.PRODUCT and not self.graph.visible(n) for n, k in reads.kinds.items())
        for what in dict.fromkeys(_UNSEEN if hides else u for u in reads.untold):
            self.untold[Untold(node=key, what=what)] = None

    def _end(self, frontier: Iterable[str], side: Direction) -> None:
        """Say where the walk stopped although there is more."""
        more = [key for key in frontier if self._goes_on(key, side)]
        if more:
            names = ", ".join(sorted(more)[:5]) + (", ..." if len(more) > 5 else "")
            word = "upstream" if side is Direction.UP else "downstream"
            self.cut[f"depth {self.asked.depth} was reached; more lies {word} of {names}: ask for more depth"] = None

    def _goes_on(self, key: str, side: Direction) -> bool:
        return next(iter(self._pairs(key, side)), None) is not None

    # one column

    def along_column(self, side: Direction) -> None:
        """Follow one column by the values that it gives or takes; what only decides rows, refers or checks ends there."""
        assert self.asked.column is not None
        table, column = self.asked.column
        start: _Spot = (self.asked.product, table, column)
        seen, frontier = {start}, [start]
        for step in range(1, self.asked.depth + 1):
            found: list[_Spot] = []
            for spot in frontier:
                for target, read in self._reads_of(spot, side, is_first=step == 1):
                    goes_on = self._edge_with([read], read.node, target, side, step)
                    if self.is_full:
                        return
                    other = self._other(target, read, side)
                    if goes_on and read.effect is Effect.VALUE and other not in seen:
                        seen.add(other)
                        found.append(other)
                self._tell(spot[0] if side is Direction.UP else "")
            frontier = found
        self._end(dict.fromkeys(s[0] for s in frontier if any(self._reads_of(s, side, is_first=False))), side)

    def _other(self, target: str, read: Read, side: Direction) -> _Spot:
        up = (read.node, read.table, read.column)
        return up if side is Direction.UP else (target, read.own_table, fold(read.own_column))

    def _reads_of(self, spot: _Spot, side: Direction, *, is_first: bool) -> Iterable[tuple[str, Read]]:
        key, table, column = spot
        if side is Direction.UP:
            for read in self.graph.reads(key).columns:
                is_own = read.own_table == table and _is(read.own_column, column) and read.own_column
                if is_own or (is_first and read.effect is Effect.ROWS and read.own_table == table):
                    yield key, read
            return
        for reader in self.graph.readers(key):
            of = [r for r in self.graph.reads(reader).columns if r.node == key]
            yield from ((reader, r) for r in of if r.table == table and _is(r.column, column))
            self._doubt(reader)


def _is(name: str, column: str) -> bool:
    """Tell whether a column is meant by a name, or may be by `*`."""
    return "*" in (name, column) or fold(name) == column


def _order(end: End) -> tuple[str, str, str]:
    return end.node, end.table, end.column
