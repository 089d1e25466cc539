"""A governance file to policies: built-in rules bound to its names and numbers, the governors' own, and what domains tighten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from meshkit.errors import Place
from meshkit.model.governance import AccessControlForm, DataQualityForm, GovernanceForm, PolicyForm
from meshkit.model.policy import Enforcement, Policy, PolicyRule, Value
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity
from meshkit.model.units import parse_comparator, parse_duration, parse_percentage
from meshkit.policy.builtin import ALERT, ALERT_TYPES, BUILT_IN, DOMAIN, METRIC, SAME_METRIC, is_told
from meshkit.policy.extending import extended
from meshkit.policy.federation import PlaceOf, tightened
from meshkit.policy.lints import LINTS, default_lints, with_params
from meshkit.policy.prose import Unreadable, params_of

_PRE_PUBLISH = (Enforcement.PR, Enforcement.PUBLISH)


def bind(
    form: GovernanceForm, place: PlaceOf, *, lints: bool = False
) -> tuple[tuple[Policy, ...], tuple[Problem, ...]]:
    """Return the policies of a governance file, and what is wrong with how domains change them.

    With `lints`, those of meshkit that the file does not name are among them.
    """
    policies = [*_named(form, place), *_of_domains(form, place), *_observability(form, place)]
    policies += [_own(p, place(("governance", "policies", i))) for i, p in enumerate(form.policies) if p.id]
    policies += default_lints(but=frozenset(p.id for p in policies)) if lints else ()
    one_each, refused = extended(policies, form, place)
    bound, problems = tightened(one_each, form.domain_policies, place)
    return bound, (*refused, *problems)


def _named(form: GovernanceForm, place: PlaceOf) -> Iterator[Policy]:
    for position, one in enumerate(form.global_policies):
        if one.name:
            at = place(("governance", "global_policies", position))
            policy = _built_in(
                one.name, one.policy or "", one.params, one.grace_until, mandatory=one.mandatory, place=at
            )
            yield policy.model_copy(update={"section": "global_policies"})
    for position, other in enumerate(form.automated_policies):
        if other.name:
            at = place(("governance", "automated_policies", position))
            policy = _built_in(
                other.name, other.check or "", other.params, other.grace_until, mandatory=other.mandatory, place=at
            )
            yield _enforced(policy, _points(other.enforcement)).model_copy(update={"section": "automated_policies"})


def _built_in(
    name: str, prose: str, given: Mapping[str, Any], grace: str | None, *, mandatory: bool, place: Place
) -> Policy:
    """Bind the rules of a name; a rule whose number nobody states is left out."""
    policy = Policy(id=name, prose=prose, mandatory=mandatory, place=place)
    if name not in BUILT_IN and name not in LINTS:
        why = "no rule stands beside its prose" if prose.strip() else "it has neither prose nor a rule"
        return policy.model_copy(update={"why_not": why})
    try:
        params = params_of(name, prose, given)
    except Unreadable as reason:
        return policy.model_copy(update={"why_not": str(reason)})
    changed = {"mandatory": mandatory, "grace_until": _day(grace), "place": place, "params": params}
    if name in LINTS:
        rules = tuple(r.model_copy(update=changed | {"params": r.params}) for r in with_params(name, params))
        return policy.model_copy(update={"rules": rules, "is_lint": True})
    rules = tuple(r.model_copy(update=changed) for r in BUILT_IN[name] if is_told(r, params))
    return policy.model_copy(update={"rules": rules})


def _points(written: str | None) -> tuple[Enforcement, ...]:
    if written is None or written == "pre-publish":
        return _PRE_PUBLISH
    return (Enforcement(written),)


def _enforced(policy: Policy, points: tuple[Enforcement, ...]) -> Policy:
    return policy.model_copy(update={"rules": tuple(r.model_copy(update={"enforce": points}) for r in policy.rules)})


def _of_domains(form: GovernanceForm, place: PlaceOf) -> Iterator[Policy]:
    for domain, bound in form.domain_policies.items():
        at: Pointer = ("governance", "domain_policies", domain)
        for key, rules in (
            ("data_quality", _quality(bound.data_quality)),
            ("access_control", _access(bound.access_control)),
        ):
            if getattr(bound, key) is not None:
                where = place((*at, key))
                changed = {"domains": (domain,), "place": where, "policy": key}
                made = tuple(r.model_copy(update=changed | {"params": p}) for r, p in rules)
                if not made:  # its lists are what rules of others read
                    continue
                section = f"domain_policies.{domain}"
                yield Policy(id=key, section=section, rules=made, mandatory=True, domain=domain, place=where)


def _quality(form: DataQualityForm | None) -> Iterator[tuple[PolicyRule, dict[str, Value]]]:
    for name in ("completeness", "accuracy", "freshness"):
        text = getattr(form, name) if form else None
        if text is None:
            continue
        op, operand = parse_comparator(text)
        params: dict[str, Value] = {name: _hours(operand) if name == "freshness" else parse_percentage(operand)}
        for key in (name, f"{name}_measured"):
            if key in DOMAIN:
                rule = DOMAIN[key]
                yield rule.model_copy(update={"require": rule.require.replace("{op}", op)}), params


def _hours(text: str) -> Decimal:
    return Decimal(str(parse_duration(text).total_seconds())) / 3600


def _access(form: AccessControlForm | None) -> Iterator[tuple[PolicyRule, dict[str, Value]]]:
    if form is not None and form.sox_compliance:
        yield DOMAIN["sox_approval"], {}
        yield DOMAIN["sox_duties"], {}
    if form is not None and form.audit_all_access:
        yield DOMAIN["audit_all_access"], {}


def _observability(form: GovernanceForm, place: PlaceOf) -> Iterator[Policy]:
    asked = form.observability_requirements
    if asked is None:
        return
    at = place(("governance", "observability_requirements"))
    rules = []
    for rule, names, same in ((METRIC, asked.metrics, SAME_METRIC), (ALERT, asked.alerts, ALERT_TYPES)):
        for name in names:
            params: dict[str, Value] = {"name": name, "names": same.get(name, (name,))}
            rules.append(
                rule.model_copy(update={"id": f"{rule.id}.{name}", "params": params, "place": at, "mandatory": False})
            )
    yield Policy(id="observability", section="observability_requirements", rules=tuple(rules), place=at)


def _own(form: PolicyForm, place: Place) -> Policy:
    """Return a governor's policy; its SQL is read when it is compiled."""
    assert form.id is not None
    policy = Policy(id=form.id, section="policies", prose=form.policy or "", mandatory=form.mandatory, place=place)
    if form.sql is None and form.require is None and form.python is None:
        return policy.model_copy(update={"why_not": "it has none of `require`, `sql` and `python`"})
    try:
        params = params_of(form.id, "", form.params)
    except Unreadable as reason:
        return policy.model_copy(update={"why_not": str(reason)})
    rule = PolicyRule(
        id=form.id, policy=form.id, over=form.over, when=form.when or "", require=form.require or "", sql=form.sql or "",
        python=form.python or "", severity=Severity(form.severity), enforce=tuple(Enforcement(e) for e in form.enforce),
        domains=tuple(form.domains),
        mandatory=form.mandatory, params=params, message=form.message or "", remedy=form.remedy or "",
        grace_until=_day(form.grace_until), opt_in=form.opt_in, place=place,
    )  # fmt: skip
    return policy.model_copy(update={"rules": (rule,)})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def not_executable(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Return the policies that no machine can judge."""
    return tuple(p for p in policies if p.why_not)
