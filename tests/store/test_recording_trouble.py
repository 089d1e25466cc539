"""What a store cannot do changes no verdict, and loses nothing that is in it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_meshkit
from tests.store.orders import CONTRACT, assert_warned, check, own, runs, verdicts
from tests.store.stores import raw

import meshkit
from meshkit.store import open_store


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
