"""The metrics and alerts of a product, for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from meshkit.model.metric import AlertResult, AlertState, Distribution, Observed
from meshkit.model.run import ProductRun
from meshkit.model.units import format_number
from meshkit.report.order import one_line

Paint = Callable[[str, str], str]
_ROLES = {AlertState.FIRED: "failed", AlertState.QUIET: "passed", AlertState.UNKNOWN: "errored"}
_MOST_NAMED = 6
_NUMBER: Mapping[str, Any] = {"type": ["number", "null"]}
_COUNT: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_TEXTS: Mapping[str, Any] = {"type": "array", "items": {"type": "string"}}


def metric_lines(product: ProductRun, paint: Paint = lambda text, _: text) -> Iterator[str]:
    """Yield one line per metric, the columns of one metric together; then one line per alert."""
    by_name: dict[str, list[Observed]] = {}
    for metric in product.metrics:
        by_name.setdefault(metric.name, []).append(metric)
    for name, found in by_name.items():
        told = [_told(m) for m in found]
        more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
        yield f"  {paint('metric', 'faint')}   {name}  {one_line(', '.join(told[:_MOST_NAMED]))}{more}"
    for alert in product.alerts:
        state = paint(f"{alert.state:<7}", _ROLES[alert.state])
        reason = f"; {one_line(alert.reason)}" if alert.reason else ""
        place = paint(one_line(str(alert.place)), "place")
        said = f"{alert.type} ({alert.severity})  {one_line(alert.condition)}{reason}"
        yield f"  {paint('alert', 'faint')}    {state}  {said}  {place}"


def _told(metric: Observed) -> str:
    about = f"{metric.column} " if metric.column else f"{metric.table} " if metric.table else ""
    if metric.unavailable:
        return f"{about}unavailable ({metric.unavailable})"
    sliced = f" of {metric.slice}" if metric.slice else ""
    roughly = "about " if metric.is_approximate else ""
    if metric.drift:
        parts = [
            f"{len(names)} {what}" for what in ("added", "removed", "retyped") if (names := getattr(metric.drift, what))
        ]
        return about + (", ".join(parts) or "none")
    if metric.distribution:
        return f"{about}{_spread(metric.distribution)}{sliced}"
    if isinstance(metric.value, bool):
        return f"{about}{'yes' if metric.value else 'no'}"
    if metric.value is None:
        return f"{about}no value"
    if metric.unit in ("ratio", "percent"):
        percent = Decimal(str(metric.value)) * (100 if metric.unit == "ratio" else 1)
        return f"{about}{roughly}{format_number(Decimal(f'{percent:.4g}'))}%{sliced}"
    rounded = metric.value if metric.value == int(metric.value) else Decimal(f"{metric.value:.6g}")
    unit = f" {metric.unit}" if metric.unit in ("rows", "values", "hours") else ""
    return f"{about}{roughly}{format_number(rounded)}{unit}{sliced}"


def _spread(found: Distribution) -> str:
    if found.counts:
        return "/".join(f"{text} {count:,}" for text, count in found.counts[:_MOST_NAMED])
    if found.least is None:
        return "no value"
    return f"{_short(found.least)} to {_short(found.most)}"


def _short(value: object) -> str:
    return str(value) if isinstance(value, str) else format_number(Decimal(f"{value:.6g}"))


def metric_as_dict(metric: Observed) -> dict[str, Any]:
    """Return a metric as values that JSON can hold."""
    return {
        "id": metric.id,
        "name": metric.name,
        "table": metric.table or None,
        "column": metric.column or None,
        "value": metric.value if isinstance(metric.value, bool) else _number(metric.value),
        "unit": metric.unit,
        "distribution": _distribution(metric.distribution) if metric.distribution else None,
        "drift": metric.drift.model_dump(mode="json") if metric.drift else None,
        "unavailable": metric.unavailable or None,
        "approximate": metric.is_approximate,
        "slice": metric.slice or None,
    }


def _distribution(found: Distribution) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return value if isinstance(value, str) else _number(value)

    return {
        "filled": found.filled,
        "not_finite": found.not_finite,
        "least": plain(found.least),
        "most": plain(found.most),
        "mean": _number(found.mean),
        "deviation": _number(found.deviation),
        "quartiles": [_number(q) for q in found.quartiles] if found.quartiles else None,
        "counts": [{"value": text, "rows": rows} for text, rows in found.counts],
        "others": found.others,
        "note": found.note or None,
    }


def alert_as_dict(alert: AlertResult) -> dict[str, Any]:
    """Return an alert as values that JSON can hold."""
    return {
        "type": alert.type,
        "condition": alert.condition,
        "severity": str(alert.severity),
        "state": str(alert.state),
        "reason": alert.reason or None,
        "place": {"file": alert.place.file, "line": alert.place.line, "column": alert.place.column},
    }


def metric_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `metric_as_dict` returns."""
    scalar = {"type": ["number", "string", "null"]}
    quartiles = {"type": ["array", "null"], "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
    counted = _closed({"value": {"type": "string"}, "rows": {"type": "integer", "minimum": 0}})
    distribution = _closed(
        {
            "filled": {"type": "integer", "minimum": 0, "description": "Rows that are not NULL."},
            "not_finite": {**_COUNT, "description": "Rows that are NaN or infinite, which the rest leaves out."},
            "least": {**scalar, "description": "The least value; the length of the shortest text; a time in ISO 8601."},
            "most": {**scalar, "description": "The greatest value, or the length of the longest text."},
            "mean": _NUMBER,
            "deviation": {**_NUMBER, "description": "The standard deviation of the sample."},
            "quartiles": quartiles,
            "counts": {"type": "array", "items": counted, "description": "Rows of each value that the contract lists."},
            "others": {**_COUNT, "description": "Rows whose value the contract does not list."},
            "note": {**_TEXT, "description": "Why a part is not there."},
        }
    )
    retyped = _closed({"column": {"type": "string"}, "declared": {"type": "string"}, "seen": {"type": "string"}})
    drift = _closed({"added": _TEXTS, "removed": _TEXTS, "retyped": {"type": "array", "items": retyped}})
    units = ["rows", "ratio", "percent", "values", "hours", "columns", "boolean", "number", "distribution"]
    return _closed(
        {
            "id": {"type": "string", "description": "domain.product[.table[.column]].name; stable."},
            "name": {"type": "string"},
            "table": _TEXT,
            "column": _TEXT,
            "value": {"type": ["number", "boolean", "null"]},
            "unit": {"enum": units, "description": "A ratio goes from 0 to 1, a percentage from 0 to 100."},
            "distribution": {"anyOf": [distribution, {"type": "null"}]},
            "drift": {"anyOf": [drift, {"type": "null"}]},
            "unavailable": {**_TEXT, "description": "Why it could not be measured; null = it was."},
            "approximate": {"type": "boolean", "description": "Whether it, or its quartiles, are estimates."},
            "slice": {**_TEXT, "description": "The slice it was measured over, in words; null = the whole table."},
        }
    )


def alert_schema(place: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what `alert_as_dict` returns."""
    return _closed(
        {
            "type": {"type": "string"},
            "condition": {"type": "string"},
            "severity": {"enum": ["info", "warning", "error", "critical"]},
            "state": {"enum": [str(state) for state in AlertState]},
            "reason": {**_TEXT, "description": "Why it is unknown."},
            "place": place,
        }
    )


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _number(value: Decimal | float | None) -> int | float | None:
    """Return a JSON number: whole ones exactly; JSON has neither infinity nor NaN."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(value)
