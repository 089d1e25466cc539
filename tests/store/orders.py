"""A mesh of one product with a store of its own, and what a check of it says."""

from __future__ import annotations

import re

import pytest
from tests.in_process import meshkit as run_meshkit

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
