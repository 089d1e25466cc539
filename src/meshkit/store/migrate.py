"""Bringing a store up to date with alembic, which is imported only here."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from meshkit.errors import StoreError

try:
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError
except ImportError as error:
    raise StoreError(
        "this store needs SQLAlchemy, alembic and psycopg", "run: pip install 'meshkit[store]'", code="MK415"
    ) from error

__all__ = ["sa", "upgrade", "upgrade_file"]

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(connection: sa.Connection, shown: str) -> None:
    """Bring a store to the newest version, within the transaction of its connection.

    Raises:
        StoreError: MK414, it is of a version that this meshkit does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        what = f"the store '{shown}' was made by a newer meshkit"
        raise StoreError(what, "use that one, or name another place with MESHKIT_STORE", code="MK414") from error


def upgrade_file(path: Path, shown: str, patience_seconds: float) -> None:
    """Bring a store of SQLite to the newest version, in one transaction that nobody else writes in.

    Raises:
        StoreError: MK414; or the file cannot be written.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=patience_seconds, isolation_level=None)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    sa.event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            upgrade(connection, shown)
    except sa.exc.DBAPIError as error:
        raise StoreError(f"the store '{shown}' cannot be brought up to date: {error.orig}") from error


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
