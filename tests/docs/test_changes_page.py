"""The page on changes names every rule, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

from meshkit.change.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "changes.md"


def test_the_table_has_every_rule():
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    listed = [rule for row in rows for rule in re.findall(r"\b[A-Z]\d\d\b", row)]
    assert len(listed) == len(set(listed))
    assert set(listed) == {*RULES, *(f"R0{n}" for n in range(1, 7))}
