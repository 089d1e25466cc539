"""Policies as governors write them: listed, explained, tested, and tried over a mesh. Wires rooms, and holds no rule."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from meshkit.errors import ContractError, MeshkitError, Place, UsageError
from meshkit.governing import agreed, govern
from meshkit.known import Known
from meshkit.loading.policy_files import PolicyFile, made_up_product, read_policies
from meshkit.loading.tree import MeshFiles
from meshkit.mesh import Mesh, load
from meshkit.model.governance import GovernanceForm, PolicyForm, PolicyTestForm
from meshkit.model.names import did_you_mean
from meshkit.model.policy import Over, Policy, PolicyRule
from meshkit.model.policy_rows import ROWS
from meshkit.model.policy_work import (
    DomainHit,
    ExplainedPolicy,
    ExplainedRule,
    Number,
    TestedPolicies,
    TestedPolicy,
    Trial,
)
from meshkit.model.problem import Problem
from meshkit.model.table import Severity
from meshkit.policy.binding import bind
from meshkit.policy.evaluate import Evaluation
from meshkit.policy.federation import PlaceOf
from meshkit.policy.linting import lint_policies
from meshkit.policy.numbers import place_of_number
from meshkit.policy.statement import columns_read, compile_rule
from meshkit.sql.policies import shown_value


def explain_policy(mesh: Mesh, policy_id: str) -> tuple[ExplainedPolicy, ...]:
    """Explain the policies of an id: prose, rules, numbers with their places, columns and SQL.

    Raises:
        UsageError: No policy is called so.
    """
    policies = agreed(mesh).policies
    found = [p for p in policies if p.id == policy_id]
    if not found:
        known = sorted({p.id for p in policies})
        hint = did_you_mean(policy_id, known) or f"known: {', '.join(known) or 'none'}"
        raise UsageError(f"no policy is called '{policy_id}'", hint)
    source, form = mesh.source_of("governance"), mesh.governance
    assert form is not None
    return tuple(
        ExplainedPolicy(policy=p, rules=tuple(_explained(r, form, source.place, source.text_of) for r in p.rules))
        for p in found
    )


def _explained(rule: PolicyRule, form: GovernanceForm, place: PlaceOf, text_of: Callable[[str], str]) -> ExplainedRule:
    numbers = tuple(
        Number(name=name, value=shown_value(value), place=place_of_number(rule, name, form, place, text_of))
        for name, value in rule.params.items()
        if rule.python or f"params.{name}" in f"{rule.when} {rule.require} {rule.message} {rule.sql}"
    )
    try:
        compiled = compile_rule(rule, 0)
    except MeshkitError as error:
        return ExplainedRule(rule=rule, numbers=numbers, columns=(), sql="", refusal=error.what)
    columns = tuple((name, _meaning(rule, name)) for name in sorted(columns_read(rule)))
    return ExplainedRule(rule=rule, numbers=numbers, columns=columns, sql="" if rule.python else compiled.sql)


def _meaning(rule: PolicyRule, name: str) -> str:
    owner, _, column = name.partition(".")
    return ROWS[Over.PRODUCT if owner == "product" else rule.over][column].text


def test_policies(path: str | os.PathLike[str] = ".") -> TestedPolicies:
    """Run the tests of governors' own policies.

    Args:
        path: A mesh folder, or a file of policies.

    Raises:
        ContractError: The path is not there, or its policies cannot be read.
    """
    given = Path(path)
    if given.is_file():
        file = read_policies(given)
        _refuse(file.problems)
        return _tested(file.form, file.place, {"governance": (file.form, file.source)}, file)
    mesh = load(given)
    form = mesh.governance
    if form is None:
        return TestedPolicies(tests=(), untested=())
    source = mesh.source_of("governance")
    files: dict[str, tuple[Any, Any]] = {"governance": (form, source)}
    if mesh.organization is not None:
        files["organization"] = (mesh.organization, mesh.source_of("organization"))
    return _tested(form, source.place, files, None)


test_policies.__test__ = False  # type: ignore[attr-defined]  # its name means tests of policies


def _tested(form: GovernanceForm, place: PlaceOf, files: dict[str, Any], file: PolicyFile | None) -> TestedPolicies:
    bound, _ = bind(form, place)
    policies = {p.id: p for p in bound if p.section == "policies"}
    tests = [
        _test(own, test, policies[own.id], place(("governance", "policies", i, "tests", j)), files)
        for i, own in enumerate(form.policies)
        for j, test in enumerate(own.tests)
        if own.id in policies
    ]
    untested = tuple(p.id for p in form.policies if p.id in policies and not p.tests)
    return TestedPolicies(tests=tuple(tests), untested=untested)


def _test(own: PolicyForm, test: PolicyTestForm, policy: Policy, place: Place, files: dict[str, Any]) -> TestedPolicy:
    said = TestedPolicy(policy=policy.id, name=test.name or "", place=place)
    try:
        messages = [v.message for v in _judged(own, test, policy, files).violations]
    except MeshkitError as error:
        return said.model_copy(update={"refusal": f"{error.code} {error.what}"})
    missing, surplus = [], list(messages)
    for wanted in sorted(test.expect, key=len, reverse=True):  # the most exact first, so that a part takes no whole
        met = next((m for m in surplus if wanted in m), None)
        if met is None:
            missing.append(wanted)
        else:
            surplus.remove(met)
    return said.model_copy(update={"missing": tuple(missing), "surplus": tuple(surplus)})


def _judged(own: PolicyForm, test: PolicyTestForm, policy: Policy, files: dict[str, Any]) -> Evaluation:
    if policy.why_not:
        raise ContractError(f"the policy is not executable: {policy.why_not}", code="MK426")
    loaded = made_up_product({**_defaults(own), **test.product}, f"the test's product of {policy.id}")
    wrong = [p for p in loaded.problems if p.severity is Severity.ERROR]
    if wrong:
        raise ContractError(f"the test's product: {wrong[0].message}", wrong[0].hint, code=wrong[0].code)
    found = govern(Mesh(MeshFiles(Path(), [loaded], files, [], 0)), known=Known(), policies=[policy])
    if found.broken:
        raise found.broken[0].error
    return found


def _defaults(own: PolicyForm) -> dict[str, Any]:
    opted = {"policies": [own.id]} if own.opt_in else {}
    domain = own.domains[0] if own.domains else "tested"
    return {"name": "tested", "version": "1.0.0", "domain": domain, "description": "Made up for a test.", **opted}


def try_policies(
    mesh: Mesh,
    file: str | os.PathLike[str],
    *,
    now: datetime | str | None = None,
    known: Known | None = None,
) -> tuple[Trial, ...]:
    """Say what draft policies would find in a mesh. Nothing is changed.

    Args:
        file: A file with a list of `policies:`, or with one policy.

    Raises:
        ContractError: The file or a policy in it cannot be read.
    """
    drafts = read_policies(Path(file))
    domains = dict.fromkeys(p.domain for p in mesh.products)
    declared = [d.name for d in mesh.organization.domains if d.name] if mesh.organization else []
    form = GovernanceForm(policies=drafts.form.policies)
    _refuse([*drafts.problems, *lint_policies(form, drafts.place, list({**domains, **dict.fromkeys(declared)}))])
    policies, _ = bind(form, drafts.place)
    found = govern(mesh, now=now, known=known, policies=policies)
    return tuple(_trials(policies, found))


def _trials(policies: Sequence[Policy], found: Evaluation) -> Iterator[Trial]:
    in_domain = Counter(p.domain for p in found.products)
    refused: Mapping[str, str] = {
        **{rule: why for p in found.products for rule, why in p.unknown},
        **{b.rule.id: f"it cannot be evaluated: {b.error.what}" for b in found.broken},
    }
    by_policy: dict[str, list[Any]] = {p.id: [] for p in policies}
    bound = Counter(i for p in found.products for i in p.evaluated)
    for product in found.products:
        for violation in product.violations:
            by_policy[violation.policy_name].append((product.domain, violation))
    for policy in policies:
        hits = {d: len({v.product for domain, v in by_policy[policy.id] if domain == d}) for d in in_domain}
        yield Trial(
            id=policy.id, severity=policy.rules[0].severity if policy.rules else Severity.ERROR,
            products=len(found.products), bound=bound[policy.id],
            domains=tuple(DomainHit(domain=d, products=n, hit=hits[d]) for d, n in sorted(in_domain.items()) if hits[d]),
            violations=tuple(v for _, v in by_policy[policy.id]), refusal=policy.why_not or refused.get(policy.id, ""),
        )  # fmt: skip


def _refuse(problems: Sequence[Problem]) -> None:
    for problem in problems:
        if problem.severity is Severity.ERROR:
            raise ContractError(problem.message, problem.hint, problem.place, code=problem.code)
