"""The keys of who issues tokens: read from a file or by HTTPS, kept for a while, and read again for a key that is new."""

from __future__ import annotations

import ipaddress
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anyio import Lock, to_thread

import meshkit
from meshkit_mcp.proofs import UnprovableError

FRESH_SECONDS = 600.0
"""Keys that are younger are not read again, but for a key that is unknown."""
AGAIN_SECONDS = 30.0
"""Between two tries, however many unknown keys are named: nobody can have us ask the issuer without end."""
LAST_SECONDS = 3_600.0
"""Where the issuer cannot be reached, its last keys count for so long; then nobody gets in."""
MOST_BYTES = 512 * 1024
_TIMEOUT_SECONDS = 5.0
_LOG = logging.getLogger(__name__)

Key = Mapping[str, Any]


class UnreadableKeysError(Exception):
    """The keys cannot be read; the message says why."""


class Keys:
    """The keys as they were last read.

    Args:
        read: Reads the document.
        clock: Seconds that only rise.
    """

    def __init__(self, read: Callable[[], bytes], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._keys: tuple[Key, ...] | None = None
        self._read_at = self._tried_at = float("-inf")
        self._lock = Lock()

    async def find(self, name: str | None) -> Key | None:
        """Return the key of a name; without a name the only one that there is.

        Raises:
            UnprovableError: There are no keys, or only old ones.
        """
        if self._clock() - self._read_at > FRESH_SECONDS:
            await self.refresh()
        found = self._named(name)
        if found is None and name is not None:
            await self.refresh()
            found = self._named(name)
        if self._clock() - self._read_at > LAST_SECONDS:
            raise UnprovableError("the issuer's keys cannot be read")
        return found

    async def refresh(self) -> None:
        """Read the keys, unless that was tried a moment ago; where it fails, those of before stay, and that is logged."""
        async with self._lock:
            if self._clock() - self._tried_at < AGAIN_SECONDS:
                return
            self._tried_at = self._clock()
            try:
                self._keys = parse_keys(await to_thread.run_sync(self._read))
                self._read_at = self._clock()
            except UnreadableKeysError as error:
                _LOG.error("the issuer's keys cannot be read: %s", error)

    def _named(self, name: str | None) -> Key | None:
        known = self._keys or ()
        found = [key for key in known if name is None or key.get("kid") == name]
        return found[0] if len(found) == 1 else None


def parse_keys(text: bytes) -> tuple[Key, ...]:
    """Return the public keys for signatures of a JWK set; secrets that stand among them are left out.

    Raises:
        UnreadableKeysError: It is no JWK set.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableKeysError("it is not JSON") from error
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise UnreadableKeysError("it has no list of keys")
    return tuple(
        key
        for key in listed
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and "d" not in key and _for_signatures(key)
    )


def reader(place: str) -> Callable[[], bytes]:
    """Return what reads the keys of a URL or a file.

    Raises:
        UsageError: It is a URL that others on the way could change.
    """
    parts = urlsplit(place)
    if parts.scheme not in ("http", "https"):
        return lambda: _of_file(Path(place))
    if parts.scheme == "http" and not _is_local(parts.hostname or ""):
        raise meshkit.UsageError(
            f"--jwks {place[:200]}: keys come by https, or from this machine", "give the https address"
        )
    if parts.username or parts.password:
        raise meshkit.UsageError("--jwks: no name or password in the address", "give the address that is public")
    return lambda: _fetch(place)


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise UnreadableKeysError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _fetch(url: str) -> bytes:
    """Get a document within a size and a time, from exactly this address."""
    ends = time.monotonic() + _TIMEOUT_SECONDS
    is_local = _is_local(urlsplit(url).hostname or "")  # a proxy of the environment could change what http carries
    proxies = [urllib.request.ProxyHandler({})] if is_local else []
    opener = urllib.request.build_opener(_NoRedirects, *proxies)
    try:
        with opener.open(url, timeout=_TIMEOUT_SECONDS) as response:
            parts: list[bytes] = []
            while part := response.read1(65_536):
                parts.append(part)
                _within_limit(b"".join(parts))
                if time.monotonic() > ends:
                    raise UnreadableKeysError(f"{url}: not whole after {_TIMEOUT_SECONDS:.0f} seconds")
            return b"".join(parts)
    except urllib.error.HTTPError as error:
        raise UnreadableKeysError(f"{url}: answered {error.code}") from error
    except (OSError, ValueError) as error:  # URLError is an OSError; a bad chunk of the answer is a ValueError
        raise UnreadableKeysError(f"{url}: {type(error).__name__}") from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to any host, inside too: it is an error."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


def _within_limit(text: bytes) -> bytes:
    if len(text) > MOST_BYTES:
        raise UnreadableKeysError(f"more than {MOST_BYTES:,} bytes")
    return text


def _for_signatures(key: Key) -> bool:
    operations = key.get("key_ops")
    return key.get("use", "sig") == "sig" and (operations is None or "verify" in operations)


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
