"""What the prose of a policy says in numbers: its `- Name: value` lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from meshkit.errors import MeshkitError
from meshkit.model.policy import Value
from meshkit.model.units import parse_duration, parse_percentage

_LINE = re.compile(r"^\s*-\s+([^:\n]+?)\s*:\s*(.+?)\s*$", re.MULTILINE)
_PERIOD = re.compile(r"(?:<=\s*)?(\d+)\s*[_ -]?(day|week|month|year)s?\b", re.IGNORECASE)
_NOTICE = re.compile(r"deprecation notice", re.IGNORECASE)
_NOTICE_DAYS = re.compile(r"(\d+)[ -]days? deprecation notice", re.IGNORECASE)
_KINDS = {"operational": "operational_days", "analytical": "analytical_days", "log": "logs_days", "logs": "logs_days",
          "deleted": "trash_days"}  # fmt: skip
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


class Unreadable(Exception):  # noqa: N818
    """A line's value cannot be read; its text says which."""


def params_of(policy: str, prose: str, given: Mapping[str, object]) -> dict[str, Value]:
    """Return the numbers of a built-in policy: those given as `params`, else those of its prose.

    Raises:
        Unreadable: A number cannot be read; the policy is then not executable.

    Example:
        >>> params_of("data_retention", "- Logs: 1 year", {}), params_of("quality_gates", "- Warning threshold: <= 5%", {})
        ({'logs_days': 365}, {'warning_threshold': Decimal('0.05')})
    """
    lines = _LINE.findall(prose)
    found: dict[str, Value] = {}
    if policy == "data_classification":
        names = tuple(name.strip().lower() for name, _ in lines)
        found = {"known": names or ("public", "internal", "confidential", "restricted")}
    elif policy == "data_retention":
        for name, value in lines:
            key = _KINDS.get(name.split()[0].lower())
            if key and key not in given:
                found[key] = _days(name, value)
    elif policy == "quality_gates":
        for name, value in lines:
            if name.lower() == "warning threshold" and "warning_threshold" not in given:
                found["warning_threshold"] = _share(name, value)
    elif policy == "breaking_changes" and _NOTICE.search(prose) and "notice_days" not in given:
        days = _NOTICE_DAYS.search(prose)
        if days is None:
            raise Unreadable("a deprecation notice without a number of days")
        found["notice_days"] = int(days[1])
    return found | {name: _given(name, value) for name, value in given.items()}


def words_of(policy: str, param: str, prose: str) -> str:
    """Return the words of the prose that say a number, or an empty text.

    Example:
        >>> words_of("data_retention", "logs_days", "- Logs: 1 year")
        '- Logs: 1 year'
    """
    if policy == "breaking_changes":
        days = _NOTICE_DAYS.search(prose)
        return days[0] if days else ""
    for line in _LINE.finditer(prose):
        name = line[1].lower()
        if policy == "data_classification" or param in (_KINDS.get(name.split()[0]), name.replace(" ", "_")):
            return line[0].strip()
    return ""


def _given(name: str, value: object) -> Value:
    if name.endswith("_days"):
        return _days(name, str(value)) if isinstance(value, str) else _whole(name, value)
    if name in ("warning_threshold", "largest_share"):
        return _share(name, str(value))
    if isinstance(value, list):
        return tuple(str(v).lower() if name == "known" else str(v) for v in value)
    if value is None or isinstance(value, (str, int, Decimal, float, bool)):
        return value
    raise Unreadable(f"params.{name} is no number, text or list")


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value) or value < 0:
        raise Unreadable(f"params.{name} is no whole number of days")
    return int(value)


def _days(name: str, value: str) -> int:
    found = _PERIOD.match(value)
    if found:
        return int(found[1]) * _DAYS[found[2].lower()]
    try:
        return parse_duration(value).days
    except MeshkitError:
        raise Unreadable(f"'{name}: {value}' is no period of days, months or years") from None


def _share(name: str, value: str) -> Decimal:
    bare = value.removeprefix("<=").strip()
    try:
        return parse_percentage(bare)
    except MeshkitError:
        raise Unreadable(f"'{name}: {value}' is no share such as <= 5%") from None
