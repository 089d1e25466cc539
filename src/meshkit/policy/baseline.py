"""A baseline: a waiver for each of today's misses, so that a mesh with old ones can start, and anything worse is seen at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from meshkit.errors import UsageError
from meshkit.model.run import Outcome, RunResult, Verdict
from meshkit.model.units import parse_number
from meshkit.model.waiver import NewWaiver, amount_of, exact


class Terms(NamedTuple):
    """What a person says of all waivers of a baseline.

    Attributes:
        until: The last day, in UTC, on which they hold.
        reason: Why.
        approved_by: Who allows them.
    """

    until: date
    reason: str
    approved_by: str


class PolicyMiss(NamedTuple):
    """A violation of a policy that no waiver covers.

    Attributes:
        policy: The policy's id.
        subject: The product, or product.column, that violates it.
        bad: What was counted, where the policy counts.
        refused: Who may not approve it: for a mandatory policy, the product's own team, contact and product owner.
    """

    policy: str
    subject: str
    bad: int | None = None
    refused: tuple[str, ...] = ()


class NotWaivable(NamedTuple):
    """What is missed and cannot be waived, and why."""

    id: str
    reason: str


class Baseline(NamedTuple):
    """What a baseline would add, in order, and what it cannot cover."""

    waivers: tuple[NewWaiver, ...] = ()
    not_waivable: tuple[NotWaivable, ...] = ()


def read_terms(until: str, reason: str, approved_by: str, today: date, *, is_long: bool = False) -> Terms:
    """Read what a person says of a baseline.

    Args:
        until: A date after today, and unless `is_long` at most a year from it.
        reason: Why.
        approved_by: Who allows it.
        today: The day, in UTC.
        is_long: Whether it may hold for more than a year.

    Raises:
        UsageError: It is no such date, or a text is blank.
    """
    try:
        day = date.fromisoformat(until.strip())
    except ValueError:
        raise UsageError(f"--until '{until}' is not a date", "write it like 2027-01-31") from None
    if day <= today:
        raise UsageError(f"--until {day} is not in the future: today is {today}, in UTC", "name a later day")
    if day > _a_year_after(today) and not is_long:
        raise UsageError(
            f"--until {day} is more than a year away", "old misses are to be mended; --long allows it all the same"
        )
    for option, text in (("--reason", reason), ("--approved-by", approved_by)):
        if not text.strip():
            raise UsageError(f"{option} is blank", "a waiver says why it is there, and who allows it")
    return Terms(day, reason.strip(), approved_by.strip())


def baseline_of(
    result: RunResult, terms: Terms, several: Iterable[str] = (), policy_misses: Iterable[PolicyMiss] = ()
) -> Baseline:
    """Return a waiver for each check that failed or warned, and for each violation, in the order of their ids.

    Args:
        result: A run, in which what a waiver covers already is waived.
        terms: What is said of all of them.
        several: Ids of products of which the mesh has several versions: each version has waivers of its own.
        policy_misses: Violations of policies.
    """
    many = frozenset(several)
    waivers: list[NewWaiver] = []
    refused: list[NotWaivable] = []
    for product in result.products:
        if product.outcome is Outcome.ERRORED and not product.verdicts:
            refused.append(NotWaivable(f"{product.id}@{product.version}", "its contract has errors"))
        subject = f"{product.id}@{product.version}" if product.id in many else product.id
        waivers += [_of_check(v, subject, terms) for v in product.verdicts if v.is_missed]
        refused += [NotWaivable(v.id, v.message) for v in product.verdicts if v.outcome is Outcome.ERRORED]
    of_policies = _of_policies(list(policy_misses), terms)
    for found in of_policies:
        if isinstance(found, NotWaivable):
            refused.append(found)
        else:
            waivers.append(found)
    waivers.sort(key=lambda w: (w.policy, w.check, w.subject))
    return Baseline(tuple(waivers), tuple(sorted(refused)))


def not_there(waivers: Iterable[NewWaiver], listed: Iterable[object]) -> tuple[NewWaiver, ...]:
    """Leave out the waivers that a file has already: for the same, with the same cap, and at least as long.

    Args:
        waivers: What would be added.
        listed: The entries of the file, as plain values.
    """
    until: dict[tuple[str, ...], str] = {}
    for entry in listed:
        if isinstance(entry, dict):
            key = _key(entry)
            until[key] = max(until.get(key, ""), str(entry.get("until")))
    return tuple(w for w in waivers if until.get(_key(w.values()), "") < w.until.isoformat())


def _key(entry: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(entry.get(name)) for name in ("policy", "check", "subject", "cap"))


def _of_check(verdict: Verdict, subject: str, terms: Terms) -> NewWaiver:
    amount = amount_of(verdict.check, verdict.bad, verdict.value)
    cap = None if amount is None else _cap(exact(amount))
    note = "" if cap is not None else f"no cap: {verdict.check.kind} counts no rows"
    return NewWaiver(
        check=verdict.id, subject=subject, reason=terms.reason, approved_by=terms.approved_by, until=terms.until,
        cap=cap, note=note,
    )  # fmt: skip


def _cap(amount: Decimal) -> Decimal | None:
    """Return the number seen as a cap; none for what no cap can say."""
    if not amount.is_finite() or amount < 0:
        return None
    return parse_number(f"{amount.normalize():f}")


def _of_policies(misses: Sequence[PolicyMiss], terms: Terms) -> Iterator[NewWaiver | NotWaivable]:
    """Yield a waiver for each policy and subject; where several violations share them, up to what the worst one counts."""
    bad: dict[tuple[str, str], int] = {}
    for miss in misses:
        bad[miss.policy, miss.subject] = max(bad.get((miss.policy, miss.subject), 0), miss.bad or 0)
    first = {(m.policy, m.subject): m for m in reversed(misses)}
    for (policy, subject), miss in sorted(first.items()):
        own = {" ".join(name.split()).casefold() for name in miss.refused}
        if " ".join(terms.approved_by.split()).casefold() in own:
            yield NotWaivable(f"{policy} {subject}", f"{terms.approved_by} may not approve it: the product is his own")
            continue
        cap = None if miss.bad is None else Decimal(bad[policy, subject])
        yield NewWaiver(
            policy=policy, subject=subject, reason=terms.reason, approved_by=terms.approved_by, until=terms.until, cap=cap
        )  # fmt: skip


def _a_year_after(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
