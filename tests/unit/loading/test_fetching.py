"""Commits fetched by git from repositories made here: whole or not at all, from the cache where they are there, and nothing else run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.repositories import Repository, contract, git

from meshkit.errors import ContractError
from meshkit.loading import fetching
from meshkit.loading.addresses import parse_address
from meshkit.loading.fetching import Pinned, fetched

NOWHERE = "1234567890" * 4


@pytest.fixture
def hub(tmp_path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def orders(hub) -> Repository:
    return Repository(hub, "orders")


def pinned(repository: Repository, commit: str, name: str = "") -> Pinned:
    return Pinned(parse_address(str(repository.bare), Path("/")), commit, name)


def left_behind(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob(".stage-*")]


def program(folder: Path, text: str) -> str:
    """Put a program called git into a folder, and return a PATH that has it first."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "git").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_commit_becomes_a_folder_of_its_files(orders, tmp_path):
    first = orders.commit(contracts__p=contract("p"))
    orders.commit(contracts__p=contract("p", version="2.0.0"))
    found = fetched(pinned(orders, first), tmp_path / "cache")
    assert (found / "contracts" / "p.yaml").read_text() == contract("p")
    assert [p.name for p in found.iterdir()] == ["contracts"]  # nothing of git's own
    assert found.parent.name.startswith("orders-")
    assert found.name == first
    assert left_behind(tmp_path / "cache") == []


def test_a_name_is_taken_for_the_folder(orders, tmp_path):
    commit = orders.commit(p=contract("p"))
    assert fetched(pinned(orders, commit, "shop"), tmp_path / "cache").parent.name.startswith("shop-")


def test_what_is_in_the_cache_is_had_without_git_and_without_the_repository(orders, tmp_path, monkeypatch):
    commit = orders.commit(p=contract("p"))
    first = fetched(pinned(orders, commit), tmp_path / "cache")
    orders.bare.rename(tmp_path / "gone")
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f"touch {tmp_path}/ran; exit 1"))
    assert fetched(pinned(orders, commit), tmp_path / "cache") == first
    assert not (tmp_path / "ran").exists()


def test_without_a_cache_it_is_there_for_the_run(orders):
    commit = orders.commit(p=contract("p"))
    found = fetched(pinned(orders, commit), None)
    assert (found / "p.yaml").exists()
    assert fetched(pinned(orders, commit), None) == found


def test_a_temporary_folder_is_gone_when_the_process_ends(orders):
    commit = orders.commit(p=contract("p"))
    script = (
        "from pathlib import Path; from meshkit.loading.fetching import *; from meshkit.loading.addresses import *;"
        f"print(fetched(Pinned(parse_address({str(orders.bare)!r}, Path('/')), {commit!r}), None))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert commit in done.stdout
    assert not Path(done.stdout.strip()).exists()


def test_a_cache_that_cannot_be_written_costs_no_answer(orders, tmp_path):
    commit = orders.commit(p=contract("p"))
    (tmp_path / "cache").write_text("a file, no folder")
    assert (fetched(pinned(orders, commit), tmp_path / "cache") / "p.yaml").exists()


def test_a_server_that_gives_no_bare_hash_is_asked_for_all(orders, tmp_path, monkeypatch):
    first = orders.commit(p=contract("p"))
    orders.commit(p=contract("p", version="2.0.0"))
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    refuse = (
        'case "$*" in *--depth*) echo "error: Server does not allow request for unadvertised object" >&2; exit 1;; esac'
    )
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f'{refuse}\nexec {real} "$@"'))
    found = fetched(pinned(orders, first), tmp_path / "cache")
    assert (found / "p.yaml").read_text() == contract("p")


def test_hashes_of_64_digits_are_commits_too(hub, tmp_path):
    repository = Repository(hub, "new", "--object-format=sha256")
    commit = repository.commit(p=contract("p"))
    assert len(commit) == 64
    assert (fetched(pinned(repository, commit), tmp_path / "cache") / "p.yaml").exists()


@pytest.mark.parametrize("what", ["nowhere", "tree", "tag"])
def test_a_hash_that_is_no_commit_of_the_repository_leaves_nothing(orders, tmp_path, what):
    orders.commit(p=contract("p"))
    git(orders.work, "tag", "-a", "v1", "-m", "x")
    git(orders.work, "push", "-q", str(orders.bare), "v1")
    ask = {"nowhere": "", "tree": "HEAD^{tree}", "tag": "v1"}[what]
    digest = git(orders.work, "rev-parse", ask) if ask else NOWHERE
    with pytest.raises(ContractError) as caught:
        fetched(pinned(orders, digest), tmp_path / "cache")
    assert caught.value.code == "MK173"
    assert "git ls-remote" in caught.value.hint
    assert list((tmp_path / "cache").rglob("*.yaml")) == []
    assert left_behind(tmp_path / "cache") == []


def test_a_repository_that_is_not_there_is_told_in_gits_words(tmp_path):
    address = parse_address(str(tmp_path / "nothing.git"), Path("/"))
    with pytest.raises(ContractError) as caught:
        fetched(Pinned(address, NOWHERE), tmp_path / "cache")
    assert caught.value.code == "MK173"
    assert "git says: fatal: '" in caught.value.what  # and not the general words that git adds
    assert "does not appear to be a git repository" in caught.value.what
    assert "\n" not in caught.value.render()


