"""`meshkit check` records its run, wherever the store is, and what the store cannot do changes no verdict."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_meshkit
from tests.store.stores import raw

import meshkit
from meshkit.store import open_store

CONTRACT = """\
name: orders
version: 1.0.0
domain: sales
description: Orders.
owner: {team: sales}
schema:
  type: csv
  location: orders.csv
  fields:
    - name: id
      type: integer
      constraints: [unique]
    - name: note
      type: string
      constraints:
        - not_null: {where: "note <> 'SECRET-SQL'"}
        - in: [a, b]
observability:
  metrics: [row_count]
"""
SETTINGS = """\
environments:
  prod: {store: kept/prod.db}
  staging: {}
default_environment: staging
"""
ROWS = "id,note\n1,a\n2,b\n2,SECRET-ROW\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A mesh of one product, one row of which is bad in two ways; its store is where it is unless somebody says otherwise."""
    monkeypatch.delenv("MESHKIT_STORE")
    found = tmp_path / "mesh"
    found.mkdir()
    (found / "orders.yaml").write_text(CONTRACT)
    (found / "orders.csv").write_text(ROWS)
    return found


def check(folder, *arguments, **environment):
    return run_meshkit("check", folder, *arguments, **environment)


def runs(place):
    with open_store(place, create=False) as store:
        return store.history("sales.orders").runs


def own(folder):
    return folder / ".meshkit" / "store.db"


@pytest.fixture
def plain(folder):
    """What a check says that records nothing."""
    done = check(folder, "--no-record")
    assert done.returncode == 1
    assert not (folder / ".meshkit").exists()
    assert done.stderr == ""
    return done


def verdicts(done):
    """Return what was printed, but for the seconds that it took."""
    return re.sub(r" in [0-9.]+ s$", "", done.stdout, flags=re.MULTILINE)


def assert_warned(done, plain, code, *words):
    """The verdicts and the exit code are those of a check that records nothing; one line on standard error says why."""
    assert verdicts(done) == verdicts(plain)
    assert done.returncode == plain.returncode
    (line,) = done.stderr.strip().split("\n")
    assert line.startswith(f"warning: the run is not recorded: {code} ")
    assert all(word in line for word in words)


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


def read_only(folder):
    (folder / ".meshkit").mkdir()
    (folder / ".meshkit").chmod(0o555)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere; the test below takes that away")
def test_a_folder_that_is_read_only(folder, plain):
    read_only(folder)
    assert_warned(check(folder), plain, "MK410", "cannot be used")


