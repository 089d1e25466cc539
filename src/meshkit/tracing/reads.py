"""What one contract reads: products and locations outside of the mesh, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.contract import Contract
from meshkit.model.lineage import Effect, NodeKind, Through
from meshkit.model.names import fold
from meshkit.model.namespace import Namespace, is_location
from meshkit.model.table import Column, Table
from meshkit.sql.lineage import Known, Lineage, Origin, trace

MAX_SQL = 200_000
"""Characters of one query; a longer one is not traced, and that is said."""


class Origins(NamedTuple):
    """Where names lead that are no relation of their own.

    Attributes:
        product_of: The key of the product that a relation's id belongs to, and its table; None = it is no product.
        holder: The key of the product whose files a location is among, or None.
        location: What a location is called, wherever it is named.
        of_contract: The key of the product that serves a contract, by the contract's id; None = there is none.
    """

    product_of: Callable[[str], tuple[str, str] | None]
    holder: Callable[[Contract, str], str | None]
    location: Callable[[Contract, str], str]
    of_contract: Callable[[str], str | None]


class Read(NamedTuple):
    """A column that is read, its name folded, and what it does in the product's own table: `*` = all, empty = the rows."""

    node: str
    table: str
    column: str
    own_table: str
    own_column: str
    effect: Effect


class Reads(NamedTuple):
    """What one product reads.

    Attributes:
        kinds: Node -> what it is.
        through: Node -> what says that it is read.
        columns: The columns that are read there.
        untold: What cannot be told.
    """

    kinds: dict[str, NodeKind]
    through: dict[str, tuple[Through, ...]]
    columns: tuple[Read, ...]
    untold: tuple[str, ...]


def reads_of(namespace: Namespace, key: str, origins: Origins) -> Reads:
    """Return what the contract of a namespace reads, itself left out."""
    reader = _Reader(namespace, key, origins)
    reader.read()
    through = {node: tuple(t for t in Through if t in found) for node, found in reader.through.items()}
    return Reads(reader.kinds, through, tuple(dict.fromkeys(reader.columns)), tuple(dict.fromkeys(reader.untold)))


