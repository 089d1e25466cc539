"""Policies for people and programs: the list, one in full, what tests said, and what a draft would hit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from meshkit.model.policy import Policy, PolicyRule, PolicyViolation
from meshkit.model.policy_work import ExplainedPolicy, ExplainedRule, TestedPolicies, TestedPolicy, Trial
from meshkit.report.order import one_line
from meshkit.report.text import Paint, plain


def policy_as_dict(policy: Policy) -> dict[str, Any]:
    """Return a policy as plain values: the stable form of `meshkit policy list --format json`."""
    return {
        "id": policy.id,
        "section": policy.section,
        "place": str(policy.place) if policy.place else None,
        "mandatory": policy.mandatory,
        "enforce": _points(policy),
        "severities": _severities(policy),
        "domains": _domains(policy),
        "rules": [r.id for r in policy.rules],
        "executable": not policy.why_not,
        "why_not": policy.why_not or None,
    }


def _points(policy: Policy) -> list[str]:
    return list(dict.fromkeys(str(e) for r in policy.rules for e in r.enforce))


def _severities(policy: Policy) -> list[str]:
    ranked = sorted({r.severity for r in policy.rules}, key=lambda s: -s.rank)
    return [str(s) for s in ranked]


def _domains(policy: Policy) -> list[str]:
    """Return the domains that a policy binds; none = all. Domains that only tighten it are not listed."""
    if policy.domain:
        return [policy.domain]
    if any(not r.domains for r in policy.rules):
        return []
    return list(dict.fromkeys(d for r in policy.rules for d in r.domains))


def render_policies(policies: Sequence[Policy], paint: Paint = plain) -> str:
    """Render the list: one policy a line, and the reason below one that no machine can judge."""
    rows = [(p, _cells(p)) for p in policies]
    widths = [max((len(cells[i]) for _, cells in rows), default=0) for i in range(4)]
    lines = []
    for policy, cells in rows:
        padded = [c.ljust(w) for c, w in zip(cells, widths, strict=True)]
        place = paint(one_line(str(policy.place)), "place") if policy.place else ""
        lines.append(f"{paint(padded[0], 'name')}  {'  '.join(padded[1:])}  {place}".rstrip())
        if policy.why_not:
            lines.append(paint(f"  not executable: {one_line(policy.why_not)}", "warned"))
    executable = sum(not p.why_not for p in policies)
    lines.append(f"{len(policies)} {'policy' if len(policies) == 1 else 'policies'}, {executable} executable")
    return "\n".join(lines) + "\n"


def _cells(policy: Policy) -> tuple[str, str, str, str]:
    name = policy.id + (" (mandatory)" if policy.mandatory else "")
    binds = ", ".join(_domains(policy)) or ("-" if policy.why_not else "all domains")
    return one_line(name), "/".join(_severities(policy)) or "-", ", ".join(_points(policy)) or "-", one_line(binds)


def explained_as_dict(policy: ExplainedPolicy) -> dict[str, Any]:
    """Return a policy in full as plain values."""
    return policy_as_dict(policy.policy) | {
        "prose": policy.policy.prose or None,
        "rules": [_rule_as_dict(r) for r in policy.rules],
    }


def _rule_as_dict(explained: ExplainedRule) -> dict[str, Any]:
    rule = explained.rule
    return {
        "id": rule.id,
        "over": str(rule.over),
        "when": rule.when or None,
        "require": rule.require or None,
        "select": rule.sql or None,
        "python": rule.python or None,
        "severity": str(rule.severity),
        "enforce": [str(e) for e in rule.enforce],
        "domains": list(rule.domains),
        "grace_until": rule.grace_until.isoformat() if rule.grace_until else None,
        "message": rule.message or None,
        "remedy": rule.remedy or None,
        "params": [
            {"name": n.name, "value": n.value, "place": str(n.place) if n.place else None} for n in explained.numbers
        ],
        "columns": [{"name": name, "meaning": meaning} for name, meaning in explained.columns],
        "sql": explained.sql or None,
        "refusal": explained.refusal or None,
    }


def render_explained(policy: ExplainedPolicy, paint: Paint = plain, *, with_sql: bool = False) -> str:
    """Render a policy in full."""
    one = policy.policy
    where = f"  {paint(one_line(str(one.place)), 'place')}" if one.place else ""
    mandatory = "mandatory" if one.mandatory else "not mandatory"
    lines = [f"{paint(one_line(one.id), 'name')}  {mandatory}, {one.section}{where}"]
    if one.prose.strip():
        lines += ["", *(f"  {one_line(line)}".rstrip() for line in one.prose.strip().splitlines())]
    if one.why_not:
        lines += ["", paint(f"  not executable: {one_line(one.why_not)}", "warned")]
    for rule in policy.rules:
        lines += ["", *_rule_lines(rule, paint, with_sql=with_sql)]
    columns = dict(c for r in policy.rules for c in r.columns)
    if columns:
        width = max(map(len, columns))
        lines += ["", "columns read", *(f"  {name.ljust(width)}  {columns[name]}" for name in sorted(columns))]
    return "\n".join(lines) + "\n"


def _rule_lines(explained: ExplainedRule, paint: Paint, *, with_sql: bool) -> Iterator[str]:
    rule = explained.rule
    yield f"{paint(one_line(rule.id), 'name')}  {rule.severity}, at {', '.join(map(str, rule.enforce))}{_binds(rule)}"
    for key, text in (("over", str(rule.over)), ("when", rule.when), ("require", rule.require), ("sql", rule.sql),
                      ("python", rule.python), ("message", rule.message), ("remedy", rule.remedy)):  # fmt: skip
        if text and not (key == "over" and (rule.sql or rule.python)):
            yield f"  {key}: {one_line(' '.join(text.split()))}"
    for number in explained.numbers:
        place = f"  {paint(one_line(str(number.place)), 'place')}" if number.place else ""
        yield f"  params.{number.name} = {one_line(number.value)}{place}"
    if explained.refusal:
        yield paint(f"  cannot be evaluated: {one_line(explained.refusal)}", "failed")
    if with_sql and explained.sql:
        yield f"  {one_line(explained.sql)}"


def _binds(rule: PolicyRule) -> str:
    found = f", domains {', '.join(rule.domains)}" if rule.domains else ""
    found += f", not {', '.join(rule.but)}" if rule.but else ""
    found += ", opt in" if rule.opt_in else ""
    return one_line(found + (f", warns until {rule.grace_until}" if rule.grace_until else ""))


def tested_as_dict(tested: TestedPolicies) -> dict[str, Any]:
    """Return what tests said as plain values."""
    tests = [
        {
            "policy": t.policy, "name": t.name or None, "place": str(t.place), "passed": t.is_passed, "missing": list(t.missing),
            "surplus": list(t.surplus), "refusal": t.refusal or None,
        }
        for t in tested.tests
    ]  # fmt: skip
    return {"passed": tested.is_passed, "tests": tests, "untested": list(tested.untested)}


def render_tested(tested: TestedPolicies, paint: Paint = plain) -> str:
    """Render what tests said: one a line, and the difference below one that failed."""
    lines = [line for t in tested.tests for line in _test_lines(t, paint)]
    passed = sum(t.is_passed for t in tested.tests)
    lines.append(f"{passed} of {len(tested.tests)} tests of policies passed")
    if tested.untested:
        lines.append(paint(f"without tests: {one_line(', '.join(tested.untested))}", "faint"))
    return "\n".join(lines) + "\n"


def _test_lines(test: TestedPolicy, paint: Paint) -> Iterator[str]:
    word = paint("passed", "passed") if test.is_passed else paint("failed", "failed")
    name = f" - {test.name}" if test.name else ""
    yield f"{word}  {one_line(test.policy + name)}  {paint(one_line(str(test.place)), 'place')}"
    if test.refusal:
        yield f"  cannot be run: {one_line(test.refusal)}"
    yield from (f"  - expected, not found: {one_line(text)}" for text in test.missing)
    yield from (f"  + found, not expected: {one_line(text)}" for text in test.surplus)


def trial_as_dict(trial: Trial) -> dict[str, Any]:
    """Return what a draft would hit as plain values."""
    return {
        "id": trial.id,
        "severity": str(trial.severity),
        "products": trial.products,
        "bound": trial.bound,
        "hit": trial.hit,
        "refusal": trial.refusal or None,
        "domains": [{"domain": d.domain, "products": d.products, "hit": d.hit} for d in trial.domains],
        "violations": [
            {"product": v.product, "field": v.field, "message": v.message, "place": str(v.place) if v.place else None}
            for v in trial.violations
        ],
    }


def render_trial(trial: Trial, paint: Paint = plain, *, limit: int = 20) -> str:
    """Render whom a draft would hit, by domain and product.

    Args:
        limit: So many violations are shown; 0 = all.
    """
    share = f"{trial.hit:,} of {trial.products:,} products"
    lines = [f"{paint(one_line(trial.id), 'name')}  {trial.severity}: {share} would be hit, it binds {trial.bound:,}"]
    if trial.refusal:
        lines.append(paint(f"  {one_line(trial.refusal)}", "failed"))
    lines += [f"  {one_line(d.domain)}: {d.hit:,} of {d.products:,}" for d in trial.domains]
    shown = trial.violations[:limit] if limit else trial.violations
    lines += [_hit(v, paint) for v in shown]
    left = len(trial.violations) - len(shown)
    if left:
        lines.append(paint(f"  ... and {left:,} more violations; --limit 0 shows all", "faint"))
    return "\n".join(lines) + "\n"


def _hit(violation: PolicyViolation, paint: Paint) -> str:
    place = f"{paint(one_line(str(violation.place)), 'place')}: " if violation.place else ""
    return f"  {place}{one_line(violation.product)}: {one_line(violation.message)}"
