"""Aggregates on Spark."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.kinds import NUMBERS, Kind
from meshkit.sql.transpile.parts import (
    Aggregate,
    Wrap,
    aggregates,
    call,
    infix,
    is_distinct,
    operand,
    precision,
    present,
    text_of,
    when,
    wide,
)
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.spark_casts import as_type, float_of

_ORDERED = (*NUMBERS, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)


def _count(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
        context.refuse(node, "of several columns: count(DISTINCT (a, b))")
    return wrap(node.copy())


def _sum(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    part = operand(node)
    kind = context.require(part, *NUMBERS, Kind.NULL, of=node)
    made = node.copy()
    if kind is Kind.INTEGER and wide(part):
        context.note("sums of BIGINT are made of DECIMAL(38, 0), which does not overflow")
        _over(made, as_type(part, "DECIMAL(38,0)"))
    return wrap(made)


def _over(aggregate: exp.Expr, part: exp.Expr) -> None:
    if isinstance(aggregate.this, exp.Distinct):
        aggregate.this.set("expressions", [part])
    else:
        aggregate.set("this", part)


def _avg(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    part = operand(node)
    kind = context.require(part, *NUMBERS, of=node)
    if kind is Kind.FLOAT or (kind is Kind.INTEGER and not wide(part)):
        made = node.copy()
        _over(made, float_of(part))
        return wrap(made)
    if is_distinct(node):
        context.refuse(node, "of distinct values")
    context.note("avg is an exact sum divided by a count, as floats")
    total, count = wrap(_sum(exp.Sum(this=part.copy()), lambda c: c, context)), wrap(exp.Count(this=part.copy()))
    return infix(exp.Div, float_of(total), call("nullif", count, 0))


def _extreme(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    context.require(operand(node), *_ORDERED, Kind.INTERVAL, Kind.NULL, of=node)
    if node.args.get("expressions"):
        context.refuse(node, "of several values")
    return wrap(node.copy())


def _spread(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        parts = [p for p in (node.this, node.args.get("expression")) if p is not None]
        for part in parts:
            context.require(part, *NUMBERS, of=node)
        return wrap(call(name, *(float_of(p) for p in parts)))

    return build


def _corr(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    made = _spread("corr")(node, wrap, context)
    pairs = wrap(exp.Count(this=when((present(node.this), node.expression))))
    nan = when((infix(exp.GT, pairs, 0), as_type(exp.Literal.string("NaN"), "DOUBLE")))
    return call("coalesce", made, nan)


def _truth(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.require(node.this, Kind.BOOLEAN, Kind.NULL, of=node)
        return wrap(call(name, node.this))

    return build


def _bits(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.require(node.this, Kind.INTEGER, of=node)
        return wrap(call(name, node.this))

    return build


def _mode(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    context.require(node.this, *_ORDERED, of=node)
    context.note("mode gives any of several values that are as frequent")
    return wrap(call("mode", node.this))


def _at_extreme(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        if node.args.get("count") is not None:
            context.refuse(node, "of several rows")
        context.require(node.expression, *_ORDERED, of=node)
        context.note(f"{name} passes over rows without a value, as arg_max and arg_min do")
        return wrap(call(name, node.this, when((present(node.this), node.expression))))

    return build


def _any_value(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    context.note("any_value gives any value that is not NULL")
    return wrap(call("any_value", node.this, exp.true()))


def _ignoring(node: exp.Expr, context: Context) -> exp.Expr:
    inner = node.this
    if not isinstance(inner, exp.AnyValue):
        context.refuse(node)
    if isinstance(node.parent, (exp.Filter, exp.Window)):
        context.refuse(node, "with FILTER or OVER")
    return _any_value(inner, lambda c: c, context)


def _joined(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    order = node.this
    separator = text_of(node.args.get("separator")) if node.args.get("separator") is not None else ","
    if not isinstance(order, exp.Order) or separator is None:
        context.refuse(node, "without ORDER BY: its order would be any")
    part = operand(node)
    context.require(part, Kind.TEXT, of=node)
    value: exp.Expr = part.copy()
    if is_distinct(node):
        if any(o.this != part for o in order.expressions):
            context.refuse(node, "of distinct values in the order of others")
        value = exp.Distinct(expressions=[value])
    if isinstance(node.parent, (exp.Window,)):
        context.refuse(node, "with OVER")
    context.note("string_agg is LISTAGG")
    inner = exp.Order(expressions=[o.copy() for o in order.expressions])
    return wrap(exp.WithinGroup(this=call("listagg", value, separator), expression=inner))


def _quantile(
    node: exp.Expr, part: exp.Expr, at: exp.Expr, wrap: Wrap, context: Context, *, is_discrete: bool
) -> exp.Expr:
    kind = context.require(part, *(_ORDERED if is_discrete else NUMBERS), of=node)
    if not (isinstance(at, exp.Literal) and not at.is_string and 0 <= float(at.name) <= 1):
        context.refuse(node, "at what is computed or no number from 0 to 1")
    context.note("quantiles are taken from the sorted values, by DuckDB's own formula")
    places = precision(part)[1] if kind is Kind.DECIMAL else 0
    listed = call("array_sort", wrap(call("collect_list", part)))
    name, q = "a", f"{at.name}D"
    size = f"size({name})"
    if is_discrete:
        body = f"try_element_at({name}, CAST(greatest({size} - floor({size} - {q} * {size}), 1) AS INT))"
    else:
        here = f"({q} * ({size} - 1))"
        low, high = (
            f"CAST(try_element_at({name}, CAST(greatest({end}({here}) + 1, 1) AS INT)) AS DOUBLE)"
            for end in ("floor", "ceil")
        )
        if kind is Kind.DECIMAL:
            ends = [
                f"CAST(try_element_at({name}, CAST(greatest({e}({here}) + 1, 1) AS INT)) * 1{'0' * places} AS DOUBLE)"
                for e in ("floor", "ceil")
            ]
            low, high = ends
        body = f"CASE WHEN {low} = {high} THEN {low} ELSE {low} + ({high} - {low}) * ({here} - floor({here})) END"
        if kind is Kind.DECIMAL:
            digits = precision(part)[0]
            if digits > 18:
                context.refuse(node, "of decimals of more than 18 digits")
            body = f"CAST(CAST({body} AS BIGINT) AS DECIMAL({digits},0)) / 1{'0' * places}"
            body = f"CAST({body} AS DECIMAL({digits},{places}))"
    chosen = call("transform", call("array", listed), _verbatim(f"{name} -> {body}"))
    return call("element_at", chosen, 1)


def _verbatim(text: str) -> exp.Expr:
    return exp.Var(this=text)


def _median(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    return _quantile(node, node.this, exp.Literal.number("0.5"), wrap, context, is_discrete=False)


def _percentile(*, is_discrete: bool) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        at = node.args.get("expression") or node.args.get("quantile")
        if at is None:
            context.refuse(node, "without WITHIN GROUP")
        return _quantile(node, node.this, at, wrap, context, is_discrete=is_discrete)

    return build


def _within(node: exp.Expr, context: Context) -> exp.Expr:
    inner, order = node.this, node.expression
    if not isinstance(inner, (exp.PercentileCont, exp.PercentileDisc)) or len(order.expressions) != 1:
        context.refuse(node)
    if isinstance(node.parent, (exp.Filter, exp.Window)):
        context.refuse(node, "with FILTER or OVER")
    if order.expressions[0].args.get("desc"):
        context.refuse(node, "in descending order")
    is_discrete = isinstance(inner, exp.PercentileDisc)
    return _quantile(node, order.expressions[0].this, inner.this, lambda c: c, context, is_discrete=is_discrete)


_SPREADS = {
    exp.Stddev: "stddev_samp", exp.StddevSamp: "stddev_samp", exp.StddevPop: "stddev_pop", exp.Variance: "var_samp",
    exp.VariancePop: "var_pop", exp.CovarPop: "covar_pop", exp.CovarSamp: "covar_samp",
}  # fmt: skip

RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **aggregates(
        {
            exp.Count: _count,
            exp.Sum: _sum,
            exp.Avg: _avg,
            exp.Min: _extreme,
            exp.Max: _extreme,
            **{kind: _spread(name) for kind, name in _SPREADS.items()},
            exp.Corr: _corr,
            exp.CountIf: _truth("count_if"),
            exp.LogicalAnd: _truth("bool_and"),
            exp.LogicalOr: _truth("bool_or"),
            exp.BitwiseAndAgg: _bits("bit_and"),
            exp.BitwiseOrAgg: _bits("bit_or"),
            exp.Mode: _mode,
            exp.ArgMax: _at_extreme("max_by"),
            exp.ArgMin: _at_extreme("min_by"),
            exp.AnyValue: _any_value,
            exp.GroupConcat: _joined,
            exp.Median: _median,
            exp.PercentileCont: _percentile(is_discrete=False),
            exp.PercentileDisc: _percentile(is_discrete=True),
            exp.Quantile: _percentile(is_discrete=True),
        }
    ),
    exp.IgnoreNulls: _ignoring,
    exp.WithinGroup: _within,
}
