"""Recording a run in the store of its mesh. What the store cannot do is told once, and changes no verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meshkit.errors import MeshkitError, UsageError
from meshkit.later import Later
from meshkit.model.history import Circumstances
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


class Recorder:
    """Records runs of one mesh.

    Args:
        root: The mesh folder.
        settings: Of the mesh.
        env: The environment that was asked for; None = the default one.
        environment: Variables.
    """

    def __init__(
        self, root: Path, settings: MeshSettings | None, env: str | None, environment: Mapping[str, str]
    ) -> None:
        self._root = root
        self._settings = settings
        self._env = env or (settings.default_environment if settings else "") or None
        self._environment = environment
        self._store: Store | None = None
        self._run_id = ""

    def record(
        self, run: Callable[[], RunResult], kind: str, products: Sequence[tuple[str, str]], engine: str
    ) -> RunResult:
        """Make a run and record it, if its store can be used.

        Args:
            run: Makes it.
            kind: What it is for.
            products: Id and version of each product it looks at.
            engine: Where it runs, without secrets.

        Returns:
            Its result, with its id where it was recorded.
        """
        self._begin(kind, products, engine)
        try:
            result = run()
            self._step(lambda store: store.record(self._run_id, result, root=self._root))
            ended = {"interrupted": result.interrupted, "at": result.finished_at}
            self._step(lambda store: store.end(self._run_id, result.outcome, **ended))
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

    def _begin(self, kind: str, products: Sequence[tuple[str, str]], engine: str) -> None:
        try:
            place = store_place(self._root, self._settings, self._env, self._environment)
            if place is None:
                return
            self._store = open_store(place)
        except MeshkitError as error:
            _tell(error)
            return
        about = Circumstances(
            __version__, revision(self._root), self._env, engine, self._environment.get("MESHKIT_ACTOR") or None
        )
        self._step(lambda store: self._begun(store.begin(kind, products, about=about)))

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


def store_place(
    root: Path, settings: MeshSettings | None, env: str | None, environment: Mapping[str, str]
) -> StorePlace | None:
    """Return where the store of a mesh is: MESHKIT_STORE, the environment's `store`, else `.meshkit` in the mesh folder.

    Args:
        root: The mesh folder.
        settings: Of the mesh.
        env: An environment of the settings; None = the default one.
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
    chosen = env or (settings.default_environment if settings else "")
    form = settings.environments.get(chosen) if settings and chosen else None
    if form is None or not form.store:
        return own_place(root)
    assert settings is not None
    text = secrets.Vault(environment, settings.folders).url(form.store).reveal()
    return parse_place(text, settings.folder)


def _tell(error: MeshkitError) -> None:
    _LOG.warning("warning: the run is not recorded: %s", error)
