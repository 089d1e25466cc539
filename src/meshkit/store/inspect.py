"""What a store holds, and what is wrong in it."""

from __future__ import annotations

import json
from datetime import datetime

from meshkit.model.history import Evaluation, Metric, StoreInfo, StoreProblem
from meshkit.store import audit
from meshkit.store.link import Link, moment

TABLES = ("runs", "product_runs", "verdicts", "metrics", "evaluations", "versions", "audit")


def check(link: Link) -> tuple[StoreProblem, ...]:
    """Return what is wrong in the files and in the chain of the audit log."""
    found = [StoreProblem("MK412", text) for text in link.problems()]
    broken = audit.verify(link)
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


def metrics(link: Link, product: str, metric: str | None, limit: int) -> list[tuple[datetime, Metric]]:
    """Return what was measured of a product, newest first, each with the time of its run."""
    chosen = "AND m.metric = :metric" if metric else ""
    query = f"""SELECT r.started, m.product, m.version, m.table_name, m.column_name, m.metric, m.value, m.detail
        FROM metrics m JOIN runs r ON r.id = m.run_id WHERE m.product = :product {chosen}
        ORDER BY r.started DESC, m.table_name, m.column_name, m.metric LIMIT :limit"""  # noqa: S608  # constants
    values = {"product": product, "limit": limit, **({"metric": metric} if metric else {})}
    with link.reading() as work:
        rows = work.rows(query, values)
    return [(moment(row[0]), Metric(*row[1:7])._replace(detail=json.loads(row[7]) if row[7] else None)) for row in rows]
