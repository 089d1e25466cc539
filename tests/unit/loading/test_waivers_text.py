"""Waivers added to a file: what stands there stays to the byte."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meshkit.errors import ContractError, UsageError
from meshkit.loading.source import Source
from meshkit.loading.waivers_text import Entry, append_waivers

NEW = {
    "check": "d.p.t.a.min",
    "subject": "d.p",
    "reason": "known",
    "approved_by": "gov",
    "until": "2027-01-31",
    "cap": 3,
}
OLD = {"policy": "x"}


def add(text, *entries, heading=""):
    return append_waivers(text, entries or (Entry(NEW),), heading, "w.yaml")


def waivers(text):
    values, problems = Source("w.yaml", text.removeprefix("\ufeff")).values()
    assert not problems
    return values["waivers"]


@pytest.mark.parametrize(
    "there",
    [
        "waivers:\n- policy: x\n",
        "waivers:\n  - policy: x\n",
        "waivers:\n      - policy: x",
        "# top\n---\nwaivers: # these\n  # first\n  - policy: x # why\n  # the end\n\n# far end\n",
        "waivers:\r\n  - policy: x\r\n",
        "\ufeffwaivers:\n  - policy: x\n",
        "waivers:\n  - {policy: x}\n",
        "waivers:\n  - policy: |\n      x\n",
        "waivers:\n  -   policy: x\n\n\n",
        '"waivers":\n  - policy: x\n',
    ],
)
def test_what_stands_in_a_file_stays_and_new_ones_follow(there):
    after = add(there)
    assert after.startswith(there)
    before, new = waivers(after)
    assert (before["policy"].strip(), new) == ("x", NEW)
    assert after.count("\n") == after.count("\r\n") or "\r" not in after


def test_a_documents_end_stays_at_the_end():
    after = add("waivers:\n  - policy: x\n... # end\n")
    assert after.endswith("    cap: 3\n... # end\n")
    assert waivers(after) == [OLD, NEW]


@pytest.mark.parametrize(
    "there", ["", "\n", "# only a comment", "waivers:\n", "waivers: []\n", "waivers: []  # none yet\n", "waivers: null",
              "waivers:\n  # - policy: x\n"],
)  # fmt: skip
def test_an_empty_file_or_list_is_begun_and_its_comments_stay(there):
    after = add(there)
    assert waivers(after) == [NEW]
    for comment in ("# only a comment", "# none yet", "# - policy: x"):
        assert (comment in after) is (comment in there)


def test_no_entry_leaves_a_file_as_it_is():
    assert append_waivers("waivers: []", (), "heading", "w.yaml") == "waivers: []"


def test_a_heading_and_notes_are_comments_before_what_they_are_of():
    after = add("", Entry(NEW, "no cap"), Entry({**NEW, "cap": Decimal("0.5")}), heading="Of today")
    lines = after.partition("waivers:\n")[2].splitlines()
    assert lines[:3] == ["  # Of today", "  # no cap", "  - check: d.p.t.a.min"]
    assert waivers(after)[1]["cap"] == Decimal("0.5")


@pytest.mark.parametrize(
    "text", ["a\nb: c", "# no comment", "- x", "\x1b[31m", "no", "1e3", "'\"", "é\u2028\U0001f600", "*a"]
)
def test_any_text_comes_back_as_it_was_given(text):
    entry = {**NEW, "reason": text}
    assert waivers(add("waivers:\n    - policy: x\n", Entry(entry))) == [OLD, entry]


@pytest.mark.parametrize("there", ["waivers: [{policy: x}]\n", "{waivers: [{policy: x}]}", "waivers:\n  - policy: x\nother: 1\n",
                                   "name: p\n", "- a\n", "waivers: 7\n"])  # fmt: skip
def test_what_cannot_be_added_to_is_refused(there):
    with pytest.raises(UsageError, match="nothing was written"):
        add(there)


@pytest.mark.parametrize("there", ["waivers:\n\t- x\n", "waivers: [\n", "a: 1\n---\nb: 2\n"])
def test_what_is_no_yaml_is_refused_with_its_place(there):
    with pytest.raises(ContractError) as error:
        add(there)
    assert error.value.place is not None
