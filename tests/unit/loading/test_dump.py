"""What is written as YAML reads back as the same values, by our reader and by PyYAML's."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from meshkit.loading.dump import dump
from meshkit.loading.source import Source

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(alphabet=" \t\n#-:?[]{}&*!|>%@`'\"\\,~ab01.\r", max_size=12),
    st.from_regex(r"\A[-+]?[0-9._:eExXob]{1,8}\Z"),
)
NUMBERS = st.one_of(
    st.integers(-(10**38), 10**38),
    st.decimals(-(10**12), 10**12, places=4, allow_nan=False),
)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def same(left: object, right: object) -> bool:
    """Equal, with equal kinds: True is not 1, and '1' is not 1. A float stands for the decimal that it is nearest to."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Decimal) and isinstance(right, float):
        return float(left) == right
    numbers = (int, Decimal)
    if isinstance(left, numbers) and isinstance(right, numbers) and not isinstance(left, bool):
        return not isinstance(right, bool) and left == right
    return type(left) is type(right) and left == right


@settings(max_examples=examples(60, 300), deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_as_the_same_values(value):
    text = dump(value)
    read, problems = Source("x.yaml", text).values()
    assert not problems
    assert same(value, read)
    assert same(value, yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        *"no Yes on y N null ~ true 1 01 0x1F 0o17 1e3 1_000 12:30:00 2024-01-15 .5 .inf .NaN = << - ? : # & * ! %".split(),
        "",
        " a",
        "a ",
        "a: b",
        "a #b",
        "---",
        "...",
        "- a",
        "[a",
        "{a",
        "'",
        '"',
        "\ta",
        "2024-01-15 10:00:00",
        "+1",
    ],
)
def test_a_text_that_a_reader_could_take_for_something_else_is_quoted(text):
    written = dump({"k": text})
    assert written.startswith(("k: '", 'k: "'))
    assert yaml.safe_load(written) == {"k": text}


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029", "\r", "\ufeff", "\x00", "\x7f"])
def test_line_breaks_and_marks_that_readers_fold_are_kept(mark):
    for text in (mark, f"a{mark}b", f"a\n{mark}", f"{mark}\nb"):
        values = {text: [text]}
        assert yaml.safe_load(dump(values)) == values
        assert Source("x.yaml", dump(values)).values() == (values, [])


def test_text_of_several_lines_is_a_block_and_long_lines_stay_whole():
    sql = "SELECT 1\nFROM t -- " + "x" * 300 + "\n"
    assert dump({"query": sql}) == f"query: |\n  SELECT 1\n  FROM t -- {'x' * 300}\n"
    assert dump({"d": "word " * 60 + "end"}) == "d: " + "word " * 60 + "end\n"


def test_equal_values_are_written_out_and_never_shared():
    shared = ["a"]
    assert dump({"p": shared, "q": shared}) == "p:\n  - a\nq:\n  - a\n"


def test_keys_keep_their_order_and_numbers_their_places():
    assert dump({"b": Decimal("0.50"), "a": 1, "c": Decimal("1E+3")}) == "b: 0.50\na: 1\nc: 1000\n"


@pytest.mark.parametrize("value", [1.5, b"x", {1: "a"}, object()])
def test_a_value_that_yaml_text_would_change_is_refused(value):
    with pytest.raises(TypeError, match="cannot be written"):
        dump({"k": value} if not isinstance(value, dict) else value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 10**45, Decimal("0." + "1" * 40)])
def test_a_number_that_readers_do_not_keep_is_refused(value):
    with pytest.raises(ValueError, match="cannot be written"):
        dump([value])
