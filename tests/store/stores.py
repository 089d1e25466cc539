"""What tests of the store share: runs made by hand, and new places on both engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.metric import Observed
from meshkit.model.run import Outcome, ProductRun, RunResult, Scope, Verdict, worst
from meshkit.model.table import Severity
from meshkit.model.threshold import Threshold
from meshkit.store import Store, open_store

START = datetime(2026, 11, 22, 6, tzinfo=UTC)
ZERO = Threshold(unit="rows", high=Decimal(0))


def after(**duration: float) -> datetime:
    """Return a time after START."""
    return START + timedelta(**duration)


def verdict(name: str, outcome: str = "passed", *, product: str = "d.p", **more: Any) -> Verdict:
    """Return the verdict of a check of table `t`; `name` is such as `x.not_null`."""
    column = name.partition(".")[0]
    place = Place("/somewhere/mesh/p.yaml", 7, 5)
    about = {k: more.pop(k) for k in ("severity", "kind", "where", "query", "table") if k in more}
    check = Check(
        id=f"{product}.t.{name}",
        kind=about.pop("kind", Kind.NOT_NULL),
        product=product,
        table=about.pop("table", "t"),
        column=column,
        threshold=ZERO,
        severity=about.pop("severity", Severity.ERROR),
        place=place,
        **about,
    )
    numbers = {"bad": 0, "total": 10, "value": Decimal(0), **more}
    return Verdict(check=check, outcome=Outcome(outcome), unit="rows", place=place, **numbers)


def product_run(*verdicts: Verdict, id: str = "d.p", version: str = "1.0.0", **more: Any) -> ProductRun:  # noqa: A002
    """Return one product in a run."""
    outcome = worst(v.outcome for v in verdicts)
    values = {"rows": 10, "owner": "team", **more}
    return ProductRun(id=id, version=version, domain="d", outcome=outcome, verdicts=verdicts, **values)


def result(*products: ProductRun, at: datetime = START, **more: Any) -> RunResult:
    """Return a run that took two seconds."""
    outcome = worst(p.outcome for p in products)
    times = {"started_at": at, "finished_at": at + timedelta(seconds=2)}
    return RunResult(outcome=outcome, meshkit_version="1.2.3", products=products, **times, **more)


def recorded(store: Store, found: RunResult, *, kind: str = "check", about: Any = None) -> str:
    """Record a run from begin to end, as `check` does."""
    ids = [(p.id, p.version) for p in found.products]
    run_id = store.begin(kind, ids, about=about, at=found.started_at)
    store.record(run_id, found, root=Path("/somewhere/mesh"))
    store.end(run_id, found.outcome, interrupted=found.interrupted, at=found.finished_at)
    return run_id


def counted(rows: int, *, product: str = "d.p") -> Observed:
    """Return the metric row_count of table `t`."""
    return Observed(name="row_count", product=product, table="t", value=Decimal(rows), unit="rows")


PARTIAL, OTHER = Scope.PARTIAL, Scope.OTHER


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each test runs on both engines."""
    return str(request.param)


@pytest.fixture
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Make a place for a new store on an engine: a file, or a database of its own."""
    made: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            return str(tmp_path / f"{uuid4().hex}.db")
        import psycopg

        url = request.getfixturevalue("postgres").url
        name = f"store_{uuid4().hex[:12]}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.append(name)
        return url.rpartition("/")[0] + f"/{name}"

    yield make
    if made:
        import psycopg

        with psycopg.connect(request.getfixturevalue("postgres").url, autocommit=True) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def place(engine: str, new_place: Any) -> str:
    """A place for a new store."""
    return str(new_place(engine))


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """A new store."""
    with open_store(place) as opened:
        yield opened


def raw(place: str, *statements: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """Run statements as somebody would who goes past meshkit, and return the rows of the last one."""
    if "://" not in place:
        import sqlite3

        connection = sqlite3.connect(place, isolation_level=None)
        try:
            for statement in statements:
                found = connection.execute(statement, values or {}).fetchall()
            return found
        finally:
            connection.close()
    import psycopg

    with psycopg.connect(place, autocommit=True, options="-c search_path=meshkit") as opened:
        rows: list[Any] = []
        for statement in statements:
            cursor = opened.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
        return rows
