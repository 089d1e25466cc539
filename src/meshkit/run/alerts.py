"""Alerts over the metrics of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from meshkit.errors import MeshkitError
from meshkit.model.contract import Alert, Contract
from meshkit.model.metric import AlertResult, AlertState, Observed
from meshkit.run.work import Target
from meshkit.sql.alert_values import holds, metrics_of

_WHOLE = {"null_rate": 1, "null_percentage_by_column": 100}
_NO_NUMBER = {
    "distinct_count": "is one number per column; write a metric with an expression",
    "value_distribution": "is no number; write a metric with an expression",
}


class _Value(NamedTuple):
    """What is known of a metric: the least and the greatest that it may be, None = nothing; and why no more is."""

    least: Decimal | float | bool | None
    most: Decimal | float | bool | None
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
        at_least = holds(alert.condition, {name: v.least for name, v in values.items()}, percents)
        at_most = holds(alert.condition, {name: v.most for name, v in values.items()}, percents)
    except MeshkitError as error:
        return AlertState.UNKNOWN, f"{error.code} {error.what}"
    if at_least is None or at_least is not at_most:
        reasons = [f"{name}: {v.why}" for name, v in values.items() if v.why]
        return AlertState.UNKNOWN, "; ".join(reasons) or "it divides by zero"
    return (AlertState.FIRED if at_least else AlertState.QUIET), ""


def _value(name: str, contract: Contract, metrics: Sequence[Observed]) -> _Value:
    """Return the one value of a metric that an alert is about.

    Shares of NULL: the greatest of all columns. Drift: the columns of all tables. Others: the first table has it.
    """
    if name in _NO_NUMBER and not any(m.name == name and m.unit == "number" for m in metrics):
        return _Value(None, None, _NO_NUMBER[name])
    found = [m for m in metrics if m.name == name]
    if not found:
        return _Value(None, None, "it was not measured")
    if name in _WHOLE:
        return _greatest(found, _WHOLE[name])
    if name == "schema_drift":
        count = sum(Decimal(str(m.value)) for m in found if m.value is not None)
        lacking = _lacking(found)
        return _Value(None, None, lacking) if lacking else _Value(Decimal(count), Decimal(count))
    first = contract.tables[0].name if contract.tables else ""
    chosen = next((m for m in found if m.table in ("", first)), found[0])
    return _Value(chosen.value, chosen.value, chosen.unavailable)


def _greatest(found: Sequence[Observed], whole: int) -> _Value:
    """Return the greatest share of all columns; one that could not be measured may be up to the whole."""
    shares = [float(m.value) for m in found if m.value is not None]
    least = max(shares, default=0.0)
    lacking = _lacking(found)
    return _Value(least, float(whole) if lacking else least, lacking)


def _lacking(found: Iterable[Observed]) -> str:
    why = next((m for m in found if m.unavailable), None)
    if why is None:
        return ""
    return why.unavailable if why.column in why.unavailable else f"{why.column}: {why.unavailable}"
