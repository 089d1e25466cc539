"""Revisions of a git checkout, made in a folder of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import meshkit
from meshkit.loading import revisions

CONTRACT = "name: p\nversion: 1.0.0\ndomain: d\ndescription: x\nschema:\n  fields:\n    - {name: a, type: string}\n"


def git(folder: Path, *arguments: str) -> None:
    own = (
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.com",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "init.defaultBranch=main",
    )
    subprocess.run(["git", *own, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A repository whose first commit, tagged `v1`, has one contract in mesh/sales."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    root = tmp_path / "repo"
    (root / "mesh" / "sales").mkdir(parents=True)
    (root / "mesh" / "sales" / "p.yaml").write_text(CONTRACT)
    (root / "mesh" / "data.parquet").write_bytes(b"not read")
    git(tmp_path, "init", "-q", "repo")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "one")
    git(root, "tag", "v1")
    return root


def test_a_folder_as_it_was_then(checkout):
    (checkout / "mesh" / "sales" / "p.yaml").write_text(CONTRACT.replace("1.0.0", "2.0.0"))
    mesh = meshkit.load_at("v1", checkout / "mesh")
    assert [p.version for p in mesh.products] == ["1.0.0"]
    place = mesh.products[0].source.place(("version",))
    assert str(place) == "v1:mesh/sales/p.yaml:2:1"


@pytest.mark.parametrize("below", [".", "mesh", "mesh/sales", "mesh/sales/p.yaml"])
def test_from_any_folder_of_the_checkout(below, checkout, monkeypatch):
    monkeypatch.chdir(checkout / "mesh")
    assert [p.id for p in meshkit.load_at("HEAD", checkout / below).products] == ["d.p"]
    assert [p.id for p in meshkit.load_at("HEAD").products] == ["d.p"]


def test_a_name_that_git_would_quote_is_read(checkout):
    (checkout / "mesh" / "größe und mehr.yaml").write_text(CONTRACT.replace("name: p", "name: q"))
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "two")
    assert [p.id for p in meshkit.load_at("HEAD", checkout).products] == ["d.p", "d.q"]


def test_a_folder_that_was_not_there_is_an_empty_mesh(checkout):
    (checkout / "new").mkdir()
    (checkout / "new" / "q.yaml").write_text(CONTRACT)
    assert meshkit.load_at("v1", checkout / "new").products == ()


def test_a_link_that_leads_outside_is_not_followed(checkout, tmp_path):
    (tmp_path / "secret.yaml").write_text(CONTRACT.replace("name: p", "name: secret"))
    (checkout / "mesh" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "two")
    assert [p.id for p in meshkit.load_at("HEAD", checkout).products] == ["d.p"]


def test_a_hook_s_own_environment_does_not_lead_elsewhere(checkout, monkeypatch):
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert meshkit.load_at("v1", checkout / "mesh").products


@pytest.mark.parametrize("revision", ["nope", "", "--output=x", "-h", "v1^{tree}", "HEAD~5"])
def test_no_such_revision(revision, checkout):
    with pytest.raises(meshkit.UsageError) as raised:
        meshkit.load_at(revision, checkout)
    assert raised.value.code == "MK511"


def test_a_file_that_the_revision_does_not_have(checkout):
    (checkout / "mesh" / "new.yaml").write_text(CONTRACT)
    with pytest.raises(meshkit.UsageError, match=r"MK511 .* is not in revision 'v1'"):
        meshkit.load_at("v1", checkout / "mesh" / "new.yaml")


def test_no_checkout(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(meshkit.UsageError, match=r"MK510 .* is in no git checkout"):
        meshkit.load_at("main", tmp_path)


def test_no_git(checkout, monkeypatch):
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(revisions.subprocess, "run", missing)
    with pytest.raises(meshkit.UsageError, match=r"MK510 git is not installed"):
        meshkit.load_at("v1", checkout)


def test_a_path_that_is_not_there(checkout):
    with pytest.raises(meshkit.ContractError, match="MK108"):
        meshkit.load_at("v1", checkout / "no" / "such")
