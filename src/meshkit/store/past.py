"""Reading runs: the last ones of each product, their history, and how often the data was reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from meshkit.errors import StoreError
from meshkit.model.history import (
    Availability,
    History,
    OutcomeCount,
    PastProductRun,
    PastRun,
    PastVerdict,
    RunState,
    TrendAsked,
    TrendPoint,
)
from meshkit.store.link import Link, Row, Work, moment, stamp
from meshkit.store.process import is_gone

SKEW = timedelta(hours=1)
"""So far may clocks of machines differ: a run from further in the future proves nothing."""
OVER = timedelta(days=30)
"""The time over which availability is counted."""
_AT_ONCE = 500
_RUN = """
r.id, r.kind, r.scope, r.state, r.outcome, r.started, r.ended, r.clock, r.meshkit_version, r.revision, r.environment, r.engine, r.actor,
r.host, r.pid"""
_PRODUCT = "p.product, p.version, p.status, p.owner, p.table_rows, p.outcome, p.reached"
_VERDICT = """
v.check_id, v.kind, v.table_name, v.column_name, v.severity, v.outcome, v.bad, v.total, v.value, v.unit, v.threshold, v.message,
v.place, v.definition"""
_RUN_COLUMNS = 15
_NEWEST = """
(
    SELECT x.run_id FROM product_runs x JOIN runs y ON y.id = x.run_id
    WHERE x.product = d.product AND x.version = d.version AND y.state = 'ended' AND y.kind IN ('check', 'incremental')
        AND y.scope = 'full' AND x.outcome IS NOT NULL AND coalesce(y.environment, '') = :environment
        AND x.started <= :latest {counted}
    ORDER BY x.started DESC, x.run_id DESC LIMIT 1
)"""
_LAST = f"""
SELECT {_RUN}, {_PRODUCT}
FROM (SELECT DISTINCT product, version FROM product_runs {{chosen}}) d
JOIN product_runs p ON p.product = d.product AND p.version = d.version AND p.run_id = {_NEWEST.format(counted="")}
JOIN runs r ON r.id = p.run_id
ORDER BY p.product, p.version
"""  # noqa: S608  # constants
_COUNTED = """
AND EXISTS (SELECT 1 FROM metrics e WHERE e.run_id = x.run_id AND e.product = x.product AND e.metric = 'row_count')"""
_COUNTS = f"""
SELECT m.product, m.version, m.table_name, m.value, r.started
FROM (SELECT DISTINCT product, version FROM product_runs {{chosen}}) d
JOIN metrics m ON m.product = d.product AND m.version = d.version AND m.run_id = {_NEWEST.format(counted=_COUNTED)}
JOIN runs r ON r.id = m.run_id
WHERE m.metric = 'row_count' AND m.value IS NOT NULL
ORDER BY r.started, m.product, m.version, m.table_name
"""  # noqa: S608  # constants
_HISTORY = f"""
SELECT {_RUN}, {_PRODUCT}
FROM product_runs p JOIN runs r ON r.id = p.run_id
WHERE p.product = :product {{version}} AND p.started >= :since
ORDER BY p.started DESC, p.run_id DESC, p.version DESC
LIMIT :limit
"""  # noqa: S608  # constants
_OF_RUN = f"""
SELECT {_RUN}, {_PRODUCT} FROM product_runs p JOIN runs r ON r.id = p.run_id WHERE p.run_id = :run ORDER BY p.product, p.version
"""  # noqa: S608  # constants
_VERDICTS = f"""
SELECT v.run_id, v.product, v.version, {_VERDICT} FROM verdicts v WHERE {{chosen}} ORDER BY v.run_id, v.product, v.version, v.position
"""  # noqa: S608  # constants
_AVAILABILITY = """
SELECT coalesce(sum(p.reached), 0), count(p.reached)
FROM product_runs p JOIN runs r ON r.id = p.run_id
WHERE p.product = :product AND p.started >= :since AND r.state = 'ended'
"""
_AVAILABILITIES = """
SELECT p.product, coalesce(sum(p.reached), 0), count(p.reached)
FROM product_runs p JOIN runs r ON r.id = p.run_id
WHERE p.started >= :since AND r.state = 'ended' AND coalesce(r.environment, '') = :environment {chosen}
GROUP BY p.product
"""
_POINTS = f"""
SELECT {_RUN}, {_PRODUCT}
FROM product_runs p JOIN runs r ON r.id = p.run_id
WHERE p.product = :product AND p.version = :version AND p.started >= :since AND p.started <= :latest
    AND r.kind IN ('check', 'incremental') AND r.scope = 'full' AND coalesce(r.environment, '') = :environment
