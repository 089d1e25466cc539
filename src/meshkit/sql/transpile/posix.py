"""DuckDB's regular expressions (RE2) as POSIX extended ones with Perl's backslash classes, which Snowflake's and Oracle's are.

Source: RE2's syntax page; POSIX.1-2017 chapter 9.4; Snowflake, String functions (regular expressions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

_CLASSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "d": (("0", "9"),),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
}
_LISTED = {"d": "[0-9]", "D": "[^0-9]", "w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_APART = "\\^]["
_MOST_REPEATS = 255


class Flavour(NamedTuple):
    """What differs between engines.

    Attributes:
        end: The end of a text; in some, `$` is also before a last newline.
        knows_words: Whether `\\b` is the border of an ASCII word.
        has_classes: Whether `\\d` and `\\w` are of ASCII alone; else they are written as lists.
        nests: Whether a bracket or && within a list has a meaning.
        dot: Any character but a newline, as `.` is in RE2.
    """

    end: str = "$"
    knows_words: bool = True
    has_classes: bool = True
    nests: bool = False
    dot: str = "."


def posix(pattern: str, flavour: Flavour = Flavour()) -> str:  # noqa: B008 a value
    """Write a pattern anew.

    Raises:
        ValueError: It has a part that is not in both syntaxes; the text says which.

    Example:
        >>> posix(r"^(?:a|[^@\\s])\\.$")
        '^(a|[^@\\t-\\n\\x0c-\\r ])\\\\.$'
    """
    return "".join(_parts(pattern, flavour))


def _parts(pattern: str, flavour: Flavour) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        character, rest = pattern[at], pattern[at:]
        if character == "\\":
            yield _escape(rest[1:2], flavour)
            at += 2
        elif character == "[":
            text, at = _bracket(pattern, at + 1)
            if flavour.nests and ("[" in text.removeprefix("(")[1:].replace("\\[", "") or "&&" in text):
                raise ValueError("with a bracket or && in a list in its pattern")
            yield text
        elif rest.startswith("(?:"):
            yield "("
            at += 3
        elif rest.startswith("(?"):
            raise ValueError(f"with '{rest[:3]}' in its pattern")
        elif character in "*+?}" and rest[1:2] in ("?", "+", "*"):
            raise ValueError("with a lazy or doubled quantifier in its pattern")
        elif character == "{":
            text, at = _repeats(pattern, at)
            yield text
        else:
            yield {"$": flavour.end, ".": flavour.dot}.get(character, character)
            at += 1


def _escape(letter: str, flavour: Flavour) -> str:
    if letter in _CONTROLS:
        return _CONTROLS[letter]
    if letter in tuple("dDsSwWbB"):
        if letter in "sS":  # RE2's has no vertical tab
            return "[\t\n\f\r ]" if letter == "s" else "[^\t\n\f\r ]"
        if letter in "bB" and not flavour.knows_words:
            raise ValueError(f"with '\\{letter}' in its pattern")
        return "\\" + letter if flavour.has_classes or letter in "bB" else _LISTED[letter]
    if not letter or letter.isalnum():
        raise ValueError(f"with '\\{letter}' in its pattern")
    return "\\" + letter


def _repeats(pattern: str, at: int) -> tuple[str, int]:
    end = pattern.find("}", at)
    counts = pattern[at + 1 : end].split(",") if end > 0 else [""]
    if not counts[0].isdigit() or not all(c == "" or (c.isdigit() and int(c) <= _MOST_REPEATS) for c in counts):
        raise ValueError("with a brace, or more than 255 repeats, in its pattern")
    if pattern[end + 1 : end + 2] in ("?", "+", "*"):
        raise ValueError("with a lazy or doubled quantifier in its pattern")
    return pattern[at : end + 1], end + 1


def _bracket(pattern: str, at: int) -> tuple[str, int]:
    is_not = pattern[at : at + 1] == "^"
    at += is_not
    ranges, at = _ranges(pattern, at)
    alone = [c for c in _APART if any(low <= c <= high for low, high in ranges)]
    for character in (*alone, "-"):
        ranges = (
            [part for r in ranges for part in _without(r, character) or ()] if character != "-" else _dash_last(ranges)
        )
    inside = "".join(low if low == high else f"{low}-{high}" for low, high in ranges)
    if not is_not:
        choices = [f"[{inside}]"] if inside else []
        choices += ["\\" + c for c in alone]
        return (choices[0] if len(choices) == 1 else f"({'|'.join(choices)})"), at
    if "\\" in alone:
        raise ValueError("with a backslash in a negated list in its pattern")
    first, last = "]" if "]" in alone else "", "[" if "[" in alone else ""
    caret = "^" if "^" in alone else ""
    dash = "-" if inside.endswith("-") and not inside.endswith("--") else ""
    body = inside[:-1] if dash else inside
    return f"[^{first}{body}{caret}{last}{dash}]", at


def _ranges(pattern: str, at: int) -> tuple[list[tuple[str, str]], int]:
    found: list[tuple[str, str]] = []
    is_first = True
    while True:
        character = pattern[at : at + 1]
        if not character:
            raise ValueError("with an unfinished list in its pattern")
        if character == "]" and not is_first:
            return found, at + 1
        is_first = False
        if pattern.startswith("[:", at):
            raise ValueError("with a named class in its pattern")
        low, at = _member(pattern, at)
        if isinstance(low, tuple):
            found += low
            continue
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("]", ""):
            high, at = _member(pattern, at + 1)
            if isinstance(high, tuple):
                raise ValueError("with a range of classes in its pattern")
            found.append((low, high))
        else:
            found.append((low, low))


def _member(pattern: str, at: int) -> tuple[str | tuple[tuple[str, str], ...], int]:
    if pattern[at] != "\\":
        return pattern[at], at + 1
    letter = pattern[at + 1 : at + 2]
    if letter in _CLASSES:
        return _CLASSES[letter], at + 2
    if letter in _CONTROLS:
        return _CONTROLS[letter], at + 2
    if not letter or letter.isalnum():
        raise ValueError(f"with '\\{letter}' in a list in its pattern")
    return letter, at + 2


def _without(span: tuple[str, str], character: str) -> list[tuple[str, str]]:
    low, high = span
    if not low <= character <= high:
        return [span]
    parts = []
    if low < character:
        parts.append((low, chr(ord(character) - 1)))
    if character < high:
        parts.append((chr(ord(character) + 1), high))
    return parts


def _dash_last(ranges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put a dash that stands as an end of a range, or by itself, behind all others."""
    if not any("-" in span for span in ranges):
        return ranges
    return [part for span in ranges for part in (_without(span, "-") if "-" in span else [span])] + [("-", "-")]
