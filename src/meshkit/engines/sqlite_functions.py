"""Functions that SQLite has not, with DuckDB's meaning: the names that queries are written with begin with `mk_`."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any

from meshkit.engines import re2, sqlite_aggregates, sqlite_casts, sqlite_moments

Function = Callable[..., Any]


def register(connection: sqlite3.Connection) -> None:
    """Give a connection all functions and aggregates."""
    for name, (count, function) in FUNCTIONS.items():
        connection.create_function(name, count, function, deterministic=True)
    sqlite_aggregates.register(connection)


def _null_if_any(function: Function) -> Function:
    """Return NULL where any argument is; refuse arguments that are no texts."""

    @wraps(function)
    def guarded(*values: Any) -> Any:
        try:
            return None if None in values else function(*values)
        except OverflowError:  # SQLite would call it a text that is too long
            raise sqlite_casts.UnheldError("a value that SQLite cannot hold") from None

    return guarded


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


@_null_if_any
def _regexp(pattern: Any, text: Any) -> int:
    return int(re2.search(_text(pattern), _text(text)))


@_null_if_any
def _regexp_full(pattern: Any, text: Any) -> int:
    return int(re2.compiled(_text(pattern)).fullmatch(_text(text)) is not None)


@_null_if_any
def _extract(text: Any, pattern: Any, group: Any) -> str:
    return re2.extract(_text(text), _text(pattern), int(group))


@_null_if_any
def _replace(text: Any, pattern: Any, replacement: Any, is_global: Any) -> str:
    return re2.replace(_text(text), _text(pattern), _text(replacement), is_global=bool(is_global))


@_null_if_any
def _md5(text: Any) -> str:
    return hashlib.md5(_text(text).encode(), usedforsecurity=False).hexdigest()


@_null_if_any
def _sha256(text: Any) -> str:
    return hashlib.sha256(_text(text).encode()).hexdigest()


@_null_if_any
def _lower(text: Any) -> str:
    return "".join(_one(c.lower(), c) for c in _text(text)) if not _text(text).isascii() else text.lower()


@_null_if_any
def _upper(text: Any) -> str:
    return "".join("ẞ" if c == "ß" else _one(c.upper(), c) for c in _text(text))


def _one(changed: str, character: str) -> str:
    """Keep a character whose other case is several: DuckDB changes each into one."""
    if character == "İ":
        return "i"
    return changed if len(changed) == 1 else character


FUNCTIONS: dict[str, tuple[int, Function]] = {
    "mk_regexp": (2, _regexp),
    "regexp": (2, _regexp),
    "mk_regexp_full": (2, _regexp_full),
    "mk_regexp_extract": (3, _extract),
    "mk_regexp_replace": (4, _replace),
    "mk_lower": (1, _lower),
    "mk_upper": (1, _upper),
    "md5": (1, _md5),
    "mk_sha256": (1, _sha256),
    **{
        name: (count, _null_if_any(function))
        for name, (count, function) in {**sqlite_moments.FUNCTIONS, **sqlite_casts.FUNCTIONS}.items()
    },
}
"""Name -> how many arguments, and what it does.

`mk_regexp(pattern, text)` is also SQLite's `text REGEXP pattern`; `mk_regexp_full` wants the whole text to match.
`mk_regexp_extract(text, pattern, group)` is '' without a match. `mk_regexp_replace(text, pattern, replacement, is_global)`.
"""
