"""Recording a run in the store of its mesh. What the store cannot do is told once, and changes no verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from meshkit.errors import MeshkitError, UsageError
from meshkit.later import Later
from meshkit.loading.documents import Documents
from meshkit.model.contract import Contract
from meshkit.model.history import Circumstances, Past
from meshkit.model.metric import Collect
from meshkit.model.run import RunResult
from meshkit.store import Store, open_store
from meshkit.store.place import OFF, StorePlace, own_place, parse_place
from meshkit.store.process import revision
from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.loading import secrets
    from meshkit.loading.settings import MeshSettings
else:  # only a store that meshkit.yaml names has variables
    secrets = Later("meshkit.loading.secrets")

_LOG = logging.getLogger("meshkit.store")


class Planned(NamedTuple):
    """What a run is going to do.

    Attributes:
        kind: `check` or `incremental`.
        contracts: Key of each product, as checks name it -> its contract.
        engine: Where it runs, without secrets.
        collect: Which metrics it measures.
    """

    kind: str
    contracts: Mapping[str, Contract]
    engine: str
    collect: Collect = Collect.DECLARED


class Recorder:
    """Records runs of one mesh.

    Args:
        mesh: The mesh.
        env: The environment that was asked for; None = the default one.
        environment: Variables.
    """

    def __init__(self, mesh: Documents, env: str | None, environment: Mapping[str, str]) -> None:
        self._mesh = mesh
        self._env = environment_of(mesh, env)
        self._environment = environment
        self._store: Store | None = None
        self._run_id = ""

    def record(self, run: Callable[[Past], RunResult], planned: Planned) -> RunResult:
        """Make a run and record it, if its store can be used.

        Args:
            run: Makes it, told of earlier ones.
            planned: What it is going to do.

        Returns:
            Its result, with its id where it was recorded.
        """
        past = Past()
        self._begin(planned)
        try:
            if self._store is not None:
                past = self._past(self._store, planned)
            result = run(past)
            self._step(lambda store: store.record(self._run_id, result, root=self._mesh.root))
            self._step(
                lambda store: store.end(
                    self._run_id, result.outcome, interrupted=result.interrupted, at=result.finished_at
                )
            )
        except UsageError:  # nothing was looked at
            self._step(lambda store: store.discard(self._run_id))
            raise
        except BaseException:
            self._step(lambda store: store.end(self._run_id, None, interrupted=True))
            raise
        else:
            return result.model_copy(update={"run_id": self._run_id}) if self._store else result
        finally:
            self._close()

    def _past(self, store: Store, planned: Planned) -> Past:
        """Return what the store has of earlier runs, as far as this one asks for it."""
        contracts = planned.contracts
        counted = [c for c in contracts.values() if planned.collect is Collect.ALL or c.metrics or c.alerts]
        dated = [c for c in contracts.values() if c.sla.freshness and not c.sla.freshness.column]
        metrics: dict[str, float] = {}
        published: dict[str, datetime] = {}
        try:
            if counted and planned.collect is not Collect.NONE:
                ids = sorted({c.product_id for c in counted})
                metrics = _row_counts(store.last_row_counts(ids, environment=self._env), contracts)
            if dated:
                found = store.published(sorted({c.product_id for c in dated}))
                times = {(p.product, p.version): p.at for p in found}
                published = {
                    key: times[c.product_id, c.version]
                    for key, c in contracts.items()
                    if (c.product_id, c.version) in times
                }
        except MeshkitError as error:
            _tell(error)
        return Past(metrics, published)

    def _begin(self, planned: Planned) -> None:
        try:
            place = store_place(self._mesh, self._env, self._environment)
            if place is None:
                return
            self._store = open_store(place)
        except MeshkitError as error:
            _tell(error)
            return
        actor = self._environment.get("MESHKIT_ACTOR") or None
        about = Circumstances(__version__, revision(self._mesh.root), self._env, planned.engine, actor)
        ids = [(c.product_id, c.version) for c in planned.contracts.values()]
        self._step(lambda store: self._begun(store.begin(planned.kind, ids, about=about)))

    def _begun(self, run_id: str) -> None:
        self._run_id = run_id

    def _step(self, step: Callable[[Store], None]) -> None:
        """Take a step; after one that fails there are no others."""
        if self._store is None:
            return
        try:
            step(self._store)
        except MeshkitError as error:
            _tell(error)
            self._close()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()


def store_place(mesh: Documents, env: str | None, environment: Mapping[str, str]) -> StorePlace | None:
    """Return where the store of a mesh is: MESHKIT_STORE, the environment's `store`, else `.meshkit` in the mesh folder.

    Args:
        mesh: The mesh.
        env: An environment of its settings; None = none.
        environment: Variables.

    Returns:
        The place; None where MESHKIT_STORE is `off`.

    Raises:
        StoreError: The place is a URL of something else.
        EngineError: MK314, a variable that the place names has no value.
    """
    named = environment.get("MESHKIT_STORE", "")
    if named.lower() == OFF:
        return None
    if named:
        return parse_place(named)
    settings = _settings(mesh)
    form = settings.environments.get(env) if settings and env else None
    if form is None or not form.store:
        return own_place(mesh.root)
    assert settings is not None
    text = secrets.Vault(environment, settings.folders).url(form.store).reveal()
    return parse_place(text, settings.folder)


def environment_of(mesh: Documents, env: str | None) -> str | None:
    """Return the environment that a run is made in: the one that is asked for, else the mesh's default, else None."""
    return mesh.environment(env) or None


def _settings(mesh: Documents) -> MeshSettings | None:
    return mesh.settings if mesh.file_of("settings") is not None else None


def _row_counts(found: Iterable[tuple[str, str, str, float]], contracts: Mapping[str, Contract]) -> dict[str, float]:
    """Return the last row counts as metrics: of the same version, else of the version that was counted last."""
    exact: dict[tuple[str, str, str], float] = {}
    newest: dict[tuple[str, str], float] = {}
    for product, version, name, count in found:  # the oldest first
        exact[product, version, name] = count
        newest[product, name] = count
    counts: dict[str, float] = {}
    for key, contract in contracts.items():
        for table in contract.tables:
            own = exact.get((contract.product_id, contract.version, table.name))
            rows = own if own is not None else newest.get((contract.product_id, table.name))
            if rows is not None:
                counts[f"{key}.{table.name}.row_count"] = rows
    return counts


def _tell(error: MeshkitError) -> None:
    _LOG.warning("the run is not recorded: %s", error)
