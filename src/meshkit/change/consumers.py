"""Who reads what: the products whose inputs or SQL name another one, and the columns that they read there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.catalog import Catalog
from meshkit.model.change import Change, Effect, Reading
from meshkit.model.contract import Contract
from meshkit.model.names import fold
from meshkit.model.namespace import Namespace, NoFiles, Overrides, is_location
from meshkit.model.variables import Variables
from meshkit.sql.lineage import Known, Lineage, trace

_CONCERNED = (Effect.BREAKING, Effect.UNDETERMINED)
_PINNED = Known("another version", None)


class Consumer(NamedTuple):
    """One product that reads another.

    Attributes:
        id: Its own id.
        reads: (table's name, folded column) of the other product -> what of this one reads it.
        stars: Names of the tables that it reads whole.
        doubt: Why it may read more than `reads` says; empty = it does not.
    """

    id: str
    reads: dict[tuple[str, str], str]
    stars: frozenset[str]
    doubt: str


def consumer_of(contract: Contract, product: Contract, catalog: Catalog, *, is_kept: bool) -> Consumer | None:
    """Return how one product reads another; None where it does not.

    Args:
        contract: Who may read.
        product: What is read, as it was before it changed; `catalog` holds it so.
        catalog: All products.
        is_kept: Whether this version is still served: who names it by its version is then not touched.
    """
    namespace = Namespace(contract, catalog, NoFiles(), Overrides({}, ""), Variables({}))
    key = catalog.key(product)
    tables = {f"{key}.{t.name}": t.name for t in product.tables}
    pinned = {fold(a) for a, t in contract.inputs.items() if is_kept and t.endswith(f"@{product.version}")}
    reader = _Reader(namespace, tables, pinned)
    reader.read(contract)
    is_declared = any(_names(namespace, alias, tables) for alias in contract.inputs if fold(alias) not in pinned)
    if not (reader.touched or is_declared):
        return None
    doubt = reader.doubt
    if not reader.touched:
        doubt = "it is one of its inputs, and no SQL says which columns"
    return Consumer(catalog.key(contract), reader.reads, frozenset(reader.stars), doubt)


def with_readings(changes: Sequence[Change], consumers: Sequence[Consumer]) -> tuple[Change, ...]:
    """Say of each breaking or undetermined change whom it touches."""
    return tuple(_with_readings(change, consumers) for change in changes)


def _with_readings(change: Change, consumers: Sequence[Consumer]) -> Change:
    if change.id == "C03":
        stars = [c.id for c in consumers if c.stars]
        more = f"; so {'does' if len(stars) == 1 else 'do'} {', '.join(stars)}" if stars else ""
        return change.model_copy(update={"hint": f"{change.hint}{more}"}) if stars else change
    if change.consumer not in _CONCERNED:
        return change
    return change.model_copy(update={"readings": tuple(_readings(change, consumers))})


def _readings(change: Change, consumers: Sequence[Consumer]) -> Iterator[Reading]:
    for consumer in consumers:
        if not change.column:
            yield Reading(consumer=consumer.id)
            continue
        column = fold(change.column)
        why = consumer.reads.get((change.table, column)) or consumer.reads.get((change.table, "*"))
        if why:
            yield Reading(consumer=consumer.id, why=why)
        elif consumer.doubt:
            yield Reading(consumer=consumer.id, is_certain=False, why=consumer.doubt)


def _names(namespace: Namespace, alias: str, tables: dict[str, str]) -> bool:
    """Tell whether an input is one of `tables`."""
    if is_location(namespace.contract.inputs[alias]):
        return False
    try:
        return namespace.resolve_input(alias).id in tables
    except MeshkitError:
        return False


class _Reader:
    """Collects what one product reads of some tables (relation's id -> the table's name)."""

    def __init__(self, namespace: Namespace, tables: dict[str, str], pinned: set[str]) -> None:
        self.namespace = namespace
        self.tables = tables
        self.pinned = pinned
        self.reads: dict[tuple[str, str], str] = {}
        self.stars: set[str] = set()
        self.touched = False
        self.doubt = ""

    def read(self, contract: Contract) -> None:
        if contract.transformation_sql:
            self._sql(contract.transformation_sql, "duckdb", "transformation.sql")
        for check in contract.quality_checks:
            if check.query and not check.skip:
                self._sql(check.query, check.dialect, f"check {check.name}")
        for table in contract.tables:
            for column in table.columns:
                for constraint in column.constraints:
                    if constraint.kind == "references" and len(constraint.values) >= 2:
                        self._reference(constraint.values[0], constraint.values[1:], column.name)

    def _sql(self, text: str, dialect: str, what: str) -> None:
        try:
            found = trace(text, self._lookup, dialect)
        except MeshkitError:
            self.doubt = self.doubt or f"{what} cannot be read"
            return
        self._note(found, what)

    def _note(self, found: Lineage, what: str) -> None:
        ours = found.tables & set(self.tables)
        if not ours:
            return
        self.touched = True
        for origin in found.reads:
            if origin.table in self.tables:
                self.reads.setdefault((self.tables[origin.table], origin.column), what)
        self.stars |= {self.tables[t] for t in found.stars if t in self.tables}
        if found.unresolved:
            self.doubt = self.doubt or f"in {what}, {found.unresolved[0]}"

    def _lookup(self, name: str, qualifier: str) -> Known | None:
        if fold(name) in self.pinned and not qualifier:
            return _PINNED
        try:
            relation = self.namespace.resolve(name, qualifier)
        except MeshkitError:
            return None
        return Known(relation.id, tuple(n for n, _ in relation.types) or None)

    def _reference(self, target: str, columns: Sequence[str], column: str) -> None:
        qualifier, _, name = target.rpartition(".")
        known = self._lookup(name, qualifier)
        if known is not None and known.id in self.tables:
            self.touched = True
            for read in columns:
                self.reads.setdefault((self.tables[known.id], fold(read)), f"the reference of {column}")
