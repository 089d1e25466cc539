"""What was planted, counted in plain Python, and what a report of `meshkit check` says about it."""

from __future__ import annotations

import json
from collections.abc import Mapping


class WrongAnswerError(Exception):
    """A contender counted something else than what was planted."""


def planted(n: int) -> dict[str, int]:
    """Return the number of bad rows of each check over the orders table of `n` rows, by the rows' own numbers."""

    def every(count: int, offset: int) -> set[int]:
        step = n // count
        return {i for i in range(offset, count * step, step) if i < n}

    odd_ids = {i for i in (2001, 2002, 700001, n - 9) if i < n}
    copies = {i for i in (1003, 500003, n - 7) if i < n}
    nobody, unknown = every(13, 17), every(5, 37)
    return {
        "order_id.not_null": 0,
        "order_id.unique": len(copies),
        "order_id.pattern": len(odd_ids - copies),
        "customer_id.not_null": len(nobody),
        "customer_id.references": len(every(11, 29) - nobody),
        "order_date.not_null": 0,
        "total_amount.min": len(every(7, 31)),
        "status.in": len(unknown),
        "status.not_null": len(every(6, 41) - unknown),
        "orders.product_count": len(every(9, 43)),
    }


def counted(report: str) -> dict[str, float | None]:
    """Return what a JSON report says of each check: bad rows, else the value; None where there was no answer."""
    found: dict[str, float | None] = {}
    for product in json.loads(report)["products"]:
        for check in product["checks"]:
            number = check["value"] if check["bad"] is None else check["bad"]
            found[check["id"]] = None if check["outcome"] in ("errored", "skipped") else number
    return found


def assert_counts(report: str, expected: Mapping[str, float]) -> None:
    """Hold a JSON report against what was planted; a check is named by the end of its id.

    Raises:
        WrongAnswerError: A number differs, or a check is not there.
    """
    by_ending: dict[str, list[float | None]] = {}
    for id_, value in counted(report).items():
        words = id_.split(".")
        for start in range(1, len(words)):
            by_ending.setdefault(".".join(words[start:]), []).append(value)
    wrong = []
    for name, number in expected.items():
        answers = by_ending.get(name, [])
        if len(answers) != 1 or answers[0] is None or abs(answers[0] - number) > 1e-9 * max(1, abs(number)):
            wrong.append(f"{name}: {number} is planted, {answers} is told")
    if wrong:
        raise WrongAnswerError("; ".join(wrong[:5]))


def assert_same(name: str, found: Mapping[str, float], expected: Mapping[str, float]) -> None:
    """Hold the numbers of another contender against what was planted, where it tells the same number.

    Raises:
        WrongAnswerError: A number differs.
    """
    wrong = [f"{k}: {v} is planted, {found[k]} is told" for k, v in expected.items() if k in found and found[k] != v]
    if wrong:
        raise WrongAnswerError(f"{name}: {'; '.join(wrong[:5])}")
