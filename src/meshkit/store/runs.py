"""Writing runs: one is begun, its verdicts are written, and it ends. Each step is one short transaction."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from meshkit.errors import Place, StoreError
from meshkit.model.check import CLOCK_KINDS
from meshkit.model.history import Circumstances, Evaluation, Metric, RunState
from meshkit.model.metric import Observed
from meshkit.model.run import Outcome, ProductRun, RunResult, Verdict
from meshkit.store.audit import append_in
from meshkit.store.link import Link, Work, cleaned, finite, moment, stamp
from meshkit.store.process import host, is_gone, new_id

BEGIN = """
INSERT INTO runs (id, kind, scope, state, outcome, started, ended, clock, meshkit_version, revision, host, pid, environment, engine, actor)
VALUES (:id, :kind, :scope, :state, :outcome, :started, :ended, :clock, :meshkit_version, :revision, :host, :pid, :environment, :engine,
    :actor)
"""
_PLAN = """
INSERT INTO product_runs (run_id, product, version, position, started)
VALUES (:run_id, :product, :version, :position, :started)
"""
PRODUCT = """
INSERT INTO product_runs (run_id, product, version, position, started, status, owner, table_rows, outcome, reached)
VALUES (:run_id, :product, :version, :position, :started, :status, :owner, :table_rows, :outcome, :reached)
ON CONFLICT (run_id, product, version) DO UPDATE SET status = excluded.status, owner = excluded.owner,
    table_rows = excluded.table_rows, outcome = excluded.outcome, reached = excluded.reached
"""
VERDICT = """
INSERT INTO verdicts (run_id, product, version, check_id, position, kind, table_name, column_name, severity, outcome, bad, total,
    value, unit, threshold, message, place, definition)
VALUES (:run_id, :product, :version, :check_id, :position, :kind, :table_name, :column_name, :severity, :outcome, :bad, :total,
    :value, :unit, :threshold, :message, :place, :definition)
"""
_EVALUATION = """
INSERT INTO evaluations (run_id, position, product, version, at_point, policy, severity, outcome, message, place, remedy, waiver)
VALUES (:run_id, :position, :product, :version, :at_point, :policy, :severity, :outcome, :message, :place, :remedy, :waiver)
"""
_SCOPE = "UPDATE runs SET scope = :scope, clock = :clock WHERE id = :id"
_STATED = "UPDATE product_runs SET outcome = :status WHERE run_id = :id AND product = :product AND version = :version"
METRIC = """
INSERT INTO metrics (run_id, product, version, table_name, column_name, metric, value, detail)
VALUES (:run_id, :product, :version, :table_name, :column_name, :metric, :value, :detail)
"""
_OURS = ("MK301", "MK306", "MK314")
"""Why no answer was had, though the data may well be there: a driver or a secret is missing here, or somebody stopped it."""


def begin(
    link: Link,
    kind: str,
    products: Sequence[tuple[str, str]],
    about: Circumstances,
    started: datetime,
) -> str:
    """Write that a run is at work on some products, and return its id. Runs whose process is gone are set down as such."""
    run_id, at = new_id(), stamp(started)
    with link.writing() as work:
        _bury(work, started)
        values = {**about._asdict(), "id": run_id, "kind": kind, "started": at, "host": host(), "pid": os.getpid()}
        state = {"scope": "full", "state": str(RunState.RUNNING), "outcome": None, "ended": None, "clock": None}
        work.execute(BEGIN, cleaned({**values, **state}))
        planned = (
            {"run_id": run_id, "product": product, "version": version, "position": position, "started": at}
            for position, (product, version) in enumerate(products)
        )
        work.many(_PLAN, map(cleaned, planned))
    return run_id


def _bury(work: Work, now: datetime) -> None:
    query = "SELECT id, started, host, pid FROM runs WHERE state = 'running'"
    dead = [row[0] for row in work.rows(query) if is_gone(moment(row[1]), row[2], row[3], now)]
    work.many("UPDATE runs SET state = 'interrupted' WHERE id = :id AND state = 'running'", [{"id": i} for i in dead])


def record(link: Link, run_id: str, result: RunResult, root: Path | None) -> None:
    """Write what came of a run."""
    with link.writing() as work:
        found = work.rows("SELECT started FROM runs WHERE id = :id", {"id": run_id})
        if not found:
            raise StoreError(f"there is no run '{run_id[:40]}' in the store", "begin one first", code="MK419")
        clock = stamp(result.clock) if result.clock else None
        work.execute(_SCOPE, {"scope": str(result.scope), "clock": clock, "id": run_id})
        products = enumerate(result.products)
        work.many(PRODUCT, (cleaned(_product(run_id, found[0][0], n, product, result)) for n, product in products))
        work.many(VERDICT, map(cleaned, _verdicts(run_id, result, root)))
        measured = (metric_of(p.id, p.version, seen) for p in result.products for seen in p.metrics)
        work.many(METRIC, (metric_values(run_id, m) for m in measured if m))


def _product(run_id: str, started: str, position: int, product: ProductRun, result: RunResult) -> dict[str, Any]:
    is_own = result.scope != "other" and not result.interrupted
    return {
        "run_id": run_id,
        "product": product.id,
        "version": product.version,
        "position": position,
        "started": started,
        "status": str(product.status),
        "owner": product.owner or None,
        "table_rows": product.rows,
        "outcome": str(product.outcome),
        "reached": reached((v.check.table, str(v.check.kind), str(v.outcome), v.message) for v in product.verdicts)
        if is_own
        else None,
    }


def reached(verdicts: Iterable[tuple[str, str, str, str]]) -> int | None:
    """Tell whether the data of each table was there: 1, 0, or None where nothing tried to read it.

    Args:
        verdicts: Table, kind, outcome and message of each.
    """
    answered: dict[str, bool] = {}
    for table, kind, outcome, message in verdicts:
        if kind in CLOCK_KINDS or outcome == Outcome.SKIPPED:
            continue
        if outcome != Outcome.ERRORED:
            answered[table] = True
        elif message.startswith("MK3") and not message.startswith(_OURS):
            answered.setdefault(table, False)
    return int(all(answered.values())) if answered else None


def _verdicts(run_id: str, result: RunResult, root: Path | None) -> Iterator[dict[str, Any]]:
    files: dict[str, str] = {}
    for product in result.products:
        for position, verdict in enumerate(product.verdicts):
            check = verdict.check
            yield {
                "run_id": run_id,
                "product": product.id,
                "version": product.version,
                "check_id": check.id,
                "position": position,
                "kind": str(check.kind),
                "table_name": check.table,
                "column_name": check.column,
                "severity": str(check.severity),
                "outcome": str(verdict.outcome),
                "bad": verdict.bad,
                "total": verdict.total,
                "value": finite(verdict.value),
                "unit": verdict.unit,
                "threshold": str(check.threshold),
                "message": _message(verdict),
                "place": shown_place(verdict.place, root, files),
                "definition": check.definition,
            }


def _message(verdict: Verdict) -> str:
    """Leave an author's condition out: it is SQL, and may hold what is not for everybody."""
    where = verdict.check.where
    return verdict.message.replace(f"; where {where}", "; where ...") if where else verdict.message


