"""Alerts over the metrics of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.contract import Alert, Contract
from meshkit.model.metric import AlertResult, AlertState, Observed
from meshkit.run.work import Target
from meshkit.sql.alert_values import holds, metrics_of

_GREATEST = frozenset({"null_rate", "null_percentage_by_column"})
_NO_NUMBER = {
    "distinct_count": "is one number per column; write a metric with an expression",
    "value_distribution": "is no number; write a metric with an expression",
}


class _Value(NamedTuple):
    value: Decimal | float | bool | None
    why: str = ""


def alert_results(target: Target, metrics: Sequence[Observed]) -> tuple[AlertResult, ...]:
    """Return the state of each alert of a product, over what was measured of it."""
    return tuple(_result(alert, target, metrics) for alert in target.contract.alerts)


def _result(alert: Alert, target: Target, metrics: Sequence[Observed]) -> AlertResult:
    state, reason = _state(alert, target.contract, metrics)
    return AlertResult(
        type=alert.type,
        condition=alert.condition,
        severity=alert.severity,
        state=state,
        reason=reason,
        place=target.place((*alert.pointer, "condition")),
    )


def _state(alert: Alert, contract: Contract, metrics: Sequence[Observed]) -> tuple[AlertState, str]:
    try:
        values = {name: _value(name, contract, metrics) for name in metrics_of(alert.condition)}
        percents = {m.name for m in metrics if m.unit == "percent"}
        is_met = holds(alert.condition, {name: v.value for name, v in values.items()}, percents)
    except MeshkitError as error:
        return AlertState.UNKNOWN, f"{error.code} {error.what}"
    if is_met is None:
        return AlertState.UNKNOWN, _reasons(values)
    return (AlertState.FIRED if is_met else AlertState.QUIET), ""


def _reasons(values: Mapping[str, _Value]) -> str:
    found = [f"{name}: {v.why}" if v.why else f"{name} has no value" for name, v in values.items() if v.value is None]
    return "; ".join(found) or "it divides by zero"


def _value(name: str, contract: Contract, metrics: Sequence[Observed]) -> _Value:
    """Return the one value of a metric that an alert is about.

    Shares of NULL: the greatest of all columns. Drift: the columns of all tables. Others: the first table has it.
    """
    if name in _NO_NUMBER and not any(m.name == name and m.value is not None and not m.column for m in metrics):
        return _Value(None, _NO_NUMBER[name])
    found = [m for m in metrics if m.name == name]
    if not found:
        return _Value(None, "it was not measured")
    if name in _GREATEST or name == "schema_drift":
        lacking = _lacking(found)
        if lacking:
            return _Value(None, lacking)
        numbers = [m.value for m in found if m.value is not None]
        return _Value(max(numbers) if name in _GREATEST else sum(numbers, Decimal(0)))
    first = contract.tables[0].name if contract.tables else ""
    chosen = next((m for m in found if m.table in ("", first)), found[0])
    return _Value(chosen.value, chosen.unavailable)


def _lacking(found: Iterable[Observed]) -> str:
    return next((f"{m.column}: {m.unavailable}" if m.column else m.unavailable for m in found if m.unavailable), "")