ORDER BY p.started DESC, p.run_id DESC
LIMIT :limit
"""  # noqa: S608  # constants
_COUNTED_VERDICTS = """
SELECT v.run_id, v.kind, v.outcome, count(*), min(v.value), max(v.value) FROM verdicts v
WHERE v.product = :product AND v.version = :version AND v.run_id IN ({runs}) GROUP BY v.run_id, v.kind, v.outcome
"""
_Key = tuple[str, str, str]


def last_runs(
    link: Link, products: Sequence[str] | None, environment: str | None, now: datetime
) -> list[PastProductRun]:
    """Return the newest run of each product and version that ended and looked at all of it, with its verdicts.

    Args:
        link: The store.
        products: Ids; None = all.
        environment: In which the runs were made; None = those without one.
        now: The present.
    """
    found: list[PastProductRun] = []
    with link.reading() as work:
        for rows in _asked(work, _LAST, products, environment, now):
            found += _with_verdicts(work, [_product_run(row, now) for row in rows])
    return found


def last_row_counts(
    link: Link, products: Sequence[str], environment: str | None, now: datetime
) -> list[tuple[str, str, str, float]]:
    """Return product, version, table and rows of the newest run that counted them; the oldest of them first."""
    with link.reading() as work:
        return [row[:4] for rows in _asked(work, _COUNTS, products, environment, now) for row in rows]


def _asked(
    work: Work, query: str, products: Sequence[str] | None, environment: str | None, now: datetime
) -> Iterator[list[Row]]:
    fixed = {"environment": environment or "", "latest": stamp(now + SKEW)}
    for names in _parts(products):
        marks, values = _marks("p", names or [])
        chosen = "" if names is None else f"WHERE product IN ({marks})"
        yield work.rows(query.format(chosen=chosen), {**values, **fixed})


def history(
    link: Link, product: str, limit: int, since: datetime | None, version: str | None, now: datetime
) -> History:
    """Return the last runs of a product, newest first, with their verdicts."""
    values = {
        "product": product,
        "limit": limit,
        "since": stamp(since) if since else "",
        **({"version": version} if version else {}),
    }
    query = _HISTORY.format(version="AND p.version = :version" if version else "")
    with link.reading() as work:
        runs = _with_verdicts(work, [_product_run(row, now) for row in work.rows(query, values)])
        reached = _available(work, product, now - OVER)
    return History(product, tuple(runs), reached)


def trend(link: Link, asked: TrendAsked, now: datetime) -> list[TrendPoint]:
    """Return the last runs of a product's version that looked at all of it, newest first, with their verdicts counted."""
    values = {
        "product": asked.product, "version": asked.version, "environment": asked.environment or "",
        "since": stamp(asked.since), "latest": stamp(now + SKEW), "limit": asked.limit,
    }  # fmt: skip
    with link.reading() as work:
        runs = [_product_run(row, now) for row in work.rows(_POINTS, values)]
        marks, named = _marks("r", (p.run.id for p in runs))
        of = {"product": asked.product, "version": asked.version, **named}
        found = work.rows(_COUNTED_VERDICTS.format(runs=marks), of) if runs else []
    return [TrendPoint(p, tuple(OutcomeCount(*row[1:]) for row in found if row[0] == p.run.id)) for p in runs]


def availabilities(
    link: Link, products: Sequence[str] | None, environment: str | None, since: datetime
) -> dict[str, Availability]:
    """Return for each product in how many runs of an environment its data was reached, and how many tried."""
    found: dict[str, Availability] = {}
    with link.reading() as work:
        for names in _parts(products):
            marks, values = _marks("p", names or [])
            chosen = "" if names is None else f"AND p.product IN ({marks})"
            asked = {**values, "environment": environment or "", "since": stamp(since)}
            rows = work.rows(_AVAILABILITIES.format(chosen=chosen), asked)
            found |= {product: Availability(int(reached), int(runs)) for product, reached, runs in rows}
    return found


