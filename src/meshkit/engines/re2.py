"""RE2's patterns by Python's `re`: the same matches, or an error where the two differ.

RE2 is what DuckDB searches with. Unlike Python's, its `$` is the very end, its classes of letters, digits and blanks know ASCII
alone, `[[:alpha:]]` is a class, and it has no look-around, back-references, atomic groups or possessive quantifiers.
"""

from __future__ import annotations

import re
from functools import lru_cache

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t\x20", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": r"\x20-~", "punct": "!-/:-@\\[-`{-~", "space": r"\t\n\v\f\r\x20",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r\x20"}
_SAME_ESCAPES = frozenset("afnrtv")
_GROUP = re.compile(r"\?(?:P<\w+>|<\w+>|[is]*(?:-[is]+)?[:)]|:)")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
_MOST_REPEATS = 1000


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of RE2.

    Raises:
        ValueError: RE2 refuses it, or Python cannot search for it in the same way.
    """
    try:
        return re.compile(_Writer(pattern).written())
    except re.error as error:
        raise ValueError(f"the pattern is not understood: {error.msg}") from None
    except (OverflowError, RecursionError):
        raise ValueError("the pattern is too large") from None


class _Writer:
    """Writes a pattern anew, from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._out: list[str] = []

    def written(self) -> str:
        while self._at < len(self._pattern):
            match self._pattern[self._at]:
                case "\\":
                    self._out.append(self._escape())
                case "[":
                    self._out.append(self._class())
                case "(":
                    self._out.append(self._group())
                case "*" | "+" | "?" | "{":
                    self._out.append(self._repeat())
                case "$":
                    self._take(r"\Z")
                case other:
                    self._take(other)
        return "".join(self._out)

    def _take(self, text: str) -> None:
        self._out.append(text)
        self._at += 1

    def _escape(self) -> str:
        found = self._pattern[self._at + 1 : self._at + 2]
        if found == "b":
            self._at += 2
            return r"(?a:\b)"
        if found == "B":
            raise ValueError("the pattern is not understood: RE2 finds \\B inside of letters")
        if found in ("A", "z"):
            self._at += 2
            return r"\A" if found == "A" else r"\Z"
        if found.lower() in _CLASSES and found:
            self._at += 2
            return f"(?-i:[{'^' if found.isupper() else ''}{_CLASSES[found.lower()]}])"
        return self._character()

    def _character(self) -> str:
        """Write one escaped character, inside or outside of a class."""
        rest = self._pattern[self._at + 1 :]
        found = rest[:1]
        code = _HEX.match(rest)
        if code:
            self._at += 1 + code.end()
            return re.escape(chr(int(code[1] or code[2], 16)))
        if found in _SAME_ESCAPES or (found and not found.isalnum() and found.isascii()):
            self._at += 2
            return "\\" + found
        raise ValueError(f"the pattern is not understood: \\{found}")

    def _class(self) -> str:
        """Write a class of characters; a `]` that stands first belongs to it."""
        self._at += 1
        out = ["["]
        if self._pattern.startswith("^", self._at):
            out.append("^")
            self._at += 1
        is_first = True
        while is_first or not self._pattern.startswith("]", self._at):
            if self._at >= len(self._pattern):
                raise ValueError("the pattern is not understood: missing ]")
            out.append(self._member())
            is_first = False
        self._at += 1
        return "".join([*out, "]"])

    def _member(self) -> str:
        found = self._pattern[self._at]
        if self._pattern.startswith("[:", self._at) and ":]" in self._pattern[self._at :]:
            name, _, _ = self._pattern[self._at + 2 :].partition(":]")
            self._at += len(name) + 4
            if name not in _POSIX:
                raise ValueError(f"the pattern is not understood: [:{name}:]")
            return _POSIX[name]
        if found == "\\":
            following = self._pattern[self._at + 1 : self._at + 2]
            if following and following in _CLASSES:
                self._at += 2
                return _CLASSES[following]
            if following in ("D", "W", "S"):
                self._at += 2
                return _others(following.lower())
            return self._character()
        self._at += 1
        return "\\" + found if found in "[]&~|" else found

    def _group(self) -> str:
        if not self._pattern.startswith("(?", self._at):
            self._at += 1
            return "("
        found = _GROUP.match(self._pattern, self._at + 1)
        if not found:
            raise ValueError("the pattern is not understood: (? of this kind")
        self._at = found.end()
        text = found[0]
        if text.endswith(")"):
            if self._out or "-" in text or text == "?)":
                raise ValueError("the pattern is not understood: flags belong in front, or before : in a group")
            return f"({text}"
        return "(" + (text.replace("?<", "?P<", 1) if text.startswith("?<") else text)

    def _repeat(self) -> str:
        count = _COUNT.match(self._pattern, self._at)
        if self._pattern[self._at] == "{" and not count:
            self._at += 1
            return r"\{"
        if count and max(int(n) for n in count.groups() if n) > _MOST_REPEATS:
            raise ValueError("the pattern is not understood: more than 1000 repeats")
        text = count[0] if count else self._pattern[self._at]
        self._at += len(text)
        if self._pattern.startswith("?", self._at):
            self._at += 1
            text += "?"
        if self._pattern[self._at : self._at + 1] in ("*", "+", "?") or _COUNT.match(self._pattern, self._at):
            raise ValueError("the pattern is not understood: a repeat of a repeat")
        return text


