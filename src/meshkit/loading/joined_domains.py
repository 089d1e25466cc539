"""What several governance files say of one domain, and of observability, as one: the stricter of each demand.

Files stand in the order of their rank. A later one adds to those before it and tightens them; what would loosen them is
told, and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from meshkit.loading.source import Source
from meshkit.model.governance import (
    AccessControlForm,
    DataQualityForm,
    DomainPolicyForm,
    GovernanceForm,
    OverrideForm,
    RequirementsForm,
)
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer
from meshkit.model.units import parse_comparator, parse_duration, parse_percentage

_ACCESS = ("public", "internal", "confidential", "restricted")
HINT = "a mesh may only tighten what it extends; ask for no less, or leave it out"

Layer = tuple[GovernanceForm, Source]
Routes = dict[Pointer, tuple[Source, Pointer]]


class JoinedDomains(NamedTuple):
    """The joined parts of a governance form, where each stands, and what contradicts."""

    update: dict[str, Any]
    routes: Routes
    problems: list[Problem]


def join_domains(layers: Sequence[Layer]) -> JoinedDomains:
    """Join the domains' policies and the observability requirements of several files."""
    joined = JoinedDomains({}, {}, [])
    names = dict.fromkeys(name for form, _ in layers for name in form.domain_policies)
    joined.update["domain_policies"] = {name: _domain(name, layers, joined) for name in names}
    asked = [f.observability_requirements for f, _ in layers if f.observability_requirements is not None]
    if asked:
        joined.update["observability_requirements"] = RequirementsForm(
            metrics=_union(a.metrics for a in asked), alerts=_union(a.alerts for a in asked)
        )
    return joined


def _domain(name: str, layers: Sequence[Layer], joined: JoinedDomains) -> DomainPolicyForm:
    at: Pointer = ("governance", "domain_policies", name)
    bound = [(form.domain_policies[name], source) for form, source in layers if name in form.domain_policies]
    changes: list[OverrideForm] = []
    for form, source in bound:
        for position, change in enumerate(form.policies):
            joined.routes[*at, "policies", len(changes)] = (source, (*at, "policies", position))
            changes.append(change)
    quality = [(f.data_quality, s) for f, s in bound if f.data_quality is not None]
    access = [(f.access_control, s) for f, s in bound if f.access_control is not None]
    return DomainPolicyForm(
        data_quality=DataQualityForm(**_demands(quality, (*at, "data_quality"), joined)) if quality else None,
        access_control=_access(access, (*at, "access_control"), joined) if access else None,
        policies=changes,
    )


def _access(bound: Sequence[tuple[AccessControlForm, Source]], at: Pointer, joined: JoinedDomains) -> AccessControlForm:
    demands = _demands(bound, at, joined, but=("pii_fields", "approval_required"))
    return AccessControlForm(
        pii_fields=_union(f.pii_fields for f, _ in bound),
        approval_required=_union(f.approval_required for f, _ in bound),
        **demands,
    )


def _demands(
    bound: Sequence[tuple[Any, Source]], at: Pointer, joined: JoinedDomains, but: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the strictest value of each key; a later one that is looser is told."""
    found: dict[str, Any] = {}
    by: dict[str, Source] = {}
    for form, source in bound:
        for key, value in form:
            if value is None or key in but:
                continue
            if key not in found or (found[key] != value and _is_stricter(key, found[key], value)):
                found[key], by[key] = value, source
                joined.routes[*at, key] = (source, (*at, key))
            elif found[key] != value:
                there = by[key].place((*at, key))
                message = f"{key}: {_written(value)} would loosen {_written(found[key])} of domain '{at[2]}' ({there})"
                joined.problems.append(source.problem("MK175", message, HINT, (*at, key)))
    return found


def _is_stricter(key: str, old: Any, new: Any) -> bool:
    """Tell whether a demand asks for more than another one; where nobody can tell, it does not."""
    if isinstance(old, bool):
        return bool(new)
    if isinstance(old, int):  # so many days
        return bool(new < old)
    if key == "default_access":
        return _ACCESS.index(new) > _ACCESS.index(old)
    read = _hours if key == "freshness" else parse_percentage
    was, wanted = parse_comparator(old), parse_comparator(new)
    if was.operator[:1] != wanted.operator[:1] or was.operator[:1] not in ("<", ">"):
        return False
    before, after = read(was.operand), read(wanted.operand)
    if before == after:
        return len(wanted.operator) < len(was.operator)  # > asks for more than >=
    return (after > before) == (was.operator[0] == ">")


def _hours(text: str) -> Decimal:
    return Decimal(str(parse_duration(text).total_seconds()))


def _union(lists: Any) -> list[str]:
    return list(dict.fromkeys(item for items in lists for item in items))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
