"""What only a store on PostgreSQL can run into."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from tests.store.stores import START, product_run, raw, recorded, result, verdict

from meshkit.errors import StoreError
from meshkit.store import migrate, open_store, postgres


@pytest.fixture
def place(new_place):
    return new_place("postgresql")


def test_a_store_that_somebody_locks(place, monkeypatch):
    monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0.2)
    with open_store(place) as store:
        recorded(store, result(product_run(verdict("x.a"))))
        with psycopg.connect(place) as other:
            other.execute("LOCK TABLE meshkit.runs IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(StoreError, match=r"MK411 .* is locked by another process"):
                store.begin()
        store.end(store.begin(), "passed")
        assert store.info().rows["runs"] == 2


def test_what_others_have_in_the_schema_is_left_alone(place):
    with psycopg.connect(place, autocommit=True) as other:
        other.execute("CREATE SCHEMA meshkit")
        other.execute("CREATE TABLE meshkit.runs (mine int)")
    with pytest.raises(StoreError, match=r"MK412 .* holds something else"):
        open_store(place)
    assert raw(place, "SELECT tablename FROM pg_tables WHERE schemaname = 'meshkit'") == [("runs",)]


def test_other_schemas_of_the_database_are_left_alone(place):
    with psycopg.connect(place, autocommit=True) as other:
        other.execute("CREATE TABLE public.runs (mine int)")
    with open_store(place) as store:
        recorded(store, result(product_run(verdict("x.a"))))
    assert raw(place, "SELECT count(*) FROM public.runs") == [(0,)]


def first_store(place):
    """Make a store as the first release did, with a run in it."""
    made = sa.create_engine(place.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA meshkit")
        connection.exec_driver_sql("SET search_path TO meshkit")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO runs (id, kind, scope, state, outcome, started, meshkit_version) VALUES "
            "('r1', 'check', 'full', 'ended', 'passed', '2026-01-01T00:00:00.000000Z', '0.1')"
        )


def test_a_store_of_the_first_release_opens_and_keeps_everything(place):
    first_store(place)
    assert raw(place, "SELECT version_num FROM alembic_version") == [("0001",)]

    def version(_):
        with open_store(place, create=False) as store:
            return store.info().version

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(version, range(4))) == ["0002"] * 4
    with open_store(place) as store:
        assert store.check() == ()
        assert store.info().rows["runs"] == 1
        assert store.info().rows["requests"] == 0


def test_a_store_of_a_newer_meshkit_is_left_alone(place):
    open_store(place).close()
    raw(place, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="MK414"):
        open_store(place)
    assert raw(place, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_wrong_password_is_not_told(place):
    with psycopg.connect(place, autocommit=True) as other:
        other.execute("DROP ROLE IF EXISTS careful")
        other.execute("CREATE ROLE careful LOGIN PASSWORD 'right'")
    with pytest.raises(StoreError, match=r"MK418 .* password authentication failed") as told:
        open_store(place.replace("owner@", "careful:hunter2@"))
    assert "hunter2" not in str(told.value)


def test_a_role_that_may_only_add_to_the_log_can_record(place):
    with open_store(place) as store:
        store.append_audit("ann", "approve", "d.p", {}, at=START)
    with psycopg.connect(place, autocommit=True) as other:
        other.execute("DROP ROLE IF EXISTS recorder")
        other.execute("CREATE ROLE recorder LOGIN")
        other.execute("GRANT USAGE ON SCHEMA meshkit TO recorder")
        other.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA meshkit TO recorder")
        other.execute("REVOKE UPDATE, DELETE ON meshkit.audit FROM recorder")
    try:
        with open_store(place.replace("owner@", "recorder@")) as store:
            recorded(store, result(product_run(verdict("x.a"))))
            store.append_audit("bob", "approve", "d.p", {}, at=START)
            assert store.prune(START.replace(year=2030)) == 1
            assert store.check() == ()
    finally:
        with psycopg.connect(place, autocommit=True) as other:
            other.execute("DROP OWNED BY recorder")
            other.execute("DROP ROLE recorder")


def test_a_connection_that_broke_is_made_anew(place):
    with open_store(place) as store:
        run_id = store.begin("check", [("d.p", "1.0.0")])
        raw(place, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'meshkit'")
        store.end(run_id, "passed")
        assert store.run(run_id).outcome == "passed"


@pytest.mark.parametrize("form", ["postgres://", "postgresql+psycopg://", "POSTGRESQL://"])
def test_forms_of_the_url(place, form):
    with open_store(place.replace("postgresql://", form)) as store:
        assert store.info().engine == "postgresql"
