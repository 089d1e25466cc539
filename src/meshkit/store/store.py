"""`Store`: what runs and governance ask of what was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshkit.later import Later
from meshkit.model.history import (
    AuditEntry,
    Availability,
    Circumstances,
    Evaluation,
    History,
    Imported,
    Metric,
    PastProductRun,
    PastRun,
    Publication,
    RunKind,
    RunState,
    StoreInfo,
    StoreProblem,
    TrendAsked,
    TrendPoint,
)
from meshkit.model.run import RunResult
from meshkit.store import runs
from meshkit.store.link import Link
from meshkit.store.place import StorePlace, parse_place
from meshkit.version import __version__

if TYPE_CHECKING:
    from meshkit.store import audit, exchange, inspect, past, postgres, releases, reports, requests, sqlite
else:  # a check only writes, and to one engine
    audit, past, releases = (Later(f"meshkit.store.{name}") for name in ("audit", "past", "releases"))
    requests = Later("meshkit.store.requests")
    exchange, reports, inspect = (Later(f"meshkit.store.{name}") for name in ("exchange", "reports", "inspect"))
    postgres, sqlite = Later("meshkit.store.postgres"), Later("meshkit.store.sqlite")


class Store:
    """An open store; `open_store` makes one. Closes itself at the end of a `with`.

    Every method raises StoreError (MK411 to MK413, MK418) where the engine cannot do what is asked. Times are aware.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    def __enter__(self) -> Store:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Name the place."""
        return f"Store({self.place!r})"

    @property
    def place(self) -> str:
        """Where it is, without secrets."""
        return self._link.shown

    @property
    def requests(self) -> requests.Requests:
        """The requests for access, and what holds of them."""
        return requests.Requests(self._link)

    def close(self) -> None:
        """Close it; what was written is there whether or not this is called."""
        self._link.close()

    def begin(
        self,
        kind: str = RunKind.CHECK,
        products: Sequence[tuple[str, str]] = (),
        *,
        about: Circumstances | None = None,
        at: datetime | None = None,
    ) -> str:
        """Write that a run is at work, and return its id.

        Args:
            kind: `check`, `govern` or `incremental`.
            products: Id and version of each product that it looks at.
            about: Where and by whom it is made.
            at: When it began; None = now.
        """
        about = about or Circumstances(__version__)
        return runs.begin(self._link, str(RunKind(kind)), products, about, at or runs.now())

    def record(self, run_id: str, result: RunResult, *, root: Path | None = None) -> None:
        """Write what came of a run, in one transaction.

        Args:
            run_id: As `begin` returned it.
            result: The run: rows, samples and SQL are left out.
            root: The mesh folder, from which places are named.
        """
        runs.record(self._link, run_id, result, root)

    def end(self, run_id: str, outcome: str | None, *, interrupted: bool = False, at: datetime | None = None) -> None:
        """Write that a run has ended."""
        state = RunState.INTERRUPTED if interrupted else RunState.ENDED
        runs.end(self._link, run_id, None if outcome is None else str(outcome), str(state), at or runs.now())

    def discard(self, run_id: str) -> None:
        """Forget a run that has not ended: the call was wrong, and nothing was looked at."""
        runs.discard(self._link, run_id)

    def record_evaluations(
        self, run_id: str, rows: Iterable[Evaluation], statuses: Mapping[tuple[str, str], str]
    ) -> None:
        """Write what is not simply met of the policies that were evaluated, and the status of each product and version."""
        runs.record_evaluations(self._link, run_id, rows, statuses)

    def evaluations(self, run_id: str) -> tuple[Evaluation, ...]:
        """Return the policy evaluations of a run, in the order in which they were written."""
        return inspect.evaluations(self._link, run_id)

    def metrics(
        self,
        product: str,
        *,
        metric: str | None = None,
        limit: int = 1000,
        since: datetime | None = None,
        version: str | None = None,
    ) -> list[tuple[datetime, Metric]]:
        """Return what was measured of a product in its last `limit` runs, newest first; `metric` = only that one."""
        return inspect.metrics(self._link, product, metric, limit, since, version)

    def metric_names(self, product: str) -> list[str]:
        """Return which metrics were measured of a product."""
        return inspect.metric_names(self._link, product)

    def run(self, run_id: str) -> PastRun | None:
        """Return a run; None where there is none of that id."""
        return past.get_run(self._link, run_id, runs.now())

    def products_of(self, run_id: str) -> list[PastProductRun]:
        """Return what came of each product in a run; nothing where there is none of that id."""
        return past.of_run(self._link, run_id, runs.now())

    def last_runs(
        self, products: Sequence[str] | None = None, *, environment: str | None = None
    ) -> list[PastProductRun]:
        """Return the newest check run of each product and version that ended and looked at all of it.

        Runs of chosen checks, of a slice, or over tables put in place of the product's own do not count.

        Args:
            products: Ids; None = all.
            environment: In which they were made; None = those without one.
        """
        return past.last_runs(self._link, products, environment, runs.now())

    def last_row_counts(
        self, products: Sequence[str], *, environment: str | None = None
    ) -> list[tuple[str, str, str, float]]:
        """Return product, version, table and rows of the newest run that counted them; the oldest of them first."""
        return past.last_row_counts(self._link, products, environment, runs.now())

    def find_product(self, name: str) -> str:
        """Return the id that a name means, by what is recorded; raises StoreError MK419 where that is not one."""
        return past.find_product(self._link, name)

    def history(
        self,
        product: str,
        *,
        limit: int = 30,
        since: datetime | None = None,
        version: str | None = None,
        now: datetime | None = None,
    ) -> History:
        """Return the last runs of a product, newest first, interrupted ones among them."""
        return past.history(self._link, product, limit, since, version, now or runs.now())

    def trend(self, asked: TrendAsked) -> list[TrendPoint]:
        """Return the last runs of a product's version that looked at all of it, newest first, with their verdicts counted."""
        return past.trend(self._link, asked, runs.now())

    def availability(self, product: str, since: datetime | None = None) -> Availability:
        """Return in how many runs the data of a product was reached, and how many tried; over 30 days unless told."""
        return past.availability(self._link, product, since or runs.now() - timedelta(days=30))

    def availabilities(
        self, products: Sequence[str] | None = None, *, environment: str | None = None, since: datetime | None = None
    ) -> dict[str, Availability]:
        """Return the availability of each product, None = of all, in one environment; over 30 days unless told."""
        return past.availabilities(self._link, products, environment, since or runs.now() - past.OVER)

    def publish(
        self,
        product: str,
        new: Mapping[str, Mapping[str, str]],
        *,
        kept: Iterable[str] = (),
        by: str | None = None,
        at: datetime | None = None,
    ) -> tuple[Publication, ...]:
        """Write which versions of a product readers have from now on, with an entry in the audit log for each new one.

        Args:
            product: Its id.
            new: Version -> the files of its contract, path -> text.
            kept: Versions that stay as they were published before.
            by: Who publishes.
            at: When; None = now.

        Returns:
            All versions that readers have now.
        """
        return releases.publish(self._link, product, new, kept, by, at or runs.now())

    def published(self, products: Sequence[str] | None = None) -> tuple[Publication, ...]:
        """Return the versions of some products, None = of all, that readers have."""
        return releases.published(self._link, products)

    def append_audit(
        self, actor: str | None, action: str, subject: str, payload: Mapping[str, Any], *, at: datetime | None = None
    ) -> AuditEntry:
        """Add an entry to the audit log; it is on the disk when this returns."""
        return audit.append(self._link, actor, action, subject, payload, at or runs.now())

    def check(self) -> tuple[StoreProblem, ...]:
        """Return what is wrong: in the files, in the tables, in the chain of the audit log."""
        return inspect.check(self._link)

    def info(self) -> StoreInfo:
        """Say where it is and how much it holds."""
        return inspect.info(self._link)

    def prune(self, before: datetime, *, by: str | None = None) -> int:
        """Remove runs that began before a time, and note it in the audit log; versions and the log are kept.

        Returns:
            How many runs were removed.
        """
        return runs.prune(self._link, before, by, runs.now())

    def prune_requests(self, before: datetime, *, by: str | None = None) -> int:
        """Remove requests for access that ended before a time, and note it in the audit log; grants that hold are kept.

        Returns:
            How many requests were removed.
        """
        return self.requests.prune(before, by, runs.now())

    def export(self, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Write each table as a parquet file."""
        return exchange.export(self._link, Path(folder))

    def import_(self, path: str | os.PathLike[str], *, environment: str | None = None) -> Imported:
        """Take in a report of `meshkit check --format json`, or the folder of an export. Twice is as good as once.

        Args:
            path: The file or the folder.
            environment: In which a report was made that does not say so, as those of an older meshkit.
        """
        found = Path(path)
        if found.is_dir():
            return exchange.import_folder(self._link, found)
        return reports.import_report(self._link, found, environment)


def open_store(place: StorePlace | str | os.PathLike[str], *, create: bool = True) -> Store:
    """Open a store, and make it where there is none.

    Args:
        place: A path, or a URL `postgresql://HOST/DATABASE`.
        create: Whether it is to be written; else it is only read, and must be there.

    Raises:
        StoreError: MK410 to MK415, MK418, MK419.
    """
    found = place if isinstance(place, StorePlace) else parse_place(os.fspath(place))
    opened: Link = (postgres.open_postgres if found.url else sqlite.open_sqlite)(found, create=create)
    return Store(opened)
