"""What a store holds, and what is wrong in it."""

from __future__ import annotations

import json
from datetime import datetime

from meshkit.errors import StoreError
from meshkit.model.history import Evaluation, Metric, StoreInfo, StoreProblem
from meshkit.store import audit
from meshkit.store.link import Link, moment, stamp

TABLES = ("runs", "product_runs", "verdicts", "metrics", "evaluations", "versions", "requests", "outbox", "audit")


def check(link: Link) -> tuple[StoreProblem, ...]:
    """Return what is wrong in the files and in the chain of the audit log."""
    found = [StoreProblem("MK412", text) for text in link.problems()]
    try:
        broken = audit.verify(link)
    except StoreError:
        if found:  # the log cannot be read for what was found already
            return tuple(found)
        raise
    return (*found, *([broken] if broken else ()))


def info(link: Link) -> StoreInfo:
    """Say where a store is and how much it holds."""
    with link.reading() as work:
        counts = {name: int(work.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in TABLES}  # noqa: S608  # constants
        version = str(work.rows("SELECT version_num FROM alembic_version")[0][0])
        oldest, newest = work.rows("SELECT min(started), max(started) FROM runs")[0]
        return StoreInfo(link.shown, link.engine, version, counts, oldest, newest, audit.head(work))


def evaluations(link: Link, run_id: str) -> tuple[Evaluation, ...]:
    """Return the policy evaluations of a run."""
    query = """SELECT product, version, at_point, policy, severity, outcome, message, place, remedy, waiver FROM evaluations
        WHERE run_id = :id ORDER BY position"""
    with link.reading() as work:
        return tuple(Evaluation(*row) for row in work.rows(query, {"id": run_id}))


def metrics(
    link: Link, product: str, metric: str | None, limit: int, since: datetime | None, version: str | None
) -> list[tuple[datetime, Metric]]:
    """Return what was measured of a product in its last runs, newest first, each with the time of its run."""
    values = {"product": product, "limit": limit, "since": stamp(since) if since else ""}
    chosen = "m.product = :product"
    if metric:
        chosen, values["metric"] = f"{chosen} AND m.metric = :metric", metric
    if version:
        chosen, values["version"] = f"{chosen} AND m.version = :version", version
    query = f"""SELECT r.started, m.product, m.version, m.table_name, m.column_name, m.metric, m.value, m.detail
        FROM metrics m JOIN runs r ON r.id = m.run_id
        WHERE {chosen} AND m.run_id IN (
            SELECT x.id FROM runs x WHERE x.started >= :since
                AND EXISTS (SELECT 1 FROM metrics m WHERE m.run_id = x.id AND {chosen})
            ORDER BY x.started DESC, x.id DESC LIMIT :limit)
        ORDER BY r.started DESC, r.id DESC, m.version DESC, m.table_name, m.column_name, m.metric"""  # noqa: S608  # constants
    with link.reading() as work:
        rows = work.rows(query, values)
    return [(moment(row[0]), Metric(*row[1:7])._replace(detail=json.loads(row[7]) if row[7] else None)) for row in rows]


def metric_names(link: Link, product: str) -> list[str]:
    """Return which metrics were measured of a product."""
    query = "SELECT DISTINCT metric FROM metrics WHERE product = :product ORDER BY metric"
    with link.reading() as work:
        return [row[0] for row in work.rows(query, {"product": product})]
