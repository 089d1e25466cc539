"""SQL as a log may hold it: how a query was built, without the values that it compared with."""

from __future__ import annotations

import re

import sqlglot
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

MOST = 4_000
"""So many characters are kept."""
_LONGEST = 100_000
_VALUES = frozenset(
    {TokenType.STRING, TokenType.NUMBER, TokenType.BIT_STRING, TokenType.HEX_STRING, TokenType.BYTE_STRING, TokenType.RAW_STRING,
     TokenType.NATIONAL_STRING, TokenType.NATIONAL_RAW_STRING, TokenType.HEREDOC_STRING, TokenType.UNICODE_STRING}
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)


def redacted(query: str, dialect: str = "duckdb") -> str:
    """Return a query with `?` for every literal, without comments, and on one line; empty where it cannot be read.

    A quoted name that does not look like one may be a value in wrong quotes, and is `"?"`.

    Example:
        >>> redacted("select name from t -- hunter2\\nwhere ssn = '123-45' and \\"his age\\" > 40")
        'select name from t where ssn = ? and "?" > ?'
    """
    try:
        tokens = sqlglot.tokenize(query[:_LONGEST], read=dialect)
    except TokenError:
        return ""
    text = " ".join(map(_shown, tokens))
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def _shown(token: sqlglot.Token) -> str:
    if token.token_type in _VALUES:
        return "?"
    if token.token_type is TokenType.IDENTIFIER:
        return f'"{token.text}"' if _NAME.fullmatch(token.text) else '"?"'
    return " ".join(token.text.split())
