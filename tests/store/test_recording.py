"""`meshkit check` records its run, wherever the store is."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tests.store.orders import SETTINGS, check, own, runs, verdicts
from tests.store.stores import raw

import meshkit
from meshkit.store import open_store


def test_a_check_is_recorded_in_the_mesh_folder(folder, plain):
    done = check(folder)
    assert (verdicts(done), done.returncode, done.stderr) == (verdicts(plain), 1, "")
    (read,) = runs(own(folder))
    assert (read.run.kind, read.run.scope, read.run.state, read.outcome) == ("check", "full", "ended", "failed")
    assert (read.rows, read.reached, read.owner) == (3, True, "sales")
    missed = {v.check_id: (v.outcome, v.bad, v.total) for v in read.verdicts if v.outcome == "failed"}
    assert missed == {
        "sales.orders.orders.id.unique": ("failed", 1, 3),
        "sales.orders.orders.note.in": ("failed", 1, 3),
    }
    assert (folder / ".meshkit" / ".gitignore").read_text() == "*\n"
    with open_store(own(folder)) as store:
        assert [m.value for _, m in store.metrics("sales.orders")] == [3.0]


def test_the_report_names_the_run(folder):
    import json

    report = json.loads(check(folder, "--format", "json").stdout)
    assert [report["run_id"], report["environment"]] == [runs(own(folder))[0].run.id, None]
    report = json.loads(check(folder, "--no-record", "--format", "json").stdout)
    assert report["run_id"] is None
    definitions = {c["id"]: c["definition"] for c in report["products"][0]["checks"]}
    assert {v.check_id: v.definition for v in runs(own(folder))[0].verdicts} == definitions


def test_neither_rows_nor_conditions_nor_samples_are_kept(folder):
    check(folder, "--samples", "5", "--why")
    check(folder, "--metrics", "all", "--format", "json")
    kept = b"".join(path.read_bytes() for path in (folder / ".meshkit").iterdir())
    assert b"sales.orders.orders.note.in" in kept
    assert b"SECRET-ROW" not in kept
    assert b"SECRET-SQL" not in kept


def test_no_record_and_off_record_nothing(folder):
    check(folder, "--no-record")
    check(folder, MESHKIT_STORE="off")
    check(folder, MESHKIT_STORE="OFF")
    assert not (folder / ".meshkit").exists()


def test_one_file_alone_is_not_recorded(folder):
    assert check(folder / "orders.yaml").returncode == 1
    assert not (folder / ".meshkit").exists()
    assert meshkit.load(folder / "orders.yaml").check().result.run_id == ""


def test_a_call_that_is_wrong_leaves_no_run(folder):
    assert check(folder, "--check", "nothing").returncode == 2
    assert check(folder, "--product", "nothing").returncode == 2
    assert not own(folder).exists() or raw(str(own(folder)), "SELECT count(*) FROM runs") == [(0,)]


def test_parts_and_other_tables_are_recorded_as_such(folder):
    shutil.copy(folder / "orders.csv", folder.parent / "other.csv")
    check(folder, "--check", "id.unique")
    check(folder, "--partition", "id=1")
    check(folder, "--table", f"orders={folder.parent / 'other.csv'}")
    check(folder, "--incremental")
    check(folder, "--product", "sales.orders")
    assert [(r.run.kind, r.run.scope) for r in reversed(runs(own(folder)))] == [
        ("check", "partial"), ("check", "partial"), ("check", "other"), ("incremental", "full"), ("check", "full"),
    ]  # fmt: skip
    with open_store(own(folder)) as store:
        assert [p.run.id for p in store.last_runs()] == [runs(own(folder))[0].run.id]


def test_meshkit_store_names_a_place(folder, tmp_path):
    check(folder, MESHKIT_STORE=str(tmp_path / "a" / "mine.db"))
    assert len(runs(tmp_path / "a" / "mine.db")) == 1
    check(folder, MESHKIT_STORE=f"sqlite:///{tmp_path}/b.db")
    assert len(runs(tmp_path / "b.db")) == 1
    check(folder, MESHKIT_STORE=str(tmp_path / "a"))  # a folder: store.db in it
    assert len(runs(tmp_path / "a" / "store.db")) == 1
    assert not (folder / ".meshkit").exists()


def test_an_environment_may_name_a_store(folder):
    (folder / "meshkit.yaml").write_text(SETTINGS)
    check(folder)
    check(folder, "--env", "prod")
    assert [r.run.environment for r in runs(own(folder))] == ["staging"]
    assert [r.run.environment for r in runs(folder / "kept" / "prod.db")] == ["prod"]
    assert check(folder, "--env", "nowhere").returncode == 2


def test_a_store_on_a_server(folder, new_place, plain):
    place = new_place("postgresql")
    done = check(folder, MESHKIT_STORE=place)
    assert (verdicts(done), done.stderr) == (verdicts(plain), "")
    assert [r.outcome for r in runs(place)] == ["failed"]


def test_the_actor_and_the_commit_are_kept(folder):
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "refs" / "heads" / "main").write_text("ab" * 20 + "\n")
    check(folder, MESHKIT_ACTOR="ann")
    (read,) = runs(own(folder))
    assert (read.run.actor, read.run.revision) == ("ann", "ab" * 20)


def test_a_check_on_sqlite_imports_no_sqlalchemy(folder):
    code = (
        "import sys; sys.argv = ['meshkit', 'check', sys.argv[1]]\n"
        "from meshkit.cli.main import run\nrun()\n"
        "print('modules', *sys.modules)"
    )
    for _ in range(2):  # one makes the store, one finds it
        ran = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
        modules = set(ran.stdout.rpartition("modules ")[2].split())
        assert "meshkit.store.sqlite" in modules
        assert not {m.partition(".")[0] for m in modules} & {"sqlalchemy", "alembic", "psycopg", "mako", "pyarrow"}
        assert "meshkit.store.exchange" not in modules
    assert len(runs(own(folder))) == 2
