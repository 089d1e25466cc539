"""Where the numbers of rules are said in a governance file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from meshkit.errors import Place
from meshkit.model.governance import GovernanceForm
from meshkit.model.policy import PolicyRule
from meshkit.model.table import Pointer
from meshkit.policy.federation import PlaceOf
from meshkit.policy.prose import words_of


def place_of_number(
    rule: PolicyRule, name: str, form: GovernanceForm, place: PlaceOf, text_of: Callable[[str], str]
) -> Place | None:
    """Return where a rule's number is said: under `params:`, in a domain's demands, or in a line of prose.

    Args:
        text_of: Gives a file's whole text, in which lines of prose are looked for.
    """
    places = [place(pointer) for pointer in _stated(rule, name, form)]
    for at, key, prose in _prose(rule, form):
        words = words_of(rule.policy, name, prose)
        if words:
            start = place((*at, key), of_value=True)
            places.append(_found(words, start, text_of(start.file)))
    same = [p for p in places if rule.place is not None and p.file == rule.place.file]  # not the one that it extends
    return next(iter([*same, *places]), rule.place)


def _stated(rule: PolicyRule, name: str, form: GovernanceForm) -> Iterator[Pointer]:
    for domain in rule.domains:
        at: Pointer = ("governance", "domain_policies", domain)
        for position, change in enumerate(
            form.domain_policies[domain].policies if domain in form.domain_policies else ()
        ):
            if change.id == rule.policy and name in change.params:
                yield (*at, "policies", position, "params", name)
        if rule.policy == "data_quality":
            yield (*at, "data_quality", name)
    for section, names in _sections(form):
        for position, (called, params) in enumerate(names):
            if called == rule.policy and name in params:
                yield ("governance", section, position, "params", name)


def _sections(form: GovernanceForm) -> Iterator[tuple[str, list[tuple[str | None, dict[str, object]]]]]:
    yield "global_policies", [(p.name, p.params) for p in form.global_policies]
    yield "automated_policies", [(p.name, p.params) for p in form.automated_policies]
    yield "policies", [(p.id, p.params) for p in form.policies]


def _prose(rule: PolicyRule, form: GovernanceForm) -> Iterator[tuple[Pointer, str, str]]:
    for position, one in enumerate(form.global_policies):
        if one.name == rule.policy:
            yield ("governance", "global_policies", position), "policy", one.policy or ""
    for position, other in enumerate(form.automated_policies):
        if other.name == rule.policy:
            yield ("governance", "automated_policies", position), "check", other.check or ""


def _found(words: str, start: Place, text: str) -> Place:
    """Return where some words stand in a file, from a place on."""
    for number, line in enumerate(text.splitlines()[start.line - 1 :], start.line):
        column = line.find(words)
        if column >= 0:
            return Place(start.file, number, column + 1)
    return start
