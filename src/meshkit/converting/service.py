"""What is promised of the service: native `sla` and `retention_days` to ODCS slaProperties, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from meshkit.converting.document import Value, custom_of, is_number, mapping_of, mappings_of, put_custom, text_of
from meshkit.errors import MeshkitError
from meshkit.model.names import fold
from meshkit.model.units import parse_duration, parse_iso_duration, parse_percentage

_KEY = "key"
"""Custom property of a property of the service: the native key that it stands for."""


def write_service(rest: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Take availability, freshness and retention out of a native document as properties of the service."""
    found = []
    sla = mapping_of(rest, "sla")
    if "availability" in sla:
        found += _write_availability(sla)
    if mapping_of(sla, "freshness").get("max_age_hours") is not None and table:
        found.append(_write_freshness(sla.pop("freshness"), table))
    if is_number(rest.get("retention_days")):
        item = {"property": "retention", "value": rest.pop("retention_days"), "unit": "d"}
        put_custom(item, _KEY, "retention_days")
        found.append(item)
    return found


def _write_availability(sla: dict[str, Any]) -> list[dict[str, Any]]:
    ratio = _ratio(sla["availability"])
    if ratio is None:
        return []
    percent = (ratio * 100).normalize()
    item = {"property": "availability", "value": _plain(percent), "unit": "percent"}
    if _ratio(f"{percent:f}%") != ratio or str(_ratio(f"{percent:f}%")) != str(ratio):
        put_custom(item, "value", sla["availability"])
    del sla["availability"]
    return [item]


def _ratio(value: Value) -> Decimal | None:
    """Return a native ratio, as its own reader does: a percentage, or a number with a point."""
    if isinstance(value, Decimal) and 0 <= value <= 1:
        return value
    try:
        return parse_percentage(value) if isinstance(value, str) else None
    except MeshkitError:
        return None


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else Decimal(f"{number:f}")


def _write_freshness(freshness: dict[str, Any], table: str) -> dict[str, Any]:
    item: dict[str, Any] = {"property": "freshness", "value": freshness.pop("max_age_hours"), "unit": "h"}
    column = text_of(freshness, "column")
    if column:
        item["element"] = f"{table}.{column}"
    schedule = text_of(freshness, "update_schedule")
    if schedule is not None:
        item |= {"scheduler": "cron", "schedule": schedule}
    put_custom(item, _KEY, "sla.freshness")
    for key, value in freshness.items():
        if value is not None:
            put_custom(item, key, value)
    return item


def read_service(rest: dict[str, Any], table: str) -> dict[str, Any]:
    """Take the promises that the native form knows out of slaProperties: the keys `sla` and `retention_days`."""
    sla: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for item in mappings_of(rest, "slaProperties"):
        key, name = custom_of(item, _KEY), str(item.get("property", "")).casefold()
        if name in ("availability", "av") and "availability" not in sla:
            _read_availability(item, sla)
        elif key == "retention_days":
            found["retention_days"] = item["value"]
            item.clear()
        elif name in ("freshness", "latency", "ly") and "freshness" not in sla:
            freshness = _read_freshness(item, table, is_own=key == "sla.freshness")
            sla |= {"freshness": freshness} if freshness else {}
        elif name in ("retention", "re") and "retention_days" not in found and not item.get("element"):
            hours = _hours(item)
            if hours is not None and hours % 24 == 0:
                found["retention_days"] = int(hours // 24)
                _done(item)
    return {"sla": sla, **found} if sla else found


def _read_availability(item: dict[str, Any], sla: dict[str, Any]) -> None:
    own = custom_of(item, "value")
    text = str(item.get("value")).rstrip("% ")
    if own is None and _ratio(f"{text}%") is None:
        return
    sla["availability"] = f"{text}%" if own is None else own
    _done(item)


def _read_freshness(item: dict[str, Any], table: str, *, is_own: bool) -> dict[str, Any]:
    owner, _, column = str(item.get("element") or "").rpartition(".")
    hours = item.get("value") if is_own else _hours(item)
    if hours is None or "," in column or (owner and table and fold(owner) != fold(table)):
        return {}
    found: dict[str, Any] = {"max_age_hours": hours if is_own or hours % 1 else int(hours)}
    if isinstance(item.get("schedule"), str) and item.get("scheduler", "cron") == "cron":
        item.pop("scheduler", None)
        found["update_schedule"] = item.pop("schedule")
    if column:
        found["column"] = column
    for key in ("source", "severity"):
        own = custom_of(item, key)
        if own is not None:
            found[key] = own
    _done(item)
    return found


def _hours(item: dict[str, Any]) -> Decimal | None:
    text = str(item.get("value")).strip()
    try:
        span = (
            parse_iso_duration(text)
            if text.upper().startswith("P")
            else parse_duration(f"{text} {item.get('unit') or ''}".strip())
        )
    except MeshkitError:
        return None
    hours = Decimal(str(span.total_seconds())) / 3600
    return hours if hours > 0 else None


def _done(item: dict[str, Any]) -> None:
    for key in ("property", "value", "unit", "element"):
        item.pop(key, None)
