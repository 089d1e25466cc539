"""Commits of git repositories as plain folders, fetched by git itself and kept in the cache.

A folder is there whole or not at all: it is made in a stage beside its place, and renamed. One that is there is never
fetched again, and git is not run for it.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from meshkit.errors import ContractError
from meshkit.loading.addresses import Address, name_of, without_logins

TIMEOUT_SECONDS = 300
_STALE_SECONDS = 24 * 3600
_STAGE = ".stage-"
_USERS_OWN = re.compile(
    r"(?!GIT_)|GIT_(ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|SSL_CAINFO|SSL_CAPATH|SSL_CERT|SSL_KEY|EXEC_PATH|CONFIG_GLOBAL"
    r"|CONFIG_SYSTEM|CONFIG_NOSYSTEM|CONFIG_COUNT|CONFIG_KEY_\d+|CONFIG_VALUE_\d+)$"
)
"""What a user tells git about how to reach others; all else, such as GIT_DIR, would lead it elsewhere."""
_REFUSED_HASH = re.compile(
    r"not our ref|unadvertised object|does not allow request|couldn't find remote ref|no such ref", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SAYS_NOTHING = (
    "fatal: Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists",
)
"""What git adds last whenever a repository cannot be reached; why stands before it."""
_OPTIONS = (
    "core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false", "core.autocrlf=false",
    "core.protectNTFS=true", "core.protectHFS=true", "submodule.recurse=false", "fetch.recurseSubmodules=false",
    "gc.auto=0", "maintenance.auto=false", "advice.detachedHead=false", "protocol.version=2", "http.followRedirects=initial",
    "fetch.fsckObjects=false", "protocol.allow=never",
)  # fmt: skip


class Pinned(NamedTuple):
    """A repository at a commit; `name` is what its user calls it, or an empty text."""

    address: Address
    commit: str
    name: str = ""


def fetched(pinned: Pinned, cache: Path | None) -> Path:
    """Return a folder with the files of a commit; fetched if the cache does not have it.

    Args:
        pinned: What is wanted.
        cache: The folder of caches; None = a temporary one, which is gone when the process ends.

    Raises:
        ContractError: MK173, it could not be had.
    """
    digest = hashlib.sha256(pinned.address.url.encode()).hexdigest()[:12]
    place = Path("git") / f"{pinned.name or name_of(pinned.address)}-{digest}" / pinned.commit
    if cache is not None:
        if (cache / place).is_dir():
            return cache / place
        try:
            (cache / place).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _made(pinned, cache / place)
        except OSError:
            pass  # a cache that cannot be written costs time, never an answer
    target = _temporary() / place
    if not target.is_dir():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return _made(pinned, target)
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            raise ContractError(f"{_who(pinned)} cannot be written: {reason}", "make room", code="MK173") from None
    return target


class _Temporary:
    folder: Path | None = None


def _temporary() -> Path:
    if _Temporary.folder is None or not _Temporary.folder.is_dir():
        _Temporary.folder = Path(tempfile.mkdtemp(prefix="meshkit-git-"))
        atexit.register(forget)
    return _Temporary.folder


def forget() -> None:
    """Remove what was fetched for this run alone."""
    if _Temporary.folder is not None:
        shutil.rmtree(_Temporary.folder, ignore_errors=True)


def _made(pinned: Pinned, target: Path) -> Path:
    _sweep(target.parent)
    stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=target.parent))
    try:
        (stage / "files").mkdir()
        _Git(pinned, stage).run()
        try:
            (stage / "files").rename(target)
        except OSError:
            if not target.is_dir():  # else another process was faster, and has the same files
                raise
        return target
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove the stages of processes that were killed."""
    for entry in folder.glob(f"{_STAGE}*"):
        with contextlib.suppress(OSError):
            if time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(entry, ignore_errors=True)


