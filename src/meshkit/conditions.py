"""The condition of one product as users ask for it: from its store alone, and nothing is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from meshkit.arguments import moment
from meshkit.errors import StoreError, UsageError
from meshkit.histories import open_store
from meshkit.known import answered_id, hours_between, judgement_of
from meshkit.lineages import Visible, product_seen
from meshkit.mesh import Mesh
from meshkit.model.check import Check, Kind
from meshkit.model.condition import Condition, Kept, Knowledge, LastRun, NotPassed, PromiseSeen, RunPoint
from meshkit.model.history import Availability, PastProductRun, PastVerdict, TrendAsked, TrendPoint
from meshkit.model.run import Judgement, Outcome, worst
from meshkit.model.units import format_ratio
from meshkit.model.waiver import Waiver, day_of
from meshkit.policy.score import health_share
from meshkit.policy.waiving import Waivings
from meshkit.product import Product
from meshkit.recording import environment_of

MAX_DAYS = 3650
MAX_RUNS = 90
"""Runs in the trend."""
_PROMISES = (
    Kind.FRESHNESS, Kind.COMPLETENESS, Kind.RETENTION, Kind.FREQUENCY, Kind.TIME_OF_AVAILABILITY, Kind.GENERAL_AVAILABILITY,
    Kind.END_OF_SUPPORT, Kind.END_OF_LIFE,
)  # fmt: skip
_OVER = timedelta(days=30)
_STATES = {
    Outcome.PASSED: Kept.KEPT, Outcome.WARNED: Kept.MISSED, Outcome.FAILED: Kept.MISSED, Outcome.WAIVED: Kept.MISSED,
}  # fmt: skip
_WORST_FIRST = (Outcome.ERRORED, Outcome.FAILED, Outcome.WARNED, Outcome.WAIVED, Outcome.SKIPPED)


class _Seen(NamedTuple):
    """What the store has of a product: its last run, that of another version, its availability, and its runs."""

    run: PastProductRun | None = None
    other: PastProductRun | None = None
    availability: Availability | None = None
    trend: Sequence[TrendPoint] = ()
    notes: tuple[str, ...] = ()


class _Answer(NamedTuple):
    """A check of today's contract, what the last run said of it, and what that means today."""

    check: Check
    said: PastVerdict
    judged: Judgement
    waiver: Waiver | None = None

    @property
    def outcome(self) -> Outcome:
        return Outcome.WAIVED if self.waiver else self.judged.outcome


def condition(
    mesh: Mesh,
    product: str,
    *,
    now: datetime | str | None = None,
    env: str | None = None,
    days: int = 30,
    visible: Visible | None = None,
) -> Condition:
    """Return how a product is, by the newest recorded run that speaks for it. Nothing is run, and no data is read.

    What was fresh then may be too old now, and waivers are those that hold now. Checks that were written or changed since that
    run are `unanswered`; what it said of their older forms does not count.

    Args:
        mesh: What `load` returned.
        product: The product's id.
        now: The clock; none = the present.
        env: The environment of `meshkit.yaml` whose runs count; none = the default one, or none.
        days: Over how many days the trend goes.
        visible: Whether a product may be shown; see `lineage`.

    Raises:
        UsageError: The product, the environment or the time is not known, or the days are out of range.

    Example:
        >>> import meshkit
        >>> str(condition(meshkit.load("sample_data/flights/operations/flights.yaml"), "flights").knowledge)
        'never checked'
    """
    if not 1 <= days <= MAX_DAYS:
        raise UsageError(f"a trend over {days} days", f"give 1 to {MAX_DAYS}")
    found, clock = product_seen(mesh, product, visible), moment(now)
    environment = environment_of(mesh, env)
    seen = _Seen(notes=("one file alone has no store: load the mesh folder",))
    if not mesh.is_alone:
        asked = TrendAsked(found.head.product_id, found.version, environment, clock - timedelta(days), MAX_RUNS)
        seen = _recorded(mesh, found, clock, env, asked)
    values = {
        "product": found.id, "version": found.version, "status": str(found.status), "owner": found.head.team, "days": days,
        "trend": tuple(_point(p) for p in seen.trend), "notes": (*seen.notes, *_notes(seen)),
        "last": _last(seen.run, clock) if seen.run else None,
    }  # fmt: skip
    if found.is_stopped:
        return Condition(knowledge=Knowledge.STOPPED, **values)
    answers = _answers(mesh, found, seen.run, clock) if seen.run else []
    answered = {a.check.id for a in answers}
    unanswered = tuple(c.id for c in found.checks if c.id not in answered)
    outcomes = Counter(a.outcome for a in answers)
    knowledge = Knowledge.NEVER_CHECKED if seen.run is None else Knowledge.STALE if unanswered else Knowledge.CHECKED
    judged = [a.judged._replace(outcome=a.outcome) for a in answers]
    return Condition(
        **values,
        knowledge=knowledge,
        outcome=worst(a.outcome for a in answers) if answers else None,
        checks=len(found.checks),
        counts={str(o): outcomes[o] for o in (*_WORST_FIRST, Outcome.PASSED) if outcomes[o]},
        not_passed=tuple(_not_passed(a) for o in _WORST_FIRST for a in answers if a.outcome is o),
        unanswered=unanswered if seen.run else (),
        promises=tuple(_promises(found, answers, seen)),
        quality=health_share(found.contract, judged) if answers else None,
    )


