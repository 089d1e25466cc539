"""PostgreSQL's dialect. Source: PostgreSQL's documentation, and the suite of `truth/` on version 15."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile import postgres_text as texts
from meshkit.sql.transpile import postgres_time as times
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.names import STORED
from meshkit.sql.transpile.outputs import grouped_out, ordered_by_output, qualified_before_limits
from meshkit.sql.transpile.parts import in_from
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.snowflake import counted_if, division, remainder
from meshkit.sql.transpile.writing import (
    call,
    cast_as,
    floats_of,
    is_there,
    is_windowed,
    literal_integer,
    number,
    text,
    typed,
    when,
)

_MOST_MEMBERS = 100_000
_SAME = shared.STRUCTURE | frozenset(
    """
    Escape Filter Floor Ceil Sign Exp Ln Sqrt RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue
    Except Intersect Values Cube Rollup GroupingSets Grouping LogicalAnd LogicalOr Reverse Tuple Qualify IntervalSpan
    Mul Abs Sum Distinct
    """.split()
)
_NARROW = (
    exp.DType.TINYINT,
    exp.DType.UTINYINT,
    exp.DType.USMALLINT,
    exp.DType.UINT,
    exp.DType.UBIGINT,
    exp.DType.UINT128,
)
_WIDE = {exp.DType.INT128: "DECIMAL(38, 0)"}


def _cast(node: exp.Expr, context: Context) -> exp.Expr:
    source, to = kind_of(node.this), kind_of(node)
    if to.is_moment:
        return times.cast(node, source, to, context)
    if to is Kind.TEXT:
        if source in (Kind.TEXT, Kind.NULL, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.UUID):
            return node
        context.refuse(node, f"from {source} to text")
    if isinstance(node.this, exp.Literal) and node.this.is_string and to.is_number:
        name = node.this.name.strip().lstrip("+-")
        if not name.replace(".", "", 1).isdigit() and not (to is Kind.FLOAT and _is_float(name)):
            context.refuse(node, "of a text that is no number")
        return _wide(node, context)
    is_number = source.is_number and to.is_number
    if is_number or source is Kind.NULL or source is to is Kind.BOOLEAN:
        return _wide(node, context)
    if source is Kind.BOOLEAN and to is Kind.INTEGER:
        return _wide(exp.Cast(this=typed(node.this, "INTEGER"), to=node.args["to"].copy()), context)
    context.refuse(node, f"from {source} to {to}")


def _is_float(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _wide(node: exp.Expr, context: Context) -> exp.Expr:
    """Cast to integers of more than 64 bits as decimals without places."""
    to = node.args["to"]
    if to.this in _NARROW:
        context.refuse(node, f"to {to.sql(dialect='duckdb')}, which it has not")
    if to.this in _WIDE:
        return exp.Cast(this=node.this.copy(), to=exp.DataType.build(_WIDE[to.this], dialect="duckdb"))
    return node


def _ordered(node: exp.Expr, context: Context) -> exp.Expr:
    """Order texts by code point, whatever the database's collation is."""
    if kind_of(node.this) is Kind.TEXT and not isinstance(node.this, exp.Literal):
        context.note('texts are ordered by code point: COLLATE "C"')
        node.set("this", texts.binary(node.this))
    return node


def _ordering(node: exp.Expr, context: Context) -> exp.Expr:
    node = _ordered(times.compared(node, context), context)
    holder = node.parent.parent if isinstance(node.parent, exp.Paren) else node.parent
    is_denied = isinstance(holder, exp.Not)
    held, other = (node.this, node.expression) if _is_exact(node.this) else (node.expression, node.this)
    is_less = isinstance(node, exp.LT | exp.LTE) is (held is node.this)
    if (
        context.dialect != "postgres"
        or not _is_exact(held)
        or other.find(exp.Column, exp.Query)
        or is_less is is_denied
    ):
        return node
    context.note("a numeric NaN, which DuckDB has not, is within no bounds")
    nan = cast_as(text("NaN"), "NUMERIC", "DECIMAL(38,0)")
    if is_less:
        return exp.Paren(this=exp.Or(this=node.copy(), expression=exp.EQ(this=held.copy(), expression=nan)))
    return exp.Paren(this=exp.And(this=node.copy(), expression=exp.NEQ(this=held.copy(), expression=nan)))


