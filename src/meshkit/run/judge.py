"""Observations to verdicts. Pure: the rules of docs/semantics.md, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from meshkit.model.check import Check, Kind
from meshkit.model.run import Observation, Outcome, RunResult, Verdict
from meshkit.model.table import Severity


def judge(check: Check, seen: Observation, *, is_draft: bool = False, sql: str = "", within: str = "") -> Verdict:
    """Judge one check.

    Args:
        check: What was asserted.
        seen: What was observed.
        is_draft: Whether its product is a draft, whose checks only warn.
        sql: The query that answers this check alone, to be shown.
        within: The slice that it was limited to, in words; empty = the whole table was looked at.
    """
    place = seen.place or check.place
    unit = seen.unit or check.threshold.unit
    refusal = check.refusal or seen.error
    if refusal:
        return Verdict(check=check, outcome=Outcome.ERRORED, message=refusal, unit=unit, place=place, sql=sql)
    skip = check.skip or seen.skip
    if skip:
        return Verdict(check=check, outcome=Outcome.SKIPPED, message=skip, unit=unit, place=place, sql=sql)
    if check.answer is not None:
        return _judge_answer(check, seen, is_draft=is_draft, sql=sql)
    value = _value(check, seen)
    outcome = Outcome.PASSED
    # A freshness of which there is no value at all is not met; for other kinds execution has reported an error.
    if value is None or not check.threshold.is_met(value):
        outcome = _missed(check, is_draft=is_draft)
    shown = float(value) if isinstance(value, Fraction) else value
    verdict = Verdict(
        check=check, outcome=outcome, bad=seen.bad, total=seen.total, value=shown, unit=unit, place=place, sql=sql,
        is_sliced=bool(within),
    )  # fmt: skip
    return verdict.model_copy(update={"message": _message(verdict, seen, within)})


def _judge_answer(check: Check, seen: Observation, *, is_draft: bool, sql: str) -> Verdict:
    """Judge a query that returns a text or a boolean. The answer itself may come from a row, and is not shown."""
    is_met = (seen.answer == check.answer) is not check.is_denied
    outcome = Outcome.PASSED if is_met else _missed(check, is_draft=is_draft)
    wanted = f"'{check.answer}'" if isinstance(check.answer, str) else str(check.answer).lower()
    is_same = "the answer" if seen.answer == check.answer else "another answer"
    message = f"{is_same}, must {'not ' if check.is_denied else ''}be {wanted}"
    return Verdict(check=check, outcome=outcome, unit=check.threshold.unit, message=message, place=check.place, sql=sql)


def _missed(check: Check, *, is_draft: bool) -> Outcome:
    is_mild = is_draft or check.severity in (Severity.INFO, Severity.WARNING)
    return Outcome.WARNED if is_mild else Outcome.FAILED


def _value(check: Check, seen: Observation) -> Fraction | Decimal | float | None:
    """Return what is compared with the threshold, in its unit. 0 of 0 is a share of 0, and complete."""
    if check.kind is Kind.COMPLETENESS:
        assert seen.bad is not None
        return 1 - (Fraction(seen.bad, seen.total) if seen.total else Fraction(0))
    if check.threshold.unit == "ratio" and seen.bad is not None:
        return Fraction(seen.bad, seen.total) if seen.total else Fraction(0)
    return Decimal(seen.bad) if seen.bad is not None else seen.value


def _message(verdict: Verdict, seen: Observation, within: str) -> str:
    check = verdict.check
    of_slice = f" of the slice {within}" if within else ""
    parts = [f"{verdict.seen() or 'no value'}{of_slice}, {_allowed(check)}"]
    if within and verdict.total == 0:
        parts.append("nothing in the slice to look at" if check.where or check.path else "the slice is empty")
    elif verdict.total == 0 and seen.bad is not None and verdict.unit == "rows":
        parts.append("the table is empty")
    if check.where:
        parts.append(f"where {check.where}")
    if seen.note:
        parts.append(seen.note)
    return "; ".join(parts)


def _allowed(check: Check) -> str:
    text = str(check.threshold)
    unit = " hours" if check.threshold.unit == "hours" else ""
    if text.startswith("<= "):
        return f"allowed {text.removeprefix('<= ')}{unit}"
    return f"must be {text.removeprefix('== ')}{unit}"


def exit_code(result: RunResult, fail_on: Severity | None) -> int:
    """Return the exit code of `meshkit check`; None = nothing that was missed fails.

    Source: docs/semantics.md, Outcomes and exit codes: the first that holds of 130, 2, 3, 1, 0.
    """
    if result.interrupted:
        return 130
    if any(p.severity is Severity.ERROR and not p.check for p in result.problems):
        return 2
    outcomes = {v.outcome for v in result.verdicts}
    if Outcome.ERRORED in outcomes or outcomes <= {Outcome.SKIPPED}:
        return 3
    missed = [v for v in result.verdicts if v.is_missed]
    if fail_on is not None and any(_weight(v) >= fail_on.rank for v in missed):
        return 1
    return 0


def _weight(verdict: Verdict) -> int:
    """Return the rank a missed check counts with: one that only warned, as in a draft, counts as a warning at most."""
    rank = verdict.severity.rank
    return min(rank, Severity.WARNING.rank) if verdict.outcome is Outcome.WARNED else rank
