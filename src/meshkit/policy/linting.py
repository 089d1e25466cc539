"""What is wrong with the policies of a governance file, found without looking at any product."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.governance import GovernanceForm, PolicyForm
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Over, Policy, PolicyRule
from meshkit.model.policy_rows import ROWS, TABLES
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity
from meshkit.policy.binding import bind
from meshkit.policy.builtin import BUILT_IN, known_params
from meshkit.policy.evaluate import try_out
from meshkit.policy.federation import PlaceOf
from meshkit.policy.plugins import plugin_named
from meshkit.sql.policies import Row, compile_expression, compile_message, compile_select

OF_DOMAINS = ("data_quality", "access_control")
TAKEN = frozenset({*BUILT_IN, *OF_DOMAINS, "observability"})
"""Ids that mean policies of meshkit's own."""

_PARAM = re.compile(r"\bparams\.(\w+)", re.IGNORECASE)


class Opted(NamedTuple):
    """What one product takes on under `policies:`, and where a pointer leads in its file."""

    product: str
    policies: Sequence[str]
    place: PlaceOf


def lint_policies(form: GovernanceForm, place: PlaceOf, domains: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a governance file's policies.

    Args:
        domains: The domains that somebody declared, or that a product has; none = not known.
    """
    policies, problems = bind(form, place)
    found = [*problems, *_ids(form, place), *_domains(form, place, domains), *_unread(form, place)]
    found += _not_executable(policies)
    rules = {r.policy: r for p in policies if p.section == "policies" for r in p.rules}
    sound = {}
    for position, own in enumerate(form.policies):
        at: Pointer = ("governance", "policies", position)
        told = list(_expressions(own, at, place, rules.get(own.id or "")))
        found += told
        if not told and own.id in rules and own.python is None and rules[own.id].place == place(at):
            sound[rules[own.id].policy] = (rules[own.id], at)
    return found + list(_tried(list(sound.values()), place))


def lint_opted(form: GovernanceForm, opted: Sequence[Opted]) -> Iterator[Problem]:
    """Note policies that products take on and nobody has."""
    known = sorted({*_named(form), *OF_DOMAINS, "observability"})
    for one in opted:
        for position, name in enumerate(one.policies):
            if name not in known:
                yield Problem(
                    code="MK420", message=f"no policy is called '{name}'", hint=did_you_mean(name, known),
                    place=one.place(("policies", position), of_value=True), product=one.product, severity=Severity.WARNING,
                )  # fmt: skip


def _named(form: GovernanceForm) -> list[str]:
    given = [p.name for p in form.global_policies] + [p.name for p in form.automated_policies]
    return [name for name in (*given, *(p.id for p in form.policies)) if name]


def _ids(form: GovernanceForm, place: PlaceOf) -> Iterator[Problem]:
    """Note ids that stand twice, and governors' ids that mean a policy of meshkit's own."""
    seen: dict[str, Pointer] = {}
    sections = (
        ("global_policies", "name", [p.name for p in form.global_policies]),
        ("automated_policies", "name", [p.name for p in form.automated_policies]),
        ("policies", "id", [p.id for p in form.policies]),
    )
    for section, key, names in sections:
        for position, name in enumerate(names):
            at: Pointer = ("governance", section, position, key)
            if name is None:
                yield _problem("MK104", f"a policy without {key}", f"write {key}:", at[:-1], place)
            elif name in seen and place(seen[name]).file != place(at).file:
                continue  # an extended policy and what the mesh says of it: `extending` tells what is wrong there
            elif name in seen:
                hint = f"the first stands at {place(seen[name])}; it alone is evaluated"
                yield _problem("MK425", f"a second policy '{name}'", hint, at, place)
            elif section == "policies" and name in TAKEN:
                yield _problem("MK425", f"'{name}' is a policy of meshkit's own", "give it another id", at, place)
            else:
                seen[name] = at


def _domains(form: GovernanceForm, place: PlaceOf, known: Sequence[str]) -> Iterator[Problem]:
    if not known:
        return
    for domain in form.domain_policies:
        if domain not in known:
            at: Pointer = ("governance", "domain_policies", domain)
            yield _problem("MK428", f"no domain is called '{domain}'", did_you_mean(domain, known), at, place)
    for position, own in enumerate(form.policies):
        for no, domain in enumerate(own.domains):
            if domain not in known:
                at = ("governance", "policies", position, "domains", no)
                yield _problem("MK428", f"no domain is called '{domain}'", did_you_mean(domain, known), at, place)


def _unread(form: GovernanceForm, place: PlaceOf) -> Iterator[Problem]:
    """Note params that no rule reads: a misspelt number would change nothing, and nobody would know."""
    read: dict[str, Sequence[str]] = dict(known_params())
    read = {p.id: _read_by(p) for p in reversed(form.policies) if p.id and p.python is None} | read
    given: list[tuple[str | None, Mapping[str, object], Pointer]] = [
        *((p.name, p.params, ("governance", "global_policies", i)) for i, p in enumerate(form.global_policies)),
        *((p.name, p.params, ("governance", "automated_policies", i)) for i, p in enumerate(form.automated_policies)),
        *((p.id, p.params, ("governance", "policies", i)) for i, p in enumerate(form.policies)),
    ]
    for domain, bound in form.domain_policies.items():
        given += [
            (p.id, p.params, ("governance", "domain_policies", domain, "policies", i))
            for i, p in enumerate(bound.policies)
        ]
    for name, params, at in given:
        for param in params:
            if name in read and param not in read[name]:
                hint = did_you_mean(param, read[name]) or f"it reads {', '.join(read[name]) or 'none'}"
                yield _problem("MK429", f"'{name}' reads no number '{param}'", hint, (*at, "params", param), place)


def _read_by(form: PolicyForm) -> list[str]:
    said = " ".join(t or "" for t in (form.when, form.require, form.message, form.remedy))
    return sorted(set(_PARAM.findall(said)))


def _not_executable(policies: Sequence[Policy]) -> Iterator[Problem]:
    """Warn of policies that should have been executable: prose alone is no mistake."""
    for policy in policies:
        if policy.why_not and policy.place and (policy.id in BUILT_IN or policy.section == "policies"):
            message = f"policy '{policy.id}' is not executable: {policy.why_not}"
            yield Problem(
                code="MK426", severity=Severity.WARNING, message=message, hint="no product can be held to it",
                place=policy.place,
            )  # fmt: skip


def _expressions(form: PolicyForm, at: Pointer, place: PlaceOf, rule: PolicyRule | None) -> Iterator[Problem]:
    """Compile each expression of one policy."""
    row = Row(tuple(ROWS[Over(form.over)]), tuple(ROWS[Over.PRODUCT]), rule.params if rule else form.params)
    readers: dict[str, Callable[[str], object]] = {
        "when": lambda text: compile_expression(text, row),
        "require": lambda text: compile_expression(text, row),
        "sql": lambda text: compile_select(text, TABLES.values()),
        "python": plugin_named,
    }
    if form.sql is None and form.python is None:
        readers["message"] = lambda text: compile_message(text, row)
    stated = [key for key in ("require", "sql", "python") if getattr(form, key) is not None]
    if len(stated) > 1:
        hint = "write one of them; `when` goes with `require`"
        yield _problem("MK103", f"'{form.id}' has {' and '.join(stated)}", hint, (*at, stated[1]), place)
    for key, read in readers.items():
        text = getattr(form, key)
        if text is not None:
            try:
                read(text)
            except MeshkitError as error:
                where = place((*at, key), of_value=True)
                message = f"policy '{form.id}': {error.what}"
                yield Problem(code=error.code, message=message, hint=error.hint, place=where)


def _tried(rules: Sequence[tuple[PolicyRule, Pointer]], place: PlaceOf) -> Iterator[Problem]:
    """Try each policy on rows without values: DuckDB refuses what compares a text with a number."""
    places = {rule.id: at for rule, at in rules}
    for one in try_out([r for r, _ in rules]) if rules else ():
        where = place((*places[one.rule.id], "sql" if one.rule.sql else "require"), of_value=True)
        message = f"policy '{one.rule.policy}': {one.error.what}"
        yield Problem(code=one.error.code, message=message, hint=one.error.hint, place=where)


def _problem(code: str, message: str, hint: str, at: Pointer, place: PlaceOf) -> Problem:
    return Problem(code=code, message=message, hint=hint, place=place(at))