def _others(name: str) -> str:
    """Return all characters that are not of an ASCII class, as ranges."""
    inside = [c for c in range(128) if re.fullmatch(f"[{_CLASSES[name]}]", chr(c))]
    ranges, start = [], 0
    for code in [*inside, 0x110000]:
        if code > start:
            ranges.append(f"{_literal(start)}-{_literal(code - 1)}")
        start = code + 1
    return "".join(ranges)


def _literal(code: int) -> str:
    return f"\\U{code:08x}"


def search(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found anywhere in a text."""
    return compiled(pattern).search(text) is not None


def extract(text: str, pattern: str, group: int) -> str:
    """Return the first match, or a group of it; an empty text where there is none.

    Raises:
        ValueError: As `compiled`.
    """
    known = compiled(pattern)
    found = known.search(text) if 0 <= group <= known.groups else None
    return (found[group] or "") if found else ""


def replace(text: str, pattern: str, replacement: str, *, is_global: bool) -> str:
    r"""Replace the first match, or all; `\1` in the replacement stands for a group.

    Raises:
        ValueError: As `compiled`, or the replacement names no group.
    """
    known = compiled(pattern)
    pieces = _pieces(replacement, known.groups)
    out: list[str] = []
    at, last_end = 0, -1
    while at <= len(text):
        found = known.search(text, at)
        if not found:
            break
        out.append(text[at : found.start()])
        if found.start() == found.end() == last_end:  # RE2 passes over an empty match right behind another one
            out.append(text[found.start() : found.start() + 1])
            at = found.start() + 1
            continue
        out += [(found[p] or "") if isinstance(p, int) else p for p in pieces]
        at = last_end = found.end()
        if not is_global:
            break
    return "".join([*out, text[at:]])


@lru_cache(maxsize=512)
def _pieces(replacement: str, groups: int) -> tuple[str | int, ...]:
    pieces: list[str | int] = []
    for text in re.findall(r"\\.|\\$|[^\\]+", replacement, re.DOTALL):
        if not text.startswith("\\"):
            pieces.append(text)
        elif text[1:].isdigit() and text[1:].isascii() and int(text[1:]) <= groups:
            pieces.append(int(text[1:]))
        elif text == "\\\\":
            pieces.append("\\")
        else:
            raise ValueError("the replacement names no group of the pattern")
    return tuple(pieces)
