"""Patterns in the words that other engines share: the same texts are found."""

from __future__ import annotations

import re

import duckdb
import pytest

from meshkit.model.patterns import portable_pattern

TEXTS = [
    "",
    "a",
    "é",
    "1",
    "٣",
    "ab-12",
    "A_9",
    "a]b",
    "x{y}",
    "a.b",
    "a\nb",
    "\t",
    "\u00a0",
    "^",
    "-",
    "[",
    "aaa",
    "foo@bar.org",
    "\\",
]
PATTERNS = [
    r"^\d+$", r"\w", r"\W", r"\s", r"^\S+$", r"^.$", r"a.b", r"[^\d]", r"[]a]", r"[\w-]+\d", r"[a\-z]", r"x{y}", r"a{2,3}",
    r"^(?:a|ab)-", r"(?P<n>a)b", r"\Aa\z", r"[[:alpha:]]{2}", r"^[[:upper:]_]", r"\.", r"\-", r"\@", r"[.]", r"[\[\]]", r"[\\^]",
    r"^a*?$", r"^\w+@\w+\.org$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_portable_pattern_finds_the_same_texts(pattern):
    portable = portable_pattern(pattern)
    assert portable is not None
    with duckdb.connect() as database:
        for text in TEXTS:
            wanted = database.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchone()
            assert wanted == (re.search(portable, text) is not None,), text


@pytest.mark.parametrize(
    "pattern", [r"(?i)a", r"\bword", r"\pL", r"[\D]", r"a{300}", r"\x41", r"[[:punct:]]", r"\Qa\E", "a\\", "[a"]
)
def test_what_may_mean_something_else_is_not_portable(pattern):
    assert portable_pattern(pattern) is None
