"""The address of a git repository: which are asked for at all, and how one is shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from meshkit.errors import ContractError
from meshkit.model.secret import shows_password

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]|%0[0ad]", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)")
_HOST = re.compile(
    r"(?:(?P<user>[A-Za-z0-9_.][\w.+-]*)@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
_SCP = re.compile(r"[A-Za-z0-9_.][\w.+-]*@(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^-:\s]\S*)")
_LOGIN = re.compile(r"(?<=://)[^/\s'\"]*@")
_FORMS = "write https://host/path, ssh://user@host/path, user@host:path, file:///path or a path"


class Address(NamedTuple):
    """Where a repository is.

    Attributes:
        url: As git takes it; a local one in full.
        transport: `https`, `ssh` or `file`: the only one that git may use.
        shown: As it may be shown.
    """

    url: str
    transport: str
    shown: str


def parse_address(text: str, folder: Path) -> Address:
    """Read the address of a repository; a path starts at `folder`.

    Raises:
        ContractError: MK160, a login stands in it; MK171, it is in none of the forms that git is asked for.
    """
    if _CONTROL.search(text):
        raise _refused("the address holds a control character")
    if text.startswith("-"):
        raise _refused("an address that starts with '-' would be an option of git")
    if "::" in text and not re.match(r"(https|ssh)://[^/]*\[", text):
        raise _refused("an address with '::' would have git run a program")
    scheme = _SCHEME.fullmatch(text)
    if scheme:
        return _url(scheme[1].lower(), scheme[2], folder)
    scp = _SCP.fullmatch(text)
    if scp:
        return Address(text, "ssh", text)
    if ":" in text.partition("/")[0] and not (os.name == "nt" and re.match(r"[A-Za-z]:[\\/]", text)):
        raise _refused("this is no address that git is asked for")
    path = os.path.abspath(folder / text)  # noqa: PTH100  # links stay as written
    return Address(path, "file", path)


def _url(scheme: str, rest: str, folder: Path) -> Address:
    if scheme == "file":
        if not rest.startswith("/"):
            raise _refused("a file:// address names no other machine")
        return parse_address(rest, folder)
    if scheme not in ("https", "ssh"):
        raise _refused(f"git is not asked by '{scheme[:20]}://'")
    host, slash, path = rest.partition("/")
    if shows_password(f"{scheme}://{rest}") or (scheme == "https" and "@" in host) or ":" in host.rpartition("@")[0]:
        raise ContractError(
            "a login stands in the address in the clear",
            "leave it out, and change it if others have seen it; git takes logins from its credential helper, or use ssh",
            code="MK160",
        )
    if not _HOST.fullmatch(host) or not slash or not path or re.search(r"[\s?#]", path):
        raise _refused("this is no address of a repository")
    url = f"{scheme}://{host}/{path}"
    return Address(url, scheme, url)


def _refused(what: str) -> ContractError:
    return ContractError(what, _FORMS, code="MK171")


def name_of(address: Address) -> str:
    """Return a short name of a repository, fit for a folder.

    Example:
        >>> name_of(Address("git@host:team/orders.git", "ssh", ""))
        'orders'
    """
    last = re.split(r"[/:\\]", address.url.rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9_-]+", "-", last).strip("-")[:40] or "repository"


def without_logins(text: str) -> str:
    """Return what git said without what may be a login in an address.

    Example:
        >>> without_logins("unable to access 'https://me:hunter2@host/x/'")
        "unable to access 'https://host/x/'"
    """
    return _LOGIN.sub("", text)
