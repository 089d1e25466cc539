"""A run: what was observed, how it was judged, and the words for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from meshkit.errors import Place
from meshkit.model.base import Document
from meshkit.model.check import Check
from meshkit.model.contract import Status
from meshkit.model.metric import AlertResult, Observed
from meshkit.model.problem import Problem
from meshkit.model.reuse import Reuse
from meshkit.model.slice import SliceReport
from meshkit.model.table import Severity
from meshkit.model.threshold import Unit
from meshkit.model.units import format_number, format_ratio
from meshkit.model.waiver import Waiver, WaiverReport


class Outcome(StrEnum):
    """How a check, a product or a run ended."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    WAIVED = "waived"


_WORST_FIRST = (Outcome.ERRORED, Outcome.FAILED, Outcome.WARNED, Outcome.PASSED)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of the whole: waived counts as passed; only skipped, or nothing, is skipped."""
    found = {Outcome.PASSED if o is Outcome.WAIVED else o for o in outcomes}
    return next((o for o in _WORST_FIRST if o in found), Outcome.SKIPPED)


class Scope(StrEnum):
    """Whether a run looked at all of its products, at a part of them, or at tables that were put in the place of theirs."""

    FULL = "full"
    PARTIAL = "partial"
    OTHER = "other"


class Observation(Document):
    """Raw numbers of one check.

    Attributes:
        bad: Rows, cells or columns that miss it.
        total: All rows, cells or columns looked at.
        value: What is compared where it is no count of bad rows: the answer of a query, an age in hours, a ratio.
        answer: What a query returned where its check wants a text or a boolean.
        note: What to say besides, such as the rows in duplicate groups.
        error: Why no answer was had.
        skip: Why it was not looked at.
        place: A better place than the check's own, such as the column whose type is wrong.
        unit: Another unit than the threshold's, for values of text formats.
    """

    bad: int | None = None
    total: int | None = None
    value: Decimal | float | None = None
    answer: str | bool | None = None
    note: str = ""
    error: str = ""
    skip: str = ""
    place: Place | None = None
    unit: Unit | None = None


class Sample(Document):
    """Rows that miss a check: column names, and values in their order. Values of personal data are masked."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def counted(kind: str, unit: str) -> str:
    """Return what a check of a kind counts, as a noun: `rows`, `cells` or `columns`."""
    return "cells" if kind == "completeness" else unit if unit in ("columns", "cells") else "rows"


class Verdict(Document):
    """A judged check. `value` is what was compared with `check.threshold`, in its unit.

    `is_sliced` says whether it was judged on the rows of a slice alone; `waiver` is the one that covers it, where it is waived.
    """

    check: Check
    outcome: Outcome
    bad: int | None = None
    total: int | None = None
    value: Decimal | float | None = None
    unit: Unit
    message: str = ""
    sql: str = ""
    place: Place
    samples: Sample | None = None
    why: tuple[str, ...] = ()
    is_sliced: bool = False
    waiver: Waiver | None = None

    @property
    def id(self) -> str:
        """The check's id."""
        return self.check.id

    @property
    def severity(self) -> Severity:
        """The check's severity."""
        return self.check.severity

    @property
    def is_met(self) -> bool:
        """Whether the check had an answer and it is within the threshold."""
        return self.outcome in (Outcome.PASSED, Outcome.WAIVED)

    @property
    def is_missed(self) -> bool:
        """Whether the check had an answer and it is outside the threshold."""
        return self.outcome in (Outcome.WARNED, Outcome.FAILED)

    def seen(self) -> str:
        """Say what was seen of how many, for people: `8,255 of 336,776 rows (2.45%)`."""
        if self.bad is not None and self.total is not None:
            noun = counted(str(self.check.kind), self.unit)
            is_share = self.total and self.bad and noun != "columns"
            share = f" ({format_ratio(Decimal(self.bad) / self.total)})" if is_share else ""
            return f"{self.bad:,} of {self.total:,} {noun}{share}"
        if self.value is None:
            return ""
        if self.unit == "hours":
            return f"{format_number(round(float(self.value), 1))} hours"
        return f"{format_number(self._rounded())}{' rows' if self.unit == 'rows' else ''}"

    def _rounded(self) -> Decimal | float:
        """Return the value in six digits, unless that would look as if the threshold were met, or were not."""
        assert self.value is not None
        if not math.isfinite(self.value):
            return self.value
        rounded = Decimal(f"{self.value:.6g}")
        is_same = self.check.threshold.is_met(rounded) is self.check.threshold.is_met(self.value)
        return rounded if is_same and self.value != int(self.value) else self.value


class Judgement(NamedTuple):
    """What is left of a verdict when it was recorded: enough for policies and waivers. The names are those of `Verdict`."""

    check: Check
    outcome: Outcome
    bad: int | None = None
    total: int | None = None
    value: float | None = None

    @property
    def id(self) -> str:
        """The check's id."""
        return self.check.id

    @property
    def severity(self) -> Severity:
        """The check's severity."""
        return self.check.severity

    @property
    def is_met(self) -> bool:
        """Whether the check had an answer and it is within the threshold."""
        return self.outcome in (Outcome.PASSED, Outcome.WAIVED)

    @property
    def is_missed(self) -> bool:
        """Whether the check had an answer and it is outside the threshold."""
        return self.outcome in (Outcome.WARNED, Outcome.FAILED)


class ProductRun(Document):
    """One product in one run. A product that could not be read has no verdicts and ended as errored.

    `metrics` is what was measured of it, `alerts` the state of its alerts over them; neither changes its outcome.
    """

    id: str
    version: str
    domain: str
    status: Status = Status.ACTIVE
    owner: str = ""
    rows: int | None = None
    outcome: Outcome
    verdicts: tuple[Verdict, ...] = ()
    file: str = ""
    metrics: tuple[Observed, ...] = ()
    alerts: tuple[AlertResult, ...] = ()


class RunResult(Document):
    """One execution over the products of a mesh. Times are aware UTC; `slice` and `incremental` are None where not asked for,
    and `waivers` where the mesh has none. `run_id` is its id in the store; empty = it is not recorded. `clock` is the time that
    ages were measured at; `environment` is that of `meshkit.yaml` in which it was made, empty = none.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    started_at: datetime
    finished_at: datetime
    meshkit_version: str
    interrupted: bool = False
    scope: Scope = Scope.FULL
    run_id: str = ""
    environment: str = ""
    clock: datetime | None = None
    products: tuple[ProductRun, ...] = ()
    slice: SliceReport | None = None
    incremental: Reuse | None = None
    waivers: WaiverReport | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All verdicts, product by product."""
        return tuple(v for p in self.products for v in p.verdicts)
