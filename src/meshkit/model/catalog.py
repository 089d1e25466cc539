"""All contracts of a mesh, by id, version and name. Each is read in full only when somebody asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property

from meshkit.model.base import Document
from meshkit.model.contract import Contract, Status
from meshkit.model.names import fold, nearest, version_key

LIFE_ORDER = (Status.ACTIVE, Status.DEPRECATED, Status.BETA, Status.DRAFT, Status.RETIRED)


class Head(Document):
    """What an index needs to know of a contract.

    Attributes:
        form: The standard that its file is written in.
        id: The id that the file itself states.
        outputs: Ids and versions of the contracts that its output ports name.
        inputs: Ids of the contracts that its input ports name.
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
    )


class Entry:
    """One version of one product: its head, and the contract once it is asked for."""

    def __init__(self, head: Head, read: Callable[[], Contract]) -> None:
        self.head = head
        self._read = read

    @cached_property
    def contract(self) -> Contract:
        """The whole contract."""
        return self._read()

    def peek(self) -> Contract:
        """Return the contract without keeping it: where all of a mesh are looked at, they would fill the memory."""
        kept: Contract | None = self.__dict__.get("contract")
        return kept if kept is not None else self._read()


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

    def near(self, name: str, count: int = 3) -> list[str]:
        """Return up to `count` ids that `name` may be meant to be, best first."""
        by_name = {i.rpartition(".")[2]: i for i in self._versions}
        near = nearest(name, self._versions, count)
        return near or [by_name[n] for n in nearest(name.rpartition(".")[2], by_name, count)]
