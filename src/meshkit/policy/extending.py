"""What a mesh makes of policies that it extends: it may tighten them. The effective rule is the extended one AND its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from meshkit.errors import Place
from meshkit.model.governance import (
    AutomatedPolicyForm,
    GlobalPolicyForm,
    GovernanceForm,
    JoinedGovernanceForm,
    OverrideForm,
)
from meshkit.model.policy import Policy, Value
from meshkit.model.problem import Problem
from meshkit.policy.federation import PlaceOf, loosened, with_change
from meshkit.policy.prose import Unreadable, params_of, words_of


def extended(
    policies: Sequence[Policy], form: GovernanceForm, place: PlaceOf
) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """Make one policy of those of one id: the first stands, and what other files say of it may only tighten it.

    A second of the same file is for lint to tell, and has no effect.
    """
    first: dict[tuple[str, str], Policy] = {}
    problems: list[Problem] = []
    changes: Mapping[Place, tuple[OverrideForm, Mapping[str, Value]]] = {}
    if isinstance(form, JoinedGovernanceForm):
        rank = {file: position for position, file in enumerate(form.files)}
        policies = sorted(policies, key=lambda p: rank.get(p.place.file if p.place else "", len(rank)))
        changes = _changes(form, place)
    for policy in policies:
        key = (policy.id, policy.domain)
        known = first.get(key)
        if known is None:
            first[key] = policy
        elif known.place and policy.place and known.place.file != policy.place.file:
            found = _tightened(known, policy, changes.get(policy.place))
            if isinstance(found, Policy):
                first[key] = found
            else:
                problems.append(found)
    return tuple(first.values()), tuple(problems)


def _tightened(known: Policy, own: Policy, change: tuple[OverrideForm, Mapping[str, Value]] | None) -> Policy | Problem:
    assert own.place is not None
    if own.section == "policies":
        message = f"policy '{own.id}' is extended ({known.place}), and nothing may stand in its place"
        hint = "give your own another id, and both hold; to tighten it, name it under global_policies"
        return Problem(code="MK175", message=message, hint=hint, place=own.place)
    if change is None:
        message = f"policy '{own.id}' tightens nothing: {own.why_not}"
        return Problem(code="MK426", message=message, hint="write it like 30 days or 5%", place=own.place)
    if known.why_not and not known.rules:  # a mesh may make executable what was prose alone
        return own.model_copy(update={"mandatory": known.mandatory or own.mandatory, "place": known.place})
    override, params = change
    looser = list(loosened(known, override, params))
    if looser:
        message = f"this would loosen the extended policy {known.id} ({known.place}): {'; '.join(looser)}"
        hint = "a mesh may only tighten what it extends; ask for no less, or leave it out"
        return Problem(code="MK175", message=message, hint=hint, place=own.place)
    made = with_change(known, "", override, params, own.place, is_instead=False)
    if not override.mandatory:
        return made
    rules = tuple(r.model_copy(update={"mandatory": True}) for r in made.rules)
    return made.model_copy(update={"mandatory": True, "rules": rules})


def _changes(form: GovernanceForm, place: PlaceOf) -> Mapping[Place, tuple[OverrideForm, Mapping[str, Value]]]:
    """Return what each entry of built-in policies says, and only what it says: what it leaves out changes nothing."""
    found = {}
    for position, one in enumerate(form.global_policies):
        found[place(("governance", "global_policies", position))] = _change(one, one.policy or "", {})
    for position, other in enumerate(form.automated_policies):
        points = {"pre-publish": ["pr", "publish"]}.get(other.enforcement or "", [other.enforcement])
        enforce = {"enforce": points} if other.enforcement else {}
        found[place(("governance", "automated_policies", position))] = _change(other, other.check or "", enforce)
    return {at: change for at, change in found.items() if change is not None}


def _change(
    form: GlobalPolicyForm | AutomatedPolicyForm, prose: str, enforce: Mapping[str, Any]
) -> tuple[OverrideForm, Mapping[str, Value]] | None:
    if form.name is None:
        return None
    try:
        params = dict(_said(form.name, prose, form.params))
    except Unreadable:  # its own `why_not` says so
        return None
    mandatory = form.mandatory if "mandatory" in form.model_fields_set else None
    return OverrideForm(id=form.name, grace_until=form.grace_until, mandatory=mandatory, **enforce), params


def _said(name: str, prose: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield the numbers that an entry states, without those that hold where nothing is said."""
    for param, value in params_of(name, prose, given).items():
        if param in given or words_of(name, param, prose):
            yield param, value
