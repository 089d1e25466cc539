"""Two meshes to what differs: which version is compared with which, who reads it, and with what right it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from meshkit.change.compare import compare_contracts
from meshkit.change.consumers import Consumer, consumer_of, with_readings
from meshkit.change.decide import apply_decisions
from meshkit.change.notes import Schedules
from meshkit.change.transformation import source_change
from meshkit.change.version import (
    PlaceOf,
    Registry,
    computed_version,
    counted,
    is_unstable,
    judge_removal,
    judge_version,
    unnotified,
)
from meshkit.model.catalog import Catalog, Entry
from meshkit.model.change import Change, Effect, MeshDiff, Perspective, ProductDiff, greatest
from meshkit.model.contract import Contract, Status
from meshkit.model.names import major_of, version_key
from meshkit.model.namespace import is_location
from meshkit.model.problem import Problem
from meshkit.model.table import Severity


class Served(NamedTuple):
    """One version of one product as a mesh has it.

    Attributes:
        entry: Its head, and its contract once it is asked for.
        text: The text of its file.
        place: Where a pointer leads in that file.
        is_stopped: Whether its contract cannot be read.
    """

    entry: Entry
    text: str
    place: PlaceOf
    is_stopped: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Its id and version."""
        return self.entry.head.product_id, self.entry.head.version

    @property
    def contract(self) -> Contract:
        """Its contract, read in full."""
        return self.entry.contract


class Judgement(NamedTuple):
    """How two meshes are compared.

    Attributes:
        today: The day on which deprecations are judged.
        perspective: From which side.
        is_transitive: Whether each new version is compared with all old ones that are not retired (R05).
        is_beside: Whether the two are single files of which the old one is still served beside the new one.
        schedules: Reads cron expressions.
    """

    today: date
    schedules: Schedules
    perspective: Perspective = Perspective.CONSUMER
    is_transitive: bool = False
    is_beside: bool = False


def diff_meshes(old: Sequence[Served], new: Sequence[Served], judgement: Judgement) -> MeshDiff:
    """Compare all products of two meshes."""
    differ = _Differ(old, new, judgement)
    products = [d for o, n in differ.pairs() if (d := differ.compare(o, n)) is not None]
    products += differ.follow(products)
    unreadable = [_unreadable(s) for s in (*old, *new) if s.is_stopped]
    return MeshDiff(
        perspective=judgement.perspective,
        products=tuple(
            sorted(products, key=lambda d: (d.product, version_key(d.new_version), version_key(d.old_version)))
        ),
        problems=(*unreadable, *differ.removals()),
    )


def _unreadable(served: Served) -> Problem:
    head = served.entry.head
    return Problem(code="MK505", message=f"{head.product_id} {head.version} has errors, so it is not compared",
                   hint="meshkit lint tells them", place=served.place(()), product=head.product_id)  # fmt: skip


