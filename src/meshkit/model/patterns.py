"""Patterns: a contract's RE2 expression in the words that other engines read the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SETS: Mapping[str, str] = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_POSIX: Mapping[str, str] = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "upper": "A-Z", "lower": "a-z", "xdigit": "0-9A-Fa-f",
    "word": "0-9A-Za-z_", "space": r"\t\n\v\f\r ",
}  # fmt: skip
_CONTROLS = "tnrfv"
_SYNTAX = "^$\\.*+?()[]{}|/"
_REPEAT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_MAX_REPEAT = 255  # the least that the engines meant here allow


class _NotPortableError(Exception):
    """The pattern uses what others read in another way; never leaves this file."""


def portable_pattern(pattern: str) -> str | None:
    r"""Write an RE2 pattern so that ECMAScript, PostgreSQL and Python search for the same; None where that is not known.

    Classes such as `\d` are ASCII in RE2 and more than that elsewhere, so they are written out, as is `.`.

    Source: the RE2 syntax page; ECMA-262 Patterns with the u flag; PostgreSQL, POSIX regular expressions.

    Example:
        >>> portable_pattern(r"^\d{3}-.+@x\z"), portable_pattern(r"(?P<a>x)"), portable_pattern(r"(?i)abc")
        ('^[0-9]{3}-[^\\n]+@x$', '(x)', None)
    """
    try:
        return "".join(_pieces(pattern))
    except (_NotPortableError, IndexError):
        return None


def _pieces(pattern: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            found.append(_escape(pattern[at + 1]))
            at += 2
        elif character == "[":
            text, at = _class(pattern, at + 1)
            found.append(text)
        elif character == "(":
            text, at = _group(pattern, at)
            found.append(text)
        elif character == "{":
            text, at = _repeat(pattern, at)
            found.append(text)
        else:
            found.append({".": r"[^\n]", "}": r"\}", "]": r"\]"}.get(character, character))
            at += 1
    return found


def _escape(letter: str) -> str:
    if letter.lower() in _SETS:
        return f"[{'^' if letter.isupper() else ''}{_SETS[letter.lower()]}]"
    if letter in ("A", "z"):
        return {"A": "^", "z": "$"}[letter]
    return _plain_escape(letter, _SYNTAX)


def _plain_escape(letter: str, syntax: str) -> str:
    if letter in _CONTROLS or letter in syntax:
        return "\\" + letter
    if letter.isalnum() or not letter.isascii():
        raise _NotPortableError
    return letter


def _group(pattern: str, at: int) -> tuple[str, int]:
    if not pattern.startswith("(?", at):
        return "(", at + 1
    if pattern.startswith("(?:", at):
        return "(?:", at + 3
    named = re.compile(r"\(\?P?<\w+>").match(pattern, at)
    if named is None:
        raise _NotPortableError
    return "(", named.end()


def _repeat(pattern: str, at: int) -> tuple[str, int]:
    found = _REPEAT.match(pattern, at)
    if found is None:
        return r"\{", at + 1
    if max(int(n) for n in (found[1], found[3]) if n) > _MAX_REPEAT:
        raise _NotPortableError
    return found[0], found.end()


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Write the class that opens before `at`; also return where the rest of the pattern starts."""
    found = ["["]
    if pattern[at] == "^":
        found.append("^")
        at += 1
    first = at
    while pattern[at] != "]" or at == first:
        character = pattern[at]
        if pattern.startswith("[:", at):
            name, colon, _ = pattern[at + 2 :].partition(":]")
            if not colon or name not in _POSIX:
                raise _NotPortableError
            found.append(_POSIX[name])
            at += len(name) + 4
        elif character == "\\":
            letter = pattern[at + 1]
            if letter.isupper():
                raise _NotPortableError
            found.append(_SETS.get(letter) or _plain_escape(letter, "\\]^[-"))
            at += 2
        else:
            found.append("\\" + character if character in "[]" else character)
            at += 1
    return "".join([*found, "]"]), at + 1
