"""`Mesh` and `Product`: the verbs a user calls. Each wires a few rooms and holds no rule."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshkit.arguments import given, moment, one_of
from meshkit.arguments import overrides as overrides_of
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.errors import ContractError, UsageError
from meshkit.later import Later
from meshkit.loading.cache import cache_folder
from meshkit.loading.documents import Documents
from meshkit.loading.source import Source
from meshkit.loading.tree import MeshFiles, load_files
from meshkit.model.catalog import Catalog, Entry
from meshkit.model.change import MeshDiff, Perspective
from meshkit.model.check import Check
from meshkit.model.contract import KNOWN_METRICS, Contract, Status
from meshkit.model.exported import Export
from meshkit.model.metadata import ProductMetadata, metadata_of
from meshkit.model.names import did_you_mean
from meshkit.model.namespace import Namespace, Overrides
from meshkit.model.plan import TablePlan
from meshkit.model.problem import Problem
from meshkit.model.slice import PartitionGiven, parse_slice
from meshkit.model.statistics import Trust
from meshkit.model.table import Severity
from meshkit.model.variables import Variables, from_environment
from meshkit.run.lint import Linter
from meshkit.run.mesh_run import Options, Progress, Target, checks_of, explain_mesh, run_mesh
from meshkit.runs import Run

if TYPE_CHECKING:
    from meshkit import placing
    from meshkit.change import mesh_diff
    from meshkit.export import targets
    from meshkit.loading import cron
    from meshkit.run import show
else:  # what a check does not need is imported by the verb that does
    mesh_diff, targets = Later("meshkit.change.mesh_diff"), Later("meshkit.export.targets")
    cron, show, placing = Later("meshkit.loading.cron"), Later("meshkit.run.show"), Later("meshkit.placing")

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

    @property
    def id(self) -> str:
        """`domain.name`, with `@version` where it is not the version that the bare id means."""
        return self._mesh.catalog.key(self.head)

    @property
    def is_stopped(self) -> bool:
        """Whether an error in its contract keeps the whole product from being checked."""
        return _stops(self.problems)

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

    def sql(self, check: str | None = None, *, tables: Tables | None = None) -> dict[str, str]:
        """Return the SQL of one check, or of all: check id -> SQL, or the reason why there is none, as a comment.

        Raises:
            UsageError: There is no such check, or several end so.
        """
        chosen = [c for c in self.checks if check is None or c.id == check or c.id.endswith(f".{check}")]
        if check is not None and len(chosen) != 1:
            ends = [c.id.removeprefix(f"{self.id}.") for c in chosen or self.checks]
            hint = f"it could be {' or '.join(ends)}" if chosen else did_you_mean(check, ends)
            raise UsageError(f"{'several checks' if chosen else 'no check'} of {self.id} called '{check}'", hint)
        return self._mesh.show_sql(self, chosen, tables or {})

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


class Mesh(Documents):
    """A folder of contracts, read. `load` makes one."""

    def __init__(self, files: MeshFiles) -> None:
        super().__init__(files.files)
        self.root = files.root
        self.others = files.others
        self.problems = _sorted([*files.problems, *(p for f in files.products for p in f.problems)])
        self.catalog = Catalog(f.entry for f in files.products)
        self._folders = {
            (f.entry.head.product_id, f.entry.head.version): str(Path(f.source.file).parent) for f in files.products
        }
        self._by_file = {os.path.abspath(name): f.entry for f in files.products for name in f.source.files}  # noqa: PTH100
        stopped = files.problems_by_file()
        self.products: tuple[Product, ...] = tuple(
            Product(self, f.entry, f.source, stopped.get(f.source.file, []))
            for f in sorted(files.products, key=lambda f: (f.entry.head.product_id, f.entry.head.version))
        )
        self._by_head = {id(p.head): p for p in self.products}

    def __repr__(self) -> str:
        """Name the folder and how much it holds."""
        return f"Mesh({str(self.root)!r}, products={len(self.products)})"

    def product(self, product_id: str) -> Product:
        """Return a product by `domain.name`, `domain.name@version`, or a bare name that only one product has.

        Raises:
            UsageError: There is none, or several are called so.
        """
        entry = self.catalog.entry(product_id)
        if entry is None and "." not in product_id.partition("@")[0]:
            name, at, version = product_id.partition("@")
            found = self.catalog.named(name)
            if len(found) > 1:
                raise UsageError(f"'{name}' could be {' or '.join(found)}", "give the whole id")
            entry = self.catalog.entry(f"{found[0]}{at}{version}") if found else None
        if entry is None:
            near = self.catalog.near(product_id)
            hint = (
                "did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
                if near
                else "it has " + ", ".join(sorted(p.id for p in self.products)[:5])
            )
            raise UsageError(f"unknown product '{product_id}'", hint)
        return self._by_head[id(entry.head)]

    def lint(self, products: Sequence[str] = ()) -> tuple[Problem, ...]:
        """Return every problem of the contracts and the other files, without reading any data."""
        chosen = [self.product(p) for p in products] or list(self.products)
        linter = Linter(self.catalog, DuckDB(), KNOWN_METRICS)
        try:
            found = [p for product in chosen if not product.is_stopped for p in linter.lint(self.target(product))]
        finally:
            linter.close()
        ids = {p.head.product_id for p in chosen}
        return _sorted([*(p for p in self.problems if not products or p.product in ids), *found])

    def check(
        self,
        *,
        products: Sequence[str] = (),
        checks: Sequence[str] = (),
        tables: Tables | None = None,
        now: datetime | str | None = None,
        samples: int = 0,
        why: bool = False,
        with_sql: bool = True,
        threads: int | None = None,
        memory: str | None = None,
        timeout_seconds: float | None = None,
        confined: bool = False,
        trust_statistics: str = Trust.EXACT,
        partition: PartitionGiven = (),
        window: timedelta | str | None = None,
        incremental: bool = False,
        progress: Progress | None = None,
    ) -> Run:
        """Run checks and return a verdict for each.

        Args:
            products: Ids of the products to check; none = every version that is not retired.
            checks: Ids of the checks to run; none = all.
            tables: Table name -> what to read in its place: a path, an Arrow table, a polars or pandas frame.
            now: The clock of the run; none = the present.
            samples: How many bad rows to show per missed check.
            why: Whether to look for the cause of each missed check.
            with_sql: Whether verdicts hold their SQL.
            threads: How many the engine may use; none = all cores.
            memory: How much the engine may use, such as `4GB`.
            timeout_seconds: How long one statement may take.
            confined: Whether only files below the mesh's folder may be read; for servers.
            trust_statistics: `exact` = the footer of a file is proof where it is exact; `never` = all rows are read.
            partition: Column -> value, or texts such as `order_date=2026-11-22`: row checks look at these rows alone.
            window: How old rows may be by `sla.freshness.column`, such as `1d`, to be looked at by row checks.
            incremental: Whether to read only files that are new or changed since such a run; docs/incremental.md.
            progress: Called with the product at work, checks answered and checks in all.

        Raises:
            UsageError: A product, check, table, time or word is not known.
        """
        if incremental and (partition or window is not None):
            raise UsageError("--incremental does not go with --partition or --window", "leave one out")
        settings = Settings(
            threads=threads,
            memory=memory,
            timeout_seconds=timeout_seconds,
            roots=(str(self.root),) if confined else (),
            read_once=not incremental,
        )
        options = Options(
            now=moment(now),
            checks=tuple(checks),
            samples=samples,
            why=why,
            with_sql=with_sql,
            settings=settings,
            trust=one_of(Trust, trust_statistics, "trust in statistics"),
            slice=parse_slice(partition, window),
            incremental=incremental,
            cache=cache_folder(os.environ),
        )
        targets, problems = self._targets(products, tables or {}, confined=confined)
        return Run(run_mesh(targets, problems, self.catalog, DuckDB(), given(tables or {}), options, progress))

    def explain(
        self,
        *,
        products: Sequence[str] = (),
        checks: Sequence[str] = (),
        tables: Tables | None = None,
        now: datetime | str | None = None,
        trust_statistics: str = Trust.EXACT,
        partition: PartitionGiven = (),
        window: timedelta | str | None = None,
    ) -> tuple[TablePlan, ...]:
        """Return how `check` would answer each check, and why so; of the data only schemas and footers are read.

        The arguments are those of `check`, and so is what it raises.
        """
        trust = one_of(Trust, trust_statistics, "trust in statistics")
        asked = parse_slice(partition, window)
        options = Options(now=moment(now), checks=tuple(checks), trust=trust, slice=asked)
        targets, _ = self._targets(products, tables or {})
        return explain_mesh(targets, self.catalog, DuckDB(), given(tables or {}), options)

    def _targets(
        self, products: Sequence[str], tables: Tables, *, confined: bool = False
    ) -> tuple[list[Target], tuple[Problem, ...]]:
        """Return the products to run, and what is wrong in and around them."""
        chosen = [self.product(p) for p in products] or [
            p for p in self.products if p.head.status is not Status.RETIRED
        ]
        overrides = overrides_of(tables)
        variables = from_environment(os.environ, confined=confined)
        targets = [self.target(p, overrides, is_named=bool(products), variables=variables) for p in chosen]
        linter = Linter(self.catalog, DuckDB(), KNOWN_METRICS)
        around = [[] if t.is_stopped else list(linter.lint_around(t)) for t in targets]
        targets = [t._replace(is_stopped=t.is_stopped or _stops(a)) for t, a in zip(targets, around, strict=True)]
        return targets, _sorted([*self.problems, *(p for found in around for p in found)])

    def diff(
        self,
        other: Mesh,
        *,
        perspective: str = Perspective.CONSUMER,
        transitive: bool = False,
        beside: bool = False,
        now: datetime | str | None = None,
    ) -> MeshDiff:
        """Say what changed from this mesh to `other`, and whether it has a right to.

        Args:
            other: The newer one.
            perspective: `consumer` (who reads the products) or `producer` (who writes them).
            transitive: Whether to compare with every version that is not retired, and not only with the last.
            beside: Whether both are single files, and the older one is still served beside the newer.
            now: The day on which deprecations are judged; none = the present.

        Raises:
            UsageError: There is no such perspective, or the time cannot be read.
        """
        judged_as = one_of(Perspective, perspective, "perspective")
        judgement = mesh_diff.Judgement(moment(now).date(), cron.year_of, judged_as, transitive, beside)
        sides = [
            [mesh_diff.Served(p._entry, p.source.text, p.source.place, p.is_stopped) for p in m.products]
            for m in (self, other)
        ]
        return mesh_diff.diff_meshes(sides[0], sides[1], judgement)

    def target(
        self,
        product: Product,
        overrides: Overrides | None = None,
        *,
        is_named: bool = True,
        variables: Variables | None = None,
    ) -> Target:
        """Return what a run needs to know of a product."""
        contract = product.contract
        variables = variables or from_environment(os.environ)
        namespace = Namespace(contract, self.catalog, self, overrides or overrides_of({}), variables)
        return Target(
            contract=contract,
            file=product.source.file,
            place=product.source.place,
            namespace=namespace,
            is_stopped=product.is_stopped,
            is_draft=contract.status is Status.DRAFT and not is_named and len(self.products) > 1,
            masked=self._personal(contract),
        )

    def show_sql(self, product: Product, checks: Sequence[Check], tables: Tables) -> dict[str, str]:
        """Return the SQL of some checks of a product; see `Product.sql`."""
        return show.show_sql(self.target(product, overrides_of(tables)), checks)

    def folder_of(self, contract: Contract) -> str:
        """Return the folder of a contract's file, where its relative locations start."""
        return self._folders[contract.product_id, contract.version]

    def contract_in(self, folder: str, file: str) -> Contract | None:
        """Return the contract in a file, named from a folder; None where the mesh has none there."""
        wanted = os.path.abspath(Path(folder) / file)  # noqa: PTH100  # links are not followed: names are compared
        entry = self._by_file.get(wanted)
        return entry.contract if entry else None

    def _personal(self, contract: Contract) -> frozenset[str]:
        """Return the folded names of columns that hold personal data: marked ones, and those the domain's policy lists."""
        marked = {c.name for t in contract.tables for c in t.columns if c.is_pii}
        policy = self.governance.domain_policies.get(contract.domain) if self.governance else None
        listed = policy.access_control.pii_fields if policy and policy.access_control else []
        return frozenset(name.casefold() for name in (*marked, *listed))


def load(path: str | os.PathLike[str] = ".", *, progress: Callable[[int, int], None] | None = None) -> Mesh:
    """Read a mesh folder, or one file alone.

    What is wrong in the files is not raised: it stands in `Mesh.problems`, each with its place.

    Raises:
        ContractError: The path is not there.

    Example:
        >>> load("sample_data/retail").product("sales.sales_orders").contract.version
        '3.2.0'
    """
    return Mesh(load_files(Path(path), progress=progress, schemes=lambda: placing.SCHEMES))


def _stops(problems: Sequence[Problem]) -> bool:
    """Tell whether one of a product's problems stops the whole of it."""
    return any(p.severity is Severity.ERROR and not p.check for p in problems)


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (p.place, p.code)))