def shown_place(place: Place, root: Path | None, files: dict[str, str]) -> str:
    """Name a place from the mesh folder on, so that no machine's folders are kept."""
    if place.file not in files:
        file = place.file
        if root is not None:
            inside = os.path.relpath(file, root)
            file = Path(inside).as_posix() if not inside.startswith("..") else Path(file).name
        files[place.file] = file
    return f"{files[place.file]}:{place.line}:{place.column}"


def end(link: Link, run_id: str, outcome: str | None, state: str, ended: datetime) -> None:
    """Write that a run has ended."""
    values = {"id": run_id, "outcome": outcome, "state": state, "ended": stamp(ended)}
    with link.writing() as work:
        work.execute("UPDATE runs SET state = :state, outcome = :outcome, ended = :ended WHERE id = :id", values)


def discard(link: Link, run_id: str) -> None:
    """Forget a run that never came to work."""
    with link.writing() as work:
        work.execute("DELETE FROM runs WHERE id = :id AND state = 'running'", {"id": run_id})


def record_evaluations(
    link: Link, run_id: str, rows: Iterable[Evaluation], statuses: Mapping[tuple[str, str], str]
) -> None:
    """Write what is not simply met of the policies that were evaluated, and the status of each product and version."""
    with link.writing() as work:
        stated = ({"id": run_id, "product": p, "version": v, "status": s} for (p, v), s in statuses.items())
        work.many(_STATED, stated)
        query = "SELECT coalesce(max(position) + 1, 0) FROM evaluations WHERE run_id = :id"
        first = int(work.rows(query, {"id": run_id})[0][0])
        written = (cleaned({**row._asdict(), "run_id": run_id, "position": first + n}) for n, row in enumerate(rows))
        work.many(_EVALUATION, written)


def metric_of(product: str, version: str, seen: Observed) -> Metric | None:
    """Return what is kept of a metric; None where it could not be measured, or only over a slice."""
    if seen.unavailable or seen.slice:
        return None
    detail = seen.distribution or seen.drift
    return Metric(
        product, version, seen.table, seen.column, seen.name,
        None if seen.value is None else float(seen.value),
        _plain(detail.model_dump(exclude_defaults=True)) if detail else None,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Return numbers as JSON has them; what is not finite is none."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (Decimal, float)):
        number = finite(value)
        return int(value) if number is not None and value == int(value) else number
    return value


def metric_values(run_id: str, row: Metric) -> dict[str, Any]:
    """Return the values that are written of a metric."""
    shape = None if row.detail is None else json.dumps(row.detail, sort_keys=True, allow_nan=False)
    values = {
        "run_id": run_id,
        "product": row.product,
        "version": row.version,
        "table_name": row.table,
        "column_name": row.column,
        "metric": row.metric,
        "value": finite(row.value),
        "detail": shape,
    }
    return cleaned(values)


def prune(link: Link, before: datetime, by: str | None, at: datetime) -> int:
    """Remove runs that began before a time, with all that hangs on them, and note it in the audit log; return how many.

    A run that is at work is left.
    """
    with link.writing(is_durable=True) as work:
        _bury(work, at)
        query = "DELETE FROM runs WHERE started < :before AND state <> 'running'"
        removed = work.execute(query, {"before": stamp(before)})
        if removed:
            append_in(work, by, "prune", "runs", {"before": stamp(before), "runs": removed}, at)
    return removed


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)
