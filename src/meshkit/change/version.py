"""Whether a version says what its changes ask for (R01, R02), and has a right to break its readers (R03, R04, R06)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from meshkit.errors import Place
from meshkit.model.change import Bump, Change, Effect, Perspective, greatest
from meshkit.model.contract import Contract, Deprecation, Status
from meshkit.model.names import SEMVER, major_of, version_key
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

LEAST_DAYS = 30
"""So long a deprecated version is served on, at the least."""

PlaceOf = Callable[[Pointer], Place]


class Registry(NamedTuple):
    """What is known around the two versions.

    Attributes:
        today: The day on which the change is judged.
        perspective: From which side.
        place: Where a pointer leads in the new contract.
        parallel: The old version as it is served beside the new one; None where it is not.
        parallel_place: Where a pointer leads in that contract.
        consumers: Names by which each registered consumer may be notified; None where consumers are not known.
    """

    today: date
    perspective: Perspective
    place: PlaceOf
    parallel: Contract | None = None
    parallel_place: PlaceOf | None = None
    consumers: Sequence[Sequence[str]] | None = None


def is_unstable(contract: Contract) -> bool:
    """Tell whether a version makes no promise to last: 0.x, a pre-release, draft or beta."""
    found = SEMVER.fullmatch(contract.version)
    is_early = found is not None and (found[1] == "0" or found[4] is not None)
    return is_early or contract.status in (Status.BETA, Status.DRAFT)


def computed_version(version: str, bump: Bump | None) -> str:
    """Return the least version that may follow `version`. Of 0.x, the minor number stands for the major one.

    Source: Semantic Versioning 2.0.0, clauses 4 and 6 to 8.

    Example:
        >>> computed_version("2.0.0", Bump.MAJOR), computed_version("0.4.1", Bump.MAJOR), computed_version("2.0.0", None)
        ('3.0.0', '0.5.0', '2.0.0')
    """
    found = SEMVER.fullmatch(version)
    if bump is None or not found:
        return version
    major, minor, patch = (int(n) for n in found.groups()[:3])
    if found[4]:
        return f"{major}.{minor}.{patch}"
    if bump is Bump.MAJOR and major > 0:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if bump is Bump.PATCH else f"{major}.{minor + 1}.0"


def counted(changes: Sequence[Change]) -> list[Change]:
    """Return the changes that ask for another version: all but the end of a version itself, which R04 judges."""
    return [c for c in changes if not (c.id == "C06" and c.path == "status")]


def judge_version(old: Contract, new: Contract, changes: Sequence[Change], registry: Registry) -> tuple[Problem, ...]:
    """Return what stands in the way of a change; only warnings where nothing was promised yet (R06)."""
    found = counted(changes)
    bump = greatest(c.effect(registry.perspective).bump for c in found)
    problems = [
        *_number(old, new, bump, registry),
        *_declared(old, new, found, registry),
        *_rights(old, new, bump, registry),
        *_retirement(old, new, registry),
    ]
    is_open = is_unstable(old) or (is_unstable(new) and registry.parallel is not None)
    severity = Severity.WARNING if is_open else Severity.ERROR
    return tuple(p.model_copy(update={"severity": severity}) for p in problems)


def judge_removal(old: Contract, place: Place) -> Problem | None:
    """Judge a version whose file is gone and that no other one replaced (R04)."""
    if old.status is Status.RETIRED:
        return None
    severity = Severity.WARNING if is_unstable(old) else Severity.ERROR
    message = f"the contract of {old.product_id} {old.version} was deleted, but its status was {old.status}"
    hint = "deprecate it, set status: retired when its time is over, then delete it"
    return Problem(code="MK504", severity=severity, message=message, hint=hint, place=place, product=old.product_id)


def _number(old: Contract, new: Contract, bump: Bump | None, registry: Registry) -> list[Problem]:
    """R01: the version rises, and by enough."""
    computed = computed_version(old.version, bump)
    hint = f"raise it to {computed}"
    if bump is Bump.MAJOR:
        hint += f", which also needs a deprecation of {LEAST_DAYS} days; or take the breaking change back"
    if version_key(new.version) < version_key(old.version):
        message = f"version {new.version} is below {old.version}, which it follows"
    elif bump is not None and new.version == old.version:
        message = f"version {new.version} stays, but its content changed; the computed version is {computed}"
    elif version_key(new.version) < version_key(computed):
        message = f"version {new.version} is below the computed {computed}"
    else:
        return []
    return [_problem("MK501", message, hint, registry.place(("version",)), new)]


def _declared(old: Contract, new: Contract, changes: Sequence[Change], registry: Registry) -> list[Problem]:
    """R02: the changelog says of itself what the changes are."""
    entries = [
        e for e in new.changelog if version_key(old.version) < version_key(e.version) <= version_key(new.version)
    ]
    said = [e for e in entries if e.breaking is not None]
    if not said:
        return []
    entry = said[0]
    effects = {c.effect(registry.perspective): c for c in reversed(changes)}
    worst = effects.get(Effect.BREAKING) or effects.get(Effect.UNDETERMINED)
    is_said = any(e.breaking for e in said)
    place = registry.place((*entry.pointer, "breaking"))
    if worst is not None and not is_said:
        because = "" if worst.effect(registry.perspective) is Effect.BREAKING else ", and no decision is recorded"
        message = f"{entry.version} says breaking: false, but {worst.summary}{because}"
        return [_problem("MK502", message, "write breaking: true, or take the change back", place, new)]
    if worst is None and is_said:
        message = f"{entry.version} says breaking: true, but no change is breaking"
        return [_problem("MK502", message, "write breaking: false", place, new)]
    return []


def _rights(old: Contract, new: Contract, bump: Bump | None, registry: Registry) -> list[Problem]:
    """R03: a new major version gives its readers time, a guide, and the old version meanwhile."""
    old_major, new_major = major_of(old.version), major_of(new.version)
    if bump is not Bump.MAJOR or old_major is None or new_major is None or new_major <= old_major:
        return []  # R01 tells already
    parallel = registry.parallel
    if parallel is None and _is_over(old.deprecation, registry.today):
        return []
    if parallel is None:
        message = f"{new.version} breaks readers of {old.version}, which is not served beside it any more"
        hint = f"keep {old.version} in a file of its own, with status: deprecated, for {LEAST_DAYS} days"
        return [_problem("MK503", message, hint, registry.place(("version",)), new)]
    where = registry.parallel_place or registry.place
    deprecation = parallel.deprecation
    if parallel.status not in (Status.DEPRECATED, Status.RETIRED) or deprecation is None:
        message = f"{new.version} breaks readers of {old.version}, which is not deprecated"
        hint = f"in {old.version}, set status: deprecated, and deprecation: with announced and until"
        return [_problem("MK503", message, hint, where(("status",) if deprecation else ()), new)]
    return [
        _problem(
            "MK503",
            f"{new.version} breaks readers of {old.version}, but {lack}",
            hint,
            where(("deprecation", key)),
            new,
        )
        for key, lack, hint in _lacks(deprecation, registry.consumers)
    ]


def _lacks(deprecation: Deprecation, consumers: Sequence[Sequence[str]] | None) -> list[tuple[str, str, str]]:
    """Return what a deprecation lacks: the key, the words, and the way out."""
    lacks: list[tuple[str, str, str]] = []
    days = days_of_notice(deprecation)
    if days is None:
        lacks.append(("until", "its deprecation has no dates", "write announced and until"))
    elif days < LEAST_DAYS:
        lacks.append(("until", f"its deprecation lasts {days} days, not {LEAST_DAYS}", "move until to a later day"))
    if not deprecation.migration_guide:
        lacks.append(("migration_guide", "there is no migration guide", "name it; --migration-guide writes a skeleton"))
    missing = unnotified(deprecation, consumers or ())
    if missing:
        lacks.append(
            (
                "notified",
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not notified",
                "tell them, then add them to notified",
            )
        )
    elif consumers is None and not deprecation.notified:
        lacks.append(("notified", "nobody is notified", "tell the readers, then add them to notified"))
    return lacks


def unnotified(deprecation: Deprecation | None, consumers: Sequence[Sequence[str]]) -> list[str]:
    """Return the consumers that a deprecation does not name."""
    told = {n.casefold() for n in deprecation.notified} if deprecation else set()
    return [names[0] for names in consumers if not told & {n.casefold() for n in names}]


def days_of_notice(deprecation: Deprecation) -> int | None:
    """Return how many days lie between the announcement and the last day."""
    if not deprecation.announced or not deprecation.until:
        return None
    return (date.fromisoformat(deprecation.until) - date.fromisoformat(deprecation.announced)).days


def _is_over(deprecation: Deprecation | None, today: date) -> bool:
    """Tell whether the last day of a version has passed, after a long enough time."""
    if deprecation is None or (days_of_notice(deprecation) or 0) < LEAST_DAYS:
        return False
    return today > date.fromisoformat(deprecation.until)


def _retirement(old: Contract, new: Contract, registry: Registry) -> list[Problem]:
    """R04: a version ends after the day that its deprecation names, not before."""
    if new.status is not Status.RETIRED or old.status is Status.RETIRED or old.version != new.version:
        return []
    deprecation = new.deprecation or old.deprecation
    if deprecation is None or not deprecation.until:
        message = f"version {new.version} was retired without having been deprecated"
    elif registry.today <= date.fromisoformat(deprecation.until):
        message = f"version {new.version} was retired on {registry.today}, but it is promised until {deprecation.until}"
    else:
        return []
    return [_problem("MK504", message, "leave it deprecated until then", registry.place(("status",)), new)]


def _problem(code: str, message: str, hint: str, place: Place, contract: Contract) -> Problem:
    return Problem(code=code, message=message, hint=hint, place=place, product=contract.product_id)
