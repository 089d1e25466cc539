"""An alert's condition as a range: the metric it is about, and the values at which it keeps silent."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.model.threshold import Threshold
from meshkit.sql.alerts import read_alert


class AlertBound(NamedTuple):
    """What a condition such as `age_hours > 26` says: the metric, and where nobody is woken."""

    metric: str
    silent: Threshold


def alert_bound(text: str) -> AlertBound | None:
    """Read a condition of the form METRIC OPERATOR NUMBER; None for any other one.

    Example:
        >>> str(alert_bound("age_hours > 26").silent), alert_bound("a > 1 OR b > 2")
        ('<= 26', None)
    """
    try:
        tree = read_alert(text)
    except SqlError:
        return None
    if not isinstance(tree, (exp.GT, exp.GTE, exp.LT, exp.LTE)) or not isinstance(tree.this, exp.Column):
        return None
    value = _number(tree.expression)
    if value is None:
        return None
    if isinstance(tree, (exp.GT, exp.GTE)):
        return AlertBound(tree.this.name, Threshold(unit="number", high=value, high_open=isinstance(tree, exp.GTE)))
    return AlertBound(tree.this.name, Threshold(unit="number", low=value, low_open=isinstance(tree, exp.LTE)))


def _number(tree: exp.Expr) -> Decimal | None:
    node = tree.unnest()
    if isinstance(node, exp.Div):
        top, bottom = _number(node.this), _number(node.expression)
        return top / bottom if top is not None and bottom else None
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return -inner if inner is not None else None
    return Decimal(node.name) if isinstance(node, exp.Literal) and not node.is_string else None
