"""The tables are one thing, said three times: in schema.py, in schema.sql, and by the migrations."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.store.stores import raw

from meshkit.store import migrate, open_store, schema, sqlite
from meshkit.store.exchange import COLUMNS

SCHEMA = Path(sqlite.__file__).with_name("schema.sql")


def test_schema_sql_is_made_of_the_metadata():
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        SCHEMA.write_text(schema.sqlite_text(), encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == schema.sqlite_text()


def test_the_newest_migration_is_the_version_of_the_tables():
    heads = ScriptDirectory(str(migrate.MIGRATIONS)).get_heads()
    assert heads == [schema.HEAD] == [sqlite.HEAD]


def test_migrations_on_an_empty_file_make_what_schema_sql_makes(tmp_path):
    upgraded, made = tmp_path / "upgraded.db", tmp_path / "made.db"
    migrate.upgrade_file(upgraded, str(upgraded), 5)
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(SCHEMA.read_text(encoding="utf-8"))
    shape = (
        'SELECT m.type, m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c '
        "WHERE m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2, c.cid"
    )
    keys = 'SELECT m.name, f."from", f."table", f."to", f.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) f ORDER BY 1, 2'
    without = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 1 ORDER BY name"
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    version = "SELECT version_num FROM alembic_version"
    for query in (shape, keys, without, triggers, version):
        assert raw(str(upgraded), query) == raw(str(made), query) != []


def test_a_store_has_the_tables_of_the_metadata(store, place, engine):
    url = place.replace("postgresql://", "postgresql+psycopg://") if engine == "postgresql" else f"sqlite:///{place}"
    made = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with made.connect() as connection:
            if engine == "postgresql":
                connection.exec_driver_sql("SET search_path TO meshkit")
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, schema.metadata) == []
    finally:
        made.dispose()


def test_an_export_has_every_column():
    tables = {table.name: [column.name for column in table.columns] for table in schema.metadata.sorted_tables}
    assert {name: text.split() for name, text in COLUMNS.items()} == tables


def test_a_file_of_before_the_first_migration_is_brought_up_to_date(tmp_path):
    path = tmp_path / "store.db"
    raw(str(path), "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    with open_store(path) as store:
        assert store.info().version == "0001"
        store.end(store.begin(), "passed")
        assert store.info().rows["runs"] == 1


@pytest.mark.parametrize("table", ["runs", "audit", "verdicts"])
def test_a_table_that_is_gone_is_told(store, place, table):
    raw(place, f"DROP TABLE {table} CASCADE" if "://" in place else f"DROP TABLE {table}")
    assert any(f"table {table} is missing" in problem.what for problem in store.check())
