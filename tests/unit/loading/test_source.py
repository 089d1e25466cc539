"""YAML: what is read, where it stands, and what is refused before it does harm."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meshkit.loading.source import Source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("-3", -3),
        ("1.50", Decimal("1.50")),
        ("1e3", "1e3"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-15", "2024-01-15"),
        ("~", None),
        ("no", False),
        ("On", True),
        ("'no'", "no"),
        ('"10"', "10"),
        (".inf", ".inf"),
        ("0.0000001", "0.0000001"),
    ],
)
def test_scalars_lose_nothing(text, value):
    found, problems = Source("f", f"a: {text}").values()
    assert problems == []
    assert found["a"] == value
    assert type(found["a"]) is type(value)


def test_places_are_those_of_keys_and_of_values():
    source = Source("f", "a:\n  - b: 1\n  - c:\n      d: x\n")
    assert str(source.place(("a", 1, "c", "d"))) == "f:4:7"
    assert str(source.place(("a", 1, "c", "d"), of_value=True)) == "f:4:10"
    assert str(source.place(("a", 1, "missing", "d"))) == "f:3:5"
    assert str(source.place(())) == "f:1:1"


def test_merged_keys_are_read_and_placed():
    source = Source("f", "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n")
    assert source.values()[0]["use"] == {"x": 1, "y": 3}
    assert str(source.place(("use", "x"))) == "f:1:11"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\na: 2\n", "MK105", 2),
        ("a: [1\n", "MK101", 2),
        ("a:\n\tb: 1\n", "MK101", 2),
        ("a: @b\n", "MK101", 1),
        ("a: 1\n---\nb: 2\n", "MK101", 2),
        ("a: *nowhere\n", "MK101", 1),
        ("a: \x01\n", "MK101", 1),
        ("a: &x [*x]\n", "MK106", 1),
        ("a: !!python/object:os.system x\n", "MK103", 1),
        ("? [1]\n: 2\n", "MK103", 1),
    ],
)
def test_what_yaml_lets_pass_and_nobody_means_is_refused_with_its_line(text, code, line):
    _, problems = Source("f", text).values()
    assert [(p.code, p.place.line) for p in problems] == [(code, line)]


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 5_000 + "a", "{a: " * 3_000, "a: " + "[" * 150 + "]" * 150])
def test_deep_nesting_is_refused_before_it_ends_the_process(text):
    _, problems = Source("f", text).values()
    assert [p.code for p in problems] == ["MK106"]


def test_aliases_that_explode_are_refused():
    rows = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for here, before in zip("bcdefghi", "abcdefgh", strict=True):
        rows.append(f"{here}: &{here} [" + ",".join([f"*{before}"] * 9) + "]")
    _, problems = Source("f", "\n".join(rows)).values()
    assert [p.code for p in problems] == ["MK106"]


def test_a_hundred_flat_brackets_are_no_deep_nesting():
    text = "a: [" + ", ".join("[1]" for _ in range(300)) + "]"
    assert len(Source("f", text).values()[0]["a"]) == 300
