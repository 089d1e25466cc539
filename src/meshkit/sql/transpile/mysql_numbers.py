"""Numbers in the dialect of MySQL and MariaDB."""

from __future__ import annotations

from sqlglot import exp

from meshkit.sql.transpile import shared
from meshkit.sql.transpile.kinds import Kind
from meshkit.sql.transpile.rules import Context, Rule
from meshkit.sql.transpile.writing import call, floats_of, grouped, literal_integer, number, when


def average(node: exp.Expr, context: Context) -> exp.Expr:
    """Average as a float, which DuckDB's is."""
    shared.numbers_only(node, context)
    context.note("AVG is an average of floats")
    if isinstance(node.this, exp.Distinct):
        context.refuse(node, "of DISTINCT values")
    return exp.Avg(this=floats_of(node.this))


def spread(name: str) -> Rule:
    """Return the rule of an aggregate that is called so there, over floats."""

    def apply(node: exp.Expr, context: Context) -> exp.Expr:
        shared.numbers_only(node, context)
        return call(name, floats_of(node.this))

    return apply


def whole_division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide whole numbers; what is left over goes."""
    for part in (node.this, node.expression):
        context.require(part, Kind.INTEGER, of=node)
    if not shared.is_never_zero(node.expression):
        context.refuse(node, "by what may be 0: divide by NULLIF(..., 0)")
    context.note("x // y is x DIV y")
    return exp.Paren(this=exp.IntDiv(this=grouped(node.this), expression=grouped(node.expression)))


def division(node: exp.Expr, context: Context) -> exp.Expr:
    """Divide as floats; a count of rows is no zero in a group, and beside what is NULL without rows it does not matter."""
    shared.numbers_only(node, context)
    divisor = node.expression.unnest()
    select = node.find_ancestor(exp.Select)
    group = select.args.get("group") if select is not None else None
    is_grouped = group is not None and (group.expressions or group.args.get("all"))
    counts = isinstance(divisor, exp.Count) and isinstance(divisor.this, exp.Star)
    if not (counts and (is_grouped or _is_null_without_rows(node.this))):
        return exp.Paren(this=shared.division(node, context))
    context.note("x / y is a division of floats")
    divided = exp.Div(this=floats_of(node.this), expression=floats_of(divisor), typed=True, safe=False)
    return exp.Paren(this=divided)


def _is_null_without_rows(value: exp.Expr) -> bool:
    value = value.unnest()
    if isinstance(value, exp.Mul):
        return any(
            _is_null_without_rows(a) and isinstance(b.unnest(), exp.Literal)
            for a, b in ((value.this, value.expression), (value.expression, value.this))
        )
    return isinstance(value, exp.Sum)


def rounded(node: exp.Expr, context: Context) -> exp.Expr:
    """Round half away from zero, which ROUND does for exact numbers only."""
    kind = context.require(node.this, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.NULL, of=node)
    places = node.args.get("decimals")
    if places is not None and (kind is Kind.FLOAT or literal_integer(places) is None):
        context.refuse(node, "to places of a float, or to computed places")
    if kind is not Kind.FLOAT:
        return node
    context.note("ROUND of a float takes halves away from zero")
    value = exp.Paren(this=node.this.copy())
    whole = call("TRUNCATE", value, number(0))
    rest = exp.Sub(this=value.copy(), expression=whole)
    beyond = exp.GTE(this=call("ABS", rest), expression=exp.Literal.number("0.5"))
    return when(beyond, exp.Add(this=whole.copy(), expression=call("SIGN", value)), whole)