def test_git_says_no_login_and_sends_no_control_character(tmp_path, monkeypatch):
    said = (
        r"printf 'remote: \033[31mhello\nfatal: unable to access https://me:hunter2@host/x: 403\033[0m\n' >&2; exit 128"
    )
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f'case "$*" in *"init --quiet"*) exit 0;; esac\n{said}'))
    with pytest.raises(ContractError) as caught:
        fetched(Pinned(parse_address("https://host/x", Path("/")), NOWHERE), tmp_path / "cache")
    assert "unable to access https://host/x: 403" in caught.value.what
    assert "hunter2" not in caught.value.render()
    assert "\x1b" not in caught.value.render()


def test_that_git_is_missing_is_said(orders, tmp_path, monkeypatch):
    commit = orders.commit(p=contract("p"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ContractError) as caught:
        fetched(pinned(orders, commit), tmp_path / "cache")
    assert (caught.value.code, "git is not installed" in caught.value.what) == ("MK173", True)


def test_a_git_that_gives_no_answer_is_ended(orders, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f"sleep 60 &\necho $! > {tmp_path}/pid\nwait"))
    began = time.monotonic()
    with pytest.raises(ContractError, match="no answer in"):
        fetched(pinned(orders, NOWHERE), tmp_path / "cache")
    assert time.monotonic() - began < 20
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert left_behind(tmp_path / "cache") == []


def test_ctrl_c_ends_git_and_leaves_no_half_folder(orders, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f"sleep 60 &\necho $! > {tmp_path}/pid.new\nmv {tmp_path}/pid.new {tmp_path}/pid\nwait"))  # fmt: skip

    def press() -> None:
        while not (tmp_path / "pid").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        fetched(pinned(orders, NOWHERE), tmp_path / "cache")
    thread.join()
    assert is_gone(int((tmp_path / "pid").read_text()))
    assert left_behind(tmp_path / "cache") == []
    assert list((tmp_path / "cache" / "git").glob("*/*")) == []


def is_gone(pid: int) -> bool:
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # ended, and nobody has asked for its code yet
            return True
        time.sleep(0.01)
    return False


def test_what_a_killed_process_left_is_no_part_of_the_cache_and_is_removed_after_a_day(orders, tmp_path):
    commit = orders.commit(p=contract("p"))
    folder = fetched(pinned(orders, commit), tmp_path / "cache").parent
    for name, age in (("old", 2 * 86400), ("young", 60)):
        stage = folder / f".stage-{name}"
        (stage / "files").mkdir(parents=True)
        (stage / "files" / "half.yaml").write_text(contract("half"))
        os.utime(stage, (time.time() - age,) * 2)
    second = orders.commit(q=contract("q"))
    fetched(pinned(orders, second), tmp_path / "cache")
    assert left_behind(tmp_path / "cache") == [".stage-young"]  # it may be at work


def test_several_processes_that_fetch_at_once_make_one_folder(orders, tmp_path):
    commit = orders.commit(p=contract("p"))
    script = (
        "from pathlib import Path; from meshkit.loading.fetching import *; from meshkit.loading.addresses import *;"
        f"print(fetched(Pinned(parse_address({str(orders.bare)!r}, Path('/')), {commit!r}), Path({str(tmp_path / 'cache')!r})))"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0] * 4
    (folder,) = said
    assert (Path(folder) / "p.yaml").read_text() == contract("p")
    assert left_behind(tmp_path / "cache") == []


def test_links_in_a_repository_lead_nowhere(orders, tmp_path):
    (tmp_path / "secret.yaml").write_text(contract("secret"))
    (orders.work / "p.yaml").symlink_to(tmp_path / "secret.yaml")
    (orders.work / "folder").symlink_to("/etc")
    found = fetched(pinned(orders, orders.commit_all()), tmp_path / "cache")
    assert not any(p.is_symlink() for p in found.rglob("*"))
    assert (found / "p.yaml").read_text() == str(tmp_path / "secret.yaml")


def test_nothing_of_the_users_settings_is_run_on_fetched_files(orders, tmp_path, monkeypatch):
    (orders.work / ".gitattributes").write_text("* filter=evil\n")
    commit = orders.commit(p=contract("p"))
    hooks = tmp_path / "hooks"
    program(hooks, "")
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[core]\n hooksPath = {hooks}\n fsmonitor = touch {tmp_path}/ran\n[filter "evil"]\n smudge = touch {tmp_path}/ran\n required = true\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(hooks))
    found = fetched(pinned(orders, commit), tmp_path / "cache")
    assert (found / "p.yaml").read_text() == contract("p")
    assert not (tmp_path / "ran").exists()


def test_an_address_that_the_users_settings_turn_into_a_program_is_refused(orders, tmp_path, monkeypatch):
    commit = orders.commit(p=contract("p"))
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[url "ext::sh -c touch% {tmp_path}/ran "]\n insteadOf = {orders.bare}\n[protocol "ext"]\n allow = always\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with pytest.raises(ContractError, match="transport 'ext' not allowed"):
        fetched(pinned(orders, commit), tmp_path / "cache")
    assert not (tmp_path / "ran").exists()


def test_submodules_are_not_fetched(orders, hub, tmp_path):
    other = Repository(hub, "other")
    other.commit(q=contract("q"))
    (orders.work / ".gitmodules").write_text(f'[submodule "other"]\n path = other\n url = {other.bare}\n')
    inner = git(other.work, "rev-parse", "HEAD")
    git(orders.work, "update-index", "--add", "--cacheinfo", f"160000,{inner},other")
    (orders.work / "p.yaml").write_text(contract("p"))
    git(orders.work, "add", ".gitmodules", "p.yaml")
    git(orders.work, "commit", "-q", "-m", "x")
    git(orders.work, "push", "-q", str(orders.bare), "HEAD:refs/heads/main")
    found = fetched(pinned(orders, git(orders.work, "rev-parse", "HEAD")), tmp_path / "cache")
    assert not any((found / "other").glob("*"))