class _Git:
    """Runs git for one commit."""

    def __init__(self, pinned: Pinned, stage: Path) -> None:
        self._pinned = pinned
        self._files = stage / "files"
        self._repository = stage / "repository"
        self._until = time.monotonic() + TIMEOUT_SECONDS

    def run(self) -> None:
        commit = self._pinned.commit
        form = "sha256" if len(commit) == 64 else "sha1"
        made = ("init", "--quiet", "--bare", "--template=", *(("--object-format=sha256",) if form == "sha256" else ()))
        self._must(*made, str(self._repository))
        self._fetch(commit)
        at = (f"--git-dir={self._repository}", f"--work-tree={self._files}", "-c", "core.bare=false")
        self._must(*at, "checkout", "--quiet", "--force", "--no-recurse-submodules", "--detach", commit, "--")

    def _fetch(self, commit: str) -> None:
        base = (f"--git-dir={self._repository}", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
        url = self._pinned.address.url
        code, said = self._git(*base, "--depth", "1", "--", url, commit, is_remote=True)
        if code and _REFUSED_HASH.search(said):
            everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            code, said = self._git(*base, "--", url, *everything, is_remote=True)
            if not code and self._kind(commit) != "commit":
                raise self._failed("there is no such commit in any of its branches and tags", self._ask())
        if code:
            raise self._failed(f"git says: {_last_line(said)}", self._ask())
        if self._kind(commit) != "commit":
            raise self._failed("the hash is not that of a commit", self._ask())

    def _kind(self, commit: str) -> str:
        code, said = self._git(f"--git-dir={self._repository}", "cat-file", "-t", commit)
        return "" if code else said.strip()

    def _must(self, *arguments: str) -> None:
        code, said = self._git(*arguments)
        if code:
            raise self._failed(f"git says: {_last_line(said)}", "see whether git works here")

    def _ask(self) -> str:
        return f"try it by hand: git ls-remote {self._pinned.address.shown}"

    def _failed(self, why: str, hint: str) -> ContractError:
        return ContractError(f"{_who(self._pinned)} could not be fetched: {why}", hint, code="MK173")

    def _git(self, *arguments: str, is_remote: bool = False) -> tuple[int, str]:
        """Run git; return its exit code and all that it said."""
        options = [*_OPTIONS, f"protocol.{self._pinned.address.transport}.allow=always"]
        command = ["git", *(part for option in options for part in ("-c", option)), *arguments]
        environment = _environment(os.environ, self._pinned.address.transport, is_remote=is_remote)
        try:
            process = subprocess.Popen(  # noqa: S603  # a fixed list, no shell
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                cwd=self._files, start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            raise self._failed("git is not installed", "install git, or name a local folder by its path") from None
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            raise self._failed(f"git cannot be run: {reason}", "see whether git works here") from None
        try:
            said, _ = process.communicate(timeout=max(0.1, self._until - time.monotonic()))
        except BaseException as error:  # Ctrl-C too
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise self._failed(f"git gave no answer in {TIMEOUT_SECONDS} seconds", self._ask()) from None
            raise
        return process.returncode, said.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started: they are in a session of their own, which Ctrl-C does not reach."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _environment(given: Mapping[str, str], transport: str, *, is_remote: bool) -> dict[str, str]:
    kept = {k: v for k, v in given.items() if _USERS_OWN.match(k) and k != "SSH_ASKPASS"}
    kept |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_ALLOW_PROTOCOL": transport}
    kept |= {"SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never"}
    if is_remote:  # the user's settings hold how to log in
        return kept
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return {k: v for k, v in kept.items() if not k.startswith("GIT_CONFIG_")} | settings | {"GIT_ATTR_NOSYSTEM": "1"}


def _who(pinned: Pinned) -> str:
    return f"{pinned.address.shown} at {pinned.commit[:12]}"


def _last_line(said: str) -> str:
    """Return the last line of git's that says what is wrong, without logins and control characters."""
    lines = [_CONTROL.sub(" ", line).strip() for line in said.replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line and not line.startswith(_SAYS_NOTHING)]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines or ["nothing"]
    return without_logins(telling[-1])[:300]
