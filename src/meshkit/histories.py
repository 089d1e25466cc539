"""What was recorded of a mesh, as users ask for it: its store opened, and the history of a product."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta

from meshkit.arguments import moment
from meshkit.errors import QuantityError, StoreError, UsageError
from meshkit.loading.documents import Documents
from meshkit.model.history import History, Metric
from meshkit.model.names import did_you_mean
from meshkit.model.units import parse_duration
from meshkit.recording import environment_of, store_place
from meshkit.store import Store
from meshkit.store import open_store as open_place

Place = Documents | str | os.PathLike[str]


def open_store(
    place: Place, *, env: str | None = None, create: bool = False, environment: Mapping[str, str] | None = None
) -> Store:
    """Open the store of a mesh, or the one at a place.

    Args:
        place: A mesh, whose store is where MESHKIT_STORE says, else its environment, else `.meshkit` in its folder; or the
            place itself: a path, or `postgresql://HOST/DATABASE`.
        env: An environment of `meshkit.yaml`; None = its default one.
        create: Whether a store is made where there is none.
        environment: Variables; None = those of the process.

    Raises:
        StoreError: MK410 to MK415, MK418; MK419 where there is none.
        UsageError: The environment is not known.

    Example:
        >>> open_store("nowhere/store.db")
        Traceback (most recent call last):
        meshkit.errors.StoreError: MK419 there is no store at 'nowhere/store.db'; meshkit check on a mesh folder makes one
    """
    if not isinstance(place, Documents):
        return open_place(place, create=create)
    known = place.settings.environments
    if env is not None and env not in known:
        raise UsageError(f"unknown environment '{env}'", did_you_mean(env, known) or "write it in meshkit.yaml")
    found = store_place(place, environment_of(place, env), os.environ if environment is None else environment)
    if found is None:
        raise StoreError("there is no store: MESHKIT_STORE is off", "unset it, or name a place", code="MK419")
    return open_place(found, create=create)


def history(
    place: Place | Store,
    product: str,
    *,
    limit: int = 30,
    since: datetime | timedelta | str | None = None,
    version: str | None = None,
    env: str | None = None,
    now: datetime | str | None = None,
) -> History:
    """Return what was recorded of a product: its last runs, newest first, with every verdict, and its availability.

    Args:
        place: A mesh, the place of a store, as `open_store` takes it, or an open store.
        product: `domain.name`, `domain.name@version`, or a name that is unique among those that are recorded.
        limit: At most so many runs.
        since: Only runs that began since this time, or within this duration, such as `30d`.
        version: Only this version of the product.
        env: An environment of `meshkit.yaml`; it says where the store is.
        now: The present, up to which 30 days are counted.

    Raises:
        StoreError: MK419, nothing of it is recorded; or the store cannot be read.
        UsageError: A time, or the environment, is not known.
    """
    clock = moment(now)
    name, _, of = product.partition("@")
    with nullcontext(place) if isinstance(place, Store) else open_store(place, env=env) as store:
        found = store.find_product(name)
        return store.history(
            found, limit=limit, since=moment_of(since, clock), version=version or of or None, now=clock
        )


def metric_values(
    store: Store,
    product: str,
    metric: str,
    *,
    limit: int = 30,
    since: datetime | None = None,
    version: str | None = None,
) -> list[tuple[datetime, Metric]]:
    """Return one metric of a product in its last runs that measured it, newest first.

    Raises:
        StoreError: MK419, no run measured it.
    """
    names = store.metric_names(product)
    if metric not in names:
        hint = did_you_mean(metric, names) or "meshkit check --metrics all measures all of them"
        raise StoreError(f"no metric '{metric}' of '{product}' is recorded", hint, code="MK419")
    return store.metrics(product, metric=metric, limit=limit, since=since, version=version)


def moment_of(since: datetime | timedelta | str | None, now: datetime | None = None) -> datetime | None:
    """Return a time that is said outright, such as `2026-11-22`, or as a duration before now (None = the present), such as `90d`.

    Raises:
        UsageError: It is neither.
    """
    if since is None:
        return None
    now = moment(now)
    try:
        if isinstance(since, datetime):
            return moment(since)
        ago = since if isinstance(since, timedelta) else _duration(since)
        return moment(since) if ago is None and isinstance(since, str) else now - (ago or timedelta())
    except (QuantityError, UsageError) as error:
        raise UsageError(
            f"'{since}' is no time", "write a date such as 2026-11-22, or a duration such as 90d"
        ) from error
    except OverflowError as error:
        raise UsageError(f"'{since}' is too long ago", "write a date such as 2026-11-22") from error


def _duration(text: str) -> timedelta | None:
    try:
        found = parse_duration(text)
    except QuantityError:
        return None
    if found < timedelta():
        raise UsageError(f"'{text}' is negative")
    return found
