"""What was recorded of earlier runs, and what governance adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from meshkit.errors import StoreError
from meshkit.model.names import did_you_mean


class RunKind(StrEnum):
    """What a run was for."""

    CHECK = "check"
    GOVERN = "govern"
    INCREMENTAL = "incremental"


class RunState(StrEnum):
    """How far a run came. One whose process is gone was interrupted, whatever it could still write."""

    RUNNING = "running"
    ENDED = "ended"
    INTERRUPTED = "interrupted"


class Circumstances(NamedTuple):
    """Where and by whom a run was made; nothing of it is personal unless somebody says so, and nothing is secret.

    Attributes:
        meshkit_version: Of the program.
        revision: The commit that the mesh folder's checkout is at.
        environment: Of `meshkit.yaml`.
        engine: The engine's name, or its URL without secrets.
        actor: Who ran it, by `MESHKIT_ACTOR`.
    """

    meshkit_version: str
    revision: str | None = None
    environment: str | None = None
    engine: str | None = None
    actor: str | None = None


class PastRun(NamedTuple):
    """A run as it was recorded. `scope` is `full`, `partial` (chosen checks, or a slice) or `other` (tables put in place);
    `clock` is the time that ages were measured at.
    """

    id: str
    kind: str
    scope: str
    state: str
    outcome: str | None
    started: datetime
    ended: datetime | None
    clock: datetime | None
    meshkit_version: str
    revision: str | None = None
    environment: str | None = None
    engine: str | None = None
    actor: str | None = None


class PastVerdict(NamedTuple):
    """A verdict as it was recorded: no rows, no samples, no SQL.

    `definition` is `Check.definition` of what was asserted; None where the report of an older meshkit was imported.
    """

    check_id: str
    kind: str
    table: str
    column: str | None
    severity: str
    outcome: str
    bad: int | None
    total: int | None
    value: float | None
    unit: str
    threshold: str
    message: str
    place: str
    definition: str | None = None


class PastProductRun(NamedTuple):
    """One product in a recorded run.

    Attributes:
        outcome: None where the run was interrupted before it was written.
        reached: Whether its data was there; None where that was not tried.
    """

    run: PastRun
    product: str
    version: str
    status: str | None
    owner: str | None
    rows: int | None
    outcome: str | None
    reached: bool | None
    verdicts: tuple[PastVerdict, ...] = ()


class Availability(NamedTuple):
    """In how many runs the data was reached, of those that tried."""

    reached: int
    runs: int


class History(NamedTuple):
    """The last runs of a product, newest first, and its availability over 30 days."""

    product: str
    runs: tuple[PastProductRun, ...]
    availability: Availability

    def trend(self, check: str) -> tuple[str, tuple[tuple[PastProductRun, PastVerdict], ...]]:
        """Return the id of a check and its verdict in each of these runs that has one.

        Args:
            check: Its id, or the end of it, as `customer_id.not_null`.

        Raises:
            StoreError: MK419, no run has such a check, or several are meant.
        """
        ids = sorted({v.check_id for run in self.runs for v in run.verdicts})
        found = [i for i in ids if i == check] or [i for i in ids if i.endswith(f".{check}")]
        if len(found) > 1:
            raise StoreError(f"'{check}' could be {' or '.join(found[:5])}", "give the whole id", code="MK419")
        if not found:
            hint = did_you_mean(check, ids) or "ask for more runs with --limit"
            raise StoreError(f"no verdict of '{check}' is among these {len(self.runs)} runs", hint, code="MK419")
        verdicts = ((run, v) for run in self.runs for v in run.verdicts if v.check_id == found[0])
        return found[0], tuple(verdicts)


class OutcomeCount(NamedTuple):
    """How many verdicts of a run are of one kind and outcome, with the least and the greatest value among them."""

    kind: str
    outcome: str
    verdicts: int
    least: float | None
    greatest: float | None


class TrendAsked(NamedTuple):
    """Which runs are wanted: of a product's version in an environment (None = those without one), at most `limit` since a time."""

    product: str
    version: str
    environment: str | None
    since: datetime
    limit: int


class TrendPoint(NamedTuple):
    """One run of a product, its verdicts counted."""

    run: PastProductRun
    counts: tuple[OutcomeCount, ...]


class Evaluation(NamedTuple):
    """One policy, evaluated for one product.

    Attributes:
        at_point: pr, publish, query or schedule.
        outcome: violated, waived, grace, unknown or met.
        waiver: What permits it, where it is waived.
    """

    product: str
    version: str
    at_point: str
    policy: str
    severity: str
    outcome: str
    message: str = ""
    place: str = ""
    remedy: str = ""
    waiver: str | None = None


class Metric(NamedTuple):
    """A number that was measured of a table or of one of its columns (else empty); `detail` is a distribution, or a drift."""

    product: str
    version: str
    table: str
    column: str
    metric: str
    value: float | None = None
    detail: Mapping[str, Any] | None = None


class Publication(NamedTuple):
    """A version of a product that was published.

    Attributes:
        files: The files of its contract as they were: path from the mesh folder on -> text.
        sha256: Of the files.
        by: Who published it, as far as it is known.
    """

    product: str
    version: str
    at: datetime
    files: Mapping[str, str]
    sha256: str
    by: str | None


class Past(NamedTuple):
    """What a run is told of earlier ones.

    Attributes:
        metrics: Id of a metric -> its value in the last run: `sales.orders.orders.row_count`.
        published: Key of a product, as checks name it -> when it was last published.
    """

    metrics: Mapping[str, float] = {}
    published: Mapping[str, datetime] = {}


class AuditEntry(NamedTuple):
    """A link of the audit log."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    payload: str
    previous: str
    hash: str


class StoreInfo(NamedTuple):
    """What a store is.

    Attributes:
        rows: Table -> rows in it.
        audit_head: The hash of the newest entry of the audit log: noted elsewhere, it proves that none was cut off.
    """

    place: str
    engine: str
    version: str
    rows: Mapping[str, int]
    oldest: str | None
    newest: str | None
    audit_head: str


class StoreProblem(NamedTuple):
    """What is wrong in a store, with its code."""

    code: str
    what: str


class Imported(NamedTuple):
    """What came of an import: runs that were added, runs that were there already, and what was left out, in words."""

    added: int
    known: int
    notes: tuple[str, ...] = ()
