"""RE2 by Python's `re`: DuckDB, which searches with RE2 itself, is asked the same."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from meshkit.engines import re2

PIECES = [
    "a", "b", "é", ".", "^", "$", r"\d", r"\D", r"\w", r"\W", r"\s", r"\b", r"\B", r"\.", r"\\", r"\x41", r"\n", "[ab]", "[^a]", "[]a]",
    r"[\d-]", r"[^\s]", r"[\S]", "[[:alpha:]]", "[a-c.$]", "(a)", "(?:b)", "(?i:A)", "(?P<n>a)", "|", "*", "+", "?", "*?", "+?", "{2}",
    "{1,2}", "{", "(?i)", "(?=a)", r"\1", "(?s)", "A", "1", " ", "-", "[&&a]",
]  # fmt: skip
TEXTS = st.text(alphabet="abAé1 .\n-\\ſ\v{_", max_size=6)
DATABASE = duckdb.connect()


def ask(function: str, *values: object) -> object:
    try:
        return DATABASE.execute(f"SELECT {function}", list(values)).fetchall()[0][0]
    except duckdb.Error:
        return "refused"


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), TEXTS)
@settings(max_examples=examples(100, 400), deadline=None)
def test_what_is_found_is_what_duckdb_finds(pattern, text):
    expected = ask("regexp_matches(?, ?)", text, pattern)
    try:
        found = re2.search(pattern, text)
    except ValueError:
        return  # refused here; whether DuckDB knows it or not, no answer is wrong
    assert found == expected


@given(
    st.lists(st.sampled_from(PIECES), max_size=4).map("".join),
    TEXTS,
    st.sampled_from(["", "-", r"<\0>", r"\1", r"\\x"]),
    st.booleans(),
)
@settings(max_examples=examples(100, 400), deadline=None)
def test_what_is_replaced_is_what_duckdb_replaces(pattern, text, replacement, is_global):
    flags = "g" if is_global else ""
    expected = ask(f"regexp_replace(?, ?, ?, '{flags}')", text, pattern, replacement)
    try:
        assert re2.replace(text, pattern, replacement, is_global=is_global) == expected
        assert re2.extract(text, pattern, 0) == ask("regexp_extract(?, ?)", text, pattern)
    except ValueError:
        return


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{2}[0-9]+$",
        r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
        r"\bfoo\b",
        "(?i)^abc",
        "a|b|",
        r"^\d{4}-\d{2}$",
        "[[:upper:]]+",
    ],
)
def test_common_patterns_are_understood(pattern):
    for text in ("AB12", "a@b.co", "x foo y", "ABC", "", "2020-01", "2020-01\n"):
        assert re2.search(pattern, text) == ask("regexp_matches(?, ?)", text, pattern)


def test_what_re2_finds_inside_of_a_letter_is_refused():
    assert ask("regexp_replace(?, ?, ?, '')", "1é", r"\B", "-") == "refused"  # what it would return is no UTF-8
    with pytest.raises(ValueError, match="inside of letters"):
        re2.compiled(r"\B")


@pytest.mark.parametrize(
    "pattern", ["(?=a)", r"(a)\1", "a++", "(?>a)", "(?<=a)b", "a{1001}", "(", "[a", "[[:nope:]]", "a**", r"\q", "(?#x)"]
)
def test_what_re2_has_not_is_refused(pattern):
    assert ask("regexp_matches('a', ?)", pattern) == "refused"
    with pytest.raises(ValueError, match="the pattern"):
        re2.compiled(pattern)
