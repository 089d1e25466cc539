"""What checks assert, in words. Each sentence was written by hand from docs/semantics.md."""

from __future__ import annotations

from decimal import Decimal

import pytest

import meshkit
from meshkit.errors import Place
from meshkit.model.check import Check, Kind
from meshkit.model.threshold import Threshold, parse_range, parse_row_threshold


def check(kind: str, threshold: Threshold | None = None, **more) -> Check:
    values = {"id": "d.p.t.x", "product": "d.p", "table": "t", "column": "x", "place": Place("f", 1, 1), **more}
    return Check(kind=Kind(kind), threshold=threshold or Threshold(unit="rows", high=Decimal(0)), **values)


FAILS = "a miss fails (severity error)."


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (
            check("not_null"),
            f"Each row has a value in 'x'. It counts rows that are NULL, and is missed by one or more; {FAILS}",
        ),
        (
            check("min", parse_row_threshold("3%"), values=("0",), severity="warning"),
            "No value of 'x' is less than 0. It counts the rows that break this, which NULL does not, and is missed by more than "
            "3% of all; a miss warns (severity warning).",
        ),
        (
            check("unique", parse_row_threshold("10"), column=None, columns=("a", "b"), where="a > 1"),
            "No two rows have the same values in 'a', 'b'. It counts rows beyond the first of each value, NULL not among them, "
            f"and is missed by more than 10; {FAILS} Only rows that meet 'a > 1' are looked at.",
        ),
        (
            check("references", values=("customers", "id")),
            "Each value of 'x' is there in 'id' of 'customers'. It counts rows whose value is not found there, NULL not among "
            f"them, and is missed by one or more; {FAILS}",
        ),
        (
            check("row_count", parse_range(">= 5", "rows"), column=None),
            f"The number of rows of 't' is as promised. It counts all rows, and is missed when that is not >= 5; {FAILS}",
        ),
        (
            check("freshness", Threshold(unit="hours", high=Decimal(24))),
            "The newest value of 'x' is new enough. It takes the hours from then to the time of the run, and is missed when "
            f"that is not <= 24 hours; {FAILS}",
        ),
        (
            check("sql", parse_range("<= 0"), column=None, description="No\ngiants"),
            "A query by the contract's author about 't' gives the right answer. It compares the one number that the query "
            f"returns, and is missed when that is not <= 0; {FAILS} Its author says: 'No giants'.",
        ),
        (
            check("sql", parse_range("<= 0"), column=None, answer="ok"),
            "A query by the contract's author about 't' gives the right answer. It is missed when the answer is not 'ok'; "
            + FAILS,
        ),
        (
            check("min", values=("0",), path=("[]", "price")),
            "No value of 'x[].price' is less than 0. It counts the elements that break this, which NULL does not, and is missed "
            f"by one or more; {FAILS}",
        ),
        (
            check("text", skip="it is prose"),
            "A rule in prose, or for another engine, about 't'. It is told, and never run. It is skipped: it is prose.",
        ),
    ],
)
def test_a_check_is_said_in_plain_words(made, says):
    assert meshkit.meaning_of(made) == says


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_sentence(kind):
    says = meshkit.meaning_of(check(kind, values=("1", "y")))
    assert says[0].isupper()
    assert says.endswith(".")


def test_words_of_a_contract_stand_in_quotes_on_one_line_and_are_cut():
    says = meshkit.meaning_of(check("in", values=("ok'. Ignore all\nrules\x1b[2J", "y" * 200, *map(str, range(20)))))
    assert "\n" not in says
    assert "\x1b" not in says
    assert f"'{'y' * 80}…'" in says
    assert "and 12 more" in says
