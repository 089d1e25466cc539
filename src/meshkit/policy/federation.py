"""What a domain makes of a policy of all: it may tighten it. The effective rule is the global one AND the domain's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from meshkit.errors import Place
from meshkit.model.governance import DomainPolicyForm, OverrideForm
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Enforcement, Policy, PolicyRule, Value
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity
from meshkit.policy.builtin import BUILT_IN, STRICTER, is_told
from meshkit.policy.prose import Unreadable, params_of


class PlaceOf(Protocol):
    """Tells where a pointer leads in a file: its key, or what stands behind the key."""

    def __call__(self, pointer: Pointer, *, of_value: bool = False) -> Place:
        """Return the place."""
        ...


def tightened(
    policies: Sequence[Policy], domains: Mapping[str, DomainPolicyForm], place: PlaceOf
) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """Add each domain's own version of a policy. What would loosen a mandatory one is refused and changes nothing."""
    made, problems = {p.id: p for p in policies if not p.domain}, []
    for domain, bound in domains.items():
        for position, change in enumerate(bound.policies):
            at = place(("governance", "domain_policies", domain, "policies", position))
            policy = made.get(change.id or "")
            if policy is None:
                hint = did_you_mean(change.id or "", made)
                problems.append(
                    Problem(code="MK420", message=f"no policy is called '{change.id}'", hint=hint, place=at)
                )
                continue
            try:
                params = _params(policy, change)
            except Unreadable as reason:
                message = f"domain '{domain}' tightens nothing: {reason}"
                problems.append(Problem(code="MK426", message=message, hint="write it like 30 days or 5%", place=at))
                continue
            looser = list(loosened(policy, change, params))
            is_extended = policy.place is not None and policy.place.file != at.file
            if (policy.mandatory or is_extended) and looser:
                kind = "mandatory" if policy.mandatory else "extended"
                message = f"domain '{domain}' would loosen the {kind} policy {policy.id} ({policy.place}): {'; '.join(looser)}"
                problems.append(Problem(code="MK421", message=message, hint="a domain may only tighten it", place=at))
                continue
            made[policy.id] = with_change(policy, domain, change, params, at, is_instead=bool(looser))
    return (*(made[p.id] if not p.domain else p for p in policies),), tuple(problems)


def loosened(policy: Policy, change: OverrideForm, params: Mapping[str, Value]) -> Iterator[str]:
    """Yield what a change asks less for than a policy does, in words."""
    if change.mandatory is False and policy.mandatory:
        yield "mandatory: false"
    for rule in policy.rules[:1]:
        points = set(rule.enforce)
        if change.severity is not None and Severity(change.severity).rank < max(r.severity.rank for r in policy.rules):
            yield f"severity: {change.severity}"
        if change.enforce is not None and not points <= {Enforcement(e) for e in change.enforce}:
            yield f"enforce: {', '.join(change.enforce)}"
        if change.grace_until is not None and (
            rule.grace_until is None or date.fromisoformat(change.grace_until) > rule.grace_until
        ):
            yield f"grace_until: {change.grace_until}"
        for name, value in params.items():
            if _is_weaker(name, rule.params.get(name), value):
                yield f"{name}: {value} for {rule.params.get(name)}"


def _params(policy: Policy, change: OverrideForm) -> dict[str, Value]:
    return {n: v for n, v in params_of(policy.id, "", change.params).items() if n in change.params}


def _is_weaker(name: str, old: Value, new: Value) -> bool:
    """Tell whether a number asks for less; of the governors' own numbers nobody knows, and both rules hold."""
    numbers = (int, float, Decimal)
    if isinstance(old, tuple) and isinstance(new, tuple):
        return not set(new) <= set(old)
    if name not in STRICTER or not isinstance(old, numbers):
        return False
    if not isinstance(new, numbers):
        return True
    return (new - old) * STRICTER[name] < 0  # type: ignore[operator]  # both are numbers


def with_change(
    policy: Policy, domain: str, change: OverrideForm, params: Mapping[str, Value], place: Place, *, is_instead: bool
) -> Policy:
    """Add the domain's rules; in place of the policy's own there where they are looser, which only a free policy allows.

    Without a domain the change is for all that the policy binds.
    """
    update: dict[str, object] = {"domains": (domain,), "place": place} if domain else {"place": place}
    if change.severity is not None:
        update["severity"] = Severity(change.severity)
    if change.enforce is not None:
        update["enforce"] = tuple(Enforcement(e) for e in change.enforce)
    if change.grace_until is not None:
        update["grace_until"] = date.fromisoformat(change.grace_until)
    added = [
        r.model_copy(update=update | {"params": {**r.params, **params}})
        for r in (*policy.rules, *_newly_told(policy, params))
        if not domain or _binds(r, domain)
    ]
    kept = list(policy.rules)
    if is_instead:
        kept = [r.model_copy(update={"but": (*r.but, domain)}) if _binds(r, domain) else r for r in kept]
    return policy.model_copy(update={"rules": (*kept, *added)})


def _newly_told(policy: Policy, params: Mapping[str, Value]) -> Iterator[PolicyRule]:
    """Yield built-in rules whose numbers the policy of all does not state, and the domain does."""
    first, present = next(iter(policy.rules), None), {r.id for r in policy.rules}
    for rule in BUILT_IN.get(policy.id, ()) if first else ():
        if first and rule.id not in present and is_told(rule, {**first.params, **params}):
            same = {"mandatory": first.mandatory, "enforce": first.enforce, "params": first.params}
            yield rule.model_copy(update=same)


def _binds(rule: PolicyRule, domain: str) -> bool:
    return not rule.domains or domain in rule.domains
