"""`Product`: one data product of a mesh, and what a user asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from meshkit.errors import ContractError, UsageError
from meshkit.later import Later
from meshkit.loading.source import Source
from meshkit.model.catalog import Entry
from meshkit.model.check import Check
from meshkit.model.contract import Contract, Status
from meshkit.model.exported import Export
from meshkit.model.metadata import ProductMetadata, metadata_of
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.run.work import checks_of
from meshkit.runs import Run

if TYPE_CHECKING:
    from meshkit.export import targets
    from meshkit.mesh import Mesh
    from meshkit.run import show
else:
    show = Later("meshkit.run.show")
    targets = Later("meshkit.export.targets")

Tables = Mapping[str, Any]


class Product:
    """One product in one version."""

    def __init__(self, mesh: Mesh, entry: Entry, source: Source, problems: Sequence[Problem]) -> None:
        self._mesh = mesh
        self._entry = entry
        self.head = entry.head
        self.source = source
        self.problems = tuple(problems)

    def __repr__(self) -> str:
        """Name the product."""
        return f"Product({self.id!r}, version={self.head.version!r})"

    @property
    def version(self) -> str:
        """Its semantic version."""
        return self.head.version

    @property
    def domain(self) -> str:
        """The domain that owns it."""
        return self.head.domain

    @property
    def status(self) -> Status:
        """Where this version stands in its life."""
        return self.head.status

    @property
    def contract(self) -> Contract:
        """What the product promises; read in full when it is first asked for."""
        return self._entry.contract

    def peek(self) -> Contract:
        """Return what it promises without keeping it; see `Entry.peek`."""
        return self._entry.peek()

    @property
    def id(self) -> str:
        """`domain.name`, with `@version` where it is not the version that the bare id means."""
        return self._mesh.catalog.key(self.head)

    @property
    def is_stopped(self) -> bool:
        """Whether an error in its contract keeps the whole product from being checked."""
        return stops(self.problems)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every assertion of the contract, whether it can run or not."""
        return checks_of(self._mesh.target(self), self._mesh.catalog)

    @property
    def inputs(self) -> Mapping[str, str]:
        """Input ports: the name used in SQL -> another product, or a location."""
        return self.contract.inputs

    def metadata(self) -> ProductMetadata:
        """Return what a catalogue wants to know."""
        return metadata_of(self.contract)

    def check(self, *, tables: Tables | None = None, now: datetime | str | None = None, **options: Any) -> Run:
        """Run this product's checks; the arguments are those of `Mesh.check`."""
        return self._mesh.check(products=[self.id], tables=tables, now=now, **options)

    def sql(
        self,
        check: str | None = None,
        *,
        tables: Tables | None = None,
        dialect: str | None = None,
        with_rewrites: bool = False,
        engine: Any = None,
        env: str | None = None,
    ) -> dict[str, str]:
        """Return the SQL of one check, or of all: check id -> SQL, or the reason why there is none, as a comment.

        Args:
            check: Its id, or the end of it; None = all.
            tables: As for `Mesh.check`.
            dialect: In whose words: `duckdb`, `postgres`, `spark`, ...; None = the engine's, or DuckDB's.
            with_rewrites: Whether comments name what is written in another way than DuckDB has it.
            engine: As for `Mesh.check`; it is connected to, and its own names and types stand in the SQL.
            env: As for `Mesh.check`. With neither, tables and columns are taken as the contract declares them.

        Raises:
            UsageError: There is no such check, dialect, engine or environment, or several checks end so.
            EngineError: The engine is not reached.
        """
        words = show.words(dialect, with_rewrites)
        chosen = [c for c in self.checks if check is None or c.id == check or c.id.endswith(f".{check}")]
        if check is not None and len(chosen) != 1:
            ends = [c.id.removeprefix(f"{self.id}.") for c in chosen or self.checks]
            hint = f"it could be {' or '.join(ends)}" if chosen else did_you_mean(check, ends)
            raise UsageError(f"{'several checks' if chosen else 'no check'} of {self.id} called '{check}'", hint)
        return self._mesh.show_sql(self, chosen, tables or {}, words, env, engine)

    def export(self, to: str, *, dialect: str = "duckdb", table: str | None = None) -> Export:
        """Return the contract in the words of another tool; `str()` of it is the text.

        Args:
            to: `json-schema`, `sql`, `dbt` or `markdown`.
            dialect: In which words types and constraints are written, for `sql` and `dbt`.
            table: Only this table.

        Raises:
            UsageError: An unknown target, dialect or table.
            ContractError: The contract has errors, so what it says is not known.
        """
        if self.is_stopped:
            raise ContractError(f"the contract of {self.id} has errors; nothing is written", "run: meshkit lint")
        return targets.export(self.contract, self.checks, self.id, to, dialect=dialect, table=table)


def stops(problems: Sequence[Problem]) -> bool:
    """Tell whether one of a product's problems stops the whole of it."""
    return any(p.severity is Severity.ERROR and not p.check for p in problems)
