"""What an alert's condition is over the values of metrics. Pure: three-valued, as SQL is."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from fractions import Fraction

from sqlglot import exp

from meshkit.errors import SqlError
from meshkit.sql.alerts import read_alert

Value = bool | Fraction | None
_COMPARED: Mapping[type[exp.Expr], Callable[[Fraction, Fraction], bool]] = {
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
}
_RECKONED: Mapping[type[exp.Expr], Callable[[Fraction, Fraction], Fraction]] = {
    exp.Add: operator.add,
    exp.Sub: operator.sub,
    exp.Mul: operator.mul,
}
_HUNDRED = Fraction(100)


def metrics_of(condition: str) -> tuple[str, ...]:
    """Return the names that a condition uses, each once.

    Raises:
        SqlError: As `read_alert`.
    """
    return tuple(dict.fromkeys(c.name for c in read_alert(condition).find_all(exp.Column)))


def holds(
    condition: str, values: Mapping[str, Decimal | float | bool | None], percents: Collection[str] = ()
) -> bool | None:
    """Tell whether a condition holds; None = that depends on a metric of which there is no value.

    Args:
        condition: As its author wrote it.
        values: Name -> value.
        percents: Names of metrics that go from 0 to 100; compared with them, `5%` means 5.

    Raises:
        SqlError: MK209, it has a part that is none of conditions over numbers; else as `read_alert`.

    Example:
        >>> holds("a > 50% OR b", {"a": 0.6, "b": None}), holds("a > 1 AND b", {"a": 2, "b": None})
        (True, None)
    """
    found = _Reader(values, frozenset(percents)).read(read_alert(condition))
    return found if found is None else bool(found)


class _Reader:
    def __init__(self, values: Mapping[str, Decimal | float | bool | None], percents: frozenset[str]) -> None:
        self.values = values
        self.percents = percents

    def read(self, node: exp.Expr) -> Value:
        match node:
            case exp.Paren():
                return self.read(node.this)
            case exp.Column():
                return _value(self.values.get(node.name))
            case exp.Boolean():
                return bool(node.this)
            case exp.Literal() if not node.is_string:
                return Fraction(node.name)
            case exp.Neg():
                return _reckon(lambda a, _: -a, self.read(node.this), Fraction(0))
            case exp.Not():
                inner = self.read(node.this)
                return None if inner is None else not inner
            case exp.And() | exp.Or():
                return _joined(isinstance(node, exp.Or), self.read(node.this), self.read(node.expression))
            case exp.Is() if isinstance(node.expression, (exp.Null, exp.Boolean)):
                inner, wanted = self.read(node.this), node.expression
                return inner is None if isinstance(wanted, exp.Null) else inner is not None and inner == wanted.this
            case exp.Between():
                ends = (node.args["low"], exp.LTE), (node.args["high"], exp.GTE)
                low, high = (self._compare(kind(this=end.copy(), expression=node.this.copy())) for end, kind in ends)
                return _joined(False, low, high)
            case exp.Abs():
                return _reckon(lambda a, _: abs(a), self.read(node.this), Fraction(0))
            case exp.Div():
                return _reckon(_divided, self.read(node.this), self.read(node.expression))
        if type(node) in _RECKONED:
            return _reckon(_RECKONED[type(node)], self.read(node.this), self.read(node.expression))
        if type(node) in _COMPARED:
            return self._compare(node)
        raise SqlError(
            "a part of the condition that is no comparison of numbers", "compare metrics with numbers", code="MK209"
        )

    def _compare(self, node: exp.Expr) -> bool | None:
        left, right = self.read(node.this), self.read(node.expression)
        if left is None or right is None:
            return None
        left, right = self._scaled(left, node.this, node.expression), self._scaled(right, node.expression, node.this)
        return _COMPARED[type(node)](Fraction(left), Fraction(right))

    def _scaled(self, value: Value, node: exp.Expr, other: exp.Expr) -> Fraction:
        """Take `5%` as 5 where it is compared with a percentage."""
        is_percent = isinstance(other, exp.Column) and other.name in self.percents and _is_percent(node)
        return Fraction(value or 0) * (_HUNDRED if is_percent else 1)


def _is_percent(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, exp.Div) and isinstance(inner.expression, exp.Literal) and inner.expression.name == "100.0"


def _value(value: Decimal | float | bool | None) -> Value:
    if value is None or isinstance(value, bool):
        return value
    return Fraction(value) if math.isfinite(value) else None


def _joined(is_or: bool, left: Value, right: Value) -> bool | None:  # the operator itself
    parts = [None if part is None else bool(part) for part in (left, right)]
    if is_or in parts:
        return is_or
    return None if None in parts else not is_or


def _reckon(do: Callable[[Fraction, Fraction], Value], left: Value, right: Value) -> Value:
    return None if left is None or right is None else do(Fraction(left), Fraction(right))


def _divided(left: Fraction, right: Fraction) -> Value:
    return left / right if right else None
