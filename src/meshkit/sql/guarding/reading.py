"""A second reading of SQL, besides sqlglot's: where texts, quoted names and comments begin and end in each dialect.

Where the two do not see the same borders, one of them would take for a text what the other would run; such SQL is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from meshkit.errors import SqlError

_PLAIN = r"'(?:[^']|'')*'"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_ESCAPED_ONCE = r"'(?:[^'\\]|\\.)*'"  # two quotes in a row end one text and begin another
_ESCAPED_DOUBLE = r'"(?:[^"\\]|\\.|"")*"'
_ESCAPED_DOUBLE_ONCE = r'"(?:[^"\\]|\\.)*"'
_NAME = r'"(?:[^"]|"")*"'
_TICKS = r"`(?:[^`]|``)*`"
_ESCAPED_NAME = r'"(?:[^"\\]|\\.|"")*"'
_ESCAPED_TICKS = r"`(?:[^`\\]|\\.|``)*`"
_BRACKETS = r"\[(?:[^\]]|\]\])*\]"
_WORD = r"(?<![\w$])"
_TAGGED = rf"{_WORD}\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$"
_DOLLARS = r"\$\$.*?\$\$"
_E_TEXT = rf"{_WORD}[eE]{_ESCAPED}"
_PREFIXED = rf"{_WORD}(?:[nNxXbB]|[uU]&){_PLAIN}"
_RAW = rf"{_WORD}[rR](?:'[^']*'|\"[^\"]*\")"
_TRIPLE = r"(?:(?<![\w$])(?:[rRbB]|[rR][bB]|[bB][rR]))?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\")"
_BIGQUERY = rf"{_WORD}(?:[rRbB]|[rR][bB]|[bB][rR])(?:{_ESCAPED_ONCE}|{_ESCAPED_DOUBLE_ONCE})"
_Q_TEXT = rf"{_WORD}[nN]?[qQ]'(?:\[.*?\]'|\{{.*?\}}'|\(.*?\)'|<.*?>'|(?P<tag>[^\s\[{{(<]).*?(?P=tag)')"
_DASHES = r"--[^\n]*"
_SPACED_DASHES = r"--(?=[\s\x00-\x1f]|\Z)[^\n]*"
_HASH = r"#[^\n]*"
_SLASHES = r"//[^\n]*"

_BEGINS = (
    r"(?=[-'\"`/$#\[]|[eEnNxXbBuUrRqQ][eEnNxXbBuUrRqQ'\"&])"  # what any of them begins with: looked at first, for speed
)


class _Borders(NamedTuple):
    """How a dialect quotes and comments: patterns, the first that fits holds."""

    quoted: tuple[str, ...]
    comments: tuple[str, ...] = (_DASHES,)

    def pattern(self) -> re.Pattern[str]:
        comment = "|".join((*self.comments, r"/\*.*?\*/"))
        quoted = "|".join(self.quoted)
        return re.compile(rf"{_BEGINS}(?:(?P<comment>{comment})|(?P<quoted>{quoted})|(?P<open>['\"`]|/\*))", re.DOTALL)


_POSTGRES = _Borders((_E_TEXT, _PREFIXED, _PLAIN, _NAME, _TAGGED))
_SPARK = _Borders((_RAW, rf"{_WORD}[xX]{_PLAIN}", _ESCAPED_ONCE, _ESCAPED_DOUBLE_ONCE, _TICKS))
_BORDERS: Mapping[str, _Borders] = {
    "duckdb": _Borders((_E_TEXT, _PREFIXED, _PLAIN, _NAME, _TAGGED)),
    "postgres": _POSTGRES,
    "redshift": _Borders((rf"{_WORD}[eEnNxXbB]{_ESCAPED}", _ESCAPED, _NAME, _TAGGED)),
    "mysql": _Borders(
        (rf"{_WORD}[nNxXbB]{_ESCAPED}", _ESCAPED, _ESCAPED_DOUBLE, _TICKS), (_SPACED_DASHES, _HASH)
    ),
    "sqlite": _Borders((rf"{_WORD}[xX]{_PLAIN}", _PLAIN, _NAME, _TICKS, r"\[[^\]]*\]")),
    "clickhouse": _Borders((_ESCAPED, _ESCAPED_NAME, _ESCAPED_TICKS, _TAGGED), (_DASHES, _HASH)),
    "spark": _SPARK,
    "databricks": _SPARK,
    "snowflake": _Borders((rf"{_WORD}[xX]{_ESCAPED}", _ESCAPED, _NAME, _DOLLARS), (_DASHES, _SLASHES)),
    "bigquery": _Borders(
        (_TRIPLE, _BIGQUERY, _ESCAPED_ONCE, _ESCAPED_DOUBLE_ONCE, _ESCAPED_TICKS), (_DASHES, _HASH)
    ),
    "trino": _Borders((_PREFIXED, _PLAIN, _NAME)),
    "tsql": _Borders((_PREFIXED, _PLAIN, _NAME, _BRACKETS)),
    "oracle": _Borders((_Q_TEXT, _PREFIXED, _PLAIN, _NAME)),
}  # fmt: skip
_BY_SETTING = frozenset({"postgres", "mysql", "spark", "databricks"})  # a backslash escapes, or does not
_TEMPLATE = re.compile(r"\{[{%]")


@lru_cache(maxsize=32)
def _pattern(dialect: str) -> re.Pattern[str]:
    return _BORDERS[dialect].pattern()


def refuse_other_reading(
    text: str, dialect: str, tokens: Iterable[tuple[int, int]], quoted: list[tuple[int, int]]
) -> None:
    """Refuse SQL in which quotes and comments end elsewhere than sqlglot's tokens say.

    Args:
        text: The SQL.
        dialect: Of which it is.
        tokens: First and last character of each of sqlglot's tokens, in order.
        quoted: Those that are texts or quoted names.

    Raises:
        SqlError: MK209 the readings differ, or a comment is run by some engines; MK207 a quote or comment is not closed.
    """
    code, pieces = _read(text, dialect)
    if ("{{" in text or "{%" in text) and _TEMPLATE.search(_pattern(dialect).sub(" ", text)):
        raise SqlError("a template", "write plain SQL, with ${NAME} for variables", code="MK209")
    theirs = "".join([text[start : end + 1] for start, end in tokens])
    if len(pieces) > 1 and any(before[1] + 1 == after[0] for before, after in pairwise(pieces)):
        raise SqlError("a quote right after a quote", "write texts apart, with || or CONCAT", code="MK209")
    if pieces != quoted or "".join(code.split()) != "".join(theirs.split()):
        raise SqlError(
            "a quote or comment that can be read in two ways",
            "write texts in '...', comments as -- or /* */",
            code="MK209",
        )


def refuse_unsettled(text: str, dialect: str) -> None:
    """Refuse text that would read otherwise on a server whose settings give a backslash another meaning.

    Raises:
        SqlError: MK209.
    """
    if dialect not in _BY_SETTING or "\\" not in text:
        return
    readings = [[m.span() for m in re.finditer(p, text, re.DOTALL)] for p in (_PLAIN, _ESCAPED)]
    if readings[0] != readings[1]:
        raise SqlError("a backslash before a quote, in a text", "write the text in another way", code="MK209")


def _read(text: str, dialect: str) -> tuple[str, list[tuple[int, int]]]:
    """Return what is no comment, and first and last character of each text and quoted name."""
    code: list[str] = []
    pieces: list[tuple[int, int]] = []
    at = 0
    for found in _pattern(dialect).finditer(text):
        start, end = found.span()
        comment, quoted = found.group("comment", "quoted")
        if quoted is not None:
            pieces.append((start, end - 1))
            continue
        if comment is None:
            raise SqlError("the SQL cannot be read: a quote or comment is not closed", code="MK207")
        _refuse_comment(comment)
        code.append(text[at:start])
        at = end
    code.append(text[at:])
    return "".join(code), pieces


def _refuse_comment(comment: str) -> None:
    if comment.startswith("/*") and ("/*" in comment[2:] or comment[2:3] == "!" or comment[2:4] == "M!"):
        raise SqlError("a comment that some engines run, or a comment inside a comment", "take it out", code="MK209")
    if "\r" in comment[:-1] and comment.startswith(("--", "#", "//")):
        raise SqlError("a comment with a line break of its own", "end lines with a line feed", code="MK209")