class _Reader:
    def __init__(self, namespace: Namespace, key: str, origins: Origins) -> None:
        self.namespace = namespace
        self.contract = namespace.contract
        self.key = key
        self.origins = origins
        self.kinds: dict[str, NodeKind] = {}
        self.through: dict[str, set[Through]] = {}
        self.columns: list[Read] = []
        self.untold: list[str] = []
        self.known: dict[str, tuple[str, str]] = {}  # id of a relation -> node and table

    def read(self) -> None:
        contract = self.contract
        for alias in contract.inputs:
            self._input(alias)
        for port in contract.input_ports:
            if port.contract_id and port.name not in contract.inputs:
                self._add(f"missing: {port.contract_id}", NodeKind.MISSING, Through.PORT)
        for output in contract.output_ports:
            for upstream in output.inputs:
                self._upstream(upstream.id)
        if contract.transformation_sql:
            self._sql(contract.transformation_sql, "duckdb", "its transformation", self._transformed)
        for check in contract.quality_checks:
            if check.query and not check.skip:
                table = check.table or (contract.tables[0].name if contract.tables else "")
                name = f"check '{check.name}'" if check.name else "a check"
                self._sql(check.query, check.dialect, name, lambda found, at=table: self._checked(found, at))  # type: ignore[misc]  # mypy does not infer a default in a lambda
        for table_ in contract.tables:
            for column in table_.columns:
                self._references(table_, column, column.name)
            for constraint in table_.constraints:
                if constraint.kind == "references":
                    self._reference(table_, constraint.values, constraint.columns)
        seen = {r.node for r in self.columns}
        for node, kind in self.kinds.items():
            if node not in seen and kind is not NodeKind.MISSING:
                self.untold.append(f"no SQL says which columns of {node} it reads")

    def _add(self, node: str, kind: NodeKind, through: Through) -> None:
        self.kinds[node] = kind
        self.through.setdefault(node, set()).add(through)

    def _input(self, alias: str) -> None:
        through = Through.PORT if any(p.name == alias for p in self.contract.input_ports) else Through.INPUT
        target = self.contract.inputs[alias]
        if is_location(target):
            node, kind = self._location(target)
            self._add(node, kind, through)
            return
        try:
            found = self.origins.product_of(self.namespace.resolve_input(alias).id)
        except MeshkitError:
            found = self._whole(target)
        if found is None:
            self._add(f"missing: {target}", NodeKind.MISSING, through)
        elif found[0] != self.key:
            self._add(found[0], NodeKind.PRODUCT, through)

    def _whole(self, target: str) -> tuple[str, str] | None:
        """Return the product that an input means, where no relation stands for it: it has no table, several, or not that version."""
        catalog = self.namespace.catalog
        names = [target] if "." in target else catalog.named(target, self.contract.domain)
        if len(names) != 1:
            return None
        entry = catalog.entry(names[0])
        if entry is None:
            entry = catalog.entry(names[0].partition("@")[0])
            if entry is not None:
                self.untold.append(f"it reads {target}, a version that is not there; the current one is shown")
        return (catalog.key(entry.head), "") if entry else None

    def _location(self, target: str) -> tuple[str, NodeKind]:
        holder = self.origins.holder(self.contract, target)
        if holder is not None:
            return holder, NodeKind.PRODUCT
        return f"source: {self.origins.location(self.contract, target)}", NodeKind.SOURCE

    def _upstream(self, contract_id: str) -> None:
        found = self.origins.of_contract(contract_id)
        if found is None:
            self._add(f"missing: {contract_id}", NodeKind.MISSING, Through.PORT)
        elif found != self.key:
            self._add(found, NodeKind.PRODUCT, Through.PORT)

    def _sql(self, text: str, dialect: str, what: str, note: Callable[[Lineage], None]) -> None:
        if len(text) > MAX_SQL:
            self.untold.append(f"the SQL of {what} is longer than {MAX_SQL:,} characters, and was not read")
            return
        try:
            found = trace(text, self._lookup, dialect)
        except (MeshkitError, RecursionError):
            self.untold.append(f"the SQL of {what} cannot be read")
            return
        self.untold += [f"in {what}, {why}" for why in found.unresolved[:5]]
        if len(found.unresolved) > 5:
            self.untold.append(f"in {what}, {len(found.unresolved) - 5:,} more columns cannot be told")
        note(found)

    def _lookup(self, name: str, qualifier: str) -> Known | None:
        try:
            relation = self.namespace.resolve(name, qualifier)
        except MeshkitError:
            return None
        if relation.id not in self.known:
            self.known[relation.id] = self._where(relation.id)
        return Known(relation.id, tuple(n for n, _ in relation.types) or None)

    def _where(self, relation: str) -> tuple[str, str]:
        """Return the node and table of a relation; its own tables are of its own key."""
        for alias, target in self.contract.inputs.items():
            if relation == f"{self.key}.inputs.{alias}" and is_location(target):
                return self._location(target)[0], ""
        return self.origins.product_of(relation) or (self.key, "")

    def _tables(self, found: Lineage, through: Through) -> None:
        for relation in sorted(found.tables):
            node = self.known[relation][0]
            if node != self.key:
                kind = NodeKind.SOURCE if node.startswith("source: ") else NodeKind.PRODUCT
                self._add(node, kind, through)

    def _transformed(self, found: Lineage) -> None:
        self._tables(found, Through.TRANSFORMATION)
        names = {fold(c.name) for c in found.columns}
        tables = self.contract.tables
        own = max(tables, key=lambda t: len(names & {fold(c.name) for c in t.columns}), default=None)
        table = own.name if own else ""
        for output in found.columns:
            column = own.column(output.name) if own else None
            if own is not None and column is None and output.name != "*":
                self.untold.append(f"its transformation gives '{output.name}', which the contract does not declare")
            name = column.name if column else output.name
            for origin in sorted(output.values):
                self._column(origin, table, name, Effect.VALUE)
        for origin in sorted(found.influences):
            self._column(origin, table, "", Effect.ROWS)

    def _checked(self, found: Lineage, table: str) -> None:
        self._tables(found, Through.CHECK)
        for origin in sorted(found.reads):
            self._column(origin, table, "", Effect.CHECK)

    def _column(self, origin: Origin, table: str, column: str, effect: Effect) -> None:
        node, of = self.known[origin.table]
        if node != self.key:
            self.columns.append(Read(node, of, fold(origin.column), table, column, effect))

    def _references(self, table: Table, part: Column, name: str) -> None:
        for constraint in part.constraints:
            if constraint.kind == "references":
                self._reference(table, constraint.values, (name,))
        for step, inner in part.parts:
            self._references(table, inner, f"{name}{step if step.startswith('[') else f'.{step}'}")

    def _reference(self, table: Table, values: tuple[str, ...], own: tuple[str, ...]) -> None:
        if not values:
            return
        try:
            relation, columns = self.namespace.reference(values)
        except MeshkitError:
            self.untold.append(f"the reference of {', '.join(own)} leads to nothing that is known")
            return
        node, of = self._where(relation.id)
        if node == self.key:
            return
        self._add(node, NodeKind.SOURCE if node.startswith("source: ") else NodeKind.PRODUCT, Through.REFERENCE)
        for column, mine in _pairs(columns, own):
            self.columns.append(Read(node, of, fold(column), table.name, mine, Effect.REFERENCE))


def _pairs(columns: tuple[str, ...], own: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return zip(columns, own, strict=False) if len(columns) == len(own) else ((c, m) for c in columns for m in own)
