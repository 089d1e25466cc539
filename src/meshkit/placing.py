"""Where products live in one run: `--engine` before `--env`, before the default environment, before servers of contracts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from meshkit.engines.driver import Address
from meshkit.engines.registry import ENGINES, address
from meshkit.errors import ContractError, UsageError
from meshkit.loading.connections import beside, reach_engine, reach_server
from meshkit.loading.dbt_adapters import held, reach_target
from meshkit.loading.dbt_profiles import DbtValues, read_target
from meshkit.loading.secrets import Reach, Vault
from meshkit.loading.settings import MeshSettings
from meshkit.loading.settings_form import DbtForm, EngineForm, EnvironmentForm
from meshkit.model.names import did_you_mean, fold
from meshkit.model.placement import FILES, Placement, parse_dotted
from meshkit.model.secret import is_reference, shown_url, shown_word
from meshkit.model.server import variable_name
from meshkit.model.table import Severity

Factory = Callable[[], Address]
"""Makes an address when a connection is opened; raises EngineError or ContractError where a secret is not there."""

SCHEMES: tuple[str, ...] = tuple(dict.fromkeys([*(s for entry in ENGINES.values() for s in entry.schemes), *ENGINES]))
"""What the URL of an engine may start with."""

_CREDENTIALS = re.compile(r"MESHKIT_(.+)_(?:USER|PASSWORD|TOKEN)")
_AMBIENT: Mapping[str, tuple[str, ...]] = {
    "bigquery": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "athena": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"),
}
"""Schemes whose own clients find credentials -> the variables that they look at."""


class Addresses(Mapping[str, Factory]):
    """Name of an engine, as `Relation.engine` has it -> what makes its address.

    Servers of contracts are found by `Server.key`, and are not listed.
    """

    def __init__(self, named: Mapping[str, Factory], server: Callable[[str], Address]) -> None:
        self._named = named
        self._server = server

    def __getitem__(self, name: str) -> Factory:
        """Return the factory of an engine."""
        if name not in self._named and "=" in name:
            return partial(self._server, name)
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        """Walk the engines that are named."""
        return iter(self._named)

    def __len__(self) -> int:
        """Count the engines that are named."""
        return len(self._named)


class Placed(NamedTuple):
    """Where tables are, how their engines are reached, and where runs are kept.

    Attributes:
        store: As the environment has it, its variables not yet put in; empty = none is named.
    """

    placement: Placement
    addresses: Addresses
    store: str = ""


def placed(
    settings: MeshSettings,
    env: str | None,
    engine: str | None,
    environment: Mapping[str, str],
    *,
    confined: bool = False,
) -> Placed:
    """Decide where products live in one run. No secret is fetched before an address is asked for.

    Args:
        settings: Of the mesh.
        env: An environment of the settings; None = the default one.
        engine: An engine of the settings, a URL, the bare name of an engine that needs none, or `duckdb` for files. It
            replaces the environment's engine, and nothing else of it.
        environment: Variables, of which secrets and credentials are taken.
        confined: Whether a server asks: then servers of contracts are not gone to, since credentials would be sent to
            wherever a contract says; secrets come from the variables that `MESHKIT_VARIABLES` lists.

    Raises:
        UsageError: There is no such environment or engine.
        ContractError: The settings have errors; MK163, a target of dbt cannot be read.
    """
    error = next((p for p in settings.problems if p.severity is Severity.ERROR), None)
    if error is not None:
        raise ContractError(error.message, error.hint or "run: meshkit lint", error.place, error.code)
    return _Placer(settings, environment, confined=confined).place(env, engine)


class _Placer:
    """Places products by some settings."""

    def __init__(self, settings: MeshSettings, environment: Mapping[str, str], *, confined: bool) -> None:
        self._settings = settings
        self._environment = environment
        self._confined = confined
        self._vault = Vault(environment, settings.folders, confined=confined)
        self._factories: dict[str, Factory] = {
            name: partial(self._engine_address, form) for name, form in settings.engines.items()
        }

    def place(self, env: str | None, engine: str | None) -> Placed:
        form = self._chosen(env)
        schema = form.schema_ or ""
        chosen, database = "", ""
        if engine is not None or form.engine:
            of_call = engine is not None
            chosen = self._named(engine if engine is not None else form.engine or "", of_call=of_call)
        elif form.dbt:
            chosen, database, found = self._target(form.dbt)
            schema = schema or (f'"{found}"' if found else "")
        placement = Placement(
            engine=chosen,
            schema_parts=parse_dotted(schema) if schema else (),
            tables={fold(name): parse_dotted(text) for name, text in form.tables.items()},
            location_prefix=form.location_prefix or "",
            base=str(self._settings.folder) if self._settings.file else "",
            database=database,
            servers={} if chosen else self._servers(),
            ambient=() if chosen or self._confined else self._ambient(),
        )
        return Placed(placement, Addresses(self._factories, self._server_address), form.store or "")

    def _chosen(self, env: str | None) -> EnvironmentForm:
        name = env if env is not None else self._settings.default_environment
        if env is None and not name:
            return EnvironmentForm()
        known = self._settings.environments
        if name not in known:
            hint = (
                did_you_mean(name, known)
                if self._settings.file
                else "there is no meshkit.yaml; write environments there"
            )
            raise UsageError(f"unknown environment '{name}'", hint or "write it under environments in meshkit.yaml")
        return known[name]

    def _named(self, text: str, *, of_call: bool) -> str:
        """Return the name of an engine as the call or an environment has it, and remember how it is reached."""
        if text in self._factories:
            return text
        if text.casefold() == FILES:
            return FILES
        if "://" not in text and text.lower() not in SCHEMES and not is_reference(text):
            known = [*self._settings.engines, FILES, *ENGINES]
            raise UsageError(f"unknown engine{shown_word(text)}", did_you_mean(text, known))
        if not is_reference(text):
            address(text)  # raises where the scheme is of no engine
        name = shown_url(text)
        self._factories[name] = partial(self._url_address, text, of_call=of_call)
        return name

    def _target(self, form: DbtForm) -> tuple[str, str, str]:
        """Return the engine of a target of dbt, the DuckDB file if it is one, and the schema."""
        target = read_target(form, self._settings, self._environment)
        found = held(DbtValues(target, self._environment))
        if found.is_files:
            return FILES, os.path.expanduser(found.database), found.schema  # noqa: PTH111  # never an error
        name = f"dbt {target.name}"
        self._factories[name] = lambda: _address(reach_target(DbtValues(target, self._environment)))
        return name, "", found.schema

    def _servers(self) -> dict[str, str]:
        """Return the servers of contracts that can be reached: by an engine of the same name, or by credentials."""
        credentials = [m[1] for n, v in self._environment.items() if v and (m := _CREDENTIALS.fullmatch(n))]
        found = {} if self._confined else dict.fromkeys(credentials, "")
        return found | {variable_name(name): name for name in self._settings.engines}

    def _ambient(self) -> tuple[str, ...]:
        return tuple(s for s, names in _AMBIENT.items() if any(self._environment.get(n) for n in names))

    def _engine_address(self, form: EngineForm) -> Address:
        return _address(reach_engine(form, self._settings.folder, self._vault))

    def _url_address(self, text: str, *, of_call: bool) -> Address:
        url = self._vault.url(text)
        return _address(Reach(url if of_call else beside(url, self._settings.folder)))

    def _server_address(self, key: str) -> Address:
        return _address(reach_server(key, self._environment, self._vault))


def _address(reach: Reach) -> Address:
    return address(reach.url.reveal(), {name: value.reveal() for name, value in reach.options.items()})
