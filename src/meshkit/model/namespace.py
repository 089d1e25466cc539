"""Names in the SQL of one product, and the relations they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from meshkit.errors import ContractError, SqlError
from meshkit.model.catalog import Catalog
from meshkit.model.contract import Contract
from meshkit.model.locations import is_location as is_location  # asked for here by those who resolve names
from meshkit.model.names import did_you_mean, fold
from meshkit.model.placement import Located, Placement
from meshkit.model.relation import Relation
from meshkit.model.table import Table
from meshkit.model.variables import Variables


class Overrides(NamedTuple):
    """What `--table NAME=LOCATION` replaces: folded name -> location ('' = a frame), and where relative ones start."""

    locations: Mapping[str, str]
    base: str


class Files(Protocol):
    """Where the contracts of a mesh are."""

    def folder_of(self, contract: Contract) -> str:
        """Return the folder of a contract's file, where its relative locations start."""

    def contract_in(self, folder: str, file: str) -> Contract | None:
        """Return the contract in a file, named from a folder; None where the mesh has none there."""


class NoFiles:
    """Contracts without files: names are resolved, and nothing is read."""

    def folder_of(self, contract: Contract) -> str:
        """Return nowhere."""
        return ""

    def contract_in(self, folder: str, file: str) -> Contract | None:
        """Return nothing."""
        return None


