"""Secrets: a value that shows itself nowhere, how one is recognised where it stands in the clear, and URLs without them."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

HIDDEN = "***"
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_WORD = re.compile(r"[\w.+-]+")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_WORDS = (
    "password", "passwd", "passcode", "passphrase", "secret", "token", "credentials", "api_key", "apikey", "access_key",
    "account_key", "private_key", "jwt", "keyfile_json", "connection_string", "signature",
)  # fmt: skip
_WHOLE_WORDS = ("pass", "pwd", "sas", "sig")


class Secret:
    """A value that only `reveal` gives: its text is `***`, pydantic writes it so too, and it cannot be pickled.

    Example:
        >>> Secret("hunter2"), f"{Secret('hunter2')}"
        (***, '***')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, to be handed to an engine's driver and to nobody else."""
        return self._value

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._value)

    def __repr__(self) -> str:
        """Hide the value."""
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a secret cannot be stored")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models hold secrets, and write them as `***`."""
        shown = core_schema.plain_serializer_function_ser_schema(lambda _: HIDDEN)
        return core_schema.is_instance_schema(cls, serialization=shown)


def is_secret_name(name: str) -> bool:
    """Tell whether an option of that name holds a secret.

    Example:
        >>> is_secret_name("privateKeyPassphrase"), is_secret_name("private_key_path"), is_secret_name("sslmode")
        (True, False, False)
    """
    folded = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(".", "_")
    return folded.endswith(_WORDS) or folded in _WHOLE_WORDS


def is_reference(text: str) -> bool:
    """Tell whether a text is one variable, without a default that could be a secret: `${NAME}`."""
    return _REFERENCE.fullmatch(text) is not None


def _is_clear(text: str) -> bool:
    """Tell whether anything besides variables without a default stands in a text."""
    return bool(_REFERENCE.sub("", text))


def shows_password(url: str) -> bool:
    """Tell whether a URL holds a password or another secret in the clear, in any way of writing it.

    Example:
        >>> shows_password("postgresql://me:hunter2@db/shop"), shows_password("postgresql://me:${PW}@db/shop")
        (True, False)
        >>> shows_password("postgresql://me:${PW:-hunter2}@db/shop"), shows_password("snowflake://acme/db?token=abc")
        (True, True)
        >>> shows_password("postgresql://db:5432/shop"), shows_password("postgresql://me:a?b/c@db/shop")
        (False, True)
    """
    rest = url.partition("://")[2]
    if not rest:
        return False
    before, _, query = rest.partition("?")
    user, at, host = before.rpartition("@")
    if _is_clear(user.partition(":")[2]):
        return True
    if not at and "@" in query and is_login_alone(f"://{host}"):
        return True
    pairs = (pair.partition("=") for pair in query.split("&"))
    return any(is_secret_name(name) and _is_clear(value) for name, _, value in pairs)


def is_login_alone(url: str) -> bool:
    """Tell whether what stands where a URL has its host is a login: what looks like its port is none.

    Example:
        >>> is_login_alone("postgresql://me:hunter2"), is_login_alone("postgresql://me:hunter2@[::1]:5432/shop")
        (True, False)
    """
    host = url.partition("://")[2].partition("?")[0].rpartition("@")[2].partition("/")[0]
    port = _VARIABLE.sub("", host.rpartition("]")[2].partition(":")[2])
    return bool(port) and not port.isdigit()


def shows_password_in_location(location: str) -> bool:
    """Tell whether the location of a file holds a password before its host, or a signature behind it.

    What stands between them may hold any sign.
    """
    scheme, colon, rest = location.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    query = rest.partition("?")[2].partition("#")[0]
    login = authority if "@" in authority else ""
    return bool(colon) and shows_password(f"{scheme}://{login}?{query}")


def shown_url(url: str) -> str:
    """Return a URL as it may be shown: without user, password and query, however they are written.

    Example:
        >>> shown_url("postgresql://me:a?b/c@db:5432/shop?sslmode=require"), shown_url("spark")
        ('postgresql://db:5432/shop', 'spark')
    """
    scheme, colon, rest = url.partition("://")
    if "@" not in rest and is_login_alone(url):
        return scheme
    return f"{scheme}{colon}{re.split(r'[?#&=]', rest.rpartition('@')[2], maxsplit=1)[0]}" if colon else url


def shown_word(text: str) -> str:
    """Return a word in quotes, behind a blank, or nothing where it may be an address with a login, which is not shown.

    Example:
        >>> f"unknown engine{shown_word('postgress')}", f"unknown engine{shown_word('me:hunter2@db/shop')}"
        ("unknown engine 'postgress'", 'unknown engine')
    """
    return f" '{text[:40]}'" if _WORD.fullmatch(text) else ""
