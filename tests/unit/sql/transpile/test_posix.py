"""Patterns as POSIX has them: the same texts match. DuckDB tells, before and after."""

from __future__ import annotations

import duckdb
import pytest

from meshkit.model.formats import TEXT_FORMATS
from meshkit.sql.transpile.posix import Flavour, posix

_TEXTS = [
    "", "a", "a@b", "a@b.c", "A_b@c.d.", "http://x.y/z?q=[1]", "mailto:a]b", "127.0.0.1", "1.2.3", "::1", "fe80::1:2", "[::]", "YWJj",
    "x-y.z", "-", "^", "\\", "]", "a b", "a\nb", "12", "\u00e9", "\u0661",
]  # fmt: skip
_PATTERNS = [
    r"[^@\s]+@",
    r"^[\w.-]+$",
    r"[]a]",
    r"[^]a\[-]",
    r"^[\^a-]$",
    r"[a\\]",
    r"[--/]",
    r"\d{1,3}\.",
    r"^(?:a|b)+$",
    r"a.b",
    r"\s",
]


@pytest.mark.parametrize("pattern", [*TEXT_FORMATS.values(), *_PATTERNS])
def test_the_same_texts_match(pattern):
    made = posix(pattern)
    with duckdb.connect() as connection:
        for text in _TEXTS:
            row = connection.execute(
                "SELECT regexp_matches($t, $a), regexp_matches($t, $b)", {"t": text, "a": pattern, "b": made}
            )
            before, after = row.fetchone()
            assert before == after, (text, made)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?i)a",
        r"(?=a)",
        r"a*?",
        r"a++",
        r"\pL",
        r"\x41",
        r"\Aa",
        r"[[:alpha:]]",
        r"a{1000}",
        r"a{x",
        r"[^\\]",
        "[a",
        r"[\p]",
    ],
)
def test_what_is_not_in_both_is_refused(pattern):
    with pytest.raises(ValueError, match="in its pattern"):
        posix(pattern)


def test_engines_differ():
    joni = Flavour(end="\\z", knows_words=False, has_classes=False, nests=True)
    assert posix(r"^\d+$", joni) == r"^[0-9]+\z"
    assert posix(r"^\d+$") == r"^\d+$"
    with pytest.raises(ValueError, match=r"\\b"):
        posix(r"\bx", joni)
    with pytest.raises(ValueError, match="bracket or &&"):
        posix("[^[a]", joni)
