"""A mesh that is kept: read once, and again when a file of it has changed, come or gone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import meshkit
from meshkit import watching
from meshkit.errors import ContractError

PRODUCT = """
name: {name}
version: 1.0.0
domain: sales
description: One.
schema: {{location: t.csv, alias: t, fields: [{{name: id, type: integer}}]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mesh = tmp_path / "mesh"
    (mesh / "inner").mkdir(parents=True)
    (mesh / "one.yaml").write_text(PRODUCT.format(name="one"))
    return mesh


def names(watch: meshkit.Watch) -> list[str]:
    return [p.id for p in watch.mesh().products]


def test_a_mesh_that_has_not_changed_is_not_read_again(folder):
    watch = meshkit.Watch(folder, every_seconds=0)
    assert watch.mesh() is watch.mesh()
    (folder / "data.csv").write_text("id\n1\n")
    (folder / ".hidden.yaml").write_text("x: 1")
    first = watch.mesh()
    assert watch.mesh() is first


def test_files_that_come_change_or_go_are_seen(folder):
    watch = meshkit.Watch(folder, every_seconds=0)
    assert names(watch) == ["sales.one"]
    two = folder / "inner" / "two.yml"
    two.write_text(PRODUCT.format(name="two"))
    assert names(watch) == ["sales.one", "sales.two"]
    two.write_text(PRODUCT.format(name="six"))  # as long as before
    os.utime(two, ns=(1, 1))
    assert names(watch) == ["sales.one", "sales.six"]
    two.unlink()
    assert names(watch) == ["sales.one"]


def test_between_two_looks_no_file_is_looked_at(folder):
    watch = meshkit.Watch(folder, every_seconds=3600)
    assert names(watch) == ["sales.one"]
    (folder / "two.yaml").write_text(PRODUCT.format(name="two"))
    assert names(watch) == ["sales.one"]


def test_a_mesh_that_is_gone_is_an_error_until_it_is_back(folder):
    watch = meshkit.Watch(folder, every_seconds=0)
    assert names(watch) == ["sales.one"]
    folder.rename(folder.with_name("moved"))
    for _ in range(2):
        with pytest.raises(ContractError, match="MK108"):
            watch.mesh()
    folder.with_name("moved").rename(folder)
    assert names(watch) == ["sales.one"]


def test_one_file_alone_is_watched_with_the_settings_beside_it(folder):
    watch = meshkit.Watch(folder / "one.yaml", every_seconds=0)
    first = watch.mesh()
    (folder / "two.yaml").write_text(PRODUCT.format(name="two"))
    assert watch.mesh() is first
    (folder / "meshkit.yaml").write_text("environments: {dev: {engine: duckdb}}\n")
    assert watch.mesh() is not first


def test_settings_and_contracts_of_other_folders_are_watched_too(folder):
    (folder.parent / ".git").mkdir()
    settings = folder.parent / "meshkit.yaml"
    settings.write_text("environments: {dev: {engine: duckdb}}\n")
    watch = meshkit.Watch(folder, every_seconds=0)
    first = watch.mesh()
    (folder.parent / "beside.yaml").write_text(PRODUCT.format(name="beside"))  # no part of this mesh
    assert watch.mesh() is first
    settings.write_text("environments: {test: {engine: duckdb}}\n")
    assert watch.mesh() is not first


def test_many_threads_read_it_once(folder, monkeypatch):
    reads, ready = [], threading.Barrier(8)
    true_load = watching.load
    monkeypatch.setattr(watching, "load", lambda path: (reads.append(path), true_load(path))[1])
    watch = meshkit.Watch(folder)

    def work() -> None:
        ready.wait(10)
        watch.mesh()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(reads) == 1
