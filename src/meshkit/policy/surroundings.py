"""What a product is among all others of its mesh: who owns how much, what lies where, which version follows which."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from meshkit.model.contract import Contract, Status
from meshkit.model.names import version_key
from meshkit.policy.facts import Around

_OBJECT_STORE = re.compile(r"(s3|s3a|gs|gcs|az|azure|abfs|abfss|r2)://", re.IGNORECASE)
_GLOB = re.compile(r"[*?\[{]")


class Standing(NamedTuple):
    """A version of a product, and the absolute folder of its file."""

    contract: Contract
    folder: str


class Surroundings:
    """The mesh as each of its products sees it; every version that is not retired counts.

    Args:
        standings: All versions of all products.
        root: The mesh's folder.
        today: The day on which the ends of versions are judged.
    """

    def __init__(self, standings: Iterable[Standing], root: str, today: date) -> None:
        self._today = today
        self._root = root
        self._domains: dict[str, set[str]] = defaultdict(set)
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self._active: dict[str, str] = {}
        teams: dict[str, str] = {}
        for contract, folder in (s for s in standings if s.contract.status is not Status.RETIRED):
            is_active = contract.status is Status.ACTIVE
            if is_active or contract.product_id not in teams:
                teams[contract.product_id] = contract.owner.team
            if is_active:
                self._active[contract.product_id] = contract.version
            for location in _tables(contract, folder):
                kept = self._folders if _is_folder(location) else self._files
                kept.setdefault(_stem(location), contract.product_id)
            for prefix in self._prefixes(contract, folder):
                self._domains[prefix].add(contract.domain)
        self._products = len(teams)
        self._owned = Counter(t for t in teams.values() if t)

    def around(self, contract: Contract, folder: str) -> Around:
        """Return what the rest of the mesh makes of a product."""
        shared = next((p for p in self._prefixes(contract, folder) if len(self._domains[p]) > 1), None)
        active = self._active.get(contract.product_id)
        is_newer = active is not None and version_key(active) > version_key(contract.version)
        end = contract.deprecation
        until = date.fromisoformat(end.until[:10]) if end and end.until else None
        since = date.fromisoformat(end.announced[:10]) if end and end.announced else None
        return Around(
            mesh_products=self._products,
            team_share=self._owned[contract.owner.team] / self._products if contract.owner.team else None,
            shared_prefix=self._shown(shared) if shared else None,
            shared_with=tuple(sorted(self._domains[shared] - {contract.domain})) if shared else (),
            successor=active if is_newer else None,
            deprecation_days=(until - since).days if until and since else None,
            days_to_end=(until - self._today).days if until else None,
        )

    def holder(self, contract: Contract, location: str, folder: str) -> str | None:
        """Return the other product whose files a location is, or lies among."""
        whole = _absolute(location, folder)
        stem = _stem(whole)
        found = self._files.get(stem) or self._folders.get(stem)
        while found is None and "/" in stem:
            stem = stem.rpartition("/")[0]
            found = self._folders.get(stem)
        return found if found != contract.product_id else None

    def _prefixes(self, contract: Contract, folder: str) -> Iterator[str]:
        ports = (p.location for p in contract.ports if _OBJECT_STORE.match(p.location))
        for location in dict.fromkeys((*_tables(contract, folder), *ports)):
            yield own_prefix(location, contract.domain, self._root)

    def _shown(self, prefix: str) -> str:
        return posixpath.relpath(prefix, self._root) + "/" if prefix.startswith(f"{self._root}/") else prefix


def own_prefix(location: str, domain: str, root: str) -> str:
    """Return the folder that a domain has for itself: up to the one of its name, else the first below the bucket or the mesh.

    Example:
        >>> own_prefix("s3://data-products/sales/orders/", "sales", "/mesh")
        's3://data-products/sales/'
        >>> own_prefix("s3://data-lake/everything/orders/2026/*.parquet", "sales", "/mesh")
        's3://data-lake/everything/'
        >>> own_prefix("/mesh/data/orders.parquet", "sales", "/mesh")
        '/mesh/data/'
    """
    start, rest = _start(location, root)
    folders = rest.partition("#")[0].split("/")
    folders = [f for f in (folders if _is_folder(location) else folders[:-1]) if f and not _GLOB.search(f)]
    folded = [re.sub(r"[-_ ]", "", f).casefold() for f in folders]
    wanted = re.sub(r"[-_ ]", "", domain).casefold()
    depth = next(
        (i + 1 for i, f in enumerate(folded) if wanted in (f, f.removeprefix("domain="))), min(1, len(folders))
    )
    return start + "".join(f"{f}/" for f in folders[:depth])


def _start(location: str, root: str) -> tuple[str, str]:
    """Split a location into what nobody chose (bucket, mesh, or folder outside of it) and the rest."""
    if "://" in location:
        scheme, _, path = location.partition("://")
        bucket, _, rest = path.partition("/")
        return f"{scheme}://{bucket}/", rest
    if location.startswith(f"{root}/"):
        return f"{root}/", location.removeprefix(f"{root}/")
    folder, _, name = location.rpartition("/")
    return f"{folder}/", name


def _tables(contract: Contract, folder: str) -> Iterator[str]:
    for table in contract.tables:
        if table.location and not table.unreadable:
            yield _absolute(table.location, table.folder or folder)


def _absolute(location: str, folder: str) -> str:
    if "://" in location:
        return location
    whole = posixpath.normpath(posixpath.join(folder, location.removeprefix("file:")))
    return whole + "/" if location.endswith("/") else whole


def _is_folder(location: str) -> bool:
    return location.endswith("/") or bool(_GLOB.search(location.rpartition("/")[2]) or _GLOB.search(location))


def _stem(location: str) -> str:
    """Return a location up to its first glob, without its last slash."""
    found = _GLOB.search(location)
    return (location[: found.start()].rpartition("/")[0] if found else location).rstrip("/")
