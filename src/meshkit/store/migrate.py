"""Bringing a store on a server up to date with alembic, which is imported only here; SQLite has `upgrades/`."""

from __future__ import annotations

from pathlib import Path

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

__all__ = ["sa", "upgrade"]

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
