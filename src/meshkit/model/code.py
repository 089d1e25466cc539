"""The form in which each code is explained."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """One code: what it says in a line, why it matters, and how to mend it."""

    title: str
    meaning: str
    mend: str
