"""Runs that are killed or stopped, and many processes that record at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.in_process import meshkit as run_meshkit
from tests.store.orders import CONTRACT, check, own, runs
from tests.store.stores import raw

from meshkit.store import open_store

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