def _is_exact(part: exp.Expr) -> bool:
    return isinstance(part, exp.Column) and bool(part.meta.get(STORED)) and kind_of(part) is Kind.DECIMAL


def _between(node: exp.Expr, context: Context) -> exp.Expr:
    return _ordered(times.between(node, context), context)


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    """Take the least or the greatest; texts by code point."""
    parts = [node.this, *node.expressions]
    kinds = {kind_of(p) for p in parts} - {Kind.NULL}
    if (len(kinds) > 1 and not all(k.is_number for k in kinds)) or Kind.UNKNOWN in kinds:
        context.refuse(node, "of values of several kinds")
    if kinds & {Kind.LIST, Kind.STRUCT, Kind.JSON, Kind.BOOLEAN} and isinstance(node, exp.Min | exp.Max):
        context.refuse(node, f"of {kinds.pop()}")
    return _ordered(node, context)


def _average(node: exp.Expr, context: Context) -> exp.Expr:
    """Average as a float, which DuckDB's is."""
    shared.numbers_only(node, context)
    return node if is_windowed(node) else floats_of(node)


def _spread(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    node.set("this", floats_of(node.this))
    return node


def _whole_division(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    context.note("x // y is x / y of whole numbers")
    return exp.Paren(this=exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=True, safe=False))


def _rounded(node: exp.Expr, context: Context) -> exp.Expr:
    """Round half away from zero, which ROUND does for decimals only."""
    kind = context.require(node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NULL, of=node)
    places = node.args.get("decimals")
    if places is not None and (kind is Kind.FLOAT or literal_integer(places) is None):
        context.refuse(node, "to places of a float, or to computed places")
    if kind is not Kind.FLOAT:
        return node
    context.note("ROUND of a float takes halves away from zero")
    value = exp.Paren(this=node.this.copy())
    whole = call("TRUNC", value)
    beyond = exp.GTE(
        this=call("ABS", exp.Sub(this=value.copy(), expression=whole)), expression=exp.Literal.number("0.5")
    )
    return when(beyond, exp.Add(this=whole.copy(), expression=call("SIGN", value)), whole)


def _quantile(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.parent, exp.WithinGroup):
        return node
    is_grouped = isinstance(node, exp.WithinGroup)
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


def _mode(node: exp.Expr, context: Context) -> exp.Expr:
    context.note("mode(x) is MODE() WITHIN GROUP (ORDER BY x)")
    return exp.WithinGroup(this=call("MODE"), expression=exp.Order(expressions=[exp.Ordered(this=node.this.copy())]))


def _first_of(value: exp.Expr, order: exp.Expr | None, condition: exp.Expr) -> exp.Expr:
    listed_ = exp.ArrayAgg(
        this=exp.Order(this=value.copy(), expressions=[order]) if order is not None else value.copy()
    )
    chosen = exp.Filter(this=listed_, expression=exp.Where(this=condition))
    return exp.Bracket(this=exp.Paren(this=chosen), expressions=[number(1)], offset=1)


def _arg_extreme(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("count") is not None or is_windowed(node):
        context.refuse(node, "of several rows, or with FILTER or OVER")
    context.note("arg_max and arg_min are the first of an ordered list")
    by = texts.binary(node.expression) if kind_of(node.expression) is Kind.TEXT else node.expression.copy()
    order = exp.Ordered(this=by, desc=isinstance(node, exp.ArgMax), nulls_first=False)
    there = exp.And(this=is_there(node.this), expression=is_there(node.expression))
    return _first_of(node.this, order, there)


def _any_value(node: exp.Expr, context: Context) -> exp.Expr:
    if is_windowed(node):
        context.refuse(node, "with FILTER or OVER")
    return _first_of(node.this, None, is_there(node.this))


def _literal(node: exp.Expr, context: Context) -> exp.Expr:
    """Write a number with an exponent as a float, which it is in DuckDB."""
    return floats_of(node) if not node.is_string and "e" in node.name.lower() else node


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    return exp.EQ(this=node.this.copy(), expression=typed(text("NaN"), "DOUBLE"))


def _is_infinite(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    return exp.EQ(this=call("ABS", node.this), expression=typed(text("inf"), "DOUBLE"))


def without_lists(node: exp.Expr, context: Context) -> exp.Expr:
    """Keep a table; refuse a function in its place."""
    if not isinstance(node.this, exp.Identifier):
        context.refuse(node.this)
    return node


def _range(node: exp.Expr, context: Context) -> exp.Expr:
    """Write range(...) in FROM as GENERATE_SERIES, whose end is included."""
    made = node.this
    if not isinstance(made, exp.GenerateSeries | exp.GenerateDateArray | exp.GenerateTimestampArray):
        return node
    start, end, step = made.args.get("start"), made.args.get("end"), made.args.get("step")
    kinds = {kind_of(p) for p in (start, end) if p is not None}
    is_open = bool(made.args.get("is_end_exclusive"))
    alias = node.args.get("alias")
    if start is None or end is None or len(kinds) != 1 or alias is None:
        context.refuse(made, "without both ends of one kind")
    name = "range" if is_open else "generate_series"
    if kinds == {Kind.INTEGER}:
        last = exp.Sub(this=exp.Paren(this=end.copy()), expression=number(1)) if is_open else end
        parts = [start, last, *([step] if step is not None else [])]
    elif kinds <= {Kind.DATE, Kind.TIMESTAMP} and isinstance(step, exp.Interval):
        moment = exp.Interval(this=text("1"), unit=exp.var("MICROSECOND"))
        last = exp.Sub(this=times.naive(end), expression=moment) if is_open else times.naive(end)
        parts = [times.naive(start), last, step]
    else:
        context.refuse(made, "of these kinds")
    context.note("range() is GENERATE_SERIES up to just before its end")
    columns = alias.args.get("columns") or [exp.to_identifier(name, quoted=True)]
    named = exp.TableAlias(this=alias.this.copy(), columns=[c.copy() for c in columns])
    return exp.Table(this=call("GENERATE_SERIES", *parts), alias=named)


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **shared.COMPARED,
    **texts.RULES,
    **times.RULES,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ), times.compared),
    **dict.fromkeys((exp.LT, exp.LTE, exp.GT, exp.GTE), _ordering),
    exp.Between: _between,
    exp.In: listed.one_of(_MOST_MEMBERS),
    exp.Array: listed.left_alone(),
    exp.Explode: listed.left_alone(texts.unfolded),
    "unnest": listed.left_alone(),
    "string_split": listed.left_alone(texts.split),
    exp.Split: listed.left_alone(texts.split),
    exp.Cast: listed.left_alone(_cast),
    exp.Literal: _literal,
    exp.Ordered: _ordered,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
    exp.Avg: _average,
    **dict.fromkeys((exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop), _spread),
    exp.IntDiv: _whole_division,
    exp.Mod: remainder,
    exp.Div: division,
    exp.Round: _rounded,
    exp.CountIf: counted_if,
    **dict.fromkeys((exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.WithinGroup), _quantile),
    exp.Mode: _mode,
    exp.ArgMax: _arg_extreme,
    exp.ArgMin: _arg_extreme,
    exp.AnyValue: _any_value,
    exp.IsNan: _is_nan,
    exp.IsInf: _is_infinite,
    exp.Table: _range,
    **dict.fromkeys((exp.GenerateSeries, exp.GenerateDateArray, exp.GenerateTimestampArray), in_from),
}


def _finish(query: exp.Query, context: Context) -> exp.Query:
    for chosen in query.selects:
        if kind_of(chosen.unalias()) is Kind.INTERVAL:
            context.refuse(chosen.unalias(), "as an output")
    return qualified_before_limits(ordered_by_output(grouped_out(looked_up(query))), context)


POSTGRES = Dialect("postgres", "postgres", _SAME, _RULES, _finish)