class _Differ:
    def __init__(self, old: Sequence[Served], new: Sequence[Served], judgement: Judgement) -> None:
        self.judgement = judgement
        self.old = {s.key: s for s in old}
        self.new = {s.key: s for s in new}
        self.replaced: set[tuple[str, str]] = set()
        self.is_one_to_one = len(self.old) == len(self.new) == 1
        self._catalog: Catalog | None = None

    def pairs(self) -> Iterator[tuple[Served, Served]]:
        """Yield each version with what it is compared with."""
        if self.is_one_to_one:
            yield next(iter(self.old.values())), next(iter(self.new.values()))
            self.replaced.update(self.old)
            return
        versions: dict[str, list[Served]] = defaultdict(list)
        for served in self.old.values():
            versions[served.key[0]].append(served)
        for key, served in self.new.items():
            if key in self.old and not self.judgement.is_transitive:
                yield self.old[key], served
                continue
            for base in self._bases(served, versions[key[0]]):
                self.replaced.add(base.key)
                yield base, served

    def _bases(self, served: Served, versions: Sequence[Served]) -> list[Served]:
        """Return the old versions that a version follows: the nearest one below it, or all that are not retired."""
        own = [v for v in versions if v.key == served.key]
        living = [v for v in versions if v.entry.head.status is not Status.RETIRED and v.key != served.key]
        below = [v for v in living if version_key(v.key[1]) <= version_key(served.key[1])]
        if self.judgement.is_transitive:
            return own + below
        nearest = sorted(below or living, key=lambda v: version_key(v.key[1]))
        return own or (nearest[-1:] if below else nearest[:1])

    def compare(self, old: Served, new: Served) -> ProductDiff | None:
        """Compare two versions; None where nothing differs."""
        if old.is_stopped or new.is_stopped or (old.text == new.text and old.key == new.key):
            return None
        one, other = old.contract, new.contract
        changes = compare_contracts(one, other, self.judgement.schedules)
        if not changes and one.version == other.version and one.status is other.status:
            return None
        changes = apply_decisions(changes, one, other)
        parallel = self._parallel(old, new)
        consumers = self._consumers(old, changes, is_kept=parallel is not None)
        names = [self._names_of(c) for c in consumers] if consumers is not None else None
        registry = Registry(
            today=self.judgement.today,
            perspective=self.judgement.perspective,
            place=new.place,
            parallel=parallel.contract if parallel else None,
            parallel_place=parallel.place if parallel else None,
            consumers=names,
        )
        if consumers is not None:
            changes = with_readings(changes, consumers)
        bump = greatest(c.effect(self.judgement.perspective).bump for c in counted(changes))
        return ProductDiff(
            product=other.product_id,
            old_version=one.version,
            new_version=other.version,
            computed=computed_version(one.version, bump),
            place=new.place(("version",)),
            is_unstable=is_unstable(one),
            changes=tuple(_located(c, old.place, new.place) for c in changes),
            problems=judge_version(one, other, changes, registry),
            unnotified=tuple(unnotified(parallel.contract.deprecation if parallel else None, names or ())),
        )

    def _parallel(self, old: Served, new: Served) -> Served | None:
        """Return the old version as it is served beside the new one."""
        if old.entry.head.version == new.entry.head.version:
            return None
        if self.is_one_to_one:
            return old if self.judgement.is_beside else None
        return self.new.get(old.key)

    def _consumers(self, old: Served, changes: Sequence[Change], *, is_kept: bool) -> list[Consumer] | None:
        """Return who reads a product; None where only one product is known, so that nothing can be said."""
        if len(self.new) < 2 or not any(c.consumer is not Effect.PATCH for c in changes):
            return [] if len(self.new) > 1 else None
        catalog = self._before()
        words = {old.entry.head.name.casefold(), *(t.casefold() for t in old.entry.head.tables)}
        found = []
        for served in self.new.values():
            head = served.entry.head
            if head.product_id == old.key[0] or head.status is Status.RETIRED or served.is_stopped:
                continue
            text = served.text.casefold()
            if any(w in text for w in words):
                consumer = consumer_of(served.contract, old.contract, catalog, is_kept=is_kept)
                found += [consumer] if consumer else []
        return found

    def _before(self) -> Catalog:
        """Return all products as SQL sees them before the change: the old ones, and those that are only new."""
        if self._catalog is None:
            known = {key[0] for key in self.old}
            self._catalog = Catalog(
                [*(s.entry for s in self.old.values()), *(s.entry for k, s in self.new.items() if k[0] not in known)]
            )
        return self._catalog

    def _names_of(self, consumer: Consumer) -> list[str]:
        """Return the names by which a consumer may stand in `notified`: product, domain, team, contact."""
        bare = consumer.id.partition("@")[0]
        head = next(s.entry.head for s in self.new.values() if s.key[0] == bare)
        owner = next(s.contract.owner for s in self.new.values() if s.key[0] == bare)
        return [bare, *(n for n in (consumer.id, head.domain, head.name, owner.team, owner.contact, owner.slack) if n)]

    def removals(self) -> Iterator[Problem]:
        """Judge the versions whose files are gone (R04)."""
        for key, served in self.old.items():
            if key not in self.new and key not in self.replaced and not served.is_stopped:
                found = judge_removal(served.contract, served.place(()))
                if found is not None:
                    yield found

    def follow(self, products: Sequence[ProductDiff]) -> list[ProductDiff]:
        """Return what the consumers of products with a new major version take over, where they name no version (X05)."""
        raised = {d.product for d in products if major_of(d.old_version) != major_of(d.new_version)}
        if not raised or self.is_one_to_one:
            return []
        before, after = self._before(), Catalog(s.entry for s in self.new.values())
        changed = {(d.product, d.new_version) for d in products}
        found = []
        for key, served in self.new.items():
            if (
                key in self.old
                and key not in changed
                and not served.is_stopped
                and any(r.rpartition(".")[2] in served.text for r in raised)
            ):
                diff = self._followed(served, raised, before, after)
                found += [diff] if diff else []
        return found

    def _followed(self, served: Served, raised: set[str], before: Catalog, after: Catalog) -> ProductDiff | None:
        contract = served.contract
        changes = []
        for alias, target in contract.inputs.items():
            if is_location(target) or "@" in target:
                continue
            names = [target] if "." in target else before.named(target, contract.domain)
            old, new = (c.contract(names[0]) if len(names) == 1 else None for c in (before, after))
            if old and new and old.product_id in raised:
                change = source_change(contract, alias, old, new)
                changes += [_located(change, served.place, served.place)] if change else []
        settled = apply_decisions(changes, self.old[served.key].contract, contract)
        if not settled:
            return None
        problems = [
            Problem(code="MK506", severity=Severity.WARNING, message=c.message, hint=c.hint,
                    place=c.new_place or served.place(()), product=contract.product_id)
            for c in settled if not c.decision
        ]  # fmt: skip
        return ProductDiff(
            product=contract.product_id,
            old_version=contract.version,
            new_version=contract.version,
            computed=contract.version,
            place=served.place(("version",)),
            is_unstable=is_unstable(contract),
            changes=tuple(settled),
            problems=tuple(problems),
        )


def _located(change: Change, old: PlaceOf, new: PlaceOf) -> Change:
    """Say in which line of which file a change is written."""

    places = {"old_place": old(change.old) if change.old is not None else None}
    places["new_place"] = new(change.new) if change.new is not None else None
    return change.model_copy(update=places)