SOMEBODY_ELSE = """\
import contextlib, io, os, sys
from meshkit.cli.main import main, run
folder, os.environ["MESHKIT_STORE"] = sys.argv[1:]
sys.argv = ["meshkit", "check", folder]
with contextlib.redirect_stdout(io.StringIO()):
    run()  # so that all is imported that this user may not read
del os.environ["MESHKIT_STORE"]
os.setuid(65534)
main()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else(folder, plain):
    for path in (folder.parent, *folder.parent.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", SOMEBODY_ELSE, folder, folder.parent / "warm.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert_warned(done, plain, "MK410", "permission denied")


READER = """\
import os, sys
from meshkit.cli import history, store
from meshkit.cli.main import main
from meshkit import histories, mesh
from meshkit.report import history, store
from meshkit.store import past, inspect, audit, sqlite
os.setuid(65534)
sys.argv = ["meshkit", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("command", [["history", "orders"], ["store", "info"], ["store", "check"]], ids=" ".join)
def test_a_store_that_may_only_be_read_is_read(folder, command):
    check(folder)
    for path in (folder.parent, *folder.parent.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    words = [sys.executable, "-c", READER, *command, "--store", own(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(word in done.stdout for word in ("1.0.0    failed", "verdicts", "whole"))


def test_what_no_database_can_hold_does_no_harm(folder, new_place, engine):
    """A name with NUL and half a surrogate pair, from YAML and from the environment."""
    text = CONTRACT.replace("{team: sales}", '{team: "sa\\0les"}').replace("in: [a, b]", 'in: [a, "\\0"]')
    (folder / "orders.yaml").write_text(text)
    place = new_place(engine)
    done = check(folder, MESHKIT_STORE=place, MESHKIT_ACTOR="an\udcffn")
    assert "not recorded" not in done.stderr
    (read,) = runs(place)
    assert read.run.actor == "an?n"
    assert "\x00" not in (read.owner or "")


def test_an_empty_file_is_no_store_to_be_read(tmp_path):
    (tmp_path / "empty.db").touch()
    assert "MK419 there is no store" in run_meshkit("store", "info", "--store", tmp_path / "empty.db").stderr
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_a_directory_in_the_place_of_the_store(folder, plain):
    own(folder).mkdir(parents=True)
    assert_warned(check(folder), plain, "MK410", "cannot be used")


def test_a_file_in_the_place_of_the_folder(folder, plain):
    (folder / ".meshkit").write_text("x")
    assert_warned(check(folder), plain, "MK410")
    assert (folder / ".meshkit").read_text() == "x"


@pytest.mark.parametrize("what", [".meshkit", ".meshkit/store.db", ".meshkit/store.db-wal"])
def test_a_mesh_cannot_send_its_runs_elsewhere_by_a_link(folder, plain, tmp_path, what):
    target = tmp_path / "target"
    if what == ".meshkit":
        target.mkdir()
    else:
        (folder / ".meshkit").mkdir()
        target.write_text("precious")
    (folder / what).symlink_to(target)
    assert_warned(check(folder), plain, "MK410", "symbolic link")
    assert list(target.iterdir()) == [] if what == ".meshkit" else target.read_text() == "precious"


def test_a_link_that_a_person_names_is_followed(folder, tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    assert check(folder, MESHKIT_STORE=str(tmp_path / "link.db")).stderr == ""
    assert len(runs(tmp_path / "real.db")) == 1


def test_another_database_is_left_alone(folder, plain):
    (folder / ".meshkit").mkdir()
    raw(str(own(folder)), "CREATE TABLE runs (mine)", "INSERT INTO runs VALUES (1)")
    before = own(folder).read_bytes()
    assert_warned(check(folder), plain, "MK412", "no store of meshkit")
    assert own(folder).read_bytes() == before
    assert sorted(path.name for path in (folder / ".meshkit").iterdir()) in (["store.db"], [".gitignore", "store.db"])


@pytest.mark.parametrize("garbage", [b"x" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000], ids=["text", "pages"])
def test_garbage_is_left_alone(folder, plain, garbage):
    (folder / ".meshkit").mkdir()
    own(folder).write_bytes(garbage)
    assert_warned(check(folder), plain, "MK412")
    assert own(folder).read_bytes() == garbage


def test_a_damaged_store_changes_no_verdict(folder, plain):
    check(folder)
    pages = bytearray(own(folder).read_bytes())
    pages[4096:] = os.urandom(len(pages) - 4096)
    own(folder).write_bytes(pages)
    done = check(folder)
    assert (verdicts(done), done.returncode) == (verdicts(plain), 1)
    assert "MK412" in done.stderr


def test_an_empty_file_becomes_a_store(folder):
    (folder / ".meshkit").mkdir()
    own(folder).touch()
    assert check(folder).stderr == ""
    assert len(runs(own(folder))) == 1


def test_a_store_of_a_newer_meshkit_is_left_alone(folder, plain):
    check(folder)
    raw(str(own(folder)), "UPDATE alembic_version SET version_num = '9999'")
    assert_warned(check(folder), plain, "MK414", "newer")
    assert raw(str(own(folder)), "SELECT count(*) FROM runs") == [(1,)]


def test_a_store_that_somebody_locks(folder, plain, monkeypatch):
    check(folder)
    monkeypatch.setattr("meshkit.store.sqlite.PATIENCE_SECONDS", 0.2)
    with closing(sqlite3.connect(own(folder), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_warned(check(folder), plain, "MK411", "locked")
        other.execute("ROLLBACK")
    assert check(folder).stderr == ""
    assert len(runs(own(folder))) == 2


FULL_DISK = """\
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
sys.argv = ["meshkit", "check", sys.argv[1]]
from meshkit.cli.main import main
main()
"""


@pytest.mark.parametrize("size", [0, 20_000, 90_000])
def test_a_full_disk(folder, plain, size):
    if size != 0:
        check(folder)
    before = raw(str(own(folder)), "SELECT count(*) FROM verdicts") if size else None
    environment = {**os.environ, "MESHKIT_CACHE": "off", "PYTHONDONTWRITEBYTECODE": "1"}
    if size == 20_000:
        with closing(sqlite3.connect(own(folder))) as connection:  # what was written fills the file
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    command = [sys.executable, "-c", FULL_DISK, folder, str(size or 1)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (verdicts(done), done.returncode) == (verdicts(plain), plain.returncode)
    if size < 90_000:
        assert "warning: the run is not recorded: MK41" in done.stderr
        assert done.stderr.count("\n") == 1
    if before:
        with open_store(own(folder)) as store:
            assert store.check() == ()
        assert raw(str(own(folder)), "SELECT count(*) FROM verdicts") >= before


def test_a_store_that_may_not_grow(folder, plain, monkeypatch):
    from meshkit.store import sqlite

    check(folder)
    pages = raw(str(own(folder)), "PRAGMA page_count")[0][0]
    prepare = sqlite._prepare

    def limited(connection, shown):
        prepare(connection, shown)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(sqlite, "_prepare", limited)
    for _ in range(400):
        done = check(folder)
        if done.stderr:
            break
    assert_warned(done, plain, "MK413", "cannot be written")
    monkeypatch.undo()
    with open_store(own(folder)) as store:
        assert store.check() == ()


def test_no_password_is_told(folder, plain):
    url = "postgresql://someone:hunter2@127.0.0.1:1/none?password=hunter3"
    done = check(folder, MESHKIT_STORE=url)
    assert_warned(done, plain, "MK418", "127.0.0.1")
    told = (
        done.stderr
        + run_meshkit("store", "info", MESHKIT_STORE=url).stderr
        + run_meshkit("history", "x", "--store", url).stderr
    )
    assert "hunter" not in told
    assert "hunter" not in repr(meshkit.errors.StoreError("x"))


@pytest.mark.parametrize(
    "place", ["mysql://a:hunter2@b/c", "postgresql://a:hunter2@[::1/x", "https://hunter2@x/store.db"]
)
def test_a_place_that_is_none(folder, plain, place):
    done = check(folder, MESHKIT_STORE=place)
    assert_warned(done, plain, "MK410")
    assert "hunter2" not in done.stderr


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


SLOW = """\
sla:
  quality_checks:
    - {name: slow, must_be: 0, query: "SELECT count(*) FROM orders a, orders b, orders c, orders d WHERE a.id + b.id + c.id = d.id"}
"""


@pytest.fixture
def slow(folder):
    """A check of the mesh that has begun, and will go on for a long time."""
    (folder / "orders.yaml").write_text(CONTRACT + SLOW)
    (folder / "orders.csv").write_text("id,note\n" + "".join(f"{n},a\n" for n in range(10_000)))
    command = [sys.executable, "-m", "meshkit", "check", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not (own(folder).exists() and _begun(folder)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(0.3)
    yield process
    process.kill()
    process.communicate()


def _begun(folder):
    try:
        return raw(str(own(folder)), "SELECT count(*) FROM runs") != [(0,)]
    except sqlite3.OperationalError:
        return False


def test_a_run_that_is_killed_was_interrupted(folder, slow):
    assert [r.run.state for r in runs(own(folder))] == ["running"]
    slow.send_signal(signal.SIGKILL)
    slow.communicate()
    (read,) = runs(own(folder))
    assert (read.run.state, read.outcome, read.verdicts) == ("interrupted", None, ())
    with open_store(own(folder)) as store:
        assert store.check() == ()
        assert store.last_runs() == []
    shown = run_meshkit("history", "orders", folder)
    assert "interrupted" in shown.stdout
    (folder / "orders.yaml").write_text(CONTRACT)
    assert check(folder).stderr == ""
    assert [r.run.state for r in runs(own(folder))] == ["ended", "interrupted"]


def test_ctrl_c_is_recorded(folder, slow):
    slow.send_signal(signal.SIGINT)
    told = slow.communicate(timeout=20)
    assert slow.returncode == 130, told
    (read,) = runs(own(folder))
    assert read.run.state == "interrupted"
    assert raw(str(own(folder)), "SELECT state FROM runs") == [("interrupted",)]
    with open_store(own(folder)) as store:
        assert store.last_runs() == []


def test_eight_processes_at_once_lose_nothing(folder, tmp_path, new_place, engine):
    """Each writes 12 runs of 50 verdicts; the store is made by whoever comes first."""
    place = new_place(engine)
    script = tmp_path / "write.py"
    script.write_text(
        "import sys, time\n"
        "from meshkit.store import open_store\n"
        "from tests.store.stores import after, product_run, recorded, result, verdict\n"
        "slowest = 0\n"
        "with open_store(sys.argv[1]) as store:\n"
        "    for n in range(12):\n"
        "        began = time.monotonic()\n"
        "        verdicts = [verdict(f'x.c{i}') for i in range(50)]\n"
        "        recorded(store, result(product_run(*verdicts, id=f'd.p{sys.argv[2]}'), at=after(hours=n)))\n"
        "        store.append_audit('w' + sys.argv[2], 'write', str(n), {})\n"
        "        slowest = max(slowest, time.monotonic() - began)\n"
        "print(slowest)\n"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"}
    writers = [
        subprocess.Popen(
            [sys.executable, script, place, str(n)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for n in range(8)
    ]
    ended = [writer.communicate(timeout=120) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 8, ended
    assert max(float(out) for out, _ in ended) < 5  # the patience of one transaction
    with open_store(place, create=False) as store:
        rows = store.info().rows
        assert (rows["runs"], rows["verdicts"], rows["audit"]) == (96, 4800, 96)
        assert store.check() == ()
        assert all(len(store.history(f"d.p{n}").runs) == 12 for n in range(8))
        assert len(store.last_runs()) == 8


def test_eight_checks_at_once_are_all_recorded(folder, plain):
    command = [sys.executable, "-m", "meshkit", "check", folder]
    checks = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
    ended = [(*process.communicate(timeout=120), process.returncode) for process in checks]
    assert {err for _, err, _ in ended} == {""}
    assert {code for _, _, code in ended} == {1}
    assert {out.splitlines()[1] for out, _, _ in ended} == {plain.stdout.splitlines()[1]}
    assert len(runs(own(folder))) == 8
