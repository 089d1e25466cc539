"""SQLite's dialect: what it lacks is done by functions that the driver registers (`engines/sqlite_functions.py`).

Days and times are ISO texts in UTC, decimals are 64-bit floats: of more than 15 digits they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from meshkit.sql.transpile import listed, shared
from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.known_types import decimal_size
from meshkit.sql.transpile.lookups import looked_up
from meshkit.sql.transpile.names import STORED
from meshkit.sql.transpile.outputs import grouped_out
from meshkit.sql.transpile.rules import Context, Dialect, Rule
from meshkit.sql.transpile.snowflake import counted_if
from meshkit.sql.transpile.sqlite_text import RULES as TEXTS
from meshkit.sql.transpile.sqlite_time import RULES as TIMES
from meshkit.sql.transpile.sqlite_time import as_day, as_moment, compared, written
from meshkit.sql.transpile.writing import (
    call,
    is_windowed,
    literal_integer,
    number,
    text,
    when,
)

_MOST_MEMBERS = 100_000
_MOST_DIGITS = 15
_SAME = shared.STRUCTURE | frozenset(
    """
    Escape Filter Floor Ceil Sign Exp Ln Sqrt RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue
    Except Intersect Values Qualify IntervalSpan Abs Distinct
    """.split()
)


def _binary(value: exp.Expr) -> exp.Expr:
    """Compare a text by its bytes, though its column were declared NOCASE."""
    return exp.Collate(this=value.copy(), expression=exp.to_identifier("BINARY")) if _is_text_column(value) else value


def _is_text_column(value: exp.Expr) -> bool:
    return isinstance(value, exp.Column) and kind_of(value) is Kind.TEXT


def _column(node: exp.Expr, context: Context) -> exp.Expr:
    if node.meta.get(STORED) and kind_of(node) is Kind.DECIMAL and decimal_size(node)[0] > _MOST_DIGITS:
        context.refuse(node, "of a decimal of more than 15 digits, which SQLite holds as a float")
    if node.meta.get(STORED) and kind_of(node) is Kind.UNKNOWN and isinstance(node.type, exp.DataType):
        context.refuse(node, "of a type that is not known")
    return node


def _compared(node: exp.Expr, context: Context) -> exp.Expr:
    found = compared(node, context)
    found.set("this", _binary(found.this))
    return found


def _one_of(node: exp.Expr, context: Context) -> exp.Expr:
    found = listed.one_of(_MOST_MEMBERS)(node, context)
    if kind_of(found.this) in (Kind.TIMESTAMP, Kind.ZONED):
        found.set("expressions", [as_moment(m) for m in found.expressions])
        found.set("this", as_moment(found.this))
    else:
        found.set("expressions", [written(m, context) for m in found.expressions])
        found.set("this", _binary(found.this))
    return found


def _ordered(node: exp.Expr, context: Context) -> exp.Expr:
    node.set("this", _binary(node.this))
    return node


def _grouped(node: exp.Expr, context: Context) -> exp.Expr:
    node.set("expressions", [_binary(e) for e in node.expressions])
    return node


def _cast(node: exp.Expr, context: Context) -> exp.Expr:
    source, to = kind_of(node.this), kind_of(node)
    value: exp.Expr = node.this
    if isinstance(value, exp.Literal) and value.is_string:
        return _literal(node, to, context)
    if to is Kind.DATE and (source.is_moment or source is Kind.NULL):
        return as_day(value)
    if to in (Kind.TIMESTAMP, Kind.ZONED) and (source.is_moment or source is Kind.NULL):
        return as_moment(value)
    if to is Kind.TEXT and source in (Kind.TEXT, Kind.INTEGER, Kind.DATE, Kind.NULL):
        return exp.Cast(this=value.copy(), to=exp.DataType.build("TEXT"))
    if to is Kind.INTEGER and source is Kind.FLOAT:
        return call("mk_round_even", value)
    if to is Kind.INTEGER and source is Kind.DECIMAL:
        return exp.Cast(this=call("mk_round", value, number(0)), to=exp.DataType.build("BIGINT"))
    if to is Kind.INTEGER and source in (Kind.INTEGER, Kind.BOOLEAN, Kind.NULL):
        return value
    if to is Kind.FLOAT and (source.is_number or source is Kind.NULL):
        return exp.Cast(this=value.copy(), to=exp.DataType.build("DOUBLE"))
    if to is Kind.DECIMAL and (source.is_number or source is Kind.NULL):
        return _decimal(node, value, context)
    if source is to is Kind.BOOLEAN:
        return value
    context.refuse(node, f"from {source} to {to}")


def _decimal(node: exp.Expr, value: exp.Expr, context: Context) -> exp.Expr:
    source = kind_of(value)
    if source is Kind.DECIMAL and decimal_size(value)[1] <= decimal_size(node)[1]:
        return value
    if source is Kind.INTEGER:
        return value
    return call("mk_round", value, number(decimal_size(node)[1]))


def _literal(node: exp.Expr, to: Kind, context: Context) -> exp.Expr:
    if to.is_moment:
        return written(node, context)
    if to is Kind.TEXT:
        return text(node.this.name)
    bare = node.this.name.strip()
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", bare, re.IGNORECASE) or len(bare) > _MOST_DIGITS + 4:
        context.refuse(node, "of a text that is no number, or has more than 15 digits")
    found: exp.Expr = number(bare)
    return exp.Cast(this=found, to=exp.DataType.build("DOUBLE")) if to is Kind.FLOAT else found


def _sum(node: exp.Expr, context: Context) -> exp.Expr:
    """Add up; decimals are rounded to their places, since they are floats."""
    shared.numbers_only(node, context)
    if kind_of(node.this) is not Kind.DECIMAL:
        return node
    if is_windowed(node):
        context.refuse(node, "of decimals with FILTER or OVER")
    return call("ROUND", node, number(decimal_size(node.this)[1]))


def _average(node: exp.Expr, context: Context) -> exp.Expr:
    return shared.numbers_only(node, context)


def _aggregate(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        if is_windowed(node) or isinstance(node.this, exp.Distinct) or node.args.get("count") is not None:
            context.refuse(node, "with FILTER, OVER or DISTINCT, or of several rows")
        by = node.args.get("expression")
        return call(name, node.this, *([by] if by is not None else []))

    return apply


def _spread(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        shared.numbers_only(node, context)
        return _aggregate(name)(node, context)

    return apply


def _quantile(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.parent, exp.WithinGroup):
        return node
    is_grouped = isinstance(node, exp.WithinGroup)
    aggregate = node.this if is_grouped else node
    if is_windowed(node) or not isinstance(aggregate, exp.PercentileCont | exp.PercentileDisc | exp.Median):
        context.refuse(node)
    share = aggregate.this if is_grouped else aggregate.args.get("expression") or exp.Literal.number("0.5")
    value = node.expression.expressions[0].this if is_grouped else aggregate.this
    if (is_grouped and node.expression.expressions[0].args.get("desc")) or not isinstance(share, exp.Literal):
        context.refuse(node, "in descending order, or of shares that are computed or several")
    kinds = [Kind.INTEGER, Kind.FLOAT, *([Kind.DECIMAL] if isinstance(aggregate, exp.PercentileDisc) else [])]
    context.require(value, *kinds, of=node)
    return call("mk_quantile_disc" if isinstance(aggregate, exp.PercentileDisc) else "mk_quantile_cont", value, share)


def _extreme(node: exp.Expr, context: Context) -> exp.Expr:
    kind = kind_of(node.this)
    if kind in (Kind.UNKNOWN, Kind.LIST, Kind.STRUCT, Kind.JSON, Kind.BOOLEAN):
        context.refuse(node, f"of {kind}")
    if kind in (Kind.TIMESTAMP, Kind.ZONED):
        node.set("this", as_moment(node.this))
    node.set("this", _binary(node.this))
    return node


def _of_several(name: str) -> Rule:
    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        parts = [node.this, *node.expressions]
        kinds = {kind_of(p) for p in parts} - {Kind.NULL}
        if (len(kinds) > 1 and not all(k.is_number for k in kinds)) or not kinds <= {
            Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.TEXT, Kind.DATE,
        }:  # fmt: skip
            context.refuse(node, "of values of several kinds, or of times")
        context.note(f"{node.key.upper()} passes over NULL: {name}")
        return call(name, *parts)

    return apply


def _whole_division(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    return exp.Paren(this=exp.Div(this=node.this.copy(), expression=node.expression.copy(), typed=True, safe=True))


def _remainder(node: exp.Expr, context: Context) -> exp.Expr:
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, Kind.DECIMAL, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    return call("mk_mod", node.this, node.expression)


def _division(node: exp.Expr, context: Context) -> exp.Expr:
    found = shared.division(node, context)
    return exp.Div(this=found.this, expression=found.expression, typed=True, safe=True)


def _rounded(node: exp.Expr, context: Context) -> exp.Expr:
    context.require(node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NULL, of=node)
    places = node.args.get("decimals")
    if places is not None and literal_integer(places) is None:
        context.refuse(node, "to computed places")
    return call("mk_round", node.this, places if places is not None else number(0))


def _product(node: exp.Expr, context: Context) -> exp.Expr:
    shared.numbers_only(node, context)
    kinds = {kind_of(p) for p in (node.this, node.expression)}
    if Kind.DECIMAL in kinds and Kind.FLOAT not in kinds:
        return call("ROUND", node, number(decimal_size(node)[1]))
    return node


def _is_nan(node: exp.Expr, context: Context) -> exp.Expr:
    """Say that no value is NaN: SQLite holds none."""
    context.require(node.this, Kind.FLOAT, Kind.NULL, of=node)
    return when(exp.Is(this=node.this.copy(), expression=exp.null()), exp.null(), exp.false())


def _counted(node: exp.Expr, context: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        members = node.this.expressions
        if isinstance(members[0], exp.Tuple):
            members = [call("json_array", *members[0].expressions)]
        return exp.Count(this=exp.Distinct(expressions=[_binary(m) for m in members]), big_int=True)
    return node


def _tuple(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.parent, exp.Distinct | exp.Values):
        context.refuse(node)
    return node


_RULES: Mapping[type[exp.Expr] | str, Rule] = {
    **TIMES,
    **TEXTS,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), _compared),
    exp.Between: _compared,
    exp.In: _one_of,
    exp.Column: _column,
    exp.Ordered: _ordered,
    exp.Group: _grouped,
    exp.Cast: listed.left_alone(_cast),
    exp.Array: listed.left_alone(),
    exp.Explode: listed.left_alone(),
    "unnest": listed.left_alone(),
    exp.Mul: _product,
    exp.Div: _division,
    exp.IntDiv: _whole_division,
    exp.Mod: _remainder,
    exp.Round: _rounded,
    exp.Sum: _sum,
    exp.Avg: _average,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.Greatest: _of_several("mk_greatest"),
    exp.Least: _of_several("mk_least"),
    exp.CountIf: counted_if,
    exp.Count: _counted,
    exp.Tuple: _tuple,
    exp.Stddev: _spread("mk_stddev_samp"),
    exp.StddevSamp: _spread("mk_stddev_samp"),
    exp.StddevPop: _spread("mk_stddev_pop"),
    exp.Variance: _spread("mk_var_samp"),
    exp.VariancePop: _spread("mk_var_pop"),
    **dict.fromkeys((exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.WithinGroup), _quantile),
    exp.Mode: _aggregate("mk_mode"),
    exp.ArgMax: _aggregate("mk_arg_max"),
    exp.ArgMin: _aggregate("mk_arg_min"),
    exp.AnyValue: _aggregate("mk_any_value"),
    exp.IsNan: _is_nan,
}


def _finish(query: exp.Query, context: Context) -> exp.Query:
    for chosen in query.selects:
        if kind_of(chosen.unalias()) is Kind.INTERVAL:
            context.refuse(chosen.unalias(), "as an output")
    return grouped_out(looked_up(query))


SQLITE = Dialect("sqlite", "sqlite", _SAME, _RULES, _finish)