def availability(link: Link, product: str, since: datetime) -> Availability:
    """Return in how many runs since a time the data of a product was reached, and how many tried."""
    with link.reading() as work:
        return _available(work, product, since)


def _available(work: Work, product: str, since: datetime) -> Availability:
    reached, runs = work.rows(_AVAILABILITY, {"product": product, "since": stamp(since)})[0]
    return Availability(int(reached), int(runs))


def find_product(link: Link, name: str) -> str:
    """Return the id that a name means: itself, or that of the one product whose last part it is.

    Raises:
        StoreError: MK419, none is recorded, or several are.
    """
    query = "SELECT DISTINCT product FROM product_runs WHERE product = :name OR product LIKE :ending ESCAPE '!'"
    ending = name.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    with link.reading() as work:
        found = sorted(row[0] for row in work.rows(query, {"name": name, "ending": f"%.{ending}"}))
    if name in found:
        return name
    if len(found) > 1:
        raise StoreError(f"'{name}' could be {' or '.join(found[:5])}", "give the whole id", code="MK419")
    if not found:
        raise StoreError(f"no run of '{name}' is recorded in '{link.shown}'", "meshkit check records one", code="MK419")
    return str(found[0])


def get_run(link: Link, run_id: str, now: datetime) -> PastRun | None:
    """Return a run; None where there is none of that id."""
    with link.reading() as work:
        rows = work.rows(f"SELECT {_RUN} FROM runs r WHERE r.id = :id", {"id": run_id})  # noqa: S608  # constants
    return _run(rows[0], now) if rows else None


def of_run(link: Link, run_id: str, now: datetime) -> list[PastProductRun]:
    """Return what came of each product in a run, with its verdicts; nothing where there is no such run."""
    with link.reading() as work:
        return _with_verdicts(work, [_product_run(row, now) for row in work.rows(_OF_RUN, {"run": run_id})])


def _parts(products: Sequence[str] | None) -> Iterator[list[str] | None]:
    if products is None:
        yield None
        return
    for start in range(0, len(products), _AT_ONCE):
        yield list(products[start : start + _AT_ONCE])


def _marks(letter: str, values: Iterable[str]) -> tuple[str, dict[str, Any]]:
    named = {f"{letter}{n}": value for n, value in enumerate(values)}
    return ", ".join(f":{name}" for name in named), named


def _run(row: Row, now: datetime) -> PastRun:
    started = moment(row[5])
    is_dead = row[3] == RunState.RUNNING and is_gone(started, row[13], row[14], now)
    state = str(RunState.INTERRUPTED) if is_dead else row[3]
    return PastRun(row[0], row[1], row[2], state, row[4], started, _moment(row[6]), _moment(row[7]), *row[8:13])


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _product_run(row: Row, now: datetime) -> PastProductRun:
    product, version, status, owner, rows, outcome, reached = row[_RUN_COLUMNS:]
    was_reached = None if reached is None else bool(reached)
    return PastProductRun(_run(row, now), product, version, status, owner, rows, outcome, was_reached)


def _with_verdicts(work: Work, runs: list[PastProductRun]) -> list[PastProductRun]:
    """Add the verdicts, with one query for each few hundred runs."""
    wanted: dict[_Key, list[PastVerdict]] = {(p.run.id, p.product, p.version): [] for p in runs}
    for ids in _parts(sorted({p.run.id for p in runs})):
        marks, values = _marks("r", ids or [])
        chosen = f"v.run_id IN ({marks})"
        if len(runs) <= _AT_ONCE:  # the products too, since a run may have thousands of others
            more, named = _marks("p", sorted({p.product for p in runs}))
            chosen, values = f"{chosen} AND v.product IN ({more})", {**values, **named}
        for run_id, product, version, *verdict in work.rows(_VERDICTS.format(chosen=chosen), values):
            if (run_id, product, version) in wanted:
                wanted[run_id, product, version].append(PastVerdict(*verdict))
    return [p._replace(verdicts=tuple(wanted[p.run.id, p.product, p.version])) for p in runs]
