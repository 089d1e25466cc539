"""All contracts of a mesh, by id, version and name. Each is read in full only when somebody asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from meshkit.model.base import Document
from meshkit.model.contract import Contract, Status
from meshkit.model.names import fold, nearest, version_key

_OUTLINE = (
    "form", "id", "name", "version", "domain", "status", "classification", "owner", "tags", "server", "inputs", "access",
    "deprecation", "ports", "input_ports", "output_ports",
)  # fmt: skip
_OUTLINE_OF_TABLE = ("name", "names", "location", "format", "folder", "unreadable")
LIFE_ORDER = (Status.ACTIVE, Status.DEPRECATED, Status.BETA, Status.DRAFT, Status.RETIRED)


class Head(Document):
    """What an index needs to know of a contract.

    Attributes:
        form: The standard that its file is written in.
        id: The id that the file itself states.
        outputs: Ids and versions of the contracts that its output ports name.
        inputs: Ids of the contracts that its input ports name.
        has_server: Whether an engine holds its tables, and no files.
    """

    name: str
    version: str
    domain: str
    status: Status = Status.ACTIVE
    team: str = ""
    tables: tuple[str, ...] = ()
    form: str = "native"
    id: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str, ...] = ()
    has_server: bool = False

    @property
    def product_id(self) -> str:
        """The id of the product: `domain.name`."""
        return f"{self.domain}.{self.name}"


def head_of(contract: Contract) -> Head:
    """Return the head of a contract."""
    return Head(
        name=contract.name,
        version=contract.version,
        domain=contract.domain,
        status=contract.status,
        team=contract.owner.team,
        tables=tuple(t.name for t in contract.tables),
        form=contract.form,
        id=contract.id,
        outputs=tuple((p.contract_id, p.version) for p in contract.output_ports if p.contract_id),
        inputs=tuple(p.contract_id for p in contract.input_ports),
        has_server=contract.server is not None,
    )


class Texts(NamedTuple):
    """What people search in: of each column its name and its description."""

    description: str
    tags: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


class Entry:
    """One version of one product: its head, and the contract once it is asked for.

    Args:
        head: What an index needs to know.
        read: Gives the contract.
        raw: Gives it as values of JSON, without defaults, where that is cheaper; None = it is not.
    """

    def __init__(
        self, head: Head, read: Callable[[], Contract], raw: Callable[[], Mapping[str, Any]] | None = None
    ) -> None:
        self.head = head
        self._read = read
        self._raw = raw

    @cached_property
    def contract(self) -> Contract:
        """The whole contract."""
        return self._read()

    @cached_property
    def outline(self) -> Contract:
        """The contract without columns, checks and prose: what is needed of all products where one is asked for.

        Ten thousand whole contracts of a hundred columns take minutes to read, and gigabytes to keep.
        """
        if self._raw is None or "contract" in self.__dict__:
            return self.contract
        raw = self._raw()
        kept = {key: raw[key] for key in _OUTLINE if key in raw}
        tables = [{key: t[key] for key in _OUTLINE_OF_TABLE if key in t} for t in raw.get("tables", ())]
        return Contract.model_validate({**kept, "tables": tables})

    def texts(self) -> Texts:
        """Return what people search in; it is not kept."""
        if self._raw is None or "contract" in self.__dict__:
            whole = self.contract
            return Texts(
                whole.description, whole.tags, tuple((c.called, c.description) for t in whole.tables for c in t.columns)
            )
        raw = self._raw()
        columns = (
            (c.get("label") or c["name"], c.get("description", ""))
            for t in raw.get("tables", ())
            for c in t.get("columns", ())
        )
        return Texts(raw.get("description", ""), tuple(raw.get("tags", ())), tuple(columns))


class Catalog:
    """An index over contracts. A bare id means the active version; without one, the one nearest to it in its life."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._versions: dict[str, list[Entry]] = defaultdict(list)
        self._by_name: dict[str, dict[str, None]] = defaultdict(dict)
        for entry in entries:
            self._versions[entry.head.product_id].append(entry)
            for name in (entry.head.name, *entry.head.tables):
                self._by_name[fold(name)][entry.head.product_id] = None
        for versions in self._versions.values():
            versions.sort(key=lambda e: version_key(e.head.version), reverse=True)
            versions.sort(key=lambda e: LIFE_ORDER.index(e.head.status))

    @property
    def is_single(self) -> bool:
        """Whether it holds one product alone."""
        return len(self._versions) == 1

    def entry(self, product_id: str) -> Entry | None:
        """Return the version that `domain.name` or `domain.name@version` means, or None."""
        bare, _, version = product_id.partition("@")
        versions = self._versions.get(bare, [])
        if version:
            return next((e for e in versions if e.head.version == version), None)
        return versions[0] if versions else None

    def versions(self, product_id: str) -> list[Entry]:
        """Return all versions of a product, the one that its bare id means first; none where it is unknown."""
        return list(self._versions.get(product_id, ()))

    def of_domain(self, domain: str) -> list[Entry]:
        """Return all versions of the products of a domain."""
        return [e for versions in self._versions.values() for e in versions if e.head.domain == domain]

    def domains(self) -> list[str]:
        """Return the names of the domains that have products."""
        return list(dict.fromkeys(v[0].head.domain for v in self._versions.values()))

    def contract(self, product_id: str) -> Contract | None:
        """Return the contract that an id means, or None."""
        entry = self.entry(product_id)
        return entry.contract if entry else None

    def key(self, head: Head | Contract) -> str:
        """Return the id of this version: bare for the current one, else with `@version`."""
        is_current = self._versions[head.product_id][0].head.version == head.version
        return head.product_id if is_current else f"{head.product_id}@{head.version}"

    def named(self, name: str, domain: str = "") -> list[str]:
        """Return the ids of the products of that name or alias: those of `domain` if it has any, else of the mesh."""
        found = list(self._by_name.get(fold(name), ()))
        own = [i for i in found if i.rpartition(".")[0] == domain] if domain else []
        return own or found

    def names(self, domain: str) -> list[str]:
        """Return the names of the products of a domain."""
        return [v[0].head.name for v in self._versions.values() if v[0].head.domain == domain]

    def near(self, name: str, count: int = 3, is_shown: Callable[[str], bool] = lambda _: True) -> list[str]:
        """Return up to `count` ids that `name` may be meant to be, best first.

        Those that are not shown change nothing: they neither stand in the way of others nor decide where to look.
        """
        whole = nearest(name, self._versions, len(self._versions))
        found = list(islice(filter(is_shown, whole), count))
        if found:
            return found
        by_name: dict[str, list[str]] = {}
        for product_id in self._versions:
            by_name.setdefault(product_id.rpartition(".")[2], []).append(product_id)
        bare = nearest(name.rpartition(".")[2], by_name, len(by_name))
        return list(islice(filter(is_shown, (i for n in bare for i in by_name[n])), count))