def _recorded(mesh: Mesh, product: Product, clock: datetime, env: str | None, asked: TrendAsked) -> _Seen:
    """Ask the store; where there is none, or it cannot be read, that is a note."""
    try:
        with open_store(mesh, env=env) as store:
            runs = store.last_runs([asked.product], environment=asked.environment)
            reached = store.availabilities([asked.product], environment=asked.environment, since=clock - _OVER)
            trend = store.trend(asked)
    except StoreError as error:
        what = "nothing was ever recorded" if error.code == "MK419" else f"the store cannot be read: {error.code}"
        return _Seen(notes=(what,))
    run = next((r for r in runs if r.version == product.version), None)
    others = sorted((r for r in runs if r.version != product.version), key=lambda r: r.run.started, reverse=True)
    return _Seen(run, others[0] if others else None, reached.get(asked.product), trend)


def _notes(seen: _Seen) -> Iterator[str]:
    if seen.run is None and seen.other is not None:
        yield f"only version {seen.other.version} was checked, on {seen.other.run.started:%Y-%m-%d}"
    newest = seen.trend[0].run if seen.trend else None
    if newest is not None and newest.run.state != "ended":
        yield f"a newer run of {newest.run.started:%Y-%m-%d %H:%M} UTC did not end ({newest.run.state})"


def _last(run: PastProductRun, now: datetime) -> LastRun:
    return LastRun(
        run_id=run.run.id, version=run.version, at=run.run.started, hours=hours_between(run.run.started, now),
        outcome=run.outcome or "", environment=run.run.environment or "", kind=run.run.kind, rows=run.rows,
    )  # fmt: skip


def _answers(mesh: Mesh, product: Product, run: PastProductRun, now: datetime) -> list[_Answer]:
    """Return the checks of today's contract that the run answered."""
    said = {answered_id(v.check_id, run): v for v in run.verdicts}
    found = []
    for check in product.checks:
        verdict = said.get(check.id.removeprefix(f"{check.product}."))
        judged = judgement_of(check, verdict, run, now)
        if judged is not None and verdict is not None:
            found.append(_Answer(check, verdict, judged))
    if not any(a.judged.is_missed for a in found):
        return found
    read = mesh.read_waivers()
    waivings = Waivings(read.waivers, day_of(now)) if read else None
    return [a._replace(waiver=waivings.of_check(a.judged, run.version)) for a in found] if waivings else found


def _not_passed(answer: _Answer) -> NotPassed:
    check, judged, waiver = answer.check, answer.judged, answer.waiver
    return NotPassed(
        id=check.id, kind=str(check.kind), table=check.table, column=check.part, severity=str(check.severity),
        outcome=answer.outcome, bad=judged.bad, total=judged.total, value=judged.value, unit=answer.said.unit,
        threshold=str(check.threshold), message=_message(answer), place=str(check.place),
        waived_until=waiver.until if waiver else None, waived_by=waiver.approved_by if waiver else "",
    )  # fmt: skip


def _message(answer: _Answer) -> str:
    """Return what the run said; of data that was new enough then and is too old now, that too."""
    said, value = answer.said.message, answer.judged.value
    if answer.check.kind is Kind.FRESHNESS and answer.said.outcome == Outcome.PASSED and value is not None:
        return f"{value:,.1f} hours by now, as far as is known; in that run {said}"
    return said


def _promises(product: Product, answers: Iterable[_Answer], seen: _Seen) -> Iterator[PromiseSeen]:
    """Yield what is promised of the service, whether anybody looked or not."""
    promised = product.contract.sla.availability
    if promised:
        reached = seen.availability
        shown = f">= {format_ratio(Decimal(promised))}"
        if reached is None or not reached.runs:
            why = "no run of the last 30 days tried to read its data"
            yield PromiseSeen(name="availability", promised=shown, unit="ratio", state=Kept.UNKNOWN, why=why)
        else:
            share = Fraction(reached.reached, reached.runs)
            kept = Kept.KEPT if share >= Fraction(Decimal(promised)) else Kept.MISSED
            yield PromiseSeen(name="availability", promised=shown, measured=float(share), unit="ratio", state=kept)
    by_id = {a.check.id: a for a in answers}
    for check in (c for c in product.checks if c.kind in _PROMISES):
        answer = by_id.get(check.id)
        unit = "" if check.threshold.unit == "ratio" else f" {check.threshold.unit}"
        state = _STATES.get(answer.outcome, Kept.UNKNOWN) if answer else Kept.UNKNOWN
        why = "" if state is not Kept.UNKNOWN else answer.said.message if answer else "no run has an answer"
        yield PromiseSeen(
            name=str(check.kind), table=check.table, promised=f"{check.threshold}{unit}", unit=check.threshold.unit,
            measured=answer.judged.value if answer else None, state=state, why=why,
        )  # fmt: skip


def _point(point: TrendPoint) -> RunPoint:
    counts: Counter[str] = Counter()
    for one in point.counts:
        counts[one.outcome] += one.verdicts
    oldest = [c.greatest for c in point.counts if c.kind == Kind.FRESHNESS and c.greatest is not None]
    least = [c.least for c in point.counts if c.kind == Kind.COMPLETENESS and c.least is not None]
    run = point.run
    return RunPoint(
        run_id=run.run.id, at=run.run.started, version=run.version, state=run.run.state, outcome=run.outcome or "",
        rows=run.rows, counts=dict(sorted(counts.items())), freshness_hours=max(oldest, default=None),
        completeness=min(least, default=None),
    )  # fmt: skip
