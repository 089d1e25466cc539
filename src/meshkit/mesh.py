"""`Mesh` and `Product`: the verbs a user calls. Each wires a few rooms and holds no rule."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshkit.arguments import given, moment, one_of
from meshkit.arguments import overrides as overrides_of
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.errors import UsageError
from meshkit.later import Later
from meshkit.loading.cache import cache_folder
from meshkit.loading.documents import Documents
from meshkit.loading.tree import MeshFiles, load_files
from meshkit.model.catalog import Catalog
from meshkit.model.change import MeshDiff, Perspective
from meshkit.model.check import Check
from meshkit.model.contract import KNOWN_METRICS, Contract, Status
from meshkit.model.history import Past
from meshkit.model.metric import Collect
from meshkit.model.namespace import Namespace, Overrides
from meshkit.model.placement import Placement
from meshkit.model.plan import TablePlan
from meshkit.model.problem import Problem
from meshkit.model.run import RunResult
from meshkit.model.slice import PartitionGiven, parse_slice
from meshkit.model.statistics import Trust
from meshkit.model.variables import Variables, from_environment
from meshkit.model.waiver import day_of
from meshkit.product import Product, Tables, stops
from meshkit.run.fetch import Budget
from meshkit.run.lint import Linter
from meshkit.run.mesh_run import Progress, explain_mesh, run_mesh
from meshkit.run.options import Options
from meshkit.run.sessions import Engines
from meshkit.run.work import Target, personal_columns
from meshkit.runs import Run

if TYPE_CHECKING:
    from meshkit import governed, placing, recording
    from meshkit.change import mesh_diff
    from meshkit.engines import placed
    from meshkit.loading import cron
    from meshkit.loading import waivers as reading_waivers
    from meshkit.loading.waivers import WaiversRead
    from meshkit.policy import waiving
    from meshkit.run import show
    from meshkit.run.show import Words
else:  # what a check does not need is imported by the verb that does
    mesh_diff = Later("meshkit.change.mesh_diff")
    cron, show = Later("meshkit.loading.cron"), Later("meshkit.run.show")
    waiving, reading_waivers = Later("meshkit.policy.waiving"), Later("meshkit.loading.waivers")
    placing, placed = Later("meshkit.placing"), Later("meshkit.engines.placed")
    governed, recording = Later("meshkit.governed"), Later("meshkit.recording")


class Mesh(Documents):
    """A folder of contracts, read. `load` makes one."""

    def __init__(self, files: MeshFiles) -> None:
        super().__init__(files.files)
        self.root = files.root
        self.others = files.others
        self.is_alone = files.is_alone
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
        known = [p for p in self.problems if not products or p.product in ids]
        policies: Mapping[str, bool] = {}
        if self.governance is not None:
            found += governed.lint_policies(self, [(p.contract, p.source.place) for p in chosen], is_whole=not products)
            policies = governed.known_policies(self)
        read = None if products else self.read_waivers(policies)
        return _sorted([*known, *found, *(read.problems if read else ())])

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
        engine: Any = None,
        env: str | None = None,
        fetch: Budget | bool = False,
        metrics: str = Collect.DECLARED,
        previous: Mapping[str, float] | None = None,
        record: bool = True,
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
            engine: Where tables are: a name of `meshkit.yaml`, a URL such as `postgresql://host/shop`, a `SparkSession`, or
                `duckdb` for files; none = where the environment says, else where contracts do.
            env: An environment of `meshkit.yaml`; none = its default one.
            fetch: Whether columns may be brought into DuckDB for checks that the engine cannot answer, and how much.
            metrics: Which metrics to measure: `declared` by contracts, `all`, or `none`; docs/metrics.md.
            previous: Id of a metric in an earlier run -> its value, for `row_count_change`: `sales.orders.orders.row_count`;
                none = what the store has of the last run.
            record: Whether the run is recorded in the mesh's store (docs/store.md); one file alone never is. A store that
                cannot be used is a warning of the logger `meshkit.store`.
            progress: Called with the product at work, checks answered and checks in all, several times a second while it
                waits for statements. What it raises ends the run, and stops the engine.

        Raises:
            UsageError: A product, check, table, engine, time or word is not known.
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
            fetch=Budget() if fetch is True else fetch or None,
            cache=cache_folder(os.environ),
            collect=one_of(Collect, metrics, "choice of metrics"),
        )
        placement, engines = self._placed(env, engine, confined=confined)
        targets, problems = self._targets(products, tables or {}, placement, confined=confined)
        read = self.read_waivers()
        problems = _sorted([*problems, *read.problems]) if read else problems

        def run(past: Past) -> RunResult:
            told = {"previous": past.metrics if previous is None else previous, "published": past.published}
            asked = options.model_copy(update=told)
            result = run_mesh(targets, problems, self.catalog, engines, given(tables or {}), asked, progress)
            result = result.model_copy(update={"environment": self.environment(env)})
            return waiving.waive(result, waiving.Waivings(read.waivers, day_of(options.now))) if read else result

        if not record or self.is_alone:
            return Run(run(Past()))
        planned = recording.Planned(
            "incremental" if incremental else "check",
            {self.catalog.key(t.contract): t.contract for t in targets},
            placement.engine or "duckdb",
            options.collect,
        )
        return Run(recording.Recorder(self, env, os.environ).record(run, planned))

    def read_waivers(self, known_policies: Mapping[str, bool] | None = None) -> WaiversRead | None:
        """Return the waivers that count and what is wrong with the others; None where the mesh has no file of waivers.

        Args:
            known_policies: The id of each policy, and whether it is mandatory; None = policies are not verified.
        """
        if "waivers" not in self._documents:
            return None
        source = self._documents["waivers"][1]
        known = reading_waivers.Known(self.catalog, self._known_checks, self.organization, known_policies)
        return reading_waivers.read_waivers(self.waivers, source, known)

    def _known_checks(self, product_id: str) -> Sequence[Check] | None:
        product = self.product(product_id)
        return None if product.is_stopped else product.checks

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
        engine: Any = None,
        env: str | None = None,
        metrics: str = Collect.DECLARED,
    ) -> tuple[TablePlan, ...]:
        """Return how `check` would answer each check, and why so; of the data only schemas and footers are read.

        The arguments are those of `check`, and so is what it raises.
        """
        trust = one_of(Trust, trust_statistics, "trust in statistics")
        asked = parse_slice(partition, window)
        collect = one_of(Collect, metrics, "choice of metrics")
        options = Options(now=moment(now), checks=tuple(checks), trust=trust, slice=asked, collect=collect)
        placement, engines = self._placed(env, engine)
        targets, _ = self._targets(products, tables or {}, placement)
        return explain_mesh(targets, self.catalog, engines, given(tables or {}), options)

    def _placed(self, env: str | None, engine: Any, *, confined: bool = False) -> tuple[Placement, Engines]:
        """Return where tables are, and what opens the engines that hold them."""
        if engine is not None and not isinstance(engine, str):
            if not placed.is_spark(engine):
                raise UsageError(
                    f"an engine cannot be a {type(engine).__name__}", "give a URL, a name or a SparkSession"
                )
            return Placement(engine="spark"), {"": DuckDB(), "spark": placed.GivenSpark(engine)}
        if env is None and engine is None and not self.settings.file and not self._has_servers():
            return Placement(), {"": DuckDB()}  # files: nothing else need be imported
        found = placing.placed(self.settings, env, engine, os.environ, confined=confined)
        return found.placement, placed.PlacedEngines(DuckDB(), found.addresses)

    def _has_servers(self) -> bool:
        return any(p.contract.server for p in self.products)

    def _targets(
        self, products: Sequence[str], tables: Tables, placement: Placement, *, confined: bool = False
    ) -> tuple[list[Target], tuple[Problem, ...]]:
        """Return the products to run, and what is wrong in and around them."""
        chosen = [self.product(p) for p in products] or [
            p for p in self.products if p.head.status is not Status.RETIRED
        ]
        overrides = overrides_of(tables)
        variables = from_environment(os.environ, confined=confined)
        targets = [
            self.target(p, overrides, is_named=bool(products), variables=variables, placement=placement) for p in chosen
        ]
        linter = Linter(self.catalog, DuckDB(), KNOWN_METRICS)
        around = [[] if t.is_stopped else list(linter.lint_around(t)) for t in targets]
        targets = [t._replace(is_stopped=t.is_stopped or stops(a)) for t, a in zip(targets, around, strict=True)]
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
            [mesh_diff.Served(p._entry, p.source.whole, p.source.place, p.is_stopped) for p in m.products]
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
        placement: Placement | None = None,
    ) -> Target:
        """Return what a run needs to know of a product."""
        contract = product.contract
        policy = self.governance.domain_policies.get(contract.domain) if self.governance else None
        variables = variables or from_environment(os.environ)
        namespace = Namespace(contract, self.catalog, self, overrides or overrides_of({}), variables, placement)
        return Target(
            contract=contract,
            file=product.source.file,
            place=product.source.place,
            namespace=namespace,
            is_stopped=product.is_stopped,
            is_draft=contract.status is Status.DRAFT and not is_named and len(self.products) > 1,
            masked=personal_columns(
                contract, policy.access_control.pii_fields if policy and policy.access_control else ()
            ),
        )

    def show_sql(
        self, product: Product, checks: Sequence[Check], tables: Tables, words: Words, env: str | None, engine: Any
    ) -> dict[str, str]:
        """Return the SQL of some checks of a product; see `Product.sql`."""
        if env is None and engine is None:
            return show.show_sql(self.target(product, overrides_of(tables)), checks, words)
        placement, engines = self._placed(env, engine)
        target = self.target(product, overrides_of(tables), placement=placement)
        frames = {name: frame for name, frame in given(tables).items() if not isinstance(frame, str)}
        return show.show_placed_sql(target, checks, words, engines, frames)

    def folder_of(self, contract: Contract) -> str:
        """Return the folder of a contract's file, where its relative locations start."""
        return self._folders[contract.product_id, contract.version]

    def contract_in(self, folder: str, file: str) -> Contract | None:
        """Return the contract in a file, named from a folder; None where the mesh has none there."""
        wanted = os.path.abspath(Path(folder) / file)  # noqa: PTH100  # links are not followed: names are compared
        entry = self._by_file.get(wanted)
        return entry.contract if entry else None


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


def _sorted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (p.place, p.code)))
