"""The tables are one thing, said three times: in schema.py, in schema.sql, and by the migrations."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.store.stores import raw

from meshkit.errors import StoreError
from meshkit.store import migrate, open_store, schema, sqlite
from meshkit.store.exchange import COLUMNS

SCHEMA = Path(sqlite.__file__).with_name("schema.sql")
FIRST = Path(__file__).with_name("data") / "schema_0001.sql"


def test_schema_sql_is_made_of_the_metadata():
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        SCHEMA.write_text(schema.sqlite_text(), encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == schema.sqlite_text()


def test_the_newest_migration_is_the_version_of_the_tables():
    heads = ScriptDirectory(str(migrate.MIGRATIONS)).get_heads()
    assert heads == [schema.HEAD] == [sqlite.HEAD]


def migrated(path):
    """A file that alembic's migrations made of nothing."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        migrate.upgrade(connection, str(path))


def first_store(path):
    """A file as the first release made it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")


def upgraded(path):
    """A file of the first release, brought up to date by meshkit."""
    first_store(path)
    open_store(path).close()


@pytest.mark.parametrize("make", [migrated, upgraded])
def test_every_way_to_the_newest_tables_makes_what_schema_sql_makes(tmp_path, make):
    other, made = tmp_path / "other.db", tmp_path / "made.db"
    make(other)
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
        assert raw(str(other), query) == raw(str(made), query) != []


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
        assert store.info().version == "0002"
        store.end(store.begin(), "passed")
        assert store.info().rows["runs"] == 1


@pytest.mark.parametrize("table", ["runs", "audit", "verdicts"])
def test_a_table_that_is_gone_is_told(store, place, table):
    raw(place, f"DROP TABLE {table} CASCADE" if "://" in place else f"DROP TABLE {table}")
    assert any(f"table {table} is missing" in problem.what for problem in store.check())


def test_a_store_of_the_first_release_opens_and_keeps_everything(tmp_path):
    path = tmp_path / "store.db"
    first_store(path)
    raw(
        str(path),
        "INSERT INTO runs (id, kind, scope, state, outcome, started, meshkit_version) VALUES "
        "('r1', 'check', 'full', 'ended', 'passed', '2026-01-01T00:00:00.000000Z', '0.1')",
        "INSERT INTO product_runs (run_id, product, version, position, started, outcome) VALUES "
        "('r1', 'd.p', '1.0.0', 0, '2026-01-01T00:00:00.000000Z', 'passed')",
        "INSERT INTO versions VALUES ('d.p', '2026-01-02T00:00:00.000000Z', '1.0.0', '2026-01-02T00:00:00.000000Z', '{}', 'x', 'ann')",
        # its hash: SHA-256 of [1,"2026-01-03T00:00:00.000000Z","ann","publish","d.p@1.0.0","{}","000..."]
        "INSERT INTO audit VALUES (1, '2026-01-03T00:00:00.000000Z', 'ann', 'publish', 'd.p@1.0.0', '{}', "
        f"'{'0' * 64}', '95cd3f10ae102a4f539bb8c7d5c9a40aa3ee50769120c9b20f724d46cf7f8837')",
    )
    with open_store(path) as store:
        assert store.check() == ()
        assert store.info().rows == {
            "runs": 1, "product_runs": 1, "verdicts": 0, "metrics": 0, "evaluations": 0, "versions": 1, "requests": 0,
            "outbox": 0, "audit": 1,
        }  # fmt: skip
        assert [(r.run.id, r.product, r.outcome) for r in store.last_runs()] == [("r1", "d.p", "passed")]
        assert [p.by for p in store.published()] == ["ann"]


def test_an_old_store_is_brought_up_to_date_without_the_extra(tmp_path):
    path = tmp_path / "store.db"
    first_store(path)
    code = (
        "import sys; sys.modules['sqlalchemy'] = sys.modules['alembic'] = None\n"
        "from meshkit.store import open_store\n"
        f"print(open_store({str(path)!r}).info().version)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0002\n"


def test_processes_that_open_an_old_store_at_once_upgrade_it_once(tmp_path):
    for n in range(5):
        path = tmp_path / f"store{n}.db"
        first_store(path)
        code = f"from meshkit.store import open_store\nwith open_store({str(path)!r}) as s: print(s.info().version)"
        several = [
            subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for _ in range(4)
        ]
        assert [p.communicate(timeout=60)[0] for p in several] == ["0002\n"] * 4
        assert raw(str(path), "SELECT version_num FROM alembic_version") == [("0002",)]


def test_an_upgrade_that_fails_leaves_the_old_store_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "store.db"
    first_store(path)
    shape = "SELECT name, sql FROM sqlite_master ORDER BY name"
    before = raw(str(path), shape)
    whole = sqlite.statements
    monkeypatch.setattr(sqlite, "statements", lambda file: [*whole(file)[:3], "no SQL at all"])
    with pytest.raises(StoreError):
        open_store(path)
    assert raw(str(path), shape) == before
    monkeypatch.undo()
    with open_store(path) as store:
        assert store.info().version == "0002"


def test_an_old_store_that_may_only_be_read_says_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "store.db"
    first_store(path)
    connect = sqlite._connect
    monkeypatch.setattr(sqlite, "_connect", lambda path, options="": connect(path, "?mode=ro"))
    with pytest.raises(StoreError, match=r"MK410 .* is of an older meshkit, and may only be read; open it once"):
        open_store(path, create=False)


def test_a_store_of_a_newer_release_is_left_alone_without_the_extra(tmp_path):
    path = tmp_path / "store.db"
    open_store(path).close()
    raw(str(path), "UPDATE alembic_version SET version_num = '0003'")
    with pytest.raises(StoreError, match="MK414"):
        open_store(path)
    assert raw(str(path), "SELECT version_num FROM alembic_version") == [("0003",)]
