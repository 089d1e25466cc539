"""Aggregates on ClickHouse: over no rows they give 0 or 1970 unless they are told to give NULL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile.clickhouse_casts import float_of
from meshkit.sql.transpile.kinds import NUMBERS, Kind, kind_of
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

_ORDERED = (*NUMBERS, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.ZONED)


def _count(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        if len(node.this.expressions) > 1:
            context.refuse(node, "of several columns: count(DISTINCT (a, b))")
        return wrap(call("uniqExact", node.this.expressions[0]))
    if kind_of(node.this) in (Kind.LIST, Kind.MAP, Kind.STRUCT):
        context.refuse(node, f"of a {kind_of(node.this)}, which is never NULL there: a missing one is stored empty")
    return wrap(call("count") if isinstance(node.this, exp.Star) else call("count", node.this))


def _sum(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    part = operand(node)
    kind = context.require(part, *NUMBERS, Kind.NULL, of=node)
    context.note("aggregates are told to give NULL over no rows: sumOrNull, maxOrNull, ...")
    made = part.copy()
    if kind is Kind.INTEGER and wide(part):
        context.note("sums of Int64 are made of Int128, which does not overflow")
        made = call("toInt128", part)
    if kind is Kind.DECIMAL and precision(part)[0] > 18:
        made = call("toDecimal256", part, precision(part)[1])
    return wrap(call("sumOrNull", exp.Distinct(expressions=[made]) if is_distinct(node) else made))


def _avg(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    part = operand(node)
    kind = context.require(part, *NUMBERS, of=node)
    if is_distinct(node):
        context.refuse(node, "of distinct values")
    if kind is Kind.FLOAT:
        return wrap(call("avgOrNull", float_of(part)))
    context.note("avg is an exact sum divided by a count, as floats")
    total, count = _sum(exp.Sum(this=part.copy()), wrap, context), wrap(call("count", part))
    return infix(exp.Div, float_of(total), call("nullIf", float_of(count), 0))


def _extreme(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        part = operand(node)
        kind = context.require(part, *_ORDERED, Kind.INTERVAL, Kind.NULL, of=node)
        if node.args.get("expressions"):
            context.refuse(node, "of several values")
        made = wrap(call(name, part))
        if kind is not Kind.FLOAT or name == "minOrNull" or not may_be_nan(part):
            return made
        context.note("NaN is the greatest float, as in DuckDB")
        nans = infix(exp.GT, wrap(call("countIf", call("isNaN", part))), 0)
        return when((nans, call("toFloat64", "nan")), default=made)

    return build


def may_be_nan(part: exp.Expr) -> bool:
    """Tell whether a float may be NaN."""
    if isinstance(part, exp.Literal) or (kind_of(part) in NUMBERS and kind_of(part) is not Kind.FLOAT):
        return False
    if isinstance(part, (exp.Paren, exp.Neg)):
        return may_be_nan(part.this)
    if isinstance(part, exp.Anonymous) and part.name == "toFloat64":
        inner = part.expressions[0]
        return (may_be_nan(inner) and text_of(inner) is None) or (text_of(inner) or "").lower() == "nan"
    return True


def _spread(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        parts = [p for p in (node.this, node.args.get("expression")) if p is not None]
        for part in parts:
            context.require(part, *NUMBERS, of=node)
        held = exp.and_(*(present(p) for p in parts))
        several = infix(exp.GT, wrap(call("countIf", held)), 0 if "Samp" not in name else 1)
        made: exp.Expr = wrap(call(name, *(float_of(p) for p in parts)))
        if name == "corrStable":
            made = when((call("isFinite", made), made), default=call("toFloat64", "nan"))
        return when((several, made))

    return build


def _truth(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.require(node.this, Kind.BOOLEAN, Kind.NULL, of=node)
        if name == "countIf":
            return wrap(call("countIf", call("coalesce", node.this, exp.false())))
        return wrap(call(name, call("CAST", node.this, "Nullable(Bool)")))

    return build


def _bits(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.require(node.this, Kind.INTEGER, of=node)
        return wrap(call(name, node.this))

    return build


def _respecting(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.note(f"{name}: NULL counts as a value, as in DuckDB")
        return wrap(call(name, node.this))

    return build


def _mode(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    context.require(node.this, Kind.TEXT, Kind.INTEGER, Kind.DATE, of=node)
    context.note("mode gives any of several values that are as frequent")
    kept = call("arrayFilter", exp.Var(this="x -> x IS NOT NULL"), wrap(call("groupArray", node.this)))
    body = (
        "CASE WHEN empty(a) THEN NULL ELSE "
        "arrayReverseSort(u -> u.1, arrayMap(v -> tuple(countEqual(a, v), v), arrayDistinct(a)))[1].2 END"
    )
    return call("arrayElement", call("arrayMap", exp.Var(this=f"a -> {body}"), call("array", kept)), 1)


def _at_extreme(name: str) -> Aggregate:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        if node.args.get("count") is not None:
            context.refuse(node, "of several rows")
        kind = context.require(node.expression, *_ORDERED, of=node)
        if kind is Kind.FLOAT and may_be_nan(node.expression):
            context.refuse(node, "by a float that may be NaN")
        return wrap(call(name, node.this, node.expression))

    return build


def _any_value(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    context.note("any_value gives any value that is not NULL")
    return wrap(call("anyOrNull", node.this))


def _ignoring(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.AnyValue) or isinstance(node.parent, (exp.Filter, exp.Window)):
        context.refuse(node)
    return _any_value(node.this, lambda c: c, context)


def _joined(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    order = node.this
    separator = text_of(node.args.get("separator")) if node.args.get("separator") is not None else ","
    if not isinstance(order, exp.Order) or separator is None:
        context.refuse(node, "without ORDER BY: its order would be any")
    part = operand(node)
    context.require(part, Kind.TEXT, of=node)
    keys = order.expressions
    is_own = all(o.this == part for o in keys)
    is_down = bool(keys[0].args.get("desc"))
    if any(bool(o.args.get("desc")) is not is_down for o in keys) or (not is_own and (is_down or is_distinct(node))):
        context.refuse(node, "in this order")
    if any(kind_of(o.this) is Kind.FLOAT for o in keys):
        context.refuse(node, "in the order of floats")
    context.note("string_agg is a sorted array that is joined")
    if is_own:
        name = "groupUniqArray" if is_distinct(node) else "groupArray"
        listed: exp.Expr = call("arrayReverseSort" if is_down else "arraySort", wrap(call(name, part)))
    else:
        pairs = wrap(call("groupArray", call("tuple", call("tuple", *(o.this for o in keys)), part)))
        kept = call("arrayFilter", exp.Var(this="x -> x.2 IS NOT NULL"), pairs)
        listed = call("arrayMap", exp.Var(this="x -> x.2"), call("arraySort", exp.Var(this="x -> x.1"), kept))
    return when((call("notEmpty", listed), call("arrayStringConcat", listed, separator)))


def _quantile(
    node: exp.Expr, part: exp.Expr, at: exp.Expr, wrap: Wrap, context: Context, *, is_discrete: bool
) -> exp.Expr:
    kind = context.require(part, *(_ORDERED if is_discrete else NUMBERS), of=node)
    if not (isinstance(at, exp.Literal) and not at.is_string and 0 <= float(at.name) <= 1):
        context.refuse(node, "at what is computed or no number from 0 to 1")
    context.note("quantiles are taken from the sorted values, by DuckDB's own formula")
    places = precision(part)[1] if kind is Kind.DECIMAL else 0
    listed = call("arraySort", wrap(call("groupArray", part)))
    q, size = f"{at.name}::Float64", "toInt64(length(a))"
    if is_discrete:
        body = f"a[toInt64(greatest({size} - floor({size} - {q} * {size}), 1))]"
    else:
        here = f"({q} * ({size} - 1))"
        scaled = f" * 1{'0' * places}" if places else ""
        low, high = (f"toFloat64(a[toInt64(greatest({end}({here}) + 1, 1))]{scaled})" for end in ("floor", "ceil"))
        body = f"if({low} = {high}, {low}, {low} + ({high} - {low}) * ({here} - floor({here})))"
        if kind is Kind.DECIMAL:
            if precision(part)[0] > 18:
                context.refuse(node, "of decimals of more than 18 digits")
            body = f"CAST(toInt64({body}), 'Decimal(38, 0)') / toDecimal128('1{'0' * places}', 0)" if not places else (
                f"toDecimal128(toInt64({body}), {places}) / toInt64(1{'0' * places})")  # fmt: skip
    chosen = exp.Var(this=f"a -> CASE WHEN notEmpty(a) THEN {body} END")
    return call("arrayElement", call("arrayMap", chosen, call("array", listed)), 1)


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
    if isinstance(node.parent, (exp.Filter, exp.Window)) or order.expressions[0].args.get("desc"):
        context.refuse(node, "with FILTER, OVER or in descending order")
    is_discrete = isinstance(inner, exp.PercentileDisc)
    return _quantile(node, order.expressions[0].this, inner.this, lambda c: c, context, is_discrete=is_discrete)


_SPREADS = {
    exp.Stddev: "stddevSampStable", exp.StddevSamp: "stddevSampStable", exp.StddevPop: "stddevPopStable",
    exp.Variance: "varSampStable", exp.VariancePop: "varPopStable", exp.Corr: "corrStable", exp.CovarPop: "covarPopStable",
    exp.CovarSamp: "covarSampStable",
}  # fmt: skip

RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **aggregates(
        {
            exp.Count: _count,
            exp.Sum: _sum,
            exp.Avg: _avg,
            exp.Min: _extreme("minOrNull"),
            exp.Max: _extreme("maxOrNull"),
            **{kind: _spread(name) for kind, name in _SPREADS.items()},
            exp.CountIf: _truth("countIf"),
            exp.LogicalAnd: _truth("minOrNull"),
            exp.LogicalOr: _truth("maxOrNull"),
            exp.BitwiseAndAgg: _bits("groupBitAndOrNull"),
            exp.BitwiseOrAgg: _bits("groupBitOrOrNull"),
            exp.FirstValue: _respecting("first_value_respect_nulls"),
            exp.LastValue: _respecting("last_value_respect_nulls"),
            exp.Mode: _mode,
            exp.ArgMax: _at_extreme("argMaxOrNull"),
            exp.ArgMin: _at_extreme("argMinOrNull"),
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
