"""What the URL of an engine says, and the error that nobody answers there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from meshkit.engines.driver import Address
from meshkit.errors import EngineError, UsageError
from meshkit.model.names import did_you_mean

CONNECT_SECONDS = 10
_IN_URL = ("user", "password", "host", "port", "database")


class Login(NamedTuple):
    """A URL taken apart. It has no readable form, since it holds a password.

    Attributes:
        host: Empty = the engine's own default.
        port: None = the engine's own default.
        user: Empty = the engine's own default.
        password: Empty = none.
        database: What follows the first `/`, or empty.
        options: The query's keys, and those given besides.
    """

    host: str
    port: int | None
    user: str
    password: str
    database: str
    options: Mapping[str, str]

    def __repr__(self) -> str:
        """Tell nothing."""
        return "Login(***)"


def login_of(address: Address, known: Collection[str]) -> Login:
    """Take a URL apart; what is given besides takes precedence.

    Args:
        address: Where to.
        known: Options that the driver understands.

    Raises:
        UsageError: MK001, it is no URL, or has an unknown option.
    """
    try:
        parts = urlsplit(address.url if "://" in address.url else "")  # a bare name of an engine says nothing
        port = parts.port
    except ValueError:
        raise _unreadable(address) from None
    if "@" in parts.query or "@" in parts.fragment or parts.fragment:
        raise _unreadable(address)
    options = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **address.options}
    for key in options:
        if key not in known and key not in _IN_URL:
            hint = did_you_mean(key, sorted({*known, *_IN_URL}))
            raise UsageError(f"engine '{address.engine}' has no option '{key[:40]}'", hint)
    given = options.pop("port", "")
    if given and not given.isdigit():
        raise _unreadable(address)
    return Login(
        host=options.pop("host", "") or parts.hostname or "",
        port=int(given) if given else port,
        user=options.pop("user", "") or unquote(parts.username or ""),
        password=options.pop("password", "") or unquote(parts.password or ""),
        database=options.pop("database", "") or unquote(parts.path.removeprefix("/")),
        options=options,
    )


def _unreadable(address: Address) -> UsageError:
    return UsageError(
        f"the URL of engine '{address.engine}' cannot be read",
        "write scheme://user:password@host:port/database; in a password, @ is written %40, / %2F, ? %3F and # %23",
    )


def unreached(address: Address, reason: str, hint: str = "") -> EngineError:
    """Return the error that an engine is not reached, or refuses the login.

    Args:
        address: Where it should be.
        reason: In words that hold nothing secret.
        hint: The way out.
    """
    return EngineError(
        f"{address.shown} is not reached: {reason}", hint or "is it up, and is its URL right?", code="MK311"
    )
