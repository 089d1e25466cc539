"""Snowflake's dialect.

Sources: Snowflake's SQL reference, of each function and of data types. fakesnow runs it, which is DuckDB underneath: where the two
differ, the reference decides.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile import snowflake_text as texts
from meshkit.sql.transpile import snowflake_time as times
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.snowflake_time import whole
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    exact_product,
    floats_of,
    grouped,
    is_there,
    is_windowed,
    literal_integer,
    number,
    or_zero,
    rounded_half_even,
    typed,
    when,
)

_MOST_MEMBERS = 16_384
_PLACES = 12
_SAME = shared.STRUCTURE | frozenset(
    """
    Escape Floor Ceil Sign Exp Ln Sqrt Min Max RowNumber Rank DenseRank Ntile Lag Lead FirstValue Except
    Intersect Values LogicalAnd LogicalOr DPipe Lower Upper Reverse Cube Rollup GroupingSets Grouping PercentRank CumeDist
    """.split()
)
_FRAMED_WHOLE = (exp.LastValue, exp.NthValue)


def _cast(node: exp.Expr, context: Context) -> exp.Expr:
    source, to = kind_of(node.this), kind_of(node)
    if source is Kind.FLOAT and to is Kind.INTEGER:
        context.note("a cast of a float to an integer rounds half to even")
        return whole(rounded_half_even(node.this))
    if to.is_moment:
        return times.cast(node, source, to, context)
    if to is Kind.TEXT:
        return texts.as_text(node, source, context)
    if isinstance(node.this, exp.Literal) and node.this.is_string and to.is_number:
        return typed(node.this, "DOUBLE") if to is Kind.FLOAT else _number(node, context)
    if (source is Kind.BOOLEAN and to is Kind.INTEGER) or (source.is_number and to in (Kind.DECIMAL, Kind.FLOAT)):
        return _wide(node)
    if source in (Kind.INTEGER, Kind.DECIMAL) and to is Kind.INTEGER:
        return whole(node.this)
    if source is Kind.NULL or source is to is Kind.BOOLEAN:
        return node
    context.refuse(node, f"from {source} to {to}")


def _number(node: exp.Expr, context: Context) -> exp.Expr:
    if not node.this.name.strip().lstrip("-").replace(".", "", 1).isdigit():
        context.refuse(node, "of a text that is no number")
    if kind_of(node) is Kind.INTEGER:
        return whole(node.this)
    return node


def _wide(node: exp.Expr) -> exp.Expr:
    return whole(node.this) if kind_of(node) is Kind.INTEGER else node


def _average(node: exp.Expr, context: Context) -> exp.Expr:
    """Average as floats: Snowflake's AVG of exact numbers keeps six places more than they have."""
    shared.numbers_only(node, context)
    context.note("AVG is an average of floats")
    if kind_of(node.this) is Kind.FLOAT or is_windowed(node):
        return exp.Avg(this=floats_of(node.this))
    if isinstance(node.this, exp.Distinct):
        context.refuse(node, "of DISTINCT values")
    total, filled = floats_of(exp.Sum(this=node.this.copy())), exp.Count(this=node.this.copy(), big_int=True)
    return exp.Div(this=total, expression=call("NULLIF", filled, number(0)), typed=True, safe=False)


