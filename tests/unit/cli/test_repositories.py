"""The commands over a mesh that spans repositories."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.in_process import meshkit as in_process
from tests.repositories import Repository, contract

RETENTION = "governance:\n  global_policies:\n    - {name: data_retention, params: {analytical_days: 100}}\n"


@pytest.fixture
def mesh(tmp_path, monkeypatch) -> Path:
    """A mesh whose only product and only policy stand in two repositories."""
    monkeypatch.chdir(tmp_path)
    shop, gov = Repository(tmp_path / "hub", "shop"), Repository(tmp_path / "hub", "gov")
    (shop.work / "orders.csv").write_text("a\n1\n3\n")
    product = shop.commit(orders=contract("orders") + "data_kind: analytical\nretention_days: 400\n")
    policy = gov.commit(policy=RETENTION)
    folder = tmp_path / "mesh"
    folder.mkdir()
    (folder / "meshkit.yaml").write_text(
        f"extends: {{git: ../hub/gov.git, commit: {policy}}}\nsources: {{git: ../hub/shop.git, commit: {product}, name: sales}}\n"
    )
    return folder


def meshkit(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return in_process(*arguments, **variables)


def test_list_lint_check_and_govern_see_one_mesh(mesh, tmp_path):
    assert "d.orders" in meshkit("list", "mesh").stdout
    (tmp_path / "hub").rename(tmp_path / "gone")  # from here on the cache has it
    assert meshkit("lint", "mesh").returncode == 0
    assert meshkit("check", "mesh").returncode == 0
    done = meshkit("govern", "mesh", "--at", "pr", "--format", "json")
    assert done.returncode == 1
    assert "data_retention.analytical" in done.stdout
    assert "cache/git/sales-" in done.stdout


def test_without_a_cache_the_data_is_there_for_the_run_and_nothing_is_left(mesh, tmp_path):
    (tmp_path / "tmp").mkdir()
    done = meshkit("check", "mesh", "--format", "json", MESHKIT_CACHE="off", TMPDIR=str(tmp_path / "tmp"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["products"][0]["outcome"] == "passed"
    assert list((tmp_path / "tmp").glob("meshkit-git-*")) == []


def test_what_cannot_be_fetched_ends_each_gate_with_2_and_says_why(mesh, tmp_path):
    (tmp_path / "hub").rename(tmp_path / "gone")
    for command in (["lint", "mesh"], ["check", "mesh"], ["govern", "mesh", "--at", "pr"]):
        done = meshkit(*command)
        assert done.returncode == 2
        assert "MK173" in done.stdout + done.stderr
