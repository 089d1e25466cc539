"""Two compliance reports: what is new, what is gone, and what is still there."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from meshkit.errors import UsageError
from meshkit.model.compliance import Comparison, ComplianceReport, Difference
from meshkit.model.policy import Status
from meshkit.model.table import Severity

_Key = tuple[str, str, str | None]


def compare_reports(report: ComplianceReport, before: str, name: str) -> ComplianceReport:
    """Return a report with how it differs from one of before.

    A violation is the same one if product, rule and column are; its message may say another number. Where one report was asked
    for some products only, the others are left out of the comparison.

    Args:
        report: The one of now.
        before: The text of the JSON report of before.
        name: What people call it.

    Raises:
        UsageError: The text is no compliance report, or one of another point of enforcement.
    """
    try:
        old = json.loads(before)
        found = _compared(report, old, name)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = "give a file that meshkit govern --format json -o FILE wrote"
        raise UsageError(f"'{name}' is no compliance report", hint) from error
    return report.model_copy(update={"comparison": found})


def _compared(report: ComplianceReport, old: Mapping[str, Any], name: str) -> Comparison:
    if old["at"] != str(report.at):
        raise UsageError(f"'{name}' was made at {old['at']}, this report at {report.at}", f"give --at {old['at']}")
    was = _of_old(old, {p.id for p in report.products} if report.asked else None)
    now = _of_new(report, {p["id"] for p in old["products"]} if old["asked"] else None)
    new: list[Difference] = []
    gone: list[Difference] = []
    still: list[Difference] = []
    for key in dict.fromkeys([*now, *was]):
        olds, news = list(was.get(key, ())), list(now.get(key, ()))
        for difference in list(news):
            match = next((o for o in olds if o.message == difference.message), None)
            if match is not None:
                olds.remove(match)
                news.remove(difference)
                still.append(difference.model_copy(update={"was": match.was}))
        paired = min(len(olds), len(news))
        still += [n.model_copy(update={"was": o.was}) for o, n in zip(olds[:paired], news[:paired], strict=True)]
        new += news[paired:]
        gone += olds[paired:]
    made_at = datetime.fromisoformat(old["made_at"])
    return Comparison(made_at=made_at, was=Status(old["status"]), new=tuple(new), gone=tuple(gone), still=tuple(still))


def _of_old(old: Mapping[str, Any], only: set[str] | None) -> Mapping[_Key, list[Difference]]:
    return _by_key(
        Difference(
            product=product["id"], rule=v["rule"], field=v["field"], severity=Severity(v["severity"]), message=v["message"],
            was=Status(v["status"]),
        )
        for product in old["products"] if only is None or product["id"] in only
        for v in product["violations"]
    )  # fmt: skip


def _of_new(report: ComplianceReport, only: set[str] | None) -> Mapping[_Key, list[Difference]]:
    return _by_key(
        Difference(
            product=product.id, rule=v.rule, field=v.field, severity=v.severity, message=v.message, now=v.status
        )
        for product in report.products if only is None or product.id in only
        for v in product.violations
    )  # fmt: skip


def _by_key(differences: Iterable[Difference]) -> Mapping[_Key, list[Difference]]:
    found: dict[_Key, list[Difference]] = defaultdict(list)
    for difference in differences:
        found[difference.product, difference.rule, difference.field].append(difference)
    return found
