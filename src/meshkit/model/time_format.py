"""Formats of dates and times in the letters of JDK's DateTimeFormatter, in the words of strptime."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LETTERS: Mapping[str, str] = {
    "yyyy": "%Y", "uuuu": "%Y", "yy": "%y",
    "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "DDD": "%j",
    "EEEE": "%A", "EEE": "%a",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "a": "%p",
    "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSS": "%g", "SSSSSS": "%f", "SSSSSSSSS": "%n",
    "Z": "%z", "XXX": "%z", "XX": "%z", "X": "%z", "xxx": "%z", "xx": "%z", "VV": "%Z", "z": "%Z",
}  # fmt: skip
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z'\[\]{}#]+")


def strptime_format(text: str) -> str:
    """Return how strptime writes a format; an empty text where it has letters that strptime has not.

    Example:
        >>> strptime_format("yyyy-MM-dd'T'HH:mm:ss"), strptime_format("dd/MM/yyyy"), strptime_format("QQQ yyyy")
        ('%Y-%m-%dT%H:%M:%S', '%d/%m/%Y', '')
    """
    written, end = "", 0
    for token in _TOKEN.finditer(text):
        if token.start() != end:
            return ""
        end = token.end()
        if token[1] is not None:
            written += (token[1].replace("''", "'") or "'").replace("%", "%%")
        elif token[2]:
            if token[0] not in _LETTERS:
                return ""
            written += _LETTERS[token[0]]
        else:
            written += token[0].replace("%", "%%")
    return written if end == len(text) else ""
