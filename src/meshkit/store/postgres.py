"""The store on a PostgreSQL server, in a schema of its own, through SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from meshkit.errors import StoreError
from meshkit.store import migrate, schema
from meshkit.store.link import Row, Values
from meshkit.store.migrate import sa
from meshkit.store.place import StorePlace

SCHEMA = "meshkit"
PATIENCE_SECONDS = 10
"""How long a statement waits for a lock that another process holds."""
_AT_ONCE = 5_000
_OTHERS = ("42P07", "42P01", "42703", "42723", "42710")
"""A table, column, function or trigger that is not ours, or is missing."""
_LOCK = 6_271_049_333
"""The advisory lock of what must be alone: migrations, and appends to the audit log."""


class _Work:
    """A transaction that is open."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Values | None = None) -> list[Row]:
        return [tuple(row) for row in self._connection.execute(sa.text(query), dict(values or {}))]

    def pages(self, query: str, size: int) -> Iterator[list[Row]]:
        options = {"stream_results": True, "yield_per": size}
        for page in self._connection.execute(sa.text(query), execution_options=options).partitions():
            yield [tuple(row) for row in page]

    def execute(self, statement: str, values: Values | None = None) -> int:
        return self._connection.execute(sa.text(statement), dict(values or {})).rowcount

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        waiting = (dict(row) for row in rows)
        while part := list(islice(waiting, _AT_ONCE)):
            self._connection.execute(sa.text(statement), part)

    def alone(self) -> None:
        self._connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


class PostgresLink:
    """A store on a server; its connections are looked at before they are used again, since a run may last for hours."""

    engine = "postgresql"

    def __init__(self, engine: sa.Engine, shown: str) -> None:
        self._engine = engine
        self.shown = shown

    @contextmanager
    def reading(self) -> Iterator[_Work]:
        with self._told(), self._engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            yield _Work(connection)

    @contextmanager
    def writing(self, *, is_durable: bool = False) -> Iterator[_Work]:
        with self._told(), self._engine.begin() as connection:
            yield _Work(connection)

    def problems(self) -> list[str]:
        with self.reading() as work:
            names = {
                row[0] for row in work.rows("SELECT tablename FROM pg_tables WHERE schemaname = :s", {"s": SCHEMA})
            }
            guards = work.rows("SELECT 1 FROM pg_trigger WHERE tgname = 'audit_refuses_change' AND tgenabled = 'O'")
        missing = [f"table {name} is missing" for name in sorted(schema.metadata.tables) if name not in names]
        return missing + ([] if guards else ["trigger audit_refuses_change is missing"])

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise told(error, self.shown) from error


def open_postgres(place: StorePlace, *, create: bool) -> PostgresLink:
    """Open a store on a server, and make its tables, or bring them up to date.

    Raises:
        StoreError: MK414, MK415, MK418, MK419.
    """
    assert place.url is not None
    try:
        url = sa.engine.make_url(place.url.reveal()).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(
            url, pool_size=1, pool_pre_ping=True, connect_args={"connect_timeout": 10, "application_name": "meshkit"}
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL as a store needs psycopg", "run: pip install 'meshkit[store]'", code="MK415"
        ) from error
    except (sa.exc.ArgumentError, ValueError):  # not `from` it: what it says may hold the password
        raise StoreError("the URL of the store cannot be read", "write postgresql://HOST/DATABASE") from None
    sa.event.listen(engine, "connect", _set_up)
    try:
        with engine.begin() as connection:
            _prepare(connection, place.shown, create=create)
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        raise told(error, place.shown) from error
    except BaseException:
        engine.dispose()
        raise
    return PostgresLink(engine, place.shown)


def _set_up(connection: Any, _: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {SCHEMA}")
        cursor.execute(f"SET lock_timeout TO {int(PATIENCE_SECONDS * 1000)}")
    connection.commit()


def _prepare(connection: sa.Connection, shown: str, *, create: bool) -> None:
    if _version(connection) == schema.HEAD:
        return
    if not create and _version(connection) is None:
        raise StoreError(f"there is no store at '{shown}'", "meshkit check on a mesh folder makes one", code="MK419")
    _Work(connection).alone()
    if not connection.execute(sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :s"), {"s": SCHEMA}).first():
        connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
    migrate.upgrade(connection, shown)


def _version(connection: sa.Connection) -> str | None:
    there = connection.execute(sa.text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.alembic_version"}).scalar()
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "" if there else None


def told(error: sa.exc.SQLAlchemyError, shown: str) -> StoreError:
    """Return what went wrong in words, with its code; a driver's message holds no password, and only its first line is told."""
    said = str(getattr(error, "orig", None) or type(error).__name__).strip().split("\n")[0][:300]
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if isinstance(error, sa.exc.IntegrityError):
        return StoreError(
            f"the store '{shown}' refused a row: {said}", "it is there already, or lacks a part", code="MK417"
        )
    if sqlstate == "55P03":
        return StoreError(
            f"the store '{shown}' is locked by another process", "run it again when that has ended", code="MK411"
        )
    if sqlstate in _OTHERS:
        what = f"the schema '{SCHEMA}' of '{shown}' is damaged, or holds something else: {said}"
        return StoreError(what, "name another database with MESHKIT_STORE", code="MK412")
    code = "MK413" if sqlstate.startswith("53") else "MK418"
    return StoreError(
        f"the store '{shown}' gave no answer: {said}", "look at the URL, the login and the server", code=code
    )
