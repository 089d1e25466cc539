"""A server of ClickHouse, by clickhouse-connect over HTTP."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from meshkit.engines.base import Settings
from meshkit.engines.clickhouse_errors import code_of
from meshkit.engines.clickhouse_settings import ANSWERS, FORMAT, READ_ONLY, timeout
from meshkit.engines.driver import Address
from meshkit.engines.logins import CONNECT_SECONDS, login_of, unreached
from meshkit.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

OPTIONS = (
    "secure",
    "verify",
    "ca_cert",
    "client_cert",
    "client_cert_key",
    "access_token",
    "server_host_name",
    "proxy_path",
)
_PATIENCE = 15
"""Seconds beyond a statement's own time after which the answer is given up."""
_REFUSALS = {
    193: ("the login is refused", "check user and password"),
    194: ("it wants a password", "give it in the URL"),
    192: ("there is no such user", "check the user"),
    516: ("the login is refused", "check user and password"),
    81: ("there is no such database", "check the database"),
    291: ("the user may not use this database", "grant SELECT on it"),
    115: ("it lacks a setting that answers hang on", "meshkit needs ClickHouse 24.12 or later"),
    164: ("the user may not give settings, and answers hang on them", "set readonly = 2, not 1, in the user's profile"),
    452: (
        "a constraint on the user's settings forbids one that answers hang on",
        "see the constraints of the user's profile",
    ),
}


class Server:
    """A connection. Each statement brings its settings with it, so that none stays behind.

    Args:
        module: `clickhouse_connect`.
        errors: The driver's errors, as their common base.
        address: Where to.
        settings: Limits.

    Raises:
        EngineError: MK311 it is not reached.
    """

    can_cancel = True

    def __init__(self, module: Any, errors: type[Exception], address: Address, settings: Settings) -> None:
        self._errors = errors
        self._statement = ""
        self._turn = threading.Lock()
        seconds = settings.timeout_seconds
        self._settings: Mapping[str, Any] = {
            **ANSWERS,
            **FORMAT,
            **timeout(seconds),
            **READ_ONLY,
            "cancel_http_readonly_queries_on_client_close": 1,
        }
        arguments = arguments_of(address)
        if seconds:
            arguments["send_receive_timeout"] = seconds + _PATIENCE
        try:
            self._client = module.get_client(**arguments)
            self._other = module.get_client(**arguments)
        except (errors, OSError) as error:
            raise _unreached(address, error) from None
        try:
            self.ask("SELECT 1 AS one")
        except (errors, OSError) as error:
            self.close()
            raise _unreached(address, error) from None

    def ask(self, query: str) -> pa.Table:
        """Run one query; an error is the driver's own."""
        name = f"meshkit-{uuid.uuid4()}"
        with self._turn:
            self._statement = name
        try:
            return self._client.query_arrow(query, settings={**self._settings, "query_id": name}, use_strings=True)
        finally:
            with self._turn:
                self._statement = ""

    def stop(self) -> None:
        """Stop the running statement, by a connection of its own; a user may stop what is their own."""
        with self._turn:
            name = self._statement
        if name:
            with contextlib.suppress(self._errors, OSError):  # it has ended meanwhile, or the server is gone
                self._other.command(f"KILL QUERY WHERE query_id = '{name}' ASYNC")

    def close(self) -> None:
        """Close both connections."""
        for client in (self._client, self._other):
            with contextlib.suppress(self._errors, OSError):  # it may be lost already
                client.close()


def arguments_of(address: Address) -> dict[str, Any]:
    """Return what `get_client` is given. `clickhouses://` is the same over TLS."""
    login = login_of(address, OPTIONS)
    options: dict[str, Any] = dict(login.options)
    is_secure = address.url.startswith("clickhouses:")
    if "secure" in options:
        is_secure = is_secure or _is_true(options.pop("secure"))
    if "verify" in options:
        options["verify"] = _is_true(options["verify"])
    arguments = {
        "host": login.host or "localhost",
        "port": login.port or (8443 if is_secure else 8123),
        "username": None if "access_token" in options else login.user or "default",
        "password": login.password,
        "database": login.database or "default",
        "secure": is_secure,
        "connect_timeout": CONNECT_SECONDS,
        "client_name": "meshkit",
        "autogenerate_session_id": False,  # statements may run side by side
        **options,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _is_true(text: str) -> bool:
    return text.lower() in ("1", "true", "yes", "on")


def _unreached(address: Address, error: Exception) -> EngineError:
    code, text = code_of(str(error)), str(error)
    if code in _REFUSALS:
        return unreached(address, *_REFUSALS[code])
    for sign, reason in (
        ("Connection refused", "nothing listens there"),
        ("timed out", f"no answer within {CONNECT_SECONDS} s"),
        ("Name or service not known", "the host is not known"),
        ("getaddrinfo", "the host is not known"),
        ("certificate", "its certificate is not trusted"),
        ("SSL", "TLS is not agreed on"),
    ):
        if sign in text:
            return unreached(address, reason)
    return unreached(address, f"the driver cannot connect (code {code})")
