"""Where secrets are taken from, when a connection is opened and not before: the environment, and files outside the mesh."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from meshkit.errors import ContractError, EngineError
from meshkit.loading.settings_form import SecretForm
from meshkit.model.secret import Secret
from meshkit.model.variables import Variables, from_environment

_WHOLE = re.compile(r"\$\{[^{}]*\}")
_MOST_BYTES = 65_536


class Reach(NamedTuple):
    """What it takes to reach an engine: a URL with everything in it, and what else its driver is told."""

    url: Secret
    options: Mapping[str, Secret] = {}


class Vault:
    """Fetches secrets.

    Args:
        environment: Name -> value.
        folders: Those that no secret may lie in: the mesh, and where `meshkit.yaml` is.
        confined: Whether a server asks: then no files are read, and only variables that `MESHKIT_VARIABLES` lists.
    """

    def __init__(self, environment: Mapping[str, str], folders: Sequence[Path] = (), *, confined: bool = False) -> None:
        self._variables: Variables = from_environment(environment, confined=confined)
        self._folders = folders
        self._confined = confined

    def text(self, template: str) -> Secret:
        """Return a text with its variables replaced.

        Raises:
            EngineError: MK314, one has no value, or may not be used here.
        """
        return Secret(self._put(template, lambda value: value))

    def url(self, template: str) -> Secret:
        """Return a URL with its variables replaced: quoted before the host and in the query, and as they are elsewhere.

        Raises:
            EngineError: As `text`.
        """
        if _WHOLE.fullmatch(template):
            return self.text(template)
        before, mark, query = template.partition("?")
        scheme, colon, rest = before.partition("://")
        user, at, host = rest.rpartition("@")
        head = f"{self._put(scheme, _as_it_is)}{colon}{self._put(user, _quoted)}{at}{self._put(host, _as_it_is)}"
        return Secret(f"{head}{mark}{self._put(query, _quoted)}")

    def secret(self, source: SecretForm, base: Path) -> Secret:
        """Return what stands in a variable or a file.

        Args:
            source: Which.
            base: Where a relative path starts.

        Raises:
            EngineError: MK314, it is not there; ContractError: MK161, the file is in the mesh.
        """
        if source.env:
            return self.text(f"${{{source.env}}}")
        if self._confined:
            raise EngineError(
                "secrets are not read from files here",
                "behind a server, use {env: NAME} and MESHKIT_VARIABLES",
                code="MK314",
            )
        path = secret_path(source.file or "", base)
        if is_inside(path, self._folders):
            raise inside_error(source.file or "")
        return _content(path, source.file or "")

    def _put(self, text: str, write: Callable[[str], str]) -> str:
        try:
            return self._variables.put_by(text, write)
        except ContractError as error:
            hint = error.hint if "MESHKIT_VARIABLES" in error.hint else "set it in the environment of this run"
            raise EngineError(error.what, hint, code="MK314") from None


def secret_path(text: str, base: Path) -> Path:
    """Return the path of a secret's file; `~` is the home folder."""
    return base / os.path.expanduser(text)  # noqa: PTH111  # `~` alone, and never an error


def is_inside(path: Path, folders: Sequence[Path]) -> bool:
    """Tell whether a file lies in one of some folders, links followed."""
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(os.path.realpath(folder)) for folder in folders)


def inside_error(shown: str) -> ContractError:
    """Return the error that a secret lies where contracts do."""
    return ContractError(
        f"the secret's file '{shown}' is inside the mesh", "move it out, where it cannot be committed", code="MK161"
    )


def is_open_to_others(path: Path) -> bool:
    """Tell whether a file is there that others than its owner can read."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _content(path: Path, shown: str) -> Secret:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1).decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise EngineError(
            f"the secret's file '{shown}' cannot be read: {reason}", "check its path", code="MK314"
        ) from None
    except UnicodeDecodeError:
        raise EngineError(f"the secret's file '{shown}' is not UTF-8", "save it as UTF-8", code="MK314") from None
    if not text or len(text) > _MOST_BYTES:
        what = "is empty" if not text else "is too large for a secret"
        raise EngineError(f"the secret's file '{shown}' {what}", "it holds the secret and nothing else", code="MK314")
    return Secret(text)


def _as_it_is(value: str) -> str:
    return value


def _quoted(value: str) -> str:
    return quote(value, safe="")
