"""The condition of a product: what its last run saw, what is promised and kept, and how it was before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from meshkit.model.base import Document
from meshkit.model.run import Outcome


class Knowledge(StrEnum):
    """What is known of a product by its runs.

    `stale`: its contract has checks that the last run did not answer, so that the run speaks for those alone that it did.
    """

    CHECKED = "checked"
    STALE = "stale"
    NEVER_CHECKED = "never checked"
    STOPPED = "stopped"


class LastRun(Document):
    """The newest run that speaks for a product: a check of all of it that ended.

    Attributes:
        version: Of the product.
        outcome: As the run ended then.
        hours: How long ago it began.
    """

    run_id: str
    version: str
    at: datetime
    hours: float
    outcome: str
    environment: str = ""
    kind: str = ""
    rows: int | None = None


class NotPassed(Document):
    """A check that is not passed today, by the last run.

    Attributes:
        outcome: Of today: freshness has aged since, and waivers are those that hold now.
        message: What the run said of it.
        waived_until: The last day of the waiver that covers it.
        waived_by: Who allows it.
    """

    id: str
    kind: str
    table: str
    column: str = ""
    severity: str
    outcome: Outcome
    bad: int | None = None
    total: int | None = None
    value: float | None = None
    unit: str = ""
    threshold: str = ""
    message: str = ""
    place: str = ""
    waived_until: date | None = None
    waived_by: str = ""


class Kept(StrEnum):
    """Whether a promise is kept."""

    KEPT = "kept"
    MISSED = "missed"
    UNKNOWN = "unknown"


class PromiseSeen(Document):
    """A promise of the service against what was measured.

    Attributes:
        name: `availability`, or the kind of check: `freshness`, `completeness`, `retention`, ...
        promised: In words, such as `<= 24 hours`.
        measured: In the promise's unit; of freshness as it is now.
        why: Why it is unknown.
    """

    name: str
    table: str = ""
    promised: str
    measured: float | None = None
    unit: str
    state: Kept
    why: str = ""


class RunPoint(Document):
    """One run in the trend.

    Attributes:
        state: `ended` or `interrupted`, which has no outcome.
        counts: Outcome -> checks that ended so.
        freshness_hours: The age of the data as that run saw it.
        completeness: The share of cells with a value.
    """

    run_id: str
    at: datetime
    version: str
    state: str
    outcome: str = ""
    rows: int | None = None
    counts: Mapping[str, int] = {}
    freshness_hours: float | None = None
    completeness: float | None = None


class Condition(Document):
    """How a product is, by its recorded runs; nothing is run for it.

    Attributes:
        outcome: Of today, over the checks that have an answer; None where nothing is known.
        counts: Outcome of today -> checks.
        unanswered: Ids of the contract's checks that the last run has no answer to: they are new, or assert something else now.
        quality: The health part of the product's score, 0 to 100, over what the last run answered.
        trend: Runs of this version, newest first.
        notes: What else must be known: runs of other versions only, a store that cannot be read.
    """

    product: str
    version: str
    status: str
    owner: str = ""
    knowledge: Knowledge
    outcome: Outcome | None = None
    checks: int = 0
    counts: Mapping[str, int] = {}
    last: LastRun | None = None
    not_passed: tuple[NotPassed, ...] = ()
    unanswered: tuple[str, ...] = ()
    promises: tuple[PromiseSeen, ...] = ()
    quality: float | None = None
    days: int = 30
    trend: tuple[RunPoint, ...] = ()
    notes: tuple[str, ...] = ()
