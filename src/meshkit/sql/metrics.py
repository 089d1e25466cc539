"""Metrics as measures of a scan: what it must bring back of a column, so that they share it with the checks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from meshkit.errors import EngineError, QuantityError
from meshkit.model.relation import SeenColumn
from meshkit.model.types import Family, LogicalType
from meshkit.sql.builders import column, count_rows, count_values, counted
from meshkit.sql.measures import Measure
from meshkit.sql.propose_type import is_comparable
from meshkit.sql.slices import has_value
from meshkit.sql.trees import Tree
from meshkit.sql.types import native_type

NULLS, DISTINCT, SPREAD, QUARTILES = "nulls", "distinct", "spread", "quartiles"
COLUMN_METRICS = (NULLS, DISTINCT, SPREAD, QUARTILES)
"""What is measured of a column; the others are about whole tables."""
MOST_LISTED = 20
"""Values of a contract's list that are counted one by one."""
_NUMBERS = (Family.INTEGER, Family.DECIMAL, Family.FLOAT)
_TIMES = (Family.DATE, Family.TIMESTAMP, Family.TIME)
_QUARTERS = ("0.25", "0.5", "0.75")


def metric_measures(what: str, seen: SeenColumn, listed: Sequence[str], *, is_exact: bool) -> dict[str, Measure]:
    """Return what a scan must bring back of a column.

    Args:
        what: `nulls`, `distinct`, `spread` or `quartiles`.
        seen: The column.
        listed: The values that the contract lists for it.
        is_exact: Whether values are counted and ordered exactly; else they are estimated.

    Raises:
        EngineError: MK309, its type has no such thing.
    """
    name = seen.name
    if what == NULLS:
        missing = exp.Sub(this=count_rows(), expression=count_values(column(name)))
        return {"bad": Measure(missing, (column(name).is_(exp.null()),))}
    if what == DISTINCT:
        if not is_comparable(seen.type):
            raise _has_none(seen, "distinct values")
        return {"distinct": Measure(_distinct(name, is_exact=is_exact))}
    native = native_type(seen.type)
    if native is None:
        raise _has_none(seen, "distribution")
    if what == QUARTILES:
        if native.family not in _NUMBERS:
            raise _has_none(seen, "quartiles")
        return _quartiles(name, native, is_exact=is_exact)
    found = _spread(name, native, listed)
    if not found:
        raise _has_none(seen, "distribution")
    return {"filled": Measure(count_values(column(name))), **found}


def _has_none(seen: SeenColumn, what: str) -> EngineError:
    return EngineError(f"column '{seen.name}' is {seen.type[:60]}, of which no {what} is collected", code="MK309")


def _distinct(name: str, *, is_exact: bool) -> Tree:
    if is_exact:
        return exp.Count(this=exp.Distinct(expressions=[column(name)]), big_int=True)
    return exp.ApproxDistinct(this=column(name))


def _spread(name: str, native: LogicalType, listed: Sequence[str]) -> dict[str, Measure]:
    """Shape: one row; least, most, mean, deviation (NULL when there is none), not_finite, yes, v0 to vN (rows)."""
    value = _finite(name, native)
    if native.family in _NUMBERS:
        found = {
            "least": Measure(exp.Min(this=value)),
            "most": Measure(exp.Max(this=value.copy())),
            "mean": Measure(exp.Avg(this=value.copy())),
            "deviation": Measure(exp.StddevSamp(this=value.copy())),
        }
        if native.family is Family.FLOAT:
            found["not_finite"] = Measure(
                exp.Sub(this=count_values(column(name)), expression=count_values(value.copy()))
            )
        return found
    if native.family in _TIMES:
        return {"least": Measure(exp.Min(this=column(name))), "most": Measure(exp.Max(this=column(name)))}
    if native.family is Family.BOOLEAN:
        return {"yes": counted(column(name))}
    if native.family is not Family.STRING or native.is_uuid:
        return {}
    length = exp.Length(this=column(name))
    lengths: list[tuple[str, Tree]] = [
        ("least", exp.Min(this=length)),
        ("most", exp.Max(this=length.copy())),
        ("mean", exp.Avg(this=length.copy())),
    ]
    return {role: Measure(tree) for role, tree in lengths} | _members(name, native, listed)


def _members(name: str, native: LogicalType, listed: Sequence[str]) -> dict[str, Measure]:
    found = {}
    for i, text in enumerate(listed):
        try:
            condition = has_value(name, text, native)
        except QuantityError:
            condition = None
        if condition is not None:
            found[f"v{i}"] = counted(condition)
    return found


def _finite(name: str, native: LogicalType) -> Tree:
    if native.family is not Family.FLOAT:
        return column(name)
    # Infinite values and NaN are all that is not equal to itself once it is taken from itself.
    nothing = exp.EQ(this=exp.Paren(this=exp.Sub(this=column(name), expression=column(name))), expression=_number("0"))
    return exp.Case(ifs=[exp.If(this=nothing, true=column(name))])


def _quartiles(name: str, native: LogicalType, *, is_exact: bool) -> dict[str, Measure]:
    """Shape: one row; q1, q2, q3 (NULL when there is no value), or one list of the three as `quarters`."""
    value = _finite(name, native)
    if is_exact:
        trees = (exp.PercentileCont(this=value.copy(), expression=_number(share)) for share in _QUARTERS)
        return {f"q{i}": Measure(tree) for i, tree in enumerate(trees, 1)}
    shares = exp.Array(expressions=[_number(share) for share in _QUARTERS])
    return {"quarters": Measure(exp.Anonymous(this="approx_quantile", expressions=[value, shares]))}


def _number(text: str) -> exp.Expr:
    return exp.Literal.number(text)
