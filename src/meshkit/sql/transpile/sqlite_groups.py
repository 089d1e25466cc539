"""Aggregates in SQLite's dialect: sums of decimals are exact, and those that SQLite lacks are given to each connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from meshkit.sql.transpile import shared, sqlite_text
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.parts import Wrap, aggregates, is_distinct, operand
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.sqlite_numbers import DIGITS, EXACT, scaled, unscaled
from meshkit.sql.transpile.writing import call, floats_of, grouped, number, or_zero, when


def _sum(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    held = operand(node)
    kind = context.require(held, *EXACT, Kind.FLOAT, Kind.BOOLEAN, of=node)
    if kind is not Kind.DECIMAL:
        return wrap(node.copy())
    context.note("a sum of decimals is one of their last places, which is exact")
    places = _places(held, node, context)
    return unscaled(wrap(exp.Sum(this=_over(node, scaled(held, places)))), places)


def _places(held: exp.Expr, node: exp.Expr, context: Context) -> int:
    places = decimal_size(held)[1]
    if places > DIGITS:
        context.refuse(node, f"of more than {DIGITS} decimal places")
    return places


def _over(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Distinct(expressions=[value]) if is_distinct(node) else value


def _average(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    held = operand(node)
    kind = context.require(held, *EXACT, Kind.FLOAT, of=node)
    if kind is Kind.FLOAT:
        return wrap(node.copy())
    context.note("an average is a sum of whole numbers divided by their count")
    places = _places(held, node, context) if kind is Kind.DECIMAL else 0
    total = wrap(exp.Sum(this=_over(node, scaled(held, places))))
    count: exp.Expr = wrap(exp.Count(this=_over(node, held.copy()), big_int=True))
    if places:
        count = exp.Mul(this=count, expression=exp.Literal.number(f"{10**places}.0"))
    return exp.Paren(this=exp.Div(this=floats_of(total), expression=grouped(count), typed=True))


def _least(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    kind = kind_of(operand(node))
    if kind in (Kind.UNKNOWN, Kind.LIST, Kind.STRUCT, Kind.MAP, Kind.JSON, Kind.UUID) or node.expressions:
        context.refuse(node, f"of {kind}")
    return wrap(node.copy())


def _counted(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    if node.expressions or (isinstance(node.this, exp.Distinct) and len(node.this.expressions) != 1):
        context.refuse(node, "of several values")
    return wrap(node.copy())


def _counted_if(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    if or_zero(node):
        return wrap(shared.counted_if(node, context))
    context.note("COUNT_IF is written as SUM(CASE WHEN ...)")
    return wrap(exp.Sum(this=when(node.this, number(1), number(0))))


def _logical(kind: type[exp.Expr]) -> Callable[[exp.Expr, Wrap, Context], exp.Expr]:
    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        context.require(node.this, Kind.BOOLEAN, of=node)
        return wrap(kind(this=node.this.copy()))

    return build


def _own(name: str, *kinds: Kind) -> Callable[[exp.Expr, Wrap, Context], exp.Expr]:
    """Return what builds an aggregate that is given to each connection."""

    def build(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
        parts = [node.this, *([node.expression] if node.args.get("expression") is not None else [])]
        for part in parts:
            if kind_of(part) is Kind.UNKNOWN or (kinds and kind_of(part) not in kinds):
                context.refuse(node, f"of {kind_of(part)}")
        if node.args.get("count") is not None or isinstance(node.this, exp.Distinct | exp.Order):
            context.refuse(node, "of several rows, distinct or in an order")
        return _wrapped(call(name, *parts), node, wrap, context)

    return build


def _wrapped(made: exp.Expr, node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    found = wrap(made)
    if isinstance(found, exp.Window):
        context.refuse(node, "with OVER")
    context.note("an aggregate that SQLite lacks is a function of the connection")
    return found


def _quantile(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    if isinstance(node, exp.WithinGroup):
        order, aggregate = node.expression.expressions, node.this
        if len(order) != 1 or order[0].args.get("desc"):
            context.refuse(node, "in descending order")
        share, value = aggregate.this, order[0].this
    else:
        aggregate, value = node, node.this
        share = node.args.get("expression") or node.args.get("quantile") or exp.Literal.number("0.5")
    if not isinstance(aggregate, exp.PercentileCont | exp.PercentileDisc | exp.Median | exp.Quantile):
        context.refuse(node)
    if not isinstance(share, exp.Literal) or share.is_string or isinstance(value, exp.Distinct):
        context.refuse(node, "of shares that are computed or several")
    is_exact = isinstance(aggregate, exp.PercentileDisc | exp.Quantile)
    more = (Kind.DATE, Kind.TIMESTAMP, Kind.TEXT) if is_exact else ()
    kind = context.require(value, *EXACT, Kind.FLOAT, *more, of=node)
    places = _places(value, node, context) if kind is Kind.DECIMAL else -1
    name = "mk_quantile_disc" if is_exact else "mk_quantile_cont"
    return _wrapped(call(name, value, share, number(places)), node, wrap, context)


def _gathered(node: exp.Expr, wrap: Wrap, context: Context) -> exp.Expr:
    return _wrapped(sqlite_text.gathered(node, context), node, wrap, context)


def _any_value(node: exp.Expr, context: Context) -> exp.Expr:
    held = node.this
    if not isinstance(held, exp.First | exp.AnyValue) or isinstance(node.parent, exp.Window | exp.Filter):
        context.refuse(node)
    context.note("an aggregate that SQLite lacks is a function of the connection")
    return call("mk_any_value", held.this)


def _first(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.parent, exp.IgnoreNulls):
        return node
    context.refuse(node, "which depends on the order of rows")


_TUPLES = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN, Kind.NULL)


def _tuple(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.parent, exp.Values) or (isinstance(node.parent, exp.Distinct) and node.arg_key == "on"):
        return node
    if isinstance(node.parent, exp.In) and node.parent.args.get("query") is not None and node.arg_key == "this":
        return node
    if not (isinstance(node.parent, exp.Distinct) and isinstance(node.parent.parent, exp.Count)):
        context.refuse(node)
    for part in node.expressions:
        context.require(part, *_TUPLES, of=node)
    context.note("distinct combinations are counted as JSON")
    made = call("JSON_ARRAY", *node.expressions)
    made.type = exp.DataType.build("VARCHAR")
    return made


RULES: Mapping[type[exp.Expr] | str, Rule] = {
    exp.Tuple: _tuple,
    exp.IgnoreNulls: _any_value,
    exp.First: _first,
    **aggregates(
        {
            exp.Sum: _sum,
            exp.Avg: _average,
            exp.Min: _least,
            exp.Max: _least,
            exp.Count: _counted,
            exp.CountIf: _counted_if,
            exp.LogicalAnd: _logical(exp.Min),
            exp.LogicalOr: _logical(exp.Max),
            **dict.fromkeys((exp.Stddev, exp.StddevSamp), _own("mk_stddev_samp", *EXACT, Kind.FLOAT)),
            exp.StddevPop: _own("mk_stddev_pop", *EXACT, Kind.FLOAT),
            exp.Variance: _own("mk_var_samp", *EXACT, Kind.FLOAT),
            exp.VariancePop: _own("mk_var_pop", *EXACT, Kind.FLOAT),
            exp.Mode: _own("mk_mode"),
            exp.ArgMax: _own("mk_arg_max"),
            exp.ArgMin: _own("mk_arg_min"),
            exp.AnyValue: _own("mk_any_value"),
            exp.GroupConcat: _gathered,
            **dict.fromkeys(
                (exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.Quantile, exp.WithinGroup), _quantile
            ),
        }
    ),
}


def with_window(rule: Rule) -> Rule:
    """Return the rule of OVER: the aggregate's own after `rule`, which looks at the frame."""
    return lambda node, context: RULES[exp.Window](rule(node, context), context)
