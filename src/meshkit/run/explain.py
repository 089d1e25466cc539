"""A job's decisions as a plan to be shown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meshkit.model.check import CLOCK_KINDS, SCHEMA_KINDS, Check
from meshkit.model.plan import PlannedStep, TablePlan
from meshkit.run.job import Answers, Job


def table_plan(product: str, job: Job, answers: Answers) -> TablePlan:
    """Return how the checks of a job are answered.

    Args:
        product: The product's id.
        job: The checks of one table.
        answers: What planning left there.
    """
    chosen = job.chosen()
    seen = answers.planner.target.seen if answers.planner else None
    hide = job.namespace.variables.hide
    steps = [
        *_by_kind(chosen, lambda c: c.kind in CLOCK_KINDS, "clock", "the clock alone answers"),
        *(
            _by_kind(chosen, lambda c: c.kind in SCHEMA_KINDS, "schema", "the data's own schema answers")
            if answers.planner
            else ()
        ),
        *(
            PlannedStep(
                how=step.how,
                checks=tuple(check.id for check in step.checks),
                reason=step.reason,
                sql=hide(answers.planner.text(step.statement)) if step.statement and answers.planner else "",
            )
            for step in sorted(answers.steps, key=lambda s: s.statement is not None)
        ),
    ]
    refused = [(c.id, reason) for c in chosen if (reason := _refusal(c, answers))]
    return TablePlan(
        product=product,
        table=job.table.name,
        rows=seen.rows if seen else None,
        files=seen.files if seen else 0,
        row_groups=answers.row_groups,
        steps=tuple(steps),
        refused=tuple(refused),
        slice=job.slice.words if job.slice.within is not None else "",
        whole=job.slice.words if job.slice.within is None else "",
    )


def _by_kind(checks: Sequence[Check], belongs: Callable[[Check], bool], how: str, reason: str) -> list[PlannedStep]:
    found = tuple(c.id for c in checks if belongs(c) and not c.refusal and not c.skip)
    return [PlannedStep(how=how, checks=found, reason=reason)] if found else []


def _refusal(check: Check, answers: Answers) -> str:
    observation = answers.observations.get(check.id)
    told = (observation.error or observation.skip) if observation else ""
    return check.refusal or check.skip or told
