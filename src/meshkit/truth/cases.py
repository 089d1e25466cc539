"""The queries and their answers, and when two answers are the same."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

_PLACES = 4
_EXACT = 2**53  # from here on floats are not exact


class Case(NamedTuple):
    """A query with DuckDB's meaning, and its right answer.

    Attributes:
        id: Its name.
        group: What it is about.
        sql: The query, over the tables of `tables.py`.
        note: What to look out for.
        expected: Its rows.
        only: The one dialect that it was written for; empty = every engine.
    """

    id: str
    group: str
    sql: str
    note: str
    expected: list[list[object]]
    only: str = ""


def read_cases(text: str, only: str = "") -> tuple[Case, ...]:
    """Read cases from JSON: a list of mappings with the keys of `Case`."""
    return tuple(Case(**{"note": "", **case, "only": only}) for case in json.loads(text))


@lru_cache(maxsize=1)
def common_cases() -> tuple[Case, ...]:
    """Return the cases that every engine is asked."""
    folder = resources.files(__package__)
    names = ("cases.json", "cases_more.json")
    return tuple(case for name in names for case in read_cases(folder.joinpath(name).read_text("utf-8")))


def is_same(rows: Sequence[Sequence[object]], case: Case) -> bool:
    """Tell whether rows are the answer of a case: numbers to four places, times as text in UTC, in any order but a stated one."""
    return normal(rows, case.sql) == normal(case.expected, case.sql)


def normal(rows: Sequence[Sequence[object]], sql: str) -> list[list[object]]:
    """Return rows in one spelling."""
    found = [[_value(v) for v in row] for row in rows]
    return found if "ORDER BY" in sql.rpartition(")")[2] or len(found) < 2 else sorted(found, key=repr)


def _value(value: object) -> object:
    match value:
        case bool():
            return float(value)
        case int() | float() | Decimal():
            number = float(value)
            if not isinstance(value, float) and abs(number) >= _EXACT:
                return f"{value:f}"
            return str(number) if math.isnan(number) else round(number, _PLACES) + 0.0
        case dt.datetime():
            return str(value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value)
        case dt.date() | dt.timedelta():
            return str(value)
        case list() | tuple():
            return [_value(v) for v in value]
    return value
