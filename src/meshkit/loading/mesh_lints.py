"""What is wrong between files: domains nobody declared, products listed but missing, versions that clash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from meshkit.loading.joined import is_extended
from meshkit.loading.source import Source
from meshkit.model.catalog import Head
from meshkit.model.contract import Status
from meshkit.model.names import did_you_mean
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

if TYPE_CHECKING:
    from meshkit.model.organization import OrganizationForm
    from meshkit.model.platform import PlatformForm

Files = Mapping[str, tuple[Any, Source]]


def lint_mesh(heads: Sequence[Head], files: Files, sources: Sequence[Source]) -> list[Problem]:
    """Find what contradicts across the files of a mesh. `sources` are the products' files, in the same order."""
    problems = [*_versions(heads, sources)]
    if "organization" in files:
        organization, source = files["organization"]
        problems += _organization(organization, source)
        problems += _ownership(heads, sources, organization)
        problems += _listing(heads, sources, organization, source)
    if "platform" in files:
        problems += _platform(*files["platform"])
    for kind, required in _REQUIRED.items():
        if kind in files:
            problems += _required(*files[kind], kind, required)
    return problems


_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "waivers": ("subject", "reason", "approved_by", "until"),
    "principals": ("id",),
}


def _required(items: Sequence[Any], source: Source, kind: str, keys: Sequence[str]) -> Iterator[Problem]:
    for position, item in enumerate(items):
        for key in keys:
            if getattr(item, key) is None and not source.has((kind, position, key)):
                yield source.problem("MK104", f"key '{key}' is missing", "", (kind, position))
        if kind == "waivers" and (item.policy is None) == (item.check is None):
            yield source.problem("MK104", "a waiver names a policy or a check, one of the two", "", (kind, position))


def _versions(heads: Sequence[Head], sources: Sequence[Source]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Source] = {}
    active: dict[str, tuple[Head, Source]] = {}
    for head, source in zip(heads, sources, strict=True):
        key = (head.product_id, head.version)
        if key in seen:
            yield _of(head, source.problem("MK130", f"{head.product_id} {head.version} is declared twice",
                      f"the first is {seen[key].file}; raise one version or rename one product", ("name",)))  # fmt: skip
            continue
        seen[key] = source
        if head.status is Status.ACTIVE:
            first = active.setdefault(head.product_id, (head, source))
            if first[0] is not head:
                message = f"{head.product_id} has two active versions, {first[0].version} and {head.version}"
                hint = f"the first is {first[1].file}; set status: deprecated on the older one"
                yield _of(head, source.problem("MK130", message, hint, ("version",)))


def _organization(organization: OrganizationForm, source: Source) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for position, domain in enumerate(organization.domains):
        pointer: Pointer = ("organization", "domains", position)
        if domain.name is None:
            if not source.has((*pointer, "name")):
                yield source.problem("MK104", "key 'name' is missing", "name the domain", pointer)
            continue
        earlier = first.setdefault(domain.name, position)
        if earlier != position:
            first_place = source.place(("organization", "domains", earlier, "name"))
            is_here = first_place.file == source.place(pointer).file
            hint = f"the first is in line {first_place.line}" if is_here else f"the first is {first_place}"
            yield source.problem("MK114", f"domain '{domain.name}' stands twice", hint, (*pointer, "name"))


def _ownership(heads: Sequence[Head], sources: Sequence[Source], organization: OrganizationForm) -> Iterator[Problem]:
    domains = [d.name for d in organization.domains if d.name]
    for head, source in zip(heads, sources, strict=True):
        domain = organization.domain(head.domain)
        if domain is None:
            pointer: Pointer = ("domain",) if source.has(("domain",)) else ()
            yield _of(head, source.problem("MK113", f"unknown domain '{head.domain}'", did_you_mean(head.domain, domains),
                      pointer, of_value=True))  # fmt: skip
        elif domain.team and domain.team.names and head.team not in domain.team.names:
            pointer = ("owner", "team") if source.has(("owner", "team")) else ("owner",)
            yield _of(head, source.problem("MK131", f"team '{head.team}' is not of domain '{head.domain}'",
                      did_you_mean(head.team, domain.team.names), pointer, of_value=True))  # fmt: skip


def _listing(
    heads: Sequence[Head], sources: Sequence[Source], organization: OrganizationForm, source: Source
) -> Iterator[Problem]:
    present: dict[str, dict[str, Source]] = defaultdict(dict)
    for head, file in zip(heads, sources, strict=True):
        if head.status is not Status.RETIRED:
            present[head.domain].setdefault(head.name, file)
    for position, domain in enumerate(organization.domains):
        listed = set(domain.data_products)
        for item, name in enumerate(domain.data_products):
            pointer: Pointer = ("organization", "domains", position, "data_products", item)
            if name and name not in present[domain.name or ""] and not is_extended(source, pointer):
                yield _warning(source.problem("MK126", f"product '{name}' of domain '{domain.name}' is listed, but has no contract",
                               did_you_mean(name, present[domain.name or ""]), pointer))  # fmt: skip
        at = source.place(("organization", "domains", position)).file
        for name, file in present[domain.name or ""].items():
            if name not in listed:
                yield _warning(file.problem("MK126", f"product '{name}' is not listed under domain '{domain.name}'",
                               f"add it to data_products in {at}", ("name",)))  # fmt: skip


def _platform(platform: PlatformForm, source: Source) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for kind, position, component in platform.components():
        pointer: Pointer = ("platform", kind, position)
        if component.name is None:
            if not source.has((*pointer, "name")):
                yield source.problem("MK104", "key 'name' is missing", "name the component", pointer)
        elif first.setdefault((kind, component.name), position) != position:
            yield source.problem("MK114", f"{kind} '{component.name}' stands twice", "", (*pointer, "name"))


def _of(head: Head, problem: Problem) -> Problem:
    return problem.model_copy(update={"product": head.product_id})


def _warning(problem: Problem) -> Problem:
    return problem.model_copy(update={"severity": Severity.WARNING})
