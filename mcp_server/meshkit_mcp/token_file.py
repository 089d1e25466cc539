"""The token file: hashes of tokens, whose they are and until when. JSON, so that programs write it as safely as people."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

import meshkit
from meshkit_mcp.proofs import GRANTABLE, NotProvedError, Proof, UnprovableError

PREFIX = "meshkit_"
"""Begins every token, so that scanners for secrets find one that was committed."""
MOST_BYTES = 4 * 1024 * 1024
_LOG = logging.getLogger(__name__)


class Entry(BaseModel):
    """One token: never itself, only its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    principal: str = Field(min_length=1, max_length=300)
    scopes: tuple[str, ...]
    expires: AwareDatetime
    note: str = Field(default="", max_length=300)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: tuple[Entry, ...] = ()


class TokenFile:
    """Knows tokens by a file, and reads it again once it has changed.

    Args:
        path: The file.

    Raises:
        UsageError: It cannot be read, says something that is not understood, or others may write it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sign = _sign(path)
        _look_at_rights(path)
        self._entries: tuple[tuple[bytes, Entry], ...] | None = _hashes(read(path))

    async def prove(self, token: str) -> Proof:
        """Return whose a token is; every entry is compared, however early one fits."""
        given = hashlib.sha256(token.encode()).digest()
        found = None
        for known, entry in self._fresh():
            if hmac.compare_digest(known, given):
                found = entry
        if found is None:
            raise NotProvedError("not in the token file")
        if found.expires <= datetime.now(UTC):
            raise NotProvedError("ended")
        return Proof(found.principal, frozenset(found.scopes))

    def _fresh(self) -> tuple[tuple[bytes, Entry], ...]:
        """Return the entries as the file is now; one that cannot be read lets nobody in."""
        try:
            sign = _sign(self._path)
            if sign != self._sign:
                self._sign, self._entries = sign, None
                _look_at_rights(self._path)
                self._entries = _hashes(read(self._path))
        except meshkit.MeshkitError as error:
            self._entries = None
            _LOG.error("%s", error)
        if self._entries is None:
            raise UnprovableError("the token file cannot be read")
        return self._entries


def read(path: Path) -> list[Entry]:
    """Read the entries of a token file.

    Raises:
        UsageError: It is not there, too large, or says something that is not understood.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise meshkit.UsageError(f"{path}: more than {MOST_BYTES:,} bytes", "take out tokens that have ended")
        found = _File.model_validate_json(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise meshkit.UsageError(f"{path}: {reason}", "meshkit-mcp token --tokens FILE --as ID makes one") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        hint = 'entries look like {"tokens": [{"sha256": "...", "principal": "...", "scopes": [...], "expires": "2027-01-31T00:00:00Z"}]}'
        raise meshkit.UsageError(f"{path}: {where}{': ' if where else ''}{first['msg']}", hint) from error
    for number, entry in enumerate(found.tokens):
        for scope in entry.scopes:
            if scope not in GRANTABLE:
                raise meshkit.UsageError(
                    f"{path}: tokens.{number}: unknown scope '{scope[:80]}'", f"known: {', '.join(GRANTABLE)}"
                )
    if len({entry.sha256 for entry in found.tokens}) < len(found.tokens):
        raise meshkit.UsageError(f"{path}: one token is there twice", "take one of the two entries out")
    return list(found.tokens)


def add(path: Path, entry: Entry) -> None:
    """Add an entry to a token file, or make the file; at every moment it is whole, and only its owner may read it.

    Raises:
        UsageError: The file cannot be read or written, or another command is writing it.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # one writer: a second finds it there
    except FileExistsError as error:
        hint = "try again; remove it where no command is running"
        raise meshkit.UsageError(f"{draft} is there: another command writes tokens", hint) from error
    except OSError as error:
        raise meshkit.UsageError(f"{path}: {(error.strerror or str(error)).lower()}", "give another file") from error
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            known = read(path) if path.exists() else []  # only now: what another command wrote meanwhile is in it
            document = _File(tokens=(*known, entry)).model_dump(mode="json", exclude_defaults=True)
            file.write(json.dumps(document, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException as error:  # Ctrl-C too: a draft that stays would keep every other command out
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise meshkit.UsageError(
                f"{path}: {(error.strerror or str(error)).lower()}", "give another file"
            ) from error
        raise


def new_token(principal: str, scopes: tuple[str, ...], days: int, note: str = "") -> tuple[str, Entry]:
    """Return a random token of 256 bits, and its entry."""
    token = PREFIX + secrets.token_urlsafe(32)
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    return token, Entry(sha256=hashed, principal=principal, scopes=scopes, expires=ends, note=note)


def _hashes(entries: list[Entry]) -> tuple[tuple[bytes, Entry], ...]:
    return tuple((bytes.fromhex(entry.sha256), entry) for entry in entries)


def _sign(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise meshkit.UsageError(f"{path}: {reason}", "meshkit-mcp token --tokens FILE --as ID makes one") from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _look_at_rights(path: Path) -> None:
    """Refuse a file that others may write: they could let themselves in. One that they may read is only warned about."""
    mode = path.stat().st_mode
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise meshkit.UsageError(f"{path}: others may write it, and so let themselves in", f"run: chmod 600 {path}")
    if os.name == "posix" and mode & stat.S_IROTH:
        _LOG.warning("%s: everybody on this machine may read it; run: chmod 600 %s", path, path)
