"""DuckDB's regular expressions (RE2) in Java's words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = "0-9A-Za-z_"
_SHORT = {"d": "0-9", "w": _WORD, "s": r"\t\n\f\r "}
_NEGATED = {"D": "[^0-9]", "W": f"[^{_WORD}]", "S": r"[^\t\n\f\r ]"}
_EDGE = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_SAME_ESCAPES = frozenset("tnrfa.*+?()[]{}|^$\\/-'\"@#%&=!<>,:;~` _")
_POSIX: Mapping[str, str] = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "0-9a-zA-Z", "upper": "A-Z", "lower": "a-z", "space": r"\t\n\x0B\f\r ",
    "xdigit": "0-9A-Fa-f", "word": _WORD, "blank": r"\t ", "punct": r"!-/:-@\[-`{-~",
}  # fmt: skip
_REPEAT = re.compile(r"\{\d+(,\d*)?\}")


def java(pattern: str, flags: str = "") -> str:
    r"""Write a pattern as Java reads it.

    Raises:
        ValueError: It has no equal; the reason.

    Example:
        >>> java(r"^\d+$")
        '^[0-9]+\\z'
    """
    found, i = "", 0
    if set(flags) - set("icsg"):
        raise ValueError(f"with the option '{flags}'")
    while i < len(pattern):
        character = pattern[i]
        if character == "\\":
            text, i = _escape(pattern, i)
        elif character == "[":
            text, i = _class(pattern, i)
        elif pattern.startswith("(?", i):
            text, i = _group(pattern, i)
        elif character == "{" and not _REPEAT.match(pattern, i):
            text, i = r"\{", i + 1
        elif character == ".":
            text, i = r"[\s\S]" if "s" in flags else r"[^\n]", i + 1
        elif character in "*+?}" and pattern[i + 1 : i + 2] == "+":
            raise ValueError("that repeats a repetition")
        else:
            text, i = r"\z" if character == "$" else character, i + 1
        found += text
    return f"(?iu){found}" if "i" in flags else found


def _escape(pattern: str, i: int) -> tuple[str, int]:
    code = pattern[i + 1 : i + 2]
    if code in _SHORT:
        return f"[{_SHORT[code]}]", i + 2
    if code in _NEGATED:
        return _NEGATED[code], i + 2
    if code == "b":
        return _EDGE, i + 2
    if code in ("A", "z"):
        return "\\" + code, i + 2
    if code == "v":
        return r"\x0B", i + 2
    if code in ("p", "P", "x"):
        return _braced(pattern, i)
    if code and code in _SAME_ESCAPES:
        return "\\" + code if code not in " _'\"@%=!<>,:;~`/#&" else code if code not in "#&" else "\\" + code, i + 2
    raise ValueError(f"with \\{code}")


def _braced(pattern: str, i: int) -> tuple[str, int]:
    found = re.compile(r"\\(?:[pP]\{(?:L|Lu|Ll|N|Nd|P|S|Z|M)\}|[pP][LNPSZM]|x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]+\})").match(
        pattern, i
    )
    if not found:
        raise ValueError(f"with {pattern[i : i + 3]}")
    return found.group(), found.end()


def _class(pattern: str, i: int) -> tuple[str, int]:
    found, i = "[", i + 1
    if pattern[i : i + 1] == "^":
        found, i = "[^", i + 1
    first = True
    while i < len(pattern) and (pattern[i] != "]" or first):
        character = pattern[i]
        posix = re.compile(r"\[:(\w+):\]").match(pattern, i)
        if posix:
            if posix.group(1) not in _POSIX:
                raise ValueError(f"with {posix.group()}")
            text, i = _POSIX[posix.group(1)], posix.end()
        elif character == "\\":
            text, i = _escape(pattern, i)
            if text.startswith("[^") or text == _EDGE:
                raise ValueError("with a negation in a class")
            text = text[1:-1] if text.startswith("[") else text
        else:
            text, i = "\\" + character if character in "[]&^~#" else character, i + 1
        found, first = found + text, False
    if i >= len(pattern):
        raise ValueError("with a class that does not end")
    return found + "]", i + 1


def _group(pattern: str, i: int) -> tuple[str, int]:
    if pattern.startswith("(?:", i):
        return "(?:", i + 3
    if pattern.startswith("(?i)", i) and i == 0:
        return "(?iu)", i + 4
    if pattern.startswith("(?s)", i):
        raise ValueError("with (?s)")
    named = re.compile(r"\(\?P?<[A-Za-z0-9]+>").match(pattern, i)
    if named:
        return "(", named.end()
    raise ValueError(f"with {pattern[i : i + 4]}")


def may_be_empty(pattern: str) -> bool:
    """Tell whether a pattern may match nothing at all; true where that cannot be told."""
    try:
        return re.search(pattern.replace("[[:", "[").replace(r"\z", r"\Z"), "") is not None
    except re.error:
        return True