def _spread(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    node.set("this", floats_of(node.this))
    return node


def _whole_division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide whole numbers without a scale to round to: what is left over goes first."""
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    context.note("x // y is (x - x % y) / y")
    left, right = grouped(node.this), grouped(node.expression)
    exact = exp.Paren(this=exp.Sub(this=left, expression=exp.Mod(this=left.copy(), expression=right)))
    divided = exp.Div(this=exact, expression=right.copy(), typed=True, safe=False)
    return whole(divided)


def remainder(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a remainder of exact numbers: its sign is that of the dividend."""
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, Kind.DECIMAL, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    return node


def _rounded(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NULL, of=node)
    places = node.args.get("decimals")
    if places is not None and (kind is Kind.FLOAT or literal_integer(places) is None):
        context.refuse(node, "to places of a float, or to computed places")
    return node


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    """Take the greatest or least of what is there, as DuckDB does."""
    parts = [node.this, *node.expressions]
    kinds = {kind_of(p) for p in parts} - {Kind.NULL}
    if (len(kinds) > 1 and not all(k.is_number for k in kinds)) or Kind.UNKNOWN in kinds:
        context.refuse(node, "of values of several kinds")
    name = f"{node.key.upper()}_IGNORE_NULLS"
    context.note(f"{node.key.upper()} passes over NULL: {name}")
    return call(name, *parts)


def counted_if(node: exp.Expr, context: Context) -> exp.Expr:
    """Count as a sum, which is NULL over no rows, as DuckDB's COUNT_IF is."""
    if or_zero(node):
        return shared.counted_if(node, context)
    context.note("COUNT_IF is written as SUM(CASE WHEN ...)")
    return exp.Sum(this=when(node.this, number(1), number(0)))


def filtered(node: exp.Expr, context: Context) -> exp.Expr:
    """Write FILTER as a CASE; within DISTINCT too, which passes over NULL."""
    distinct = node.this.this
    if not isinstance(node.this, exp.Count) or not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1:
        return shared.filtered(node, context)
    context.note("FILTER is written as CASE inside the aggregate")
    chosen = when(node.expression.this, distinct.expressions[0])
    return exp.Count(this=exp.Distinct(expressions=[chosen]), big_int=True)


def division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide as floats; by an exact number that is 0, DuckDB gives inf, -inf or NaN."""
    left, right = node.this, node.expression
    if shared.is_never_zero(right) or kind_of(right) not in (Kind.INTEGER, Kind.DECIMAL):
        return shared.division(node, context)
    shared.numbers_only(node, context)
    if kind_of(left) not in (Kind.INTEGER, Kind.DECIMAL):
        context.refuse(node, "of a float by what may be 0: divide by NULLIF(..., 0)")
    context.note("x / 0 is written out as inf, -inf or NaN")
    infinite, negative, nothing = (typed(exp.Literal.string(t), "DOUBLE") for t in ("inf", "-inf", "NaN"))
    zero = number(0)
    by_zero = [exp.EQ(this=grouped(right), expression=zero)]
    ifs = [
        exp.If(
            this=exp.And(this=by_zero[0].copy(), expression=exp.GT(this=grouped(left), expression=zero.copy())),
            true=infinite,
        ),
        exp.If(
            this=exp.And(this=by_zero[0].copy(), expression=exp.LT(this=grouped(left), expression=zero.copy())),
            true=negative,
        ),
        exp.If(
            this=exp.And(this=by_zero[0].copy(), expression=exp.EQ(this=grouped(left), expression=zero.copy())),
            true=nothing,
        ),
    ]
    divisor = floats_of(call("NULLIF", right, zero))
    whole_ = exp.Div(this=floats_of(left), expression=divisor, typed=True, safe=False)
    return exp.Case(ifs=ifs, default=whole_)


def _quantile(node: exp.Expr, context: Context) -> exp.Expr:
    is_grouped = isinstance(node, exp.WithinGroup)
    if isinstance(node.parent, exp.WithinGroup):
        return node
    aggregate = node.this if is_grouped else node
    if not isinstance(aggregate, exp.PercentileCont | exp.PercentileDisc | exp.Median):
        context.refuse(node)
    share = aggregate.this if is_grouped else aggregate.args.get("expression") or exp.Literal.number("0.5")
    value = node.expression.expressions[0].this if is_grouped else aggregate.this
    if is_grouped and node.expression.expressions[0].args.get("desc"):
        context.refuse(node, "in descending order")
    if not isinstance(share, exp.Literal) or share.is_string:
        context.refuse(node, "of shares that are computed or several")
    context.require(value, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, of=node)
    is_exact = isinstance(aggregate, exp.PercentileDisc)
    context.note("a quantile is PERCENTILE_CONT or PERCENTILE_DISC within a group")
    order = exp.Order(expressions=[exp.Ordered(this=value.copy() if is_exact else floats_of(value))])
    found = exp.WithinGroup(this=call("PERCENTILE_DISC" if is_exact else "PERCENTILE_CONT", share), expression=order)
    if is_exact or kind_of(value) is not Kind.DECIMAL:
        return found
    if is_windowed(node):
        context.refuse(node, "of decimals with FILTER or OVER")
    context.note("a quantile of decimals is cut off at their places")
    exact = call("ROUND", cast_as(found, "DECIMAL(38, 9)", "DECIMAL(38,9)"), number(9))
    return call("TRUNC", exact, number(decimal_size(value)[1]))


def _arg_extreme(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("count") is not None:
        context.refuse(node, "of several rows")
    context.note("arg_max and arg_min pass over rows without a value: a CASE in MAX_BY and MIN_BY")
    name = "MAX_BY" if isinstance(node, exp.ArgMax) else "MIN_BY"
    return call(name, node.this, when(is_there(node.this), node.expression))


def _counted(node: exp.Expr, context: Context) -> exp.Expr:
    distinct = node.this
    if isinstance(distinct, exp.Distinct) and isinstance(distinct.expressions[0], exp.Tuple):
        context.note("distinct tuples are counted as arrays of texts, which may hold NULL")
        members = [
            texts.as_text(exp.cast(m.copy(), "VARCHAR"), kind_of(m), context)
            for m in distinct.expressions[0].expressions
        ]
        return exp.Count(this=exp.Distinct(expressions=[call("ARRAY_CONSTRUCT", *members)]))
    return node


def _tuple(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Distinct | exp.Values | exp.GroupingSets | exp.Group):
        context.refuse(node)
    return node


def _window(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a window whose frame is the standard's: Snowflake's LAST_VALUE and NTH_VALUE read all of it by default."""
    spec = node.args.get("spec")
    if (
        spec is not None
        and spec.args.get("kind") == "RANGE"
        and {spec.args.get("start"), spec.args.get("end")} - {"UNBOUNDED", "CURRENT ROW"}
    ):
        context.refuse(node, "with a RANGE of values")
    if spec is not None and (spec.args.get("exclude") or spec.args.get("kind") == "GROUPS"):
        context.refuse(node, "with this frame")
    if isinstance(
        node.this, exp.RowNumber | exp.Rank | exp.DenseRank | exp.Ntile | exp.Lag | exp.Lead
    ) and not node.args.get("order"):
        context.refuse(node, "without an order")
    return node


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    kind = context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    assert kind
    return exp.EQ(this=node.this.copy(), expression=typed(exp.Literal.string("NaN"), "DOUBLE"))


def _is_infinite(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    return exp.EQ(this=call("ABS", node.this), expression=typed(exp.Literal.string("inf"), "DOUBLE"))


def _is(node: exp.Expr, context: Context) -> exp.Expr:
    """Write IS TRUE and IS FALSE, over which NULL is false, without them."""
    if not isinstance(node.expression, exp.Boolean):
        return node
    context.require(node.this, Kind.BOOLEAN, Kind.NULL, of=node)
    value = node.this if node.expression.this else exp.Not(this=grouped(node.this))
    return exp.Coalesce(this=value.copy(), expressions=[exp.false()])


def _array(node: exp.Expr, context: Context) -> exp.Expr:
    return call("ARRAY_CONSTRUCT", *node.expressions)


def _length(node: exp.Expr, context: Context) -> exp.Expr:
    if kind_of(node.this) is Kind.LIST or (
        isinstance(node.this, exp.Anonymous) and node.this.name in ("SPLIT", "ARRAY_CONSTRUCT")
    ):
        context.note("the length of a list is ARRAY_SIZE")
        return call("ARRAY_SIZE", node.this)
    context.require(node.this, Kind.TEXT, Kind.NULL, of=node)
    return node


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **texts.RULES,
    **times.RULES,
    exp.In: listed.one_of(_MOST_MEMBERS),
    exp.Cast: listed.left_alone(_cast),
    exp.Array: listed.left_alone(_array),
    exp.Explode: listed.left_alone(texts.flattened),
    "unnest": listed.left_alone(),
    "string_split": listed.left_alone(),
    exp.Split: listed.left_alone(texts.split),
    exp.Avg: _average,
    **dict.fromkeys((exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop), _spread),
    exp.IntDiv: _whole_division,
    exp.Mod: remainder,
    exp.Mul: lambda node, context: exact_product(_PLACES, node, context),
    exp.Round: _rounded,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.CountIf: counted_if,
    exp.Filter: filtered,
    exp.Div: division,
    **dict.fromkeys((exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.WithinGroup), _quantile),
    exp.ArgMax: _arg_extreme,
    exp.ArgMin: _arg_extreme,
    exp.Mode: lambda node, _: node,
    exp.Count: _counted,
    exp.Tuple: _tuple,
    exp.Window: _window,
    exp.Qualify: lambda node, _: node,
    exp.IsNan: _is_nan,
    exp.IsInf: _is_infinite,
    exp.Length: _length,
    exp.Is: _is,
}


def _finish(query: exp.Query, context: Context) -> exp.Query:
    for chosen in query.selects:
        if kind_of(chosen.unalias()) is Kind.INTERVAL:
            context.refuse(chosen.unalias(), "as an output")
    return texts.flatten_joined(looked_up(query), context)


SNOWFLAKE = Dialect("snowflake", "snowflake", _SAME, _RULES, _finish)