class Namespace:
    """Resolves names for one contract, in the order that docs/semantics.md states.

    Args:
        contract: Whose SQL it is.
        catalog: All contracts of the mesh.
        mesh: Where the contracts' files are.
        overrides: What the caller put in the place of tables.
        variables: Values of the variables that locations and queries name.
        placement: Where the tables are; without it, where the contracts say.

    Attributes:
        used: Folded names of the overrides that something asked for.
    """

    def __init__(
        self,
        contract: Contract,
        catalog: Catalog,
        mesh: Files,
        overrides: Overrides,
        variables: Variables,
        placement: Placement | None = None,
    ) -> None:
        self.contract = contract
        self.variables = variables
        self.catalog = catalog
        self.mesh = mesh
        self.overrides = overrides
        self.placement = placement or Placement()
        self.used: set[str] = set()

    def own(self, table: Table) -> Relation:
        """Return the relation of a table of this contract."""
        return self._relation(self.contract, table)

    def resolve(self, name: str, qualifier: str = "") -> Relation:
        """Return the relation that `name` (or `qualifier.name`, a product's id) means.

        Raises:
            SqlError: MK204 nothing is called so, MK205 several are.
        """
        if qualifier:
            return self._product(f"{qualifier}.{name}")
        folded = fold(name)
        own = next((t for t in self.contract.tables if folded in (fold(n) for n in t.names)), None)
        if own is not None:
            return self.own(own)
        if folded in self.overrides.locations:
            return self._given(f"table {fold(name)}", folded)
        for alias, target in self.contract.inputs.items():
            if fold(alias) == folded:
                return self._input(alias, target)
        return self._by_name(name)

    def reference(self, values: Sequence[str]) -> tuple[Relation, tuple[str, ...]]:
        """Return what a reference points at: the relation, and its columns by the data's names.

        Args:
            values: A table's or product's name, or `FILE#TABLE`; then the columns there, by the contract's names. Behind
                `FILE##` stand stable ids, and `#` before those of columns.

        Raises:
            SqlError: As `resolve`; MK144, the file is none of the mesh.
        """
        target, *columns = values
        file, is_in_file, table = target.partition("#")
        if is_in_file:
            relation = self._in_file(file, table)
        else:
            qualifier, _, name = target.rpartition(".")
            relation = self.resolve(name, qualifier)
        return relation, tuple(relation.stored(c) for c in columns)

    def _in_file(self, file: str, name: str) -> Relation:
        contract = None if "://" in file else self.mesh.contract_in(self.mesh.folder_of(self.contract), file)
        if contract is None:
            raise SqlError(
                f"'{file}' is no contract of this mesh", "check the mesh folder that holds both files", code="MK144"
            )
        folded = fold(name)
        for table in contract.tables:
            if name == f"#{table.id}" or folded in (fold(n) for n in table.names):
                return self._relation(contract, table)
        hint = did_you_mean(name, [n for t in contract.tables for n in t.names])
        raise SqlError(f"the contract in '{file}' has no table '{name}'", hint, code="MK144")

    def resolve_input(self, alias: str) -> Relation:
        """Return the relation of one of the contract's inputs.

        Raises:
            SqlError: As `resolve`.
        """
        return self._input(alias, self.contract.inputs[alias])

    def known(self) -> list[str]:
        """Return the names that can be used, own ones first."""
        own = [n for t in self.contract.tables for n in t.names]
        mesh = self.catalog.names(self.contract.domain)
        return list(dict.fromkeys([*own, *self.overrides.locations, *self.contract.inputs, *mesh]))

    def _by_name(self, name: str) -> Relation:
        found = self.catalog.named(name, self.contract.domain)
        if len(found) > 1:
            raise SqlError(f"table '{name}' could be {' or '.join(found)}", "name it in inputs:", code="MK205")
        if not found:
            hint = did_you_mean(name, self.known())
            folder = "check the whole mesh folder, " if self.catalog.is_single else ""
            more = f"{folder}name it in inputs:, or give --table {name}=LOCATION"
            raise SqlError(
                f"unknown table '{name}'",
                f"{hint} Or {more}" if hint.endswith("?") else f"{hint}; or {more}" if hint else more,
                code="MK204",
            )
        return self._product(found[0], name)

    def _product(self, product_id: str, name: str = "") -> Relation:
        contract = self.catalog.contract(product_id)
        if contract is None:
            near = self.catalog.near(product_id)
            raise SqlError(
                f"unknown product '{product_id}'", f"did you mean '{near[0]}'?" if near else "", code="MK204"
            )
        folded = fold(name)
        named = [t for t in contract.tables if folded in (fold(n) for n in t.names)]
        tables = named or contract.tables
        if len(tables) != 1:
            what = "no table" if not tables else f"{len(tables)} tables"
            raise SqlError(
                f"product '{product_id}' has {what}", "name one of its tables", code="MK205" if tables else "MK204"
            )
        return self._relation(contract, tables[0])

    def _input(self, alias: str, target: str) -> Relation:
        if is_location(target):
            key = f"{self.catalog.key(self.contract)}.inputs.{alias}"
            located = self._located(target, self.mesh.folder_of(self.contract))
            return Relation(id=key, location=located.location, base=located.base, unreadable=located.unreadable)
        found = [target] if "." in target else self.catalog.named(target, self.contract.domain)
        if len(found) == 1 and self.catalog.entry(found[0]):
            return self._product(found[0])
        if len(found) > 1:
            raise SqlError(f"input '{alias}' could be {' or '.join(found)}", "give the whole id", code="MK205")
        near = self.catalog.near(target)
        hint = f"did you mean '{near[0]}'? Or give" if near else "check the whole mesh folder, or give"
        what = f"input '{alias}' is product '{target}', which is not loaded here"
        raise SqlError(what, f"{hint} --table {alias}=LOCATION", code="MK134")

    def _relation(self, contract: Contract, table: Table) -> Relation:
        key = f"{self.catalog.key(contract)}.{table.name}"
        stored = [c for c in table.columns if not c.is_measure]
        shared = {
            "types": tuple((c.name, c.type) for c in stored),
            "labels": tuple((n, c.name) for c in stored for n in (c.label, c.id and f"#{c.id}") if n),
            "formats": tuple((c.name, c.time_format) for c in stored if c.time_format),
            "zones": tuple((c.name, c.time_zone) for c in stored if c.time_zone),
            "format": table.format,
            "delimiter": table.delimiter,
            "encoding": table.encoding,
        }
        for name in table.names:
            if fold(name) in self.overrides.locations:
                given = self._given(key, fold(name))
                return given.model_copy(update=shared)
        try:
            engine, parts = self._engine(contract, table)
        except ContractError as error:
            return Relation(id=key, unreadable=f"{error.what}; {error.hint}", **shared)
        if engine:  # one that reads files looks at the location where it has no such table
            located = self._located(table.location, table.folder or self.mesh.folder_of(contract))
            there = {} if located.unreadable else {"location": located.location, "base": located.base}
            return Relation(id=key, engine=engine, parts=parts, **there, **shared)
        if self.placement.database:
            located = self.placement.in_database(self.placement.parts_of(self._version_id(contract), table))
            shared["format"] = "table"
        else:
            located = self._located(table.location, table.folder or self.mesh.folder_of(contract))
            located = located._replace(unreadable=table.unreadable or located.unreadable)
        return Relation(id=key, **located._asdict(), **shared)

    def _engine(self, contract: Contract, table: Table) -> tuple[str, tuple[str, ...]]:
        """Return the engine that holds a table, and its name there; nothing where it is read from files.

        Raises:
            ContractError: MK143, a variable in the name has no value.
        """
        placement = self.placement
        if not placement.is_files:
            return placement.engine, placement.parts_of(self._version_id(contract), table)
        engine = placement.engine_of(contract.server) if contract.server and not placement.engine else ""
        if not engine or contract.server is None:
            return "", ()
        schema = placement.schema_parts or tuple(self.variables.put(p) for p in contract.server.schema_parts)
        there = placement.model_copy(update={"schema_parts": schema})
        return engine, there.parts_of(self._version_id(contract), table)

    def _version_id(self, contract: Contract) -> str:
        return f"{contract.product_id}@{contract.version}"

    def _located(self, location: str, folder: str) -> Located:
        """Return where a file is, its variables replaced and the prefix before it."""
        try:
            found = self.placement.located(self.variables.put(location), folder)
            return (
                found._replace(location=self.variables.put(found.location)) if self.placement.location_prefix else found
            )
        except ContractError as error:
            return Located(location, folder, f"{error.what}; {error.hint}")

    def _given(self, key: str, folded: str) -> Relation:
        self.used.add(folded)
        location = self.overrides.locations[folded]
        return Relation(id=key, location=location or folded, base=self.overrides.base, is_given=not location)
